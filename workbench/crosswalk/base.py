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
    count = 0
    with store.write() as connection:
        for agreement in found:
            _merge(connection, agreement)
            count += len(agreement.fields)
    return count


def agreements(store: Store) -> list[dict[str, Any]]:
    """Answer the rows of the base."""
    return store.rows(select(schema.base))


def _merge(connection: Connection, agreement: Agreement) -> None:
    table = schema.base
    same = (table.c.mapping == agreement.mapping) & (table.c.pair == agreement.pair)
    known = connection.execute(select(table).where(same)).mappings().first()
    fields = set(known["fields"] if known else ()) | set(agreement.fields)
    if known:
        connection.execute(delete(table).where(same))
    connection.execute(
        insert(table).values(
            mapping=agreement.mapping,
            pair=agreement.pair,
            fields=sorted(fields),
            salesforce={**(known["salesforce"] if known else {}), **agreement.salesforce},
            quickbooks={**(known["quickbooks"] if known else {}), **agreement.quickbooks},
            agreed_at=now(),
        )
    )
