"""Tables and headlines as a person reads them, in a notebook and in plain text."""

from __future__ import annotations

import getpass
from datetime import datetime
from decimal import Decimal
from html import escape
from typing import Any

import duckdb
import pandas as pd

from workbench.errors import UsageProblem

ROWS = 20
"""Rows of a table that are shown; the whole of it is one attribute away (`.table`)."""


def frame(connection: duckdb.DuckDBPyConnection, query: str) -> pd.DataFrame:
    """Answer a query as a DataFrame; decimals stay Decimal (a plain `.df()` would make floats)."""
    table: pd.DataFrame = connection.sql(query).to_arrow_table().to_pandas(date_as_object=True)
    return table


ASKING = (duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN)


def asked(connection: duckdb.DuckDBPyConnection, query: str) -> pd.DataFrame:
    """Answer a person's query, which only asks: it can not write a file, or change what is kept for the look.

    Raises:
        UsageProblem: It is something else than one question.
    """
    found = connection.extract_statements(query)
    if len(found) != 1 or found[0].type not in ASKING:
        raise UsageProblem(
            "SQL here only asks", fix="Give one query: SELECT, FROM, DESCRIBE, SHOW or EXPLAIN."
        )
    return frame(connection, query)


def html(headline: str, table: pd.DataFrame, rows: int = ROWS) -> str:
    """Answer a headline with the first rows of a table."""
    more = f"<p>The first {rows} of {len(table):,}; all of them are in <code>.table</code>.</p>"
    return f"<p>{escape(headline)}</p>{html_table(table.head(rows))}{more if len(table) > rows else ''}"


def html_table(table: pd.DataFrame) -> str:
    """Answer a table with text to the left and numbers to the right; empty cells are empty."""
    from workbench.widgets.fallback import table_html

    plain = table.astype(object).where(table.notna(), None)
    titles = [str(name) for name in table.columns]
    body = [
        [(_cell(value), _number(value)) for value in row] for row in plain.itertuples(index=False, name=None)
    ]
    return table_html(titles, body)


def _number(value: Any) -> bool:
    return isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)


def _cell(value: Any) -> str:
    if value is None or value != value:  # NaN and NaT are not equal to themselves
        return ""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def counted(pairs: dict[str, Any]) -> str:
    """Answer counts in words, e.g. `12 applied, 1 failed`."""
    return ", ".join(f"{count:,} {name}" for name, count in pairs.items() if count) or "nothing"


def user() -> str:
    """Answer the name of the person at this machine, for decisions that name nobody else."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # a container without a user entry
        return "unknown user"
