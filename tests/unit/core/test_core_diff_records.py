"""Records on one side only: new, missing, outside the filter, decided, held for a person."""

from dataclasses import replace
from typing import Any

import pytest
from core_world import World, differences, read, tabled

from workbench.diff import compute, summary
from workbench.errors import DiffError
from workbench.matching import match

ACCOUNTS = """\
mapping: accounts
salesforce: {object: Account, label: Name, where: "Type IS DISTINCT FROM 'Vendor'"}
quickbooks: {object: Customer, label: Name, where: "Sublevel = 0"}
states: {AccountToCustomer: {to: quickbooks}, CustomerToAccount: {to: salesforce}}
operations: {salesforce: [add, modify], quickbooks: [add, modify]}
winner: quickbooks
match:
  - {rule: name, field: name, how: exact, accept: true}
  - {rule: phone, field: phone, how: exact, accept: false}
fields:
  name: {salesforce: Name, quickbooks: Name, type: name, winner: salesforce}
  phone: {salesforce: Phone, quickbooks: Phone, type: phone}
"""


def world(salesforce: str = "", quickbooks: str = "") -> World:
    return (
        World()
        .table("salesforce.Account", "Id | Name | Phone | Type | LastModifiedDate:ts\n" + salesforce)
        .table("quickbooks.Customer", "ListID | Name | Phone | Sublevel:N | EditSequence\n" + quickbooks)
    )


ALONE = "1 - only_salesforce new"
OFF = {"AccountToCustomer": False}

STATE = "{to: quickbooks}"

#  why, closed, states, replaced in the mapping, what comes of an account without a customer
NEW = [
    ("matching not closed", False, None, None, "undecided"),
    ("matching closed", True, None, None, "create_quickbooks"),
    ("its state is off", True, OFF, None, "off"),
    ("off comes before closing", False, OFF, None, "off"),
    ("the other state does not matter", True, {"CustomerToAccount": False}, None, "create_quickbooks"),
    ("may not add", True, None, ("quickbooks: [add, modify]", "quickbooks: [modify]"), "undecided"),
    ("condition", True, None, (STATE, "{to: quickbooks, where: \"Type = 'x'\"}"), "off"),
    ("fits", True, None, (STATE, "{to: quickbooks, where: 'Type IS NULL'}"), "create_quickbooks"),
]  # fmt: skip


@tabled("closed states replaced expected", NEW)
def test_a_record_without_counterpart(
    closed: bool, states: dict[str, bool] | None, replaced: tuple[str, str] | None, expected: str
) -> None:
    given = world("1 | Ann | 555")
    if closed:
        given.close("accounts")
    compute(given.connection, read(ACCOUNTS.replace(*replaced) if replaced else ACCOUNTS), states=states)
    assert differences(given) == [f"{ALONE} {expected}"]


#  why                        decision                                 what comes of it
DECIDED = [
    ("create", {"decision": "create"}, "create_quickbooks decision"),
    ("ignore", {"decision": "ignore"}, "ignore decision"),
    ("accept", {"decision": "accept"}, "accept decision"),
    ("refuse", {"decision": "refuse"}, "refuse decision"),
    ("of another record", {"decision": "ignore", "salesforce": "2"}, "create_quickbooks state"),
    ("of a pair", {"decision": "ignore", "quickbooks": "A"}, "create_quickbooks state"),
    ("of a field", {"decision": "ignore", "field": "name"}, "create_quickbooks state"),
    ("not for a new record", {"decision": "take_salesforce"}, "undecided -"),
    ("pinned to a record that has changed", {"decision": "ignore", "pinned": True, "seen": ("old", None)},
     "create_quickbooks state"),
]  # fmt: skip


@tabled("decision expected", DECIDED)
def test_decisions_about_a_new_record(decision: dict[str, Any], expected: str) -> None:
    given = world("1 | Ann | 555").close("accounts").decide("accounts", **{"salesforce": "1", **decision})
    compute(given.connection, read(ACCOUNTS))
    assert differences(given, "resolution, resolved_by") == [expected]


