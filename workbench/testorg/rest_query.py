"""REST resources that read many records: query and its pages, and what was deleted or changed."""

from __future__ import annotations

from datetime import timedelta

from .api import Answer, Api, object_of
from .cursors import page_size
from .errors import OrgError
from .query import Plan, Row
from .schema import ObjectDef
from .soql import parse
from .values import parse_moment, stamp_moment, stamp_text

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
    obj = object_of(api, name)
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
