"""Custom fields of QuickBooks: each is written by a request of its own, after the record that has it.

QuickBooks takes them neither with an Add nor with a Mod of the record (qbXML: DataExtAdd, DataExtMod), so a
change that holds some is taken apart: the record's own fields, then one change for each custom field, which
waits for it.  A value that is there cannot be emptied by a Mod (Intuit, DataExtMod).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from workbench.changes.changeset import Answer, Cell, Change, change_id
from workbench.model import Action, Side
from workbench.normalize import fits

PREFIX = "Custom_"
CUSTOM = "custom"
"""Key in the context of a change that writes one custom field."""

Describes = Mapping[str, Mapping[str, Any]]


def taken_apart(changes: Iterable[Change], describes: Describes) -> Iterator[Change]:
    """The changes, those of custom fields behind the changes of their records.

    Args:
        describes: What each object of QuickBooks can hold, with its custom fields.
    """
    for change in changes:
        if change.side != Side.QUICKBOOKS or change.action in (Action.DELETE, Action.VOID):
            yield change
            continue
        customs = [cell for cell in change.cells if cell.api.startswith(PREFIX)]
        own = replace(change, cells=tuple(cell for cell in change.cells if cell not in customs))
        own = replace(own, hold="; ".join(filter(None, [change.hold, _lines(change)])))
        kept = bool(own.cells) or own.action == "create"
        if kept:
            yield own
        for cell in customs:
            yield _of_field(change, cell, kept, describes.get(change.object, {}))


def _lines(change: Change) -> str:
    named = sorted({api for line in change.lines for api in line if api.startswith(PREFIX)})
    return f"custom fields of lines are only read here: {', '.join(named)}" if named else ""


def _of_field(change: Change, cell: Cell, kept: bool, described: Mapping[str, Any]) -> Change:
    name = cell.api.removeprefix(PREFIX)
    record = f"{cell.api} of {change.record or f'new {change.source_id}'}"
    needs = (cell.after.change,) if isinstance(cell.after, Answer) else ()
    return replace(
        change,
        id=change_id(change.mapping, change.side, change.object, record),
        object=f"{change.object}.{cell.api}",
        version=None,
        cells=(cell,),
        lines=(),
        line_sources=(),
        context={CUSTOM: {"entity": change.object, "name": name, "after": change.id if kept else ""}},
        depends_on=tuple(dict.fromkeys((change.id, *needs) if kept else (*change.depends_on, *needs))),
        links=False,
        hold="; ".join(filter(None, [change.hold, _unfit(cell, described)])),
    )


def _unfit(cell: Cell, described: Mapping[str, Any]) -> str:
    if cell.after in (None, ""):
        return "QuickBooks does not empty a custom field on request: empty it there"
    found = next((each for each in described.get("fields", ()) if each["name"] == cell.api), None)
    if found is None:
        return f"QuickBooks has no custom field '{cell.api.removeprefix(PREFIX)}' there"
    if isinstance(cell.after, Answer):
        return ""
    problem = fits(found, cell.after, side=Side.QUICKBOOKS)
    return str(problem.what) if problem else ""
