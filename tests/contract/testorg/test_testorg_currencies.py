"""An embedded org with several currencies: what each record says, and the rules of price books."""

from collections.abc import Callable
from decimal import Decimal as D
from pathlib import Path
from typing import Any

import pytest
from testorg_client import Running

from workbench.testorg import OrgError, TestOrg

OPEN = {"Name": "Roof", "StageName": "Prospecting", "CloseDate": "2026-05-01"}


@pytest.fixture
def org(start: Callable[..., Running]) -> TestOrg:
    return start(multicurrency=("EUR", "USD")).org


@pytest.fixture
def entries(org: TestOrg) -> dict[str, str]:
    """Standard entries of one product, by currency."""
    product = org.create("Product2", {"Name": "Slate", "IsActive": True})
    (book,) = org.records("Pricebook2")
    base = {"Pricebook2Id": book["Id"], "Product2Id": product, "IsActive": True}
    return {
        code: org.create("PricebookEntry", {**base, "UnitPrice": price, "CurrencyIsoCode": code})
        for code, price in (("EUR", D("2.50")), ("USD", D("3.00")))
    }


#  given                                    kept, None for a refusal
GIVEN: list[tuple[dict[str, str], str | None]] = [
    ({},                            "EUR"),
    ({"CurrencyIsoCode": "USD"},    "USD"),
    ({"CurrencyIsoCode": "GBP"},    None),
]  # fmt: skip


@pytest.mark.parametrize(("given", "kept"), GIVEN)
def test_a_record_has_a_currency(org: TestOrg, given: dict[str, str], kept: str | None) -> None:
    if kept is None:
        with pytest.raises(OrgError, match="INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"):
            org.create("Account", {"Name": "a", **given})
    else:
        assert org.record("Account", org.create("Account", {"Name": "a", **given}))["CurrencyIsoCode"] == kept


def test_describe_and_currency_types(org: TestOrg, entries: dict[str, str]) -> None:
    types = org.query("SELECT IsoCode, IsCorporate, ConversionRate FROM CurrencyType ORDER BY IsoCode")
    assert [(t["IsoCode"], t["IsCorporate"]) for t in types] == [("EUR", True), ("USD", False)]
    access = {
        name: (field.createable, field.updateable)
        for name in ("Opportunity", "PricebookEntry", "OpportunityLineItem")
        if (field := org.declared(name).field("CurrencyIsoCode"))
    }
    assert access == {
        "Opportunity": (True, True),
        "PricebookEntry": (True, False),
        "OpportunityLineItem": (False, False),
    }


def test_an_org_with_one_currency_has_no_such_field(running: Running) -> None:
    assert running.org.declared("Account").field("CurrencyIsoCode") is None
    assert running.org.schema.object("CurrencyType") is None


def test_one_price_a_currency(org: TestOrg, entries: dict[str, str]) -> None:
    entry = org.record("PricebookEntry", entries["USD"])
    again = {name: entry[name] for name in ("Pricebook2Id", "Product2Id", "UnitPrice", "CurrencyIsoCode")}
    with pytest.raises(OrgError, match="This price definition already exists in this price book"):
        org.create("PricebookEntry", again)


def test_a_standard_price_is_of_its_currency(org: TestOrg, entries: dict[str, str]) -> None:
    org.delete("PricebookEntry", entries["USD"])
    trade = org.create("Pricebook2", {"Name": "Trade", "IsActive": True})
    product = org.record("PricebookEntry", entries["EUR"])["Product2Id"]
    price = {"Pricebook2Id": trade, "Product2Id": product, "UnitPrice": 1}
    with pytest.raises(OrgError, match="STANDARD_PRICE_NOT_DEFINED"):
        org.create("PricebookEntry", {**price, "CurrencyIsoCode": "USD"})
    org.create("PricebookEntry", {**price, "CurrencyIsoCode": "EUR"})


def test_a_line_has_the_currency_of_its_opportunity(org: TestOrg, entries: dict[str, str]) -> None:
    deal = org.create("Opportunity", {**OPEN, "CurrencyIsoCode": "USD"})
    line: dict[str, Any] = {"OpportunityId": deal, "Quantity": 1, "UnitPrice": 3}
    with pytest.raises(OrgError, match="currency code does not match opportunity currency code"):
        org.create("OpportunityLineItem", {**line, "PricebookEntryId": entries["EUR"]})
    made = org.create("OpportunityLineItem", {**line, "PricebookEntryId": entries["USD"]})
    assert org.record("OpportunityLineItem", made)["CurrencyIsoCode"] == "USD"
    with pytest.raises(OrgError, match=r"FIELD_INTEGRITY_EXCEPTION: .*CurrencyIsoCode"):
        org.edit("Opportunity", deal, {"CurrencyIsoCode": "EUR"})
    org.edit("Opportunity", deal, {"CurrencyIsoCode": "USD"})  # the same again is no change
    org.delete("OpportunityLineItem", made)
    org.edit("Opportunity", deal, {"CurrencyIsoCode": "EUR"})


def test_an_org_that_gets_a_second_currency_later(tmp_path: Path) -> None:
    with TestOrg.open(tmp_path / "org.sqlite") as org:
        org.create("Account", {"Name": "a"})
    with TestOrg.open(tmp_path / "org.sqlite", multicurrency=["USD", "EUR"]) as org:
        assert [a["CurrencyIsoCode"] for a in org.records("Account")] == ["USD"]
        assert len(org.records("CurrencyType")) == 2


def test_conversion_is_refused(org: TestOrg) -> None:
    with pytest.raises(OrgError, match="MALFORMED_QUERY"):
        org.query("SELECT convertCurrency(Amount) FROM Opportunity")


@pytest.mark.parametrize("code", ["eur", "EURO", "", "ÄÖÜ"])
def test_what_is_no_currency(code: str) -> None:
    with pytest.raises(ValueError, match="three capital letters"):
        TestOrg.open(multicurrency=[code])
