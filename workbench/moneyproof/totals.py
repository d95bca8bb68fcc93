"""Tables from a measure: open balances by customer, documents by state and month, gaps by reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from workbench.model import Side
from workbench.moneyproof.figures import NOTHING, Customer, Document, Gap, Measure, Reason

ELSEWHERE = "not read here"
"""What QuickBooks' balance holds besides the documents that mappings read: payments, credits, entries."""

PAID_IN_PART = "paid in part"
NOT_MEASURED = "not measured"
"""What one side holds where the other's amount was not read, or cannot be."""

ONLY = {Side.QUICKBOOKS: "only in QuickBooks", Side.SALESFORCE: "only in Salesforce"}
_PARTS = (*Reason, PAID_IN_PART, *ONLY.values(), ELSEWHERE, NOT_MEASURED)
ORDER = {name: place for place, name in enumerate(_PARTS)}
"""In which order the parts of a difference are told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """What one customer owes in one currency.

    Attributes:
        quickbooks: As QuickBooks holds it: its own balance, else the sum of the open documents.
        salesforce: As Salesforce shows it: what is open of its documents that are linked.
        uninvoiced: Salesforce's documents without a partner; they are no part of `salesforce`.
        parts: What the difference consists of, by reason; they add up to it.
        unmeasured: Documents with an amount that was not measured.
    """

    customer: str
    name: str
    currency: str
    quickbooks: Decimal
    salesforce: Decimal
    uninvoiced: Decimal = NOTHING
    parts: Mapping[str, Decimal] = field(default_factory=dict)
    unmeasured: int = 0

    @property
    def difference(self) -> Decimal:
        """Salesforce less QuickBooks."""
        return self.salesforce - self.quickbooks


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Group:
    """What documents are counted by."""

    mapping: str
    side: Side
    month: str
    state: str
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Documents of one state and month on one side: how many, and their sum.

    Attributes:
        unmeasured: Those of them whose amount is not known; they are not in `amount`.
    """

    what: Group
    count: int
    amount: Decimal
    unmeasured: int = 0


def tallies(measure: Measure) -> tuple[Tally, ...]:
    """Count and sum of documents by mapping, side, month, state and currency."""
    found: dict[Group, tuple[int, Decimal, int]] = {}
    for document in measure.documents:
        for what, amount in groups(document, measure.customers):
            count, total, unknown = found.get(what, (0, NOTHING, 0))
            found[what] = (count + 1, total + (amount or NOTHING), unknown + (amount is None))
    return tuple(
        Tally(what=what, count=count, amount=total, unmeasured=unknown)
        for what, (count, total, unknown) in sorted(found.items())
    )


def groups(document: Document, customers: Mapping[str, Customer]) -> Iterator[tuple[Group, Decimal | None]]:
    """Where a document is counted, with its amount there; in its own currency, else in its customer's."""
    for side in Side:
        held = document.held(side)
        if held is not None:
            what = Group(
                mapping=document.mapping,
                side=side,
                month=held.month,
                state=held.state,
                currency=held.currency or currency_of(document, customers),
            )
            yield what, held.amount


def balances(measure: Measure) -> tuple[Balance, ...]:
    """What each customer owes, by name; those for whom both sides hold nothing are left out."""
    gaps = {id(gap.document): gap for gap in measure.gaps}
    owed: dict[tuple[str, str], list[Document]] = {}
    for document in measure.documents:
        if document.owed:
            owed.setdefault((document.customer, currency_of(document, measure.customers)), []).append(
                document
            )
    for key, customer in measure.customers.items():
        if customer.balance:
            owed.setdefault((key, customer.currency or _only_currency(owed, key)), [])
    currencies = Counter(key for key, _ in owed)
    made = [
        _balance(_named(measure, key, currency, currencies[key]), currency, documents, gaps)
        for (key, currency), documents in owed.items()
    ]
    shown = [
        each for each in made if each.quickbooks or each.salesforce or each.uninvoiced or each.unmeasured
    ]
    return tuple(sorted(shown, key=lambda each: (each.name.casefold(), each.currency)))


def _named(measure: Measure, key: str, currency: str, currencies: int) -> Customer:
    """The customer, with a balance only where it is in this currency."""
    customer = measure.customers.get(key, Customer(key=key, name=key))
    same = customer.currency == currency or (not customer.currency and currencies == 1)
    return customer if same else replace(customer, balance=None)


def currency_of(document: Document, customers: Mapping[str, Customer]) -> str:
    """The currency of a document: the books', else Salesforce's, else its customer's."""
    for held in (document.quickbooks, document.salesforce):
        if held is not None and held.currency:
            return held.currency
    customer = customers.get(document.customer)
    return customer.currency if customer else ""


def _only_currency(owed: Iterable[tuple[str, str]], key: str) -> str:
    """A customer's currency where it names none: that of its documents, if they have one."""
    found = {currency for customer, currency in owed if customer == key}
    return next(iter(found)) if len(found) == 1 else ""


