"""Customers and items: names, references, EditSequence, renames."""

from __future__ import annotations

import pytest
from simulator_world import World

from qbwc.errors import QbwcError
from qbwc.qbxml import build_mod

#    why                             entity             fields code
NAMES = [
    ("a new name",                   "Customer",        {"Name": "Dogwood"},       0),
    ("a customer's",                 "Customer",        {"Name": "Birch"},         3100),
    ("case does not matter",         "Customer",        {"Name": "bIRCH"},         3100),
    ("a vendor's",                   "Customer",        {"Name": "Vine Supplies"}, 3100),
    ("an inactive vendor's",         "Customer",        {"Name": "OLD vendor"},    3100),
    ("an inactive customer's",       "Customer",        {"Name": "Gone"},          3100),
    ("an employee's",                "Customer",        {"Name": "Eva Elm"},       3100),
    ("another name's",               "Customer",        {"Name": "Oskar Oak"},     3100),
    ("a job may be called like a vendor", "Customer",
     {"Name": "Vine Supplies", "ParentRef_FullName": "Cedar"}, 0),
    ("a job twice under one parent", "Customer",
     {"Name": "kitchen", "ParentRef_FullName": "Birch"}, 3100),
    ("a job under another parent", "Customer",
     {"Name": "Kitchen", "ParentRef_FullName": "Cedar"}, 0),
    ("a customer like a job",        "Customer",        {"Name": "Kitchen"},       0),
    ("an item like a customer",      "ItemService",     {"Name": "Birch", "SalesOrPurchase_Price": 1}, 0),
    ("an item of another type",      "ItemInventory",   {"Name": "consulting"},    3100),
    ("no such parent",               "Customer",        {"Name": "D", "ParentRef_FullName": "Nobody"}, 3130),
    ("no such parent, by id", "Customer",
     {"Name": "D", "ParentRef_ListID": "80000001-9"}, 3130),
    ("no such terms",                "Customer",        {"Name": "D", "TermsRef_FullName": "Net 31"}, 3140),
    ("a list the file does not keep", "Customer",        {"Name": "D", "SalesRepRef_FullName": "AB"}, 3140),
    ("an id of another list",        "Customer",        {"Name": "D", "TermsRef_ListID": "customer"}, 3140),
    ("an item's account", "ItemService",
     {"Name": "D", "SalesOrPurchase_AccountRef_FullName": "Selling"}, 3140),
    ("a parent of another type", "ItemOtherCharge",
     {"Name": "D", "ParentRef_FullName": "Consulting", "SalesOrPurchase_Price": 1}, 3130),
]  # fmt: skip


@pytest.mark.parametrize(("why", "entity", "fields", "code"), NAMES)
def test_what_may_be_added(world: World, why: str, entity: str, fields: dict[str, object], code: int) -> None:
    if fields.get("TermsRef_ListID") == "customer":
        fields = {**fields, "TermsRef_ListID": world.row("Customer", "Cedar")["ListID"]}
    before = len(world.company.records(entity))
    response = world.add(entity, fields)
    assert response.status_code == code
    assert len(world.company.records(entity)) == before + (code == 0)
    assert response.severity == ("Error" if code else "Info")


def test_the_texts_that_were_recorded(world: World) -> None:
    taken = world.add("Customer", {"Name": "Birch"})
    assert taken.message == 'The name "Birch" of the list element is already in use.'
    lost = world.add("Invoice", {"CustomerRef_FullName": "Joe"})
    assert lost.message.startswith(
        'There is an invalid reference to QuickBooks Customer "Joe" in the Invoice.'
    )
    stale = world.mod("Customer", "Birch", {"Phone": "2"}, sequence="1416315972")
    assert stale.message.strip() == 'The provided edit sequence "1416315972" is out-of-date.'
    key = "80000999-1"
    gone = world.one(build_mod("Customer", key, "5", {"Phone": "2"}, request_id="1"))
    assert gone.status_code == 3120
    assert gone.message.startswith(f'Object "{key}" specified in the request cannot be found.')


def test_an_added_customer_comes_back_with_what_quickbooks_adds(world: World) -> None:
    (record,) = world.add(
        "Customer", {"Name": "Porch", "ParentRef_FullName": "birch", "Notes": "a\nb"}
    ).records
    fields = record.fields
    assert (fields["FullName"], fields["Sublevel"], fields["ParentRef_FullName"]) == (
        "Birch:Porch",
        1,
        "Birch",
    )
    assert fields["IsActive"] is True
    assert fields["Notes"] == "a\nb"
    assert fields["TimeModified_Text"] == "2026-02-01T12:00:00-08:00"
    assert str(fields["EditSequence"]).isdigit()


def test_two_people_change_one_customer(world: World) -> None:
    """The one who read first comes second, and is told so; nothing of hers is kept."""
    read = world.row("Customer", "Birch")
    world.company.edit("Customer", "Birch", Phone="555")
    late = world.mod("Customer", "Birch", {"Phone": "777"}, sequence=read["EditSequence"])
    assert late.status_code == 3200
    assert world.row("Customer", "Birch")["Phone"] == "555"
    again = world.mod("Customer", "Birch", {"Phone": "777"})
    assert (again.status_code, again.records[0].fields["Phone"]) == (0, "777")


