"""The addresses of Bulk API 2.0: `/jobs/ingest` and `/jobs/query`.

Names of results are found whatever their case: clients ask for `unprocessedRecords` and for
`unprocessedrecords`.  Texts of refusals are ours (unverified) where no public source shows the real ones.
"""

from __future__ import annotations

import base64
import binascii
import tempfile
from collections.abc import Iterable, Mapping

from . import bulk_query
from .api import Answer, Api
from .bulk_csv import Dialect, RowFile
from .bulk_ingest import OPERATIONS
from .bulk_jobs import ENDED, Job, Kind
from .errors import OrgError, not_found
from .rest import key_field
from .values import stamp_text

MAX_UPLOAD = 100 * 1_000_000  # bytes of CSV in one job (reference, section 3.4)
PAGE = 100_000  # records of a page when the caller doesn't say
_INGEST_RESULTS = ("successfulresults", "failedresults", "unprocessedrecords")


# --- ingest ------------------------------------------------------------------------------------


def create_ingest(api: Api) -> Answer:
    """POST jobs/ingest: an Open job."""
    body = api.json_object()
    operation = str(body.get("operation"))
    if operation not in OPERATIONS:
        raise OrgError("INVALIDJOB", f"operation must be one of {', '.join(OPERATIONS)}, not {operation}")
    job = _job(api, "ingest", operation, str(body.get("object")), body, state="Open")
    if operation == "upsert":
        job.key = key_field(job.obj, _text(body, "externalIdFieldName"))
    api.org.jobs.add(job)
    return Answer(body=job.as_json(whole=False))


def upload(api: Api, job_id: str) -> Answer:
    """PUT jobs/ingest/{id}/batches: the CSV, once."""
    job = api.org.jobs.get("ingest", job_id)
    if "text/csv" not in api.headers.get("content-type", ""):
        raise OrgError("UNSUPPORTED_MEDIA_TYPE", "Content-Type header must be text/csv", status=415)
    if job.state != "Open" or job.upload is not None:
        raise _wrong_state(f"Found multiple contents for job: <{job.id}>, or the job is {job.state}")
    kept = tempfile.TemporaryFile()  # noqa: SIM115 (lives as long as its job)
    size = 0
    while piece := api.upload.read(1 << 16):
        size += len(piece)
        if size > MAX_UPLOAD:
            kept.close()
            raise OrgError("EXCEEDED_MAX_SIZE_REQUEST", f"the upload exceeds {MAX_UPLOAD} bytes", status=413)
        kept.write(piece)
    job.upload = kept
    return Answer(status=201)


def change_ingest(api: Api, job_id: str) -> Answer:
    """PATCH jobs/ingest/{id}: UploadComplete starts it, Aborted ends it."""
    job = api.org.jobs.get("ingest", job_id)
    state = api.json_object().get("state")
    if state == "Aborted":
        return _abort(api, job)
    if state != "UploadComplete":
        raise OrgError("INVALIDJOB", f"state must be UploadComplete or Aborted, not {state}")
    if job.state != "Open" or job.upload is None:
        raise _wrong_state(f"Only an open job with its data can be closed; this one is {job.state}")
    api.org.jobs.start(job)
    return Answer(body=job.as_json(whole=False))


def ingest_results(api: Api, job_id: str, which: str) -> Answer:
    """GET jobs/ingest/{id}/successfulResults and its like, when the job has ended."""
    job = api.org.jobs.get("ingest", job_id)
    if which.lower() not in _INGEST_RESULTS:
        raise not_found()
    if job.state not in ENDED:
        raise _wrong_state(f"The job is {job.state}; it has no results yet")
    file = job.results.get(which.lower())
    return Answer(csv=[]) if file is None else _csv(file, {})


# --- query -------------------------------------------------------------------------------------


def create_query(api: Api) -> Answer:
    """POST jobs/query: a job that starts at once."""
    body = api.json_object()
    operation = str(body.get("operation"))
    if operation not in ("query", "queryAll"):
        raise OrgError("INVALIDJOB", f"operation must be query or queryAll, not {operation}")
    soql = _text(body, "query")
    plan = bulk_query.plan(api.org.schema, soql, include_deleted=operation == "queryAll")
    job = _job(api, "query", operation, plan.object.name, body, state="UploadComplete")
    job.plan = plan
    api.org.jobs.add(job)
    return Answer(body=job.as_json(whole=False))


