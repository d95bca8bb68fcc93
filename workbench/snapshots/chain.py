"""A snapshot as a full file and the changes since, composed by views.

    full file     every table with all its rows
    delta file    of each table the rows that are new or changed, and the keys that are gone

Every file also holds `_tables` (name, key, lines_of: how its rows are told apart) and `_deleted` (which
records are gone, how that is known, and when they were deleted as far as the source tells).  The newest file
that says anything about a key decides.  Lines are replaced by the key of their document: a document that
stands in a delta has exactly the lines that stand there with it.  A table without a key is replaced whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

TABLES, DELETED = "_tables", "_deleted"
DELETED_COLUMNS = '"table" VARCHAR, "key" VARCHAR, evidence VARCHAR, deleted_at TIMESTAMP'


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """A table of records with the tables of their lines.

    Attributes:
        name: Table of the records.
        key: Their key, which the lines carry too; None for a table that is replaced whole.
        lines: Tables of their lines.
    """

    name: str
    key: str | None
    lines: tuple[str, ...] = ()

    @property
    def tables(self) -> tuple[str, ...]:
        """The table of the records, then those of the lines."""
        return (self.name, *self.lines)


def columns_of(connection: duckdb.DuckDBPyConnection, database: str, table: str) -> list[str]:
    """Names of the columns of a table, in order."""
    # A look into the catalogue of all attached files takes twenty times as long.
    found = connection.execute(f'SELECT * FROM {database}."{table}" LIMIT 0').description
    return [column[0] for column in found or ()]


def tables_of(connection: duckdb.DuckDBPyConnection, database: str) -> list[str]:
    """Names of the tables of an attached file, in order, those about the file itself too."""
    rows = connection.execute(
        "SELECT table_name FROM duckdb_tables() WHERE database_name = ? ORDER BY table_oid", [database]
    )
    return [row[0] for row in rows.fetchall()]


def compose(connection: duckdb.DuckDBPyConnection, schema: str, databases: Sequence[str]) -> None:
    """Make a schema of views on the files of a chain, the full one first, as attached databases."""
    connection.execute(f"CREATE SCHEMA {schema}")
    full, deltas = databases[0], databases[1:]
    present = {database: set(tables_of(connection, database)) for database in databases}
    told = [table for table in tables_of(connection, full) if table not in (TABLES, DELETED)]
    families = families_of(connection, full) if deltas or DELETED in present[full] else []
    moved = [family for family in families if _moved(connection, family, deltas, present)]
    owner = {table: family for family in moved for table in family.tables}
    if deltas:
        connection.execute(f"CREATE SCHEMA {schema}_chain")
    for family in moved:
        if family.key is not None:
            _touched(connection, schema, family, deltas, present)
    for table in told:
        query = _composed(connection, schema, table, owner.get(table), databases, present)
        connection.execute(f'CREATE VIEW {schema}."{table}" AS {query}')
    if families:
        connection.execute(f"CREATE VIEW {schema}.{DELETED} AS {_deleted(schema, families, databases)}")


def changed_keys(
    connection: duckdb.DuckDBPyConnection, family: Family, databases: Sequence[str]
) -> list[str]:
    """Queries for the keys (text) of a family that delta files say something about; none when they don't."""
    parts = []
    for database in databases:
        if family.name in tables_of(connection, database):
            parts.append(f'SELECT CAST("{family.key}" AS VARCHAR) AS id FROM {database}."{family.name}"')
        gone = f"FROM {database}.{DELETED} WHERE \"table\" = '{family.name}'"
        if connection.execute(f"SELECT 1 {gone} LIMIT 1").fetchone() is not None:
            parts.append(f'SELECT "key" AS id {gone}')
    return parts


