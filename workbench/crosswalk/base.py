"""The base: the raw values both sides held when they last agreed, per confirmed pair.

It is primary data: never derived, never pruned.  It moves when two snapshots show the two sides agreeing, or
when what a push has read back agrees with what it was planned from, and a later snapshot shows an edit of it;
never because something was sent: a base ahead of the snapshot would read as an edit.  What it was
before it moved goes into its history.  There is one way back: when a push is undone and that was read back,
the undone fields are again what they were before it; else the next diff would carry the old values to the
other side.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, bindparam, delete, insert, select, union_all

from workbench.store import Store, schema
from workbench.store.engine import now

Row = dict[str, Any]
Key = tuple[str, str]
"""(mapping, pair)."""

AT_ONCE = 500
"""Pairs in one statement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Fields of a pair on which both sides agree now.

    Attributes:
        fields: Names in the mapping.
        salesforce, quickbooks: Raw values as text by API field.
    """

    mapping: str
    pair: str
    fields: tuple[str, ...]
    salesforce: Mapping[str, Any]
    quickbooks: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Return:
    """Fields of a pair whose base is to be what it was.

    Attributes:
        fields: By name in the mapping, the API fields of Salesforce and of QuickBooks.
        at: As it was then.
        before: A base that moved after this stays: both sides have agreed since.
    """

    mapping: str
    pair: str
    fields: Mapping[str, tuple[Sequence[str], Sequence[str]]]
    at: datetime
    before: datetime


def agree(store: Store, found: Iterable[Agreement]) -> int:
    """Move the base to what both sides agree on now; fields not named keep their base."""
    by_pair = {(agreement.mapping, agreement.pair): agreement for agreement in found}
    if not by_pair:
        return 0
    with store.write() as connection:
        known = _known(connection, by_pair)
        base_leaves(connection, known.values())
        rows = [_merged(agreement, known.get(key)) for key, agreement in by_pair.items()]
        connection.execute(insert(schema.base), rows)
    return sum(len(agreement.fields) for agreement in by_pair.values())


def agreements(store: Store, *, at: datetime | None = None) -> list[Row]:
    """Answer the rows of the base, as it was at a time if asked."""
    return store.rows(agreements_query(at))


def agreements_query(at: datetime | None = None) -> Select[Any]:
    """The select of `agreements`."""
    table, past = schema.base, schema.base_history
    if at is None:
        return select(table)
    columns = [past.c[column.name] for column in table.c]
    then = select(*columns).where(past.c.agreed_at <= at, past.c.replaced_at > at)
    return select(union_all(select(table).where(table.c.agreed_at <= at), then).subquery())


def go_back(store: Store, returns: Iterable[Return]) -> int:
    """Make the base of some fields what it was at a time; answers how many pairs changed.

    Doing it again changes nothing.
    """
    wanted = {(each.mapping, each.pair): each for each in returns}
    changed = 0
    with store.write() as connection:
        for key, row in _known(connection, wanted).items():
            each = wanted[key]
            if not each.at < row["agreed_at"] <= each.before:
                continue  # it has not moved since then, or both sides have agreed since
            made = _gone_back(row, as_of(connection, key, each.at), each.fields)
            if all(made[name] == row[name] for name in ("fields", "salesforce", "quickbooks")):
                continue
            base_leaves(connection, [row])
            if made["fields"]:
                connection.execute(insert(schema.base), [made])
            changed += 1
    return changed


def as_of(connection: Connection, key: Key, at: datetime) -> Row | None:
    """What the base of a pair was at a time, from its history."""
    past = schema.base_history
    mine = (past.c.mapping == key[0]) & (past.c.pair == key[1])
    then = (past.c.agreed_at <= at) & (past.c.replaced_at > at)
    row = connection.execute(select(past).where(mine, then).order_by(past.c.id).limit(1)).mappings().first()
    return None if row is None else {column.name: row[column.name] for column in schema.base.c}


def base_leaves(connection: Connection, rows: Iterable[Row]) -> None:
    """Take rows out of the base and into its history, in the caller's transaction."""
    at = now()
    kept = [row | {"replaced_at": at} for row in rows]
    if not kept:
        return
    connection.execute(insert(schema.base_history), kept)
    table = schema.base
    mine = (table.c.mapping == bindparam("of_mapping")) & (table.c.pair == bindparam("of_pair"))
    keys = [{"of_mapping": row["mapping"], "of_pair": row["pair"]} for row in kept]
    connection.execute(delete(table).where(mine), keys)


def _known(connection: Connection, wanted: Iterable[Key]) -> dict[Key, Row]:
    keys = set(wanted)
    table = schema.base
    names, pairs = sorted({mapping for mapping, _ in keys}), sorted({pair for _, pair in keys})
    found: dict[Key, Row] = {}
    for start in range(0, len(pairs), AT_ONCE):
        mine = table.c.mapping.in_(names) & table.c.pair.in_(pairs[start : start + AT_ONCE])
        for row in connection.execute(select(table).where(mine)).mappings():
            found[(row["mapping"], row["pair"])] = dict(row)
    return {key: row for key, row in found.items() if key in keys}


def _merged(agreement: Agreement, known: Mapping[str, Any] | None) -> Row:
    before: Mapping[str, Any] = known or {"fields": (), "salesforce": {}, "quickbooks": {}}
    return {
        "mapping": agreement.mapping,
        "pair": agreement.pair,
        "fields": sorted({*before["fields"], *agreement.fields}),
        "salesforce": {**before["salesforce"], **agreement.salesforce},
        "quickbooks": {**before["quickbooks"], **agreement.quickbooks},
        "agreed_at": now(),
    }


def _gone_back(row: Row, old: Row | None, fields: Mapping[str, tuple[Sequence[str], Sequence[str]]]) -> Row:
    """The row with some fields as they were; what had no base then has none again."""
    had = set(old["fields"]) & set(fields) if old else set[str]()
    made = {**row, "fields": sorted((set(row["fields"]) - set(fields)) | had), "agreed_at": now()}
    for place, side in enumerate(("salesforce", "quickbooks")):
        values = dict(row[side])
        for name, apis in fields.items():
            for api in apis[place]:
                values.pop(api, None)
                if name in had and old and api in old[side]:
                    values[api] = old[side][api]
        made[side] = values
    return made
