"""What today's data would do: each reason for a refusal is counted, with the record and what would fit."""

# ruff: noqa: E501  (tables are read in columns)

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.unit.core.core_world import World
from tests.unit.validate.validate_world import ACCOUNT, ACCOUNTS, mapping, offline, text_field
from workbench.model import Side
from workbench.validate import Check, Verdict, data
from workbench.validate.today import Today, no_data, prepared

ONE_WAY = ACCOUNTS.replace(", where: \"Rating = 'Hot'\"", "").replace(
    "  CustomerToAccount: {to: salesforce}\n", ""
)
ONE_WAY = ONE_WAY.replace("match: [{rule: name, field: name, how: exact, accept: true}]",
                          "match: [{rule: id, field: quickbooks_id, how: exact, accept: true}]").replace(
                          "phone:\n", "phone:\n    direction: to_quickbooks\n")  # fmt: skip
SF_COLUMNS = "Id | Name | Phone | Type | Rating | BillingCity | QuickBooks_Id__c | SystemModstamp:ts"
QB_COLUMNS = "ListID | Name | FullName | Sublevel:N | Phone | BillAddress_City | EditSequence | TimeModified:ts | IsActive:B"
LISTS = ("Vendor", "Employee", "OtherName")


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    made.table("salesforce.Account", SF_COLUMNS)
    made.table("quickbooks.Customer", QB_COLUMNS)
    for name in LISTS:
        made.table(f"quickbooks.{name}", "ListID | Name | IsActive:B")
    yield made
    made.connection.close()


def accounts(world: World, *rows: str) -> None:
    """Accounts as `id | name | phone | city`; all are customers."""
    made = []
    for row in rows:
        id_, name, phone, city = [*map(str.strip, row.split("|")), "-", "-"][:4]
        made.append(f"{id_} | {name} | {phone} | Customer | - | {city}")
    world.table("salesforce.Account", "\n".join([SF_COLUMNS, *made]))


def customers(world: World, *rows: str) -> None:
    """Customers as `id | name | phone | city`."""
    made = []
    for row in rows:
        id_, name, phone, city = [*map(str.strip, row.split("|")), "-", "-"][:4]
        made.append(f"{id_} | {name} | {name} | 0 | {phone} | {city} | 1 | - | true")
    world.table("quickbooks.Customer", "\n".join([QB_COLUMNS, *made]))


def linked(world: World, *pairs: str) -> None:
    for pair in pairs:
        left, right = pair.split("=")
        world.connection.execute(
            "INSERT INTO kept.crosswalk VALUES ('account-customer', ?, ?, ?)", [pair, left, right]
        )


def found(world: World, text: str = ONE_WAY, *, examples: int = 5) -> list[Check]:
    made = mapping(text)
    today = prepared(world.connection, [made])
    return list(data.checks(today, [made], offline({"Account": ACCOUNT}, []), examples=examples))


def told(checks: list[Check]) -> list[tuple[str, int | None, str]]:
    """(name, count, kind) of the warnings."""
    return [
        (each.name, each.count, each.detail.rpartition(": ")[2].partition(";")[0])
        for each in checks
        if each.verdict is Verdict.WARNING
    ]


LONG = "Consolidated Northern Lakes Timber & Yard"
assert len(LONG) == 41
#  why                                     account                              count, kind
NEW = [
    ("it fits",                            LONG,                                []),
    ("one character too many",             LONG + "s",                          [("account-customer: name", 1, "too long")]),
    ("a colon",                            "Cedar: Salem",                      [("account-customer: name", 1, "does not fit")]),
    ("accents of one character",           "Café Zoë",                          []),
    ("accents of two characters",          "Cafe\u0301",                        []),
    ("outside CP1252",                     "Dvořák",                            [("account-customer: name", 1, "outside CP1252")]),
    ("no name",                            "-",                                 [("account-customer: name", 1, "required value missing")]),
    ("a name of white space",              "\u00a0",                            [("account-customer: name", 1, "required value missing")]),
    ("a vendor's name",                    "IRONBRIDGE freight",                [("account-customer: name", 1, "duplicate name")]),
    ("an inactive employee's",             "eva straße",                        [("account-customer: name", 1, "duplicate name")]),
    ("another name's, folded",             "EVA STRASSE",                       [("account-customer: name", 1, "duplicate name")]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "expected"), [case[1:] for case in NEW], ids=[case[0] for case in NEW])
