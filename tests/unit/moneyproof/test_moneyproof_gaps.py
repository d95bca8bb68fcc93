"""What the gap of one linked document consists of: one story a row, each with its boundary and its sign."""

from __future__ import annotations

import pytest

from tests.unit.core.core_world import tabled
from tests.unit.moneyproof.money_books import DEAL, INVOICE, books, measured, told

ONE = ("L1 | O1 | 1 | work | P1 | 3 | 33.33 | 99.99", "T1 | I1 | 1 | work | I1 | 3 | 33.33333 | 100.00")


def gap(
    salesforce: str,
    subtotal: str,
    tax: str = "0",
    lines: tuple[str, str] = ("", ""),
    line_links: str = "",
) -> list[str]:
    """The parts of the gap between an opportunity of that amount and an invoice."""
    given = books(
        f"O1 | Deal | A1 | 2026-03-30 | {salesforce} | true | true",
        f"I1 | 1001 | C1 | 2026-03-30 | {subtotal} | {tax} | {subtotal}",
        *lines,
        links="O1=I1",
        line_links=line_links,
    )
    found = measured(given).gaps
    assert [sum(part.amount for part in each.parts) == each.amount for each in found] == [True] * len(found)
    return [part for each in found for part in told(each)]


HEAD = [
    ("the same", "100", "100", "0", []),
    ("both nothing", "0", "0", "0", []),
    ("tax, which an opportunity does not hold", "100", "100", "8.25", ["tax -8.25"]),
    ("tax that it does hold", "108.25", "100", "8.25", []),
    ("tax, a cent more", "100.01", "100", "8.25", ["tax -8.25", "document rounding 0.01"]),
    ("tax that it holds, a cent less", "108.24", "100", "8.25", ["document rounding -0.01"]),
    ("credit: tax of a negative invoice", "-100", "-100", "-8.25", ["tax 8.25"]),
    ("a rounding cent, Salesforce higher", "100.01", "100", "0", ["document rounding 0.01"]),
    ("a rounding cent, QuickBooks higher", "99.99", "100", "0", ["document rounding -0.01"]),
    ("two cents of one sum are no rounding", "100.02", "100", "0", ["unexplained 0.02"]),
    ("another amount", "120", "100", "0", ["unexplained 20.00"]),
    ("another amount, and tax", "120", "100", "8", ["tax -8.00", "unexplained 20.00"]),
    ("beyond float", "9007199254740993.02", "9007199254740993.01", "0", ["document rounding 0.01"]),
]


@tabled("salesforce subtotal tax parts", HEAD)
def test_amounts_without_lines(salesforce: str, subtotal: str, tax: str, parts: list[str]) -> None:
    assert gap(salesforce, subtotal, tax) == parts


