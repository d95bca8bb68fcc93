"""What an undo is planned from, and what its two halves share: how a change that undoes one is made."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from workbench.changes.changeset import Cell, Change, ChangeSet, change_id
from workbench.changes.customs import CUSTOM
from workbench.changes.holds import Predict
from workbench.changes.present import Place, Present
from workbench.changes.records import Row
from workbench.changes.updates import ITEM_CONTEXT
from workbench.model import Action, Side
from workbench.model import Mapping as FieldMapping

VERSIONS = {Side.SALESFORCE: "SystemModstamp", Side.QUICKBOOKS: "EditSequence"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What became of one change of the push.

    Attributes:
        record: The record that was written; of a create, the one that was made.
        read_back: Its values as they were read after the write.
        known: Whether it is known that it was written; else it is only listed, with `detail`.
    """

    record: str
    read_back: Mapping[str, Any] = field(default_factory=dict)
    known: bool = True
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoInputs:
    """All that an undo is planned from.

    Attributes:
        pushed: The change set that was pushed.
        written: By change id, what was written of it; changes that were not are left out.
        done: Ids of changes that an earlier undo of the same change set has applied.
        mappings: By name, those of lines too.
        describes: By side, what each object can hold, and how its records go.
        same: Whether two raw values are the same thing.
        predictions, busy, header: As for a plan.
    """

    pushed: ChangeSet
    written: Mapping[str, Written]
    describes: Mapping[Side, Mapping[str, Mapping[str, Any]]]
    same: Callable[[Any, Any], bool]
    mappings: Mapping[str, FieldMapping] = field(default_factory=dict)
    done: frozenset[str] = frozenset()
    predictions: Sequence[Predict] = ()
    busy: Mapping[tuple[str, str], str] = field(default_factory=dict)
    header: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Work:
    """One undo while it is planned.

    Attributes:
        made: By id of the pushed change, the change that undoes it.
        already: Fields and records that are as they were before.
    """

    inputs: UndoInputs
    present: Present
    made: dict[str, Change] = field(default_factory=dict)
    already: int = 0

    @property
    def why(self) -> str:
        """What the cells of an undo say of their reason."""
        return f"undo of {self.inputs.pushed.id}"

    def written(self, change: Change) -> Written:
        return self.inputs.written[change.id]

    def row(self, change: Change) -> Row | None:
        """The record of a change as it is now; None when it is not there."""
        return self.present.row(place(change, self.written(change).record))

    def described(self, change: Change) -> Mapping[str, Any]:
        """What the object of a change can hold."""
        return self.inputs.describes[Side(change.side)].get(entity(change), {})

    def absent(self, change: Change) -> str:
        """Why there is no record."""
        if self.present.reads(change.side, entity(change)):
            return "the record is not there any more"
        return f"{entity(change)} is not in the newest snapshot: its mapping is off"

    def cell(self, cell: Cell, now: Any, after: Any) -> Cell:
        return Cell(field=cell.field, api=cell.api, before=now, after=after, why=self.why)

    def change(self, change: Change, row: Row, cells: Iterable[Cell]) -> Change:
        """The change of today's record that undoes one."""
        version = None if CUSTOM in change.context else row.get(VERSIONS[Side(change.side)])
        return replace(
            self._bare(change),
            record=self.written(change).record,
            version=None if version is None else str(version),
            cells=tuple(cells),
            context=self._context(change, row),
        )

    def listed(self, change: Change, word: str, cells: Iterable[Cell], reason: str) -> Change:
        """A change that is only told, because it can't be undone."""
        record = self.written(change).record
        id_ = change_id(change.mapping, change.side, change.object, f"{record or change.id} {word}")
        bare = replace(self._bare(change), id=id_, record=record or None)
        return replace(bare, cells=tuple(cells), hold=reason)

    def _bare(self, change: Change) -> Change:
        """The change without what belongs to its own plan."""
        return replace(
            change, action=Action.UPDATE, lines=(), line_sources=(), depends_on=(), links=False,
            unlinks=False, together="", hold="", predicted="", undo="",
        )  # fmt: skip

    def _context(self, change: Change, row: Row) -> dict[str, Any]:
        """What the writer must know; of a line also its document, whose total follows."""
        if CUSTOM in change.context:
            return {CUSTOM: {**change.context[CUSTOM], "after": ""}}
        if change.side == Side.QUICKBOOKS:
            return {name: row[name] for name in ITEM_CONTEXT if row.get(name) is not None}
        mapping = self.inputs.mappings.get(change.mapping)
        document = row.get(str(mapping.salesforce.parent)) if mapping is not None and mapping.parent else None
        return {"document": str(document)} if document else {}


def entity(change: Change) -> str:
    """The object whose record a change writes; of a custom field the one that has it."""
    return str(change.context[CUSTOM]["entity"]) if CUSTOM in change.context else change.object


def place(change: Change, record: str) -> Place:
    return change.side, entity(change), record
