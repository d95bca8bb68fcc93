"""Find what is wrong with the fields of one record or one line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import cache

from qbwc.descriptor import Element, known, leaves, line_of, shape
from qbwc.descriptor.custom import PREFIX
from qbwc.descriptor.model import Action
from qbwc.errors import QbxmlError
from qbwc.qbxml.check.problems import problem
from qbwc.qbxml.values import value_problems

Fields = Mapping[str, object]

# Why a value of that kind cannot be emptied: qbXML has no empty one, and refuses the whole set (schema).
_NEVER_EMPTY = {
    "bool": ("it is true or false", "Give true or false."),
    "enum": ("it is one of a list", "Choose another of its values."),
    "int": ("it is a number", "Give a number."),
    "rate": ("it is a number", "Give a number."),
    "guid": ("it is a GUID", "Leave it as it is."),
}


def check_body(
    entity: str, elements: tuple[Element, ...], action: Action, fields: Fields, *, whole: bool
) -> list[QbxmlError]:
    """All problems of the fields; `whole` when everything that is required must be there."""
    places = _writable(entity, action)
    problems = [_unknown(entity, name, action) for name in fields if name not in places]
    for name, element in places.items():
        value = fields.get(name)
        if value in (None, ""):
            if name in fields and action == "mod" and element.kind in _NEVER_EMPTY:
                why, fix = _NEVER_EMPTY[element.kind]
                problems.append(problem(entity, name, f"cannot empty {name}: {why}", fix, value=value))
        elif not is_awaited(value):
            problems.extend(value_problems(element, value, entity=entity, field=name))
    if whole:
        problems.extend(_missing(entity, elements, action, fields))
    elif action == "mod":
        problems.extend(_emptied(entity, elements, fields))
    problems.extend(_excluding(entity, elements, action, fields))
    return problems


def is_awaited(value: object) -> bool:
    """Whether a value will come from another request's answer."""
    return isinstance(value, Mapping) and "$answer" in value


@cache
def _writable(entity: str, action: Action) -> dict[str, Element]:
    """Flattened name -> element, of what that message may hold."""
    found = line_of(entity)
    elements = found[1].elements if found else known(entity).elements
    return {leaf.name: leaf.element for leaf in leaves(elements) if leaf.takes_part(action)}


def _unknown(entity: str, name: str, action: Action) -> QbxmlError:
    leaf = next((leaf for leaf in shape(entity).leaves if leaf.name == name), None)
    if leaf is None and name.startswith(PREFIX):
        what = f"takes no custom field ({name}) in its own message"
        return problem(entity, name, what, "Write it by DataExt, once the record is there.")
    if leaf is None:
        near = get_close_matches(name, _writable(entity, action), n=3, cutoff=0.6)
        fix = f"Did you mean {', '.join(near)}?" if near else None
        return problem(entity, name, f"has no field {name!r}", fix)
    other: Action = "mod" if action == "add" else "add"
    if leaf.takes_part(other):
        when = "on creation" if other == "add" else "by a change"
        return problem(entity, name, f"takes {name} only {when}", "Leave it out.")
    return problem(entity, name, f"does not take {name}: QuickBooks fills it", "Leave it out.")


def _given(element: Element, prefix: str, action: Action, fields: Fields) -> bool:
    """Whether a value is given for the element or anything below it."""
    name = f"{prefix}{element.name}"
    if element.children:
        return any(_given(child, f"{name}_", action, fields) for child in element.children)
    return element.takes_part(action) and fields.get(name) not in (None, "")


def _missing(
    entity: str, elements: tuple[Element, ...], action: Action, fields: Fields
) -> Iterator[QbxmlError]:
    """What is required and not there; of a choice of branches, only what the taken branch requires."""
    given = {element.name for element in elements if _given(element, "", action, fields)}
    taken = {(element.choice, element.branch) for element in elements if element.name in given}
    for element in elements:
        if not element.required or element.name in given:
            continue
        if element.branch and (element.choice, element.branch) not in taken:
            continue
        if action == "mod" and not element.branch and element.name in fields:
            continue  # Emptied on purpose: the value of a custom field.
        yield problem(entity, element.name, f"needs {element.name}", f"Give {_wanted(element)}.")
    chosen = {choice for choice, _ in taken}
    for choice in dict.fromkeys(element.choice for element in elements if element.required_choice):
        if choice not in chosen:
            options = _options(elements, choice)
            what = f"needs {' or '.join(options)}"
            yield problem(entity, options[0], what, "Give a field of one of them.", limit=options)


def _emptied(entity: str, elements: tuple[Element, ...], fields: Fields) -> Iterator[QbxmlError]:
    """Fields that every record of the kind must have, and that a Mod would empty."""
    for element in elements:
        halves = [f"{element.name}_{child.name}" for child in element.children] or [element.name]
        named = [half for half in halves if half in fields]
        if element.required and element.mod and named and not _given(element, "", "mod", fields):
            what = f"cannot empty {element.name}: every {entity} has one"
            yield problem(entity, named[0], what, f"Give {_wanted(element)}, or leave it out.")


def _wanted(element: Element) -> str:
    name = element.name
    return f"{name}_ListID or {name}_FullName" if element.kind == "ref" else name


def _options(elements: tuple[Element, ...], choice: str | None) -> tuple[str, ...]:
    """The name of each alternative of a choice: its first element."""
    first: dict[str, str] = {}
    for element in elements:
        if element.choice == choice:
            first.setdefault(element.alternative, element.name)
    return tuple(first.values())


def _excluding(
    entity: str, elements: tuple[Element, ...], action: Action, fields: Fields, prefix: str = ""
) -> Iterator[QbxmlError]:
    """Values of a choice that are given beside each other."""
    taken: dict[str, Element] = {}
    for element in elements:
        if not element.takes_part(action):
            continue
        name = f"{prefix}{element.name}"
        if element.kind == "group":
            yield from _excluding(entity, element.children, action, fields, f"{name}_")
        if element.choice and _given(element, prefix, action, fields):
            first = taken.setdefault(element.choice, element)
            if first.alternative != element.alternative:
                what = f"takes {prefix}{first.name} or {name}, not both"
                yield problem(entity, name, what, "Give one of them.", limit=f"{prefix}{first.name}")
