"""REST resources: what each address answers.  `web` finds the function; these know no HTTP library.

Each takes an `Api` (the org and the request) and answers an `Answer`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from typing import TYPE_CHECKING

from . import jsontext
from .cursors import page_size
from .describe import describe_brief, describe_global, describe_object
from .dml import Call, several
from .errors import OrgError, not_found
from .ids import long_id
from .incoming import no_such_column
from .query import Plan, Row
from .schema import FieldDef, ObjectDef
from .soql import parse
from .values import Value, coerce, parse_moment, stamp_moment, stamp_text

if TYPE_CHECKING:
    from .org import TestOrg

VERSIONS = tuple(f"{n}.0" for n in range(31, 68))
REMOVED_VERSIONS = tuple(f"{n}.0" for n in range(7, 31))


@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    """One request to the REST API.

    Attributes:
        version: API version of the address, e.g. `64.0`.
        args: Query parameters.
        headers: By lower-case name.
        body: Raw body.
        url: Address of the org, without a slash at its end.
        username: Whose session it is.
    """

    org: TestOrg
    version: str
    args: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    url: str
    username: str

    @property
    def base(self) -> str:
        return f"/services/data/v{self.version}"

    def call(self) -> Call:
        """A writing request in the name of the session's user."""
        return self.org.call(self.username)

    def json_object(self) -> dict[str, object]:
        """The body as one JSON object.

        Raises:
            OrgError: JSON_PARSER_ERROR or UNSUPPORTED_MEDIA_TYPE.
        """
        if "application/json" not in self.headers.get("content-type", ""):
            raise OrgError(
                "UNSUPPORTED_MEDIA_TYPE", "Content-Type header must be application/json", status=415
            )
        found = jsontext.loads(self.body)
        if not isinstance(found, dict):
            raise OrgError("JSON_PARSER_ERROR", "The HTTP entity body must be a JSON object")
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Status, JSON body (None for no body) and further headers."""

    status: int = 200
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict)


Resource = Callable[..., Answer]


# --- the service -------------------------------------------------------------------------------


def versions() -> Answer:
    """The API versions of the org; needs no login."""
    listed = [{"label": f"API {v}", "url": f"/services/data/v{v}", "version": v} for v in VERSIONS]
    return Answer(body=listed)


def resources(api: Api) -> Answer:
    names = ("composite", "limits", "query", "queryAll", "sobjects")
    return Answer(body={name: f"{api.base}/{name}" for name in names})


def limits(api: Api) -> Answer:
    most = api.org.settings.daily_limit
    left = max(0, most - api.org.api_requests)
    return Answer(body={"DailyApiRequests": {"Max": most, "Remaining": left}})


# --- describe ----------------------------------------------------------------------------------


def list_objects(api: Api) -> Answer:
    return _unless_modified(api, describe_global(api.org.schema, api.version))


def describe(api: Api, name: str) -> Answer:
    obj = _object(api, name)
    return _unless_modified(api, describe_object(api.org.schema, obj, api.version, api.url))


def basic_info(api: Api, name: str) -> Answer:
    obj = _object(api, name)
    return Answer(body={"objectDescribe": describe_brief(obj, api.version), "recentItems": []})


def _unless_modified(api: Api, body: object) -> Answer:
    """304 when the schema is as old as the caller knows it; it never changes after the founding."""
    changed = stamp_moment(api.org.db.note("created") or stamp_text(api.org.clock()))
    headers = {"Last-Modified": format_datetime(changed, usegmt=True)}
    since = _http_date(api.headers.get("if-modified-since"))
    if since is not None and changed <= since:
        return Answer(status=304, headers=headers)
    return Answer(body=body, headers=headers)


# --- single records ----------------------------------------------------------------------------


def create(api: Api, name: str) -> Answer:
    body = api.json_object()
    row = api.org.read(_object(api, name).name, body)
    if row.id is not None:
        raise OrgError("INVALID_FIELD_FOR_INSERT_UPDATE", "cannot specify Id in an insert call", ["Id"])
    saved = api.call().insert(row)
    headers = {"Location": f"{api.base}/sobjects/{row.obj.name}/{saved.id}"}
    return Answer(status=201, body={"id": saved.id, "success": True, "errors": []}, headers=headers)


def retrieve(api: Api, name: str, record_id: str) -> Answer:
    obj = _object(api, name)
    row = _row(api, obj, long_id(record_id), _fields(api, obj))
    if _precondition(api, obj, str(row["Id"])):
        return Answer(status=304)
    return Answer(body=row)


def update(api: Api, name: str, record_id: str) -> Answer:
    obj = _object(api, name)
    row = api.org.read(obj.name, api.json_object())
    if row.id is not None:
        raise OrgError("INVALID_FIELD", "The Id field should not be specified in the sobject data.", ["Id"])
    record = _record_id(obj, record_id)
    _precondition(api, obj, record)
    api.call().update(row, record)
    return Answer(status=204)


def delete(api: Api, name: str, record_id: str) -> Answer:
    obj = _object(api, name)
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
    obj = _object(api, name)
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


# --- query -------------------------------------------------------------------------------------


def query(api: Api, *, include_deleted: bool) -> Answer:
    if "q" not in api.args:
        raise OrgError("MALFORMED_QUERY", "SOQL query parameter 'q' is missing")
    statement = parse(api.args["q"])
    plan = Plan(api.org.schema, statement, include_deleted=include_deleted)
    with api.org.db.lock:
        ids = plan.ids(api.org.db)
        if statement.count:
            return Answer(body={"totalSize": len(ids), "done": True, "records": []})
        size = page_size(api.headers.get("sforce-query-options"))
        rows = plan.page(api.org.db, ids[:size], api.version)
    if len(ids) <= size:
        return Answer(body={"totalSize": len(ids), "done": True, "records": rows})
    locator = api.org.cursors.open(plan, ids, page=size, user=api.username)
    return Answer(body=_page(api, len(ids), rows, f"{locator}-{size}"))


def query_more(api: Api, locator: str) -> Answer:
    key, cursor, start = api.org.cursors.get(locator)
    end = start + cursor.page
    rows = cursor.plan.page(api.org.db, cursor.ids[start:end], api.version)
    following = f"{key}-{end}" if end < len(cursor.ids) else None
    return Answer(body=_page(api, len(cursor.ids), rows, following))


def _page(api: Api, total: int, rows: list[Row], following: str | None) -> Row:
    page: Row = {"totalSize": total, "done": following is None}
    if following is not None:
        page["nextRecordsUrl"] = f"{api.base}/query/{following}"
    return {**page, "records": rows}


# --- what was deleted or changed ---------------------------------------------------------------


def deleted(api: Api, name: str) -> Answer:
    """Ids that went to the recycle bin in a span of at most 15 days back."""
    obj, start, end = _span(api, name, days=15)
    rows = api.org.db.rows(
        f'SELECT "Id", "_deleted" FROM "{obj.name}" WHERE "_deleted" >= ? AND "_deleted" < ? ORDER BY 2, 1',
        [start, end],
    )
    earliest = stamp_text(api.org.clock() - timedelta(days=15))
    return Answer(
        body={
            "deletedRecords": [{"deletedDate": moment, "id": record_id} for record_id, moment in rows],
            "earliestDateAvailable": max(earliest, api.org.db.note("created") or earliest),
            "latestDateCovered": _covered(api, end),
        }
    )


def updated(api: Api, name: str) -> Answer:
    """Ids of live records that changed in a span of at most 30 days back."""
    obj, start, end = _span(api, name, days=30)
    rows = api.org.db.rows(
        f'SELECT "Id" FROM "{obj.name}" WHERE "IsDeleted" = 0 AND "SystemModstamp" >= ?'
        ' AND "SystemModstamp" < ? ORDER BY "SystemModstamp", "Id"',
        [start, end],
    )
    return Answer(body={"ids": [row[0] for row in rows], "latestDateCovered": _covered(api, end)})


def _span(api: Api, name: str, *, days: int) -> tuple[ObjectDef, str, str]:
    obj = _object(api, name)
    if obj.field("IsDeleted") is None:
        raise OrgError("INVALID_TYPE", f"{obj.name} is not replicatable")
    start, end = (_moment(api, which) for which in ("start", "end"))
    if stamp_moment(start) < api.org.clock() - timedelta(days=days):
        raise OrgError("INVALID_REPLICATION_DATE", f"startDate cannot be more than {days} days ago")
    if stamp_moment(end) - stamp_moment(start) < timedelta(minutes=1):
        raise OrgError(
            "INVALID_REPLICATION_DATE", "endDate must be at least one minute greater than startDate"
        )
    return obj, start, end


def _moment(api: Api, which: str) -> str:
    found = parse_moment(api.args.get(which, ""))
    if found is None:
        raise OrgError("INVALID_DATE_FORMAT", f"{which} is not an ISO 8601 date with a time and zone")
    return found


def _covered(api: Api, end: str) -> str:
    return min(end, stamp_text(api.org.clock()))


# --- helpers -----------------------------------------------------------------------------------


def _object(api: Api, name: str) -> ObjectDef:
    found = api.org.schema.object(name)
    if found is None:
        raise not_found()
    return found


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


def _precondition(api: Api, obj: ObjectDef, record_id: str) -> bool:
    """If-Unmodified-Since and If-Modified-Since on a record, to the second; True means 304.

    Raises:
        OrgError: 412 when the record changed since; the body's code is unverified.
    """
    unmodified = _http_date(api.headers.get("if-unmodified-since"))
    modified = _http_date(api.headers.get("if-modified-since"))
    if unmodified is None and modified is None:
        return False
    record = api.call().existing(obj, record_id)
    changed = stamp_moment(str(record["LastModifiedDate"]))
    if unmodified is not None and changed > unmodified:
        raise OrgError("MODIFIED", "The record was modified after the given date", status=412)
    return modified is not None and changed <= modified
