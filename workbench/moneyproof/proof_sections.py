"""The tables of a proof: what was before, what was predicted, what is there, and what deviates.

The headline says first whether anything is left.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal

from workbench.moneyproof.causes import Cause
from workbench.moneyproof.compare import Event
from workbench.moneyproof.figures import NOTHING
from workbench.moneyproof.proof import Line, Proof, Stage, difference, summed
from workbench.moneyproof.sections import (
    SHOWN,
    SIDES,
    Row,
    Section,
    counted,
    gap_sections,
    in_currencies,
    money,
    more,
    number,
    unexplained_told,
)
from workbench.moneyproof.totals import ORDER, by_reason


def headline(proof: Proof) -> str:
    """One sentence: whether the balances agree to the cent, or what is left."""
    if proof.comparison is None:
        return f"Not proven yet: {proof.waiting}"
    left = _left(proof)
    if proof.comparison.agrees:
        told = "Balances agree to the cent: both systems hold what was predicted."
        return f"{told} {left}" if left else told
    events = proof.comparison.events
    unknown = proof.unexplained_events
    what = counted(len(_documents(events)), "document is", "documents are")
    told = f"{what} not as predicted, by {in_currencies(_sizes(events))}"
    if not unknown:
        told += "; every cent of it is explained."
    else:
        where = counted(len(_documents(unknown)), "document")
        told += f"; {in_currencies(_sizes(unknown))} of it in {where} is unexplained."
    return f"{told} {left}" if left else told


def _documents(events: Iterable[Event]) -> dict[tuple[str, str, str], Decimal]:
    """By how much each document deviates at most, by mapping, label and currency."""
    found: dict[tuple[str, str, str], Decimal] = {}
    for each in events:
        key = (each.mapping, each.label, each.currency)
        found[key] = max(found.get(key, NOTHING), each.size)
    return found


def _sizes(events: Iterable[Event]) -> dict[str, Decimal]:
    """By how much documents deviate, by currency."""
    found: dict[str, Decimal] = {}
    for (_, _, currency), size in _documents(events).items():
        found[currency] = found.get(currency, NOTHING) + size
    return found


def _left(proof: Proof) -> str:
    gaps = proof.unexplained
    if not gaps:
        return ""
    return f"Between the sides {unexplained_told(gaps)}."


def proof_sections(proof: Proof) -> tuple[Section, ...]:
    """The tables of a proof; those that would be empty are left out."""
    found: list[Section] = []
    if proof.measures:
        found.append(_overview(proof))
    if proof.comparison and proof.comparison.events:
        found.append(_events(proof.comparison.events))
    gaps = proof.latest.gaps if proof.latest else ()
    found += [*_reasons(proof), *gap_sections(gaps), *_customers(proof), *_months(proof)]
    return tuple(found)


def _stages(proof: Proof) -> list[Stage]:
    return [stage for stage in Stage if stage in proof.measures]


def _columns(proof: Proof) -> tuple[str, ...]:
    stages = _stages(proof)
    deviation = ("deviation",) if Stage.AFTER in stages and Stage.PREDICTED in stages else ()
    return ("", *stages, *deviation)


def _cells(line: Line, proof: Proof) -> tuple[str, ...]:
    amounts = [money(line.amounts.get(stage, NOTHING)) for stage in _stages(proof)]
    return (*amounts, *((money(line.deviation[1]),) if line.deviation else ()))


def _counts(line: Line, proof: Proof) -> tuple[str, ...]:
    counts = [number(line.counts.get(stage, 0)) for stage in _stages(proof)]
    return (*counts, *((number(line.deviation[0]),) if line.deviation else ()))


def _overview(proof: Proof) -> Section:
    rows: list[Row] = []
    for currency in _currencies(proof.balances):
        mine = [line for line in proof.balances if line.what.currency == currency]
        rows += _both("Open balances", currency, mine, proof, counts=False)
    for name in dict.fromkeys(line.name for line in proof.documents):
        same = [line for line in proof.documents if line.name == name]
        for currency in _currencies(same):
            mine = [line for line in same if line.what.currency == currency]
            rows += _both(name, currency, mine, proof, counts=True)
    return Section(title="Both sides", columns=_columns(proof), rows=tuple(rows))


def _both(name: str, currency: str, lines: Sequence[Line], proof: Proof, *, counts: bool) -> Iterator[Row]:
    yield Row(label=f"{name}, {currency}" if currency else name, strong=True)
    sums = []
    for side in SIDES:
        mine = [line for line in lines if line.what.side is side]
        total = summed(mine or [_nothing(proof, lines[0])], side.label, lines[0].what)
        sums.append(total)
        if counts:
            yield Row(label=f"{side.label}, documents", cells=_counts(total, proof), indent=1)
        yield Row(label=f"{side.label}, sum" if counts else side.label, cells=_cells(total, proof), indent=1)
    right, left = sums
    yield Row(label="difference", cells=_cells(difference(left, right), proof), indent=1)


def _nothing(proof: Proof, like: Line) -> Line:
    stages = _stages(proof)
    return Line(
        what=like.what,
        name=like.name,
        counts=dict.fromkeys(stages, 0),
        amounts=dict.fromkeys(stages, NOTHING),
    )


def _currencies(lines: Iterable[Line]) -> list[str]:
    return sorted({line.what.currency for line in lines})


def _events(events: Sequence[Event]) -> Section:
    rows: list[Row] = []
    for cause in Cause:
        mine = [each for each in events if each.cause is cause]
        if not mine:
            continue
        rows.append(Row(label=f"{cause}: {in_currencies(_sizes(mine))}", strong=True))
        for event in mine[:SHOWN]:
            for place, each in enumerate(event.amounts):
                three = [each.before, each.predicted, each.after]
                side = f"{each.side.label}, open" if each.open else each.side.label
                cells = (side, *("" if value is None else money(value) for value in three))
                rows.append(Row(label="" if place else event.label, cells=cells, indent=1))
            rows.append(Row(label=event.told, indent=2))
        if len(mine) > SHOWN:
            rows.append(Row(label=f"and {len(mine) - SHOWN:,} more", indent=1))
    return Section(
        title="Not as predicted",
        columns=("", "side", "before", "predicted", "after"),
        rows=tuple(rows),
        words=frozenset({0, 1}),
    )


def _reasons(proof: Proof) -> Iterator[Section]:
    """What the sums of documents differ by, at each time."""
    found = {stage: by_reason(measure) for stage, measure in proof.measures.items()}
    keys = sorted({key for each in found.values() for key in each}, key=lambda key: (key[0], ORDER[key[1]]))
    if not keys:
        return
    stages = _stages(proof)
    rows = [
        Row(
            label=f"{reason}, {currency}".removesuffix(", "),
            cells=tuple(money(found[stage].get((currency, reason), (0, NOTHING))[1]) for stage in stages),
        )
        for currency, reason in keys
    ]
    totals = (sum((amount for _, amount in found[stage].values()), NOTHING) for stage in stages)
    if len({currency for currency, _ in keys}) == 1:
        rows.append(Row(label="all", cells=tuple(map(money, totals)), strong=True))
    yield Section(
        title="Salesforce less QuickBooks, all documents",
        columns=("", *stages),
        rows=tuple(rows),
    )


def _customers(proof: Proof) -> Iterator[Section]:
    """Customers whose balance is not as predicted, then those for whom it was moved."""
    moved = sorted((line for line in proof.balances if line.moved), key=lambda line: not _deviates(line))
    names = dict.fromkeys((line.name, line.what.customer) for line in moved)
    rows: list[Row] = []
    for name, key in list(names)[:SHOWN]:
        rows.append(Row(label=name, strong=True))
        for line in proof.balances:
            if line.what.customer == key:
                side = f"{line.what.side.label}, {line.what.currency}".removesuffix(", ")
                rows.append(Row(label=side, cells=_cells(line, proof), indent=1))
    if rows:
        note = more(len(names), "customers") or _others(proof.balances, names)
        yield Section(
            title="Open balances that move, by customer",
            columns=_columns(proof),
            rows=tuple(rows),
            note=note,
        )


def _deviates(line: Line) -> bool:
    return bool(line.deviation and any(line.deviation))


def _others(lines: Iterable[Line], moved: Mapping[tuple[str, str], None]) -> str:
    others = {line.what.customer for line in lines} - {key for _, key in moved}
    return f"{counted(len(others), 'other customer')}: nothing moves" if others else ""


def _months(proof: Proof) -> Iterator[Section]:
    """Months and states whose documents are moved, or are not as predicted."""
    moved = [line for line in proof.documents if line.moved]
    rows: list[Row] = []
    place = None
    for line in moved[: SHOWN * 2]:
        if place != (place := (line.name, line.what.side)):
            rows.append(Row(label=f"{line.name}, {line.what.side.label}", strong=True))
        label = " ".join(filter(None, (line.what.month or "no date", line.what.state, line.what.currency)))
        pairs = zip(_counts(line, proof), _cells(line, proof), strict=True)
        rows.append(Row(label=label, cells=tuple(cell for pair in pairs for cell in pair), indent=1))
    if rows:
        titles = [title for stage in _columns(proof)[1:] for title in ("n", stage)]
        spare = frozenset({1, 2}) if len(titles) > 4 else frozenset()
        others = len(proof.documents) - len(moved)
        rest = f"{counted(others, 'other figure')}: nothing moves" if others else ""
        yield Section(
            title="Documents that move, by month and state",
            columns=("", *titles),
            rows=tuple(rows),
            spare=spare,
            note=more(len(moved), shown=SHOWN * 2) or rest,
        )
