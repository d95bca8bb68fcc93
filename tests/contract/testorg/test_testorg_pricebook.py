"""Price books, opportunity products and stages: the rules that surprise a writer."""

from dataclasses import dataclass
from decimal import Decimal as D
from typing import Any

import pytest
from simple_salesforce.exceptions import SalesforceMalformedRequest
from testorg_client import Running

from workbench.testorg import OrgError

MISSING, INTEGRITY = "REQUIRED_FIELD_MISSING", "FIELD_INTEGRITY_EXCEPTION"
READ_ONLY = "INVALID_FIELD_FOR_INSERT_UPDATE"
OPEN = {"Name": "Roof", "StageName": "Prospecting", "CloseDate": "2026-05-01"}


@dataclass(frozen=True)
class Shop:
    """One product with a price in the standard book, and a second book without it."""

    running: Running
    product: str
    standard: str
    other: str
    entry: str

    def opportunity(self, **values: Any) -> str:
        return self.running.org.create("Opportunity", {**OPEN, **values})

    def line(self, opportunity: str, **values: Any) -> str:
        row = {"OpportunityId": opportunity, "PricebookEntryId": self.entry, "Quantity": 1, **values}
        return self.running.org.create("OpportunityLineItem", row)

    def show(self, name: str, record: str, *fields: str) -> list[object]:
        row = self.running.org.record(name, record)
        return [row[f] for f in fields]


@pytest.fixture
def shop(running: Running) -> Shop:
    org = running.org
    product = org.create("Product2", {"Name": "Slate", "ProductCode": "SL-1", "IsActive": True})
    (standard,) = (r["Id"] for r in org.records("Pricebook2"))
    other = org.create("Pricebook2", {"Name": "Trade", "IsActive": True})
    price = {"Product2Id": product, "UnitPrice": D("2.50"), "IsActive": True}
    entry = org.create("PricebookEntry", {"Pricebook2Id": standard, **price})
    return Shop(running, product, str(standard), other, entry)


def refused(code: str, text: str) -> Any:
    return pytest.raises(OrgError, match=f"{code}: .*{text}")


def test_there_is_one_standard_book(running: Running) -> None:
    assert [(b["Name"], b["IsStandard"]) for b in running.org.records("Pricebook2")] == [
        ("Standard Price Book", True)
    ]


def test_entries_mirror_their_product(shop: Shop) -> None:
    assert shop.show("PricebookEntry", shop.entry, "Name", "ProductCode") == ["Slate", "SL-1"]
    shop.running.org.edit("Product2", shop.product, {"Name": "Welsh slate", "ProductCode": None})
    assert shop.show("PricebookEntry", shop.entry, "Name", "ProductCode") == ["Welsh slate", None]
    rows = shop.running.org.query("SELECT Id FROM PricebookEntry WHERE Name = 'WELSH SLATE' ORDER BY Name")
    assert len(rows) == 1


def test_a_custom_book_needs_a_standard_price_first(shop: Shop) -> None:
    org = shop.running.org
    tile = org.create("Product2", {"Name": "Tile"})
    price = {"Product2Id": tile, "UnitPrice": 3}
    with refused("STANDARD_PRICE_NOT_DEFINED", "No standard price defined"):
        org.create("PricebookEntry", {"Pricebook2Id": shop.other, **price})
    org.create("PricebookEntry", {"Pricebook2Id": shop.standard, **price})
    org.create("PricebookEntry", {"Pricebook2Id": shop.other, **price})


#  why                       values                                        code       text
ENTRIES = [
    ("no price",             {},                                           MISSING,   "UnitPrice"),
    ("price of both kinds",  {"UnitPrice": 3, "UseStandardPrice": True},   INTEGRITY, "standard price is on"),
    ("no book",              {"Pricebook2Id": None, "UnitPrice": 3},       MISSING,   "Pricebook2Id"),
    ("no product",           {"Product2Id": None, "UnitPrice": 3},         MISSING,   "Product2Id"),
    ("a name of its own",    {"Name": "x", "UnitPrice": 3},                READ_ONLY, "Name"),
]  # fmt: skip


