"""Invoices: amounts, balances, numbers, lines that stay and lines that go."""

from __future__ import annotations

from decimal import Decimal as D
from typing import Any

import pytest
from simulator_world import World

from qbwc.errors import QbwcError

#    why                           line                                                        amount
AMOUNTS = [
    ("quantity times rate",        {"Quantity": 3, "Rate": D("33.333")},                       D("100.00")),
    ("half a cent goes up",        {"Quantity": 1, "Rate": D("0.005")},                        D("0.01")),
    ("just below half",            {"Quantity": 1, "Rate": D("0.00499")},                      D("0.00")),
    ("a negative half goes away",  {"Quantity": 1, "Rate": D("-0.005")},                       D("-0.01")),
    ("not to the even cent",       {"Quantity": 5, "Rate": D("0.005")},                        D("0.03")),
    ("an amount of its own stays", {"Quantity": 3, "Rate": D("33.333"), "Amount": D("99.99")}, D("99.99")),
    ("no quantity means one",      {"Rate": D("12.5")},                                        D("12.50")),
    ("nothing is nothing",         {"Quantity": 0, "Rate": D("12.5")},                         D("0.00")),
    ("the item's own price",       {"ItemRef_FullName": "Consulting", "Quantity": 2},          D("66.67")),
    ("its price when also bought", {"ItemRef_FullName": "Nails", "Quantity": 1000},            D("5.00")),
    ("a text without money",       {"Desc": "Thank you"},                                      None),
]  # fmt: skip


@pytest.mark.parametrize(("why", "line", "amount"), AMOUNTS)
def test_amounts(world: World, why: str, line: dict[str, Any], amount: D | None) -> None:
    (record,) = world.add("Invoice", {"CustomerRef_FullName": "Cedar"}, [line]).records
    assert record.lines["InvoiceLine"][0].get("Amount") == amount
    assert record.fields["Subtotal"] == (amount or D("0.00"))
    assert record.fields["BalanceRemaining"] == record.fields["Subtotal"]
    assert record.fields["IsPaid"] is (record.fields["Subtotal"] == 0)


def test_a_discount_counts_against_the_line_above(world: World) -> None:
    lines = world.row("Invoice", "1")["lines"]
    assert [(line["Amount"], line.get("RatePercent")) for line in lines] == [
        (D("100.00"), None),
        (D("-10.00"), -10),
    ]
    assert world.row("Invoice", "1")["Subtotal"] == D("90.00")


def test_what_the_customer_gives_is_filled_in(world: World) -> None:
    (record,) = world.add("Invoice", {"CustomerRef_FullName": "Birch", "TxnDate": "2026-01-31"}).records
    fields = record.fields
    assert (fields["BillAddress_City"], fields["TermsRef_FullName"]) == ("Salem", "Net 30")
    assert str(fields["DueDate"]) == "2026-03-02"
    assert fields["ARAccountRef_FullName"] == "Receivable"
    own = world.add(
        "Invoice", {"CustomerRef_FullName": "Birch", "BillAddress_City": "Bend", "DueDate": "2026-05-01"}
    )
    assert own.records[0].fields["BillAddress_City"] == "Bend"
    assert str(own.records[0].fields["DueDate"]) == "2026-05-01"


def test_an_invoice_of_today_has_todays_local_date(world: World) -> None:
    world.clock.forward(hours=10)  # 22:00 there, already tomorrow in UTC
    (record,) = world.add("Invoice", {"CustomerRef_FullName": "Cedar"}).records
    assert str(record.fields["TxnDate"]) == "2026-02-01"


def test_numbers_go_on_from_the_last_one(world: World) -> None:
    def number(given: str | None = None) -> object:
        fields = {"CustomerRef_FullName": "Cedar", "RefNumber": given}
        return world.add("Invoice", fields).records[0].fields["RefNumber"]

    assert number() == "2"
    assert number("1000") == "1000"
    assert number() == "1001"
    assert number("A-7") == "A-7"
    assert number() == "1002"
    assert number("1000") == "1000"  # RefNumber is not unique in QuickBooks


def test_balances_follow_the_invoices(world: World) -> None:
    def balance(name: str) -> tuple[object, object]:
        row = world.row("Customer", name)
        return row["Balance"], row["TotalBalance"]

    assert balance("Birch") == (D("90.00"), D("90.00"))
    world.add(
        "Invoice", {"CustomerRef_FullName": "Birch:Kitchen", "RefNumber": "K"}, [{"Amount": D("10.01")}]
    )
    assert balance("Birch") == (D("90.00"), D("100.01"))
    assert balance("Birch:Kitchen") == (D("10.01"), D("10.01"))
    line = world.row("Invoice", "K")["lines"][0]["TxnLineID"]
    world.mod("Invoice", "K", {}, [{"TxnLineID": line, "Amount": D("5.00")}])
    assert balance("Birch") == (D("90.00"), D("95.00"))
    world.mod("Invoice", "K", {"CustomerRef_FullName": "Cedar"})
    assert balance("Birch") == (D("90.00"), D("90.00"))
    assert balance("Cedar") == (D("5.00"), D("5.00"))
    world.company.delete("Invoice", "K")
    assert balance("Cedar") == (D("0.00"), D("0.00"))


