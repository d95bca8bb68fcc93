"""A record whose linked partner is gone: what is evidence, and what becomes of it then."""

from __future__ import annotations

from typing import Any

from core_invoices import INVOICES, L1, ROWS, confirmed, invoices
from core_world import World, differences, read, tabled

from workbench.diff import compute, summary
from workbench.diff.gone import HIDDEN
from workbench.pull.salesforce import IN_THE_LOG, NOT_READ, NOT_SWEPT

ACCOUNTS = """\
mapping: accounts
salesforce: {object: Account, label: Name}
quickbooks: {object: Customer, label: Name}
states: {AccountToCustomer: {to: quickbooks}, CustomerToAccount: {to: salesforce}}
operations: {salesforce: [add, modify], quickbooks: [add, modify]}
winner: quickbooks
match: []
fields:
  name: {salesforce: Name, quickbooks: Name, type: name}
  phone: {salesforce: Phone, quickbooks: Phone}
  active: {salesforce: Active__c, quickbooks: IsActive, type: boolean}
"""
SALESFORCE = "Id | Name | Phone | Active__c:B\n"
QUICKBOOKS = "ListID | Name | Phone | IsActive:B | EditSequence\n"
DELETED = "table | key | evidence | deleted_at:ts\n"


def accounts(operations: str = "", states: str = "") -> Any:
    text = ACCOUNTS
    if operations:
        both = "{salesforce: [add, modify], quickbooks: [add, modify]}"
        assert both in text
        text = text.replace(both, operations)
    if states:
        text = text.replace(
            "{AccountToCustomer: {to: quickbooks}, CustomerToAccount: {to: salesforce}}", states
        )
    return read(text)


def world(salesforce: str = "1 | Ann | 555 | true", quickbooks: str = "", gone: str = "") -> World:
    """A pair (1, A) of which a side is gone, and what is known of it."""
    given = (
        World()
        .table("salesforce.Account", SALESFORCE + salesforce)
        .table("quickbooks.Customer", QUICKBOOKS + quickbooks)
        .pair("accounts", ("p", "1", "A"))
        .close("accounts")
    )
    side = "quickbooks" if salesforce else "salesforce"
    return given.table(f"{side}._deleted", DELETED + gone)


LOG = "Customer | A | ListDeleted | 2026-03-30 16:40:00"
WHOLE = "Customer | A | not in a full read"
BIN = f"Account | 1 | {IN_THE_LOG} | 2026-03-30 16:40:00"
CUSTOMER = "A | Ann | 555 | true | 17"
BOTH_GO = "{salesforce: [add, modify, deactivate], quickbooks: [add, modify, deactivate]}"

#  why, Salesforce, QuickBooks, evidence, finding
EVIDENCE = [
    ("no word of it", "1 | Ann | 555 | true", "", "", "missing"),
    ("QuickBooks says so", "1 | Ann | 555 | true", "", LOG, "deleted"),
    ("a look at all of QuickBooks", "1 | Ann | 555 | true", "", WHOLE, "deleted"),
    ("of another kind", "1 | Ann | 555 | true", "", "Invoice | A | TxnDeleted", "missing"),
    ("of another record", "1 | Ann | 555 | true", "", "Customer | B | ListDeleted", "missing"),
    ("Salesforce says so", "", CUSTOMER, BIN, "deleted"),
    ("Salesforce may hide it", "", CUSTOMER, f"Account | 1 | {NOT_READ}", "missing"),
    ("a sweep may hide it too", "", CUSTOMER, f"Account | 1 | {NOT_SWEPT}", "missing"),
    ("it is there again", "1 | Ann | 555 | true", CUSTOMER, LOG, None),
]  # fmt: skip


@tabled("salesforce quickbooks gone expected", EVIDENCE)
def test_only_evidence_makes_absence_a_deletion(
    salesforce: str, quickbooks: str, gone: str, expected: str | None
) -> None:
    given = world(salesforce, quickbooks, gone)
    compute(given.connection, accounts(BOTH_GO))
    assert differences(given, "difference") == ([expected] if expected else [])


def test_a_snapshot_that_tells_of_no_deleted_records_has_no_evidence() -> None:
    given = world(gone=LOG)
    given.connection.execute("DROP TABLE quickbooks._deleted")
    compute(given.connection, accounts(BOTH_GO))
    assert differences(given, "difference, resolution") == ["missing undecided"]


def test_the_pull_words_doubt_as_the_diff_reads_it() -> None:
    assert HIDDEN in NOT_READ
    assert HIDDEN in NOT_SWEPT
    assert HIDDEN not in IN_THE_LOG


