"""The records that an expression or a condition of a mapping fails on: `work.unread`."""

from __future__ import annotations

import duckdb

from workbench.mapping.conditions import filters, gates
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
    _forget(connection, sources)
    for field in sources.read:
        connection.execute(_list(sources, field))
        if _first(connection, sources, field):
            _give_reason(connection, sources, field)


def show_unread(connection: duckdb.DuckDBPyConnection, sources: Sources, table: str) -> None:
    """Take the list of such records from another table, which was listed before."""
    _forget(connection, sources)
    connection.execute(f"INSERT INTO {sql.unread()} SELECT * FROM {table}")


def _forget(connection: duckdb.DuckDBPyConnection, sources: Sources) -> None:
    declared = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
    connection.execute(f"CREATE TABLE IF NOT EXISTS {sql.unread()} ({declared})")
    connection.execute(
        f"DELETE FROM {sql.unread()} WHERE mapping = ? AND side = ?",
        [sources.mapping.name, sources.spec.side],
    )


def list_failing(connection: duckdb.DuckDBPyConnection, sources: Sources) -> None:
    """List the records that a condition of this side fails on, behind those that an expression fails on."""
    from workbench.expressions.conditions import read_condition

    mapping, side = sources.mapping, sources.spec.side
    found = [*filters(mapping, side), *([] if mapping.parent else gates(mapping))]
    for place in (each for each in found if each.side is side):
        read = read_condition(place.text, side if place.related else None)
        if read.tables:
            continue  # it runs as it is, see `sql.tried`
        rows = connection.execute(f"{sources.failing(place, read.columns)} ORDER BY label, id").fetchall()
        if rows:
            reason = _reason(connection, sources.told(place), str(rows[0][0]))
            told = (mapping.name, str(side)), (place.what, place.line, place.text)
            connection.executemany(
                f"INSERT INTO {sql.unread()} VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [[*told[0], row[0], row[1], *told[1], row[2], reason] for row in rows],
            )


def _reason(connection: duckdb.DuckDBPyConnection, query: str, record: str) -> str:
    """DuckDB's own words on one of them, for all: one query more, and only when there is trouble."""
    try:
        connection.execute(query, [record]).fetchall()
    except duckdb.Error as error:
        return str(error).splitlines()[0]
    return NO_VALUE


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
    reason = _reason(connection, sources.evaluated(field), str(_first(connection, sources, field)))
    connection.execute(
        f"UPDATE {sql.unread()} SET reason = ? WHERE mapping = ? AND side = ? AND field = ?",
        [reason, sources.mapping.name, sources.spec.side, field.name],
    )
