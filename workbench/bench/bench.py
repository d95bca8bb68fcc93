"""The facade: one profile, and the steps of a reconciliation in the order they are taken.

Each step lives in a module of its own beside this one; here stand its name, what it takes and what it
answers.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from workbench.bench import (
    comparing,
    deciding,
    joining,
    past,
    planning,
    proving,
    pulling,
    pushing,
    settling,
    undoing,
)
from workbench.bench.approvers import Approvers
from workbench.bench.asof import AsOf, When, moment
from workbench.bench.changefiles import load_file, load_kept
from workbench.bench.changes import Changes
from workbench.bench.deciding import Taken
from workbench.bench.diff import Diff
from workbench.bench.display import asked, frame, user
from workbench.bench.matches import Matches
from workbench.bench.measuring import measured
from workbench.bench.money import Money
from workbench.bench.progress import Say, say_line
from workbench.bench.proof import MoneyProof
from workbench.bench.pushing import DryRun, PushResult
from workbench.bench.schema import Schema, schema_of
from workbench.bench.status import Status, status_of
from workbench.decisionfile import read_decisions
from workbench.diff import summary
from workbench.errors import ApprovalError, UsageProblem
from workbench.mapping import set_state, set_winner, with_lines
from workbench.masters import Masters, Switched, masters, set_master
from workbench.model import Mapping
from workbench.normalize import unread
from workbench.normalize.unread import COLUMNS as UNREAD_COLUMNS
from workbench.profile import read_profile
from workbench.push import cancel, start, unsettled
from workbench.reconciliation import Reconciliation, go_on, open_newest, open_reconciliation
from workbench.snapshots import Snapshot, newest
from workbench.validate import Report, validate
from workbench.workspace import Workspace, open_workspace


class Bench:
    """A reconciliation workbench on one profile.

    Attributes:
        workspace: The profile with its store and systems.
    """

    def __init__(self, workspace: Workspace, say: Say | None = None) -> None:
        self.workspace = workspace
        self.say: Say = say or say_line
        # Taken by the next diff, which goes on with its tables.
        self._matched: Reconciliation | None = None

    # --- look and prepare ----------------------------------------------------

    def check(self, *, offline: bool = False) -> Report:
        """Validate Process: every setting, mapping, field, state and gate, and what today's data would do.

        Args:
            offline: Ask neither the org nor the server; mappings are held against the last pull.
        """
        return validate(self.workspace, offline=offline)

    def mappings(self) -> Any:
        """The mappings with their states and winners, to be switched; saved in the YAML files."""
        from workbench.widgets.mappings import mapping_form

        return mapping_form(self)

    def set_state(self, mapping: str, state: str, on: bool) -> None:
        """Switch a state on or off; the mapping file keeps its comments."""
        set_state(self._mapping_file(mapping), state, on)

    def set_winner(self, mapping: str, field: str | None, winner: str) -> None:
        """Set the winner of a mapping, or of one of its fields."""
        set_winner(self._mapping_file(mapping), field, winner)

    def masters(self) -> Masters:
        """The presets of the profile's template, and how each differs from what is on now."""
        return masters(read_profile(self.workspace.profile.folder))

    def set_master(self, name: str) -> Switched:
        """Switch the states to a preset such as 'salesforce', 'quickbooks' or 'both'; all files or none."""
        return set_master(read_profile(self.workspace.profile.folder), name)

    # --- pull ------------------------------------------------------------------

    def pull(
        self, side: str | None = None, *, wait: float | None = None, full: bool = False
    ) -> list[Snapshot]:
        """Read both systems (or one) into new snapshots.

        Args:
            side: 'salesforce' or 'quickbooks'; both without it.
            full: Read all of QuickBooks again, not what changed since the last snapshot.
            wait: Minutes to wait for the Web Connector; the profile's `wait_minutes` without it.

        Raises:
            NeedsPerson: The Web Connector did not come; the request stays queued.
            ConnectionProblem: A system cannot be reached or did not answer.
        """
        return pulling.pull_sides(self.workspace, side, minutes=self._minutes(wait), full=full, say=self.say)

    # --- match -----------------------------------------------------------------

    def match(self, name: str | None = None) -> Matches:
        """Find which records are the same; what a rule may accept goes into the crosswalk."""
        reconciliation = open_reconciliation(self.workspace)
        chosen = reconciliation.usable(self._chosen(name))
        unmatched = joining.join(self.workspace, reconciliation, chosen)
        candidates = frame(reconciliation.connection, "SELECT * FROM work.candidates")
        self._matched = reconciliation
        return Matches(self, reconciliation, candidates, joining.pairs_by_rule(self.workspace), unmatched)

    # --- diff ------------------------------------------------------------------

    def diff(
        self,
        salesforce: Snapshot | None = None,
        quickbooks: Snapshot | None = None,
        *,
        as_of: When | None = None,
    ) -> Diff:
        """Compare the newest snapshots (or others) field by field, three ways where there is a base.

        Args:
            as_of: Show the differences as they were at a time instead; see `as_of`.
        """
        if as_of is not None:
            return self.as_of(as_of).diff()
        matched, self._matched = self._matched, None
        goes_on = go_on(self.workspace, matched) if salesforce is quickbooks is None else None
        reconciliation = goes_on or open_reconciliation(self.workspace, salesforce, quickbooks)
        comparing.compare_all(self.workspace, reconciliation)
        connection = reconciliation.connection
        table = comparing.found(self.workspace, reconciliation)
        unreadable = pd.DataFrame(unread(connection), columns=list(UNREAD_COLUMNS))
        return Diff(self, reconciliation, table, unreadable, summary(connection))

    def decide(self, file: str | Path, by: str | None = None, diff: Diff | None = None) -> Taken:
        """Take the decisions of a file. Match and diff again to see the effect.

        Args:
            diff: The diff that was looked at: decisions about a field are pinned to its values. Taken
                afresh without it.

        Raises:
            Problems: A decision names no record, or several, or can have no effect on what it names; all
                are listed and none is taken.
        """
        written = read_decisions(file)
        return deciding.take(self.workspace, written, diff or self.diff(), by or user())

    # --- plan ------------------------------------------------------------------

    def plan(self, diff: Diff, to: str = "both") -> Changes:
        """Make the change set for a diff: a value that can be read, saved and approved.

        Args:
            to: 'salesforce', 'quickbooks' or 'both': the sides that may be written.
        """
        diff.refuse_past()
        return Changes(self, planning.plan_changes(self.workspace, diff, to))

    def changes(self, id_: str | Path | None = None) -> Changes:
        """A change set that was planned before, by its id or its file; the newest one without either.

        Raises:
            PlanError: It was changed after it was made.
            UsageProblem: It was planned in another profile.
        """
        if id_ is not None and Path(id_).is_file():
            return Changes(self, load_file(self.workspace, Path(id_)))
        return Changes(self, load_kept(self.workspace, None if id_ is None else str(id_)))

    def undo(self, id_: str) -> Changes:
        """Make the change set that undoes a push: reviewed, approved and pushed like any other.

        What somebody has edited since, and what cannot be undone, is in it as held changes with the reason.

        Raises:
            UsageProblem: It was never pushed.
            NeedsPerson: The push is not finished.
            WorkbenchError: There is no such change set, or a snapshot is older than the push: pull first.
        """
        return Changes(self, undoing.undo_push(self.workspace, id_))

    @property
    def approvers(self) -> Approvers:
        """Who may approve: a table, and calls that let others in and take them out."""
        return Approvers(self)

    # --- push ------------------------------------------------------------------

    def push(
        self, changes: Changes, execute: bool = False, *, wait: float | None = None, by: str | None = None
    ) -> DryRun | PushResult:
        """Push an approved change set; without `execute` show exactly what would be sent.

        Args:
            wait: Minutes to wait for QuickBooks' answers; the profile's `wait_minutes` without it.

        Raises:
            ApprovalError: Not approved, not signed by an approver, changed since, expired, beyond its limits,
                or pushed already.
        """
        return self.execute(changes, wait=wait, by=by) if execute else self.preview(changes)

    def preview(self, changes: Changes) -> DryRun:
        """The exact requests for the approved changes, or for all that can be written."""
        pushing.tell_other_mappings(self.workspace, changes.changeset, self.say)
        return pushing.dry_run(changes)

    def execute(self, changes: Changes, *, wait: float | None = None, by: str | None = None) -> PushResult:
        """Push an approved change set, once, and wait for its outcomes; one that was interrupted goes on."""
        if not self.unfinished(changes.id):
            pushing.tell_other_mappings(self.workspace, changes.changeset, self.say)
            try:
                start(self.workspace, changes.changeset, by or user())
            except ApprovalError:
                if not self.unfinished(changes.id):  # else somebody else has begun it in this moment
                    raise
        return self.resume(changes.id, wait=wait)

    def resume(self, changeset_id: str, *, wait: float | None = None) -> PushResult:
        """Carry a started push on until every change is settled, or the time is over."""
        pushing.carry_on(self.workspace, changeset_id, minutes=self._minutes(wait), say=self.say)
        return self.result(changeset_id)

    def cancel(self, changeset_id: str, by: str | None = None) -> PushResult:
        """Stop a push: what was not sent is not sent; what was sent is settled by its answers.

        Raises:
            UsageProblem: It has not begun, or nothing of it is left to be sent.
        """
        cancel(self.workspace, changeset_id, by=by or user())
        return self.result(changeset_id)

    def unfinished(self, changeset_id: str) -> bool:
        """Whether a push has begun and something of it is left to do: then it is resumed, not begun again."""
        return changeset_id in unsettled(self.workspace)

    def result(self, changeset_id: str) -> PushResult:
        """What has become of a push so far."""
        return pushing.result_of(self.workspace, changeset_id)

    def settle(
        self, changeset: str, change: str, outcome: str, *, reason: str, by: str | None = None
    ) -> None:
        """Say what became of a change whose outcome is unknown, after looking it up in the system itself.

        Args:
            outcome: 'applied' or 'failed'.

        Raises:
            UsageProblem: There is no such change, or its outcome is known.
        """
        settling.settle_unknown(self.workspace, changeset, change, outcome, reason=reason, by=by or user())

    def schema_plan(self, *, shown: bool = True) -> Schema:
        """Custom fields, objects and accounts that mappings want and a system does not have.

        Args:
            shown: Whether a person looks at it; only a plan that was shown can be approved.
        """
        return schema_of(self, shown=shown)

    def status(self) -> Status:
        """What is waiting, and for whom."""
        return status_of(self.workspace)

    # --- money ------------------------------------------------------------------

    def money(self) -> Money:
        """What both sides hold in the newest snapshots, to the cent: balances, documents, and their gaps."""
        reconciliation = open_reconciliation(self.workspace)
        with reconciliation.connection:
            return Money(measured(self.workspace, reconciliation))

    def proof(self, changes: Changes | str | None = None) -> MoneyProof:
        """The money of a change set before it, as predicted, and as read back after the push.

        Args:
            changes: The change set or its id; the newest one without it.
        """
        id_ = changes.id if isinstance(changes, Changes) else changes
        return MoneyProof(proving.proof_of(self.workspace, id_))

    # --- what was ---------------------------------------------------------------

    def history(self) -> pd.DataFrame:
        """Pulls, change sets, approvals and pushes, newest first."""
        return past.happened(self.workspace)

    def sql(self, query: str) -> pd.DataFrame:
        """Answer SQL over the newest snapshots: `salesforce."Account"`, `quickbooks."Customer"`.

        Raises:
            UsageProblem: It is something else than one question.
        """
        with open_newest(self.workspace) as connection:
            return asked(connection, query)

    def as_of(self, when: When) -> AsOf:
        """What was known at a time: `.sql(...)`, `.diff()`, `.snapshot(side)`, `.crosswalk`.

        Args:
            when: A time, or a text such as '2026-03-30T16:40Z' or '2026-03-30', the end of that day; UTC.

        Raises:
            UsageProblem: It is no time.
        """
        return AsOf(self, moment(when))

    def snapshot(self, side: str) -> Snapshot:
        """The newest snapshot of a side."""
        return newest(self.workspace.store, side)

    # --- helpers ----------------------------------------------------------------

    def _chosen(self, name: str | None) -> list[Mapping]:
        """The mapping of that name, or all in use, each followed by that of its lines."""
        mappings = self.workspace.in_use()
        if name is not None and name not in mappings:
            off = "is off" if name in self.workspace.mappings() else "is not there"
            known = ", ".join(mappings) or "none is on"
            raise UsageProblem(f"mapping {name!r} {off}", fix=f"Use one of: {known}.")
        return list(with_lines(mapping for key, mapping in mappings.items() if name in (None, key)))

    def _mapping_file(self, name: str) -> Path:
        path = {mapping.name: mapping.path for mapping in self.workspace.mappings().values()}.get(name)
        if path is None:
            raise UsageProblem(f"there is no mapping {name!r}")
        return path

    def _minutes(self, wait: float | None) -> float:
        return self.workspace.profile.quickbooks.wait_minutes if wait is None else wait


def open_bench(profile: str | Path, say: Say | None = None) -> Bench:
    """Open the workbench on a profile folder.

    Raises:
        ProfileError: There is no profile, or it is wrong.
    """
    return Bench(open_workspace(profile), say)
