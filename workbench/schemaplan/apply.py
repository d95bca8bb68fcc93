"""Have QuickBooks make the approved parts of a schema plan: once, and never anything else.

    start    checks the approval and writes a step for each item, before anything is sent
    advance  asks QuickBooks whether an item is there, queues what is not, and settles what was answered

`advance` may be interrupted anywhere and called by any process: the ids of its requests follow from the
step, and a request that is in the queue is not queued again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from workbench.connections.quickbooks import Answered, write_requests
from workbench.errors import ApprovalError, WorkbenchError
from workbench.ledger import Step, begin_steps, latest_steps, note_step, record, settle_step, steps
from workbench.ledger.schemaplans import OPEN
from workbench.model import Side
from workbench.schemaplan import requests
from workbench.schemaplan.approving import Approved, approved_plan, need_approval, need_signature
from workbench.schemaplan.model import Item, SchemaPlan
from workbench.snapshots import newest
from workbench.workspace import Workspace

KEEP_SECONDS = 15.0
"""How long the Web Connector is asked to stay while a waiting process queues the next step."""

_WAITING = ("queued", "sent")


def to_make(workspace: Workspace, plan: SchemaPlan, approved: Approved) -> list[Item]:
    """The approved items for QuickBooks that are still to be made, parents first.

    One that was made after the last snapshot began is there already; the next pull shows it.
    """
    since = newest(workspace.store, Side.QUICKBOOKS).started_at
    made = {
        id_
        for id_, step in latest_steps(workspace.store).items()
        if step.state == "applied" and step.settled_at is not None and step.settled_at > since
    }
    mine = [item for item in plan.on(Side.QUICKBOOKS) if item in approved and not item.hold]
    return [item for item in mine if item.id not in made]


def start(workspace: Workspace, plan: SchemaPlan, by: str) -> list[Item]:
    """Write a step for each approved item; answers those that were begun.  Sends nothing yet.

    Raises:
        ApprovalError: Nobody has approved it, it expired, or it was changed since.
    """
    approved = need_approval(workspace, plan)
    items = {item.id: item for item in to_make(workspace, plan, approved)}
    id_, until = approved.plan.id, approved.approval.expires_at
    begun = begin_steps(workspace.store, id_, items, until)
    if begun:
        detail = {"changes": len(begun), "approval": approved.approval.id}
        record(workspace.store, who=by, event="apply schema", subject=id_, detail=detail)
    return [items[each] for each in begun]


def advance(workspace: Workspace) -> bool:
    """Carry every open step on as far as it goes now; answers whether anything moved."""
    moved = False
    while any(_Round(workspace).carry_on(step) for step in _open(workspace)):
        moved = True
    return moved


def open_steps(workspace: Workspace) -> list[Step]:
    """The steps that wait for an answer, or for a person to say what became of them."""
    return steps(workspace.store, states=OPEN)


def _open(workspace: Workspace) -> Iterable[Step]:
    return sorted(open_steps(workspace), key=lambda step: (step.written_at, step.item))


@dataclass
class _Round:
    """One look at one step."""

    workspace: Workspace

    def carry_on(self, step: Step) -> bool:
        """Do the next thing for a step; answers whether there was one."""
        try:
            item = self._approved_item(step)
        except WorkbenchError as error:
            return self._settle(step, "failed", f"{error.what}; nothing was sent")
        if step.request is not None:
            return self._settle_answer(step, item, self._answer(step.request))
        if step.look is None:
            return self._look(step, item)
        return self._decide(step, item, self._answer(step.look))

    def _approved_item(self, step: Step) -> Item:
        approved = approved_plan(self.workspace.store, step.plan)
        item = approved.plan.by_id.get(step.item)
        # Once it is queued its approval was there; taking it back later changes nothing.
        if step.request is None:
            need_signature(self.workspace, approved)
        if item is None or (item not in approved and step.request is None):
            raise ApprovalError("it is not approved any more", where=step.plan)
        return item

    def _answer(self, request: str) -> Answered | None:
        return self.workspace.queue.answers([request]).get(request)

    def _look(self, step: Step, item: Item) -> bool:
        id_ = requests.look_id(step.item, step.attempt)
        if self._answer(id_) is None:
            requests.look(self.workspace.queue, item, id_)
        note_step(self.workspace.store, step, look=id_)
        return True

    def _decide(self, step: Step, item: Item, answered: Answered | None) -> bool:
        """There already, there otherwise, or to be made."""
        if answered is None or answered.state in _WAITING:
            return False
        if answered.state != "answered":
            return self._settle(step, "failed", f"QuickBooks could not be asked for it: {answered.text}")
        found = self._found(item, answered)
        if found is not None:
            wrong = requests.differing(item, found)
            if wrong:
                return self._settle(step, "failed", f"it is there already, but otherwise: {wrong}")
            return self._settle(step, "applied", "it was there already; nothing was sent")
        return self._write(step, item)

    def _found(self, item: Item, answered: Answered) -> Mapping[str, Any] | None:
        if not answered.records:
            return None
        records = (each.fields for each in self.workspace.queue.records(answered.id))
        return next((each for each in records if requests.same_item(item, each)), None)

    def _write(self, step: Step, item: Item) -> bool:
        known = latest_steps(self.workspace.store)
        above = [known[id_] for id_ in item.after if id_ in known]
        if any(each.state == "waiting" and each.request is None for each in above):
            return False
        if lost := [each for each in above if each.state == "failed"]:
            return self._settle(step, "failed", f"what it belongs to was not made: {lost[0].detail}")
        if datetime.now(UTC) >= step.not_after:
            until = f"{step.not_after:%Y-%m-%d %H:%M} UTC"
            return self._settle(step, "failed", f"the approval expired on {until} before this could be sent")
        id_ = requests.request_id(step.item, step.attempt)
        if self._answer(id_) is None:
            parents = [each.request for each in above if each.state != "applied" and each.request]
            keywords = requests.as_request(item, id_, step.plan, step.not_after, parents)
            self.workspace.queue.queue_writes(write_requests([keywords]))
        note_step(self.workspace.store, step, request=id_)
        return True

    def _settle_answer(self, step: Step, item: Item, answered: Answered | None) -> bool:
        if answered is None or answered.state in _WAITING:
            return False
        code = f"{answered.status_code}: " if answered.status_code else ""
        match answered.state:
            case "answered":
                wrong = requests.differing(item, answered.record) if answered.record else ""
                if wrong:
                    return self._settle(step, "failed", f"QuickBooks made it otherwise: {wrong}")
                return self._settle(step, "applied", "made by QuickBooks")
            case "unknown":
                return self._look_again(step, item, answered)
        return self._settle(step, "failed", code + answered.text)

    def _look_again(self, step: Step, item: Item, lost: Answered) -> bool:
        """Its answer was lost, and what the server found was not what it had sent: a later look decides.

        QuickBooks does one thing after the other: what a later session does not find was not made.
        """
        if step.state != "unknown":
            return self._settle(step, "unknown", lost.text or "sent, and no answer came")
        id_ = requests.again_id(step.item, step.attempt)
        answered = self._answer(id_)
        if answered is None:
            requests.look(self.workspace.queue, item, id_)
            return True
        if answered.state != "answered":
            return False
        found = self._found(item, answered)
        if found is None:
            return self._settle(step, "failed", "its answer was lost, and QuickBooks does not hold it")
        wrong = requests.differing(item, found)
        if wrong:
            return self._settle(step, "failed", f"its answer was lost; it is there, but otherwise: {wrong}")
        return self._settle(step, "applied", "its answer was lost; it was found in QuickBooks")

    def _settle(self, step: Step, state: str, detail: str) -> bool:
        return settle_step(self.workspace.store, step, state, detail)
