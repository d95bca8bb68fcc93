"""A mapping without the custom fields that a side does not have: zero footprint.

Custom fields (`...__c` in Salesforce, `Custom_...` in QuickBooks) may never be made: the mapping does its
work without them, and links stand in the crosswalk.  A standard field that is not there is a mistake, and
stays one.  In a `create_where` such a field counts as empty, which it is in every record ("add only where
QuickBooks_Id__c is empty"); what a filter or another gate names cannot be left out; see `workbench schema
plan`.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping as ReadOnly
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from workbench.model import FieldMap, Mapping, Operation, Side, State

Describes = ReadOnly[Side, ReadOnly[str, ReadOnly[str, Any]]]
"""By side, what each object has, by its name."""


def is_custom(side: Side, name: str) -> bool:
    """Whether a field (or a Salesforce object) is one that an administrator has to make."""
    return name.endswith("__c") if side is Side.SALESFORCE else name.startswith("Custom_")


def absent_fields(mapping: Mapping, describes: Describes) -> dict[str, tuple[Side, str]]:
    """Field maps that name a custom field which is not there: side and API field by their name."""
    found: dict[str, tuple[Side, str]] = {}
    for field in mapping.fields:
        for side in Side:
            for name in field.needed(side):
                if _absent(mapping, side, name, describes):
                    found.setdefault(field.name, (side, name))
    return found


def without_absent(mapping: Mapping, describes: Describes) -> Mapping:
    """The mapping, and its lines, as far as both sides can hold it; itself where nothing is missing.

    Where a required field cannot be read, no record is created on the other side.
    """
    lines = without_absent(mapping.lines, describes) if mapping.lines else None
    gone = absent_fields(mapping, describes)
    defaults = {
        side: {name: value for name, value in given.items() if not _absent(mapping, side, name, describes)}
        for side, given in mapping.defaults.items()
    }
    states = tuple(_state(mapping, state, describes) for state in mapping.states)
    if not gone and defaults == mapping.defaults and states == mapping.states:
        return mapping if lines is mapping.lines else replace(mapping, lines=lines)
    return replace(
        mapping,
        states=states,
        fields=tuple(field for field in mapping.fields if field.name not in gone),
        match=tuple(rule for rule in mapping.match if not set(rule.fields) & set(gone)),
        operations=_operations(mapping, gone),
        defaults=MappingProxyType(defaults),
        lines=lines,
    )


def _operations(
    mapping: Mapping, gone: ReadOnly[str, tuple[Side, str]]
) -> ReadOnly[Side, frozenset[Operation]]:
    lost = {side.other for name, (side, _) in gone.items() if _needed(mapping.field(name), side.other)}
    return MappingProxyType(
        {
            side: allowed - {Operation.ADD} if side in lost else allowed
            for side, allowed in mapping.operations.items()
        }
    )


def _state(mapping: Mapping, state: State, describes: Describes) -> State:
    """The state, fields that its `create_where` names and nobody has made being empty."""
    spec = mapping.side(state.to.other)
    owner = describes[spec.side].get(spec.parent_object or spec.object)
    if state.create_where is None or owner is None:
        return state
    known = {str(each["name"]).casefold() for each in owner.get("fields", ())}
    text = _emptied(
        state.create_where, lambda name: is_custom(spec.side, name) and name.casefold() not in known
    )
    return replace(state, create_where=text)


def _emptied(condition: str, empty: Callable[[str], bool]) -> str:
    """The condition with NULL for the columns that are empty; itself where there is none."""
    import sqlglot  # a mapping without conditions does without
    from sqlglot import errors, exp

    def made(node: exp.Expr) -> exp.Expr:
        found = isinstance(node, exp.Column) and empty(node.name)
        return exp.cast(exp.Null(), "text") if found else node

    try:
        tree = sqlglot.parse_one(condition, dialect="duckdb")
    except errors.SqlglotError:
        return condition  # DuckDB says what is wrong with it
    if not any(empty(column.name) for column in tree.find_all(exp.Column)):
        return condition
    return tree.transform(made).sql(dialect="duckdb")


def _needed(field: FieldMap, target: Side) -> bool:
    return field.required and field.direction.allows(target)


def _absent(mapping: Mapping, side: Side, name: str, describes: Describes) -> bool:
    head, dot, column = ("", "", name) if is_custom(side, name) else name.rpartition(".")
    owner = describes[side].get(head if dot else mapping.side(side).object)
    if owner is None or not is_custom(side, column):
        return False  # an object that is not there is more than a field that is not there
    return all(each["name"].casefold() != column.casefold() for each in owner.get("fields", ()))
