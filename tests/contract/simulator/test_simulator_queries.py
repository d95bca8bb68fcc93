"""Queries: what is active, what has changed, pages, counts, deletions."""

from __future__ import annotations

from typing import Any

import pytest
from simulator_world import World, names

from qbwc.qbxml import build_deleted_query, build_query

#    why                        entity         arguments                          names
QUERIES = [
    ("all",                     "Customer",    {}, "Birch Birch:Kitchen Cedar Gone"),
    ("active ones unless told", "Customer",    {"active": None}, "Birch Birch:Kitchen Cedar"),
    ("inactive ones",           "Customer",    {"active": "InactiveOnly"},        "Gone"),
    ("the first two",           "Customer",    {"max_returned": 2},               "Birch Birch:Kitchen"),
    ("by full name, any case",  "Customer",    {"full_names": ["birch:KITCHEN"]}, "Birch:Kitchen"),
    ("an inactive one by name", "Customer",    {"full_names": ["Gone"]},          "Gone"),
    ("items of every type",     "Item",        {}, "Consulting Nails Tenth_off"),
    ("items of one type",       "ItemService", {},                                "Consulting"),
    ("terms",                   "Terms",       {},                                "Net_30"),
    ("vendors",                 "Vendor",      {"active": "All"},                 "Vine_Supplies Old_Vendor"),
]  # fmt: skip


@pytest.mark.parametrize(("why", "entity", "arguments", "expected"), QUERIES)
def test_what_a_query_finds(
    world: World, why: str, entity: str, arguments: dict[str, Any], expected: str
) -> None:
    found = world.query(entity, **arguments)
    assert [name.replace(" ", "_") for name in names(found)] == expected.split()
    assert found.status_code == 0


def test_an_empty_result_is_no_error(world: World) -> None:
    found = world.query("Customer", from_modified="2030-01-01T00:00:00")
    assert (found.status_code, found.severity, found.records) == (1, "Info", [])
    assert world.query("Invoice", ref_numbers=["77"]).status_code == 1


def test_a_key_that_is_missing_is_told_beside_those_that_are_there(world: World) -> None:
    key = world.row("Customer", "Cedar")["ListID"]
    found = world.query("Customer", keys=["80000999-1", key])
    assert (found.status_code, found.severity, names(found)) == (500, "Warn", ["Cedar"])
    assert '("80000999-1")' in found.message
    alone = world.query("Customer", full_names=["Nobody"])
    assert (alone.status_code, alone.records) == (500, [])


def test_invoices_by_number_with_and_without_lines(world: World) -> None:
    (with_lines,) = world.query("Invoice", ref_numbers=["1"]).records
    assert len(with_lines.lines["InvoiceLine"]) == 2
    (without,) = world.query("Invoice", ref_numbers=["1"], include_lines=False).records
    assert without.lines["InvoiceLine"] == []


def test_only_the_fields_asked_for(world: World) -> None:
    found = world.query("Customer", include=["Name", "BillAddress_City"], full_names=["Birch"])
    assert set(found.records[0].fields) == {
        "ListID", "TimeModified", "TimeModified_Text", "EditSequence", "Name", "BillAddress_City",
    }  # fmt: skip


# -- time ---------------------------------------------


def test_in_summer_the_offset_is_an_hour_wrong_and_filters_take_the_wall_clock(world: World) -> None:
    """19:00 UTC in July is noon there, yet QuickBooks writes 12:00-08:00, which would be 20:00 UTC."""
    world.clock.now = world.clock.now.replace(month=7, hour=19)
    (record,) = world.add("Customer", {"Name": "July"}).records
    assert record.fields["TimeModified_Text"] == "2026-07-01T12:00:00-08:00"
    at = world.query("Customer", from_modified="2026-07-01T12:00:00")
    after = world.query("Customer", from_modified="2026-07-01T12:00:01")
    assert (names(at), names(after)) == (["July"], [])
    until = world.query("Customer", to_modified="2026-07-01T11:59:59")
    assert "July" not in names(until)


#    why                          UTC                    local, as QuickBooks writes it
CLOCKS = [
    ("the last second of winter", "2026-03-08T09:59:59", "2026-03-08T01:59:59-08:00"),
    ("the first of summer",       "2026-03-08T10:00:00", "2026-03-08T03:00:00-08:00"),
    ("the last second of summer", "2026-11-01T08:59:59", "2026-11-01T01:59:59-08:00"),
    ("the hour that comes twice", "2026-11-01T09:00:00", "2026-11-01T01:00:00-08:00"),
]  # fmt: skip


