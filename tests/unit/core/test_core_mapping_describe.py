"""A mapping held against what both systems say of themselves."""

from pathlib import Path
from typing import Any

import pytest
from core_world import tabled

from workbench.mapping import check_fields, read_mapping

HEAD = """\
mapping: product-item
salesforce:
  object: Product2
  label: Name
  related: {PricebookEntry: {key: Product2Id}}
quickbooks: {object: Item, label: FullName}
states: {ProductToItem: {to: quickbooks}}
operations: {salesforce: [add, modify], quickbooks: [add]}
match: []
fields:
"""
NAME = "  name: {salesforce: Name, quickbooks: Name, type: name}\n"


def field(name: str, type: str = "string", **more: Any) -> dict[str, Any]:
    return {"name": name, "type": type, "createable": True, "updateable": True, "nillable": True, **more}


READ_ONLY = {"createable": False, "updateable": False}
SALESFORCE = {
    "Product2": {
        "fields": [
            field("Id", "id", **READ_ONLY),
            field("Name", nillable=False),
            field("IsActive", "boolean", nillable=False),
            field("QuickBooks_Item_Type__c", "picklist", restrictedPicklist=True,
                  picklistValues=[{"value": "Service"}, {"value": "Discount"}]),
            field("Total__c", "currency", **READ_ONLY),
            field("Code__c", updateable=False),
        ]
    },
    "PricebookEntry": {"fields": [field("Product2Id", "reference"), field("UnitPrice", "currency")]},
}  # fmt: skip
QUICKBOOKS = {
    "Item": {
        "fields": [
            field("ListID", "id", **READ_ONLY),
            field("Name", nillable=False),
            field("FullName", **READ_ONLY),
            field("IsActive", "boolean"),
            field("Type", nillable=False),
            field("Price", "double"),
            field("Desc", updateable=False),
        ]
    }
}

CLEAN = NAME + "  type: {salesforce: QuickBooks_Item_Type__c, quickbooks: Type}\n"

#  why, more fields, what is said, how grave
CASES = [
    ("unknown field", "  a: {salesforce: Nam, quickbooks: Name, direction: compare}\n",
     "field 'a': Salesforce's 'Product2' has no field 'Nam'\nClosest: Name.", "error"),
    ("unknown related", "  a: {salesforce: PricebookEntry.Price, quickbooks: Price, type: price}\n",
     "Salesforce's 'PricebookEntry' has no field 'Price'\nClosest: UnitPrice", "error"),
    ("type", "  a: {salesforce: IsActive, quickbooks: Desc}\n",
     "field 'a' is text, but Salesforce's 'IsActive' is boolean", "error"),
    ("read-only", "  a: {salesforce: Total__c, quickbooks: Price, type: money}\n",
     "writes Salesforce's 'Total__c', which can't be created with or updated", "error"),
    ("only at creation", "  a: {salesforce: Code__c, quickbooks: Desc}\n",
     "writes Salesforce's 'Code__c', which can't be updated", "warning"),
    ("picklist", "  a: {salesforce: QuickBooks_Item_Type__c, quickbooks: Desc,"
     " values: {Servise: S}, direction: compare}\n",
     "has no value 'Servise'\nClosest: Service.", "error"),
]  # fmt: skip


def check(fields: str, head: str = HEAD) -> list[tuple[str, str]]:
    mapping = read_mapping(head + fields, Path("product-item.yaml"))
    return [(str(each), each.severity) for each in check_fields(mapping, SALESFORCE, QUICKBOOKS)]


def test_a_mapping_that_fits_has_no_problems() -> None:
    assert (
        check(CLEAN + "  price: {salesforce: PricebookEntry.UnitPrice, quickbooks: Price, type: price}\n")
        == []
    )


@tabled("fields words severity", CASES)
def test_what_does_not_fit(fields: str, words: str, severity: str) -> None:
    found = check(CLEAN + fields)
    assert len(found) == 1
    assert found[0][0].startswith("product-item.yaml:13: ")
    assert words in found[0][0]
    assert found[0][1] == severity


