"""What depends on other rows: references to records that are not linked yet, and values that only follow."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from workbench.diff.states import Open
from workbench.diff.tables import differences_of
from workbench.mapping import with_lines
from workbench.model import Direction, FieldMap, FieldType, Mapping, Side
from workbench.normalize import identifier, literal
from workbench.normalize.sql import canonical, raw

NUMBERS = ", ".join(literal(each) for each in FieldType if each.numeric)
TEXTS = ", ".join(
    literal(each) for each in (FieldType.TEXT, FieldType.NAME, FieldType.PHONE, FieldType.EMAIL)
)


def hold_references(
    connection: duckdb.DuckDBPyConnection, opened: Sequence[Open], *, narrowed: bool = False
) -> None:
    """Leave to a person what would point to a record that is neither linked nor about to be created.

    Args:
        opened: The switches of a mapping, and those of its lines when it has some.
        narrowed: The canonical tables hold some records only.
    """
    # A record that is held may be what another one of this mapping refers to: until nothing changes.
    while any(_hold(connection, opened[place:], narrowed=narrowed) for place in range(len(opened))):
        pass


def follow(connection: duckdb.DuckDBPyConnection, mapping: Mapping) -> None:
    """A value that is only compared follows when writes of its record will change it.

    A number follows numbers, of the record or of its lines, and lines that come or go; but not where one of
    these differs and stays as it is: then the writes do not bring it to the other side's.  A text follows any
    write of its record but that of an id.  Others follow nothing: no write of a text changes a reference.
    """
    for each in with_lines([mapping]):
        compared = [field.name for field in each.compared if field.direction is Direction.COMPARE]
        if compared:
            connection.execute(_follow(each, compared))


def _follow(mapping: Mapping, compared: list[str]) -> str:
    """The rows of a record and of its lines are looked through once: a join on either would try them all."""
    written = "(regexp_matches(resolution, '^(take|create|delete)_') OR resolution = 'set')"
    number = f"(type IN ({NUMBERS}) OR kind <> 'field')"
    stays = f"NOT {written} AND resolution <> 'none' AND NOT worked_out"
    return f"""
UPDATE {differences_of(mapping)} AS d SET resolution = 'follows', resolved_by = 'three-way',
  reason = 'follows from what will be written to this record'
FROM (
  SELECT pair, bool_or({written} AND {number}) AS numbers, bool_or({stays} AND {number}) AS stay,
         bool_or({written} AND own AND type <> 'id') AS words
  FROM ({" UNION ALL ".join(_related(mapping))}) GROUP BY pair
) AS moved
WHERE moved.pair = d.pair AND d.resolution = 'undecided'
  AND d.field IN ({", ".join(literal(name) for name in compared)})
  AND CASE WHEN d.type IN ({NUMBERS}) THEN moved.numbers AND NOT moved.stay
           WHEN d.type IN ({TEXTS}) THEN moved.words END
