"""What a push wrote is what both sides agreed on: who edits it before the next pull is seen as who moved."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.contract.states.states_office import Office, running_office
from tests.contract.undo.undo_office import carried_out, compared
from workbench import push
from workbench.templates import DEFAULT

pytestmark = pytest.mark.long

Edit = Callable[[Office], None]


def in_salesforce(name: str, where: dict[str, str], **values: str) -> Edit:
    def edit(office: Office) -> None:
        row = record(office, name, where)
        office.org.edit(name, str(row["Id"]), values)

    return edit


def in_quickbooks(entity: str, name: str, **values: str) -> Edit:
    return lambda office: office.company.edit(entity, name, **values)


def of_product(name: str, price: str) -> Edit:
    def edit(office: Office) -> None:
        product = record(office, "Product2", {"Name": name})
        entry = record(office, "PricebookEntry", {"Product2Id": str(product["Id"])})
        office.org.edit("PricebookEntry", str(entry["Id"]), {"UnitPrice": price})

    return edit


def of_line(number: str, text: str) -> Edit:
    """The first line of a document that the push has made in Salesforce."""

    def edit(office: Office) -> None:
        document = record(office, "Opportunity", {"Invoice_Number__c": number})
        line = record(office, "OpportunityLineItem", {"OpportunityId": str(document["Id"])})
        office.org.edit("OpportunityLineItem", str(line["Id"]), {"Description": text})

    return edit


def of_invoice(memo: str, **values: str) -> Edit:
    def edit(office: Office) -> None:
        (key,) = [str(row["TxnID"]) for row in office.company.records("Invoice") if row.get("Memo") == memo]
        office.company.edit("Invoice", key, **values)

    return edit


def record(office: Office, name: str, where: dict[str, str]) -> dict[str, Any]:
    return next(
        row
        for row in office.org.records(name)
        if all(str(row.get(key)) == each for key, each in where.items())
    )


#  what the push did            what somebody edits then, before the next pull
EDITS: dict[str, tuple[Edit, tuple[str, str, str], tuple[str, str | None, str]]] = {
    "made in QuickBooks": (
        in_quickbooks("Customer", "Alder - Supply sold", Phone="555-9999"),
        ("account-customer", "Alder: Supply sold", "phone"),
        ("take_quickbooks", "555-0101", "555-9999"),
    ),
    "made in Salesforce": (
        in_salesforce("Account", {"Name": "Dogwood Dairy booked"}, BillingStreet="5 Mill Ln"),
        ("account-customer", "Dogwood Dairy booked", "street"),
        ("take_salesforce", "4 Mill Ln", "5 Mill Ln"),
    ),
    "changed in Salesforce": (
        in_salesforce("Account", {"Name": "Cedar Hall kept"}, BillingCity="Eugene"),
        ("account-customer", "Cedar Hall kept", "city"),
        ("take_salesforce", "Salem", "Eugene"),
    ),
    "changed in QuickBooks": (
        in_quickbooks("Customer", "Cedar Hall kept", Name="Cedar & Hall"),
        ("account-customer", "Cedar Hall kept", "name"),
        ("take_quickbooks", "Cedar Hall kept", "Cedar & Hall"),
    ),
    "made in QuickBooks, the source is edited": (
        in_salesforce("Contact", {"LastName": "Fir sold"}, Email="fir@birch.example"),
        ("contact-customer", "Finn Fir sold", "email"),
        ("take_salesforce", "finn@birch.example", "fir@birch.example"),
    ),
    "made in Salesforce with an empty field": (
        in_salesforce("Contact", {"LastName": "Gum booked"}, Phone="555-0707"),
        ("contact-customer", "Gale Gum booked", "phone"),
        ("take_salesforce", None, "555-0707"),
    ),
    "made in QuickBooks with an empty field": (
        in_quickbooks("Customer", "Birch Works:Finn Fir sold", Phone="555-0606"),
        ("contact-customer", "Finn Fir sold", "phone"),
        ("take_quickbooks", None, "555-0606"),
    ),
    "made a price": (
        of_product("Service booked", "9.99"),
        ("product-item", "Service booked", "price"),
        ("take_salesforce", "7.25", "9.99"),
    ),
    "changed a price": (
        of_product("Service kept", "9.98"),
        ("product-item", "Service kept", "price"),
        ("take_salesforce", "25.00", "9.98"),
    ),
    "changed an item": (
        in_quickbooks("ItemService", "Service kept", SalesOrPurchase_Desc="worded again"),
        ("product-item", "Service kept", "description"),
        ("take_quickbooks", "as sales words it", "worded again"),
    ),
    "made an invoice": (
        of_invoice("by Easter", Memo="by Whitsun"),
        ("opportunity-invoice", "Invoice won", "memo"),
        ("take_quickbooks", "by Easter", "by Whitsun"),
    ),
    "made a line in Salesforce": (
        of_line("INV-2", "More hours"),
        ("opportunity-invoice.lines", "More hours", "description"),
        ("take_salesforce", "Hours", "More hours"),
    ),
}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with running_office(tmp_path_factory.mktemp("edits"), DEFAULT) as opened:
        opened.only(opened.template.states)
        _, outcomes = opened.push(opened.diff())
        assert {row.state for row in outcomes} == {"applied"}
        for edit, _, _ in EDITS.values():
            edit(opened)
        yield opened


@pytest.fixture(scope="module")
def found(office: Office) -> dict[tuple[str, str, str], tuple[Any, ...]]:
    table = compared(office).table
    table = table[table["kind"] == "field"].astype(object)
    table = table.where(table.notna(), None)
    return {
        (row.mapping, row.label, row.field): (
            row.difference,
            row.base,
            row.quickbooks if row.difference == "take_quickbooks" else row.salesforce,
        )
        for row in table.itertuples()
    }


@pytest.mark.parametrize("what", EDITS)
def test_the_edit_is_told_as_one_sides_against_what_was_pushed(
    found: dict[tuple[str, str, str], tuple[Any, ...]], what: str
) -> None:
    _, place, told = EDITS[what]
    assert found[place] == told


def test_the_edits_go_to_the_other_side_and_then_nothing_is_left(office: Office) -> None:
    changes = office.bench.plan(office.bench.diff())
    assert {row.state for row in carried_out(office, changes)} == {"applied"}
    left = compared(office).table
    edited = {place for _, place, (word, _, _) in EDITS.values() if word == "take_quickbooks"}
    found = {
        (row.mapping, row.label, row.field): row.difference
        for row in left.itertuples()
        if row.kind == "field"
    }
    assert {found[place] for place in edited & found.keys()} <= {"converged"}


# --- one mapping, told step by step -----------------------------------------------------------------------

CITY = ("account-customer", "Cedar Hall kept", "city")


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Office]:
    with running_office(tmp_path, DEFAULT) as opened:
        opened.only({"AccountToCustomer", "CustomerToAccount"})
        opened.diff()
        yield opened


def edited(office: Office, city: str) -> None:
    in_salesforce("Account", {"Name": "Cedar Hall kept"}, BillingCity=city)(office)


def told(office: Office) -> tuple[str, str, str, str] | None:
    """Of the city: what was found, the base and both sides; None where nothing is to tell."""
    table = compared(office).table
    row = table[(table["mapping"] == CITY[0]) & (table["label"] == CITY[1]) & (table["field"] == CITY[2])]
    shown = row[["difference", "base", "salesforce", "quickbooks"]].astype(object)
    return next(shown.where(shown.notna(), None).itertuples(index=False, name=None), None)


def test_of_two_pushes_before_a_diff_the_later_one_counts(small: Office) -> None:
    small.push(compared(small))  # Salem
    edited(small, "Bend")
    changes = small.bench.plan(compared(small))
    assert {row.state for row in carried_out(small, changes)} == {"applied"}  # Bend, in QuickBooks too
    edited(small, "Eugene")
    assert told(small) == ("take_salesforce", "Bend", "Eugene", "Bend")
    assert told(small) == ("take_salesforce", "Bend", "Eugene", "Bend"), "the next diff says the same"


def test_what_was_undone_before_a_diff_is_agreed_on_no_more(small: Office) -> None:
    before = told(small)
    changeset, _ = small.push(compared(small))
    small.pull()
    undo = small.bench.undo(changeset.id)
    assert {row.state for row in carried_out(small, undo)} == {"applied"}
    assert told(small) == before
    edited(small, "Eugene")
    assert told(small) == ("differs", None, "Eugene", "Salem")


def test_what_was_undone_and_pushed_again_is_agreed_on(small: Office) -> None:
    changeset, _ = small.push(compared(small))
    undone = changeset.id
    for _ in range(2):
        small.pull()
        undo = small.bench.undo(undone)
        assert {row.state for row in carried_out(small, undo)} == {"applied"}
        undone = undo.id
    edited(small, "Eugene")
    assert told(small) == ("take_salesforce", "Salem", "Eugene", "Salem")


def test_a_diff_while_half_of_a_value_for_both_sides_is_written_loses_nothing(small: Office) -> None:
    diff = compared(small)
    where = {"mapping": CITY[0], "label": CITY[1], "field": CITY[2]}
    diff.decide(where, decision="set", value="Sisters", reason="told so", by="maria")
    changes = small.bench.plan(small.bench.diff())
    changes.approve({"record": CITY[1]}, by="maria")
    push.start(small.workspace, changes.changeset, by="maria")
    assert push.advance(small.workspace, changes.id).open == 1
    small.bench.pull("salesforce")
    small.bench.diff()
    small.connector.update_selected()
    assert push.advance(small.workspace, changes.id).open == 0
    edited(small, "Eugene")
    assert told(small) == ("take_salesforce", "Sisters", "Eugene", "Sisters")


def test_where_the_snapshots_of_the_plan_are_gone_the_base_stays(
    small: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    small.push(compared(small))
    edited(small, "Eugene")
    monkeypatch.setattr("workbench.bench.sincepush._planned", lambda *_: None)
    assert told(small) == ("differs", None, "Eugene", "Salem")
