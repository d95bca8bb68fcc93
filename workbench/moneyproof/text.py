"""Tables of words for a terminal: labels to the left, amounts to the right, no line wider than it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence

from workbench.moneyproof.sections import Row, Section

GAP = 2
LEAST_LABEL = 18
INDENT = 2


def text(sections: Iterable[Section], width: int = 100) -> str:
    """All tables below each other."""
    return "\n\n".join("\n".join(_lines(section, width)) for section in sections)


def _lines(section: Section, width: int) -> Iterator[str]:
    kept = _kept(section, width)
    widths = _widths(section, kept, width)
    yield section.title
    yield "-" * min(width, sum(widths) + GAP * (len(widths) - 1))
    titles = [section.columns[place] for place in kept]
    if any(titles):
        yield _line(titles, kept, section, widths)
    for row in section.rows:
        yield from _row(row, kept, section, widths, width)
    if section.note:
        yield from textwrap.wrap(f"({section.note})", width, subsequent_indent=" ")


def _row(row: Row, kept: Sequence[int], section: Section, widths: Sequence[int], width: int) -> Iterator[str]:
    """A row; a label that is too long for its column has lines of its own."""
    indent = " " * (INDENT * row.indent)
    if not row.cells:
        yield from textwrap.wrap(row.label, width, initial_indent=indent, subsequent_indent=indent)
        return
    label = indent + row.label
    if len(label) > widths[0]:
        *above, label = textwrap.wrap(label, widths[0], initial_indent="", subsequent_indent=f"{indent}  ")
        yield from above
    cells = [label, *(row.cells[place - 1] for place in kept[1:])]
    yield _line(cells, kept, section, widths)


def _line(cells: Sequence[str], kept: Sequence[int], section: Section, widths: Sequence[int]) -> str:
    placed = [
        cell.ljust(wide) if place in section.words else cell.rjust(wide)
        for cell, place, wide in zip(cells, kept, widths, strict=True)
    ]
    return (" " * GAP).join(placed).rstrip()


def _kept(section: Section, width: int) -> list[int]:
    """The columns that there is room for."""
    every = list(range(len(section.columns)))
    room = sum(_widest(section, place) + GAP for place in every[1:]) + _label(section)
    return every if room <= width else [place for place in every if place not in section.spare]


def _widths(section: Section, kept: Sequence[int], width: int) -> list[int]:
    others = [_widest(section, place) for place in kept[1:]]
    room = width - sum(others) - GAP * len(others)
    return [max(LEAST_LABEL, min(_label(section), room)), *others]


def _label(section: Section) -> int:
    rows = [INDENT * row.indent + len(row.label) for row in section.rows if row.cells]
    return max([len(section.columns[0]), *rows], default=0)


def _widest(section: Section, place: int) -> int:
    cells = [len(row.cells[place - 1]) for row in section.rows if row.cells]
    return max([len(section.columns[place]), *cells])
