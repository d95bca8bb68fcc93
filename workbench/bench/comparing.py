"""Compare two snapshots field by field; what both sides agree on becomes the base."""

from __future__ import annotations

import json
from collections.abc import Sequence

import duckdb
import pandas as pd

from workbench import diff as differ
from workbench import matching
from workbench.bench.display import frame
from workbench.bench.joining import keep_accepted
from workbench.bench.sincepush import agree_on_pushed
from workbench.crosswalk import Agreement, agree
from workbench.errors import WorkbenchError
from workbench.ledger import outcomes
from workbench.model import Mapping, Side
from workbench.reconciliation import Reconciliation, refresh_kept
from workbench.workspace import Workspace


def compare_all(workspace: Workspace, reconciliation: Reconciliation) -> None:
    """Fill `work.differences` for every mapping, and keep what agrees.

    What a push wrote and somebody has edited since is compared with what was read back.

    Raises:
        WorkbenchError: A snapshot is older than the last push.
    """
    _refuse_older_than_push(workspace, reconciliation)
    mappings = reconciliation.usable(workspace.in_use().values())
    for mapping in mappings:
        _compare(workspace, reconciliation, mapping)
    if agree_on_pushed(workspace, reconciliation, mappings):
        refresh_kept(workspace, reconciliation.connection)
        for mapping in mappings:
            _compare(workspace, reconciliation, mapping)
    _forget_unread(reconciliation.connection, mappings)
    for mapping in mappings:
        differ.agreed(reconciliation.connection, mapping)
    _keep_agreed(workspace, reconciliation.connection)


def found(workspace: Workspace, reconciliation: Reconciliation) -> pd.DataFrame:
    """The rows of `work.differences` in the order of mappings, labels and fields."""
    order = differ.in_order(reconciliation.usable(workspace.in_use().values()))
    return frame(reconciliation.connection, f"SELECT * FROM work.differences {order}")


def _compare(workspace: Workspace, reconciliation: Reconciliation, mapping: Mapping) -> None:
    """The differences of a mapping; lines that are new find their partners first.

    Records are matched too, but not linked: one that may be there already must not be created.
    """
    connection = reconciliation.connection
    for each in filter(None, (mapping, mapping.lines)):
        for side in Side:
            reconciliation.derived.prepare(each, side)
        reconciliation.derived.prepare_base(each)
    for each in filter(None, (mapping, mapping.lines)):
        matching.match(connection, each, prepared=True)
    if mapping.lines:
        keep_accepted(workspace, connection, mapping.lines)
    for each in filter(None, (mapping, mapping.lines)):
        reconciliation.derived.prepare_pairs(each)
    reconciliation.derived.compute(mapping)


def _forget_unread(connection: duckdb.DuckDBPyConnection, mappings: Sequence[Mapping]) -> None:
    """Tables that matching has made before may be of mappings that are not in use any more."""
    names = [each.name for mapping in mappings for each in (mapping, mapping.lines) if each]
    if names:
        connection.execute("DELETE FROM work.unread WHERE NOT list_contains(?, mapping)", [names])


def _refuse_older_than_push(workspace: Workspace, reconciliation: Reconciliation) -> None:
    """A snapshot from before a push would show what was just written as somebody's edit."""
    for row in outcomes(workspace.store, states=("applied", "failed")):
        taken = getattr(reconciliation, row.side)
        if row.settled_at is not None and row.settled_at > taken.started_at:
            raise WorkbenchError(
                f"the snapshot of {row.side} is older than the last push",
                where=taken.id,
                values={
                    "snapshot": f"{taken.started_at:%Y-%m-%d %H:%M:%S} UTC",
                    "push": f"{row.settled_at:%Y-%m-%d %H:%M:%S} UTC",
                },
                fix="Pull again, then take the diff.",
            )


def _keep_agreed(workspace: Workspace, connection: duckdb.DuckDBPyConnection) -> None:
    rows = connection.execute(
        "SELECT mapping, pair, fields, salesforce, quickbooks FROM work.agreed"
    ).fetchall()
    found = [
        Agreement(
            mapping=name,
            pair=pair,
            fields=tuple(fields),
            salesforce=json.loads(left),
            quickbooks=json.loads(right),
        )
        for name, pair, fields, left, right in rows
    ]
    agree(workspace.store, found)
