"""Recognising the same record on both sides, told as tables of records and the candidates they give."""

import dataclasses
import random

from core_world import World, examples, read, tabled
from hypothesis import given
from hypothesis import strategies as st

from workbench.matching import match
from workbench.matching.rules import CROWD
from workbench.model import MatchStatus

ACCOUNTS = read("""\
mapping: accounts
salesforce: {object: Account, label: Name, where: "Type IS DISTINCT FROM 'Vendor'"}
quickbooks: {object: Customer, label: Name}
states: {}
operations: {}
match:
  - {rule: id, field: qb, how: exact, accept: true}
  - {rule: name, field: name, how: exact, accept: true}
  - {rule: alike, field: name, how: normalised, accept: true}
  - {rule: phone, field: phone, how: exact, accept: false}
fields:
  name: {salesforce: Name, quickbooks: Name, type: name}
  phone: {salesforce: Phone, quickbooks: Phone, type: phone}
  qb: {salesforce: QuickBooks_Id__c, quickbooks: ListID, type: id, direction: to_salesforce}
""")


def world(salesforce: str, quickbooks: str) -> World:
    return (
        World()
        .table("salesforce.Account", "Id | Name | Phone | QuickBooks_Id__c | Type\n" + salesforce)
        .table("quickbooks.Customer", "ListID | Name | Phone\n" + quickbooks)
    )


def candidates(given_world: World) -> list[str]:
    rows = given_world.query(
        "SELECT salesforce_id, quickbooks_id, rule, status FROM work.candidates ORDER BY ALL"
    )
    return [" ".join(row) for row in rows]


#  why                       Salesforce                              QuickBooks                   candidates
CASES = [
    ("nothing", "", "", []),
    ("one side empty", "1 | Ann", "", []),
    ("same name", "1 | Ann", "A | Ann", ["1 A name accepted"]),
    ("name with white space", "1 | Ann  Lee", "A | Ann Lee", ["1 A name accepted"]),
    ("the id comes first", "1 | Ann | - | B", "A | Ann\nB | Bob", ["1 B id accepted"]),
    ("an id that is gone", "1 | Ann | - | Z", "A | Ann", ["1 A name accepted"]),
    ("alike", "1 | Ann Inc.", "A | ANN", ["1 A alike accepted"]),
    ("exact before alike", "1 | Ann\n2 | Ann Inc", "A | Ann", ["1 A name accepted"]),
    ("phone only proposes", "1 | Ann | 555 123 4567", "A | Bea | (555) 123-4567", ["1 A phone review"]),
    ("empty is no key", "1 | - | - | ''", "A | - | ''", []),
    ("a vendor is no customer", "1 | Ann | - | - | Vendor", "A | Ann", []),
    ("twice on one side", "1 | Ann\n2 | Ann", "A | Ann",
     ["1 A name ambiguous", "2 A name ambiguous"]),
    ("twice on both sides", "1 | Ann\n2 | Ann", "A | Ann\nB | Ann",
     ["1 A name ambiguous", "1 B name ambiguous", "2 A name ambiguous", "2 B name ambiguous"]),
    ("the id tells them apart", "1 | Ann | - | A\n2 | Ann", "A | Ann\nB | Ann",
     ["1 A id accepted", "2 B name accepted"]),
    ("alike twice", "1 | Ann Inc", "A | Ann LLC\nB | Ann Ltd",
     ["1 A alike ambiguous", "1 B alike ambiguous"]),
    ("ambiguous once is not accepted later", "1 | Ann\n2 | Ann", "A | Ann\nB | ann",
     ["1 A name ambiguous", "1 B alike ambiguous", "2 A name ambiguous", "2 B alike ambiguous"]),
    ("phone proposes among namesakes", "1 | Ann | 5551234567\n2 | Ann",
     "A | Ann | 5551234567", ["1 A phone review", "2 A name ambiguous"]),
    ("a proposal is moot once accepted", "1 | Ann | 5551234567", "A | Bea | 5551234567\nB | Ann",
     ["1 B name accepted"]),
]  # fmt: skip


@tabled("salesforce quickbooks expected", CASES)
def test_candidates(salesforce: str, quickbooks: str, expected: list[str]) -> None:
    given_world = world(salesforce, quickbooks)
    match(given_world.connection, ACCOUNTS)
    assert candidates(given_world) == expected


TWO = ("1 | Ann\n2 | Ann", "A | Ann\nB | Ann")


def test_a_refused_pair_leaves_the_other_one() -> None:
    given_world = world(TWO[0], "A | Ann").decide("accounts", "not_a_match", "1", "A")
    match(given_world.connection, ACCOUNTS)
    assert candidates(given_world) == ["1 A name rejected", "2 A name accepted"]


