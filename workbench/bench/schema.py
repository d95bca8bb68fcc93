"""The schema plan as an analyst handles it: look at every item, approve, have it made, hand it out."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from workbench import schemaplan
from workbench.approval import Approval
from workbench.bench.changes import approver
from workbench.bench.display import counted, html, user
from workbench.bench.pushing import DryRun
from workbench.errors import Problem
from workbench.ledger import Step, latest_steps
from workbench.ledger.schemaplans import OPEN
from workbench.model import Side
from workbench.push.preview import Request
from workbench.schemaplan import Item, SchemaPlan
from workbench.schemaplan.apply import KEEP_SECONDS
from workbench.worker import work_until

if TYPE_CHECKING:
    from workbench.bench.bench import Bench

COLUMNS = ("item", "side", "what", "wanted by", "where", "needed", "without it", "state", "detail")
_NO_ENTITY = {"custom field": "DataExtDef", "account": "Account"}


@dataclass(frozen=True)
class Applied:
    """What became of the items that were to be made in QuickBooks, so far."""

    plan: str
    items: Sequence[Item]
    steps: Mapping[str, Step]

    @cached_property
    def counts(self) -> Mapping[str, int]:
        """Items by outcome."""
        found: dict[str, int] = {}
        for step in self.steps.values():
            found[step.state] = found.get(step.state, 0) + 1
        return found

    @property
    def finished(self) -> bool:
        """Whether no item is waiting or unknown."""
        return not any(step.state in OPEN for step in self.steps.values())

    @property
    def table(self) -> pd.DataFrame:
        """One row an item: outcome, what, what QuickBooks said."""
        rows = [
            {"outcome": self.steps[item.id].state, "item": item.id, "what": item.label,
             "detail": self.steps[item.id].detail or ""}
            for item in self.items
            if item.id in self.steps
        ]  # fmt: skip
        return pd.DataFrame(rows, columns=["outcome", "item", "what", "detail"])

    def summary(self) -> str:
        return f"schema plan {self.plan}: {counted(dict(self.counts))}"

    def _repr_html_(self) -> str:
        return html(self.summary(), self.table)


@dataclass
class Schema:
    """A schema plan: what mappings want and a system does not have.

    Attributes:
        plan: The value itself, as it is kept and hashed.
    """

    bench: Bench
    plan: SchemaPlan

    @property
    def id(self) -> str:
        return self.plan.id

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What stands in the way and needs a person."""
        return self.plan.problems

    @property
    def table(self) -> pd.DataFrame:
        """One row an item, with who wants it, what is lost without it, and how far it is."""
        store = self.bench.workspace.store
        approved, latest = schemaplan.newest_approval(store), latest_steps(store)
        rows = []
        for item in self.plan.items:
            signed = approved is not None and item in approved
            rows.append(_row(item, signed, latest.get(item.id)))
        return pd.DataFrame(rows, columns=list(COLUMNS))

    def blocks(self, width: int = 100, everything: bool = False) -> str:
        """The items as text, a block each; with `everything` every use with its file and line."""
        states = self.table.set_index("item")
        told = [
            schemaplan.block(
                item,
                str(states.at[item.id, "state"]),
                str(states.at[item.id, "detail"]),
                width=width,
                everything=everything,
            )
            for item in self.plan.items
        ]
        return "\n\n".join([str(self), *told])

    def approve(self, by: str | None = None, only: Iterable[str] = ()) -> Approval:
        """Approve the plan, or only some of its items (by id or name) with what they need.

        Raises:
            ApprovalError: It is empty, has changed since it was shown, or an item is held.
            UsageProblem: The name is empty, or there is no such item.
        """
        workspace = self.bench.workspace
        who = approver(workspace, by)
        today = schemaplan.schema_plan(workspace)
        schemaplan.need_same(self.plan, today)
        return schemaplan.approve_plan(workspace, today, by=who, only=only)

    def preview(self) -> DryRun:
        """The exact requests for QuickBooks: of the approved items, or of all that could be."""
        approved = schemaplan.newest_approval(self.bench.workspace.store)
        if approved is not None and any(item in approved for item in self.plan.items):
            items = schemaplan.to_make(self.bench.workspace, self.plan, approved)
        else:
            items = [item for item in self.plan.on(Side.QUICKBOOKS) if not item.hold]
        return DryRun(self.id, [_request(item) for item in items])

    def apply(
        self, execute: bool = False, *, wait: float | None = None, by: str | None = None
    ) -> DryRun | Applied:
        """Have QuickBooks make what is approved; without `execute` show exactly what would be sent.

        Args:
            wait: Minutes to wait for QuickBooks' answers; the profile's `wait_minutes` without it.

        Raises:
            ApprovalError: Nobody has approved it, it expired, or it was changed since.
        """
        return self.execute(wait=wait, by=by) if execute else self.preview()

    def execute(self, *, wait: float | None = None, by: str | None = None) -> Applied:
        """Have QuickBooks make what is approved, once, and wait for its answers."""
        workspace = self.bench.workspace
        minutes = workspace.profile.quickbooks.wait_minutes if wait is None else wait
        today = schemaplan.schema_plan(workspace)
        schemaplan.start(workspace, today, by or user())
        work_until(
            workspace,
            lambda: None if _waits(self.bench) else True,
            seconds=minutes * 60,
            progress=_keep_connector(self.bench),
        )
        return self.result()

    def result(self) -> Applied:
        """What has become so far of the items that were to be made."""
        latest = latest_steps(self.bench.workspace.store)
        approved = schemaplan.newest_approval(self.bench.workspace.store)
        plan = self.plan if approved is None else approved.plan
        items = [item for item in plan.on(Side.QUICKBOOKS) if item.id in latest]
        return Applied(plan.id, items, {item.id: latest[item.id] for item in items})

    def package(self, target: str | Path) -> list[str]:
        """Write the approved Salesforce items for the administrator, into a new folder or `.zip` file.

        Answers the paths within it.

        Raises:
            ApprovalError: Nobody has approved it, it expired, or it was changed since.
            WorkbenchError: Nothing of it is for Salesforce, or there is such a file already.
        """
        workspace = self.bench.workspace
        approved = schemaplan.need_approval(workspace, self.plan)
        items = [item for item in self.plan.items if item in approved]
        files = schemaplan.package_files(
            items,
            plan=approved.plan.id,
            profile=workspace.profile.name,
            approver=approved.approval.approver,
        )
        schemaplan.write_package(files, Path(target))
        return list(files)

    def _repr_html_(self) -> str:
        told = "".join(f"<p>{_html_of(problem)}</p>" for problem in self.problems)
        return html(str(self), self.table) + told

    def __str__(self) -> str:
        kinds: dict[str, int] = {}
        for item in self.plan.items:
            kinds[item.kind] = kinds.get(item.kind, 0) + 1
        shown = counted({f"{name}{'' if count == 1 else 's'}": count for name, count in kinds.items()})
        return f"Schema plan {self.id}: {shown} to make; {len(self.problems) or 'nothing'} in the way"


