"""Whether the expressions of a mapping fit what both systems say of themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from collections.abc import Mapping as ReadOnly
from typing import Any

from workbench.model import Expression, FieldMap, FieldType

Described = ReadOnly[str, Any]
Known = Callable[[str], Described | None]
"""Gives the describe of a field of the side that is read; None when there is none."""

NUMBERS = frozenset({"currency", "double", "percent"})
WHOLE = frozenset({"int", "long"})
TYPES = {"date": "DATE", "datetime": "TIMESTAMP", "boolean": "BOOLEAN"}
HELP = {FieldType.DATE: "Write `date_of(...)` around it.", FieldType.BOOLEAN: "Write a comparison, a = 'x'."}


def column_type(described: Described) -> str:
    """The DuckDB type of a field's column in a snapshot."""
    kind = str(described.get("type", "string"))
    if kind in NUMBERS:
        return "DECIMAL(18,5)"
    return "BIGINT" if kind in WHOLE else TYPES.get(kind, "VARCHAR")


def suits(field_type: FieldType, given: str) -> bool:
    """Whether values of a DuckDB type can be those of a field of this type."""
    if given == '"NULL"':
        return True
    if field_type.numeric:
        return given.startswith("DECIMAL") or given.endswith("INT") or given == "INTEGER"
    if field_type is FieldType.DATE:
        return given == "DATE" or given.startswith("TIMESTAMP")
    if field_type is FieldType.BOOLEAN:
        return given == "BOOLEAN"
    return given not in ("FLOAT", "DOUBLE", "REAL")


def mismatch(
    field: FieldMap, expression: Expression, types: ReadOnly[str, str], target: Described | None = None
) -> tuple[str, str] | None:
    """What is wrong with the type of an expression, and the way out; None when nothing is.

    Args:
        types: DuckDB types by column, of all that the expression reads.
        target: The describe of what it is written to, when that is known; it may be text for a number.
    """
    from workbench.expressions.check import Unreadable
    from workbench.expressions.types import result_type

    try:
        given = result_type(expression.text, {name: types[name] for name in expression.columns})
    except Unreadable as error:
        return error.what, error.fix
    wanted = field.type if expression.target is None else _written(target)
    if suits(wanted, given):
        return None
    help_ = "Write `number(...)` around it." if wanted.numeric else HELP.get(wanted, "")
    owner = "the field" if expression.target is None else f"'{expression.target}'"
    return f"it gives {given}, and {owner} is {wanted}", help_


def _written(target: Described | None) -> FieldType:
    """What a written field takes; anything exact when nothing is known of it."""
    kind = "VARCHAR" if target is None else column_type(target)
    words = {"DATE": FieldType.DATE, "TIMESTAMP": FieldType.DATE, "BOOLEAN": FieldType.BOOLEAN}
    return words.get(kind, FieldType.TEXT if kind == "VARCHAR" else FieldType.QUANTITY)


def mismatches(
    field: FieldMap, wanted: list[Expression], known: Known, written: Known
) -> Iterator[tuple[Expression, str, str]]:
    """The expressions whose columns are all known and whose type is wrong.

    Args:
        known, written: Describes of the fields of the side that is read, and of the other one.
    """
    for each in wanted:
        described = {name: known(name) for name in each.columns}
        types = {name: column_type(found) for name, found in described.items() if found is not None}
        if len(types) < len(each.columns):
            continue
        target = written(each.target) if each.target else None
        if found := mismatch(field, each, types, target):
            yield each, *found