L, T = "L1 | O1 | 1 | work | P1 | ", "T1 | I1 | 1 | work | I1 | "
PAIRED = "L1=T1"
LINES = [
    ("one price of two and of five places", "99.99", "100.00", ONE, PAIRED, ["line rounding -0.01"]),
    ("a cent on each of three lines", "299.97", "300.00",
     ("\n".join(f"L{n} | O1 | {n} | work | P1 | 3 | 33.33 | 99.99" for n in (1, 2, 3)),
      "\n".join(f"T{n} | I1 | {n} | work | I1 | 3 | 33.33333 | 100.00" for n in (1, 2, 3))),
     "L1=T1 L2=T2 L3=T3", ["line rounding -0.03"]),
    ("just as far as places can say", "10.00", "10.02", (L + "3 | 3.33 | 9.99", T + "3 | 3.33500 | 10.01"),
     PAIRED, ["line rounding -0.02"]),
    ("a price beyond that", "9.99", "10.02", (L + "3 | 3.33 | 9.99", T + "3 | 3.34000 | 10.02"), PAIRED,
     ["unexplained -0.03"]),
    ("another quantity", "30", "40", (L + "3 | 10 | 30", T + "4 | 10 | 40"), PAIRED, ["unexplained -10.00"]),
    ("an amount that is not quantity x price", "30", "31", (L + "3 | 10 | 30", T + "3 | 10 | 31"), PAIRED,
     ["unexplained -1.00"]),
    ("a line in QuickBooks only", "30", "114",
     (L + "3 | 10 | 30", T + "3 | 10 | 30\nT2 | I1 | 2 | crates | I1 | 1 | 84 | 84"), PAIRED,
     ["missing line -84.00"]),
    ("a line in Salesforce only", "114", "30",
     (L + "3 | 10 | 30\nL2 | O1 | 2 | crates | P1 | 1 | 84 | 84", T + "3 | 10 | 30"), PAIRED,
     ["missing line 84.00"]),
    ("a line of text is no line", "30", "30.01",
     (L + "3 | 10 | 30", T + "3 | 10 | 30\nT2 | I1 | 2 | thank you"), PAIRED, ["document rounding -0.01"]),
    ("a discount line", "30", "27",
     (L + "3 | 10 | 30", T + "3 | 10 | 30\nT2 | I1 | 2 | rebate | I2 | - | -3 | -3"), PAIRED,
     ["discount 3.00"]),
    ("a discount product", "27", "30",
     (L + "3 | 10 | 30\nL2 | O1 | 2 | rebate | P2 | 1 | -3 | -3", T + "3 | 10 | 30"), PAIRED,
     ["discount -3.00"]),
    ("a tax item as a line", "30", "32",
     (L + "3 | 10 | 30", T + "3 | 10 | 30\nT2 | I1 | 2 | tax | I4 | - | 2 | 2"), PAIRED, ["tax -2.00"]),
    ("a subtotal repeats what stands above", "30", "30.01",
     (L + "3 | 10 | 30", T + "3 | 10 | 30.01\nT2 | I1 | 2 | subtotal | I3 | - | - | 30.01"), PAIRED,
     ["line rounding -0.01"]),
    ("the sum is not that of the lines", "30.01", "30", (L + "3 | 10 | 30", T + "3 | 10 | 30"), PAIRED,
     ["document rounding 0.01"]),
    ("three lines may lack two cents", "90.02", "90",
     ("\n".join(f"L{n} | O1 | {n} | work | P1 | 3 | 10 | 30" for n in (1, 2, 3)),
      "\n".join(f"T{n} | I1 | {n} | work | I1 | 3 | 10 | 30" for n in (1, 2, 3))),
     "L1=T1 L2=T2 L3=T3", ["document rounding 0.02"]),
    ("three lines do not lack three cents", "90.03", "90",
     ("\n".join(f"L{n} | O1 | {n} | work | P1 | 3 | 10 | 30" for n in (1, 2, 3)),
      "\n".join(f"T{n} | I1 | {n} | work | I1 | 3 | 10 | 30" for n in (1, 2, 3))),
     "L1=T1 L2=T2 L3=T3", ["unexplained 0.03"]),
    ("lines that nobody has linked: by item, in order", "29.99", "30",
     (L + "3 | 10 | 29.99", T + "3 | 10 | 30"), "", ["line rounding -0.01"]),
    ("a line that is linked elsewhere has no partner here", "30", "31",
     (L + "3 | 10 | 30", T + "3 | 10 | 31"), "L1=T9", ["unexplained -1.00"]),
    ("only Salesforce has lines", "30", "31", (L + "3 | 10 | 30", ""), "", ["unexplained -1.00"]),
    ("only QuickBooks has lines, one of them a discount", "30", "27",
     ("", T + "3 | 10 | 30\nT2 | I1 | 2 | rebate | I2 | - | -3 | -3"), "", ["discount 3.00"]),
    ("parts that cancel each other leave the gap", "30.01", "30",
     (L + "3 | 10 | 30\nL2 | O1 | 2 | a | P1 | 1 | 5 | 5",
      T + "3 | 10 | 30\nT2 | I1 | 2 | b | I1 | 1 | 5 | 5"), PAIRED, ["document rounding 0.01"]),
]  # fmt: skip


@tabled("salesforce subtotal lines line_links parts", LINES)
def test_amounts_with_lines(
    salesforce: str, subtotal: str, lines: tuple[str, str], line_links: str, parts: list[str]
) -> None:
    assert gap(salesforce, subtotal, "0", lines, line_links) == parts


def test_lines_and_tax_together() -> None:
    assert gap("99.99", "100.00", "8.25", ONE, PAIRED) == ["tax -8.25", "line rounding -0.01"]


def test_the_detail_names_the_line() -> None:
    given = books(
        "O1 | Deal | A1 | 2026-03-30 | 30 | true | true",
        "I1 | 1001 | C1 | 2026-03-30 | 40 | 0 | 40",
        L + "3 | 10 | 30",
        T + "4 | 10 | 40",
        links="O1=I1",
        line_links=PAIRED,
    )
    ((part,),) = (each.parts for each in measured(given).gaps)
    assert part.detail == "line work: quantity 3 in Salesforce, 4 in QuickBooks"


#  why, more columns of the opportunity, its values, amounts, parts
DISCOUNTS = [
    ("an amount off", "Discount__c:D", "10", "90", "100", ["discount -10.00"]),
    ("a percentage off", "Discount_Percent__c:D", "10", "90", "100", ["discount -10.00"]),
    ("another amount off", "Discount__c:D", "11", "90", "100", ["unexplained -10.00"]),
    ("no discount", "Discount__c:D", "-", "90", "100", ["unexplained -10.00"]),
    ("a word is no number", "Discount_Reason__c", "10", "90", "100", ["unexplained -10.00"]),
    ("added on top is no discount", "Discount__c:D", "10", "110", "100", ["unexplained 10.00"]),
    ("before rounding, where both would fit", "Discount__c:D", "0.01", "99.99", "100", ["discount -0.01"]),
]


