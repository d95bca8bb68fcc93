"""Records of an org, read from a snapshot when they are looked at, and changed from there on.

Found are they as they are now: what was changed, made or deleted on the copy comes before the snapshot.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from workbench.connections.salesforce_ids import long_id
from workbench.forecast.rows import Row, Rows

Describes = Mapping[str, Mapping[str, Any]]
Key = tuple[str, str]
"""(object, id)."""

STAMPS = ("SystemModstamp", "LastModifiedDate")
MADE_UP = "ZZ"
"""How the number of an id begins that only the copies have."""


@dataclass
class OrgRecords:
    """A copy of what is touched.

    Attributes:
        rows: The snapshot.
        at: The time of the copy, aware.
        stages, books: What `org_rules` has found: stages by name, standard price books.
    """

    rows: Rows
    describes: Describes
    at: datetime
    stages: dict[Any, Mapping[str, Any]] = field(default_factory=dict)
    books: frozenset[str] | None = None
    _now: dict[Key, Row | None] = field(default_factory=dict)
    _moved: dict[Key, None] = field(default_factory=dict)
    _fields: dict[str, dict[str, Mapping[str, Any]]] = field(default_factory=dict)
    _holders: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)
    _there: dict[str, set[str]] = field(default_factory=dict)
    _asked: dict[tuple[str, str], dict[str, dict[Key, None]]] = field(default_factory=dict)
    _prefixes: dict[str, str] = field(default_factory=dict)
    _new: set[str] = field(default_factory=set)

    def fields(self, name: str) -> Mapping[str, Mapping[str, Any]]:
        """The described fields of an object, by name."""
        if name not in self._fields:
            described = self.describes.get(name, {})
            self._fields[name] = {each["name"]: each for each in described.get("fields", ())}
        return self._fields[name]

    # --- reading ------------------------------------------------------------------------------------------

    def read(self, name: str, column: str, values: Iterable[str]) -> None:
        """Read the records of an object with one of these values, all in one query; those here stay."""
        asked = self._asked.setdefault((name, column), {})
        new = {each for each in values if each not in asked}
        if not new:
            return
        asked.update((each, {}) for each in new)
        new -= self._new  # nothing in the snapshot refers to what only the copies have
        for key, record in self._now.items() if new and column != "Id" else ():
            if key[0] == name and record is not None and str(record.get(column)) in new:
                asked[str(record[column])][key] = None
        for row in self.rows.where(name, column, new):
            key = (name, str(row["Id"]))
            self._now.setdefault(key, row)
            asked[str(row[column])][key] = None

    def read_ids(self, name: str, ids: Iterable[str]) -> None:
        """Remember which of these ids the snapshot has, without their records."""
        found = self.rows.where(name, "Id", ids, select='t."Id"')
        self._there.setdefault(name, set()).update(str(row["Id"]) for row in found)

    def read_holders(self, name: str, api: str, values: Iterable[str]) -> None:
        """Remember who holds these values of a unique field."""
        holders = self._holders.setdefault((name, api), {})
        if not self.rows.has(name, api):
            return
        wanted = {self._folded(name, api, each) for each in values}
        chosen = f'SELECT "Id", "{api}" FROM salesforce."{name}" WHERE "{api}" IS NOT NULL ORDER BY "Id"'
        for row in self.rows.query(chosen):
            if (value := self._folded(name, api, row[api])) in wanted:
                holders.setdefault(value, row["Id"])

    # --- finding ------------------------------------------------------------------------------------------

    def record(self, name: str, id_: Any) -> Row | None:
        """A record by its id; None where there is none, or no more."""
        if id_ is None:
            return None
        if (name, str(id_)) not in self._now:
            self.read(name, "Id", [str(id_)])
        return self._now.get((name, str(id_)))

    def find(self, name: str, column: str, value: Any) -> list[Row]:
        """The records of an object with a value."""
        if value is None:
            return []
        self.read(name, column, [str(value)])
        found = (self._now[key] for key in self._asked[name, column][str(value)])
        return [each for each in found if each is not None and str(each.get(column)) == str(value)]

    def has(self, name: str, id_: str) -> bool:
        """Whether a record is there, of those that were read or looked for."""
        if (name, id_) in self._now:
            return self._now[name, id_] is not None
        return id_ in self._there.get(name, ())

    def deleted(self, name: str, id_: str) -> bool:
        """Whether a record is known to be gone."""
        return id_ in self._deleted or ((name, id_) in self._now and self._now[name, id_] is None)

    def holder(self, name: str, api: str, value: Any) -> str | None:
        """The id of the record that holds a value of a unique field."""
        return self._holders.get((name, api), {}).get(self._folded(name, api, value))

    @cached_property
    def _deleted(self) -> frozenset[str]:
        """Ids that the snapshot knows to be gone."""
        if not self.rows.has("_deleted", "key"):
            return frozenset()
        return frozenset(str(row["key"]) for row in self.rows.query("SELECT key FROM salesforce._deleted"))

    # --- keeping ------------------------------------------------------------------------------------------

    def put(self, key: Key, record: Row, *, stamped: bool = True) -> None:
        """Keep a record as it is now; what only shows another one's value does not get a stamp for it."""
        now = self.at.astimezone(UTC).replace(tzinfo=None, microsecond=0)
        kept: Row = dict(record)
        kept |= {name: now for name in STAMPS if name in record and stamped}
        self._now[key] = kept
        self._moved[key] = None
        for (name, column), asked in self._asked.items():
            value = str(kept.get(column))
            if name == key[0] and value in self._new:
                asked.setdefault(value, {})
            if name == key[0] and value in asked:
                asked[value][key] = None

    def hold(self, key: Key, api: str, old: Any, new: Any) -> None:
        """A record gives up a value of a unique field and takes another."""
        holders = self._holders.setdefault((key[0], api), {})
        if old is not None and self.holder(key[0], api, old) == key[1]:
            del holders[self._folded(key[0], api, old)]
        if new is not None:
            holders[self._folded(key[0], api, new)] = key[1]

    def gone(self, key: Key) -> None:
        """Take a record away."""
        self._now[key] = None
        self._moved[key] = None

    def moved(self) -> Iterator[tuple[str, str, Row | None]]:
        """(object, id, record) of what is new, another or gone: None."""
        for name, id_ in self._moved:
            yield name, id_, self._now[name, id_]

    def new_id(self, name: str) -> str:
        """An id for a record that only the copies have."""
        made = long_id(f"{self.prefix(name)}{MADE_UP}{len(self._new) + 1:010d}")
        self._new.add(made)
        return made

    def prefix(self, name: str) -> str:
        """How the ids of an object begin, by those in the snapshot; '000' without any."""
        if name not in self._prefixes:
            ids = f'SELECT min("Id") AS id FROM salesforce."{name}"'
            found = self.rows.query(ids)[0]["id"] if self.rows.has(name, "Id") else None
            self._prefixes[name] = str(found or "000")[:3]
        return self._prefixes[name]

    def _folded(self, name: str, api: str, value: Any) -> str:
        return str(value) if self.fields(name)[api].get("caseSensitive") else str(value).casefold()
