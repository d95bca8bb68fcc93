"""What the reference of the model-based test finds: one that cannot find a mistake would prove nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.faults.model_reference import RULES, Links, Reference, Rules, canonical, same
from tests.faults.model_systems import ENTITIES, OBJECTS, Look, plain
from workbench.changes import Answer, Cell, Change, ChangeSet

# --- what was approved, and nothing else ---------------------------------------------

PHONE = Cell(field="phone", api="Phone", before="1", after="2", why="so")
UPDATE = Change(
    id="ch-u", mapping="account-customer", side="salesforce", object="Account", action="update", record="001",
    label="Alder", version=None, source_id="8-1", cells=(PHONE,),
)  # fmt: skip
CREATE = replace(
    UPDATE,
    id="ch-c",
    side="quickbooks",
    object="Customer",
    action="create",
    record=None,
    cells=(Cell(field="name", api="Name", before=None, after="Elm", why="so"),),
)
BACK = replace(
    UPDATE,
    id="ch-b",
    cells=(Cell(field="id", api="QuickBooks_Id__c", before=None, after=Answer("ch-c", "ListID"), why="so"),),
)


def look(**rows: dict[str, dict[str, Any]]) -> Look:
    return {name: {} for name in (*OBJECTS, *ENTITIES, "InvoiceLine")} | rows


def account(**values: Any) -> dict[str, dict[str, Any]]:
    return {"001": {"Name": "Alder", "Phone": "1", "QuickBooks_Id__c": None} | values}


KEPT = look(Account=account())


def and_customers(*keys: str, name: str = "Elm", back: str | None = None) -> Look:
    """The account as it was, but for the id that came back to it, and customers that were not there."""
    rows = {key: {"ListID": key, "Name": name} for key in keys}
    return look(Account=account(QuickBooks_Id__c=back), Customer=rows)


#    why                             approved         after                              finds
WRITES: list[tuple[str, tuple[Change, ...], Look, list[str]]] = [
    ("nothing moved",                (),              KEPT,                              []),
    ("an approved value",            (UPDATE,),       look(Account=account(Phone="2")),  []),
    ("nobody approved it",           (),              look(Account=account(Phone="2")),  ["unapproved"]),
    ("another value",                (UPDATE,),       look(Account=account(Phone="3")),  ["unapproved"]),
    ("another field",                (UPDATE,),       look(Account=account(Name="Elm")), ["unapproved"]),
    ("what a system works out",      (),              look(Account=account(Amount=1)),   []),
    ("an approved record",           (CREATE,),       and_customers("8-2"),              []),
    ("a record nobody approved",     (),              and_customers("8-2"),              ["unapproved"]),
    ("an approved record, twice",    (CREATE,),       and_customers("8-2", "8-3"),       ["doubled"]),
    ("a record with another value",  (CREATE,),       and_customers("8-2", name="Fir"),  ["unapproved"]),
    ("the new record's id",          (CREATE, BACK),  and_customers("8-2", back="8-2"),  []),
    ("another record's id",          (CREATE, BACK),  and_customers("8-2", back="8-9"),  ["unapproved"]),
    ("a record is gone",             (UPDATE,),       look(),                            ["unapproved"]),
]  # fmt: skip


@pytest.mark.parametrize(("why", "approved", "after", "finds"), WRITES, ids=[row[0] for row in WRITES])
def test_every_write_needs_its_approved_change(
    why: str, approved: tuple[Change, ...], after: Look, finds: list[str]
) -> None:
    reference = reference_of(*approved)
    reference.explain(look(Account=account()), after)
    assert [kind for kind, _ in reference.trouble] == finds


def test_a_value_that_was_not_reviewed_must_not_be_overwritten() -> None:
    reference = reference_of(UPDATE)
    reference.explain(look(Account=account(Phone="9")), look(Account=account(Phone="2")))
    assert [kind for kind, _ in reference.trouble] == ["overwritten"]


def test_what_is_approved_and_not_pushed_must_not_be_written() -> None:
    reference = reference_of(UPDATE)
    reference.begun.clear()
    reference.explain(look(Account=account()), look(Account=account(Phone="2")))
    assert [kind for kind, _ in reference.trouble] == ["unapproved"]


def test_each_time_a_change_is_seen_is_counted() -> None:
    reference = reference_of(UPDATE)
    for before, after in (("1", "2"), ("2", "1"), ("1", "2")):
        reference.explain(look(Account=account(Phone=before)), look(Account=account(Phone=after)))
    assert reference.effects["cs", "ch-u"] == 2
    assert [kind for kind, _ in reference.trouble] == ["unapproved"], "the way back was nobody's change"


def reference_of(*approved: Change) -> Reference:
    changeset = ChangeSet(header={}, changes=(UPDATE, CREATE, BACK))
    ids = frozenset(each.id for each in approved)
    return Reference(sets={"cs": changeset}, approved={"cs": ids}, begun={"cs"})


# --- three ways ---------------------------------------------------------------------------------------------

LINKS: Links = {"account-customer": {"001": "8-1"}}
CITY = ("account-customer", "001", "8-1", "city")

S, Q = "take_salesforce", "take_quickbooks"

#    why                              base         salesforce  quickbooks  finding      resolution
THREE_WAYS = [
    ("the same",                      ("a", "a"),  "a",        "a",        "",          set()),
    ("white space is no difference",  ("a", "a"),  " a ",      "a",        "",          set()),
    ("no base",                       None,        "a",        "b",        "differs",   {Q}),
    ("Salesforce moved",              ("a", "a"),  "b",        "a",        S,           {S}),
    ("QuickBooks moved",              ("a", "a"),  "a",        "b",        Q,           {Q}),
    ("both, to the same",             ("a", "a"),  "b",        "b",        "converged", {"none"}),
    ("both, differently",             ("a", "a"),  "b",        "c",        "conflict",  {Q}),
    ("emptied in QuickBooks",         ("a", "a"),  "a",        "",         Q,           {Q}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("why", "base", "salesforce", "quickbooks", "finding", "resolution"),
    THREE_WAYS,
    ids=[row[0] for row in THREE_WAYS],
)
def test_three_ways(
    why: str, base: Any, salesforce: str, quickbooks: str, finding: str, resolution: set[str]
) -> None:
    reference = Reference(base={CITY: base} if base else {})
    found = reference.expected(*sides(salesforce, quickbooks), LINKS)
    assert found.get(CITY, ("", set())) == (finding, resolution)


def test_a_base_is_what_both_sides_held_when_they_agreed() -> None:
    reference = Reference()
    reference.agree(*sides("a", "b"), LINKS)
    assert CITY not in reference.base
    reference.agree(*sides("a", " a"), LINKS)
    assert reference.base[CITY] == ("a", "a")
    reference.agree(*sides("b", "a"), LINKS)
    assert reference.base[CITY] == ("a", "a"), "it stays until they agree again"


def test_a_decision_holds_while_both_values_are_as_they_were() -> None:
    reference = Reference(decisions={CITY: ("accept", ("a", "b"))})
    assert reference.expected(*sides("a", "b"), LINKS)[CITY][1] == {"accept"}
    assert reference.expected(*sides("a", "c"), LINKS)[CITY][1] == {"take_quickbooks"}


def sides(salesforce: str, quickbooks: str) -> tuple[Look, Look]:
    stamp = "2026-01-03T09:00:00.000+0000"
    left = {"Name": "Alder", "BillingCity": salesforce, "LastModifiedDate": stamp}
    right = {"ListID": "8-1", "Name": "Alder", "TimeModified": datetime(2026, 1, 3, 9)}
    return look(Account={"001": left}), look(Customer={"8-1": right | {"BillAddress_City": quickbooks}})


#    field                                   salesforce         quickbooks       same
VALUES = [
    ("account-customer", "phone",            "(415) 555-0134",  "14155550134",   True),
    ("account-customer", "phone",            "call Eva",        "call Eva",      True),
    ("account-customer", "phone",            None,              "",              True),
    ("opportunity-invoice.lines", "rate",    Decimal("0.13"),   Decimal("0.125"), True),
    ("opportunity-invoice.lines", "rate",    Decimal("0.13"),   Decimal("0.124"), False),
    ("opportunity-invoice.lines", "quantity", Decimal("1.00"),  Decimal("1"),    True),
    ("opportunity-invoice", "account",       "001",             "8-1",           True),
    ("opportunity-invoice", "account",       "001",             "8-2",           False),
]  # fmt: skip


@pytest.mark.parametrize(("mapping", "name", "salesforce", "quickbooks", "equal"), VALUES)
def test_values_that_are_the_same(
    mapping: str, name: str, salesforce: Any, quickbooks: Any, equal: bool
) -> None:
    rules: Rules = RULES[mapping]
    (each,) = [one for one in rules.fields if one.name == name]
    assert same(each, canonical(each, salesforce), canonical(each, quickbooks), LINKS) is equal


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, None),
        ("", None),
        (True, "true"),
        (Decimal("12.50"), "12.5"),
        (Decimal("1E+2"), "100"),
        (3, "3"),
    ],
)
def test_a_value_as_text(value: Any, text: str | None) -> None:
    assert plain(value) == text
