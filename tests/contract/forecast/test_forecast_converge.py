"""What a new plan would hold is what it holds after the push; what comes back is named with its cause.

Each case is a profile whose mapping is made to go back and forth: it is planned, foretold, pushed for real,
pulled, and planned again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from tests.contract.states.states_office import Office, running_office
from workbench import push
from workbench.bench.changes import Changes
from workbench.templates import DEFAULT

pytestmark = pytest.mark.long

BOOK = {"Id": "01s000000000001AAA", "Name": "Standard", "IsStandard": True, "IsActive": True}
ALDER, KEY = "001000000000001AAA", "80000001-1"
LINKED = {"Id": ALDER, "QuickBooks_Id__c": KEY, "Active__c": True, "Type": "Customer - Direct"}
BIRCH = {"Id": "001000000000091AAA", "Name": "Birch", "Active__c": True, "Type": "Customer - Direct"}
ASH = {"Id": "003000000000092AAA", "AccountId": BIRCH["Id"], "FirstName": "Bo", "LastName": "Ash"}
INCOME = {"Account": [{"Name": "Sales", "AccountType": "Income"}]}


@dataclass(frozen=True)
class Case:
    """A profile, and what comes back: (side, field, kind) of each value.

    Attributes:
        edits: Mapping file -> (pattern, replacement) of its text.
        first: What the first plan is foretold to leave behind.
        then: What the plan after the push holds, where that is more than was foretold.
    """

    why: str
    edits: Mapping[str, list[tuple[str, str]]]
    salesforce: Mapping[str, list[dict[str, Any]]]
    quickbooks: Mapping[str, list[dict[str, Any]]]
    first: set[tuple[str, str, str]] = field(default_factory=set)
    then: set[tuple[str, str]] | None = None
    trigger: Any = None


def accounts(*edits: tuple[str, str]) -> dict[str, list[tuple[str, str]]]:
    return {"account-customer": list(edits)}


def one_line(name: str, text: str) -> tuple[str, str]:
    """Put a field of one line in the place of the field of that name."""
    return rf"(?m)^  {name}:(?: \{{.*|\n(?:    .*\n?)+)", f"  {name}: {{{text}}}\n"


def shout(name: str, _: Any, new: dict[str, Any]) -> None:
    """A trigger that writes cities in capitals."""
    if name == "Account" and new.get("BillingCity"):
        new["BillingCity"] = new["BillingCity"].upper()


FIVE = '"left(BillingCity, 5)"'
PLAIN = """\"replace(BillingCity, 'á', 'a')\""""
CITY = "salesforce: BillingCity, quickbooks: BillAddress_City, type: text"

CASES = [
    Case("nothing comes back", {}, {"Account": [{**LINKED, "Name": "Alder", "BillingCity": "Salem"}]},
         {"Customer": [{"ListID": KEY, "Name": "Alder", "BillAddress_City": "Troy"}]}),
    Case("a text that the mapping cuts, again and again",
         accounts(one_line("city", f"{CITY}, winner: salesforce, write: {{quickbooks: {FIVE}}}")),
         {"Account": [{**LINKED, "Name": "Alder", "BillingCity": "Springfield"}]},
         {"Customer": [{"ListID": KEY, "Name": "Alder"}]},
         first={("quickbooks", "city", "truncation")}),
    Case("a text that the mapping cuts, and that comes back cut",
         accounts(one_line("city", f"{CITY}, write: {{quickbooks: {FIVE}}}")),
         {"Account": [{"Id": ALDER, "Name": "Alder", "BillingCity": "Springfield"}]}, {},
         first={("salesforce", "city", "truncation")}),
    Case("accents that the mapping drops",
         accounts(one_line("city", f"{CITY}, winner: salesforce, write: {{quickbooks: {PLAIN}}}")),
         {"Account": [{**LINKED, "Name": "Alder", "BillingCity": "Málaga"}]},
         {"Customer": [{"ListID": KEY, "Name": "Alder"}]},
         first={("quickbooks", "city", "characters")}),
    Case("a price that is rounded",
         {"product-item": [one_line("price", "salesforce: PricebookEntry.UnitPrice, quickbooks: Price, "
                                    'type: price, write: {salesforce: "round(Price, 2)"}')]},
         {"Product2": [{"Id": "01t000000000001AAA", "Name": "Rope", "QuickBooks_Item_Type__c": "Service",
                        "QuickBooks_Id__c": KEY, "IsActive": True}],
          "PricebookEntry": [{"Id": "01u000000000001AAA", "Pricebook2Id": BOOK["Id"], "UnitPrice": "1.00",
                              "Product2Id": "01t000000000001AAA", "IsActive": True}]},
         {"ItemService": [{"ListID": KEY, "Name": "Rope", "SalesOrPurchase_Price": "12.345",
                           "SalesOrPurchase_AccountRef_FullName": "Sales"}]},
         first={("salesforce", "price", "rounding")}),
    Case("an address in small letters, compared as a text",
         {"contact-customer": [(r"(    quickbooks: Email\n    type: )email", r"\1text")]},
         {"Account": [{**LINKED, "Name": "Alder"}]},
         {"Customer": [{"ListID": KEY, "Name": "Alder"},
                       {"ListID": "80000002-1", "Name": "Ann Ash", "ParentRef_FullName": "Alder",
                        "FirstName": "Ann", "LastName": "Ash", "Email": "Ann@Alder.Example"}]},
         first={("quickbooks", "email", "e-mail case")}),
    Case("a check box that is filled by itself",
         accounts(one_line("active", "salesforce: Active__c, quickbooks: IsActive, type: boolean, "
                           "direction: to_quickbooks")),
         {}, {"Customer": [{"ListID": KEY, "Name": "Alder", "IsActive": False}]},
         first={("quickbooks", "active", "default")}),
    Case("a number that goes one way, and its winner sets it back",
         accounts(one_line("phone", "salesforce: Phone, quickbooks: Phone, type: phone, "
                           "direction: to_quickbooks, winner: salesforce")),
         {}, {"Customer": [{"ListID": KEY, "Name": "Alder", "Phone": "555-0101"}]},
         first={("quickbooks", "phone", "winner")}),
    Case("a trigger that nobody has seen yet", {},
         {"Account": [{**LINKED, "Name": "Alder", "BillingCity": "Salem"}]},
         {"Customer": [{"ListID": KEY, "Name": "Alder", "BillAddress_City": "Troy"}]},
         then={("salesforce", "city")}, trigger=shout),
]  # fmt: skip