def test_a_pinned_decision_holds_while_the_record_is_as_it_was() -> None:
    given = world("1 | Ann | 555").close("accounts")
    compute(given.connection, read(ACCOUNTS))
    [digest] = [row[0] for row in given.query("SELECT salesforce_value FROM work.differences")]
    given.decide("accounts", "ignore", "1", pinned=True, seen=(digest, None))
    compute(given.connection, read(ACCOUNTS))
    assert differences(given, "resolution") == ["ignore"]
    given.connection.execute("UPDATE salesforce.Account SET Phone = '556'")
    compute(given.connection, read(ACCOUNTS))
    assert differences(given, "resolution") == ["create_quickbooks"]


def test_a_create_needs_the_first_matching_closed_even_when_a_person_wants_it() -> None:
    given = world("1 | Ann").decide("accounts", "create", "1")
    compute(given.connection, read(ACCOUNTS))
    assert differences(given, "resolution, reason") == [
        "undecided not in QuickBooks; the first matching of this mapping is not closed"
    ]


def test_what_may_be_there_already_is_not_created_until_a_person_says_so() -> None:
    given = world("1 | Ann | 5551234567", "A | Bea | 555 123 4567 | 0").close("accounts")
    mapping = read(ACCOUNTS)
    match(given.connection, mapping)
    compute(given.connection, mapping)
    assert differences(given, "kind, resolution, reason") == [
        "only_quickbooks undecided may be the same as Salesforce Ann: a match waits for review",
        "only_salesforce undecided may be the same as QuickBooks Bea: a match waits for review",
    ]
    given.decide("accounts", "not_a_match", "1", "A")
    match(given.connection, mapping)
    compute(given.connection, mapping)
    assert differences(given, "resolution") == ["create_quickbooks", "create_salesforce"]


def test_what_was_called_no_match_of_a_partner_is_not_made_by_itself() -> None:
    given = world("1 | Ann | - | - | -", "A | Bea | - | 0 | 1").close("accounts")
    parted = "SELECT 'accounts' AS mapping, '1' AS salesforce_id, 'A' AS quickbooks_id"
    given.connection.execute(f"CREATE TABLE kept.parted AS {parted}")
    compute(given.connection, read(ACCOUNTS))
    until = "until a person said that they are no match: whether it is to be made is for a person"
    assert differences(given, "kind, resolution, reason") == [
        f"only_quickbooks undecided not in Salesforce; it was linked to Ann, {until}",
        f"only_salesforce undecided not in QuickBooks; it was linked to Bea, {until}",
    ]
    given.decide("accounts", "create", "1")
    compute(given.connection, read(ACCOUNTS))
    assert differences(given, "kind, resolution") == [
        "only_quickbooks undecided",
        "only_salesforce create_quickbooks",
    ]


def test_a_create_decided_by_a_person_does_not_wait_for_a_review() -> None:
    given = world("1 | Ann | 5551234567", "A | Bea | 555 123 4567 | 0").close("accounts")
    match(given.connection, read(ACCOUNTS))
    given.decide("accounts", "create", "1")
    compute(given.connection, read(ACCOUNTS))
    assert differences(given, "kind, resolution") == [
        "only_quickbooks undecided",
        "only_salesforce create_quickbooks",
    ]


def test_records_outside_the_filter_are_not_the_mappings_business() -> None:
    given = world("1 | Ann | - | Vendor", "A | Bea | - | 1").close("accounts")
    compute(given.connection, read(ACCOUNTS))
    assert differences(given) == []


