"""Store a pull: a full file the first time, afterwards only what changed.

What was read is staged in a database of its own, compared with the snapshot before it by key and row hash
(both taken in the same engine at the same time), and written as a delta.  By rule a full file is written
instead when the chain has grown: see `LONGEST` and `LARGEST_SHARE`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from workbench.errors import WorkbenchError
from workbench.snapshots.catalog import Snapshot
from workbench.snapshots.chain import (
    DELETED,
    DELETED_COLUMNS,
    Family,
    columns_of,
    write_about,
)
from workbench.snapshots.files import attach_new, close_new, draft
from workbench.snapshots.reader import attach, attach_files

LONGEST = 12
"""Deltas in a chain; the next pull writes a full file."""

LARGEST_SHARE = 0.5
"""Bytes of a chain's deltas, as a share of its full file; with more the next pull writes a full file."""

STAGE, BEFORE, AFTER = "stage", "before", "after"


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What was read of a family into the database `stage`.

    Attributes:
        whole: All records were read: a key that is not there any more is gone.
        evidence: How it is known then that a record is gone.
    """

    family: Family
    whole: bool = True
    evidence: str = "not in a full read"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What was written.

    Attributes:
        below: The files it is laid over, the full one first; none for a full file.
        counts: Rows of each table of the snapshot.
        changed: Rows that are new or changed, and records that are gone, by table of records; all rows of a
            first snapshot.
    """

    file: Path
    kind: str
    below: tuple[Path, ...]
    counts: Mapping[str, int]
    changed: Mapping[str, int]


Fill = Callable[[duckdb.DuckDBPyConnection], Sequence[Read]]
"""Puts what was read into `stage` (and evidence into `stage._deleted`) and says what is there.

The connection also has the snapshot before as schema `before`, if there is one.
"""

Look = Callable[[duckdb.DuckDBPyConnection, Mapping[str, int]], None]
"""Sees the finished snapshot as schema `after`, with its counts, before it is published; raises to refuse."""


def store_snapshot(
    path: Path,
    fill: Fill,
    *,
    before: Snapshot | None,
    renew: bool = False,
    look: Look = lambda *_: None,
    much: bool = True,
) -> Stored:
    """Write what `fill` reads to a new file at `path`: full without `before`, else what changed since.

    Args:
        renew: A full file is written although there is a snapshot before: its tables were others.  What is
            known of deleted records is kept.
        much: The stage may be large: it is kept in a file, not in memory.  That of a full file always is.

    Raises:
        WorkbenchError: The disk is full or not writable; nothing stands at `path` then, whatever is raised.
    """
    anew = before is None or renew
    with draft(path.with_name(f"{path.stem}-stage.duckdb")) as stage_file, draft(path) as unfinished:
        with duckdb.connect() as connection:
            if much or anew:
                attach_new(connection, stage_file, STAGE)
            else:
                connection.execute(f"ATTACH ':memory:' AS {STAGE}")
            connection.execute(f"CREATE TABLE {STAGE}.{DELETED} ({DELETED_COLUMNS})")
            if before is not None:
                attach(connection, before, BEFORE)
            reads = fill(connection)
            full = anew or (before is not None and due_for_full(before))
            if anew:
                changed = _write_anew(connection, reads)
            else:
                changed = _write_changes(connection, unfinished, reads, full=full)
        if anew:
            stage_file.replace(unfinished)
        below = before.files if before is not None and not full else ()
        with duckdb.connect() as connection:
            attach_files(connection, (*below, unfinished), AFTER)
            counts = _counts(connection, _tables(reads))
            look(connection, counts)
        unfinished.replace(path)
    return Stored(file=path, kind="full" if full else "delta", below=below, counts=counts, changed=changed)


def due_for_full(before: Snapshot) -> bool:
    """Whether the chain that ends here has grown so that the next pull writes a full file."""
    if len(before.below) >= LONGEST:
        return True
    sizes = [file.stat().st_size for file in before.files]
    return sum(sizes[1:]) > sizes[0] * LARGEST_SHARE


def _write_anew(connection: duckdb.DuckDBPyConnection, reads: Sequence[Read]) -> dict[str, int]:
    """The stage becomes the snapshot."""
    partly = [read.family.name for read in reads if not read.whole]
    if partly:
        raise WorkbenchError(
            "a full snapshot needs all records", where=", ".join(partly), fix="Pull in full."
        )
    known = set(_views(connection))
    for read in reads:
        if read.family.name in known and DELETED in known:
            _find_gone(connection, read)
    _drop_deleted(connection, reads)
    if DELETED in known:
        connection.execute(f"INSERT INTO {STAGE}.{DELETED} {_known_before()}")
    changed = {read.family.name: _count(connection, f'{STAGE}."{read.family.name}"') for read in reads}
    write_about(connection, STAGE, [read.family for read in reads])
    close_new(connection, STAGE)
    return changed


