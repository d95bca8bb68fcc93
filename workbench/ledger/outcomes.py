"""What became of each change that was pushed.

An outcome is written before anything is sent (`waiting`) and settled when the answer was read back:
`applied`, `failed`, `stale`, `skipped` or `unknown`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select, update

from workbench.store import Store, schema
from workbench.store.engine import now

AT_ONCE = 500
"""Ids in one statement: a SQLite may take no more than 999 parameters."""

_TIMES = ("written_at", "settled_at", "compared_at")

OPEN = ("waiting", "unknown")
"""States in which a record may not be planned again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeRow:
    """The outcome of one change.

    Attributes:
        source_id: The record a create was made from, on the other side.
        record: The record on `side`; for a create known once it was answered.
        request: Id of the request in the QuickBooks queue, if it went there.
        detail: What the system said, or why nothing was sent.
        read_back: The record as it was read after the write, by API field.
        accepted: Whether the system took the write; also true of a failed one whose record holds something
            else than was predicted.  None while that is not known.
        compared_at: When the first diff after it took it into account; None until then.
    """

    changeset: str
    change: str
    state: str
    side: str
    mapping: str
    source_id: str | None = None
    record: str | None = None
    request: str | None = None
    detail: str | None = None
    read_back: Mapping[str, Any] | None = None
    accepted: bool | None = None
    written_at: datetime | None = None
    settled_at: datetime | None = None
    compared_at: datetime | None = None


