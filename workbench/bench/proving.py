"""Measure money for a change set: before it and as predicted when planned, and as read back afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import duckdb

from workbench.bench.measuring import measured, measured_on
from workbench.bench.readback import ReadBack, read_back
from workbench.changes import ChangeSet, read_changeset
from workbench.connections import quickbooks
from workbench.forecast import forecast, seen
from workbench.ledger import OutcomeRow, load_changeset, load_proof, outcomes, save_proof
from workbench.ledger.outcomes import OPEN
from workbench.model import Side
from workbench.moneyproof import Measure, Written, compare, with_unread
from workbench.moneyproof.compare import renamed
from workbench.moneyproof.kept import from_data, to_data
from workbench.moneyproof.proof import Proof, Stage
from workbench.moneyproof.subjects import subjects
from workbench.moneyproof.written import NOT_APPROVED
from workbench.reconciliation import Reconciliation, open_reconciliation
from workbench.snapshots import history
from workbench.workspace import Workspace


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
    after = _predicted(workspace, reconciliation, predicted, before)
    return {Stage.BEFORE.value: to_data(before), Stage.PREDICTED.value: to_data(after, before, made)}


def _predicted(
    workspace: Workspace,
    reconciliation: Reconciliation,
    connection: duckdb.DuckDBPyConnection,
    before: Measure,
) -> Measure:
    return with_unread(measured_on(workspace, reconciliation, connection), before)


def keep_money(workspace: Workspace, changeset_id: str, planned: Mapping[str, Mapping[str, Any]]) -> None:
    """Keep what was measured when a change set was planned."""
    save_proof(workspace.store, changeset_id, planned)


APPROVED = "approved"
"""Key of a kept prediction that is of the approved changes only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    """What was kept of a change set.

    Attributes:
        measures: Before it, and as predicted.
        made: Id of a record as the prediction calls it -> the change that makes it.
        after: As it was read back, if that was measured before.
        approved: Whether the prediction is of the changes that were approved, where these are not all.
    """

    measures: Mapping[Stage, Measure]
    made: Mapping[str, str]
    after: Measure | None = None
    approved: bool = False


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
    after = waiting or read_back(workspace, changeset, kept.after, rows)
    if isinstance(after, str):
        return Proof(changeset=changeset.id, measures=kept.measures, waiting=after)
    return _proven(workspace, changeset, _as_approved(workspace, changeset, kept, rows), rows, after)


def _kept(workspace: Workspace, changeset: str) -> _Kept:
    rows = load_proof(workspace.store, changeset)
    if not {Stage.BEFORE, Stage.PREDICTED} <= rows.keys():
        return _Kept(measures={}, made={})
    content = rows[Stage.PREDICTED]["content"]
    before = from_data(rows[Stage.BEFORE]["content"])
    measures = {Stage.BEFORE: before, Stage.PREDICTED: from_data(content, before)}
    after = from_data(rows[Stage.AFTER]["content"]) if Stage.AFTER in rows else None
    approved = bool(content.get(APPROVED))
    return _Kept(measures=measures, made=content["made"], after=after, approved=approved)


def _as_approved(
    workspace: Workspace, changeset: ChangeSet, kept: _Kept, rows: Mapping[str, OutcomeRow]
) -> _Kept:
    """What was kept, with a prediction of the changes that were approved where that was only a part.

    It is made anew from the snapshots of the plan and what was linked then; where these are not there any
    more, the prediction of the whole plan stays, and the other changes are told as not approved.
    """
    pushed = rows.keys() & changeset.by_id.keys()
    if kept.approved or len(pushed) == sum(not change.hold for change in changeset.changes):
        return kept
    found = {each.id: each for each in history(workspace.store)}
    pair = [found.get(str(changeset.header.get(side))) for side in Side]
    left, right = pair
    if left is None or right is None or not (left.readable and right.readable):
        return kept
    begun = min((row.written_at for row in rows.values() if row.written_at), default=None)
    reconciliation = open_reconciliation(workspace, left, right, at=begun)
    with reconciliation.connection as connection:
        told = forecast(
            connection,
            changeset,
            mappings=reconciliation.usable(workspace.in_use().values()),
            describes=_describes(reconciliation),
            at=max(left.ended_at, right.ended_at),
            only=pushed,
            seen=seen(workspace.store, without=changeset.id),
        )
        before = kept.measures[Stage.BEFORE]
        predicted = _predicted(workspace, reconciliation, told.after, before)
        made = {each.record: id_ for id_, each in told.predictions.items() if each.record}
        told.close()
    content = to_data(predicted, before, made) | {APPROVED: True}
    save_proof(workspace.store, changeset.id, {Stage.PREDICTED.value: content})
    measures = {Stage.BEFORE: before, Stage.PREDICTED: predicted}
    return _Kept(measures=measures, made=made, after=kept.after, approved=True)


def _describes(reconciliation: Reconciliation) -> dict[Side, Mapping[str, Any]]:
    """What each object can hold, as a plan knows it."""
    return {
        Side.SALESFORCE: reconciliation.salesforce.describes,
        Side.QUICKBOOKS: {**quickbooks.describes(), **reconciliation.quickbooks.describes},
    }


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


def _proven(
    workspace: Workspace,
    changeset: ChangeSet,
    kept: _Kept,
    rows: Mapping[str, OutcomeRow],
    found: ReadBack,
) -> Proof:
    before, predicted, after = *kept.measures.values(), found.measure
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
        comparison=compare(*three, [each for each in found.writes if _counts(each, kept)]),
        notes=tuple(_notes(workspace, changeset, rows)),
    )


def _counts(write: Written, kept: _Kept) -> bool:
    """Whether a change is one of those that were predicted."""
    return not (kept.approved and write.state == NOT_APPROVED)


def _without_balances(measure: Measure) -> Measure:
    customers = {key: replace(each, balance=None) for key, each in measure.customers.items()}
    return replace(measure, customers=customers, balances=False)


def _notes(workspace: Workspace, changeset: ChangeSet, rows: Mapping[str, OutcomeRow]) -> list[str]:
    """What was not pushed, and which mappings are others by now."""
    notes = []
    left = [change for change in changeset.changes if change.id not in rows]
    held = sum(bool(change.hold) for change in left)
    of = f"of {len(changeset.changes):,} planned changes"
    if held:
        notes.append(f"{held:,} {of} could not be written")
    if len(left) > held:
        notes.append(f"{len(left) - held:,} {of} were not approved")
    hashes: Mapping[str, Any] = changeset.header.get("mappings", {})
    moved = [
        each.title
        for each in subjects(workspace.in_use().values())
        if hashes.get(each.name) not in (None, each.mapping.hash)
    ]
    if moved:
        notes.append(f"changed since it was planned: the mapping of {', '.join(moved)}")
    return notes
