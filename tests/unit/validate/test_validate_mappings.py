"""Each part of a mapping has a check of its own, and what is wrong with it stands there with its line."""

# ruff: noqa: E501  (tables are read in columns)

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.validate.validate_world import (
    ACCOUNT,
    ACCOUNTS,
    FOLDER,
    checked,
    mapping,
    offline,
    online,
    wrong,
)
from workbench.validate import Check, Verdict, salesforce
from workbench.validate.known import Use, uses
from workbench.validate.today import no_data

E, W, U, V = Verdict.ERROR, Verdict.WARNING, Verdict.UNKNOWN, Verdict.VALID


def test_a_right_mapping_has_a_green_check_for_every_part() -> None:
    found = checked(mapping())
    assert wrong(found) == []
    assert [(each.kind, each.name) for each in found] == [
        ("mapping", "account-customer"),
        ("field", "name"), ("field", "phone"), ("field", "city"), ("field", "quickbooks_id"),
        ("match rule", "name"),
        ("filter", "where of salesforce"), ("filter", "where of quickbooks"),
        ("state", "AccountToCustomer"), ("gate", "AccountToCustomer: where"),
        ("state", "CustomerToAccount"),
    ]  # fmt: skip
    assert {each.group for each in found} == {"Mapping account-customer"}
    assert all(each.where.startswith("mappings/account-customer.yaml:") for each in found)