def test_a_later_rule_only_proposes_what_an_earlier_one_found_ambiguous() -> None:
    trusting = dataclasses.replace(
        ACCOUNTS, match=tuple(dataclasses.replace(rule, accept=True) for rule in ACCOUNTS.match)
    )
    given_world = world("1 | Ann | 5551234567\n2 | Ann\n3 | Cy | 555", "A | Ann | 5551234567\nB | Bo | 555")
    match(given_world.connection, trusting)
    assert candidates(given_world) == ["1 A phone review", "2 A name ambiguous", "3 B phone accepted"]


def test_a_refusal_of_another_mapping_is_none() -> None:
    given_world = world("1 | Ann", "A | Ann").decide("others", "not_a_match", "1", "A")
    match(given_world.connection, ACCOUNTS)
    assert candidates(given_world) == ["1 A name accepted"]


def test_a_link_comes_before_all_rules_and_its_records_are_taken() -> None:
    given_world = world(*TWO).decide("accounts", "link", "1", "B")
    match(given_world.connection, ACCOUNTS)
    assert candidates(given_world) == ["1 B decision accepted", "2 A name accepted"]


def test_a_link_may_take_the_place_of_a_pair_and_joins_records_outside_the_filter() -> None:
    given_world = world("1 | Ann | - | - | Vendor", "A | Bea\nB | Cy")
    given_world.pair("accounts", ("p1", "1", "A")).decide("accounts", "link", "1", "B")
    match(given_world.connection, ACCOUNTS)
    assert candidates(given_world) == ["1 B decision accepted"]


def test_a_link_that_is_in_the_crosswalk_is_done() -> None:
    given_world = world("1 | Ann", "A | Ann").pair("accounts", ("p1", "1", "A"))
    given_world.decide("accounts", "link", "1", "A")
    found = match(given_world.connection, ACCOUNTS)
    assert candidates(given_world) == []
    assert (found.linked, found.unmatched_salesforce, found.unmatched_quickbooks) == (1, 0, 0)


def test_the_last_link_of_a_record_counts() -> None:
    given_world = world("1 | Ann", "A | Bea\nB | Cy")
    given_world.decide("accounts", "link", "1", "A", at="2026-03-01 00:00:00+00")
    given_world.decide("accounts", "link", "1", "B", at="2026-03-02 00:00:00+00")
    match(given_world.connection, ACCOUNTS)
    assert candidates(given_world) == ["1 B decision accepted"]


def test_a_link_to_a_record_that_is_not_there_waits() -> None:
    given_world = world("1 | Ann", "A | Bea").decide("accounts", "link", "1", "Z")
    match(given_world.connection, ACCOUNTS)
    assert candidates(given_world) == []


def test_the_last_word_on_a_pair_counts() -> None:
    given_world = world("1 | Ann", "A | Ann")
    given_world.decide("accounts", "link", "1", "A", at="2026-03-01 00:00:00+00")
    given_world.decide("accounts", "not_a_match", "1", "A", at="2026-03-02 00:00:00+00")
    match(given_world.connection, ACCOUNTS)
    assert candidates(given_world) == ["1 A name rejected"]


def test_ignored_and_linked_records_stay_out() -> None:
    given_world = world(TWO[0], TWO[1]).pair("accounts", ("p1", "1", "A")).decide("accounts", "ignore", "2")
    found = match(given_world.connection, ACCOUNTS)
    assert candidates(given_world) == []
    assert (found.unmatched_salesforce, found.unmatched_quickbooks) == (0, 1)


def test_a_pinned_ignore_ends_when_the_record_changes() -> None:
    given_world = world("1 | Ann", "A | Ann")
    given_world.decide("accounts", "ignore", "1", pinned=True, seen=("another digest", None))
    match(given_world.connection, ACCOUNTS)
    assert candidates(given_world) == ["1 A name accepted"]


def test_matching_again_replaces_what_was_found_in_that_mapping_only() -> None:
    given_world = world("1 | Ann", "A | Ann")
    match(given_world.connection, ACCOUNTS)
    given_world.connection.execute(
        "INSERT INTO work.candidates (mapping, status) VALUES ('others', 'review')"
    )
    match(given_world.connection, ACCOUNTS)
    assert given_world.query("SELECT mapping, count(*) FROM work.candidates GROUP BY ALL ORDER BY ALL") == [
        ("accounts", 1),
        ("others", 1),
    ]


def test_labels_scores_and_reasons_are_for_people() -> None:
    given_world = world(
        "1 | Ann\n2 | Martha | 5551234567\n3 | Bo Inc",
        "A | Ann\nB | Marhta | 5551234567\nC | Bo",
    )
    match(given_world.connection, ACCOUNTS)
    assert given_world.query(
        "SELECT salesforce_label, quickbooks_label, round(score, 2), reason FROM work.candidates ORDER BY ALL"
    ) == [
        ("Ann", "Ann", 1.0, "name is the same: Ann"),
        ("Bo Inc", "Bo", 0.82, "name is alike: bo"),
        ("Martha", "Marhta", 0.96, "phone is the same: 5551234567; this rule only proposes"),
    ]


