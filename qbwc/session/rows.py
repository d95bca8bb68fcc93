"""Rows of sessions: find one by its ticket, read its state, end those that a new login replaces."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, Update, bindparam, select, update

from qbwc import store
from qbwc.queue import look, settle
from qbwc.queue.look import Item
from qbwc.session.model import Flight, State

LIVE = timedelta(seconds=60)
"""A session of another computer that called within this time is alive: two would disturb each other."""
EXPIRES = timedelta(hours=4)
"""A ticket that was silent that long is no longer taken."""


def hashed(ticket: str) -> str:
    return hashlib.sha256(ticket.encode()).hexdigest()


def fresh_set_id() -> str:
    """20 characters: QuickBooks takes up to 24 (9004)."""
    return base64.b32encode(secrets.token_bytes(13)).decode()[:20]


def session_row(
    connection: Connection, ticket: str, now: datetime, phases: tuple[str, ...] = ("open",)
) -> Mapping[str, Any] | None:
    given = {"key": hashed(ticket), "phases": phases, "since": now - EXPIRES}
    row = connection.execute(_by_ticket(), given).mappings().one_or_none()
    return dict(row) if row is not None else None


@cache
def _by_ticket() -> Select[Any]:
    table = store.sessions
    return select(table).where(
        table.c.ticket == bindparam("key"),
        table.c.phase.in_(bindparam("phases", expanding=True)),
        table.c.last_call_at > bindparam("since"),
    )


def change_session(connection: Connection, row: Mapping[str, Any], **values: object) -> None:
    """Change columns of a session."""
    connection.execute(_by_key(), {"key": row["ticket"], **values})


@cache
def _by_key() -> Update:
    return update(store.sessions).where(store.sessions.c.ticket == bindparam("key"))


def state_of(row: Mapping[str, Any]) -> State:
    kept = store.load(row["state"])
    flight = kept.pop("flight")
    if flight is not None:
        flight = Flight(kind=flight["kind"], ids=tuple(flight["ids"]), set_id=flight["set_id"])
    kept["checked"] = tuple(kept.get("checked", ()))
    return State(flight=flight, **kept)


def is_preparing(company: Mapping[str, Any], now: datetime) -> bool:
    until: datetime | None = company["preparing_until"]
    return until is not None and now < until


def flying(connection: Connection, company_id: str, flight: Flight | None) -> dict[str, Item]:
    if flight is None or not flight.ids:
        return {}
    kind = "query" if flight.kind == "query" else "write"
    state = "queued" if flight.kind == "look" else "sent"
    found = look.items(connection, company_id, kind=kind, state=state, ids=flight.ids)
    return {item.id: item for item in found}


def live_elsewhere(connection: Connection, company_id: str, peer: str, now: datetime) -> bool:
    table = store.sessions
    return (
        connection.execute(
            select(table.c.ticket).where(
                table.c.company_id == company_id,
                table.c.phase == "open",
                table.c.peer != peer,
                table.c.last_call_at > now - LIVE,
            )
        ).first()
        is not None
    )


def supersede(connection: Connection, company_id: str) -> None:
    """End the sessions before this one; whatever they had sent and not brought back is in doubt.

    One computer's Web Connector runs one session at a time: when it logs in again, the answer that was
    awaited will not come any more (Guide, chapter 5).
    """
    sessions, requests, sets = store.sessions, store.requests, store.message_sets
    connection.execute(
        update(sessions)
        .where(sessions.c.company_id == company_id, sessions.c.phase == "open")
        .values(phase="superseded")
    )
    waiting = select(requests.c.id, requests.c.kind).where(
        requests.c.company_id == company_id, requests.c.state == "sent", requests.c.doubt.is_(None)
    )
    for row in connection.execute(waiting).all():
        if row.kind == "write":
            settle.doubted(connection, [row.id], "lost")
        else:
            settle.requeued(
                connection, row.id, note="the session ended before its answer came; it starts again"
            )
    connection.execute(
        update(sets).where(sets.c.company_id == company_id, sets.c.state == "sent").values(state="lost")
    )
