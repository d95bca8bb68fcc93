"""The append-only record of what happened, who did it, and to what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, insert, select

from workbench.store import Store, schema
from workbench.store.engine import now


def record(store: Store, *, who: str, event: str, subject: str, detail: Mapping[str, Any]) -> None:
    """Append one event; `detail` must be JSON without secrets and without customers' rows."""
    with store.write() as connection:
        append(connection, who=who, event=event, subject=subject, detail=detail)


def append(connection: Connection, *, who: str, event: str, subject: str, detail: Mapping[str, Any]) -> None:
    """The same in the caller's transaction: what happened and that it happened are kept together."""
    values = {"who": who, "event": event, "subject": subject, "detail": dict(detail)}
    connection.execute(insert(schema.ledger).values(at=now(), **values))


def events(store: Store, limit: int = 200, event: str | None = None) -> list[dict[str, Any]]:
    """Answer the newest events, or the newest of one kind, newest first."""
    query = select(schema.ledger).order_by(schema.ledger.c.sequence.desc()).limit(limit)
    return store.rows(query if event is None else query.where(schema.ledger.c.event == event))
