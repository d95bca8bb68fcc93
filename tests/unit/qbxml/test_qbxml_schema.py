"""Requests against the published schema of qbXML 13.0, which this project did not write.

Random records of every kind are built and validated; the element order of our tables and every length in
them are compared with the schema's.  Skipped where the oracles are absent.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from qbwc.descriptor import CONCRETE, ENTITIES, Element, Entity, leaves
from qbwc.qbxml import build_add, build_deleted_query, build_mod, build_query, message_set
from tests.oracles import oracle

pytestmark = pytest.mark.oracle

WRITABLE = sorted(name for name, entity in CONCRETE.items() if entity.key and "mod" in entity.actions)
# Every character that Windows-1252 has and XML takes.
_CHARACTERS = "".join(
    bytes([code]).decode("cp1252", "ignore") for code in (*range(0x20, 0x7F), *range(0x80, 0x100))
)
_NO_COLON = _CHARACTERS.replace(":", "")


@cache
def schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(oracle("qbxml/requests/qbxmlops130.xsd")))


def check(document: str) -> None:
    """Fail with the schema's own words where a document does not fit."""
    schema().assertValid(etree.fromstring(document.encode()))


def digits(places: int, decimals: int) -> st.SearchStrategy[Decimal]:
    most = Decimal(10) ** places - Decimal(1).scaleb(-decimals)
    return st.decimals(-most, most, places=decimals, allow_nan=False, allow_infinity=False)


def value(element: Element) -> st.SearchStrategy[Any]:
    """Values that our own checks accept, the longest often among them."""
    limit = element.limit or 60
    texts: dict[str, st.SearchStrategy[Any]] = {
        "text": st.text(_CHARACTERS, min_size=1, max_size=min(limit, 60)) | st.just("x" * limit),
        "name": st.text(_NO_COLON, min_size=1, max_size=limit) | st.just("x" * limit),
    }
    others: dict[str, st.SearchStrategy[Any]] = {
        "email": texts["text"],
        "id": st.just("80000001-1234567890") | st.just("x" * 36),
        "guid": st.just("{" + "a" * 8 + "-1111-2222-3333-" + "b" * 12 + "}"),
        "bool": st.booleans(),
        "int": st.integers(-(10**9), 10**9),
        "amount": digits(13, 2),
        "price": digits(10, 5),
        "quantity": digits(10, 5),
        "percent": digits(10, 5),
        "rate": digits(5, 8),
        "date": st.dates(date(1900, 1, 1), date(2100, 1, 1)),
        "enum": st.sampled_from(element.values or ("",)),
    }
    return {**texts, **others}[element.kind]


@st.composite
def fields(
    draw: st.DrawFn, elements: tuple[Element, ...], action: Any, prefix: str = ""
) -> dict[str, object]:
    """A random subset of what a message may hold, what it must hold included, one of each choice."""
    made: dict[str, object] = {}
    allowed = [element for element in elements if element.takes_part(action)]
    choices = sorted({element.choice for element in allowed if element.choice})
    picked = {
        choice: draw(st.sampled_from([e.name for e in allowed if e.choice == choice])) for choice in choices
    }
    for element in allowed:
        needed = action == "add" and (element.required or element.required_choice)
        if element.choice and picked[element.choice] != element.name:
            continue
        if not needed and not draw(st.booleans()):
            continue
        name = f"{prefix}{element.name}"
        if element.kind == "ref":
            half = draw(st.sampled_from(element.children))
            made[f"{name}_{half.name}"] = draw(value(half))
        elif element.children:
            inner = draw(fields(element.children, action, f"{name}_"))
            first = next(leaf for leaf in leaves(element.children, (element,)) if leaf.takes_part(action))
            made.update(inner or {f"{prefix}{first.name}": draw(value(first.element))})
        else:
            emptied = (
                action == "mod"
                and not element.required
                and element.kind not in ("bool", "int", "guid", "rate", "enum")
            )
            made[name] = draw(value(element) | st.none()) if emptied else draw(value(element))
    return made


@st.composite
def records(draw: st.DrawFn, entity: Entity, action: Any) -> tuple[dict[str, object], Any]:
    body = draw(fields(entity.elements, action))
    if entity.lines is None:
        return body, None
    least = 1 if entity.lines.required else 0
    lines = draw(st.lists(fields(entity.lines.elements, action), min_size=least, max_size=3))
    if action == "mod":
        lines = [{**line, "TxnLineID": f"{n}-1" if n else "-1"} for n, line in enumerate(lines)]
    return body, lines or None


@pytest.mark.parametrize("action", ["add", "mod"])
@pytest.mark.parametrize("entity", WRITABLE)
def test_every_write_that_passes_our_checks_passes_the_schema(entity: str, action: str) -> None:
    schema()

    @settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
    @given(records(CONCRETE[entity], action))
    def holds(record: tuple[dict[str, object], Any]) -> None:
        body, lines = record
        if action == "add":
            request = build_add(entity, body, lines, request_id="1")
        else:
            request = build_mod(entity, "80000001-1", "1234567890", body, lines, request_id="1")
        check(message_set([request]))

    holds()


