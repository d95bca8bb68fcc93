"""The money of both sides as it was measured for a change set: before it, as predicted, and after."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, insert, select

from workbench.store import Store, schema
from workbench.store.engine import now

STAGES = ("before", "predicted", "after")

KEPT_PLANS = 5
"""Change sets that were never pushed and keep their proofs: the newest ones."""


def save_proof(store: Store, changeset: str, stages: Mapping[str, Mapping[str, Any]]) -> None:
    """Keep what was measured for a change set, a row a stage; what was kept of these stages is replaced.

    Proofs of older change sets that nobody has pushed are taken away: they would only grow.
    """
    table = schema.proofs
    at = now()
    with store.write() as connection:
        for stage, content in stages.items():
            same = (table.c.changeset == changeset) & (table.c.stage == stage)
            connection.execute(delete(table).where(same))
            values = {"changeset": changeset, "stage": stage, "content": dict(content), "made_at": at}
            connection.execute(insert(table).values(**values))
        sets = schema.changesets
        never = select(sets.c.id).where(sets.c.pushed_at.is_(None), sets.c.id != changeset)
        older = never.order_by(sets.c.made_at.desc()).offset(KEPT_PLANS - 1)
        for id_ in connection.execute(older).scalars().all():
            connection.execute(delete(table).where(table.c.changeset == id_))


def load_proof(store: Store, changeset: str) -> dict[str, dict[str, Any]]:
    """What was measured for a change set: the row of each stage that there is."""
    table = schema.proofs
    return {row["stage"]: row for row in store.rows(select(table).where(table.c.changeset == changeset))}
