"""Whether a plan comes to rest: compared and planned again on the copies, nothing may be left to write.

What would be written again is named with its cause.  It goes back and forth for ever otherwise: a value that
a system does not keep as it was written looks like an edit of it at the next comparison.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from workbench import diff as differ
from workbench.changes import Cell, Change, ChangeSet, Inputs, plan
from workbench.forecast.forecast import Forecast
from workbench.forecast.losses import kind_of, lost
from workbench.forecast.touched import Touched
from workbench.model import Loss, Side
from workbench.model import Mapping as FieldMapping

WINNER, UNFORESEEN = "winner", "unforeseen"
"""Causes that are no `model.Loss`: a rule sets the value back; nothing explains it."""


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
        looking = _Looking(foretold, inputs.mappings, _differences(touched, left))
        return Convergence(remaining=tuple(each for change in left for each in looking.returning(change)))
    finally:
        touched.close()


def _left(again: ChangeSet, before: ChangeSet) -> list[Change]:
    """The changes of the new plan, without those that were held before and so are still to be done."""
    held = {change.id for change in before.changes if change.hold}
    return [change for change in again.changes if change.id not in held]


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


class _Looking:
    """Looks for the cause of what comes back."""

    def __init__(
        self,
        foretold: Forecast,
        mappings: Sequence[FieldMapping],
        differences: Mapping[tuple[str, str, str], Mapping[str, Any]],
    ) -> None:
        self._differences = differences
        both = [each for one in mappings for each in (one, one.lines) if each is not None]
        self._fields = {(mapping.name, each.name): each for mapping in both for each in mapping.fields}
        self._written: dict[tuple[str, str], list[Change]] = {}
        for change in foretold.changeset.changes:
            told = foretold.predictions.get(change.id)
            for key in {change.record, told.record if told else None} - {None}:
                self._written.setdefault((change.side, str(key)), []).append(change)

    def returning(self, change: Change) -> Iterator[Returning]:
        """What comes back of one change of the new plan."""
        if change.action != "update" or not change.cells:
            yield self._of(change, None)
        for cell in change.cells if change.action == "update" else ():
            yield self._of(change, cell)

    def _of(self, change: Change, cell: Cell | None) -> Returning:
        kind, cause, by = self._cause(change, cell)
        return Returning(
            change=by.id if by else "",
            mapping=change.mapping,
            side=change.side,
            object=change.object,
            record=change.label,
            field="" if cell is None else cell.field or cell.api,
            kind=kind,
            cause=cause,
        )

    def _cause(self, change: Change, cell: Cell | None) -> tuple[str, str, Change | None]:
        """Kind, words, and the change of this set that brings it about."""
        other = Side(change.side).other
        near = [*self._of_record(change.side, change.record), *self._of_record(other, change.source_id)]
        first = near[0] if near else None
        row = self._row(change, cell)
        if cell is None:
            return UNFORESEEN, str(row.get("reason") or "it would be done again"), first
        for each in near:
            for mine in each.cells:
                if mine.loss and (
                    mine.field == cell.field or (each.side, mine.api) == (change.side, cell.api)
                ):
                    return str(kind_of(mine.loss) or UNFORESEEN), mine.loss.partition(": ")[2], each
        for each in near:
            for api in self._read(change, cell, Side(each.side)):
                if api in each.filled:
                    return Loss.DEFAULT, f"{Side(each.side).label} fills it with {each.filled[api]}", each
        gone = lost(row.get(str(other)), cell.after, None, Side(change.side)) if row.get(str(other)) else ""
        if gone and cell.before == cell.after:
            return str(kind_of(gone)), f"what is written is not what {other.label} has", first
        if row.get("resolved_by") == "winner":
            return WINNER, str(row["reason"]), first
        return UNFORESEEN, str(row.get("reason") or "nothing explains it"), first

    def _read(self, change: Change, cell: Cell, side: Side) -> tuple[str, ...]:
        """The API fields of a side that are compared with a cell's."""
        field = self._fields.get((change.mapping, cell.field))
        return field.api(side) if field else ()

    def _of_record(self, side: str, record: str | None) -> Sequence[Change]:
        return self._written.get((side, str(record)), ())

    def _row(self, change: Change, cell: Cell | None) -> Mapping[str, Any]:
        for record in (change.record, change.source_id):
            found = self._differences.get((change.mapping, str(record), cell.field if cell else ""))
            if found is not None:
                return found
        return {}
