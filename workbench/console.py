"""How a command talks: progress on standard error, its answer on standard output."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    import pandas as pd  # commands that only serve do without it

PIPE_WIDTH = 120

WORD_WIDTH = 20
"""Longest word that keeps its column from being narrowed."""

LEAST_WIDTH = 8
"""Of a column whose texts may be folded; with less nobody reads it."""


@dataclass(frozen=True)
class Output:
    """Where a command writes.

    Attributes:
        json: The answer is one JSON object on the last line.
        out, err: Standard output and standard error.
    """

    json: bool = False
    out: Console = field(default_factory=lambda: _console(stderr=False))
    err: Console = field(default_factory=lambda: _console(stderr=True))

    def say(self, line: str) -> None:
        """One line of progress; without a terminal it is a plain log line with its time."""
        if self.err.is_terminal:
            self.err.print(f"[dim]·[/dim] {line}", markup=True)
        else:
            sys.stderr.write(f"{datetime.now(UTC):%H:%M:%S} {line}\n")
            sys.stderr.flush()

    def answer(self, data: Mapping[str, Any], shown: Any = None) -> None:
        """The answer: the data as JSON, or what a person reads."""
        if self.json:
            sys.stdout.write(json.dumps(data, default=str) + "\n")
            sys.stdout.flush()
        elif shown is not None:
            self.out.print(shown)

    def error(self, text: str) -> None:
        """Say what went wrong, on standard error."""
        if self.err.is_terminal:
            self.err.print(f"[bold red]✗[/bold red] {_escaped(text)}")
        else:
            sys.stderr.write(text + "\n")


def _console(*, stderr: bool) -> Console:
    """A console as wide as the terminal; a file or a pipe gets room for a table."""
    made = Console(stderr=stderr, highlight=False)
    return made if made.is_terminal else Console(stderr=stderr, highlight=False, width=PIPE_WIDTH)


class _Fitting(Table):
    """A table that stands row under row, each a list of its cells, where columns would break their words."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if self._needs() <= options.max_width:
            yield from super().__rich_console__(console, options)
            return
        if self.title:
            yield Text.from_markup(str(self.title), style="italic")
        for cells in zip(*(column.cells for column in self.columns), strict=True):
            block = Table.grid(padding=(0, 2))
            block.add_column(style="dim", no_wrap=True)
            block.add_column(overflow="fold")
            for column, cell in zip(self.columns, cells, strict=True):
                if str(cell):
                    block.add_row(column.header, cell)
            yield block
            yield Text()
        if self.caption:
            yield Text.from_markup(str(self.caption), style="dim italic")

    def _needs(self) -> int:
        """Columns of text that it takes to be read."""
        widths = [
            max(len(str(cell)) for cell in (column.header, *column.cells))
            if column.no_wrap
            else max(len(str(column.header)), LEAST_WIDTH)
            for column in self.columns
        ]
        return sum(widths) + 2 * len(widths)


def table(frame: pd.DataFrame, title: str = "", rows: int = 40) -> Table:
    """Answer a DataFrame as a terminal table: numbers to the right, the first rows only."""
    first = _plain(frame.head(rows))
    made = _Fitting(title=title or None, box=box.SIMPLE_HEAD, title_justify="left", pad_edge=False)
    for name in frame.columns:
        number = frame[name].dtype.kind in "iuf" or _amounts_only(first[name])
        made.add_column(
            str(name),
            justify="right" if number else "left",
            overflow="fold",
            no_wrap=_words_only(first[name]),
        )
    for row in first.itertuples(index=False):
        made.add_row(*(_cell(value) for value in row))
    if len(frame) > rows:
        made.caption = f"the first {rows} of {len(frame):,}; --json gives all"
    return made


def under(title: str, shown: RenderableType) -> Group:
    """Something under a line of its own: a table's title would be folded to the table's width."""
    return Group(Text(title), shown)


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Answer a DataFrame as JSON rows; empty cells are null, lists are lists."""
    rows = _plain(frame).to_dict("records")
    return [{str(name): _listed(value) for name, value in row.items()} for row in rows]


def _listed(value: Any) -> Any:
    return value.tolist() if hasattr(value, "tolist") else value  # of numpy, as DuckDB answers lists


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    """The same with None for what is missing, whatever its column calls that."""
    return frame.astype(object).where(frame.notna(), None)


def quiet_logging() -> None:
    """Keep libraries from writing between our lines."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")


def _words_only(cells: Iterable[Any]) -> bool:
    """Whether a column holds short words such as names of fields, which are not to be broken."""
    return all(len(text) <= WORD_WIDTH and " " not in text for text in map(_cell, cells))


def _amounts_only(cells: Iterable[Any]) -> bool:
    """Whether a column holds money or quantities, which are read from the right."""
    given = [cell for cell in cells if cell is not None and cell == cell]  # NaN is not equal to itself
    return bool(given) and all(isinstance(cell, Decimal) for cell in given)


def _cell(value: Any) -> str:
    if value is None or value != value:  # NaN and NaT are not equal to themselves
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    return _escaped(f"{value:,}" if isinstance(value, int | Decimal) else str(value))


def _escaped(text: str) -> str:
    return text.replace("[", "\\[")
