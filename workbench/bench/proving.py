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
from workbench.moneyproof import Measure, Written, compare, measure, with_unread, written
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
    after: Measure | None = None


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
    after = waiting or _read_back(workspace, changeset, kept, rows)
    if isinstance(after, str):
        return Proof(changeset=changeset.id, measures=kept.measures, waiting=after)
    return _proven(workspace, changeset, kept, rows, after)


def _kept(workspace: Workspace, changeset: str) -> _Kept:
    rows = load_proof(workspace.store, changeset)
    if not {Stage.BEFORE, Stage.PREDICTED} <= rows.keys():
        return _Kept(measures={}, made={})
    content = rows[Stage.PREDICTED]["content"]
    before = from_data(rows[Stage.BEFORE]["content"])
    measures = {Stage.BEFORE: before, Stage.PREDICTED: from_data(content, before)}
    after = from_data(rows[Stage.AFTER]["content"]) if Stage.AFTER in rows else None
    return _Kept(measures=measures, made=content["made"], after=after)


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


def _settled(rows: Mapping[str, OutcomeRow], *sides: Side) -> datetime | None:
    """When the last change of these sides was settled; None where nothing was pushed to them."""
    times = [row.settled_at for row in rows.values() if row.side in sides and row.settled_at is not None]
    return max(times, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class _ReadBack:
    """What was read back, and the changes of the push as they became."""

    measure: Measure
    writes: tuple[Written, ...]


def _read_back(
    workspace: Workspace, changeset: ChangeSet, kept: _Kept, rows: Mapping[str, OutcomeRow]
) -> _ReadBack | str:
    """What was read back after the push, measured and kept; or what has to be pulled."""
    mappings = list(workspace.in_use().values())
    first = _after(workspace, changeset, rows, gone=True)
    if kept.after is not None and not (isinstance(first, tuple) and all(each.readable for each in first)):
        # Its snapshots were taken away since: what was measured then stands.
        return _ReadBack(measure=kept.after, writes=written(None, mappings, changeset.changes, rows))
    pair = _after(workspace, changeset, rows)
    if isinstance(pair, str):
        return pair
    reconciliation = open_reconciliation(workspace, *pair)
    with reconciliation.connection as connection:
        after = measured(workspace, reconciliation)
        writes = written(connection, reconciliation.usable(mappings), changeset.changes, rows)
    save_proof(workspace.store, changeset.id, {Stage.AFTER.value: to_data(after)})
    return _ReadBack(measure=after, writes=writes)


def _proven(
    workspace: Workspace,
    changeset: ChangeSet,
    kept: _Kept,
    rows: Mapping[str, OutcomeRow],
    read_back: _ReadBack,
) -> Proof:
    before, predicted, after = *kept.measures.values(), read_back.measure
    if set(before.missing) != set(after.missing):
        told = "the snapshots that it was planned from lack columns that are read now; plan again."
        return Proof(changeset=changeset.id, measures=kept.measures, waiting=told)
    made = {
        record: str(rows[change].record)
        for record, change in kept.made.items()
        if change in rows and rows[change].record
    }
    three = (before, renamed(predicted, made), after)
    if len({each.balances for each in three}) > 1:
        three = (_without_balances(three[0]), _without_balances(three[1]), _without_balances(three[2]))
    return Proof(
        changeset=changeset.id,
        measures=dict(zip(Stage, three, strict=True)),
        comparison=compare(*three, read_back.writes),
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
