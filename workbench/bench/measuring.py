"""Measure the money of two snapshots, or of copies of them."""

from __future__ import annotations

import duckdb

from workbench.model import Side
from workbench.moneyproof import Measure, measure
from workbench.reconciliation import Reconciliation
from workbench.workspace import Workspace


def measured(workspace: Workspace, reconciliation: Reconciliation) -> Measure:
    """The money of two snapshots."""
    return measured_on(workspace, reconciliation, reconciliation.connection)


def measured_on(
    workspace: Workspace, reconciliation: Reconciliation, connection: duckdb.DuckDBPyConnection
) -> Measure:
    """The money of two snapshots as a connection has them: they themselves, or as they would be."""
    pair = {Side.SALESFORCE: reconciliation.salesforce, Side.QUICKBOOKS: reconciliation.quickbooks}
    return measure(
        connection,
        reconciliation.usable(workspace.in_use().values()),
        snapshots={str(side): each.id for side, each in pair.items()},
        taken={str(side): each.started_at for side, each in pair.items()},
    )
