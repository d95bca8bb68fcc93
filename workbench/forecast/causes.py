"""Why a value would be written again after the push: a loss on the way, a default, a rule."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.changes import Cell, Change
from workbench.forecast.forecast import Forecast
from workbench.forecast.losses import kind_of, lost
from workbench.model import Loss, Side
from workbench.model import Mapping as FieldMapping

WINNER, UNFORESEEN = "winner", "unforeseen"
"""Causes that are no `model.Loss`: a rule sets the value back; nothing explains it."""

Difference = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Why something comes back.

    Attributes:
        kind: A `model.Loss`, 'winner' or 'unforeseen'.
        change: The change of the pushed set that brings it about; '' when none does.
    """

    kind: str
    words: str
    change: str = ""


class Causes:
    """What was foretold, held against what a new plan holds.

    Args:
        differences: By mapping, record of either side and field, the difference behind a change of the new
            plan.
    """

    def __init__(
        self,
        foretold: Forecast,
        mappings: Sequence[FieldMapping],
        differences: Mapping[tuple[str, str, str], Difference],
    ) -> None:
        self._differences = differences
        both = [each for one in mappings for each in (one, one.lines) if each is not None]
        self._fields = {(mapping.name, each.name): each for mapping in both for each in mapping.fields}
        self._written: dict[tuple[str, str], list[Change]] = {}
        for change in foretold.changeset.changes:
            told = foretold.predictions.get(change.id)
            for key in {change.record, told.record if told else None} - {None}:
                self._written.setdefault((change.side, str(key)), []).append(change)

    def of(self, change: Change, cell: Cell | None) -> Cause:
        """Why a change of the new plan is there, or one value of it: the nearest cause that is found."""
        near = self._near(change)
        row = self._difference(change, cell)
        found = None if cell is None else next(self._found(change, cell, near, row), None)
        if found is not None:
            return found
        else_ = "it would be done again" if cell is None else "nothing explains it"
        return Cause(kind=UNFORESEEN, words=str(row.get("reason") or else_), change=_first(near))

    def _found(self, change: Change, cell: Cell, near: Sequence[Change], row: Difference) -> Iterator[Cause]:
        yield from _lost(change, cell, near)
        yield from self._filled(change, cell, near)
        yield from _cut(change, cell, near, row)
        if row.get("resolved_by") == "winner":
            yield Cause(kind=WINNER, words=str(row["reason"]), change=_first(near))

    def _filled(self, change: Change, cell: Cell, near: Sequence[Change]) -> Iterator[Cause]:
        """What a system puts into a field that nobody wrote."""
        field = self._fields.get((change.mapping, cell.field))
        for each in near:
            side = Side(each.side)
            for api in field.api(side) if field else ():
                if api in each.filled:
                    words = f"{side.label} fills it with {each.filled[api]}"
                    yield Cause(kind=Loss.DEFAULT, words=words, change=each.id)

    def _near(self, change: Change) -> list[Change]:
        """The pushed changes of the same record, then those of its partner."""
        places = ((change.side, change.record), (Side(change.side).other, change.source_id))
        return [each for side, key in places for each in self._written.get((side, str(key)), ())]

    def _difference(self, change: Change, cell: Cell | None) -> Difference:
        for record in (change.record, change.source_id):
            found = self._differences.get((change.mapping, str(record), cell.field if cell else ""))
            if found is not None:
                return found
        return {}


def _lost(change: Change, cell: Cell, near: Sequence[Change]) -> Iterator[Cause]:
    """What the push itself would lose of the same field."""
    for each in near:
        for mine in each.cells:
            same = mine.field == cell.field or (each.side, mine.api) == (change.side, cell.api)
            if mine.loss and same:
                words = mine.loss.partition(": ")[2]
                yield Cause(kind=str(kind_of(mine.loss) or UNFORESEEN), words=words, change=each.id)


def _cut(change: Change, cell: Cell, near: Sequence[Change], row: Difference) -> Iterator[Cause]:
    """What the mapping makes of the other side's value is what is there already."""
    other = Side(change.side).other
    value = row.get(str(other))
    gone = lost(value, cell.after, None, Side(change.side)) if value else ""
    if gone and cell.before == cell.after:
        words = f"what is written is not what {other.label} has"
        yield Cause(kind=str(kind_of(gone)), words=words, change=_first(near))


def _first(near: Sequence[Change]) -> str:
    return near[0].id if near else ""
