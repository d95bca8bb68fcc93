"""Tell about an entity in the two forms that others use: a describe, and columns for a table.

A describe has the form of Salesforce's, so that mappings know both sides in the same way.  Facts that the
schema does not tell (name uniqueness, what QuickBooks fills by itself) are added here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache

from qbwc.descriptor.catalogue import CONCRETE, UNIONS
from qbwc.descriptor.custom import assigned, custom_element
from qbwc.descriptor.model import Element, Entity, Kind, Leaf, Line, Union, leaves
from qbwc.errors import QbxmlError

# Kind -> (type in a describe, type in DuckDB, digits, decimals).  AMTTYPE: 13 integer digits and exactly two
# decimals; PRICETYPE, QUANTYPE and PERCENTTYPE: 10 integer digits and up to five decimals (schema).
_TYPES: dict[str, tuple[str, str, int, int]] = {
    "text": ("string", "VARCHAR", 0, 0),
    "name": ("string", "VARCHAR", 0, 0),
    "edit": ("string", "VARCHAR", 0, 0),
    "guid": ("string", "VARCHAR", 0, 0),
    "id": ("id", "VARCHAR", 0, 0),
    "email": ("email", "VARCHAR", 0, 0),
    "enum": ("picklist", "VARCHAR", 0, 0),
    "bool": ("boolean", "BOOLEAN", 0, 0),
    "int": ("int", "BIGINT", 0, 0),
    "amount": ("currency", "DECIMAL(18,2)", 15, 2),
    "price": ("double", "DECIMAL(18,5)", 15, 5),
    "quantity": ("double", "DECIMAL(18,5)", 15, 5),
    "percent": ("double", "DECIMAL(18,5)", 15, 5),
    "rate": ("double", "DECIMAL(18,8)", 18, 8),
    "date": ("date", "DATE", 0, 0),
    "time": ("datetime", "TIMESTAMP", 0, 0),
}

# What QuickBooks fills when an Add leaves it out.
_DEFAULTED = frozenset(
    {
        "IsActive",
        "TxnDate",
        "RefNumber",
        "DueDate",
        "IsPending",
        "ARAccountRef_ListID",
        "ARAccountRef_FullName",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a snapshot table: flattened name, DuckDB type, and the kind of the value behind it."""

    name: str
    type: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """All values of one table: of an entity, a union, or the lines of a transaction."""

    name: str
    key: str | None
    leaves: tuple[Leaf, ...]
    createable: bool
    updateable: bool
    parent: str | None = None


def known(name: str) -> Entity | Union:
    """The entity or union of that name; `QbxmlError` lists what there is."""
    found = CONCRETE.get(name) or UNIONS.get(name)
    if found is None:
        raise QbxmlError(
            f"there is no QuickBooks entity {name!r}",
            entity=name,
            fix=f"Known are {', '.join(sorted([*CONCRETE, *UNIONS]))}.",
        )
    return found


def line_entities(entity: str) -> tuple[str, ...]:
    """Names of the child tables: ('InvoiceLine',) for 'Invoice', () for 'Customer'."""
    described = known(entity)
    concrete = [CONCRETE[name] for name in described.members] if isinstance(described, Union) else [described]
    return tuple(each.lines.name for each in concrete if each.lines)


@cache
def line_of(name: str) -> tuple[Entity, Line] | None:
    """The entity that has lines of that name, and what these are made of; None where there is none."""
    for entity in CONCRETE.values():
        if entity.lines and entity.lines.name == name:
            return entity, entity.lines
    return None


@cache
def shape(name: str) -> Shape:
    """What a record of that name holds, head included, each value once and in order of the answer."""
    found = line_of(name)
    if found is not None:
        parent, lines = found
        return Shape(
            name=name, key=lines.key, parent=parent.name,
            createable="add" in parent.actions, updateable="mod" in parent.actions,
            leaves=_unique((*_line_head(parent, lines), *_in_order_of_ret(lines.elements))),
        )  # fmt: skip
    entity = known(name)
    head = _head(entity.key) if entity.shape in ("list", "txn") else ()
    return Shape(
        name=name, key=entity.key, leaves=_unique((*head, *_in_order_of_ret(entity.elements))),
        createable="add" in entity.actions, updateable="mod" in entity.actions,
    )  # fmt: skip


def describe(name: str, custom: Iterable[Mapping[str, object]] = ()) -> dict[str, object]:
    """What an entity, a union or a line entity is made of, in the form of Salesforce's describe.

    Of a required reference only the ListID is not nillable; its FullName does as well.  `custom` are
    definitions of custom fields (fields of DataExtDef records); those assigned to the entity come last, with
    their OwnerID and DataExtName.  They are written by DataExt, not in the record's own message.

    `name` and `label`, `createable`, `updateable`, `queryable`, `fields` with for each: name (flattened),
    label, type, length (characters; 0 where qbXML states none), precision and scale (digits), nillable,
    createable, updateable, defaultedOnCreate, unique, custom, referenceTo, picklistValues,
    restrictedPicklist.
    """
    table = shape(name)
    unique = {table.key, "FullName"}
    if not any(leaf.name == "FullName" for leaf in table.leaves):
        unique.add("Name")
    return {
        "name": name,
        "label": _label(name),
        "createable": table.createable,
        "updateable": table.updateable,
        "queryable": table.parent is not None or "query" in known(name).actions,
        "fields": [
            *(_field(leaf, table, leaf.name in unique) for leaf in table.leaves),
            *(_custom_field(element, each, table) for element, each in assigned(custom, name)),
        ],
    }


