"""A value for an item whose type has no such field is told before the plan, in the words of the plan."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from qbwc import qbxml
from tests.unit.core.core_world import World
from tests.unit.validate.validate_world import mapping, offline, text_field
from workbench.validate import Check, Verdict, data
from workbench.validate.today import prepared

PRODUCTS = """\
mapping: product-item
salesforce: {object: Product2, label: Name}
quickbooks: {object: Item, label: FullName}
states: {ProductToItem: {to: quickbooks}}
operations: {quickbooks: [add, modify]}
match: [{rule: id, field: id, how: exact, accept: true}]
fields:
  name: {salesforce: Name, quickbooks: Name, type: name, required: true}
  item_type: {salesforce: Kind__c, quickbooks: Type, on: create, values: {Work: Service, Part: Inventory}}
  code: {salesforce: ProductCode, quickbooks: ManufacturerPartNumber}
  id: {salesforce: QuickBooks_Id__c, quickbooks: ListID, type: id, direction: compare}
defaults: {quickbooks: {AccountRef_FullName: Sales}}
"""
SALESFORCE = "Id | Name | Kind__c | ProductCode | QuickBooks_Id__c | SystemModstamp:ts"
QUICKBOOKS = "ListID | Name | FullName | Type | ManufacturerPartNumber | EditSequence | TimeModified:ts"
FIELDS = [text_field(each.strip().partition(":")[0]) for each in SALESFORCE.split("|")]
SERVICE = "Item of type Service has no ManufacturerPartNumber; only NonInventory and Inventory have it"


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    made.table("salesforce.Product2", SALESFORCE)
    made.table("quickbooks.Item", QUICKBOOKS)
    yield made
    made.connection.close()


def found(world: World) -> list[Check]:
    made = mapping(PRODUCTS, "product-item.yaml")
    today = prepared(world.connection, [made])
    known = offline({"Product2": {"name": "Product2", "fields": FIELDS}}, [])
    checks = data.checks(today, [made], known, examples=5)
    return [each for each in checks if each.verdict is Verdict.WARNING]


#  why                        type in Salesforce   code     type in QuickBooks   refused
RECORDS = [
    ("a new service",         "Work",              "P-1",   None,                True),
    ("as QuickBooks says it", "Service",           "P-1",   None,                True),
    ("without a code",        "Work",              "-",     None,                False),
    ("a new part",            "Part",              "P-1",   None,                False),
    ("without a type",        "-",                 "P-1",   None,                False),
    ("a linked service",      "Part",              "P-1",   "Service",           True),
    ("a linked part",         "Work",              "P-1",   "Inventory",         False),
]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "code", "there", "refused"), [case[1:] for case in RECORDS], ids=[case[0] for case in RECORDS]
)
def test_a_code_for_an_item_without_part_numbers(
    kind: str, code: str, there: str | None, refused: bool, world: World
) -> None:
    world.table(
        "salesforce.Product2", f"{SALESFORCE}\n01t | Drill | {kind} | {code} | {'I1' if there else '-'}"
    )
    if there:
        world.table("quickbooks.Item", f"{QUICKBOOKS}\nI1 | Drill | Drill | {there} | -")
    codes = [each for each in found(world) if each.name == "product-item: code"]
    assert [(each.count, each.examples[0].told) for each in codes] == ([(1, SERVICE)] if refused else [])


def test_the_plan_holds_it_in_the_same_words() -> None:
    fields = {
        "Type": "Service",
        "Name": "Drill",
        "AccountRef_FullName": "Sales",
        "ManufacturerPartNumber": "P",
    }
    assert [each.what for each in qbxml.check_write("Item", "add", fields)] == [SERVICE]