def test_a_refused_change_leaves_the_balance_alone(world: World) -> None:
    assert world.mod("Invoice", "1", {"CustomerRef_FullName": "Nobody"}).status_code == 3140
    assert world.row("Customer", "Birch")["Balance"] == D("90.00")
    assert world.row("Invoice", "1")["CustomerRef_FullName"] == "Birch"


# -- lines ---------------------------------------------


def lines_of(world: World) -> list[dict[str, Any]]:
    return list(world.row("Invoice", "1")["lines"])


def test_a_change_without_lines_leaves_them(world: World) -> None:
    before = lines_of(world)
    assert world.mod("Invoice", "1", {"Memo": "m"}).status_code == 0
    assert lines_of(world) == before


def test_a_line_that_is_not_named_is_deleted(world: World) -> None:
    first, second = lines_of(world)
    world.mod("Invoice", "1", {}, [{"TxnLineID": first["TxnLineID"]}])
    assert lines_of(world) == [first]
    assert world.row("Invoice", "1")["Subtotal"] == D("100.00")
    assert second["TxnLineID"] not in str(world.company.records("Invoice"))


def test_a_line_that_is_only_named_stays_as_it_is_and_a_new_one_joins(world: World) -> None:
    before = lines_of(world)
    named = [{"TxnLineID": line["TxnLineID"]} for line in before]
    new = {"TxnLineID": "-1", "ItemRef_FullName": "Nails", "Quantity": 2000, "Desc": "a keg"}
    response = world.mod("Invoice", "1", {}, [named[0], new, named[1]])
    after = response.records[0].lines["InvoiceLine"]
    assert [line["TxnLineID"] for line in after][::2] == [line["TxnLineID"] for line in before]
    assert (after[1]["Amount"], after[1]["Desc"]) == (D("10.00"), "a keg")
    assert after[1]["TxnLineID"] != "-1"
    assert [line["SeqNo"] for line in after] == [1, 2, 3]


#    why                            change                                    quantity, rate, amount
CHANGES = [
    ("more hours",                  {"Quantity": 4},                          (4, D("33.333"), D("133.33"))),
    ("another rate",                {"Rate": 10},                             (3, D("10"), D("30.00"))),
    ("a lump sum changes the rate", {"Amount": D("50.00")},                   (3, D("16.66667"), D("50.00"))),
    ("all three are kept",          {"Quantity": 2, "Rate": 7, "Amount": 15}, (2, D("7"), D("15.00"))),
    ("a word changes no money",     {"Desc": "Days"},                         (3, D("33.333"), D("100.00"))),
]  # fmt: skip


@pytest.mark.parametrize(("why", "change", "expected"), CHANGES)
def test_a_changed_line(world: World, why: str, change: dict[str, Any], expected: tuple[Any, ...]) -> None:
    first, _ = lines_of(world)
    world.mod("Invoice", "1", {}, [{"TxnLineID": first["TxnLineID"], **change}])
    (line,) = lines_of(world)
    assert (line["Quantity"], line["Rate"], line["Amount"]) == expected
    assert line["TxnLineID"] == first["TxnLineID"]


def test_lines_out_of_order_are_refused(world: World) -> None:
    before = lines_of(world)
    backwards = [{"TxnLineID": line["TxnLineID"]} for line in reversed(before)]
    assert world.mod("Invoice", "1", {}, backwards).status_code == 3290
    assert lines_of(world) == before


def test_a_line_of_another_invoice_is_refused(world: World) -> None:
    assert world.mod("Invoice", "1", {}, [{"TxnLineID": "99-1"}]).status_code == 3120
    assert len(lines_of(world)) == 2


def test_an_unknown_item_in_a_line_is_refused(world: World) -> None:
    response = world.add("Invoice", {"CustomerRef_FullName": "Cedar"}, [{"ItemRef_FullName": "Screws"}])
    assert response.status_code == 3140
    assert 'QuickBooks Item "Screws" in the Invoice' in response.message
    assert len(world.company.records("Invoice")) == 1


def test_the_bookkeeper_edits_lines_too(world: World) -> None:
    first, _ = lines_of(world)
    world.company.edit(
        "Invoice", "1", lines=[{"TxnLineID": first["TxnLineID"], "Quantity": 1}], Memo="by hand"
    )
    assert world.row("Invoice", "1")["Subtotal"] == D("33.33")
    with pytest.raises(QbwcError, match="no field Quantitty"):
        world.company.edit("Invoice", "1", lines=[{"TxnLineID": first["TxnLineID"], "Quantitty": 1}])
