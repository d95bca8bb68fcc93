"""Custom fields as part of a description: which a record may have, their columns, their fields.

A definition is the fields of a DataExtDef record: OwnerID, DataExtName, DataExtType, AssignToObject (several,
joined by ";").
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from qbwc.descriptor.catalogue import CONCRETE, UNIONS
from qbwc.descriptor.model import Element, Kind
from qbwc.errors import QbxmlError

PUBLIC = "0"
PREFIX = "Custom_"

# DataExtType -> kind of the value, and its longest text.  QuickBooks' own dialogs may take less than the 255
# characters of a STR255TYPE (unverified).
_KINDS: dict[str, tuple[Kind, int | None]] = {
    "STR255TYPE": ("text", 255),
    "STR1024TYPE": ("text", 1024),
    "INTTYPE": ("int", None),
    "AMTTYPE": ("amount", None),
    "PRICETYPE": ("price", None),
    "QUANTYPE": ("quantity", None),
    "PERCENTTYPE": ("percent", None),
    "DATETIMETYPE": ("time", None),
}


def custom_name(owner_id: str | None, name: str) -> str:
    """How a custom field is called in a record: by its name; private ones as '{GUID}.name'."""
    return name if owner_id in (None, "", PUBLIC) else f"{owner_id}.{name}"


def custom_element(definition: Mapping[str, object]) -> Element:
    """A custom field as an element, named like its column; `QbxmlError` for an unknown type."""
    kind = str(definition.get("DataExtType"))
    if kind not in _KINDS:
        raise QbxmlError(
            f"the custom field {definition.get('DataExtName')!r} is of type {kind!r}",
            entity="DataExtDef", field="DataExtType", value=kind, limit=tuple(_KINDS),
            fix=f"Known are {', '.join(_KINDS)}.",
        )  # fmt: skip
    name = custom_name(str(definition.get("OwnerID") or PUBLIC), str(definition.get("DataExtName")))
    return Element(
        name=f"{PREFIX}{name}", kind=_KINDS[kind][0], limit=_KINDS[kind][1], add=True, mod=True, ret=True
    )


def assigned(
    definitions: Iterable[Mapping[str, object]], entity: str
) -> list[tuple[Element, Mapping[str, object]]]:
    """The custom fields that records of an entity, a union or a line entity may have, each name once.

    Values of a public field of customers come with transactions too, those of items with lines (unverified).
    """
    objects, public = _objects(entity)
    made: dict[str, tuple[Element, Mapping[str, object]]] = {}
    for definition in definitions:
        to = set(str(definition.get("AssignToObject") or "").split(";"))
        is_public = definition.get("OwnerID") in (None, "", PUBLIC)
        if to & objects or (is_public and to & public):
            element = custom_element(definition)
            made.setdefault(element.name.casefold(), (element, definition))
    return list(made.values())


def _objects(entity: str) -> tuple[set[str], set[str]]:
    """The AssignToObject values of an entity, and those of which it has the public ones."""
    for each in CONCRETE.values():
        if each.lines and each.lines.name == entity:
            return ({each.name}, {"Item"}) if each.shape == "txn" else (set(), set())
    if entity == "Item" or entity in UNIONS["Item"].members:
        return {"Item"}, set()
    return {entity}, {"Customer"} if entity in CONCRETE and CONCRETE[entity].shape == "txn" else set()
