"""What Salesforce would refuse, round or ignore of what a mapping writes, before anything runs."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from workbench import resources
from workbench.connections import quickbooks
from workbench.mapping import load_mappings
from workbench.mapping.org_rules import check_org
from workbench.model import Direction, FieldMap, Mapping
from workbench.testorg import TestOrg
from workbench.testorg.describe import describe_object

NAMES = (
    "Account",
    "Contact",
    "Product2",
    "Pricebook2",
    "PricebookEntry",
    "Opportunity",
    "OpportunityLineItem",
)


@pytest.fixture(scope="module")
def describes() -> dict[str, Any]:
    with TestOrg.open() as org:
        found = {}
        for name in NAMES:
            declared = org.schema.object(name)
            assert declared is not None
            found[name] = describe_object(org.schema, declared, "64.0", "http://127.0.0.1")
        return found


@pytest.fixture
def mappings() -> dict[str, Mapping]:
    return load_mappings(resources.mappings())


def changed(describes: dict[str, Any], object_: str, field: str, **values: Any) -> dict[str, Any]:
    """The describes with one field of other properties."""
    fields = [each | values if each["name"] == field else each for each in describes[object_]["fields"]]
    return describes | {object_: describes[object_] | {"fields": fields}}


def told(mapping: Mapping, describes: dict[str, Any]) -> dict[str, str]:
    """Severity by sentence."""
    return {
        problem.what: problem.severity for problem in check_org(mapping, describes, quickbooks.describes())
    }


def test_the_shipped_mappings_have_no_error(mappings: dict[str, Mapping], describes: dict[str, Any]) -> None:
    for mapping in mappings.values():
        assert "error" not in told(mapping, describes).values(), mapping.name


#  why, mapping, object, field, its properties, part of what is said, severity
FIELDS: list[tuple[str, str, str, str, dict[str, Any], str, str]] = [
    ("too short", "account-customer", "Account", "Phone", {"length": 20},
     "'Phone' holds 20 characters, QuickBooks up to 21", "note"),
    ("fewer decimals", "opportunity-invoice", "OpportunityLineItem", "Quantity", {"scale": 0},
     "'Quantity' keeps 0 decimals, QuickBooks 5", "note"),
    ("a key that is not unique", "account-customer", "Account", "QuickBooks_Id__c", {"unique": False},
     "'QuickBooks_Id__c' is an external id but not unique", "note"),
    ("no key", "account-customer", "Account", "QuickBooks_Id__c", {"externalId": False},
     "no unique external id is written", "note"),
    ("a reference that is a text", "contact-customer", "Contact", "AccountId", {"type": "string"},
     "'AccountId' is no reference but string", "error"),
    ("a picklist without values", "account-customer", "Account", "Phone",
     {"restrictedPicklist": True, "picklistValues": [{"value": "A", "active": True}]},
     "'Phone' is a restricted picklist, and no values are named", "note"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("mapping", "object_", "field", "values", "says", "severity"),
    [pytest.param(*row[1:], id=row[0]) for row in FIELDS],
)
def test_what_a_field_of_the_org_does_not_take(
    mappings: dict[str, Mapping],
    describes: dict[str, Any],
    mapping: str,
    object_: str,
    field: str,
    values: dict[str, Any],
    says: str,
    severity: str,
) -> None:
    before = told(mappings[mapping], describes)
    after = told(mappings[mapping], changed(describes, object_, field, **values))
    new = {what: how for what, how in after.items() if what not in before}
    assert [how for what, how in new.items() if says in what] == [severity], new


@pytest.mark.parametrize(("length", "noted"), [(21, False), (20, True), (0, False)])
def test_a_length_is_enough_to_the_letter(
    mappings: dict[str, Mapping], describes: dict[str, Any], length: int, noted: bool
) -> None:
    found = told(mappings["account-customer"], changed(describes, "Account", "Phone", length=length))
    assert any("'Phone' holds" in what for what in found) is noted


@pytest.mark.parametrize(("tolerance", "noted"), [("0.005", False), ("0.0049", True), ("0", True)])
def test_rounding_that_the_mapping_knows_of_is_not_told(
    mappings: dict[str, Mapping], describes: dict[str, Any], tolerance: str, noted: bool
) -> None:
    mapping = mappings["opportunity-invoice"]
    assert mapping.lines is not None
    fields = tuple(
        replace(each, tolerance=Decimal(tolerance)) if each.name == "rate" else each
        for each in mapping.lines.fields
    )
    found = told(replace(mapping, lines=replace(mapping.lines, fields=fields)), describes)
    assert any("'UnitPrice' keeps" in what for what in found) is noted


def writing(mapping: Mapping, *names: str, **more: Any) -> Mapping:
    """The mapping with further fields that write to Salesforce."""
    fields = [
        FieldMap(
            name=f"x{n}", salesforce=(name,), quickbooks=("Memo",), direction=Direction.TO_SALESFORCE, **more
        )
        for n, name in enumerate(names)
    ]
    return replace(mapping, fields=(*mapping.fields, *fields))


def test_price_book_rules_are_known(mappings: dict[str, Mapping], describes: dict[str, Any]) -> None:
    invoice, item = mappings["opportunity-invoice"], mappings["product-item"]
    assert invoice.lines is not None
    with_total = replace(invoice, lines=writing(invoice.lines, "TotalPrice"))
    cases = [
        (writing(invoice, "Amount"), describes, "Salesforce ignores Amount"),
        (
            writing(invoice, "Pricebook2Id"),
            describes,
            "Pricebook2Id of an Opportunity with lines cannot change",
        ),
        (with_total, describes, "UnitPrice or TotalPrice, not both"),
        (writing(item, "PricebookEntry.UseStandardPrice"), describes, "together with UseStandardPrice"),
        (item, {k: v for k, v in describes.items() if k != "Pricebook2"}, "this user sees none"),
    ]
    for mapping, seen, says in cases:
        assert [how for what, how in told(mapping, seen).items() if says in what] == ["error"], says
    once = writing(invoice, "Pricebook2Id", create_only=True)
    assert not [what for what in told(once, describes) if "cannot change" in what]


@pytest.mark.parametrize(("field", "lengthen"), [("Phone", False), ("QuickBooks_Id__c", True)])
def test_only_a_custom_field_is_to_be_lengthened(
    mappings: dict[str, Mapping], describes: dict[str, Any], field: str, lengthen: bool
) -> None:
    shorter = changed(describes, "Account", field, length=5)
    found = check_org(mappings["account-customer"], shorter, quickbooks.describes())
    (problem,) = [each for each in found if f"'{field}' holds 5" in each.what]
    assert ("Lengthen" in str(problem.fix)) is lengthen


ITEM_TYPES = ("Service", "Inventory", "NonInventory", "OtherCharge", "Discount")


@pytest.mark.parametrize(("listed", "noted"), [(ITEM_TYPES, False), (ITEM_TYPES[:-1], True)])
def test_a_restricted_picklist_that_takes_the_words_of_the_states_needs_no_values(
    mappings: dict[str, Mapping], describes: dict[str, Any], listed: tuple[str, ...], noted: bool
) -> None:
    values = [{"value": each, "active": True} for each in listed]
    given = {"restrictedPicklist": True, "picklistValues": values}
    name = "QuickBooks_Item_Type__c"
    found = told(mappings["product-item"], changed(describes, "Product2", name, **given))
    assert any(f"'{name}' is a restricted picklist" in what for what in found) is noted


def test_decimals_are_those_of_numbers(mappings: dict[str, Mapping], describes: dict[str, Any]) -> None:
    given = changed(describes, "OpportunityLineItem", "Quantity", type="url", scale=0)
    assert not any(
        "decimals" in what and "Quantity" in what for what in told(mappings["opportunity-invoice"], given)
    )
