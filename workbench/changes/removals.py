"""Removals: a record whose partner was deleted goes too, in the way its system allows.

What refers to a record that goes is removed before it: lines before their document, documents before their
customer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from workbench.changes.changeset import Cell, Change
from workbench.changes.records import Row
from workbench.changes.sheet import Difference, Sheet, why
from workbench.changes.updates import Updates
from workbench.mapping.removable import active_field, ways_out
from workbench.model import Action, FieldType, Operation, Side
from workbench.model import Mapping as FieldMapping

Describes = Mapping[Side, Mapping[str, Mapping[str, Any]]]

Record = tuple[str, str]
"""Side and id of a record."""


@dataclass(frozen=True, slots=True)
class Removals:
    """Plans what goes.

    Attributes:
        describes: By side, what each object can hold, and how its records go.
    """

    sheet: Sheet
    describes: Describes

    def all(self) -> Iterator[Change]:
        """The removals of all mappings, each behind those that it waits for."""
        made: dict[Record, Change] = {}
        refers: list[tuple[Record, Record]] = []
        for mapping in reversed(list(self.sheet.by_name.values())):
            for target in Side:
                rows = [row for row in self.sheet.removals(mapping) if self.sheet.target(row) is target]
                records = self.sheet.records.by_key(mapping, target, [row[f"{target}_id"] for row in rows])
                lines = self._lines(mapping, target, records)
                for row in rows:
                    id_ = row[f"{target}_id"]
                    change = self._removal(mapping, target, row, records[id_])
                    made[(target, id_)] = replace(change, line_sources=lines.get(id_, ()))
                    refers += [((target, id_), to) for to in _referred(mapping, target, records[id_])]
        yield from _in_order(made, refers)

    def _lines(self, mapping: FieldMapping, target: Side, keys: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """The partners of the lines of documents, as far as they are linked."""
        if mapping.lines is None:
            return {}
        spec, links = mapping.lines.side(target), self.sheet.links
        found = self.sheet.records.lines_of(mapping.lines, target, keys)
        return {
            key: tuple(
                str(partner)
                for line in lines
                if (partner := links.pairs.get((mapping.lines.name, target, line[spec.key])))
            )
            for key, lines in found.items()
        }

    def _removal(self, mapping: FieldMapping, target: Side, row: Difference, record: Row) -> Change:
        action, cells, reason = self._way(mapping, target, row, record)
        label, source = str(row["label"] or record[mapping.side(target).key]), row[f"{target.other}_id"]
        change = Updates(self.sheet).update(mapping, target, record, cells, source, label)
        context = change.context if action is Action.UPDATE else {}
        return replace(change, action=action, context=context, unlinks=True, depends_on=(), hold=reason)

    def _way(
        self, mapping: FieldMapping, target: Side, row: Difference, record: Row
    ) -> tuple[Action, list[Cell], str]:
        """How the record goes, the cells that tell of it, and what stands in the way."""
        spec, said = mapping.side(target), why(row)
        described = self.describes[target].get(spec.object, {})
        ways = ways_out(target, described)
        if mapping.parent is not None and target is Side.QUICKBOOKS:
            return Action.DELETE, _lost(mapping, target, record, said), _NO_LINES
        if row["resolution"] == f"{Operation.DELETE}_{target}" and ways and ways[0] is not Action.UPDATE:
            made = voided if ways[0] is Action.VOID else _lost
            return ways[0], made(mapping, target, record, said), ""
        found = active_field(mapping, target, record)
        if found is not None:
            cell = Cell(field=found[0], api=found[1], before=record[found[1]], after=False, why=said)
            return Action.UPDATE, [cell], ""
        what = f"{target.label} lets no {spec.object} go from here: a person has to do it there"
        if row["resolution"] == f"{Operation.DEACTIVATE}_{target}":
            what = f"{target.label}'s {spec.object} has no field that says whether it is active"
        return Action.DELETE, _lost(mapping, target, record, said), what


_NO_LINES = "lines of QuickBooks documents are not changed from here: a person has to do it there"


def _lost(mapping: FieldMapping, target: Side, record: Row, said: str) -> list[Cell]:
    """What goes with the record: the values that the mapping knows."""
    names: dict[str, str] = {}
    for field in mapping.fields:
        for api in field.api(target):
            names.setdefault(api, field.name)
    cells = [
        Cell(field=name, api=api, before=record[api], after=None, why=said)
        for api, name in names.items()
        if "." not in api and record.get(api) is not None
    ]
    key = mapping.side(target).key
    return cells or [Cell(field="", api=key, before=record[key], after=None, why=said)]


def voided(mapping: FieldMapping, target: Side, record: Row, said: str) -> list[Cell]:
    """What becomes of a void transaction: its number stays, its amounts are 0."""
    amounts = [field for field in mapping.fields if field.type is FieldType.MONEY]
    money = dict.fromkeys((field.name, api) for field in amounts for api in field.api(target))
    label = mapping.side(target).label
    number = Cell(field="", api=label, before=record.get(label), after=record.get(label), why=said)
    return [
        number,
        *(
            Cell(field=name, api=api, before=record[api], after=Decimal(0), why=said)
            for name, api in money
            if record.get(api) is not None
        ),
    ]


def _referred(mapping: FieldMapping, target: Side, record: Row) -> Iterator[Record]:
    """The records of the same side that a record refers to."""
    names = [field.api(target)[0] for field in mapping.fields if field.type is FieldType.REFERENCE]
    names += [str(mapping.side(target).parent)] if mapping.parent else []
    for name in dict.fromkeys(names):
        if record.get(name):
            yield target, str(record[name])


def _in_order(made: Mapping[Record, Change], refers: Iterable[tuple[Record, Record]]) -> Iterator[Change]:
    """Changes with what they wait for, each behind it; those that wait for each other come last."""
    waits: dict[Record, list[Record]] = {record: [] for record in made}
    for child, parent in refers:
        if parent in made and parent != child and child not in waits[parent]:
            waits[parent].append(child)
    left, done = list(made), set[Record]()
    while left:
        free = [record for record in left if all(each in done for each in waits[record])] or left
        for record in free:
            yield replace(made[record], depends_on=tuple(made[each].id for each in waits[record]))
        done.update(free)
        left = [record for record in left if record not in done]
