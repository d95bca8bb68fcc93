"""Take the decisions that somebody wrote down in a file, pinned to the values that were looked at."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from workbench.bench.diff import Diff
from workbench.crosswalk import Decision, close, decide
from workbench.decisionfile import DecisionFile, Written
from workbench.ledger import record
from workbench.workspace import Workspace

Seen = Mapping[tuple[str, str | None, str | None, str | None], tuple[str | None, str | None]]
"""Comparable values of both sides by (mapping, Salesforce id, QuickBooks id, field)."""


def take(workspace: Workspace, written: DecisionFile, diff: Diff, who: str) -> int:
    """Take the decisions of a file, close the matchings that it closes, and answer how many were taken.

    Raises:
        Problems: A decision names no record, or several; all are listed and none is taken.
    """
    found = written.find(diff.reconciliation.connection, workspace.in_use())
    seen = _seen(diff.table)
    taken = decide(workspace.store, [_decided(each, who, seen) for each in found])
    for mapping in written.close:
        close(workspace.store, mapping, who)
    detail = {"decisions": taken, "closed": list(written.close)}
    record(workspace.store, who=who, event="decisions", subject=written.path.name, detail=detail)
    return taken


def _seen(table: pd.DataFrame) -> Seen:
    fields = table[table["kind"] == "field"]
    columns = ["mapping", "salesforce_id", "quickbooks_id", "field", "salesforce_value", "quickbooks_value"]
    rows = fields[columns].astype(object).where(fields[columns].notna(), None)
    return {tuple(row[:4]): (row[4], row[5]) for row in rows.itertuples(index=False, name=None)}


def _decided(written: Written, by: str, seen: Seen) -> Decision:
    values = seen.get((written.mapping, written.salesforce_id, written.quickbooks_id, written.field))
    return Decision(
        mapping=written.mapping,
        salesforce_id=written.salesforce_id,
        quickbooks_id=written.quickbooks_id,
        field=written.field,
        decision=written.decision,
        pinned=values is not None,
        salesforce_seen=values[0] if values else None,
        quickbooks_seen=values[1] if values else None,
        value=written.value,
        reason=written.reason,
        decided_by=by,
    )
