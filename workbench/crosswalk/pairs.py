"""The crosswalk: which Salesforce record and which QuickBooks record are the same thing.

A pair that ends, or that another one takes the place of, goes into the history: the crosswalk as it was at
any time is made of both.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, delete, insert, literal, select, union_all

from workbench.store import Store, schema
from workbench.store.engine import now

AT_ONCE = 500
"""Ids in one statement: a SQLite may take no more than 999 parameters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A confirmed pair of records in a mapping.

    Attributes:
        rule: The match rule or act that found it, e.g. 'normalised-name', 'decision', 'push'.
        confirmed_by: A person's name, or 'rule'.
    """

    mapping: str
    salesforce_id: str
    quickbooks_id: str
    rule: str
    confirmed_by: str

    @property
    def pair(self) -> str:
        return pair_id(self.mapping, self.salesforce_id, self.quickbooks_id)


def pair_id(mapping: str, salesforce_id: str, quickbooks_id: str) -> str:
    """Answer the id of a pair: the same two records always have the same one."""
    text = "\0".join((mapping, salesforce_id, quickbooks_id))
    return "p" + hashlib.sha256(text.encode()).hexdigest()[:20]


def confirm(store: Store, found: Iterable[Pair], *, anew: bool = True) -> int:
    """Keep pairs and answer how many are new.

    A pair takes the place of another one that one of its records was in: a record has one partner.

    Args:
        anew: Also pairs that there were and that have ended.
    """
    wanted = list(found)
    with store.write() as connection:
        if not anew:
            ended = _ended(connection, [pair.pair for pair in wanted])
            wanted = [pair for pair in wanted if pair.pair not in ended]
        return _change(connection, wanted)


def pairs(store: Store, mapping: str | None = None, *, at: datetime | None = None) -> list[dict[str, object]]:
    """Answer the rows of the crosswalk, as it was at a time if asked."""
    return store.rows(pairs_query(mapping, at=at))


def pairs_query(mapping: str | None = None, *, at: datetime | None = None) -> Select[Any]:
    """The select of `pairs`."""
    table, past = schema.crosswalk, schema.crosswalk_history
    query = select(table)
    if mapping is not None:
        query = query.where(table.c.mapping == mapping)
    if at is not None:
        columns = [past.c[column.name] for column in table.c]
        then = select(*columns).where(past.c.confirmed_at <= at, past.c.left_at > at)
        then = then if mapping is None else then.where(past.c.mapping == mapping)
        query = select(union_all(query.where(table.c.confirmed_at <= at), then).subquery())
    return query


def pairs_with(store: Store, side: str, records: Iterable[str]) -> list[dict[str, object]]:
    """Answer the pairs of some records of a side, whatever the mapping."""
    table, found = schema.crosswalk, list[dict[str, object]]()
    for ids in _parts(sorted(set(records))):
        found += store.rows(select(table).where(table.c[f"{side}_id"].in_(ids)))
    return found


def close(store: Store, mapping: str, by: str) -> bool:
    """Close the first matching of a mapping, from when on what is unmatched may be created.

    Answers False when it was closed before.
    """
    table = schema.closed
    with store.write() as connection:
        if connection.execute(select(table.c.mapping).where(table.c.mapping == mapping)).first():
            return False
        connection.execute(insert(schema.closed).values(mapping=mapping, closed_by=by, closed_at=now()))
    return True


def closed(store: Store, *, at: datetime | None = None) -> frozenset[str]:
    """Answer the mappings whose first matching was closed, by a time if asked."""
    return frozenset(row["mapping"] for row in store.rows(closed_query(at)))


def closed_query(at: datetime | None = None) -> Select[Any]:
    """The select of `closed`."""
    query = select(schema.closed).order_by(schema.closed.c.mapping)
    return query if at is None else query.where(schema.closed.c.closed_at <= at)


def pair_row(connection: Connection, pair: str) -> dict[str, Any] | None:
    """Answer the row of a pair, in the caller's transaction; None when it is not there any more."""
    found = connection.execute(select(schema.crosswalk).where(schema.crosswalk.c.pair == pair))
    row = found.mappings().first()
    return None if row is None else dict(row)


