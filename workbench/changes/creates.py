"""Creates: a record on one side only becomes one on the other, with its lines and related records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from workbench.changes.changeset import Answer, Cell, Change
from workbench.changes.records import Row
from workbench.changes.sheet import Difference, Sheet, create_id, parents, related_id, why, written_on_create
from workbench.changes.updates import Updates
from workbench.changes.writebacks import written_back
from workbench.model import Mapping, Side


@dataclass(frozen=True, slots=True)
class Creates:
    """Plans the creates of a mapping."""

    sheet: Sheet

    def of_mapping(self, mapping: Mapping) -> Iterator[Change]:
        rows = self.sheet.creates(mapping)
        for target in Side:
            wanted = {row[f"{target.other}_id"]: row for row in rows if self.sheet.target(row) is target}
            sources = self.sheet.records.by_key(mapping, target.other, wanted)
            lines = self._source_lines(mapping, target.other, wanted)
            self._prepare(mapping, target, sources.values(), lines)
            for source_id, row in wanted.items():
                yield from self._create(mapping, target, row, sources[source_id], lines.get(source_id, []))

    def _source_lines(self, mapping: Mapping, side: Side, keys: Iterable[str]) -> dict[str, list[Row]]:
        return self.sheet.records.lines_of(mapping.lines, side, keys) if mapping.lines else {}

    def _prepare(
        self, mapping: Mapping, target: Side, sources: Iterable[Row], lines: dict[str, list[Row]]
    ) -> None:
        self.sheet.prepare(target, written_on_create(mapping, target), sources)
        if mapping.lines:
            rows = [row for document in lines.values() for row in document]
            self.sheet.prepare(target, written_on_create(mapping.lines, target), rows)

    def _create(
        self, mapping: Mapping, target: Side, row: Difference, source: Row, lines: list[Row]
    ) -> Iterator[Change]:
        create = self._create_record(mapping, target, row, source)
        whole = target is Side.QUICKBOOKS and mapping.lines is not None
        if whole and mapping.lines:
            create = self._with_lines(create, mapping.lines, lines)
        yield create
        yield from self._related_creates(mapping, target, create, source, row)
        if target is Side.SALESFORCE and mapping.lines:
            owner = Answer(create.id, mapping.side(target).key)
            for line in lines:
                yield self._line_create(mapping.lines, target, line, owner, row)
        if target is Side.QUICKBOOKS:
            yield from self._write_backs(mapping, create, source, lines, row)

    def _create_record(self, mapping: Mapping, target: Side, row: Difference, source: Row) -> Change:
        spec = mapping.side(target)
        source_id = str(row[f"{target.other}_id"])
        cells, holds = self.sheet.cells(target, written_on_create(mapping, target), source, why(row))
        cells = [cell for cell in cells if cell.after is not None and "." not in cell.api]
        named = {cell.api for cell in cells}
        cells += [
            Cell(field="", api=api, before=None, after=value, why="default of the mapping")
            for api, value in mapping.defaults.get(target, {}).items()
            if api not in named
        ]
        return Change(
            id=create_id(mapping, target, source_id),
            mapping=mapping.name,
            side=target,
            object=spec.object,
            action="create",
            record=None,
            label=str(row["label"] or source_id),
            version=None,
            source_id=source_id,
            cells=tuple(cells),
            depends_on=parents(cells),
            links=True,
            hold="; ".join(holds),
        )

    def _with_lines(self, create: Change, lines: Mapping, sources: list[Row]) -> Change:
        """A QuickBooks document is made whole: its lines go in the same request."""
        made: list[dict[str, Any]] = []
        holds = [create.hold] if create.hold else []
        needed = list(create.depends_on)
        for source in sources:
            fields = written_on_create(lines, Side.QUICKBOOKS)
            cells, line_holds = self.sheet.cells(Side.QUICKBOOKS, fields, source, "")
            made.append({cell.api: cell.after for cell in cells if cell.after is not None})
            holds += line_holds
            needed += parents(cells)
        if not made:
            holds.append("a document needs at least one line")
        key = lines.side(Side.SALESFORCE).key
        return replace(
            create,
            lines=tuple(made),
            line_sources=tuple(source[key] for source in sources),
            depends_on=tuple(dict.fromkeys(needed)),
            hold="; ".join(dict.fromkeys(holds)),
        )

    def of_lines(self, lines: Mapping) -> Iterator[Change]:
        rows = [row for row in self.sheet.creates(lines) if self.sheet.target(row) is Side.SALESFORCE]
        sources = self.sheet.records.by_key(lines, Side.QUICKBOOKS, [row["quickbooks_id"] for row in rows])
        self.sheet.prepare(Side.SALESFORCE, written_on_create(lines, Side.SALESFORCE), sources.values())
        for row in rows:
            source = sources[row["quickbooks_id"]]
            parent_key = source[str(lines.quickbooks.parent)]
            parent = self.sheet.links.partner(str(lines.parent), Side.QUICKBOOKS, parent_key)
            yield self._line_create(lines, Side.SALESFORCE, source, parent, row)

    def _line_create(
        self, lines: Mapping, target: Side, source: Row, parent: str | Answer | None, row: Difference
    ) -> Change:
        spec, source_spec = lines.side(target), lines.side(target.other)
        cells, holds = self.sheet.cells(target, written_on_create(lines, target), source, why(row))
        cells = [cell for cell in cells if cell.after is not None]
        cells, reasons = self.sheet.pricebook.line_cells(cells, self.sheet.prices)
        holds += reasons
        belongs = Cell(field="", api=str(spec.parent), before=None, after=parent, why="the line's document")
        if parent is None:
            holds.append("the document of this line is not linked")
        source_id = str(source[source_spec.key])
        return Change(
            id=create_id(lines, target, source_id),
            mapping=lines.name,
            side=target,
            object=spec.object,
            action="create",
            record=None,
            label=f"{row['label']}, line {source.get(str(source_spec.order)) or ''}".rstrip(),
            version=None,
            source_id=source_id,
            cells=(belongs, *cells),
            depends_on=parents((belongs, *cells)),
            links=True,
            hold="; ".join(dict.fromkeys(holds)),
        )

    def _related_creates(
        self, mapping: Mapping, target: Side, create: Change, source: Row, row: Difference
    ) -> Iterator[Change]:
        for related in mapping.side(target).related:
            fields = written_on_create(mapping, target)
            cells, holds = self.sheet.cells(target, fields, source, why(row))
            cells = [
                replace(cell, api=cell.api.removeprefix(f"{related.object}."))
                for cell in cells
                if cell.api.startswith(f"{related.object}.") and cell.after is not None
            ]
            if not cells:
                continue
            owner = Answer(create.id, mapping.side(target).key)
            cells += self.sheet.pricebook.entry_cells(related.key, owner)
            self.sheet.prices[create.id] = related_id(create.id, related.object)
            yield Change(
                id=self.sheet.prices[create.id],
                mapping=mapping.name,
                side=target,
                object=related.object,
                action="create",
                record=None,
                label=f"{create.label}: {related.object}",
                version=None,
                source_id=create.source_id,
                cells=tuple(cells),
                depends_on=(create.id,),
                hold="; ".join(holds),
            )

    def _write_backs(
        self, mapping: Mapping, create: Change, source: Row, lines: list[Row], row: Difference
    ) -> Iterator[Change]:
        """Salesforce fields that hold what QuickBooks will make up itself: keys and numbers."""
        if Side.SALESFORCE not in self.sheet.to:
            return
        updates = Updates(self.sheet)
        cells = written_back(mapping, source, create)
        if cells:
            label = str(row["label"])
            yield updates.update(mapping, Side.SALESFORCE, source, cells, create.source_id, label)
        if mapping.lines is None:
            return
        for number, line in enumerate(lines):
            cells = written_back(mapping.lines, line, create, f"lines.{number}.")
            if cells:
                label = f"{row['label']}, line {number + 1}"
                yield updates.update(mapping.lines, Side.SALESFORCE, line, cells, None, label)
