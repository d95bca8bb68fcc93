"""Bring the tables of an older store up to this version; every row stays.

A step only adds columns that may be empty: nothing is rewritten, and nothing can be lost on the way.
"""

from __future__ import annotations

from sqlalchemy import Column, Connection, Table
from sqlalchemy.schema import CreateColumn

from qbwc.store.tables import companies, requests, users

# Version -> the columns that it added.
ADDED: dict[int, tuple[tuple[Table, tuple[str, ...]], ...]] = {
    2: ((companies, ("postponed_until", "every_seconds")), (users, ("last_peer",))),
    3: ((requests, ("seal", "told_seal")),),
}


def migrate(connection: Connection, found: int, wanted: int) -> None:
    """Add what came after version `found`, in the transaction of the caller."""
    for version in range(found + 1, wanted + 1):
        for table, names in ADDED[version]:
            for name in names:
                _add(connection, table, table.c[name])


def _add(connection: Connection, table: Table, column: Column[object]) -> None:
    described = CreateColumn(column).compile(dialect=connection.dialect)
    connection.exec_driver_sql(f"ALTER TABLE {table.name} ADD COLUMN {described}")