def test_each_change_moves_edit_sequence_and_time(world: World) -> None:
    seen = [world.row("Customer", "Cedar")["EditSequence"]]
    for number in range(3):
        world.clock.forward(minutes=1)
        (record,) = world.mod("Customer", "Cedar", {"Phone": str(number)}).records
        seen.append(record.fields["EditSequence"])
        assert record.fields["TimeModified_Text"] == f"2026-02-01T12:0{number + 1}:00-08:00"
    assert len(set(seen)) == 4
    assert seen == sorted(seen, key=int)


def test_a_mod_changes_what_it_names_and_empties_what_is_empty(world: World) -> None:
    world.mod("Customer", "Birch", {"Phone": None, "TermsRef_ListID": None, "Fax": "9"})
    row = world.row("Customer", "Birch")
    assert "Phone" not in row
    assert "TermsRef_ListID" not in row
    assert (row["Fax"], row["BillAddress_City"], row["Name"]) == ("9", "Salem", "Birch")


def test_a_name_cannot_be_emptied(world: World) -> None:
    """Ours never try (see check_write)."""
    row = world.row("Customer", "Birch")
    request = build_mod(
        "Customer", str(row["ListID"]), str(row["EditSequence"]), {"Name": "x"}, request_id="1"
    )
    request.find(".//Name").text = ""  # type: ignore[union-attr]
    assert world.one(request).status_code == 3210
    assert world.row("Customer", "Birch")["Name"] == "Birch"


def test_a_new_name_reaches_jobs_and_invoices(world: World) -> None:
    world.add("Customer", {"Name": "Tiles", "ParentRef_FullName": "Birch:Kitchen"})
    world.mod("Customer", "Birch", {"Name": "Beech"})
    assert {row["FullName"] for row in world.company.records("Customer")} >= {
        "Beech", "Beech:Kitchen", "Beech:Kitchen:Tiles",
    }  # fmt: skip
    assert world.row("Invoice", "1")["CustomerRef_FullName"] == "Beech"


def test_a_name_may_change_its_case(world: World) -> None:
    assert world.mod("Customer", "Birch", {"Name": "BIRCH"}).status_code == 0


def test_a_customer_cannot_be_its_own_ancestor(world: World) -> None:
    assert world.mod("Customer", "Birch", {"ParentRef_FullName": "Birch:Kitchen"}).status_code == 3130
    assert world.row("Customer", "Birch")["Sublevel"] == 0


def test_a_job_can_become_a_customer(world: World) -> None:
    assert world.mod("Customer", "Birch:Kitchen", {"ParentRef_FullName": None}).status_code == 0
    assert world.row("Customer", "Kitchen")["Sublevel"] == 0


def test_a_price_takes_the_place_of_a_percentage(world: World) -> None:
    world.add("ItemOtherCharge", {"Name": "Surcharge", "SalesOrPurchase_PricePercent": 5})
    world.mod("ItemOtherCharge", "Surcharge", {"SalesOrPurchase_Price": 7})
    row = world.row("ItemOtherCharge", "Surcharge")
    assert (row.get("SalesOrPurchase_Price"), row.get("SalesOrPurchase_PricePercent")) == (7, None)


def test_an_item_keeps_its_branch(world: World) -> None:
    response = world.mod("ItemService", "Consulting", {"SalesAndPurchase_SalesPrice": 1})
    assert response.status_code == 3210


def test_a_character_outside_windows_1252_becomes_a_question_mark(world: World) -> None:
    """Ours never send one (see check_write); a client that does loses it, silently, as in QuickBooks."""
    request = build_mod("Customer", "80-1", "5", {"Notes": "REPLACED"}, request_id="1")
    row = world.row("Customer", "Cedar")
    for tag, text in (
        ("ListID", row["ListID"]),
        ("EditSequence", row["EditSequence"]),
        ("Notes", "Łódź “é”"),
    ):
        request.find(f".//{tag}").text = text  # type: ignore[union-attr]
    assert world.one(request).records[0].fields["Notes"] == "?ód? “é”"


# -- the bookkeeper ---------------------------------------------


def test_the_bookkeeper_is_held_to_the_same_rules(world: World) -> None:
    key = world.company.add("Vendor", Name="Willow")
    assert world.company.records("Vendor")[-1]["ListID"] == key
    with pytest.raises(QbwcError, match="3100"):
        world.company.add("Customer", Name="willow")
    with pytest.raises(QbwcError, match="3140"):
        world.company.edit("Customer", "Birch", TermsRef_FullName="Net 99")
    with pytest.raises(QbwcError, match="no field Fone"):
        world.company.edit("Customer", "Birch", Fone="1")
    with pytest.raises(QbwcError, match="called 'Nobody'"):
        world.company.edit("Customer", "Nobody", Phone="1")


def test_what_is_in_use_is_not_deleted(world: World) -> None:
    with pytest.raises(QbwcError, match="in use by"):
        world.company.delete("Customer", "Birch")
    world.company.delete("Customer", "Cedar")
    assert "Cedar" not in {row["Name"] for row in world.company.records("Customer")}
