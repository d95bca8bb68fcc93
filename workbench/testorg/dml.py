"""Writing records: create, update, upsert, delete and undelete, one record or a list of them.

One `Call` is one request.  Each record is saved in a savepoint of its own, so a refused one leaves
no trace; the stamps of a record advance once a call and strictly from call to call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from . import checks, rules
from .errors import OrgError
from .incoming import Incoming
from .saves import Saving
from .schema import FieldDef, ObjectDef, Schema
from .store import Database, Record
from .values import Value, later

Trigger = Callable[[str, Mapping[str, Value] | None, Record], None]
"""`(object name, old or None, new)`, run before a save; may change `new` or raise OrgError."""
RowLock = Callable[[str, str | None], None]
"""`(object name, id or None)`, run before a row is written; raises UNABLE_TO_LOCK_ROW as a fault."""
Late = Callable[[str, str | None], int]
"""`(object name, id or None)` to seconds: how long before now the row's stamp shall lie, normally 0."""
DuplicateCheck = Callable[[ObjectDef, Record | None, Record], None]
"""`(object, old or None, new)`; raises DUPLICATES_DETECTED."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """What became of one record of a call; `error` is None when it was saved."""

    id: str | None = None
    created: bool = False
    error: OrgError | None = None


class Call:
    """One request that writes.

    Attributes:
        stamp: The moment of the call, in the org's form.
        user: Id of the user who runs it.
    """

    def __init__(
        self,
        db: Database,
        *,
        stamp: str,
        user: str,
        triggers: Sequence[Trigger] = (),
        lock: RowLock,
        late: Late,
        check_duplicates: DuplicateCheck,
    ) -> None:
        self.db = db
        self.schema: Schema = db.schema
        self.stamp = stamp
        self.user = user
        self._triggers = tuple(triggers)
        self._lock = lock
        self._late = late
        self._check_duplicates = check_duplicates
        self._stamped: dict[str, str] = {}

    # --- one record ----------------------------------------------------------------------------

    def insert(self, row: Incoming) -> Saved:
        """Create one record.

        Raises:
            OrgError: any rule it breaks; nothing was written.
        """
        obj = row.obj
        if not obj.createable:
            raise OrgError(
                "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", f"entity type {obj.name} does not support create"
            )
        row.refuse_unwritable(create=True)
        self._lock(obj.name, None)
        with self.db.transaction():
            stamp = later(self.stamp, -self._late(obj.name, None))
            new: Record = {**obj.blank, **self._system_values(obj, stamp), **self._resolved(row)}
            self._save(obj, None, new, frozenset(row.values) | frozenset(row.by_key))
            return Saved(id=str(new["Id"]), created=True)

    def update(self, row: Incoming, record_id: str) -> Saved:
        """Change the given fields of one record.

        Raises:
            OrgError: any rule it breaks; nothing was written.
        """
        obj = row.obj
        row.refuse_unwritable(create=False)
        old = self.existing(obj, record_id)
        self._lock(obj.name, record_id)
        with self.db.transaction():
            given = self._resolved(row)
            if seconds := self._late(obj.name, record_id):
                last = later(str(old["SystemModstamp"]))
                self._stamped.setdefault(str(old["Id"]), max(last, later(self.stamp, -seconds)))
            self._save(obj, old, {**old, **given}, frozenset(given))
            return Saved(id=str(old["Id"]))

    def upsert(self, row: Incoming, key: FieldDef, value: Value, *, update_only: bool = False) -> Saved:
        """Update the record whose key field has the value, or create it.

        Raises:
            OrgError: with status 300 and the matching ids when several records match,
                404 when none does and `update_only` is set, or any rule that the record breaks.
        """
        if value is None:
            raise OrgError("MISSING_ARGUMENT", f"{key.name} not specified")
        found = self.db.find(row.obj, key.name, value)
        if len(found) > 1:
            raise several(key, [str(r["Id"]) for r in found])
        if found:
            return self.update(row, str(found[0]["Id"]))
        if update_only:
            raise OrgError("NOT_FOUND", "The requested resource does not exist", status=404)
        return self.insert(row.with_value(key, value))

    def delete(self, obj: ObjectDef, record_id: str) -> Saved:
        """Move a record, and what hangs on it, into the recycle bin.

        Raises:
            OrgError: it isn't there, or something still needs it.
        """
        if not obj.deletable:
            raise OrgError("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id")
        record = self.existing(obj, record_id)
        self._lock(obj.name, record_id)
        with self.db.transaction():
            self._delete(obj, record)
        return Saved(id=str(record["Id"]))

    def purge(self, obj: ObjectDef, record_id: str) -> Saved:
        """Delete a record, and what hangs on it, past the recycle bin.

        Raises:
            OrgError: it isn't there, or something still needs it.
        """
        with self.db.transaction():
            before = {(o.name, str(r["Id"])) for o, r in self._hanging(obj, record_id)}
            saved = self.delete(obj, record_id)
            for name, each in sorted(before):
                self.db.purge(self.schema.by_name[name.lower()], each)
        return saved

    def _hanging(self, obj: ObjectDef, record_id: str) -> Iterator[tuple[ObjectDef, Record]]:
        """The record and, at any depth, the live ones that are deleted with it."""
        record = self.existing(obj, record_id)
        yield obj, record
        for child, field in self.schema.children_of(obj):
            if field.on_delete == "cascade":
                for hanging in self.db.find(child, field.name, record_id):
                    yield from self._hanging(child, str(hanging["Id"]))

    def undelete(self, obj: ObjectDef, record_id: str) -> Saved:
        """Take a record out of the recycle bin again; what was deleted with it stays there.

        Raises:
            OrgError: UNDELETE_FAILED when it isn't in the bin, DUPLICATE_VALUE when its key is taken.
        """
        record = self.db.get(obj, record_id)
        if record is None or not record["IsDeleted"]:
            raise OrgError("UNDELETE_FAILED", "Entity is not in the recycle bin")
        with self.db.transaction():
            checks.unique(self.db, obj, record)
            self.db.mark_deleted(obj, record_id, None)
            self.touch(obj, record_id, {})
            rules.after_delete(self.db, obj, record, self.touch)
        return Saved(id=record_id)

    def existing(self, obj: ObjectDef, record_id: str) -> Record:
        """The live record of this id.

        Raises:
            OrgError: 404 INVALID_CROSS_REFERENCE_KEY when there never was one, 404 ENTITY_IS_DELETED
                when it is in the recycle bin.
        """
        record = self.db.get(obj, record_id)
        if record is None:
            raise OrgError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", status=404)
        if record.get("IsDeleted"):
            raise OrgError("ENTITY_IS_DELETED", "entity is deleted", status=404)
        return record

    # --- many records --------------------------------------------------------------------------

    def many(self, actions: Sequence[Callable[[], Saved]], *, all_or_none: bool) -> list[Saved]:
        """Run the actions in order, each for itself; with `all_or_none` one refusal undoes all."""
        results: list[Saved] = []
        try:
            with self.db.transaction():
                results.extend(_tried(action) for action in actions)
                if all_or_none and any(r.error for r in results):
                    raise _RolledBack
        except _RolledBack:
            return [r if r.error else Saved(id=None, error=_rolled_back()) for r in results]
        return results

    # --- saving --------------------------------------------------------------------------------

    def _save(self, obj: ObjectDef, old: Record | None, new: Record, given: frozenset[str]) -> None:
        saving = Saving(
            db=self.db, obj=obj, old=old, new=new, given=given, stamp=self.stamp, touch=self.touch
        )
        checks.required(obj, old, new, given)
        for rule in rules.BEFORE.get(obj.name, ()):
            rule(saving)
        for trigger in self._triggers:
            trigger(obj.name, old, new)
        self._check_duplicates(obj, old, new)
        changed = {f.name: new[f.name] for f in obj.stored if old is None or old[f.name] != new[f.name]}
        checks.values(self.db, self.user, obj, changed, new)
        if old is None:
            self.db.insert(obj, new)
            self._stamped[str(new["Id"])] = str(new["SystemModstamp"])
        else:
            self.touch(obj, str(old["Id"]), changed)
        for rule in rules.AFTER.get(obj.name, ()):
            rule(saving)

    def touch(self, obj: ObjectDef, record_id: str, changes: Mapping[str, Value]) -> None:
        """Write fields of a record and advance its stamps, once a call."""
        if record_id not in self._stamped:
            record = self.db.get(obj, record_id) or {}
            last = str(record.get("SystemModstamp") or "")
            self._stamped[record_id] = max(self.stamp, later(last)) if last else self.stamp
        stamp = self._stamped[record_id]
        stamps: Record = {
            "LastModifiedDate": stamp,
            "SystemModstamp": stamp,
            "LastModifiedById": self.user,
        }
        self.db.update(obj, record_id, {**changes, **stamps})

    def _system_values(self, obj: ObjectDef, stamp: str) -> Record:
        own: Record = {"Id": self.db.new_id(obj), "CreatedDate": stamp, "CreatedById": self.user}
        own |= {"LastModifiedDate": stamp, "SystemModstamp": stamp, "LastModifiedById": self.user}
        if obj.field("OwnerId"):
            own["OwnerId"] = self.user
        return own

    def _resolved(self, row: Incoming) -> Record:
        """The values of a row, with references by external id turned into ids."""
        values: Record = dict(row.values)
        for name, key in row.by_key.items():
            found = self.db.find(key.parent, key.field.name, key.value)
            if len(found) != 1:
                raise OrgError(
                    "INVALID_FIELD",
                    f"Foreign key external ID: {key.value} not found for field {key.field.name} in entity"
                    f" {key.parent.name}",
                )
            values[name] = found[0]["Id"]
        return values

    # --- deleting ------------------------------------------------------------------------------

    def _delete(self, obj: ObjectDef, record: Record) -> None:
        rules.refuse_delete(self.db, obj, record)
        record_id = str(record["Id"])
        for child, field in self.schema.children_of(obj):
            for hanging in self.db.find(child, field.name, record_id):
                if field.on_delete == "cascade":
                    self._delete(child, hanging)
                elif field.on_delete == "clear" and field.name != "MasterRecordId":
                    self.touch(child, str(hanging["Id"]), {field.name: None})
        self.touch(obj, record_id, {})
        self.db.mark_deleted(obj, record_id, self._stamped[record_id])
        rules.after_delete(self.db, obj, record, self.touch)


class _RolledBack(Exception):
    """Undoes the transaction of an allOrNone call."""


def _tried(action: Callable[[], Saved]) -> Saved:
    try:
        return action()
    except OrgError as error:
        return Saved(error=error)


def _rolled_back() -> OrgError:
    return OrgError(
        "ALL_OR_NONE_OPERATION_ROLLED_BACK",
        "Record rolled back because not all records were valid and the request was using AllOrNone header",
    )


def several(key: FieldDef, ids: Sequence[str]) -> OrgError:
    """Several records hold the value of an external id that isn't unique."""
    return OrgError(
        "DUPLICATE_EXTERNAL_ID",
        f"{key.name}: more than one record found for external id field: [{', '.join(ids)}]",
        status=300,
        matches=ids,
    )
