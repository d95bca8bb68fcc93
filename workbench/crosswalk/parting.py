"""Pairs that a person takes apart, because their records are not the same."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select

from workbench.crosswalk.decisions import decisions, decisions_query, end_decisions
from workbench.crosswalk.ends import end_pair
from workbench.crosswalk.pairs import pair_row, pairs_with
from workbench.model import DecisionKind, Side
from workbench.store import Store, schema


def part(store: Store, pairs: Iterable[str]) -> int:
    """Take pairs out of the crosswalk, each with its base and what was decided of it, in one transaction.

    All go into the history; that they are no match stands.  Doing it again takes none.

    Answers:
        How many there were.
    """
    wanted = sorted(set(pairs))
    if not wanted:
        return 0
    count = 0
    with store.write() as connection:
        for pair in wanted:
            row = pair_row(connection, pair)
            if row is None:
                continue
            end_pair(connection, row)
            end_decisions(connection, row["mapping"], row["salesforce_id"], row["quickbooks_id"])
            count += 1
    return count


def parted_query(at: datetime | None = None) -> Select[Any]:
    """The select of (mapping, salesforce_id, quickbooks_id) that were pairs until a person said otherwise.

    Args:
        at: Of the decisions that stood at a time.
    """
    said, past = decisions_query(at).subquery().c, schema.crosswalk_history.c
    was = select(past.pair).where(
        past.mapping == said.mapping,
        past.salesforce_id == said.salesforce_id,
        past.quickbooks_id == said.quickbooks_id,
    )
    columns = (said.mapping, said.salesforce_id, said.quickbooks_id)
    return select(*columns).where(said.decision == DecisionKind.NOT_A_MATCH, was.exists())


def in_the_way(
    store: Store, mapping: str, salesforce_id: str, quickbooks_id: str, parted: Iterable[tuple[str, str]] = ()
) -> list[dict[str, Any]]:
    """The pairs of which a record would leave its partner if these two were linked.

    Args:
        parted: Pairs of ids, Salesforce's first, that are being called no match together with this.

    Answers:
        Rows of the crosswalk, but those that a person has called `not_a_match`.
    """
    refused = {
        (row["salesforce_id"], row["quickbooks_id"])
        for row in decisions(store)
        if row["mapping"] == mapping and row["decision"] == DecisionKind.NOT_A_MATCH
    }
    refused |= {(salesforce_id, quickbooks_id), *parted}
    wanted = {Side.SALESFORCE: salesforce_id, Side.QUICKBOOKS: quickbooks_id}
    found = {
        str(row["pair"]): row
        for side, record in wanted.items()
        for row in pairs_with(store, side, [record])
        if row["mapping"] == mapping and (row["salesforce_id"], row["quickbooks_id"]) not in refused
    }
    return list(found.values())
