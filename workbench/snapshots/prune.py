"""Take snapshot files away by rule.

    unfinished files    of processes that were killed while writing, `UNFINISHED_HOURS` after their last write
    orphans             finished files that no row of the catalogue names: a pull that lost the race to
                        publish, or a process killed between rename and publishing; after the same time
    old chains          a full file with its deltas, when all of them ended `KEPT_DAYS` ago, a newer chain of
                        that side stands, and no snapshot of it is still needed

A chain goes as a whole, because its deltas mean nothing without its full file.  Rows of the catalogue stay.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select, update

from workbench.snapshots.catalog import Snapshot, history
from workbench.store import Store, schema
from workbench.store.engine import now

UNFINISHED_HOURS = 6.0
KEPT_DAYS = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruned:
    """What was taken away: numbers of files, and the snapshots of old chains."""

    unfinished: int
    orphans: int
    snapshots: tuple[str, ...]


def prune(
    store: Store,
    folder: Path,
    *,
    needed: Collection[str] = (),
    keep_days: float = KEPT_DAYS,
    unfinished_hours: float = UNFINISHED_HOURS,
    at: datetime | None = None,
) -> Pruned:
    """Take away what the rules allow.

    Args:
        folder: Where the snapshots of both sides lie.
        needed: Ids of snapshots that must stay, e.g. those of change sets that are not settled.
        at: The time to go by; now without it.
    """
    moment = at or now()
    gone = _old_chains(store, needed, moment - timedelta(days=keep_days), moment)
    # The catalogue is read before the folder: a file that is published in between is too young to go.
    known = {file.resolve() for file in _files(store)}
    limit = (moment - timedelta(hours=unfinished_hours)).timestamp()
    unfinished = _remove(folder.glob("*/.*.unfinished*"), limit)
    orphans = _remove((path for path in folder.glob("*/*.duckdb") if path.resolve() not in known), limit)
    return Pruned(unfinished=unfinished, orphans=orphans, snapshots=gone)


def _files(store: Store) -> list[Path]:
    table = schema.snapshots
    rows = store.rows(select(table.c.file).where(table.c.pruned_at.is_(None)))
    return [Path(row["file"]) for row in rows]


def _remove(paths: Iterable[Path], limit: float) -> int:
    count = 0
    for path in paths:
        try:
            if path.stat().st_mtime <= limit:
                path.unlink()
                count += 1
        except OSError:  # gone already, or (on Windows) still open: the next time
            continue
    return count


def _old_chains(store: Store, needed: Collection[str], limit: datetime, moment: datetime) -> tuple[str, ...]:
    """Mark the chains that may go as pruned, in one transaction, then take their files away."""
    gone: list[Snapshot] = []
    for side in ("salesforce", "quickbooks"):
        chains: dict[Path, list[Snapshot]] = {}
        standing = [each for each in history(store, side) if each.file.is_file()]
        for each in standing:
            chains.setdefault(each.files[0], []).append(each)
        newest = standing[0].files[0] if standing else None
        for full, members in chains.items():
            old = all(each.ended_at <= limit for each in members)
            if old and full != newest and not any(each.id in needed for each in members):
                gone += members
    if not gone:
        return ()
    table = schema.snapshots
    ids = tuple(each.id for each in gone)
    with store.write() as connection:
        connection.execute(update(table).where(table.c.id.in_(ids)).values(pruned_at=moment))
    for each in gone:
        with suppress(OSError):  # Windows keeps what is open; it is an orphan from now on
            each.file.unlink(missing_ok=True)
    return ids
