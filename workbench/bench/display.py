"""Tables and headlines as a person reads them, in a notebook and in plain text."""

from __future__ import annotations

import getpass
from html import escape
from typing import Any

import duckdb
import pandas as pd

ROWS = 20
"""Rows of a table that are shown; the whole of it is one attribute away (`.table`)."""


def frame(connection: duckdb.DuckDBPyConnection, query: str) -> pd.DataFrame:
    """Answer a query as a DataFrame; decimals stay Decimal (a plain `.df()` would make floats)."""
    table: pd.DataFrame = connection.sql(query).to_arrow_table().to_pandas(date_as_object=True)
    return table


def html(headline: str, table: pd.DataFrame, rows: int = ROWS) -> str:
    """Answer a headline with the first rows of a table."""
    more = f"<p>The first {rows} of {len(table):,}; all of them are in <code>.table</code>.</p>"
    shown = table.head(rows).to_html(index=False, border=0, na_rep="")
    return f"<p>{escape(headline)}</p>{shown}{more if len(table) > rows else ''}"


def counted(pairs: dict[str, Any]) -> str:
    """Answer counts in words, e.g. `12 applied, 1 failed`."""
    return ", ".join(f"{count:,} {name}" for name, count in pairs.items() if count) or "nothing"


def user() -> str:
    """Answer the name of the person at this machine, for decisions that name nobody else."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # a container without a user entry
        return "unknown user"
