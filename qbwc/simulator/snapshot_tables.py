"""Read the tables of pulled snapshots: a full DuckDB file, then files of what changed since.

A snapshot has a table for each kind of record (`"Customer"`, `"Invoice"`, lines in `"InvoiceLine"`).
`_tables` tells how rows are told apart (name, key, lines_of), `_deleted` what is gone.  A record of a later
file replaces the one of the same key, its lines with it; a table without a key is replaced whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from qbwc.descriptor import CONCRETE, UNIONS
from qbwc.errors import QbwcError

Row = dict[str, Any]
_Kept = dict[Any, list[Row]]


def read_tables(files: Sequence[Path]) -> dict[str, list[Row]]:
    """Table -> its rows; `QbwcError` where a file is no snapshot, or DuckDB is not installed."""
    try:
        import duckdb
    except ImportError:
        raise QbwcError("reading a snapshot needs DuckDB", fix="pip install duckdb") from None
    tables: dict[str, _Kept] = {}
    for file in files:
        if not file.is_file():
            raise QbwcError(f"there is no snapshot {file}", fix="Name the .duckdb file of a QuickBooks pull.")
        try:
            with duckdb.connect(str(file), read_only=True) as connection:
                _apply(tables, connection)
        except duckdb.Error as error:
            raise QbwcError(f"{file} is no snapshot: {error}") from None
    return {name: [row for rows in kept.values() for row in rows] for name, kept in tables.items()}


def _apply(tables: dict[str, _Kept], connection: Any) -> None:
    """Take in one file."""
    names = [str(name) for (name,) in connection.execute("select table_name from duckdb_tables()").fetchall()]
    about = {str(name): (key, of) for name, key, of in _rows_of(connection, names, "_tables")}
    for name in names:
        if not name.startswith("_"):
            about.setdefault(name, (_key(name), None))
    mine = {name: _grouped(connection, name, about[name][0]) for name in about if name in names}
    for name, (key, of) in about.items():
        before = tables.setdefault(name, {})
        if key is None and name in names:
            before.clear()
        for document in mine.get(of or "", {}):
            before.pop(document, None)
        before.update(mine.get(name, {}))
    for table, key, *_ in _rows_of(connection, names, "_deleted"):
        if key not in mine.get(table, {}):
            for name in (table, *(line for line, (_, of) in about.items() if of == table)):
                tables.get(name, {}).pop(key, None)


def _rows_of(connection: Any, names: Sequence[str], table: str) -> list[Any]:
    return list(connection.execute(f'select * from "{table}"').fetchall()) if table in names else []


def _grouped(connection: Any, table: str, key: str | None) -> _Kept:
    found = connection.execute(f'select * from "{table}"')
    columns = [str(column[0]) for column in found.description]
    made: _Kept = {}
    for number, values in enumerate(found.fetchall()):
        row = dict(zip(columns, values, strict=True))
        made.setdefault(row.get(key, number) if key else number, []).append(row)
    return made


def _key(table: str) -> str | None:
    """The key of a table that its file says nothing about; lines are grouped by that of their document."""
    for name, entity in CONCRETE.items():
        if name == table or (entity.lines and entity.lines.name == table):
            return entity.key
    return "ListID" if table in UNIONS else None
