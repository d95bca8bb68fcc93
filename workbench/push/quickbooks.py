"""Write to QuickBooks: hand changes to the queue, and settle them when they were answered.

The record in each answer is the read-back.  A write that QuickBooks refuses as out of date is `stale`;
one whose answer was lost is `unknown` until the server has probed for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from workbench.changes import Answer, Change, ChangeSet, encode
from workbench.changes.customs import CUSTOM
from workbench.connections.quickbooks import Answered, QuickBooksQueue, write_requests
from workbench.connections.quickbooks import refusal as predict
from workbench.ledger import OutcomeRow, Settled, settle_many
from workbench.model import Action, Side
from workbench.push.customs import custom_differing, custom_keywords, is_custom, record_key
from workbench.push.ready import filled
from workbench.push.values import differing, said
from workbench.store import Store

STALE = 3200
"""QuickBooks' code for an EditSequence that is out of date."""

NOT_FOUND = 3120
"""QuickBooks' code for a record that is not there."""

GONE = "its request is gone from the queue, and whether it was sent is not known"

KEYS = ("ListID", "TxnID")

ACTIONS: Mapping[Action, str] = {
    Action.CREATE: "add",
    Action.UPDATE: "mod",
    Action.DELETE: "delete",
    Action.VOID: "void",
}
"""What the queue calls it."""

REMOVALS = (Action.DELETE, Action.VOID)


def request_id(changeset: str, change: str) -> str:
    """Answer the id of the request that carries out a change: the same one, however often it is asked."""
    return f"{changeset.removeprefix('cs-')}-{change.removeprefix('ch-')}"


def as_request(
    changeset: str, change: Change, rows: Mapping[str, OutcomeRow], expires_at: datetime | None
) -> dict[str, Any]:
    """Answer the keywords of the write request for a change."""
    if is_custom(change):
        return _custom_request(changeset, change, rows, expires_at)
    goes = change.action in REMOVALS
    fields = {} if goes else {api: _value(changeset, value, rows) for api, value in change.values.items()}
    context = {name: value for name, value in change.context.items() if name != "Sublevel"}
    return {
        "id": request_id(changeset, change.id),
        "entity": change.object,
        "action": ACTIONS[Action(change.action)],
        "fields": {} if goes else context | fields,
        "lines": [
            {api: _value(changeset, value, rows) for api, value in line.items()} for line in change.lines
        ]
        or None,
        "key": change.record,
        "edit_sequence": change.version,
        "expected": dict(change.before) if change.action == "update" else None,
        "probe": _probe(change, fields),
        "not_after": expires_at,
        "change_id": change.id,
        "group": changeset,
        "depends_on": _waits_for(changeset, change, rows),
    }


def _waits_for(changeset: str, change: Change, rows: Mapping[str, OutcomeRow]) -> tuple[str, ...]:
    """The requests that must be answered before, of changes that wait in the same queue."""
    parents = [rows[parent] for parent in change.depends_on if parent in rows]
    return tuple(
        request_id(changeset, row.change)
        for row in parents
        if row.side == Side.QUICKBOOKS and row.state != "applied"
    )


def _custom_request(
    changeset: str, change: Change, rows: Mapping[str, OutcomeRow], expires_at: datetime | None
) -> dict[str, Any]:
    """The same for a custom field; its record may be made, or changed, by another change of the set."""
    after = str(change.context[CUSTOM]["after"])
    record = change.record or _value(changeset, Answer(after, record_key(change)), rows)
    (value,) = (_value(changeset, each, rows) for each in change.values.values())
    waits = bool(after) and not (after in rows and rows[after].state == "applied")
    return {
        "id": request_id(changeset, change.id),
        **custom_keywords(change, record, value),
        "not_after": expires_at,
        "change_id": change.id,
        "group": changeset,
        "depends_on": (request_id(changeset, after),) if waits else (),
    }


