"""Records in SQLite: one table an object, one column a field, one connection a process.

A file keeps the org over a restart; without a path everything lives in memory.  Columns that a later
schema adds are added when the file is opened.  All work happens under `lock`: an org is small, and
one writer at a time is what makes its answers repeatable.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from .ids import new_id
from .schema import NUMBERS, FieldDef, ObjectDef, Schema
from .values import Stored, Value, from_stored, to_stored

Record = dict[str, Value]
FIRST_OWN_NUMBER = 100_000  # seeds number their ids from 1, the org from here


def _for_its_owner(path: Path) -> None:
    """Make the file readable by its owner only, from its first moment on; SQLite's other files follow it."""
    with suppress(OSError):  # connecting tells it better
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))


class Database:
    """The tables of one org."""

    def __init__(self, path: Path | None, schema: Schema) -> None:
        self.schema = schema
        self.lock = threading.RLock()
        self._depth = 0
        self._numbers: dict[str, int] = {}  # of the next id, by key prefix
        self._unsaved: set[str] = set()
        self._select = {o.name: f"SELECT {_columns(o)} FROM {quoted(o.name)}" for o in schema.objects}
        if path is not None:
            _for_its_owner(path)
        self._connection = sqlite3.connect(
            ":memory:" if path is None else path, isolation_level=None, check_same_thread=False
        )
        self._connection.create_function("fold", 1, _fold, deterministic=True)
        self._connection.create_collation("folded", _compare_folded)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=NORMAL")
        with self.transaction():
            self.run("CREATE TABLE IF NOT EXISTS _sequence (prefix TEXT PRIMARY KEY, next INTEGER)")
            self.run("CREATE TABLE IF NOT EXISTS _note (name TEXT PRIMARY KEY, value TEXT)")
            for obj in schema.objects:
                self._make_table(obj)
            self._make_names()

    def close(self) -> None:
        with self.lock:
            self._connection.close()

    # --- transactions --------------------------------------------------------------------------

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; inside another transaction a savepoint that can fail alone."""
        with self.lock:
            self._depth += 1
            name = f"s{self._depth}"
            self.run("BEGIN IMMEDIATE" if self._depth == 1 else f"SAVEPOINT {name}")
            try:
                yield
            except BaseException:
                self.run("ROLLBACK" if self._depth == 1 else f"ROLLBACK TO {name}")
                if self._depth > 1:
                    self.run(f"RELEASE {name}")
                raise
            else:
                if self._depth == 1:
                    self._save_numbers()
                self.run("COMMIT" if self._depth == 1 else f"RELEASE {name}")
            finally:
                self._depth -= 1

    # --- reading -------------------------------------------------------------------------------

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Stored, ...]]:
        """The rows of a SELECT, as stored."""
        with self.lock:
            return self._connection.execute(sql, parameters).fetchall()

    def stream(self, sql: str, parameters: Sequence[object] = ()) -> Iterator[tuple[Stored, ...]]:
        """The rows of a SELECT one by one, as stored; hold `lock` until the last."""
        return iter(self._connection.execute(sql, parameters))

    def get(self, obj: ObjectDef, record_id: str) -> Record | None:
        """The record of this id, deleted or not, or None."""
        found = self.find(obj, "Id", record_id, include_deleted=True)
        return found[0] if found else None

    def find(
        self, obj: ObjectDef, field: str, value: Value, *, include_deleted: bool = False
    ) -> list[Record]:
        """Records whose field equals the value, without regard to case unless the field has one."""
        definition = obj.by_name[field.lower()]
        alive = "" if include_deleted else _alive(obj)
        where = f"{quoted(field)} = ?{_collation(definition)}{alive}"
        return self.where(obj, where, [to_stored(definition, value)])

    def where(self, obj: ObjectDef, condition: str, parameters: Sequence[object] = ()) -> list[Record]:
        """Records by a condition in SQL, in the order of their ids."""
        sql = f'{self._select[obj.name]} WHERE {condition} ORDER BY "Id"'
        return [
            {f.name: from_stored(f, v) for f, v in zip(obj.stored, row, strict=True)}
            for row in self.rows(sql, parameters)
        ]

    def has(self, obj: ObjectDef, record_id: str) -> bool:
        """Is or was there a record of this id?"""
        return bool(self.rows(f'SELECT 1 FROM {quoted(obj.name)} WHERE "Id" = ?', [record_id]))

    def is_empty(self) -> bool:
        """No record of any object yet."""
        tables = (quoted(o.name) for o in self.schema.objects)
        return not any(self.rows(f"SELECT 1 FROM {t} LIMIT 1") for t in tables)

    # --- writing -------------------------------------------------------------------------------

    def insert(self, obj: ObjectDef, record: Mapping[str, Value]) -> None:
        """Keep a new record; the caller has checked it."""
        names = [f for f in obj.stored if record.get(f.name) is not None]
        columns = ", ".join(quoted(f.name) for f in names)
        marks = ", ".join("?" * len(names))
        values = [to_stored(f, record[f.name]) for f in names]
        self.run(f"INSERT INTO {quoted(obj.name)} ({columns}) VALUES ({marks})", values)

    def update(self, obj: ObjectDef, record_id: str, changes: Mapping[str, Value]) -> None:
        """Set these fields of one record."""
        fields = [obj.by_name[name.lower()] for name in changes]
        columns = ", ".join(f"{quoted(f.name)} = ?" for f in fields)
        values = [to_stored(f, changes[f.name]) for f in fields]
        self.run(f'UPDATE {quoted(obj.name)} SET {columns} WHERE "Id" = ?', [*values, record_id])

    def mark_deleted(self, obj: ObjectDef, record_id: str, stamp: str | None) -> None:
        """Put a record into the recycle bin, or take it out (`stamp` None)."""
        sql = f'UPDATE {quoted(obj.name)} SET "IsDeleted" = ?, "_deleted" = ? WHERE "Id" = ?'
        self.run(sql, [int(stamp is not None), stamp, record_id])

    def purge(self, obj: ObjectDef, record_id: str) -> None:
        """Remove a record for good."""
        self.run(f'DELETE FROM {quoted(obj.name)} WHERE "Id" = ?', [record_id])

    def new_id(self, obj: ObjectDef) -> str:
        """An id that no record of the object has or had; its number is kept at the next commit."""
        with self.lock:
            number = self._numbers.get(obj.prefix)
            if number is None:
                row = self.rows("SELECT next FROM _sequence WHERE prefix = ?", [obj.prefix])
                number = int(row[0][0] or 0) if row else FIRST_OWN_NUMBER
            record_id = new_id(obj.prefix, number)
            while self.has(obj, record_id):
                number += 1
                record_id = new_id(obj.prefix, number)
            self._numbers[obj.prefix] = number + 1
            self._unsaved.add(obj.prefix)
            return record_id

    def _save_numbers(self) -> None:
        for prefix in sorted(self._unsaved):
            self.run("INSERT OR REPLACE INTO _sequence VALUES (?, ?)", [prefix, self._numbers[prefix]])
        self._unsaved.clear()

    def note(self, name: str, value: str | None = None) -> str | None:
        """A small fact about the org itself; with a value, it is written first."""
        if value is not None:
            self.run("INSERT OR REPLACE INTO _note VALUES (?, ?)", [name, value])
        row = self.rows("SELECT value FROM _note WHERE name = ?", [name])
        return str(row[0][0]) if row else None

    # --- tables --------------------------------------------------------------------------------

    def run(self, sql: str, parameters: Sequence[object] = ()) -> None:
        """One statement, in the transaction that is open."""
        self._connection.execute(sql, parameters)

    def _make_table(self, obj: ObjectDef) -> None:
        table = quoted(obj.name)
        columns = ", ".join(f"{quoted(f.name)} {_affinity(f)}" for f in obj.stored if f.type != "id")
        self.run(f'CREATE TABLE IF NOT EXISTS {table} ("Id" TEXT PRIMARY KEY, "_deleted" TEXT, {columns})')
        present = {str(row[1]) for row in self.rows(f"PRAGMA table_info({table})")}
        for field in obj.stored:
            if field.name not in present:  # a file that an older schema made
                self.run(f"ALTER TABLE {table} ADD COLUMN {quoted(field.name)} {_affinity(field)}")
        for field in obj.stored:
            if field.type == "reference" or field.external_id or field.name == "SystemModstamp":
                self._make_index(obj, field)

    def _make_names(self) -> None:
        """The view `Name`: id, name and object of every record that some reference may point to."""
        named = [o for o in self.schema.objects if (field := o.field("Name")) and field.stored]
        each = (f"""SELECT "Id", "Name", '{o.name}' AS "Type" FROM {quoted(o.name)}""" for o in named)
        self.run('DROP VIEW IF EXISTS "Name"')
        self.run(f'CREATE VIEW "Name" AS {" UNION ALL ".join(each)}')

    def _make_index(self, obj: ObjectDef, field: FieldDef) -> None:
        name = quoted(f"{obj.name}.{field.name}")
        column = f"{quoted(field.name)}{_collation(field)}"
        self.run(f"CREATE INDEX IF NOT EXISTS {name} ON {quoted(obj.name)} ({column})")


def quoted(name: str) -> str:
    """A table or column name for SQL; names come from the schema, never from a request."""
    return f'"{name}"'


def _columns(obj: ObjectDef) -> str:
    return ", ".join(quoted(f.name) for f in obj.stored)


def folded(field: FieldDef) -> bool:
    """Is this field compared without regard to case?  All text is, except ids and case-sensitive keys."""
    return (
        field.type not in NUMBERS
        and field.type not in ("id", "reference", "boolean", "int", "date", "datetime")
        and not field.case_sensitive
    )


def _collation(field: FieldDef) -> str:
    return " COLLATE NOCASE" if folded(field) else ""


def _alive(obj: ObjectDef) -> str:
    return ' AND "IsDeleted" = 0' if obj.field("IsDeleted") else ""


def _affinity(field: FieldDef) -> str:
    return "INTEGER" if field.type in NUMBERS or field.type in ("boolean", "int") else "TEXT"


def _fold(text: Stored) -> Stored:
    return text.lower() if isinstance(text, str) else text


def _compare_folded(left: str, right: str) -> int:
    a, b = (left.lower(), left), (right.lower(), right)
    return (a > b) - (a < b)


def chunks(items: Sequence[str], size: int) -> Iterable[Sequence[str]]:
    """The items in runs of at most `size`: SQLite limits the parameters of one statement."""
    return (items[i : i + size] for i in range(0, len(items), size))
