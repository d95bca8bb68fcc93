"""A value that a person has set: to which sides it goes, when it holds, and what the plan writes."""
# ruff: noqa: E501 -- cases stand as tables, one a line

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.unit.core.core_world import World, read
from workbench.changes import Inputs, plan
from workbench.diff import compute
from workbench.model import Side

MAPPING = """\
mapping: accounts
salesforce: {object: Account, label: Name}
quickbooks: {object: Customer, label: FullName}
states: {AccountToCustomer: {to: quickbooks, on: true}, CustomerToAccount: {to: salesforce, on: true, where: "Open"}}
operations: {salesforce: [add, modify], quickbooks: [add, modify]}
winner: manual
match: []
fields:
  name: {salesforce: Name, quickbooks: FullName, type: name}
  phone: {salesforce: Phone, quickbooks: Phone, type: phone}
  limit: {salesforce: Limit__c, quickbooks: CreditLimit, type: money}
  country: {salesforce: Country, quickbooks: Country, values: {United States: USA}}
  memo: {salesforce: Memo__c, quickbooks: Notes, direction: to_quickbooks}
  shown: {salesforce: Shown__c, quickbooks: Shown, direction: compare}
  street: {salesforce: Street, quickbooks: [Addr1, Addr2], transform: street_lines}
  id: {salesforce: QuickBooks_Id__c, quickbooks: ListID, type: id, direction: to_salesforce}
"""
SALESFORCE = "Id | Name | Phone | Limit__c:D | Country | Memo__c | Shown__c | Street | QuickBooks_Id__c | SystemModstamp:ts"
QUICKBOOKS = "ListID | FullName | Phone | CreditLimit:D | Country | Notes | Shown | Addr1 | Addr2 | Open:B | EditSequence"


def world(open_: str = "true") -> World:
    made = World()
    made.table(
        "salesforce.Account",
        f"{SALESFORCE}\n001A | Alder | 555-0101 | 10.00 | United States | a | a | One St | 8-1 | 2026-03-01 09:00:00",
    )
    made.table(
        "quickbooks.Customer",
        f"{QUICKBOOKS}\n8-1 | Elder | 555-0199 | 20.00 | Canada | b | b | Two St | - | {open_} | 1001",
    )
    return made.pair("accounts", ("p-1", "001A", "8-1"))


def resolved(made: World, field: str) -> tuple[Any, ...]:
    compute(made.connection, read(MAPPING))
    ((resolution, by, to, reason),) = made.query(
        f"SELECT resolution, resolved_by, set_to, reason FROM work.differences WHERE field = '{field}'"
    )
    return resolution, by, to, reason


def written(made: World, to: frozenset[Side] = frozenset(Side)) -> dict[str, dict[str, Any]]:
    compute(made.connection, read(MAPPING))
    inputs = Inputs(mappings=(read(MAPPING),), describes={side: {} for side in Side}, to=to)
    return {str(change.side): change.values for change in plan(made.connection, inputs).changes}


BOTH = ["salesforce", "quickbooks"]

#  why                              field      value            sides          salesforce            quickbooks
WRITTEN = [
    ("to both",                     "phone",   "555-0150",      BOTH,          {"Phone": "555-0150"}, {"Phone": "555-0150"}),
    ("one side holds it already",   "phone",   "555-0101",      ["quickbooks"], None,                 {"Phone": "555-0101"}),
    ("in another form, too",        "phone",   "(555) 0199",    ["salesforce"], {"Phone": "(555) 0199"}, None),
    ("emptied",                     "phone",   None,            BOTH,          {"Phone": None},       {"Phone": None}),
    ("an amount",                   "limit",   "15.5",          BOTH,          {"Limit__c": Decimal("15.50")}, {"CreditLimit": Decimal("15.50")}),
    ("QuickBooks' word",            "country", "USA",           ["quickbooks"], None,                 {"Country": "USA"}),
    ("a word of no value map",      "country", "Mexico",        BOTH,          {"Country": "Mexico"}, {"Country": "Mexico"}),
    ("what the one way can do",     "memo",    "a",             ["quickbooks"], None,                 {"Notes": "a"}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("field", "value", "sides", "left", "right"), [case[1:] for case in WRITTEN], ids=[c[0] for c in WRITTEN]
)
def test_a_value_is_written_to_each_side_that_does_not_hold_it(
    field: str, value: str | None, sides: list[str], left: Any, right: Any
) -> None:
    made = world().decide("accounts", "set", "001A", "8-1", field, value=value)
    assert resolved(made, field) == ("set", "decision", sides, "maria: because")
    expected = {"salesforce": left, "quickbooks": right}
    assert written(made) == {side: values for side, values in expected.items() if values is not None}


#  why                              field      value       open     in the reason
REFUSED = [
    ("no amount",                   "limit",   "much",     "true",  "the value that was set, much, is no money"),
    ("it would stay on one side",   "memo",    "c",        "true",  "cannot be written to Salesforce: the direction of the field is to_quickbooks"),
    ("a state does not take it",    "phone",   "555-0150", "false", "cannot be written to Salesforce: the condition of CustomerToAccount does not take this record"),
    ("only compared",               "shown",   "c",        "true",  "no value can be set for this field"),
    ("an identifier",               "id",      "8-9",      "true",  None),
    ("several fields on one side",  "street",  "One St",   "true",  "no value can be set for this field"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("field", "value", "open_", "told"), [case[1:] for case in REFUSED], ids=[c[0] for c in REFUSED]
)
def test_a_value_that_cannot_be_written_to_both_sides_is_left_to_a_person(
    field: str, value: str, open_: str, told: str | None
) -> None:
    made = world(open_).decide("accounts", "set", "001A", "8-1", field, value=value)
    if told is None:  # both sides hold the same id, so there is no difference to set
        compute(made.connection, read(MAPPING))
        assert made.query(f"SELECT 1 FROM work.differences WHERE field = '{field}'") == []
        return
    resolution, by, _, reason = resolved(made, field)
    assert (resolution, by) == ("undecided", None)
    assert told in reason
    assert written(made) == {}


@pytest.mark.parametrize(
    ("seen", "resolution"), [(("5550101", "5550199"), "set"), (("5550101", "5550000"), "undecided")]
)
def test_a_pinned_value_holds_while_both_sides_are_as_they_were_seen(
    seen: tuple[str, str], resolution: str
) -> None:
    made = world().decide("accounts", "set", "001A", "8-1", "phone", value="555-0150", pinned=True, seen=seen)
    assert resolved(made, "phone")[0] == resolution


def test_a_plan_for_one_side_writes_there_only() -> None:
    made = world().decide("accounts", "set", "001A", "8-1", "phone", value="555-0150")
    assert list(written(made, frozenset({Side.QUICKBOOKS}))) == ["quickbooks"]


def test_a_later_decision_takes_its_place() -> None:
    made = world().decide("accounts", "set", "001A", "8-1", "phone", value="555-0150")
    made.decide("accounts", "take_salesforce", "001A", "8-1", "phone", at="2026-03-31 12:00:00+00")
    assert resolved(made, "phone")[:2] == ("take_salesforce", "decision")
    assert written(made) == {"quickbooks": {"Phone": "555-0101"}}