@pytest.mark.parametrize(("why", "values", "code", "text"), ENTRIES, ids=[c[0] for c in ENTRIES])
def test_refused_entries(shop: Shop, why: str, values: dict[str, Any], code: str, text: str) -> None:
    row = {"Pricebook2Id": shop.other, "Product2Id": shop.product, **values}
    with refused(code, text):
        shop.running.org.create("PricebookEntry", row)


def test_an_entry_is_unique_in_its_book(shop: Shop) -> None:
    with refused("DUPLICATE_VALUE", "already exists in this price book"):
        shop.running.org.create(
            "PricebookEntry", {"Pricebook2Id": shop.standard, "Product2Id": shop.product, "UnitPrice": 3}
        )


def test_use_standard_price_follows(shop: Shop) -> None:
    org = shop.running.org
    follower = org.create(
        "PricebookEntry",
        {"Pricebook2Id": shop.other, "Product2Id": shop.product, "UseStandardPrice": True},
    )
    assert shop.show("PricebookEntry", follower, "UnitPrice") == [D("2.5")]
    org.edit("PricebookEntry", shop.entry, {"UnitPrice": 4})
    assert shop.show("PricebookEntry", follower, "UnitPrice") == [D("4.0")]
    with refused("FIELD_INTEGRITY_EXCEPTION", "use standard price is on"):
        org.edit("PricebookEntry", follower, {"UnitPrice": 5})
    org.edit("PricebookEntry", follower, {"UseStandardPrice": False, "UnitPrice": 5})
    assert shop.show("PricebookEntry", follower, "UnitPrice") == [D("5.0")]


@pytest.mark.parametrize("field", ["Pricebook2Id", "Product2Id"])
def test_book_and_product_of_an_entry_are_create_only(shop: Shop, field: str) -> None:
    with refused("INVALID_FIELD_FOR_INSERT_UPDATE", field):
        shop.running.org.edit("PricebookEntry", shop.entry, {field: shop.other})


# --- lines -------------------------------------------------------------------------------------


def test_a_line_brings_book_product_and_amount(shop: Shop) -> None:
    opportunity = shop.opportunity(Amount=7)
    line = shop.line(opportunity, Quantity=3, UnitPrice=D("1.10"))
    shown = ("Product2Id", "ProductCode", "TotalPrice", "ListPrice", "Name")
    assert shop.show("OpportunityLineItem", line, *shown) == [
        shop.product, "SL-1", D("3.3"), D("2.5"), "Roof Slate",
    ]  # fmt: skip
    fields = (
        "Pricebook2Id",
        "Amount",
        "HasOpportunityLineItem",
        "TotalOpportunityQuantity",
        "ExpectedRevenue",
    )
    assert shop.show("Opportunity", opportunity, *fields) == [
        shop.standard, D("3.3"), True, D("3.0"), D("0.33"),
    ]  # fmt: skip


#  why                         quantity   unit        total (rounded half up, away from zero)
PRICES = [
    ("whole",                  D("2"),    D("1.50"),  D("3.0")),
    ("half a cent up",         D("0.5"),  D("0.01"),  D("0.01")),
    ("under half a cent",      D("0.49"), D("0.01"),  D("0.0")),
    ("minus half a cent",      D("0.5"),  D("-0.01"), D("-0.01")),
    ("a credit",               D("-1"),   D("10"),    D("-10.0")),
    ("no float artefact",      D("3"),    D("0.1"),   D("0.3")),
    ("free",                   D("3"),    D("0"),     D("0.0")),
]  # fmt: skip


@pytest.mark.parametrize(("why", "quantity", "unit", "total"), PRICES, ids=[c[0] for c in PRICES])
def test_total_price(shop: Shop, why: str, quantity: D, unit: D, total: D) -> None:
    line = shop.line(shop.opportunity(), Quantity=quantity, UnitPrice=unit)
    assert shop.show("OpportunityLineItem", line, "TotalPrice") == [total]


