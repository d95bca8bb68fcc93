"""The form of writes: children walk along the sequence of the schema; a removal is a type and a key."""

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
        # What has no key has no Ret of which a part could be asked for.
        if extra.tag != "IncludeRetElement" or entity.shape == "value":
            raise bad_form(f"{extra.tag!s} is out of place in {order.tag}")
        order.asked.append(("IncludeRetElement", leaf_text(extra)))
    body = list(children[0])
    if action == "mod" and entity.key is not None:
        body = _take_head(order, body, (entity.key, "EditSequence"))
    line_tag = f"{entity.lines.name}{order.action.capitalize()}" if entity.lines else ""
    lines = [child for child in body if child.tag == line_tag]
    if lines and body[-len(lines) :] != lines:
        raise bad_form(f"{line_tag} is out of place in {order.tag}")
    full = action == "add" or entity.key is None
    _read_body(order, body[: len(body) - len(lines)], entity.elements, action, order.values, full=full)
    if lines or action == "add":
        order.lines = [_read_line(order, entity, action, line) for line in lines]
    if action == "add" and entity.lines and entity.lines.required and not lines:
        raise bad_form(f"{order.tag} lacks {line_tag}")


def read_removal(order: Order, request: etree._Element) -> None:
    """Put kind and key of a void or delete into the order: a type and an id, nothing else."""
    kind, key = removal_tags(order.tag)
    if [str(child.tag) for child in request] != [kind, key]:
        raise bad_form(f"{order.tag} must hold {kind} and {key}")
    order.entity, order.values[key] = (leaf_text(child) for child in request)
    _check_id(order, order.values[key])


def removal_tags(tag: str) -> tuple[str, str]:
    """Tags of type and key: 'TxnVoidRq' -> ('TxnVoidType', 'TxnID')."""
    return f"{tag.removesuffix('Rq')}Type", "ListID" if tag.startswith("List") else "TxnID"


def _take_head(order: Order, body: list[etree._Element], names: tuple[str, ...]) -> list[etree._Element]:
    if tuple(child.tag for child in body[: len(names)]) != names:
        raise bad_form(f"{order.tag} must begin with {' and '.join(names)}")
    order.values.update({name: leaf_text(child) for name, child in zip(names, body, strict=False)})
    _check_id(order, order.values[names[0]])
    return body[len(names) :]


def _check_id(order: Order, key: str) -> None:
    if not _OBJECT_ID.fullmatch(key):
        order.note(Refusal(3000, f'The given object ID "{key}" is invalid.'))


_OBJECT_ID = re.compile(r"[0-9A-F]+-[0-9]+")


def _read_line(order: Order, entity: Entity, action: Action, line: etree._Element) -> dict[str, str]:
    assert entity.lines is not None
    values: dict[str, str] = {}
    body = list(line)
    if action == "mod":
        if not body or body[0].tag != "TxnLineID":
            raise bad_form(f"{line.tag!s} must begin with TxnLineID")
        values["TxnLineID"] = leaf_text(body.pop(0))
    _read_body(order, body, entity.lines.elements, action, values, full=action == "add")
    return values


def _read_body(
    order: Order,
    body: Sequence[etree._Element],
    elements: tuple[Element, ...],
    action: Action,
    values: dict[str, str],
    prefix: str = "",
    *,
    full: bool,
) -> None:
    """Walk the children along the sequence of the schema; what does not come next refuses the set.

    With `full`, what is required must be there.
    """
    at = 0
    chosen: dict[str, str] = {}
    seen: set[str] = set()
    for child in body:
        tag = str(child.tag)
        while at < len(elements) and not (
            elements[at].takes_part(action) and elements[at].tag(action) == tag
        ):
            at += 1
        if at == len(elements):
            raise bad_form(f"{prefix}{tag} is unknown or out of order in {order.tag}")
        element = elements[at]
        at += not element.many
        seen.add(element.name)
        if element.choice and chosen.setdefault(element.choice, element.alternative) != element.alternative:
            raise bad_form(f"{prefix}{tag} excludes what stands before it in {order.tag}")
        name = f"{prefix}{element.name}"
        if element.children:
            _read_body(order, list(child), element.children, action, values, f"{name}_", full=full)
        else:
            text = convert(order, element, name, leaf_text(child))
            values[name] = f"{values[name]};{text}" if element.many and name in values else text
    if full:
        _check_required(order, elements, action, seen, chosen)


def _check_required(
    order: Order, elements: tuple[Element, ...], action: Action, seen: set[str], chosen: dict[str, str]
) -> None:
    for element in elements:
        if not element.takes_part(action):
            continue
        if element.required_choice and element.choice not in chosen:
            raise bad_form(f"{order.tag} lacks a choice")
        its_turn = element.choice is None or chosen.get(element.choice) == element.alternative
        if element.required and its_turn and element.name not in seen:
            raise bad_form(f"{order.tag} lacks {element.name}")
