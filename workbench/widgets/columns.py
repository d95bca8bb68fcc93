"""Which columns a grid shows, and how: declared, so that a grid fits any frame.

A value becomes text here and nowhere else, exactly: a Decimal keeps every digit and its scale, a
float is refused where money is declared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

import pandas as pd

from workbench.errors import UsageProblem

Kind = Literal["text", "badge", "number", "money"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a grid.

    Attributes:
        name: The frame's column.
        title: What its header says; None says its name, capitalised.
        kind: 'text', 'badge' (a coloured word, for actions), 'number' or 'money' (both on the right;
            money must be Decimal).
        versus: Another column; a cell is marked as changed where its text differs from that column's.
        width: In characters; None takes it from the header and the first rows.
        optional: Of the usual columns, one that is left out where no row says anything in it.
    """

    name: str
    title: str | None = None
    kind: Kind = "text"
    versus: str | None = None
    width: int | None = None
    optional: bool = False

    @property
    def label(self) -> str:
        """What the header says."""
        return self.title or self.name.replace("_", " ").capitalize()


# The columns of a change set's table in the order a reviewer reads them. `change`, `object` and
# `hold` are not among them: the first two are names for machines, the reason of a hold has its own place.
CHANGE_COLUMNS = (
    Column(name="action", kind="badge"),
    Column(name="side", title="Writes to"),
    Column(name="mapping"),
    Column(name="record"),
    Column(name="field"),
    Column(name="before"),
    Column(name="after", versus="before"),
    Column(name="stored", title="Will hold", versus="after"),
    Column(name="loss", title="Lost on the way", optional=True),
    Column(name="returns", title="Would come back", optional=True),
    Column(name="salesforce", title="Salesforce", versus="quickbooks"),
    Column(name="quickbooks", title="QuickBooks", versus="salesforce"),
    Column(name="predicted", title="Expected answer", optional=True),
    Column(name="undo", optional=True),
    Column(name="why"),
)

_NARROWEST, _WIDEST = 5, 28
_SAMPLED_ROWS = 400
_SORT_MARK = 2


def choose(
    frame: pd.DataFrame, columns: Sequence[Column | str] | None, hidden: Sequence[str]
) -> list[Column]:
    """The columns to show: those declared, or the usual ones of a change set, or all but `hidden`.

    Raises:
        UsageProblem: A declared column is not in the frame, or a money column holds something else
            than Decimal.
    """
    if columns is None:
        usual = [column for column in CHANGE_COLUMNS if _says(frame, column)]
        is_change_set = {"before", "after"} <= set(frame.columns)
        names = [str(name) for name in frame.columns if str(name) not in hidden]
        chosen = usual if is_change_set else [_undeclared(frame, name) for name in names]
    else:
        chosen = [Column(name=each) if isinstance(each, str) else each for each in columns]
    for column in chosen:
        _check(frame, column)
    return chosen


def _says(frame: pd.DataFrame, column: Column) -> bool:
    """Whether a usual column is there, and says anything where it may be left out."""
    if column.name not in frame.columns or (column.versus and column.versus not in frame.columns):
        return False
    return not column.optional or any(text_of(value) for value in frame[column.name].tolist())


def _undeclared(frame: pd.DataFrame, name: str) -> Column:
    values = frame[name].dropna()
    numeric = len(values) > 0 and all(is_number(value) for value in values.head(_SAMPLED_ROWS))
    return Column(name=name, kind="number" if numeric else "text")


def _check(frame: pd.DataFrame, column: Column) -> None:
    for name in (column.name, column.versus):
        if name is not None and name not in frame.columns:
            raise UsageProblem(
                f"the grid has no column {name!r}",
                values={"columns of the frame": ", ".join(map(str, frame.columns))},
                fix="Declare only columns that the frame has.",
            )
    if column.kind == "money":
        _check_money(column.name, frame[column.name])


def _check_money(name: str, values: pd.Series) -> None:
    wrong = next((value for value in values.dropna() if not isinstance(value, Decimal)), None)
    if wrong is not None:
        raise UsageProblem(
            f"column {name!r} is money and holds {type(wrong).__name__} {wrong!r}, expected Decimal",
            fix="Take the table through Arrow: a plain .df() of DuckDB turns DECIMAL into float.",
        )


def is_number(value: object) -> bool:
    """Whether a cell goes to the right of its column; yes and no are words, and NaN is absent."""
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool) and value == value


def text_of(value: object) -> str:
    """A cell as text: nothing for an absent value, every digit of a Decimal, times to the minute."""
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and value != value):
        return ""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="minutes")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def width_of(column: Column, texts: Sequence[str]) -> int:
    """A column's width in characters: room for its header and for nine of ten texts that say something."""
    if column.width is not None:
        return column.width
    lengths = sorted(max(map(len, text.splitlines())) for text in texts[:_SAMPLED_ROWS] if text.strip())
    usual = lengths[int(len(lengths) * 0.9)] if lengths else 0
    wanted = max(len(column.label) + _SORT_MARK, usual)
    return min(_WIDEST, max(_NARROWEST, wanted))
