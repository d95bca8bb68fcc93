"""The base: the raw values both sides held when they last agreed, per confirmed pair.

It is primary data: never derived, never pruned.  It moves only when two snapshots show the two sides
agreeing, never because something was sent: a base ahead of the snapshot would read as an edit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from workbench.store import Store, schema
from workbench.store.engine import now


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


def agree(store: Store, found: Iterable[Agreement]) -> int:
    """Move the base to what both sides agree on now; fields not named keep their base."""
    by_pair = {(agreement.mapping, agreement.pair): agreement for agreement in found}
    if not by_pair:
        return 0
    with store.write() as connection:
        known = _known(connection, by_pair)
        table = schema.base
        for key in known:
            connection.execute(delete(table).where(table.c.mapping == key[0], table.c.pair == key[1]))
        rows = [_merged(agreement, known.get(key)) for key, agreement in by_pair.items()]
        connection.execute(insert(table), rows)
    return sum(len(agreement.fields) for agreement in by_pair.values())


def agreements(store: Store) -> list[dict[str, Any]]:
    """Answer the rows of the base."""
    return store.rows(select(schema.base))


Key = tuple[str, str]
"""(mapping, pair)."""


def _known(connection: Connection, wanted: Mapping[Key, Agreement]) -> dict[Key, dict[str, Any]]:
    table = schema.base
    names = sorted({mapping for mapping, _ in wanted})
    rows = connection.execute(select(table).where(table.c.mapping.in_(names))).mappings()
    found = {(row["mapping"], row["pair"]): dict(row) for row in rows}
    return {key: row for key, row in found.items() if key in wanted}


def _merged(agreement: Agreement, known: Mapping[str, Any] | None) -> dict[str, Any]:
    before: Mapping[str, Any] = known or {"fields": (), "salesforce": {}, "quickbooks": {}}
    return {
        "mapping": agreement.mapping,
        "pair": agreement.pair,
        "fields": sorted({*before["fields"], *agreement.fields}),
        "salesforce": {**before["salesforce"], **agreement.salesforce},
        "quickbooks": {**before["quickbooks"], **agreement.quickbooks},
        "agreed_at": now(),
    }