def change_query(api: Api, job_id: str) -> Answer:
    """PATCH jobs/query/{id}: Aborted ends it."""
    job = api.org.jobs.get("query", job_id)
    if api.json_object().get("state") != "Aborted":
        raise OrgError("INVALIDJOB", "state must be Aborted")
    return _abort(api, job)


def query_results(api: Api, job_id: str) -> Answer:
    """GET jobs/query/{id}/results?maxRecords=&locator=: one page; the locator `null` says it is the last."""
    job = api.org.jobs.get("query", job_id)
    if job.state != "JobComplete":
        raise _wrong_state(f"The job is {job.state}; it has no results")
    file = job.results["results"]
    start = _offset(api.args.get("locator"), len(file))
    count = _page_size(api.args.get("maxRecords"))
    stop = min(len(file), start + count)
    following = "null" if stop >= len(file) else base64.b64encode(str(stop).encode()).decode()
    headers = {"Sforce-Locator": following, "Sforce-NumberOfRecords": str(stop - start)}
    return _csv(file, headers, start, count)


def _offset(locator: str | None, rows: int) -> int:
    if locator is None:
        return 0
    try:
        offset = int(base64.b64decode(locator, validate=True).decode("ascii"))
    except (binascii.Error, ValueError):
        offset = -1
    if not 0 < offset < rows:
        raise OrgError("INVALID_QUERY_LOCATOR", f"invalid locator: {locator}")
    return offset


def _page_size(text: str | None) -> int:
    if text is None:
        return PAGE
    if not text.isdecimal() or int(text) < 1:
        raise OrgError("INVALIDJOB", f"maxRecords must be a positive number, not {text}")
    return int(text)


# --- both --------------------------------------------------------------------------------------


def one(api: Api, job_id: str, *, kind: Kind) -> Answer:
    """GET of one job."""
    return Answer(body=api.org.jobs.get(kind, job_id).as_json(whole=True))


def listed(api: Api, *, kind: Kind) -> Answer:
    """GET of all jobs."""
    records = [job.as_json(whole=False) for job in api.org.jobs.all(kind)]
    return Answer(body={"done": True, "records": records, "nextRecordsUrl": None})


def remove(api: Api, job_id: str, *, kind: Kind) -> Answer:
    """DELETE of a job that has ended, or was never started."""
    job = api.org.jobs.get(kind, job_id)
    if job.state == "InProgress":
        raise _wrong_state("A job that is InProgress can't be deleted")
    if job.state not in ENDED:
        api.org.jobs.set_state(job, "Aborted")
    api.org.jobs.remove(job)
    return Answer(status=204)


def _abort(api: Api, job: Job) -> Answer:
    if job.state in ENDED:
        raise _wrong_state(f"The job is {job.state}; it can't be aborted any more")
    api.org.jobs.set_state(job, "Aborted")
    return Answer(body=job.as_json(whole=False))


def _job(api: Api, kind: Kind, operation: str, name: str, body: Mapping[str, object], *, state: str) -> Job:
    obj = api.org.schema.object(name)
    if obj is None:
        raise OrgError("INVALIDENTITY", f"Entity '{name}' is not supported by the Bulk API.")
    if body.get("contentType", "CSV") != "CSV":
        raise OrgError("INVALIDJOB", f"contentType must be CSV, not {body['contentType']}")
    now = stamp_text(api.org.clock())
    return Job(
        id=api.org.jobs.new_id(),
        kind=kind,
        operation=operation,
        obj=obj,
        dialect=Dialect(str(body.get("columnDelimiter", "COMMA")), str(body.get("lineEnding", "LF"))),
        version=api.version,
        username=api.username,
        user=api.org.user_id(api.username),
        created=now,
        changed=now,
        state=state,
    )


def _text(body: Mapping[str, object], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise OrgError("INVALIDJOB", f"{name} is missing")
    return value


def _csv(file: RowFile, headers: Mapping[str, str], start: int = 0, count: int | None = None) -> Answer:
    size, pieces = file.read(start, count)
    content: Iterable[bytes] = pieces
    return Answer(csv=content, headers={**headers, "Content-Length": str(size)})


def _wrong_state(message: str) -> OrgError:
    return OrgError("INVALIDJOBSTATE", message)