def test_a_name_that_is_new_to_quickbooks(name: str, expected: list[Any], world: World) -> None:
    world.table("quickbooks.Vendor", "ListID | Name | IsActive:B\nV1 | Ironbridge Freight | true")
    world.table("quickbooks.Employee", "ListID | Name | IsActive:B\nE1 | Eva Straße | false")
    accounts(world, f"001 | {name.replace('|', '')}")
    assert told(found(world)) == expected


def test_an_example_says_what_would_fit(world: World) -> None:
    accounts(world, f"001 | {LONG}s", "002 | Dvořák Piano")
    checks = found(world)
    (long,) = [each for each in checks if "too long" in each.detail]
    assert long.detail == "1 Account record to QuickBooks: too long"
    (example,) = long.examples
    assert (example.record, example.label) == ("001", LONG + "s")
    assert example.told == f"Name has 42 characters, the field holds 41; would fit: {LONG}"
    (outside,) = [each for each in checks if "CP1252" in each.detail]
    assert outside.examples[0].told.endswith("would fit: Dvorák Piano")


def test_counts_are_whole_and_examples_are_few(world: World) -> None:
    accounts(
        world,
        *(f"{number:03} | {LONG}s" for number in range(30)),
        *(f"1{number:02} | {LONG}{number}" for number in range(10, 30)),
    )
    (long,) = [each for each in found(world, examples=3) if "too long" in each.detail]
    assert (long.count, len(long.examples)) == (50, 3)


def test_two_new_records_of_one_name(world: World) -> None:
    accounts(world, "001 | Twin", "002 | TWIN", "003 | Only")
    assert told(found(world)) == [("account-customer: name", 2, "duplicate name")]


def test_a_customer_of_another_account_has_the_name(world: World) -> None:
    accounts(world, "001 | Cedar", "002 | Cedar")
    customers(world, "C1 | Cedar")
    linked(world, "001=C1")
    assert told(found(world)) == [("account-customer: name", 1, "duplicate name")]


def test_what_the_rules_would_match_is_not_new(world: World) -> None:
    by_name = ONE_WAY.replace("rule: id, field: quickbooks_id", "rule: name, field: name")
    accounts(world, "001 | Cedar")
    customers(world, "C1 | Cedar")
    checks = found(world, by_name)
    assert told(checks) == []
    assert [each.detail for each in checks] == ["no new Account record; what would be written fits"]


#  why                                     changed in the mapping                                    phone here, there   found
CHANGED = [
    ("it differs and wins",                ("type: phone", "type: phone\n    winner: salesforce"),     "x" * 22, "-",      1),
    ("it is the same",                     ("type: phone", "type: phone\n    winner: salesforce"),     "x" * 22, "x" * 22, 0),
    ("the other side wins",                ("direction: to_quickbooks", "winner: quickbooks"),         "x" * 22, "-",      0),
    ("a person decides",                   ("type: phone", "type: phone\n    winner: manual"),         "x" * 22, "-",      1),
    ("only what is empty is filled",       ("type: phone", "type: phone\n    winner: fill_empty_only"), "x" * 22, "555",   0),
    ("and it is empty",                    ("type: phone", "type: phone\n    winner: fill_empty_only"), "x" * 22, "-",     1),
    ("it may not be modified",             ("quickbooks: [add, modify]", "quickbooks: [add]"),         "x" * 22, "-",      0),
    ("it is cleared",                      ("type: phone", "type: phone\n    winner: salesforce"),     "-",      "555",    0),
    ("it fits",                            ("type: phone", "type: phone\n    winner: salesforce"),     "x" * 21, "-",      0),
]  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "here", "there", "count"), [case[1:] for case in CHANGED], ids=[case[0] for case in CHANGED]
)
def test_a_field_of_a_linked_record(
    changed: tuple[str, str], here: str, there: str, count: int, world: World
) -> None:
    accounts(world, f"001 | Cedar | {here}")
    customers(world, f"C1 | Cedar | {there}")
    linked(world, "001=C1")
    text = ONE_WAY.replace("  CustomerToAccount", "").replace(*changed, 1)
    if changed[1] == "winner: quickbooks":
        text = text.replace(
            "AccountToCustomer: {to: quickbooks}",
            "AccountToCustomer: {to: quickbooks}\n  CustomerToAccount: {to: salesforce}",
        )
    assert len(told([each for each in found(world, text) if "phone" in each.name])) == count


