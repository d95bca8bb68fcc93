"""Schema plans as they were shown, and what became of each item that was applied.

A step is written before anything is sent (`waiting`) and settled when QuickBooks answered: `applied`,
`failed` or `unknown`.  An item that failed may be tried again, as another attempt; one that waits or is
unknown may not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, update

from workbench.errors import WorkbenchError
from workbench.store import Store, schema
from workbench.store.engine import now

OPEN = ("waiting", "unknown")
"""States in which an item is not tried again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One attempt to make one item.

    Attributes:
        look: Id of the query that looks whether it is there.
        request: Id of the request that makes it.
        detail: What QuickBooks said, or why nothing was sent.
        not_after: Nothing is sent after that: the approval has expired.
    """

    item: str
    attempt: int
    plan: str
    state: str
    look: str | None
    request: str | None
    detail: str | None
    not_after: datetime
    written_at: datetime
    settled_at: datetime | None


def save_schema_plan(store: Store, *, id_: str, content_hash: str, content: str, by: str) -> None:
    """Keep a plan that was shown; the same content is kept once, and is the newest again."""
    table = schema.schema_plans
    with store.write() as connection:
        if connection.execute(update(table).where(table.c.id == id_).values(shown_at=now())).rowcount:
            return
        values = {"id": id_, "content_hash": content_hash, "content": content, "shown_to": by}
        connection.execute(insert(table).values(**values, shown_at=now()))


def load_schema_plan(store: Store, id_: str | None = None) -> dict[str, Any]:
    """The row of a plan, the one shown last without an id.

    Raises:
        WorkbenchError: There is none.
    """
    table = schema.schema_plans
    query = select(table).order_by(table.c.shown_at.desc()).limit(1)
    rows = store.rows(query if id_ is None else query.where(table.c.id == id_))
    if not rows:
        what = "no schema plan was shown yet" if id_ is None else f"there is no schema plan {id_}"
        raise WorkbenchError(what, fix="Look at it first: `workbench schema plan`.")
    return rows[0]


def schema_plans(store: Store) -> list[str]:
    """Ids of all plans that were shown, the newest first."""
    table = schema.schema_plans
    return [row["id"] for row in store.rows(select(table.c.id).order_by(table.c.shown_at.desc()))]


def begin_steps(store: Store, plan: str, items: Iterable[str], not_after: datetime) -> list[str]:
    """Write an attempt for each item that has none under way, in one transaction; answers these items."""
    table, at = schema.schema_steps, now()
    begun = []
    with store.write() as connection:
        for item in items:
            mine = table.c.item == item
            states = connection.execute(select(table.c.state).where(mine)).scalars().all()
            if set(states) & set(OPEN):
                continue
            last = connection.execute(select(func.max(table.c.attempt)).where(mine)).scalar() or 0
            values = {"item": item, "attempt": last + 1, "plan": plan, "state": "waiting"}
            connection.execute(insert(table).values(**values, not_after=not_after, written_at=at))
            begun.append(item)
    return begun


def steps(store: Store, states: Iterable[str] | None = None) -> list[Step]:
    """All attempts, or those in some states, in the order they were written."""
    table = schema.schema_steps
    query = select(table).order_by(table.c.written_at, table.c.item, table.c.attempt)
    if states is not None:
        query = query.where(table.c.state.in_(list(states)))
    return [Step(**row) for row in store.rows(query)]


def latest_steps(store: Store) -> Mapping[str, Step]:
    """The last attempt of each item."""
    return {step.item: step for step in sorted(steps(store), key=lambda each: each.attempt)}


def note_step(store: Store, step: Step, *, look: str | None = None, request: str | None = None) -> None:
    """Remember what was queued for an attempt."""
    table = schema.schema_steps
    values = {name: value for name, value in {"look": look, "request": request}.items() if value}
    same = (table.c.item == step.item) & (table.c.attempt == step.attempt)
    with store.write() as connection:
        connection.execute(update(table).where(same).values(**values))


def settle_step(store: Store, step: Step, state: str, detail: str) -> bool:
    """Settle an attempt; a settled one stays as it is.  Answers whether it changed."""
    table = schema.schema_steps
    same = (table.c.item == step.item) & (table.c.attempt == step.attempt) & table.c.state.in_(OPEN)
    values = {"state": state, "detail": detail, "settled_at": None if state in OPEN else now()}
    with store.write() as connection:
        return connection.execute(update(table).where(same).values(**values)).rowcount == 1
