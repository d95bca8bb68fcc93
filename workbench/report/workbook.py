"""A change set as an XLSX workbook, for a reviewer who works in a spreadsheet.

    Summary   what the change set is, and how many changes go where
    Changes   one row for each cell: before, after, what the system will hold, what is lost on the way, why
    Lines     the lines of documents that are created whole

Amounts are numbers with two decimal places or more, dates are dates, and a text is never taken for a formula.
A spreadsheet's numbers are binary: with more than 15 digits an amount is written as text, exactly.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.changes import Answer, Change, ChangeSet
from workbench.errors import UsageProblem

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

ROWS = 1_048_575
"""Rows of a sheet below its heading (Excel)."""
DIGITS = 15
"""Digits of a number that a spreadsheet keeps (Excel)."""
TEXT = 32_767
"""Characters of a cell (Excel)."""
WIDEST = 60
"""Characters of the widest column."""

COLUMNS = (
    "change", "action", "side", "mapping", "object", "record", "field", "API field", "before", "after",
    "held afterwards", "lost on the way", "why", "predicted", "undo", "cannot be written because",
)  # fmt: skip
LINE_COLUMNS = ("change", "record", "line", "field", "value")


def write_workbook(changeset: ChangeSet, path: Path) -> None:
    """Write the workbook to a new file; nothing is there before all of it is.

    Raises:
        UsageProblem: There is such a file already (somebody may have written into it), its folder is not
            there, or the change set is longer than a sheet.
    """
    if path.exists():
        raise UsageProblem("there is such a file already", where=str(path), fix="Name another one.")
    if not path.parent.is_dir():
        raise UsageProblem("there is no such folder", where=str(path.parent), fix="Make it first.")
    cells = sum(len(change.cells) for change in changeset.changes)
    if cells > ROWS:
        what = f"the change set has {cells:,} cells, and a sheet holds {ROWS:,} rows"
        raise UsageProblem(what, where=changeset.id, fix="Save it as a file instead, or plan one side only.")
    from xlsxwriter import Workbook

    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        with Workbook(unfinished, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
            _fill(book, changeset)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def _fill(book: Workbook, changeset: ChangeSet) -> None:
    styles = _Styles(book)
    styles.sheet("Summary", ("", ""), _summary(changeset))
    styles.sheet("Changes", COLUMNS, _cells(changeset.changes))
    styles.sheet("Lines", LINE_COLUMNS, _lines(changeset.changes))


class _Styles:
    """Writes sheets of one look."""

    def __init__(self, book: Workbook) -> None:
        self._book = book
        self._head: Format = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        self._text: Format = book.add_format({"text_wrap": True, "valign": "top", "num_format": "@"})
        self._number: Format = book.add_format({"num_format": "#,##0.00###", "valign": "top"})
        self._whole: Format = book.add_format({"num_format": "#,##0", "valign": "top"})
        self._date: Format = book.add_format({"num_format": "yyyy-mm-dd", "valign": "top", "align": "left"})

    def sheet(self, name: str, titles: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """A sheet with a heading that stays, a filter, and columns as wide as what they hold."""
        sheet: Worksheet = self._book.add_worksheet(name)
        widths = [len(title) for title in titles]
        sheet.write_row(0, 0, titles, self._head)
        last = 0
        for last, row in enumerate(rows, start=1):
            for column, value in enumerate(row):
                self._put(sheet, last, column, value)
                widths[column] = max(widths[column], *map(len, str(value).splitlines() or [""]))
        for column, width in enumerate(widths):
            sheet.set_column(column, column, min(width + 2, WIDEST))
        if any(titles):
            sheet.freeze_panes(1, 0)
            sheet.autofilter(0, 0, last, len(titles) - 1)

    def _put(self, sheet: Worksheet, row: int, column: int, value: Any) -> None:
        match value:
            case None | "":
                return
            case bool():
                sheet.write_boolean(row, column, value)
            case Decimal() if len(value.as_tuple().digits) <= DIGITS:
                sheet.write_number(row, column, float(value), self._number)
            case int() if len(str(abs(value))) <= DIGITS:
                sheet.write_number(row, column, value, self._whole)
            case datetime():
                sheet.write_string(row, column, value.isoformat(sep=" "), self._text)
            case date():
                sheet.write_datetime(row, column, datetime(value.year, value.month, value.day), self._date)
            case _:
                sheet.write_string(row, column, _fitting(str(value)), self._text)


def _summary(changeset: ChangeSet) -> Iterator[tuple[Any, Any]]:
    yield "change set", changeset.id
    yield "content hash", changeset.content_hash
    for name, value in changeset.header.items():
        if isinstance(value, str):
            yield name, value
    held = [change for change in changeset.changes if change.hold]
    yield "changes", len(changeset.changes)
    yield "of these cannot be written", len(held)
    counts = Counter((str(each.side), each.object, str(each.action)) for each in changeset.changes)
    for (side, object_, action), count in sorted(counts.items()):
        yield f"{action} {object_} in {side}", count


def _cells(changes: Iterable[Change]) -> Iterator[tuple[Any, ...]]:
    for change in changes:
        for cell in change.cells:
            yield (
                change.id, str(change.action), str(change.side), change.mapping, change.object, change.label,
                cell.field, cell.api, cell.before, _known(cell.after), _known(cell.holds), cell.loss,
                cell.why, change.predicted, change.undo, change.hold,
            )  # fmt: skip


def _lines(changes: Iterable[Change]) -> Iterator[tuple[Any, ...]]:
    for change in changes:
        for number, line in enumerate(change.lines, start=1):
            for api, value in line.items():
                yield change.id, change.label, number, api, _known(value)


def _fitting(text: str) -> str:
    told = f" ... ({len(text):,} characters in all; the saved change set has them)"
    return text if len(text) <= TEXT else text[: TEXT - len(told)] + told


def _known(value: Any) -> Any:
    if isinstance(value, Answer):
        return f"({value.field}, known after the push)"
    return "(cleared)" if value is None else value