def office_of(folder: Path, case: Case) -> Any:
    """The case's records, beside some that are on both sides, so that each first matching can be closed."""
    salesforce, quickbooks = dict(case.salesforce), dict(case.quickbooks)
    salesforce["Account"] = [*case.salesforce.get("Account", ()), {**BIRCH, "QuickBooks_Id__c": "80000091-1"}]
    salesforce["Contact"] = [{**ASH, "QuickBooks_Id__c": "80000092-1"}]
    quickbooks["Customer"] = [
        *case.quickbooks.get("Customer", ()),
        {"ListID": "80000091-1", "Name": "Birch"},
        {"ListID": "80000092-1", "Name": "Bo Ash", "ParentRef_FullName": "Birch", "FirstName": "Bo",
         "LastName": "Ash"},
    ]  # fmt: skip
    return running_office(folder, DEFAULT, {"Pricebook2": [BOOK], **salesforce}, {**INCOME, **quickbooks})


def changed(office: Office, edits: Mapping[str, list[tuple[str, str]]]) -> None:
    """Change the text of mapping files; each pattern must be there."""
    for name, pairs in edits.items():
        path = office.workspace.profile.mappings / f"{name}.yaml"
        text = path.read_text("utf-8")
        for pattern, replacement in pairs:
            text, count = re.subn(pattern, replacement, text, count=1)
            assert count == 1, pattern
        path.write_text(text, "utf-8")


def pushed(office: Office, changes: Changes) -> None:
    """Push all that can be written, what comes back too."""
    changes.mark([change.id for change in changes.writable], by="maria")
    changes.approve(by="maria")
    push.start(office.workspace, changes.changeset, by="maria")
    while push.advance(office.workspace, changes.id).open:
        office.connector.update_selected()


def written(changes: Changes) -> set[tuple[str, str]]:
    """What a plan writes: (side, field)."""
    return {(change.side, cell.field) for change in changes.writable for cell in change.cells}


@pytest.mark.parametrize("case", CASES, ids=[case.why for case in CASES])
def test_what_comes_back_is_what_was_foretold(tmp_path: Path, case: Case) -> None:
    with office_of(tmp_path, case) as office:
        if case.trigger:
            office.org.before_save.append(case.trigger)
        changed(office, case.edits)
        changes = office.bench.plan(office.diff())
        assert changes.writable
        told = {(each.side, each.field, each.kind) for each in changes.convergence.remaining}
        assert told == case.first
        pushed(office, changes)
        again = office.bench.plan(office.diff())
        foretold = {(side, name) for side, name, _ in case.first}
        assert written(again) == (foretold if case.then is None else case.then)


def test_a_trigger_that_was_seen_is_named(tmp_path: Path) -> None:
    case = next(each for each in CASES if each.trigger)
    with office_of(tmp_path, case) as office:
        office.org.before_save.append(case.trigger)
        pushed(office, office.bench.plan(office.diff()))
        changes = office.bench.plan(office.diff())
        (left,) = changes.convergence.remaining
        assert (left.side, left.record, left.field, left.kind) == ("salesforce", "Alder", "city", "trigger")
        assert "'TROY'" in left.cause
        (change,) = changes.writable
        assert left.change == change.id
        assert [change.id for change in changes.returning] == [change.id]


def test_what_comes_back_is_left_out_of_all(tmp_path: Path) -> None:
    other = {"Id": "001000000000002AAA", "Name": "Cedar", "Type": "Customer - Direct"}
    case = replace(CASES[1], salesforce={"Account": [*CASES[1].salesforce["Account"], other]})
    with office_of(tmp_path, case) as office:
        changed(office, case.edits)
        changes = office.bench.plan(office.diff())
        (coming,) = changes.returning
        assert [cell.loss for cell in coming.cells] == ["truncation: the mapping keeps 5 of 11 characters"]
        assert coming.id not in changes.approve(where="all", by="maria").changes
        changes.mark([coming.id], by="maria")
        assert coming.id in changes.approve(by="maria").changes


def test_a_new_record_is_not_left_out_for_what_comes_back_of_it(tmp_path: Path) -> None:
    case = CASES[2]
    with office_of(tmp_path, case) as office:
        changed(office, case.edits)
        changes = office.bench.plan(office.diff())
        assert not changes.convergence.ok
        assert changes.returning == []
        shown = changes.convergence.table
        assert list(shown["cause"]) == ["the mapping keeps 5 of 11 characters"]
        assert "truncation" in str(changes.convergence)