def _write_changes(
    connection: duckdb.DuckDBPyConnection, unfinished: Path, reads: Sequence[Read], *, full: bool
) -> dict[str, int]:
    connection.execute('CREATE TEMP TABLE put ("table" VARCHAR, "key" VARCHAR)')
    for read in reads:
        _find_gone(connection, read)
    _drop_deleted(connection, reads)
    for read in reads:
        _find_put(connection, read)
    attach_new(connection, unfinished, "target", small=not full)
    for read in reads:
        (_compose_full if full else _write_delta)(connection, read)
    _write_deleted(connection, reads, full)
    write_about(connection, "target", [read.family for read in reads])
    changed = {read.family.name: _changed(connection, read) for read in reads}
    close_new(connection, "target")
    return changed


def _views(connection: duckdb.DuckDBPyConnection) -> list[str]:
    rows = connection.execute("SELECT view_name FROM duckdb_views() WHERE schema_name = ?", [BEFORE])
    return [row[0] for row in rows.fetchall()]


def _find_gone(connection: duckdb.DuckDBPyConnection, read: Read) -> None:
    """Keys of the snapshot before that are not there any more, unless it is known already how they went."""
    family = read.family
    if family.key is None or not read.whole:
        return
    connection.execute(
        f"INSERT INTO {STAGE}.{DELETED} "
        f'SELECT \'{family.name}\', b."{family.key}", ?, NULL FROM {BEFORE}."{family.name}" AS b '
        f'WHERE b."{family.key}" NOT IN (SELECT "{family.key}" FROM {STAGE}."{family.name}") '
        f'AND b."{family.key}" NOT IN '
        f'(SELECT "key" FROM {STAGE}.{DELETED} WHERE "table" = \'{family.name}\')',
        [read.evidence],
    )


def _drop_deleted(connection: duckdb.DuckDBPyConnection, reads: Iterable[Read]) -> None:
    """What was read and then deleted, with its lines."""
    for read in reads:
        for table in read.family.tables if read.family.key is not None else ():
            connection.execute(
                f'DELETE FROM {STAGE}."{table}" WHERE "{read.family.key}" IN '
                f'(SELECT "key" FROM {STAGE}.{DELETED} WHERE "table" = \'{read.family.name}\')'
            )


def _find_put(connection: duckdb.DuckDBPyConnection, read: Read) -> None:
    """Keys of records that are new or differ, in themselves or in their lines."""
    family = read.family
    if family.key is None:
        _find_replaced(connection, family)
        return
    if not connection.execute(f'SELECT 1 FROM {STAGE}."{family.name}" LIMIT 1').fetchall():
        return
    new = [_by_key(connection, STAGE, family, table) for table in family.tables]
    old = [_by_key(connection, BEFORE, family, table) for table in family.tables]
    parts = [
        f"SELECT s.key FROM ({mine}) AS s LEFT JOIN ({theirs}) AS b ON b.key = s.key "
        "WHERE b.h IS DISTINCT FROM s.h"
        for mine, theirs in zip(new[:1], old[:1], strict=True)
    ]
    parts += [
        f"SELECT coalesce(s.key, b.key) FROM ({mine}) AS s FULL JOIN "
        f'(SELECT * FROM ({theirs}) WHERE key IN (SELECT "{family.key}" FROM {STAGE}."{family.name}")) AS b '
        "ON b.key = s.key WHERE b.h IS DISTINCT FROM s.h"
        for mine, theirs in zip(new[1:], old[1:], strict=True)
    ]
    connection.execute(f"INSERT INTO temp.put SELECT '{family.name}', key FROM ({' UNION '.join(parts)})")


def _by_key(connection: duckdb.DuckDBPyConnection, place: str, family: Family, table: str) -> str:
    """A query for the hash of the row, or of all lines, of each key."""
    columns = ", ".join(f'"{name}"' for name in columns_of(connection, STAGE, table))
    if table == family.name:
        return f'SELECT "{family.key}" AS key, hash({columns}) AS h FROM {place}."{table}"'
    return (
        f'SELECT "{family.key}" AS key, sum(CAST(hash({columns}) AS HUGEINT)) AS h '
        f'FROM {place}."{table}" GROUP BY "{family.key}"'
    )


