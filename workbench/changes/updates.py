"""Updates: the differences of a matched pair become one change of each record that is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from workbench.changes.changeset import Cell, Change, change_id
from workbench.changes.holds import with_hold
from workbench.changes.records import Row
from workbench.changes.sheet import Difference, Sheet, parents, related_id
from workbench.model import Kind, Mapping, Side

ITEM_CONTEXT = ("Type", "SalesBranch", "Sublevel")
"""What the writer of a QuickBooks record must know of it besides the cells."""


@dataclass(frozen=True, slots=True)
class Updates:
    """Plans the updates of a mapping."""

    sheet: Sheet

    def of_mapping(self, mapping: Mapping) -> Iterator[Change]:
        rows = self.sheet.of(mapping, Kind.FIELD)
        for target in Side:
            mine = [row for row in rows if self.sheet.writes_to(row, target)]
            keys = {side: [row[f"{side}_id"] for row in mine] for side in Side}
            records = {side: self.sheet.records.by_key(mapping, side, keys[side]) for side in Side}
            for each in mapping.fields:
                sources = [records[target.other][row[f"{target.other}_id"]]
                           for row in mine if row["field"] == each.name]  # fmt: skip
                self.sheet.prepare(target, (each,), sources)
            for (target_id, source_id), group in _grouped(mine, target).items():
                target_row, source_row = records[target][target_id], records[target.other][source_id]
                yield from self._update_pair(mapping, target, group, target_row, source_row)

    def _update_pair(
        self, mapping: Mapping, target: Side, group: list[Difference], record: Row, source: Row
    ) -> Iterator[Change]:
        cells: list[Cell] = []
        holds: list[str] = []
        related_holds: list[str] = []
        decided = {row["field"]: row for row in group}
        for each in mapping.fields:
            if each.name not in decided:
                continue
            made, reasons = self.sheet.decided_cells(target, each, source, record, decided[each.name])
            cells += made
            (related_holds if any("." in cell.api for cell in made) else holds).extend(reasons)
        source_id = str(source[mapping.side(target.other).key])
        label = str(group[0]["label"])
        own = [cell for cell in cells if "." not in cell.api]
        if target is Side.SALESFORCE and mapping.parent:
            own, reasons = self.sheet.pricebook.line_cells(own, self.sheet.prices)
            holds += reasons
        if own:
            change = self.update(mapping, target, record, own, source_id, label)
            yield with_hold(change, holds)
        for change in self._related_updates(mapping, target, cells, record, source_id, label):
            yield with_hold(change, related_holds)

    def _related_updates(
        self, mapping: Mapping, target: Side, cells: list[Cell], record: Row, source_id: str, label: str
    ) -> Iterator[Change]:
        spec = mapping.side(target)
        for related in spec.related:
            prefix = f"{related.object}."
            mine = [
                replace(cell, api=cell.api.removeprefix(prefix))
                for cell in cells
                if cell.api.startswith(prefix)
            ]
            if not mine:
                continue
            row = {key.removeprefix(prefix): value for key, value in record.items() if key.startswith(prefix)}
            name = f"{label}: {related.object}"
            if row.get(spec.key):
                yield self._change(
                    mapping, target, related.object, row[spec.key], row[spec.version], mine, source_id, name
                )
            else:
                owner = str(record[spec.key])
                mine += self.sheet.pricebook.entry_cells(related.key, owner)
                create = self._change(mapping, target, related.object, None, None, mine, source_id, name)
                yield replace(create, id=related_id(f"{mapping.name}:{owner}", related.object))

    def update(
        self,
        mapping: Mapping,
        target: Side,
        record: Row,
        cells: list[Cell],
        source_id: str | None,
        label: str,
    ) -> Change:
        spec = mapping.side(target)
        change = self._change(
            mapping, target, spec.object, record[spec.key], record.get(spec.version), cells, source_id, label
        )
        context = {name: record[name] for name in ITEM_CONTEXT if record.get(name) is not None}
        return replace(change, context=context) if context else change

    def _change(
        self,
        mapping: Mapping,
        target: Side,
        object_: str,
        record: str | None,
        version: object,
        cells: list[Cell],
        source_id: str | None,
        label: str,
    ) -> Change:
        return Change(
            id=change_id(mapping.name, target, object_, record or f"of {source_id}"),
            mapping=mapping.name,
            side=target,
            object=object_,
            action="update" if record else "create",
            record=record,
            label=label,
            version=None if version is None else str(version),
            source_id=source_id,
            cells=tuple(cells),
            depends_on=parents(cells),
        )


def _grouped(rows: Iterable[Difference], target: Side) -> dict[tuple[str, str], list[Difference]]:
    groups: dict[tuple[str, str], list[Difference]] = {}
    for row in rows:
        groups.setdefault((row[f"{target}_id"], row[f"{target.other}_id"]), []).append(row)
    return groups
