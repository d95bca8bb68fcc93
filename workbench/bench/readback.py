"""What was read back after a push: the first snapshots after it, measured, and what became of its changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from workbench.bench.measuring import measured
from workbench.changes import ChangeSet
from workbench.ledger import OutcomeRow, pushes, save_proof
from workbench.model import Side
from workbench.moneyproof import Measure, Written, written
from workbench.moneyproof.kept import to_data
from workbench.moneyproof.proof import Stage
from workbench.reconciliation import open_reconciliation
from workbench.snapshots import Snapshot, history
from workbench.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadBack:
    """What was read back, and the changes of the push as they became."""

    measure: Measure
    writes: tuple[Written, ...]


def read_back(
    workspace: Workspace, changeset: ChangeSet, kept: Measure | None, rows: Mapping[str, OutcomeRow]
) -> ReadBack | str:
    """What was read back after the push, measured and kept; or what has to be pulled.

    Args:
        kept: What was measured of it before.
    """
    mappings = list(workspace.in_use().values())
    first = _after(workspace, changeset, rows, gone=True)
    if kept is not None and not (isinstance(first, tuple) and all(each.readable for each in first)):
        # Its snapshots were taken away since: what was measured then stands.
        return ReadBack(measure=kept, writes=written(None, mappings, changeset.changes, rows))
    pair = _after(workspace, changeset, rows)
    if isinstance(pair, str):
        return pair
    reconciliation = open_reconciliation(workspace, *pair, at=_until(workspace, pair))
    with reconciliation.connection as connection:
        after = measured(workspace, reconciliation)
        writes = written(connection, reconciliation.usable(mappings), changeset.changes, rows)
    save_proof(workspace.store, changeset.id, {Stage.AFTER.value: to_data(after)})
    return ReadBack(measure=after, writes=writes)


def _after(
    workspace: Workspace, changeset: ChangeSet, rows: Mapping[str, OutcomeRow], *, gone: bool = False
) -> tuple[Snapshot, Snapshot] | str:
    """The first snapshots that were begun after the push; or what has to be pulled.

    A side that nothing was written to is as it was when it was planned, if it was not pulled since.

    Args:
        gone: Those too whose files were taken away.
    """
    end = _settled(rows, *Side)
    found = {side: _first_after(workspace, side, end, gone) for side in Side}
    for side in Side:
        if found[side] is None and _settled(rows, side) is None:
            taken = history(workspace.store, side)
            found[side] = next((each for each in taken if each.id == changeset.header.get(side)), None)
    late = [side.label for side in Side if found[side] is None]
    left, right = found[Side.SALESFORCE], found[Side.QUICKBOOKS]
    if left is None or right is None:
        return f"{' and '.join(late)} was not pulled since the push; pull, then ask again."
    return left, right


def _first_after(workspace: Workspace, side: Side, end: datetime | None, gone: bool) -> Snapshot | None:
    """The oldest snapshot of a side whose reading began after a time; one that can be read, unless `gone`."""
    taken = history(workspace.store, side)  # the newest stands first
    newer = [each for each in taken if (gone or each.readable) and (end is None or each.started_at > end)]
    return newer[-1] if newer else None


def _until(workspace: Workspace, pair: tuple[Snapshot, Snapshot]) -> datetime | None:
    """Until when links count as those of the read-back: the next pull, or the next push, which may end some.

    None where neither has begun since.
    """
    end = max(each.ended_at for each in pair)
    begun = [each.started_at for each in history(workspace.store)]
    begun += [each.started_at for each in pushes(workspace.store)]
    return min((time for time in begun if time > end), default=None)


def _settled(rows: Mapping[str, OutcomeRow], *sides: Side) -> datetime | None:
    """When the last change of these sides was settled; None where nothing was pushed to them."""
    times = [row.settled_at for row in rows.values() if row.side in sides and row.settled_at is not None]
    return max(times, default=None)
