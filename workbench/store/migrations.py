"""Bring the tables of an older store up to date; rows are kept as they are.

A new table needs nothing here: `create_all` makes what is missing.  A new column is named below, under the
version that brought it.  What a column would have held of what is there already stands in `FILLED`.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Column, Connection, Update, inspect, update
from sqlalchemy.schema import CreateColumn

from workbench.store import schema

ADDED: Mapping[int, tuple[Column[object], ...]] = {
    2: (
        schema.leases.c.trouble,
        schema.pulls.c.next,
        schema.snapshots.c.kind,
        schema.snapshots.c.previous,
        schema.snapshots.c.reading,
        schema.snapshots.c.pruned_at,
    ),
    3: (
        schema.approvals.c.limits,
        schema.approvals.c.key,
        schema.approvals.c.signature,
        schema.decisions.c.value,
        schema.outcomes.c.accepted,
    ),
    4: (schema.outcomes.c.compared_at,),
}
"""Columns by the version of the schema that brought them."""


FILLED: Mapping[int, tuple[Update, ...]] = {
    # What an earlier version pushed was compared then, and the base has moved on since.
    4: (update(schema.outcomes).values(compared_at=schema.outcomes.c.settled_at),),
}
"""Values of new columns in the rows of before."""


def migrate(connection: Connection, found: int) -> None:
    """Take a store from version `found` to today's, within the caller's transaction."""
    for version in range(found + 1, schema.VERSION + 1):
        for column in ADDED.get(version, ()):
            _add(connection, column)
        for statement in FILLED.get(version, ()):
            connection.execute(statement)
    newest = update(schema.meta).where(schema.meta.c.name == "schema").values(value=str(schema.VERSION))
    connection.execute(newest)


def _add(connection: Connection, column: Column[object]) -> None:
    table = column.table.name
    if column.name in {known["name"] for known in inspect(connection).get_columns(table)}:
        return
    declared = CreateColumn(column).compile(dialect=connection.dialect)
    connection.exec_driver_sql(f"ALTER TABLE {table} ADD COLUMN {declared}")
