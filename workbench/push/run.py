"""Carry out an approved change set, step by step, safe to be interrupted between any two of them.

A large set goes in two stages: canaries first, one of each kind with what it needs; when they are read back
and are what the plan has foretold, the rest.  Before each sending it is asked again whether anything may be
sent: by the approval and its key, by the expiry, by a person who cancels, and by what has become of the
changes so far.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from workbench.approval import (
    Approval,
    approvers,
    check_approval,
    check_content,
    check_signature,
    expired,
    extent,
    latest_approval,
    use,
)
from workbench.changes import Change, ChangeSet, read_changeset
from workbench.errors import ApprovalError, MappingError, PlanError, Problems, PushError
from workbench.ledger import (
    OutcomeRow,
    append,
    begin,
    begin_push,
    count_outcomes,
    finish_push,
    load_changeset,
    move_push,
    open_changesets,
    outcome_states,
    outcomes,
    push_row,
    settle,
    unfinished_pushes,
)
from workbench.ledger.pushes import ALL, CANARIES
from workbench.model import Mapping as FieldMapping
from workbench.model import Side
from workbench.push import aftermath
from workbench.push.breaker import taken, why_stop
from workbench.push.elsewhere import made_elsewhere
from workbench.push.linking import link
from workbench.push.quickbooks import queue_writes, settle_answers
from workbench.push.ready import orphans, ready, waiting_lines
from workbench.push.salesforce import SalesforceWriter
from workbench.push.stages import canaries, first_canaries
from workbench.push.stopping import clear, stop
from workbench.snapshots import newest
from workbench.validate import require_valid
from workbench.workspace import Workspace

OPEN_STATES = ("waiting", "unknown")

KEEP_SECONDS = 30.0
"""How long the Web Connector is asked to stay while the answers of canaries are looked at."""

PUSHER = "push"
"""Who stops a push where no person does."""

Rows = Mapping[str, OutcomeRow]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How far a push is: changes by outcome.

    Attributes:
        moved: Whether the call that answers this has changed anything.
    """

    counts: Mapping[str, int]
    moved: bool = False

    @property
    def waiting(self) -> int:
        return self.counts.get("waiting", 0)

    @property
    def open(self) -> int:
        return sum(self.counts.get(state, 0) for state in OPEN_STATES)

    @property
    def total(self) -> int:
        return sum(self.counts.values())


def start(workspace: Workspace, changeset: ChangeSet, by: str) -> Approval:
    """Use up the approval and write an outcome for every approved change; sends nothing yet.

    Raises:
        ApprovalError: Unapproved, changed, not signed by an approver of now, used up, expired, beyond its
            limits, or approved by its author where the profile asks for another one.
        Problems: The profile is not valid; the approval stays good for when it is.
    """
    store = workspace.store
    approval = permitted(workspace, changeset)
    require_valid(workspace, "a push")
    approved = [changeset.by_id[id_] for id_ in approval.changes if id_ in changeset.by_id]
    if len(approved) != len(approval.changes):
        raise PushError("the approval names changes that are not in the change set", where=changeset.id)
    stage = CANARIES if first_canaries(changeset, approval.changes) else ALL
    detail = {"changes": len(approved), "approval": approval.id}
    with store.write() as connection:
        use(connection, approval)
        elsewhere = made_elsewhere(connection, store, changeset, approved)
        begin(connection, [_outcome(changeset, each, elsewhere.get(each.id, each.hold)) for each in approved])
        begin_push(connection, changeset.id, stage, by)
        append(connection, who=by, event="push", subject=changeset.id, detail=detail)
    return approval


def permitted(workspace: Workspace, changeset: ChangeSet) -> Approval:
    """Answer the approval by which a push of this very content may begin now; writes nothing.

    Raises:
        ApprovalError: See `start`.
    """
    store = workspace.store
    approval = latest_approval(store, changeset.id)
    approved = [
        changeset.by_id[id_] for id_ in (approval.changes if approval else ()) if id_ in changeset.by_id
    ]
    return check_approval(
        approval,
        approvers(store, workspace.own_keys),
        changeset=changeset.id,
        content_hash=changeset.content_hash,
        does=extent(approved),
        author=author_of(workspace, changeset.id) if approval else None,
    )


def author_of(workspace: Workspace, changeset: str) -> str | None:
    """Who made a change set, where the profile asks for another one to approve it; else None."""
    if not workspace.profile.approval.four_eyes:
        return None
    return str(load_changeset(workspace.store, changeset)["made_by"])


def advance(workspace: Workspace, changeset_id: str) -> Tally:
    """Send what is ready and settle what was answered, until nothing moves any more.

    Raises:
        ConnectionProblem: Salesforce cannot be reached; what was settled stays so, the rest waits.
        ApprovalError, PlanError, PushError: What the store holds is not what was approved; the push is
            stopped, and nothing more is sent.
    """
    try:
        changeset = _approved(workspace, changeset_id)
    except (ApprovalError, PlanError, PushError) as error:
        # What was queued before must not go either, by whatever the store says now.
        stop(workspace, changeset_id, f"{error.what}; nothing more was sent", by=PUSHER)
        raise
    push = _Push(workspace, changeset)
    first = before = push.states()
    while True:
        push.round()
        after = push.states()
        if after == before:
            break
        before = after
    found = tally(workspace, changeset.id)
    if not found.open:
        finish_push(workspace.store, changeset.id)
    return replace(found, moved=after != first)