def refusal(change: Change) -> str:
    """Predict why QuickBooks would refuse a change; '' when it would not, or it goes elsewhere."""
    if change.side != Side.QUICKBOOKS or change.hold:
        return ""
    (write,) = write_requests([as_request("cs-plan", change, {}, None)])
    return predict(write)


def queue_writes(
    queue: QuickBooksQueue,
    store: Store,
    changeset: ChangeSet,
    changes: Sequence[Change],
    rows: Mapping[str, OutcomeRow],
    expires_at: datetime | None,
) -> None:
    """Queue changes, those that a crash has queued before left out, and remember their requests.

    What the queue would refuse fails and says why; what needs it is left out, and waits for what failed.
    """
    ids = {change.id: request_id(changeset.id, change.id) for change in changes}
    known = queue.answers(list(ids.values()))
    new = [change for change in changes if ids[change.id] not in known]
    writes = write_requests(as_request(changeset.id, change, rows, expires_at) for change in new)
    going, refused, out = [], list[Settled](), set[str]()
    for change, write in zip(new, writes, strict=True):
        if why := predict(write):
            refused.append(Settled(change=change.id, state="failed", detail=f"not sent: {why}"))
        if why or out & set(write.depends_on):
            out.add(ids[change.id])
        else:
            going.append(write)
    queue.queue_writes(going)
    settle_many(store, changeset.id, refused)
    ids = {change: id_ for change, id_ in ids.items() if id_ not in out}
    queued = [Settled(change=id_, state="waiting", request=ids[id_], detail="queued") for id_ in ids]
    mine = settle_many(store, changeset.id, queued)
    queue.cancel([ids[id_] for id_ in ids if id_ not in mine], "its push was stopped before it was sent")


def settle_answers(
    queue: QuickBooksQueue, store: Store, changeset: ChangeSet, rows: Mapping[str, OutcomeRow]
) -> str | None:
    """Settle the changes whose requests were answered, refused, cancelled or lost.

    Answers why nothing more may be sent, where a request is not what was queued; else None.
    """
    # A request of Salesforce's is a job of its own.
    mine = [row for row in rows.values() if row.side == Side.QUICKBOOKS and row.settled_at is None]
    open_rows = {row.request: row for row in mine if row.request}
    if not open_rows:
        return None
    answers = queue.answers(list(open_rows))
    broken = {id_: GONE for id_ in open_rows if id_ not in answers}
    broken |= {id_: answered.broken for id_, answered in answers.items() if answered.broken}
    found = [
        _doubted(open_rows[id_], answers.get(id_), broken[id_])
        if id_ in broken
        else _settled(changeset.by_id[row.change], row, answers[id_], rows)
        for id_, row in open_rows.items()
    ]
    settle_many(store, changeset.id, [each for each in found if each is not None])
    if not broken:
        return None
    id_, why = next(iter(broken.items()))
    change = changeset.by_id[open_rows[id_].change]
    more = f" (and {len(broken) - 1:,} more)" if len(broken) > 1 else ""
    return f"the request for {change.object} {change.label!r}{more} was changed in the queue: {why}"


def _doubted(row: OutcomeRow, answered: Answered | None, why: str) -> Settled | None:
    """What becomes of a change whose request is not what was queued, or whose answer can't be believed."""
    if answered is not None and answered.state == "queued":
        return None  # it is taken back with all that waits
    if answered is not None and answered.state in ("failed", "cancelled"):
        return Settled(change=row.change, state="failed", request=row.request, detail=answered.text or why)
    detail = f"{why}; look at the record, then say what became of it with `workbench settle`"
    if (row.state, row.detail) == ("unknown", detail):
        return None
    return Settled(change=row.change, state="unknown", request=row.request, detail=detail)