def _html_of(problem: Problem) -> str:
    """A problem as HTML, its lines kept."""
    return escape(str(problem)).replace("\n", "<br>")


def schema_of(bench: Bench, *, shown: bool) -> Schema:
    """The plan for the profile as it is now, kept as one that a person looks at if it is."""
    plan = schemaplan.schema_plan(bench.workspace)
    if shown:
        schemaplan.show(bench.workspace.store, plan, user())
    return Schema(bench, plan)


def _row(item: Item, signed: bool, step: Step | None) -> dict[str, Any]:
    state, detail = ("approved", "") if signed else ("held", item.hold) if item.hold else ("", item.note)
    if step is not None:
        state, detail = step.state, step.detail or ""
    wanted = dict.fromkeys(
        f"{each.mapping}: {', '.join(each.states)} ({each.role} {each.name})" for each in item.reasons
    )
    return {
        "item": item.id,
        "side": item.side.label,
        "what": item.label,
        "wanted by": "; ".join(wanted),
        "where": ", ".join(dict.fromkeys(each.where for each in item.reasons)),
        "needed": "no" if item.optional else "yes",
        "without it": "; ".join(dict.fromkeys(each.without for each in item.reasons)),
        "state": state,
        "detail": detail,
    }


def _waits(bench: Bench) -> bool:
    """Whether an answer of QuickBooks is waited for; one that is unknown waits for a person."""
    return any(step.state == "waiting" for step in schemaplan.open_steps(bench.workspace))


def _request(item: Item) -> Request:
    return Request(
        change=item.id,
        side=item.side,
        object=_NO_ENTITY[item.kind],
        action="create",
        label=item.name,
        text=schemaplan.qbxml_of(item),
    )


def _keep_connector(bench: Bench) -> Any:
    """Progress that asks the Web Connector to stay while what it has answered is looked at."""
    asked = [0.0]

    def progress() -> None:
        looking = any(step.request is None for step in schemaplan.open_steps(bench.workspace))
        if looking and time.monotonic() - asked[0] > KEEP_SECONDS / 3:
            asked[0] = time.monotonic()
            bench.workspace.queue.keep_waiting(KEEP_SECONDS)
        elif not looking and asked[0]:
            asked[0] = 0.0
            bench.workspace.queue.keep_waiting(0)

    return progress
