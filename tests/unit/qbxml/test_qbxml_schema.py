"""Requests against the published schema of qbXML 13.0, which this project did not write.

Every request of every type that the builder makes from random fields is validated.  Skipped where the
oracles are absent; `test_qbxml_requests` tries the same requests without them.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from lxml import etree
from qbxml_random import full, queries, writes
from qbxml_xsd import schema

from qbwc.descriptor import CONCRETE, ENTITIES, Change, Entity, leaves
from qbwc.qbxml import (
    build_add,
    build_delete,
    build_deleted_query,
    build_mod,
    build_query,
    build_void,
    message_set,
)

pytestmark = pytest.mark.oracle

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]
WRITES = [
    (name, action)
    for name, entity in sorted(CONCRETE.items())
    for action in ("add", "mod")
    if action in entity.actions
]
QUERIED = sorted(name for name, each in ENTITIES.items() if "query" in each.actions)


def check(document: str) -> None:
    """Fail with the schema's own words where a document does not fit."""
    schema("requests").assertValid(etree.fromstring(document.encode()))


def built(entity: Entity, action: Change, body: dict[str, object], lines: Any) -> Any:
    """The request of an Add, or of a Mod of some record."""
    if action == "add":
        return build_add(entity.name, body, lines, request_id="1")
    head = ("80000001-1", "1234567890") if entity.key else (None, None)
    return build_mod(entity.name, *head, body, lines, request_id="1")


@pytest.mark.parametrize(("name", "action"), WRITES)
def test_every_write_that_passes_our_checks_passes_the_schema(name: str, action: Change) -> None:
    schema("requests")

    @settings(max_examples=30, suppress_health_check=SLOW, deadline=None)
    @given(writes(CONCRETE[name], action))
    def holds(record: tuple[dict[str, object], Any]) -> None:
        check(message_set([built(CONCRETE[name], action, *record)]))

    holds()


@pytest.mark.parametrize(("name", "action"), WRITES)
def test_a_write_with_everything_passes_the_schema(name: str, action: Change) -> None:
    """All elements at once, so that each place in the order is tried."""
    entity = CONCRETE[name]
    lines = None
    if entity.lines:
        lines = [{**dict(full(entity.lines.elements, action)), "TxnLineID": "-1"}]
    check(message_set([built(entity, action, dict(full(entity.elements, action)), lines)]))


@pytest.mark.parametrize("name", QUERIED)
def test_every_query_passes_the_schema(name: str) -> None:
    if ENTITIES[name].shape == "deleted":
        types = ["Customer", "ItemService"] if name == "ListDeleted" else ["Invoice"]
        when = datetime(2026, 1, 1)
        check(
            message_set(
                [build_deleted_query(name, types, request_id="1", from_deleted=when, to_deleted=when)]
            )
        )
        return
    schema("requests")

    @settings(max_examples=40, suppress_health_check=SLOW, deadline=None)
    @given(queries(ENTITIES[name]))
    def holds(arguments: dict[str, Any]) -> None:
        request = build_query(name, request_id="1", **arguments)
        check(message_set([request], on_error="continueOnError", new_message_set_id="x" * 24))

    holds()


@pytest.mark.parametrize("name", sorted(name for name, each in CONCRETE.items() if each.shape == "txn"))
def test_every_void_and_deletion_passes_the_schema(name: str) -> None:
    actions = CONCRETE[name].actions & {"void", "delete"}
    requests = []
    if "void" in actions:
        requests.append(build_void(name, "1A-1", request_id="1"))
    if "delete" in actions:
        requests.append(build_delete(name, "1A-1", request_id="2"))
    assert len(requests) == len(actions) <= 1
    if requests:
        check(message_set(requests))


@pytest.mark.parametrize("name", sorted(name for name, each in ENTITIES.items() if each.shape == "list"))
def test_iterators_are_where_the_schema_has_them(name: str) -> None:
    """The schema itself accepts the attribute exactly where our table says there is an iterator."""
    request = build_query(name, request_id="1", max_returned=5)
    request.set("iterator", "Start")
    valid = schema("requests").validate(etree.fromstring(message_set([request]).encode()))
    assert valid is ENTITIES[name].iterator


def limits(name: str) -> Iterator[tuple[str, int]]:
    for leaf in leaves(CONCRETE[name].elements):
        if leaf.takes_part("mod") and leaf.element.limit and leaf.element.kind not in ("id", "guid"):
            yield leaf.name, leaf.element.limit


@pytest.mark.parametrize(
    "name", sorted(name for name, action in WRITES if action == "mod" and name != "DataExt")
)
def test_every_length_is_exactly_the_schemas(name: str) -> None:
    """One character more than our table says is refused by the schema too: no length is too small."""
    for field, limit in limits(name):
        request = build_mod(name, "80000001-1", "5", {field: "x" * limit}, request_id="1")
        check(message_set([request]))
        (longest,) = [each for each in request.iter() if each.text == "x" * limit]
        longest.text = "x" * (limit + 1)
        grown = etree.fromstring(message_set([request]).encode())
        assert not schema("requests").validate(grown), (
            f"{name}.{field}: the schema takes {limit + 1} characters"
        )