def _find_replaced(connection: duckdb.DuckDBPyConnection, family: Family) -> None:
    """A table without a key is replaced whole when any row differs."""
    for table in family.tables:
        columns = ", ".join(f'"{name}"' for name in columns_of(connection, STAGE, table))
        sums = [
            f'(SELECT (count(*), sum(CAST(hash({columns}) AS HUGEINT))) FROM {place}."{table}")'
            for place in (STAGE, BEFORE)
        ]
        connection.execute(
            f"INSERT INTO temp.put SELECT '{table}', NULL WHERE {sums[0]} IS DISTINCT FROM {sums[1]}"
        )


def _write_delta(connection: duckdb.DuckDBPyConnection, read: Read) -> None:
    family = read.family
    mine = f'SELECT "key" FROM temp.put WHERE "table" = \'{family.name}\''
    if not connection.execute(f"{mine} LIMIT 1").fetchall():
        return
    for table in family.tables:
        where = "" if family.key is None else f' WHERE "{family.key}" IN ({mine})'
        connection.execute(f'CREATE TABLE target."{table}" AS SELECT * FROM {STAGE}."{table}"{where}')


def _compose_full(connection: duckdb.DuckDBPyConnection, read: Read) -> None:
    family = read.family
    for table in family.tables:
        query = f'SELECT * FROM {STAGE}."{table}"'
        if family.key is not None and not read.whole:
            columns = ", ".join(f'"{name}"' for name in columns_of(connection, STAGE, table))
            query = (
                f'SELECT {columns} FROM {BEFORE}."{table}" '
                f'WHERE "{family.key}" NOT IN (SELECT "{family.key}" FROM {STAGE}."{family.name}") '
                f'AND "{family.key}" NOT IN '
                f'(SELECT "key" FROM {STAGE}.{DELETED} WHERE "table" = \'{family.name}\') UNION ALL {query}'
            )
        connection.execute(f'CREATE TABLE target."{table}" AS {query}')


def _write_deleted(connection: duckdb.DuckDBPyConnection, reads: Sequence[Read], full: bool) -> None:
    """The evidence; a delta tells of records that were in the snapshot before, a full file keeps it all."""
    connection.execute(f"CREATE TABLE target.{DELETED} ({DELETED_COLUMNS})")
    for read in reads:
        if read.family.key is not None:
            where = "" if full else f" AND {_was_there(read.family)}"
            connection.execute(
                f'INSERT INTO target.{DELETED} SELECT DISTINCT ON ("key") * FROM {STAGE}.{DELETED} '
                f'WHERE "table" = \'{read.family.name}\'{where} ORDER BY "key", deleted_at DESC NULLS LAST'
            )
    if full:
        connection.execute(f"INSERT INTO target.{DELETED} {_known_before()}")


def _known_before() -> str:
    return (
        f"SELECT * FROM {BEFORE}.{DELETED} AS b "
        f'ANTI JOIN {STAGE}.{DELETED} AS s ON s."table" = b."table" AND s."key" = b."key"'
    )


def _was_there(family: Family) -> str:
    return f'"key" IN (SELECT "{family.key}" FROM {BEFORE}."{family.name}")'


def _changed(connection: duckdb.DuckDBPyConnection, read: Read) -> int:
    """Records that are new, changed or gone."""
    mine = f"\"table\" = '{read.family.name}'"
    parts = [f'SELECT "key" FROM temp.put WHERE {mine}']
    if read.family.key is not None:
        parts.append(
            f'SELECT DISTINCT "key" FROM {STAGE}.{DELETED} WHERE {mine} AND {_was_there(read.family)}'
        )
    return _count(connection, f"({' UNION ALL '.join(parts)})")


def _tables(reads: Iterable[Read]) -> list[str]:
    return [table for read in reads for table in read.family.tables]


def _counts(connection: duckdb.DuckDBPyConnection, tables: Sequence[str]) -> dict[str, int]:
    """Rows of the finished snapshot's tables, in one look."""
    counted = ", ".join(f'(SELECT count(*) FROM {AFTER}."{table}")' for table in tables)
    rows = connection.execute(f"SELECT {counted}").fetchall() if tables else [()]
    return dict(zip(tables, map(int, rows[0]), strict=True))


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    ((count,),) = connection.execute(f"SELECT count(*) FROM {table}").fetchall()
    return int(count)
