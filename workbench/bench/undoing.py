"""Undo a push: what was written of it, what is there now, and the change set that puts back what was."""

from __future__ import annotations

import hashlib
from typing import Any

from workbench.bench.display import user
from workbench.bench.planning import foretold, keep
from workbench.changes import (
    Change,
    ChangeSet,
    Inputs,
    UndoInputs,
    Written,
    canonical,
    decode,
    read_changeset,
    undo,
)
from workbench.connections import quickbooks
from workbench.crosswalk import decisions
from workbench.errors import NeedsPerson, UsageProblem, WorkbenchError
from workbench.ledger import (
    OutcomeRow,
    load_changeset,
    open_changes,
    outcomes,
    record,
    undoing,
)
from workbench.model import Action, Side
from workbench.push import refusal
from workbench.push.values import same
from workbench.reconciliation import Reconciliation, open_reconciliation
from workbench.workspace import Workspace


def undo_push(workspace: Workspace, id_: str) -> ChangeSet:
    """Plan the change set that undoes a push, and keep it; nothing of it is written.

    Raises:
        UsageProblem: It was never pushed.
        NeedsPerson: The push is not finished.
        WorkbenchError: There is no such change set, or a snapshot is older than the push.
    """
    row = load_changeset(workspace.store, id_)
    if row["pushed_at"] is None:
        raise UsageProblem("it was not pushed: there is nothing to undo", where=row["id"])
    pushed, rows = read_changeset(row["content"]), outcomes(workspace.store, row["id"])
    _refuse_unfinished(pushed.id, rows)
    reconciliation = open_reconciliation(workspace)
    _refuse_older(pushed.id, rows, reconciliation)
    inputs = _inputs(workspace, reconciliation, pushed, rows)
    found = foretold(
        workspace,
        reconciliation,
        undo(reconciliation.connection, inputs),
        Inputs(
            mappings=[each for each in inputs.mappings.values() if each.parent is None],
            describes=inputs.describes,
        ),
        rests=False,
    )
    made = found.changeset
    if keep(workspace, found):
        detail = {"undoes": pushed.id, "changes": len(made.changes)}
        record(workspace.store, who=user(), event="undo", subject=made.id, detail=detail)
    return made


def _refuse_unfinished(id_: str, rows: list[OutcomeRow]) -> None:
    waiting = sum(row.state == "waiting" for row in rows)
    if waiting:
        raise NeedsPerson(
            f"the push is not finished: {waiting:,} changes wait for their outcome",
            where=id_,
            fix="Carry it on with `workbench push --execute`, then undo it.",
        )


def _refuse_older(id_: str, rows: list[OutcomeRow], reconciliation: Reconciliation) -> None:
    """What is there now must have been read after the push, or its own values would look like edits."""
    for row in rows:
        taken = getattr(reconciliation, row.side)
        if row.settled_at is not None and row.settled_at > taken.started_at:
            raise WorkbenchError(
                f"the newest snapshot of {Side(row.side).label} is older than the push",
                where=taken.id,
                values={
                    "snapshot": f"{taken.started_at:%Y-%m-%d %H:%M:%S} UTC",
                    "push": f"{row.settled_at:%Y-%m-%d %H:%M:%S} UTC",
                },
                fix=f"Pull again, then undo {id_}.",
            )


def _inputs(
    workspace: Workspace, reconciliation: Reconciliation, pushed: ChangeSet, rows: list[OutcomeRow]
) -> UndoInputs:
    mappings = {
        each.name: each
        for mapping in reconciliation.usable(workspace.mappings().values())
        for each in (mapping, mapping.lines)
        if each is not None
    }
    return UndoInputs(
        pushed=pushed,
        written={row.change: written for row in rows if (written := _written(pushed, row)) is not None},
        describes={
            Side.SALESFORCE: reconciliation.salesforce.describes,
            Side.QUICKBOOKS: {**quickbooks.describes(), **reconciliation.quickbooks.describes},
        },
        same=same,
        mappings=mappings,
        done=_done(workspace, pushed.id),
        predictions=[refusal],
        busy={
            key: f"a change of it is still {row.state} in {row.changeset}"
            for key, row in open_changes(workspace.store).items()
        },
        header=_header(workspace, reconciliation),
    )


def _written(pushed: ChangeSet, row: OutcomeRow) -> Written | None:
    """What was written of a change; None when nothing was.

    A read-back that was not as sent is a failure, and was written all the same; only of a create that
    QuickBooks refused, what was read may be somebody else's record.
    """
    change = pushed.by_id[row.change]
    held = {str(name): decode(value) for name, value in (row.read_back or {}).items()}
    record_ = str(row.record or change.record or "")
    if row.state == "applied":
        return Written(record=record_, read_back=held)
    if row.state == "unknown":
        return Written(record=record_, known=False, detail=row.detail or "its answer was lost")
    if row.state == "failed" and held and record_ and _ours(change):
        return Written(record=record_, read_back=held)
    return None


def _ours(change: Change) -> bool:
    return change.side == Side.SALESFORCE or change.action == Action.UPDATE


def _done(workspace: Workspace, id_: str) -> frozenset[str]:
    """The changes that earlier undos of the same push have applied, and that no undo of theirs took back."""
    found: set[str] = set()
    for each in undoing(workspace.store, id_):
        applied = {row.change for row in outcomes(workspace.store, each, ["applied"])}
        found |= applied - _done(workspace, each)
    return frozenset(found)


def _header(workspace: Workspace, reconciliation: Reconciliation) -> dict[str, Any]:
    made = [
        {name: row[name] for name in ("mapping", "salesforce_id", "quickbooks_id", "field", "decision")}
        for row in decisions(workspace.store)
    ]
    return {
        "profile": workspace.profile.name,
        "to": "both",
        "salesforce": reconciliation.salesforce.id,
        "quickbooks": reconciliation.quickbooks.id,
        "mappings": {name: mapping.hash for name, mapping in workspace.mappings().items()},
        "decisions": hashlib.sha256(canonical(made).encode()).hexdigest(),
    }
