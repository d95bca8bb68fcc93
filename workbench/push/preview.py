"""The dry run: the exact requests that a push would send, without sending one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from workbench.changes import Answer, Change, ChangeSet
from workbench.connections import quickbooks
from workbench.connections.salesforce import exact_json
from workbench.errors import WorkbenchError
from workbench.model import Action, Side
from workbench.push.quickbooks import as_request
from workbench.push.stages import first_canaries


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request as it would be sent.

    Attributes:
        text: qbXML or JSON; a value that is not known yet is shown as {field}.
        canary: Whether it goes first, and the rest only when it has come to what the plan has foretold.
    """

    change: str
    side: str
    object: str
    action: str
    label: str
    text: str
    canary: bool = False


def preview(changeset: ChangeSet, approved: Iterable[str]) -> list[Request]:
    """Answer the requests of the approved changes, in the order they would go: canaries first."""
    wanted = set(approved)
    first = first_canaries(changeset, wanted)
    changes = [change for change in changeset.changes if change.id in wanted]
    changes.sort(key=lambda change: change.id not in first)
    return list(_requests(changeset, changes, first))


def _requests(changeset: ChangeSet, changes: Iterable[Change], first: frozenset[str]) -> Iterator[Request]:
    for change in changes:
        text = f"held: {change.hold}" if change.hold else _text(changeset, change)
        yield Request(
            change=change.id,
            side=change.side,
            object=change.object,
            action=change.action,
            label=change.label,
            text=text,
            canary=change.id in first,
        )


def _text(changeset: ChangeSet, change: Change) -> str:
    if change.side == Side.QUICKBOOKS:
        (write,) = quickbooks.write_requests([as_request(changeset.id, change, {}, None)])
        try:
            return quickbooks.preview(write)
        except WorkbenchError as error:
            return f"held: {error}"
    if change.action == Action.DELETE:
        return exact_json({"attributes": {"type": change.object}, "Id": change.record}, indent=2)
    row = {
        api: f"{{{value}}}" if isinstance(value, Answer) else value for api, value in change.values.items()
    }
    if change.record:
        row = {"Id": change.record} | row
    return exact_json({"attributes": {"type": change.object}} | row, indent=2)
