"""Compare matched records field by field, three ways.

The live pairs of `diff_pairs` are read wide, by their places; their differing fields become rows of the
temporary table `diff_rows`.
"""

from __future__ import annotations

import duckdb

from workbench.diff.tables import GAP
from workbench.model import FieldMap, Mapping, Side
from workbench.normalize import comparable_text, identifier, literal
from workbench.normalize.sql import base, canonical, listed

LETTER = {Side.SALESFORCE: "s", Side.QUICKBOOKS: "q"}


def field_rows(connection: duckdb.DuckDBPyConnection, mapping: Mapping) -> None:
    """Make `diff_rows`: pair, ids, places of the records, field, finding and values."""
    about = "pair, salesforce_id, quickbooks_id, parent_pair, s_place, q_place"
    connection.execute(
        f"""
CREATE OR REPLACE TEMP TABLE diff_rows AS
WITH {wide(mapping)},
told AS (
  SELECT {about}, list_filter([{_structs(mapping)}], lambda part: part IS NOT NULL) AS found
  FROM (SELECT *, {_findings(mapping)} FROM compared)
)
SELECT {about}, unnest(found, max_depth := 2) FROM told
"""
    )


def wide(mapping: Mapping) -> str:
    """The CTE `compared`: `diff_pairs` with the values of both sides and of the base.

    Columns `s:<field>`, `q:<field>` of the sides and `sr:`, `qr:` of their raw texts; `bs:`, `bq:` and `br:`
    of the base, `has_row`, `fields` and `complete`.  Each table is read on its own, before they are joined:
    so no estimate can make the whole of one of them be read.
    """
    parts = [_side(mapping, side) for side in Side]
    chosen = ["m.n", "b.fields", "b.complete", "true AS has_row"]
    for field in mapping.compared:
        chosen += [
            f"b.{identifier(f'{old}:{field.name}')} AS {identifier(f'{new}:{field.name}')}"
            for old, new in (("s", "bs"), ("q", "bq"), ("raw", "br"))
        ]
    return f"""main AS MATERIALIZED (SELECT row_number() OVER () AS n, * FROM diff_pairs WHERE live),
{parts[0]},
{parts[1]},
b AS MATERIALIZED (
  SELECT {listed(chosen, 9)}
  FROM main AS m JOIN {base(mapping)} AS b ON b.place = m.b_place
),
compared AS (SELECT * FROM main JOIN s USING (n) JOIN q USING (n) LEFT JOIN b USING (n))"""


def _side(mapping: Mapping, side: Side) -> str:
    letter = LETTER[side]
    chosen = ["m.n"]
    for field in mapping.compared:
        value = f"r.{identifier(f'v:{field.name}')}"
        if field.read(side):
            told = f"r.{identifier(f't:{field.name}')}"
        else:
            told = f"coalesce(r.{identifier(f'r:{field.name}')}, {comparable_text(field, value)})"
        chosen += [
            f"{value} AS {identifier(f'{letter}:{field.name}')}",
            f"{told} AS {identifier(f'{letter}r:{field.name}')}",
        ]
    return f"""{letter} AS MATERIALIZED (
  SELECT {listed(chosen, 9)}
  FROM main AS m JOIN {canonical(mapping, side)} AS r ON r.place = m.{letter}_place
)"""


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
    return {side: identifier(f"{letter}:{field.name}") for side, letter in LETTER.items()}


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


def _structs(mapping: Mapping) -> str:
    return listed([_struct(field) for field in mapping.compared], 4)


def _struct(field: FieldMap) -> str:
    """What there is to tell of a field; texts are made for the few that differ only."""
    left, right = values(field)[Side.SALESFORCE], values(field)[Side.QUICKBOOKS]
    found = identifier(f"d:{field.name}")
    gap = f"{left} - {right}" if field.type.numeric else "NULL"
    parts = {
        "field": literal(field.name),
        "type": literal(field.type),
        "difference": found,
        "has_base": has_base(field),
        "base": identifier(f"br:{field.name}"),
        "salesforce": identifier(f"sr:{field.name}"),
        "quickbooks": identifier(f"qr:{field.name}"),
        "salesforce_value": comparable_text(field, left),
        "quickbooks_value": comparable_text(field, right),
        "gap": f"CAST({gap} AS {GAP})",
    }
    struct = ", ".join(f"'{name}': {value}" for name, value in parts.items())
    return f"CASE WHEN {found} IS NOT NULL THEN {{{struct}}} END"
