"""REST resources: what each address answers.  `web` finds the function; these know no HTTP library.

Each takes an `Api` (the org and the request) and answers an `Answer`.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

from .api import Answer, Api, object_of
from .describe import describe_brief, describe_global, describe_object
from .dml import several
from .errors import OrgError, not_found
from .ids import long_id
from .incoming import no_such_column
from .query import Plan, Row
from .schema import FieldDef, ObjectDef
from .soql import parse
from .store import Record
from .values import Value, coerce, stamp_moment, stamp_text

VERSIONS = tuple(f"{n}.0" for n in range(31, 68))
TAGGED = "Account"  # the only object with ETags (reference, section 5.3)
REMOVED_VERSIONS = tuple(f"{n}.0" for n in range(7, 31))


# --- the service -------------------------------------------------------------------------------


def versions() -> Answer:
    """The API versions of the org; needs no login."""
    listed = [{"label": f"API {v}", "url": f"/services/data/v{v}", "version": v} for v in VERSIONS]
    return Answer(body=listed)


def resources(api: Api) -> Answer:
    names = ("composite", "jobs", "limits", "query", "queryAll", "sobjects")
    return Answer(body={name: f"{api.base}/{name}" for name in names})


def limits(api: Api) -> Answer:
    most = api.org.settings.daily_limit
    left = max(0, most - api.org.api_requests)
    return Answer(body={"DailyApiRequests": {"Max": most, "Remaining": left}})


# --- describe ----------------------------------------------------------------------------------


def list_objects(api: Api) -> Answer:
    return _unless_modified(api, describe_global(api.org.schema, api.version))


def describe(api: Api, name: str) -> Answer:
    obj = object_of(api, name)
    return _unless_modified(api, describe_object(api.org.schema, obj, api.version, api.url))


def basic_info(api: Api, name: str) -> Answer:
    obj = object_of(api, name)
    return Answer(body={"objectDescribe": describe_brief(obj, api.version), "recentItems": []})


def _unless_modified(api: Api, body: object) -> Answer:
    """304 when the schema is as old as the caller knows it."""
    changed = stamp_moment(api.org.db.note("schema_changed") or stamp_text(api.org.clock()))
    headers = {"Last-Modified": format_datetime(changed, usegmt=True)}
    since = _http_date(api.headers.get("if-modified-since"))
    if since is not None and changed <= since:
        return Answer(status=304, headers=headers)
    return Answer(body=body, headers=headers)


# --- single records ----------------------------------------------------------------------------


def create(api: Api, name: str) -> Answer:
    body = api.json_object()
    row = api.org.read(object_of(api, name).name, body)
    if row.id is not None:
        raise OrgError("INVALID_FIELD_FOR_INSERT_UPDATE", "cannot specify Id in an insert call", ["Id"])
    saved = api.call().insert(row)
    headers = {"Location": f"{api.base}/sobjects/{row.obj.name}/{saved.id}"}
    return Answer(status=201, body={"id": saved.id, "success": True, "errors": []}, headers=headers)


def retrieve(api: Api, name: str, record_id: str) -> Answer:
    obj = object_of(api, name)
    row = _row(api, obj, long_id(record_id), _fields(api, obj))
    headers = _versions(api, obj, str(row["Id"]))
    if _precondition(api, obj, str(row["Id"])):
        return Answer(status=304, headers=headers)
    return Answer(body=row, headers=headers)


def update(api: Api, name: str, record_id: str) -> Answer:
    obj = object_of(api, name)
    row = api.org.read(obj.name, api.json_object())
    if row.id is not None:
        raise OrgError("INVALID_FIELD", "The Id field should not be specified in the sobject data.", ["Id"])
    record = _record_id(obj, record_id)
    _precondition(api, obj, record)
    api.call().update(row, record)
    return Answer(status=204)


def delete(api: Api, name: str, record_id: str) -> Answer:
    obj = object_of(api, name)
    api.call().delete(obj, _record_id(obj, record_id))
    return Answer(status=204)


# --- single records by external id -------------------------------------------------------------


def retrieve_by_key(api: Api, name: str, key: str, value: str) -> Answer:
    obj, definition, wanted = _key(api, name, key, value)
    found = _matches(api, obj, definition, wanted)
    return Answer(body=_row(api, obj, found, _fields(api, obj)))


def upsert(api: Api, name: str, key: str, value: str) -> Answer:
    """201 created, 200 updated (204 before API 46), 300 with the matches when there are several."""
    obj, definition, wanted = _key(api, name, key, value)
    body = api.json_object()
    row = api.org.read(obj.name, body)
    if definition.name in row.values or row.id is not None:
        shut = definition.name if definition.name in row.values else "Id"
        raise OrgError(
            "INVALID_FIELD", f"The {shut} field should not be specified in the sobject data.", [shut]
        )
    update_only = api.args.get("updateOnly", "false").lower() == "true"
    saved = api.call().upsert(row, definition, wanted, update_only=update_only)
    result: Row = {"id": saved.id, "success": True, "errors": [], "created": saved.created}
    if saved.created:
        return Answer(
            status=201, body=result, headers={"Location": f"{api.base}/sobjects/{obj.name}/{saved.id}"}
        )
    return Answer(body=result) if float(api.version) >= 46 else Answer(status=204)


def delete_by_key(api: Api, name: str, key: str, value: str) -> Answer:
    obj, definition, wanted = _key(api, name, key, value)
    api.call().delete(obj, _matches(api, obj, definition, wanted))
    return Answer(status=204)


def _key(api: Api, name: str, key: str, value: str) -> tuple[ObjectDef, FieldDef, Value]:
    obj = object_of(api, name)
    definition = key_field(obj, key)
    return obj, definition, coerce(definition, value)


def key_field(obj: ObjectDef, key: str) -> FieldDef:
    """The field an upsert may go by.

    Raises:
        OrgError: 404 NOT_FOUND, the object has no such external id field.
    """
    definition = obj.field(key)
    if definition is None or not definition.id_lookup:
        raise OrgError(
            "NOT_FOUND",
            f"Provided external ID field does not exist or is not accessible: {key}",
            status=404,
        )
    return definition


def _matches(api: Api, obj: ObjectDef, definition: FieldDef, value: Value) -> str:
    found = [str(r["Id"]) for r in api.org.db.find(obj, definition.name, value)]
    if len(found) > 1:
        raise several(definition, found)
    if not found:
        raise not_found()
    return found[0]


# --- helpers -----------------------------------------------------------------------------------


def _record_id(obj: ObjectDef, text: str) -> str:
    """The id of an address.

    Raises:
        OrgError: MALFORMED_ID, or 404 for the id of another object.
    """
    found = long_id(text)
    if found is None:
        raise OrgError("MALFORMED_ID", f"{obj.fields[0].label}: id value of incorrect type: {text}", ["Id"])
    if not found.startswith(obj.prefix):
        raise not_found()
    return found


def _fields(api: Api, obj: ObjectDef) -> list[str]:
    """Fields that `?fields=` names; all of them without it."""
    if "fields" not in api.args:
        return [f.name for f in obj.fields]
    names = [n.strip() for n in api.args["fields"].split(",") if n.strip()]
    for name in names:
        if obj.field(name.split(".")[0]) is None and obj.relation(name.split(".")[0]) is None:
            raise no_such_column(obj, name)
    return names


def _row(api: Api, obj: ObjectDef, record_id: str | None, fields: list[str]) -> Row:
    names = fields if "id" in (n.lower() for n in fields) else [*fields, "Id"]
    plan = Plan(api.org.schema, parse(f"SELECT {', '.join(names)} FROM {obj.name}"))
    rows = plan.page(api.org.db, [record_id] if record_id else [], api.version)
    if not rows:
        raise not_found()
    return rows[0]


def _http_date(text: str | None) -> datetime | None:
    """An HTTP date, or None when there is none.

    Raises:
        OrgError: it can't be read.
    """
    if text is None:
        return None
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        raise OrgError("INVALID_DATE_FORMAT", f"not an HTTP date: {text}") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _versions(api: Api, obj: ObjectDef, record_id: str) -> dict[str, str]:
    """Headers that name the version of a record: its last change, and for accounts an ETag."""
    record = api.org.db.get(obj, record_id) or {}
    changed = stamp_moment(str(record["LastModifiedDate"]))
    headers = {"Last-Modified": format_datetime(changed, usegmt=True)}
    return {**headers, "ETag": _etag(record)} if obj.name == TAGGED else headers


def _etag(record: Record) -> str:
    text = f"{record['Id']} {record['SystemModstamp']}"
    return f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'


def _tags(text: str | None) -> list[str]:
    return [tag.strip().removeprefix("W/").removesuffix("--gzip") for tag in (text or "").split(",")]


def _precondition(api: Api, obj: ObjectDef, record_id: str) -> bool:
    """If-(Un)modified-Since to the second, and for accounts If-(None-)Match; True means 304.

    Raises:
        OrgError: 412 when the record changed since; the body's code is unverified.
    """
    unmodified = _http_date(api.headers.get("if-unmodified-since"))
    modified = _http_date(api.headers.get("if-modified-since"))
    match, none_match = (api.headers.get(name) for name in ("if-match", "if-none-match"))
    if not any((unmodified, modified, match, none_match)):
        return False
    record = api.call().existing(obj, record_id)
    changed = stamp_moment(str(record["LastModifiedDate"]))
    other = obj.name == TAGGED and match is not None and not {"*", _etag(record)} & set(_tags(match))
    if other or (unmodified is not None and changed > unmodified):
        raise OrgError("MODIFIED", "The record was modified after the given date", status=412)
    if obj.name == TAGGED and none_match is not None:
        return bool({"*", _etag(record)} & set(_tags(none_match)))
    return modified is not None and changed <= modified
