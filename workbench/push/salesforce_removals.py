"""Deletes in Salesforce: checked before, settled by looking whether the record is gone.

A delete takes a record as a whole, so whatever moved in it since it was reviewed makes it stale.  What is in
the recycle bin already needs no delete any more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from workbench.changes import Change
from workbench.connections.salesforce import Row, RowResult, SalesforceConnection, literal
from workbench.connections.salesforce_ids import long_id
from workbench.ledger import Settled
from workbench.pull.salesforce import naive_utc
from workbench.push.values import differing, said

DELETED = "ENTITY_IS_DELETED"
"""Salesforce's refusal to delete what is deleted: what was wanted is so."""

GONE_ALREADY = "it was gone already"


def looked_at(
    connection: SalesforceConnection, object_: str, batch: Sequence[Change]
) -> tuple[list[Change], list[Settled]]:
    """Answer the changes whose record is still exactly as reviewed, and what became of the others."""
    fields = sorted({"SystemModstamp", *(cell.api for change in batch for cell in change.cells)})
    now = connection.records(object_, fields, [str(change.record) for change in batch])
    missing = [change for change in batch if long_id(str(change.record)) not in now]
    binned = _in_bin(connection, object_, missing)
    fresh: list[Change] = []
    settled: list[Settled] = []
    for change in batch:
        id_ = long_id(str(change.record))
        if id_ in binned:
            settled.append(_gone(change, GONE_ALREADY))
        elif reason := _moved(change, now.get(id_)):
            settled.append(Settled(change=change.id, state="stale", detail=reason))
        else:
            fresh.append(change)
    return fresh, settled


def read_back(connection: SalesforceConnection, object_: str, changes: Sequence[Change]) -> list[Settled]:
    """What became of deletes that Salesforce says it has done: a record that is there was not deleted."""
    there = connection.records(object_, ["Id"], [str(change.record) for change in changes]) if changes else {}
    wrong = "Salesforce says that it was deleted, and it is there"
    return [
        Settled(change=change.id, state="failed", detail=wrong)
        if long_id(str(change.record)) in there
        else _gone(change, None)
        for change in changes
    ]


def recovered(connection: SalesforceConnection, change: Change, again: str) -> Settled:
    """What became of a delete whose answer was lost; `again` says why one that did not happen goes again."""
    there = connection.records(change.object, ["Id"], [str(change.record)])
    return Settled(change=change.id, state="waiting", detail=again) if there else _gone(change, None)


def done(result: RowResult) -> bool:
    """Whether the record is gone, by this delete or by an earlier one."""
    errors = result.get("errors") or ()
    return bool(result["success"]) or any(error.get("statusCode") == DELETED for error in errors)


def _in_bin(connection: SalesforceConnection, object_: str, changes: Sequence[Change]) -> frozenset[str]:
    if not changes:
        return frozenset()
    ids = ", ".join(literal(long_id(str(change.record))) for change in changes)
    rows: Iterator[Row] = connection.query(
        f"SELECT Id, IsDeleted FROM {object_} WHERE Id IN ({ids})", deleted=True
    )
    return frozenset(str(row["Id"]) for row in rows if row["IsDeleted"])


def _gone(change: Change, detail: str | None) -> Settled:
    found = {"Id": change.record, "IsDeleted": True}
    return Settled(change=change.id, state="applied", detail=detail, record=change.record, read_back=found)


def _moved(change: Change, record: Row | None) -> str:
    """Say why a record is not as it was reviewed; '' when it is."""
    if record is None:
        return "the record is gone or may not be read any more; nothing was sent"
    version = str(naive_utc(record["SystemModstamp"]))
    if version == change.version:
        return ""
    moved = differing(change.before, record)
    told = said(moved, "approved against", "now") if moved else f"modified at {version} UTC"
    return f"{told}; nothing was sent"
