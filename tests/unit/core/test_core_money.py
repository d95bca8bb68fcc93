"""Exact numbers: what is read, what is refused, and what is never rounded."""

from decimal import Decimal

import pytest
from core_world import tabled
from hypothesis import given
from hypothesis import strategies as st

from workbench.money import MoneyError, cents, exact, fixed, places, plain

D = Decimal

#  why                          value                       exact
READ = [
    ("text", "1250.00", D("1250.00")),
    ("white space around", " 12.5 ", D("12.5")),
    ("sign", "-0.01", D("-0.01")),
    ("plus", "+3", D("3")),
    ("no whole part", ".5", D("0.5")),
    ("int", 7, D(7)),
    ("decimal as it is", D("1.10"), D("1.10")),
    ("beyond float precision", "9007199254740993.02", D("9007199254740993.02")),
    (
        "beyond the context's 28 digits",
        "1234567890123456789012345678901.23",
        D("1234567890123456789012345678901.23"),
    ),
    ("nothing", None, None),
    ("empty text", "", None),
    ("blank text", "  ", None),
]


@tabled("value expected", READ)
def test_what_is_read(value: object, expected: Decimal | None) -> None:
    assert exact(value) == expected
    assert str(exact(value)) == str(expected)


REFUSED = [
    0.1,
    float("nan"),
    True,
    "1,250.00",
    "1e3",
    "12 USD",
    "NaN",
    "--1",
    D("NaN"),
    D("Infinity"),
    b"1",
    "١",
]


@pytest.mark.parametrize("value", REFUSED, ids=repr)
def test_what_is_refused(value: object) -> None:
    with pytest.raises(MoneyError, match=r"exact money|plain number"):
        exact(value, where="invoice 12")


def test_a_float_is_an_error_with_a_sentence() -> None:
    with pytest.raises(MoneyError) as caught:
        exact(100.0, where="field 'total'")
    assert str(caught.value).startswith("field 'total': float 100.0 is not exact money\n")


#  why                          value            least most  written
FIXED = [
    ("cents are filled up", D("5"), 2, 2, "5.00"),
    ("scale is not a change", D("5.00000"), 2, 2, "5.00"),
    ("a price keeps what it needs", D("0.12500"), 2, 5, "0.125"),
    ("exactly the room there is", D("0.12345"), 2, 5, "0.12345"),
    ("negative", D("-1.5"), 2, 2, "-1.50"),
    ("zero", D("0"), 2, 2, "0.00"),
    ("exponent is written out", D("1E+3"), 2, 2, "1000.00"),
    ("whole number", D("3.0"), 0, 5, "3"),
]


@tabled("value least most text", FIXED)
def test_written_without_loss(value: Decimal, least: int, most: int, text: str) -> None:
    assert str(fixed(value, least, most)) == text


@pytest.mark.parametrize("value", [D("0.001"), D("-0.005"), D("448.395")])
def test_never_rounded_silently(value: Decimal) -> None:
    with pytest.raises(MoneyError, match="3 decimal places, room is for 2"):
        cents(value)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=5))
def test_fixed_keeps_the_number_and_says_how_many_places_it_needs(value: Decimal) -> None:
    written = fixed(value, 2, 5)
    assert written == value
    assert exact(plain(written)) == value
    assert 0 <= places(value) <= 5
