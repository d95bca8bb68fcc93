"""What was planned, marked, sent and answered: change sets, outcomes and the append-only record.

The ledger is our own record, never the books.
"""

from workbench.ledger.changesets import (
    list_changesets,
    load_changeset,
    mark,
    marked,
    save_changeset,
)
from workbench.ledger.leases import Lease, heartbeat, take_lease, trouble_of
from workbench.ledger.outcomes import (
    OutcomeRow,
    Settled,
    begin,
    claim,
    open_changes,
    outcomes,
    settle,
    settle_many,
)
from workbench.ledger.record import events, record

__all__ = [
    "Lease",
    "OutcomeRow",
    "Settled",
    "begin",
    "claim",
    "events",
    "heartbeat",
    "list_changesets",
    "load_changeset",
    "mark",
    "marked",
    "open_changes",
    "outcomes",
    "record",
    "save_changeset",
    "settle",
    "settle_many",
    "take_lease",
    "trouble_of",
]
