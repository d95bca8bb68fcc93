"""What mappings want of both systems beyond what every org and company file has.

Custom fields and objects of Salesforce end in `__c`, custom fields of QuickBooks are columns `Custom_<name>`,
and accounts are named by default values and value maps of fields such as `AccountRef_FullName`.  A mapping
none of whose states is on wants nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sqlglot
from sqlglot import errors, exp

from workbench.mapping.absent import is_custom
from workbench.model import Direction, FieldMap, Operation, Side, State
from workbench.model import Mapping as FieldMapping

CUSTOM_QUICKBOOKS = "Custom_"
ACCOUNT_SUFFIX = "AccountRef_FullName"


@dataclass(frozen=True, slots=True, kw_only=True)
class Want:
    """One use of one custom field, object or account by one mapping.

    Attributes:
        object: The object that has the field; of an account, the entity whose records refer to it.
        name: API field, or the column that holds the account's name; '' for the object itself.
        field: The field map that names it, if one does.
        states: Names of the states that are on and use it.
        values: What it is compared with or filled with; of an account column, the account's full name.
    """

    mapping: FieldMapping
    side: Side
    object: str
    name: str
    role: str
    label: str
    line: int
    states: tuple[str, ...]
    without: str
    optional: bool
    field: FieldMap | None = None
    values: tuple[str, ...] = ()

    @property
    def where(self) -> str:
        """File and line; the file without its folder, so that a plan reads the same everywhere."""
        path = self.mapping.path
        return f"{path.name if path else self.mapping.name}:{self.line}"


def all_wants(mappings: Iterable[FieldMapping]) -> Iterator[Want]:
    """Every use, in the order of the mappings and of what stands in them."""
    for mapping in mappings:
        if any(state.on for state in mapping.states):
            yield from _of_mapping(mapping)
            if mapping.lines:
                yield from _of_mapping(mapping.lines)


def _of_mapping(mapping: FieldMapping) -> Iterator[Want]:
    for side in Side:
        yield from _objects(mapping, side)
        yield from _conditions(mapping, side)
        yield from _fields(mapping, side)
        yield from _defaults(mapping, side)
    yield from _accounts(mapping)


def _objects(mapping: FieldMapping, side: Side) -> Iterator[Want]:
    spec = mapping.side(side)
    for name in (spec.object, *(each.object for each in spec.related)):
        if side is Side.SALESFORCE and is_custom(side, name):
            yield Want(
                mapping=mapping, side=side, object=name, name="", role="object", label=name, line=spec.line,
                states=_on(mapping), optional=False,
                without=f"nothing of {mapping.name} can be read or written",
            )  # fmt: skip


def _conditions(mapping: FieldMapping, side: Side) -> Iterator[Want]:
    """Filters of the mapping, and gates of states that read this side."""
    spec = mapping.side(side)
    if spec.where:
        yield from _compared(
            mapping, side, spec.where, role="filter", label="where", line=spec.line, states=_on(mapping),
            without="the mapping cannot choose its records, and does not run",
        )  # fmt: skip
    if mapping.parent:
        return  # the gates of lines are those of their documents
    for state in mapping.states:
        if state.on and state.to is side.other:
            yield from _gates(mapping, side, state)


def _gates(mapping: FieldMapping, side: Side, state: State) -> Iterator[Want]:
    if state.where:
        yield from _compared(
            mapping, side, state.where, role="gate", label=state.name, line=state.line,
            states=(state.name,),
            without=f"{state.name} cannot choose its records, and the mapping does not run",
        )  # fmt: skip
    if state.create_where:
        yield from _compared(
            mapping, side, state.create_where, role="gate", label=state.name, line=state.line,
            states=(state.name,), optional=True,
            without=f"it counts as empty when {state.name} adds records",
        )  # fmt: skip


def _compared(
    mapping: FieldMapping, side: Side, condition: str, *, optional: bool = False, **more: Any
) -> Iterator[Want]:
    """A use of each custom field that a condition compares."""
    owner = mapping.side(side).object
    for name, values in compared_with(condition).items():
        if is_custom(side, name):
            yield Want(
                mapping=mapping, side=side, object=owner, name=name, optional=optional, values=values, **more
            )


def compared_with(condition: str) -> dict[str, tuple[str, ...]]:
    """Columns of a condition with what each is compared with; those of a subquery left out.

    A column that stands alone is compared with 'True'.
    """
    try:
        tree = sqlglot.parse_one(condition, dialect="duckdb")
    except errors.SqlglotError:
        return {}  # DuckDB reads it; its columns are told where it is used
    found: dict[str, tuple[str, ...]] = {}
    for column in tree.find_all(exp.Column):
        if not column.find_ancestor(exp.Select):
            found[column.name] = (*found.get(column.name, ()), *_beside(column))
    return {name: tuple(dict.fromkeys(values)) for name, values in found.items()}


def _beside(column: exp.Column) -> list[str]:
    parent = column.parent
    if parent is None or isinstance(parent, exp.And | exp.Or | exp.Not | exp.Paren):
        return ["True"]
    if not isinstance(parent, exp.EQ | exp.NEQ | exp.In | exp.NullSafeEQ | exp.NullSafeNEQ):
        return []
    inside = parent.expressions if isinstance(parent, exp.In) else [parent.left, parent.right]
    texts = [each.name for each in inside if isinstance(each, exp.Literal) and each.is_string]
    return texts + ["True" for each in inside if isinstance(each, exp.Boolean)]


def _fields(mapping: FieldMapping, side: Side) -> Iterator[Want]:
    for each in mapping.fields:
        states = _using(mapping, each)
        if not states:
            continue
        for name in each.needed(side):
            head, dot, column = ("", "", name) if is_custom(side, name) else name.rpartition(".")
            if is_custom(side, column):
                without, optional = _loss(mapping, each, side)
                yield Want(
                    mapping=mapping, side=side, object=head if dot else mapping.side(side).object,
                    name=column, role=_role(mapping, each), label=each.name, line=each.line, states=states,
                    without=without, optional=optional, field=each,
                    values=_values(each, side),
                )  # fmt: skip


def _role(mapping: FieldMapping, each: FieldMap) -> str:
    if mapping.parent and each.api(Side.QUICKBOOKS) == (mapping.quickbooks.key,):
        return "line id"
    keys = {name for rule in mapping.match for name in rule.fields}
    return "match key" if each.name in keys else "field"


def _loss(mapping: FieldMapping, each: FieldMap, side: Side) -> tuple[str, bool]:
    """What is lost without a field, and whether the mapping does its work all the same."""
    target = side.other
    adds = Operation.ADD in mapping.operations[target] and each.direction.allows(target)
    if each.required and adds:
        return f"records cannot be added to {target.label}: '{each.name}' is required", False
    if _role(mapping, each) == "line id":
        return "lines are recognised by what they hold; their links stand in the crosswalk alone", True
    if each.reference:
        loss = (
            f"{side.label} {mapping.side(side).object} records do not refer to their {each.reference} record"
        )
        return loss, True
    if each.api(side.other) == (mapping.side(side.other).key,):
        return f"the link to {side.other.label} stands in the crosswalk alone", True
    rules = [rule.rule for rule in mapping.match if each.name in rule.fields]
    keys = f", and match rule '{rules[0]}' is not tried" if rules else ""
    return f"'{each.name}' is neither compared nor written{keys}", True


def _values(each: FieldMap, side: Side) -> tuple[str, ...]:
    at = 0 if side is Side.SALESFORCE else 1
    return tuple(dict.fromkeys(pair[at] for pair in each.values))


def _defaults(mapping: FieldMapping, side: Side) -> Iterator[Want]:
    states = _adding(mapping, side)
    for name, value in mapping.defaults.get(side, {}).items():
        if states and is_custom(side, name) and value is not None:
            yield Want(
                mapping=mapping, side=side, object=mapping.side(side).object, name=name, role="default",
                label=name, line=mapping.side(side).line, states=states, optional=True,
                without=f"new records in {side.label} do not get {value!r} there", values=(str(value),),
            )  # fmt: skip


def _accounts(mapping: FieldMapping) -> Iterator[Want]:
    """Accounts by the default values and value maps that name them."""
    side, states = Side.QUICKBOOKS, _adding(mapping, Side.QUICKBOOKS)
    named: list[tuple[str, str, int, str]] = [
        (name, str(value), mapping.quickbooks.line, "default")
        for name, value in mapping.defaults.get(side, {}).items()
        if states and name.endswith(ACCOUNT_SUFFIX) and value is not None
    ]
    for each in mapping.fields:
        for column in each.targets(side) if each.direction.allows(side) else ():
            if column.endswith(ACCOUNT_SUFFIX) and _writing(mapping, each, side):
                named += [(column, value, each.line, each.name) for value in _values(each, side)]
    for column, value, line, label in named:
        yield Want(
            mapping=mapping, side=side, object=mapping.quickbooks.object, name=column,
            role="default" if label == "default" else "field", line=line,
            label=column if label == "default" else label, states=states or _on(mapping, side),
            without=f"QuickBooks refuses new records of {mapping.name} that name it (3140)",
            optional=False, values=(value,),
        )  # fmt: skip


def _on(mapping: FieldMapping, to: Side | None = None) -> tuple[str, ...]:
    return tuple(each.name for each in mapping.states if each.on and to in (None, each.to))


def _adding(mapping: FieldMapping, to: Side) -> tuple[str, ...]:
    """States that may add records; one that owns fields never does."""
    if Operation.ADD not in mapping.operations[to]:
        return ()
    return tuple(each.name for each in mapping.states if each.on and each.to is to and not each.fields)


def _writing(mapping: FieldMapping, each: FieldMap, to: Side) -> tuple[str, ...]:
    """States that are on and write a field to a side: its owner, or all that own nothing."""
    owner = mapping.owner(each, to)
    writers: Mapping[str, State] = {state.name: state for state in mapping.states if state.to is to}
    chosen = [owner] if owner else [state for state in writers.values() if not state.fields]
    return tuple(state.name for state in chosen if state.on)


def _using(mapping: FieldMapping, each: FieldMap) -> tuple[str, ...]:
    """States that are on and write a field; of one that is only compared or matched, all that are on."""
    writers = [name for to in Side if each.direction.allows(to) for name in _writing(mapping, each, to)]
    matched = any(each.name in rule.fields for rule in mapping.match)
    if writers or not (each.direction is Direction.COMPARE or matched):
        return tuple(writers)
    return _on(mapping)
