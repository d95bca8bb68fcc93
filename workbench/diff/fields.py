"""Compare matched records field by field, three ways.

Only pairs whose row hashes differ, from each other or from the base, are read wide; their differing
fields become rows of the temporary table `diff_rows`.
"""

from __future__ import annotations

import duckdb

from workbench.diff.tables import GAP
from workbench.model import FieldMap, Mapping, Side
from workbench.normalize import comparable_text, identifier, literal, raw_text
from workbench.normalize.sql import base, base_raw, canonical, listed, raw


def field_rows(connection: duckdb.DuckDBPyConnection, mapping: Mapping) -> None:
    """Make `diff_rows`: pair, ids, field, finding and values."""
    connection.execute(
        f"""
CREATE OR REPLACE TEMP TABLE diff_changed AS
SELECT p.pair, p.salesforce_id, p.quickbooks_id, p.parent_pair
FROM diff_pairs AS p LEFT JOIN {base(mapping)} AS b ON b.pair = p.pair
WHERE p.live AND (p.s_h IS DISTINCT FROM p.q_h OR (b.pair IS NOT NULL AND b.hs IS DISTINCT FROM p.s_h))
"""
    )
    connection.execute(
        f"""
CREATE OR REPLACE TEMP TABLE diff_rows AS
SELECT pair, salesforce_id, quickbooks_id, parent_pair, unnest(found, max_depth := 2)
FROM (
  SELECT pair, salesforce_id, quickbooks_id, parent_pair,
         list_filter([{_structs(mapping)}], lambda part: part IS NOT NULL) AS found
  FROM ({_wide(mapping)})
)
"""
    )


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
    return f"coalesce(list_contains(b.fields, {literal(field.name)}), false)"


def moved(field: FieldMap, side: Side) -> str:
    """Whether a side left its own base value; exact, the tolerance is for comparing the sides."""
    value, was = values(field)[side], _bases(field)[side is Side.QUICKBOOKS]
    return f"{value} IS DISTINCT FROM {was}"


def values(field: FieldMap) -> dict[Side, str]:
    """The comparable values of both sides, with `s` and `q` as aliases of the canonical rows."""
    return {
        Side.SALESFORCE: f"s.{identifier(f'v:{field.name}')}",
        Side.QUICKBOOKS: f"q.{identifier(f'v:{field.name}')}",
    }


def _bases(field: FieldMap) -> tuple[str, str]:
    return f"b.{identifier(f's:{field.name}')}", f"b.{identifier(f'q:{field.name}')}"


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


def _wide(mapping: Mapping) -> str:
    """One row a changed pair, with the finding, values and raw texts of each field."""
    chosen = ["c.*"]
    for field in mapping.compared:
        left, right = values(field)[Side.SALESFORCE], values(field)[Side.QUICKBOOKS]
        gap = f"CAST({left} - {right} AS {GAP})" if field.type.numeric else f"CAST(NULL AS {GAP})"
        parts = {
            "d": finding(field),
            "n": f"{has_base(field)}",
            "b": f"br.{identifier(f'raw:{field.name}')}",
            "s": raw_text(field, Side.SALESFORCE, lambda name: f"sr.{identifier(f'raw:{name}')}"),
            "q": raw_text(field, Side.QUICKBOOKS, lambda name: f"qr.{identifier(f'raw:{name}')}"),
            "sv": comparable_text(field, left),
            "qv": comparable_text(field, right),
            "g": gap,
        }
        chosen += [f"{sql} AS {identifier(f'{key}:{field.name}')}" for key, sql in parts.items()]
    return f"""
    SELECT {listed(chosen, 6)}
    FROM diff_changed AS c
    JOIN {canonical(mapping, Side.SALESFORCE)} AS s ON s.id = c.salesforce_id
    JOIN {canonical(mapping, Side.QUICKBOOKS)} AS q ON q.id = c.quickbooks_id
    JOIN {raw(mapping, Side.SALESFORCE)} AS sr ON sr.id = c.salesforce_id
    JOIN {raw(mapping, Side.QUICKBOOKS)} AS qr ON qr.id = c.quickbooks_id
    LEFT JOIN {base(mapping)} AS b ON b.pair = c.pair
    LEFT JOIN {base_raw(mapping)} AS br ON br.pair = c.pair
  """


def _structs(mapping: Mapping) -> str:
    return listed([_struct(field) for field in mapping.compared], 10)


def _struct(field: FieldMap) -> str:
    column = {key: identifier(f"{key}:{field.name}") for key in ("d", "n", "b", "s", "q", "sv", "qv", "g")}
    return (
        f"CASE WHEN {column['d']} IS NOT NULL THEN {{'field': {literal(field.name)}, "
        f"'type': {literal(field.type)}, 'difference': {column['d']}, 'has_base': {column['n']}, "
        f"'base': {column['b']}, 'salesforce': {column['s']}, 'quickbooks': {column['q']}, "
        f"'salesforce_value': {column['sv']}, 'quickbooks_value': {column['qv']}, 'gap': {column['g']}}} END"
    )
