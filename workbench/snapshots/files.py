"""Write tables into new DuckDB files, published by an atomic rename.

A file is written by one process, once, beside its final place; a reader sees all of it or nothing.
Values are never bent: one that its column cannot hold is an error, not a rounded number.
"""

from __future__ import annotations

import errno
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from workbench.errors import WorkbenchError

STORAGE_VERSION = "v1.5.0"
"""DuckDB 1.5 and 2.0 both read files of this version."""

SMALL_BLOCKS = 16_384
"""Bytes of a block in a file that holds few rows; each column of each table takes one at least."""

BATCH = 5_000
"""Rows held in memory at a time."""

_DECIMAL = re.compile(r"DECIMAL\((\d+),\s*(\d+)\)")


class UnfitValue(WorkbenchError):
    """A value that its column cannot hold; reading it again gives the same."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class TextTable:
    """A table to be written from texts, as they came over the wire.

    Attributes:
        batches: For each batch the texts of a column, by its name, all of one length.  A TIMESTAMP column
            that is not among them is read from the first 19 characters of `<name>_Text`; any other column
            that is not there stays empty.
    """

    name: str
    columns: Sequence[Column]
    batches: Iterable[Mapping[str, Sequence[str | None]]]


def write_file(path: Path, tables: Iterable[TableData | TextTable]) -> dict[str, int]:
    """Write the tables to a new DuckDB file and answer the rows of each.

    Raises:
        WorkbenchError: The disk is full or not writable, and nothing stands at `path` then; or a
            file stands there already.
    """
    with draft(path) as unfinished:
        with duckdb.connect() as connection:
            attach_new(connection, unfinished, "target")
            counts = {table.name: write_table(connection, "target", table) for table in tables}
            close_new(connection, "target")
        unfinished.replace(path)
    return counts


@contextmanager
def draft(path: Path) -> Iterator[Path]:
    """Answer the path of an unfinished file beside `path`, which the block may rename to it.

    Whatever is left of it afterwards is taken away.

    Raises:
        WorkbenchError: The disk is full or not writable, or a file stands at `path` already.
    """
    if path.exists():
        raise WorkbenchError("a snapshot is there already, and snapshots never change", where=str(path))
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished.unlink(missing_ok=True)
        yield unfinished
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


def attach_new(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    database: str,
    *,
    small: bool = False,
    group: int | None = None,
) -> None:
    """Attach a file that is to be written.

    Args:
        group: Rows that one thread writes and reads at once, instead of DuckDB's 122,880.
    """
    blocks = f", BLOCK_SIZE {SMALL_BLOCKS}" if small else ""
    blocks += f", ROW_GROUP_SIZE {group}" if group else ""
    connection.execute(
        f"ATTACH '{literal(path)}' AS {database} (STORAGE_VERSION '{STORAGE_VERSION}'{blocks})"
    )


def close_new(connection: duckdb.DuckDBPyConnection, database: str) -> None:
    """Write all of it to its file and let go."""
    connection.execute(f"CHECKPOINT {database}")
    connection.execute(f"DETACH {database}")


def write_table(connection: duckdb.DuckDBPyConnection, database: str, table: TableData | TextTable) -> int:
    """Write a table into an attached database, which may hold some of its rows, and answer how many.

    Raises:
        UnfitValue: A value does not fit its column.
    """
    target = f'{database}."{table.name}"'
    columns = ", ".join(f'"{column.name}" {column.type}' for column in table.columns)
    connection.execute(f"CREATE TABLE IF NOT EXISTS {target} ({columns})")
    if isinstance(table, TextTable):
        return sum(_insert_texts(connection, target, table, batch) for batch in table.batches)
    schema = pa.schema([(column.name, arrow_type(column.type)) for column in table.columns])
    rows, count = iter(table.rows), 0
    while batch := list(islice(rows, BATCH)):
        connection.register("batch", _arrow(batch, schema, table.name))
        connection.execute(f"INSERT INTO {target} SELECT * FROM batch")
        connection.unregister("batch")
        count += len(batch)
    return count


def arrow_type(type_: str) -> pa.DataType:
    """Answer the Arrow type of a DuckDB type name."""
    if match := _DECIMAL.fullmatch(type_):
        return pa.decimal128(int(match[1]), int(match[2]))
    return _ARROW[type_]


def literal(path: Path) -> str:
    """A path within the quotes of an SQL text."""
    return str(path).replace("'", "''")


_ARROW: Mapping[str, pa.DataType] = {
    "VARCHAR": pa.string(),
    "BOOLEAN": pa.bool_(),
    "DATE": pa.date32(),
    "TIMESTAMP": pa.timestamp("us"),
    "INTEGER": pa.int32(),
    "BIGINT": pa.int64(),
}


def _arrow(rows: Sequence[Mapping[str, Any]], schema: pa.Schema, table: str) -> pa.Table:
    arrays = []
    for field in schema:
        values = [row.get(field.name) for row in rows]
        try:
            arrays.append(pa.array(values, type=field.type))
        except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError) as error:
            raise _unfit(f"{table}.{field.name} ({field.type})", error) from error
    return pa.Table.from_arrays(arrays, schema=schema)


def _insert_texts(
    connection: duckdb.DuckDBPyConnection,
    target: str,
    table: TextTable,
    batch: Mapping[str, Sequence[str | None]],
) -> int:
    known = {name: pa.array(texts, type=pa.string()) for name, texts in batch.items()}
    length = len(next(iter(known.values()))) if known else 0
    if not length:
        return 0
    connection.register("batch", pa.table(known))
    try:
        _need_exact(connection, table, known)
        chosen = ", ".join(_cast(column, known) for column in table.columns)
        connection.execute(f"INSERT INTO {target} SELECT {chosen} FROM batch")
    except duckdb.ConversionException as error:
        raise _unfit(table.name, error) from error
    finally:
        connection.unregister("batch")
    return length


def _cast(column: Column, known: Mapping[str, object]) -> str:
    if column.name in known:
        return f'CAST("{column.name}" AS {column.type})'
    if column.type == "TIMESTAMP" and f"{column.name}_Text" in known:
        return f'CAST(left("{column.name}_Text", 19) AS TIMESTAMP)'
    return f"CAST(NULL AS {column.type})"


def _need_exact(connection: duckdb.DuckDBPyConnection, table: TextTable, known: Mapping[str, object]) -> None:
    """DuckDB's cast rounds a number to fit its column; what would be bent is looked for first."""
    numbers = [
        column
        for column in table.columns
        if column.name in known and (_DECIMAL.fullmatch(column.type) or column.type in ("INTEGER", "BIGINT"))
    ]
    bent = [
        f'max("{column.name}") FILTER '
        f'(CAST("{column.name}" AS {column.type}) <> CAST("{column.name}" AS DECIMAL(38,12)))'
        for column in numbers
    ]
    if not bent:
        return
    (found,) = connection.execute(f"SELECT {', '.join(bent)} FROM batch").fetchall()
    for column, text in zip(numbers, found, strict=True):
        if text is not None:
            raise _unfit(f"{table.name}.{column.name} ({column.type})", f"{text!r} would be rounded")


def _unfit(where: str, error: object) -> UnfitValue:
    return UnfitValue(
        f"a value does not fit its column: {error}",
        where=where,
        fix="The source sent a value that its own description does not allow; please report it.",
    )


def _next_step(error: BaseException) -> str:
    full = getattr(error, "errno", None) == errno.ENOSPC or "No space left" in str(error)
    if full:
        return "Free some disk space and pull again: the snapshots that were there are untouched."
    return "Check that the profile's data/snapshots folder can be written."
