"""Stop a push: what was not sent is not sent, and what was sent is settled by its answers."""

from __future__ import annotations

from workbench.errors import UsageProblem
from workbench.ledger import Settled, append, load_changeset, move_push, outcomes, push_row, settle_many
from workbench.ledger.outcomes import OPEN
from workbench.ledger.pushes import STOPPED
from workbench.workspace import Workspace


def stop(workspace: Workspace, changeset: str, reason: str, *, by: str, event: str = "stop") -> None:
    """Stop a push for good; once, with its reason in the record, however often it is said."""
    with workspace.store.write() as connection:
        if move_push(connection, changeset, STOPPED, reason):
            append(connection, who=by, event=event, subject=changeset, detail={"reason": reason})
    clear(workspace, changeset, reason)


def clear(workspace: Workspace, changeset: str, reason: str) -> None:
    """Take what is still queued from the queue, and settle what was not sent as skipped."""
    rows = [row for row in outcomes(workspace.store, changeset, states=OPEN) if row.state == "waiting"]
    queued = [row.request for row in rows if row.request]
    workspace.queue.cancel(queued, reason)
    states = {id_: answered.state for id_, answered in workspace.queue.answers(queued).items()}
    # One that waits for another is cancelled along with it: also told by this reason.
    unsent = [row.change for row in rows if not row.request or states.get(row.request) == "cancelled"]
    skipped = [Settled(change=change, state="skipped", detail=reason) for change in unsent]
    settle_many(workspace.store, changeset, skipped)


def cancel(workspace: Workspace, changeset: str, *, by: str) -> None:
    """Stop a push because a person says so.

    Raises:
        UsageProblem: It has not begun, or nothing of it is left to be sent.
        WorkbenchError: There is no such change set.
    """
    load_changeset(workspace.store, changeset)
    rows = outcomes(workspace.store, changeset)
    row = push_row(workspace.store, changeset)
    if not rows:
        raise UsageProblem(
            "the push of this change set has not begun, so there is nothing to cancel",
            where=changeset,
            fix="Without `workbench push --execute` nothing is ever sent; the approval expires by itself.",
        )
    if row is not None and row.stopped:
        clear(workspace, changeset, row.stopped)
        raise UsageProblem(f"this push is stopped already: {row.stopped}", where=changeset)
    if not any(each.state in OPEN for each in rows):
        raise UsageProblem("this push is at its end, and nothing is left to be sent", where=changeset)
    stop(workspace, changeset, f"cancelled by {by}", by=by, event="cancel")