def test_a_total_gives_the_unit_price(shop: Shop) -> None:
    line = shop.line(shop.opportunity(), Quantity=3, TotalPrice=10)
    assert shop.show("OpportunityLineItem", line, "UnitPrice", "TotalPrice") == [D("3.33"), D("10.0")]


def test_editing_a_line(shop: Shop) -> None:
    opportunity = shop.opportunity()
    line = shop.line(opportunity, Quantity=2, UnitPrice=5)
    shop.line(opportunity, UnitPrice=1)
    edits: list[tuple[dict[str, Any], D, D]] = [
        ({"Quantity": 3}, D("15.0"), D("16.0")),
        ({"UnitPrice": 4}, D("12.0"), D("13.0")),
        ({"TotalPrice": 9}, D("9.0"), D("10.0")),
        ({"Description": "x"}, D("9.0"), D("10.0")),
    ]
    for values, total, amount in edits:
        shop.running.org.edit("OpportunityLineItem", line, values)
        assert shop.show("OpportunityLineItem", line, "TotalPrice") == [total]
        assert shop.show("Opportunity", opportunity, "Amount") == [amount]
    shop.running.org.delete("OpportunityLineItem", line)
    assert shop.show("Opportunity", opportunity, "Amount") == [D("1.0")]
    shop.running.org.undelete("OpportunityLineItem", line)
    assert shop.show("Opportunity", opportunity, "Amount") == [D("10.0")]


#  why                     values                                      code       text
LINES = [
    ("no entry",           {"PricebookEntryId": None, "UnitPrice": 1}, MISSING,   "PricebookEntryId"),
    ("no price",           {},                                         MISSING,   "UnitPrice"),
    ("both prices",        {"UnitPrice": 1, "TotalPrice": 1},          INTEGRITY, "only one of"),
    ("no quantity",        {"Quantity": None, "UnitPrice": 1},         MISSING,   "Quantity"),
    ("quantity zero",      {"Quantity": 0, "UnitPrice": 1},            INTEGRITY, "zero"),
    ("no opportunity",     {"OpportunityId": None, "UnitPrice": 1},    MISSING,   "OpportunityId"),
]  # fmt: skip


@pytest.mark.parametrize(("why", "values", "code", "text"), LINES, ids=[c[0] for c in LINES])
def test_refused_lines(shop: Shop, why: str, values: dict[str, Any], code: str, text: str) -> None:
    opportunity = shop.opportunity()
    with refused(code, text):
        shop.line(opportunity, **values)
    assert shop.show("Opportunity", opportunity, "Amount", "Pricebook2Id") == [None, None]


def test_the_entry_must_be_in_the_opportunitys_book(shop: Shop) -> None:
    with refused("FIELD_INTEGRITY_EXCEPTION", "in a different pricebook"):
        shop.line(shop.opportunity(Pricebook2Id=shop.other), UnitPrice=1)


def test_the_entry_must_be_active(shop: Shop) -> None:
    shop.running.org.edit("PricebookEntry", shop.entry, {"IsActive": False})
    with refused("FIELD_INTEGRITY_EXCEPTION", "inactive"):
        shop.line(shop.opportunity(), UnitPrice=1)


def test_both_prices_in_an_update(shop: Shop) -> None:
    line = shop.line(shop.opportunity(), UnitPrice=1)
    with refused(
        "FIELD_INTEGRITY_EXCEPTION", "Cannot change both 'UnitPrice' and 'TotalPrice' in update call"
    ):
        shop.running.org.edit("OpportunityLineItem", line, {"UnitPrice": 1, "TotalPrice": 1})


@pytest.mark.parametrize("field", ["OpportunityId", "PricebookEntryId", "Product2Id"])
def test_what_a_line_is_about_is_create_only(shop: Shop, field: str) -> None:
    line = shop.line(shop.opportunity(), UnitPrice=1)
    with refused("INVALID_FIELD_FOR_INSERT_UPDATE", field):
        shop.running.org.edit("OpportunityLineItem", line, {field: shop.product})


