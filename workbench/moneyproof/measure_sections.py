"""The tables of today's measure: what both sides hold, and what they differ by."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from workbench.model import Side
from workbench.moneyproof.figures import NOTHING, Measure
from workbench.moneyproof.proof import Line, Proof, Stage
from workbench.moneyproof.sections import (
    SHOWN,
    SIDES,
    Row,
    Section,
    counted,
    gap_sections,
    in_currencies,
    money,
    number,
    unexplained_told,
)
from workbench.moneyproof.totals import ORDER, balances, by_reason

NOT_READ = "state not read"


def measure_headline(measure: Measure) -> str:
    """One sentence: whether the sides agree to the cent, or what they differ by."""
    if not measure.documents:
        return "There are no documents to measure."
    unexplained = [gap for gap in measure.gaps if gap.unexplained]
    differences: dict[str, Decimal] = {}
    for each in balances(measure):
        differences[each.currency] = differences.get(each.currency, NOTHING) + each.difference
    if unexplained:
        return f"Salesforce and QuickBooks differ; {unexplained_told(unexplained)}."
    if not any(differences.values()):
        return "Open balances agree to the cent."
    told = "every cent between linked documents is explained"
    return f"Open balances differ by {in_currencies(differences)}; {told}."


def measure_sections(measure: Measure) -> tuple[Section, ...]:
    """The tables of a measure; those that would be empty are left out."""
    return (
        *_today(measure),
        *_bridge(measure),
        *_today_reasons(measure),
        *gap_sections(measure.gaps),
        *_today_months(measure),
    )


def _today(measure: Measure) -> Iterator[Section]:
    """Balances by customer: the largest differences first, then by name; those that agree are counted."""
    found = balances(measure)
    differing = sorted((each for each in found if each.difference), key=lambda each: -abs(each.difference))
    rows = [
        Row(
            label=f"{each.name}, {each.currency}".removesuffix(", "),
            cells=(money(each.quickbooks), money(each.salesforce), money(each.difference)),
        )
        for each in differing[:SHOWN]
    ]
    if len(differing) > SHOWN:
        rows.append(Row(label=f"{len(differing) - SHOWN:,} more with a difference"))
    for currency in sorted({each.currency for each in found}):
        mine = [each for each in found if each.currency == currency]
        sums = [
            sum((value for value in values), NOTHING)
            for values in zip(*((e.quickbooks, e.salesforce, e.difference) for e in mine), strict=True)
        ]
        who = "the one customer" if len(mine) == 1 else f"all {len(mine):,} customers"
        label = f"{who}, {currency}".removesuffix(", ")
        rows.append(Row(label=label, cells=tuple(map(money, sums)), strong=True))
    if rows:
        agree = len(found) - len(differing)
        yield Section(
            title="Open balances by customer",
            columns=("", "QuickBooks", "Salesforce", "difference"),
            rows=tuple(rows),
            note=f"{counted(agree, 'customer agrees', 'customers agree')} to the cent" if agree else "",
        )


def _bridge(measure: Measure) -> Iterator[Section]:
    """What the difference of open balances consists of."""
    found: dict[tuple[str, str], Decimal] = {}
    uninvoiced: dict[str, Decimal] = {}
    for each in balances(measure):
        for reason, amount in each.parts.items():
            found[each.currency, reason] = found.get((each.currency, reason), NOTHING) + amount
        uninvoiced[each.currency] = uninvoiced.get(each.currency, NOTHING) + each.uninvoiced
    rows = [
        Row(label=f"{reason}, {currency}".removesuffix(", "), cells=(money(amount),))
        for (currency, reason), amount in sorted(found.items(), key=_in_order)
        if amount
    ]
    if rows:
        note = in_currencies(uninvoiced)
        waits = any(uninvoiced.values())
        yield Section(
            title="What the open balances differ by",
            columns=("", "amount"),
            rows=tuple(rows),
            note=f"Salesforce has {note} besides, in documents that QuickBooks does not have"
            if waits
            else "",
        )


def _in_order(each: tuple[tuple[str, str], Decimal]) -> tuple[str, int]:
    (currency, reason), _ = each
    return currency, ORDER[reason]


def _only(states: set[str]) -> str:
    return next(iter(states)) or NOT_READ


def _today_reasons(measure: Measure) -> Iterator[Section]:
    """What the sums of documents differ by."""
    found = by_reason(measure)
    rows = [
        Row(label=f"{reason}, {currency}".removesuffix(", "), cells=(number(count), money(amount)))
        for (currency, reason), (count, amount) in found.items()
    ]
    if len({currency for currency, _ in found}) == 1:
        total = sum((amount for _, amount in found.values()), NOTHING)
        rows.append(Row(label="all", cells=("", money(total)), strong=True))
    if rows:
        yield Section(
            title="Salesforce less QuickBooks, all documents",
            columns=("", "documents", "amount"),
            rows=tuple(rows),
        )


def _today_months(measure: Measure) -> Iterator[Section]:
    """Documents by month, both sides beside each other, with their states."""
    proof = Proof(changeset="", measures={Stage.AFTER: measure})
    for name in dict.fromkeys(line.name for line in proof.documents):
        lines = [line for line in proof.documents if line.name == name]
        states = {side: {line.what.state for line in lines if line.what.side is side} for side in SIDES}
        several = frozenset(side for side, found in states.items() if len(found) > 1)
        rows = [
            row
            for key in sorted({(line.what.month, line.what.currency) for line in lines})
            for row in _month(
                key, [each for each in lines if (each.what.month, each.what.currency) == key], several
            )
        ]
        alike = [f"{side.label}: all {_only(states[side])}" for side in SIDES if len(states[side]) == 1]
        yield Section(
            title=f"{name}, by month and state",
            columns=("", "n", "QuickBooks", "n", "Salesforce", "difference"),
            rows=tuple(rows),
            note="; ".join(alike),
        )


def _month(key: tuple[str, str], lines: Sequence[Line], several: frozenset[Side]) -> Iterator[Row]:
    """A month's sums, and below them its states, of the sides that have several."""
    month, currency = key
    sides = {side: [line for line in lines if line.what.side is side] for side in SIDES}
    both = [
        (
            sum(line.counts[Stage.AFTER] for line in mine),
            sum((line.amounts[Stage.AFTER] for line in mine), NOTHING),
        )
        for mine in sides.values()
    ]
    cells = [cell for count, amount in both for cell in (number(count), money(amount))]
    label = " ".join(filter(None, (month or "no date", currency)))
    yield Row(label=label, cells=(*cells, money(both[1][1] - both[0][1])), strong=True)
    for place, (side, mine) in enumerate(sides.items()):
        for line in mine if side in several else ():
            own = (number(line.counts[Stage.AFTER]), money(line.amounts[Stage.AFTER]))
            blank = ("", "")
            yield Row(
                label=line.what.state or NOT_READ,
                cells=(*(blank if place else own), *(own if place else blank), ""),
                indent=1,
            )
