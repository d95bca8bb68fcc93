"""Measure money for a change set: before it and as predicted when planned, and as read back afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import duckdb

from workbench.changes import ChangeSet, read_changeset
from workbench.ledger import OutcomeRow, load_changeset, load_proof, outcomes, save_proof
from workbench.ledger.outcomes import OPEN
from workbench.model import Side
from workbench.moneyproof import Measure, compare, measure, with_unread, written
from workbench.moneyproof.compare import renamed
from workbench.moneyproof.kept import from_data, to_data
from workbench.moneyproof.proof import Proof, Stage
from workbench.moneyproof.subjects import subjects
from workbench.reconciliation import Reconciliation, open_reconciliation
from workbench.snapshots import Snapshot, history
from workbench.workspace import Workspace


def measured(workspace: Workspace, reconciliation: Reconciliation) -> Measure:
    """The money of two snapshots."""
    return _measured(workspace, reconciliation, reconciliation.connection)


def _measured(
    workspace: Workspace, reconciliation: Reconciliation, connection: duckdb.DuckDBPyConnection
) -> Measure:
    pair = {Side.SALESFORCE: reconciliation.salesforce, Side.QUICKBOOKS: reconciliation.quickbooks}
    return measure(
        connection,
        reconciliation.usable(workspace.in_use().values()),
        snapshots={str(side): each.id for side, each in pair.items()},
        taken={str(side): each.started_at for side, each in pair.items()},
    )


def planned_money(
    workspace: Workspace,
    reconciliation: Reconciliation,
    predicted: duckdb.DuckDBPyConnection,
    made: Mapping[str, str],
) -> dict[str, dict[str, Any]]:
    """Measure what a change set is planned from, and both sides as they would be after it; see `keep_money`.

    Args:
        predicted: Both sides as they would be after the push, in the same schemas.
        made: Id of a record as the prediction calls it -> the change that makes it.
    """
    before = measured(workspace, reconciliation)
    after = with_unread(_measured(workspace, reconciliation, predicted), before)
    return {Stage.BEFORE.value: to_data(before), Stage.PREDICTED.value: to_data(after, before, made)}


def keep_money(workspace: Workspace, changeset_id: str, planned: Mapping[str, Mapping[str, Any]]) -> None:
    """Keep what was measured when a change set was planned."""
    save_proof(workspace.store, changeset_id, planned)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    """What was kept when a change set was planned."""

    measures: Mapping[Stage, Measure]
    made: Mapping[str, str]


def proof_of(workspace: Workspace, changeset_id: str | None) -> Proof:
    """The proof of a change set, the newest one without an id, as far as it can be made now.

    What was read back is measured in the first snapshots after the push, so that it stays what it was.

    Raises:
        WorkbenchError: There is no such change set.
    """
    changeset = read_changeset(load_changeset(workspace.store, changeset_id)["content"])
    kept = _kept(workspace, changeset.id)
    rows = {row.change: row for row in outcomes(workspace.store, changeset.id)}
    waiting = _waiting(kept, rows)
    pair = None if waiting else _after(workspace, changeset, rows)
    if waiting or isinstance(pair, str):
        waiting = waiting or str(pair)
        return Proof(changeset=changeset.id, measures=kept.measures, waiting=waiting)
    return _proven(workspace, changeset, kept, rows, pair)


def _kept(workspace: Workspace, changeset: str) -> _Kept:
    rows = load_proof(workspace.store, changeset)
    if not {Stage.BEFORE, Stage.PREDICTED} <= rows.keys():
        return _Kept(measures={}, made={})
    content = rows[Stage.PREDICTED]["content"]
    before = from_data(rows[Stage.BEFORE]["content"])
    measures = {Stage.BEFORE: before, Stage.PREDICTED: from_data(content, before)}
    return _Kept(measures=measures, made=content["made"])


def _waiting(kept: _Kept, rows: Mapping[str, OutcomeRow]) -> str:
    """What the proof waits for, as far as the push is concerned; '' when it is finished."""
    if Stage.PREDICTED not in kept.measures:
        return "the money was not measured when it was planned; plan again."
    if not rows:
        return "it was not pushed yet."
    waits = sum(row.state in OPEN for row in rows.values())
    if waits:
        return f"{waits:,} of {len(rows):,} changes have no outcome yet; push again to go on."
    return ""


def _after(
    workspace: Workspace, changeset: ChangeSet, rows: Mapping[str, OutcomeRow]
) -> tuple[Snapshot, Snapshot] | str:
    """The first snapshots that were begun after the push; or what has to be pulled.

    A side that nothing was written to is as it was when it was planned, if it was not pulled since.
    """
    end = _settled(rows, *Side)
    found = {side: _first_after(workspace, side, end) for side in Side}
    for side in Side:
        if found[side] is None and _settled(rows, side) is None:
            taken = history(workspace.store, side)
            found[side] = next((each for each in taken if each.id == changeset.header.get(side)), None)
    late = [side.label for side in Side if found[side] is None]
    left, right = found[Side.SALESFORCE], found[Side.QUICKBOOKS]
    if left is None or right is None:
        return f"{' and '.join(late)} was not pulled since the push; pull, then ask again."
    return left, right


def _first_after(workspace: Workspace, side: Side, end: datetime | None) -> Snapshot | None:
    """The oldest snapshot of a side whose reading began after a time, and that can be read."""
    taken = history(workspace.store, side)  # the newest stands first
    newer = [each for each in taken if each.readable and (end is None or each.started_at > end)]
    return newer[-1] if newer else None


def _settled(rows: Mapping[str, OutcomeRow], *sides: Side) -> datetime | None:
    """When the last change of these sides was settled; None where nothing was pushed to them."""
    times = [row.settled_at for row in rows.values() if row.side in sides and row.settled_at is not None]
    return max(times, default=None)


def _proven(
    workspace: Workspace,
    changeset: ChangeSet,
    kept: _Kept,
    rows: Mapping[str, OutcomeRow],
    pair: tuple[Snapshot, Snapshot] | None,
) -> Proof:
    assert pair is not None
    reconciliation = open_reconciliation(workspace, *pair)
    after = measured(workspace, reconciliation)
    before, predicted = kept.measures[Stage.BEFORE], kept.measures[Stage.PREDICTED]
    if set(before.missing) != set(after.missing):
        told = "the snapshots that it was planned from lack columns that are read now; plan again."
        return Proof(changeset=changeset.id, measures=kept.measures, waiting=told)
    made = {
        record: str(rows[change].record)
        for record, change in kept.made.items()
        if change in rows and rows[change].record
    }
    mappings = reconciliation.usable(workspace.in_use().values())
    writes = written(reconciliation.connection, mappings, changeset.changes, rows)
    measures = {Stage.BEFORE: before, Stage.PREDICTED: renamed(predicted, made), Stage.AFTER: after}
    if len({each.balances for each in measures.values()}) > 1:
        measures = {stage: _without_balances(each) for stage, each in measures.items()}
    save_proof(workspace.store, changeset.id, {Stage.AFTER.value: to_data(after)})
    reconciliation.connection.close()
    return Proof(
        changeset=changeset.id,
        measures=measures,
        comparison=compare(measures[Stage.BEFORE], measures[Stage.PREDICTED], measures[Stage.AFTER], writes),
        notes=tuple(_notes(workspace, changeset, rows)),
    )


def _without_balances(measure: Measure) -> Measure:
    customers = {key: replace(each, balance=None) for key, each in measure.customers.items()}
    return replace(measure, customers=customers, balances=False)


def _notes(workspace: Workspace, changeset: ChangeSet, rows: Mapping[str, OutcomeRow]) -> list[str]:
    """What was not pushed, and which mappings are others by now."""
    notes = []
    left = sum(change.id not in rows for change in changeset.changes)
    if left:
        notes.append(f"{left:,} of {len(changeset.changes):,} planned changes were not approved")
    hashes: Mapping[str, Any] = changeset.header.get("mappings", {})
    moved = [
        each.title
        for each in subjects(workspace.in_use().values())
        if hashes.get(each.name) not in (None, each.mapping.hash)
    ]
    if moved:
        notes.append(f"changed since it was planned: the mapping of {', '.join(moved)}")
    return notes