def test_products_and_entries_in_use_stay(shop: Shop) -> None:
    line = shop.line(shop.opportunity(), UnitPrice=1)
    for name, record in (
        ("PricebookEntry", shop.entry),
        ("Product2", shop.product),
        ("Pricebook2", shop.standard),
    ):
        with refused("DELETE_FAILED", ""):
            shop.running.org.delete(name, record)
    shop.running.org.delete("OpportunityLineItem", line)
    shop.running.org.delete("Product2", shop.product)
    assert shop.running.org.records("PricebookEntry") == []  # with its product


# --- opportunities -----------------------------------------------------------------------------


def test_amount_with_lines_is_silently_ignored(shop: Shop) -> None:
    opportunity = shop.opportunity()
    shop.running.client().Opportunity.update(opportunity, {"Amount": 99})
    assert shop.show("Opportunity", opportunity, "Amount") == [D("99.0")]
    shop.line(opportunity, UnitPrice=5)
    status = shop.running.client().Opportunity.update(opportunity, {"Amount": 77, "NextStep": "call"})
    assert status == 204  # no error
    assert shop.show("Opportunity", opportunity, "Amount", "NextStep") == [D("5.0"), "call"]


def test_the_book_of_an_opportunity_with_lines_stays(shop: Shop) -> None:
    opportunity = shop.opportunity()
    shop.line(opportunity, UnitPrice=5)
    with pytest.raises(SalesforceMalformedRequest, match="FIELD_INTEGRITY_EXCEPTION"):
        shop.running.client().Opportunity.update(opportunity, {"Pricebook2Id": shop.other})


def test_lines_touch_their_opportunity_once_a_call(shop: Shop) -> None:
    opportunity = shop.opportunity()
    row = {"OpportunityId": opportunity, "PricebookEntryId": shop.entry, "Quantity": 1, "UnitPrice": 1}
    rows = [{"attributes": {"type": "OpportunityLineItem"}, **row} for _ in range(20)]
    shop.running.clock.forward(seconds=5)
    shop.running.call("POST", "composite/sobjects", json={"records": rows})
    assert shop.show("Opportunity", opportunity, "Amount", "SystemModstamp") == [
        D("20.0"),
        "2026-03-30T12:00:05.000+0000",
    ]


#  stage                     closed  won    probability  category
STAGES = [
    ("Prospecting",          False,  False, D("10.0"),   "Pipeline"),
    ("Proposal/Price Quote", False,  False, D("75.0"),   "Pipeline"),
    ("Closed Won",           True,   True,  D("100.0"),  "Closed"),
    ("Closed Lost",          True,   False, D("0.0"),    "Omitted"),
    ("Our own stage",        False,  False, D("0.0"),    "Pipeline"),
]  # fmt: skip
FOLLOWS = ("IsClosed", "IsWon", "Probability", "ForecastCategory")


@pytest.mark.parametrize(("stage", "closed", "won", "probability", "category"), STAGES)
def test_stages(shop: Shop, stage: str, closed: bool, won: bool, probability: D, category: str) -> None:
    fresh = shop.opportunity(StageName=stage)
    assert shop.show("Opportunity", fresh, *FOLLOWS) == [closed, won, probability, category]
    moved = shop.opportunity(StageName="Qualification", Probability=42)
    assert shop.show("Opportunity", moved, "Probability") == [D("42.0")]
    shop.running.org.edit("Opportunity", moved, {"StageName": stage})
    assert shop.show("Opportunity", moved, *FOLLOWS) == [closed, won, probability, category]


#  day            year  quarter  period
PERIODS = [
    ("2026-01-01", 2026, 1, "2026 1"),
    ("2026-03-31", 2026, 1, "2026 1"),
    ("2026-04-01", 2026, 2, "2026 2"),
    ("2026-12-31", 2026, 4, "2026 4"),
]


@pytest.mark.parametrize(("day", "year", "quarter", "period"), PERIODS)
def test_fiscal_periods(shop: Shop, day: str, year: int, quarter: int, period: str) -> None:
    opportunity = shop.opportunity(CloseDate=day)
    fields = ("FiscalYear", "FiscalQuarter", "Fiscal")
    assert shop.show("Opportunity", opportunity, *fields) == [year, quarter, period]