def _approved(workspace: Workspace, changeset_id: str) -> ChangeSet:
    """The change set, if it is the very one that was approved."""
    changeset = _read(load_changeset(workspace.store, changeset_id)["content"])
    approval = latest_approval(workspace.store, changeset_id)
    check_content(approval, changeset=changeset_id, content_hash=changeset.content_hash)
    # The id follows from the content: what was pushed once is not pushed again under another one's name.
    if changeset.id != changeset_id:
        raise PushError("the id of this change set is not that of its content", where=changeset_id)
    return changeset


def tally(workspace: Workspace, changeset_id: str) -> Tally:
    """Answer how far a push is."""
    return Tally(counts=count_outcomes(workspace.store, changeset_id))


def unsettled(workspace: Workspace) -> list[str]:
    """Answer the change sets for which something is left to do: those with changes waiting or unknown too."""
    return list(dict.fromkeys([*unfinished_pushes(workspace.store), *open_changesets(workspace.store)]))


def _outcome(changeset: ChangeSet, change: Change, hold: str) -> OutcomeRow:
    return OutcomeRow(
        changeset=changeset.id,
        change=change.id,
        state="skipped" if hold else "waiting",
        side=change.side,
        mapping=change.mapping,
        source_id=change.source_id,
        record=change.record,
        detail=hold or None,
    )


# A worker asks many times a minute, and reading a large change set takes longer than all that it then does.
@lru_cache(maxsize=4)
def _read(content: str) -> ChangeSet:
    return read_changeset(content)


