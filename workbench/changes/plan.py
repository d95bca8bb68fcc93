"""Plan a change set from differences.

Each difference that writes becomes cells of a change: differences of one record are one change, a record
on one side only is a create with its lines and related records, and what is known only after QuickBooks
has answered (a new ListID in Salesforce's QuickBooks Id) is a change of its own that waits for the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Mapping as ReadOnly
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import duckdb

from workbench.changes.changeset import Answer, Cell, Change, ChangeSet, change_id
from workbench.changes.holds import Describes, Predict, hold, hold_dependents
from workbench.changes.pricebook import PriceBook
from workbench.changes.records import Records, Row
from workbench.changes.references import Links
from workbench.errors import PlanError, Problem, Problems
from workbench.model import FieldMap, FieldType, Kind, Mapping, Operation, Resolution, Side
from workbench.normalize import write_values

Difference = dict[str, Any]

_CREATES = {
    Resolution.CREATE_SALESFORCE: Side.SALESFORCE,
    Resolution.CREATE_QUICKBOOKS: Side.QUICKBOOKS,
}
_TAKES = {
    Resolution.TAKE_SALESFORCE: Side.QUICKBOOKS,
    Resolution.TAKE_QUICKBOOKS: Side.SALESFORCE,
}
_ITEM_CONTEXT = ("Type", "SalesBranch", "Sublevel")
"""What the writer of a QuickBooks record must know of it besides the cells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """All that a plan is made from.

    Attributes:
        mappings: In dependency order: a mapping stands after those it refers to.
        describes: By side, what each object can hold.
        to: Sides that may be written.
        predictions: Reasons for which a system would refuse a change.
        busy: Reason by (side, record): an earlier change of it is not settled yet.
        header: What the change set records of its origin (snapshot ids, hashes).
    """

    mappings: Sequence[Mapping]
    describes: ReadOnly[Side, Describes]
    to: frozenset[Side] = frozenset(Side)
    predictions: Sequence[Predict] = ()
    busy: ReadOnly[tuple[str, str], str] = field(default_factory=dict)
    header: ReadOnly[str, Any] = field(default_factory=dict)


def plan(connection: duckdb.DuckDBPyConnection, inputs: Inputs) -> ChangeSet:
    """Answer the change set for the differences in `work.differences`; writes nothing.

    Raises:
        PlanError: Two mappings write to the same record; all such records are listed.
    """
    planner = _Planner(connection, inputs)
    changes = [replace(change, hold=_busy(change, inputs.busy)) for change in planner.changes()]
    changes = [hold(change, inputs.describes[Side(change.side)], inputs.predictions) for change in changes]
    _refuse_twice(changes)
    return ChangeSet(header=inputs.header, changes=hold_dependents(changes))


