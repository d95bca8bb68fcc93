"""What a change set is planned from: mappings, describes, what is still under way; and what it would come to.

A plan is applied to copies before it is kept: what each system would answer and hold stands in its changes,
and what would come back after the push in its header.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from workbench.bench.diff import Diff
from workbench.bench.display import user
from workbench.bench.proving import keep_money, planned_money
from workbench.changes import ChangeSet, Inputs, canonical, plan, read_changeset, unchanged
from workbench.changes.holds import hold_waiting
from workbench.connections import quickbooks
from workbench.crosswalk import decisions
from workbench.errors import UsageProblem
from workbench.forecast import Forecast, converge, forecast, seen
from workbench.ledger import (
    carry_marks,
    list_changesets,
    load_changeset,
    marked,
    open_changes,
    save_changeset,
)
from workbench.model import Mapping as FieldMapping
from workbench.model import Side
from workbench.reconciliation import Reconciliation
from workbench.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Foretold:
    """A change set with what it would come to.

    Attributes:
        money: What both sides hold before it and as predicted, to be kept for the proof.
    """

    changeset: ChangeSet
    money: dict[str, dict[str, Any]]


def plan_changes(workspace: Workspace, diff: Diff, to: str) -> ChangeSet:
    """Plan the change set of a diff, foretell what it would come to, and keep it; nothing of it is written.

    Changes that are the same as in the change set before it keep the marks of their reviewer.

    Args:
        to: 'salesforce', 'quickbooks' or 'both': the sides that may be written.
    """
    if to not in ("both", *Side):
        raise UsageProblem(f"to={to!r} is not a side", fix="Use 'salesforce', 'quickbooks' or 'both'.")
    inputs = inputs_of(workspace, diff, to)
    planned = plan(diff.reconciliation.connection, inputs)
    found = foretold(workspace, diff.reconciliation, planned, inputs)
    keep(workspace, found)
    return found.changeset


def foretold(
    workspace: Workspace,
    reconciliation: Reconciliation,
    changeset: ChangeSet,
    inputs: Inputs,
    *,
    rests: bool = True,
) -> Foretold:
    """The change set with what it would come to, and with what would come back after it.

    Args:
        rests: Whether a new plan is to be empty after it; one that undoes brings differences back on purpose.
    """
    found = _forecast(workspace, reconciliation, changeset, inputs)
    header = dict(changeset.header)
    try:
        if rests:
            zone = workspace.profile.quickbooks.time_zone
            header["convergence"] = converge(found, inputs, zone=zone).data
        made = {each.record: id_ for id_, each in found.predictions.items() if each.record}
        money = planned_money(workspace, reconciliation, found.after, made)
    finally:
        found.close()
    return Foretold(changeset=replace(found.changeset, header=header), money=money)


def _forecast(
    workspace: Workspace, reconciliation: Reconciliation, changeset: ChangeSet, inputs: Inputs
) -> Forecast:
    """Apply a change set to copies; again without what turns out not to be written with what is refused."""
    while True:
        found = forecast(
            reconciliation.connection,
            changeset,
            mappings=inputs.mappings,
            describes=inputs.describes,
            at=max(reconciliation.salesforce.ended_at, reconciliation.quickbooks.ended_at),
            seen=seen(workspace.store),
        )
        told = [each for each in found.changeset.changes if each.together and each.hold]
        late = {
            each.id: each.hold
            for each in told
            if each.predicted == "ok" and not changeset.by_id[each.id].hold
        }
        if not late:
            return found
        found.close()
        changes = [replace(each, hold=late.get(each.id, each.hold)) for each in changeset.changes]
        changeset = replace(changeset, changes=hold_waiting(changes))


def keep(workspace: Workspace, found: Foretold) -> bool:
    """Keep a planned change set with its money, and the marks it inherits; answers whether it is new."""
    store, changeset = workspace.store, found.changeset
    older = list_changesets(store)[:1]
    kept = {"id_": changeset.id, "content_hash": changeset.content_hash, "content": changeset.content}
    new = save_changeset(store, **kept, by=user())
    keep_money(workspace, changeset.id, found.money)
    if new and older and older[0]["pushed_at"] is None and marked(store, older[0]["id"]):
        before = read_changeset(load_changeset(store, older[0]["id"])["content"])
        carry_marks(store, before.id, changeset.id, unchanged(before, changeset))
    return new


def inputs_of(workspace: Workspace, diff: Diff, to: str) -> Inputs:
    """All that a plan is made from."""
    mappings = workspace.mappings()
    return Inputs(
        mappings=diff.reconciliation.usable(workspace.in_use().values()),
        describes={
            Side.SALESFORCE: diff.reconciliation.salesforce.describes,
            Side.QUICKBOOKS: {**quickbooks.describes(), **diff.reconciliation.quickbooks.describes},
        },
        to=frozenset(Side) if to == "both" else frozenset({Side(to)}),
        busy=_busy(workspace),
        header=_header(workspace, diff, mappings, to),
    )


def _busy(workspace: Workspace) -> dict[tuple[str, str], str]:
    return {
        key: f"a change of it is still {row.state} in {row.changeset}"
        for key, row in open_changes(workspace.store).items()
    }


def _header(
    workspace: Workspace, diff: Diff, mappings: Mapping[str, FieldMapping], to: str
) -> dict[str, Any]:
    made = [
        {
            name: row[name]
            for name in ("mapping", "salesforce_id", "quickbooks_id", "field", "decision", "value")
        }
        for row in decisions(workspace.store)
    ]
    return {
        "profile": workspace.profile.name,
        "to": to,
        "salesforce": diff.reconciliation.salesforce.id,
        "quickbooks": diff.reconciliation.quickbooks.id,
        "mappings": {name: mapping.hash for name, mapping in mappings.items()},
        "decisions": hashlib.sha256(canonical(made).encode()).hexdigest(),
    }
