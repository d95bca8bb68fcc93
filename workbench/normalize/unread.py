"""The records that an expression of a mapping fails on: `work.unread`."""

from __future__ import annotations

import duckdb

from workbench.model import FieldMap
from workbench.normalize import sql
from workbench.normalize.sources import Sources
from workbench.normalize.sql import identifier, literal

COLUMNS = {
    "mapping": "VARCHAR",
    "side": "VARCHAR",
    "id": "VARCHAR",
    "label": "VARCHAR",
    "field": "VARCHAR",
    "line": "INTEGER",
    "expression": "VARCHAR",
    "value": "VARCHAR",
    "reason": "VARCHAR",
}
NO_VALUE = "the value is none of the field's type"


def unread(connection: duckdb.DuckDBPyConnection) -> list[dict[str, object]]:
    """The records that an expression fails on, of all mappings prepared on this connection; `COLUMNS`."""
    known = "SELECT 1 FROM information_schema.tables WHERE table_schema = 'work' AND table_name = 'unread'"
    if connection.execute(known).fetchone() is None:
        return []
    rows = connection.execute(f"SELECT {', '.join(COLUMNS)} FROM {sql.unread()} ORDER BY ALL").fetchall()
    return [dict(zip(COLUMNS, row, strict=True)) for row in rows]


def list_unread(connection: duckdb.DuckDBPyConnection, sources: Sources) -> None:
    """List the records of one side of a mapping that an expression fails on, in the place of older ones."""
    declared = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
    connection.execute(f"CREATE TABLE IF NOT EXISTS {sql.unread()} ({declared})")
    side = sources.spec.side
    connection.execute(
        f"DELETE FROM {sql.unread()} WHERE mapping = ? AND side = ?", [sources.mapping.name, side]
    )
    for field in sources.read:
        connection.execute(_list(sources, field))
        if _first(connection, sources, field):
            _give_reason(connection, sources, field)


def _list(sources: Sources, field: FieldMap) -> str:
    mapping, side, expression = sources.mapping, sources.spec.side, field.read(sources.spec.side)
    assert expression is not None
    shown = ", ".join(
        f"{literal(f'{name} = ')} || coalesce(r.{identifier(f'raw:{name}')}, '(empty)')"
        for name in expression.columns
    )
    told = [mapping.name, str(side)]
    return f"""
INSERT INTO {sql.unread()}
SELECT {", ".join(map(literal, told))}, c.id, c.label, {literal(field.name)}, {expression.line},
       {literal(expression.text)}, concat_ws('; ', {shown or "''"}), ''
FROM {sql.canonical(mapping, side)} AS c JOIN {sql.raw(mapping, side)} AS r ON r.id = c.id
WHERE c.{identifier(f"u:{field.name}")}
ORDER BY c.label, c.id
"""


def _first(connection: duckdb.DuckDBPyConnection, sources: Sources, field: FieldMap) -> str | None:
    row = connection.execute(
        f"SELECT id FROM {sql.unread()} WHERE mapping = ? AND side = ? AND field = ? LIMIT 1",
        [sources.mapping.name, sources.spec.side, field.name],
    ).fetchone()
    return None if row is None else str(row[0])


def _give_reason(connection: duckdb.DuckDBPyConnection, sources: Sources, field: FieldMap) -> None:
    """DuckDB's own words on the first of them, for all: one query more, and only when there is trouble."""
    reason = NO_VALUE
    try:
        connection.execute(sources.evaluated(field), [_first(connection, sources, field)]).fetchall()
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
    connection.execute(
        f"UPDATE {sql.unread()} SET reason = ? WHERE mapping = ? AND side = ? AND field = ?",
        [reason, sources.mapping.name, sources.spec.side, field.name],
    )
