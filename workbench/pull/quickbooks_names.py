"""Names that follow the record they name.

An invoice holds the full name of its customer, a job that of its parent.  Renaming a customer changes them in
QuickBooks without touching their TimeModified (unverified), so a pull of what changed does not read them
again: they are written anew here, from the records that were renamed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import duckdb

from workbench.connections import quickbooks_reading as quickbooks
from workbench.snapshots import Column, Family


def follow(
    connection: duckdb.DuckDBPyConnection, families: Sequence[Family], columns: Mapping[str, Sequence[Column]]
) -> None:
    """Put records whose names of others have changed into `stage`, with the names of today."""
    for family in families:
        if family.key is not None and _has(columns[family.name], "ParentRef_ListID", "FullName", "Name"):
            _rename_below(connection, family, columns)
    for family in families:
        for table, reference, named in _references(families, family, columns):
            _rename(connection, family, table, reference, named, columns)


def copy(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    family: Family,
    columns: Sequence[Column],
    keys: str,
) -> None:
    """Copy the rows of records from the snapshot before into `stage`; `keys` is a table with a column key."""
    names = ", ".join(f'"{column.name}"' for column in columns)
    connection.execute(
        f'INSERT INTO stage."{table}" ({names}) SELECT {names} FROM before."{table}" '
        f'WHERE "{family.key}" IN (SELECT key FROM {keys})'
    )


def _has(columns: Sequence[Column], *names: str) -> bool:
    return set(names) <= {column.name for column in columns}


def _renamed(family: Family, name: str) -> str:
    """A query for (key, name) of the staged records that are called otherwise than before."""
    return (
        f'SELECT s."{family.key}" AS key, s."{name}" AS name FROM stage."{family.name}" AS s '
        f'JOIN before."{family.name}" AS b ON b."{family.key}" = s."{family.key}" '
        f'WHERE b."{name}" IS DISTINCT FROM s."{name}"'
    )


def _rename_below(
    connection: duckdb.DuckDBPyConnection, family: Family, columns: Mapping[str, Sequence[Column]]
) -> None:
    """Full names of what lies below a renamed record, level by level."""
    while True:
        connection.execute(f"CREATE OR REPLACE TEMP TABLE called AS {_renamed(family, 'FullName')}")
        connection.execute(
            f'CREATE OR REPLACE TEMP TABLE follows AS SELECT b."{family.key}" AS key '
            f'FROM before."{family.name}" AS b JOIN called AS c ON c.key = b."ParentRef_ListID" '
            f'WHERE b."{family.key}" NOT IN (SELECT "{family.key}" FROM stage."{family.name}")'
        )
        if not connection.execute("FROM follows LIMIT 1").fetchall():
            return
        for table in family.tables:
            copy(connection, table, family, columns[table], "temp.follows")
        connection.execute(
            f'UPDATE stage."{family.name}" AS t '
            'SET "FullName" = c.name || \':\' || t."Name" FROM called AS c '
            f'WHERE c.key = t."ParentRef_ListID" AND t."{family.key}" IN (SELECT key FROM follows)'
        )


def _references(
    families: Sequence[Family], family: Family, columns: Mapping[str, Sequence[Column]]
) -> Iterator[tuple[str, str, Family]]:
    """(table, reference such as 'CustomerRef', whom it names) of a family's references."""
    by_name = {each.name: each for each in families if each.key == "ListID"}
    if family.key is None:
        return
    for table in family.tables:
        fields = quickbooks.describe(table)["fields"]
        for described in fields:
            reference = str(described["name"]).removesuffix("_ListID")
            if _has(columns[table], f"{reference}_ListID", f"{reference}_FullName"):
                for name in described["referenceTo"]:
                    if name in by_name:
                        yield table, reference, by_name[name]


def _rename(
    connection: duckdb.DuckDBPyConnection,
    family: Family,
    table: str,
    reference: str,
    named: Family,
    columns: Mapping[str, Sequence[Column]],
) -> None:
    name = "FullName" if _has(columns[named.name], "FullName") else "Name"
    connection.execute(f"CREATE OR REPLACE TEMP TABLE called AS {_renamed(named, name)}")
    if not connection.execute("FROM called LIMIT 1").fetchall():
        return
    connection.execute(
        f'CREATE OR REPLACE TEMP TABLE follows AS SELECT DISTINCT b."{family.key}" AS key '
        f'FROM before."{table}" AS b JOIN called AS c ON c.key = b."{reference}_ListID" '
        f'WHERE b."{family.key}" NOT IN (SELECT "{family.key}" FROM stage."{family.name}")'
    )
    for each in family.tables:
        copy(connection, each, family, columns[each], "temp.follows")
    connection.execute(
        f'UPDATE stage."{table}" AS t SET "{reference}_FullName" = c.name FROM called AS c '
        f'WHERE c.key = t."{reference}_ListID"'
    )
