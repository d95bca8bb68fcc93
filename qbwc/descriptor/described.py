"""Tell about an entity in the form of Salesforce's describe: mappings know both sides in the same way.

Facts that the schema does not tell (name uniqueness, what QuickBooks fills by itself) are added here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from qbwc.descriptor.capability import capability
from qbwc.descriptor.custom import assigned
from qbwc.descriptor.kinds import kinds_with
from qbwc.descriptor.model import Element, Leaf
from qbwc.descriptor.shapes import Shape, known, shape
from qbwc.descriptor.types import TYPES

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


def describe(name: str, custom: Iterable[Mapping[str, object]] = ()) -> dict[str, object]:
    """What an entity, a union or a line entity is made of, in the form of Salesforce's describe.

    Of a required reference only the ListID is not nillable; its FullName does as well.  `custom` are
    definitions of custom fields (fields of DataExtDef records); those assigned to the entity come last, with
    their OwnerID and DataExtName.  They are written by DataExt, not in the record's own message.

    `name` and `label`, `createable`, `updateable`, `queryable`, `deletable` and `voidable` (as far as this
    project does it, see `capability`; of a line neither), `fields` with for each: name (flattened),
    label, type, length (characters; 0 where qbXML states none), precision and scale (digits), nillable,
    createable, updateable, defaultedOnCreate, unique, custom, referenceTo, picklistValues,
    restrictedPicklist; of a union, kinds: the values of `Type` that alone take the field, None where all do.
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
        "deletable": table.parent is None and capability(name).delete,
        "voidable": table.parent is None and capability(name).void,
        "fields": [
            *(_field(leaf, table, leaf.name in unique) for leaf in table.leaves),
            *(_custom_field(element, each, table) for element, each in assigned(custom, name)),
        ],
    }


def _field(leaf: Leaf, table: Shape, unique: bool) -> dict[str, object]:
    element = leaf.element
    reference = leaf.path[-2] if len(leaf.path) > 1 and leaf.path[-2].kind == "ref" else None
    kind, _, precision, scale = TYPES[element.kind]
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
        "kinds": kinds_with(table.name, leaf.name),
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
