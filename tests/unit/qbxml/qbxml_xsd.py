"""Read the published schema of qbXML as plain trees, to compare our tables with it and to make answers.

A tree holds `Group`s (sequences and choices) and `Node`s (elements).  References, named groups and types of
the schema are resolved; nothing of `qbwc` is used here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from lxml import etree

from tests.oracles import oracle

_XSD = "{http://www.w3.org/2001/XMLSchema}"
_FILES = {
    "requests": ("qbxmlops130", "qbxml130", "qbxmlso130", "qbxmltypes130"),
    "responses": ("qbxmlops130", "qbxml130_modified", "qbxmlso130", "qbxmltypes130"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One element: its type ('AMTTYPE', ...; "" with children), facets, and how often it occurs."""

    tag: str
    base: str
    limit: int | None
    values: tuple[str, ...]
    required: bool
    many: bool
    inside: tuple[Group | Node, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A sequence or a choice of elements and groups."""

    choice: bool
    required: bool
    many: bool
    inside: tuple[Group | Node, ...]


def nodes(inside: tuple[Group | Node, ...]) -> Iterator[Node]:
    """The elements of a body in order, whatever group they stand in."""
    for each in inside:
        if isinstance(each, Node):
            yield each
        else:
            yield from nodes(each.inside)


def needed(inside: tuple[Group | Node, ...]) -> Iterator[str]:
    """Tags of the elements that must be there, those of required choices not among them."""
    for each in inside:
        if isinstance(each, Node):
            if each.required:
                yield each.tag
        elif each.required and not each.choice:
            yield from needed(each.inside)


@cache
def schema(which: str) -> etree.XMLSchema:
    """The validating schema of 'requests' or 'responses'."""
    return etree.XMLSchema(etree.parse(oracle(f"qbxml/{which}/qbxmlops130.xsd")))


@cache
def body(which: str, tag: str) -> tuple[Group | Node, ...] | None:
    """What an element or a request holds; None where the schema does not know it."""
    found = _definitions(which).get(("element", tag))
    if found is None:
        found = _definitions(which).get(("type", f"{tag}Type"))
    return None if found is None else _body(which, found, ())


@cache
def _definitions(which: str) -> dict[tuple[str, str], etree._Element]:
    made: dict[tuple[str, str], etree._Element] = {}
    for name in _FILES[which]:
        path: Path = oracle(f"qbxml/{which}/{name}.xsd")
        for each in etree.parse(path).getroot().iterchildren(f"{_XSD}*"):
            kind = {"element": "element", "group": "group"}.get(str(each.tag).removeprefix(_XSD), "type")
            made[kind, each.get("name", "")] = each
    return made


def _body(which: str, element: etree._Element, seen: tuple[str, ...]) -> tuple[Group | Node, ...]:
    """What stands inside an element or a complex type."""
    inner = element.find(f"{_XSD}complexType")
    named = _definitions(which).get(("type", element.get("type", "")))
    if inner is None and element.tag == f"{_XSD}complexType":
        inner = element
    if inner is None and named is not None and named.tag == f"{_XSD}complexType":
        inner = named
    return () if inner is None else tuple(_particles(which, inner, seen))


def _particles(which: str, parent: etree._Element, seen: tuple[str, ...]) -> Iterator[Group | Node]:
    for each in parent.iterchildren(f"{_XSD}*"):
        kind = str(each.tag).removeprefix(_XSD)
        if kind == "element":
            yield _node(which, each, seen)
        elif kind in ("sequence", "choice", "group"):
            source = _definitions(which)["group", each.get("ref", "")] if kind == "group" else each
            yield Group(
                choice=kind == "choice", required=each.get("minOccurs") != "0",
                many=each.get("maxOccurs", "1") != "1", inside=tuple(_particles(which, source, seen)),
            )  # fmt: skip


def _node(which: str, place: etree._Element, seen: tuple[str, ...]) -> Node:
    tag = place.get("ref") or place.get("name") or ""
    element = _definitions(which)["element", tag] if place.get("ref") else place
    inside = _body(which, element, (*seen, tag)) if tag not in seen else ()
    restriction = element.find(f"{_XSD}simpleType/{_XSD}restriction")
    if restriction is None:  # A value that may be told by a macro: a type with an attribute.
        restriction = element.find(f"{_XSD}complexType/{_XSD}simpleContent/{_XSD}extension")
    longest = None if restriction is None else restriction.find(f"{_XSD}maxLength")
    return Node(
        tag=tag,
        base=""
        if inside
        else (element.get("type", "") if restriction is None else restriction.get("base", "")),
        limit=None if longest is None else int(longest.get("value", "0")),
        values=tuple(each.get("value", "") for each in element.iter(f"{_XSD}enumeration")),
        required=place.get("minOccurs") != "0",
        many=place.get("maxOccurs", "1") != "1",
        inside=inside,
    )
