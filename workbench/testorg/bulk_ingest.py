"""Working through an ingest job: its CSV row by row, in chunks that share a request's stamps.

An empty cell is ignored, `#N/A` clears a field, a column `Account.Key__c` names a parent by an external
id.  What is wrong with a row goes into failedResults; what is wrong with the upload as a whole (an
unknown column, a row of another length) fails the job, and the rows that weren't reached are unprocessed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from . import saving
from .bulk_csv import RowFile, invalid_batch
from .bulk_jobs import Aborted, Job
from .dml import Call, Saved
from .errors import OrgError
from .schema import FieldDef, ObjectDef, Schema

if TYPE_CHECKING:
    from .org import TestOrg

CHUNK = 200  # rows that are saved together, as triggers see them
NULL = "#N/A"
OPERATIONS = ("insert", "update", "upsert", "delete", "hardDelete")
_TRUE = frozenset({"true", "yes", "y", "on", "1"})
_FALSE = frozenset({"false", "no", "n", "off", "0"})
Body = dict[str, object]
_Put = Callable[[Body, str], None]
"""Puts one cell into the body of a record."""


def run(org: TestOrg, job: Job) -> None:
    """Do an ingest job; its results are complete whatever happens.

    Raises:
        OrgError: what fails the job as a whole.
        Aborted: somebody aborted it.
    """
    assert job.upload is not None
    rows = job.dialect.rows(job.upload)
    header = next(rows, [])
    _open_results(job, header)
    left = rows
    try:
        puts = columns(org.schema, job.obj, job.operation, header)
        fault = org.faults.take("fail_job", None, f"{job.obj.name}/{job.operation}/{job.id}")
        while chunk := list(islice(rows, CHUNK)):
            left = iter(chunk)
            job.check_alive()
            if fault is not None and job.processed + len(chunk) > fault.rows:
                done, rest = chunk[: fault.rows - job.processed], chunk[fault.rows - job.processed :]
                left = iter(rest)
                _save(org, job, puts, header, done)
                raise invalid_batch("Internal error: the batch was retried and gave up")
            _check_lengths(header, chunk)
            left = iter(())
            _save(org, job, puts, header, chunk)
    except (OrgError, Aborted):
        _unprocessed(job, left)
        _unprocessed(job, rows)
        raise


def _open_results(job: Job, header: Sequence[str]) -> None:
    job.results = {
        "successfulresults": RowFile(job.dialect, ["sf__Id", "sf__Created", *header]),
        "failedresults": RowFile(job.dialect, ["sf__Id", "sf__Error", *header]),
        "unprocessedrecords": RowFile(job.dialect, header),
    }


def _unprocessed(job: Job, rows: Iterator[list[str]]) -> None:
    try:
        job.results["unprocessedrecords"].extend(job.dialect.line(row) for row in rows)
    except OrgError:
        return  # what follows can't be read as CSV; the job says why


def _check_lengths(header: Sequence[str], chunk: Sequence[Sequence[str]]) -> None:
    for row in chunk:
        if len(row) != len(header):
            raise invalid_batch(f"The header has {len(header)} columns, a row has {len(row)}")


# --- columns -----------------------------------------------------------------------------------


def columns(schema: Schema, obj: ObjectDef, operation: str, header: Sequence[str]) -> list[_Put]:
    """What to do with the cells of each column.

    Raises:
        OrgError: InvalidBatch for a column that isn't a field, or stands there twice.
    """
    if not header:
        raise invalid_batch("The content is empty")
    if operation in ("delete", "hardDelete") and [name.lower() for name in header] != ["id"]:
        raise invalid_batch("a delete takes the column Id and no other")
    if len({name.lower() for name in header}) < len(header):
        raise invalid_batch("Duplicate field name in the header")
    return [_column(schema, obj, name) for name in header]


def _column(schema: Schema, obj: ObjectDef, name: str) -> _Put:
    """A field, a parent's key `Account.Key__c`, or one of several kinds of parents `User:Owner.Username`."""
    path, _, key = name.partition(".")
    definition = obj.field(name)
    if definition is not None and not definition.compound:
        return partial(_put_value, definition)
    kind, _, relation = path.rpartition(":")
    reference = obj.relation(relation)
    parent = None if reference is None else schema.object(kind or reference.targets[0])
    target = None if parent is None else parent.field(key)
    if reference is None or parent is None or target is None or (reference.polymorphic and not kind):
        raise invalid_batch(f"Field name not found : {name}")
    return partial(_put_parent, reference, parent, target)


def _put_value(definition: FieldDef, body: Body, text: str) -> None:
    if text == "":
        return
    value: object = None if text == NULL else text
    if definition.type == "boolean" and value is not None:
        value = _boolean(definition, text)
    body[definition.name] = value


def _put_parent(reference: FieldDef, parent: ObjectDef, key: FieldDef, body: Body, text: str) -> None:
    if text == NULL:
        body[reference.name] = None
    elif text:
        body[str(reference.relation)] = {"attributes": {"type": parent.name}, key.name: text}


def _boolean(definition: FieldDef, text: str) -> bool:
    if text.lower() in _TRUE:
        return True
    if text.lower() in _FALSE:
        return False
    raise _wrong_type(f"'{text}' is not a valid value for the type xsd:boolean", [definition.name])


def _wrong_type(message: str, fields: Sequence[str] = ()) -> OrgError:
    return OrgError("INVALID_TYPE_ON_FIELD_IN_RECORD", message, fields)


# --- rows --------------------------------------------------------------------------------------


def _save(
    org: TestOrg, job: Job, puts: Sequence[_Put], header: Sequence[str], chunk: Sequence[list[str]]
) -> None:
    """Save a chunk, and say of each row what became of it."""
    call = org.call(job.username)
    save = _saver(job)
    actions = [partial(_one, org, job, call, save, puts, row) for row in chunk]
    results = call.many(actions, all_or_none=False)
    good, bad = [], []
    for row, saved in zip(chunk, results, strict=True):
        if saved.error is None:
            good.append(job.dialect.line([str(saved.id), str(saved.created).lower(), *row]))
        else:
            bad.append(job.dialect.line([_id_in(header, row), error_text(saved.error), *row]))
    job.results["successfulresults"].extend(good)
    job.results["failedresults"].extend(bad)
    job.processed += len(chunk)
    job.failed += len(bad)


def _saver(job: Job) -> saving.Save:
    if job.operation == "insert":
        return saving.insert
    if job.operation == "update":
        return saving.updater()
    if job.operation == "upsert" and job.key is not None:
        return saving.upserter(job.obj, job.key)
    return saving.purge if job.operation == "hardDelete" else saving.delete


def _one(
    org: TestOrg, job: Job, call: Call, save: saving.Save, puts: Sequence[_Put], row: Sequence[str]
) -> Saved:
    body: Body = {}
    for put, text in zip(puts, row, strict=True):
        put(body, text)
    try:
        incoming = org.read(job.obj.name, body)
    except OrgError as error:
        if error.code != "JSON_PARSER_ERROR":
            raise
        raise _wrong_type(error.message, error.fields) from None
    return save(call, incoming)


def _id_in(header: Sequence[str], row: Sequence[str]) -> str:
    """The id that a refused row names; empty when it names none."""
    return next((v for name, v in zip(header, row, strict=True) if name.lower() == "id"), "")


def error_text(error: OrgError) -> str:
    """`CODE:message:Field,Field --`, as failedResults shows a refusal."""
    return f"{error.code}:{error.message}:{','.join(error.fields)}{' ' if error.fields else ''}--"
