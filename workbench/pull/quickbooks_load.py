"""Load the answers of one pull from the tape into a snapshot, and prove that nothing is missing.

What was read is staged, then what was read again takes its place; columns that change by themselves are taken
from their sweep; what the deleted-queries tell goes; and the number of records of every entity must be what
QuickBooks itself counts.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from workbench.connections import quickbooks_reading as quickbooks
from workbench.connections.quickbooks import Answered, QuickBooksQueue, Texts
from workbench.connections.quickbooks_reading import AGAIN, PROOF, READ, SWEEP, Ask
from workbench.errors import WorkbenchError
from workbench.pull import quickbooks_names, quickbooks_plan
from workbench.snapshots import (
    Column,
    Family,
    Read,
    Snapshot,
    TableData,
    TextTable,
    store_snapshot,
    write_table,
)
from workbench.snapshots.files import BATCH

log = logging.getLogger("workbench.pull")

Row = dict[str, Any]


class IncompletePull(WorkbenchError):
    """Records were missed: nothing is published, and the next pull reads all of them."""


@dataclass(kw_only=True)
class Load:
    """One pull, while it is loaded.

    Attributes:
        queries: Its answered queries.
        before: The snapshot that it goes on from; None where there is none, or of another company file.
        paired_at: When the company file was paired.
        prove: The number of records must be what QuickBooks counts; else a difference is only logged.
        found: Definitions of custom fields as this pull has read them.
        columns: Columns of each table.
    """

    queue: QuickBooksQueue
    queries: Sequence[Answered]
    before: Snapshot | None
    paired_at: datetime | None
    prove: bool = True
    found: list[Row] = field(default_factory=list)
    columns: dict[str, list[Column]] = field(default_factory=dict)
    marks: dict[str, str] = field(default_factory=dict)

    def into(self, folder: Path, id_: str, name: str) -> Snapshot:
        """Write the snapshot and answer it; it is not published yet.

        Raises:
            IncompletePull: QuickBooks has other records than were read.
            UnreadablePage: A page cannot be read.
            UnfitValue: A value does not fit its column.
            WorkbenchError: The snapshot cannot be written.
        """
        self.found = self._definitions()
        renew = self._renewed()
        if not (self.full or self.before):
            raise self._incomplete("there is no snapshot that this pull could go on from", {})
        if renew and not self.full:
            raise self._incomplete("the snapshot before it has other columns", {})
        stored = store_snapshot(
            folder / f"{name}.duckdb",
            self._fill,
            before=self.before,
            renew=renew,
            look=self._look,
            much=self.full,
        )
        return Snapshot(
            id=id_,
            side="quickbooks",
            file=stored.file,
            started_at=self.started_at,
            ended_at=max(query.answered_at or datetime.now(UTC) for query in self.queries),
            counts=stored.counts,
            describes={
                table: quickbooks.describe(table, self.definitions)
                for entity in self.entities
                for table in quickbooks.tables(entity)
            },
            kind=stored.kind,
            previous=self.before.id if self.before else None,
            reading=self._reading(stored.changed),
            below=stored.below,
        )

    # --- what was asked -------------------------------------------------------------------------------

    @property
    def entities(self) -> dict[str, Ask]:
        """What was read, by entity."""
        return {ask.entity: ask for _, ask in self._asked(READ)}

    @property
    def full(self) -> bool:
        """Whether all records were read."""
        return all(ask.since is None for ask in self.entities.values())

    @property
    def started_at(self) -> datetime:
        """When the first query was sent."""
        return min(query.sent_at or query.answered_at or datetime.now(UTC) for query in self.queries)

    @property
    def definitions(self) -> list[Row]:
        """Custom fields that are columns.

        A new one becomes a column when all records are read: only then is its emptiness known.
        """
        if self.full or self.before is None:
            return self.found
        return list(self.before.reading.get("definitions") or [])

    def _asked(self, role: int) -> Iterator[tuple[Answered, Ask]]:
        for query in self.queries:
            if query.ask is not None and query.ask.role == role:
                yield query, query.ask

    def _definitions(self) -> list[Row]:
        queries = [query for query, ask in self._asked(READ) if ask.entity == "DataExtDef"]
        return quickbooks.definitions_of(
            record.fields for query in queries for record in self.queue.records(query.id)
        )

    def _renewed(self) -> bool:
        """Whether the tables have other columns than those of the snapshot before."""
        for entity, ask in self.entities.items():
            for table in quickbooks.tables(entity):
                made = quickbooks.columns(entity, table, ask.include, self.definitions)
                self.columns[table] = [Column(name, type_) for name, type_ in made]
        made_now = {table: _listed(columns) for table, columns in self.columns.items()}
        return self.before is not None and self.before.reading.get("columns") != made_now

    # --- staging --------------------------------------------------------------------------------------

    def _fill(self, connection: duckdb.DuckDBPyConnection) -> list[Read]:
        for table, columns in self.columns.items():
            write_table(connection, "stage", TableData(name=table, columns=columns, rows=()))
        for query, ask in self._asked(READ):
            if query.records:
                self._write(connection, "stage", query, ask)
        families = {
            entity: Family(name=entity, key=quickbooks.key(entity), lines=quickbooks.tables(entity)[1:])
            for entity in self.entities
        }
        connection.execute("ATTACH ':memory:' AS again")
        again = [(query, ask) for query, ask in self._asked(AGAIN) if query.records]
        for query, ask in again:
            self._make(connection, "again", ask.entity)
            self._write(connection, "again", query, ask)
        for query, ask in self._asked(SWEEP):
            self._sweep(connection, query, ask, families[ask.entity])
        for _, ask in again:
            _replace(connection, families[ask.entity])
        for query, ask in self._asked(PROOF):
            if not ask.count:
                self._deleted(connection, query, ask)
        if not self.full:
            quickbooks_names.follow(connection, list(families.values()), self.columns)
        return [
            Read(family=family, whole=self.entities[entity].since is None)
            for entity, family in families.items()
        ]

    def _make(self, connection: duckdb.DuckDBPyConnection, database: str, entity: str) -> None:
        for table in quickbooks.tables(entity):
            write_table(connection, database, TableData(name=table, columns=self.columns[table], rows=()))

    def _write(self, connection: duckdb.DuckDBPyConnection, database: str, query: Answered, ask: Ask) -> None:
        wanted = [column.name for column in self.columns[ask.entity]]
        pages = self.queue.texts(query.id, ask.entity, wanted, self.definitions)
        connection.execute("BEGIN")
        for table, texts in _batches(pages):
            data = TextTable(name=table, columns=self.columns[table], batches=[texts])
            write_table(connection, database, data)
        connection.execute("COMMIT")

    def _sweep(
        self, connection: duckdb.DuckDBPyConnection, query: Answered, ask: Ask, family: Family
    ) -> None:
        """Columns that change by themselves, of all records; all keys are told as well."""
        columns = [column for column in self.columns[ask.entity] if column.name in ask.include]
        columns = [Column(str(family.key), "VARCHAR"), Column("EditSequence", "VARCHAR"), *columns]
        table = f"sweep {ask.entity}"
        rows = (record.fields for record in self.queue.records(query.id))
        write_table(connection, "again", TableData(name=table, columns=columns, rows=rows))
        self._need_swept(connection, family, table)
        _take_over(connection, family, self.columns, table, ask.include)
        connection.execute(
            f"INSERT INTO stage._deleted SELECT '{family.name}', key, 'not in a sweep of all keys', NULL "
            f'FROM (SELECT "{family.key}" AS key FROM before."{family.name}") '
            f'WHERE key NOT IN (SELECT "{family.key}" FROM again."{table}") '
            f'AND key NOT IN (SELECT "{family.key}" FROM {_again(connection, family)})'
        )

    def _need_swept(self, connection: duckdb.DuckDBPyConnection, family: Family, table: str) -> None:
        """Every record is one that was read, in the version that was read."""
        key = f'"{family.key}"'
        known = (
            f'SELECT {key}, "EditSequence" FROM stage."{family.name}" UNION ALL '
            f'SELECT {key}, "EditSequence" FROM before."{family.name}" '
            f'WHERE {key} NOT IN (SELECT {key} FROM stage."{family.name}")'
        )
        missed = connection.execute(
            f'SELECT s.{key} FROM again."{table}" AS s LEFT JOIN ({known}) AS k ON k.{key} = s.{key} '
            f'WHERE k."EditSequence" IS DISTINCT FROM s."EditSequence" '
            f"AND s.{key} NOT IN (SELECT {key} FROM {_again(connection, family)}) ORDER BY 1 LIMIT 5"
        ).fetchall()
        if missed:
            raise self._incomplete(
                "records were modified without being told",
                {family.name: ", ".join(str(row[0]) for row in missed)},
            )

    def _deleted(self, connection: duckdb.DuckDBPyConnection, query: Answered, ask: Ask) -> None:
        types = quickbooks.deleted_types(self.entities).get(ask.entity, {})
        key = "ListID" if ask.entity == "ListDeleted" else "TxnID"
        kind = "ListDelType" if ask.entity == "ListDeleted" else "TxnDelType"
        rows = [
            [
                types[str(record.fields[kind])],
                record.fields.get(key),
                ask.entity,
                record.fields.get("TimeDeleted"),
            ]
            for record in self.queue.records(query.id)
            if str(record.fields.get(kind)) in types
        ]
        if rows:
            connection.executemany("INSERT INTO stage._deleted VALUES (?, ?, ?, ?)", rows)

    # --- proof ----------------------------------------------------------------------------------------

    def _look(self, connection: duckdb.DuckDBPyConnection, counts: Mapping[str, int]) -> None:
        wrong = {
            ask.entity: f"{counts[ask.entity]:,} here, {query.total:,} in QuickBooks"
            for query, ask in self._asked(PROOF)
            if ask.count and query.total is not None and counts[ask.entity] != query.total
        }
        if wrong and self.prove:
            raise self._incomplete("the number of records is not what QuickBooks counts", wrong)
        for entity, numbers in wrong.items():
            log.warning("the number of %s is not what QuickBooks counts: %s", entity, numbers)
        keyed = [entity for entity in self.entities if quickbooks.key(entity) is not None]
        newest = ", ".join(f'(SELECT max("TimeModified") FROM "after"."{entity}")' for entity in keyed)
        for entity, greatest in zip(keyed, connection.execute(f"SELECT {newest}").fetchall()[0], strict=True):
            mark = quickbooks_plan.watermark(greatest, self.started_at)
            if mark is not None:
                self.marks[entity] = mark

    def _incomplete(self, what: str, values: Mapping[str, object]) -> IncompletePull:
        return IncompletePull(
            what,
            values=values,
            fix="Nothing was published. Pull again: the next pull reads all records by itself.",
        )

    def _reading(self, changed: Mapping[str, int]) -> Row:
        before = self.before.reading if self.before else {}
        started = self.started_at.isoformat()
        return {
            "include": {entity: list(ask.include) for entity, ask in self.entities.items()},
            "columns": {table: _listed(columns) for table, columns in self.columns.items()},
            "watermarks": self.marks,
            "started_at": started,
            "full_at": started if self.full else before["full_at"],
            "paired_at": self.paired_at.isoformat() if self.paired_at else None,
            "definitions": self.definitions,
            "found": self.found,
            "changed": dict(changed),
        }


def _listed(columns: Iterable[Column]) -> list[list[str]]:
    return [[column.name, column.type] for column in columns]


def _batches(pages: Iterable[Texts]) -> Iterator[tuple[str, dict[str, list[str | None]]]]:
    """Texts of one table at a time, about a batch of each in memory: many small inserts would cost more."""
    waiting: Texts = {}
    for page in pages:
        for table, texts in page.items():
            kept = waiting.get(table)
            if kept is None or kept.keys() != texts.keys():
                if kept:
                    yield table, kept
                waiting[table] = texts
            else:
                for name, column in kept.items():
                    column += texts[name]
            if len(next(iter(waiting[table].values()))) >= BATCH:
                yield table, waiting.pop(table)
    yield from waiting.items()


def _again(connection: duckdb.DuckDBPyConnection, family: Family) -> str:
    """The table of what was read again; an empty one where nothing was asked again."""
    found = connection.execute(
        "SELECT 1 FROM duckdb_tables() WHERE database_name = 'again' AND table_name = ?", [family.name]
    ).fetchall()
    return f'again."{family.name}"' if found else f'(FROM stage."{family.name}" LIMIT 0)'


def _replace(connection: duckdb.DuckDBPyConnection, family: Family) -> None:
    """What was read again takes the place of what was read, with its lines."""
    keys = f'(SELECT "{family.key}" FROM again."{family.name}")'
    for table in reversed(family.tables):
        connection.execute(f'DELETE FROM stage."{table}" WHERE "{family.key}" IN {keys}')
        connection.execute(f'INSERT INTO stage."{table}" SELECT * FROM again."{table}"')


def _take_over(
    connection: duckdb.DuckDBPyConnection,
    family: Family,
    columns: Mapping[str, Sequence[Column]],
    sweep: str,
    moving: Sequence[str],
) -> None:
    """Put the swept columns into what was read, and into copies of records that only they have changed."""
    key, main = f'"{family.key}"', f'"{family.name}"'
    values = ", ".join(f'"{name}" = s."{name}"' for name in moving)
    differs = " OR ".join(f'b."{name}" IS DISTINCT FROM s."{name}"' for name in moving)
    moved = (
        f'SELECT b.{key} AS key FROM before.{main} AS b JOIN again."{sweep}" AS s ON s.{key} = b.{key} '
        f"WHERE ({differs}) AND b.{key} NOT IN (SELECT {key} FROM stage.{main})"
    )
    connection.execute(f"CREATE OR REPLACE TEMP TABLE moved AS {moved}")
    for table in family.tables:
        quickbooks_names.copy(connection, table, family, columns[table], "temp.moved")
    connection.execute(
        f'UPDATE stage.{main} AS t SET {values} FROM again."{sweep}" AS s WHERE s.{key} = t.{key}'
    )