@pytest.mark.parametrize(("why", "utc", "local"), CLOCKS)
def test_when_the_clock_changes(world: World, why: str, utc: str, local: str) -> None:
    world.clock.now = world.clock.now.fromisoformat(f"{utc}+00:00")
    assert world.add("Customer", {"Name": "N"}).records[0].fields["TimeModified_Text"] == local


def test_invoices_changed_since(world: World) -> None:
    world.clock.forward(days=1)
    world.mod("Invoice", "1", {"Memo": "m"})
    assert len(world.query("Invoice", from_modified="2026-02-02T12:00:00").records) == 1
    assert len(world.query("Invoice", from_modified="2026-02-02T12:00:01").records) == 0


# -- pages ---------------------------------------------


def page(world: World, session: Any, identity: str | None = None, size: int = 3) -> Any:
    how: dict[str, Any] = (
        {"iterator": "Continue", "iterator_id": identity} if identity else {"iterator": "Start"}
    )
    return world.query("Customer", session=session, max_returned=size, **how)


def test_page_by_page(world: World) -> None:
    session = world.company.session()
    first = page(world, session)
    assert (len(first.records), first.iterator_remaining) == (3, 1)
    last = page(world, session, first.iterator_id)
    assert (names(last), last.iterator_remaining, last.iterator_id) == (["Gone"], 0, first.iterator_id)
    after = page(world, session, first.iterator_id)
    assert after.status_code == 3391


def test_a_page_that_holds_everything_leaves_nothing(world: World) -> None:
    only = page(world, world.company.session(), size=4)
    assert (len(only.records), only.iterator_remaining) == (4, 0)
    assert only.iterator_id


def test_an_iterator_dies_with_its_session(world: World) -> None:
    first = page(world, world.company.session())
    elsewhere = page(world, world.company.session(), first.iterator_id)
    assert (elsewhere.status_code, elsewhere.records) == (3391, [])


def test_iterators_of_two_sessions_do_not_meet(world: World) -> None:
    one, two = world.company.session(), world.company.session()
    assert page(world, one).iterator_id != page(world, two).iterator_id


def test_a_record_deleted_meanwhile_is_left_out_of_its_page(world: World) -> None:
    session = world.company.session()
    first = page(world, session, size=2)
    world.company.delete("Customer", "Cedar")
    assert names(page(world, session, first.iterator_id, size=2)) == ["Gone"]


def test_an_iterator_can_be_stopped(world: World) -> None:
    session = world.company.session()
    first = page(world, session)
    stopped = world.query("Customer", session=session, iterator="Stop", iterator_id=first.iterator_id)
    assert stopped.status_code == 0
    assert page(world, session, first.iterator_id).status_code == 3391


def test_counts_without_records(world: World) -> None:
    counted = world.query("Customer", metadata_only=True)
    assert (counted.ret_count, counted.records) == (4, [])
    both = build_query("Customer", request_id="1", max_returned=1)
    both.set("metaData", "MetaDataAndResponseData")
    told = world.one(both)
    assert (told.ret_count, len(told.records)) == (4, 1)
    assert world.query("Customer").ret_count is None


# -- deletions and the company ---------------------------------------------


def test_deletions_are_told_by_type_and_time(world: World) -> None:
    cedar, invoice = world.row("Customer", "Cedar")["ListID"], world.row("Invoice", "1")["TxnID"]
    world.company.delete("Customer", "Cedar")
    world.clock.forward(hours=1)
    world.company.delete("Invoice", "1")
    lists = world.one(build_deleted_query("ListDeleted", ["Customer", "Vendor"], request_id="1"))
    (row,) = [record.fields for record in lists.records]
    assert (row["ListID"], row["FullName"], row["ListDelType"]) == (cedar, "Cedar", "Customer")
    assert row["TimeDeleted_Text"] == "2026-02-01T12:00:00-08:00"
    ask = build_deleted_query("TxnDeleted", ["Invoice"], request_id="1", from_deleted="2026-02-01T13:00:00")
    assert [record.fields["TxnID"] for record in world.one(ask).records] == [invoice]
    late = build_deleted_query("TxnDeleted", ["Invoice"], request_id="1", from_deleted="2026-02-01T13:00:01")
    assert world.one(late).status_code == 1
    other = build_deleted_query("ListDeleted", ["Vendor"], request_id="1")
    assert world.one(other).status_code == 1


def test_the_company_itself(world: World) -> None:
    found = world.ask(*(build_query(name, request_id=name) for name in ("Company", "Host", "Preferences")))
    company, host, preferences = (response.records[0].fields for response in found)
    assert company["CompanyName"] == "Alder & Sons"
    assert host["Country"] == "US"
    assert preferences["MultiCurrencyPreferences_IsMultiCurrencyOn"] is False
