"""The facade: one profile, and the steps of a reconciliation in the order they are taken."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from workbench import diff as differ
from workbench import matching
from workbench.bench.changes import Changes
from workbench.bench.diff import Diff
from workbench.bench.display import frame, user
from workbench.bench.matches import Matches
from workbench.bench.pushing import DryRun, PushResult
from workbench.bench.status import Status, status_of
from workbench.changes import Inputs, canonical, name_rule, plan, read_changeset
from workbench.connections import quickbooks
from workbench.connections.quickbooks_reading import READ
from workbench.crosswalk import (
    Agreement,
    Decision,
    Pair,
    agree,
    close,
    confirm,
    decide,
    decisions,
    pairs,
)
from workbench.decisionfile import Written, read_decisions
from workbench.errors import NeedsPerson, UsageProblem, WorkbenchError
from workbench.ledger import (
    events,
    list_changesets,
    load_changeset,
    open_changes,
    outcomes,
    record,
    save_changeset,
)
from workbench.mapping import set_state, set_winner
from workbench.model import Mapping as FieldMapping
from workbench.model import Side
from workbench.normalize import unread
from workbench.normalize.unread import COLUMNS as UNREAD_COLUMNS
from workbench.pull import pull_salesforce
from workbench.push import preview, refusal, start, tally
from workbench.reconciliation import (
    Reconciliation,
    open_newest,
    open_reconciliation,
    refresh_kept,
)
from workbench.snapshots import Snapshot, history, newest, snapshot
from workbench.validate import Report, validate
from workbench.worker import work_until, worker_trouble
from workbench.workspace import Workspace, open_workspace

Say = Callable[[str], None]
"""Told one line of progress at a time."""


class Bench:
    """A reconciliation workbench on one profile.

    Attributes:
        workspace: The profile with its store and systems.
    """

    def __init__(self, workspace: Workspace, say: Say | None = None) -> None:
        self.workspace = workspace
        self.say: Say = say or _say_line

    # --- look and prepare ----------------------------------------------------

    def check(self) -> Report:
        """Validate Process: every setting, mapping and state."""
        return validate(self.workspace)

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
        sides = [Side(side)] if side else list(Side)
        asked = self.workspace.pulls.ask(full=full) if Side.QUICKBOOKS in sides else None
        found = []
        if Side.SALESFORCE in sides:
            found.append(self._pull_salesforce())
        if asked is not None:
            found.append(self._await_pull(asked, self._minutes(wait)))
        return found

    def _pull_salesforce(self) -> Snapshot:
        workspace = self.workspace
        told = self._told()
        return pull_salesforce(
            workspace.salesforce(),
            workspace.store,
            workspace.profile.snapshots,
            workspace.objects(),
            lambda _, name, count: told(f"Salesforce {name}: {count:,}") if count else None,
        )

    def _await_pull(self, pull: str, minutes: float) -> Snapshot:
        told = self._told()

        def progress() -> None:
            if trouble := worker_trouble(self.workspace):
                told(f"the worker cannot load it yet: {trouble}")
            for query in self.workspace.queue.group(pull):
                if query.records and query.ask and query.ask.role == READ:
                    told(f"QuickBooks {query.entity}: {query.records:,}")

        found = work_until(
            self.workspace,
            lambda: self.workspace.pulls.outcome(pull),
            seconds=minutes * 60,
            progress=progress,
        )
        if found is None:
            trouble = self.workspace.queue.trouble()
            worker = worker_trouble(self.workspace)
            raise NeedsPerson(
                f"the Web Connector has not delivered the pull within {minutes:g} minutes",
                where=self.workspace.profile.quickbooks.url,
                values={
                    name: text
                    for name, text in {"its last session": trouble, "worker": worker}.items()
                    if text
                },
                fix="Is `workbench up` running? On the QuickBooks machine open the Web Connector, tick the "
                "application and press Update Selected. The pull stays queued: the next one joins it.",
            )
        progress()
        if why := self.workspace.pulls.plan().why:
            told(f"the next pull of QuickBooks reads everything: {why}")
        return snapshot(self.workspace.store, found)

    # --- match -----------------------------------------------------------------

    def match(self, name: str | None = None) -> Matches:
        """Find which records are the same; what a rule may accept goes into the crosswalk."""
        connection = open_reconciliation(self.workspace).connection
        unmatched = {}
        for mapping in self._all_mappings(name):
            found = matching.match(connection, mapping)
            unmatched[mapping.name] = {
                "salesforce": found.unmatched_salesforce,
                "quickbooks": found.unmatched_quickbooks,
            }
            self._confirm(connection, mapping)
        counts: dict[str, dict[str, int]] = {}
        for row in pairs(self.workspace.store):
            rules = counts.setdefault(str(row["mapping"]), {})
            rules[str(row["rule"])] = rules.get(str(row["rule"]), 0) + 1
        return Matches(self, frame(connection, "SELECT * FROM work.candidates"), counts, unmatched)

    def _confirm(self, connection: Any, mapping: FieldMapping) -> None:
        accepted = connection.execute(
            "SELECT salesforce_id, quickbooks_id, rule FROM work.candidates "
            "WHERE mapping = ? AND status = 'accepted'",
            [mapping.name],
        ).fetchall()
        found = [
            Pair(
                mapping=mapping.name, salesforce_id=left, quickbooks_id=right, rule=rule, confirmed_by="rule"
            )
            for left, right, rule in accepted
        ]
        if confirm(self.workspace.store, found):
            refresh_kept(self.workspace, connection)

    # --- diff ------------------------------------------------------------------

    def diff(self, salesforce: Snapshot | None = None, quickbooks: Snapshot | None = None) -> Diff:
        """Compare the newest snapshots (or others) field by field, three ways where there is a base."""
        reconciliation = open_reconciliation(self.workspace, salesforce, quickbooks)
        self._refuse_older_than_push(reconciliation)
        connection = reconciliation.connection
        for mapping in self.workspace.mappings().values():
            self._compare(connection, mapping)
        self._agree(connection)
        table = frame(connection, "SELECT * FROM work.differences")
        unreadable = pd.DataFrame(unread(connection), columns=list(UNREAD_COLUMNS))
        return Diff(self, reconciliation, table, unreadable, differ.summary(connection))

    def _compare(self, connection: Any, mapping: FieldMapping) -> None:
        """The differences of a mapping; lines that are new find their partners first."""
        zone = self.workspace.profile.quickbooks.time_zone
        for each in filter(None, (mapping, mapping.lines)):
            for side in Side:
                differ.prepare(connection, each, side, zone=zone)
            differ.prepare_base(connection, each)
        if mapping.lines:
            matching.match(connection, mapping.lines, prepared=True)
            self._confirm(connection, mapping.lines)
        differ.compute(connection, mapping, zone=zone, prepared=True)

    def _refuse_older_than_push(self, reconciliation: Reconciliation) -> None:
        """A snapshot from before a push would show what was just written as somebody's edit."""
        for row in outcomes(self.workspace.store, states=("applied", "failed")):
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

    def _agree(self, connection: Any) -> None:
        found = []
        for mapping in self._all_mappings():
            differ.agreed(connection, mapping)
        rows = connection.execute(
            "SELECT mapping, pair, fields, salesforce, quickbooks FROM work.agreed"
        ).fetchall()
        for name, pair, fields, left, right in rows:
            found.append(
                Agreement(
                    mapping=name,
                    pair=pair,
                    fields=tuple(fields),
                    salesforce=json.loads(left),
                    quickbooks=json.loads(right),
                )
            )
        agree(self.workspace.store, found)

    def decide(self, file: str | Path, by: str | None = None, diff: Diff | None = None) -> int:
        """Take the decisions of a file; answers how many. Match and diff again to see the effect.

        Args:
            diff: The diff that was looked at: decisions about a field are pinned to its values. Taken
                afresh without it.

        Raises:
            Problems: A decision names no record, or several; all are listed and none is taken.
        """
        written = read_decisions(file)
        diff = diff or self.diff()
        found = written.find(diff.reconciliation.connection, self.workspace.mappings())
        who = by or user()
        seen = _seen(diff.table)
        taken = decide(self.workspace.store, [_decided(each, who, seen) for each in found])
        for mapping in written.close:
            close(self.workspace.store, mapping, who)
        record(
            self.workspace.store,
            who=who,
            event="decisions",
            subject=written.path.name,
            detail={"decisions": taken, "closed": list(written.close)},
        )
        return taken

    # --- plan ------------------------------------------------------------------

    def plan(self, diff: Diff, to: str = "both") -> Changes:
        """Make the change set for a diff: a value that can be read, saved and approved.

        Args:
            to: 'salesforce', 'quickbooks' or 'both': the sides that may be written.
        """
        if to not in ("both", *Side):
            raise UsageProblem(f"to={to!r} is not a side", fix="Use 'salesforce', 'quickbooks' or 'both'.")
        mappings = self.workspace.mappings()
        inputs = Inputs(
            mappings=list(mappings.values()),
            describes={
                Side.SALESFORCE: diff.reconciliation.salesforce.describes,
                Side.QUICKBOOKS: quickbooks.describes(),
            },
            to=frozenset(Side) if to == "both" else frozenset({Side(to)}),
            predictions=[name_rule(_names(diff.reconciliation)), refusal],
            busy=self._busy(),
            header=self._header(diff, mappings, to),
        )
        changeset = plan(diff.reconciliation.connection, inputs)
        changes = Changes(self, changeset)
        save_changeset(
            self.workspace.store,
            id_=changeset.id,
            content_hash=changeset.content_hash,
            content=changeset.content,
            by=user(),
        )
        return changes

    def changes(self, id_: str | None = None) -> Changes:
        """A change set that was planned before, by its id; the newest one without an id."""
        return Changes(self, read_changeset(load_changeset(self.workspace.store, id_)["content"]))

    def _busy(self) -> dict[tuple[str, str], str]:
        return {
            key: f"a change of it is still {row.state} in {row.changeset}"
            for key, row in open_changes(self.workspace.store).items()
        }

    def _header(self, diff: Diff, mappings: Mapping[str, FieldMapping], to: str) -> dict[str, Any]:
        made = [
            {name: row[name] for name in ("mapping", "salesforce_id", "quickbooks_id", "field", "decision")}
            for row in decisions(self.workspace.store)
        ]
        return {
            "profile": self.workspace.profile.name,
            "to": to,
            "salesforce": diff.reconciliation.salesforce.id,
            "quickbooks": diff.reconciliation.quickbooks.id,
            "mappings": {name: mapping.hash for name, mapping in mappings.items()},
            "decisions": hashlib.sha256(canonical(made).encode()).hexdigest(),
        }

    # --- push ------------------------------------------------------------------

    def push(
        self, changes: Changes, execute: bool = False, *, wait: float | None = None, by: str | None = None
    ) -> DryRun | PushResult:
        """Push an approved change set; without `execute` show exactly what would be sent.

        Args:
            wait: Minutes to wait for QuickBooks' answers; the profile's `wait_minutes` without it.

        Raises:
            ApprovalError: Not approved, changed since, expired, or pushed already.
        """
        return self.execute(changes, wait=wait, by=by) if execute else self.preview(changes)

    def preview(self, changes: Changes) -> DryRun:
        """The exact requests for the approved changes, or for all that can be written."""
        approved = changes.approval.changes if changes.approval else changes.marked
        wanted = approved or [change.id for change in changes.writable]
        return DryRun(changes.id, preview(changes.changeset, wanted))

    def execute(self, changes: Changes, *, wait: float | None = None, by: str | None = None) -> PushResult:
        """Push an approved change set, once, and wait for its outcomes."""
        start(self.workspace, changes.changeset, by or user())
        return self.resume(changes.id, wait=wait)

    def resume(self, changeset_id: str, *, wait: float | None = None) -> PushResult:
        """Carry a started push on until every change is settled, or the time is over."""
        told = self._told()

        def settled() -> bool | None:
            now = tally(self.workspace, changeset_id)
            told(f"push {changeset_id}: {now.total - now.open:,} of {now.total:,} settled")
            return True if now.waiting == 0 else None

        work_until(self.workspace, settled, seconds=self._minutes(wait) * 60)
        return self.result(changeset_id)

    def result(self, changeset_id: str) -> PushResult:
        """What has become of a push so far."""
        changeset = read_changeset(load_changeset(self.workspace.store, changeset_id)["content"])
        return PushResult(changeset, outcomes(self.workspace.store, changeset_id))

    def status(self) -> Status:
        """What is waiting, and for whom."""
        return status_of(self.workspace)

    # --- what was ---------------------------------------------------------------

    def history(self) -> pd.DataFrame:
        """Pulls, change sets, approvals and pushes, newest first."""
        rows = [
            {
                "at": row["at"],
                "who": row["who"],
                "event": row["event"],
                "subject": row["subject"],
                **row["detail"],
            }
            for row in events(self.workspace.store)
        ]
        for row in list_changesets(self.workspace.store):
            rows.append({"at": row["made_at"], "who": row["made_by"], "event": "plan", "subject": row["id"]})
        for taken in history(self.workspace.store):
            detail = {"changes": sum(taken.counts.values())}
            rows.append({"at": taken.ended_at, "who": "", "event": "pull", "subject": taken.id, **detail})
        table = pd.DataFrame(rows, columns=["at", "who", "event", "subject", "changes", "approval"])
        return table.sort_values("at", ascending=False, ignore_index=True)

    def sql(self, query: str) -> pd.DataFrame:
        """Answer SQL over the newest snapshots: `salesforce."Account"`, `quickbooks."Customer"`."""
        with open_newest(self.workspace) as connection:
            return frame(connection, query)

    def snapshot(self, side: str) -> Snapshot:
        """The newest snapshot of a side."""
        return newest(self.workspace.store, side)

    # --- helpers ----------------------------------------------------------------

    def _all_mappings(self, name: str | None = None) -> Sequence[FieldMapping]:
        mappings = self.workspace.mappings()
        if name is not None and name not in mappings:
            raise UsageProblem(f"there is no mapping {name!r}", fix=f"Use one of: {', '.join(mappings)}.")
        chosen = [mapping for key, mapping in mappings.items() if name in (None, key)]
        return [each for mapping in chosen for each in (mapping, mapping.lines) if each is not None]

    def _mapping_file(self, name: str) -> Path:
        path = {mapping.name: mapping.path for mapping in self.workspace.mappings().values()}.get(name)
        if path is None:
            raise UsageProblem(f"there is no mapping {name!r}")
        return path

    def _minutes(self, wait: float | None) -> float:
        return self.workspace.profile.quickbooks.wait_minutes if wait is None else wait

    def _told(self) -> Say:
        """Say each line once, however often it comes."""
        said: set[str] = set()

        def tell(line: str) -> None:
            if line not in said:
                said.add(line)
                self.say(line)

        return tell


def open_bench(profile: str | Path, say: Say | None = None) -> Bench:
    """Open the workbench on a profile folder.

    Raises:
        ProfileError: There is no profile, or it is wrong.
    """
    return Bench(open_workspace(profile), say)


def _say_line(line: str) -> None:
    sys.stdout.write(line + "\n")


Seen = Mapping[tuple[str, str | None, str | None, str | None], tuple[str | None, str | None]]
"""Comparable values of both sides by (mapping, Salesforce id, QuickBooks id, field)."""


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
        reason=written.reason,
        decided_by=by,
    )


def _names(reconciliation: Reconciliation) -> dict[str, list[tuple[str, str]]]:
    """The names in the company file by list, for the prediction of 3100."""
    names: dict[str, list[tuple[str, str]]] = {}
    for table in ("Customer", "Vendor", "Employee", "OtherName"):
        if table not in reconciliation.quickbooks.counts:
            continue
        where = " WHERE Sublevel = 0" if table == "Customer" else ""
        names[table] = reconciliation.connection.execute(
            f'SELECT "ListID", "Name" FROM quickbooks."{table}"{where}'
        ).fetchall()
    return names
