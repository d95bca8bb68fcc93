"""Values of a seed as qbXML text; what does not fit its field is listed, not raised."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from qbwc.descriptor import CONCRETE, Element, Leaf, shape
from qbwc.qbxml.values import read_time, to_text, value_problems
from qbwc.simulator.lists import OTHER_ITEMS, OTHER_LISTS
from qbwc.simulator.times import stored


def texts(entity: str, row: Mapping[str, object], problems: list[str]) -> dict[str, str]:
    """The values of a row as qbXML text; None and "" as "".  Unknown names and misfits are listed."""
    places = fields_of(entity)
    made: dict[str, str] = {}
    for name, value in row.items():
        if name not in places:
            problems.append(f"no field {name}")
        elif value is None or value == "":
            made[name] = ""
        elif places[name].element.kind == "time":
            made[name] = _time(value, name, problems)
        else:
            made[name] = text_of(places[name].element, value, entity, name, problems)
    return made


def _reference(name: str) -> tuple[Leaf, ...]:
    """Both halves of a reference that no table has at this place."""
    halves = (Element(name="ListID", kind="id"), Element(name="FullName", kind="text"))
    outer = Element(name=name, kind="ref", children=halves, ret=True)
    return tuple(Leaf(name=f"{name}_{half.name}", path=(outer, half)) for half in halves)


_REFERENCE_TO_ITS_OWN = _reference("ParentRef")
_GROUP_ITEM = _reference("ItemGroupRef")


@cache
def fields_of(entity: str) -> dict[str, Leaf]:
    """What a row of that kind, or a line of it, may hold."""
    if entity not in CONCRETE and entity in (*OTHER_LISTS, *OTHER_ITEMS):
        return {leaf.name: leaf for leaf in (*shape("Class").leaves, *_REFERENCE_TO_ITS_OWN)}
    found = {leaf.name: leaf for leaf in shape(entity).leaves}
    found.pop("SeqNo", None)
    found.pop("GroupTxnLineID", None)
    if entity.endswith("Line") and "ItemRef_ListID" in found:
        found.update({leaf.name: leaf for leaf in _GROUP_ITEM})
    return found


def _time(value: object, name: str, problems: list[str]) -> str:
    try:
        return stored(read_time(str(value)))
    except ValueError:
        problems.append(f"{name} is {value!r}, not a datetime")
        return ""


def text_of(element: Element, value: object, entity: str, name: str, problems: list[str]) -> str:
    if element.kind in ("text", "name", "id", "edit") and isinstance(value, int):
        value = str(value)
    found = value_problems(element, value, entity=entity, field=name)
    problems.extend(problem.what for problem in found)
    return "" if found else to_text(element, value, entity=entity, field=name)
