"""The value of an expression for one record that is at hand, for what is about to be written.

A diff evaluates expressions in its own queries, whole tables at a time; a plan has a few records in memory.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping as ReadOnly

import duckdb

from workbench.errors import PlanError
from workbench.model import Expression
from workbench.normalize.sql import identifier

_local = threading.local()


def evaluate(expression: Expression, record: ReadOnly[str, object], where: str) -> object:
    """The value of `expression` for a record; its columns by name, None where it has none.

    Raises:
        PlanError: It fails on this record.
    """
    from workbench.expressions.render import render

    values = [record.get(name) for name in expression.columns]
    columns = ", ".join(f"? AS {identifier(name)}" for name in expression.columns) or "1"
    query = f"SELECT {render(expression.text, identifier)} FROM (SELECT {columns})"
    try:
        row = _connection().execute(query, values).fetchone()
    except duckdb.Error as error:
        raise PlanError(
            f"{where}: the expression fails on this record: {str(error).splitlines()[0]}",
            values={"expression": expression.text} | dict(zip(expression.columns, values, strict=True)),
            fix="Correct the record, or the expression in the mapping.",
        ) from error
    return None if row is None else row[0]


def _connection() -> duckdb.DuckDBPyConnection:
    found: duckdb.DuckDBPyConnection | None = getattr(_local, "connection", None)
    if found is None:
        # Nothing is read from anywhere: the values are parameters.
        found = duckdb.connect(config={"threads": 1, "enable_external_access": "false"})
        _local.connection = found
    return found
