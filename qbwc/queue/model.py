"""What can be queued for QuickBooks, and what a queued request looks like afterwards.

A request carries as data all that the server must decide by itself while its maker sleeps: what the record
looked like, how to find it again, which other answers it needs, until when it may go.  A value
`{"$answer": "<request id>", "field": "ListID"}` inside fields, lines, key or probe stands for a field of
another request's answer; it is filled when the request is sent.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, Literal, NamedTuple

ID_LIMIT = 40
"""Characters in a request's id: QuickBooks takes up to 50 as requestID (else 1060); a probe adds a prefix."""

_ID = re.compile(rf"[A-Za-z0-9._:-]{{1,{ID_LIMIT}}}")

State = Literal["queued", "sent", "answered", "failed", "unknown", "cancelled"]
OPEN: tuple[State, ...] = ("queued", "sent")
"""States from which a request still moves by itself."""


def new_id() -> str:
    """An id for a request: 32 hexadecimal digits."""
    return uuid.uuid4().hex


def valid_id(text: str) -> bool:
    """Whether a caller's id can travel as requestID and be told apart in a log."""
    return _ID.fullmatch(text) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryRequest:
    """Read records of one entity.

    Attributes:
        entity: E.g. 'Customer', 'Item', 'Invoice'.
        group: What belongs together, e.g. the id of a pull.
        max_returned: Records a page, for entities that can be read page by page.
        from_modified, to_modified: Local time of the QuickBooks machine without a zone, or its text.
        active: 'All', 'ActiveOnly' or 'InactiveOnly', for lists.
        include_lines: Return the lines of transactions.
        keys, full_names, ref_numbers: Only these records; no page then.
        owner_ids: '0' returns public custom fields.
        include: Only these elements of the record.
        types: What kinds of deleted records, for 'ListDeleted' and 'TxnDeleted', where from_modified and
            to_modified mean the time of deletion.
        count_only: Ask how many records there are: the answer is `progress.total`, and no page is kept.
        expected_records: How many it will be, as far as known, e.g. from the last pull; for progress only.
        priority: Higher goes first.
        not_after: Not sent after this time.
        id: Made when it is None.
    """

    entity: str
    group: str | None = None
    max_returned: int | None = None
    from_modified: datetime | str | None = None
    to_modified: datetime | str | None = None
    active: str | None = "All"
    include_lines: bool = True
    keys: tuple[str, ...] = ()
    full_names: tuple[str, ...] = ()
    ref_numbers: tuple[str, ...] = ()
    owner_ids: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    count_only: bool = False
    expected_records: int | None = None
    priority: int = 0
    not_after: datetime | None = None
    depends_on: tuple[str, ...] = ()
    change_id: str | None = None
    id: str | None = None

    @property
    def selects(self) -> bool:
        """Whether it names its records, so that it cannot be read page by page."""
        return bool(self.keys or self.full_names or self.ref_numbers)


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteRequest:
    """Add, modify, void or delete one record.

    Void, delete and custom fields ('DataExt') carry no EditSequence in qbXML: the session reads the record
    again right before it sends them, and a record that moved since review is stale.

    Attributes:
        entity: E.g. 'Customer', 'Item', 'Invoice'; 'DataExt' for the value of a custom field.
        action: 'add', 'mod', 'void' or 'delete'.
        fields: Value by flattened name, e.g. {'BillAddress_City': 'Bern'}; None clears, in a mod.  None for
            void and delete.
        lines: All lines of a transaction; None leaves them as they are.
        removes: TxnLineIDs that a mod may take away: approved removals.  Any other reviewed line that `lines`
            does not name would be lost, so that the request is refused.
        key: ListID or TxnID, for mod, void and delete (not of 'DataExt', whose fields name the record).
        edit_sequence: Version it was reviewed against, as `key`.
        expected: The reviewed values of the fields it changes, and its lines under 'lines' where it changes
            lines; a record that differs is stale.  For 'DataExt' the old value as 'DataExtValue', '' or
            None where there was none.
        probe: How to find an added record again after a lost answer: {'FullName': ...};
            {'ParentRef_FullName': ..., 'Name': ...} for a job, or ParentRef_ListID with an `$answer`;
            {'RefNumber': ..., 'CustomerRef_ListID': ...} for a transaction, or without a number
            {'Memo': a marker of its own, 'CustomerRef_ListID': ..., 'TxnDate': ...}, looked for among the
            transactions modified since it was sent.  Without a probe a lost add stays unknown.
        not_after: Not sent after this time.
        change_id: The change it carries out.
        group: What belongs together, e.g. the id of a change set.
        depends_on: Requests that must be answered first; those named by `$answer` count by themselves.
        priority: Higher goes first.
        id: Made when it is None.
    """

    entity: str
    action: Literal["add", "mod", "void", "delete"]
    fields: Mapping[str, Any] = field(default_factory=dict)
    lines: Sequence[Mapping[str, Any]] | None = None
    removes: Sequence[str] = ()
    key: Any = None
    edit_sequence: str | None = None
    expected: Mapping[str, Any] | None = None
    probe: Mapping[str, Any] | None = None
    not_after: datetime | None = None
    change_id: str | None = None
    group: str | None = None
    depends_on: Sequence[str] = ()
    priority: int = 0
    id: str | None = None


