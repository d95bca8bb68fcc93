"""Decisions: what a person settled about a record or a field, with the reason.

A decision is pinned to the values it was made on: when one of them changes, it no longer holds and
the difference is open again.  Decisions are replaced, never deleted.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, insert, select, update

from workbench.model import ABOUT_MATCHING
from workbench.store import Store, schema
from workbench.store.engine import now


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One decision.

    Attributes:
        mapping: Name of the mapping, e.g. 'account-customer' or 'opportunity-invoice.lines'.
        salesforce_id, quickbooks_id: The records; one of them is None for a record on one side only.
        field: Name in the mapping; None for the record as a whole.
        decision: A `model.DecisionKind`.
        value: Of a decision `set`: what both sides shall hold, in QuickBooks' words.
        salesforce_seen, quickbooks_seen: Comparable values when it was decided.
        pinned: Holds only while both values are as they were seen.
        reason, decided_by: Why, and who.
    """

    mapping: str
    salesforce_id: str | None
    quickbooks_id: str | None
    field: str | None
    decision: str
    reason: str
    decided_by: str
    pinned: bool = False
    salesforce_seen: str | None = None
    quickbooks_seen: str | None = None
    value: str | None = None


def decide(store: Store, made: Iterable[Decision]) -> int:
    """Keep decisions, each in the place of an earlier one about the same thing; answer how many."""
    count = 0
    with store.write() as connection:
        for decision in made:
            take(connection, decision)
            count += 1
    return count


def decisions(store: Store, *, at: datetime | None = None) -> list[dict[str, Any]]:
    """Answer the decisions that stand, or stood at a time, oldest first."""
    return store.rows(decisions_query(at))


def decisions_query(at: datetime | None = None) -> Select[Any]:
    """The select of `decisions`."""
    table = schema.decisions
    stands: ColumnElement[bool] = table.c.replaced_at.is_(None)
    if at is not None:
        stands = (table.c.decided_at <= at) & (stands | (table.c.replaced_at > at))
    return select(table).where(stands).order_by(table.c.id)


def take(connection: Connection, decision: Decision) -> None:
    """Keep one decision in the caller's transaction."""
    at = now()
    connection.execute(update(schema.decisions).where(*_about(decision)).values(replaced_at=at))
    values = {name: getattr(decision, name) for name in decision.__slots__}
    connection.execute(insert(schema.decisions).values(**values, decided_at=at))


def was_taken(connection: Connection, decision: Decision) -> bool:
    """Whether this very decision was ever taken, standing or replaced."""
    table = schema.decisions
    same = [table.c.decision == decision.decision, table.c.reason == decision.reason]
    about = _about(decision)[:-1]
    return connection.execute(select(table.c.id).where(*about, *same).limit(1)).first() is not None


def withdraw(connection: Connection, decision: Decision) -> None:
    """Take this very decision back, in the caller's transaction; another one about the same thing stands."""
    table = schema.decisions
    same = [table.c.decision == decision.decision, table.c.reason == decision.reason]
    connection.execute(update(table).where(*_about(decision), *same).values(replaced_at=now()))


def end_decisions(connection: Connection, mapping: str, salesforce_id: str, quickbooks_id: str) -> None:
    """End what was decided of the values of two records, in the caller's transaction: they are no pair."""
    table = schema.decisions
    mine = (table.c.mapping == mapping) & table.c.replaced_at.is_(None)
    mine &= (table.c.salesforce_id == salesforce_id) & (table.c.quickbooks_id == quickbooks_id)
    values = {"replaced_at": now()}
    connection.execute(update(table).where(mine, table.c.decision.not_in(ABOUT_MATCHING)).values(**values))


def _about(decision: Decision) -> list[ColumnElement[bool]]:
    """What stands about the same thing: whether two records are one, and what of their values, are two."""
    table = schema.decisions
    of_matching = table.c.decision.in_(ABOUT_MATCHING)
    return [
        of_matching if decision.decision in ABOUT_MATCHING else ~of_matching,
        table.c.mapping == decision.mapping,
        table.c.salesforce_id.is_not_distinct_from(decision.salesforce_id),
        table.c.quickbooks_id.is_not_distinct_from(decision.quickbooks_id),
        table.c.field.is_not_distinct_from(decision.field),
        table.c.replaced_at.is_(None),
    ]
