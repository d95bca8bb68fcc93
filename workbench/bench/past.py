"""What was done with a profile: pulls, change sets, approvers, approvals, pushes, and why one was stopped."""

from __future__ import annotations

import pandas as pd

from workbench.approval import as_listed
from workbench.ledger import events, list_changesets
from workbench.snapshots import history
from workbench.workspace import Workspace

COLUMNS = ["at", "who", "event", "subject", "changes", "approval", "reason"]


def happened(workspace: Workspace) -> pd.DataFrame:
    """One row an event, newest first; times in UTC."""
    rows = [
        {
            "at": row["at"],
            "who": row["who"],
            "event": row["event"],
            "subject": row["subject"],
            **row["detail"],
        }
        for row in events(workspace.store)
    ]
    for key in as_listed(workspace.store).keys.values():
        let_in = {"at": key.enrolled_at, "who": key.enrolled_by, "event": "enrol approver"}
        rows.append(let_in | {"subject": key.owner})
        if key.revoked_at is not None:
            out = {"at": key.revoked_at, "who": key.revoked_by, "event": "revoke approver"}
            rows.append(out | {"subject": key.owner})
    for row in list_changesets(workspace.store):
        rows.append({"at": row["made_at"], "who": row["made_by"], "event": "plan", "subject": row["id"]})
    for taken in history(workspace.store):
        changes = sum(taken.counts.values())
        rows.append(
            {"at": taken.ended_at, "who": "", "event": "pull", "subject": taken.id, "changes": changes}
        )
    table = pd.DataFrame(rows, columns=COLUMNS).astype({"changes": "Int64"})
    words = [name for name in COLUMNS if name not in ("at", "changes")]
    table[words] = table[words].astype(object).where(table[words].notna(), "")
    return table.sort_values("at", ascending=False, ignore_index=True)
