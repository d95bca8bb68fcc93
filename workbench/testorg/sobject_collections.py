"""sObject Collections: up to 200 records in one request, each answered in its place.

The answer is 200 even when every record was refused; `success` of each tells.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import pairwise

from .dml import Call, Saved
from .errors import OrgError
from .ids import long_id
from .incoming import Incoming
from .query import Plan
from .rest import Answer, Api, key_field
from .schema import ObjectDef
from .soql import parse

MAX_RECORDS = 200
MAX_CHUNKS = 10  # runs of records of one object

Action = Callable[[], Saved]
_Save = Callable[[Call, Incoming], Saved]


def create(api: Api) -> Answer:
    """POST composite/sobjects."""

    def save(call: Call, row: Incoming) -> Saved:
        if row.id is not None:
            raise OrgError("INVALID_FIELD_FOR_INSERT_UPDATE", "cannot specify Id in an insert call", ["Id"])
        return call.insert(row)

    return _write(api, save)


def update(api: Api) -> Answer:
    """PATCH composite/sobjects; every record names its id."""
    seen: set[str] = set()

    def save(call: Call, row: Incoming) -> Saved:
        record_id = _id_of(row)
        if record_id in seen:
            raise OrgError("DUPLICATE_VALUE", f"duplicate id specified: {record_id[:15]}")  # (unverified)
        seen.add(record_id)
        return call.update(row, record_id)

    return _write(api, save)


def upsert(api: Api, name: str, key: str) -> Answer:
    """PATCH composite/sobjects/{object}/{external id field, or Id}."""
    obj = api.org.declared(name)
    definition = key_field(obj, key)
    seen: set[object] = set()

    def save(call: Call, row: Incoming) -> Saved:
        if row.obj.name != obj.name:
            raise OrgError("INVALID_TYPE", f"the request upserts {obj.name}, not {row.obj.name}")
        if definition.type == "id":
            return call.insert(row) if row.id is None else call.update(row, _id_of(row))
        if row.id is not None:
            raise OrgError("INVALID_FIELD", "Id and an external id can't both be given", ["Id"])
        value = row.values.get(definition.name)
        if value is not None and value in seen:
            raise OrgError("DUPLICATE_EXTERNAL_ID", f"Duplicate external id specified: {value}")
        seen.add(value)
        return call.upsert(row.without(definition.name), definition, value)

    return _write(api, save, with_created=True)


def delete(api: Api) -> Answer:
    """DELETE composite/sobjects?ids=a,b&allOrNone=."""
    ids = [i for i in api.args.get("ids", "").split(",") if i]
    _check_size(ids)
    call = api.call()
    actions = [partial(_delete_one, api, call, text) for text in ids]
    all_or_none = api.args.get("allOrNone", "false").lower() == "true"
    return _answer(call.many(actions, all_or_none=all_or_none))


def retrieve(api: Api, name: str) -> Answer:
    """GET with ?ids=&fields=, or POST with the same as JSON; null where there is no record."""
    obj = api.org.declared(name)
    given = api.json_object() if api.body else dict(api.args)
    ids, fields = (_names(given.get(which)) for which in ("ids", "fields"))
    if not ids or not fields:
        raise OrgError("MISSING_ARGUMENT", "both ids and fields must be given")
    if len(ids) > 2000:
        raise OrgError("EXCEEDED_ID_LIMIT", "cannot retrieve more than 2000 records in one request")
    wanted = [long_id(i) or i for i in ids]
    names = fields if "id" in (f.lower() for f in fields) else ["Id", *fields]
    rows = {r["Id"]: r for r in _some(api, obj, names, wanted)}
    return Answer(body=[rows.get(i) for i in wanted])


def _some(api: Api, obj: ObjectDef, names: Sequence[str], ids: Sequence[str]) -> list[dict[str, object]]:
    plan = Plan(api.org.schema, parse(f"SELECT {', '.join(names)} FROM {obj.name}"))
    return plan.page(api.org.db, ids, api.version)


def _names(value: object) -> list[str]:
    if isinstance(value, str):
        return [v.strip() for v in value.split(",") if v.strip()]
    return [str(v) for v in value] if isinstance(value, list) else []


# --- writing -----------------------------------------------------------------------------------


def _write(api: Api, save: _Save, *, with_created: bool = False) -> Answer:
    """Read all records first (a value that isn't JSON of its type fails the request), then save them."""
    body = api.json_object()
    records = body.get("records")
    if not isinstance(records, list) or not all(isinstance(r, dict) for r in records):
        raise OrgError("JSON_PARSER_ERROR", "the request must hold a list of records")
    _check_size(records)
    _check_chunks([_type_of(r) for r in records])
    call = api.call()
    actions = [_prepared(api, call, save, record) for record in records]
    results = call.many(actions, all_or_none=body.get("allOrNone") is True)
    return _answer(results, with_created=with_created)


def _prepared(api: Api, call: Call, save: _Save, record: Mapping[str, object]) -> Action:
    try:
        row = api.org.read(_type_of(record), record)
    except OrgError as error:
        if error.code == "JSON_PARSER_ERROR":
            raise
        return partial(_refuse, error)
    return partial(save, call, row)


def _refuse(error: OrgError) -> Saved:
    raise error


def _delete_one(api: Api, call: Call, text: str) -> Saved:
    record_id = long_id(text)
    obj = api.org.schema.by_prefix.get(text[:3])
    if record_id is None or obj is None:
        raise OrgError("MALFORMED_ID", f"malformed id {text}")
    return call.delete(obj, record_id)


def _id_of(row: Incoming) -> str:
    if row.id is None:
        raise OrgError("MISSING_ARGUMENT", "Id not specified in an update call")
    record_id = long_id(row.id)
    if record_id is None or not record_id.startswith(row.obj.prefix):
        label = row.obj.fields[0].label
        raise OrgError("MALFORMED_ID", f"{label}: id value of incorrect type: {row.id}", ["Id"])
    return record_id


def _type_of(record: Mapping[str, object]) -> str:
    attributes = record.get("attributes")
    name = attributes.get("type") if isinstance(attributes, dict) else None
    if not isinstance(name, str):
        raise OrgError("INVALID_TYPE", "every record must name its object in attributes.type")
    return name


def _check_size(records: Sequence[object]) -> None:
    if not records:
        raise OrgError("MISSING_ARGUMENT", "the request holds no record")
    if len(records) > MAX_RECORDS:
        raise OrgError(
            "EXCEEDED_ID_LIMIT",
            f"record limit reached. cannot submit more than {MAX_RECORDS} records with this operation",
        )


def _check_chunks(types: Sequence[str]) -> None:
    chunks = 1 + sum(a != b for a, b in pairwise(types))
    if chunks > MAX_CHUNKS:
        raise OrgError(
            "LIMIT_EXCEEDED",
            f"Cannot have more than {MAX_CHUNKS} chunks in a single operation. Please rearrange the data to"
            " reduce chunking.",
        )


def _answer(results: Sequence[Saved], *, with_created: bool = False) -> Answer:
    return Answer(body=[_result(saved, with_created=with_created) for saved in results])


def _result(saved: Saved, *, with_created: bool) -> dict[str, object]:
    if saved.error is not None:
        return {"success": False, "errors": [e.as_row() for e in saved.error.all()]}
    result: dict[str, object] = {"id": saved.id, "success": True, "errors": []}
    return {**result, "created": saved.created} if with_created else result
