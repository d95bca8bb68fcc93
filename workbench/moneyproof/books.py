"""What QuickBooks' transactions with customers are to the proof: what they amount to, and what is open.

The columns are those of the qbXML schema; which of them change without the record's modification time, and
what a voided transaction looks like, is unverified without a real QuickBooks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from workbench.model import Mapping as FieldMapping

CUSTOMERS = "Customer"
ITEMS = "Item"
CUSTOMER = "CustomerRef_ListID"
DATE = "TxnDate"
TAX = "SalesTaxTotal"
CURRENCY = "CurrencyRef_FullName"
RATE = "ExchangeRate"
MEMO = "Memo"
VOID = "VOID"
"""A voided transaction stays, with amounts 0, and its memo begins so."""

_MONEY = (CUSTOMER, DATE, CURRENCY, RATE, MEMO)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """One kind of transaction.

    Attributes:
        total: Columns that add up to what the customer is told, tax included.
        sign: 1 where it raises what the customer owes, -1 where it lowers it.
        open: Column of what is still open of it; None where nothing ever is owed.
        closed: DuckDB condition for one that is done with, over `closed_by`; None: by what is open.
        done: The word for one that is done with.
    """

    total: tuple[str, ...]
    sign: int = 1
    open: str | None = None
    closed: str | None = None
    closed_by: tuple[str, ...] = ()
    taxed: bool = True
    pending: bool = True
    done: str = "paid"

    @property
    def columns(self) -> tuple[str, ...]:
        """All that the proof reads of it."""
        more = [self.open or "", TAX if self.taxed else "", "IsPending" if self.pending else ""]
        return tuple(dict.fromkeys((*_MONEY, *self.total, *self.closed_by, *filter(None, more))))


ENTITIES: Mapping[str, Entity] = {
    # AppliedAmount is balance less total, and IsPaid a balance of 0: neither is read for itself.
    "Invoice": Entity(total=("Subtotal", TAX), open="BalanceRemaining"),
    "CreditMemo": Entity(total=("TotalAmount",), sign=-1, open="CreditRemaining", done="used"),
    "ReceivePayment": Entity(
        total=("TotalAmount",), sign=-1, open="UnusedPayment", done="used", taxed=False, pending=False
    ),
    "SalesReceipt": Entity(total=("TotalAmount",), closed="true"),
    "SalesOrder": Entity(
        total=("TotalAmount",),
        closed="coalesce(IsFullyInvoiced, false) OR coalesce(IsManuallyClosed, false)",
        closed_by=("IsFullyInvoiced", "IsManuallyClosed"),
        pending=False,
        done="closed",
    ),
    "Estimate": Entity(
        total=("TotalAmount",),
        closed="NOT coalesce(IsActive, true)",
        closed_by=("IsActive",),
        pending=False,
        done="closed",
    ),
}

TOTALS = frozenset({"Subtotal", "TotalAmount"})
"""A field that is compared with one of these holds the amount of a document."""

OPEN = frozenset(each.open for each in ENTITIES.values() if each.open)
"""A field that is compared with one of these holds what is open of it."""

STATES = frozenset(
    {*OPEN, "IsPaid", "IsPending", *(name for each in ENTITIES.values() for name in each.closed_by)}
)
"""A word that is compared with one of these is the state of a document."""

REPEATS = "Subtotal"
"""Type of an item whose line repeats what stands above it."""

DISCOUNT = "Discount"
TAXES = frozenset({"SalesTax", "SalesTaxGroup"})
"""Types of items whose lines are a discount, and a tax."""

CODES: Mapping[str, str] = {
    "US Dollar": "USD", "Euro": "EUR", "British Pound Sterling": "GBP", "British Pound": "GBP",
    "Canadian Dollar": "CAD", "Australian Dollar": "AUD", "New Zealand Dollar": "NZD", "Swiss Franc": "CHF",
    "Japanese Yen": "JPY", "Chinese Yuan Renminbi": "CNY", "Hong Kong Dollar": "HKD", "Indian Rupee": "INR",
    "Singapore Dollar": "SGD", "Mexican Peso": "MXN", "Brazilian Real": "BRL", "South African Rand": "ZAR",
    "Swedish Krona": "SEK", "Norwegian Krone": "NOK", "Danish Krone": "DKK", "Polish Zloty": "PLN",
    "Czech Koruna": "CZK", "Hungarian Forint": "HUF", "Turkish Lira": "TRY", "Israeli Shekel": "ILS",
    "Israeli New Shekel": "ILS", "South Korean Won": "KRW", "Philippine Peso": "PHP", "Thai Baht": "THB",
    "Malaysian Ringgit": "MYR", "Indonesian Rupiah": "IDR", "Taiwan Dollar": "TWD", "UAE Dirham": "AED",
}  # fmt: skip
"""ISO 4217 codes by QuickBooks' names of currencies (unverified); others stand under their name."""


def columns(mappings: Iterable[FieldMapping]) -> dict[str, tuple[str, ...]]:
    """By entity, the columns that the proof of these mappings reads; none where no document is mapped."""
    used = {each.quickbooks.object for each in mappings} & ENTITIES.keys()
    found = {name: ENTITIES[name].columns for name in sorted(used)}
    if found:
        found[CUSTOMERS] = ("Balance", "TotalBalance", CURRENCY)
    return found
