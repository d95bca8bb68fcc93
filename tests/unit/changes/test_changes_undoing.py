"""The undo of a push: each field three ways, what was created goes again, in reverse order."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.changes.undo_world import Pushed, told
from tests.unit.core.core_world import examples
from workbench.changes import Answer, Change, ChangeSet, Written, read_changeset
from workbench.changes.customs import CUSTOM
from workbench.model import Side

D = Decimal


@pytest.fixture
def pushed() -> Pushed:
    return Pushed()


# --- what was changed -------------------------------------------------------------------------------------

#  why, before, pushed, now, what the undo says of the field
THREE_WAYS: list[tuple[str, Any, Any, Any, list[str]]] = [
    ("as it was pushed", "555-0001", "555-7777", "555-7777", ["Phone 555-7777 -> 555-0001"]),
    ("was empty before", None, "555-7777", "555-7777", ["Phone 555-7777 -> -"]),
    ("was emptied by the push", "555-0001", None, None, ["Phone - -> 555-0001"]),
    ("undone already", "555-0001", "555-7777", "555-0001", []),
    ("pushed what was there", "555-7777", "555-7777", "555-7777", []),
    ("edited since", "555-0001", "555-7777", "555-9999",
     ["Phone 555-9999 -> 555-0001 HELD edited since it was pushed: Phone: pushed 555-7777, now 555-9999"]),
    ("emptied since", "555-0001", "555-7777", None,
     ["Phone - -> 555-0001 HELD edited since it was pushed: Phone: pushed 555-7777, now (empty)"]),
    ("spaces are no edit", "555-0001", "555-7777 ", "555-7777", ["Phone 555-7777 -> 555-0001"]),
]  # fmt: skip


@pytest.mark.parametrize(("side", "object_", "record"), [
    pytest.param("salesforce", "Account", "001A", id="Salesforce"),
    pytest.param("quickbooks", "Customer", "8-1", id="QuickBooks"),
])  # fmt: skip
@pytest.mark.parametrize(
    ("before", "after", "now", "expected"),
    [row[1:] for row in THREE_WAYS],
    ids=[row[0] for row in THREE_WAYS],
)
def test_a_field_three_ways(
    pushed: Pushed,
    before: Any,
    after: Any,
    now: Any,
    expected: list[str],
    side: str,
    object_: str,
    record: str,
) -> None:
    pushed.update(side, object_, record, Phone=(before, after))
    pushed.now(f"{side}.{object_}", record, Phone=now)
    assert told(pushed.undo()) == [f"update {object_} {record}: {each}" for each in expected]


def test_what_was_edited_stays_and_the_other_fields_of_the_record_go_on(pushed: Pushed) -> None:
    pushed.update("salesforce", "Account", "001A", Name=("Elder", "Alder"), Phone=("1", "555-7777"))
    made = pushed.undo()
    assert told(made) == [
        "update Account 001A: Name Alder -> Elder",
        "update Account 001A: Phone 555-0001 -> 1 HELD "
        "edited since it was pushed: Phone: pushed 555-7777, now 555-0001",
    ]
    assert len({change.id for change in made.changes}) == 2


def test_an_update_is_checked_against_the_version_of_today_and_keeps_its_id(pushed: Pushed) -> None:
    change = pushed.update("quickbooks", "Item", "7-1", mapping="products", Name=("Cord", "Rope"))
    (back,) = pushed.undo().changes
    assert (back.id, back.version, back.source_id) == (change.id, "2001", change.source_id)
    assert back.context == {"Type": "Service", "SalesBranch": "SalesOrPurchase"}
    assert (back.undo, back.unlinks, back.depends_on) == ("free", False, ())


def test_a_record_that_is_gone_is_told(pushed: Pushed) -> None:
    pushed.update("salesforce", "Account", "001A", Name=("Elder", "Alder"))
    pushed.gone("salesforce.Account", "001A")
    assert told(pushed.undo()) == [
        "update Account 001A: Name Elder -> Alder HELD "
        "the record is not there any more: nothing can be put back"
    ]


def test_an_object_that_is_not_pulled_any_more_is_told(pushed: Pushed) -> None:
    pushed.update("quickbooks", "SalesOrder", "9-9", Memo=("a", "b"))
    (change,) = pushed.undo().changes
    assert "SalesOrder is not in the newest snapshot: its mapping is off" in change.hold


def test_a_field_that_must_not_be_empty_is_marked_and_listed(pushed: Pushed) -> None:
    pushed.update("salesforce", "Contact", "003A", mapping="contacts", LastName=(None, "Bee"))
    assert told(pushed.undo()) == [
        "update Contact 003A: LastName Bee -> - HELD "
        "cannot be undone: LastName was empty, and Salesforce does not empty it"
    ]


def custom(pushed: Pushed, before: str | None, value: str, record: str, after: str = "") -> Change:
    """A custom field that got a value; `after` is the create of its record."""
    change = pushed.update("quickbooks", "Customer.Custom_Region", record, Custom_Region=(before, value))
    context = {CUSTOM: {"entity": "Customer", "name": "Region", "after": after}}
    pushed.changes[-1] = replace(change, context=context)
    pushed.written[change.id] = Written(record=record, read_back={"DataExtValue": value})
    return change


def test_a_custom_field_of_quickbooks_is_put_back_but_never_emptied(pushed: Pushed) -> None:
    custom(pushed, "East", "West", "8-1")
    custom(pushed, None, "North", "8-2")
    pushed.now("quickbooks.Customer", "8-2", Custom_Region="North")
    made = pushed.undo()
    assert told(made) == [
        "update Customer.Custom_Region 8-2: Custom_Region North -> - HELD cannot be undone: "
        "Custom_Region was empty, and QuickBooks does not empty it",
        "update Customer.Custom_Region 8-1: Custom_Region West -> East",
    ]
    assert made.changes[1].context == {CUSTOM: {"entity": "Customer", "name": "Region", "after": ""}}


def test_a_line_names_its_document_whose_total_follows(pushed: Pushed) -> None:
    pushed.update(
        "salesforce", "OpportunityLineItem", "00kA", mapping="invoices.lines", Quantity=(D(1), D(3))
    )
    (change,) = pushed.undo().changes
    assert change.context == {"document": "006A"}


# --- what was created -----------------------------------------------------------------------------------

#  why, side, object, record, mapping, what it was made with, how it goes
CREATED: list[tuple[str, str, str, str, str, dict[str, Any], str]] = [
    ("an account is deleted", "salesforce", "Account", "001A", "accounts", {"Name": "Alder"},
     "delete Account 001A: Name Alder -> -"),
    ("a customer is made inactive", "quickbooks", "Customer", "8-1", "accounts", {"Name": "Alder"},
     "update Customer 8-1: IsActive True -> False"),
    ("an item is made inactive", "quickbooks", "Item", "7-1", "products", {"Name": "Rope", "Type": "Service"},
     "update Item 7-1: IsActive True -> False"),
    ("an invoice is voided", "quickbooks", "Invoice", "9-1", "invoices",
     {"CustomerRef_ListID": "8-1", "RefNumber": "1041", "Memo": "old"},
     "void Invoice 9-1: RefNumber 1041 -> 1041"),
    ("an estimate is deleted", "quickbooks", "Estimate", "9-2", "invoices",
     {"CustomerRef_ListID": "8-1", "RefNumber": "7"},
     "delete Estimate 9-2: CustomerRef_ListID 8-1 -> -, RefNumber 7 -> -"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("side", "object_", "record", "mapping", "values", "expected"),
    [row[1:] for row in CREATED], ids=[row[0] for row in CREATED],
)  # fmt: skip
def test_what_was_created_goes_again(
    pushed: Pushed, side: str, object_: str, record: str, mapping: str, values: dict[str, Any], expected: str
) -> None:
    if object_ == "Account":
        pushed.gone("salesforce.Opportunity", "006A")
    created = pushed.create(side, object_, record, mapping, **values)
    made = pushed.undo()
    assert told(made) == [expected]
    (change,) = made.changes
    assert (change.unlinks, change.links, change.source_id) == (True, False, created.source_id)
    assert change.undo == ("free" if change.action == "update" else "impossible")


@pytest.mark.parametrize(
    ("table", "key", "edit", "said"),
    [
        ("quickbooks.Customer", "8-1", {"Phone": "9"}, "Phone: pushed 555-0001, now 9"),
        ("quickbooks.Customer", "8-1", {"Notes": "rang"}, "Notes: pushed (empty), now rang"),
        ("salesforce.Account", "001A", {"Phone": "9"}, "Phone: pushed 555-0001, now 9"),
    ],
    ids=["a field that was written", "any field of QuickBooks", "a field of Salesforce that was written"],
)
def test_what_was_edited_since_it_was_made_stays(
    pushed: Pushed, table: str, key: str, edit: dict[str, Any], said: str
) -> None:
    side, _, object_ = table.partition(".")
    pushed.gone("salesforce.Opportunity", "006A")
    pushed.create(side, object_, key, Name="Alder", Phone="555-0001")
    pushed.now(table, key, **edit)
    (back,) = pushed.undo().changes
    assert back.hold == f"edited since it was made: {said}"


def test_what_is_gone_or_inactive_already_is_undone_already(pushed: Pushed) -> None:
    pushed.create("quickbooks", "Customer", "8-1", Name="Alder")
    pushed.create("salesforce", "Account", "001A", Name="Alder")
    pushed.now("quickbooks.Customer", "8-1", IsActive=False).gone("salesforce.Account", "001A")
    made = pushed.undo()
    assert (made.changes, made.header["already_undone"]) == ((), 2)


def test_the_link_of_a_record_that_was_made_inactive_ends(pushed: Pushed) -> None:
    pushed.create("quickbooks", "Customer", "8-1", Name="Alder", IsActive=False)
    pushed.now("quickbooks.Customer", "8-1", IsActive=False)
    made = pushed.undo()
    assert told(made) == ["update Customer 8-1: IsActive False -> False"]
    assert made.changes[0].unlinks


def test_what_an_earlier_undo_has_voided_is_undone_already(pushed: Pushed) -> None:
    pushed.create("quickbooks", "Invoice", "9-1", "invoices", RefNumber="1041", Memo="old")
    (change,) = pushed.undo().changes
    pushed.now("quickbooks.Invoice", "9-1", Memo="VOID: old", Subtotal=D(0))
    made = pushed.undo(done=frozenset({change.id}))
    assert (made.changes, made.header["already_undone"]) == ((), 1)


LINES = [
    {"ItemRef_ListID": "7-1", "Quantity": D(2), "Rate": D(5)},
    {"ItemRef_ListID": "7-1", "Quantity": D(1)},
]

#  why, edit of the lines, said
LINE_EDITS: list[tuple[str, str, dict[str, Any], str]] = [
    ("as they were", "L-1", {}, ""),
    ("another quantity", "L-1", {"Quantity": D(3)}, "line 1 Quantity: pushed 2, now 3.00000"),
    ("a line is gone", "L-1", {"TxnLineID": None}, "lines: pushed 2 lines, now 2 lines, of which 1 others"),
]


@pytest.mark.parametrize(
    ("line", "edit", "said"), [row[1:] for row in LINE_EDITS], ids=[row[0] for row in LINE_EDITS]
)
def test_the_lines_of_an_invoice_count_as_its_own(
    pushed: Pushed, line: str, edit: dict[str, Any], said: str
) -> None:
    pushed.create("quickbooks", "Invoice", "9-1", "invoices", lines=LINES, RefNumber="1041", Memo="old")
    pushed.now("quickbooks.InvoiceLine", line, **edit)
    (change,) = pushed.undo().changes
    assert change.hold == (f"edited since it was made: {said}" if said else "")
    assert change.line_sources == ("S1", "S2")


def test_an_opportunity_goes_with_the_lines_that_were_made_with_it(pushed: Pushed) -> None:
    deal = pushed.create("salesforce", "Opportunity", "006A", "invoices", Name="Deal")
    for key, quantity in (("00kA", D(3)), ("00kB", D(4))):
        pushed.create("salesforce", "OpportunityLineItem", key, "invoices.lines",
                      OpportunityId=Answer(deal.id, "Id"), Quantity=quantity)  # fmt: skip
    (change,) = pushed.undo().changes
    assert (change.object, change.action, change.hold) == ("Opportunity", "delete", "")
    assert change.line_sources == ("source of from 00kA", "source of from 00kB")


@pytest.mark.parametrize("named", ["Product2Id", "PricebookEntryId"])
def test_a_product_goes_after_the_opportunity_whose_lines_alone_need_it(pushed: Pushed, named: str) -> None:
    product = pushed.create("salesforce", "Product2", "01tA", "products", Name="Rope")
    price = pushed.create("salesforce", "PricebookEntry", "01uA", "products",
                          Product2Id=Answer(product.id, "Id"), UnitPrice=D("80.00"))  # fmt: skip
    deal = pushed.create("salesforce", "Opportunity", "006A", "invoices", Name="Deal")
    refers = {"Product2Id": product, "PricebookEntryId": price}[named]
    for key in ("00kA", "00kB"):
        pushed.create("salesforce", "OpportunityLineItem", key, "invoices.lines",
                      OpportunityId=Answer(deal.id, "Id"), **{named: Answer(refers.id, "Id")})  # fmt: skip
    deal_goes, product_goes = pushed.undo().changes
    assert [(each.object, each.action, each.hold) for each in (deal_goes, product_goes)] == [
        ("Opportunity", "delete", ""),
        ("Product2", "delete", ""),
    ]
    assert product_goes.depends_on == (deal_goes.id,)


def test_a_product_stays_where_the_opportunity_does(pushed: Pushed) -> None:
    product = pushed.create("salesforce", "Product2", "01tA", "products", Name="Rope")
    deal = pushed.create("salesforce", "Opportunity", "006A", "invoices", Name="Deal")
    pushed.now("salesforce.Opportunity", "006A", Name="Edited")
    for key in ("00kA", "00kB"):
        pushed.create("salesforce", "OpportunityLineItem", key, "invoices.lines",
                      OpportunityId=Answer(deal.id, "Id"), Product2Id=Answer(product.id, "Id"))  # fmt: skip
    _, stays = pushed.undo().changes
    assert stays.hold == (
        "still needed by OpportunityLineItem 00kA, OpportunityLineItem 00kB, PricebookEntry 01uA"
    )


def test_a_line_that_was_edited_keeps_its_opportunity(pushed: Pushed) -> None:
    deal = pushed.create("salesforce", "Opportunity", "006A", "invoices", Name="Deal")
    pushed.create("salesforce", "OpportunityLineItem", "00kA", "invoices.lines",
                  OpportunityId=Answer(deal.id, "Id"), Quantity=D(9))  # fmt: skip
    (change,) = pushed.undo().changes
    assert change.hold == "edited since it was made: from 00kA: Quantity: pushed 9, now 3.00000"


def test_what_others_have_hung_on_a_record_keeps_it(pushed: Pushed) -> None:
    pushed.create("salesforce", "Opportunity", "006A", "invoices", Name="Deal")
    (change,) = pushed.undo().changes
    assert change.hold == "still needed by OpportunityLineItem 00kA, OpportunityLineItem 00kB"


def test_a_record_waits_for_the_undo_of_what_refers_to_it(pushed: Pushed) -> None:
    customer = pushed.create("quickbooks", "Customer", "8-1", Name="Alder")
    pushed.create(
        "quickbooks", "Invoice", "9-1", "invoices", CustomerRef_ListID=Answer(customer.id, "ListID")
    )
    pushed.update("salesforce", "Account", "001A", Phone=(None, Answer(customer.id, "ListID")))
    pushed.written[pushed.changes[-1].id] = Written(record="001A", read_back={"Phone": "555-0001"})
    made = pushed.undo()
    assert [change.object for change in made.changes] == ["Account", "Invoice", "Customer"]
    assert set(made.changes[2].depends_on) == {made.changes[0].id, made.changes[1].id}


def test_a_customer_stays_where_its_invoice_was_edited(pushed: Pushed) -> None:
    customer = pushed.create("quickbooks", "Customer", "8-1", Name="Alder")
    pushed.create("quickbooks", "Invoice", "9-1", "invoices", Memo="new",
                  CustomerRef_ListID=Answer(customer.id, "ListID"))  # fmt: skip
    made = pushed.undo()
    assert [change.hold for change in made.changes] == [
        "edited since it was made: Memo: pushed new, now old",
        "waits for from 9-1, which cannot be written",
    ]


def test_a_customer_goes_although_an_account_names_another_one_now(pushed: Pushed) -> None:
    customer = pushed.create("quickbooks", "Customer", "8-1", Name="Alder")
    pushed.update("salesforce", "Account", "001A", Phone=(None, Answer(customer.id, "ListID")))
    pushed.written[pushed.changes[-1].id] = Written(record="001A", read_back={"Phone": "8-1"})
    edited, goes = pushed.undo().changes
    assert (bool(edited.hold), goes.hold, goes.depends_on) == (True, "", ())


def test_an_account_that_a_contact_was_moved_to_goes_after_the_contact(pushed: Pushed) -> None:
    account = pushed.create("salesforce", "Account", "001B", Name="Birch")
    pushed.update("salesforce", "Contact", "003A", "contacts", AccountId=("001A", Answer(account.id, "Id")))
    pushed.written[pushed.changes[-1].id] = Written(record="003A", read_back={"AccountId": "001B"})
    back, goes = pushed.undo().changes
    assert told(ChangeSet(header={}, changes=(back, goes))) == [
        "update Contact 003A: AccountId 001B -> 001A",
        "delete Account 001B: Name Birch -> -",
    ]
    assert goes.depends_on == (back.id,)


def test_an_account_of_a_contact_that_only_another_field_is_put_back_of_stays(pushed: Pushed) -> None:
    """Salesforce would delete the contact along."""
    pushed.create("salesforce", "Account", "001B", Name="Birch")
    pushed.update("salesforce", "Contact", "003A", "contacts", LastName=("Cee", "Bee"))
    _, stays = pushed.undo().changes
    assert stays.hold == "still needed by Contact 003A"


def test_what_a_system_does_not_let_go_is_listed(pushed: Pushed) -> None:
    pushed.describes[Side.SALESFORCE]["Contact"]["deletable"] = False
    pushed.create("salesforce", "Contact", "003A", "contacts", LastName="Bee")
    (change,) = pushed.undo().changes
    assert change.hold == "cannot be undone: Salesforce lets no Contact go from here"


def test_a_custom_field_of_a_new_record_goes_with_it(pushed: Pushed) -> None:
    customer = pushed.create("quickbooks", "Customer", "8-1", Name="Alder")
    made = custom(pushed, None, "West", "8-1", after=customer.id)
    pushed.changes[-1] = replace(pushed.changes[-1], action="create", record=None)
    assert [change.object for change in pushed.undo().changes] == ["Customer"]
    assert made.id in pushed.written


# --- what cannot be undone -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "reason"), [("delete", "what was deleted stays so"), ("void", "a void transaction stays void")]
)
def test_a_delete_and_a_void_are_listed(pushed: Pushed, action: str, reason: str) -> None:
    change = pushed.update("quickbooks", "Invoice", "9-1", "invoices", Memo=("old", None))
    pushed.changes[-1] = replace(change, action=action, unlinks=True)
    assert told(pushed.undo()) == [f"update Invoice 9-1: Memo - -> old HELD cannot be undone: {reason}"]


def test_what_is_not_known_to_be_written_is_listed(pushed: Pushed) -> None:
    change = pushed.update("salesforce", "Account", "001A", Phone=("1", "2"))
    pushed.written[change.id] = Written(record="001A", known=False, detail="its answer was lost")
    (listed,) = pushed.undo().changes
    assert listed.hold == "not known to be written, so that it can't be undone: its answer was lost"


def test_what_was_not_written_is_not_undone(pushed: Pushed) -> None:
    change = pushed.update("salesforce", "Account", "001A", Phone=("1", "555-0001"))
    del pushed.written[change.id]
    assert pushed.undo().changes == ()


# --- undo of an undo, and of the whole ---------------------------------------------------------------------


def test_an_undo_is_undone_by_pushing_the_same_again(pushed: Pushed) -> None:
    pushed.update("salesforce", "Account", "001A", Phone=("1", "555-0001"))
    first = pushed.undo()
    again = Pushed()
    again.changes = list(first.changes)
    again.written = {first.changes[0].id: Written(record="001A", read_back={"Phone": "1"})}
    again.now("salesforce.Account", "001A", Phone="1")
    assert told(again.undo()) == ["update Account 001A: Phone 1 -> 555-0001"]


def test_a_customer_that_an_undo_made_inactive_is_active_again(pushed: Pushed) -> None:
    pushed.create("quickbooks", "Customer", "8-1", Name="Alder")
    first = pushed.undo()
    again = Pushed()
    again.changes = list(first.changes)
    again.written = {first.changes[0].id: Written(record="8-1", read_back={"IsActive": False})}
    again.now("quickbooks.Customer", "8-1", IsActive=False)
    (change,) = again.undo().changes
    assert (change.values, change.unlinks, change.id) == ({"IsActive": True}, False, first.changes[0].id)


def test_an_undo_is_a_change_set_like_any_other(pushed: Pushed) -> None:
    pushed.update("salesforce", "Account", "001A", Phone=("1", "555-0001"))
    made = pushed.undo(header={"profile": "books"})
    assert made.header == {"profile": "books", "undoes": pushed.set.id, "already_undone": 0}
    assert (
        read_changeset(made.content).content
        == made.content
        == pushed.undo(header={"profile": "books"}).content
    )


def test_a_record_with_a_change_under_way_waits(pushed: Pushed) -> None:
    pushed.update("salesforce", "Account", "001A", Phone=("1", "555-0001"))
    made = pushed.undo(busy={("salesforce", "001A"): "a change of it is still waiting in cs-9"})
    assert made.changes[0].hold == "a change of it is still waiting in cs-9"


# --- whatever was pushed, and whatever was edited since -----------------------------------------------------

VALUES = st.sampled_from([None, "a", "b", "c"])
FIELDS = {"salesforce.Account": ("001A", "001B"), "quickbooks.Customer": ("8-1", "8-2")}
Edits = dict[tuple[str, str], dict[str, tuple[Any, Any, Any]]]
"""(before, pushed, now) by field, by table and record."""

RECORDS = [(table, key) for table, keys in FIELDS.items() for key in keys]
EDITS = st.dictionaries(
    st.sampled_from(RECORDS),
    st.dictionaries(st.sampled_from(["Fax", "Phone"]), st.tuples(VALUES, VALUES, VALUES), min_size=1),
)


def pushed_as(edits: Edits, tables: dict[str, dict[str, dict[str, Any]]]) -> Pushed:
    made = Pushed()
    for (table, key), fields in edits.items():
        side, _, object_ = table.partition(".")
        made.update(side, object_, key, **{api: (was, sent) for api, (was, sent, _) in fields.items()})
        made.now(table, key, **{api: tables[table][key][api] for api in fields})
    return made


@pytest.mark.long
@given(EDITS)
@examples(40)
def test_pushed_values_go_back_and_edits_stay(edits: Edits) -> None:
    held: dict[str, dict[str, dict[str, Any]]] = {
        table: {key: {} for key in keys} for table, keys in FIELDS.items()
    }
    for (table, key), fields in edits.items():
        held[table][key] = {api: now for api, (_, _, now) in fields.items()}
    made = pushed_as(edits, held).undo()
    for change in made.changes:
        table = f"{change.side}.{change.object}"
        for cell in change.cells:
            was, sent, now = edits[(table, str(change.record))][cell.api]
            assert (cell.before, cell.after) == (now, was)
            assert bool(change.hold) == (now != sent)
            if not change.hold:
                held[table][str(change.record)][cell.api] = cell.after
    for (table, key), fields in edits.items():
        for api, (was, sent, now) in fields.items():
            assert held[table][key][api] == (was if now == sent else now)
    again = pushed_as(edits, held).undo()
    assert [change for change in again.changes if not change.hold] == [], "an undo is done once"