#  why, what is gone, the reason
REASONS = [
    ("in QuickBooks", world(gone=LOG),
     "its partner in QuickBooks is gone: deleted, says QuickBooks' list of deleted records "
     "(2026-03-30 16:40, by the clock of the QuickBooks computer)"),
    ("in Salesforce", world("", CUSTOMER, BIN),
     "its partner in Salesforce is gone: deleted, says Salesforce's delete log (2026-03-30 16:40 UTC)"),
    ("at a time that nobody knows", world(gone=WHOLE),
     "its partner in QuickBooks is gone: not in a full read"),
]  # fmt: skip


@tabled("given expected", REASONS)
def test_the_reason_tells_the_evidence_and_the_time(given: World, expected: str) -> None:
    compute(given.connection, accounts())
    assert differences(given, "resolution, resolved_by, reason") == [f"undecided - {expected}"]


S_OFF = "{AccountToCustomer: {to: quickbooks}, CustomerToAccount: {to: salesforce, on: false}}"
GATED = (
    "{AToC: {to: quickbooks}, One: {to: salesforce, where: IsActive}, "
    "Two: {to: salesforce, on: %s, where: IsActive}}"
)

#  why, operations of Salesforce, states, what comes of it
RULES = [
    ("nothing is ever deleted by default", "[add, modify]", "", "undecided -"),
    ("deactivate", "[modify, deactivate]", "", "deactivate_salesforce state"),
    ("delete", "[modify, delete]", "", "delete_salesforce state"),
    ("the milder of both", "[delete, deactivate]", "", "deactivate_salesforce state"),
    ("its state is off", "[modify, delete]", S_OFF, "off state"),
    ("all of several states are on", "[modify, delete]", GATED % "true", "delete_salesforce state"),
    ("which of several it was is not known", "[modify, delete]", GATED % "false", "undecided -"),
]  # fmt: skip


@tabled("operations states expected", RULES)
def test_what_the_operations_say_goes_by_rule(operations: str, states: str, expected: str) -> None:
    given = world(gone=LOG)
    compute(given.connection, accounts(f"{{salesforce: {operations}, quickbooks: [add, modify]}}", states))
    assert differences(given, "resolution, resolved_by") == [expected]


def test_all_states_off_asks_nothing() -> None:
    given = world(gone=LOG)
    off = "{AccountToCustomer: {to: quickbooks, on: false}, CustomerToAccount: {to: salesforce, on: false}}"
    compute(given.connection, accounts(BOTH_GO, off))
    assert differences(given, "resolution, reason") == ["off all states are off"]


def test_the_operations_of_a_side_are_those_of_the_record_that_is_left() -> None:
    given = world("", CUSTOMER, BIN)
    compute(given.connection, accounts("{salesforce: [delete], quickbooks: [modify]}"))
    assert differences(given, "resolution") == ["undecided"]
    compute(given.connection, accounts("{salesforce: [modify], quickbooks: [delete]}"))
    assert differences(given, "resolution") == ["delete_quickbooks"]


DEACTIVATES = "{salesforce: [modify, deactivate], quickbooks: [modify, deactivate]}"
BASE = (
    {"Name": "Ann", "Phone": "555", "Active__c": "true"},
    {"Name": "Ann", "Phone": "555", "IsActive": "true"},
)

#  why, the record, base fields, what comes of it
EDITED = [
    ("as both sides agreed", "1 | Ann | 555 | true", ("name", "phone"), "deactivate_salesforce"),
    ("edited since", "1 | Ann | 556 | true", ("name", "phone"), "undecided"),
    ("emptied since", "1 | Ann | - | true", ("name", "phone"), "undecided"),
    ("edited where no base is known", "1 | Ann | 556 | true", ("name",), "deactivate_salesforce"),
    ("inactive already", "1 | Ann | 555 | false", ("name", "active"), "none"),
]  # fmt: skip


@tabled("salesforce fields expected", EDITED)
def test_a_record_that_was_edited_since_both_sides_agreed_is_a_persons(
    salesforce: str, fields: tuple[str, ...], expected: str
) -> None:
    given = world(salesforce, gone=LOG).base("accounts", "p", *BASE, *fields)
    compute(given.connection, accounts(DEACTIVATES))
    assert differences(given, "resolution") == [expected]


def test_what_is_inactive_already_is_no_difference_that_is_left() -> None:
    given = world("1 | Ann | 555 | false", gone=LOG)
    compute(given.connection, accounts(DEACTIVATES))
    assert differences(given, "resolution, reason") == [
        "none its partner in QuickBooks is gone: deleted, says QuickBooks' list of deleted records "
        "(2026-03-30 16:40, by the clock of the QuickBooks computer); it is inactive already"
    ]
    assert summary(given.connection).remaining == 0


