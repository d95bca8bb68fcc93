"""What a plan works from: the differences that write, the records behind them, and who refers to whom."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import duckdb

from workbench.changes.changeset import Answer, Cell, change_id
from workbench.changes.cut import cut
from workbench.changes.pricebook import PriceBook
from workbench.changes.records import Records, Row
from workbench.changes.references import Links
from workbench.diff.states import Open
from workbench.errors import WorkbenchError
from workbench.model import FieldMap, FieldType, Kind, Mapping, Resolution, Side
from workbench.normalize import Values, expressions_of_write, write_values

Difference = dict[str, Any]
"""A row of `work.differences`."""

TARGETS = {
    Resolution.CREATE_SALESFORCE: Side.SALESFORCE,
    Resolution.CREATE_QUICKBOOKS: Side.QUICKBOOKS,
    Resolution.TAKE_SALESFORCE: Side.QUICKBOOKS,
    Resolution.TAKE_QUICKBOOKS: Side.SALESFORCE,
    Resolution.DEACTIVATE_SALESFORCE: Side.SALESFORCE,
    Resolution.DEACTIVATE_QUICKBOOKS: Side.QUICKBOOKS,
    Resolution.DELETE_SALESFORCE: Side.SALESFORCE,
    Resolution.DELETE_QUICKBOOKS: Side.QUICKBOOKS,
}
"""The side that a resolution writes to."""


@dataclass
class Sheet:
    """The worksheet of one plan.

    Attributes:
        mappings: In dependency order, those of lines left out.
        to: Sides that may be written.
        prices: The create of a price, by the create of its product; a product may come without one.
        evaluated: Values of expressions; those of many records are asked for together (`prepare`).
    """

    connection: duckdb.DuckDBPyConnection
    mappings: tuple[Mapping, ...]
    to: frozenset[Side]
    prices: dict[str, str] = field(default_factory=dict)
    evaluated: Values = field(default_factory=Values)

    @cached_property
    def records(self) -> Records:
        return Records(self.connection)

    @cached_property
    def pricebook(self) -> PriceBook:
        return PriceBook(self.records)

    @cached_property
    def by_name(self) -> dict[str, Mapping]:
        """All mappings by name, those of lines too."""
        with_lines = [each for mapping in self.mappings for each in (mapping, mapping.lines)]
        return {each.name: each for each in with_lines if each is not None}

    @cached_property
    def differences(self) -> list[Difference]:
        """The differences that write to a side that may be written."""
        rows = self.records.rows(
            "SELECT * FROM work.differences WHERE list_contains(?, resolution) "
            "ORDER BY mapping, label, salesforce_id, quickbooks_id, field",
            [[str(resolution) for resolution in (*TARGETS, Resolution.SET)]],
        )
        return [row for row in rows if any(self.writes_to(row, side) for side in Side)]

    @cached_property
    def links(self) -> Links:
        """Partners by the crosswalk, and by the creates of this plan.

        Of mappings that others refer to, and of the lines of documents that go: few need all.
        """
        referred = {str(each.reference) for one in self.by_name.values() for each in one.fields}
        referred |= {str(one.parent) for one in self.by_name.values()}
        referred |= {one.lines.name for one in self.mappings if one.lines and self.removals(one)}
        pairs = {}
        query = (
            "SELECT mapping, salesforce_id, quickbooks_id FROM kept.crosswalk WHERE list_contains(?, mapping)"
        )
        for mapping, left, right in self.connection.execute(query, [sorted(referred)]).fetchall():
            pairs[(mapping, Side.SALESFORCE, left)] = right
            pairs[(mapping, Side.QUICKBOOKS, right)] = left
        links = Links(pairs)
        for mapping in self.by_name.values():
            for side in Side:
                links.keys[(mapping.name, side)] = mapping.side(side).key
            for row in self.creates(mapping):
                target = self.target(row)
                source = row[f"{target.other}_id"]
                links.planned[(mapping.name, target.other, source)] = create_id(mapping, target, source)
        return links

    def target(self, row: Difference) -> Side:
        """The side that a difference of a record writes to."""
        return TARGETS[Resolution(row["resolution"])]

    def writes_to(self, row: Difference, side: Side) -> bool:
        """Whether a difference writes to a side that may be written; a value that was set may go to both."""
        if side not in self.to:
            return False
        if row["resolution"] == Resolution.SET:
            return side in row["set_to"]
        return self.target(row) is side

    @cached_property
    def _by_kind(self) -> dict[tuple[str, str], list[Difference]]:
        found: dict[tuple[str, str], list[Difference]] = {}
        for row in self.differences:
            found.setdefault((row["mapping"], row["kind"]), []).append(row)
        return found

    def of(self, mapping: Mapping, *kinds: Kind) -> list[Difference]:
        """The differences of a mapping, of some kinds."""
        return [row for kind in kinds for row in self._by_kind.get((mapping.name, kind), ())]

    def creates(self, mapping: Mapping) -> list[Difference]:
        """The records of a mapping that are to be created on the other side."""
        return [row for row in self._alone(mapping) if row["resolution"].startswith("create_")]

    def removals(self, mapping: Mapping) -> list[Difference]:
        """The records of a mapping that are to go, because their partner was deleted."""
        return [row for row in self._alone(mapping) if not row["resolution"].startswith("create_")]

    def _alone(self, mapping: Mapping) -> list[Difference]:
        return self.of(mapping, Kind.ONLY_SALESFORCE, Kind.ONLY_QUICKBOOKS)

    def prepare(self, target: Side, fields: Iterable[FieldMap], sources: Iterable[Row]) -> None:
        """Work out the expressions of fields for records whose cells come next, all in a few queries."""
        rows = list(sources)
        for each in fields:
            for expression in expressions_of_write(each, target):
                self.evaluated.prepare(expression, rows)

    def cells(
        self, target: Side, fields: Iterable[FieldMap], source: Row, why: str, record: Row | None = None
    ) -> tuple[list[Cell], list[str]]:
        """The cells that carry a record's values over to `target`, and what stands in the way.

        Args:
            record: The record that is written, for what it holds before; None for a new one.
        """
        cells: list[Cell] = []
        holds: list[str] = []
        before = record or {}
        for each in fields:
            values = self._values(each, target, source, holds)
            for api, value in values.items():
                loss = cut(each, target, api, source, value)
                cells.append(
                    Cell(
                        field=each.name, api=api, before=before.get(api), after=value, why=why,
                        loss=loss, stored=value if loss else None,
                    )
                )  # fmt: skip
            if each.required and all(value is None for value in values.values()):
                holds.append(f"{each.name} is empty, and {target.label} needs it")
        return cells, holds

    def decided_cells(
        self, target: Side, each: FieldMap, source: Row, record: Row, row: Difference
    ) -> tuple[list[Cell], list[str]]:
        """The cells of one field of a pair: with the other side's value, or one that a person has set."""
        if row["resolution"] != Resolution.SET:
            return self.cells(target, (each,), source, why(row), record)
        # It is in QuickBooks' words, so the value map holds on the way to Salesforce only.
        plain = replace(each, values=()) if target is Side.QUICKBOOKS else each
        given = {each.api(target.other)[0]: row["set_value"]}
        return self.cells(target, (plain,), given, why(row), record)

    def _values(self, each: FieldMap, target: Side, source: Row, holds: list[str]) -> dict[str, Any]:
        if each.type is not FieldType.REFERENCE:
            try:
                return dict(write_values(each, target, source, self.evaluated))
            except WorkbenchError as error:  # trouble in data holds its record and stops nothing else
                holds.append(str(error).splitlines()[0])
                return {each.api(target)[0]: source.get(each.api(target.other)[0])}
        record = source.get(each.api(target.other)[0])
        partner = self.links.partner(str(each.reference), target.other, record)
        if record is not None and partner is None and not each.unlinked_empty:
            holds.append(f"{each.name}: {record} has no partner in {target.label} ({each.reference})")
        return {each.api(target)[0]: partner}


def written_on_create(mapping: Mapping, target: Side) -> tuple[FieldMap, ...]:
    """The fields that are written when a record is created on a side."""
    opened = Open.of(mapping)
    return tuple(each for each in mapping.fields if opened.carries(each, target))


def create_id(mapping: Mapping, target: Side, source_id: str) -> str:
    """The id of the change that creates the partner of a record."""
    return change_id(mapping.name, target, mapping.side(target).object, f"from {source_id}")


def related_id(owner: str, object_: str) -> str:
    """The id of the change that creates a related record of one that is (or was) created."""
    return change_id("related", "", object_, owner)


def parents(cells: Iterable[Cell]) -> tuple[str, ...]:
    """The changes whose answers the cells need."""
    found = [cell.after.change for cell in cells if isinstance(cell.after, Answer)]
    return tuple(dict.fromkeys(found))


def why(row: Difference) -> str:
    """Who or what decided a difference, in words."""
    by, reason = row.get("resolved_by") or "", row.get("reason") or ""
    return f"{by}: {reason}" if by and reason else str(reason or by)
