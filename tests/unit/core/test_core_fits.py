"""What a side can hold by its describe: at each limit the last value that fits and the first that doesn't."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from core_world import tabled

from workbench.model import Side
from workbench.normalize import fits

D = Decimal
NAME = {"name": "Name", "type": "string", "length": 41, "nillable": False}
TEXT = {"name": "Notes", "type": "string", "length": 5}
AMOUNT = {"name": "Amount", "type": "currency", "precision": 18, "scale": 2}
DOUBLE = {"name": "Rate", "type": "double", "precision": 5, "scale": 3}
COUNT = {"name": "Count", "type": "int", "digits": 3}
LIST = {
    "name": "Stage",
    "type": "picklist",
    "length": 255,
    "restrictedPicklist": True,
    "picklistValues": [
        {"value": "Open", "active": True},
        {"value": "Old", "active": False},
        {"value": "Won"},
    ],
}

#  why                           describe  value                       what is wrong, or None
CASES = [
    ("exactly the length", NAME, "x" * 41, None),
    ("one too long", NAME, "x" * 42, "has 42 characters, the field holds 41"),
    ("required", NAME, None, "is empty, and the field needs a value"),
    ("required, but given on create", {**NAME, "defaultedOnCreate": True}, None, None),
    ("empty is fine elsewhere", TEXT, None, None),
    ("a field without a length", {"name": "x", "type": "string", "length": 0}, "x" * 999, None),
    ("cents", AMOUNT, D("9999999999999999.99"), None),
    ("a digit too many", AMOUNT, D("10000000000000000.00"), "has 17 digits before the point"),
    ("negative, a digit too many", AMOUNT, D("-10000000000000000"), "has 17 digits before the point"),
    ("a third decimal", AMOUNT, D("1.005"), "has 3 decimal places, the field keeps 2"),
    ("zeros are no decimals", AMOUNT, D("1.00500") - D("0.005"), None),
    ("a fraction has no digit before the point", DOUBLE, D("0.125"), None),
    ("scale", DOUBLE, D("0.1255"), "has 4 decimal places"),
    ("no precision told", {"name": "x", "type": "double", "precision": 0, "scale": 0}, D("1.23456"), None),
    ("a float", AMOUNT, 1.5, "is a float"),
    ("text in a number", AMOUNT, "1.50", "is no number"),
    ("true in a number", AMOUNT, True, "is no number"),
    ("not a number", AMOUNT, D("NaN"), "is no number"),
    ("whole", COUNT, 999, None),
    ("whole, too many digits", COUNT, 1000, "has 4 digits"),
    ("not whole", COUNT, D("1.5"), "has 1 decimal places"),
    ("in the list", LIST, "Won", None),
    ("case counts in a list", LIST, "won", "is not in the list"),
    ("inactive value", LIST, "Old", "is not in the list"),
    ("list that takes others", {**LIST, "restrictedPicklist": False}, "Other", None),
    ("one of several", {**LIST, "type": "multipicklist"}, "Open;Won", None),
    ("one of several is wrong", {**LIST, "type": "multipicklist"}, "Open;Lost", "is not in the list"),
    ("boolean", {"name": "x", "type": "boolean"}, False, None),
    ("text in a boolean", {"name": "x", "type": "boolean"}, "true", "neither true nor false"),
    ("date", {"name": "x", "type": "date"}, date(2026, 3, 30), None),
    ("text in a date", {"name": "x", "type": "date"}, "2026-03-30", "is no date"),
    ("number in a text", TEXT, D("1"), "is Decimal, and the field holds text"),
    ("outside CP1252 is fine in Salesforce", TEXT, "Łódź", None),
]  # fmt: skip


@tabled("described value words", CASES)
def test_what_fits(described: dict[str, Any], value: object, words: str | None) -> None:
    found = fits(described, value)
    assert (found is None) if words is None else (found is not None and words in found.what)


#  why                             describe                            value         what is wrong, or None
QUICKBOOKS = [
    ("CP1252 has the euro", NAME, "Café 5 €", None),
    ("and not the L with stroke", NAME, "Łódź", "Ł (U+0141)"),
    ("an emoji", TEXT, "a😀", "(U+1F600)"),
    ("XML carries no control character", NAME, "a\x01", "holds (U+0001), which QuickBooks"),
    ("but lines and tabs", TEXT, "a\n\tb", None),
    ("a colon in a name", NAME, "A: B", "holds ':'"),
    ("a colon elsewhere", TEXT, "A: B", None),
]


@tabled("described value words", QUICKBOOKS)
def test_what_quickbooks_can_hold(described: dict[str, Any], value: str, words: str | None) -> None:
    found = fits(described, value, side=Side.QUICKBOOKS)
    assert (found is None) if words is None else (found is not None and words in found.what)


def test_the_describe_may_say_so_itself() -> None:
    described = {**TEXT, "encoding": "cp1252", "forbidden": ":"}
    assert [bool(fits(described, value)) for value in ("Ł", "a:b", "ab")] == [True, True, False]


@pytest.mark.parametrize("value", ["x" * 42, D("1")])
def test_a_problem_carries_its_value(value: object) -> None:
    found = fits(NAME, value)
    assert found is not None
    assert found.values == {"value": value}
