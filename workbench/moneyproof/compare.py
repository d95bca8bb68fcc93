"""Compare what was predicted with what was read back, to the cent, and say where each deviation comes from.

A document counts in figures: the balance of its customer, and the count and sum of its month and state, on
each side.  Documents that count in other figures than was predicted are taken together with those they are,
or were, linked to; what such a group adds to each figure is its deviation, and one cause is found for it:

1. Not applied: changes of the push that concern it were not carried out, and it is as it was before, or
   others of its changes were.
2. Edited: somebody else has made, changed, deleted or paid it; that is, its version is another one than
   before, or than our own write has left, or only what is open of it has changed.
3. Unexplained: all else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum

from workbench.model import Side
from workbench.moneyproof.figures import NOTHING, Customer, Document, Held, Measure
from workbench.moneyproof.totals import currency_of, groups, unread
from workbench.moneyproof.written import Record, Written, same_version


class Cause(StrEnum):
    """Where a deviation comes from."""

    NOT_APPLIED = "not applied"
    EDITED = "edited by somebody else"
    UNEXPLAINED = "unexplained"


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
    """A document's amount on one side at the three times; None where that side did not have it."""

    side: Side
    before: Decimal | None
    predicted: Decimal | None
    after: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A document, or some that belong together, that is not as it was predicted.

    Attributes:
        label: What a person knows it by.
        told: What happened, in a sentence.
        amounts: Its amounts on the sides where they deviate, or all of them.
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
        return not self.deviations

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
    documents = tuple(_renamed(each, made) for each in measure.documents)
    customers = {
        made.get(key, key): Customer(
            key=made.get(key, key), name=each.name, currency=each.currency, balance=each.balance
        )
        for key, each in measure.customers.items()
    }
    return replace(measure, documents=documents, customers=customers, gaps=())


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
    for group, amount in groups(document):
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


@dataclass(frozen=True, slots=True)
class _Set:
    """Documents that belong together, at the three times."""

    before: tuple[Document, ...]
    predicted: tuple[Document, ...]
    after: tuple[Document, ...]

    @property
    def every(self) -> tuple[Document, ...]:
        return (*self.after, *self.predicted, *self.before)


def _documents(
    before: Measure, predicted: Measure, after: Measure, writes: Sequence[Written]
) -> Iterator[Event]:
    by_record: dict[Record, list[Written]] = {}
    for each in writes:
        for record in each.records:
            by_record.setdefault(record, []).append(each)
    for found in _sets(before, predicted, after):
        was, wanted, is_ = (
            _counted(found.before, before),
            _counted(found.predicted, predicted),
            _counted(found.after, after),
        )
        moved = _less(is_, wanted)
        if moved:
            cause, told = _cause(found, by_record, unmoved=is_ == was)
            yield Event(
                cause=cause,
                mapping=found.every[0].mapping,
                label=found.every[0].label,
                told=told,
                amounts=tuple(_amounts(found)),
                moved=moved,
            )


def _sets(before: Measure, predicted: Measure, after: Measure) -> Iterator[_Set]:
    """Documents that are not as predicted, with all at any of the times that share a record with them."""
    same = set(predicted.documents) & set(after.documents)
    owners: dict[tuple[str, Record], int] = {}
    heads: list[int] = []

    def head(number: int) -> int:
        while heads[number] != number:
            number = heads[number]
        return number

    placed: list[tuple[int, int, Document]] = []
    for time, measure in ((1, predicted), (2, after), (0, before)):
        for document in measure.documents:
            records = _records(document)
            known = {head(owners[each]) for each in records if each in owners}
            if document in same or (time == 0 and not known):
                continue
            number = min(known, default=len(heads))
            if number == len(heads):
                heads.append(number)
            for other in known:
                heads[other] = number
            owners.update(dict.fromkeys(records, number))
            placed.append((number, time, document))
    found: dict[int, tuple[list[Document], list[Document], list[Document]]] = {}
    for number, time, document in placed:
        found.setdefault(head(number), ([], [], []))[time].append(document)
    for was, wanted, is_ in found.values():
        yield _Set(tuple(was), tuple(wanted), tuple(is_))


def _records(document: Document) -> list[tuple[str, Record]]:
    held = ((side, document.held(side)) for side in Side)
    return [(document.mapping, (str(side), each.id)) for side, each in held if each is not None]


def _amounts(found: _Set) -> Iterator[Amounts]:
    for side in Side:
        three = [_amount(each, side) for each in (found.before, found.predicted, found.after)]
        if any(each is not None for each in three):
            yield Amounts(side=side, before=three[0], predicted=three[1], after=three[2])


def _amount(documents: Iterable[Document], side: Side) -> Decimal | None:
    held = [each.held(side) for each in documents]
    known = [each.amount for each in held if each is not None and each.amount is not None]
    return sum(known, NOTHING) if known else None


# --- causes ------------------------------------------------------------------------------------------------


def _cause(found: _Set, by_record: Mapping[Record, list[Written]], *, unmoved: bool) -> tuple[Cause, str]:
    records = {record for document in found.every for _, record in _records(document)}
    writes = {each.change.id: each for record in sorted(records) for each in by_record.get(record, ())}
    failed = [each for each in writes.values() if not each.applied]
    edits = list(dict.fromkeys(_edits(found, by_record)))
    partly = len(failed) < len(writes)
    if failed and (unmoved or partly or edits):
        told = "; ".join(dict.fromkeys(_told(each) for each in failed))
        return Cause.NOT_APPLIED, "; ".join([told, *edits])
    if edits:
        return Cause.EDITED, "; ".join(edits)
    if failed:
        return Cause.UNEXPLAINED, "not written, and yet it is another than before in the same version"
    if writes:
        return Cause.UNEXPLAINED, "applied, and what is there is not what was predicted"
    return Cause.UNEXPLAINED, "nothing here has written it, and its version is what it was"


def _told(write: Written) -> str:
    change = write.change
    what = f"{change.action} in {Side(change.side).label}: {write.state}"
    return f"{what} ({write.detail})" if write.detail else what


def _edits(found: _Set, by_record: Mapping[Record, list[Written]]) -> Iterator[str]:
    """What somebody else has done with the records of a set."""
    for side in Side:
        was, is_ = _by_id(found.before, side), _by_id(found.after, side)
        predicted = _by_id(found.predicted, side)
        for id_ in {**was, **is_}:
            writes = by_record.get((str(side), id_), ())
            ours = [each for each in writes if each.applied and each.change.side == side]
            told = _edit(side, was.get(id_), predicted.get(id_), is_.get(id_), ours)
            if told:
                yield f"{told} in {side.label}"


def _by_id(documents: Iterable[Document], side: Side) -> dict[str, Held]:
    held = (each.held(side) for each in documents)
    return {each.id: each for each in held if each is not None}


def _edit(
    side: Side, was: Held | None, predicted: Held | None, is_: Held | None, ours: Sequence[Written]
) -> str:
    """What somebody else has done with one record; '' when nothing shows it."""
    if is_ is None:
        return "" if ours else "deleted"
    if not ours:
        if was is None:
            return "made"
        if was.version != is_.version:
            return "edited"
    elif not same_version(side, is_.version, [each.version for each in ours]):
        return "edited after the push"
    expected = predicted or was
    moves = expected is not None and expected.amount == is_.amount and expected.open != is_.open
    return "paid or credited" if moves and side is Side.QUICKBOOKS else ""


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