def test_the_summary_counts_by_rule_and_status() -> None:
    given_world = world(
        "1 | Ann\n2 | Bo\n3 | Bo\n4 | Zoe",
        "A | Ann\nB | Bo",
    )
    found = match(given_world.connection, ACCOUNTS)
    assert [(each.rule, each.status, each.count) for each in found.counts] == [
        ("name", MatchStatus.ACCEPTED, 1),
        ("name", MatchStatus.AMBIGUOUS, 2),
    ]
    assert (found.accepted, found.review, found.ambiguous, found.rejected) == (1, 0, 2, 0)
    assert (found.unmatched_salesforce, found.unmatched_quickbooks) == (3, 1)


def test_a_crowd_of_namesakes_lists_each_record_once_or_so() -> None:
    many = 2 * CROWD
    given_world = world("1 | Cash\n2 | Cash", "A0 | Cash")
    for number in range(1, many):
        given_world.connection.execute(
            "INSERT INTO quickbooks.Customer VALUES (?, 'Cash', NULL)", [f"A{number}"]
        )
    found = match(given_world.connection, ACCOUNTS)
    assert found.ambiguous == many + 2 - 1
    assert given_world.query("SELECT count(DISTINCT quickbooks_id) FROM work.candidates") == [(many,)]


JOBS = read("""\
mapping: contacts
salesforce: {object: Contact, label: Name}
quickbooks: {object: Customer, label: Name}
states: {}
operations: {}
match: [{rule: account-and-name, fields: [account, name], accept: true}]
fields:
  account: {salesforce: AccountId, quickbooks: ParentRef_ListID, type: reference, reference: accounts}
  name: {salesforce: Name, quickbooks: Name, type: name, winner: salesforce}
""")


def test_jobs_of_one_name_are_told_apart_by_their_linked_customer() -> None:
    given_world = (
        World()
        .table("salesforce.Contact", "Id | AccountId | Name\n1 | acc1 | Ann\n2 | acc2 | Ann\n3 | acc3 | Ann")
        .table(
            "quickbooks.Customer",
            "ListID | ParentRef_ListID | Name\nA | c2 | Ann\nB | c1 | Ann\nC | c3 | Ann",
        )
        .pair("accounts", ("p1", "acc1", "c1"), ("p2", "acc2", "c2"))
    )
    match(given_world.connection, JOBS)
    assert candidates(given_world) == ["1 B account-and-name accepted", "2 A account-and-name accepted"]


INVOICES = read("""\
mapping: invoices
salesforce: {object: Opportunity, label: Name}
quickbooks: {object: Invoice, label: RefNumber}
states: {}
operations: {}
match: []
fields: {number: {salesforce: Number, quickbooks: RefNumber}}
lines:
  salesforce: {object: OpportunityLineItem, parent: OpportunityId, order: SortOrder, label: Description}
  quickbooks: {object: InvoiceLine, parent: TxnID, order: SeqNo, label: Desc}
  match:
    - {rule: line-id, field: line_id, accept: true}
    - {rule: item-and-quantity, fields: [item, quantity], accept: true}
    - {rule: item, field: item, accept: true}
    - {rule: position, how: position, accept: true}
  fields:
    item: {salesforce: Product2Id, quickbooks: ItemRef_ListID, type: reference, reference: products}
    quantity: {salesforce: Quantity, quickbooks: Quantity, type: quantity}
    line_id: {salesforce: Line_Id, quickbooks: TxnLineID, type: id, direction: to_salesforce}
""")


def lines(salesforce: str, quickbooks: str, link: tuple[str, str] | None = None) -> list[str]:
    given_world = (
        World()
        .table("salesforce.Opportunity", "Id | Name | Number\nO | o\nO2 | o\nO3 | o")
        .table("quickbooks.Invoice", "TxnID | RefNumber | EditSequence\nI | i | 1\nI2 | i | 1\nI3 | i | 1")
        .table(
            "salesforce.OpportunityLineItem",
            "Id | OpportunityId | SortOrder:N | Product2Id | Quantity:P | Line_Id | Description\n"
            + salesforce,
        )
        .table(
            "quickbooks.InvoiceLine",
            "TxnLineID | TxnID | SeqNo:N | ItemRef_ListID | Quantity:P | Desc\n" + quickbooks,
        )
        .pair("invoices", ("d1", "O", "I"), ("d2", "O2", "I2"))
        .pair("products", ("pa", "prodA", "itemA"), ("pb", "prodB", "itemB"))
    )
    assert INVOICES.lines
    if link is not None:
        given_world.decide("invoices.lines", "link", *link)
    match(given_world.connection, INVOICES.lines)
    return candidates(given_world)


