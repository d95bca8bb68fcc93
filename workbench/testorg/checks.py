"""What every save is checked for, whatever the object: required fields, values, references, unique keys."""

from __future__ import annotations

from collections.abc import Mapping

from .errors import OrgError, combine
from .schema import FieldDef, ObjectDef
from .store import Database, Record
from .values import Value, check, wrong_id


def required(obj: ObjectDef, old: Record | None, new: Record, given: frozenset[str]) -> None:
    """Refuse a record that lacks what its object requires; an update is asked for what it names.

    Raises:
        OrgError: REQUIRED_FIELD_MISSING, naming all of them.
    """
    checked = obj.required if old is None else [f for f in obj.required if f.name in given]
    missing = [
        f.name
        for f in checked
        if new.get(f.name) is None and not (f.name == "UnitPrice" and new.get("UseStandardPrice"))
    ]
    if "OwnerId" in given and new.get("OwnerId") is None:
        missing.append("OwnerId")
    if missing:
        names = ", ".join(missing)
        raise OrgError("REQUIRED_FIELD_MISSING", f"Required fields are missing: [{names}]", missing)


def values(db: Database, user: str, obj: ObjectDef, changed: Mapping[str, Value], new: Record) -> None:
    """Check the values that changed, then where the references lead, then the unique keys.

    Args:
        user: Id of the user who saves: always a good reference.

    Raises:
        OrgError: all that is wrong with the values, or else the first of the others.
    """
    given = [(f, changed[f.name]) for f in obj.stored if f.name in changed]
    errors = [e for f, v in given if (e := check(f, v))]
    if errors:
        raise combine(errors)
    for field, value in given:
        if field.type == "reference" and value is not None:
            _reference(db, user, field, str(value))
    unique(db, obj, new, changed)


def _reference(db: Database, user: str, field: FieldDef, record_id: str) -> None:
    parent = db.schema.by_prefix.get(record_id[:3])
    if parent is None or parent.name not in field.targets:
        raise wrong_id(field, record_id)
    if record_id == user:
        return
    record = db.get(parent, record_id)
    if record is None:
        raise OrgError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", [field.name])
    if record.get("IsDeleted"):
        raise OrgError("ENTITY_IS_DELETED", "entity is deleted", [field.name])
    if field.name == "OwnerId" and record.get("IsActive") is False:
        raise OrgError(
            "INACTIVE_OWNER_OR_USER",
            f"operation performed with inactive user [{record_id[:15]}] as owner of record",
            [field.name],
        )  # (unverified) wording


def unique(db: Database, obj: ObjectDef, record: Record, changed: Mapping[str, Value] | None = None) -> None:
    """Refuse a value of a unique field that a live record has already; all fields without `changed`.

    Raises:
        OrgError: DUPLICATE_VALUE, with the id of that record.
    """
    for field in obj.fields:
        value = record.get(field.name)
        if not field.unique or value is None or (changed is not None and field.name not in changed):
            continue
        others = [r for r in db.find(obj, field.name, value) if r["Id"] != record["Id"]]
        if others:
            taken = str(others[0]["Id"])[:15]  # the real message shows the short form
            raise OrgError(
                "DUPLICATE_VALUE",
                f"duplicate value found: {field.name} duplicates value on record with id: {taken}",
            )
