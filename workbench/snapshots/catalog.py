"""Which snapshots there are: a row in the store for each published file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert, select

from workbench.errors import WorkbenchError
from workbench.store import Store, schema
from workbench.store.engine import now


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A published snapshot.

    Attributes:
        id: `<side>-<UTC time>-<random>`.
        side: 'salesforce' or 'quickbooks'.
        file: The DuckDB file.
        started_at, ended_at: When the first page was asked for and the last one had arrived (UTC).
        counts: Rows by table.
        describes: What each object can hold, by object name, in the form of a Salesforce describe.
    """

    id: str
    side: str
    file: Path
    started_at: datetime
    ended_at: datetime
    counts: Mapping[str, int]
    describes: Mapping[str, Any]

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{name}</td><td style='text-align:right'>{count:,}</td></tr>"
            for name, count in self.counts.items()
        )
        return f"<p><b>{self.side}</b> as of {self.ended_at:%Y-%m-%d %H:%M:%S} UTC</p><table>{rows}</table>"


def publish(store: Store, snapshot: Snapshot, *, pull: str | None = None) -> bool:
    """Make a written file known to readers, and its pull finished, in one transaction.

    Answers False when another process has published this pull already; its snapshot stands.
    """
    with store.write() as connection:
        if pull is not None and not _finish_pull(connection, pull, snapshot.side, snapshot=snapshot.id):
            return False
        connection.execute(
            insert(schema.snapshots).values(
                id=snapshot.id,
                side=snapshot.side,
                file=str(snapshot.file),
                started_at=snapshot.started_at,
                ended_at=snapshot.ended_at,
                published_at=now(),
                counts=dict(snapshot.counts),
                describes=dict(snapshot.describes),
            )
        )
    return True


def failed_pull(store: Store, pull: str, side: str, error: str) -> None:
    """Keep why a pull failed; nothing was published."""
    with store.write() as connection:
        _finish_pull(connection, pull, side, error=error)


def finished_pulls(store: Store) -> dict[str, dict[str, Any]]:
    """Answer the pulls that have ended, by id: state, snapshot, error."""
    return {row["id"]: row for row in store.rows(select(schema.pulls))}


def _finish_pull(
    connection: Connection, pull: str, side: str, *, snapshot: str | None = None, error: str | None = None
) -> bool:
    if connection.execute(select(schema.pulls.c.id).where(schema.pulls.c.id == pull)).first():
        return False
    state = "failed" if error else "done"
    connection.execute(
        insert(schema.pulls).values(
            id=pull, side=side, state=state, finished_at=now(), snapshot=snapshot, error=error
        )
    )
    return True


def history(store: Store, side: str | None = None) -> list[Snapshot]:
    """Answer all snapshots, of one side if asked, newest first."""
    table = schema.snapshots
    query = select(table).order_by(table.c.published_at.desc())
    return [
        _snapshot(row) for row in store.rows(query if side is None else query.where(table.c.side == side))
    ]


def newest(store: Store, side: str, *, before: datetime | None = None) -> Snapshot:
    """Answer the newest snapshot of a side, or the newest that had ended by `before`.

    Raises:
        WorkbenchError: There is none.
    """
    table = schema.snapshots
    query = select(table).where(table.c.side == side).order_by(table.c.published_at.desc()).limit(1)
    rows = store.rows(query if before is None else query.where(table.c.ended_at <= before))
    if not rows:
        raise WorkbenchError(
            f"there is no snapshot of {side} yet", fix="Run `workbench pull` (in a notebook: bench.pull())."
        )
    return _snapshot(rows[0])


def snapshot(store: Store, id_: str) -> Snapshot:
    """Answer a snapshot by its id."""
    rows = store.rows(select(schema.snapshots).where(schema.snapshots.c.id == id_))
    if not rows:
        raise WorkbenchError(f"there is no snapshot {id_}", fix="See `workbench history`.")
    return _snapshot(rows[0])


def _snapshot(row: Mapping[str, Any]) -> Snapshot:
    return Snapshot(
        id=row["id"],
        side=row["side"],
        file=Path(row["file"]),
        started_at=row["started_at"],
        ended_at=row["ended_at"],
        counts=row["counts"],
        describes=row["describes"],
    )
