"""What a push would do, carrying it on, and what it did."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, Any

import pandas as pd

from workbench.bench.display import ROWS, counted, html
from workbench.bench.progress import Pace, Say, at_most_every
from workbench.changes import ChangeSet, read_changeset
from workbench.errors import MappingError, Problems
from workbench.ledger import (
    OutcomeRow,
    held_elsewhere,
    load_changeset,
    outcome_states,
    outcomes,
    push_row,
)
from workbench.ledger.pushes import CANARIES
from workbench.push import preview, tally
from workbench.push.preview import Request
from workbench.worker import LEASE, work_until
from workbench.workspace import Workspace

if TYPE_CHECKING:
    from workbench.bench.changes import Changes


@dataclass
class DryRun:
    """The exact requests that a push would send; nothing was sent."""

    changeset: str
    requests: Sequence[Request]

    @property
    def table(self) -> pd.DataFrame:
        return pd.DataFrame(
            [{name: getattr(request, name) for name in Request.__slots__} for request in self.requests],
            columns=list(Request.__slots__),
        )

    def summary(self) -> str:
        sides = {f"to {side}": int(count) for side, count in self.table["side"].value_counts().items()}
        first = sum(request.canary for request in self.requests)
        stages = f", {first:,} of them first as canaries" if first else ""
        return f"dry run of {self.changeset}: {counted(sides)}{stages}; nothing was sent"

    def _repr_html_(self) -> str:
        shown = "".join(_details(request) for request in self.requests[:ROWS])
        more = f"<p>The first {ROWS} of {len(self.requests):,}; all of them are in <code>.table</code>.</p>"
        return f"<p>{escape(self.summary())}</p>{shown}{more if len(self.requests) > ROWS else ''}"


def _details(request: Request) -> str:
    canary = " (canary)" if request.canary else ""
    title = f"{request.side}: {request.action} {request.object} {request.label}{canary}"
    return f"<details><summary>{escape(title)}</summary><pre>{escape(request.text)}</pre></details>"


@dataclass
class PushResult:
    """What became of the changes of a push, so far.

    Attributes:
        stopped: Why nothing more of it is sent; None while it goes on, or went to its end.
    """

    changeset: ChangeSet
    rows: Sequence[OutcomeRow]
    stopped: str | None = None

    @cached_property
    def counts(self) -> Mapping[str, int]:
        """Changes by outcome."""
        found: dict[str, int] = {}
        for row in self.rows:
            found[row.state] = found.get(row.state, 0) + 1
        return found

    @property
    def finished(self) -> bool:
        """Whether no change is waiting or unknown."""
        return not (self.counts.get("waiting") or self.counts.get("unknown"))

    @property
    def table(self) -> pd.DataFrame:
        """One row a change: outcome, side, object, record, what the system said."""
        return pd.DataFrame(
            [_row(self.changeset, row) for row in self.rows],
            columns=["outcome", "side", "object", "action", "label", "record", "detail", "change"],
        )

    def summary(self) -> str:
        why = f"; stopped: {self.stopped}" if self.stopped else ""
        return f"push of {self.changeset.id}: {counted(dict(self.counts))}{why}"

    def _repr_html_(self) -> str:
        return html(self.summary(), self.table)


def _row(changeset: ChangeSet, row: OutcomeRow) -> dict[str, Any]:
    change = changeset.by_id[row.change]
    return {
        "outcome": row.state,
        "side": row.side,
        "object": change.object,
        "action": change.action,
        "label": change.label,
        "record": row.record or "",
        "detail": row.detail or "",
        "change": row.change,
    }


def dry_run(changes: Changes) -> DryRun:
    """The exact requests for the approved changes, for the marked ones, or for all that can be written."""
    approved = changes.approval.changes if changes.approval else changes.marked
    wanted = approved or [change.id for change in changes.writable]
    return DryRun(changes.id, preview(changes.changeset, wanted))


def tell_other_mappings(workspace: Workspace, changeset: ChangeSet, say: Say) -> None:
    """Say which mappings are others than a change set was planned by: what was approved is written anyway."""
    planned: Mapping[str, str] = changeset.header.get("mappings", {})
    now: dict[str, str] = {}
    with suppress(MappingError, Problems):  # a broken one is told by the push itself
        now = {name: mapping.hash for name, mapping in workspace.mappings().items()}
    others = sorted(name for name, known in planned.items() if now and now.get(name) != known)
    if others:
        say(
            f"{changeset.id} was planned by other mappings than those of now ({', '.join(others)}): "
            "what was approved is written; plan again for what they say now"
        )


QUIET_SECONDS = 15.0
"""How long nothing moves until what another process has sent counts as not answered."""

QUIET_JOB_SECONDS = 180.0
"""The same for jobs that Salesforce works on by itself."""


class InFlight:
    """Whether another process waits for answers still: what it sends is `unknown` until it has read them.

    Where this process does the work, it has tried to find out by the time that this is asked.
    """

    def __init__(self, workspace: Workspace, changeset: str) -> None:
        self._workspace, self._changeset = workspace, changeset
        self._seen: tuple[object, float] | None = None

    def goes_on(self) -> bool:
        """Whether an answer may still come."""
        store = self._workspace.store
        if not held_elsewhere(store, LEASE):
            return False
        states = outcome_states(store, self._changeset)
        if self._seen is None or self._seen[0] != states:
            self._seen = (states, time.monotonic())
        jobs = any(state == "unknown" and request for state, request in states.values())
        return time.monotonic() - self._seen[1] < (QUIET_JOB_SECONDS if jobs else QUIET_SECONDS)


def carry_on(workspace: Workspace, changeset_id: str, *, minutes: float, say: Say) -> None:
    """Carry a started push on until every change is settled, or the time is over."""
    told = at_most_every(say)
    pace = Pace()
    in_flight = InFlight(workspace, changeset_id)

    def settled() -> bool | None:
        now, row = tally(workspace, changeset_id), push_row(workspace.store, changeset_id)
        line = f"push {changeset_id}: {now.total - now.open:,} of {now.total:,} settled"
        if row is not None and row.stage == CANARIES:
            told(f"{line}, canaries first")
        else:
            told(line + pace.left(now.total - now.open, now.total))
        if now.waiting or (now.open == 0 and row is not None and row.finished_at is None):
            return None
        if now.open and in_flight.goes_on():
            return None
        told(line, last=True)
        return True

    work_until(workspace, settled, seconds=minutes * 60)


def result_of(workspace: Workspace, changeset_id: str) -> PushResult:
    """What has become of a push so far."""
    changeset = read_changeset(load_changeset(workspace.store, changeset_id)["content"])
    row = push_row(workspace.store, changeset_id)
    return PushResult(
        changeset, outcomes(workspace.store, changeset_id), None if row is None else row.stopped
    )
