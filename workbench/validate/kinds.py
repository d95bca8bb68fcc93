"""Values for records of a type that has no such field: an item has what its type has, and no more."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import duckdb

from workbench.expressions.texts import clean
from workbench.model import FieldMap, Mapping, Side
from workbench.normalize import identifier, literal, write_values
from workbench.normalize.sql import raw
from workbench.validate.fitting import Carried

TYPE = "Type"
"""The field of a union that says which kind a record is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreign:
    """Records whose type has no field for a value of theirs.

    Attributes:
        records: Some of them, as `id` and `label`.
        told: Why, in the words of a plan's hold.
    """

    count: int
    records: list[dict[str, Any]]
    told: str


def foreign(
    connection: duckdb.DuckDBPyConnection,
    mapping: Mapping,
    carried: Carried,
    *,
    subjects: str,
    joined: str,
    examples: int,
) -> Iterator[Foreign]:
    """Yield what a field map would write to records that cannot hold it, by type and field.

    Args:
        subjects: SQL of the (id, label) of records whose value may be written.
        joined: The join that the texts of `carried` come from.
        examples: How many records are named of each.
    """
    limited = {api: tuple(one["kinds"]) for api, one in carried.targets.items() if one.get("kinds")}
    typed = _typed(mapping, carried.side)
    if not limited or typed is None:
        return
    (word,) = typed.api(carried.side.other)
    query = _query(mapping, carried, word, subjects, joined, examples)
    for there, here, count, records in connection.execute(query).fetchall():
        # A record that is there keeps its type; a new one gets the one that it would be created with.
        kind = there or write_values(typed, carried.side, {word: here}).get(TYPE)
        for api, kinds in limited.items():
            if kind is not None and kind not in kinds:
                object_, others = mapping.side(carried.side).object, " and ".join(kinds)
                told = f"{object_} of type {kind} has no {api}; only {others} have it"
                yield Foreign(count=int(count), records=records, told=told)


def _typed(mapping: Mapping, side: Side) -> FieldMap | None:
    """The field map that gives a record its type, where it is a plain one."""
    found = next((each for each in mapping.fields if each.targets(side) == (TYPE,)), None)
    return None if found is None or found.expressions else found


def _query(mapping: Mapping, carried: Carried, word: str, subjects: str, joined: str, examples: int) -> str:
    target, source = carried.side, carried.side.other
    given = " OR ".join(f"({clean(text)}) IS NOT NULL" for text in carried.texts.values())
    return (
        f"SELECT there.{identifier(f'raw:{TYPE}')}, here.{identifier(f'raw:{word}')}, count(*), "
        f"list({{'id': s.id, 'label': s.label}} ORDER BY s.label, s.id)[:{examples}] "
        f"FROM ({subjects}) AS s {joined} "
        f"JOIN {raw(mapping, source)} AS here ON here.id = s.id "
        f"LEFT JOIN kept.crosswalk AS x ON x.mapping = {literal(mapping.name)} AND x.{source}_id = s.id "
        f"LEFT JOIN {raw(mapping, target)} AS there ON there.id = x.{target}_id "
        f"WHERE {given} GROUP BY ALL ORDER BY min(s.label), 1, 2"
    )