TO_QB = "    direction: to_quickbooks\n"
PHONE = "    salesforce: Phone\n    quickbooks: Phone\n    type: phone\n"
#  why                            right                             wrong                                      line  kind          name                        verdict  told, fix
FAULTS = [
    ("a field of Salesforce",     "salesforce: Phone",              "salesforce: Phon",                          11, "field",      "phone",                          E, "no field 'Phon'", "Closest: Phone"),
    ("a field of QuickBooks",     "quickbooks: Phone",              "quickbooks: Fone",                          11, "field",      "phone",                          E, "no field 'Fone'", "Closest: Phone"),
    ("a type that does not fit",  "quickbooks: Phone",              "quickbooks: IsActive",                       11, "field",      "phone",                          E, "is boolean", "Give the type"),
    ("a target that is kept",     "quickbooks: Phone",              "quickbooks: EditSequence",                  11, "field",      "phone",                          E, "can't be", "another direction"),
    ("an object of Salesforce",   "object: Account",                "object: Acount",                             2, "mapping",    "account-customer",               U, "known after the next pull", ""),
    ("an object of QuickBooks",   "object: Customer",               "object: Custmer",                            3, "mapping",    "account-customer",               E, "unknown object 'Custmer'", "Customer"),
    ("a label",                   "label: FullName",                "label: FulName",                             3, "mapping",    "account-customer",               E, "no field 'FulName'", "FullName"),
    ("a read of a column",        PHONE,                            PHONE + TO_QB + "    read: {salesforce: \"Siz\"}\n", 11, "field",      "phone",                          E, "no field 'Siz'", "Size__c"),
    ("a read of a wrong type",    PHONE,                            PHONE + TO_QB + "    read: {salesforce: \"concat(Phone, Size__c) > 1\"}\n", 16, "expression", "read of phone",         E, "do not go together", "number(A)"),
    ("a column of a filter",      "Type = 'Customer'",              "Typ = 'Customer'",                           2, "filter",     "where of salesforce",            E, "no field 'Typ'", "Closest: Type"),
    ("a filter of no truth",      "Sublevel = 0",                   "Sublevel + 1",                               3, "filter",     "where of quickbooks",            E, "true or false", "comparison"),
    ("a column of a gate",        "Rating = 'Hot'",                 "Ratting = 'Hot'",                            5, "gate",       "AccountToCustomer: where",       E, "no field 'Ratting'", "Closest: Rating"),
    ("nothing may be written",    "quickbooks: [add, modify]}",     "quickbooks: []}",                            5, "state",      "AccountToCustomer",              W, "neither add nor modify", "operations"),
    ("no match rule",             "match: [{rule: name, field: name, how: exact, accept: true}]", "match: []",    2, "match rule", "(none)",                         W, "never recognised", "at least one"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("right", "fault", "line", "kind", "name", "verdict", "told", "fix"),
    [case[1:] for case in FAULTS],
    ids=[case[0] for case in FAULTS],
)
def test_each_kind_of_fault_has_its_line(
    right: str, fault: str, line: int, kind: str, name: str, verdict: Verdict, told: str, fix: str
) -> None:
    assert right in ACCOUNTS
    found = checked(mapping(ACCOUNTS.replace(right, fault, 1)))
    (check,) = [each for each in found if (each.kind, each.name) == (kind, name)]
    assert check.verdict is verdict
    assert told in check.detail
    assert fix in check.fix
    assert check.where == f"mappings/account-customer.yaml:{line}"
    others = [each for each in found if each.verdict is E and each is not check]
    assert others == []


def test_all_problems_are_listed_in_one_go() -> None:
    text = ACCOUNTS.replace("salesforce: Phone", "salesforce: Phon").replace("Rating =", "Ratting =")
    assert wrong(checked(mapping(text))) == [("field", "phone", E), ("gate", "AccountToCustomer: where", E)]


def test_what_the_org_would_bend_is_a_warning() -> None:
    short = ACCOUNT | {
        "fields": [
            each | {"length": 20} if each["name"] == "BillingCity" else each for each in ACCOUNT["fields"]
        ]
    }
    assert wrong(checked(mapping(), offline({"Account": short}, []))) == [("field", "city", W)]


# --- what is not known, and what is not there -------------------------------------------------------------


def test_before_the_first_pull_nothing_of_salesforce_is_known() -> None:
    found = checked(mapping(), offline(None, None))
    assert {each.verdict for each in found} == {U, V}
    unknown = {(each.kind, each.name) for each in found if each.verdict is U}
    assert {
        ("mapping", "account-customer"),
        ("field", "phone"),
        ("gate", "AccountToCustomer: where"),
    } <= unknown


CUSTOM = ACCOUNTS + "  colour: {salesforce: Colour__c, quickbooks: Custom_Colour, direction: to_salesforce}\n"
COLOUR = {
    "OwnerID": "0",
    "DataExtName": "Colour",
    "DataExtType": "STR255TYPE",
    "AssignToObject": "Customer",
}
#  why                                    definitions  verdict  told
CUSTOMS = [
    ("known by the last pull",            [COLOUR],    V,       "Custom_Colour"),
    ("before the first pull",             None,        U,       "after the first pull"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("definitions", "verdict", "told"), [case[1:] for case in CUSTOMS], ids=[case[0] for case in CUSTOMS]
)
def test_custom_fields_of_quickbooks(definitions: list[Any] | None, verdict: Verdict, told: str) -> None:
    found = checked(mapping(CUSTOM), offline({"Account": ACCOUNT}, definitions))
    (check,) = [each for each in found if each.name == "colour"]
    assert (check.verdict, told in check.detail) == (verdict, True)


def test_a_custom_field_that_nobody_has_made() -> None:
    found = checked(mapping(CUSTOM), offline({"Account": ACCOUNT}, []))
    (check,) = [each for each in found if each.name == "colour"]
    assert check.verdict in (E, W)
    assert "no field 'Custom_Colour'" in check.detail


OFF = ACCOUNTS.replace("where: \"Rating = 'Hot'\"", "on: false").replace(
    "to: salesforce}", "to: salesforce, on: false}"
)


def test_what_is_absent_stops_nothing_while_its_states_are_off() -> None:
    absent = online({"name": "Contact", "fields": []})
    on, off = checked(mapping(), absent), checked(mapping(OFF), absent)
    assert ("mapping", "account-customer", E) in wrong(on)
    assert E not in {each.verdict for each in off}
    (told,) = [each for each in off if each.kind == "mapping"]
    assert (told.verdict, told.detail) == (W, "unknown object 'Account'")
    assert "states are off" in told.fix


def test_notes_on_a_mapping_that_is_off_are_no_warnings() -> None:
    short = ACCOUNT | {
        "fields": [
            each | {"length": 20} if each["name"] == "BillingCity" else each for each in ACCOUNT["fields"]
        ]
    }
    assert wrong(checked(mapping(OFF), offline({"Account": short}, []))) == []


# --- objects ----------------------------------------------------------------------------------------------


def objects(known: Any, text: str = ACCOUNTS) -> dict[str, Check]:
    wanted: dict[str, Use] = uses({"account-customer": mapping(text)})
    found = salesforce.objects(known, wanted)
    return {each.name: each for each in found}


#  why                              known                                                text      verdict  told
OBJECTS = [
    ("it may be read and written",  online(ACCOUNT),                                     ACCOUNTS, V,       "readable and writable"),
    ("it is not there",             online(others=("Acount",)),                          ACCOUNTS, E,       "has no Account"),
    ("not there, and not wanted",   online(others=("Acount",)),                          OFF,      W,       "has no Account"),
    ("it may not be read",          online(ACCOUNT | {"queryable": False}),              ACCOUNTS, E,       "may not read"),
    ("it may not be created",       online(ACCOUNT | {"createable": False}),             ACCOUNTS, E,       "may not create"),
    ("it may not be edited",        online(ACCOUNT | {"updateable": False}),             ACCOUNTS, E,       "may not edit"),
    ("and is only read",            online(ACCOUNT | {"updateable": False}),             OFF,      V,       "readable"),
    ("nothing was pulled",          offline(None, None),                                 ACCOUNTS, U,       "not read with a pull yet"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("known", "text", "verdict", "told"), [case[1:] for case in OBJECTS], ids=[case[0] for case in OBJECTS]
)
def test_an_object_of_salesforce(known: Any, text: str, verdict: Verdict, told: str) -> None:
    check = objects(known, text)["object Account"]
    assert (check.verdict, told in check.detail) == (verdict, True)


def test_without_data_gates_have_no_counts() -> None:
    (gate,) = [each for each in checked(mapping(), today=no_data("none")) if each.kind == "gate"]
    assert (gate.detail, gate.count) == ("Rating = 'Hot'", None)
    assert FOLDER.name == "books"


def test_what_is_valid_has_nothing_to_be_done_while_its_mapping_is_off() -> None:
    off = ACCOUNTS.replace("{to:", "{on: false, to:").replace("salesforce: Phone", "salesforce: Mobile__c")
    found = checked(mapping(off))
    assert any("Mobile__c" in check.detail for check in found)
    assert [check.name for check in found if check.verdict is Verdict.VALID and check.fix] == []
