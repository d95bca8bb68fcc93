"""What goes because its partner was deleted, and what undoing each change would take."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.changes.plan_world import (
    ACCOUNTS,
    CONTACTS,
    INVOICES,
    PRODUCTS,
    Desk,
    field,
    only,
    only_quickbooks,
    only_salesforce,
    shown,
)
from tests.unit.core.core_world import read
from workbench.changes import Change, ChangeSet, name_rule
from workbench.connections import quickbooks
from workbench.model import Mapping, Side

MAPPINGS = tuple(read(text) for text in (ACCOUNTS, CONTACTS, PRODUCTS, INVOICES))


def salesforce(*fields: str, deletable: bool | None = True, **more: Any) -> dict[str, Any]:
    """A describe as a pull keeps it."""
    told = {} if deletable is None else {"deletable": deletable}
    named = [
        {
            "name": name,
            "type": "boolean" if "ctive" in name else "string",
            "nillable": True,
            "updateable": True,
            **more,
        }
        for name in fields
    ]
    return {"fields": named, **told}


DESCRIBES: dict[Side, dict[str, Any]] = {
    Side.SALESFORCE: {
        "Account": salesforce("Name", "Phone", "BillingStreet", "Active__c", "QuickBooks_Id__c"),
        "Contact": salesforce("AccountId", "LastName", "QuickBooks_Id__c"),
        "Product2": salesforce("Name", "IsActive", "QuickBooks_Id__c"),
        "Opportunity": salesforce("Name", "AccountId"),
        "OpportunityLineItem": salesforce("OpportunityId", "Quantity", "UnitPrice"),
        "PricebookEntry": salesforce("UnitPrice", "IsActive"),
    },
    Side.QUICKBOOKS: quickbooks.describes(),
}


def planned(desk: Desk, *rows: dict[str, Any], mappings: tuple[Mapping, ...] = MAPPINGS) -> ChangeSet:
    return desk.plan(*rows, describes=DESCRIBES, mappings=mappings)


def left(side: str, mapping: str, here: str, gone: str, resolution: str) -> dict[str, Any]:
    """A record whose partner was deleted."""
    made = only_salesforce if side == "salesforce" else only_quickbooks
    other = "quickbooks_id" if side == "salesforce" else "salesforce_id"
    return made(mapping, here, resolution, **{other: gone, "pair": "p", "difference": "deleted"})


@pytest.fixture
def desk() -> Desk:
    return Desk()


#  why, the record that is left, what is planned
GOES = [
    ("an account goes into the recycle bin",
     left("salesforce", "accounts", "001A", "8-1", "delete_salesforce"),
     "delete Account 001A: Name=-, Phone=-, Active__c=-"),
    ("an account is made inactive by the field that is mapped",
     left("salesforce", "accounts", "001A", "8-1", "deactivate_salesforce"),
     "update Account 001A: Active__c=False"),
    ("a customer is made inactive",
     left("quickbooks", "accounts", "8-2", "001Z", "deactivate_quickbooks"),
     "update Customer 8-2: IsActive=False"),
    ("a list is never deleted",
     left("quickbooks", "accounts", "8-2", "001Z", "delete_quickbooks"),
     "update Customer 8-2: IsActive=False"),
    ("an invoice is voided",
     left("quickbooks", "invoices", "9-1", "006Z", "delete_quickbooks"),
     "void Invoice 9-1: RefNumber=1041"),
    ("a contact has no field that says whether it is active",
     left("salesforce", "contacts", "003A", "8-3", "deactivate_salesforce"),
     "delete Contact 003A: AccountId=-, LastName=-, Name=- HELD"),
    ("a line of an opportunity",
     left("salesforce", "invoices.lines", "00kA", "L-9", "delete_salesforce"),
     "delete OpportunityLineItem 00kA: Product2Id=-, Quantity=-, UnitPrice=-"),
    ("lines of QuickBooks are not changed from here",
     left("quickbooks", "invoices.lines", "L-1", "00kZ", "delete_quickbooks"),
     "delete InvoiceLine L-1: ItemRef_ListID=-, Quantity=-, Rate=-, TxnLineID=- HELD"),
]  # fmt: skip


@pytest.mark.parametrize(("row", "expected"), [row[1:] for row in GOES], ids=[row[0] for row in GOES])
def test_a_record_goes_as_its_system_allows(desk: Desk, row: dict[str, Any], expected: str) -> None:
    assert shown(planned(desk, row)) == [expected]


def test_a_removal_carries_what_is_lost_its_version_and_its_partner(desk: Desk) -> None:
    change = only(planned(desk, left("salesforce", "accounts", "001A", "8-1", "delete_salesforce")))
    assert (change.record, change.source_id, change.version) == ("001A", "8-1", "2026-03-01 09:00:00")
    assert change.before == {"Name": "Alder Supply", "Phone": "555-0101", "Active__c": True}
    assert (change.unlinks, change.links, change.undo) == (True, False, "impossible")


def test_an_item_is_made_inactive_with_what_the_writer_must_know(desk: Desk) -> None:
    desk.world.connection.execute("ALTER TABLE quickbooks.Item ADD COLUMN IsActive BOOLEAN DEFAULT true")
    change = only(planned(desk, left("quickbooks", "products", "7-1", "01tZ", "deactivate_quickbooks")))
    assert (change.values, change.before) == ({"IsActive": False}, {"IsActive": True})
    assert change.context == {"Type": "Service", "SalesBranch": "SalesOrPurchase"}
    assert (change.unlinks, change.undo) == (True, "free")


def test_what_refers_to_a_record_goes_before_it(desk: Desk) -> None:
    rows = [
        left("salesforce", "accounts", "001A", "8-1", "delete_salesforce"),
        left("salesforce", "contacts", "003A", "8-3", "delete_salesforce"),
        left("salesforce", "invoices", "006A", "9-9", "delete_salesforce"),
    ]
    changes = planned(desk, *rows).changes
    assert [change.object for change in changes] == ["Opportunity", "Contact", "Account"]
    assert set(changes[2].depends_on) == {changes[0].id, changes[1].id}


def test_a_document_takes_the_pairs_of_its_lines_along(desk: Desk) -> None:
    desk.world.pair("invoices.lines", ("l-1", "00kA", "L-8"), ("l-2", "00kB", "L-9"))
    change = only(planned(desk, left("salesforce", "invoices", "006A", "9-9", "delete_salesforce")))
    assert change.line_sources == ("L-8", "L-9")


def test_a_customer_that_goes_is_no_partner_to_come(desk: Desk) -> None:
    """A reference to a record without a partner must not wait for a removal as if it were a create."""
    gone = left("quickbooks", "accounts", "8-2", "001Z", "deactivate_quickbooks")
    job = only_quickbooks("contacts", "8-3")
    changes = {change.object: change for change in planned(desk, gone, job).changes}
    assert changes["Contact"].depends_on == ()
    assert "8-2 has no partner in Salesforce" in changes["Contact"].hold


def test_removals_are_not_held_for_the_values_that_they_take_away(desk: Desk) -> None:
    needed = salesforce("Name", "Phone", "Active__c", nillable=False)
    describes = {**DESCRIBES, Side.SALESFORCE: {**DESCRIBES[Side.SALESFORCE], "Account": needed}}
    row = left("salesforce", "accounts", "001A", "8-1", "delete_salesforce")
    names = name_rule({"Customer": [("8-1", "Alder Supply")]})
    made = desk.plan(row, describes=describes, mappings=MAPPINGS, predictions=(names,))
    assert only(made).hold == ""


def test_an_object_that_cannot_go_is_held(desk: Desk) -> None:
    fixed = {**DESCRIBES[Side.SALESFORCE], "Contact": salesforce("LastName", deletable=False)}
    row = left("salesforce", "contacts", "003A", "8-3", "delete_salesforce")
    made = desk.plan(row, describes={**DESCRIBES, Side.SALESFORCE: fixed}, mappings=MAPPINGS)
    assert only(made).hold == "Salesforce lets no Contact go from here: a person has to do it there"


# --- what undoing takes -------------------------------------------------------------------------------


def differs(mapping: str, left_id: str, right_id: str, name: str, resolution: str) -> dict[str, Any]:
    return field(mapping, left_id, right_id, name, resolution)


#  why, difference, describes that are others, cost by object
COSTS: list[tuple[str, dict[str, Any], dict[str, Any], dict[str, str]]] = [
    ("values can be written again", differs("accounts", "001A", "8-1", "phone", "take_quickbooks"), {},
     {"Account": "free"}),
    ("a value that may not be empty and was", differs("accounts", "001A", "8-1", "street", "take_quickbooks"),
     {"Account": salesforce("BillingStreet", nillable=False)}, {"Account": "impossible"}),
    ("a new account can be deleted", only_quickbooks("accounts", "8-2"), {}, {"Account": "free"}),
    ("a new account that cannot be deleted", only_quickbooks("accounts", "8-2"),
     {"Account": salesforce("Name", deletable=False)}, {"Account": "impossible"}),
    ("a new product that cannot be deleted", only_quickbooks("products", "7-3"),
     {"Product2": salesforce("Name", "IsActive", deletable=False)}, {"Product2": "deactivate"}),
    ("an earlier version did not tell", only_quickbooks("accounts", "8-2"),
     {"Account": salesforce("Name", deletable=None)}, {"Account": ""}),
    ("a new customer keeps its name", only_salesforce("accounts", "001B"), {},
     {"Customer": "deactivate", "Account": "free"}),
    ("a new invoice stays, void", only_salesforce("invoices", "006A"), {},
     {"Invoice": "void", "Opportunity": "free", "OpportunityLineItem": "free"}),
    ("a void stays", left("quickbooks", "invoices", "9-1", "006Z", "delete_quickbooks"), {},
     {"Invoice": "impossible"}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("row", "others", "expected"), [row[1:] for row in COSTS], ids=[row[0] for row in COSTS]
)
def test_each_change_says_what_undoing_it_takes(
    desk: Desk, row: dict[str, Any], others: dict[str, Any], expected: dict[str, str]
) -> None:
    describes = {**DESCRIBES, Side.SALESFORCE: {**DESCRIBES[Side.SALESFORCE], **others}}
    made = desk.plan(row, describes=describes, mappings=MAPPINGS)
    assert {change.object: change.undo for change in made.changes} == expected


def test_costs_are_part_of_what_is_approved(desk: Desk) -> None:
    made = planned(desk, only_salesforce("accounts", "001B"))
    assert '"undo":"deactivate"' in made.content
    assert all(isinstance(change, Change) for change in made.changes)
