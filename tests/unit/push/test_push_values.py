"""Whether a value that came back is the value that was sent."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.push.values import differing, said, same

D = Decimal

#  why, one, other, same
CASES: list[tuple[str, Any, Any, bool]] = [
    ("equal text", "Alder", "Alder", True),
    ("another text", "Alder", "Birch", False),
    ("capitals count in text", "Alder", "ALDER", False),
    ("accents count", "Zürich", "Zurich", False),
    ("blanks at the ends do not", " Alder ", "Alder", True),
    ("blanks inside do", "A  B", "A B", False),
    ("line ends are one kind", "a\r\nb", "a\nb", True),
    ("a line more", "a\nb", "a", False),
    ("nothing and empty text", None, "", True),
    ("nothing and blanks", None, "  ", True),
    ("nothing and a text", None, "x", False),
    ("nothing and nothing", None, None, True),
    ("nothing is not zero", None, D(0), False),
    ("nothing is not false", None, False, False),
    ("empty text is not zero", "", D(0), False),
    ("empty text is not false", "", False, False),
    ("e-mail in small letters", "Mary@Alder.Example", "mary@alder.example", True),
    ("another e-mail", "mary@alder.example", "marie@alder.example", False),
    ("scale is not a change", D("12.50"), D("12.5"), True),
    ("a decimal and its text", D("12.50"), "12.50", True),
    ("a decimal and an int", D("3.00000"), 3, True),
    ("an exponent", D("1E+3"), D("1000"), True),
    ("one cent more", D("12.50"), D("12.51"), False),
    ("the sign", D("12.50"), D("-12.50"), False),
    ("minus nothing", D("-0.00"), D("0"), True),
    ("beyond float precision", D("9007199254740993.01"), D("9007199254740993.02"), False),
    ("texts of digits are texts", "007", "7", False),
    ("texts of decimals are texts", "1.0", "1.00", False),
    ("a version that looks like a number", "1e3", "1000", False),
    ("a number and a word", D("1"), "one", False),
    ("true", True, True, True),
    ("true and false", True, False, False),
    ("true is not one", True, D(1), False),
    ("true is not one, the other way", 1, True, False),
    ("false is not zero", False, 0, False),
    ("a date and its text", date(2026, 3, 30), "2026-03-30", True),
    ("another date", date(2026, 3, 30), "2026-03-31", False),
    ("a date and a number", date(2026, 3, 30), D(20260330), False),
    ("a time and its text", datetime(2026, 3, 30, 9, 14), "2026-03-30T09:14:00", True),
]


@pytest.mark.parametrize(
    ("one", "other", "equal"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_same(one: Any, other: Any, equal: bool) -> None:
    assert same(one, other) is equal
    assert same(other, one) is equal, "whichever side is asked first"


VALUES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.emails()
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.dates()
)


@given(VALUES, VALUES)
def test_it_is_symmetric_and_everything_is_itself(one: Any, other: Any) -> None:
    assert same(one, one)
    assert same(one, other) == same(other, one)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=2, max_value=10**12, min_value=-(10**12)))
def test_a_cent_more_is_never_the_same(amount: Decimal) -> None:
    assert same(amount, f"{amount:f}")
    assert not same(amount, amount + D("0.01"))


def test_differing_names_what_was_wanted_and_what_is_there() -> None:
    wanted = {"Phone": "1", "Fax": None, "Name": "Alder", "Email": "A@b.c"}
    found = {"Phone": "2", "Name": "Alder ", "Email": "a@b.c", "Website": "not asked"}
    assert differing(wanted, found) == {"Phone": ("1", "2")}
    assert differing({"Gone": "x"}, {}) == {"Gone": ("x", None)}
    assert differing({}, found) == {}


def test_differences_in_words() -> None:
    assert said({"Phone": ("1", "2"), "Fax": (None, "3")}, "sent", "holds") == (
        "Phone: sent 1, holds 2; Fax: sent (empty), holds 3"
    )
    assert said({}, "sent", "holds") == ""
