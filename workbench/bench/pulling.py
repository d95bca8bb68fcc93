"""Read both systems, or one of them, into new snapshots."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from workbench.bench.progress import Say, once
from workbench.connections.quickbooks_reading import READ
from workbench.errors import NeedsPerson
from workbench.model import Side
from workbench.pull import pull_salesforce
from workbench.snapshots import Snapshot, snapshot
from workbench.worker import work_until, worker_trouble
from workbench.workspace import Workspace

EARLIER = timedelta(minutes=2)
"""How long before it was waited for a pull may have been answered, without a word about it."""


def pull_sides(
    workspace: Workspace, side: str | None, *, minutes: float, full: bool, say: Say
) -> list[Snapshot]:
    """Read the sides; the Web Connector is asked first, so that it works while Salesforce is read.

    Args:
        side: 'salesforce' or 'quickbooks'; both with None.
        minutes: How long the Web Connector is waited for.
        full: Read all of QuickBooks again, not what changed since the last snapshot.

    Raises:
        NeedsPerson: The Web Connector did not come; the request stays queued.
        ConnectionProblem: A system cannot be reached or did not answer.
    """
    sides = [Side(side)] if side else list(Side)
    asked = workspace.pulls.ask(full=full) if Side.QUICKBOOKS in sides else None
    found = []
    if Side.SALESFORCE in sides:
        found.append(_pull_salesforce(workspace, once(say)))
    if asked is not None:
        found.append(_await_pull(workspace, asked, minutes, once(say)))
    return found


def _pull_salesforce(workspace: Workspace, told: Say) -> Snapshot:
    return pull_salesforce(
        workspace.salesforce(),
        workspace.store,
        workspace.profile.snapshots,
        workspace.objects(),
        lambda _, name, count: told(f"Salesforce {name}: {count:,}") if count else None,
    )


def _await_pull(workspace: Workspace, pull: str, minutes: float, told: Say) -> Snapshot:
    asked_at = datetime.now(UTC)

    def progress() -> None:
        if trouble := worker_trouble(workspace):
            told(f"the worker cannot load it yet: {trouble}")
        for query in workspace.queue.group(pull):
            if query.records and query.ask and query.ask.role == READ:
                told(f"QuickBooks {query.entity}: {query.records:,}")

    found = work_until(
        workspace, lambda: workspace.pulls.outcome(pull), seconds=minutes * 60, progress=progress
    )
    if found is None:
        raise _not_delivered(workspace, minutes)
    progress()
    if why := workspace.pulls.plan().why:
        told(f"the next pull of QuickBooks reads everything: {why}")
    made = snapshot(workspace.store, found)
    if asked_at - made.ended_at > EARLIER:
        told(
            f"this is QuickBooks as it was at {made.ended_at:%Y-%m-%d %H:%M} UTC: the pull was asked for and "
            "answered before; pull again for what it holds now"
        )
    return made


def _not_delivered(workspace: Workspace, minutes: float) -> NeedsPerson:
    known = {"its last session": workspace.queue.trouble(), "worker": worker_trouble(workspace)}
    return NeedsPerson(
        f"the Web Connector has not delivered the pull within {minutes:g} minutes",
        where=workspace.profile.quickbooks.url,
        values={name: text for name, text in known.items() if text},
        fix="Is `workbench up` running? On the QuickBooks machine open the Web Connector, tick the "
        "application and press Update Selected. The pull stays queued: the next one joins it.",
    )