def write_about(connection: duckdb.DuckDBPyConnection, database: str, families: Sequence[Family]) -> None:
    """Write into a file how the rows of its chain are told apart."""
    connection.execute(f"CREATE TABLE {database}.{TABLES} (name VARCHAR, key VARCHAR, lines_of VARCHAR)")
    rows = [
        [table, family.key, None if table == family.name else family.name]
        for family in families
        for table in family.tables
    ]
    if rows:
        connection.executemany(f"INSERT INTO {database}.{TABLES} VALUES (?, ?, ?)", rows)


def families_of(connection: duckdb.DuckDBPyConnection, database: str) -> list[Family]:
    """The families of an attached file; none when it is of a version that did not say."""
    if TABLES not in tables_of(connection, database):
        return []
    rows = connection.execute(f"SELECT name, key, lines_of FROM {database}.{TABLES}").fetchall()
    return [
        Family(name=name, key=key, lines=tuple(line for line, _, of in rows if of == name))
        for name, key, lines_of in rows
        if lines_of is None
    ]


def _moved(
    connection: duckdb.DuckDBPyConnection,
    family: Family,
    deltas: Sequence[str],
    present: dict[str, set[str]],
) -> bool:
    """Whether any delta says anything about a family; most say nothing about most."""
    return any(
        family.name in present[database]
        or connection.execute(
            f'FROM {database}.{DELETED} WHERE "table" = ? LIMIT 1', [family.name]
        ).fetchall()
        for database in deltas
    )


def _touched(
    connection: duckdb.DuckDBPyConnection,
    schema: str,
    family: Family,
    deltas: Sequence[str],
    present: dict[str, set[str]],
) -> None:
    """The keys that any delta says something about, each with the number of the newest such delta."""
    parts = []
    for number, database in enumerate(deltas, start=1):
        says = f"{number} AS newest FROM {database}"
        if family.name in present[database]:
            parts.append(f'SELECT "{family.key}" AS key, {says}."{family.name}"')
        parts.append(f'SELECT "key" AS key, {says}.{DELETED} WHERE "table" = \'{family.name}\'')
    connection.execute(
        f'CREATE TABLE {schema}_chain."{family.name}" AS '
        f"SELECT key, max(newest) AS newest FROM ({' UNION ALL '.join(parts)}) GROUP BY key"
    )


def _composed(
    connection: duckdb.DuckDBPyConnection,
    schema: str,
    table: str,
    family: Family | None,
    databases: Sequence[str],
    present: dict[str, set[str]],
) -> str:
    full = databases[0]
    if family is None or len(databases) == 1:
        return f'SELECT * FROM {full}."{table}"'
    holding = [
        (number, database)
        for number, database in enumerate(databases)
        if number and table in present[database]
    ]
    if family.key is None:
        return f'SELECT * FROM {holding[-1][1] if holding else full}."{table}"'
    names = ", ".join(f'r."{name}"' for name in columns_of(connection, full, table))
    touched = f'{schema}_chain."{family.name}" AS t'
    same = f't.key = r."{family.key}"'
    parts = [f'SELECT {names} FROM {full}."{table}" AS r ANTI JOIN {touched} ON {same}']
    parts += [
        f'SELECT {names} FROM {database}."{table}" AS r JOIN {touched} ON {same} AND t.newest = {number}'
        for number, database in holding
    ]
    return " UNION ALL ".join(parts)


def _deleted(schema: str, families: Sequence[Family], databases: Sequence[str]) -> str:
    """What is known to be gone, and is not there again; the newest word on each key."""
    told = " UNION ALL ".join(
        f'SELECT "table", "key", evidence, deleted_at, {number} AS number FROM {database}.{DELETED}'
        for number, database in enumerate(databases)
    )
    back = [
        f'("table" = \'{family.name}\' AND "key" IN (SELECT "{family.key}" FROM {schema}."{family.name}"))'
        for family in families
        if family.key is not None
    ]
    return (
        f'SELECT "table", "key", evidence, deleted_at FROM ({told}) '
        f"WHERE NOT ({' OR '.join(back) or 'false'}) "
        'QUALIFY row_number() OVER (PARTITION BY "table", "key" ORDER BY number DESC) = 1'
    )
