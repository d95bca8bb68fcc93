"""Write one snapshot file: typed tables, published by an atomic rename.

A file is written by one process, once, beside its final place; a reader sees all of it or nothing.
"""

from __future__ import annotations

import errno
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from workbench.errors import WorkbenchError

STORAGE_VERSION = "v1.5.0"
"""DuckDB 1.5 and 2.0 both read files of this version."""

BATCH = 5_000
"""Rows held in memory at a time."""

_DECIMAL = re.compile(r"DECIMAL\((\d+),\s*(\d+)\)")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a snapshot table: its name and DuckDB type."""

    name: str
    type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TableData:
    """A table to be written: rows are dictionaries; a name that is not a column is left out."""

    name: str
    columns: Sequence[Column]
    rows: Iterable[Mapping[str, Any]]


def write_file(path: Path, tables: Iterable[TableData]) -> dict[str, int]:
    """Write the tables to a new DuckDB file and answer the rows of each.

    Raises:
        WorkbenchError: The disk is full or not writable, and nothing stands at `path` then; or a
            file stands there already.
    """
    if path.exists():
        raise WorkbenchError("a snapshot is there already, and snapshots never change", where=str(path))
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished.unlink(missing_ok=True)
        counts = _write(unfinished, tables)
        unfinished.replace(path)
    except (OSError, duckdb.IOException) as error:
        raise WorkbenchError(
            f"the snapshot could not be written: {error}",
            where=str(path),
            fix=_next_step(error),
        ) from error
    finally:
        for leftover in (unfinished, unfinished.with_name(unfinished.name + ".wal")):
            with suppress(NotADirectoryError):  # then there is nothing to take away
                leftover.unlink(missing_ok=True)
    return counts


def arrow_type(type_: str) -> pa.DataType:
    """Answer the Arrow type of a DuckDB type name."""
    if match := _DECIMAL.fullmatch(type_):
        return pa.decimal128(int(match[1]), int(match[2]))
    return _ARROW[type_]


_ARROW: Mapping[str, pa.DataType] = {
    "VARCHAR": pa.string(),
    "BOOLEAN": pa.bool_(),
    "DATE": pa.date32(),
    "TIMESTAMP": pa.timestamp("us"),
    "INTEGER": pa.int32(),
    "BIGINT": pa.int64(),
}


def _write(path: Path, tables: Iterable[TableData]) -> dict[str, int]:
    counts = {}
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{_literal(path)}' AS target (STORAGE_VERSION '{STORAGE_VERSION}')")
        for table in tables:
            counts[table.name] = _write_table(connection, table)
        connection.execute("CHECKPOINT target")
        connection.execute("DETACH target")
    return counts


def _write_table(connection: duckdb.DuckDBPyConnection, table: TableData) -> int:
    target = f'target."{table.name}"'
    columns = ", ".join(f'"{column.name}" {column.type}' for column in table.columns)
    connection.execute(f"CREATE TABLE {target} ({columns})")
    schema = pa.schema([(column.name, arrow_type(column.type)) for column in table.columns])
    rows, count = iter(table.rows), 0
    while batch := list(islice(rows, BATCH)):
        connection.register("batch", _arrow(batch, schema, table.name))
        connection.execute(f"INSERT INTO {target} SELECT * FROM batch")
        connection.unregister("batch")
        count += len(batch)
    return count


def _arrow(rows: Sequence[Mapping[str, Any]], schema: pa.Schema, table: str) -> pa.Table:
    arrays = []
    for field in schema:
        values = [row.get(field.name) for row in rows]
        try:
            arrays.append(pa.array(values, type=field.type))
        except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError) as error:
            raise WorkbenchError(
                f"a value does not fit its column: {error}",
                where=f"{table}.{field.name} ({field.type})",
                fix="The source sent a value that its own description does not allow; please report it.",
            ) from error
    return pa.Table.from_arrays(arrays, schema=schema)


def _literal(path: Path) -> str:
    return str(path).replace("'", "''")


def _next_step(error: BaseException) -> str:
    full = getattr(error, "errno", None) == errno.ENOSPC or "No space left" in str(error)
    if full:
        return "Free some disk space and pull again: the snapshots that were there are untouched."
    return "Check that the profile's data/snapshots folder can be written."
