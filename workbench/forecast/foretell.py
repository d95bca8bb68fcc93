"""Write what is foretold into the changes: the answer, what each system will hold, and holds of refusals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from workbench.changes import Answer, Cell, Change, ChangeSet
from workbench.changes.holds import hold_waiting
from workbench.forecast.apply import Applied
from workbench.forecast.losses import lost
from workbench.forecast.model import OK, Prediction
from workbench.model import Action, Side
from workbench.model import Mapping as FieldMapping
from workbench.push.ready import filled
from workbench.push.values import same

Describes = Mapping[Side, Mapping[str, Mapping[str, Any]]]
Values = Mapping[str, Any]

GIVEN = frozenset({"RefNumber", "TxnNumber"})
"""Numbers that QuickBooks gives: which ones they will be is not known before."""


def foretold(applied: Applied, mappings: Sequence[FieldMapping], describes: Describes) -> ChangeSet:
    """The change set with its predictions; what would be refused is held, and what waits for it."""
    telling = {side: _Telling(applied, _fillable(mappings, describes[side], side)) for side in Side}
    changes = [telling[Side(each.side)].change(each) for each in applied.changeset.changes]
    return ChangeSet(header=applied.changeset.header, changes=hold_waiting(changes))


def _fillable(
    mappings: Sequence[FieldMapping], known: Mapping[str, Values], side: Side
) -> dict[str, tuple[str, ...]]:
    """By object, the API fields that mappings read and that a create could write."""
    found: dict[str, dict[str, None]] = {}
    for mapping in (each for one in mappings for each in (one, one.lines) if each is not None):
        spec = mapping.side(side)
        for name in (name for each in mapping.fields for name in each.api(side)):
            head, dot, tail = name.partition(".")
            found.setdefault(head if dot else spec.object, {})[tail if dot else name] = None
    return {
        name: tuple(api for api in fields if api in _createable(known.get(name, {})) and api not in GIVEN)
        for name, fields in found.items()
    }


def _createable(described: Values) -> frozenset[str]:
    return frozenset(each["name"] for each in described.get("fields", ()) if each.get("createable"))


class _Telling:
    """Puts what is foretold into the changes of a side."""

    def __init__(self, applied: Applied, fillable: Mapping[str, Sequence[str]]) -> None:
        self._applied, self._fillable = applied, fillable

    def change(self, change: Change) -> Change:
        told = self._applied.predictions.get(change.id)
        if told is None:
            return change
        hold = change.hold
        if told.hold and not hold:
            hold = f"{Side(change.side).label} {told.hold}"
        goes = change.action == Action.DELETE
        cells = change.cells if goes else tuple(self._cell(change, cell, told) for cell in change.cells)
        filled_in = self._filled(change, told) if change.action == "create" and not hold else {}
        return replace(change, predicted=told.code, hold=hold, cells=cells, filled=filled_in)

    def _cell(self, change: Change, cell: Cell, told: Prediction) -> Cell:
        """A cell with what the system will hold; of a key that is not known yet nothing is told."""
        if told.code != OK or not told.held or isinstance(cell.after, Answer):
            return cell
        held = told.held.get(cell.api)
        note = told.notes.get(cell.api) or lost(cell.after, held, cell.before, Side(change.side))
        if not note:
            return cell
        loss = cell.loss if note in cell.loss else "; ".join(filter(None, (cell.loss, note)))
        return replace(cell, loss=loss, stored=held)

    def _filled(self, change: Change, told: Prediction) -> dict[str, Any]:
        """What a new record holds beside what is written, and where its lines hold something else."""
        found = self._beside(change.object, change.values, told.held)
        lines = zip(change.lines, told.held.get("lines") or (), strict=False)
        for number, (sent, line) in enumerate(lines, start=1):
            values = {api: filled(each, self._applied.rows) for api, each in sent.items()}
            other = {api: line.get(api) for api, each in values.items() if not same(each, line.get(api))}
            beside = self._beside(f"{change.object}Line", values, line) | other
            found |= {f"line {number} {api}": each for api, each in beside.items()}
        return found

    def _beside(self, name: str, values: Values, held: Values) -> dict[str, Any]:
        return {
            api: held[api]
            for api in self._fillable.get(name, ())
            if values.get(api) is None and held.get(api) not in (None, "")
        }
