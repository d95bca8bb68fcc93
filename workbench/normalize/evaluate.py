"""The value of an expression for records that are at hand, for what is about to be written.

A diff evaluates expressions in its own queries, whole tables at a time; a plan has a few records in memory.
Nearly all of the time of one value is DuckDB's reading of the query, so a plan that knows its records asks
for them together (`Values.prepare`): the same query, with the same types, for many records.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from collections.abc import Mapping as ReadOnly
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

import duckdb

from workbench.errors import PlanError
from workbench.model import Expression
from workbench.normalize.sql import identifier

Record = ReadOnly[str, object]
Evaluate = Callable[[Expression, Record, str], object]
"""Gives the value of an expression for a record; the text says whose expression it is."""

CHUNK = 2_000
"""Records of one query."""

NULL = '"NULL"'
ROW = identifier(" row")
_local = threading.local()


def evaluate(expression: Expression, record: Record, where: str) -> object:
    """The value of `expression` for a record; its columns by name, None where it has none.

    Raises:
        PlanError: It fails on this record.
    """
    values = [record.get(name) for name in expression.columns]
    columns = ", ".join(f"? AS {identifier(name)}" for name in expression.columns) or "1"
    query = f"SELECT {_rendered(expression)} FROM (SELECT {columns})"
    try:
        row = _connection().execute(query, values).fetchone()
    except duckdb.Error as error:
        read = ", ".join(f"{name} = {value}" for name, value in zip(expression.columns, values, strict=True))
        raise PlanError(
            f"{where}: the expression fails on this record ({read}): {str(error).splitlines()[0]}",
            values={"expression": expression.text} | dict(zip(expression.columns, values, strict=True)),
            fix="Correct the record, or the expression in the mapping.",
        ) from error
    return None if row is None else row[0]


@dataclass(slots=True)
class Values:
    """Values of expressions that were asked for together; what is not among them is worked out alone."""

    _known: dict[tuple[str, ...], object] = field(default_factory=dict)

    def __call__(self, expression: Expression, record: Record, where: str) -> object:
        """The same as `evaluate`."""
        key = _key(expression, [record.get(name) for name in expression.columns])
        return self._known[key] if key in self._known else evaluate(expression, record, where)

    def prepare(self, expression: Expression, records: Iterable[Record]) -> None:
        """Work out the values of many records; one that fails is left to be told when it is asked for."""
        rows = {}
        for record in records:
            row = [record.get(name) for name in expression.columns]
            rows[_key(expression, row)] = row
        for types, keys in _by_type(
            {key: row for key, row in rows.items() if key not in self._known}
        ).items():
            for start in range(0, len(keys), CHUNK):
                part = keys[start : start + CHUNK]
                found = _together(expression, types, [rows[key] for key in part])
                self._known.update((key, value["v"]) for key, value in zip(part, found, strict=True) if value)


def _key(expression: Expression, row: Iterable[object]) -> tuple[str, ...]:
    # 1.50 and 1.5 are equal in Python and are other texts: repr tells them apart.
    return (expression.text, *map(repr, row))


def _by_type(rows: ReadOnly[tuple[str, ...], list[object]]) -> dict[tuple[str, ...], list[tuple[str, ...]]]:
    """Keys by the types of their values: an expression may give another value for another type."""
    groups: dict[tuple[str, ...], list[tuple[str, ...]]] = {}
    for key, row in rows.items():
        types = tuple(_type(value) for value in row)
        if "" not in types and set(types) - {NULL}:
            groups.setdefault(types, []).append(key)
    return groups


def _type(value: object) -> str:
    """The type that DuckDB gives a parameter; '' for one that is better left to it."""
    match value:
        case None:
            return NULL
        case bool():
            return "BOOLEAN"
        case int():
            return "INTEGER" if -(2**31) <= value < 2**31 else "BIGINT" if -(2**63) <= value < 2**63 else ""
        case Decimal():
            return _decimal(value)
        case datetime():
            return "" if value.tzinfo else "TIMESTAMP"
        case date():
            return "DATE"
        case str():
            return "VARCHAR"
    return ""


def _decimal(value: Decimal) -> str:
    sign_digits_exponent = value.as_tuple()
    exponent = sign_digits_exponent.exponent
    if not isinstance(exponent, int) or exponent > 0:
        return ""
    scale = -exponent
    width = max(len(sign_digits_exponent.digits), scale + 1)
    return f"DECIMAL({width},{scale})" if width <= 38 else ""


def _together(
    expression: Expression, types: tuple[str, ...], rows: list[list[object]]
) -> list[ReadOnly[str, object] | None]:
    """`{v: value}` of each row, None where the expression fails."""
    columns = [f"unnest(range(?)) AS {ROW}"]
    parameters: list[object] = [len(rows)]
    for place, (name, kind) in enumerate(zip(expression.columns, types, strict=True)):
        if kind == NULL:
            columns.append(f"NULL AS {identifier(name)}")
            continue
        columns.append(f"CAST(unnest(CAST(? AS VARCHAR[])) AS {kind}) AS {identifier(name)}")
        parameters.append([_text(row[place]) for row in rows])
    value = f"TRY({{'v': {_rendered(expression)}}})"
    query = f"SELECT {value} FROM (SELECT {', '.join(columns)}) ORDER BY {ROW}"
    try:
        found = _connection().execute(query, parameters).fetchall()
    except duckdb.Error:  # no function takes these types: each record is told so when it is asked for
        return [None] * len(rows)
    return [row[0] for row in found]


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _rendered(expression: Expression) -> str:
    # sqlglot takes a moment to load, and most mappings have no expression.
    from workbench.expressions.render import render

    return render(expression.text, identifier)


def _connection() -> duckdb.DuckDBPyConnection:
    found: duckdb.DuckDBPyConnection | None = getattr(_local, "connection", None)
    if found is None:
        # Nothing is read from anywhere: the values are parameters.  The optimizer's step is left out for the
        # reason that `sql.failures_kept_apart` gives.
        found = duckdb.connect(config={"threads": 1, "enable_external_access": "false"})
        found.execute("SET disabled_optimizers = 'common_subexpressions'")
        _local.connection = found
    return found
