"""Compare what was predicted with what was read back, to the cent, and say where each deviation comes from.

A document counts in figures: the balance of its customer, and the count and sum of its month and state, on
each side.  Documents that count in other figures than was predicted are taken together with those they are,
or were, linked to; what they add to each figure is its deviation, and one cause is found for each side of
them (see `causes`).  What Salesforce shows as open follows from what is open in QuickBooks: it has its cause.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from workbench.model import Side
from workbench.moneyproof.causes import Cause, cause
from workbench.moneyproof.figures import NOTHING, Customer, Document, Held, Measure
from workbench.moneyproof.together import Together, by_id, together
from workbench.moneyproof.totals import currency_of, groups, unread
from workbench.moneyproof.written import Record, Written


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Figure:
    """One figure of a side: a customer's balance, or the documents of a mapping, month and state."""

    side: Side
    currency: str
    customer: str = ""
    mapping: str = ""
    month: str = ""
    state: str = ""

    @property
    def balance(self) -> bool:
        return not self.mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Amounts:
    """A document's amount on one side at the three times; None where that side did not have it.

    Attributes:
        open: Whether it is what is open of it, because its amount is as predicted.
    """

    side: Side
    before: Decimal | None
    predicted: Decimal | None
    after: Decimal | None
    open: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A document, or some that belong together, that is not as it was predicted.

    Attributes:
        label: What a person knows it by.
        told: What happened, in a sentence.
        amounts: Its amounts on the sides whose figures deviate.
        moved: What it adds to each figure: count and amount, after less predicted.
    """

    cause: Cause
    mapping: str
    label: str
    told: str
    amounts: tuple[Amounts, ...]
    moved: Mapping[Figure, tuple[int, Decimal]]

    @property
    def size(self) -> Decimal:
        """By how much it moves the figure that it moves most."""
        return max((abs(amount) for _, amount in self.moved.values()), default=NOTHING)

    @property
    def currency(self) -> str:
        return next((figure.currency for figure in self.moved), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviation:
    """A figure that is not as it was predicted.

    Attributes:
        count, amount: After less predicted; the count is 0 for balances.
        by_cause: The parts of both, by cause; they add up to them.
    """

    figure: Figure
    count: int
    amount: Decimal
    by_cause: Mapping[Cause, tuple[int, Decimal]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What deviates, and why; nothing where both systems hold what was predicted."""

    deviations: tuple[Deviation, ...]
    events: tuple[Event, ...]

    @property
    def agrees(self) -> bool:
        """Whether every document is as predicted: figures may be so by chance."""
        return not self.events

    @property
    def unexplained(self) -> tuple[Event, ...]:
        return tuple(each for each in self.events if each.cause is Cause.UNEXPLAINED)


def compare(
    before: Measure,
    predicted: Measure,
    after: Measure,
    writes: Sequence[Written],
    made: Mapping[str, str] | None = None,
) -> Comparison:
    """What deviates from the prediction.

    Args:
        made: Id of a record that was to be made, as the prediction calls it -> its id now.
    """
    predicted = renamed(predicted, made or {})
    events = [*_documents(before, predicted, after, writes), *_elsewhere(before, after)]
    found: dict[Figure, dict[Cause, tuple[int, Decimal]]] = {}
    for event in events:
        for figure, (count, amount) in event.moved.items():
            causes = found.setdefault(figure, {})
            known = causes.get(event.cause, (0, NOTHING))
            causes[event.cause] = (known[0] + count, known[1] + amount)
    deviations = [_deviation(figure, causes) for figure, causes in sorted(found.items())]
    return Comparison(
        deviations=tuple(each for each in deviations if each.count or each.amount or _hides(each)),
        events=tuple(
            sorted(events, key=lambda each: (list(Cause).index(each.cause), each.mapping, each.label))
        ),
    )


def _deviation(figure: Figure, causes: Mapping[Cause, tuple[int, Decimal]]) -> Deviation:
    return Deviation(
        figure=figure,
        count=sum(count for count, _ in causes.values()),
        amount=sum((amount for _, amount in causes.values()), NOTHING),
        by_cause=causes,
    )


def _hides(deviation: Deviation) -> bool:
    """Whether two causes cancel each other: the figure is as predicted by chance."""
    return any(count or amount for count, amount in deviation.by_cause.values())


def renamed(measure: Measure, made: Mapping[str, str]) -> Measure:
    """The measure with the ids that records have got since; unchanged where nothing was made."""
    if not made:
        return measure
    now = {id(each): _renamed(each, made) for each in measure.documents}
    customers = {
        made.get(key, key): Customer(
            key=made.get(key, key), name=each.name, currency=each.currency, balance=each.balance
        )
        for key, each in measure.customers.items()
    }
    gaps = tuple(replace(gap, document=now[id(gap.document)]) for gap in measure.gaps)
    return replace(measure, documents=tuple(now.values()), customers=customers, gaps=gaps)


def _renamed(document: Document, made: Mapping[str, str]) -> Document:
    sides = (document.salesforce, document.quickbooks)
    if document.customer not in made and not any(held and held.id in made for held in sides):
        return document
    left, right = (held and _with_id(held, made) for held in sides)
    return Document(
        mapping=document.mapping,
        customer=made.get(document.customer, document.customer),
        salesforce=left,
        quickbooks=right,
        owed=document.owed,
    )


