"""A grid as escaped HTML: for saved, exported and headless notebooks, where no kernel sends rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

from workbench.widgets.rows import Query, Rows

ROWS_SHOWN = 20
_TABLE = "border-collapse:collapse;font-size:12px"
_CELL = "padding:3px 8px;border:1px solid rgba(128,128,128,.35);vertical-align:top"


def grid_text(rows: Rows, *, noun: tuple[str, str]) -> str:
    """One line: how many changes of which kind, approved, held."""
    total = len(rows.ids)
    parts = [f"{total:,} {noun[0] if total == 1 else noun[1]}"]
    parts += [f"{number:,} {action}" for action, number in sorted(rows.counts("action").items()) if action]
    if rows.approved_count:
        parts.append(f"{rows.approved_count:,} approved")
    if rows.held_count:
        parts.append(f"{rows.held_count:,} held back")
    return " · ".join(parts)


def grid_html(rows: Rows, *, noun: tuple[str, str], title: str) -> str:
    """The counts, then the first rows with their marks; everything that came from data is escaped."""
    shown = rows.window(rows.find(Query()), 0, ROWS_SHOWN)
    total = len(rows.frame)
    more = f" (first {ROWS_SHOWN} of {total:,} rows)" if total > ROWS_SHOWN else ""
    heading = f"<p><b>{escape(title)}</b>: {escape(grid_text(rows, noun=noun))}{more}</p>"
    if not shown:
        return heading
    titles = ["Approved", *(column.label for column in rows.columns)]
    numeric = {j for j, c in enumerate(rows.columns) if c.kind in ("number", "money")}
    body = [[(_mark(row), False), *_cells(row, numeric)] for row in shown]
    return heading + table_html(titles, body)


def _cells(row: dict[str, Any], numeric: set[int]) -> list[tuple[str, bool]]:
    return [(text, j in numeric or j in row["right"]) for j, text in enumerate(row["cells"])]


def table_html(titles: Sequence[str], body: Iterable[Sequence[tuple[str, bool]]]) -> str:
    """A table; each cell is (text, whether it goes to the right)."""
    head = "".join(f'<th style="{_CELL};text-align:left">{escape(title)}</th>' for title in titles)
    lines = ("".join(_cell(text, right) for text, right in row) for row in body)
    rows = "".join(f"<tr>{line}</tr>" for line in lines)
    return f'<table style="{_TABLE}"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'


def _cell(text: str, right: bool) -> str:
    align = "right" if right else "left"
    return f'<td style="{_CELL};text-align:{align};white-space:pre-line">{escape(text)}</td>'


def _mark(row: dict[str, Any]) -> str:
    if row["hold"] is not None:
        return f"held: {row['hold']}"
    return "yes" if row["approved"] else ""