def begin(connection: Connection, rows: Iterable[OutcomeRow]) -> None:
    """Write outcomes before anything is sent, in the caller's transaction."""
    at = now()
    values = [
        {name: getattr(row, name) for name in row.__slots__ if name not in _TIMES} | {"written_at": at}
        for row in rows
    ]
    if values:
        connection.execute(insert(schema.outcomes), values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What became of one change; see `OutcomeRow`."""

    change: str
    state: str
    detail: str | None = None
    record: str | None = None
    request: str | None = None
    read_back: Mapping[str, Any] | None = None
    accepted: bool | None = None


def claim(
    store: Store, changeset: str, changes: Iterable[str], *, detail: str, request: str | None = None
) -> frozenset[str]:
    """Turn waiting changes to `unknown`, in one transaction just before they are sent.

    Answers those that were waiting: of two processes that want to send a change, one gets it.

    Args:
        request: Id of the job that will carry them, so that its answer can be read after a crash.
    """
    table = schema.outcomes
    claimed = []
    with store.write() as connection:
        for change in changes:
            same = (table.c.changeset == changeset) & (table.c.change == change)
            waiting = update(table).where(same, table.c.state == "waiting")
            values = {"state": "unknown", "detail": detail, "request": request}
            if connection.execute(waiting.values(**values)).rowcount == 1:
                claimed.append(change)
    return frozenset(claimed)


def settle(
    store: Store,
    changeset: str,
    change: str,
    state: str,
    *,
    record: str | None = None,
    detail: str | None = None,
    read_back: Mapping[str, Any] | None = None,
    request: str | None = None,
    accepted: bool | None = None,
) -> bool:
    """Settle one outcome; a settled one stays as it is.  Answers whether it changed."""
    table = schema.outcomes
    values: dict[str, Any] = {
        "state": state,
        "detail": detail,
        "settled_at": None if state in OPEN else now(),
    }
    optional = {"record": record, "read_back": read_back, "request": request, "accepted": accepted}
    values |= {name: value for name, value in optional.items() if value is not None}
    same = (table.c.changeset == changeset) & (table.c.change == change) & table.c.state.in_(OPEN)
    with store.write() as connection:
        return connection.execute(update(table).where(same).values(**values)).rowcount == 1


def settle_many(store: Store, changeset: str, settled: Iterable[Settled]) -> frozenset[str]:
    """Settle outcomes in one transaction; those that are settled already stay as they are.

    One that waits again is carried by the request that is told, or by none.  Answers those that changed.
    """
    table, at, wanted = schema.outcomes, now(), list(settled)
    changed: set[str] = set()
    if not wanted:
        return frozenset()
    with store.write() as connection:
        for each in wanted:
            values: dict[str, Any] = {
                "state": each.state,
                "detail": each.detail,
                "settled_at": None if each.state in OPEN else at,
            }
            optional = {"record": each.record, "read_back": each.read_back, "accepted": each.accepted}
            values |= {name: value for name, value in optional.items() if value is not None}
            if each.state == "waiting":
                values["request"] = each.request
            same = (table.c.changeset == changeset) & (table.c.change == each.change)
            done = connection.execute(update(table).where(same, table.c.state.in_(OPEN)).values(**values))
            changed.update([each.change] if done.rowcount else ())
    return frozenset(changed)


def outcomes(
    store: Store, changeset: str | None = None, states: Iterable[str] | None = None
) -> list[OutcomeRow]:
    """Answer outcomes, of one change set or in some states if asked, in the order they were written."""
    table = schema.outcomes
    query = select(table).order_by(table.c.written_at, table.c.change)
    if changeset is not None:
        query = query.where(table.c.changeset == changeset)
    if states is not None:
        query = query.where(table.c.state.in_(list(states)))
    return [OutcomeRow(**row) for row in store.rows(query)]


def not_compared(store: Store) -> list[OutcomeRow]:
    """Answer what was applied since the last diff, in the order in which it was settled."""
    table = schema.outcomes
    mine = (table.c.state == "applied") & table.c.compared_at.is_(None)
    query = select(table).where(mine).order_by(table.c.settled_at, table.c.changeset, table.c.change)
    return [OutcomeRow(**row) for row in store.rows(query)]


def keep_compared(store: Store, rows: Iterable[OutcomeRow]) -> None:
    """Write that a diff has taken these outcomes into account."""
    table = schema.outcomes
    mine = (table.c.changeset == bindparam("of")) & (table.c.change == bindparam("one"))
    keys = [{"of": row.changeset, "one": row.change} for row in rows]
    with store.write() as connection:
        connection.execute(update(table).where(mine).values(compared_at=now()), keys)


def count_outcomes(store: Store, changeset: str) -> dict[str, int]:
    """Answer how many changes of a change set are in each state."""
    table = schema.outcomes
    query = select(table.c.state, func.count().label("changes")).where(table.c.changeset == changeset)
    return {row["state"]: row["changes"] for row in store.rows(query.group_by(table.c.state))}


def open_changesets(store: Store) -> list[str]:
    """Answer the change sets that have changes waiting or unknown."""
    table = schema.outcomes
    query = select(table.c.changeset, func.min(table.c.written_at).label("since"))
    grouped = query.where(table.c.state.in_(OPEN)).group_by(table.c.changeset).order_by("since")
    return [row["changeset"] for row in store.rows(grouped)]


def outcome_states(store: Store, changeset: str) -> dict[str, tuple[str, str | None]]:
    """Answer state and request of each change: whether anything has moved, without reading all there is."""
    table = schema.outcomes
    query = select(table.c.change, table.c.state, table.c.request).where(table.c.changeset == changeset)
    return {row["change"]: (row["state"], row["request"]) for row in store.rows(query)}


def outcomes_elsewhere(connection: Connection, changeset: str, changes: Iterable[str]) -> list[OutcomeRow]:
    """Answer the outcomes of changes in other change sets than one, in the caller's transaction."""
    table, wanted = schema.outcomes, sorted(changes)
    found = []
    for start in range(0, len(wanted), AT_ONCE):
        part = table.c.change.in_(wanted[start : start + AT_ONCE])
        query = select(table).where(part, table.c.changeset != changeset).order_by(table.c.written_at)
        found += [OutcomeRow(**row) for row in connection.execute(query).mappings()]
    return found


def open_changes(store: Store) -> dict[tuple[str, str], OutcomeRow]:
    """Answer outcomes still open, by (side, id): the record to be changed, or the source of a create."""
    found = {}
    for row in outcomes(store, states=OPEN):
        other = "quickbooks" if row.side == "salesforce" else "salesforce"
        key = (row.side, row.record) if row.record else (other, row.source_id or "")
        found[key] = row
    return found
