"""What insert, update, upsert and delete of many records have in common, in Collections and in Bulk.

A `Save` is made for one request (or one chunk of a Bulk job): it remembers which records it saw, since
the same one twice in a request is an error of the second.
"""

from __future__ import annotations

from collections.abc import Callable

from .dml import Call, Saved
from .errors import OrgError
from .ids import long_id
from .incoming import Incoming
from .schema import FieldDef, ObjectDef

Save = Callable[[Call, Incoming], Saved]


def insert(call: Call, row: Incoming) -> Saved:
    """A `Save` that creates.

    Raises:
        OrgError: any rule the record breaks.
    """
    if row.id is not None:
        raise OrgError("INVALID_FIELD_FOR_INSERT_UPDATE", "cannot specify Id in an insert call", ["Id"])
    return call.insert(row)


def updater() -> Save:
    """Changes the record that each row names by its id."""
    seen: set[str] = set()

    def save(call: Call, row: Incoming) -> Saved:
        record_id = id_of(row)
        if record_id in seen:
            raise OrgError("DUPLICATE_VALUE", f"duplicate id specified: {record_id[:15]}")  # (unverified)
        seen.add(record_id)
        return call.update(row, record_id)

    return save


def upserter(obj: ObjectDef, key: FieldDef) -> Save:
    """Changes or creates by a key field, or by Id: then a row without an id is created."""
    seen: set[object] = set()

    def save(call: Call, row: Incoming) -> Saved:
        if row.obj.name != obj.name:
            raise OrgError("INVALID_TYPE", f"the request upserts {obj.name}, not {row.obj.name}")
        if key.type == "id":
            return call.insert(row) if row.id is None else call.update(row, id_of(row))
        if row.id is not None:
            raise OrgError("INVALID_FIELD", "Id and an external id can't both be given", ["Id"])
        value = row.values.get(key.name)
        if value is not None and value in seen:
            raise OrgError("DUPLICATE_EXTERNAL_ID", f"Duplicate external id specified: {value}")
        seen.add(value)
        return call.upsert(row.without(key.name), key, value)

    return save


def delete(call: Call, row: Incoming) -> Saved:
    """A `Save` that moves the record into the recycle bin."""
    return call.delete(row.obj, id_of(row))


def purge(call: Call, row: Incoming) -> Saved:
    """A `Save` that deletes the record for good, past the recycle bin."""
    return call.purge(row.obj, id_of(row))


def id_of(row: Incoming) -> str:
    """The id that a row names.

    Raises:
        OrgError: MISSING_ARGUMENT or MALFORMED_ID.
    """
    if row.id is None:
        raise OrgError("MISSING_ARGUMENT", "Id not specified in an update call")
    record_id = long_id(row.id)
    if record_id is None or not record_id.startswith(row.obj.prefix):
        label = row.obj.fields[0].label
        raise OrgError("MALFORMED_ID", f"{label}: id value of incorrect type: {row.id}", ["Id"])
    return record_id
