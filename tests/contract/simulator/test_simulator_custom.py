"""Custom fields: defined, written to records, lines and the company, read by OwnerID."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from simulator_books import BOOKS, PRIVATE, BooksWorld

from qbwc.errors import QbwcError
from qbwc.qbxml import Response, build_add, build_mod, build_query, data_ext
from qbwc.simulator import CompanyFile

OTHER = "{1F0C6D0B-0D63-4A5C-9D7E-52A7D3F00002}"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[BooksWorld]:
    made = BooksWorld(tmp_path)
    yield made
    made.company.close()


def custom(world: BooksWorld, entity: str, *owners: str, **arguments: Any) -> list[dict[str, str]]:
    return [record.custom for record in world.query(entity, owner_ids=owners, **arguments).records]


def write(world: BooksWorld, action: str, value: str, **more: Any) -> Response:
    """A value of Region for Birch, unless told otherwise."""
    given = {"entity": "Customer", "name": "Region", "owner_id": "0", **more}
    entity = given["entity"]
    row = world.row(entity, given.pop("record", "Birch"))
    key = str(row.get("ListID") or row["TxnID"])
    if given.pop("line", False):
        given["line"] = row["lines"][0]["TxnLineID"]
    fields = data_ext(entity, key, given["name"], value, owner_id=given["owner_id"])
    if "line" in given:
        fields = {**fields, "TxnLineID": given["line"]}
    if action == "add":
        return world.one(build_add("DataExt", fields, request_id="x"))
    return world.one(build_mod("DataExt", None, None, fields, request_id="x"))


#    why                          owners            names told
OWNERS = [
    ("none asked",                (),               []),
    ("public ones",               ("0",),           ["Region"]),
    ("private ones",              (PRIVATE,),       [f"{PRIVATE}.SalesforceId"]),
    ("both",                      ("0", PRIVATE),   ["Region", f"{PRIVATE}.SalesforceId"]),
    ("another application's",     (OTHER,),         []),
    ("whatever the case",         (PRIVATE.lower(),), [f"{PRIVATE}.SalesforceId"]),
]  # fmt: skip


@pytest.mark.parametrize(("why", "owners", "expected"), OWNERS)
def test_values_come_back_for_the_owners_asked(
    world: BooksWorld, why: str, owners: tuple[str, ...], expected: list[str]
) -> None:
    birch, *others = custom(world, "Customer", *owners)
    assert list(birch) == expected
    assert others == [{}, {}, {}]


def test_where_fields_are_named_dataextret_is_named_too(world: BooksWorld) -> None:
    asked = build_query("Customer", request_id="1", owner_ids=["0"], include=["Name"])
    assert world.one(asked).records[0].custom == {"Region": "West"}
    for element in asked.findall("IncludeRetElement"):
        if element.text == "DataExtRet":
            asked.remove(element)
    assert world.one(asked).records[0].custom == {}


#    why                           action value      more                                             code
WRITES = [
    ("another value",              "mod", "East",    {},                                              0),
    ("a value that is there",      "add", "East",    {},                                              3180),
    ("a first value",              "add", "East",    {"record": "Cedar"},                             0),
    ("a first public one by mod",  "mod", "East",    {"record": "Cedar"},                             0),
    ("a first private one by mod", "mod", "002",
     {"record": "Cedar", "name": "SalesforceId", "owner_id": PRIVATE},                                3120),
    ("a first private one",        "add", "002",
     {"record": "Cedar", "name": "SalesforceId", "owner_id": PRIVATE},                                0),
    ("no such field",              "add", "x",       {"name": "Regio"},                               3120),
    ("the name in capitals",       "mod", "East",    {"name": "REGION"},                              0),
    ("of another owner",           "add", "x",       {"owner_id": OTHER},                             3120),
    ("not of items",               "add", "x",       {"entity": "ItemService", "record": "Consulting"}, 3210),
    ("an item's own",              "add", "1.25",
     {"entity": "ItemService", "record": "Consulting", "name": "Weight"},                             0),
    ("255 characters",             "mod", "x" * 255, {},                                              0),
    ("256 characters",             "mod", "x" * 256, {},                                              3070),
    ("no number",                  "add", "heavy",
     {"entity": "ItemService", "record": "Consulting", "name": "Weight"},                             3045),
    ("a public one on an invoice", "add", "East",    {"entity": "Invoice", "record": "1"},            0),
    ("an item's on its line",      "add", "2",
     {"entity": "Invoice", "record": "1", "name": "Weight", "line": True},                            0),
    ("an item's not on the whole", "add", "2",
     {"entity": "Invoice", "record": "1", "name": "Weight"},                                          3210),
]  # fmt: skip


@pytest.mark.parametrize(("why", "action", "value", "more", "code"), WRITES)
def test_writing_values(
    world: BooksWorld, why: str, action: str, value: str, more: dict[str, Any], code: int
) -> None:
    entity, name = more.get("entity", "Customer"), more.get("record", "Birch")
    before = world.row(entity, name)
    response = write(world, action, value, **more)
    assert response.status_code == code, response.message
    after = world.row(entity, name)
    assert (after["EditSequence"] != before["EditSequence"]) is (code == 0)
    told = str(world.query(entity, owner_ids=["0", PRIVATE]).records)
    assert (f"'{value}'" in told) is (code == 0)


def customs_of_lines(world: BooksWorld) -> list[object]:
    (record,) = world.query("Invoice", owner_ids=["0"]).records
    return [line.get("custom") for line in record.lines["InvoiceLine"]]


def test_a_value_of_a_line_goes_with_its_line(world: BooksWorld) -> None:
    write(world, "add", "2", entity="Invoice", record="1", name="Weight", line=True)
    assert customs_of_lines(world) == [{"Weight": "2"}, None]
    second = world.row("Invoice", "1")["lines"][1]
    world.mod("Invoice", "1", {}, [{"TxnLineID": second["TxnLineID"]}])
    assert customs_of_lines(world) == [None]


def test_an_empty_value_takes_it_away(world: BooksWorld) -> None:
    assert write(world, "mod", "").status_code == 0
    assert custom(world, "Customer", "0")[0] == {}


def test_a_record_that_is_gone(world: BooksWorld) -> None:
    fields = data_ext("Customer", "80000999-1", "Region", "x")
    assert world.one(build_add("DataExt", fields, request_id="x")).status_code == 3120


def test_the_company_has_values_of_its_own(world: BooksWorld) -> None:
    fields = {
        "OwnerID": PRIVATE, "DataExtName": "SalesforceId", "OtherDataExtType": "Company",
        "DataExtValue": "00D",
    }  # fmt: skip
    assert world.one(build_add("DataExt", fields, request_id="x")).status_code == 0
    asked = f"<CompanyQueryRq><OwnerID>{PRIVATE}</OwnerID></CompanyQueryRq>"
    document = (
        f'<?xml version="1.0"?><?qbxml version="13.0"?><QBXML><QBXMLMsgsRq onError="stopOnError">{asked}'
    )
    answer = world.company.process(f"{document}</QBXMLMsgsRq></QBXML>")
    assert "<DataExtValue>00D</DataExtValue>" in answer


# -- definitions ---------------------------------------------


def define(world: BooksWorld, name: str, owner: str = "0") -> Response:
    fields = {
        "OwnerID": owner, "DataExtName": name, "DataExtType": "STR255TYPE", "AssignToObject": "Customer;Item",
    }  # fmt: skip
    return world.one(build_add("DataExtDef", fields, request_id="d"))


def test_a_definition_is_added_and_used(world: BooksWorld) -> None:
    (record,) = define(world, "Colour").records
    assert record.fields["AssignToObject"] == "Customer;Item"
    assert write(world, "add", "red", name="Colour").status_code == 0
    assert custom(world, "Customer", "0")[0] == {"Region": "West", "Colour": "red"}


def test_a_name_is_taken_once_for_each_owner(world: BooksWorld) -> None:
    assert define(world, "region").status_code == 3100
    assert define(world, "Region", OTHER).status_code == 0


#    asked                                                  names told
ASKED = [
    ("",                                                    "Region Weight SalesforceId"),
    ("<OwnerID>0</OwnerID>",                                "Region Weight"),
    (f"<OwnerID>{PRIVATE}</OwnerID>",                       "SalesforceId"),
    (f"<OwnerID>{OTHER}</OwnerID>",                         ""),
    ("<AssignToObject>Item</AssignToObject>",               "Weight"),
    ("<AssignToObject>Invoice</AssignToObject><AssignToObject>Item</AssignToObject>", "Weight SalesforceId"),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "expected"), ASKED)
def test_definitions_by_owner_or_object(world: BooksWorld, asked: str, expected: str) -> None:
    (found,) = world.raw(f'<DataExtDefQueryRq metaData="MetaDataAndResponseData">{asked}</DataExtDefQueryRq>')
    assert [record.fields["DataExtName"] for record in found.records] == expected.split()
    assert (found.ret_count, found.status_code) == (len(expected.split()), 0 if expected else 1)


#    why                   seed                                                             told
SEEDS = [
    ("an unknown field",   {"Customer": [{"Name": "C", "custom": {"Fone": "1"}}]},          "3120"),
    ("not assigned",       {"Vendor": [{"Name": "V", "custom": {"Region": "1"}}]},          "not assigned"),
    ("too long",           {"Customer": [{"Name": "C", "custom": {"Region": "x" * 256}}]},  "3070"),
    ("an unknown type",    {"DataExtDef": [{"DataExtName": "A", "DataExtType": "TEXT"}]},   "'TEXT'"),
    ("twice",              {"DataExtDef": [*BOOKS["DataExtDef"], BOOKS["DataExtDef"][0]]},  "3100"),
    ("without a type",     {"DataExtDef": [{"DataExtName": "A"}]},                          "needs"),
]  # fmt: skip


@pytest.mark.parametrize(("why", "seed", "told"), SEEDS)
def test_seeds_are_held_to_the_same_rules(tmp_path: Path, why: str, seed: dict[str, Any], told: str) -> None:
    with pytest.raises(QbwcError, match="1 problem") as raised:
        CompanyFile.create(tmp_path / "c.db", {"DataExtDef": BOOKS["DataExtDef"], **seed})
    assert told in str(raised.value)


#    why                            owner    to what            code
ASSIGNED = [
    ("people and items",           "0",     "Customer;Vendor;Employee;Item", 0),
    ("a transaction has its customer's", "0", "Invoice",        3210),
    ("one of them is none",        "0",     "Customer;Account", 3210),
    ("private data of anything",   OTHER,   "Invoice;Account",  0),
]  # fmt: skip


@pytest.mark.parametrize(("why", "owner", "to", "code"), ASSIGNED)
def test_what_a_definition_may_be_assigned_to(
    world: BooksWorld, why: str, owner: str, to: str, code: int
) -> None:
    fields = {"OwnerID": owner, "DataExtName": "New", "DataExtType": "STR255TYPE", "AssignToObject": to}
    response = world.one(build_add("DataExtDef", fields, request_id="x"))
    assert response.status_code == code, response.message
