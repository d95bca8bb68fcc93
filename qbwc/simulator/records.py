"""The company file on disk: records, counters, deletions and stored answers, in one SQLite file.

A record's body keeps its values as qbXML text under flattened names; a reference keeps its ListID alone, so
that a renamed record shows its new name everywhere at once.  Every change is one transaction.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from qbwc.errors import QbwcError

_SCHEMA = """
create table meta (name text primary key, value text not null) without rowid;
create table records (
    key text primary key, entity text not null, position integer not null, folded text not null,
    full_name text not null, full_folded text not null, parent text, active integer not null,
    modified text not null, cents integer not null, body text not null
) without rowid;
create index by_entity on records (entity, position);
create index by_name on records (folded);
create index by_full_name on records (full_folded);
create index by_parent on records (parent);
create table deleted (
    key text primary key, entity text not null, created text not null, deleted text not null,
    name text not null
) without rowid;
create table message_sets (id text primary key, checksum text not null, answer text not null) without rowid;
"""
_VERSION = 1
_COLUMNS = "key, entity, position, folded, full_name, full_folded, parent, active, modified, cents, body"


@dataclass(slots=True, kw_only=True)
class Kept:
    """One record as kept.

    Attributes:
        full_name: Path of names of a list record; RefNumber of a transaction.
        parent: ListID of the parent record, in lists.
        modified: Local time, sortable text.
        cents: Own balance of a customer, balance remaining of an invoice, in cents.
        fields: Flattened name -> qbXML text.
    """

    key: str
    entity: str
    position: int
    name: str
    full_name: str
    parent: str | None
    active: bool
    modified: str
    cents: int = 0
    fields: dict[str, str] = field(default_factory=dict)
    lines: list[dict[str, str]] = field(default_factory=list)


class Books:
    """Functions on the SQLite file; safe to use from several threads and processes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.RLock()
        self._depth = 0
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=30)
        self._connection.execute("pragma journal_mode = wal")
        self._connection.execute("pragma synchronous = normal")

    @classmethod
    def create(cls, path: Path) -> Books:
        """A new, empty file; `QbwcError` when there is one already."""
        if path.exists():
            raise QbwcError(f"{path} exists", fix="Open it, or choose another name.")
        books = cls(path)
        books._connection.executescript(_SCHEMA)
        books._connection.execute(f"pragma user_version = {_VERSION}")
        return books

    @classmethod
    def open(cls, path: Path) -> Books:
        """An existing file; `QbwcError` when it is missing or no company file of ours."""
        if not path.exists():
            raise QbwcError(f"there is no company file {path}", fix="Create it from a seed.")
        try:
            books = cls(path)
            (version,) = books._connection.execute("pragma user_version").fetchone()
        except sqlite3.DatabaseError as error:
            raise QbwcError(f"{path} is no simulated company file: {error}") from None
        if version != _VERSION:
            books.close()
            raise QbwcError(f"{path} is no simulated company file of version {_VERSION} (it says {version})")
        return books

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    @contextmanager
    def change(self) -> Iterator[None]:
        """One transaction; a nested one can be undone alone.  Readers of other threads wait."""
        with self._lock:
            begin, undo, end = ("begin immediate", "rollback", "commit")
            if self._depth:
                begin, undo, end = ("savepoint inner", "rollback to inner", "release inner")
            self._connection.execute(begin)
            self._depth += 1
            try:
                yield
            except BaseException:
                self._connection.execute(undo)
                if self._depth > 1:
                    self._connection.execute(end)
                raise
            else:
                self._connection.execute(end)
            finally:
                self._depth -= 1

    def rows(self, sql: str, values: Sequence[object] = ()) -> list[tuple[object, ...]]:
        """All rows of a query."""
        with self._lock:
            return self._connection.execute(sql, values).fetchall()

    def run(self, sql: str, values: Sequence[object] = ()) -> int:
        """Rows touched by a statement; call it inside `change`."""
        with self._lock:
            return self._connection.execute(sql, values).rowcount

    def setting(self, name: str, default: str = "") -> str:
        """A value of the file itself."""
        found = self.rows("select value from meta where name = ?", (name,))
        return str(found[0][0]) if found else default

    def set(self, name: str, value: str) -> None:
        """Keep a value of the file itself."""
        self.run("insert or replace into meta values (?, ?)", (name, value))

    def settings(self, prefix: str) -> dict[str, str]:
        """Values whose names begin with `prefix`, without it."""
        found = self.rows("select name, value from meta where substr(name, 1, ?) = ?", (len(prefix), prefix))
        return {str(name)[len(prefix) :]: str(value) for name, value in found}

    def next_number(self) -> int:
        """A number never given before; ids and EditSequences are made of it."""
        number = int(self.setting("counter", "0")) + 1
        self.set("counter", str(number))
        return number

    def get(self, key: str) -> Kept | None:
        """The record with this ListID or TxnID."""
        found = self.rows(f"select {_COLUMNS} from records where key = ?", (key,))
        return _kept(found[0]) if found else None

    def named(self, entities: Sequence[str], full_name: str) -> list[Kept]:
        """List records with this full name, or transactions with this RefNumber, whatever its case."""
        return list(self.where(entities, "full_folded = ?", (full_name.casefold(),)))

    def where(
        self, entities: Sequence[str], condition: str = "1", values: Sequence[object] = ()
    ) -> Iterable[Kept]:
        """Records of these entities that meet a condition of ours, in order of creation."""
        marks = ", ".join("?" * len(entities))
        sql = f"select {_COLUMNS} from records where entity in ({marks}) and {condition} order by position"
        return [_kept(row) for row in self.rows(sql, (*entities, *values))]

    def keys(self, entities: Sequence[str], condition: str, values: Sequence[object]) -> list[str]:
        """Keys alone, in order of creation."""
        marks = ", ".join("?" * len(entities))
        sql = f"select key from records where entity in ({marks}) and {condition} order by position"
        return [str(row[0]) for row in self.rows(sql, (*entities, *values))]

    def put(self, record: Kept) -> None:
        """Keep a record, new or changed."""
        body = json.dumps({"fields": record.fields, "lines": record.lines}, ensure_ascii=False)
        self.run(
            f"insert or replace into records ({_COLUMNS}) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                record.key, record.entity, record.position, record.name.casefold(), record.full_name,
                record.full_name.casefold(), record.parent, int(record.active), record.modified, record.cents,
                body,
            ),
        )  # fmt: skip

    def remove(self, record: Kept, created: str, deleted: str) -> None:
        """Delete a record and remember that it was there."""
        self.run("delete from records where key = ?", (record.key,))
        self.run(
            "insert or replace into deleted values (?, ?, ?, ?, ?)",
            (record.key, record.entity, created, deleted, record.full_name),
        )

    def full_name(self, key: str) -> str | None:
        """Full name of the record a reference points to."""
        found = self.rows("select full_name from records where key = ?", (key,))
        return str(found[0][0]) if found else None

    def tree_cents(self, key: str) -> int:
        """Balance of a customer with all its jobs."""
        sql = """
            with recursive tree(key) as (
                select ? union all
                select records.key from records join tree on records.parent = tree.key
                where records.entity = 'Customer')
            select coalesce(sum(cents), 0) from records where key in (select key from tree)"""
        return int(str(self.rows(sql, (key,))[0][0]))


def _kept(row: tuple[object, ...]) -> Kept:
    body = json.loads(str(row[10]))
    return Kept(
        key=str(row[0]), entity=str(row[1]), position=int(str(row[2])), name=str(row[4]).rpartition(":")[2],
        full_name=str(row[4]), parent=None if row[6] is None else str(row[6]), active=bool(row[7]),
        modified=str(row[8]), cents=int(str(row[9])), fields=body["fields"], lines=body["lines"],
    )  # fmt: skip
