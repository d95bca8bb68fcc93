"""Compare matched records field by field, three ways.

The live pairs of `diff_pairs` are read wide, by their places; their differing fields become rows.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping as ReadOnly

from workbench.diff.tables import GAP
from workbench.model import FieldMap, Mapping, Side
from workbench.normalize import comparable_text, identifier, literal
from workbench.normalize.sql import base, canonical, gate_columns, listed

LETTER = {Side.SALESFORCE: "s", Side.QUICKBOOKS: "q"}


def field_rows(mapping: Mapping) -> str:
    """CTEs up to `field_rows`: pair, ids, what the records say (`s`, `q`), field, finding and values.

    A row stands for each field of which there is something to tell, and picks its values by the place of its
    field (`nth`, from 1; below zero where both sides are the same).  To be run in a block of
    `sql.joined_as_written`.
    """
    record = "pair, salesforce_id, quickbooks_id, parent_pair, s, q, s_told, q_told, b_told, fields, complete"
    picked = [f"{_nth(mapping, part)} AS {name}" for name, part in PARTS.items()]
    return f"""{wide(mapping)},
placed AS (SELECT *, unnest({_places(mapping)}) AS nth FROM compared),
picked AS (
  SELECT {record}, nth,
    {listed(picked, 4)}
  FROM placed
),
based AS (SELECT *, {HAS_BASE} AS has_base FROM picked),
field_rows AS (SELECT *, {FINDING} AS difference FROM based)"""


def _places(mapping: Mapping) -> str:
    """The places of the fields of which there is something to tell."""
    places = ", ".join(_place(field, nth) for nth, field in enumerate(mapping.compared, 1))
    return f"list_filter([{places}], lambda place: place IS NOT NULL)"


def _place(field: FieldMap, nth: int) -> str:
    """Its place, where the sides are not the same; below zero, where both left the base for the same."""
    left, right = values(field)[Side.SALESFORCE], values(field)[Side.QUICKBOOKS]
    left_base = " AND ".join(moved(field, side) for side in Side)
    converged = f"both_left AND {left_base} AND {known(field)}"
    return f"CASE WHEN NOT {same(left, right, field)} THEN {nth} WHEN {converged} THEN -{nth} END"


def _nth(mapping: Mapping, part: Callable[[FieldMap], str]) -> str:
    """What a part says of the field at the row's place; the others are not looked at."""
    cases = " ".join(f"WHEN {place} THEN {part(field)}" for place, field in enumerate(mapping.compared, 1))
    return f"CASE abs(nth) {cases} END"


def wide(mapping: Mapping) -> str:
    """The CTE `compared`: `diff_pairs` with the values of both sides and of the base.

    Columns `s:<field>` and `q:<field>` of the sides, `s_told` and `q_told`, structs `s` and `q` with what
    else their rows say; `bs:` and `bq:` of the base, `b_told`, `fields` and `complete`.
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
    FROM {base(mapping)} AS b JOIN main AS m ON m.k = b.k
  ) AS b ON b.n = m.n
)"""


def _side(mapping: Mapping, side: Side) -> list[str]:
    """The columns of one side, whose canonical rows have its letter as alias."""
    letter = LETTER[side]
    gates = [f"{literal(name)}: {letter}.{identifier(name)}" for name in gate_columns(mapping, side)]
    about = [f"'{name}': {letter}.{name}" for name in ("label", "modified", "version")]
    chosen = [f"{{{', '.join([*about, *gates])}}} AS {letter}", f"{letter}.told AS {letter}_told"]
    chosen += [
        f"{letter}.{identifier(f'v:{field.name}')} AS {identifier(f'{letter}:{field.name}')}"
        for field in mapping.compared
    ]
    return chosen


def _base(mapping: Mapping) -> list[str]:
    chosen = ["b.fields", "b.complete", "b.told AS b_told"]
    chosen += [
        f"b.{identifier(f'{letter}:{field.name}')} AS {identifier(f'b{letter}:{field.name}')}"
        for field in mapping.compared
        for letter in LETTER.values()
    ]
    return chosen


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


def _text(column: str) -> Callable[[FieldMap], str]:
    """A comparable value as text."""
    return lambda field: comparable_text(field, identifier(f"{column}:{field.name}"))


def _gap(field: FieldMap) -> str:
    if not field.type.numeric:
        return f"CAST(NULL AS {GAP})"
    left, right = values(field)[Side.SALESFORCE], values(field)[Side.QUICKBOOKS]
    return f"CAST({left} - {right} AS {GAP})"


PARTS: ReadOnly[str, Callable[[FieldMap], str]] = {
    "field": lambda field: literal(field.name),
    "base_value": _text("bs"),
    "salesforce_value": _text("s"),
    "quickbooks_value": _text("q"),
    "gap": _gap,
    "s_moved": lambda field: moved(field, Side.SALESFORCE),
    "q_moved": lambda field: moved(field, Side.QUICKBOOKS),
    "base_agrees": lambda field: same(*_bases(field), field),
}
"""The columns of `picked` about a field, each with its SQL from `compared`."""

HAS_BASE = "coalesce(complete OR list_contains(fields, field), false)"

FINDING = """CASE
    WHEN nth < 0 THEN 'converged'
    WHEN NOT (has_base AND base_agrees) THEN 'differs'
    WHEN s_moved AND q_moved THEN 'conflict'
    WHEN s_moved THEN 'take_salesforce'
    ELSE 'take_quickbooks' END"""
"""What the comparison found of a field that is told of, from `based`."""
