"""What a reader sees: the headline first, amounts to the right, and no line wider than there is room."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal as D

import pytest

from tests.unit.core.core_world import World, tabled
from tests.unit.moneyproof.money_books import MAPPINGS, books, measured
from workbench.bench.money import Money
from workbench.bench.proof import MoneyProof
from workbench.moneyproof import compare
from workbench.moneyproof.proof import Proof, Stage
from workbench.moneyproof.sections import Row, Section, in_currencies, money
from workbench.moneyproof.text import text

AMOUNTS = [
    ("nothing", "0", "0.00"),
    ("a cent", "0.01", "0.01"),
    ("a credit", "-1234567.8", "-1,234,567.80"),
    ("more than a cent can say", "0.005", "0.005"),
    ("beyond float", "9007199254740993.01", "9,007,199,254,740,993.01"),
]


@tabled("value shown", AMOUNTS)
def test_amounts(value: str, shown: str) -> None:
    assert money(D(value)) == shown


CURRENCIES: list[tuple[str, Mapping[str, D], str]] = [
    ("none", {}, "0.00"),
    ("nothing of any", {"USD": D(0)}, "0.00"),
    ("one that nobody names", {"": D("1250")}, "1,250.00"),
    ("two", {"USD": D("12"), "EUR": D("-3")}, "-3.00 EUR and 12.00 USD"),
]


@tabled("amounts shown", CURRENCIES)
def test_amounts_in_a_sentence(amounts: Mapping[str, D], shown: str) -> None:
    assert in_currencies(amounts) == shown


TABLE = Section(
    title="Open balances",
    columns=("", "n", "before", "after"),
    rows=(
        Row(label="Cedar & Sons Roofing of the Upper Valley", cells=("1", "1,080.00", "-12.50")),
        Row(label="a sentence about it that is longer than any of the columns above", indent=1),
        Row(label="all", cells=("1", "1,080.00", "-12.50"), strong=True),
    ),
    spare=frozenset({1}),
    note="and so on",
)


def test_a_table_with_room() -> None:
    assert text([TABLE], 80).splitlines() == [
        "Open balances",
        "-" * 61,
        "                                          n    before   after",
        "Cedar & Sons Roofing of the Upper Valley  1  1,080.00  -12.50",
        "  a sentence about it that is longer than any of the columns above",
        "all                                       1  1,080.00  -12.50",
        "(and so on)",
    ]


def test_a_table_with_little_room_leaves_out_what_it_can_spare() -> None:
    assert text([TABLE], 40).splitlines() == [
        "Open balances",
        "-" * 40,
        "                          before   after",
        "Cedar & Sons Roofing",
        "  of the Upper Valley   1,080.00  -12.50",
        "  a sentence about it that is longer",
        "  than any of the columns above",
        "all                     1,080.00  -12.50",
        "(and so on)",
    ]


def world(amount: str = "100", balance: str = "108", name: str = "Deal") -> World:
    return books(
        f"O1 | {name} | A1 | 2026-03-30 | {amount} | true | true | won | 2026-03-01 08:00:00",
        f"I1 | 1001 | C1 | 2026-03-30 | 100 | 8 | {balance} | - | - | 7",
        links="O1=I1",
    )


def proven(after: World) -> MoneyProof:
    before = measured(world(), MAPPINGS[:3])
    is_ = measured(after, MAPPINGS[:3])
    stages = {Stage.BEFORE: before, Stage.PREDICTED: before, Stage.AFTER: is_}
    return MoneyProof(Proof(changeset="cs-1", measures=stages, comparison=compare(before, before, is_, [])))


def test_a_proof_that_agrees() -> None:
    assert (
        proven(world()).text(80)
        == """\
Balances agree to the cent: both systems hold what was predicted.
change set cs-1

Both sides
-------------------------------------------------------------
                         before  predicted   after  deviation
Open balances
  QuickBooks             108.00     108.00  108.00       0.00
  Salesforce             100.00     100.00  100.00       0.00
  difference              -8.00      -8.00   -8.00       0.00
Deals and invoices
  QuickBooks, documents       1          1       1          0
  QuickBooks, sum        108.00     108.00  108.00       0.00
  Salesforce, documents       1          1       1          0
  Salesforce, sum        100.00     100.00  100.00       0.00
  difference              -8.00      -8.00   -8.00       0.00

Salesforce less QuickBooks, all documents
--------------------------------------------
                    before  predicted  after
tax                  -8.00      -8.00  -8.00
all                  -8.00      -8.00  -8.00

Linked documents that differ, as they are now
--------------------------------------------------------------
document            QuickBooks  Salesforce    gap  unexplained
1001                    108.00      100.00  -8.00         0.00
  tax -8.00"""
    )


@pytest.mark.parametrize("width", [80, 100, 120])
@pytest.mark.parametrize("balance", ["108", "8", "0"])
def test_no_line_is_wider_than_there_is_room(width: int, balance: str) -> None:
    name = "A deal with a very long name that somebody has written in full"
    after = world("1234567.01", balance, name)
    for shown in (proven(after), Money(measured(after, MAPPINGS[:3]))):
        lines = shown.text(width).splitlines()
        assert max(map(len, lines)) <= width
        assert shown.headline.startswith(lines[0]), "the headline comes first"


def test_a_payment_is_shown_by_what_is_open() -> None:
    """The amount is as predicted: what deviates is what is open of it."""
    lines = [" ".join(line.split()) for line in proven(world(balance="8")).text(80).splitlines()]
    assert "1001 QuickBooks, open 108.00 108.00 8.00" in lines
    assert "paid or credited in QuickBooks" in lines


def test_a_page_is_whole_and_escaped() -> None:
    page = proven(world("130", name="<script>alert(1)</script>")).page()
    assert page.startswith("<!doctype html>")
    assert "<script>" not in page
    assert "Money proof of cs-1" in page