@tabled("column value salesforce subtotal parts", DISCOUNTS)
def test_a_discount_of_the_opportunity(
    column: str, value: str, salesforce: str, subtotal: str, parts: list[str]
) -> None:
    given = books(
        f"O1 | Deal | A1 | 2026-03-30 | {salesforce} | true | true | - | - | {value}",
        f"I1 | 1001 | C1 | 2026-03-30 | {subtotal} | 0 | {subtotal}",
        headers=(f"{DEAL} | {column}", INVOICE),
        links="O1=I1",
    )
    assert [part for each in measured(given).gaps for part in told(each)] == parts


def test_a_discount_on_a_line_of_salesforce() -> None:
    given = books(
        "O1 | Deal | A1 | 2026-03-30 | 27 | true | true",
        "I1 | 1001 | C1 | 2026-03-30 | 30 | 0 | 30",
        invoice_lines=T + "3 | 10 | 30",
        links="O1=I1",
        line_links=PAIRED,
    )
    given.table(
        "salesforce.OpportunityLineItem",
        "Id | OpportunityId | Product2Id | Quantity:D | UnitPrice:D | TotalPrice:D | Discount:D\n"
        "L1 | O1 | P1 | 3 | 10 | 27 | 10",
    )
    assert [told(each) for each in measured(given).gaps] == [["discount -3.00"]]


MONEY = (f"{DEAL} | CurrencyIsoCode", f"{INVOICE} | CurrencyRef_FullName | ExchangeRate:P")
CURRENCIES = [
    ("the same currency", "USD", "US Dollar", "1", "100", "100", []),
    ("foreign on both sides", "EUR", "Euro", "1.1", "100", "100", []),
    ("Salesforce in home currency", "USD", "Euro", "1.1", "110", "100", ["currency 10.00"]),
    ("at a rate that rounds", "USD", "Euro", "1.08335", "108.34", "100", ["currency 8.34"]),
    ("a cent beyond the rate", "USD", "Euro", "1.1", "110.01", "100",
     ["currency 10.00", "document rounding 0.01"]),
    ("none in Salesforce, closer in home currency", "-", "Euro", "1.1", "110", "100", ["currency 10.00"]),
    ("none in Salesforce, closer as it is", "-", "Euro", "1.1", "101", "100", ["unexplained 1.00"]),
    ("other names, no rate", "USD", "Euro", "-", "110", "100", ["unexplained 10.00"]),
    ("a name without a known code", "XPF", "CFP Franc", "0.01", "1", "100", ["currency -99.00"]),
]  # fmt: skip


@tabled("code name rate salesforce subtotal parts", CURRENCIES)
def test_two_currencies(
    code: str, name: str, rate: str, salesforce: str, subtotal: str, parts: list[str]
) -> None:
    given = books(
        f"O1 | Deal | A1 | 2026-03-30 | {salesforce} | true | true | - | - | {code}",
        f"I1 | 1001 | C1 | 2026-03-30 | {subtotal} | 0 | {subtotal} | - | - | - | {name} | {rate}",
        headers=MONEY,
        links="O1=I1",
    )
    assert [part for each in measured(given).gaps for part in told(each)] == parts


def test_a_void_invoice_is_not_explained_away() -> None:
    given = books(
        "O1 | Deal | A1 | 2026-03-30 | 100 | true | true",
        "I1 | 1001 | C1 | 2026-03-30 | 0 | 0 | 0 | - | VOID: wrong customer",
        links="O1=I1",
    )
    (found,) = measured(given).gaps
    assert [(told(found), found.parts[0].detail)] == [(["unexplained 100.00"], "void in QuickBooks")]


def test_a_credit_memo_is_negative_on_both_sides() -> None:
    given = books()
    given.table(
        "quickbooks.CreditMemo",
        "TxnID | RefNumber | CustomerRef_ListID | TxnDate:date | TotalAmount:D | SalesTaxTotal:D | "
        "CreditRemaining:D | IsPending:B | Memo\nM1 | 7 | J1 | 2026-03-30 | 50 | 4 | 20",
    )
    given.table(
        "salesforce.Receivable__c",
        "Id | Name | Account__c | Date__c:date | Amount__c:D | Open__c:D | Status__c\n"
        "R1 | Credit 7 | A1 | 2026-03-30 | -49.99 | -20 | Open",
    )
    given.pair("credits", ("1", "R1", "M1"))
    (document,) = measured(given).documents
    assert (str(document.salesforce and document.salesforce.amount), str(document.gap)) == ("-49.99", "0.01")
    assert (document.customer, document.quickbooks and document.quickbooks.state) == ("C1", "open")
    assert [told(each) for each in measured(given).gaps] == [["document rounding 0.01"]]


@pytest.mark.parametrize("column", ["Amount", "SalesTaxTotal"])
def test_an_amount_that_was_not_read_makes_no_gap(column: str) -> None:
    given = books("O1 | D | A1 | 2026-03-30 | 5 | true | true", "I1 | 1 | C1 | 2026-03-30 | 9", links="O1=I1")
    table = "salesforce.Opportunity" if column == "Amount" else "quickbooks.Invoice"
    given.connection.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
    found = measured(given)
    assert (found.gaps, any(column in sentence for sentence in found.missing)) == ((), True)
