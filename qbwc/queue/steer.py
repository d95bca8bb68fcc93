"""What a person or a worker does to the queue: cancel, settle the unknown, keep QBWC waiting or busy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, Engine, exists, func, select

from qbwc import store, users
from qbwc.errors import QueueError
from qbwc.queue import settle
from qbwc.queue.model import QueryRequest, body_of, new_id
from qbwc.queue.put import insert_requests

MAX_PREPARING_SECONDS = 900
"""The longest that QBWC is kept waiting for work that a process says it is preparing."""


def cancel(engine: Engine, ids: Sequence[str], reason: str) -> list[str]:
    """Stop requests that have not been sent; answers the ids that were stopped.

    What needs them is cancelled too.  A request that has left is not stopped: its answer will tell.
    """
    now = store.now()
    with store.writing(engine) as connection:
        return [one for one in ids if settle.cancelled(connection, one, now, reason=reason)]


def resolve(
    engine: Engine,
    request_id: str,
    outcome: Literal["applied", "failed"],
    note: str,
    *,
    answer: Mapping[str, Any] | None = None,
) -> None:
    """A person says what became of a request whose outcome is unknown.

    `answer` is the record as QuickBooks shows it; requests that use it in `$answer` need it.

    Raises:
        QueueError: The request is not unknown.
    """
    now = store.now()
    table = store.requests
    with store.writing(engine) as connection:
        state = connection.execute(select(table.c.state).where(table.c.id == request_id)).scalar_one_or_none()
        if state != "unknown":
            raise QueueError(
                f"Request {request_id!r} is {state or 'not queued'}; only an unknown one can be resolved",
                fix="Look at its state again: it may have been settled meanwhile.",
            )
        if outcome == "failed":
            settle.failed(connection, request_id, now, error=f"not applied, a person says: {note}")
        else:
            settle.applied_by_person(connection, request_id, now, note=note, answer=answer)


def standing(engine: Engine, company_id: str, requests: Sequence[QueryRequest], every_minutes: int) -> None:
    """Say what to read when QBWC calls, nothing is queued, and the last such reading is older than that.

    An empty list switches it off.  Its groups are named 'standing-<time>'.

    Raises:
        UserError: The company is not known.
    """
    kept = [
        {"entity": one.entity, "priority": one.priority, **body_of(one)}
        for one in requests
    ]  # fmt: skip
    with store.writing(engine) as connection:
        users.company_row(connection, company_id, lock=True)
        users.set_company(
            connection,
            company_id,
            standing=store.dump(kept) if kept else None,
            standing_minutes=every_minutes,
        )


def queue_standing(connection: Connection, company: Mapping[str, Any], now: datetime) -> list[str]:
    """Queue the standing queries if nothing is queued and they are due; answers their ids."""
    if not company["standing"] or not _due(connection, company, now):
        return []
    group = f"standing-{now:%Y%m%dT%H%M%S}-{new_id()[:6]}"
    made = [
        QueryRequest(**{name: _shape(value) for name, value in one.items()}, group=group, id=new_id())
        for one in store.load(company["standing"])
    ]
    insert_requests(connection, company["id"], made, now)
    users.set_company(connection, company["id"], standing_at=now)
    return [str(one.id) for one in made]


def _due(connection: Connection, company: Mapping[str, Any], now: datetime) -> bool:
    table = store.requests
    busy = connection.execute(
        select(exists().where(table.c.company_id == company["id"], table.c.state.in_(("queued", "sent"))))
    ).scalar_one()
    # Any reading counts: one that a person asked for a minute ago need not be repeated.
    last = connection.execute(
        select(func.max(table.c.queued_at)).where(
            table.c.company_id == company["id"], table.c.kind == "query", table.c.state == "answered"
        )
    ).scalar_one()
    latest = max((time for time in (last, company["standing_at"]) if time is not None), default=None)
    return not busy and (latest is None or latest + timedelta(minutes=company["standing_minutes"]) <= now)


def _shape(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def preparing(engine: Engine, company_id: str, *, seconds: float, now: datetime | None = None) -> datetime:
    """Ask QBWC to wait: work will be queued within that time (at most 15 minutes).  Call again to go on.

    Raises:
        UserError: The company is not known.
    """
    until = (now or store.now()) + timedelta(seconds=min(seconds, MAX_PREPARING_SECONDS))
    with store.writing(engine) as connection:
        users.company_row(connection, company_id, lock=True)
        users.set_company(connection, company_id, preparing_until=until)
    return until


def prepared(engine: Engine, company_id: str) -> None:
    """All work is queued: QBWC need not wait any longer."""
    with store.writing(engine) as connection:
        users.set_company(connection, company_id, preparing_until=None)