def _balance(
    customer: Customer, currency: str, documents: list[Document], gaps: Mapping[int, Gap]
) -> Balance:
    parts: dict[str, Decimal] = {}
    read = salesforce = uninvoiced = NOTHING
    unmeasured = 0
    for each in documents:
        left, right = each.salesforce, each.quickbooks
        unmeasured += any(held is not None and held.open is None for held in (left, right))
        read += (right.open or NOTHING) if right else NOTHING
        if left is not None and right is not None:
            salesforce += left.open or NOTHING
            for reason, amount in _parts(each, gaps.get(id(each))):
                parts[reason] = parts.get(reason, NOTHING) + amount
        elif left is not None:
            uninvoiced += left.open or NOTHING
        elif right is not None and right.open:
            reason = ONLY[Side.QUICKBOOKS]
            parts[reason] = parts.get(reason, NOTHING) - right.open
    own = read if customer.balance is None else customer.balance
    if own != read:
        parts[ELSEWHERE] = read - own
    return Balance(
        customer=customer.key,
        name=customer.name,
        currency=currency,
        quickbooks=own,
        salesforce=salesforce,
        uninvoiced=uninvoiced,
        parts={reason: amount for reason, amount in parts.items() if amount},
        unmeasured=unmeasured,
    )


def _parts(document: Document, gap: Gap | None) -> Iterator[tuple[str, Decimal]]:
    """What is open in Salesforce less what is in QuickBooks, of a linked document, by reason."""
    left, right = document.salesforce, document.quickbooks
    if left is None or right is None:
        return
    if left.open is None or right.open is None:
        yield NOT_MEASURED, (left.open or NOTHING) - (right.open or NOTHING)
        return
    difference = left.open - right.open
    if not difference:
        return
    if left.open == left.amount and gap is not None and right.open:
        # The whole amount is shown as open: the gap of the document is in it.
        for part in gap.parts:
            yield part.reason.value, part.amount
        difference -= gap.amount
    if difference and left.open == left.amount and right.amount is not None and right.open:
        paid = right.amount - right.open
        yield PAID_IN_PART, paid
        difference -= paid
    if difference:
        yield Reason.UNEXPLAINED.value, difference


def unread(measure: Measure) -> dict[tuple[str, str], Decimal]:
    """By customer and currency, QuickBooks' balance less the open documents that are read."""
    found = {}
    for key, owed in _owed(measure).items():
        customer = measure.customers.get(key)
        if customer is None or customer.balance is None or not (customer.currency or len(owed) <= 1):
            continue
        currency = customer.currency or next(iter(owed), "")
        found[key, currency] = customer.balance - owed.get(currency, NOTHING)
    return found


def with_unread(predicted: Measure, before: Measure) -> Measure:
    """The prediction with balances that keep what no mapping reads as it was: no change moves that."""
    if not before.balances:
        return predicted
    kept: dict[str, Decimal] = {}
    for (key, _), amount in unread(before).items():
        kept[key] = kept.get(key, NOTHING) + amount
    owed = _owed(predicted)
    customers = {
        **{key: each for key, each in before.customers.items() if kept.get(key)},
        **predicted.customers,
    }
    return replace(
        predicted,
        customers={
            key: replace(each, balance=sum(owed.get(key, {}).values(), kept.get(key, NOTHING)))
            for key, each in customers.items()
        },
        balances=True,
    )


def _owed(measure: Measure) -> dict[str, dict[str, Decimal]]:
    """What is open in QuickBooks by customer and currency, of the documents that are read."""
    found: dict[str, dict[str, Decimal]] = {key: {} for key in measure.customers}
    for document in measure.documents:
        if document.owed and document.quickbooks is not None:
            mine = found.setdefault(document.customer, {})
            currency = currency_of(document, measure.customers)
            mine[currency] = mine.get(currency, NOTHING) + (document.quickbooks.open or NOTHING)
    return found


def by_reason(measure: Measure) -> dict[tuple[str, str], tuple[int, Decimal]]:
    """Documents, and what they make of the difference of the sums, by currency and reason, in their order."""
    found: dict[tuple[str, str], tuple[int, Decimal]] = {}

    def add(currency: str, reason: str, amount: Decimal) -> None:
        count, known = found.get((currency, reason), (0, NOTHING))
        found[currency, reason] = (count + 1, known + amount)

    for gap in measure.gaps:
        for part in gap.parts:
            add(currency_of(gap.document, measure.customers), part.reason, part.amount)
    for document in measure.documents:
        left, right = document.salesforce, document.quickbooks
        if left is not None and right is not None:
            if document.gap is None and (apart := (left.amount or NOTHING) - (right.amount or NOTHING)):
                add(currency_of(document, measure.customers), NOT_MEASURED, apart)
        else:
            side = Side.SALESFORCE if document.salesforce else Side.QUICKBOOKS
            held = document.held(side)
            sign = 1 if side is Side.SALESFORCE else -1
            amount = held.amount if held else None
            add(currency_of(document, measure.customers), ONLY[side], sign * (amount or NOTHING))
    return dict(sorted(found.items(), key=lambda each: (each[0][0], ORDER[each[0][1]])))
