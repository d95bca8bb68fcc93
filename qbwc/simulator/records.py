"""The company file on disk: records, counters, deletions and stored answers, in one SQLite file.

A record's body keeps its values as qbXML text under flattened names; a reference keeps its ListID alone, so
that a renamed record shows its new name everywhere at once, and is listed in `uses`, so that what is in use
is known at once.  Every change is one transaction.

A unary + before a column keeps SQLite from choosing the index on it: the index on the name or key finds a
handful of records, the one on the entity all of them.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from qbwc.errors import QbwcError

_SCHEMA = """
create table meta (name text primary key, value text not null) without rowid;
create table records (
    key text primary key, entity text not null, position integer not null, folded text not null,
    full_name text not null, full_folded text not null, parent text, active integer not null,
    modified text not null, cents integer not null, party text, txn_date text, body text not null
) without rowid;
create index by_entity on records (entity, position, active, modified);
create index by_name on records (folded);
create index by_full_name on records (full_folded);
create index by_parent on records (parent);
create index by_party on records (party);
create table uses (target text, user text, primary key (target, user)) without rowid;
create index by_user on uses (user);
create table definitions (
    owner text, folded text, name text not null, type text not null, number integer not null,
    body text not null, primary key (owner, folded)
) without rowid;
create table deleted (
    key text primary key, entity text not null, created text not null, deleted text not null,
    name text not null
) without rowid;
create table message_sets (id text primary key, checksum text not null, answer text not null) without rowid;
"""
_VERSION = 2
_COLUMNS = (
    "key, entity, position, folded, full_name, full_folded, parent, active, modified, cents, party, txn_date,"
    " body"
)
_CHUNK = 500


@dataclass(slots=True, kw_only=True)
class Kept:
    """One record as kept.

    Attributes:
        full_name: Path of names of a list record; RefNumber of a transaction.
        parent: ListID of the parent record, in lists.
        modified: Local time, sortable text.
        cents: Own balance of a customer; what a transaction adds to its customer's balance; in cents.
        fields: Flattened name -> qbXML text.
        lines: The lines of a transaction, with their TxnLineIDs.
        custom: Values of custom fields: "" for the record itself or a TxnLineID -> "OwnerID name" -> text.
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
    custom: dict[str, dict[str, str]] = field(default_factory=dict)

    def uses(self) -> set[str]:
        """Keys of the records that this one refers to."""
        return {
            value
            for values in (self.fields, *self.lines)
            for name, value in values.items()
            if name.endswith("_ListID") or name == "AppliedTxnID"
        }


