"""The money proof: what both sides hold, to the cent, before a push, as predicted, and as read back.

    measure()        documents, customers and gaps of an open connection
    balances()       open balance by customer, with what the difference consists of
    tallies()        count and sum of documents by state and month
    compare()        what deviates from a prediction, and why

Pure: it takes an open DuckDB connection or figures, and answers frozen data.
"""

from workbench.moneyproof.causes import Cause
from workbench.moneyproof.compare import Comparison, Deviation, Event, Figure, compare
from workbench.moneyproof.figures import Customer, Document, Gap, Held, Measure, Part, Reason
from workbench.moneyproof.measure import measure
from workbench.moneyproof.totals import Balance, Tally, balances, by_reason, tallies, with_unread
from workbench.moneyproof.written import Written, written

__all__ = [
    "Balance",
    "Cause",
    "Comparison",
    "Customer",
    "Deviation",
    "Document",
    "Event",
    "Figure",
    "Gap",
    "Held",
    "Measure",
    "Part",
    "Reason",
    "Tally",
    "Written",
    "balances",
    "by_reason",
    "compare",
    "measure",
    "tallies",
    "with_unread",
    "written",
]
