"""What people and mishaps do in the model-based test, act by act, and what is looked at after each.

Every act takes plain numbers that choose among what there is, so that a generator of numbers can drive it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import duckdb
import pandas as pd
from sqlalchemy import update

from qbwc import queue
from qbwc.errors import QbwcError
from qbwc.simulator import Fault
from qbwc.simulator.faults import FaultKind
from tests.faults.model_process import Killed, Process
from tests.faults.model_records import BOOK, PRODUCTS, sf
from tests.faults.model_reference import (
    FINAL,
    RULES,
    Reference,
    canonical,
    in_scope,
    invoice_lines,
    links_of,
    one_way,
)
from tests.faults.model_systems import Look, Systems, plain, running_systems
from workbench.bench.changes import Changes
from workbench.bench.diff import Diff
from workbench.connections import salesforce_bulk, salesforce_session
from workbench.crosswalk import agreements, decisions, pairs
from workbench.diff.fit import unfit
from workbench.errors import ApprovalError, ConnectionProblem, NeedsPerson, UsageProblem, WorkbenchError
from workbench.model import Side
from workbench.push import salesforce as writer
from workbench.snapshots import newest
from workbench.store import schema
from workbench.store.engine import now
from workbench.testorg import OrgError

T = TypeVar("T")
Rows = dict[tuple[Any, ...], tuple[Any, ...]]
"""Differences by mapping, both records and field: finding, both values, resolution."""

BY = "maria"
DECISIONS = (
    "take_salesforce", "take_quickbooks", "accept", "refuse", "ignore", "create", "deactivate", "delete",
)  # fmt: skip

IN_SALESFORCE = (
    "lose_request",
    "lose_response",
    "expire_session",
    "unavailable",
    "broken_body",
    "limit_spent",
)
AT_QUICKBOOKS: tuple[FaultKind, ...] = (
    "crash_before_work", "lose_answer", "drop_reply", "drop_call", "duplicate", "authenticate_twice",
    "send_twice", "hresult_before", "hresult_after", "new_session", "closed", "modal",
)  # fmt: skip

TEXTS = ("Salem", "Sale", "  Salem ", "", "Zürich", "東京", "Alder & <Sons>", "Salem\u2019s", "x" * 45)
PHONES = ("555-0201", "(415) 555-0134", "", "+1 415 555 0134", "call Eva")
DATES = ("2026-01-03", "2026-02-28", "2026-03-30")
NUMBERS = ("1", "2", "7.5", "80", "79.99", "0.125", "33.333")
NAMES = ("Alder 1", "Cedar", "Cedar & Sons", "Dogwood: East", "Elm", "y" * 45)


@dataclass
class World:
    """The systems, the process, and the reference that watches them.

    Attributes:
        steps: What was done, in words, for whoever must reduce a finding.
        injected: Mishaps that struck, by kind.
        truths: What a system held when a snapshot was taken of it, by snapshot.
        touched: The act at which a person last changed a field of a record.
    """

    systems: Systems
    process: Process
    seen: Look
    reference: Reference = field(default_factory=Reference)
    steps: list[str] = field(default_factory=list)
    injected: Counter[str] = field(default_factory=Counter)
    truths: dict[str, Look] = field(default_factory=dict)
    read: dict[str, Look] = field(default_factory=dict)
    touched: dict[tuple[str, str], int] = field(default_factory=dict)
    planned_at: dict[str, int] = field(default_factory=dict)
    approved_at: dict[str, int] = field(default_factory=dict)
    pushed_at: dict[str, int] = field(default_factory=dict)
    started: set[str] = field(default_factory=set)
    planned: list[str] = field(default_factory=list)
    linked: set[tuple[str, str, str]] = field(default_factory=set)
    pair_ends: dict[str, tuple[str, str]] = field(default_factory=dict)
    creates_decided: bool = False
    diff_now: Diff | None = None
    shown: list[tuple[datetime, Rows]] = field(default_factory=list)

    @property
    def told(self) -> dict[tuple[str, str], str]:
        """The outcome that was told last of each approved change."""
        return self.reference.told

    @property
    def bench(self) -> Any:
        return self.process.bench

    # --- a person edits Salesforce ---------------------------------------------------------------

    def edit_account(self, which: int, what: int, value: int) -> None:
        names = ("Phone", "Fax", "BillingCity", "BillingState", "Name", "QuickBooks_Id__c", "Active__c")
        api = pick(names, what)
        values: dict[str, Sequence[Any]] = {
            "Phone": PHONES,
            "Fax": PHONES,
            "Name": NAMES,
            "QuickBooks_Id__c": ("", "80000001-1"),
            "Active__c": (True, False),
        }
        self._in_salesforce("Account", which, api, pick(values.get(api, TEXTS), value))

    def edit_deal(self, which: int, what: int, value: int) -> None:
        api = pick(("Description", "CloseDate", "StageName", "Generate__c", "Invoice_Number__c"), what)
        values = {
            "CloseDate": DATES,
            "StageName": ("Closed Won", "Closed Won", "Prospecting"),
            "Generate__c": ("Invoice", "Invoice", "Estimate"),
            "Invoice_Number__c": ("INV-1", "INV-9", ""),
        }
        self._in_salesforce("Opportunity", which, api, pick(values.get(api, TEXTS), value))

    def edit_deal_line(self, which: int, what: int, value: int) -> None:
        api = pick(("Quantity", "UnitPrice", "Description"), what)
        self._in_salesforce(
            "OpportunityLineItem", which, api, pick(TEXTS if api == "Description" else NUMBERS, value)
        )

    def new_account(self, value: int) -> None:
        values = {"Name": pick(NAMES, value), "Phone": pick(PHONES, value), "BillingCity": pick(TEXTS, value)}
        self._by_hand("new account", lambda: self.systems.org.create("Account", values))

    def new_deal(self, which: int, value: int) -> None:
        account = self._one("Account", which)
        deal = {
            "Name": f"Deal of {account}", "AccountId": account, "CloseDate": pick(DATES, value),
            "StageName": "Closed Won", "Generate__c": "Invoice", "Description": pick(TEXTS, value),
            "Pricebook2Id": BOOK,
        }  # fmt: skip

        def make() -> None:
            made = self.systems.org.create("Opportunity", deal)
            for number in range(1 + value % 2):
                self.systems.org.create("OpportunityLineItem", self._deal_line(made, value + number))

        self._by_hand(f"new deal of {account}", make)

    def new_deal_line(self, which: int, value: int) -> None:
        deal = self._one("Opportunity", which)
        self._by_hand(
            f"new line of {deal}",
            lambda: self.systems.org.create("OpportunityLineItem", self._deal_line(deal, value)),
        )

    def delete_in_salesforce(self, name: int, which: int) -> None:
        object_ = pick(("Account", "Opportunity", "OpportunityLineItem"), name)
        key = self._one(object_, which)
        self._by_hand(f"delete {object_} {key}", lambda: self.systems.org.delete(object_, key))

    def _deal_line(self, deal: str, value: int) -> dict[str, Any]:
        return {
            "OpportunityId": deal, "PricebookEntryId": sf("01u", 1 + value % len(PRODUCTS)),
            "Quantity": pick(NUMBERS, value), "UnitPrice": pick(NUMBERS, value + 1),
            "Description": pick(TEXTS, value),
        }  # fmt: skip

    def _in_salesforce(self, object_: str, which: int, api: str, value: Any) -> None:
        key = self._one(object_, which)
        self._by_hand(
            f"{object_} {key}: {api} = {value!r}",
            lambda: self.systems.org.edit(object_, key, {api: None if value == "" else value}),
        )

    # --- a person edits QuickBooks ---------------------------------------------------------------

    def edit_customer(self, which: int, what: int, value: int) -> None:
        api = pick(("Phone", "Fax", "BillAddress_City", "BillAddress_State", "Name", "IsActive"), what)
        values: dict[str, Sequence[Any]] = {
            "Phone": PHONES,
            "Fax": PHONES,
            "Name": NAMES,
            "IsActive": (True, False),
        }
        self._in_quickbooks("Customer", which, {api: pick(values.get(api, TEXTS), value)})

    def edit_invoice(self, which: int, what: int, value: int) -> None:
        api = pick(("Memo", "TxnDate", "CustomerRef_ListID", "RefNumber"), what)
        values = {
            "TxnDate": DATES,
            "CustomerRef_ListID": sorted(self.seen["Customer"]),
            "RefNumber": ("INV-1", "INV-7"),
        }
        self._in_quickbooks("Invoice", which, {api: pick(values.get(api, TEXTS), value)})

    def edit_invoice_lines(self, which: int, what: int, value: int) -> None:
        """Change, add or take away a line; the lines that stay are named."""
        key = self._one("Invoice", which)
        lines = [{"TxnLineID": line["TxnLineID"]} for line in invoice_lines(self.seen, key)]
        match what % 5:
            case 0 if len(lines) > 1:
                lines.pop(value % len(lines))
            case 1:
                lines.append(self._invoice_line(value))
            case _ if lines:
                api = pick(("Quantity", "Rate", "Desc"), what)
                lines[value % len(lines)][api] = pick(TEXTS if api == "Desc" else NUMBERS, value)
        self._by_hand(
            f"lines of {key}: {lines}", lambda: self.systems.company.edit("Invoice", key, lines=lines)
        )

    def new_customer(self, value: int) -> None:
        values = {"Name": pick(NAMES, value + 1), "Phone": pick(PHONES, value)}
        self._by_hand(f"new customer {values}", lambda: self.systems.company.add("Customer", **values))

    def new_invoice(self, which: int, value: int) -> None:
        values = {
            "CustomerRef_ListID": self._one("Customer", which), "TxnDate": pick(DATES, value),
            "RefNumber": f"INV-{len(self.steps)}", "Memo": pick(TEXTS, value),
        }  # fmt: skip
        lines = [self._invoice_line(value + number) for number in range(1 + value % 2)]
        self._by_hand(
            f"new invoice {values}", lambda: self.systems.company.add("Invoice", lines=lines, **values)
        )

    def delete_in_quickbooks(self, what: int, which: int) -> None:
        entity = pick(("Customer", "Invoice", "Invoice"), what)
        key = self._one(entity, which)
        act = self.systems.company.void if what % 3 == 2 else self.systems.company.delete
        self._by_hand(f"{act.__name__} {entity} {key}", lambda: act(entity, key))

    def _invoice_line(self, value: int) -> dict[str, Any]:
        return {
            "ItemRef_FullName": pick(PRODUCTS, value), "Quantity": pick(NUMBERS, value),
            "Rate": pick(NUMBERS, value + 1), "Desc": pick(TEXTS, value),
        }  # fmt: skip

    def _in_quickbooks(self, entity: str, which: int, values: dict[str, Any]) -> None:
        key = self._one(entity, which)
        self._by_hand(f"{entity} {key}: {values}", lambda: self.systems.company.edit(entity, key, **values))

    def pass_time(self, minutes: int) -> None:
        self._note(f"{minutes} minutes pass")
        self.systems.clock.pass_by(minutes)

    def _by_hand(self, what: str, act: Callable[[], object]) -> None:
        """An edit; one that the system refuses has not happened."""
        self._note(what)
        try:
            with self.systems.edited():
                act()
        except (OrgError, QbwcError) as error:
            self.steps[-1] += f" (refused: {error})"
        after = self.systems.look()
        for name, rows in after.items():
            for key, row in rows.items():
                old = self.seen[name].get(key, {})
                for api in row:
                    if plain(old.get(api)) != plain(row[api]):
                        self.touched[key, api] = len(self.steps)
            for key in self.seen[name].keys() - rows.keys():
                self.touched[key, ""] = len(self.steps)
        self.seen = after

    # --- the cycle -------------------------------------------------------------------------------

    def pull(self, fault: int = 0, at: int = 0, death: int = 0) -> None:
        """Read both systems, unless a mishap is in the way."""
        self._note(f"pull, fault {fault} at {at}, death at {death}")
        kind = pick(IN_SALESFORCE, fault) if fault else ""
        with self._mishap(kind, at, death):
            taken = self.bench.pull("salesforce")
            self.truths[taken[0].id] = self.systems.look()
        self._pull_quickbooks(death)
        self.observe()

    def _pull_quickbooks(self, death: int = 0) -> None:
        with suppress(NeedsPerson):
            self.bench.pull("quickbooks", wait=0)
        self.call()
        with suppress(NeedsPerson), self._mishap("", 0, death):
            self.bench.pull("quickbooks", wait=0)

    def call(self, fault: int = 0, at: int = 1) -> None:
        """The Web Connector calls, perhaps with a mishap at one of its message sets."""
        faults = []
        if fault:
            faults = [Fault(kind=pick(AT_QUICKBOOKS, fault), at=1 + at % 2)]
        log = self.systems.call(*faults)
        self._note(f"Web Connector: {log.outcome} {[f.kind for f in faults]}")
        if faults and log.outcome != "nothing":
            self.injected[faults[0].kind] += 1
        look = self.systems.look()
        for pull, states in self.bench.workspace.pulls.under_way().items():
            if pull not in self.read and all(
                state in ("answered", "failed", "cancelled") for state in states
            ):
                self.read[pull] = look
        self.observe()

    def match(self, close: bool = True) -> None:
        self._note("match" + (" and close" if close else ""))
        if not self._both_read():
            return
        matches = self.bench.match()
        if close:
            matches.close()
        self.observe()

    def diff(self) -> None:
        """Compare, and hold the differences and the base against the reference."""
        self._note("diff")
        if not self._both_read():
            return
        try:
            self.diff_now = self.bench.diff()
        except WorkbenchError as error:
            if "older than the last push" not in str(error):
                raise
            self.steps[-1] += " (a snapshot is older than the last push)"
            return
        self._judge_diff(self.diff_now)
        self.shown.append((now(), _rows(self.diff_now)))
        self.observe()

    def decide(self, which: int, decision: int, pinned: bool) -> None:
        """Settle one difference, if there is one."""
        if self.diff_now is None or self.diff_now.table.empty:
            return
        table = self.diff_now.table
        row = table.iloc[which % len(table)]
        words = [word for word in DECISIONS if not unfit(row["kind"], row["difference"], word)]
        self._decide(row, pick(words, decision), pinned)

    def _decide(self, row: Any, word: str, pinned: bool) -> None:
        assert self.diff_now is not None
        self._note(f"decide {row['mapping']} {row['label']} {row['field']}: {word}, pinned {pinned}")
        same = ["mapping", "salesforce_id", "quickbooks_id", "field"]
        chosen = {name: row[name] for name in same}
        try:
            self.diff_now.decide(
                lambda each: all(_equal(each[name], value) for name, value in chosen.items()),
                decision=word, reason="so", by=BY, pinned=pinned,
            )  # fmt: skip
        except UsageProblem as error:
            self.steps[-1] += f" (refused: {error.what})"
            if not self._newer() and not one_way(row["mapping"], row["field"], word):
                raise
            return
        self.creates_decided |= word == "create"
        if row["kind"] == "field":
            place = (row["mapping"], row["salesforce_id"], row["quickbooks_id"], row["field"])
            self.reference.decisions[place] = (word, self._values(*place) if pinned else None)

    def _newer(self) -> bool:
        """Whether a side was pulled since the diff that is shown."""
        assert self.diff_now is not None
        shown = self.diff_now.reconciliation
        return any(newest(self.bench.workspace.store, side).id != getattr(shown, side).id for side in Side)

    def plan(self, to: int = 0) -> None:
        """Plan the newest diff, and hold every cell against it."""
        self._note(f"plan to {pick(('both', 'salesforce', 'quickbooks'), to)}")
        if self.diff_now is None:
            return
        changes = self.bench.plan(self.diff_now, pick(("both", "salesforce", "quickbooks"), to))
        self._keep(changes)
        self._judge_plan(changes)
        self.observe()

    def _keep(self, changes: Changes) -> None:
        self.reference.sets[changes.id] = changes.changeset
        if changes.id in self.planned:
            self.planned.remove(changes.id)
        self.planned.append(changes.id)
        self.planned_at.setdefault(changes.id, len(self.steps))

    def approve(self, which: int = 0, some: int = 0) -> None:
        """Approve a planned change set, the newest with 0; all of it, or those whose bit is set in `some`."""
        if not self.planned:
            return
        changes = self.bench.changes(self.planned[-1 - which % len(self.planned)])
        writable = [change.id for change in changes.writable]
        wanted = {id_ for place, id_ in enumerate(writable) if not some or some >> (place % 8) & 1}
        self._note(f"approve {changes.id}: {len(wanted)} of {len(changes.changeset.changes)}")
        if not wanted or changes.id in self.started:
            with suppress(ApprovalError):
                changes.approve(where=lambda row: row["change"] in wanted, by=BY)
                self.reference.wrong(
                    "approval", f"{changes.id} was approved though nothing, or pushed already"
                )
            return
        given = changes.approve(where=lambda row: row["change"] in wanted, by=BY)
        asked = _with_parents(changes, wanted)
        if set(given.changes) != asked:
            self.reference.wrong(
                "unapproved", f"{changes.id}: asked {sorted(asked)}, approved {given.changes}"
            )
        self.reference.approved[changes.id] = frozenset(given.changes)
        self.approved_at[changes.id] = len(self.steps)
        self.observe()

    def push(self, which: int = 0, fault: int = 0, at: int = 0, death: int = 0) -> None:
        """Push a planned change set, the newest with 0: refused where it is not approved, or was pushed."""
        if not self.planned:
            return
        changes = self.bench.changes(self.planned[-1 - which % len(self.planned)])
        self._note(f"push {changes.id}, fault {fault} at {at}, death at {death}")
        may = changes.id in self.reference.approved
        may = may and (changes.id not in self.started or self.bench.unfinished(changes.id))
        if may:
            self.reference.begun.add(changes.id)
        try:
            with self._mishap(pick(IN_SALESFORCE, fault) if fault else "", at, death):
                self.bench.push(changes, execute=True, wait=0, by=BY)
        except ApprovalError as error:
            if may:
                raise
            self.steps[-1] += f" (refused: {error.what})"
        else:
            if not may:
                self.reference.wrong("unapproved", f"{changes.id} was pushed, and may not be")
        self._find_started()
        self.pushed_at[changes.id] = len(self.steps)
        self.observe()

    def undo(self, which: int = 0) -> None:
        """Take back a push that is finished; what goes back is planned, and left to be approved."""
        done = [id_ for id_ in self.pushed if not self._open(id_)]
        if not done or not self._both_read():
            return
        id_ = done[-1 - which % len(done)]
        self._note(f"undo {id_}")
        try:
            changes = self.bench.undo(id_)
        except WorkbenchError as error:
            if "older than the push" not in str(error):
                raise
            self.steps[-1] += " (a snapshot is older than the push)"
            return
        self._keep(changes)
        self.observe()

    def there_and_back(self) -> None:
        """Push all there is and take it back, nobody editing meanwhile: the same differences stand again."""
        self._note("there and back")
        self._finish_pushes()
        first = self._plan_and_push()
        before = self.diff_now
        if first is None or before is None:
            return
        self.pull()
        self.undo()
        back = self.bench.changes(self.planned[-1])
        self.approve()
        self.push()
        self._finish_pushes()
        for act in (self.pull, self.match, self.diff):
            act()
        assert self.diff_now is not None
        self._judge_return(before, first, back, self.diff_now)

    def _plan_and_push(self) -> Changes | None:
        for act in (self.pull, self.match, self.diff, self.plan, self.approve, self.push):
            act()
        id_ = self.planned[-1]
        if id_ not in self.started:
            return None
        self._finish_pushes()
        return self.bench.changes(id_)

    def _judge_return(self, before: Diff, first: Changes, back: Changes, after: Diff) -> None:
        """What was pushed and taken back differs as before; what cannot be taken back is told."""
        kept = _ends(first, lambda each: self.told.get((first.id, each.id)) != "applied")
        kept |= _ends(back, lambda each: self.told.get((back.id, each.id)) != "applied")
        # A total follows the lines of its document: what of them stays, stays in it.
        lines = any(self.told.get((back.id, each.id)) != "applied" for each in _of_lines(back))
        was, now_ = _rows(before), _rows(after)
        for place in sorted(was.keys() | now_.keys(), key=str):
            left = place not in was and now_[place][-1] == "ignore"
            if was.get(place, ("",))[0] == "converged" or left or kept & set(place[1:3]):
                continue
            if lines and place[3] == "total":
                continue
            if was.get(place, ())[:-1] != now_.get(place, ())[:-1]:
                what = f"{place}: {was.get(place)} before, {now_.get(place)} when it was taken back"
                self.reference.wrong("undo", what)

    def look_back(self, which: int) -> None:
        """What a diff has shown at a time is shown again by looking at that time."""
        if not self.shown:
            return
        at, rows = pick(self.shown, which)
        self._note(f"look back {len(self.shown) - which % len(self.shown)} diffs")
        then = _rows(self.bench.as_of(at).diff())
        for place in sorted(then.keys() | rows.keys(), key=str):
            # What converged became the base by that very diff.
            if then.get(place) != rows.get(place) and rows.get(place, ("",))[0] != "converged":
                what = f"{place}: {rows.get(place)} at {at}, looking back {then.get(place)}"
                self.reference.wrong("time travel", what)

    @property
    def pushed(self) -> list[str]:
        """The change sets whose push has begun, in the order of their plans."""
        return [id_ for id_ in self.planned if id_ in self.started]

    def _open(self, id_: str) -> bool:
        return any(self.told.get((id_, each)) not in FINAL for each in self.reference.approved[id_])

    def resume(self, fault: int = 0, at: int = 0, death: int = 0) -> None:
        """Carry on every push that is not finished."""
        for id_ in sorted(self.started):
            if not self._open(id_):
                continue
            self._note(f"resume {id_}, fault {fault} at {at}, death at {death}")
            with self._mishap(pick(IN_SALESFORCE, fault) if fault else "", at, death):
                self.bench.resume(id_, wait=0)
            self.observe()

    def resume_elsewhere(self, at: int) -> None:
        """Another process carries the pushes on that are not finished, and is killed, by SIGKILL."""
        for id_ in sorted(self.started):
            if not self._open(id_):
                continue
            self._note(f"resume {id_} elsewhere, death at {at}")
            command = [sys.executable, "-m", "tests.faults.model_child", str(self.systems.profile.folder)]
            ran = subprocess.run([*command, id_, str(at)], capture_output=True, text=True, check=False)
            if ran.returncode not in (0, -9, 9):
                raise RuntimeError(f"the process that was to be killed failed by itself:\n{ran.stderr}")
            if ran.returncode:
                self.injected["SIGKILL"] += 1
                self.steps[-1] += " (killed)"
            self._let_leases_go()
            self.observe()

    # --- mishaps ---------------------------------------------------------------------------------

    @contextmanager
    def _mishap(self, kind: str, at: int, death: int) -> Iterator[None]:
        """Let one strike in the block: in Salesforce, or the death of this process; told, it is expected."""
        org = self.systems.org
        times = salesforce_session.TRIES if kind in ("unavailable", "limit_spent") else 1
        fault = org.faults.arm(kind, skip=at % 6, times=times) if kind else None  # type: ignore[arg-type]
        try:
            with self.process.dying(death):
                yield
        except Killed:
            self.injected["killed"] += 1
            self.steps[-1] += " (killed)"
            self._new_process()
        except ConnectionProblem as error:
            if fault is None or fault.times == times:
                raise
            self.steps[-1] += f" ({error.what})"
        finally:
            org.faults.clear()
            if fault is not None and fault.times < times:
                self.injected[kind] += 1

    def _new_process(self) -> None:
        """A new process on the same profile; half a minute later, so that no lease of the dead one holds."""
        folder = self.systems.profile.folder
        self.process.close()
        self.process = Process(folder)
        self.diff_now = None
        self._let_leases_go()
        self._find_started()

    def _let_leases_go(self) -> None:
        with self.bench.workspace.store.write() as connection:
            connection.execute(update(schema.leases).values(expires_at=now() - timedelta(seconds=1)))

    def _find_started(self) -> None:
        for id_ in self.reference.approved:
            if id_ not in self.started and self.bench.result(id_).rows:
                self.started.add(id_)
                self.reference.base_at[id_] = dict(self.reference.base)

    # --- what must be true -----------------------------------------------------------------------

    def observe(self) -> None:
        """Look at both systems, explain what moved, and hold what is told of each change against it."""
        after = self.systems.look()
        self.reference.explain(self.seen, after)
        self.seen = after
        self._judge_links()
        for id_ in sorted(self.started):
            self._judge_outcomes(id_)

    def _judge_outcomes(self, id_: str) -> None:
        approved = self.reference.approved[id_]
        rows = {row.change: row for row in self.bench.result(id_).rows}
        if set(rows) != approved:
            self.reference.wrong(
                "lost", f"{id_}: approved {sorted(approved)}, with an outcome {sorted(rows)}"
            )
        for change in self.reference.sets[id_].changes:
            if change.id not in rows:
                continue
            row, times = rows[change.id], self.reference.effects[id_, change.id]
            where = f"{id_} {change.action} {change.object} {change.label}: {row.state} ({row.detail})"
            excused = self._edited_since(id_, change)
            if times > 1 and not excused:
                self.reference.wrong("doubled", f"{where}, seen {times} times")
            before = self.told.get((id_, change.id))
            if before in FINAL and before != row.state:
                self.reference.wrong("lost", f"{where}, told as {before} before")
            new = row.state == "applied" and before != "applied"
            if new and not times and not excused and not self._there(change):
                self.reference.wrong("lost", f"{where}, but it was never seen")
            if row.state in ("failed", "stale", "skipped") and times and not excused:
                self.reference.wrong("lost", f"{where}, but it was seen")
            if row.state == "waiting" and times and change.side == "salesforce" and not excused:
                self.reference.wrong("lost", f"{where}, but it was seen")
            if new:
                self.reference.applied(id_, change, row)
            if row.state == "failed" and before != "failed" and change.predicted == "ok" and self._still(id_):
                self.reference.wrong("prediction", f"{where}, foretold ok")
            self.told[id_, change.id] = row.state

    def _edited_since(self, id_: str, change: Any) -> bool:
        """Whether a person has touched what the change writes since it was approved."""
        since = self.approved_at.get(id_, 0)
        keys = [change.record, self.reference.made.get((id_, change.id))]
        return any(
            self.touched.get((key, api), 0) > since
            for key in keys
            if key
            for api in ("", *(cell.api for cell in change.cells))
        )

    def _still(self, id_: str) -> bool:
        """Whether nothing has happened since a change set was planned but its own push."""
        since = self.planned_at[id_]
        others = [each for each in self.started if each != id_ and self.pushed_at.get(each, 0) >= since]
        return max(self.touched.values(), default=0) <= since and not others

    def _there(self, change: Any) -> bool:
        """Whether the record holds what the change wants: then writing it shows nothing."""
        if change.action == "delete":
            return not any(change.record in rows for rows in self.seen.values())
        rows = [rows[change.record] for rows in self.seen.values() if change.record in rows]
        return bool(rows) and all(
            plain(rows[0].get(cell.api)) in (plain(cell.after), plain(cell.holds))
            for cell in change.cells
            if not hasattr(cell.after, "change")
        )

    def _judge_links(self) -> None:
        """A record has one partner; a new pair comes of a create, of a rule, or was one before."""
        rows = pairs(self.bench.workspace.store)
        for row in rows:
            mapping, s, q = (str(row[name]) for name in ("mapping", "salesforce_id", "quickbooks_id"))
            if (mapping, s, q) in self.linked:
                continue
            self.linked.add((mapping, s, q))
            if not self._may_be_linked(mapping, s, q):
                self.reference.wrong("link", f"{mapping}: {s} and {q}, by {row['rule']}")
        for side in ("salesforce_id", "quickbooks_id"):
            ends = Counter((row["mapping"], row[side]) for row in rows)
            for end, times in ends.items():
                if times > 1:
                    self.reference.wrong("link", f"{end} is in {times} pairs")

    def _may_be_linked(self, mapping: str, s: str, q: str) -> bool:
        if mapping.endswith(".lines"):
            return True  # within documents that are linked, in some order
        for (id_, change), made in self.reference.made.items():
            known = self.reference.sets[id_].by_id[change]
            if known.mapping == mapping and {made, str(known.source_id)} == {s, q}:
                return True
        rules = RULES[mapping]
        keys = [each for each in rules.fields if each.name in ("name", "number", "quickbooks_id")]
        return any(
            canonical(each, left[rules.salesforce].get(s, {}).get(each.salesforce))
            == canonical(each, right[rules.quickbooks].get(q, {}).get(each.quickbooks))
            is not None
            for left in list(self.truths.values())[-1:]
            for right in list(self.read.values())[-2:]
            for each in keys
        )

    def _judge_diff(self, diff: Diff) -> None:
        left, right = self._truths(diff)
        links = links_of(pairs(self.bench.workspace.store))
        self.reference.agree_on_pushed(self._planned_from, (left, right), links)
        wanted = self.reference.expected(left, right, links)
        table = diff.table[diff.table["kind"] == "field"]
        found = {
            (row.mapping, row.salesforce_id, row.quickbooks_id, row.field): (row.difference, row.resolution)
            for row in table.itertuples()
        }
        for place in sorted(found.keys() | wanted.keys()):
            told, (finding, allowed) = found.get(place, ("", "")), wanted.get(place, ("", {""}))
            if told[0] != finding or told[1] not in allowed:
                self.reference.wrong("diff", f"{place}: {told}, by the rules {finding} {sorted(allowed)}")
        self.reference.agree(left, right, links)
        self._judge_base()

    def _judge_base(self) -> None:
        ends = {
            str(row["pair"]): (str(row["salesforce_id"]), str(row["quickbooks_id"]))
            for row in pairs(self.bench.workspace.store)
        }
        self.pair_ends.update(ends)
        kept = {}
        for row in agreements(self.bench.workspace.store):
            fields = {each.name: each for each in RULES[row["mapping"]].fields}
            for name in row["fields"]:
                each = fields[name]
                kept[row["mapping"], *self.pair_ends[row["pair"]], name] = (
                    canonical(each, row["salesforce"][each.salesforce]),
                    canonical(each, row["quickbooks"][each.quickbooks]),
                )
        wanted = self.reference.base
        for place in sorted(kept.keys() | wanted.keys()):
            if kept.get(place) != wanted.get(place):
                self.reference.wrong("base", f"{place}: {kept.get(place)}, agreed was {wanted.get(place)}")

    def _judge_plan(self, changes: Changes) -> None:
        """Each cell of an update shows what the snapshot of its side holds."""
        assert self.diff_now is not None
        looks = dict(zip(("salesforce", "quickbooks"), self._truths(self.diff_now), strict=True))
        for change in changes.changeset.changes:
            if change.action == "create":
                self._judge_create(change, looks)
                continue
            row = looks[change.side][{"Item": "ItemService"}.get(change.object, change.object)].get(
                str(change.record)
            )
            for cell in change.cells:
                if cell.api and (row is None or plain(row.get(cell.api)) != plain(cell.before)):
                    self.reference.wrong(
                        "plan", f"{change.label} {cell.api}: before {cell.before!r}, is {row}"
                    )

    def _judge_create(self, change: Any, looks: dict[str, Look]) -> None:
        """Nothing is created that may be there already, unless a person has said so."""
        rules = RULES.get(change.mapping)
        if change.hold or rules is None or rules.parent or self.creates_decided:
            return
        other = "quickbooks" if change.side == "salesforce" else "salesforce"
        objects = {"salesforce": rules.salesforce, "quickbooks": rules.quickbooks}
        source = looks[other][objects[other]].get(str(change.source_id), {})
        taken = self._taken(change.mapping, change.side)
        for each in rules.fields:
            if each.name not in ("name", "number", "quickbooks_id"):
                continue
            apis = {"salesforce": each.salesforce, "quickbooks": each.quickbooks}
            wanted = canonical(each, source.get(apis[other]))
            for key, row in looks[change.side][objects[change.side]].items():
                free = key not in taken and (change.side == "quickbooks" or in_scope(change.mapping, row))
                if wanted is not None and free and canonical(each, row.get(apis[change.side])) == wanted:
                    self.reference.wrong("doubled", f"{change.label} would be created, and {key} is there")

    def _taken(self, mapping: str, side: str) -> set[str]:
        """The records of a side that are linked, or that nobody wants to see."""
        store = self.bench.workspace.store
        ignored = [row for row in decisions(store) if row["decision"] in ("ignore", "accept", "refuse")]
        rows = [*pairs(store, mapping), *(row for row in ignored if row["field"] is None)]
        return {str(row[f"{side}_id"]) for row in rows if row["mapping"] == mapping}

    def _planned_from(self, id_: str) -> tuple[Look, Look]:
        header = self.reference.sets[id_].header
        return self._looks(str(header["salesforce"]), str(header["quickbooks"]))

    def _truths(self, diff: Diff) -> tuple[Look, Look]:
        return self._looks(diff.reconciliation.salesforce.id, diff.reconciliation.quickbooks.id)

    def _looks(self, left: str, right: str) -> tuple[Look, Look]:
        return self.truths[left], self.read["pull-" + right.removeprefix("quickbooks-")]

    def _values(self, mapping: str, salesforce: str, quickbooks: str, name: str) -> tuple[Any, Any]:
        assert self.diff_now is not None
        left, right = self._truths(self.diff_now)
        rules = RULES[mapping]
        (each,) = [one for one in rules.fields if one.name == name]
        return (
            canonical(each, left[rules.salesforce][salesforce].get(each.salesforce)),
            canonical(each, right[rules.quickbooks][quickbooks].get(each.quickbooks)),
        )

    def _both_read(self) -> bool:
        history = self.bench.history()
        taken = [str(each) for each in history[history["event"] == "pull"]["subject"]]
        return all(any(each.startswith(side) for each in taken) for side in ("salesforce", "quickbooks"))

    # --- the end ---------------------------------------------------------------------------------

    def settle(self) -> None:
        """Let everything come to rest: carry on, look up what is unknown, decide what is left, push it.

        In the end a new plan must be empty.
        """
        self._note("settle")
        self._finish_pushes()
        refused: set[str] = set()
        resting = False
        for _ in range(8):
            self.pull()
            self.match()
            self.diff()
            if self._decide_all():
                self.diff()
            self.plan()
            changes = self.bench.changes(self.planned[-1])
            planned = changes.changeset.changes
            if not planned:
                break
            if resting:
                self.reference.wrong("convergence", f"that plan was to be the last: {_left(changes)}")
            refused |= {each.id for each in (*changes.held, *changes.returning)}
            if refused & {each.id for each in planned}:
                self._refuse_all(changes, refused)
                resting = False
                continue
            self.approve()
            self.push()
            self._finish_pushes()
            states = {each.id: self.told.get((changes.id, each.id)) for each in planned}
            resting = changes.convergence.ok and set(states.values()) == {"applied"}
            refused |= {id_ for id_, state in states.items() if state == "failed"}
        else:
            self.reference.wrong("diverges", f"still to be written: {_left(changes)}")
        self._judge_rest()

    def _judge_rest(self) -> None:
        assert self.diff_now is not None
        table = self.diff_now.table
        settled = ["accept", "refuse", "ignore", "off", "none"]
        for row in table[~table["resolution"].isin(settled)].itertuples():
            what = f"{row.mapping} {row.label} {row.field}: {row.difference}, {row.resolution} ({row.reason})"
            self.reference.wrong("diverges", f"still to be settled: {what}")

    def _finish_pushes(self) -> None:
        for _ in range(12):
            self.resume()
            if not self.bench.status().pushes:
                return
            self.call()
            self._look_up()
        for id_ in self.bench.status().pushes:
            for row in self.bench.result(id_).rows:
                if row.state not in FINAL and not self._for_a_person(id_, row):
                    self.reference.wrong("stuck", f"{id_} {row.change}: {row.state} ({row.detail})")

    def _for_a_person(self, id_: str, row: Any) -> bool:
        """Whether nothing can tell any more what became of a change: its record was deleted since."""
        keys = (row.record, self.reference.made.get((id_, row.change)))
        return row.state == "unknown" and any(
            self.touched.get((key, "")) and all(key not in rows for rows in self.seen.values())
            for key in keys
            if key
        )

    def _look_up(self) -> None:
        """Settle what is unknown in QuickBooks as a person does who has looked there."""
        engine, company = self.bench.workspace.store.engine, self.systems.profile.quickbooks.company
        for row in queue.requests(engine, company, state="unknown"):
            happened = self.systems.company.done[row.id]
            self._note(f"looked up {row.id}: {happened}")
            queue.resolve(engine, row.id, "applied" if happened else "failed", "seen in QuickBooks")

    def _decide_all(self) -> int:
        """Accept what nobody has decided, ignore records on one side only; answers how many that were."""
        assert self.diff_now is not None
        table = self.diff_now.table
        rows = table[table["resolution"].isin(["undecided", "follows"])]
        for _, row in rows.iterrows():
            self._decide(row, "accept" if row["kind"] == "field" else "ignore", pinned=False)
        return len(rows)

    def _refuse_all(self, changes: Changes, refused: Collection[str]) -> None:
        """Refuse the differences behind changes that cannot be written, or that a system has refused."""
        assert self.diff_now is not None
        held = [change for change in changes.changeset.changes if change.id in refused]
        for _, row in self.diff_now.table.iterrows():
            ends = {row["salesforce_id"], row["quickbooks_id"]}
            for change in held:
                names = {cell.field for cell in change.cells}
                about = change.mapping == row["mapping"] and {change.record, change.source_id} & ends
                if about and (row["kind"] != "field" or row["field"] in names):
                    self._decide(row, "refuse", pinned=False)
                    break

    # --- helpers ---------------------------------------------------------------------------------

    def _one(self, name: str, which: int) -> str:
        return pick(sorted(self.seen[name]), which)

    def _note(self, what: str) -> None:
        self.steps.append(what)


def pick(values: Sequence[T], which: int) -> T:
    """One of some values, by any number."""
    return values[which % len(values)]


def _rows(diff: Diff) -> Rows:
    columns = ["mapping", "salesforce_id", "quickbooks_id", "field"]
    columns += ["difference", "salesforce_value", "quickbooks_value", "resolution"]
    table = diff.table[columns].astype(object).where(diff.table[columns].notna(), None)
    return {tuple(row[:4]): tuple(row[4:]) for row in table.itertuples(index=False, name=None)}


def _ends(changes: Changes, which: Callable[[Any], bool]) -> set[Any]:
    """The records of some changes, and those they were made from."""
    found = [each for each in changes.changeset.changes if which(each)]
    return {key for each in found for key in (each.record, each.source_id) if key}


def _of_lines(changes: Changes) -> list[Any]:
    return [each for each in changes.changeset.changes if each.mapping.endswith(".lines")]


def _left(changes: Changes) -> str:
    return "; ".join(
        f"{each.action} {each.label} {each.values} {each.hold}" for each in changes.changeset.changes[:5]
    )


def _with_parents(changes: Changes, wanted: set[str]) -> set[str]:
    """With what they need; a new document comes with its lines."""
    by_id = {change.id: change for change in changes.changeset.changes}
    lines = [change for change in by_id.values() if change.object == "OpportunityLineItem"]
    found, left = set(), list(wanted)
    while left:
        id_ = left.pop()
        if id_ not in found:
            found.add(id_)
            left.extend(by_id[id_].depends_on)
            if by_id[id_].object == "Opportunity":
                left.extend(line.id for line in lines if line.action == "create" and id_ in line.depends_on)
    return found


def _equal(one: Any, other: Any) -> bool:
    return bool(one == other) or (pd.isna(one) and pd.isna(other))


@contextmanager
def _one_thread() -> Iterator[None]:
    """DuckDB on one thread: tables of ten rows are slower on several."""
    connect = duckdb.connect

    def connected(*arguments: Any, **keywords: Any) -> duckdb.DuckDBPyConnection:
        connection = connect(*arguments, **keywords)
        connection.execute("SET threads = 1")
        return connection

    duckdb.connect = connected
    try:
        yield
    finally:
        duckdb.connect = connect


@contextmanager
def running_world() -> Iterator[World]:
    """A new world, pulled nothing yet."""
    os.environ.setdefault("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    quick = {(salesforce_session, "FIRST_WAIT_SECONDS"): 0.002, (salesforce_bulk, "FIRST_POLL_SECONDS"): 0.02,
             (writer, "FIRST_WAIT_SECONDS"): 0.01}  # fmt: skip
    with ExitStack() as stack:
        for (module, name), value in quick.items():
            stack.callback(setattr, module, name, getattr(module, name))
            setattr(module, name, value)
        stack.enter_context(_one_thread())
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="model-")))
        systems = stack.enter_context(running_systems(folder))
        world = World(systems, Process(systems.profile.folder), systems.look())
        stack.callback(lambda: world.process.close())
        yield world
