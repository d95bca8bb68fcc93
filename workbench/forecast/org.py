"""What Salesforce would make of writes, on copies of the records they touch.

Known are the org's describe, the snapshot, what Salesforce documents about its standard objects (`org_rules`)
and what earlier pushes were seen to come to.  Validation rules, flows and triggers are the org's own secret
until they were seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from workbench.changes import Answer, Change
from workbench.connections.salesforce_ids import long_id
from workbench.forecast import org_rules
from workbench.forecast.model import OK, Prediction
from workbench.forecast.org_values import Refusal, first, problem, stored
from workbench.forecast.rows import Row, Rows
from workbench.forecast.seen import Seen

Describes = Mapping[str, Mapping[str, Any]]
Key = tuple[str, str]
"""(object, id)."""

STAMPS = ("SystemModstamp", "LastModifiedDate")
MADE_UP = "ZZ"
"""How the number of an id begins that only the copies have."""


@dataclass
class OrgCopy:
    """Records of an org, to which writes are applied in order.

    Attributes:
        at: The time of the copy, aware.
        records: The records that were read or made, as they are now, by object and id; None: deleted.
        moved: Those that are new, another or gone.
        stages, books: What `org_rules` has found: stages by name, standard price books.
    """

    rows: Rows
    describes: Describes
    at: datetime
    seen: Seen = field(default_factory=Seen)
    records: dict[Key, Row | None] = field(default_factory=dict)
    moved: dict[Key, None] = field(default_factory=dict)
    stages: dict[Any, Mapping[str, Any]] = field(default_factory=dict)
    books: frozenset[str] | None = None
    _fields: dict[str, dict[str, Mapping[str, Any]]] = field(default_factory=dict)
    _known: dict[str, _Facts] = field(default_factory=dict)
    _holders: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)
    _there: dict[str, set[str]] = field(default_factory=dict)
    _asked: dict[tuple[str, str], dict[str, dict[Key, None]]] = field(default_factory=dict)
    _prefixes: dict[str, str] = field(default_factory=dict)
    _new: set[str] = field(default_factory=set)
    _made: int = 0

    # --- reading ------------------------------------------------------------------------------------------

    def load(self, changes: Sequence[Change]) -> None:
        """Read what these changes touch, what they refer to, and who holds their unique values."""
        touched: dict[str, set[str]] = {}
        refers: dict[str, set[str]] = {}
        unique: dict[tuple[str, str], set[str]] = {}
        for change in changes:
            if change.record is not None:
                touched.setdefault(change.object, set()).add(long_id(change.record))
            fields = self.fields(change.object)
            for api, value in change.values.items():
                known = fields.get(api, {})
                if isinstance(value, Answer) or value is None:
                    continue
                for target in known.get("referenceTo") or () if known.get("type") == "reference" else ():
                    refers.setdefault(target, set()).add(long_id(str(value)))
                if known.get("unique"):
                    unique.setdefault((change.object, api), set()).add(str(value))
        for name in sorted(touched):
            self.read(name, "Id", touched[name])
        for name in sorted(refers):
            self._there.setdefault(name, set()).update(
                str(row["Id"]) for row in self.rows.where(name, "Id", refers[name], select='t."Id"')
            )
        for (name, api), values in sorted(unique.items()):
            self._read_holders(name, api, values)
        org_rules.load(self, changes)

    def read(self, name: str, column: str, values: Iterable[str]) -> None:
        """Read the records of an object with one of these values, all in one query; those here stay."""
        asked = self._asked.setdefault((name, column), {})
        new = {each for each in values if each not in asked}
        if not new:
            return
        asked.update((each, {}) for each in new)
        new -= self._new  # nothing in the snapshot refers to what only the copies have
        for key, record in self.records.items() if new and column != "Id" else ():
            if key[0] == name and record is not None and str(record.get(column)) in new:
                asked[str(record[column])][key] = None
        for row in self.rows.where(name, column, new):
            key = (name, str(row["Id"]))
            self.records.setdefault(key, row)
            asked[str(row[column])][key] = None

    def find(self, name: str, column: str, value: Any) -> list[Row]:
        """The records of an object with a value, as they are now."""
        if value is None:
            return []
        self.read(name, column, [str(value)])
        found = (self.records[key] for key in self._asked[name, column][str(value)])
        return [each for each in found if each is not None and str(each.get(column)) == str(value)]

    def fields(self, name: str) -> Mapping[str, Mapping[str, Any]]:
        """The described fields of an object, by name."""
        if name not in self._fields:
            described = self.describes.get(name, {})
            self._fields[name] = {each["name"]: each for each in described.get("fields", ())}
        return self._fields[name]

    def _facts(self, name: str) -> _Facts:
        if name not in self._known:
            self._known[name] = _Facts(self.fields(name))
        return self._known[name]

    def record(self, name: str, id_: Any) -> Row | None:
        """A record by its id; None where there is none, or no more."""
        if id_ is None:
            return None
        if (name, str(id_)) not in self.records:
            self.read(name, "Id", [str(id_)])
        return self.records.get((name, str(id_)))

    def _read_holders(self, name: str, api: str, values: set[str]) -> None:
        holders = self._holders.setdefault((name, api), {})
        if not self.rows.has(name, api):
            return
        exact = bool(self.fields(name)[api].get("caseSensitive"))
        wanted = {_folded(each, exact) for each in values}
        chosen = f'SELECT "Id", "{api}" FROM salesforce."{name}" WHERE "{api}" IS NOT NULL ORDER BY "Id"'
        for row in self.rows.query(chosen):
            if (value := _folded(row[api], exact)) in wanted:
                holders.setdefault(value, row["Id"])

    # --- writing ------------------------------------------------------------------------------------------

    def write(self, change: Change, values: Mapping[str, Any]) -> Prediction:
        """Apply a change whose values are known, and tell what becomes of it; a refusal leaves no trace."""
        if change.object not in self.describes:
            return Prediction(code="")
        try:
            if change.action == "delete":
                return self._delete(change)
            saving = self._saving(change, values)
            self._need(saving)
            org_rules.before(self, saving)
            notes = self._triggered(saving)
            self._check(saving)
        except Refusal as refused:
            return Prediction(code=refused.code, message=refused.message, record=change.record)
        self._keep(saving)
        org_rules.after(self, saving)
        record = self.records[saving.key]
        assert record is not None
        return Prediction(code=OK, record=saving.key[1], held=record, notes=notes)

    def judge(self, change: Change, values: Mapping[str, Any]) -> Prediction:
        """What the values alone would come to, for a change that cannot go; nothing is applied."""
        fields = self.fields(change.object)
        try:
            saving = self._saving(change, values)
            self._need(saving)
            for api in saving.given:
                if found := problem(fields[api], saving.new[api]):
                    raise found
        except Refusal as refused:
            return Prediction(code=refused.code, message=refused.message)
        return Prediction(code=OK, held=saving.new)

    def _saving(self, change: Change, values: Mapping[str, Any]) -> Saving:
        fields, creates = self.fields(change.object), change.action == "create"
        given = {api: each for api, each in values.items() if not (creates and each is None)}
        if unknown := next((api for api in given if api not in fields), None):
            raise Refusal("INVALID_FIELD", f"No such column '{unknown}' on sobject of type {change.object}")
        new = {api: stored(fields[api], each) for api, each in given.items()}
        shut = [api for api in given if not fields[api].get("createable" if creates else "updateable", True)]
        if shut:
            raise Refusal(
                "INVALID_FIELD_FOR_INSERT_UPDATE", f"Unable to create/update fields: {', '.join(shut)}."
            )
        if creates:
            key = (change.object, self._new_id(change.object))
            made = self._blank(change.object) | new | {"Id": key[1]}
            return Saving(key=key, old=None, new=made, given=frozenset(given))
        key = (change.object, long_id(str(change.record)))
        old = self.records.get(key)
        if old is None:
            raise Refusal("ENTITY_IS_DELETED", "entity is deleted")
        return Saving(key=key, old=old, new={**old, **new}, given=frozenset(given))

    def _need(self, saving: Saving) -> None:
        """What the object requires: of a create all of it, of an update what it names."""
        missing = [
            api
            for api in self._facts(saving.object).required
            if saving.new.get(api) is None and (saving.old is None or api in saving.given)
        ]
        if missing:
            raise Refusal("REQUIRED_FIELD_MISSING", f"Required fields are missing: [{', '.join(missing)}]")

    def _triggered(self, saving: Saving) -> dict[str, str]:
        """Put in what the org was seen to make of these values, and tell what is in doubt."""
        notes = {}
        for api in sorted(saving.given):
            found = self.seen.of(saving.object, api, saving.new[api])
            if found is None:
                continue
            value, note = found
            notes[api] = note
            if value is not None:
                saving.new[api] = self._as_field(saving.object, api, value.value)
        return notes

    def _as_field(self, name: str, api: str, value: Any) -> Any:
        """What was read back, in the type of its field; text where it cannot be read."""
        try:
            return stored(self.fields(name)[api], value)
        except Refusal:
            return value

    def _check(self, saving: Saving) -> None:
        fields, facts = self.fields(saving.object), self._facts(saving.object)
        changed = [api for api in sorted(saving.given, key=facts.place) if saving.changed(api)]
        for api in changed:
            if found := problem(fields[api], saving.new[api]):
                raise found
        for api in changed:
            if fields[api].get("type") == "reference":
                self._check_reference(fields[api], saving.new[api])
        for api in facts.unique:
            if saving.new.get(api) is not None and saving.changed(api):
                self._check_unique(saving, api)

    def _check_reference(self, described: Mapping[str, Any], value: Any) -> None:
        """A record of an object that the snapshot has must be in it; of others nothing is known."""
        targets = described.get("referenceTo") or ()
        if value is None or not targets or not all(self.rows.has(each, "Id") for each in targets):
            return
        for target in targets:
            if (target, value) in self.records:
                if self.records[target, value] is None:
                    raise Refusal("ENTITY_IS_DELETED", "entity is deleted")
                return
            if value in self._there.get(target, ()):
                return
        if value in self._deleted:
            raise Refusal("ENTITY_IS_DELETED", "entity is deleted")
        if not any(value.startswith(self._prefix(target)) for target in targets):
            label = described.get("label") or described["name"]
            raise Refusal("MALFORMED_ID", f"{label}: id value of incorrect type: {value}")
        raise Refusal("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")

    def _check_unique(self, saving: Saving, api: str) -> None:
        holder = self._holders.get((saving.object, api), {}).get(self._unique(saving.object, api, saving.new))
        if holder is not None and holder != saving.key[1]:
            raise Refusal(
                "DUPLICATE_VALUE",
                f"duplicate value found: {api} duplicates value on record with id: {holder[:15]}",
            )

    # --- keeping ------------------------------------------------------------------------------------------

    def _keep(self, saving: Saving) -> None:
        name, id_ = saving.key
        for api in self._facts(name).unique:
            holders = self._holders.setdefault((name, api), {})
            if saving.old is not None and holders.get(self._unique(name, api, saving.old)) == id_:
                del holders[self._unique(name, api, saving.old)]
            if saving.new.get(api) is not None:
                holders[self._unique(name, api, saving.new)] = id_
        self.put(saving.key, saving.new)

    def put(self, key: Key, record: Row, *, stamped: bool = True) -> None:
        """Keep a record as it is now; what only shows another one's value does not get a stamp for it."""
        now = self.at.astimezone(UTC).replace(tzinfo=None, microsecond=0)
        kept: Row = dict(record)
        kept |= {name: now for name in STAMPS if name in record and stamped}
        self.records[key] = kept
        self.moved[key] = None
        for (name, column), asked in self._asked.items():
            value = str(kept.get(column))
            if name == key[0] and value in self._new:
                asked.setdefault(value, {})
            if name == key[0] and value in asked:
                asked[value][key] = None

    def _delete(self, change: Change) -> Prediction:
        key = (change.object, long_id(str(change.record)))
        if self.records.get(key) is None:
            raise Refusal("ENTITY_IS_DELETED", "entity is deleted")
        org_rules.delete(self, key)
        return Prediction(code=OK, record=key[1])

    def gone(self, key: Key) -> None:
        """Take a record away."""
        self.records[key] = None
        self.moved[key] = None

    def _unique(self, name: str, api: str, record: Row) -> str:
        return _folded(record.get(api), bool(self.fields(name)[api].get("caseSensitive")))

    def _blank(self, name: str) -> Row:
        row: Row = dict.fromkeys(self.rows.tables.get(name) or ())
        return row | {api: first(each) for api, each in self.fields(name).items() if api in row}

    @cached_property
    def _deleted(self) -> frozenset[str]:
        """Ids that the snapshot knows to be gone."""
        if not self.rows.has("_deleted", "key"):
            return frozenset()
        return frozenset(str(row["key"]) for row in self.rows.query("SELECT key FROM salesforce._deleted"))

    def _prefix(self, name: str) -> str:
        """How the ids of an object begin, by those in the snapshot; '000' without any."""
        if name not in self._prefixes:
            ids = f'SELECT min("Id") AS id FROM salesforce."{name}"'
            found = self.rows.query(ids)[0]["id"] if self.rows.has(name, "Id") else None
            self._prefixes[name] = str(found or "000")[:3]
        return self._prefixes[name]

    def _new_id(self, name: str) -> str:
        self._made += 1
        made = long_id(f"{self._prefix(name)}{MADE_UP}{self._made:010d}")
        self._new.add(made)
        return made

    def changes(self) -> Iterator[tuple[str, str, Row | None]]:
        """(object, id, record) of what is new, another or gone."""
        for name, id_ in self.moved:
            yield name, id_, self.records[name, id_]


@dataclass(kw_only=True)
class Saving:
    """One record being saved.

    Attributes:
        old: As it was; None for a create.
        new: As it shall be; rules change it in place.
        given: The fields that the change names.
    """

    key: Key
    old: Row | None
    new: Row
    given: frozenset[str]

    @property
    def object(self) -> str:
        return self.key[0]

    def changed(self, *names: str) -> bool:
        """Whether any of these is new or another."""
        return self.old is None or any(self.old.get(name) != self.new.get(name) for name in names)


class _Facts:
    """What is asked of an object's fields again and again."""

    def __init__(self, fields: Mapping[str, Mapping[str, Any]]) -> None:
        self.unique = tuple(api for api, each in fields.items() if each.get("unique"))
        self.required = tuple(
            api
            for api, each in fields.items()
            if each.get("createable", True)
            and not each.get("nillable", True)
            and not each.get("defaultedOnCreate")
            and each.get("type") != "boolean"
        )
        self.place = {api: place for place, api in enumerate(fields)}.__getitem__


def _folded(value: Any, exact: bool) -> str:
    return str(value) if exact else str(value).casefold()
