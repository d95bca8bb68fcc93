"""What a change set is planned from: mappings, describes, what is still under way; and what it would come to.

A plan is applied to copies before it is kept: what each system would answer and hold stands in its changes,
and what would come back after the push in its header.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from workbench.bench.diff import Diff
from workbench.bench.display import user
from workbench.changes import ChangeSet, Inputs, canonical, plan
from workbench.connections import quickbooks
from workbench.crosswalk import decisions
from workbench.errors import UsageProblem
from workbench.forecast import converge, forecast, seen
from workbench.ledger import open_changes, save_changeset
from workbench.model import Mapping as FieldMapping
from workbench.model import Side
from workbench.reconciliation import Reconciliation
from workbench.workspace import Workspace


def plan_changes(workspace: Workspace, diff: Diff, to: str) -> ChangeSet:
    """Plan the change set of a diff, foretell what it would come to, and keep it; nothing of it is written.

    Args:
        to: 'salesforce', 'quickbooks' or 'both': the sides that may be written.
    """
    if to not in ("both", *Side):
        raise UsageProblem(f"to={to!r} is not a side", fix="Use 'salesforce', 'quickbooks' or 'both'.")
    inputs = inputs_of(workspace, diff, to)
    changeset = foretold(workspace, diff.reconciliation, plan(diff.reconciliation.connection, inputs), inputs)
    save_changeset(
        workspace.store,
        id_=changeset.id,
        content_hash=changeset.content_hash,
        content=changeset.content,
        by=user(),
    )
    return changeset


def foretold(
    workspace: Workspace, reconciliation: Reconciliation, changeset: ChangeSet, inputs: Inputs
) -> ChangeSet:
    """The change set with what it would come to, and with what would come back after it."""
    found = forecast(
        reconciliation.connection,
        changeset,
        mappings=inputs.mappings,
        describes=inputs.describes,
        at=max(reconciliation.salesforce.ended_at, reconciliation.quickbooks.ended_at),
        seen=seen(workspace.store),
    )
    try:
        convergence = converge(found, inputs, zone=workspace.profile.quickbooks.time_zone)
    finally:
        found.close()
    header = {**changeset.header, "convergence": convergence.data}
    return replace(found.changeset, header=header)


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
        {name: row[name] for name in ("mapping", "salesforce_id", "quickbooks_id", "field", "decision")}
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
