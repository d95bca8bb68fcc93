"""What Salesforce would make of writes, on copies of the records they touch.

Known are the org's describe, the snapshot, what Salesforce documents about its standard objects (`org_rules`)
and what earlier pushes were seen to come to.  Validation rules, flows and triggers are the org's own secret
until they were seen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from workbench.changes import Answer, Change
from workbench.connections.salesforce_ids import long_id
from workbench.forecast import org_rules
from workbench.forecast.model import OK, Prediction
from workbench.forecast.org_records import Key, OrgRecords
from workbench.forecast.org_values import Refusal, first, problem, stored
from workbench.forecast.rows import Row
from workbench.forecast.seen import Seen
from workbench.model import Action


@dataclass
class OrgCopy:
    """An org to which writes are applied in order."""

    records: OrgRecords
    seen: Seen = field(default_factory=Seen)
    _known: dict[str, _Facts] = field(default_factory=dict)

    def load(self, changes: Sequence[Change]) -> None:
        """Read what these changes touch, what they refer to, and who holds their unique values."""
        touched: dict[str, set[str]] = {}
        refers: dict[str, set[str]] = {}
        unique: dict[tuple[str, str], set[str]] = {}
        for change in changes:
            if change.record is not None:
                touched.setdefault(change.object, set()).add(long_id(change.record))
            fields = self.records.fields(change.object)
            for api, value in change.values.items():
                known = fields.get(api, {})
                if isinstance(value, Answer) or value is None:
                    continue
                for target in known.get("referenceTo") or () if known.get("type") == "reference" else ():
                    refers.setdefault(target, set()).add(long_id(str(value)))
                if known.get("unique"):
                    unique.setdefault((change.object, api), set()).add(str(value))
        for name in sorted(touched):
            self.records.read(name, "Id", touched[name])
        for name in sorted(refers):
            self.records.read_ids(name, refers[name])
        for (name, api), values in sorted(unique.items()):
            self.records.read_holders(name, api, values)
        org_rules.load(self.records, changes)

    def write(self, change: Change, values: Mapping[str, Any]) -> Prediction:
        """Apply a change whose values are known, and tell what becomes of it; a refusal leaves no trace."""
        if change.object not in self.records.describes:
            return Prediction(code="")
        try:
            if change.action == Action.DELETE:
                return self._delete(change)
            saving = self._saving(change, values)
            self._need(saving)
            org_rules.before(self.records, saving)
            notes = self._triggered(saving)
            self._check(saving)
        except Refusal as refused:
            return Prediction(code=refused.code, message=refused.message, record=change.record)
        self._keep(saving)
        held = self.records.record(*saving.key) or {}
        return Prediction(code=OK, record=saving.key[1], held=held, notes=notes)

    def judge(self, change: Change, values: Mapping[str, Any]) -> Prediction:
        """What the values alone would come to, for a change that cannot go; nothing is applied."""
        fields = self.records.fields(change.object)
        try:
            saving = self._saving(change, values)
            self._need(saving)
            for api in saving.given:
                if found := problem(fields[api], saving.new[api]):
                    raise found
        except Refusal as refused:
            return Prediction(code=refused.code, message=refused.message)
        return Prediction(code=OK, held=saving.new)

    # --- one write ----------------------------------------------------------------------------------------

    def _saving(self, change: Change, values: Mapping[str, Any]) -> Saving:
        fields, creates = self.records.fields(change.object), change.action == Action.CREATE
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
            key = (change.object, self.records.new_id(change.object))
            made = self._blank(change.object) | new | {"Id": key[1]}
            return Saving(key=key, old=None, new=made, given=frozenset(given))
        key = (change.object, long_id(str(change.record)))
        old = self.records.record(*key)
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
            return stored(self.records.fields(name)[api], value)
        except Refusal:
            return value

    def _check(self, saving: Saving) -> None:
        fields, facts = self.records.fields(saving.object), self._facts(saving.object)
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
        if value is None or not targets or not all(self.records.rows.has(each, "Id") for each in targets):
            return
        if any(self.records.has(target, value) for target in targets):
            return
        if any(self.records.deleted(target, value) for target in targets):
            raise Refusal("ENTITY_IS_DELETED", "entity is deleted")
        if not any(value.startswith(self.records.prefix(target)) for target in targets):
            label = described.get("label") or described["name"]
            raise Refusal("MALFORMED_ID", f"{label}: id value of incorrect type: {value}")
        raise Refusal("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")

    def _check_unique(self, saving: Saving, api: str) -> None:
        holder = self.records.holder(saving.object, api, saving.new[api])
        if holder is not None and holder != saving.key[1]:
            raise Refusal(
                "DUPLICATE_VALUE",
                f"duplicate value found: {api} duplicates value on record with id: {holder[:15]}",
            )

    def _keep(self, saving: Saving) -> None:
        for api in self._facts(saving.object).unique:
            self.records.hold(saving.key, api, (saving.old or {}).get(api), saving.new.get(api))
        self.records.put(saving.key, saving.new)
        org_rules.after(self.records, saving)

    def _delete(self, change: Change) -> Prediction:
        key = (change.object, long_id(str(change.record)))
        if self.records.record(*key) is None:
            raise Refusal("ENTITY_IS_DELETED", "entity is deleted")
        org_rules.delete(self.records, key)
        return Prediction(code=OK, record=key[1])

    def _blank(self, name: str) -> Row:
        row: Row = dict.fromkeys(self.records.rows.tables.get(name) or ())
        return row | {api: first(each) for api, each in self.records.fields(name).items() if api in row}

    def _facts(self, name: str) -> _Facts:
        if name not in self._known:
            self._known[name] = _Facts(self.records.fields(name))
        return self._known[name]


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