"""


def _related(mapping: Mapping) -> list[str]:
    """Queries of the rows that say something of a record: its own, and those of its lines."""
    return [
        f"SELECT {'pair' if each is mapping else 'parent_pair'} AS pair, {each is mapping} AS own, "
        f"type, kind, resolution, {_worked_out(each)} AS worked_out "
        f"FROM work.differences WHERE mapping = {literal(each.name)}"
        for each in with_lines([mapping])
    ]


def _worked_out(mapping: Mapping) -> str:
    """Whether a row is of a field that is only compared: a total, not what it is made of."""
    names = [literal(field.name) for field in mapping.compared if field.direction is Direction.COMPARE]
    return f"coalesce(field IN ({', '.join(names)}), false)" if names else "false"


def _hold(connection: duckdb.DuckDBPyConnection, opened: Sequence[Open], *, narrowed: bool) -> int:
    """Answer how many rows of the first mapping were held; what else is opened are its lines."""
    mapping = opened[0].mapping
    held = _changed(connection, _hold_fields(mapping)) if _refers(mapping) else 0
    for side in Side:
        for field, owner in _create_references(opened, side):
            if narrowed or _any_unlinked(connection, side, field, owner):
                held += _changed(connection, _hold_creates(mapping, side, field, owner))
    return held


def _refers(mapping: Mapping) -> bool:
    return any(field.type is FieldType.REFERENCE for field in mapping.compared)


def _any_unlinked(connection: duckdb.DuckDBPyConnection, side: Side, field: FieldMap, owner: Mapping) -> bool:
    """Whether any record of a side refers to one that is not linked: most often none does."""
    if field.read(side) or field not in owner.compared:
        return True  # the canonical table does not tell
    value = identifier(f"v:{field.name}")
    unlinked = f"{value} >= '{side}:' AND {value} < '{side};'"
    found = f"SELECT 1 FROM {canonical(owner, side)} WHERE {unlinked} LIMIT 1"
    return connection.execute(found).fetchone() is not None


def _create_references(opened: Sequence[Open], side: Side) -> list[tuple[FieldMap, Mapping]]:
    """Reference fields that a new record on the other side would need, its lines' ones included."""
    return [
        (field, each.mapping)
        for each in opened
        for field in each.mapping.fields
        if field.type is FieldType.REFERENCE and not field.unlinked_empty and each.carries(field, side.other)
    ]


def _planned(reference: str, side: str, target: str) -> str:
    """Records of a mapping that will be created on the target side."""
    return (
        f"SELECT {side}_id FROM work.differences WHERE mapping = {reference} "
        f"AND resolution = 'create_{target}' AND {side}_id IS NOT NULL"
    )


def _hold_fields(mapping: Mapping) -> str:
    """Reference fields of pairs; an unlinked value is `<side>:<id>`."""
    cases = []
    for field in mapping.compared:
        for side in Side if field.type is FieldType.REFERENCE else ():
            planned = _planned(literal(str(field.reference)), side, side.other)
            cases.append(
                f"(field = {literal(field.name)} AND resolution = 'take_{side}' "
                f"AND starts_with({side}_value, '{side}:') "
                f"AND substr({side}_value, {len(side) + 2}) NOT IN ({planned}))"
            )
    return f"""
UPDATE {differences_of(mapping)} SET resolution = 'undecided', resolved_by = NULL,
  reason = concat_ws('; ', reason, 'the record it refers to is not linked yet')
WHERE {" OR ".join(cases)}
RETURNING 1
"""


def _hold_creates(mapping: Mapping, side: Side, field: FieldMap, owner: Mapping) -> str:
    """New records with a reference to what is not there; `owner` is the mapping or that of its lines."""
    record = "line.parent" if owner is not mapping else "r.id"
    joined = f"JOIN {canonical(owner, side)} AS line ON line.id = r.id" if owner is not mapping else ""
    refers = f"nullif(trim(r.{identifier(f'raw:{field.api(side)[0]}')}), '')"
    reference = literal(str(field.reference))
    who = "a line" if owner is not mapping else "it"
    what = f"{who} refers by {field.name} to a record that is not linked yet"
    linked = f"SELECT {side}_id FROM kept.crosswalk WHERE mapping = {reference} AND {side}_id IS NOT NULL"
    return f"""
UPDATE {differences_of(mapping)} SET resolution = 'undecided', resolved_by = NULL,
  reason = concat_ws('; ', reason, {literal(what)})
WHERE resolution = 'create_{side.other}' AND {side}_id IN (
  SELECT {record} FROM {raw(owner, side)} AS r {joined}
  WHERE {record} IN ({_planned(literal(mapping.name), side, side.other)}) AND {refers} IS NOT NULL
    AND {refers} NOT IN ({linked})
    AND {refers} NOT IN ({_planned(reference, side, side.other)}))
RETURNING 1
"""


def _changed(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    return len(connection.execute(query).fetchall())