def _settled(
    change: Change, row: OutcomeRow, answered: Answered, rows: Mapping[str, OutcomeRow]
) -> Settled | None:
    """What has become of a change by the answer to its request; None when nothing is new."""
    state, detail = _state(answered)
    if (change.action, answered.state, answered.status_code) == (Action.DELETE, "failed", NOT_FOUND):
        state, detail = "applied", "it was gone already"
    record = answered.record or {}
    key = next((str(record[name]) for name in KEYS if record.get(name)), None)
    accepted = None
    if state == "applied":
        wrong = _differing(change, record, rows)
        accepted = True
        if wrong:
            told = "foretold" if change.foretold else "sent"
            state, detail = "failed", said(wrong, told, "QuickBooks holds")
    if state == "stale" and (is_custom(change) or change.action in REMOVALS):
        detail = answered.error or detail
    elif state == "stale" and (moved := differing(change.before, record)):
        detail = f"{said(moved, 'approved against', 'now')}; nothing was written"
    if (state, detail) == (row.state, row.detail):
        return None
    return Settled(
        change=change.id,
        state=state,
        record=key,
        request=row.request,
        detail=detail,
        read_back=encode(record) if record else None,
        accepted=accepted,
    )


def _differing(
    change: Change, record: Mapping[str, Any], rows: Mapping[str, OutcomeRow]
) -> dict[str, tuple[Any, Any]]:
    """In what the record, with its lines, is not as it was sent.

    An empty value clears a field of an update; a create does not send it.
    """
    if change.action in REMOVALS:
        return {}  # its answer tells that it is gone, or void, and when
    if is_custom(change):
        return custom_differing(_sent(change.values | change.foretold, rows, True), record)
    clears = change.action == "update"
    wrong = differing(_sent(change.values | change.foretold, rows, clears), record)
    if not change.lines:
        return wrong
    held = record.get("lines") or []
    if len(held) != len(change.lines):
        wrong["lines"] = (len(change.lines), len(held))
    for number, (line, found) in enumerate(zip(change.lines, held, strict=False), start=1):
        moved = differing(_sent(line, rows, False), found)
        wrong |= {f"line {number} {api}": pair for api, pair in moved.items()}
    return wrong


def _sent(values: Mapping[str, Any], rows: Mapping[str, OutcomeRow], clears: bool) -> dict[str, Any]:
    known = {api: filled(value, rows) for api, value in values.items() if not _pending(value, rows)}
    return {api: value for api, value in known.items() if clears or value is not None}


def _state(answered: Answered) -> tuple[str, str | None]:
    match answered.state:
        case "answered":
            return "applied", None
        case "failed" if answered.status_code == STALE:
            return (
                "stale",
                answered.text or "changed in QuickBooks since it was reviewed; nothing was written",
            )
        case "failed":
            code = f"{answered.status_code}: " if answered.status_code is not None else ""
            return "failed", code + answered.text
        case "cancelled":
            return "skipped", answered.text
        case "unknown":
            return "unknown", answered.text or "sent, and no answer came; see `workbench status`"
        case "sent":
            return "waiting", "sent to the Web Connector"
    return "waiting", "queued"


def _value(changeset: str, value: Any, rows: Mapping[str, OutcomeRow]) -> Any:
    """A value for the queue: another request's answer is filled in by the server when it sends."""
    if not isinstance(value, Answer):
        return value
    row = rows.get(value.change)
    if row is not None and row.state == "applied":
        return filled(value, rows)
    return {"$answer": request_id(changeset, value.change), "field": value.field}


def _pending(value: Any, rows: Mapping[str, OutcomeRow]) -> bool:
    return isinstance(value, Answer) and not (rows.get(value.change) and rows[value.change].read_back)


def _probe(change: Change, fields: Mapping[str, Any]) -> dict[str, Any] | None:
    """How the server finds an added record again after a lost answer."""
    if change.action != "create":
        return None
    if fields.get("RefNumber"):
        keys = ("RefNumber", "CustomerRef_ListID")
        return {key: fields[key] for key in keys if key in fields}
    if fields.get("Name") and not fields.get("ParentRef_ListID"):
        return {"FullName": fields["Name"]}
    return None