#  why                                   Salesforce                QuickBooks           rows
PAIRED = [
    ("both there", "1 | Ann", "A | Ann | - | 0", []),
    ("partner missing", "1 | Ann", "", ["1 A only_salesforce missing undecided"]),
    ("partner missing on the other side", "", "A | Ann | - | 0", ["1 A only_quickbooks missing undecided"]),
    ("both missing", "", "", []),
    ("partner outside the filter", "1 | Ann", "A | Ann | - | 1", ["1 A only_salesforce outside undecided"]),
    (
        "other partner outside",
        "1 | Ann | - | Vendor",
        "A | Ann | - | 0",
        ["1 A only_quickbooks outside undecided"],
    ),
    ("both outside", "1 | Ann | - | Vendor", "A | Bea | - | 1", []),
    ("one outside, one missing", "1 | Ann | - | Vendor", "", []),
]


@tabled("salesforce quickbooks expected", PAIRED)
def test_linked_records(salesforce: str, quickbooks: str, expected: list[str]) -> None:
    given = world(salesforce, quickbooks).pair("accounts", ("p", "1", "A")).close("accounts")
    compute(given.connection, read(ACCOUNTS))
    assert differences(given) == expected


def test_a_missing_partner_is_never_created_again_and_a_person_can_settle_it() -> None:
    given = world("1 | Ann").pair("accounts", ("p", "1", "A")).close("accounts")
    given.decide("accounts", "create", "1", "A")
    compute(given.connection, read(ACCOUNTS))
    assert differences(given, "pair, resolution, reason") == [
        "p undecided its partner in QuickBooks is missing; absence is not deletion; "
        "decision create can not be carried out"
    ]
    given.decide("accounts", "accept", "1", "A", at="2026-04-01 00:00:00+00")
    compute(given.connection, read(ACCOUNTS))
    assert differences(given, "resolution, resolved_by, reason") == ["accept decision maria: because"]


def test_a_deleted_salesforce_record_is_missing() -> None:
    given = world(quickbooks="A | Ann | - | 0").pair("accounts", ("p", "1", "A"))
    given.table("salesforce.Account", "Id | Name | Phone | Type | IsDeleted:B\n1 | Ann | - | - | true")
    compute(given.connection, read(ACCOUNTS))
    assert differences(given) == ["1 A only_quickbooks missing undecided"]


def test_nothing_is_asked_of_a_mapping_that_is_switched_off() -> None:
    given = world("1 | Ann\n2 | Bea\n3 | Cy", "B | Bee | - | 0\nZ | Zoe | - | 0")
    given.pair("accounts", ("p1", "1", "A"), ("p2", "2", "B")).close("accounts")
    compute(given.connection, read(ACCOUNTS), states={"AccountToCustomer": False, "CustomerToAccount": False})
    assert summary(given.connection).remaining == 0
    assert set(differences(given, "resolution")) == {"off"}


def test_a_record_in_two_pairs_and_half_a_pair_are_refused() -> None:
    given = world("1 | Ann", "A | Ann | - | 0").pair("accounts", ("p1", "1", "A"), ("p2", "1", "B"))
    with pytest.raises(DiffError, match=r"Salesforce records are in more than one pair.*\n  1  in 2 pairs"):
        compute(given.connection, read(ACCOUNTS))
    given = world("1 | Ann", "A | Ann | - | 0").pair("accounts", ("p1", "1", None))  # type: ignore[arg-type]
    with pytest.raises(DiffError, match="half a pair"):
        compute(given.connection, read(ACCOUNTS))


def test_a_diff_again_replaces_its_own_rows_only() -> None:
    given = world("1 | Ann")
    compute(given.connection, read(ACCOUNTS))
    others = replace(read(ACCOUNTS), name="others")
    compute(given.connection, others)
    compute(given.connection, read(ACCOUNTS))
    assert differences(given, "mapping, resolution") == ["accounts undecided", "others undecided"]


def test_versions_and_times_come_along() -> None:
    given = world("1 | Ann | - | - | 2026-01-01 00:00:00", "A | Bea | - | 0 | 17").pair(
        "accounts", ("p", "1", "A")
    )
    compute(given.connection, read(ACCOUNTS))
    columns = "label, salesforce_modified, quickbooks_modified, quickbooks_version"
    assert differences(given, columns) == ["Ann 2026-01-01 00:00:00 - 17"]
