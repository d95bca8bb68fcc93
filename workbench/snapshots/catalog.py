"""Which snapshots there are: a row in the store for each published file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
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
        kind: 'full', or 'delta': its file holds what changed since the snapshot `previous`.
        previous: The snapshot before it, if there was one.
        reading: What the next pull must know of this one; empty where nothing is known.
        below: The files that its own is laid over, the full one first; none for a full snapshot.
    """

    id: str
    side: str
    file: Path
    started_at: datetime
    ended_at: datetime
    counts: Mapping[str, int]
    describes: Mapping[str, Any]
    kind: str = "full"
    previous: str | None = None
    reading: Mapping[str, Any] = field(default_factory=dict)
    below: tuple[Path, ...] = ()

    @property
    def files(self) -> tuple[Path, ...]:
        """All its files, the full one first."""
        return (*self.below, self.file)

    @property
    def readable(self) -> bool:
        """Whether all its files are still there."""
        return all(file.is_file() for file in self.files)

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
                kind=snapshot.kind,
                previous=snapshot.previous,
                reading=dict(snapshot.reading),
            )
        )
    return True


def failed_pull(store: Store, pull: str, side: str, error: str, *, then_full: bool = False) -> None:
    """Keep why a pull failed; nothing was published.

    With `then_full` the next pull must read everything: this one has shown that records were missed.
    """
    with store.write() as connection:
        _finish_pull(connection, pull, side, error=error, next_="full" if then_full else None)


def overtaken_pull(store: Store, pull: str, side: str, snapshot: str) -> None:
    """A newer pull was published before this one was loaded: its snapshot stands for both."""
    with store.write() as connection:
        _finish_pull(connection, pull, side, snapshot=snapshot)


def next_must_be_full(store: Store, side: str) -> bool:
    """Whether the last pull of a side has shown that records were missed."""
    table = schema.pulls
    query = select(table.c.next).where(table.c.side == side).order_by(table.c.finished_at.desc()).limit(1)
    return any(row["next"] == "full" for row in store.rows(query))


def finished_pulls(store: Store) -> dict[str, dict[str, Any]]:
    """Answer the pulls that have ended, by id: state, snapshot, error."""
    return {row["id"]: row for row in store.rows(select(schema.pulls))}


def _finish_pull(
    connection: Connection,
    pull: str,
    side: str,
    *,
    snapshot: str | None = None,
    error: str | None = None,
    next_: str | None = None,
) -> bool:
    if connection.execute(select(schema.pulls.c.id).where(schema.pulls.c.id == pull)).first():
        return False
    state = "failed" if error else "done"
    connection.execute(
        insert(schema.pulls).values(
            id=pull, side=side, state=state, finished_at=now(), snapshot=snapshot, error=error, next=next_
        )
    )
    return True


def history(store: Store, side: str | None = None) -> list[Snapshot]:
    """Answer all snapshots, of one side if asked, newest first; also those whose files were taken away."""
    table = schema.snapshots
    query = select(table).order_by(table.c.published_at.desc())
    rows = store.rows(query if side is None else query.where(table.c.side == side))
    files = _files(store)
    return [_snapshot(row, files) for row in rows]


def newest(store: Store, side: str, *, before: datetime | None = None) -> Snapshot:
    """Answer the newest snapshot of a side, or the newest that had ended by `before`.

    Raises:
        WorkbenchError: There is none.
    """
    table = schema.snapshots
    standing = select(table).where(table.c.side == side, table.c.pruned_at.is_(None))
    query = standing.order_by(table.c.published_at.desc()).limit(1)
    rows = store.rows(query if before is None else query.where(table.c.ended_at <= before))
    if rows:
        return _snapshot(rows[0], _files(store))
    first = [] if before is None else store.rows(standing.order_by(table.c.ended_at).limit(1))
    if first:
        raise WorkbenchError(
            f"there was no snapshot of {side} yet at {before:%Y-%m-%d %H:%M:%S} UTC",
            values={"the first one is of": f"{first[0]['ended_at']:%Y-%m-%d %H:%M:%S} UTC"},
            fix="Ask for a later time; `workbench history` lists the pulls.",
        )
    raise WorkbenchError(
        f"there is no snapshot of {side} yet", fix="Run `workbench pull` (in a notebook: bench.pull())."
    )


def snapshot(store: Store, id_: str) -> Snapshot:
    """Answer a snapshot by its id."""
    rows = store.rows(select(schema.snapshots).where(schema.snapshots.c.id == id_))
    if not rows:
        raise WorkbenchError(f"there is no snapshot {id_}", fix="See `workbench history`.")
    return _snapshot(rows[0], _files(store))


_Files = Mapping[str, tuple[Path, str | None]]
"""By id: the file, and for a delta the snapshot that it is laid over."""


def _files(store: Store) -> _Files:
    table = schema.snapshots
    rows = store.rows(select(table.c.id, table.c.file, table.c.kind, table.c.previous))
    return {
        row["id"]: (Path(row["file"]), row["previous"] if row["kind"] == "delta" else None) for row in rows
    }


def _below(id_: str, files: _Files) -> tuple[Path, ...]:
    found: list[Path] = []
    previous = files[id_][1]
    while previous is not None:
        file, previous = files[previous]
        found.insert(0, file)
    return tuple(found)


def _snapshot(row: Mapping[str, Any], files: _Files) -> Snapshot:
    return Snapshot(
        id=row["id"],
        side=row["side"],
        file=Path(row["file"]),
        started_at=row["started_at"],
        ended_at=row["ended_at"],
        counts=row["counts"],
        describes=row["describes"],
        kind=row["kind"],
        previous=row["previous"],
        reading=row["reading"] or {},
        below=_below(row["id"], files),
    )