def _with_id(held: Held, made: Mapping[str, str]) -> Held:
    return Held(
        id=made.get(held.id, held.id), label=held.label, date=held.date, state=held.state, amount=held.amount,
        open=held.open, currency=held.currency, version=held.version, tax=held.tax, rate=held.rate,
    )  # fmt: skip


# --- figures --------------------------------------------------------------------------------------------


def figures(document: Document, customers: Mapping[str, Customer]) -> Iterator[tuple[Figure, int, Decimal]]:
    """What a document counts in, how often and how much."""
    for group, amount in groups(document, customers):
        figure = Figure(
            side=group.side,
            currency=group.currency,
            mapping=group.mapping,
            month=group.month,
            state=group.state,
        )
        yield figure, 1, amount or NOTHING
    if document.owed:
        currency = currency_of(document, customers)
        for side in Side:
            held = document.held(side)
            if held is not None and held.open and (side is Side.QUICKBOOKS or document.linked):
                yield Figure(side=side, currency=currency, customer=document.customer), 0, held.open


def _counted(documents: Iterable[Document], measure: Measure) -> dict[Figure, tuple[int, Decimal]]:
    found: dict[Figure, tuple[int, Decimal]] = {}
    for document in documents:
        for figure, count, amount in figures(document, measure.customers):
            known = found.get(figure, (0, NOTHING))
            found[figure] = (known[0] + count, known[1] + amount)
    return found


def _less(
    left: Mapping[Figure, tuple[int, Decimal]], right: Mapping[Figure, tuple[int, Decimal]]
) -> dict[Figure, tuple[int, Decimal]]:
    """What two counts differ by, where they do."""
    found = {}
    for figure in {**left, **right}:
        one, other = left.get(figure, (0, NOTHING)), right.get(figure, (0, NOTHING))
        if one != other:
            found[figure] = (one[0] - other[0], one[1] - other[1])
    return found


# --- documents that deviate --------------------------------------------------------------------------------


def _documents(
    before: Measure, predicted: Measure, after: Measure, writes: Sequence[Written]
) -> Iterator[Event]:
    by_record: dict[Record, list[Written]] = {}
    for each in writes:
        for record in each.records:
            by_record.setdefault(record, []).append(each)
    for found in together(before, predicted, after):
        was = _counted(found.before, before)
        is_ = _counted(found.after, after)
        moved = _less(is_, _counted(found.predicted, predicted))
        if moved:
            yield from _events(found, by_record, moved, _less(is_, was))


_Moved = Mapping[Figure, tuple[int, Decimal]]


def _events(
    found: Together, by_record: Mapping[Record, Sequence[Written]], moved: _Moved, since: _Moved
) -> Iterator[Event]:
    """One event for each cause, of the figures of one side or of both."""
    causes: dict[tuple[Cause, str], dict[Figure, tuple[int, Decimal]]] = {}
    sides: dict[tuple[Cause, str], set[Side]] = {}
    for side in Side:
        mine = {figure: value for figure, value in moved.items() if figure.side is side}
        if not mine:
            continue
        follows = side is Side.SALESFORCE and all(figure.balance for figure in mine)
        source = side.other if follows and len(mine) < len(moved) else side
        unmoved = not any(figure.side is source for figure in since)
        why = cause(found, by_record, source, unmoved=unmoved)
        causes.setdefault(why, {}).update(mine)
        sides.setdefault(why, set()).add(side)
    for (reason, told), figures_ in causes.items():
        yield Event(
            cause=reason,
            mapping=found.every[0].mapping,
            label=found.every[0].label,
            told=told,
            amounts=tuple(_amounts(found, sides[reason, told])),
            moved=figures_,
        )


def _amounts(found: Together, sides: set[Side]) -> Iterator[Amounts]:
    """What deviates of documents: their amounts, else what is open of them."""
    made = [_three(found, side, open_) for side in sorted(sides) for open_ in (False, True)]
    moved = [each for each in made if each.predicted != each.after]
    amounts = [each for each in moved if not each.open]
    yield from amounts or moved or [each for each in made if not each.open]


def _three(found: Together, side: Side, open_: bool) -> Amounts:
    before, predicted, after = (
        _amount(each, side, open_) for each in (found.before, found.predicted, found.after)
    )
    return Amounts(side=side, before=before, predicted=predicted, after=after, open=open_)


def _amount(documents: Iterable[Document], side: Side, open_: bool) -> Decimal | None:
    amounts = [each.open if open_ else each.amount for each in by_id(documents, side).values()]
    known = [each for each in amounts if each is not None]
    return sum(known, NOTHING) if known else None


# --- what no mapping reads ----------------------------------------------------------------------------------


def _elsewhere(before: Measure, after: Measure) -> Iterator[Event]:
    """QuickBooks' balances less the documents that are read: nothing that is pushed moves them."""
    was, is_ = unread(before), unread(after)
    for key in sorted({**was, **is_}) if before.balances and after.balances else ():
        left, right = was.get(key, NOTHING), is_.get(key, NOTHING)
        if left == right:
            continue
        customer, currency = key
        figure = Figure(side=Side.QUICKBOOKS, currency=currency, customer=customer)
        yield Event(
            cause=Cause.EDITED,
            mapping="",
            label=(after.customers.get(customer) or before.customers[customer]).name,
            told="payments, credits or entries that no mapping reads",
            amounts=(Amounts(side=Side.QUICKBOOKS, before=left, predicted=left, after=right),),
            moved={figure: (0, right - left)},
        )
