"""A value that a person has set: it is written to each side that does not hold it.

The value is given in QuickBooks' words.  It is written to both sides or not at all: left on one side only it
would come back as an edit of that side.
"""

from __future__ import annotations

import re

import duckdb

from workbench.diff.states import Open
from workbench.diff.tables import differences_of
from workbench.model import DecisionKind, Direction, FieldMap, FieldType, Operation, Side
from workbench.normalize import comparable_text, compare_sql, literal
from workbench.normalize.sql import canonical

MATCHES = (
    "s.decision = 'set' AND s.salesforce_id = d.salesforce_id AND s.quickbooks_id = d.quickbooks_id "
    "AND s.field = d.field AND (NOT s.pinned OR (s.salesforce_seen IS NOT DISTINCT FROM d.salesforce_value "
    "AND s.quickbooks_seen IS NOT DISTINCT FROM d.quickbooks_value))"
)
"""Whether a decision `s` of `diff_decisions` holds for a difference `d`."""

ONE_LINE = (FieldType.NAME, FieldType.PHONE, FieldType.EMAIL)

CONTROL = frozenset(
    chr(code)
    for code in (
        *range(0x20),
        *range(0x7F, 0xA0),
        0x200E,
        0x200F,
        *range(0x202A, 0x202F),
        *range(0x2066, 0x206A),
    )
) - frozenset("\t\n\r")
"""What nobody sees, and what turns the direction of the text beside it."""


def set_values(connection: duckdb.DuckDBPyConnection, opened: Open) -> None:
    """Resolve the differences of a mapping for which a person has set a value."""
    found = connection.execute(
        "SELECT DISTINCT field FROM diff_decisions WHERE decision = ? AND field IS NOT NULL",
        [DecisionKind.SET],
    ).fetchall()
    for (name,) in found:
        field = next((each for each in opened.mapping.compared if each.name == name), None)
        if field is not None and settable(field):
            connection.execute(_resolved(opened, field))


def settable(field: FieldMap) -> bool:
    """Whether a person can set the field: a plain one on both sides, which no system makes up."""
    plain = len(field.salesforce) == len(field.quickbooks) == 1 and not field.expressions
    made_up = field.type in (FieldType.REFERENCE, FieldType.ID) or field.direction is Direction.COMPARE
    return plain and not made_up


def value_refused(connection: duckdb.DuckDBPyConnection, field: FieldMap, value: str | None) -> str:
    """Why a person cannot set a field to a value, as far as the field tells; '' where they can.

    What the systems make of it is foretold by the plan.
    """
    if not settable(field):
        return (
            f"no value can be set for {field.name}: it is only compared, stands in several fields, refers to "
            "a record, or an expression makes it"
        )
    if value is None or not value.strip():
        return ""
    shown = ascii(value)
    if any(each in CONTROL for each in value):
        return f"the value {shown} holds a control character"
    if field.type in ONE_LINE and len(value.splitlines()) > 1:
        return f"the value {shown} has several lines, and a {field.type} has one"
    comparable = comparable_text(field, compare_sql(field, Side.QUICKBOOKS, lambda _: "$value"))
    found = connection.execute(f"SELECT {comparable}", {"value": value}).fetchone()
    written = not field.type.numeric or re.fullmatch(r"[+-]?\d+(\.\d+)?", value.strip())
    return "" if written and found and found[0] is not None else f"the value {shown} is no {field.type}"


def _resolved(opened: Open, field: FieldMap) -> str:
    mapping = opened.mapping
    value = comparable_text(field, compare_sql(field, Side.QUICKBOOKS, lambda _: "s.value"))
    needs = {side: f"given.text IS DISTINCT FROM d.{side}_value" for side in Side}
    cases = [
        f"WHEN given.text IS NULL AND trim(given.value) <> '' THEN "
        f"'the value that was set, ' || given.value || ', is no {field.type}'"
    ]
    cases += [
        f"WHEN {needs[side]} AND {why} IS NOT NULL THEN {why}" for side in Side if (why := f"given.{side}")
    ]
    sides = ", ".join(f"CASE WHEN {needs[side]} THEN {literal(side)} END" for side in Side)
    return f"""
UPDATE {differences_of(mapping)} AS d SET
  set_value = given.value,
  set_to = list_filter([{sides}], lambda part: part IS NOT NULL),
  resolution = CASE WHEN {_refused(cases)} IS NULL THEN 'set' ELSE 'undecided' END,
  resolved_by = CASE WHEN {_refused(cases)} IS NULL THEN 'decision' END,
  reason = coalesce({_refused(cases)}, given.words)
FROM (
  SELECT d.pair, s.value, s.words, {value} AS text,
         {_why_not(opened, field, Side.SALESFORCE, "q")} AS salesforce,
         {_why_not(opened, field, Side.QUICKBOOKS, "f")} AS quickbooks
  FROM work.differences AS d JOIN diff_decisions AS s ON {MATCHES}
  JOIN {canonical(mapping, Side.SALESFORCE)} AS f ON f.id = d.salesforce_id
  JOIN {canonical(mapping, Side.QUICKBOOKS)} AS q ON q.id = d.quickbooks_id
  WHERE d.mapping = {literal(mapping.name)} AND d.kind = 'field' AND d.field = {literal(field.name)}
    AND d.difference <> 'converged'
) AS given
WHERE d.mapping = {literal(mapping.name)} AND d.field = {literal(field.name)} AND d.pair = given.pair
"""


def _refused(cases: list[str]) -> str:
    return f"(CASE {' '.join(cases)} END)"


def _why_not(opened: Open, field: FieldMap, target: Side, source: str) -> str:
    """SQL of why a value cannot be written to a side; NULL when it can."""
    told = f"the value that was set cannot be written to {target.label}: "
    if not field.direction.allows(target):
        return literal(f"{told}the direction of the field is {field.direction}")
    if not opened.may(Operation.MODIFY, target):
        return literal(f"{told}the mapping may not modify it")
    gate, why = opened.condition(target, source, field), opened.why_not(target, source, field)
    return f"CASE WHEN NOT {gate} THEN {literal(told)} || {why} END"
