"""Pairs that end, because one of their records went or was never to be, and pairs that come back.

What is left of such a record (inactive, void) is ignored from then on: a decision says so, which a person may
replace like any other.  The base of a pair ends with it and comes back with it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from workbench.crosswalk.base import as_of, base_leaves
from workbench.crosswalk.decisions import Decision, take, was_taken, withdraw
from workbench.crosswalk.pairs import pairs_leave
from workbench.store import Store, schema
from workbench.store.engine import now

Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """The pair of a record ends.

    Attributes:
        side, record: The record by which the pair is found.
        before: A pair that was confirmed after this stays: somebody linked them again.
        left: What is decided about what stays behind.
    """

    mapping: str
    side: str
    record: str
    before: datetime
    left: tuple[Decision, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejoin:
    """The pair that a record was in at a time comes back, with its base.

    Attributes:
        at: As it was then.
        before: A record that was linked again after this stays as it is.
        withdrawn: What was decided about what had stayed behind.
    """

    mapping: str
    side: str
    record: str
    at: datetime
    before: datetime
    withdrawn: tuple[Decision, ...]


def end(store: Store, ends: Iterable[End]) -> int:
    """End pairs, each with its base, in one transaction; answers how many did.

    Doing it again ends none, and decides nothing that was decided, even if a person has replaced it since.
    """
    count = 0
    wanted = list(ends)
    if not wanted:
        return 0
    with store.write() as connection:
        for each in wanted:
            row = _pair(connection, each.mapping, each.side, each.record)
            if row is not None and row["confirmed_at"] > each.before:
                continue
            if row is not None:
                end_pair(connection, row)
                count += 1
            for decision in each.left:
                if not was_taken(connection, decision):
                    take(connection, decision)
    return count


def end_pair(connection: Connection, row: Row) -> None:
    """End one pair, a row of the crosswalk, with its base, in the caller's transaction."""
    pairs_leave(connection, [row["pair"]])
    base_leaves(connection, _bases(connection, row))


def rejoin(store: Store, wanted: Iterable[Rejoin]) -> int:
    """Bring pairs back that had ended, in one transaction; answers how many.  Doing it again brings none."""
    count = 0
    with store.write() as connection:
        for each in wanted:
            row = _ended(connection, each)
            if row is None:
                continue
            known = {column.name: row[column.name] for column in schema.crosswalk.c}
            connection.execute(insert(schema.crosswalk).values(**known | {"confirmed_at": now()}))
            old = as_of(connection, (row["mapping"], row["pair"]), each.at)
            base_leaves(connection, _bases(connection, row))
            if old is not None:
                connection.execute(insert(schema.base).values(**old | {"agreed_at": now()}))
            for decision in each.withdrawn:
                withdraw(connection, decision)
            count += 1
    return count


def _pair(connection: Connection, mapping: str, side: str, record: str) -> Row | None:
    table = schema.crosswalk
    mine = (table.c.mapping == mapping) & (table.c[f"{side}_id"] == record)
    row = connection.execute(select(table).where(mine)).mappings().first()
    return None if row is None else dict(row)


def _ended(connection: Connection, wanted: Rejoin) -> Row | None:
    """The pair as it was, if both its records are free and were not linked since."""
    past = schema.crosswalk_history
    mine = (past.c.mapping == wanted.mapping) & (past.c[f"{wanted.side}_id"] == wanted.record)
    rows = [dict(row) for row in connection.execute(select(past).where(mine).order_by(past.c.id)).mappings()]
    if any(row["confirmed_at"] > wanted.before for row in rows):
        return None
    then = [row for row in rows if row["confirmed_at"] <= wanted.at < row["left_at"]]
    if not then:
        return None
    row = then[-1]
    taken = [
        _pair(connection, row["mapping"], side, row[f"{side}_id"]) for side in ("salesforce", "quickbooks")
    ]
    return None if any(taken) else row


def _bases(connection: Connection, row: Row) -> list[Row]:
    table = schema.base
    mine = (table.c.mapping == row["mapping"]) & (table.c.pair == row["pair"])
    return [dict(found) for found in connection.execute(select(table).where(mine)).mappings()]
