"""What the proof is made of: documents and customers as both sides hold them, and what their gaps consist of.

Amounts are exact Decimals in currency units, signed as the customer's account is: an invoice raises it, a
credit memo and a payment are negative.  None is an amount that was not measured, which is not 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from workbench.model import Side

NOTHING = Decimal("0.00")


class Reason(StrEnum):
    """What a part of a gap comes from, in the order in which it is looked for."""

    CURRENCY = "currency"
    TAX = "tax"
    MISSING_LINE = "missing line"
    DISCOUNT = "discount"
    LINE_ROUNDING = "line rounding"
    DOCUMENT_ROUNDING = "document rounding"
    UNEXPLAINED = "unexplained"


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A document as one side holds it.

    Attributes:
        state: open, paid, used, closed, pending or void in QuickBooks; in Salesforce open, won or lost, or
            what its status field says; '' where neither is there.
        open: What is still open of it.
        currency: Its code or name; '' where that side names none.
        version: EditSequence or SystemModstamp (UTC).
        tax: Of QuickBooks: the sales tax in the amount.
        rate: Of QuickBooks: one unit of its currency in the home currency.
    """

    id: str
    label: str
    date: date | None = None
    state: str = ""
    amount: Decimal | None = None
    open: Decimal | None = None
    currency: str = ""
    version: str = ""
    tax: Decimal | None = None
    rate: Decimal | None = None

    @property
    def month(self) -> str:
        """Year and month, e.g. 2026-03; '' without a date."""
        return f"{self.date:%Y-%m}" if self.date else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A document of a mapping, on one side or linked on both.

    Attributes:
        customer: Key of the customer who owes it; of its account where there is no customer, '' without one.
        owed: Whether what is open of it counts in the balances: once, if several mappings have it.
    """

    mapping: str
    customer: str
    salesforce: Held | None = None
    quickbooks: Held | None = None
    owed: bool = False

    def held(self, side: Side) -> Held | None:
        return self.salesforce if side is Side.SALESFORCE else self.quickbooks

    @property
    def linked(self) -> bool:
        """Whether both sides have it."""
        return self.salesforce is not None and self.quickbooks is not None

    @property
    def label(self) -> str:
        """What a person knows it by: its number in the books, else its name in Salesforce."""
        known = self.quickbooks or self.salesforce
        return known.label if known else ""

    @property
    def gap(self) -> Decimal | None:
        """Salesforce's amount less QuickBooks'; None unless both are known."""
        left, right = self.salesforce, self.quickbooks
        if left is None or right is None or left.amount is None or right.amount is None:
            return None
        return left.amount - right.amount


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """Whose account it is: a customer with its jobs, or an account that is linked to none.

    Attributes:
        key: ListID of the top customer; Id of the account.
        balance: What QuickBooks says that it owes, jobs included; None where that was not read.
    """

    key: str
    name: str
    currency: str = ""
    balance: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of a gap.

    Attributes:
        detail: What was seen, in a few words; '' where the reason says it all.
    """

    reason: Reason
    amount: Decimal
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A linked document whose amounts differ; the parts add up to its amount exactly."""

    document: Document
    amount: Decimal
    parts: tuple[Part, ...]

    @property
    def unexplained(self) -> Decimal:
        """What no reason was found for."""
        return sum((each.amount for each in self.parts if each.reason is Reason.UNEXPLAINED), NOTHING)

    def of(self, reason: Reason) -> Decimal:
        """What a reason explains of it."""
        return sum((each.amount for each in self.parts if each.reason is reason), NOTHING)


@dataclass(frozen=True, kw_only=True)
class Measure:
    """The money of both sides at one time.

    Attributes:
        customers: By key, those who have documents or a balance.
        titles: By mapping, what a person calls it.
        balances: Whether QuickBooks' own balances of customers were read.
        missing: What was not measured and why, a sentence each.
        snapshots: Ids of what was measured, by side; `taken`: when their reading began (UTC).
    """

    documents: tuple[Document, ...]
    customers: Mapping[str, Customer]
    gaps: tuple[Gap, ...] = ()
    titles: Mapping[str, str] = field(default_factory=dict)
    balances: bool = False
    missing: tuple[str, ...] = ()
    snapshots: Mapping[str, str] = field(default_factory=dict)
    taken: Mapping[str, datetime] = field(default_factory=dict)
