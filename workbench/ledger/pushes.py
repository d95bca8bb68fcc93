"""How far each push is as a whole: its canaries first, then all; or stopped, with the reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from workbench.store import Store, schema
from workbench.store.engine import now

CANARIES, ALL, STOPPED = "canaries", "all", "stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class PushRow:
    """One push.

    Attributes:
        stage: 'canaries', 'all' or 'stopped'.
        reason: Why it was stopped.
        finished_at: When everything of it was settled and linked; None until then.
    """

    changeset: str
    stage: str
    reason: str | None
    started_by: str
    started_at: datetime
    changed_at: datetime
    finished_at: datetime | None = None

    @property
    def stopped(self) -> str | None:
        """Why it was stopped; None while it goes on."""
        return self.reason if self.stage == STOPPED else None


def begin_push(connection: Connection, changeset: str, stage: str, by: str) -> None:
    """Write that a push begins, in the caller's transaction."""
    at = now()
    values = {"changeset": changeset, "stage": stage, "started_by": by, "started_at": at, "changed_at": at}
    connection.execute(insert(schema.pushes).values(**values))


def push_row(store: Store, changeset: str) -> PushRow | None:
    """Answer how far a push is; None when it has not begun, or was begun by an earlier version."""
    rows = store.rows(select(schema.pushes).where(schema.pushes.c.changeset == changeset))
    return PushRow(**rows[0]) if rows else None


def pushes(store: Store) -> list[PushRow]:
    """Answer all pushes, newest first."""
    query = select(schema.pushes).order_by(schema.pushes.c.started_at.desc(), schema.pushes.c.changeset)
    return [PushRow(**row) for row in store.rows(query)]


def move_push(connection: Connection, changeset: str, stage: str, reason: str | None = None) -> bool:
    """Take a push to its next stage, in the caller's transaction; answers whether it moved.

    One that was stopped stays so.
    """
    table = schema.pushes
    goes_on = (table.c.changeset == changeset) & (table.c.stage != STOPPED) & (table.c.stage != stage)
    values = {"stage": stage, "reason": reason, "changed_at": now()}
    if connection.execute(update(table).where(goes_on).values(**values)).rowcount:
        return True
    known = connection.execute(select(table.c.stage).where(table.c.changeset == changeset)).scalar()
    if known is None:  # begun by an earlier version
        begun = {"changeset": changeset, "started_by": "", "started_at": now()}
        connection.execute(insert(table).values(**begun, **values))
    return known is None


def finish_push(store: Store, changeset: str) -> None:
    """Write that everything of a push is settled and linked."""
    table = schema.pushes
    open_ = (table.c.changeset == changeset) & table.c.finished_at.is_(None)
    with store.write() as connection:
        connection.execute(update(table).where(open_).values(finished_at=now()))


def unfinished_pushes(store: Store) -> list[str]:
    """Answer the change sets for whose push something is left to do, oldest first."""
    table = schema.pushes
    query = select(table.c.changeset).where(table.c.finished_at.is_(None)).order_by(table.c.started_at)
    return [row["changeset"] for row in store.rows(query)]
