"""Creates that another push has carried out, or is at, since a change set was planned.

Two change sets from the same snapshots may both create the partner of a record.  An update is checked against
the version that was reviewed; a create has none, and systems take an invoice twice.
"""

from __future__ import annotations

from sqlalchemy import Connection

from workbench.changes import Change, ChangeSet
from workbench.errors import WorkbenchError
from workbench.ledger import OutcomeRow, outcomes_elsewhere
from workbench.ledger.outcomes import OPEN
from workbench.model import Action
from workbench.snapshots import snapshot
from workbench.store import Store

NEXT = "pull and plan again"


def made_elsewhere(
    connection: Connection, store: Store, changeset: ChangeSet, approved: list[Change]
) -> dict[str, str]:
    """Answer why each create that must not be sent is not, by its id; in the transaction that begins a push.

    The id of a create follows from its source, so it is the same in every change set.
    """
    creates = [change.id for change in approved if change.action == Action.CREATE]
    reasons = {}
    for row in outcomes_elsewhere(connection, changeset.id, creates):
        if reason := _reason(store, changeset, row):
            reasons[row.change] = reason
    return reasons


def _reason(store: Store, changeset: ChangeSet, row: OutcomeRow) -> str:
    if row.state in OPEN:
        return f"{row.changeset} creates it too, and is still {row.state}; {NEXT}"
    if row.settled_at is None or not (row.state == "applied" or row.accepted):
        return ""
    try:
        planned = snapshot(store, str(changeset.header.get(row.side, ""))).started_at
    except WorkbenchError:
        return ""  # it says of no snapshot what it was planned from
    if row.settled_at <= planned:
        return ""  # it was there when this was planned, or had gone again
    return f"{row.changeset} has created it since this was planned; {NEXT}"


__all__ = ["made_elsewhere"]
