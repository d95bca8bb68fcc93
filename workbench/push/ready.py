"""Which changes of a push can go now: those whose parents are applied."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from workbench.changes import Answer, Change, ChangeSet, decode
from workbench.ledger import OutcomeRow

SENT = "sent, answer not read yet"
"""Detail of an `unknown` outcome while its answer is waited for."""


def ready(changeset: ChangeSet, rows: Mapping[str, OutcomeRow], side: str) -> list[Change]:
    """Answer the waiting changes of a side whose parents are all applied, in order."""
    return [
        change
        for change in changeset.changes
        if change.side == side
        and change.id in rows
        and rows[change.id].state == "waiting"
        and rows[change.id].request is None
        and all(_applied(rows, parent) for parent in change.depends_on)
    ]


def waiting_lines(
    changeset: ChangeSet, rows: Mapping[str, OutcomeRow], parents: Iterable[Change]
) -> dict[str, list[Change]]:
    """Answer the waiting creates that need nothing more than one of these creates, by its id."""
    found: dict[str, list[Change]] = {
        parent.id: []
        for parent in parents
        if parent.action == "create" and rows[parent.id].state == "waiting"
    }
    for change in changeset.changes:
        row = rows.get(change.id)
        if row is None or row.state != "waiting" or row.request or change.action != "create":
            continue
        missing = [parent for parent in change.depends_on if not _applied(rows, parent)]
        if len(missing) == 1 and missing[0] in found:
            found[missing[0]].append(change)
    return found


def orphans(changeset: ChangeSet, rows: Mapping[str, OutcomeRow]) -> Iterable[tuple[Change, str]]:
    """Yield waiting changes one of whose parents will never be applied, with the reason."""
    for change in changeset.changes:
        row = rows.get(change.id)
        if row is None or row.state != "waiting":
            continue
        for parent in change.depends_on:
            state = rows[parent].state if parent in rows else "not approved"
            if state in ("failed", "stale", "skipped", "not approved"):
                label = changeset.by_id[parent].label
                yield change, f"waits for {label!r}, which is {state}"
                break


def filled(value: Any, rows: Mapping[str, OutcomeRow]) -> Any:
    """Answer a value with the answers of other changes filled in."""
    if not isinstance(value, Answer):
        return value
    row = rows[value.change]
    found: Any = row.read_back or {}
    for part in value.field.split("."):
        try:
            found = found[int(part)] if part.isdigit() else found[part]
        except (KeyError, IndexError):
            return None  # QuickBooks leaves out of an answer what is empty
    return decode(found)


def _applied(rows: Mapping[str, OutcomeRow], change: str) -> bool:
    return change in rows and rows[change].state == "applied"