class _Planner:
    def __init__(self, connection: duckdb.DuckDBPyConnection, inputs: Inputs) -> None:
        self.inputs = inputs
        self.records = Records(connection)
        self.mappings = {mapping.name: mapping for mapping in _with_lines(inputs.mappings)}
        self.differences = self._differences()
        self.links = self._links()

    @cached_property
    def pricebook(self) -> PriceBook:
        return PriceBook(self.records)

    def changes(self) -> Iterator[Change]:
        for mapping in self.inputs.mappings:
            yield from self._creates(mapping)
            yield from self._updates(mapping)
            if mapping.lines:
                yield from self._line_creates(mapping.lines)
                yield from self._updates(mapping.lines)

    # --- what there is to do -------------------------------------------------

    def _differences(self) -> list[Difference]:
        writes = [str(resolution) for resolution in (*_CREATES, *_TAKES)]
        rows = self.records.rows(
            "SELECT * FROM work.differences WHERE list_contains(?, resolution) "
            "ORDER BY mapping, label, salesforce_id, quickbooks_id, field",
            [writes],
        )
        return [row for row in rows if self._target(row) in self.inputs.to]

    def _target(self, row: Difference) -> Side:
        resolution = Resolution(row["resolution"])
        return _CREATES[resolution] if resolution in _CREATES else _TAKES[resolution]

    def _of(self, mapping: Mapping, kinds: Iterable[Kind]) -> list[Difference]:
        wanted = {str(kind) for kind in kinds}
        return [row for row in self.differences if row["mapping"] == mapping.name and row["kind"] in wanted]

    def _links(self) -> Links:
        pairs = {}
        for row in self.records.rows("SELECT mapping, salesforce_id, quickbooks_id FROM kept.crosswalk"):
            pairs[(row["mapping"], Side.SALESFORCE, row["salesforce_id"])] = row["quickbooks_id"]
            pairs[(row["mapping"], Side.QUICKBOOKS, row["quickbooks_id"])] = row["salesforce_id"]
        links = Links(pairs)
        for mapping in self.mappings.values():
            for side in Side:
                links.keys[(mapping.name, side)] = mapping.side(side).key
            for row in self._of(mapping, (Kind.ONLY_SALESFORCE, Kind.ONLY_QUICKBOOKS)):
                target = self._target(row)
                source = row[f"{target.other}_id"]
                links.planned[(mapping.name, target.other, source)] = _create_id(mapping, target, source)
        return links

    # --- records on one side only --------------------------------------------

    def _creates(self, mapping: Mapping) -> Iterator[Change]:
        rows = self._of(mapping, (Kind.ONLY_SALESFORCE, Kind.ONLY_QUICKBOOKS))
        for target in Side:
            wanted = {row[f"{target.other}_id"]: row for row in rows if self._target(row) is target}
            sources = self.records.by_key(mapping, target.other, wanted)
            lines = self._source_lines(mapping, target.other, wanted)
            for source_id, row in wanted.items():
                yield from self._create(mapping, target, row, sources[source_id], lines.get(source_id, []))

    def _source_lines(self, mapping: Mapping, side: Side, keys: Iterable[str]) -> dict[str, list[Row]]:
        return self.records.lines_of(mapping.lines, side, keys) if mapping.lines else {}

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
            for line in lines:
                yield self._line_create(mapping.lines, target, line, create.id, row)
        if target is Side.QUICKBOOKS:
            yield from self._write_backs(mapping, create, source, lines, row)

    def _create_record(self, mapping: Mapping, target: Side, row: Difference, source: Row) -> Change:
        spec = mapping.side(target)
        source_id = str(row[f"{target.other}_id"])
        cells, holds = self._cells(mapping, target, _written_on_create(mapping, target), source, _why(row))
        cells = [cell for cell in cells if cell.after is not None and "." not in cell.api]
        named = {cell.api for cell in cells}
        cells += [
            Cell(field="", api=api, before=None, after=value, why="default of the mapping")
            for api, value in mapping.defaults.get(target, {}).items()
            if api not in named
        ]
        return Change(
            id=_create_id(mapping, target, source_id),
            mapping=mapping.name,
            side=target,
            object=spec.object,
            action="create",
            record=None,
            label=str(row["label"] or source_id),
            version=None,
            source_id=source_id,
            cells=tuple(cells),
            depends_on=_parents(cells),
            links=True,
            hold="; ".join(holds),
        )

    def _with_lines(self, create: Change, lines: Mapping, sources: list[Row]) -> Change:
        """A QuickBooks document is made whole: its lines go in the same request."""
        made, holds, parents = [], [create.hold] if create.hold else [], list(create.depends_on)
        for source in sources:
            fields = _written_on_create(lines, Side.QUICKBOOKS)
            cells, line_holds = self._cells(lines, Side.QUICKBOOKS, fields, source, "")
            made.append({cell.api: cell.after for cell in cells if cell.after is not None})
            holds += line_holds
            parents += _parents(cells)
        if not made:
            holds.append("a document needs at least one line")
        key = lines.side(Side.SALESFORCE).key
        return replace(
            create,
            lines=tuple(made),
            line_sources=tuple(source[key] for source in sources),
            depends_on=tuple(dict.fromkeys(parents)),
            hold="; ".join(dict.fromkeys(holds)),
        )

    def _write_backs(
        self, mapping: Mapping, create: Change, source: Row, lines: list[Row], row: Difference
    ) -> Iterator[Change]:
        """Salesforce fields that hold keys of the record that QuickBooks is about to make."""
        if Side.SALESFORCE not in self.inputs.to:
            return
        spec = mapping.side(Side.QUICKBOOKS)
        cells = self._key_cells(mapping, source, lambda _: Answer(create.id, spec.key))
        if cells:
            yield self._update(mapping, Side.SALESFORCE, source, cells, create.source_id, str(row["label"]))
        if mapping.lines:
            for number, line in enumerate(lines):
                answer = Answer(create.id, f"lines.{number}.{mapping.lines.quickbooks.key}")
                cells = self._key_cells(mapping.lines, line, lambda _, answer=answer: answer)
                if cells:
                    label = f"{row['label']}, line {number + 1}"
                    yield self._update(mapping.lines, Side.SALESFORCE, line, cells, None, label)

    def _key_cells(self, mapping: Mapping, source: Row, value: Callable[[FieldMap], object]) -> list[Cell]:
        key = mapping.side(Side.QUICKBOOKS).key
        return [
            Cell(
                field=each.name,
                api=each.salesforce[0],
                before=source.get(each.salesforce[0]),
                after=value(each),
                why="the key of the new QuickBooks record, written back",
            )
            for each in mapping.fields
            if each.quickbooks == (key,) and each.direction.allows(Side.SALESFORCE)
        ]

    # --- lines that Salesforce keeps as records -------------------------------

    def _line_creates(self, lines: Mapping) -> Iterator[Change]:
        rows = [
            row for row in self._of(lines, (Kind.ONLY_QUICKBOOKS,)) if self._target(row) is Side.SALESFORCE
        ]
        sources = self.records.by_key(lines, Side.QUICKBOOKS, [row["quickbooks_id"] for row in rows])
        for row in rows:
            source = sources[row["quickbooks_id"]]
            parent_key = source[lines.quickbooks.parent]
            parent = self.links.partner(str(lines.parent), Side.QUICKBOOKS, parent_key)
            yield self._line_create(lines, Side.SALESFORCE, source, parent, row)

    def _line_create(
        self, lines: Mapping, target: Side, source: Row, parent: str | Answer | None, row: Difference
    ) -> Change:
        spec, source_spec = lines.side(target), lines.side(target.other)
        if isinstance(parent, str) and parent.startswith("ch-"):
            parent = Answer(parent, str(spec.parent_key))
        cells, holds = self._cells(lines, target, _written_on_create(lines, target), source, _why(row))
        cells = [cell for cell in cells if cell.after is not None]
        cells = self.pricebook.line_cells(cells, self._planned_prices())
        belongs = Cell(field="", api=str(spec.parent), before=None, after=parent, why="the line's document")
        if parent is None:
            holds.append("the document of this line is not linked")
        source_id = str(source[source_spec.key])
        return Change(
            id=_create_id(lines, target, source_id),
            mapping=lines.name,
            side=target,
            object=spec.object,
            action="create",
            record=None,
            label=f"{row['label']}, line {source.get(str(source_spec.order)) or ''}".rstrip(),
            version=None,
            source_id=source_id,
            cells=(belongs, *cells),
            depends_on=_parents((belongs, *cells)),
            links=True,
            hold="; ".join(dict.fromkeys(holds)),
        )

    def _planned_prices(self) -> dict[str, str]:
        """The create of a price for each product that is itself created: by the product's create."""
        return {
            create: _related_id(create, related.object)
            for (mapping, side, _), create in self.links.planned.items()
            if side is Side.QUICKBOOKS
            for related in self.mappings[mapping].salesforce.related
        }

    # --- related records -------------------------------------------------------

    def _related_creates(
        self, mapping: Mapping, target: Side, create: Change, source: Row, row: Difference
    ) -> Iterator[Change]:
        for related in mapping.side(target).related:
            fields = _written_on_create(mapping, target)
            cells, holds = self._cells(mapping, target, fields, source, _why(row))
            cells = [
                replace(cell, api=cell.api.removeprefix(f"{related.object}."))
                for cell in cells
                if cell.api.startswith(f"{related.object}.") and cell.after is not None
            ]
            if not cells:
                continue
            owner = Answer(create.id, mapping.side(target).key)
            cells += self.pricebook.entry_cells(related.key, owner)
            yield Change(
                id=_related_id(create.id, related.object),
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

    # --- matched pairs -----------------------------------------------------------

    def _updates(self, mapping: Mapping) -> Iterator[Change]:
        rows = self._of(mapping, (Kind.FIELD,))
        for target in Side:
            mine = [row for row in rows if self._target(row) is target]
            keys = {side: [row[f"{side}_id"] for row in mine] for side in Side}
            records = {side: self.records.by_key(mapping, side, keys[side]) for side in Side}
            for (target_id, source_id), group in _grouped(mine, target).items():
                target_row, source_row = records[target][target_id], records[target.other][source_id]
                yield from self._update_pair(mapping, target, group, target_row, source_row)

    def _update_pair(
        self, mapping: Mapping, target: Side, group: list[Difference], record: Row, source: Row
    ) -> Iterator[Change]:
        cells: list[Cell] = []
        holds: list[str] = []
        for row in group:
            fields = (mapping.field(row["field"]),)
            made, reasons = self._cells(mapping, target, fields, source, _why(row))
            cells += [replace(cell, before=record.get(cell.api)) for cell in made]
            holds += reasons
        source_id = str(source[mapping.side(target.other).key])
        label = str(group[0]["label"])
        own = [cell for cell in cells if "." not in cell.api]
        if target is Side.SALESFORCE and mapping.parent:
            own = self.pricebook.line_cells(own, self._planned_prices())
        if own:
            change = self._update(mapping, target, record, own, source_id, label)
            yield replace(change, hold="; ".join(dict.fromkeys(holds)))
        yield from self._related_updates(mapping, target, cells, record, source_id, label)

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
                mine += self.pricebook.entry_cells(related.key, owner)
                create = self._change(mapping, target, related.object, None, None, mine, source_id, name)
                yield replace(create, id=_related_id(f"{mapping.name}:{owner}", related.object))

    def _update(
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
        context = {name: record[name] for name in _ITEM_CONTEXT if record.get(name) is not None}
        return replace(change, context=context)

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
            depends_on=_parents(cells),
        )

    # --- values -------------------------------------------------------------------

    def _cells(
        self, mapping: Mapping, target: Side, fields: Iterable[FieldMap], source: Row, why: str
    ) -> tuple[list[Cell], list[str]]:
        """The cells that carry a record's values over to `target`, and what stands in the way."""
        cells, holds = [], []
        for each in fields:
            if each.type is FieldType.REFERENCE:
                value = self._reference(each, target, source, holds)
                values: dict[str, Any] = {each.api(target)[0]: value}
            else:
                values = write_values(each, target, source)
            for api, after in values.items():
                cells.append(Cell(field=each.name, api=api, before=None, after=after, why=why))
            if each.required and all(value is None for value in values.values()):
                holds.append(f"{each.name} is empty, and {target.label} needs it")
        return cells, holds

    def _reference(self, each: FieldMap, target: Side, source: Row, holds: list[str]) -> str | Answer | None:
        record = source.get(each.api(target.other)[0])
        partner = self.links.partner(str(each.reference), target.other, record)
        if record is not None and partner is None:
            holds.append(f"{each.name}: {record} has no partner in {target.label} ({each.reference})")
        return partner


def _with_lines(mappings: Iterable[Mapping]) -> Iterator[Mapping]:
    for mapping in mappings:
        yield mapping
        if mapping.lines:
            yield mapping.lines


def _written_on_create(mapping: Mapping, target: Side) -> tuple[FieldMap, ...]:
    return tuple(each for each in mapping.fields if each.direction.allows(target))


def _grouped(rows: Iterable[Difference], target: Side) -> dict[tuple[str, str], list[Difference]]:
    groups: dict[tuple[str, str], list[Difference]] = {}
    for row in rows:
        groups.setdefault((row[f"{target}_id"], row[f"{target.other}_id"]), []).append(row)
    return groups


def _create_id(mapping: Mapping, target: Side, source_id: str) -> str:
    return change_id(mapping.name, target, mapping.side(target).object, f"from {source_id}")


def _related_id(owner: str, object_: str) -> str:
    return change_id("related", "", object_, owner)


def _parents(cells: Iterable[Cell]) -> tuple[str, ...]:
    found = [cell.after.change for cell in cells if isinstance(cell.after, Answer)]
    return tuple(dict.fromkeys(found))


def _why(row: Difference) -> str:
    by, reason = row.get("resolved_by") or "", row.get("reason") or ""
    return f"{by}: {reason}" if by and reason else str(reason or by)


def _busy(change: Change, busy: ReadOnly[tuple[str, str], str]) -> str:
    other = Side(change.side).other
    keys = [(str(change.side), change.record), (str(other), change.source_id)]
    reasons = [busy[(side, record)] for side, record in keys if record and (side, record) in busy]
    return "; ".join(filter(None, [change.hold, *dict.fromkeys(reasons)]))


def _refuse_twice(changes: Iterable[Change]) -> None:
    seen: dict[tuple[str, str, str], Change] = {}
    problems = []
    for change in changes:
        if change.record is None:
            continue
        first = seen.setdefault((change.side, change.object, change.record), change)
        if first is not change:
            problems.append(
                Problem(
                    what=f"two changes write to the same record {change.label}",
                    where=f"{change.side} {change.object} {change.record}",
                    values={"one": first.mapping, "other": change.mapping},
                    fix="Keep the filters (where) of the two mappings apart.",
                )
            )
    if problems:
        raise (
            Problems(problems)
            if len(problems) > 1
            else PlanError(
                problems[0].what, where=problems[0].where, values=problems[0].values, fix=problems[0].fix
            )
        )


__all__ = ["Inputs", "Operation", "plan"]
