"""Move requests from state to state, within a transaction of the caller.

    queued -> sent -> answered | failed | unknown
    queued -> cancelled

Every step names the states it may start from, so that a late call cannot undo an earlier one.  A request
that fails or is cancelled takes the requests that need it along; one whose outcome is unknown makes them
wait for a person.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Text, Update, bindparam, func, or_, select, update

from qbwc import store, tape
from qbwc.queue import sealing

_CHUNK = 400


def sent(
    connection: Connection, ids: Iterable[str], now: datetime, *, message_set_id: str | None = None
) -> None:
    """The requests are about to leave; committed before they do."""
    _change(
        connection,
        ids,
        ("queued", "sent"),
        state="sent",
        sent_at=now,
        doubt=None,
        message_set_id=message_set_id,
        more=("attempts", 1),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """QuickBooks did it; `note` None leaves what was noted on the way."""

    id: str
    code: int
    message: str | None = None
    answer: Mapping[str, Any] | None = None
    note: str | None = None


def answered(connection: Connection, done: Sequence[Done], now: datetime) -> None:
    """QuickBooks did these; many are written in one go, as QBWC waits meanwhile."""
    rows = [
        {
            "request": one.id,
            "at": now,
            "code": one.code,
            "message": one.message or None,
            "noted": one.note,
            **_told(connection, one.id, one.answer),
        }
        for one in done
    ]
    if rows:
        connection.execute(_answering(), rows)


def _told(connection: Connection, request_id: str, answer: Mapping[str, Any] | None) -> dict[str, Any]:
    """An answer as it is kept, with its seal."""
    text = store.dump(answer) if answer is not None else None
    return {"told": text, "told_sealed": sealing.seal_of_answer(connection, request_id, text)}


@cache
def _answering() -> Update:
    table = store.requests
    return (
        update(table)
        # Queued: one that was looked up before it went again, and found.
        .where(table.c.id == bindparam("request"), or_(table.c.state == "sent", table.c.state == "queued"))
        .values(
            state="answered",
            answered_at=bindparam("at"),
            doubt=None,
            iterator_id=None,
            status_code=bindparam("code"),
            status_message=bindparam("message"),
            error=None,
            note=func.coalesce(bindparam("noted", type_=Text), table.c.note),
            answer=bindparam("told", type_=Text),
            told_seal=bindparam("told_sealed", type_=Text),
            seal=None,
        )
    )


def failed(
    connection: Connection,
    request_id: str,
    now: datetime,
    *,
    error: str,
    status_code: int | None = None,
    status_message: str | None = None,
    answer: Mapping[str, Any] | None = None,
) -> None:
    """QuickBooks did not do it, and it is certain; what needs it is cancelled."""
    _change(
        connection,
        [request_id],
        ("queued", "sent", "unknown"),
        state="failed",
        answered_at=now,
        doubt=None,
        iterator_id=None,
        status_code=status_code,
        status_message=status_message,
        error=error,
        answer=store.dump(answer) if answer is not None else None,
    )
    _cancel_dependents(connection, request_id, f"{request_id} failed: {error}", now)


def unknown(connection: Connection, request_id: str, *, evidence: str) -> None:
    """Whether QuickBooks did it cannot be told: a person decides (`resolve`); what needs it says so."""
    if _change(connection, [request_id], ("sent", "queued"), state="unknown", doubt=None, error=evidence):
        _note_dependents(
            connection,
            request_id,
            f"waits for {request_id}, whose outcome is unknown: a person has to say what became of it",
        )


def applied_by_person(
    connection: Connection, request_id: str, now: datetime, *, note: str, answer: Mapping[str, Any] | None
) -> None:
    """A person looked it up: it happened."""
    _note_dependents(connection, request_id, None)
    kept = _told(connection, request_id, answer)
    _change(
        connection,
        [request_id],
        ("unknown",),
        state="answered",
        answered_at=now,
        note=f"applied, a person says: {note}",
        seal=None,
        answer=kept["told"],
        told_seal=kept["told_sealed"],
    )


def cancelled(connection: Connection, request_id: str, now: datetime, *, reason: str) -> bool:
    """It never leaves; answers whether it still could be stopped."""
    done = _change(
        connection,
        [request_id],
        ("queued",),
        state="cancelled",
        answered_at=now,
        error=reason,
        doubt=None,
        seal=None,
    )
    if done:
        _cancel_dependents(connection, request_id, f"{request_id} was cancelled: {reason}", now)
    return bool(done)


def requeued(
    connection: Connection,
    request_id: str,
    *,
    note: str,
    edit_sequence: str | None = None,
    blameless: bool = False,
) -> None:
    """It certainly did not happen and goes again; pages of a query that were read are dropped.

    With `blameless` the attempt does not count: another request of its message set was at fault.
    """
    values: dict[str, Any] = {"note": note, "iterator_id": None, "pages": 0, "records": 0}
    if edit_sequence is not None:
        values["edit_sequence"] = edit_sequence
        values["told_seal"] = sealing.seal_of_version(connection, request_id, edit_sequence)
    if _change(
        connection,
        [request_id],
        ("sent",),
        more=("attempts", -1) if blameless else None,
        state="queued",
        doubt=None,
        message_set_id=None,
        **values,
    ):
        tape.drop(connection, [request_id])


def doubted(connection: Connection, ids: Iterable[str], doubt: str) -> None:
    """No answer came to what was sent; recovery looks at it."""
    _change(connection, ids, ("sent",), doubt=doubt)


def read(
    connection: Connection, request_id: str, *, records: int, total: int | None, iterator_id: str | None
) -> None:
    """A page of a query was kept, and more follow."""
    _change(
        connection,
        [request_id],
        ("sent",),
        records=records,
        total=total,
        iterator_id=iterator_id,
        more=("pages", 1),
    )


def counted(connection: Connection, request_id: str, total: int | None) -> None:
    """QuickBooks told how many records there are; queries of the same group then know how far they are."""
    table = store.requests
    _change(connection, [request_id], ("sent",), total=total)
    mine = table.alias("mine")
    same = select(mine.c.id).where(
        mine.c.id == request_id,
        mine.c.group_id == table.c.group_id,
        mine.c.entity == table.c.entity,
        mine.c.company_id == table.c.company_id,
    )
    connection.execute(
        update(table)
        .where(table.c.state == "queued", table.c.kind == "query", table.c.total.is_(None), same.exists())
        .values(total=total)
    )


def _note_dependents(connection: Connection, parent: str, note: str | None) -> None:
    waiting = select(store.needs.c.request_id).where(store.needs.c.parent_id == parent)
    _change(connection, connection.execute(waiting).scalars().all(), ("queued",), note=note)


def _cancel_dependents(connection: Connection, parent: str, reason: str, now: datetime) -> None:
    waiting = select(store.needs.c.request_id).where(store.needs.c.parent_id == parent)
    for child in connection.execute(waiting).scalars().all():
        cancelled(connection, child, now, reason=reason)


def _change(
    connection: Connection,
    ids: Iterable[str],
    start: Sequence[str],
    *,
    more: tuple[str, int] | None = None,
    **values: Any,
) -> int:
    """Set the values where the state allows, and add to the column that `more` names."""
    statement = _changing(tuple(values), more)
    named = list(ids)
    given = {"from": start, **{f"new_{name}": value for name, value in values.items()}}
    return sum(
        connection.execute(statement, {"ids": named[begin : begin + _CHUNK], **given}).rowcount
        for begin in range(0, len(named), _CHUNK)
    )


@cache
def _changing(columns: tuple[str, ...], more: tuple[str, int] | None) -> Update:
    """Made once for each set of columns: making a statement takes longer than running it."""
    table = store.requests
    values: dict[str, Any] = {name: bindparam(f"new_{name}", type_=table.c[name].type) for name in columns}
    if more is not None:
        name, number = more
        values[name] = table.c[name] + number
    return (
        update(table)
        .where(
            table.c.id.in_(bindparam("ids", expanding=True)),
            table.c.state.in_(bindparam("from", expanding=True)),
        )
        .values(values)
    )
