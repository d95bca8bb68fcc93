"""What QuickBooks makes up itself when a record is created there, for Salesforce to know: keys and numbers.

A cell of it waits for the answer of the create, so it can be planned only as far as the record is known: a
state whose condition reads more than the create writes takes it up after the next pull.
"""

from __future__ import annotations

from functools import lru_cache

from workbench.changes.changeset import Answer, Cell, Change
from workbench.changes.records import Row
from workbench.diff.states import Open
from workbench.errors import PlanError
from workbench.model import Direction, Expression, FieldMap, Mapping, Side, State
from workbench.normalize import evaluate


def written_back(mapping: Mapping, source: Row, create: Change, prefix: str = "") -> list[Cell]:
    """The cells of a Salesforce record, or of one of its lines, that the create of its partner gives.

    Args:
        source: The Salesforce record.
        create: The create of the QuickBooks record, for a line that of its document.
        prefix: Where the answer tells of the line.
    """
    return [
        Cell(
            field=each.name,
            api=each.salesforce[0],
            before=source.get(each.salesforce[0]),
            after=Answer(create.id, prefix + each.quickbooks[0]),
            why="made by QuickBooks, written back",
        )
        for each in mapping.fields
        if each.direction is Direction.TO_SALESFORCE and not each.create_only and _open(mapping, each, create)
    ]


def _open(mapping: Mapping, field: FieldMap, create: Change) -> bool:
    """Whether a state that is on writes the field to Salesforce for the record that will be there."""
    opened = Open.of(mapping)
    return any(each in opened.on and _takes(each, create) for each in opened.states(Side.SALESFORCE, field))


def _takes(state: State, create: Change) -> bool:
    if state.where is None:
        return True
    known = {cell.api: cell.after for cell in create.cells if not isinstance(cell.after, Answer)}
    columns = _columns(state.where)
    if not known.keys() >= set(columns):
        return False
    gate = Expression(side=Side.QUICKBOOKS, text=state.where, columns=columns)
    try:
        return evaluate(gate, known, f"state '{state.name}'") is True
    except PlanError:
        return False


@lru_cache(maxsize=256)
def _columns(condition: str) -> tuple[str, ...]:
    from workbench.expressions.check import expression_columns

    return expression_columns(condition)
