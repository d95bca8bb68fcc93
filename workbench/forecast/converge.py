"""Whether a plan comes to rest: compared and planned again on the copies, nothing may be left to write.

What would be written again is named with its cause.  It goes back and forth for ever otherwise: a value that
a system does not keep as it was written looks like an edit of it at the next comparison.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from workbench import diff as differ
from workbench.changes import Change, ChangeSet, Inputs, plan
from workbench.forecast.causes import Causes
from workbench.forecast.forecast import Forecast
from workbench.forecast.touched import Touched
from workbench.model import Action, Side


@dataclass(frozen=True, slots=True, kw_only=True)
class Returning:
    """A value that would be written again after the push.

    Attributes:
        change: The change of this set that brings it about; '' when none does.
        side: Where it would be written again.
        record: What a person calls the record.
        field: In the mapping; '' for a whole record.
        kind: A `model.Loss`, 'winner' or 'unforeseen'.
        cause: The same in words.
    """

    change: str
    mapping: str
    side: str
    object: str
    record: str
    field: str
    kind: str
    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Convergence:
    """What a new plan would hold after a push of all that can be written."""

    remaining: tuple[Returning, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether it would be empty."""
        return not self.remaining

    @property
    def changes(self) -> frozenset[str]:
        """The changes of this set whose values come back."""
        return frozenset(each.change for each in self.remaining if each.change)

    @property
    def data(self) -> list[dict[str, str]]:
        """As it stands in the header of the change set."""
        return [{name: getattr(each, name) for name in Returning.__slots__} for each in self.remaining]

    @classmethod
    def of(cls, changeset: ChangeSet) -> Convergence | None:
        """That of a change set; None where nobody has looked."""
        found = changeset.header.get("convergence")
        return None if found is None else cls(remaining=tuple(Returning(**each) for each in found))


def converge(foretold: Forecast, inputs: Inputs, *, zone: str | None = None) -> Convergence:
    """Compare and plan again on what the push would touch, and answer what would come back.

    Args:
        inputs: What the change set was planned from.
        zone: Time zone of the QuickBooks computer.
    """
    touched = Touched(foretold, inputs.mappings)
    try:
        for mapping in inputs.mappings:
            differ.compute(touched.cursor, mapping, zone=zone)
        again = plan(touched.cursor, replace(inputs, predictions=(), busy={}, header={}))
        left = _left(again, foretold.changeset)
        causes = Causes(foretold, inputs.mappings, _differences(touched, left))
        found = (each for change in left for each in _returning(change, causes))
        return Convergence(remaining=tuple(found))
    finally:
        touched.close()


def _left(again: ChangeSet, before: ChangeSet) -> list[Change]:
    """The changes of the new plan, without those that were held before and so are still to be done.

    One of a record that did not exist then has another id now, and the same source.
    """
    held = {change.id for change in before.changes if change.hold}
    sources = {_of_source(change) for change in before.changes if change.hold and change.source_id}
    return [
        change
        for change in again.changes
        if change.id not in held and not (change.hold and _of_source(change) in sources)
    ]


def _of_source(change: Change) -> tuple[str, str, str, str | None]:
    return change.mapping, change.side, change.object, change.source_id


def _returning(change: Change, causes: Causes) -> Iterator[Returning]:
    """What comes back of one change of the new plan: values of an update, anything else as a whole."""
    for cell in change.cells if change.action == Action.UPDATE and change.cells else (None,):
        cause = causes.of(change, cell)
        yield Returning(
            change=cause.change,
            mapping=change.mapping,
            side=change.side,
            object=change.object,
            record=change.label,
            field="" if cell is None else cell.field or cell.api,
            kind=cause.kind,
            cause=cause.words,
        )


def _differences(touched: Touched, left: Sequence[Change]) -> dict[tuple[str, str, str], dict[str, Any]]:
    """By mapping, record of either side and field, the difference behind what is left."""
    if not left:
        return {}
    columns = ("mapping", "salesforce_id", "quickbooks_id", "field", "salesforce", "quickbooks", "reason",
               "resolved_by")  # fmt: skip
    found = {}
    for row in touched.cursor.execute(f"SELECT {', '.join(columns)} FROM work.differences").fetchall():
        told = dict(zip(columns, row, strict=True))
        for side in Side:
            if told[f"{side}_id"] is not None:
                found[told["mapping"], told[f"{side}_id"], told["field"] or ""] = told
    return found
