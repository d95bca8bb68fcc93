"""Queries: which filter goes where, and what excludes what."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from lxml import etree

from qbwc.errors import QbxmlError
from qbwc.qbxml import build_deleted_query, build_query

WHEN = datetime(2026, 7, 1, 8, 30)


def text(element: Any) -> str:
    """An element as compact XML, without its request id."""
    return etree.tostring(element).decode().replace(' requestID="1"', "")


#   why                           entity      arguments, body
QUERIES = [
    ("all, inactive too",         "Customer", {}, "<ActiveStatus>All</ActiveStatus>"),
    ("a list has bare dates",     "Customer", {"active": None, "from_modified": WHEN},
     "<FromModifiedDate>2026-07-01T08:30:00</FromModifiedDate>"),
    ("a transaction a range",     "Invoice",  {"from_modified": WHEN, "to_modified": "2026-07-02T00:00:00",
                                               "include_lines": False},
     "<ModifiedDateRangeFilter><FromModifiedDate>2026-07-01T08:30:00</FromModifiedDate>"
     "<ToModifiedDate>2026-07-02T00:00:00</ToModifiedDate></ModifiedDateRangeFilter>"),
    ("lines",                     "Invoice",  {}, "<IncludeLineItems>true</IncludeLineItems>"),
    ("keys",                      "Item",     {"keys": ["A", "B"]}, "<ListID>A</ListID><ListID>B</ListID>"),
    ("names",                     "Customer", {"full_names": ["A:B"]}, "<FullName>A:B</FullName>"),
    ("numbers",                   "Invoice",  {"ref_numbers": ["7"], "include_lines": False},
     "<RefNumber>7</RefNumber>"),
    ("custom fields last",        "Customer", {"max_returned": 5, "owner_ids": ["0"], "include": ["Name"]},
     "<MaxReturned>5</MaxReturned><ActiveStatus>All</ActiveStatus>"
     "<IncludeRetElement>ListID</IncludeRetElement><IncludeRetElement>EditSequence</IncludeRetElement>"
     "<IncludeRetElement>TimeModified</IncludeRetElement><IncludeRetElement>Name</IncludeRetElement>"
     "<IncludeRetElement>DataExtRet</IncludeRetElement><OwnerID>0</OwnerID>"),
    ("one company",               "Company",  {"owner_ids": ["0"]}, "<OwnerID>0</OwnerID>"),
]  # fmt: skip


@pytest.mark.parametrize(("why", "entity", "arguments", "body"), QUERIES)
def test_what_a_query_says(why: str, entity: str, arguments: dict[str, Any], body: str) -> None:
    expected = f"<{entity}QueryRq>{body}</{entity}QueryRq>"
    assert text(build_query(entity, request_id="1", **arguments)) == expected


def test_returned_fields_are_told_by_their_top_element_once() -> None:
    request = build_query(
        "Invoice", request_id="1", include=["BillAddress_City", "BillAddress_State", "Memo"]
    )
    told = [each.text for each in request.iterfind("IncludeRetElement")]
    assert told == ["TxnID", "EditSequence", "TimeModified", "BillAddress", "Memo", "InvoiceLineRet"]


def test_pages() -> None:
    first = build_query("Customer", request_id="1", max_returned=100, iterator="Start")
    assert first.get("iterator") == "Start"
    assert first.get("iteratorID") is None
    more = build_query("Customer", request_id="1", max_returned=100, iterator="Continue", iterator_id="{i}")
    assert (more.get("iteratorID"), more.findtext("MaxReturned")) == ("{i}", "100")
    last = build_query("Customer", request_id="1", iterator="Stop", iterator_id="{i}")
    assert last.get("iterator") == "Stop"


def test_counts() -> None:
    assert build_query("Customer", request_id="1", metadata_only=True).get("metaData") == "MetaDataOnly"


#   why                             entity          arguments
REFUSED = [
    ("employees have no iterator",  "Employee",     {"iterator": "Start", "max_returned": 5}),
    ("terms neither",               "Terms",        {"iterator": "Start", "max_returned": 5}),
    ("no page size",                "Customer",     {"iterator": "Start"}),
    ("Continue without id",         "Customer",     {"iterator": "Continue", "max_returned": 5}),
    ("Start with id",               "Customer",
     {"iterator": "Start", "max_returned": 1, "iterator_id": ""}),
    ("id without iterator",         "Customer",     {"iterator_id": "{i}"}),
    ("no such iterator",            "Customer",     {"iterator": "Next", "max_returned": 5}),
    ("keys and a page size",        "Customer",     {"keys": ["A"], "max_returned": 5}),
    ("keys and a date",             "Customer",     {"keys": ["A"], "from_modified": WHEN}),
    ("keys and names",              "Customer",     {"keys": ["A"], "full_names": ["B"]}),
    ("a list has no numbers",       "Customer",     {"ref_numbers": ["7"]}),
    ("a transaction has no names",  "Invoice",      {"full_names": ["7"]}),
    ("no page of nothing",          "Customer",     {"max_returned": 0}),
    ("no such status",              "Customer",     {"active": "Active"}),
    ("a count has no pages",        "Customer",
     {"metadata_only": True, "iterator": "Start", "max_returned": 5}),
    ("one record is not counted",   "Company",      {"metadata_only": True}),
    ("values have no query",        "DataExt",      {}),
    ("terms have no custom fields", "Terms",        {"owner_ids": ["0"]}),
    ("not an owner",                "Customer",     {"owner_ids": ["me"]}),
    ("a time with a zone",          "Customer",     {"from_modified": WHEN.replace(tzinfo=UTC)}),
    ("the same as text",            "Customer",     {"from_modified": "2026-07-01T08:30:00-08:00"}),
    ("a filter on the company",     "Company",      {"max_returned": 5}),
    ("deletions ask differently",   "ListDeleted",  {}),
    ("unknown entity",              "Custmer",      {}),
]  # fmt: skip


@pytest.mark.parametrize(("why", "entity", "arguments"), REFUSED)
def test_what_quickbooks_would_not_understand(why: str, entity: str, arguments: dict[str, Any]) -> None:
    with pytest.raises(QbxmlError):
        build_query(entity, request_id="1", **arguments)


def test_deletions_are_asked_by_type() -> None:
    request = build_deleted_query("TxnDeleted", ["Invoice"], request_id="1", from_deleted=WHEN)
    assert text(request) == (
        "<TxnDeletedQueryRq><TxnDelType>Invoice</TxnDelType><DeletedDateRangeFilter>"
        "<FromDeletedDate>2026-07-01T08:30:00</FromDeletedDate></DeletedDateRangeFilter></TxnDeletedQueryRq>"
    )
    with pytest.raises(QbxmlError):
        build_deleted_query("ListDeleted", [], request_id="1")
    with pytest.raises(QbxmlError):
        build_deleted_query("Deleted", ["Customer"], request_id="1")