#  why, Salesforce, QuickBooks, candidates
LINES = [
    ("by line id", "1 | O | 1 | prodA | 1 | B", "A | I | 1 | itemA | 1\nB | I | 2 | itemB | 9",
     ["1 B line-id accepted"]),
    ("item and quantity", "1 | O | 1 | prodA | 1\n2 | O | 2 | prodA | 5",
     "A | I | 1 | itemA | 5\nB | I | 2 | itemA | 1",
     ["1 B item-and-quantity accepted", "2 A item-and-quantity accepted"]),
    ("twins pair off in their order", "1 | O | 2 | prodA | 1\n2 | O | 1 | prodA | 1",
     "A | I | 1 | itemA | 1\nB | I | 2 | itemA | 1",
     ["1 B item-and-quantity accepted", "2 A item-and-quantity accepted"]),
    ("quantity edited", "1 | O | 1 | prodA | 1\n2 | O | 2 | prodB | 1",
     "A | I | 1 | itemB | 7\nB | I | 2 | itemA | 7", ["1 B item accepted", "2 A item accepted"]),
    ("item edited: what is left, by place", "1 | O | 1 | prodA | 1\n2 | O | 2 | prodB | 1",
     "A | I | 1 | itemA | 1\nB | I | 2 | itemX | 1",
     ["1 A item-and-quantity accepted", "2 B position accepted"]),
    ("one twin less", "1 | O | 1 | prodA | 1\n2 | O | 2 | prodA | 1", "A | I | 1 | itemA | 1",
     ["1 A position accepted"]),
    ("never across documents", "1 | O | 1 | prodA | 1", "A | I2 | 1 | itemA | 1", []),
    ("not in documents that are not linked", "1 | O3 | 1 | prodA | 1", "A | I3 | 1 | itemA | 1", []),
    ("a cloned line id counts in its own document only",
     "1 | O | 1 | prodA | 1 | A\n2 | O2 | 1 | prodA | 1 | A",
     "A | I | 1 | itemA | 1\nB | I2 | 1 | itemA | 1",
     ["1 A line-id accepted", "2 B item-and-quantity accepted"]),
]  # fmt: skip


@tabled("salesforce quickbooks expected", LINES)
def test_lines(salesforce: str, quickbooks: str, expected: list[str]) -> None:
    assert lines(salesforce, quickbooks) == expected


def test_a_link_across_documents_counts_for_nothing() -> None:
    """It would move money from one document to another."""
    ours, theirs = (
        "1 | O | 1 | prodA | 1\n2 | O2 | 1 | prodB | 1",
        "A | I | 1 | itemB | 9\nB | I2 | 1 | itemA | 8",
    )
    assert lines(ours, theirs, ("1", "B")) == lines(ours, theirs)
    within = "A | I | 1 | itemB | 9\nB | I | 2 | itemA | 8"
    assert "1 A decision accepted" in lines(ours, within, ("1", "A"))


NAME = st.sampled_from(["Ann", "ann", "Ann Inc", "Bo", "BO", "Cy & Co", "-"])
PHONE = st.sampled_from(["5551234567", "(555) 123-4567", "1", "-"])


@st.composite
def sides(draw: st.DrawFn) -> tuple[list[str], list[str]]:
    left = draw(st.lists(st.tuples(NAME, PHONE, st.sampled_from(["A0", "A1", "Z", "-"])), max_size=6))
    right = draw(st.lists(st.tuples(NAME, PHONE), max_size=6))
    return (
        [f"{number} | {name} | {phone} | {key}" for number, (name, phone, key) in enumerate(left)],
        [f"A{number} | {name} | {phone}" for number, (name, phone) in enumerate(right)],
    )


@given(sides(), st.randoms(use_true_random=False))
@examples(10)
def test_accepted_matches_are_one_to_one_whatever_the_order_of_rows(
    given_sides: tuple[list[str], list[str]], order: random.Random
) -> None:
    left, right = given_sides
    first = world("\n".join(left), "\n".join(right))
    match(first.connection, ACCOUNTS)
    found = candidates(first)
    accepted = [each.split()[:2] for each in found if each.endswith("accepted")]
    assert len({one for one, _ in accepted}) == len({other for _, other in accepted}) == len(accepted)
    assert len({tuple(each.split()[:2]) for each in found}) == len(found)

    order.shuffle(left)
    order.shuffle(right)
    again = world("\n".join(left), "\n".join(right))
    match(again.connection, ACCOUNTS)
    assert candidates(again) == found
