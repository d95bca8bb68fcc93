"""Tables of words: what a reader is shown, the same for a terminal, a notebook and a page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from workbench.model import Side
from workbench.moneyproof.figures import NOTHING, Gap, Part, Reason
from workbench.moneyproof.tables import listed

SHOWN = 20
"""Rows of a table that are shown; `.table`s and --json have all."""

SIDES = (Side.QUICKBOOKS, Side.SALESFORCE)
"""The books first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of a table.

    Attributes:
        cells: One for each column after the first.
        strong: A heading or a sum.
    """

    label: str
    cells: tuple[str, ...] = ()
    indent: int = 0
    strong: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One table.

    Attributes:
        columns: Titles; the first is that of the labels.
        words: Columns of words, which are read from the left; all others are numbers.
        spare: Columns that are left out first where there is little room.
        note: A sentence below the table.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    words: frozenset[int] = frozenset({0})
    spare: frozenset[int] = frozenset()
    note: str = ""


def money(value: Decimal) -> str:
    """An amount with separators and at least two places: 1,250.00."""
    places = max(2, -int(value.as_tuple().exponent) if value.is_finite() else 2)
    return f"{value:,.{places}f}"


def number(count: int) -> str:
    return f"{count:,}"


def counted(count: int, one: str, many: str = "") -> str:
    """1 document, 2 documents."""
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"


def in_currencies(amounts: Mapping[str, Decimal]) -> str:
    """Amounts by currency in a sentence; 0.00 where there are none."""
    told = [f"{money(amount)} {currency}".strip() for currency, amount in sorted(amounts.items()) if amount]
    return listed(told) if told else money(NOTHING)


def unexplained_told(gaps: Sequence[Gap]) -> str:
    """How much of gaps nothing explains: "12.00 in 1 document is unexplained"."""
    found: dict[str, Decimal] = {}
    for gap in gaps:
        currency = _currency(gap)
        found[currency] = found.get(currency, NOTHING) + abs(gap.unexplained)
    return f"{in_currencies(found)} in {counted(len(gaps), 'document')} is unexplained"


def _currency(gap: Gap) -> str:
    right = gap.document.quickbooks
    return right.currency if right else ""


def gap_sections(gaps: Sequence[Gap]) -> Iterator[Section]:
    """The documents whose amounts differ, one by one: those with unexplained cents first.

    Each stands for itself: what two of them are apart may come to nothing in a sum.
    """
    if not gaps:
        return
    ordered = sorted(gaps, key=lambda gap: (-abs(gap.unexplained), -abs(gap.amount), gap.document.label))
    rows = []
    for gap in ordered[:SHOWN]:
        left, right = gap.document.salesforce, gap.document.quickbooks
        amounts = [held.amount if held and held.amount is not None else NOTHING for held in (right, left)]
        rows.append(
            Row(label=gap.document.label, cells=tuple(map(money, (*amounts, gap.amount, gap.unexplained))))
        )
        if told := "; ".join(filter(None, map(_part_told, gap.parts))):
            rows.append(Row(label=told, indent=1))
    yield Section(
        title="Linked documents that differ, as they are now",
        columns=("document", "QuickBooks", "Salesforce", "gap", "unexplained"),
        rows=tuple(rows),
        note=more(len(ordered)),
    )


def _part_told(part: Part) -> str:
    """What a part of a gap is: `missing line -84.00 (...)`; what is unexplained has its column already."""
    if part.reason is Reason.UNEXPLAINED:
        return part.detail
    return f"{part.reason} {money(part.amount)}{f' ({part.detail})' if part.detail else ''}"


def more(count: int, what: str = "", shown: int = SHOWN) -> str:
    return (
        f"the first {shown} of {count:,}{f' {what}' if what else ''}; --json has all" if count > shown else ""
    )
