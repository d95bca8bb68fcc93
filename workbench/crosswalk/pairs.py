"""The crosswalk: which Salesforce record and which QuickBooks record are the same thing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, or_, select

from workbench.store import Store, schema
from workbench.store.engine import now


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


def confirm(store: Store, found: Iterable[Pair]) -> int:
    """Keep pairs and answer how many are new.

    A pair takes the place of another one that one of its records was in: a record has one partner.
    """
    with store.write() as connection:
        return sum(_confirm(connection, pair) for pair in found)


def pairs(store: Store, mapping: str | None = None) -> list[dict[str, object]]:
    """Answer the rows of the crosswalk."""
    query = select(schema.crosswalk)
    return store.rows(query if mapping is None else query.where(schema.crosswalk.c.mapping == mapping))


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


def closed(store: Store) -> frozenset[str]:
    """Answer the mappings whose first matching was closed."""
    return frozenset(row["mapping"] for row in store.rows(select(schema.closed)))


def _confirm(connection: Connection, pair: Pair) -> bool:
    table = schema.crosswalk
    if connection.execute(select(table.c.pair).where(table.c.pair == pair.pair)).first():
        return False
    same_record = or_(
        table.c.salesforce_id == pair.salesforce_id, table.c.quickbooks_id == pair.quickbooks_id
    )
    connection.execute(delete(table).where(table.c.mapping == pair.mapping, same_record))
    connection.execute(
        insert(table).values(
            mapping=pair.mapping,
            pair=pair.pair,
            salesforce_id=pair.salesforce_id,
            quickbooks_id=pair.quickbooks_id,
            rule=pair.rule,
            confirmed_by=pair.confirmed_by,
            confirmed_at=now(),
        )
    )
    return True
