"""What is foretold of a write to QuickBooks is what then comes of it: the code, and the record read back.

All cases are foretold together from one snapshot, queued for the real Web Connector server, and answered by
a whole company file; what was foretold has seen only the records that the cases touch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.contract.forecast import forecast_books
from tests.contract.forecast.forecast_books import (
    create,
    custom,
    disagreements,
    foretold,
    pushed,
    running_books,
    update,
)
from tests.contract.states.states_office import Office
from workbench.changes import Change
from workbench.forecast import Forecast

D = Decimal
DAY = date(2026, 3, 2)

SEED: dict[str, Any] = {
    "StandardTerms": [{"Name": "Net 30", "StdDueDays": 30}],
    "SalesTaxCode": [{"Name": "Tax", "IsTaxable": True}, {"Name": "Non", "IsTaxable": False}],
    "Account": [
        {"Name": "Sales", "AccountType": "Income"},
        {"Name": "Goods", "AccountType": "CostOfGoodsSold"},
        {"Name": "Stock", "AccountType": "OtherCurrentAsset"},
        {"Name": "Receivable", "AccountType": "AccountsReceivable"},
    ],
    "Vendor": [{"Name": "Rope Maker"}],
    "Employee": [{"FirstName": "Eva", "LastName": "Muster", "Name": "Eva Muster"}],
    "OtherName": [{"Name": "Petty Cash"}],
    "Customer": [
        *({"Name": f"Customer {n}", "Phone": "555-0"} for n in range(1, 40)),
        {"Name": "Alder", "BillAddress_Addr1": "1 Main St", "BillAddress_City": "Salem",
         "TermsRef_FullName": "Net 30", "Email": "a@alder.example", "CreditLimit": "500.00"},
        {"Name": "Bare"},
        {"Name": "Lettered"},
        {"Name": "Closed", "IsActive": False},
        {"Name": "Site", "ParentRef_FullName": "Alder"},
        {"Name": "Other site", "ParentRef_FullName": "Alder"},
        {"Name": "Renamed"},
        {"Name": "Below", "ParentRef_FullName": "Renamed"},
        {"Name": "Labelled", "custom": {"Region": "West"}},
    ],
    "DataExtDef": [
        {"DataExtName": "Region", "DataExtType": "STR255TYPE", "AssignToObject": "Customer"},
        {"DataExtName": "Weight", "DataExtType": "QUANTYPE", "AssignToObject": "Customer"},
    ],
    "ItemService": [
        {"Name": "Guiding", "SalesOrPurchase_Desc": "A day", "SalesOrPurchase_Price": "80.00",
         "SalesOrPurchase_AccountRef_FullName": "Sales"},
        {"Name": "Walk", "SalesOrPurchase_Price": "12.345", "SalesOrPurchase_AccountRef_FullName": "Sales"},
        {"Name": "Both", "SalesAndPurchase_SalesPrice": "5", "SalesAndPurchase_PurchaseCost": "4",
         "SalesAndPurchase_IncomeAccountRef_FullName": "Sales",
         "SalesAndPurchase_ExpenseAccountRef_FullName": "Goods"},
    ],
    "ItemNonInventory": [
        {"Name": "Rope", "SalesOrPurchase_Price": "9.50", "SalesOrPurchase_AccountRef_FullName": "Sales"}
    ],
    "ItemDiscount": [{"Name": "Off", "DiscountRatePercent": "10", "AccountRef_FullName": "Sales"}],
    "ItemSubtotal": [{"Name": "Subtotal"}],
    "Invoice": [
        {"RefNumber": "100", "CustomerRef_FullName": "Alder", "TxnDate": "2026-03-02",
         "lines": [{"ItemRef_FullName": "Guiding", "Quantity": 2}, {"ItemRef_FullName": "Rope"}]},
        {"RefNumber": "101", "CustomerRef_FullName": "Alder", "TxnDate": "2026-03-02",
         "lines": [{"ItemRef_FullName": "Guiding", "Quantity": 1}]},
        {"RefNumber": "102", "CustomerRef_FullName": "Alder:Site", "TxnDate": "2026-03-03",
         "lines": [{"ItemRef_FullName": "Guiding"}, {"ItemRef_FullName": "Subtotal", "Amount": "80.00"}]},
        {"RefNumber": "90", "CustomerRef_FullName": "Alder", "TxnDate": "2025-12-31",
         "lines": [{"Desc": "Old", "Amount": "10.00"}]},
    ],
    "ReceivePayment": [
        {"CustomerRef_FullName": "Alder", "TotalAmount": "30.00", "TxnDate": "2026-03-04",
         "lines": [{"RefNumber": "101", "Amount": "30.00"}]}
    ],
    "Preferences": {"AccountingPreferences_ClosingDate": "2025-12-31"},
}  # fmt: skip

Make = Callable[[Office], Change]


@dataclass(frozen=True)
class Case:
    """One change: how it is made, what is foretold, and words of the reason.

    `unread` is the column without which it cannot be foretold: mappings do not read it by themselves.
    """

    why: str
    make: Make
    code: str = "ok"
    words: str = ""
    unread: str = ""


def new(why: str, entity: str, code: str = "ok", words: str = "", **values: Any) -> Case:
    """A new list record."""
    return Case(why, lambda _: create(entity, why, **values), code, words)


def edit(why: str, entity: str, name: str, code: str = "ok", words: str = "", **values: Any) -> Case:
    """A change of a record."""
    return Case(why, lambda office: update(office, entity, name, **values), code, words)


def customer(why: str, code: str = "ok", words: str = "", **values: Any) -> Case:
    """A change of a customer of its own."""
    return edit(why, "Customer", f"Customer {next(NUMBERS)}", code, words, **values)


def invoice(why: str, *lines: dict[str, Any], code: str = "ok", words: str = "", **values: Any) -> Case:
    """A new invoice; references by name are looked up."""
    return Case(why, lambda office: _invoice(office, why, lines, values), code, words)


NUMBERS: Iterator[int] = iter(range(1, 40))
DAY_OF = {"Desc": "A day of it", "Quantity": D(1), "Rate": D("80")}

CASES = [
    # texts, and what is kept
    customer("a text", Phone="555-0199"),
    customer("accents and the euro", CompanyName="Café €uro", Notes="línea 1\nline 2 “quoted”"),
    customer("emptied", Phone=None),
    customer("an address line by line", BillAddress_Addr1="2 Elm", BillAddress_Addr2="Dock 4",
             BillAddress_City="Troy"),
    customer("an address line is emptied", BillAddress_Addr1=None),
    customer("made inactive", IsActive=False),
    customer("capitals in an address", Email="Ann@Alder.Example"),
    customer("an amount without cents", CreditLimit=D(100)),
    customer("blanks at the ends", Phone=" 555 "),
    customer("terms by their name", TermsRef_FullName="Net 30"),
    customer("terms that are not there", "3140", "Terms", TermsRef_FullName="Net 99"),
    # names
    new("a new name", "Customer", Name="Yew", CompanyName="Yew Ltd"),
    new("a customer has it", "Customer", "3100", "the customer 'Alder' has it", Name="Alder"),
    new("in other letters", "Customer", "3100", "the customer 'Alder' has it", Name="ALDER"),
    new("an inactive one has it", "Customer", "3100", "the inactive customer 'Closed' has it", Name="Closed"),
    new("a vendor has it", "Customer", "3100", "the vendor 'Rope Maker' has it", Name="Rope Maker"),
    new("an employee has it", "Customer", "3100", "the employee 'Eva Muster' has it", Name="Eva Muster"),
    new("another name has it", "Customer", "3100", "the other name 'Petty Cash' has it", Name="Petty Cash"),
    new("an item has it", "Customer", Name="Guiding"),
    new("this plan gives it", "Customer", Name="Oak"),
    new("this plan has given it", "Customer", "3100", "the customer 'Oak' has it", Name="oak"),
    edit("its own name in other letters", "Customer", "Lettered", Name="LETTERED"),
    edit("the name of another", "Customer", "Labelled", "3100", "the customer 'Alder' has it", Name="alder"),
    Case("a job", lambda office: _job(office, "a job", "Alder", Name="Third site")),
    Case("a job of a name that a customer has", lambda office: _job(office, "a job 2", "Alder", Name="Yew")),
    Case("a job of a name that its sister has", lambda office: _job(office, "a job 3", "Alder", Name="SITE"),
         "3100", "unique below its parent"),
    new("a job below nobody", "Customer", "3130", "parent", Name="Lost", ParentRef_ListID="80009999-1"),
    edit("what is below a renamed one", "Customer", "Renamed", Name="Renamed Ltd"),
    # items
    edit("a price", "Item", "Guiding", Price=D("85.5")),
    edit("a price of one that is bought too", "Item", "Both", Price=D("6")),
    edit("a description", "Item", "Walk", Desc="Half a day"),
    new("a new item", "Item", Type="Service", Name="Climb", Price=D("99.99"), AccountRef_FullName="Sales"),
    new("an item of another type has it", "Item", "3100", "the item 'Rope' has it", Type="Service",
        Name="rope", Price=D(1), AccountRef_FullName="Sales"),
    new("an account that is not there", "Item", "3140", "Account", Type="Service", Name="Swim", Price=D(1),
        AccountRef_FullName="Gifts"),
    edit("a discount's rate in the place of its percentage", "Item", "Off", Price=D("3")),
    # custom fields
    Case("a custom field", lambda office: custom(office, "Customer", "Bare", "Region", "East", None)),
    Case("a custom field that has a value",
         lambda office: custom(office, "Customer", "Labelled", "Region", "North", "West")),
    Case("a custom field of another type",
         lambda office: custom(office, "Customer", "Bare", "Weight", "heavy", None), "3045"),
    Case("a custom field that is not there",
         lambda office: custom(office, "Customer", "Bare", "Shoes", "44", None), "3120"),
    # invoices
    invoice("an invoice", DAY_OF, CustomerRef="Alder", TxnDate=DAY),
    invoice("amounts are worked out", {"ItemRef": "Guiding", "Quantity": D("1.5"), "Rate": D("33.335")},
            {"ItemRef": "Walk", "Quantity": D(3)}, {"ItemRef": "Off"}, CustomerRef="Bare", TxnDate=DAY),
    invoice("of a job", {"ItemRef": "Rope", "Quantity": D(2)}, CustomerRef="Alder:Site", TxnDate=DAY),
    invoice("for nobody", DAY_OF, code="3140", words="Customer", CustomerRef_ListID="80009999-1",
            TxnDate=DAY),
    invoice("of nothing that is sold", {"ItemRef_ListID": "80009999-1", "Quantity": D(1)}, code="3140",
            words="Item", CustomerRef="Alder", TxnDate=DAY),
    invoice("in a closed period", DAY_OF, code="3171", words="closing date", CustomerRef="Alder",
            TxnDate=date(2025, 12, 31)),
    invoice("on the first open day", DAY_OF, CustomerRef="Alder", TxnDate=date(2026, 1, 1)),
    edit("a memo", "Invoice", "100", Memo="Thank you"),
    edit("a memo of one with a subtotal", "Invoice", "102", Memo="Thanks"),
    edit("of a closed period", "Invoice", "90", "3171", "closing date", Memo="Late"),
    Case("a paid one to another customer", lambda office: _moved(office, "101", "Bare"), "3210", "payment",
         unread="AppliedAmount"),
]  # fmt: skip


def _key(office: Office, entity: str, name: str) -> str:
    return str(office.company.record(entity, name)["ListID"])


def _item(office: Office, name: str) -> str:
    kinds = ("ItemService", "ItemNonInventory", "ItemDiscount")
    return next(
        str(row["ListID"]) for kind in kinds for row in office.company.records(kind) if row["Name"] == name
    )


def _job(office: Office, source: str, parent: str, **values: Any) -> Change:
    return create("Customer", source, ParentRef_ListID=_key(office, "Customer", parent), **values)


def _invoice(office: Office, why: str, lines: Any, values: dict[str, Any]) -> Change:
    given = dict(values)
    if "CustomerRef" in given:
        given["CustomerRef_ListID"] = _key(office, "Customer", given.pop("CustomerRef"))
    made = [dict(line) for line in lines]
    for line in made:
        if "ItemRef" in line:
            line["ItemRef_ListID"] = _item(office, line.pop("ItemRef"))
    return create("Invoice", why, *made, **given)


def _moved(office: Office, number: str, to: str) -> Change:
    return update(office, "Invoice", number, CustomerRef_ListID=_key(office, "Customer", to))


# --- foretold, then pushed ----------------------------------------------------------------------------------


@dataclass
class Story:
    """The cases as changes, what was foretold of them, and what was foretold wrongly."""

    changes: dict[str, Change]
    told: Forecast
    wrong: dict[str, list[str]]
    read: frozenset[str]


@pytest.fixture(scope="module", params=["all", "mapped"])
def story(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    folder = tmp_path_factory.mktemp("books")
    with running_books(folder, SEED, columns=request.param) as office:
        changes = {
            case.why: replace(case.make(office), id=f"ch-{number:03d}", label=case.why)
            for number, case in enumerate(CASES)
        }
        told = foretold(office, *changes.values())
        columns = forecast_books.known_columns(told)
        rows = pushed(office, told)
        found = {
            why: disagreements(told.predictions[each.id], rows[each.id], each, columns)
            for why, each in changes.items()
        }
        wrong = {why: each for why, each in found.items() if each}
        yield Story(changes, told, wrong, columns["Invoice"])


@pytest.mark.parametrize("case", CASES, ids=[case.why for case in CASES])
def test_the_code_and_its_reason(story: Story, case: Case) -> None:
    change = story.told.changeset.by_id[story.changes[case.why].id]
    if case.unread and case.unread not in story.read:
        assert change.predicted == "ok"
        return
    assert change.predicted == case.code, change.hold
    assert bool(change.hold) == (case.code != "ok")
    if change.hold:
        assert f"({case.code})" in change.hold
    assert case.words in change.hold


def test_each_case_came_to_what_was_foretold(story: Story) -> None:
    unread = {case.why for case in CASES if case.unread and case.unread not in story.read}
    assert story.wrong.keys() - unread == set(), story.wrong
