"""Undo a pushed change set: a change set that puts back what was, in both systems, in reverse order.

Each field three ways: what the push wrote and read back is the base, the snapshot says what is there now, and
what was there before is wanted.  As it was pushed: put back.  As it was before: undone already, left alone.
Otherwise somebody has edited it since: it stays, and is listed with both values; the other fields go on.
What was created goes again as its system allows, unless it was edited since or something else still needs it.
What cannot be undone is listed too: as a change that is held, with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import duckdb

from workbench.changes.changeset import Answer, Cell, Change, ChangeSet, change_id
from workbench.changes.customs import CUSTOM
from workbench.changes.edited import edits, told
from workbench.changes.holds import Fields, Predict, fields_of, hold, hold_dependents
from workbench.changes.plan import busy_reason, with_undo_cost
from workbench.changes.present import Child, Place, Present
from workbench.changes.records import Row
from workbench.changes.removals import voided
from workbench.changes.undocost import may_be_put_back, undoing_way
from workbench.changes.updates import ITEM_CONTEXT
from workbench.mapping.removable import ACTIVE, tells
from workbench.model import Action, Side
from workbench.model import Mapping as FieldMapping

GOES_ALONG: Mapping[str, str] = {"OpportunityLineItem": "OpportunityId", "PricebookEntry": "Product2Id"}
"""Salesforce deletes them with the record that this field names."""

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


def undo(connection: duckdb.DuckDBPyConnection, inputs: UndoInputs) -> ChangeSet:
    """Answer the change set that undoes a push, from the snapshots of a connection; writes nothing.

    Its header names what it `undoes`, and how many fields and records are `already_undone`.
    """
    present = Present(connection, inputs.describes[Side.SALESFORCE])
    planned = _Undo(inputs, present)
    fields = {side: fields_of(inputs.describes[side]) for side in Side}
    made = [_held(change, inputs, fields) for change in with_undo_cost(planned.changes(), inputs.describes)]
    header = {**inputs.header, "undoes": inputs.pushed.id, "already_undone": planned.already}
    return ChangeSet(header=header, changes=hold_dependents(made))


def _held(change: Change, inputs: UndoInputs, fields: Mapping[Side, Fields]) -> Change:
    if change.hold:
        return change
    change = replace(change, hold=busy_reason(change, inputs.busy))
    return hold(change, fields[Side(change.side)], inputs.predictions)


@dataclass
class _Undo:
    """One undo while it is planned.

    Attributes:
        made: By id of the pushed change, the change that undoes it.
        already: Fields and records that are as they were before.
    """

    inputs: UndoInputs
    present: Present
    made: dict[str, Change] = field(default_factory=dict)
    already: int = 0

    def changes(self) -> list[Change]:
        covered = self._read()
        found: list[Change] = []
        for change in reversed(self.inputs.pushed.changes):
            written = self.inputs.written.get(change.id)
            if written is None or change.id in covered:
                continue
            for each in self._undone(change, written):
                found.append(each)
                if change.action == Action.CREATE or not each.hold:
                    self.made.setdefault(change.id, each)
        return found

    def _undone(self, change: Change, written: Written) -> Iterator[Change]:
        if not written.known:
            reason = f"not known to be written, so that it can't be undone: {written.detail}"
            yield self._listed(change, written, "unknown", change.cells, reason)
        elif change.action in (Action.DELETE, Action.VOID):
            yield self._for_good(change, written)
        elif change.action == Action.CREATE:
            yield from self._taken_back(change, written)
        else:
            yield from self._put_back(change, written)

    # --- what was changed ---------------------------------------------------------------------------

    def _put_back(self, change: Change, written: Written) -> Iterator[Change]:
        row = self.present.row(_place(change, written.record))
        if row is None:
            reason = f"{self._absent(change)}: nothing can be put back"
            yield self._listed(change, written, "gone", change.cells, reason)
            return
        back: list[Cell] = []
        lost: list[Cell] = []
        edited: dict[str, tuple[Any, Any]] = {}
        for cell in change.cells:
            now = row.get(cell.api)
            pushed = _sent(cell) if CUSTOM in change.context else written.read_back.get(cell.api)
            if self.inputs.same(now, cell.before):
                self.already += 1
            elif not self.inputs.same(now, pushed):
                edited[cell.api] = (pushed, now)
            elif may_be_put_back(change, cell, self._described(change)):
                back.append(self._cell(cell, now))
            else:
                lost.append(self._cell(cell, now))
        if back:
            yield self._change(change, written, row, tuple(back))
        mine = [self._cell(cell, row.get(cell.api)) for cell in change.cells if cell.api in edited]
        if mine:
            reason = f"edited since it was pushed: {told(edited)}"
            yield self._listed(change, written, "edited since", mine, reason)
        if lost:
            names = ", ".join(cell.api for cell in lost)
            reason = f"cannot be undone: {names} was empty, and {Side(change.side).label} does not empty it"
            yield self._listed(change, written, "for good", lost, reason)

    def _change(self, change: Change, written: Written, row: Row, cells: tuple[Cell, ...]) -> Change:
        version = None if CUSTOM in change.context else row.get(VERSIONS[Side(change.side)])
        return replace(
            change,
            action=Action.UPDATE,
            record=written.record,
            version=None if version is None else str(version),
            cells=cells,
            context=self._context(change, row),
            depends_on=(),
            unlinks=False,
            hold="",
            predicted="",
            undo="",
        )

    def _context(self, change: Change, row: Row) -> dict[str, Any]:
        if CUSTOM in change.context:
            return {CUSTOM: {**change.context[CUSTOM], "after": ""}}
        mapping = self.inputs.mappings.get(change.mapping)
        if change.side == Side.QUICKBOOKS:
            return {name: row[name] for name in ITEM_CONTEXT if row.get(name) is not None}
        if mapping is not None and mapping.parent and row.get(str(mapping.salesforce.parent)):
            return {"document": str(row[str(mapping.salesforce.parent)])}
        return {}

    # --- what was created -----------------------------------------------------------------------------

    def _taken_back(self, change: Change, written: Written) -> Iterator[Change]:
        side, described = Side(change.side), self._described(change)
        way, row = undoing_way(side, described), self.present.row(_place(change, written.record))
        id_ = change_id(change.mapping, change.side, change.object, written.record)
        gone = row is None and self.present.reads(change.side, _entity(change))
        if gone or id_ in self.inputs.done:
            self.already += 1
            return
        if row is None or way is None or CUSTOM in change.context:
            yield self._stays(change, written, row)
            return
        if way is Action.UPDATE and row.get(ACTIVE) is False:
            self.already += 1
            return
        along = self._along(change)
        reason = self._edited(change, along) or self._needed(change, written, way, along)
        made = self._change(change, written, row, self._cells(change, written, way, row))
        lines = tuple(str(each.source_id) for each in along if each.mapping == f"{change.mapping}.lines")
        yield replace(
            made,
            id=id_,
            action=way,
            lines=(),
            line_sources=(*change.line_sources, *lines),
            depends_on=self._waits_for(change),
            links=False,
            unlinks=change.links,
            hold=reason,
        )

    def _cells(self, change: Change, written: Written, way: Action, row: Row) -> tuple[Cell, ...]:
        """What becomes of a record that was made: what was written goes, or it stays void or inactive."""
        why = f"undo of {self.inputs.pushed.id}"
        if way is Action.UPDATE:
            return (Cell(field="", api=ACTIVE, before=row.get(ACTIVE), after=False, why=why),)
        mapping = self.inputs.mappings.get(change.mapping)
        if way is Action.VOID and mapping is not None:
            return tuple(voided(mapping, Side(change.side), row, why))
        cells = tuple(self._cell(cell, row.get(cell.api), None) for cell in change.cells if cell.api in row)
        return cells or (Cell(field="", api="", before=written.record, after=None, why=why),)

    def _edited(self, change: Change, along: Sequence[Change]) -> str:
        """What of a record, and of what goes with it, is not as it was made."""
        moved: dict[str, tuple[Any, Any]] = {}
        for each in (change, *along):
            written = self.inputs.written[each.id]
            row = self.present.row(_place(each, written.record)) or {}
            lines = self._lines.get(written.record, []) if each.lines else []
            found = edits(each, written.read_back, row, lines, self._described(each), self.inputs.same)
            start = f"{each.label}: " if each is not change else ""
            moved |= {f"{start}{api}": pair for api, pair in found.items()}
        return f"edited since it was made: {told(moved)}" if moved else ""

    def _needed(self, change: Change, written: Written, way: Action, along: Sequence[Change]) -> str:
        """What else would go with a record that Salesforce deletes."""
        if change.side != Side.SALESFORCE or way is not Action.DELETE:
            return ""
        mine = {(each.object, self.inputs.written[each.id].record) for each in along}
        others = [
            f"{object_} {key}"
            for object_, key, name in self._children.get(written.record, [])
            if (object_, key) not in mine and not self._leaves(object_, key, name)
        ]
        return f"still needed by {', '.join(dict.fromkeys(others))}" if others else ""

    def _leaves(self, object_: str, key: str, name: str) -> bool:
        """Whether this undo deletes a record too, or puts back what it refers to."""
        return any(
            (each.object, each.record) == (object_, key)
            and not each.hold
            and (each.action == Action.DELETE or any(cell.api == name for cell in each.cells))
            for each in self.made.values()
        )

    def _waits_for(self, change: Change) -> tuple[str, ...]:
        """What refers to the record is undone before it."""
        users = [each.id for each in self.inputs.pushed.changes if change.id in each.depends_on]
        return tuple(self.made[each].id for each in users if each in self.made)

    def _along(self, change: Change) -> list[Change]:
        return [each for each in self.inputs.pushed.changes if self._covers(change, each)]

    def _covers(self, change: Change, other: Change) -> bool:
        """Whether a record that was made goes with the one that this change made."""
        if other.action != Action.CREATE or other.id not in self.inputs.written:
            return False
        if CUSTOM in other.context:
            return bool(other.context[CUSTOM]["after"] == change.id)
        if (
            change.side != Side.SALESFORCE
            or undoing_way(Side.SALESFORCE, self._described(change)) != "delete"
        ):
            return False
        parent = GOES_ALONG.get(other.object)
        return any(cell.api == parent and cell.after == Answer(change.id, "Id") for cell in other.cells)

    # --- what stays -------------------------------------------------------------------------------------

    def _for_good(self, change: Change, written: Written) -> Change:
        """The undo of a delete would be a create of the same record, which no system takes."""
        what = (
            "a void transaction stays void" if change.action == Action.VOID else "what was deleted stays so"
        )
        cells = [replace(cell, before=None, after=cell.before) for cell in change.cells]
        return self._listed(change, written, "for good", cells, f"cannot be undone: {what}")

    def _stays(self, change: Change, written: Written, row: Row | None) -> Change:
        what = f"{Side(change.side).label} lets no {change.object} go from here"
        if not tells(self._described(change)):
            what = f"it is not known how a {change.object} goes: pull again"
        if CUSTOM in change.context:
            what = "QuickBooks does not empty a custom field on request"
        if row is None and CUSTOM not in change.context:
            what = self._absent(change)
        cells = [self._cell(cell, (row or {}).get(cell.api), None) for cell in change.cells]
        return self._listed(change, written, "for good", cells, f"cannot be undone: {what}")

    def _listed(
        self, change: Change, written: Written, word: str, cells: Iterable[Cell], reason: str
    ) -> Change:
        """A change that is only told, because it can't be undone."""
        id_ = change_id(change.mapping, change.side, change.object, f"{written.record or change.id} {word}")
        return replace(
            change,
            id=id_,
            action=Action.UPDATE,
            record=written.record or None,
            cells=tuple(cells),
            lines=(),
            line_sources=(),
            depends_on=(),
            links=False,
            unlinks=False,
            hold=reason,
            predicted="",
            undo="",
        )

    def _absent(self, change: Change) -> str:
        if self.present.reads(change.side, _entity(change)):
            return "the record is not there any more"
        return f"{_entity(change)} is not in the newest snapshot: its mapping is off"

    def _cell(self, cell: Cell, now: Any, wanted: Any = ...) -> Cell:
        after = cell.before if wanted is ... else wanted
        why = f"undo of {self.inputs.pushed.id}"
        return Cell(field=cell.field, api=cell.api, before=now, after=after, why=why)

    def _described(self, change: Change) -> Mapping[str, Any]:
        return self.inputs.describes[Side(change.side)].get(_entity(change), {})

    # --- reading ----------------------------------------------------------------------------------------

    def _read(self) -> frozenset[str]:
        """Read what is there now; answers the ids of changes that are undone with another one."""
        pushed = [change for change in self.inputs.pushed.changes if change.id in self.inputs.written]
        self.present.fetch(_place(change, self.inputs.written[change.id].record) for change in pushed)
        created = [change for change in pushed if change.action == Action.CREATE]
        self._lines: dict[str, list[Row]] = {}
        self._children: dict[str, list[Child]] = {}
        for object_ in dict.fromkeys(change.object for change in created):
            keys = [self.inputs.written[each.id].record for each in created if each.object == object_]
            if any(each.lines for each in created if each.object == object_):
                self._lines |= self.present.lines(object_, keys)
            self._children |= self.present.children(object_, keys)
        covered = [each.id for change in created for each in created if self._covers(change, each)]
        return frozenset(covered)


def _entity(change: Change) -> str:
    """The object whose record a change writes; of a custom field the one that has it."""
    return str(change.context[CUSTOM]["entity"]) if CUSTOM in change.context else change.object


def _place(change: Change, record: str) -> Place:
    return change.side, _entity(change), record


def _sent(cell: Cell) -> Any:
    return None if isinstance(cell.after, Answer) else cell.after
