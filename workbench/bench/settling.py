"""A person says what became of a change whose answer was lost, after looking it up in the system itself."""

from __future__ import annotations

from workbench.errors import UsageProblem
from workbench.ledger import outcomes, record, settle
from workbench.model import Outcome, Side
from workbench.spelling import closest
from workbench.workspace import Workspace

SAID = (Outcome.APPLIED, Outcome.FAILED)
"""What a person can say."""


def settle_unknown(
    workspace: Workspace, changeset: str, change: str, outcome: str, *, reason: str, by: str
) -> None:
    """Settle one `unknown` outcome; what waits for it goes on, or is skipped.

    Nothing of it was read back: neither base nor links follow, the next pull shows how things are.

    Raises:
        UsageProblem: There is no such change, its outcome is known, or no reason is given.
    """
    if outcome not in SAID:
        raise UsageProblem(
            f"{outcome!r} is no outcome that a person can say", fix="Say 'applied' or 'failed'."
        )
    if not reason.strip():
        raise UsageProblem("a reason is needed", fix="Say where it was looked up, and what stands there.")
    rows = {row.change: row for row in outcomes(workspace.store, changeset)}
    if change not in rows:
        raise UsageProblem(f"{changeset} has no pushed change {change!r}", fix=closest(change, rows) or None)
    row = rows[change]
    if row.state != Outcome.UNKNOWN:
        raise UsageProblem(
            f"the change is {row.state}: only an unknown one can be settled by a person", where=changeset
        )
    told = f"{by} says: {reason}"
    settle(workspace.store, changeset, change, outcome, detail=told)
    if row.side == Side.QUICKBOOKS and row.request:
        workspace.queue.resolve(row.request, applied=outcome == Outcome.APPLIED, note=told)
    detail = {"change": change, "outcome": outcome, "reason": reason}
    record(workspace.store, who=by, event="settle", subject=changeset, detail=detail)
