"""What it would take to undo a change once it is applied; marked when it is planned, before the first push.

| change | undone by | cost |
|---|---|---|
| an update | the values of before | free |
| of a custom field of QuickBooks that was empty, or of a field that may not be empty and was | | impossible |
| a create in Salesforce | a delete into the recycle bin, else making it inactive | free, deactivate |
| a create of a QuickBooks list record | making it inactive: it keeps its name | deactivate |
| a create of a QuickBooks transaction | a void, or a delete where nothing is posted | void, free |
| a delete, a void | nothing here | impossible |
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workbench.changes.changeset import Cell, Change
from workbench.changes.customs import CUSTOM
from workbench.mapping.removable import tells, ways_out
from workbench.model import Action, Side, UndoCost

Described = Mapping[str, Any]

_COSTS = {Action.DELETE: UndoCost.FREE, Action.VOID: UndoCost.VOID, Action.UPDATE: UndoCost.DEACTIVATE}
"""By the way in which a created record goes again."""


def undo_cost(change: Change, described: Described) -> UndoCost | None:
    """What undoing a change would take; None where the describe of its object does not tell.

    Args:
        described: What the object (of a custom field: the object that has it) can hold.
    """
    match change.action:
        case Action.DELETE | Action.VOID:
            return UndoCost.IMPOSSIBLE
        case Action.CREATE:
            way = undoing_way(Side(change.side), described)
            return _COSTS[way] if way else UndoCost.IMPOSSIBLE if tells(described) else None
    if all(may_be_put_back(change, cell, described) for cell in change.cells):
        return UndoCost.FREE
    return UndoCost.IMPOSSIBLE


def undoing_way(side: Side, described: Described) -> Action | None:
    """How a record that was created is taken back; None where it can't be, or the describe does not tell.

    In Salesforce a delete comes first: what is in the recycle bin can be looked at for 15 days.
    """
    ways = ways_out(side, described)
    if side is Side.SALESFORCE and Action.DELETE in ways:
        return Action.DELETE
    return next(iter(ways), None)


def may_be_put_back(change: Change, cell: Cell, described: Described) -> bool:
    """Whether the value of before can be written again."""
    if cell.before not in (None, ""):
        return True
    if CUSTOM in change.context:
        return False  # QuickBooks does not empty one on request (Intuit, DataExtMod)
    fields = {each["name"]: each for each in described.get("fields", ())}
    return cell.api not in fields or bool(fields[cell.api].get("nillable", True))
