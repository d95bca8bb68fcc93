"""What changes do, counted, and limits that a push may not pass."""

# ruff: noqa: E501  (tables are read in columns)

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from workbench.approval import extent, read_limits
from workbench.approval.limits import amount, refuse_beyond
from workbench.changes import Answer, Cell, Change
from workbench.errors import ApprovalError, UsageProblem

D = Decimal
Values = Mapping[str, Any]


def change(
    before: Values, after: Values, *lines: Values, side: str = "salesforce", action: str = "update"
) -> Change:
    cells = tuple(
        Cell(field=api, api=api, before=before.get(api), after=value, why="") for api, value in after.items()
    )
    return Change(
        id="c", mapping="m", side=side, object="O", action=action, record=None, label="", version=None,
        source_id=None, cells=cells, lines=lines,
    )  # fmt: skip


#  why                                   before                              after                                     moves
AMOUNTS = [
    ("no amount",                        {"Phone": "1"},                     {"Phone": "2"},                           "0"),
    ("an amount",                        {"Amount": D("100.00")},            {"Amount": D("100.01")},                  "0.01"),
    ("down counts as up",                {"Amount": D("100.00")},            {"Amount": D("40.00")},                   "60.00"),
    ("a sign",                           {"Amount": D("-50.00")},            {"Amount": D("50.00")},                   "100.00"),
    ("from nothing",                     {},                                 {"CreditLimit": D("500.00")},             "500.00"),
    ("to nothing",                       {"CreditLimit": D("500.00")},       {"CreditLimit": None},                    "500.00"),
    ("several",                          {"A": D(1), "B": D(2)},             {"A": D(2), "B": D(1)},                   "2"),
    ("a price",                          {"UnitPrice": D("80.00")},          {"UnitPrice": D("90.00")},                "10.00"),
    ("a quantity is no money",           {"Quantity": D(2)},                 {"Quantity": D(9)},                       "0"),
    ("a percentage is no money",         {"DiscountPercent": D(2)},          {"DiscountPercent": D(9)},                "0"),
    ("quantity and price of a line",     {"Quantity": D(2), "UnitPrice": D(10)}, {"Quantity": D(3), "UnitPrice": D(12)}, "16"),
    ("not known before the push",        {},                                 {"Amount": Answer("x", "Amount")},        "0"),
    ("beyond float precision",           {"A": D("9007199254740993.01")},    {"A": D("9007199254740993.02")},          "0.01"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after", "moves"), [case[1:] for case in AMOUNTS], ids=[case[0] for case in AMOUNTS]
)
def test_by_how_much_a_change_moves_amounts(before: Values, after: Values, moves: str) -> None:
    assert amount(change(before, after)) == D(moves)


def test_a_document_counts_with_its_lines() -> None:
    lines = (
        {"Quantity": D(2), "Rate": D("80.00")},
        {"Rate": D("5.00")},
        {"Amount": D("-12.50"), "Rate": D(9)},
    )
    assert amount(change({}, {"RefNumber": "1"}, *lines, action="create")) == D("177.50")


def test_what_changes_do_is_counted_by_side_and_together() -> None:
    found = extent(
        [
            change({}, {"Amount": D("10.00")}, action="create"),
            change({}, {"Phone": "1"}, side="quickbooks"),
            change({"Amount": D("5.00")}, {"Amount": None}, side="quickbooks", action="void"),
            change({}, {}, side="quickbooks", action="delete"),
        ]
    )
    assert found == {
        "changes": 4, "creates": 1, "removals": 2, "money": "15.00",
        "salesforce.changes": 1, "salesforce.creates": 1, "salesforce.money": "10.00",
        "quickbooks.changes": 3, "quickbooks.removals": 2, "quickbooks.money": "5.00",
    }  # fmt: skip
    assert extent([]) == {}


#  why                      limits                           what it does                      passes
LIMITS = [
    ("within",              {"changes": 3},                  {"changes": 2},                   True),
    ("the boundary",        {"changes": 2},                  {"changes": 2},                   True),
    ("beyond",              {"changes": 1},                  {"changes": 2},                   False),
    ("nothing of it",       {"creates": 0},                  {"changes": 2},                   True),
    ("none allowed",        {"creates": 0},                  {"creates": 1},                   False),
    ("not limited",         {"changes": 5},                  {"changes": 2, "money": "1E9"},   True),
    ("a cent beyond",       {"money": "10.00"},              {"money": "10.01"},               False),
    ("scale is no money",   {"money": "10"},                 {"money": "10.00"},               True),
    ("one side beyond",     {"quickbooks.changes": 1},       {"quickbooks.changes": 2},        False),
    ("the other side",      {"quickbooks.changes": 1},       {"salesforce.changes": 2},        True),
    ("no limits",           {},                              {"changes": 2},                   True),
]  # fmt: skip


@pytest.mark.parametrize(
    ("limits", "does", "passes"), [case[1:] for case in LIMITS], ids=[case[0] for case in LIMITS]
)
def test_what_passes_a_limit(limits: Values, does: Values, passes: bool) -> None:
    if passes:
        refuse_beyond(limits, does, where="cs-1")
        return
    with pytest.raises(ApprovalError, match="more than its limits allow") as caught:
        refuse_beyond(limits, does, where="cs-1")
    assert set(caught.value.values) == set(limits)


def test_all_that_is_beyond_is_told() -> None:
    with pytest.raises(ApprovalError) as caught:
        refuse_beyond({"changes": 1, "money": "5"}, {"changes": 2, "money": "9"}, where="cs-1")
    assert dict(caught.value.values) == {"changes": "2, and 1 at the most", "money": "9, and 5 at the most"}


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("changes", 100, 100),
        ("changes", "100", 100),
        ("creates", 0, 0),
        ("money", "5000.00", "5000.00"),
        ("money", D("5000.5"), "5000.5"),
        ("quickbooks.money", 5000, "5000"),
    ],
)
def test_limits_as_they_are_signed(name: str, value: object, kept: object) -> None:
    assert read_limits({name: value}) == {name: kept}


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("change", 1, "there is no limit 'change'"),
        ("xero.changes", 1, "there is no limit"),
        ("changes", -1, "not a whole number from 0 up"),
        ("changes", "1.5", "not a whole number from 0 up"),
        ("changes", "many", "not a whole number from 0 up"),
        ("changes", True, "not a whole number from 0 up"),
        ("money", 1.5, "is a float"),
        ("money", "NaN", "not an amount from 0 up"),
        ("money", "-1", "not an amount from 0 up"),
    ],
)
def test_what_is_no_limit(name: str, value: object, says: str) -> None:
    with pytest.raises(UsageProblem, match=says) as caught:
        read_limits({name: value})
    assert caught.value.fix