def test_only_records_that_a_state_takes_are_looked_at(world: World) -> None:
    hot = ONE_WAY.replace(
        "AccountToCustomer: {to: quickbooks}",
        "AccountToCustomer: {to: quickbooks, where: \"Rating = 'Hot'\"}",
    )
    accounts(world, f"001 | {LONG}s")
    assert told(found(world, hot)) == []
    off = ONE_WAY.replace("{to: quickbooks}", "{to: quickbooks, on: false}")
    assert found(world, off) == []


#  why                                     decision   pinned to        found
DECIDED = [
    ("a person refuses it",                "refuse",  None,            []),
    ("a person ignores it",                "ignore",  None,            []),
    ("a person wants it created",          "create",  None,            [("account-customer: name", 1, "too long")]),
    ("the record has changed since",       "refuse",  "another state", [("account-customer: name", 1, "too long")]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("decision", "seen", "expected"), [case[1:] for case in DECIDED], ids=[case[0] for case in DECIDED]
)
def test_what_a_person_has_decided_is_not_told_again(
    decision: str, seen: str | None, expected: list[Any], world: World
) -> None:
    accounts(world, f"001 | {LONG}s")
    world.connection.execute(
        "INSERT INTO kept.decisions (mapping, salesforce_id, decision, pinned, salesforce_seen) "
        "VALUES ('account-customer', '001', ?, ?, ?)",
        [decision, seen is not None, seen],
    )
    assert told(found(world)) == expected


#  why                                     decision             pinned to        found
KEPT = [
    ("nobody has decided",                 None,                None,            1),
    ("a person refuses it",                "refuse",            None,            0),
    ("a person keeps QuickBooks' value",   "take_quickbooks",   None,            0),
    ("a person takes Salesforce's value",  "take_salesforce",   None,            1),
    ("as both were",                       "refuse",            ("x" * 22, "555"), 0),
    ("one of them has changed since",      "refuse",            ("x" * 22, "556"), 1),
]  # fmt: skip


@pytest.mark.parametrize(
    ("decision", "seen", "count"), [case[1:] for case in KEPT], ids=[case[0] for case in KEPT]
)
def test_a_field_that_a_person_has_decided(
    decision: str | None, seen: tuple[str, str] | None, count: int, world: World
) -> None:
    accounts(world, f"001 | Cedar | {'x' * 22}")
    customers(world, "C1 | Cedar | 555")
    linked(world, "001=C1")
    if decision:
        world.connection.execute(
            "INSERT INTO kept.decisions (mapping, salesforce_id, quickbooks_id, field, decision, pinned, salesforce_seen, quickbooks_seen) "
            "VALUES ('account-customer', '001', 'C1', 'phone', ?, ?, ?, ?)",
            [decision, seen is not None, *(seen or (None, None))],
        )
    text = ONE_WAY.replace("type: phone", "type: phone\n    winner: salesforce")
    assert len(told(found(world, text))) == count


# --- expressions, references, lines -----------------------------------------------------------------------

WRITTEN = ONE_WAY.replace("  city: {salesforce: BillingCity, quickbooks: BillAddress_City, winner: salesforce}",
    "  city: {salesforce: BillingCity, quickbooks: BillAddress_City, direction: to_quickbooks, write: {quickbooks: \"EXPRESSION\"}}")  # fmt: skip
#  why                                     expression                            city        found
EXPRESSIONS = [
    ("what is written is too long",        "concat(BillingCity, BillingCity)",   "x" * 16,   [("account-customer: city", 1, "too long")]),
    ("and is not",                         "concat(BillingCity, BillingCity)",   "x" * 15,   []),
    ("though the column is",               "substr(BillingCity, 1, 31)",         "x" * 40,   []),
    ("it writes what CP1252 has not",      "concat(BillingCity, 'ř')",           "Brno",     [("account-customer: city", 1, "outside CP1252")]),
    ("it fails on the record",             "cast(cast(BillingCity AS integer) AS varchar)", "Brno", [("account-customer: city (BillAddress_City)", 1, "the expression of Salesforce's side fails on 1 record")]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("expression", "city", "expected"),
    [case[1:] for case in EXPRESSIONS],
    ids=[case[0] for case in EXPRESSIONS],
)
def test_what_an_expression_writes(expression: str, city: str, expected: list[Any], world: World) -> None:
    accounts(world, f"001 | Cedar | - | {city}")
    assert told(found(world, WRITTEN.replace("EXPRESSION", expression))) == expected


INVOICES = """\
mapping: opportunity-invoice
salesforce: {object: Opportunity, label: Name}
quickbooks: {object: Invoice, label: RefNumber}
states: {OpportunityToInvoice: {to: quickbooks}}
operations: {salesforce: [add, modify], quickbooks: [add]}
match: [{rule: number, field: number, how: exact, accept: true}]
fields:
  account: {salesforce: AccountId, quickbooks: CustomerRef_ListID, type: reference, reference: account-customer, required: true, direction: to_quickbooks}
  number: {salesforce: Number__c, quickbooks: RefNumber, direction: to_quickbooks}
lines:
  salesforce: {object: OpportunityLineItem, parent: OpportunityId, label: Description}
  quickbooks: {object: InvoiceLine, parent: TxnID, order: SeqNo, label: Desc}
  match: [{rule: position, how: position, accept: true}]
  fields:
    quantity: {salesforce: Quantity, quickbooks: Quantity, type: quantity, required: true, direction: to_quickbooks}
"""
OPPORTUNITY = {
    "name": "Opportunity",
    "fields": [text_field("Id"), text_field("Name"), text_field("AccountId"), text_field("Number__c", 40)],
}
LINE = {
    "name": "OpportunityLineItem",
    "fields": [
        text_field("Id"),
        text_field("OpportunityId"),
        text_field("Description"),
        text_field("Quantity", 0, type="double", precision=18, scale=5),
    ],
}


@pytest.mark.parametrize(
    ("account", "lines", "expected"),
    [
        ("001", "1", []),
        ("002", "1", [("opportunity-invoice: account", 1, "missing reference")]),
        ("-", "1", [("opportunity-invoice: account", 1, "required value missing")]),
        ("001", "", [("opportunity-invoice: lines", 1, "no line")]),
        ("001", "-", [("opportunity-invoice.lines: quantity", 1, "required value missing")]),
    ],
    ids=[
        "of an account that would be created",
        "of an account outside the filter",
        "of none",
        "without a line",
        "of a line without a quantity",
    ],
)
def test_an_invoice_that_is_new(account: str, lines: str, expected: list[Any], world: World) -> None:
    accounts(world, "001 | Cedar")
    world.connection.execute(
        "INSERT INTO salesforce.\"Account\" (Id, Name, Type) VALUES ('002', 'Vine', 'Vendor')"
    )
    world.table(
        "salesforce.Opportunity",
        f"Id | Name | AccountId | Number__c | SystemModstamp:ts\n006 | Deal | {account}",
    )
    row = f"00k | 006 | planks | {lines}" if lines else ""
    world.table(
        "salesforce.OpportunityLineItem",
        f"Id | OpportunityId | Description | Quantity:P | SystemModstamp:ts\n{row}",
    )
    world.table(
        "quickbooks.Invoice", "TxnID | CustomerRef_ListID | RefNumber | EditSequence | TimeModified:ts"
    )
    world.table("quickbooks.InvoiceLine", "TxnLineID | TxnID | SeqNo:N | Desc | Quantity:P")
    both = [mapping(ONE_WAY), mapping(INVOICES, "opportunity-invoice.yaml")]
    known = offline({"Account": ACCOUNT, "Opportunity": OPPORTUNITY, "OpportunityLineItem": LINE}, [])
    assert told(list(data.checks(prepared(world.connection, both), both, known, examples=5))) == expected


# --- the snapshots themselves -----------------------------------------------------------------------------


def test_without_snapshots_nothing_is_known() -> None:
    (check,) = data.checks(no_data("there is no snapshot yet"), [mapping()], offline(None, None), examples=5)
    assert (check.verdict, check.detail) == (Verdict.UNKNOWN, "there is no snapshot yet")


def test_a_snapshot_that_cannot_be_compared_is_an_error(world: World) -> None:
    world.table("salesforce.Account", "Id | Name | SystemModstamp:ts")
    (check,) = found(world)
    assert (check.verdict, "has no column" in check.detail) == (Verdict.ERROR, True)


def test_gates_are_counted_on_the_records_of_the_mapping(world: World) -> None:
    accounts(world, "001 | Cedar", "002 | Birch", "003 | Oak")
    world.connection.execute("UPDATE salesforce.\"Account\" SET Rating = 'Hot' WHERE Id <> '003'")
    world.connection.execute("UPDATE salesforce.\"Account\" SET Type = 'Vendor' WHERE Id = '002'")
    made = mapping()
    today: Today = prepared(world.connection, [made])
    gate = today.gate(made, made.states[0])
    assert gate is not None
    assert (gate.taken, gate.records) == (1, 2)
    assert today.in_both(made, made, Side.SALESFORCE) == 2
