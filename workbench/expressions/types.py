"""The type of an expression's value, told by DuckDB from the types of the columns; no record is read."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb

from workbench.expressions.check import Unreadable
from workbench.expressions.render import render


def result_type(text: str, types: Mapping[str, str]) -> str:
    """The DuckDB type of an expression.

    Args:
        types: DuckDB types by column name, of at least the columns that it reads.

    Raises:
        Unreadable: The functions do not take values of these types.
    """
    columns = ", ".join(f"CAST(NULL AS {kind}) AS {_quoted(name)}" for name, kind in types.items())
    source = f"(SELECT {columns})" if columns else "(SELECT 1)"
    with duckdb.connect() as connection:
        try:
            rows = connection.execute(
                f"DESCRIBE SELECT {render(text, _quoted)} AS v FROM {source}"
            ).fetchall()
        except duckdb.Error as error:
            raise Unreadable(f"DuckDB can't work it out: {_told(error)}") from error
    return str(rows[0][1])


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _told(error: duckdb.Error) -> str:
    """DuckDB's first sentence, without its advice on casts of all functions."""
    return str(error).splitlines()[0].removeprefix("Binder Error: ").split(". You might")[0]
