"""What is foretold of a write to Salesforce is what then comes of it: the code, and every value read back.

All cases are foretold together from one snapshot, pushed for real to the embedded org, and read back.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.contract.forecast.forecast_org import (
    BOOK,
    OTHER_BOOK,
    compared,
    foretold,
    losses,
    sf,
    stored,
)
from tests.contract.salesforce.salesforce_office import Office, running_office
from workbench.changes import Answer, Change
from workbench.connections.salesforce_errors import Refused
from workbench.forecast import Forecast

D = Decimal
KEY = "QuickBooks_Id__c"
GONE = sf("001", 99)

# --- what is written ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """One change: an update of record `id`, or a create without it; what is foretold, what is lost."""

    why: str
    object: str
    id: int | None
    values: dict[str, Any]
    code: str = "ok"
    lost: tuple[str, ...] = ()
    holds: tuple[Any, ...] = ()

    @property
    def label(self) -> str:
        return self.why


def account(why: str, values: dict[str, Any], code: str = "ok", lost: str = "", holds: Any = ()) -> Case:
    """A case on an account of its own."""
    return Case(why, "Account", next(NUMBERS), values, code, (lost,) if lost else (), holds)


NUMBERS: Iterator[int] = iter(range(1, 90))

NEW = {"Name": "Yew"}
CONTACT = {"LastName": "Ash"}
LINE = {"PricebookEntryId": sf("01u", 1), "Quantity": D(1), "UnitPrice": D(5)}
ENTRY = {"Pricebook2Id": BOOK, "Product2Id": sf("01t", 2), "UnitPrice": D("5.00"), "IsActive": True}
OTHER = {**ENTRY, "Pricebook2Id": OTHER_BOOK}

TOO_LONG, RESTRICTED = "STRING_TOO_LONG", "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
MISSING, INTEGRITY = "REQUIRED_FIELD_MISSING", "FIELD_INTEGRITY_EXCEPTION"
RANGE, READ_ONLY = "NUMBER_OUTSIDE_VALID_RANGE", "INVALID_FIELD_FOR_INSERT_UPDATE"
DUPLICATE = "DUPLICATE_VALUE"

CASES = [
    # texts
    account("kept as it is", {"Phone": "555-0199"}),
    account("blanks at the ends", {"Phone": "  555-0199 "}, lost="blanks", holds=("555-0199",)),
    account("blanks alone are no value", {"Phone": "   "}, lost="blanks", holds=(None,)),
    account("emptied", {"Phone": None}),
    account("emptied by an empty text", {"Phone": ""}),
    account("line ends are one kind", {"BillingStreet": "1 Main St\r\nDock 4"}),
    account("an accent, an emoji, a Greek letter", {"Site": "Señor Ω 🌲"}),
    account("as long as the field", {"Phone": "5" * 40}),
    account("one character too long", {"Phone": "5" * 41}, TOO_LONG),
    account("too long with blanks, not without", {"Phone": "5" * 40 + " "}, lost="blanks", holds=("5" * 40,)),
    account("a long text area", {"Description": "x" * 32_000}),
    account("too long a text area", {"Description": "x" * 32_001}, TOO_LONG),
    Case("capitals in an address", "Contact", 1, {"Email": "Ann.Ash@Alder.Example"}, lost=("e-mail case",),
         holds=("ann.ash@alder.example",)),
    Case("capitals and blanks", "Contact", 2, {"Email": " Bo@Birch.Example"}, lost=("e-mail case",),
         holds=("bo@birch.example",)),
    Case("no address", "Contact", 3, {"Email": "ann at alder"}, "INVALID_EMAIL_ADDRESS"),
    Case("two addresses", "Contact", 4, {"Email": "a@x.example, b@x.example"}, "INVALID_EMAIL_ADDRESS"),
    Case("an address without a dot", "Contact", 5, {"Email": "ann@alder"}, "INVALID_EMAIL_ADDRESS"),
    # picklists
    account("a word of a free list", {"Industry": "Piracy"}),
    Case("a word of a restricted list", "Product2", 3, {"QuickBooks_Item_Type__c": "Service"}),
    Case("no word of a restricted list", "Product2", 4, {"QuickBooks_Item_Type__c": "Gift"}, RESTRICTED),
    Case("a restricted list is emptied", "Product2", 5, {"QuickBooks_Item_Type__c": None}),
    # numbers and check boxes
    Case("rounded half up", "Opportunity", 3, {"Amount": D("12.345")}, lost=("rounding",),
         holds=(D("12.35"),)),
    Case("rounded away from zero", "Opportunity", 4, {"Amount": D("-12.345")}, lost=("rounding",),
         holds=(D("-12.35"),)),
    Case("trailing zeros", "Opportunity", 5, {"Amount": D("12.5000")}),
    Case("rounded to a whole", "Account", next(NUMBERS), {"AnnualRevenue": D("0.5")}, lost=("rounding",),
         holds=(D(1),)),
    Case("as many digits as there is room", "Opportunity", 6, {"Amount": D("9" * 16)}),
    Case("one digit too many", "Opportunity", 7, {"Amount": D("1" + "0" * 16)}, RANGE),
    Case("rounded to a digit too many", "Opportunity", 8, {"Amount": D("9" * 16 + ".999")}, RANGE),
    account("a whole number", {"NumberOfEmployees": 12}),
    account("too large a whole number", {"NumberOfEmployees": 10**8}, RANGE),
    account("a check box", {"Active__c": False}),
    account("a check box is emptied", {"Active__c": None}, "INVALID_TYPE_ON_FIELD_IN_RECORD"),
    Case("a date", "Opportunity", 9, {"CloseDate": date(2026, 3, 30)}),
    # what is required, and what may be written
    Case("a name is emptied", "Account", next(NUMBERS), {"Name": None}, MISSING),
    Case("a name of blanks", "Account", next(NUMBERS), {"Name": "  "}, MISSING),
    Case("a new one without a name", "Account", None, {"Phone": "1"}, MISSING),
    Case("a new contact without a last name", "Contact", None, {"FirstName": "Ann"}, MISSING),
    Case("a new opportunity lacks two", "Opportunity", None, {"Name": "Sale"}, MISSING),
    account("a field that nobody may write", {"LastModifiedDate": None}, READ_ONLY),
    Case("a name that follows from others", "Contact", 6, {"Name": "Ann Ash"}, READ_ONLY),
    Case("a field that is set once", "PricebookEntry", 4, {"Product2Id": sf("01t", 1)}, READ_ONLY),
    Case("a field that is not there", "Product2", None, {"Name": "Shoe", "Shoe_Size__c": "44"},
         "INVALID_FIELD"),
    # references
    Case("a reference", "Contact", 7, {"AccountId": sf("001", 1)}),
    Case("a reference in short form", "Contact", 8, {"AccountId": sf("001", 1)[:15]}, lost=("form",),
         holds=(sf("001", 1),)),
    Case("a reference is emptied", "Contact", 9, {"AccountId": None}),
    Case("a reference to nothing", "Contact", 10, {"AccountId": sf("001", 98)},
         "INVALID_CROSS_REFERENCE_KEY"),
    Case("a reference to another kind", "Contact", 11, {"AccountId": sf("003", 1)}, "MALFORMED_ID"),
    # keys
    account("a key of its own", {KEY: "K-1"}),
    account("a key that another one has", {KEY: "TAKEN"}, DUPLICATE),
    account("a key is case-sensitive", {KEY: "taken"}),
    Case("a record keeps its own key", "Account", 90, {KEY: "TAKEN", "Phone": "1"}),
    account("a key that this plan gives", {KEY: "K-2"}),
    Case("a key that this plan has given", "Account", next(NUMBERS), {KEY: "K-2"}, DUPLICATE),
    Case("the same key of another object", "Contact", 12, {KEY: "K-2"}),
    # new records
    Case("a new account", "Account", None, {**NEW, "Active__c": False}),
    Case("a new one without what is empty", "Account", None, {**NEW, "Phone": None, "Active__c": None},
         lost=("default",)),
    Case("a new contact", "Contact", None, {**CONTACT, "AccountId": sf("001", 1), "Email": "A@B.example"},
         lost=("e-mail case",), holds=("Ash", sf("001", 1), "a@b.example")),
    # prices and lines
    Case("a first price", "PricebookEntry", None, ENTRY),
    Case("a second price", "PricebookEntry", None, {**ENTRY, "UnitPrice": D(6)}, DUPLICATE),
    Case("a price in another book", "PricebookEntry", None, {**OTHER, "Product2Id": sf("01t", 1)}),
    Case("a price without a standard one", "PricebookEntry", None, {**OTHER, "Product2Id": sf("01t", 6)},
         "STANDARD_PRICE_NOT_DEFINED"),
    Case("a price beside the standard price", "PricebookEntry", None,
         {**OTHER, "Product2Id": sf("01t", 3), "UseStandardPrice": True}, INTEGRITY),
    Case("a price without an amount", "PricebookEntry", None, {**ENTRY, "UnitPrice": None,
         "Product2Id": sf("01t", 6)}, MISSING),
    Case("a price is changed", "PricebookEntry", 3, {"UnitPrice": D("7.777")}, lost=("rounding",),
         holds=(D("7.78"),)),
    Case("a line", "OpportunityLineItem", None, LINE),
    Case("a line by its total", "OpportunityLineItem", None, {**LINE, "UnitPrice": None, "TotalPrice": D(9)},
         lost=("default",)),
    Case("a line with both prices", "OpportunityLineItem", None, {**LINE, "TotalPrice": D(9)}, INTEGRITY),
    Case("a line without a price", "OpportunityLineItem", None, {**LINE, "UnitPrice": None}, MISSING),
    Case("a line without an entry", "OpportunityLineItem", None, {**LINE, "PricebookEntryId": None}, MISSING),
    Case("a line of nothing", "OpportunityLineItem", None, {**LINE, "Quantity": D(0)}, INTEGRITY),
    Case("a line from another book", "OpportunityLineItem", None, {**LINE, "PricebookEntryId": sf("01u", 5)},
         INTEGRITY),
    Case("a line with an inactive price", "OpportunityLineItem", None,
         {**LINE, "PricebookEntryId": sf("01u", 4)}, INTEGRITY),
    Case("a line of another product", "OpportunityLineItem", None, {**LINE, "Product2Id": sf("01t", 3)},
         INTEGRITY),
    Case("a quantity", "OpportunityLineItem", 2, {"Quantity": D("3.005")}, lost=("rounding",),
         holds=(D("3.01"),)),
    Case("an amount of an opportunity with lines", "Opportunity", 1, {"Amount": D(1)}, lost=("ignored",),
         holds=(D("10.00"),)),
    Case("another book for an opportunity with lines", "Opportunity", 10, {"Pricebook2Id": OTHER_BOOK},
         INTEGRITY),
]  # fmt: skip

UNREADABLE = [
    account("a number where a text belongs", {"Phone": D(5)}),
    account("a fraction of a whole number", {"NumberOfEmployees": D("1.5")}),
    account("a text in a check box", {"Active__c": "maybe"}),
]
"""Values for which Salesforce refuses the request as a whole, with all that stands in it."""


def seed() -> dict[str, list[dict[str, Any]]]:
    """Records for the cases, each its own."""
    accounts = [{"Id": sf("001", n), "Name": f"Account {n}", "Phone": "555"} for n in range(1, 90)]
    products = [{"Id": sf("01t", n), "Name": f"Product {n}", "IsActive": True} for n in range(1, 7)]
    prices = [
        {"Id": sf("01u", n), "Pricebook2Id": BOOK, "Product2Id": sf("01t", n), "UnitPrice": "5.00",
         "IsActive": n != 4}
        for n in (1, 3, 4)
    ]  # fmt: skip
    other = {"Id": sf("01u", 5), "Pricebook2Id": OTHER_BOOK, "Product2Id": sf("01t", 4)}
    won = {"StageName": "Closed Won", "CloseDate": "2026-03-02"}
    return {
        "Account": [*accounts, {"Id": sf("001", 90), "Name": "Keyed", KEY: "TAKEN"}],
        "Contact": [{"Id": sf("003", n), "LastName": f"Contact {n}"} for n in range(1, 13)],
        "Pricebook2": [
            {"Id": BOOK, "Name": "Standard", "IsStandard": True, "IsActive": True},
            {"Id": OTHER_BOOK, "Name": "Dealers", "IsStandard": False, "IsActive": True},
        ],
        "Product2": products,
        "PricebookEntry": [*prices, {**other, "UnitPrice": "4.00", "IsActive": True}],
        "Opportunity": [
            *(
                {"Id": sf("006", n), "Name": f"Sale {n}", **won}
                | ({"Amount": 1} if n > 2 and n != 10 else {})
                for n in range(1, 11)
            ),
            *(
                {"Id": sf("006", n), "Name": f"Sale {n}", "Pricebook2Id": BOOK, **won}
                for n in range(100, 200)
            ),
        ],
        "OpportunityLineItem": [
            {"Id": sf("00k", n), "OpportunityId": sf("006", of), "PricebookEntryId": sf("01u", 1),
             "Quantity": "2", "UnitPrice": "5.00"}
            for n, of in ((1, 1), (2, 10))
        ],
    }  # fmt: skip


# --- foretold, then pushed ----------------------------------------------------------------------------------


@dataclass
class Story:
    """The cases as changes, what was foretold of them, and what was foretold wrongly."""

    changes: dict[str, Change]
    told: Forecast
    wrong: dict[str, list[str]]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    with running_office(tmp_path_factory.mktemp("org"), seed()) as office:
        changes = {case.why: _change(office, number, case) for number, case in enumerate(CASES)}
        told = foretold(office, *changes.values())
        yield Story(changes, told, compared(office, told))


def _change(office: Office, number: int, case: Case) -> Change:
    prefixes = {"Account": "001", "Contact": "003", "Product2": "01t", "PricebookEntry": "01u",
                "Opportunity": "006", "OpportunityLineItem": "00k"}  # fmt: skip
    if case.id is None:
        # New lines of one opportunity stand and fall together: each case has one of its own.
        of = {"OpportunityId": sf("006", 100 + number)} if case.object == "OpportunityLineItem" else {}
        made = office.create(case.object, f"Q-{number}", **of, **case.values)
    else:
        made = office.update(case.object, sf(prefixes[case.object], case.id), **case.values)
    return replace(made, id=f"ch-{number:03d}", label=case.why)


@pytest.mark.parametrize("case", CASES, ids=[case.why for case in CASES])
def test_the_code_and_what_is_lost(story: Story, case: Case) -> None:
    change = story.told.changeset.by_id[story.changes[case.why].id]
    assert change.predicted == case.code
    assert tuple(losses(change).values()) == case.lost
    if case.holds:
        assert tuple(stored(change).values()) == case.holds
    assert bool(change.hold) == (case.code != "ok")
    if change.hold:
        assert case.code in change.hold


def test_each_case_came_to_what_was_foretold(story: Story) -> None:
    assert story.wrong == {}


# --- the same, one by one -----------------------------------------------------------------------------------


def test_a_deleted_record_is_known_to_be_gone(tmp_path: Any) -> None:
    with running_office(tmp_path, {"Account": [{"Id": GONE, "Name": "Gone"}], "Contact": []}) as office:
        contact = office.create("Contact", "Q-1", LastName="Ash", AccountId=GONE)
        office.pull()
        office.org.delete("Account", GONE)
        told = foretold(office, contact)
        assert told.predictions[contact.id].code == "ENTITY_IS_DELETED"
        assert compared(office, told) == {}


@pytest.mark.parametrize("case", UNREADABLE, ids=[case.why for case in UNREADABLE])
def test_what_would_spoil_its_whole_request_is_held(tmp_path: Any, case: Case) -> None:
    with running_office(tmp_path, seed()) as office:
        change = _change(office, 1, case)
        told = foretold(office, change)
        assert told.changeset.changes[0].predicted == "JSON_PARSER_ERROR"
        assert "JSON_PARSER_ERROR" in told.changeset.changes[0].hold
        with pytest.raises(Refused, match="JSON_PARSER_ERROR"):
            office.push(change)


def test_what_is_made_is_known_to_what_comes_after(tmp_path: Any) -> None:
    with running_office(tmp_path, {"Account": [], "Contact": []}) as office:
        first = office.create("Account", "Q-1", Name="Yew", Phone=" 1 ")
        below = office.create("Contact", "Q-2", LastName="Ash", AccountId=Answer(first.id, "Id"))
        told = foretold(office, first, below)
        made = told.predictions[first.id].record
        assert told.predictions[below.id].held["AccountId"] == made
        assert told.after.execute('SELECT "AccountId", "Name" FROM salesforce."Contact"').fetchall() == [
            (made, "Ash")
        ]
        assert told.before.execute('SELECT count(*) FROM salesforce."Contact"').fetchone() == (0,)


def test_what_waits_for_a_refused_one_is_held_too(tmp_path: Any) -> None:
    with running_office(tmp_path, {"Account": [], "Contact": []}) as office:
        first = office.create("Account", "Q-1", Name="Yew", Phone="1" * 41)
        below = office.create("Contact", "Q-2", LastName="Ash", AccountId=Answer(first.id, "Id"))
        told = foretold(office, first, below)
        parent, child = told.changeset.changes
        assert TOO_LONG in parent.hold
        assert child.hold == "waits for Yew, which cannot be written"
        assert child.predicted == ""
        assert told.after.execute('SELECT count(*) FROM salesforce."Account"').fetchone() == (0,)
