"""Our tables against the published schema of qbXML 13.0: every element, in every message we use it in.

Order, presence, type, length, values, what is required, what occurs several times.  Skipped where the
oracles are absent.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from qbxml_xsd import Group, Node, body, needed, nodes

from qbwc.descriptor import CONCRETE, Element, Line

pytestmark = pytest.mark.oracle

TYPES = {
    "text": {"STRTYPE"}, "name": {"STRTYPE"}, "email": {"STRTYPE"}, "edit": {"STRTYPE"}, "id": {"IDTYPE"},
    "guid": {"GUIDTYPE"}, "bool": {"BOOLTYPE"}, "int": {"INTTYPE"}, "amount": {"AMTTYPE"},
    "price": {"PRICETYPE"}, "quantity": {"QUANTYPE"}, "percent": {"PERCENTTYPE"}, "rate": {"FLOATTYPE"},
    "date": {"DATETYPE"}, "time": {"DATETIMETYPE"}, "enum": {"ENUMTYPE"},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Message:
    """One body of the schema, and our elements for it."""

    name: str
    action: str
    ours: tuple[Element, ...]
    theirs: tuple[Group | Node, ...]


def messages(name: str) -> Iterator[Message]:
    """Every body in which an entity's elements or those of its lines occur."""
    entity = CONCRETE[name]
    for action in ("add", "mod"):
        stem = action.capitalize()
        theirs = body("requests", f"{name}{stem}")
        if theirs is not None:
            yield Message(f"{name}{stem}", action, entity.elements, theirs)
            if entity.lines and action in entity.actions:
                lines = _found(theirs, f"{entity.lines.name}{stem}").inside
                yield Message(f"{entity.lines.name}{stem}", action, entity.lines.elements, lines)
    ret = body("responses", f"{name}Ret") if entity.shape != "deleted" else None
    if entity.shape == "deleted":
        (record,) = [
            each for each in nodes(body("responses", f"{name}QueryRs") or ()) if each.tag == entity.ret
        ]
        ret = record.inside
    assert ret is not None, f"the schema has no {name}Ret"
    yield Message(f"{name}Ret", "ret", entity.elements, ret)
    if entity.lines:
        yield Message(entity.lines.ret, "ret", entity.lines.elements, _lines_of(ret, entity.lines))


def _found(inside: tuple[Group | Node, ...], tag: str) -> Node:
    return next(node for node in nodes(inside) if node.tag == tag)


def _lines_of(ret: tuple[Group | Node, ...], lines: Line) -> tuple[Group | Node, ...]:
    found = _found(ret, lines.ret)
    return (found,) if lines.bare else found.inside


@pytest.mark.parametrize("name", sorted(CONCRETE))
def test_our_tables_tell_what_the_schema_tells(name: str) -> None:
    seen = 0
    for message in messages(name):
        seen += 1
        written = message.action == "ret" or message.action in CONCRETE[name].actions
        problems = list(differences(message.ours, message.theirs, message.action, strict=written))
        assert not problems, f"{message.name}: " + "; ".join(problems)
    assert seen, f"{name} occurs in no message"


def differences(
    ours: tuple[Element, ...], theirs: tuple[Group | Node, ...], action: str, *, strict: bool
) -> Iterator[str]:
    """What our elements say otherwise than the schema's body, in that message.

    Not `strict`: a message that this project never sends may hold more than our table says.
    """
    known = {node.tag: (number, node) for number, node in enumerate(nodes(theirs))}
    at = -1
    claimed: set[str] = set()
    for element in ours:
        if not element.takes_part(action):  # type: ignore[arg-type]
            continue
        tag = element.tag(action)  # type: ignore[arg-type]
        claimed.add(tag)
        if tag not in known:
            yield f"the schema has no {tag}"
            continue
        number, node = known[tag]
        if number <= at:
            yield f"{tag} stands too late in our table"
        at = number
        yield from _unlike(element, node, action, strict)
    if strict:
        names = {element.tag(action) for element in ours}  # type: ignore[arg-type]
        yield from (f"{tag} is missing in our {action}" for tag in known if tag in names - claimed)
        if action == "add":
            asked = {element.name for element in ours if element.required and not element.branch}
            mine = {element.name for element in ours}
            wanted = {tag for tag in needed(theirs) if tag in mine}
            if asked != wanted:
                yield f"required are {sorted(wanted)}, we say {sorted(asked)}"


def _unlike(element: Element, node: Node, action: str, strict: bool) -> Iterator[str]:
    if element.children:
        if not node.inside:
            yield f"{node.tag} has no children in the schema"
        for each in differences(element.children, node.inside, action, strict=strict):
            yield f"{node.tag}: {each}"
        return
    as_text = action == "ret" and element.kind == "text" and node.base == "ENUMTYPE"
    if node.base not in TYPES[element.kind] and not as_text:
        yield f"{node.tag} is {node.base}, we say {element.kind}"
    limit = None if element.kind in ("id", "guid") else element.limit
    if limit != node.limit:
        yield f"{node.tag} takes {node.limit} characters, we say {limit}"
    if element.many != node.many and action != "ret":
        yield f"{node.tag} occurs several times: {node.many}, we say {element.many}"
    if element.many < node.many:
        yield f"{node.tag} may come back several times"
    # Answers may hold values that requests cannot (PreferredDeliveryMethod: Mail).
    if element.kind == "enum" and not (
        set(element.values) == set(node.values)
        if action != "ret"
        else set(element.values) <= set(node.values)
    ):
        yield f"{node.tag} takes {sorted(set(element.values) ^ set(node.values))} otherwise"


@pytest.mark.parametrize("name", sorted(CONCRETE))
def test_what_is_void_deleted_and_counted_is_so_in_the_schema(name: str) -> None:
    entity = CONCRETE[name]
    voided = _found(body("requests", "TxnVoidRq") or (), "TxnVoidType").values
    deleted = _found(body("requests", "TxnDelRq") or (), "TxnDelType").values
    assert ("void" in entity.actions) <= (name in voided)
    assert ("delete" in entity.actions) <= (name in deleted and name not in voided)
    assert ("query" in entity.actions) == (body("requests", f"{name}QueryRq") is not None)
    assert {"add", "mod"} & entity.actions <= {
        action for action in ("add", "mod") if body("requests", f"{name}{action.capitalize()}")
    }


def test_a_difference_would_be_found() -> None:
    """The comparison sees a wrong order, length, type and requirement; it does not look the other way."""
    customer = CONCRETE["Customer"].elements
    theirs = body("requests", "CustomerAdd")
    assert theirs is not None
    assert not list(differences(customer, theirs, "add", strict=True))
    assert any("too late" in each for each in differences(customer[::-1], theirs, "add", strict=True))

    def changed(**what: object) -> list[str]:
        name = replace(customer[0], **what)  # type: ignore[arg-type]
        return list(differences((name, *customer[1:]), theirs, "add", strict=True))

    assert changed(limit=40) == ["Name takes 41 characters, we say 40"]
    assert changed(kind="int", limit=41) == ["Name is STRTYPE, we say int"]
    assert changed(required=False) == ["required are ['Name'], we say []"]
    assert changed(add=False, required=True)[0] == "Name is missing in our add"
    assert changed(name="Nome")[0] == "the schema has no Nome"
    assert changed(many=True) == ["Name occurs several times: False, we say True"]