@pytest.mark.parametrize("entity", WRITABLE)
@pytest.mark.parametrize("action", ["add", "mod"])
def test_a_write_with_everything_passes_the_schema(entity: str, action: Any) -> None:
    """All elements at once, so that each place in the order is tried."""
    described = CONCRETE[entity]
    body = dict(full(described.elements, action))
    lines = None
    if described.lines:
        lines = [{**dict(full(described.lines.elements, action)), "TxnLineID": "-1"}]
    if action == "add":
        check(message_set([build_add(entity, body, lines, request_id="1")]))
    else:
        check(message_set([build_mod(entity, "80000001-1", "5", body, lines, request_id="1")]))


SAMPLES: dict[str, object] = {
    "bool": True, "int": 1, "amount": Decimal(1), "price": Decimal(1), "quantity": Decimal(1),
    "percent": Decimal(1), "rate": Decimal(1), "date": date(2026, 1, 1), "email": "a@example.com",
    "guid": "{" + "a" * 8 + "-1111-2222-3333-" + "b" * 12 + "}", "id": "8-1", "text": "x", "name": "x",
}  # fmt: skip


def full(elements: tuple[Element, ...], action: Any, prefix: str = "") -> Iterator[tuple[str, object]]:
    """Every value a message may hold, the first of each choice."""
    seen: set[str | None] = set()
    for element in elements:
        name = f"{prefix}{element.name}"
        if not element.takes_part(action) or (element.choice and element.choice in seen):
            continue
        seen.add(element.choice)
        if element.children:
            yield from full(element.children, action, f"{name}_")
        else:
            yield name, element.values[0] if element.kind == "enum" else SAMPLES[element.kind]


@pytest.mark.parametrize("entity", sorted(name for name in ENTITIES if not name.startswith("DataExt")))
def test_every_query_passes_the_schema(entity: str) -> None:
    described = ENTITIES[entity]
    if described.shape == "deleted":
        types = ["Customer", "ItemService"] if entity == "ListDeleted" else ["Invoice"]
        when = datetime(2026, 1, 1)
        check(
            message_set(
                [build_deleted_query(entity, types, request_id="1", from_deleted=when, to_deleted=when)]
            )
        )
        return
    owners = ["0"] if described.owner_id else []
    requests = [build_query(entity, request_id="1", owner_ids=owners, include=["IsActive", "Memo"])]
    if described.shape != "single":
        requests.append(build_query(entity, request_id="2", keys=["8-1", "8-2"], owner_ids=owners))
        span = {"from_modified": "2026-01-01T00:00:00", "to_modified": "2026-01-02T00:00:00"}
        requests.append(build_query(entity, request_id="3", max_returned=5, owner_ids=owners, **span))
        requests.append(build_query(entity, request_id="4", metadata_only=True))
    if described.iterator:
        requests.append(build_query(entity, request_id="5", max_returned=5, iterator="Start"))
        page: dict[str, Any] = {"max_returned": 5, "iterator": "Continue", "iterator_id": "{i}"}
        requests.append(build_query(entity, request_id="6", **page))
    check(message_set(requests, on_error="continueOnError", new_message_set_id="x" * 24))


@pytest.mark.parametrize("entity", sorted(name for name, each in ENTITIES.items() if each.shape == "list"))
def test_iterators_are_where_the_schema_has_them(entity: str) -> None:
    """The schema itself accepts the attribute exactly where our table says there is an iterator."""
    request = build_query(entity, request_id="1", max_returned=5)
    request.set("iterator", "Start")
    assert schema().validate(etree.fromstring(message_set([request]).encode())) is ENTITIES[entity].iterator


def limits() -> Iterator[tuple[str, str, int]]:
    for entity in WRITABLE:
        for leaf in leaves(CONCRETE[entity].elements):
            if leaf.takes_part("mod") and leaf.element.limit and leaf.element.kind not in ("id", "guid"):
                yield entity, leaf.name, leaf.element.limit


@pytest.mark.parametrize("entity", WRITABLE)
def test_every_length_is_exactly_the_schemas(entity: str) -> None:
    """One character more than our table says is refused by the schema too: no length is too small."""
    for _, name, limit in (each for each in limits() if each[0] == entity):
        request = build_mod(entity, "80000001-1", "5", {name: "x" * limit}, request_id="1")
        check(message_set([request]))
        (longest,) = [each for each in request.iter() if each.text == "x" * limit]
        longest.text = "x" * (limit + 1)
        grown = etree.fromstring(message_set([request]).encode())
        assert not schema().validate(grown), f"{entity}.{name}: the schema takes {limit + 1} characters"
