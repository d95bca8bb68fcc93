"""Estimates, orders, receipts, credits, payments, groups, taxes; voids, deletes and the closing date."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal as D
from pathlib import Path
from typing import Any

import pytest
from simulator_books import BooksWorld
from simulator_world import names

from qbwc.errors import QbwcError
from qbwc.qbxml import build_delete, build_deleted_query, build_void
from qbwc.simulator import CompanyFile


@pytest.fixture
def world(tmp_path: Path) -> Iterator[BooksWorld]:
    made = BooksWorld(tmp_path)
    yield made
    made.company.close()


def balance(world: BooksWorld, name: str) -> object:
    return world.row("Customer", name)["Balance"]


HOURS = [{"ItemRef_FullName": "Consulting", "Quantity": 3}]
#    kind           customer's balance  fields that tell the total
KINDS = [
    ("Estimate",     "0.00",  {"Subtotal": "100.00", "TotalAmount": "100.00", "IsActive": True}),
    ("SalesOrder",   "0.00",  {"TotalAmount": "100.00", "IsFullyInvoiced": False, "IsManuallyClosed": False}),
    ("SalesReceipt", "0.00",  {"TotalAmount": "100.00", "IsPending": False}),
    ("Invoice",      "100.00", {"Subtotal": "100.00", "BalanceRemaining": "100.00", "IsPaid": False}),
]  # fmt: skip


@pytest.mark.parametrize(("entity", "added", "told"), KINDS)
def test_what_each_kind_totals_and_does_to_the_balance(
    world: BooksWorld, entity: str, added: str, told: dict[str, Any]
) -> None:
    before = world.row("Customer", "Birch:Kitchen")
    response = world.add(entity, {"CustomerRef_FullName": "Birch:Kitchen"}, HOURS)
    assert response.status_code == 0, response.message
    (record,) = response.records
    found = {name: record.fields[name] for name in told}
    assert found == {name: D(value) if isinstance(value, str) else value for name, value in told.items()}
    after = world.row("Customer", "Birch:Kitchen")
    assert after["Balance"] - before["Balance"] == D(added)
    # QuickBooks computes the balance: the customer itself has not changed.
    assert (after["EditSequence"], after["TimeModified"]) == (before["EditSequence"], before["TimeModified"])


def test_a_receipt_needs_no_customer_and_an_estimate_does(world: BooksWorld) -> None:
    (record,) = world.add("SalesReceipt", {"RefNumber": "R2"}, HOURS).records
    assert "CustomerRef_ListID" not in record.fields
    assert world.company.delete("SalesReceipt", "R2") is None


def test_lines_of_an_order_stay_or_go_as_those_of_an_invoice(world: BooksWorld) -> None:
    (line,) = world.row("SalesOrder", "S1")["lines"]
    kept = {"TxnLineID": line["TxnLineID"], "Quantity": 2}
    new = {"TxnLineID": "-1", "ItemRef_FullName": "Nails", "Quantity": 1000}
    (changed,) = world.mod("SalesOrder", "S1", {"Memo": "m"}, [kept, new]).records
    assert [each["Amount"] for each in changed.lines["SalesOrderLine"]] == [D("66.67"), D("5.00")]
    assert changed.fields["TotalAmount"] == D("71.67")
    world.mod("SalesOrder", "S1", {}, [{"TxnLineID": line["TxnLineID"]}])
    assert world.row("SalesOrder", "S1")["TotalAmount"] == D("66.67")


# -- payments and credits ---------------------------------------------


def test_a_payment_changes_what_quickbooks_computes_and_no_time(world: BooksWorld) -> None:
    before, invoice = world.row("Customer", "Birch"), world.row("Invoice", "1")
    assert (invoice["AppliedAmount"], invoice["BalanceRemaining"]) == (D("-40.00"), D("50.00"))
    world.clock.forward(hours=1)
    paid = [{"RefNumber": "1", "Amount": "50.00"}]
    key = world.company.add("ReceivePayment", CustomerRef_FullName="Birch", TotalAmount="60.00", lines=paid)
    after, now = world.row("Customer", "Birch"), world.row("Invoice", "1")
    assert (now["AppliedAmount"], now["BalanceRemaining"], now["IsPaid"]) == (D("-90.00"), D("0.00"), True)
    assert before["Balance"] - after["Balance"] == D("60.00")
    assert after["Balance"] == D("-20.00")
    for old, new in ((before, after), (invoice, now)):
        assert (new["TimeModified"], new["EditSequence"]) == (old["TimeModified"], old["EditSequence"])
    world.company.delete("ReceivePayment", key)
    assert world.row("Invoice", "1") == invoice
    assert world.row("Customer", "Birch") == before


def test_a_payment_is_read_with_what_it_pays(world: BooksWorld) -> None:
    (payment,) = world.query("ReceivePayment", ref_numbers=["P1"]).records
    (line,) = payment.lines["AppliedToTxn"]
    assert (line["AppliedTxnID"], line["Amount"], line["BalanceRemaining"], line["TxnType"]) == (
        world.row("Invoice", "1")["TxnID"], D("40.00"), D("50.00"), "Invoice",
    )  # fmt: skip
    assert payment.fields["UnusedPayment"] == D("10.00")
    (bare,) = world.query("ReceivePayment", ref_numbers=["P1"], include_lines=False).records
    assert bare.lines["AppliedToTxn"] == []


#    why                       payment                                                        told
PAYMENTS = [
    ("a cent too much", {"TotalAmount": "99", "lines": [{"RefNumber": "1", "Amount": "50.01"}]}, "3210"),
    ("less than its lines", {"TotalAmount": "1", "lines": [{"RefNumber": "1", "Amount": "1.01"}]}, "3210"),
    ("another one's invoice", {"lines": [{"RefNumber": "2", "Amount": "1"}]}, "3140"),
]  # fmt: skip


@pytest.mark.parametrize(("why", "payment", "told"), PAYMENTS)
def test_a_payment_that_is_refused_leaves_everything(
    world: BooksWorld, why: str, payment: dict[str, Any], told: str
) -> None:
    world.add("Invoice", {"CustomerRef_FullName": "Cedar", "RefNumber": "2"}, HOURS)
    before = [world.company.records(kind) for kind in ("Customer", "Invoice", "ReceivePayment")]
    with pytest.raises(QbwcError, match=told):
        world.company.add("ReceivePayment", CustomerRef_FullName="Birch", **payment)
    assert [world.company.records(kind) for kind in ("Customer", "Invoice", "ReceivePayment")] == before


def test_an_invoice_that_tells_what_was_paid_is_not_paid_twice(tmp_path: Path) -> None:
    invoice = {
        "CustomerRef_FullName": "C",
        "RefNumber": "1",
        "AppliedAmount": "-7.00",
        "lines": [{"Amount": 9}],
    }
    payment = {"CustomerRef_FullName": "C", "lines": [{"RefNumber": "1", "Amount": 7}]}
    seed: Any = {"Customer": [{"Name": "C"}], "Invoice": [invoice], "ReceivePayment": [payment]}
    with CompanyFile.create(tmp_path / "c.db", seed) as company:
        assert company.record("Invoice", "1")["BalanceRemaining"] == D("2.00")
        assert company.record("Customer", "C")["Balance"] == D("2.00")


def test_a_credit_lowers_the_balance(world: BooksWorld) -> None:
    assert balance(world, "Cedar") == D("-15.00")
    assert world.row("CreditMemo", "C1")["CreditRemaining"] == D("15.00")


# -- groups and taxes ---------------------------------------------


def add_kit(world: BooksWorld) -> dict[str, Any]:
    kit = {"ItemGroupRef_FullName": "Kit", "Quantity": "2"}
    world.company.add(
        "Invoice", CustomerRef_FullName="Cedar", RefNumber="K", lines=[{"Amount": "1", "Desc": "a"}, kit]
    )
    return world.row("Invoice", "K")


def test_a_group_brings_its_members(world: BooksWorld) -> None:
    add_kit(world)
    (record,) = world.query("Invoice", ref_numbers=["K"]).records
    own, hours, nails = record.lines["InvoiceLine"]
    (bundle,) = record.lines["InvoiceLineGroup"]
    assert (bundle["ItemGroupRef_FullName"], bundle["Quantity"], bundle["TotalAmount"]) == (
        "Kit", D(2), D("68.67"),
    )  # fmt: skip
    assert [line.get("GroupTxnLineID") for line in (own, hours, nails)] == [
        None, bundle["TxnLineID"], bundle["TxnLineID"],
    ]  # fmt: skip
    assert (hours["Quantity"], nails["Quantity"]) == (D(2), D(400))
    assert record.fields["Subtotal"] == D("69.67")


def test_a_change_that_names_lines_loses_a_group_it_does_not_name(world: BooksWorld) -> None:
    """That is why ours refuses to name lines beside a group."""
    first = add_kit(world)["lines"][0]
    world.mod("Invoice", "K", {}, [{"TxnLineID": first["TxnLineID"]}])
    assert world.row("Invoice", "K")["Subtotal"] == D("1.00")


def test_a_member_of_a_group_is_no_line_of_its_own(world: BooksWorld) -> None:
    before = add_kit(world)
    member = before["lines"][1]["TxnLineID"]
    assert world.mod("Invoice", "K", {}, [{"TxnLineID": member}]).status_code == 3120
    assert world.row("Invoice", "K") == before


#    why                        fields of the invoice                       line                      tax
TAXES = [
    ("no tax item", {}, {}, "0.00"),
    ("a tax item", {"ItemSalesTaxRef_FullName": "State"}, {}, "7.25"),
    ("half a cent goes up", {"ItemSalesTaxRef_FullName": "State"}, {"Amount": D("2.00")}, "0.15"),
    ("a line without tax",
     {"ItemSalesTaxRef_FullName": "State"}, {"SalesTaxCodeRef_FullName": "Non"}, "0.00"),
    ("a customer without tax",
     {"ItemSalesTaxRef_FullName": "State", "CustomerSalesTaxCodeRef_FullName": "Non"}, {}, "0.00"),
]  # fmt: skip


@pytest.mark.parametrize(("why", "fields", "line", "tax"), TAXES)
def test_sales_tax(
    world: BooksWorld, why: str, fields: dict[str, Any], line: dict[str, Any], tax: str
) -> None:
    lines = [{"Amount": D("100.00"), **line}]
    (record,) = world.add("Invoice", {"CustomerRef_FullName": "Cedar", **fields}, lines).records
    assert record.fields["SalesTaxTotal"] == D(tax)
    assert record.fields["BalanceRemaining"] == record.fields["Subtotal"] + D(tax)  # type: ignore[operator]


# -- queries of transactions ---------------------------------------------


def dated(bounds: str) -> str:
    return f"<TxnDateRangeFilter>{bounds}</TxnDateRangeFilter>"


FILTERS = {
    "<EntityFilter><FullName>Birch</FullName></EntityFilter>": "1",
    "<EntityFilter><FullNameWithChildren>birch</FullNameWithChildren></EntityFilter>": "1 K",
    dated("<FromTxnDate>2026-01-03</FromTxnDate><ToTxnDate>2026-01-03</ToTxnDate>"): "1",
    dated("<FromTxnDate>2026-01-04</FromTxnDate>"): "K Z",
    dated("<ToTxnDate>2026-01-02</ToTxnDate>"): "",
    "<RefNumberFilter><MatchCriterion>StartsWith</MatchCriterion><RefNumber>k</RefNumber>"
    "</RefNumberFilter>": "K",
    "<RefNumberRangeFilter><FromRefNumber>1</FromRefNumber><ToRefNumber>K</ToRefNumber>"
    "</RefNumberRangeFilter>": "1 K",
    "<RefNumberCaseSensitive>k</RefNumberCaseSensitive>": "",
    "<RefNumberCaseSensitive>K</RefNumberCaseSensitive>": "K",
    "<RefNumber>k</RefNumber><RefNumber>1</RefNumber>": "K 1",
    "<PaidStatus>PaidOnly</PaidStatus>": "Z",
    "<PaidStatus>NotPaidOnly</PaidStatus>": "1 K",
    "<AccountFilter><FullName>Receivable</FullName></AccountFilter><PaidStatus>PaidOnly</PaidStatus>": "Z",
}  # fmt: skip


@pytest.mark.parametrize(("body", "expected"), FILTERS.items())
def test_filters_of_transactions(world: BooksWorld, body: str, expected: str) -> None:
    world.add("Invoice", {"CustomerRef_FullName": "Birch:Kitchen", "RefNumber": "K"}, HOURS)
    world.add("Invoice", {"CustomerRef_FullName": "Cedar", "RefNumber": "Z"}, [{"Desc": "nothing"}])
    (found,) = world.raw(f"<InvoiceQueryRq>{body}</InvoiceQueryRq>")
    assert [record.fields["RefNumber"] for record in found.records] == expected.split()


def test_a_filter_on_nobody_is_told(world: BooksWorld) -> None:
    body = "<EntityFilter><FullName>Nobody</FullName></EntityFilter>"
    (found,) = world.raw(f"<InvoiceQueryRq>{body}</InvoiceQueryRq>")
    assert found.status_code == 3120


#    why            filter                                                                          names
BALANCES = [
    ("owing",     "<Operator>GreaterThan</Operator><Amount>0.00</Amount>",        "Birch"),
    ("owed",      "<Operator>LessThan</Operator><Amount>0.00</Amount>",           "Cedar"),
    ("exactly",   "<Operator>GreaterThanEqual</Operator><Amount>40.00</Amount>",  "Birch"),
    ("a cent up", "<Operator>GreaterThanEqual</Operator><Amount>40.01</Amount>",  ""),
]  # fmt: skip


@pytest.mark.parametrize(("why", "body", "expected"), BALANCES)
def test_customers_by_balance(world: BooksWorld, why: str, body: str, expected: str) -> None:
    asked = f"<TotalBalanceFilter>{body}</TotalBalanceFilter>"
    (found,) = world.raw(f"<CustomerQueryRq>{asked}</CustomerQueryRq>")
    assert names(found) == expected.split()


# -- void and delete ---------------------------------------------


def test_a_voided_invoice_stays_with_nothing_on_it(world: BooksWorld) -> None:
    world.add("Invoice", {"CustomerRef_FullName": "Cedar", "RefNumber": "V", "Memo": "hm"}, HOURS)
    before = world.row("Invoice", "V")
    world.clock.forward(hours=1)
    response = world.one(build_void("Invoice", before["TxnID"], request_id="v"))
    assert (response.name, response.status_code) == ("TxnVoidRs", 0)
    after = world.row("Invoice", "V")
    assert (after["Subtotal"], after["BalanceRemaining"], after["Memo"]) == (D(0), D(0), "VOID: hm")
    assert [line["Amount"] for line in after["lines"]] == [D(0)]
    assert after["EditSequence"] != before["EditSequence"]
    assert after["TimeModified"] > before["TimeModified"]
    assert balance(world, "Cedar") == D("-15.00")
    asked = build_deleted_query("TxnDeleted", ["Invoice"], request_id="1")
    assert world.one(asked).status_code == 1


@pytest.mark.parametrize(("entity", "name"), [("SalesReceipt", "R1"), ("CreditMemo", "C1")])
def test_receipts_and_credits_are_voided_too(world: BooksWorld, entity: str, name: str) -> None:
    key = world.row(entity, name)["TxnID"]
    assert world.one(build_void(entity, key, request_id="v")).status_code == 0
    row = world.row(entity, name)
    assert (row["TotalAmount"], row["Memo"], row.get("CreditRemaining", D(0))) == (D(0), "VOID", D(0))
    assert balance(world, "Cedar") == (D(0) if entity == "CreditMemo" else D("-15.00"))


@pytest.mark.parametrize(("entity", "name"), [("Estimate", "E1"), ("SalesOrder", "S1")])
def test_what_posts_nothing_is_deleted_with_evidence(world: BooksWorld, entity: str, name: str) -> None:
    key = world.row(entity, name)["TxnID"]
    response = world.one(build_delete(entity, key, request_id="d"))
    assert (response.name, response.status_code) == ("TxnDelRs", 0)
    assert world.company.records(entity) == []
    (row,) = world.one(build_deleted_query("TxnDeleted", [entity], request_id="1")).records
    assert (row.fields["TxnID"], row.fields["RefNumber"], row.fields["TxnDelType"]) == (key, name, entity)
    assert world.one(build_delete(entity, key, request_id="e")).status_code == 3120


#    why                          request    type            record                  code
REMOVALS = [
    ("a customer with invoices",  "ListDel", "Customer",     ("Customer", "Birch"),  3160),
    ("an item in a group",        "ListDel", "ItemService",  ("ItemService", "Consulting"), 3160),
    ("terms of a customer",       "ListDel", "StandardTerms", ("StandardTerms", "Net 30"), 3160),
    ("an unused vendor",          "ListDel", "Vendor",       ("Vendor", "Old Vendor"), 0),
    ("a vendor called customer",  "ListDel", "Customer",     ("Vendor", "Old Vendor"), 3120),
    ("a list nobody keeps",       "ListDel", "ShipMethod",   ("Vendor", "Old Vendor"), 3120),
    ("a paid invoice",            "TxnDel",  "Invoice",      ("Invoice", "1"),       3160),
    ("a payment",                 "TxnDel",  "ReceivePayment", ("ReceivePayment", "P1"), 0),
    ("a receipt",                 "TxnDel",  "SalesReceipt", ("SalesReceipt", "R1"), 0),
    ("void a paid invoice",       "TxnVoid", "Invoice",      ("Invoice", "1"),       3185),
    ("void a receipt",            "TxnVoid", "SalesReceipt", ("SalesReceipt", "R1"), 0),
    ("void what is another kind", "TxnVoid", "Invoice",      ("SalesReceipt", "R1"), 3120),
]  # fmt: skip


@pytest.mark.parametrize(("why", "request_tag", "kind", "record", "code"), REMOVALS)
def test_what_may_go(
    world: BooksWorld, why: str, request_tag: str, kind: str, record: tuple[str, str], code: int
) -> None:
    row = world.row(*record)
    key, count = row.get("ListID") or row["TxnID"], len(world.company.records(record[0]))
    tag = "ListID" if request_tag == "ListDel" else "TxnID"
    body = f"<{request_tag}Type>{kind}</{request_tag}Type><{tag}>{key}</{tag}>"
    (response,) = world.raw(f"<{request_tag}Rq>{body}</{request_tag}Rq>")
    assert response.status_code == code, response.message
    gone = code == 0 and request_tag != "TxnVoid"
    assert len(world.company.records(record[0])) == count - gone


def test_a_payment_gone_gives_the_invoice_back(world: BooksWorld) -> None:
    world.company.delete("ReceivePayment", "P1")
    assert world.row("Invoice", "1")["BalanceRemaining"] == D("90.00")
    assert balance(world, "Birch") == D("90.00")
    world.company.void("Invoice", "1")
    assert balance(world, "Birch") == D("0.00")


# -- the closing date ---------------------------------------------


def test_closed_books_stay_as_they_are(world: BooksWorld) -> None:
    world.company.delete("ReceivePayment", "P1")
    world.company.close_books("2026-01-03")
    invoice = world.row("Invoice", "1")
    assert world.mod("Invoice", "1", {"Memo": "late"}).status_code == 3171
    assert world.one(build_void("Invoice", invoice["TxnID"], request_id="v")).status_code == 3185
    (deleted,) = world.raw(
        f"<TxnDelRq><TxnDelType>Invoice</TxnDelType><TxnID>{invoice['TxnID']}</TxnID></TxnDelRq>"
    )
    assert deleted.status_code == 3161
    dated = {"CustomerRef_FullName": "Cedar", "TxnDate": "2026-01-03"}
    assert world.add("Invoice", dated, HOURS).status_code == 3171
    assert world.row("Invoice", "1") == invoice
    (told,) = world.query("Preferences").records
    assert str(told.fields["AccountingPreferences_ClosingDate"]) == "2026-01-03"


def test_the_day_after_the_closing_date_is_open(world: BooksWorld) -> None:
    world.company.close_books("2026-01-03")
    dated = {"CustomerRef_FullName": "Cedar", "RefNumber": "N", "TxnDate": "2026-01-04"}
    assert world.add("Invoice", dated, HOURS).status_code == 0
    assert world.mod("Invoice", "N", {"TxnDate": "2026-01-03"}).status_code == 3171
    world.company.close_books(None)
    assert world.mod("Invoice", "N", {"TxnDate": "2026-01-03"}).status_code == 0


# -- lists ---------------------------------------------


def test_lists_without_a_table_are_known_by_name(world: BooksWorld) -> None:
    fields = {
        "CustomerRef_FullName": "Cedar",
        "SalesRepRef_FullName": "ee",
        "ClassRef_FullName": "West:Coast",
    }
    (record,) = world.add("Invoice", fields, [{"ItemRef_FullName": "Subtotal"}]).records
    assert (record.fields["SalesRepRef_FullName"], record.fields["ClassRef_FullName"]) == ("EE", "West:Coast")
    assert world.add("Invoice", {**fields, "SalesRepRef_FullName": "AB"}, HOURS).status_code == 3140


def test_items_of_every_type_and_both_kinds_of_terms(world: BooksWorld) -> None:
    types = {record.fields["Name"]: record.fields["Type"] for record in world.query("Item").records}
    assert types == {
        "Consulting": "Service", "Nails": "NonInventory", "Tenth off": "Discount", "Kit": "Group",
        "State": "SalesTax", "All taxes": "SalesTaxGroup", "Subtotal": "Subtotal",
    }  # fmt: skip
    assert names(world.query("Terms")) == ["Net 30", "Mid month"]


#    why                        entity            fields                                                code
ADDED = [
    ("an account", "Account", {"Name": "Fees", "AccountType": "Income", "ParentRef_FullName": "Sales"}, 0),
    ("its name is taken",       "Account", {"Name": "sales", "AccountType": "Income"},  3100),
    ("its name elsewhere", "Account",
     {"Name": "Sales", "AccountType": "Income", "ParentRef_FullName": "Sales"}, 0),
    ("an item like a group",    "ItemService", {"Name": "KIT", "SalesOrPurchase_Price": 1}, 3100),
    ("an item like a tax",      "ItemOtherCharge", {"Name": "State", "SalesOrPurchase_Price": 1}, 3100),
    ("an item like a subtotal", "ItemDiscount", {"Name": "subtotal"}, 3100),
]  # fmt: skip


@pytest.mark.parametrize(("why", "entity", "fields", "code"), ADDED)
def test_what_may_be_added_to_lists(
    world: BooksWorld, why: str, entity: str, fields: dict[str, Any], code: int
) -> None:
    assert world.add(entity, fields).status_code == code


def test_a_new_account_has_its_opening_balance(world: BooksWorld) -> None:
    fields = {
        "Name": "Till",
        "AccountType": "Bank",
        "OpenBalance": D("12.50"),
        "OpenBalanceDate": "2026-01-01",
    }
    (record,) = world.add("Account", fields).records
    assert (record.fields["Balance"], record.fields["FullName"]) == (D("12.50"), "Till")
