"""Compare matched records field by field, three ways.

The live pairs of `diff_pairs` are read wide, by their places; their differing fields become rows of the
temporary table `diff_rows`.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping as ReadOnly

import duckdb

from workbench.diff.tables import GAP
from workbench.model import FieldMap, Mapping, Side
from workbench.normalize import comparable_text, identifier, literal
from workbench.normalize.sql import base, canonical, gate_columns, joined_as_written, listed

LETTER = {Side.SALESFORCE: "s", Side.QUICKBOOKS: "q"}


def field_rows(connection: duckdb.DuckDBPyConnection, mapping: Mapping) -> None:
    """Make `diff_rows`: pair, ids, structs `s` and `q` of what the records say, field, finding and values."""
    differing = ", ".join(
        f"CASE WHEN {identifier(f'd:{field.name}')} IS NOT NULL THEN {place} END"
        for place, field in enumerate(mapping.compared)
    )
    told = [f"{_picked(mapping, part)} AS {name}" for name, part in PARTS.items()]
    query = f"""
CREATE OR REPLACE TEMP TABLE diff_rows AS
WITH {wide(mapping)},
found AS (SELECT *, {_findings(mapping)} FROM compared),
told AS (SELECT *, unnest(list_filter([{differing}], lambda part: part IS NOT NULL)) AS field_at FROM found)
SELECT pair, salesforce_id, quickbooks_id, parent_pair, s, q,
  {listed(told)}
FROM told
"""
    with joined_as_written(connection):
        connection.execute(query)


def _picked(mapping: Mapping, part: Callable[[FieldMap], str]) -> str:
    """What one column says of the field of a row: texts are made of those that differ, and of no others."""
    cases = [f"WHEN {place} THEN {part(field)}" for place, field in enumerate(mapping.compared)]
    return f"CASE field_at {' '.join(cases)} END"


def wide(mapping: Mapping) -> str:
    """The CTE `compared`: `diff_pairs` with the values of both sides and of the base.

    Columns `s:<field>`, `q:<field>` of the sides and `sr:`, `qr:` of their raw values (see `_told`), structs
    `s` and `q` with what else their rows say; `bs:`, `bq:` and `br:` of the base, `fields` and `complete`.
    To be run in a block of `sql.joined_as_written`: the narrow rows are held, and the wide ones pass by.
    """
    salesforce, quickbooks = (f"{canonical(mapping, side)} AS {LETTER[side]}" for side in Side)
    chosen = ["m.*", *_side(mapping, Side.SALESFORCE), "q.* EXCLUDE (n)", "b.* EXCLUDE (n)"]
    return f"""main AS MATERIALIZED (SELECT row_number() OVER () AS n, * FROM diff_pairs WHERE live),
compared AS (
  SELECT {listed(chosen, 9)}
  FROM {salesforce} JOIN main AS m ON m.s_place = s.place
  JOIN (
    SELECT {listed(["m.n", *_side(mapping, Side.QUICKBOOKS)], 11)}
    FROM {quickbooks} JOIN main AS m ON m.q_place = q.place
  ) AS q ON q.n = m.n
  LEFT JOIN (
    SELECT {listed(["m.n", *_base(mapping)], 11)}
    FROM {base(mapping)} AS b JOIN main AS m ON m.b_place = b.place
  ) AS b ON b.n = m.n
)"""


def _side(mapping: Mapping, side: Side) -> list[str]:
    """The columns of one side, whose canonical rows have its letter as alias."""
    letter = LETTER[side]
    gates = [f"{literal(name)}: {letter}.{identifier(name)}" for name in gate_columns(mapping, side)]
    about = [f"'{name}': {letter}.{name}" for name in ("label", "modified", "version")]
    chosen = [f"{{{', '.join([*about, *gates])}}} AS {letter}"]
    for field in mapping.compared:
        raw = "t" if field.read(side) else "r"
        chosen += [
            f"{letter}.{identifier(f'v:{field.name}')} AS {identifier(f'{letter}:{field.name}')}",
            f"{letter}.{identifier(f'{raw}:{field.name}')} AS {identifier(f'{letter}r:{field.name}')}",
        ]
    return chosen


def _base(mapping: Mapping) -> list[str]:
    chosen = ["b.fields", "b.complete"]
    for field in mapping.compared:
        raw = "t" if field.read(Side.SALESFORCE) else "r"
        chosen += [
            f"b.{identifier(f'{old}:{field.name}')} AS {identifier(f'{new}:{field.name}')}"
            for old, new in (("s", "bs"), ("q", "bq"), (raw, "br"))
        ]
    return chosen


def _told(field: FieldMap, side: Side, raw: str, value: str) -> str:
    """The raw value as a person reads it: what is not kept is the same text as the comparable value."""
    column = identifier(raw)
    return column if field.read(side) else f"coalesce({column}, {comparable_text(field, value)})"


def _side_told(field: FieldMap, side: Side) -> str:
    return _told(field, side, f"{LETTER[side]}r:{field.name}", _value(field, side))


def same(one: str, other: str, field: FieldMap) -> str:
    """Whether two comparable values count as equal; two empty ones do."""
    equal = f"{one} IS NOT DISTINCT FROM {other}"
    if not field.tolerance:
        return f"({equal})"
    return f"({equal} OR coalesce(abs({one} - {other}) <= {field.tolerance:f}, false))"


def known(field: FieldMap) -> str:
    """Whether there is a base for the field that agrees under today's mapping."""
    return f"({has_base(field)} AND {same(*_bases(field), field)})"


