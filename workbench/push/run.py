"""Carry out an approved change set, step by step, safe to be interrupted between any two of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from workbench.approval import Approval, check_approval, check_content, expired, latest_approval, use
from workbench.changes import Change, ChangeSet, read_changeset
from workbench.crosswalk import Pair, confirm
from workbench.errors import PushError
from workbench.ledger import OutcomeRow, begin, load_changeset, outcomes, record, settle
from workbench.model import Side
from workbench.push import aftermath
from workbench.push.quickbooks import queue_writes, settle_answers
from workbench.push.ready import orphans, ready, waiting_lines
from workbench.push.salesforce import SalesforceWriter
from workbench.snapshots import newest
from workbench.validate import require_valid
from workbench.workspace import Workspace

OPEN_STATES = ("waiting", "unknown")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How far a push is: changes by outcome."""

    counts: Mapping[str, int]

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
        ApprovalError: Unapproved, changed, expired or used up.
        Problems: The profile is not valid; the approval stays good for when it is.
    """
    store = workspace.store
    approval = latest_approval(store, changeset.id)
    approval = check_approval(approval, changeset=changeset.id, content_hash=changeset.content_hash)
    require_valid(workspace, "a push")
    approved = [changeset.by_id[id_] for id_ in approval.changes if id_ in changeset.by_id]
    if len(approved) != len(approval.changes):
        raise PushError("the approval names changes that are not in the change set", where=changeset.id)
    with store.write() as connection:
        use(connection, approval)
        begin(connection, [_outcome(changeset, change) for change in approved])
    record(
        store,
        who=by,
        event="push",
        subject=changeset.id,
        detail={"changes": len(approved), "approval": approval.id},
    )
    return approval


def advance(workspace: Workspace, changeset_id: str) -> Tally:
    """Send what is ready and settle what was answered, until nothing moves any more.

    Raises:
        ConnectionProblem: Salesforce cannot be reached; what was settled stays so, the rest waits.
        ApprovalError: What the store holds is not what was approved; nothing is sent.
    """
    store = workspace.store
    changeset = read_changeset(load_changeset(store, changeset_id)["content"])
    approval = latest_approval(store, changeset_id)
    approval = check_content(approval, changeset=changeset_id, content_hash=changeset.content_hash)
    before: dict[str, str | None] = {}
    while True:
        settle_answers(workspace.queue, store, changeset, _rows(workspace, changeset))
        _link(workspace, changeset)
        for change, reason in list(orphans(changeset, _rows(workspace, changeset))):
            settle(store, changeset.id, change.id, "skipped", detail=reason)
        _write_quickbooks(workspace, changeset, approval)
        _write_salesforce(workspace, changeset, approval)
        _link(workspace, changeset)
        after = {row.change: row.state for row in outcomes(store, changeset.id)}
        if after == before:
            return tally(workspace, changeset.id)
        before = dict(after)


def tally(workspace: Workspace, changeset_id: str) -> Tally:
    """Answer how far a push is."""
    return Tally(counts=dict(Counter(row.state for row in outcomes(workspace.store, changeset_id))))


def unsettled(workspace: Workspace) -> list[str]:
    """Answer the change sets that have changes waiting or unknown."""
    return list(dict.fromkeys(row.changeset for row in outcomes(workspace.store, states=OPEN_STATES)))


def _outcome(changeset: ChangeSet, change: Change) -> OutcomeRow:
    return OutcomeRow(
        changeset=changeset.id,
        change=change.id,
        state="skipped" if change.hold else "waiting",
        side=change.side,
        mapping=change.mapping,
        source_id=change.source_id,
        record=change.record,
        detail=change.hold or None,
    )


def _rows(workspace: Workspace, changeset: ChangeSet) -> dict[str, OutcomeRow]:
    return {row.change: row for row in outcomes(workspace.store, changeset.id)}


def _write_quickbooks(workspace: Workspace, changeset: ChangeSet, approval: Approval) -> None:
    """Queue what may be queued: parents in QuickBooks may still be waiting, the queue keeps the order."""
    rows = _rows(workspace, changeset)
    queued = {id_ for id_, row in rows.items() if row.request}
    changes = []
    for change in changeset.changes:
        row = rows.get(change.id)
        if change.side != Side.QUICKBOOKS or row is None or row.state != "waiting" or row.request:
            continue
        if all(parent in queued or rows[parent].state == "applied" for parent in change.depends_on):
            changes.append(change)
            queued.add(change.id)
    if changes:
        queue_writes(workspace.queue, workspace.store, changeset, changes, rows, approval.expires_at)


def _write_salesforce(workspace: Workspace, changeset: ChangeSet, approval: Approval) -> None:
    rows = _rows(workspace, changeset)
    lost = [
        changeset.by_id[row.change]
        for row in rows.values()
        if row.side == Side.SALESFORCE and row.state == "unknown"
    ]
    changes = ready(changeset, rows, Side.SALESFORCE)
    if expired(approval):
        reason = f"the approval expired on {approval.expires_at:%Y-%m-%d %H:%M} UTC before this could be sent"
        for change in changes:
            settle(workspace.store, changeset.id, change.id, "skipped", detail=reason)
        changes = []
    if not (lost or changes):
        return
    writer = SalesforceWriter(
        store=workspace.store,
        connection=workspace.salesforce(),
        changeset=changeset,
        rows=rows,
        external_ids=_external_ids(workspace),
        lines=waiting_lines(changeset, rows, changes),
    )
    writer.recover(lost)
    writer.write(sorted(changes, key=lambda change: (change.action, change.object)))


def _external_ids(workspace: Workspace) -> dict[str, frozenset[str]]:
    describes = newest(workspace.store, Side.SALESFORCE).describes
    return {
        name: frozenset(
            field["name"] for field in described["fields"] if field.get("externalId") and field.get("unique")
        )
        for name, described in describes.items()
    }


def _link(workspace: Workspace, changeset: ChangeSet) -> None:
    """Put the records that were made, and their lines, into the crosswalk."""
    rows = _rows(workspace, changeset)
    made = [
        (changeset.by_id[row.change], row)
        for row in rows.values()
        if row.state == "applied" and row.record and changeset.by_id[row.change].links
    ]
    confirm(workspace.store, [pair for change, row in made for pair in _pairs(change, row)], anew=False)
    aftermath.follow(workspace, changeset, rows)


def _pairs(change: Change, row: OutcomeRow) -> Iterable[Pair]:
    yield _pair(change, change.mapping, str(change.source_id), str(row.record))
    answered = (row.read_back or {}).get("lines") or []
    for source, line in zip(change.line_sources, answered, strict=False):
        yield _pair(change, f"{change.mapping}.lines", source, str(line["TxnLineID"]))


def _pair(change: Change, mapping: str, source: str, record: str) -> Pair:
    to_quickbooks = change.side == Side.QUICKBOOKS
    return Pair(
        mapping=mapping,
        salesforce_id=source if to_quickbooks else record,
        quickbooks_id=record if to_quickbooks else source,
        rule="push",
        confirmed_by="push",
    )