class Books:
    """Functions on the SQLite file; safe to use from several threads and processes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.RLock()
        self._depth = 0
        self._counter: int | None = None  # read once in a transaction, written at its end
        self._epoch = ""
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
    def in_memory(cls) -> Books:
        """A new, empty file that is nowhere on disk, and gone when it is closed."""
        books = cls(Path(":memory:"))
        books._connection.executescript(_SCHEMA)
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
            raise QbwcError(
                f"{path} is no simulated company file of version {_VERSION} (it says {version})",
                fix="Make it anew from its seed; files of other versions are not read.",
            )
        return books

    def copy_to(self, path: Path) -> None:
        """A copy of the file as it is now."""
        if path.exists():
            raise QbwcError(f"{path} exists", fix="Choose another name.")
        with self._lock, closing(sqlite3.connect(path)) as copy:
            self._connection.backup(copy)

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
            counter = self._counter
            self._depth += 1
            try:
                yield
                if self._depth == 1 and self._counter is not None:
                    self.keep("counter", str(self._counter))
            except BaseException:
                self._connection.execute(undo)
                self._counter = counter
                if self._depth > 1:
                    self._connection.execute(end)
                raise
            else:
                self._connection.execute(end)
            finally:
                self._depth -= 1
                if not self._depth:
                    self._counter = None

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

    def keep(self, name: str, value: str) -> None:
        """Keep a value of the file itself."""
        self.run("insert or replace into meta values (?, ?)", (name, value))

    def settings(self, prefix: str) -> dict[str, str]:
        """Values whose names begin with `prefix`, without it."""
        found = self.rows("select name, value from meta where substr(name, 1, ?) = ?", (len(prefix), prefix))
        return {str(name)[len(prefix) :]: str(value) for name, value in found}

    @property
    def epoch(self) -> str:
        """Seconds since 1970 at which the file was made; ids end in it."""
        self._epoch = self._epoch or self.setting("epoch")
        return self._epoch

    def next_number(self) -> int:
        """A number never given before; ids and EditSequences are made of it.  Call it inside `change`."""
        if self._counter is None:
            self._counter = int(self.setting("counter", "0"))
        self._counter += 1
        return self._counter

    def get(self, key: str) -> Kept | None:
        """The record with this ListID or TxnID."""
        found = self.rows(f"select {_COLUMNS} from records where key = ?", (key,))
        return _kept(found[0]) if found else None

    def has(self, entity: str) -> bool:
        """Whether there is any record of that kind."""
        return bool(self.rows("select 1 from records where entity = ? limit 1", (entity,)))

    def many(self, keys: Sequence[str]) -> list[Kept]:
        """The records of these keys that are still there, in the order of the keys."""
        found: dict[str, Kept] = {}
        for at in range(0, len(keys), _CHUNK):
            chunk = keys[at : at + _CHUNK]
            marks = ", ".join("?" * len(chunk))
            for row in self.rows(f"select {_COLUMNS} from records where key in ({marks})", chunk):
                found[str(row[0])] = _kept(row)
        return [found[key] for key in keys if key in found]

    def named(self, entities: Sequence[str], full_name: str) -> list[Kept]:
        """List records with this full name, or transactions with this RefNumber, whatever its case."""
        return self._few(entities, "full_folded = ?", (full_name.casefold(),))

    def siblings(self, entities: Sequence[str], name: str, parent: str | None) -> list[Kept]:
        """Records of these lists with this name, whatever its case, under this parent."""
        return self._few(entities, "folded = ? and +parent is ?", (name.casefold(), parent))

    def below(self, entity: str, parent: str) -> list[Kept]:
        """The records whose parent this is."""
        return self._few((entity,), "parent = ?", (parent,))

    def _few(self, entities: Sequence[str], condition: str, values: Sequence[object]) -> list[Kept]:
        marks = ", ".join("?" * len(entities))
        sql = f"select {_COLUMNS} from records where {condition} and +entity in ({marks}) order by +position"
        return [_kept(row) for row in self.rows(sql, (*values, *entities))]

    def where(
        self, entities: Sequence[str], condition: str = "1", values: Sequence[object] = ()
    ) -> list[Kept]:
        """Records of these entities that meet a condition of ours, in order of creation."""
        marks = ", ".join("?" * len(entities))
        sql = f"select {_COLUMNS} from records where entity in ({marks}) and {condition} order by position"
        return [_kept(row) for row in self.rows(sql, (*entities, *values))]

    def keys(self, entities: Sequence[str], condition: str = "1", values: Sequence[object] = ()) -> list[str]:
        """Keys alone, in order of creation."""
        marks = ", ".join("?" * len(entities))
        sql = f"select key from records where entity in ({marks}) and {condition} order by position"
        with self._lock:
            # Bare values instead of rows: a company has hundreds of thousands.
            return [key for (key,) in self._connection.execute(sql, (*entities, *values))]

    def put(self, record: Kept) -> None:
        """Keep a record, new or changed."""
        content: dict[str, object] = {"fields": record.fields, "lines": record.lines}
        if record.custom:
            content["custom"] = record.custom
        body = json.dumps(content, ensure_ascii=False)
        self.run(
            f"insert or replace into records ({_COLUMNS}) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                record.key, record.entity, record.position, record.name.casefold(), record.full_name,
                record.full_name.casefold(), record.parent, int(record.active), record.modified, record.cents,
                record.fields.get("CustomerRef_ListID"), record.fields.get("TxnDate"), body,
            ),
        )  # fmt: skip
        self._put_uses(record)

    def _put_uses(self, record: Kept) -> None:
        wanted = record.uses()
        kept = {str(row[0]) for row in self.rows("select target from uses where user = ?", (record.key,))}
        for target in kept - wanted:
            self.run("delete from uses where user = ? and target = ?", (record.key, target))
        for target in wanted - kept:
            self.run("insert into uses values (?, ?)", (target, record.key))

    def users(self, key: str) -> list[Kept]:
        """The first records that refer to this one."""
        found = self.rows("select user from uses where target = ? and user <> ? limit 5", (key, key))
        return self.many([str(row[0]) for row in found])

    def remove(self, record: Kept, created: str, deleted: str) -> None:
        """Delete a record and remember that it was there."""
        self.run("delete from records where key = ?", (record.key,))
        self.run("delete from uses where user = ?", (record.key,))
        self.run(
            "insert or replace into deleted values (?, ?, ?, ?, ?)",
            (record.key, record.entity, created, deleted, record.full_name),
        )

    def note_moves(self) -> None:
        """From now on, note the keys of all records that are made, changed or deleted."""
        self.run("create temp table if not exists moves (key text primary key) without rowid")
        for event, row in (("insert", "new"), ("update", "new"), ("delete", "old")):
            self.run(
                f"create temp trigger if not exists note_{event} after {event} on records begin "
                f"insert or ignore into moves values ({row}.key); end"
            )

    def moves(self) -> list[str]:
        """The keys that were noted, in their order."""
        return [str(key) for (key,) in self.rows("select key from moves order by key")]

    def book(self, key: str, change: int) -> None:
        """Add cents to a customer's own balance; its time of modification and EditSequence stay."""
        if change:
            self.run("update records set cents = cents + ? where key = ?", (change, key))

    def full_name(self, key: str) -> str | None:
        """Full name of the record a reference points to."""
        found = self.rows("select full_name from records where key = ?", (key,))
        return str(found[0][0]) if found else None

    def parents(self, keys: Sequence[str]) -> set[str]:
        """Those of these keys that have records below them."""
        found: set[str] = set()
        for at in range(0, len(keys), _CHUNK):
            chunk = keys[at : at + _CHUNK]
            sql = f"select distinct parent from records where parent in ({', '.join('?' * len(chunk))})"
            found.update(str(row[0]) for row in self.rows(sql, chunk))
        return found

    def tree_cents(self, key: str) -> int:
        """Balance of a customer with all its jobs."""
        sql = """
            with recursive tree(key) as (
                select ? union all
                select records.key from tree join records on records.parent = tree.key)
            select coalesce(sum(cents), 0) from records where key in (select key from tree)"""
        return int(str(self.rows(sql, (key,))[0][0]))


def _kept(row: tuple[object, ...]) -> Kept:
    body = json.loads(str(row[12]))
    return Kept(
        key=str(row[0]), entity=str(row[1]), position=int(str(row[2])), name=str(row[4]).rpartition(":")[2],
        full_name=str(row[4]), parent=None if row[6] is None else str(row[6]), active=bool(row[7]),
        modified=str(row[8]), cents=int(str(row[9])), fields=body["fields"], lines=body["lines"],
        custom=body.get("custom", {}),
    )  # fmt: skip
