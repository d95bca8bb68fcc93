"""What a schema plan lists, and what it says stands in the way."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.unit.schemaplan.plan_world import ORG, account, definition, labels, planned, text, told
from workbench import resources
from workbench.connections import quickbooks
from workbench.errors import ApprovalError, WorkbenchError
from workbench.mapping import load_mappings
from workbench.model import Mapping
from workbench.schemaplan import Inputs, need_same, plan, read_plan
from workbench.testorg import TestOrg
from workbench.testorg.objects import CUSTOM

ID = "qb: {salesforce: QuickBooks_Id__c, quickbooks: ListID, type: id, direction: to_salesforce}"
REGION = "region: {salesforce: Site, quickbooks: Custom_Region, type: text}"

#  why                                fields, more of the mapping                            what is listed
WANTED: list[tuple[str, tuple[str, ...], dict[str, Any], list[str]]] = [
    ("nothing custom",                (), {},                                                []),
    ("a key of QuickBooks",           (ID,), {},
     ["field Account.QuickBooks_Id__c (Text(36), unique, external id)"]),
    ("a custom field of QuickBooks",  (REGION,), {},                  ["custom field Region of Customer"]),
    ("an item's",                     (REGION,), {"quickbooks": "Item"},  ["custom field Region of Item"]),
    ("a transaction has its customer's",
     ("name2: {salesforce: Site, quickbooks: Custom_Region}",),
     {"quickbooks": "Invoice", "label": "RefNumber"},                 ["custom field Region of Customer"]),
    ("no state on",                   (ID, REGION), {"out": False, "back": False},           []),
    ("a field that no state writes",  (ID,), {"back": False},                                []),
    ("an account",                    (), {"quickbooks": "Item",
     "defaults": "quickbooks: {AccountRef_FullName: Sales}"},         ["account Sales (Income)"]),
    ("an account below another",      (), {"quickbooks": "Item",
     "defaults": 'quickbooks: {COGSAccountRef_FullName: "Cost:Goods"}'},
     ["account Cost (CostOfGoodsSold)", "account Cost:Goods (CostOfGoodsSold)"]),
    ("an account of a value map",
     ("account: {salesforce: Family, quickbooks: AccountRef_FullName, values: {A: East, B: West}}",),
     {"quickbooks": "Item"},                             ["account East (Income)", "account West (Income)"]),
    ("no account where nothing is added", (), {"quickbooks": "Item", "out": False,
     "defaults": "quickbooks: {AccountRef_FullName: Sales}"},                                []),
    ("a default of Salesforce",       (), {"defaults": "salesforce: {Generate__c: Invoice}"},
     ["field Account.Generate__c (Picklist)"]),
    ("a filter",                      (), {"salesforce_more": ', where: "Kind__c IN (\'a\', \'b\')"'},
     ["field Account.Kind__c (Picklist)"]),
    ("an object of its own",          (ID,), {"salesforce": "Receivable__c"},
     ["object Receivable__c", "field Receivable__c.QuickBooks_Id__c (Text(36), unique, external id)"]),
    ("a standard object that is not seen", (ID,), {"salesforce": "Lead"},                    []),
]  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "more", "expected"), [case[1:] for case in WANTED], ids=[case[0] for case in WANTED]
)
def test_what_is_listed(fields: tuple[str, ...], more: dict[str, Any], expected: list[str]) -> None:
    made = planned(text(*fields, **more))
    assert labels(made) == expected
    assert made.problems == ()


#  type                                    QuickBooks       what the field in Salesforce is
TYPES = [
    ("type: text",                         "Notes",         "LongTextArea(4095)"),
    ("type: text",                         "AccountNumber", "Text(99)"),
    ("type: phone",                        "Phone",         "Phone"),
    ("type: email",                        "Email",         "Email"),
    ("type: money",                        "Balance",       "Currency(16, 2)"),
    ("type: date",                         "JobStartDate",  "Date"),
    ("type: boolean",                      "IsActive",      "Checkbox"),
    ("type: text",                         "JobStatus",     "Picklist"),
    ("type: text, values: {One: Net 30}",  "TermsRef_FullName", "Picklist"),
    ("type: reference, reference: customers", "ParentRef_ListID", "Lookup to Account"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "column", "expected"), TYPES)
def test_types_of_salesforce_follow_quickbooks(words: str, column: str, expected: str) -> None:
    (item,) = planned(text(f"x: {{salesforce: X__c, quickbooks: {column}, {words}}}")).items
    assert item.label == f"field Account.X__c ({expected})"


def test_a_picklist_holds_what_is_known_in_salesforces_words() -> None:
    (item,) = planned(
        text(
            "status: {salesforce: Status__c, quickbooks: JobStatus, values: {Won: Awarded}}",
            salesforce_more=", where: \"Status__c = 'Maybe'\"",
        )
    ).items
    values = item.details["values"]
    assert ("Won" in values, values[-1], "Awarded" in values) == (True, "Maybe", False)


THERE: list[tuple[str, str, dict[str, Any]]] = [
    ("the field",      text(ID), {"org": {"Account": {"fields": [{"name": "QuickBooks_Id__c"}]}}}),
    ("the definition", text(REGION), {"definitions": [definition("Region")]}),
    ("in another case", text(REGION), {"definitions": [definition("REGION", "Vendor;Customer")]}),
    ("the account",    text(quickbooks="Item", defaults="quickbooks: {AccountRef_FullName: Sales}"),
     {"accounts": [account("sales")]}),
    ("of a type that serves", text(quickbooks="Item", defaults="quickbooks: {AccountRef_FullName: Sales}"),
     {"accounts": [account("Sales", "OtherIncome")]}),
]  # fmt: skip


@pytest.mark.parametrize(("mapping", "there"), [case[1:] for case in THERE], ids=[case[0] for case in THERE])
def test_what_is_there_is_not_wanted(mapping: str, there: dict[str, Any]) -> None:
    assert planned(mapping).items
    made = planned(mapping, **there)
    assert (made.items, made.problems) == ((), ())


LONG = "x" * 32
SALES = "quickbooks: {AccountRef_FullName: Sales}"
#  why                        mapping, what is there, the problem with both values
WRONG: list[tuple[str, str, dict[str, Any], str]] = [
    ("31 characters too long", text(f"x: {{salesforce: Site, quickbooks: Custom_{LONG}}}"), {},
     f"the name of the custom field is too long | name: {LONG}, characters: 32, QuickBooks takes: 31"),
    ("another type", text("x: {salesforce: AnnualRevenue, quickbooks: Custom_Region, type: money}"),
     {"definitions": [definition("Region")]},
     "custom field 'Region' exists with another type | in QuickBooks: STR255TYPE, wanted: money"),
    ("text from a date", text("x: {salesforce: Site, quickbooks: Custom_Region, type: phone}"),
     {"definitions": [definition("Region", type_="DATETIMETYPE")]},
     "custom field 'Region' exists with another type | in QuickBooks: DATETIMETYPE, wanted: phone"),
    ("of another list", text(REGION), {"definitions": [definition("Region", "Vendor")]},
     "custom field 'Region' exists, but not for Customer records | exists for: Vendor, wanted for: Customer"),
    ("no holder", text(REGION, quickbooks="Terms"), {},
     "Terms records have no custom fields in QuickBooks | "),
    ("no text", text("x: {salesforce: AnnualRevenue, quickbooks: Custom_Sum, type: money}"), {},
     "field 'x' is money, but custom fields of QuickBooks hold text | in QuickBooks: STR255TYPE, "
     "wanted: money"),
    ("account of another type", text(quickbooks="Item", defaults=SALES),
     {"accounts": [account("Sales", "Bank")]},
     "account 'Sales' exists with another type | in QuickBooks: Bank, AccountRef_FullName takes: "
     "CostOfGoodsSold, Expense, Income, OtherCurrentLiability, OtherExpense, OtherIncome"),
    ("inactive account", text(quickbooks="Item", defaults=SALES),
     {"accounts": [account("Sales", active=False)]},
     "account 'Sales' is inactive in QuickBooks | in QuickBooks: inactive, wanted: active"),
    ("account too long",
     text(quickbooks="Item", defaults=f'quickbooks: {{AccountRef_FullName: "A:{LONG}"}}'), {},
     f"the name of the account is too long | name: {LONG}, characters: 32, QuickBooks takes: 31"),
    ("account too deep",
     text(quickbooks="Item", defaults='quickbooks: {AccountRef_FullName: "a:b:c:d:e:f"}'), {},
     "account 'a:b:c:d:e:f' lies too deep | levels: 6, QuickBooks takes: 5"),
    ("no account", text(quickbooks="Item", defaults='quickbooks: {AccountRef_FullName: "a:"}'), {},
     "'a:' is no name of an account | "),
]  # fmt: skip


@pytest.mark.parametrize(
    ("mapping", "there", "problem"), [case[1:] for case in WRONG], ids=[case[0] for case in WRONG]
)
def test_what_stands_in_the_way(mapping: str, there: dict[str, Any], problem: str) -> None:
    made = planned(mapping, **there)
    assert told(made) == [problem]
    assert all(each.where and each.where.startswith("1.yaml:") and each.fix for each in made.problems)


def test_31_characters_and_five_levels_are_taken() -> None:
    made = planned(
        text(f"x: {{salesforce: Site, quickbooks: Custom_{LONG[1:]}}}"),
        text(name="items", quickbooks="Item", defaults='quickbooks: {AccountRef_FullName: "a:b:c:d:e"}'),
    )
    assert made.problems == ()
    assert len(made.approvable) == 6
    below = [item.after for item in made.items][:5]
    assert below == [(), *((item.id,) for item in made.items[:4])]


def test_an_account_below_one_that_is_there_has_its_type() -> None:
    mapping = text(quickbooks="Item", defaults='quickbooks: {AccountRef_FullName: "Sales:Online"}')
    (item,) = planned(mapping, accounts=[account("Sales", "OtherIncome")]).items
    assert item.details == {
        "Name": "Online", "ParentRef_FullName": "Sales", "AccountType": "OtherIncome"
    }  # fmt: skip


#  why               product                         there  held
LIMITS = [
    ("the seventh",  "QuickBooks Pro 2024",          6,     False),
    ("the eighth",   "QuickBooks Pro 2024",          7,     True),
    ("Enterprise",   "QuickBooks Enterprise Solutions", 7,  False),
    ("the thirteenth", "QuickBooks Enterprise Solutions", 12, True),
]  # fmt: skip


@pytest.mark.parametrize(
    ("product", "there", "held"), [case[1:] for case in LIMITS], ids=[case[0] for case in LIMITS]
)
def test_more_than_quickbooks_allows(product: str, there: int, held: bool) -> None:
    made = planned(
        text(REGION), definitions=[definition(f"F{number}") for number in range(there)], product=product
    )
    (item,) = made.items
    assert bool(item.hold) is held
    if held:
        assert f"{there + 1} custom fields" in item.hold
        assert f"allows {there}" in item.hold
        assert made.approvable == ()


def test_names_are_counted_together_too() -> None:
    lists = ["Vendor"] * 7 + ["Employee"] * 7
    made = planned(text(REGION), definitions=[definition(f"F{n}", to) for n, to in enumerate(lists)])
    assert made.items[0].hold == ""
    more = [*lists, "Customer"]
    made = planned(text(REGION), definitions=[definition(f"F{n}", to) for n, to in enumerate(more)])
    assert "customers, vendors and employees together would have 16" in made.items[0].hold


def test_two_mappings_that_want_one_thing_are_one_item() -> None:
    vendors = text(REGION, name="vendors", quickbooks="Vendor")
    (item,) = planned(text(REGION), vendors).items
    assert item.details["AssignToObject"] == "Customer;Vendor"
    assert [(reason.mapping, reason.where) for reason in item.reasons] == [
        ("customers", "1.yaml:13"), ("vendors", "2.yaml:13"),
    ]  # fmt: skip


def test_two_mappings_that_want_it_differently_are_told_with_both() -> None:
    as_date = text("x: {salesforce: X__c, quickbooks: JobStartDate, type: date}")
    as_money = text("x: {salesforce: X__c, quickbooks: Balance, type: money}", name="other")
    made = planned(as_date, as_money)
    assert told(made) == [
        "two mappings want field 'X__c' differently | 1.yaml:13: Date, 2.yaml:13 (other): Currency"
    ]
    assert made.approvable == ()


#  why             field                          why Salesforce takes no such name
NAMES = [
    ("as long as it may be", "a" * 40 + "__c", ""),
    ("too long",             "a" * 41 + "__c", "has 41 characters before `__c`, Salesforce takes 40"),
    ("two underscores",      "A__B__c",        "is no API name"),
    ("a digit first",        "1A__c",          "is no API name"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "hold"), [case[1:] for case in NAMES], ids=[case[0] for case in NAMES])
def test_names_that_salesforce_does_not_take(name: str, hold: str) -> None:
    (item,) = planned(text(f"x: {{salesforce: {name}, quickbooks: Notes}}")).items
    assert (hold in item.hold) if hold else item.hold == ""


REASONS: list[tuple[str, str, dict[str, Any], bool, str]] = [
    ("a link", ID, {}, True, "the link to QuickBooks stands in the crosswalk alone"),
    ("a lookup", "parent: {salesforce: Parent__c, quickbooks: ListID, type: reference, reference: customers, "
     "direction: to_salesforce}", {}, True,
     "Salesforce Account records do not refer to their customers record"),
    ("a plain field", REGION, {}, True, "'region' is neither compared nor written"),
    ("a required one", "kind: {salesforce: Kind__c, quickbooks: Notes, required: true}", {}, False,
     "records cannot be added to QuickBooks: 'kind' is required"),
    ("a filter", "x: {salesforce: Site, quickbooks: Notes}", {"salesforce_more": ', where: "On__c = \'x\'"'},
     False, "the mapping cannot choose its records, and does not run"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("field", "more", "optional", "without"),
    [case[1:] for case in REASONS],
    ids=[case[0] for case in REASONS],
)
def test_each_item_says_what_happens_without_it(
    field: str, more: dict[str, Any], optional: bool, without: str
) -> None:
    (item,) = planned(text(field, **more)).items
    assert [reason.without for reason in item.reasons] == [without]
    assert item.optional is optional
    assert item.reasons[0].states


def test_the_same_inputs_give_the_same_bytes_and_read_back() -> None:
    made = planned(text(ID, REGION))
    assert planned(text(ID, REGION)).content == made.content
    again = read_plan(made.content)
    assert (again, again.id) == (made, made.id)
    assert planned(text(ID)).id != made.id
    with pytest.raises(WorkbenchError, match="no schema plan"):
        read_plan('{"form":99}\n')


#  why                      what was shown        what is now             both values
SHOWN: list[tuple[str, str, str, str, str]] = [
    ("another item",          text(ID),             text(REGION),
     "with field Account.QuickBooks_Id__c", "with custom field Region"),
    ("one more",              text(ID),             text(ID, REGION),   "", "with custom field Region"),
    ("one less",              text(ID, REGION),     text(ID),           "with custom field Region", ""),
    ("wanted elsewhere",      text(ID),             "# a note\n" + text(ID),   "", "for other reasons"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("shown", "now", "was", "is_"), [case[1:] for case in SHOWN], ids=[case[0] for case in SHOWN]
)
def test_what_was_shown_must_be_what_is(shown: str, now: str, was: str, is_: str) -> None:
    need_same(planned(shown), planned(shown))
    with pytest.raises(ApprovalError, match="changed since it was shown") as caught:
        need_same(planned(shown), planned(now))
    values = dict(caught.value.values)
    assert str(values["shown"]).startswith(f"{planned(shown).id} {was}".rstrip())
    assert str(values["now"]).startswith(f"{planned(now).id} {is_}".rstrip())


def test_an_item_is_known_by_what_it_would_be_not_by_who_wants_it() -> None:
    first, moved = planned(text(REGION)), planned(text(ID, REGION))
    assert first.items[0].id in {item.id for item in moved.items}
    item = first.items[0]
    assert replace(item, details={**item.details, "DataExtType": "INTTYPE"}).id != item.id


def test_nothing_is_wanted_where_all_is_there_in_the_shipped_mappings() -> None:
    mappings = load_mappings(resources.mappings())
    inputs = Inputs(
        profile="x", mappings=mappings, salesforce=ORG, quickbooks=quickbooks.describes()
    )  # fmt: skip
    made = plan(inputs)
    assert made.problems == ()
    names = {(item.object, item.name) for item in made.items if item.kind == "field"}
    org = {
        object_: {"fields": [{"name": name} for where, name in names if where == object_]}
        for object_ in {*ORG, *(where for where, _ in names)}
    }
    accounts = [
        account(item.name, item.details["AccountType"]) for item in made.items if item.kind == "account"
    ]
    assert plan(replace(inputs, salesforce=org, accounts=accounts)).items == ()


def switched_on(mapping: Mapping) -> Mapping:
    states = tuple(replace(state, on=True) for state in mapping.states)
    lines = replace(mapping.lines, states=states) if mapping.lines else None
    return replace(mapping, states=states, lines=lines)


def test_all_shipped_states_agree_on_what_an_empty_org_needs() -> None:
    mappings = {name: switched_on(each) for name, each in load_mappings(resources.mappings()).items()}
    made = plan(
        Inputs(profile="x", mappings=mappings, salesforce=ORG, quickbooks=quickbooks.describes())
    )  # fmt: skip
    assert (made.problems, [item.label for item in made.items if item.hold]) == ((), [])
    with TestOrg.open(None, extra_objects=CUSTOM) as org:  # which has all that the templates want
        for item in made.items:
            if item.kind == "field":
                assert item.name in {field.name for field in org.declared(item.object).fields}, item.label
    receivable = next(item for item in made.items if item.kind == "object")
    assert receivable.name == "Receivable__c"
    fields = [item for item in made.items if item.object == "Receivable__c" and item.kind == "field"]
    assert len(fields) > 5
    assert all(receivable.id in item.after for item in fields)


def test_where_names_the_file_not_the_folder() -> None:
    (item,) = planned(text(ID)).items
    assert item.reasons[0].where == f"{Path('1.yaml')}:13"