#  why, operations, decision, evidence, what comes of it
DECIDED = [
    ("deactivate is a modification", "[modify]", "deactivate", LOG, "deactivate_salesforce decision"),
    ("delete by a person", "[modify, delete]", "delete", LOG, "delete_salesforce decision"),
    ("delete instead of the rule", "[deactivate, delete]", "delete", LOG, "delete_salesforce decision"),
    ("a person may choose the milder", "[delete]", "deactivate", LOG, "deactivate_salesforce decision"),
    ("delete is not allowed", "[add, modify]", "delete", LOG, "undecided -"),
    ("deactivate is not allowed", "[add]", "deactivate", LOG, "undecided -"),
    ("not without evidence", "[modify, delete]", "delete", "", "undecided -"),
    ("ignored", "[modify, delete]", "ignore", LOG, "ignore decision"),
    ("kept", "[modify, delete]", "accept", LOG, "accept decision"),
    ("never created again", "[add, modify]", "create", LOG, "undecided -"),
]  # fmt: skip


@tabled("operations decision gone expected", DECIDED)
def test_a_person_decides_within_what_the_mapping_allows(
    operations: str, decision: str, gone: str, expected: str
) -> None:
    given = world(gone=gone).decide("accounts", decision, "1", "A")
    compute(given.connection, accounts(f"{{salesforce: {operations}, quickbooks: [modify]}}"))
    assert differences(given, "resolution, resolved_by") == [expected]


def test_a_decision_cannot_write_through_a_state_that_is_off() -> None:
    given = world(gone=LOG).decide("accounts", "delete", "1", "A")
    compute(given.connection, accounts("{salesforce: [delete], quickbooks: [modify]}", S_OFF))
    assert differences(given, "resolution, resolved_by") == ["off state"]


# --- lines ------------------------------------------------------------------------------------------------

TWO = ("1 | O | 1 | prodA | 5.00 | x\n2 | O | 2 | prodB | 1 | y", L1[1])


def test_a_line_that_its_document_no_longer_has_goes_where_documents_are_modified() -> None:
    given = confirmed(invoices(TWO), ("l", "1", "A"), ("m", "2", "B"))
    assert differences(given, f"{ROWS}, parent_pair, reason") == [
        "invoices.lines only_salesforce - deleted delete_salesforce state d "
        "its partner in QuickBooks is gone: its document in QuickBooks no longer has it"
    ]


def test_a_line_of_an_issued_invoice_is_a_persons() -> None:
    lines = (L1[0], L1[1] + "\nB | I | 2 | itemB | 1 | y")
    given = confirmed(invoices(lines), ("l", "1", "A"), ("m", "2", "B"))
    assert differences(given, ROWS) == ["invoices.lines only_quickbooks - deleted undecided -"]


def test_without_its_document_a_line_is_nobodys_evidence() -> None:
    given = invoices(TWO).pair("invoices.lines", ("l", "1", "A"), ("m", "2", "B"))
    given.connection.execute("DELETE FROM quickbooks.Invoice")
    compute(given.connection, read(INVOICES))
    assert differences(given, ROWS) == ["invoices only_salesforce - missing undecided -"]


def test_the_gate_of_the_document_decides_about_its_line() -> None:
    gate = "InvoiceToOpportunity: {to: salesforce, where: \"RefNumber = '%s'\"}"
    gated = INVOICES.replace("InvoiceToOpportunity: {to: salesforce}", gate)
    given = invoices(TWO).pair("invoices.lines", ("l", "1", "A"), ("m", "2", "B"))
    compute(given.connection, read(gated % "7"))
    assert differences(given, ROWS) == ["invoices.lines only_salesforce - deleted delete_salesforce state"]
    compute(given.connection, read(gated % "8"))
    assert differences(given, ROWS) == ["invoices.lines only_salesforce - deleted off state"]


def test_a_line_that_was_edited_since_is_a_persons() -> None:
    held = {"Description": "before"}
    given = invoices(TWO).pair("invoices.lines", ("l", "1", "A"), ("m", "2", "B"))
    given.base("invoices.lines", "m", held, {"Desc": "before"}, "text")
    compute(given.connection, read(INVOICES))
    assert differences(given, "resolution, reason") == [
        "undecided its partner in QuickBooks is gone: its document in QuickBooks no longer has it; "
        "but it was changed in Salesforce since both sides agreed"
    ]


def test_a_total_follows_from_a_line_that_goes() -> None:
    given = invoices(TWO, ("10", "9")).pair("invoices.lines", ("l", "1", "A"), ("m", "2", "B"))
    compute(given.connection, read(INVOICES))
    assert sorted(differences(given, "field, resolution"), reverse=True) == [
        "total follows",
        "- delete_salesforce",
    ]