def pairs_leave(connection: Connection, ids: Sequence[str]) -> None:
    """Take pairs out of the crosswalk and into its history, in the caller's transaction."""
    table, past = schema.crosswalk, schema.crosswalk_history
    columns = [column.name for column in table.c]
    for part in _parts(ids):
        mine = table.c.pair.in_(part)
        kept = select(table, literal(now(), past.c.left_at.type)).where(mine)
        connection.execute(insert(past).from_select([*columns, "left_at"], kept))
        connection.execute(delete(table).where(mine))


def _change(connection: Connection, found: Sequence[Pair]) -> int:
    table = schema.crosswalk
    partners = _Partners(_touched(connection, found))
    new = sum(partners.join(pair) for pair in found)
    pairs_leave(connection, sorted(partners.gone))
    rows = [
        {
            "mapping": pair.mapping,
            "pair": pair.pair,
            "salesforce_id": pair.salesforce_id,
            "quickbooks_id": pair.quickbooks_id,
            "rule": pair.rule,
            "confirmed_by": pair.confirmed_by,
            "confirmed_at": now(),
        }
        for pair in partners.fresh.values()
    ]
    if rows:
        connection.execute(insert(table), rows)
    return new


def _ended(connection: Connection, ids: Sequence[str]) -> frozenset[str]:
    past = schema.crosswalk_history.c.pair
    rows = [row for part in _parts(ids) for row in connection.execute(select(past).where(past.in_(part)))]
    return frozenset(str(row[0]) for row in rows)


class _Partners:
    """The pairs of some records, one for each: the last one that is joined counts.

    Attributes:
        fresh: Pairs to be kept, by id.
        gone: Ids of kept pairs that were replaced.
    """

    def __init__(self, kept: Iterable[_Ends]) -> None:
        self.fresh: dict[str, Pair] = {}
        self.gone: set[str] = set()
        self._of: dict[tuple[str, str, str], str] = {}
        self._ends: dict[str, _Ends] = {}
        for ends in kept:
            self._add(ends)

    def join(self, pair: Pair) -> bool:
        """Whether the pair is new."""
        if pair.pair in self._ends:
            return False
        ends = (pair.pair, pair.mapping, pair.salesforce_id, pair.quickbooks_id)
        for other in {self._of[place] for place in _places(ends) if place in self._of}:
            self._leave(other)
        self._add(ends)
        self.fresh[pair.pair] = pair
        return True

    def _add(self, ends: _Ends) -> None:
        self._ends[ends[0]] = ends
        self._of.update(dict.fromkeys(_places(ends), ends[0]))

    def _leave(self, pair: str) -> None:
        for place in _places(self._ends.pop(pair)):
            del self._of[place]
        if self.fresh.pop(pair, None) is None:
            self.gone.add(pair)


_Ends = tuple[str, str, str, str]
"""Id, mapping and both records of a pair."""


def _places(ends: _Ends) -> tuple[tuple[str, str, str], tuple[str, str, str]]:
    _, mapping, salesforce_id, quickbooks_id = ends
    return (mapping, "salesforce", salesforce_id), (mapping, "quickbooks", quickbooks_id)


def _touched(connection: Connection, found: Sequence[Pair]) -> set[_Ends]:
    """The kept pairs of the records of these pairs."""
    table = schema.crosswalk
    columns = (table.c.pair, table.c.mapping, table.c.salesforce_id, table.c.quickbooks_id)
    wanted = (
        (table.c.salesforce_id, sorted({pair.salesforce_id for pair in found})),
        (table.c.quickbooks_id, sorted({pair.quickbooks_id for pair in found})),
    )
    return {
        tuple(row)
        for column, all_ids in wanted
        for ids in _parts(all_ids)
        for row in connection.execute(select(*columns).where(column.in_(ids)))
    }


def _parts(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), AT_ONCE):
        yield ids[start : start + AT_ONCE]
