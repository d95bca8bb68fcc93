"""Change sets as they were made, and the marks of a reviewer on their changes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import delete, insert, select, update

from workbench.errors import WorkbenchError
from workbench.store import Store, schema
from workbench.store.engine import now

AT_ONCE = 500
"""Ids in one statement: a SQLite may take no more than 999 parameters."""


def save_changeset(store: Store, *, id_: str, content_hash: str, content: str, by: str) -> bool:
    """Keep a change set; the same content is kept once.  Answers False when it was known.

    One that is planned again is the newest again: that is what `approve` and `push` mean without an id.
    """
    table = schema.changesets
    with store.write() as connection:
        if connection.execute(update(table).where(table.c.id == id_).values(made_at=now())).rowcount:
            return False
        connection.execute(
            insert(schema.changesets).values(
                id=id_, content_hash=content_hash, content=content, made_by=by, made_at=now()
            )
        )
    return True


def load_changeset(store: Store, id_: str | None = None) -> dict[str, Any]:
    """Answer the row of a change set, the newest one without an id.

    Raises:
        WorkbenchError: There is no such change set.
    """
    table = schema.changesets
    query = select(table).order_by(table.c.made_at.desc()).limit(1)
    rows = store.rows(query if id_ is None else query.where(table.c.id == id_))
    if not rows:
        what = "there is no change set yet" if id_ is None else f"there is no change set {id_}"
        raise WorkbenchError(what, fix="Make one with `workbench plan`; `workbench history` lists them.")
    return rows[0]


def list_changesets(store: Store) -> list[dict[str, Any]]:
    """Answer id, maker and times of all change sets, newest first."""
    table = schema.changesets
    columns = (table.c.id, table.c.made_by, table.c.made_at, table.c.pushed_at)
    return store.rows(select(*columns).order_by(table.c.made_at.desc()))


def undoing(store: Store, id_: str) -> list[str]:
    """Answer the ids of the change sets that undo one, oldest first."""
    table = schema.changesets
    named = table.c.content.contains(f'"undoes":"{id_}"', autoescape=True)
    query = select(table.c.id).where(named, table.c.pushed_at.is_not(None)).order_by(table.c.made_at)
    return [row["id"] for row in store.rows(query)]


def mark(store: Store, changeset: str, changes: Iterable[str], approved: bool, by: str) -> None:
    """Mark changes of a change set as approved or not; the last mark counts."""
    table, at = schema.marks, now()
    wanted = list(changes)
    same = table.c.changeset == changeset
    with store.write() as connection:
        for start in range(0, len(wanted), AT_ONCE):
            part = wanted[start : start + AT_ONCE]
            connection.execute(delete(table).where(same, table.c.change.in_(part)))
        if wanted:
            connection.execute(
                insert(table),
                [
                    {
                        "changeset": changeset,
                        "change": change,
                        "approved": approved,
                        "marked_by": by,
                        "marked_at": at,
                    }
                    for change in wanted
                ],
            )


def carry_marks(store: Store, older: str, newer: str, changes: Iterable[str]) -> int:
    """Give changes of a newer change set the marks that they had in an older one.

    Marks that the newer one has already stay as they are.  Answers how many are approved by it.
    """
    table = schema.marks
    wanted = frozenset(changes)
    with store.write() as connection:
        have = set(connection.execute(select(table.c.change).where(table.c.changeset == newer)).scalars())
        rows = connection.execute(select(table).where(table.c.changeset == older)).mappings()
        new = [
            {**row, "changeset": newer}
            for row in rows
            if row["change"] in wanted and row["change"] not in have
        ]
        if new:
            connection.execute(insert(table), new)
    return sum(bool(row["approved"]) for row in new)


def marked(store: Store, changeset: str) -> frozenset[str]:
    """Answer the changes of a change set that are marked as approved."""
    table = schema.marks
    query = select(table.c.change).where(table.c.changeset == changeset, table.c.approved)
    return frozenset(row["change"] for row in store.rows(query))
