"""The form of writes: children walk along the sequence of the schema."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lxml import etree

from qbwc.descriptor import CONCRETE, Element, Entity
from qbwc.descriptor.model import Action
from qbwc.simulator.conversion import convert
from qbwc.simulator.orders import Order, leaf_text
from qbwc.simulator.refusals import Refusal, bad_form


def read_write(order: Order, request: etree._Element) -> None:
    """Put the values and lines of an Add or Mod into the order."""
    entity = CONCRETE[order.entity]
    action: Action = "add" if order.action == "add" else "mod"
    children = list(request)
    if not children or children[0].tag != f"{order.entity}{order.action.capitalize()}":
        raise bad_form(f"{order.tag} holds no {order.entity}{order.action.capitalize()}")
    for extra in children[1:]:
        if extra.tag != "IncludeRetElement":
            raise bad_form(f"{extra.tag!s} is out of place in {order.tag}")
        order.asked.append(("IncludeRetElement", leaf_text(extra)))
    body = list(children[0])
    if action == "mod":
        assert entity.key is not None
        body = _take_head(order, body, (entity.key, "EditSequence"))
    line_tag = f"{entity.lines.name}{order.action.capitalize()}" if entity.lines else ""
    lines = [child for child in body if child.tag == line_tag]
    if lines and body[-len(lines) :] != lines:
        raise bad_form(f"{line_tag} is out of place in {order.tag}")
    _read_body(order, body[: len(body) - len(lines)], entity.elements, action, order.values)
    if lines or action == "add":
        order.lines = [_read_line(order, entity, action, line) for line in lines]


def _take_head(order: Order, body: list[etree._Element], names: tuple[str, ...]) -> list[etree._Element]:
    if tuple(child.tag for child in body[: len(names)]) != names:
        raise bad_form(f"{order.tag} must begin with {' and '.join(names)}")
    order.values.update({name: leaf_text(child) for name, child in zip(names, body, strict=False)})
    if not _OBJECT_ID.fullmatch(order.values[names[0]]):
        order.note(Refusal(3000, f'The given object ID "{order.values[names[0]]}" is invalid.'))
    return body[len(names) :]


_OBJECT_ID = re.compile(r"[0-9A-F]+-[0-9]+")


def _read_line(order: Order, entity: Entity, action: Action, line: etree._Element) -> dict[str, str]:
    assert entity.lines is not None
    values: dict[str, str] = {}
    body = list(line)
    if action == "mod":
        if not body or body[0].tag != "TxnLineID":
            raise bad_form(f"{line.tag!s} must begin with TxnLineID")
        values["TxnLineID"] = leaf_text(body.pop(0))
    _read_body(order, body, entity.lines.elements, action, values)
    return values


def _read_body(
    order: Order,
    body: Sequence[etree._Element],
    elements: tuple[Element, ...],
    action: Action,
    values: dict[str, str],
    prefix: str = "",
) -> None:
    """Walk the children along the sequence of the schema; what does not come next refuses the set."""
    at = 0
    chosen: set[str] = set()
    for child in body:
        tag = str(child.tag)
        while at < len(elements) and not (
            elements[at].takes_part(action) and elements[at].tag(action) == tag
        ):
            _check_skipped(order, elements[at], action, f"{prefix}{tag}")
            at += 1
        if at == len(elements):
            raise bad_form(f"{prefix}{tag} is unknown or out of order in {order.tag}")
        element = elements[at]
        at += 1
        if element.choice is not None:
            if element.choice in chosen:
                raise bad_form(f"{prefix}{tag} excludes what stands before it in {order.tag}")
            chosen.add(element.choice)
        name = f"{prefix}{element.name}"
        if element.children:
            _read_body(order, list(child), element.children, action, values, f"{name}_")
        else:
            values[name] = convert(order, element, name, leaf_text(child))
    for element in elements[at:]:
        _check_skipped(order, element, action, "the end")
    if action == "add":
        missing = {element.choice for element in elements if element.required_choice} - chosen
        if missing:
            raise bad_form(f"{order.tag} lacks a choice")


def _check_skipped(order: Order, element: Element, action: Action, found: str) -> None:
    if action == "add" and element.required:
        raise bad_form(f"{order.tag} lacks {element.name}, found {found}")
