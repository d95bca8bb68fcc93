"""sObject Collections: up to 200 records in one request, each answered in its place.

The answer is 200 even when every record was refused; `success` of each tells.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import pairwise

from . import saving
from .api import Answer, Api
from .dml import Call, Saved
from .errors import OrgError
from .ids import long_id
from .query import Plan
from .rest import key_field
from .saving import Save
from .schema import ObjectDef
from .soql import parse

MAX_RECORDS = 200
MAX_CHUNKS = 10  # runs of records of one object

Action = Callable[[], Saved]


def create(api: Api) -> Answer:
    """POST composite/sobjects."""
    return _write(api, saving.insert)


def update(api: Api) -> Answer:
    """PATCH composite/sobjects; every record names its id."""
    return _write(api, saving.updater())


def upsert(api: Api, name: str, key: str) -> Answer:
    """PATCH composite/sobjects/{object}/{external id field, or Id}."""
    obj = api.org.declared(name)
    return _write(api, saving.upserter(obj, key_field(obj, key)), with_created=True)


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


def _write(api: Api, save: Save, *, with_created: bool = False) -> Answer:
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


def _prepared(api: Api, call: Call, save: Save, record: Mapping[str, object]) -> Action:
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
