"""Take back what a push has created: deleted, voided or made inactive, as its system allows.

Not where it was edited since, nor where something else still needs it.  What went along into a record when it
was made (the lines of an opportunity, the price of a product, custom fields) goes along again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from workbench.changes.changeset import Answer, Cell, Change, change_id
from workbench.changes.customs import CUSTOM
from workbench.changes.edited import edits, told
from workbench.changes.present import Child
from workbench.changes.records import Row
from workbench.changes.removals import voided
from workbench.changes.undocost import undoing_way
from workbench.changes.undowork import Work, entity
from workbench.mapping.removable import ACTIVE, tells
from workbench.model import Action, Side

GOES_ALONG = {"OpportunityLineItem": "OpportunityId", "PricebookEntry": "Product2Id"}
"""Salesforce deletes them with the record that this field names."""


@dataclass
class TakeBack:
    """Plans the undo of creates.

    Attributes:
        lines: The lines of QuickBooks documents as they are now, by document.
        children: The Salesforce records that refer to created ones, by the created one.
        along: By create, the other creates that go with its record; `owners` is the way back, by id.
        of_record: Ids of the changes that were written of a record, by its object and key.
        users: By change, the ids of those that need its answer.
    """

    work: Work
    lines: dict[str, list[Row]] = field(default_factory=dict)
    children: dict[str, list[Child]] = field(default_factory=dict)
    along: dict[str, list[Change]] = field(default_factory=dict)
    users: dict[str, list[str]] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)
    of_record: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    def read(self) -> None:
        """Read what hangs on the created records now."""
        written = self.work.inputs.written
        pushed = self.work.inputs.pushed
        created = {each.id: each for each in pushed.changes if each.id in written and each.action == "create"}
        for each in pushed.changes:
            if each.id in written:
                self.of_record.setdefault((each.object, written[each.id].record), []).append(each.id)
            for parent in each.depends_on:
                self.users.setdefault(parent, []).append(each.id)
        for each in created.values():
            owner = created.get(self._owner(each))
            if owner is not None and self._covers(owner, each):
                self.along.setdefault(owner.id, []).append(each)
                self.owners[each.id] = owner.id
        by_object: dict[tuple[str, str], list[Change]] = {}
        for each in created.values():
            by_object.setdefault((each.side, each.object), []).append(each)
        for (side, object_), changes in by_object.items():
            keys = [written[each.id].record for each in changes]
            if any(each.lines for each in changes):
                self.lines |= self.work.present.lines(object_, keys)
            if side == Side.SALESFORCE:
                self.children |= self.work.present.children(object_, keys)

    @cached_property
    def covered(self) -> frozenset[str]:
        """Ids of the creates that are undone with another one."""
        return frozenset(each.id for along in self.along.values() for each in along)

    def undone(self, change: Change) -> Iterator[Change]:
        """The change that takes a created record back; nothing where it is gone, void or inactive already."""
        side, row = Side(change.side), self.work.row(change)
        way = undoing_way(side, self.work.described(change))
        id_ = change_id(change.mapping, change.side, change.object, self.work.written(change).record)
        gone = row is None and self.work.present.reads(change.side, entity(change))
        # One that was made inactive is so since: its link is still to end.
        inactive = way is Action.UPDATE and row is not None and row.get(ACTIVE) is False
        inactive = inactive and change.values.get(ACTIVE) is not False
        if gone or inactive or id_ in self.work.inputs.done:
            self.work.already += 1
        elif row is None or way is None or CUSTOM in change.context:
            yield self._stays(change, row)
        else:
            yield replace(self._goes(change, row, way), id=id_, action=way)

    def _goes(self, change: Change, row: Row, way: Action) -> Change:
        along = self.along.get(change.id, [])
        hanging = self._hanging(change, along)
        lines = tuple(str(each.source_id) for each in along if each.mapping == f"{change.mapping}.lines")
        return replace(
            self.work.change(change, row, self._cells(change, way, row)),
            line_sources=(*change.line_sources, *lines),
            depends_on=self._waits_for(change, hanging),
            unlinks=change.links,
            hold=self._edited(change, along) or self._needed(way, hanging, along),
        )

    def _cells(self, change: Change, way: Action, row: Row) -> list[Cell]:
        """What becomes of a record that was made: what was written goes, or it stays void or inactive."""
        why = self.work.why
        if way is Action.UPDATE:
            return [Cell(field="", api=ACTIVE, before=row.get(ACTIVE), after=False, why=why)]
        mapping = self.work.inputs.mappings.get(change.mapping)
        if way is Action.VOID and mapping is not None:
            return voided(mapping, Side(change.side), row, why)
        cells = [self.work.cell(cell, row[cell.api], None) for cell in change.cells if cell.api in row]
        record = self.work.written(change).record
        return cells or [Cell(field="", api="", before=record, after=None, why=why)]

    def _edited(self, change: Change, along: Sequence[Change]) -> str:
        """What of a record, and of what goes with it, is not as it was made."""
        moved: dict[str, tuple[Any, Any]] = {}
        for each in (change, *along):
            written, row = self.work.written(each), self.work.row(each) or {}
            lines = self.lines.get(written.record, []) if each.lines else []
            described, same = self.work.described(each), self.work.inputs.same
            found = edits(each, written.read_back, row, lines, described, same)
            start = f"{each.label}: " if each is not change else ""
            moved |= {f"{start}{api}": pair for api, pair in found.items()}
        return f"edited since it was made: {told(moved)}" if moved else ""

    def _needed(self, way: Action, hanging: Iterable[Child], along: Sequence[Change]) -> str:
        """What else would go with a record that Salesforce deletes."""
        mine = {(each.object, self.work.written(each).record) for each in along}
        others = [
            f"{object_} {key}"
            for object_, key, name in hanging
            if way is Action.DELETE and (object_, key) not in mine and not self._freed(object_, key, name)
        ]
        return f"still needed by {', '.join(dict.fromkeys(others))}" if others else ""

    def _hanging(self, change: Change, along: Sequence[Change]) -> list[Child]:
        """The Salesforce records that refer to the record of a create, and to what goes with it."""
        records = [self.work.written(each).record for each in (change, *along)]
        return [child for record in records for child in self.children.get(record, ())]

    def _freed(self, object_: str, key: str, name: str) -> str:
        """The id of the change after which a record refers no more: it goes too, or names another one."""
        for id_ in self.of_record.get((object_, key), ()):
            made = self.work.made.get(id_) or self.work.made.get(self.owners.get(id_, ""))
            if made is None or made.hold:
                continue
            if made.action == Action.DELETE or any(cell.api == name for cell in made.cells):
                return made.id
        return ""

    def _waits_for(self, change: Change, hanging: Iterable[Child]) -> tuple[str, ...]:
        """What refers to the record is undone before it."""
        users = self.users.get(change.id, ())
        waits = [self.work.made[user].id for user in users if user in self.work.made]
        return tuple(dict.fromkeys(filter(None, [*waits, *(self._freed(*child) for child in hanging)])))

    def _owner(self, change: Change) -> str:
        """The id of the create with whose record the one of this create would go; '' for one on its own."""
        if CUSTOM in change.context:
            return str(change.context[CUSTOM]["after"])
        parent = GOES_ALONG.get(change.object)
        named = next((cell.after for cell in change.cells if cell.api == parent), None)
        return named.change if isinstance(named, Answer) else ""

    def _covers(self, owner: Change, change: Change) -> bool:
        if CUSTOM in change.context:
            return True
        return undoing_way(Side(owner.side), self.work.described(owner)) is Action.DELETE

    def _stays(self, change: Change, row: Row | None) -> Change:
        what = f"{Side(change.side).label} lets no {change.object} go from here"
        if not tells(self.work.described(change)):
            what = f"it is not known how a {change.object} goes: pull again"
        if CUSTOM in change.context:
            what = "QuickBooks does not empty a custom field on request"
        elif row is None:
            what = self.work.absent(change)
        cells = [self.work.cell(cell, (row or {}).get(cell.api), None) for cell in change.cells]
        return self.work.listed(change, "for good", cells, f"cannot be undone: {what}")