def has_base(field: FieldMap) -> str:
    return f"coalesce(complete OR list_contains(fields, {literal(field.name)}), false)"


def moved(field: FieldMap, side: Side) -> str:
    """Whether a side left its own base value; exact, the tolerance is for comparing the sides."""
    value, was = values(field)[side], _bases(field)[side is Side.QUICKBOOKS]
    return f"{value} IS DISTINCT FROM {was}"


def values(field: FieldMap) -> dict[Side, str]:
    """The comparable values of both sides, as columns of `compared`."""
    return {side: _value(field, side) for side in Side}


def _value(field: FieldMap, side: Side) -> str:
    return identifier(f"{LETTER[side]}:{field.name}")


def _bases(field: FieldMap) -> tuple[str, str]:
    return identifier(f"bs:{field.name}"), identifier(f"bq:{field.name}")


def finding(field: FieldMap) -> str:
    """What the comparison found, NULL when there is nothing to tell."""
    left, right = values(field)[Side.SALESFORCE], values(field)[Side.QUICKBOOKS]
    s_moved, q_moved = moved(field, Side.SALESFORCE), moved(field, Side.QUICKBOOKS)
    both_moved = f"{s_moved} AND {q_moved}"
    return f"""CASE
    WHEN {same(left, right, field)} THEN CASE WHEN {known(field)} AND {both_moved} THEN 'converged' END
    WHEN NOT {known(field)} THEN 'differs'
    WHEN {both_moved} THEN 'conflict'
    WHEN {s_moved} THEN 'take_salesforce'
    ELSE 'take_quickbooks' END"""


def _findings(mapping: Mapping) -> str:
    return listed([f"{finding(field)} AS {identifier(f'd:{field.name}')}" for field in mapping.compared], 9)


def _gap(field: FieldMap) -> str:
    left, right = values(field)[Side.SALESFORCE], values(field)[Side.QUICKBOOKS]
    return f"CAST({f'{left} - {right}' if field.type.numeric else 'NULL'} AS {GAP})"


PARTS: ReadOnly[str, Callable[[FieldMap], str]] = {
    "field": lambda field: literal(field.name),
    "type": lambda field: literal(field.type),
    "difference": lambda field: identifier(f"d:{field.name}"),
    "has_base": has_base,
    "base": lambda field: _told(field, Side.SALESFORCE, f"br:{field.name}", _bases(field)[0]),
    "salesforce": lambda field: _told(
        field, Side.SALESFORCE, f"sr:{field.name}", _value(field, Side.SALESFORCE)
    ),
    "quickbooks": lambda field: _told(
        field, Side.QUICKBOOKS, f"qr:{field.name}", _value(field, Side.QUICKBOOKS)
    ),
    "salesforce_value": lambda field: comparable_text(field, _value(field, Side.SALESFORCE)),
    "quickbooks_value": lambda field: comparable_text(field, _value(field, Side.QUICKBOOKS)),
    "gap": _gap,
}
"""The columns of `diff_rows` about a field, each with its SQL from `compared`."""
