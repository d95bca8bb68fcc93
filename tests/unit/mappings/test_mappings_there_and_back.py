"""Random records through each field of each shipped mapping, there and back.

What comes out is the value that went in, as the field compares it, or the loss that the preview names before
anything is sent: exactly that loss, and no other record is held.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from mapping_values import Pool, column_type, described, kept, losses, pools

from tests.unit.core.core_world import World, examples
from workbench.errors import WorkbenchError
from workbench.mapping import load_mappings
from workbench.model import Direction, FieldMap, FieldType, Mapping, Side
from workbench.normalize import Values, compare_sql, expressions_of_write, fits, identifier, write_values

FOLDER = Path(__file__).resolve().parents[3] / "mappings"
LOADED = load_mappings(FOLDER).values()
MAPPINGS = [each for mapping in LOADED for each in (mapping, mapping.lines) if each]
BY_NAME = {each.name: each for each in MAPPINGS}
RECORDS = 14
Row = dict[str, Any]

HELD = ("decimal places", "lines, ", "has no Salesforce value", "the expression fails", "has no partner")
"""Reasons for which a value is not written, before a describe is asked."""

PARTNERS = {side: {f"{side}-{number}": f"{side.other}-{number}" for number in range(4)} for side in Side}
"""Linked records of whatever mapping a reference points to; `<side>-9` is linked to nothing."""


class Table:
    """Records of one side, in DuckDB, as the fields of a mapping compare them."""

    def __init__(self, world: World, mapping: Mapping, side: Side, rows: list[Row]) -> None:
        self.world, self.mapping, self.side = world, mapping, side
        names = columns(mapping, side)
        kinds = [(name, self._type(name)) for name in names]
        values = [[place, *(row.get(name) for name in names)] for place, row in enumerate(rows)]
        world.rows("work.records", [("place", "INTEGER"), *kinds], values)

    def _type(self, name: str) -> str:
        return column_type(described(self.mapping, self.side, name), FieldType.TEXT)

    def compared(self, fields: Iterable[FieldMap]) -> list[Row]:
        """The comparable value of each field, a row a record."""
        chosen = {each.name: compare_sql(each, self.side, identifier) for each in fields}
        listed = ", ".join(f"{sql} AS {identifier(name)}" for name, sql in chosen.items())
        found = self.world.query(f"SELECT {listed or 'place'} FROM work.records ORDER BY place")
        return [dict(zip(chosen, row, strict=False)) for row in found]


def columns(mapping: Mapping, side: Side) -> list[str]:
    """The API fields that the fields of a mapping read or write on a side."""
    names = [name for field in mapping.fields for name in (*field.needed(side), *field.targets(side))]
    return list(dict.fromkeys(names))


def records(mapping: Mapping, side: Side, pool: Pool) -> list[Row]:
    """Records that the side can hold."""
    referring = {field.api(side)[0] for field in mapping.fields if field.type is FieldType.REFERENCE}
    found = []
    for place in range(RECORDS):
        row: Row = {}
        for offset, name in enumerate(columns(mapping, side)):
            if name in referring:
                row[name] = (*PARTNERS[side], f"{side}-9", None)[(place + offset) % 6]
            else:
                row[name] = pool.value(described(mapping, side, name), side, place + offset)
        found.append(row)
    return found


@cache
def world() -> World:
    given_world = World()
    given_world.connection.execute("CREATE SCHEMA IF NOT EXISTS work")
    given_world.connection.execute("SET disabled_optimizers = 'common_subexpressions'")
    for reference in {
        str(each.reference) for mapping in MAPPINGS for each in mapping.fields if each.reference
    }:
        given_world.pair(reference, *((f"p{n}", f"salesforce-{n}", f"quickbooks-{n}") for n in range(4)))
    return given_world


def carried(mapping: Mapping, to: Side, rows: list[Row]) -> tuple[list[Row], list[dict[str, str]]]:
    """What the other side keeps of records that are written to it, and what the preview says, by field.

    Holds the preview to the truth: it names a loss when there is one, that one, and no other.
    """
    fields = [each for each in mapping.fields if each.direction.allows(to)]
    values = Values()
    for field in fields:
        for expression in expressions_of_write(field, to):
            values.prepare(expression, rows)
    stored: list[Row] = [{} for _ in rows]
    told: list[dict[str, str]] = [{} for _ in rows]
    for row, there, said in zip(rows, stored, told, strict=True):
        for field in fields:
            written, reason = writing(field, to, row, values)
            assert not reason or any(word in reason for word in HELD), reason
            for name, value in written.items():
                kind = described(mapping, to, name)
                problem = fits(kind, value, side=to)
                lost = list(losses(kind, to, value))
                shown = f"{mapping.name}.{field.name} -> {name}: {value!r} of {row}"
                assert (problem is None) == (not lost), f"{shown}: told {problem}, lost {lost}"
                if problem:
                    assert any(word in str(problem.what) for word in lost), (
                        f"{shown}: {problem} is not {lost}"
                    )
                    reason = str(problem.what)
                # What is held is never sent, so it does not come back either.
                there[name] = None if reason else kept(kind, to, value)
            if reason:
                said[field.name] = reason
    return stored, told


def writing(field: FieldMap, to: Side, row: Row, values: Values) -> tuple[Row, str]:
    """What is written of a field, and why it is not."""
    if field.type is not FieldType.REFERENCE:
        try:
            return write_values(field, to, row, values), ""
        except WorkbenchError as error:
            return {}, str(error)
    record = row[field.api(to.other)[0]]
    partner = PARTNERS[to.other].get(record)
    unlinked = record is not None and partner is None and not field.unlinked_empty
    return {field.api(to)[0]: partner}, "has no partner" if unlinked else ""


def same_or_told(
    mapping: Mapping, fields: list[FieldMap], one: list[Row], other: list[Row], told: list[dict[str, str]]
) -> None:
    """Comparable values of both sides are equal, within the tolerance, wherever no loss was told."""
    for left, right, said in zip(one, other, told, strict=True):
        for field in fields:
            before, after = left[field.name], right[field.name]
            near = field.tolerance and before is not None and after is not None
            equal = abs(before - after) <= field.tolerance if near else before == after
            assert equal or field.name in said, f"{mapping.name}.{field.name}: {before!r} became {after!r}"


def compared_after(field: FieldMap, to: Side) -> bool:
    """A field that is written once, by an expression of its own, need not be what was read."""
    return field.direction.allows(to) and not (field.create_only and field.write(to))


@pytest.mark.parametrize("side", list(Side), ids=lambda side: f"from {side}")
@pytest.mark.parametrize("name", [mapping.name for mapping in MAPPINGS])
@given(pool=pools())
@settings(examples(4), phases=[Phase.explicit, Phase.reuse, Phase.generate])
def test_a_value_comes_back_as_it_was_or_its_loss_is_told(name: str, side: Side, pool: Pool) -> None:
    mapping, there, here = BY_NAME[name], side.other, side
    fields = [each for each in mapping.fields if compared_after(each, there)]
    if not fields:
        return
    given_world, rows = world(), records(mapping, here, pool)
    stored, told = carried(mapping, there, rows)
    before = Table(given_world, mapping, here, rows).compared(fields)
    after = Table(given_world, mapping, there, stored).compared(fields)
    same_or_told(mapping, fields, before, after, told)
    both = [each for each in fields if each.direction is Direction.BOTH and compared_after(each, here)]
    back, told_back = carried(mapping, here, stored)
    again = Table(given_world, mapping, here, back).compared(both)
    same_or_told(mapping, both, after, again, told_back)


def test_every_field_that_is_written_is_among_them() -> None:
    tried = {
        (mapping.name, each.name, to)
        for mapping in MAPPINGS
        for to in Side
        for each in mapping.fields
        if each.direction.allows(to)
    }
    assert {name for name, _, _ in tried} == {mapping.name for mapping in MAPPINGS}
    assert len(tried) > 100


@given(st.data())
@examples(8)
def test_the_records_are_such_as_their_side_holds(data: st.DataObject) -> None:
    """Else a loss on the way there could be one that was never possible."""
    mapping, side = data.draw(st.sampled_from(MAPPINGS)), data.draw(st.sampled_from(list(Side)))
    for row in records(mapping, side, data.draw(pools())):
        for name, value in row.items():
            kind = described(mapping, side, name)
            if value is not None and kind["type"] not in ("reference", "id"):
                assert not list(losses(kind, side, value)), (name, value)
                assert kept(kind, side, value) == value