@dataclass(frozen=True, slots=True)
class _Push:
    """One change set that is being pushed."""

    workspace: Workspace
    changeset: ChangeSet

    def rows(self) -> dict[str, OutcomeRow]:
        return {row.change: row for row in outcomes(self.workspace.store, self.changeset.id)}

    def states(self) -> object:
        """What is compared to tell whether anything has moved."""
        return outcome_states(self.workspace.store, self.changeset.id)

    def round(self) -> None:
        """Settle what was answered, then send what may be sent now."""
        approval = self._approval()
        withdrawn = self._withdrawn(approval)
        broken = settle_answers(self.workspace.queue, self.workspace.store, self.changeset, self.rows())
        rows = self._without_orphans(self.rows())
        link(self.workspace.store, self.changeset, rows)
        aftermath.follow(self.workspace, self.changeset, rows)
        if reason := self._stopped() or withdrawn or broken or self._surprise(rows):
            stop(self.workspace, self.changeset.id, reason, by=PUSHER)
            self._keep_connector(False)
            self._recover(rows)
        else:
            self._send(approval, rows)

    def _without_orphans(self, rows: dict[str, OutcomeRow]) -> dict[str, OutcomeRow]:
        """The outcomes, those settled as skipped that wait for what will never be applied."""
        found = list(orphans(self.changeset, rows))
        for change, reason in found:
            settle(self.workspace.store, self.changeset.id, change.id, "skipped", detail=reason)
        return self.rows() if found else rows

    # --- whether anything may be sent -------------------------------------------------------------------

    def _approval(self) -> Approval:
        approval = latest_approval(self.workspace.store, self.changeset.id)
        return check_content(approval, changeset=self.changeset.id, content_hash=self.changeset.content_hash)

    def _withdrawn(self, approval: Approval) -> str | None:
        """Why nothing more may be sent by this approval; None while it holds."""
        try:
            check_signature(approval, approvers(self.workspace.store, self.workspace.own_keys))
        except ApprovalError as error:
            return f"{error.what}; nothing more was sent"
        if expired(approval):
            until = f"{approval.expires_at:%Y-%m-%d %H:%M} UTC"
            return f"the approval expired on {until} before this could be sent"
        return None

    def _stopped(self) -> str | None:
        row = push_row(self.workspace.store, self.changeset.id)
        return None if row is None else row.stopped

    def _stage(self) -> str:
        row = push_row(self.workspace.store, self.changeset.id)
        return ALL if row is None else row.stage

    def _surprise(self, rows: Rows) -> str | None:
        failed = [row for row in rows.values() if row.state == "failed"]
        applied = sum(row.state == "applied" for row in rows.values())
        return self._why_stop(failed, applied) or (
            taken(self.changeset, rows.values()) if self._stage() == CANARIES else None
        )

    def _why_stop(self, failed: list[OutcomeRow], applied: int) -> str | None:
        percent = self.workspace.profile.push.stop_percent
        return why_stop(self.changeset, failed, applied, self._stage(), percent)

    def _go_on(self) -> bool:
        """Whether the next request of a round may still go: asked before each of them."""
        store, id_ = self.workspace.store, self.changeset.id
        if self._stopped() or self._withdrawn(self._approval()):
            return False
        failed = outcomes(store, id_, states=("failed",))
        return not failed or not self._why_stop(failed, count_outcomes(store, id_).get("applied", 0))

    # --- sending -------------------------------------------------------------------------------------------

    def _send(self, approval: Approval, rows: Rows) -> None:
        if self._stage() == CANARIES:
            rows = self._recover(rows)
            found = canaries(self.changeset, rows)
            if not found.done:
                self._keep_connector(
                    bool(self._write_quickbooks(approval, rows, found.next) or found.awaited)
                )
                self._write_salesforce(rows, found.next)
                return
            with self.workspace.store.write() as connection:
                move_push(connection, self.changeset.id, ALL)
        self._write_quickbooks(approval, rows, self.changeset.by_id)
        self._keep_connector(False)
        self._write_salesforce(self._recover(rows), self.changeset.by_id)

    def _write_quickbooks(self, approval: Approval, rows: Rows, going: Collection[str]) -> int:
        """Queue what may be queued, and answer how much that is.

        Parents in QuickBooks may still be waiting: the queue keeps the order.
        """
        queued = {id_ for id_, row in rows.items() if row.request}
        changes = []
        for change in self.changeset.changes:
            row = rows.get(change.id)
            if change.side != Side.QUICKBOOKS or row is None or row.state != "waiting" or row.request:
                continue
            parents = change.depends_on
            if change.id in going and all(
                each in queued or rows[each].state == "applied" for each in parents
            ):
                changes.append(change)
                queued.add(change.id)
        if changes:
            store, queue = self.workspace.store, self.workspace.queue
            queue_writes(queue, store, self.changeset, changes, rows, approval.expires_at)
            if reason := self._stopped():  # a person has cancelled it meanwhile
                clear(self.workspace, self.changeset.id, reason)
        return len(changes)

    def _recover(self, rows: Rows) -> Rows:
        """Find out what became of changes that were sent to Salesforce and not answered."""
        lost = [
            self.changeset.by_id[row.change]
            for row in rows.values()
            if row.side == Side.SALESFORCE and row.state == "unknown"
        ]
        if not lost:
            return rows
        self._writer(rows, ()).recover(lost)
        return self.rows()

    def _write_salesforce(self, rows: Rows, going: Collection[str]) -> None:
        changes = [each for each in ready(self.changeset, rows, Side.SALESFORCE) if each.id in going]
        if changes:
            writer = self._writer(rows, changes, going)
            writer.write(sorted(changes, key=lambda change: (change.action, change.object)))

    def _writer(
        self, rows: Rows, changes: Collection[Change], going: Collection[str] = ()
    ) -> SalesforceWriter:
        mine = {id_: row for id_, row in rows.items() if id_ in going or row.state != "waiting"}
        describes = newest(self.workspace.store, Side.SALESFORCE).describes
        return SalesforceWriter(
            store=self.workspace.store,
            connection=self.workspace.salesforce(),
            changeset=self.changeset,
            rows=rows,
            external_ids=_external_ids(describes),
            lines=waiting_lines(self.changeset, mine, changes),
            mapped=_mapped(self.workspace, describes),
            go_on=self._go_on,
        )

    # --- around it ------------------------------------------------------------------------------------------

    def _keep_connector(self, stay: bool) -> None:
        """Have the Web Connector stay while canaries are looked at, so that the rest goes in its session."""
        now, asked = time.monotonic(), self.workspace.asked_to_stay
        if stay and (asked is None or now - asked > KEEP_SECONDS / 3):
            self.workspace.asked_to_stay = now
            self.workspace.queue.keep_waiting(KEEP_SECONDS)
        elif not stay and asked is not None:
            self.workspace.asked_to_stay = None
            self.workspace.queue.keep_waiting(0)


def _mapped(workspace: Workspace, describes: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    """The fields of Salesforce that mappings read, by object, as far as the org has them.

    A mapping that breaks while a push goes on does not keep it from its end: less is read back then.
    """
    mappings: dict[str, FieldMapping] = {}
    with suppress(MappingError, Problems):
        mappings = workspace.in_use()
    named: dict[str, set[str]] = {}
    for mapping in mappings.values():
        for each in filter(None, (mapping, mapping.lines)):
            for name in (name for one in each.fields for name in one.api(Side.SALESFORCE)):
                head, dot, tail = name.partition(".")
                named.setdefault(head if dot else each.salesforce.object, set()).add(tail if dot else name)
    return {
        name: frozenset(names & {field["name"] for field in describes[name]["fields"]})
        for name, names in named.items()
        if name in describes
    }


def _external_ids(describes: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    return {
        name: frozenset(
            field["name"] for field in described["fields"] if field.get("externalId") and field.get("unique")
        )
        for name, described in describes.items()
    }
