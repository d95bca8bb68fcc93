"""What a state creates: `create_where` of a state, and references that may stay unlinked."""

import pytest
from core_world import World, differences, read, tabled

from workbench.diff import compute
from workbench.errors import MappingError
from workbench.model import Side

ACCOUNTS = """\
mapping: accounts
salesforce: {object: Account, label: Name}
quickbooks: {object: Customer, label: Name}
states:
  AccountToCustomer: {to: quickbooks, create_where: "QuickBooks_Id__c IS NULL"}
  CustomerToAccount: {to: salesforce, on: false}
operations: {salesforce: [add, modify], quickbooks: [add, modify]}
winner: salesforce
match: []
fields:
  name: {salesforce: Name, quickbooks: Name, type: name}
"""

INVOICES = """\
mapping: receivables
salesforce: {object: Receivable, label: Name}
quickbooks: {object: Invoice, label: RefNumber}
states: {InvoiceToReceivable: {to: salesforce}}
operations: {salesforce: [add, modify], quickbooks: []}
winner: quickbooks
match: []
fields:
  number: {salesforce: Name, quickbooks: RefNumber, type: text, direction: to_salesforce}
  deal:
    salesforce: Deal
    quickbooks: TxnID
    type: reference
    reference: deals
    direction: to_salesforce
    unlinked: empty
"""


def told_of_account(given: World) -> list[str]:
    return [line for line in differences(given) if line.startswith("1 ")]


def accounts(rows: str) -> World:
    given = World().table("salesforce.Account", "Id | Name | QuickBooks_Id__c\n" + rows)
    return given.table("quickbooks.Customer", "ListID | Name\nC | Ann").close("accounts")


CREATED = [
    ("no id: a new customer", "1 | Bea | -", "1 - only_salesforce new create_quickbooks"),
    ("an id of nobody: it may be there already", "1 | Bea | Z", "1 - only_salesforce new off"),
]


@tabled("row told", CREATED)
def test_a_state_creates_only_where_its_second_condition_holds(row: str, told: str) -> None:
    given = accounts(row)
    compute(given.connection, read(ACCOUNTS))
    assert told_of_account(given) == [told]


def test_the_second_condition_is_told_as_the_reason() -> None:
    given = accounts("1 | Bea | Z")
    compute(given.connection, read(ACCOUNTS))
    assert given.query("SELECT reason FROM work.differences WHERE salesforce_id = '1'") == [
        ("AccountToCustomer creates only where QuickBooks_Id__c IS NULL",)
    ]


def test_it_does_not_keep_a_linked_record_from_being_changed() -> None:
    given = accounts("1 | Anna | C").pair("accounts", ("p", "1", "C"))
    compute(given.connection, read(ACCOUNTS))
    assert differences(given) == ["1 C field differs take_salesforce"]


def test_a_person_s_decision_to_create_does_not_pass_it_by() -> None:
    given = accounts("1 | Bea | Z").decide("accounts", "create", "1")
    compute(given.connection, read(ACCOUNTS))
    assert told_of_account(given) == ["1 - only_salesforce new off"]


def test_a_new_line_of_a_linked_document_is_no_new_record() -> None:
    mapping = read(
        ACCOUNTS
        + """\
lines:
  salesforce: {object: Line, parent: Account, label: Name}
  quickbooks: {object: Row, parent: ListID, label: Name}
  match: []
  fields:
    name: {salesforce: Name, quickbooks: Name, type: text}
"""
    )
    given = accounts("1 | Ann | C").pair("accounts", ("p", "1", "C"))
    given.table("salesforce.Line", "Id | Account | Name\nL | 1 | bolts")
    given.table("quickbooks.Row", "TxnLineID | ListID | Name")
    compute(given.connection, mapping)
    assert differences(given) == ["L - only_salesforce new create_quickbooks"]


def invoices(receivables: str = "") -> World:
    given = World().table("salesforce.Receivable", "Id | Name | Deal\n" + receivables)
    return given.table("quickbooks.Invoice", "TxnID | RefNumber\nI | 17").close("receivables")


#  why, Deal in Salesforce, linked as, what the diff tells
REFERENCES = [
    ("neither side has one", "-", None, []),
    ("linked, and Salesforce lacks it", "-", "D", ["r I field differs take_quickbooks"]),
    ("linked, and the same", "D", "D", []),
    ("Salesforce names one that is not linked: counts as none", "E", None, []),
    ("linked to another one", "E", "D", ["r I field differs take_quickbooks"]),
]


@tabled("deal linked told", REFERENCES)
def test_a_reference_that_may_stay_unlinked(deal: str, linked: str | None, told: list[str]) -> None:
    given = invoices(f"r | 17 | {deal}").pair("receivables", ("p", "r", "I"))
    if linked:
        given.pair("deals", ("d", linked, "I"))
    compute(given.connection, read(INVOICES))
    assert differences(given) == told


def test_a_record_is_created_without_it() -> None:
    given = invoices()
    compute(given.connection, read(INVOICES))
    assert differences(given) == ["- I only_quickbooks new create_salesforce"]


def test_both_words_are_read() -> None:
    (state, _) = read(ACCOUNTS).states
    assert (state.to, state.create_where) == (Side.QUICKBOOKS, "QuickBooks_Id__c IS NULL")
    assert state.conditions == ("QuickBooks_Id__c IS NULL",)
    assert [field.unlinked_empty for field in read(INVOICES).fields] == [False, True]


WRONG = [
    ("another word", ("unlinked: empty", "unlinked: yes"), "'unlinked' of field 'deal' is 'yes'"),
    ("required too", ("unlinked: empty", "unlinked: empty\n    required: true"), "but is required"),
    ("no reference", ("type: reference\n    reference: deals\n", "type: text\n"), "but is no reference"),
    (
        "a state that creates nothing",
        ("{to: salesforce}", "{to: salesforce, fields: [number], create_where: 'true'}"),
        "creates nothing",
    ),
]


@tabled("change told", WRONG)
def test_what_makes_no_sense_is_told(change: tuple[str, str], told: str) -> None:
    with pytest.raises(MappingError, match=told):
        read(INVOICES.replace(*change))