def columns(name: str, custom: Iterable[Mapping[str, object]] = ()) -> tuple[Column, ...]:
    """Columns of the snapshot table of an entity, a union or a line entity, in order, custom fields last.

    A datetime has two: local time without its offset (which ignores daylight saving and so misleads), and
    `<name>_Text` as QuickBooks wrote it.
    """
    made: list[Column] = []
    for leaf in shape(name).leaves:
        if leaf.takes_part("ret"):
            made.extend(_columns(leaf.name, leaf.element))
    for element, _ in assigned(custom, name):
        made.extend(_columns(element.name, element))
    return tuple(made)


def custom_column(definition: Mapping[str, object]) -> Column:
    """The column of a custom field, `Custom_<DataExtName>`, from the fields of its DataExtDef record.

    Raises:
        QbxmlError: Its DataExtType is unknown.
    """
    element = custom_element(definition)
    return _columns(element.name, element)[0]


def volatile(name: str) -> frozenset[str]:
    """Columns that QuickBooks computes and that change without the record's TimeModified (unverified).

    Balances, quantities on hand, what is paid or invoiced already.  Names in references (`..._FullName`)
    follow the record they name in the same way, and are not listed.
    """
    return frozenset(leaf.name for leaf in shape(name).leaves if leaf.element.volatile)


def _columns(name: str, element: Element) -> list[Column]:
    made = [Column(name=name, type=_TYPES[element.kind][1], kind=element.kind)]
    if element.kind == "time":
        made.append(Column(name=f"{name}_Text", type="VARCHAR", kind="text"))
    return made


def _leaf(name: str, kind: Kind, limit: int | None = None, *, mod: bool = False) -> Leaf:
    return Leaf(name=name, path=(Element(name=name, kind=kind, limit=limit, mod=mod, ret=True),))


def _head(key: str | None) -> tuple[Leaf, ...]:
    return (
        _leaf(key or "ListID", "id", 36),
        _leaf("TimeCreated", "time"),
        _leaf("TimeModified", "time"),
        _leaf("EditSequence", "edit", 16),
    )


def _line_head(parent: Entity, lines: Line) -> tuple[Leaf, ...]:
    """What tells the place of a line.

    SeqNo is ours: the place of the line in the answer, from 1.  GroupTxnLineID names the line of a group item
    that a line belongs to; such lines can't be sent back in a plain line element.
    """
    place = (_leaf(parent.key or "ListID", "id", 36), _leaf("SeqNo", "int"))
    if lines.key is None:
        return place
    return (
        place[0],
        _leaf(lines.key, "id", 36, mod=True),
        place[1],
        _leaf(f"Group{lines.key}", "id", 36),
    )


def _in_order_of_ret(elements: tuple[Element, ...]) -> tuple[Leaf, ...]:
    """Leaves with the rights of all places an element stands in, at its place in the answer."""
    placed: dict[str, Leaf] = {}
    for leaf in leaves(elements):
        before = placed.get(leaf.name)
        if before is not None and before.takes_part("ret"):
            placed[leaf.name] = _merged(before, leaf)
        elif before is not None:
            del placed[leaf.name]
            placed[leaf.name] = _merged(leaf, before)
        else:
            placed[leaf.name] = leaf
    return tuple(placed.values())


def _merged(kept: Leaf, other: Leaf) -> Leaf:
    outer, also = kept.path[0], other.path[0]
    merged = replace(
        outer, add=outer.add or also.add, mod=outer.mod or also.mod, ret=outer.ret or also.ret,
        required=outer.required or also.required,
    )  # fmt: skip
    return Leaf(name=kept.name, path=(merged, *kept.path[1:]))


def _unique(found: tuple[Leaf, ...]) -> tuple[Leaf, ...]:
    return tuple({leaf.name: leaf for leaf in found}.values())


def _field(leaf: Leaf, table: Shape, unique: bool) -> dict[str, object]:
    element = leaf.element
    reference = leaf.path[-2] if len(leaf.path) > 1 and leaf.path[-2].kind == "ref" else None
    kind, _, precision, scale = _TYPES[element.kind]
    if element.kind == "id" and leaf.name != table.key:
        kind = "reference"
    if kind == "string" and (element.limit or 0) > 255:
        kind = "textarea"
    if kind == "picklist" and element.many:
        kind = "multipicklist"
    return {
        "name": leaf.name,
        "label": _label(leaf.name),
        "type": kind,
        "length": element.limit or 0,
        "precision": precision,
        "scale": scale,
        "nillable": leaf.name != table.key and not (leaf.path[0].required and element.name != "FullName"),
        "createable": table.createable and leaf.takes_part("add"),
        "updateable": table.updateable and leaf.takes_part("mod"),
        "defaultedOnCreate": leaf.name in _DEFAULTED,
        "unique": unique,
        "custom": False,
        "referenceTo": list(reference.refers)
        if reference and element.kind == "id"
        else _parents(leaf, table),
        "picklistValues": [
            {"value": value, "label": _label(value), "active": True, "defaultValue": False}
            for value in element.values
        ],
        "restrictedPicklist": bool(element.values),
    }


def _custom_field(element: Element, definition: Mapping[str, object], table: Shape) -> dict[str, object]:
    field = _field(Leaf(name=element.name, path=(element,)), table, unique=False)
    return {
        **field,
        "label": definition.get("DataExtName"),
        "custom": True,
        "OwnerID": definition.get("OwnerID"),
        "DataExtName": definition.get("DataExtName"),
    }


def _parents(leaf: Leaf, table: Shape) -> list[str]:
    if table.parent and leaf.name == known(table.parent).key:
        return [table.parent]
    return []


def _label(name: str) -> str:
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name.replace("_", " "))
    return spaced.replace(" Ref List ID", "").replace(" Ref Full Name", " Name")