#  why                                direction and mode that never writes what can't be written
FINE = [
    "  a: {salesforce: Total__c, quickbooks: Price, type: money, direction: compare}\n",
    "  a: {salesforce: Total__c, quickbooks: Price, type: money, direction: to_quickbooks}\n",
    "  a: {salesforce: Code__c, quickbooks: Desc, on: create}\n",
    "  a: {salesforce: Name, quickbooks: Desc, direction: to_quickbooks}\n",
]


@pytest.mark.parametrize("fields", FINE)
def test_what_is_never_written_need_not_be_writable(fields: str) -> None:
    assert check(CLEAN + fields) == []


def test_what_a_new_record_needs_must_come_from_somewhere() -> None:
    found = check(NAME)
    assert found == [
        (
            "product-item.yaml:6: QuickBooks's 'Item' needs 'Type', which nothing gives\n"
            "Map it, or write it under `defaults: quickbooks`.",
            "warning",
        )
    ]
    assert check(NAME + "defaults: {quickbooks: {Type: Service}}\n") == []


def test_an_unknown_default_and_an_unknown_object() -> None:
    assert "default 'Typ'" in check(CLEAN + "defaults: {quickbooks: {Typ: Service}}\n")[0][0]
    found = check(CLEAN, HEAD.replace("object: Item", "object: Items"))
    assert [each for each, _ in found] == ["product-item.yaml:6: unknown object 'Items'\nClosest: Item."]


def test_lines_are_checked_too() -> None:
    lines = (
        "lines:\n"
        "  salesforce: {object: PricebookEntry, parent: Product2Id, label: UnitPrice, key: Product2Id}\n"
        "  quickbooks: {object: Item, parent: ListID, label: Name, key: ListID, order: Seq}\n"
        "  match: []\n  fields: {rate: {salesforce: UnitPric, quickbooks: Price, type: price}}\n"
    )
    found = [each for each, _ in check(CLEAN + lines)]
    assert any("order: QuickBooks's 'Item' has no field 'Seq'" in each for each in found)
    assert any("has no field 'UnitPric'\nClosest: UnitPrice." in each for each in found)


#  why, operations of a side, how its records go, words, severity
REMOVALS = [
    ("products can be made inactive", "salesforce: [deactivate]", {"deletable": True}, None, ""),
    ("items can be made inactive", "quickbooks: [deactivate]", {"deletable": False}, None, ""),
    ("products can be deleted", "salesforce: [delete]", {"deletable": True}, None, ""),
    ("an item is never deleted", "quickbooks: [delete]", {"deletable": False, "voidable": False},
     "QuickBooks lets no 'Item' be deleted from here: they are made inactive", "warning"),
    ("an earlier snapshot does not tell", "quickbooks: [delete]", {}, None, ""),
]  # fmt: skip


@tabled("operations told words severity", REMOVALS)
def test_what_is_deleted_on_the_other_side_must_be_able_to_go(
    operations: str, told: dict[str, bool], words: str | None, severity: str
) -> None:
    side, _ = operations.split(":")
    other = "quickbooks" if side == "salesforce" else "salesforce"
    given = HEAD.replace("salesforce: [add, modify], quickbooks: [add]", f"{operations}, {other}: []")
    mapping = read_mapping(given + CLEAN, Path("m.yaml"))
    left = {"Product2": SALESFORCE["Product2"] | told, "PricebookEntry": SALESFORCE["PricebookEntry"]}
    right = {"Item": QUICKBOOKS["Item"] | told}
    found = [(each.what, each.severity) for each in check_fields(mapping, left, right)]
    assert found == ([(words, severity)] if words else [])


def test_what_has_no_field_for_it_cannot_be_made_inactive() -> None:
    fixed = [each for each in SALESFORCE["Product2"]["fields"] if each["name"] != "IsActive"]
    given = HEAD.replace("salesforce: [add, modify]", "salesforce: [modify, deactivate]")
    mapping = read_mapping(given + CLEAN, Path("m.yaml"))
    left = {"Product2": {"fields": fixed}, "PricebookEntry": SALESFORCE["PricebookEntry"]}
    (problem,) = check_fields(mapping, left, QUICKBOOKS)
    assert problem.what == "Salesforce's 'Product2' can't be made inactive: no field says whether it is"
    assert problem.severity == "error"