Request = QueryRequest | WriteRequest


class Progress(NamedTuple):
    """How far a query is: records read so far, and in all as far as QuickBooks has told."""

    records: int = 0
    total: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRow:
    """A request as the queue keeps it.

    Attributes:
        state: queued -> sent -> answered | failed | unknown | cancelled.
        status_code, status_message: QuickBooks' own, once it answered.
        error: Why it failed, is unknown or was cancelled, as a person reads it, with the evidence.
        note: What else happened to it, e.g. that its record was found after a lost answer.
        answer: The record QuickBooks returned: flattened fields, and its lines under 'lines'.  For a stale
            write it is the record as it is now.
        attempts: How often it was sent.
        request: What was queued.
        broken: Why it is not what was queued: somebody changed it in the store (`qbwc.queue.sealing`).
    """

    id: str
    company_id: str
    kind: Literal["query", "write"]
    entity: str
    action: str
    group: str | None
    change_id: str | None
    state: State
    status_code: int | None
    status_message: str | None
    error: str | None
    note: str | None
    queued_at: datetime
    sent_at: datetime | None
    answered_at: datetime | None
    attempts: int
    answer: dict[str, Any] | None
    progress: Progress
    request: Request = field(repr=False)
    broken: str | None = None


def body_of(request: Request) -> dict[str, Any]:
    """What of a request is kept as its body: everything that has no column of its own."""
    skip = {"entity", "action", "group", "change_id", "priority", "not_after", "id", "depends_on"}
    return {
        one.name: getattr(request, one.name)
        for one in fields(request)
        if one.name not in skip and getattr(request, one.name) != one.default
    }


def request_of(row: Mapping[str, Any], body: dict[str, Any], parents: Sequence[str] = ()) -> Request:
    """Make the request again from its row and its body."""
    common: dict[str, Any] = {
        "entity": row["entity"],
        "group": row["group_id"],
        "change_id": row["change_id"],
        "priority": row["priority"],
        "not_after": row["not_after"],
        "depends_on": tuple(parents),
        "id": row["id"],
    }
    if row["kind"] == "write":
        if "removes" in body:
            body = {**body, "removes": tuple(body["removes"])}
        return WriteRequest(action=row["action"], **common, **body)
    tuples = ("keys", "full_names", "ref_numbers", "owner_ids", "include", "types")
    common |= {name: tuple(value) if name in tuples else value for name, value in body.items()}
    return QueryRequest(**common)


def lost_lines(request: WriteRequest) -> list[str]:
    """Reviewed lines that a mod would take away without leave: ids neither among its lines nor `removes`.

    QuickBooks deletes every line that a mod with lines does not name (Intuit).
    """
    if request.action != "mod" or request.lines is None:
        return []
    reviewed = [str(line["TxnLineID"]) for line in (request.expected or {}).get("lines") or ()]
    kept = {str(line.get("TxnLineID")) for line in request.lines} | set(request.removes)
    return [one for one in reviewed if one not in kept]


def references(value: object) -> Iterator[tuple[str, str]]:
    """Every `$answer` in a value, as (request id, field)."""
    if isinstance(value, Mapping):
        if "$answer" in value:
            yield str(value["$answer"]), str(value.get("field", ""))
            return
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from references(inner)


def parents_of(request: Request) -> list[str]:
    """Ids of the requests that must be answered before this one, in order, each once."""
    named = list(request.depends_on)
    if isinstance(request, WriteRequest):
        for part in (request.fields, request.lines, request.key, request.probe):
            named.extend(parent for parent, _ in references(part))
    return list(dict.fromkeys(named))


def filled(value: Any, answers: Mapping[str, Mapping[str, Any] | None]) -> Any:
    """The value with every `$answer` replaced.

    Raises:
        KeyError: An answer has no such field, with (request id, field).
    """
    if isinstance(value, Mapping):
        if "$answer" in value:
            return _answered(str(value["$answer"]), str(value.get("field", "")), answers)
        return {name: filled(inner, answers) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [filled(inner, answers) for inner in value]
    return value


def _answered(parent: str, name: str, answers: Mapping[str, Mapping[str, Any] | None]) -> Any:
    answer = answers.get(parent)
    if not answer or answer.get(name) is None:
        raise KeyError(parent, name)
    return answer[name]
