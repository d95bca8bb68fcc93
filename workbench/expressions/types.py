"""The type of an expression's value, told by DuckDB from the types of the columns; no record is read."""

from __future__ import annotations

import threading
from collections.abc import Mapping

import duckdb

from workbench.expressions.check import Unreadable
from workbench.expressions.render import render

_local = threading.local()


def result_type(text: str, types: Mapping[str, str]) -> str:
    """The DuckDB type of an expression.

    Args:
        types: DuckDB types by column name, of at least the columns that it reads.

    Raises:
        Unreadable: The functions do not take values of these types.
    """
    columns = ", ".join(f"CAST(NULL AS {kind}) AS {_quoted(name)}" for name, kind in types.items())
    source = f"(SELECT {columns})" if columns else "(SELECT 1)"
    query = f"DESCRIBE SELECT {render(text, _quoted)} AS v FROM {source}"
    try:
        rows = _connection().execute(query).fetchall()
    except duckdb.Error as error:
        raise Unreadable(f"DuckDB can't work it out: {_told(error)}") from error
    return str(rows[0][1])


def _connection() -> duckdb.DuckDBPyConnection:
    """One a thread: opening one takes longer than all that is asked of it."""
    found: duckdb.DuckDBPyConnection | None = getattr(_local, "connection", None)
    if found is None:
        found = duckdb.connect(config={"threads": 1, "enable_external_access": "false"})
        _local.connection = found
    return found


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _told(error: duckdb.Error) -> str:
    """DuckDB's first sentence, without its advice on casts of all functions."""
    return str(error).splitlines()[0].removeprefix("Binder Error: ").split(". You might")[0]
