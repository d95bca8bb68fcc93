"""Requests of every type against our own tables, so that a clone without the oracles tries them too.

What was given stands in the request, each value once, under its path, in the order of the table; nothing else
does.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from lxml import etree
from qbxml_random import queries, writes

from qbwc.descriptor import CONCRETE, ENTITIES, Change, Element, leaves
from qbwc.errors import QbxmlError
from qbwc.qbxml import build_add, build_delete, build_mod, build_query, build_void, check_write

pytestmark = pytest.mark.long

WRITES = [
    (name, action)
    for name, entity in sorted(CONCRETE.items())
    for action in ("add", "mod")
    if action in entity.actions
]
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]


def told(element: etree._Element, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Path and text of every value of a request, in order."""
    for child in element:
        if len(child):
            yield from told(child, (*path, str(child.tag)))
        else:
            yield (*path, str(child.tag)), child.text or ""


def places(elements: tuple[Element, ...], action: Change) -> dict[str, tuple[str, ...]]:
    """Flattened name -> path of tags in that message, in the order of the table."""
    return {leaf.name: leaf.tags(action) for leaf in leaves(elements) if leaf.takes_part(action)}


def compare(record: etree._Element, elements: tuple[Element, ...], action: Change, given: Any) -> None:
    """The record holds what was given, in the order of the table."""
    order = places(elements, action)
    paths = list(order.values())
    found = list(told(record))
    numbers = [paths.index(path) for path, _ in found]
    assert numbers == sorted(numbers)
    expected = {order[name] for name in given if given[name] is not None or action == "mod"}
    # An emptied reference is told by its FullName, whichever half was named.
    stems = {path[:-1] for path in expected if path[-1] in ("ListID", "FullName")}
    assert {path[:-1] if path[:-1] in stems else path for path, _ in found} == {
        path[:-1] if path[:-1] in stems else path for path in expected
    }
    for name, value in given.items():
        texts = [text for path, text in found if path == order[name]]
        if isinstance(value, str) and value:
            assert ";".join(texts) == value


@pytest.mark.parametrize(("name", "action"), WRITES)
def test_a_write_holds_what_was_given_in_order(name: str, action: Change) -> None:
    entity = CONCRETE[name]

    @settings(max_examples=25, suppress_health_check=SLOW, deadline=None)
    @given(writes(entity, action))
    def holds(record: tuple[dict[str, object], Any]) -> None:
        body, lines = record
        head: tuple[Any, Any] = ("80-1", "5") if entity.key else (None, None)
        if action == "add":
            made = build_add(name, body, lines, request_id="1")[0]
        else:
            made = build_mod(name, *head, body, lines, request_id="1")[0]
        if action == "mod" and entity.key:
            assert [(child.tag, child.text) for child in made[:2]] == [
                (entity.key, "80-1"),
                ("EditSequence", "5"),
            ]
            del made[:2]
        if entity.lines:
            stem = f"{entity.lines.name}{action.capitalize()}"
            sent = list(made.iterchildren(stem))
            assert len(sent) == len(lines or ())
            for line, given_line in zip(sent, lines or (), strict=True):
                assert line.getnext() is None or line.getnext().tag == stem
                if action == "mod":
                    assert line[0].tag == "TxnLineID"
                    assert line[0].text == given_line["TxnLineID"]
                    del line[0]
                rest = {field: value for field, value in given_line.items() if field != "TxnLineID"}
                compare(line, entity.lines.elements, action, rest)
                made.remove(line)
        compare(made, entity.elements, action, body)

    holds()


#   the order of a query's children; what is not here is a filter of its own
TAIL = ("IncludeLineItems", "IncludeRetElement", "OwnerID")
FILTER = ("MaxReturned", "ActiveStatus", "FromModifiedDate", "ToModifiedDate", "ModifiedDateRangeFilter")
KEYS = ("ListID", "TxnID", "FullName", "RefNumber")


@pytest.mark.parametrize(
    "name",
    sorted(name for name, each in ENTITIES.items() if "query" in each.actions and each.shape != "deleted"),
)
def test_a_query_is_in_order_and_says_what_was_asked(name: str) -> None:
    entity = ENTITIES[name]

    @settings(max_examples=30, suppress_health_check=SLOW, deadline=None)
    @given(queries(entity))
    def holds(asked: dict[str, Any]) -> None:
        request = build_query(name, request_id="1", **asked)
        tags = [str(child.tag) for child in request]
        owners_first = entity.shape == "definition"
        order = ["OwnerID", *TAIL[:2]] if owners_first else [*KEYS, *FILTER, *TAIL]
        assert tags == sorted(tags, key=order.index)
        assert not (set(tags) & set(KEYS) and set(tags) & set(FILTER))
        assert (request.get("metaData") == "MetaDataOnly") is asked.get("metadata_only", False)
        wanted = [each.text for each in request.iterfind("IncludeRetElement")]
        assert len(wanted) == len(set(wanted))
        if asked.get("metadata_only"):
            assert not wanted
            assert "IncludeLineItems" not in tags
        assert [each.text for each in request.iterfind("OwnerID")] == asked.get("owner_ids", [])
        assert not {"Type", "SalesBranch", "Desc", "Price"} & set(wanted) or name not in ("Item", "Terms")

    holds()


#   entity            void   delete
REMOVED = [
    ("Invoice",         True,  False),
    ("SalesReceipt",    True,  False),
    ("CreditMemo",      True,  False),
    ("Estimate",        False, True),
    ("SalesOrder",      False, True),
    ("ReceivePayment",  False, False),
    ("Customer",        False, False),
    ("Item",            False, False),
    ("ItemService",     False, False),
    ("Vendor",          False, False),
    ("Account",         False, False),
    ("DataExtDef",      False, False),
    ("Company",         False, False),
]  # fmt: skip


@pytest.mark.parametrize(("name", "void", "delete"), REMOVED)
def test_what_is_voided_is_not_deleted(name: str, void: bool, delete: bool) -> None:
    for action, works, build in (("void", void, build_void), ("delete", delete, build_delete)):
        assert (check_write(name, action, {}) == []) is works  # type: ignore[arg-type]
        if works:
            tag = {"void": "TxnVoid", "delete": "TxnDel"}[action]
            expected = f'<{tag}Rq requestID="1"><{tag}Type>{name}</{tag}Type><TxnID>1A-1</TxnID></{tag}Rq>'
            assert etree.tostring(build(name, "1A-1", request_id="1")).decode() == expected
        else:
            with pytest.raises(QbxmlError, match=f"not removed by {action}"):
                build(name, "1A-1", request_id="1")


#   entity       action    what a person is told to do instead
INSTEAD = [
    ("Invoice",  "delete", "To let it go, void."),
    ("Estimate", "void",   "To let it go, delete."),
    ("Customer", "delete", "To let it go, set IsActive to false."),
    ("Employee", "delete", "Leave it to a person."),
]  # fmt: skip


@pytest.mark.parametrize(("name", "action", "fix"), INSTEAD)
def test_a_refused_removal_says_what_is_done_instead(name: str, action: Any, fix: str) -> None:
    (problem,) = check_write(name, action, {})
    assert problem.fix == fix


def test_a_removal_names_a_record_and_nothing_else() -> None:
    with pytest.raises(QbxmlError, match="TxnID is missing"):
        build_void("Invoice", "", request_id="1")
    assert [each.field for each in check_write("Invoice", "void", {"Memo": "gone"})] == ["Memo"]
