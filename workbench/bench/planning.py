"""What a change set is planned from: mappings, describes, predictions, and what is still under way."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from workbench.bench.diff import Diff
from workbench.bench.display import user
from workbench.changes import ChangeSet, Inputs, canonical, name_rule, plan
from workbench.connections import quickbooks
from workbench.crosswalk import decisions
from workbench.errors import UsageProblem
from workbench.ledger import open_changes, save_changeset
from workbench.model import Mapping as FieldMapping
from workbench.model import Side
from workbench.push import refusal
from workbench.reconciliation import Reconciliation
from workbench.workspace import Workspace


def plan_changes(workspace: Workspace, diff: Diff, to: str) -> ChangeSet:
    """Plan the change set of a diff and keep it; nothing of it is written.

    Args:
        to: 'salesforce', 'quickbooks' or 'both': the sides that may be written.
    """
    if to not in ("both", *Side):
        raise UsageProblem(f"to={to!r} is not a side", fix="Use 'salesforce', 'quickbooks' or 'both'.")
    changeset = plan(diff.reconciliation.connection, _inputs(workspace, diff, to))
    save_changeset(
        workspace.store,
        id_=changeset.id,
        content_hash=changeset.content_hash,
        content=changeset.content,
        by=user(),
    )
    return changeset


def _inputs(workspace: Workspace, diff: Diff, to: str) -> Inputs:
    mappings = workspace.mappings()
    return Inputs(
        mappings=diff.reconciliation.usable(workspace.in_use().values()),
        describes={
            Side.SALESFORCE: diff.reconciliation.salesforce.describes,
            Side.QUICKBOOKS: {**quickbooks.describes(), **diff.reconciliation.quickbooks.describes},
        },
        to=frozenset(Side) if to == "both" else frozenset({Side(to)}),
        predictions=[name_rule(_names(diff.reconciliation)), refusal],
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


def _names(reconciliation: Reconciliation) -> dict[str, list[tuple[str, str]]]:
    """The names in the company file by list, for the prediction of 3100."""
    names: dict[str, list[tuple[str, str]]] = {}
    for table in ("Customer", "Vendor", "Employee", "OtherName"):
        if table not in reconciliation.quickbooks.counts:
            continue
        where = " WHERE Sublevel = 0" if table == "Customer" else ""
        names[table] = reconciliation.connection.execute(
            f'SELECT "ListID", "Name" FROM quickbooks."{table}"{where}'
        ).fetchall()
    return names
