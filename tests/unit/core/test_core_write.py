"""The way back: what is written compares equal with where it came from, and nothing is lost silently."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import duckdb
import pytest
from core_world import examples, tabled
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import PlanError, WorkbenchError
from workbench.model import FieldMap, FieldType, Side, Transform
from workbench.normalize import compare_sql, write_values

D = Decimal
SF, QB = Side.SALESFORCE, Side.QUICKBOOKS
VALUES = (("United States", "USA"), ("Yes", "Y"), ("Yep", "Y"))


def field(type: str = "text", columns: int = 1, **more: Any) -> FieldMap:
    names = tuple(f"q{number}" for number in range(columns))
    return FieldMap(name="x", salesforce=("s0",), quickbooks=names, type=FieldType(type), **more)


NAME = field("name", transform=Transform.COLON_DASH)
STREET = field(columns=3, transform=Transform.STREET_LINES)
COUNTRY = field(values=VALUES)

#  why                             field              to  source                         written
WRITTEN = [
    ("text", field(), QB, {"s0": " a  b "}, {"q0": "a  b"}),
    ("text keeps its lines", field(), QB, {"s0": "a\nb"}, {"q0": "a\nb"}),
    ("empty clears", field(), QB, {"s0": "  "}, {"q0": None}),
    ("NULL clears", field("money"), QB, {"s0": None}, {"q0": None}),
    ("a field that is not there clears", field(), QB, {}, {"q0": None}),
    ("name is squeezed", field("name"), SF, {"q0": "Big   Co "}, {"s0": "Big Co"}),
    ("colon becomes a dash", NAME, QB, {"s0": "A : B"}, {"q0": "A - B"}),
    ("two colons side by side", NAME, QB, {"s0": "A::B"}, {"q0": "A - - B"}),
    ("an accent behind its letter is one character in CP1252", field(), QB, {"s0": "Cafe\u0301"},
     {"q0": "Caf\u00e9"}),
    ("Salesforce keeps it as it is", field(), SF, {"q0": "Cafe\u0301"}, {"s0": "Cafe\u0301"}),
    ("a dash stays a dash", NAME, SF, {"q0": "A - B"}, {"s0": "A - B"}),
    ("phone as it is typed", field("phone"), SF, {"q0": " (555) 123 x4 "}, {"s0": "(555) 123 x4"}),
    ("QuickBooks' word", COUNTRY, QB, {"s0": "United  States"}, {"q0": "USA"}),
    ("Salesforce's word", COUNTRY, SF, {"q0": "USA"}, {"s0": "United States"}),
    ("two words for one: the first", COUNTRY, SF, {"q0": "Y"}, {"s0": "Yes"}),
    ("a word in no pair", COUNTRY, QB, {"s0": "Chile"}, {"q0": "Chile"}),
    ("lines", STREET, QB, {"s0": "A\r\n\n B "}, {"q0": "A", "q1": "B", "q2": None}),
    ("no lines", STREET, QB, {"s0": None}, {"q0": None, "q1": None, "q2": None}),
    ("lines together", STREET, SF, {"q0": "A", "q1": "", "q2": "C"}, {"s0": "A\nC"}),
    ("no lines together", STREET, SF, {"q0": None}, {"s0": None}),
    ("boolean", field("boolean"), QB, {"s0": False}, {"q0": False}),
    ("boolean from text", field("boolean"), QB, {"s0": "TRUE"}, {"q0": True}),
    ("date", field("date"), QB, {"s0": date(2026, 3, 30)}, {"q0": date(2026, 3, 30)}),
    ("date from text", field("date"), QB, {"s0": "2026-03-30"}, {"q0": date(2026, 3, 30)}),
    ("day of a time", field("date"), QB, {"s0": datetime(2026, 3, 30, 23)}, {"q0": date(2026, 3, 30)}),
    ("id", field("id"), SF, {"q0": "8000-1 "}, {"s0": "8000-1"}),
]  # fmt: skip


@tabled("given_field to source written", WRITTEN)
def test_written_values(
    given_field: FieldMap, to: Side, source: dict[str, object], written: dict[str, object]
) -> None:
    assert write_values(given_field, to, source) == written


#  why                           type        source          written
NUMBERS = [
    ("cents are filled up", "money", D("5"), "5.00"),
    ("money keeps two places", "money", D("5.10000"), "5.10"),
    ("money from text", "money", "-5.1", "-5.10"),
    ("a price has at least two", "price", D("5.00000"), "5.00"),
    ("a price keeps five", "price", D("0.12345"), "0.12345"),
    ("a quantity needs none", "quantity", D("3.00"), "3"),
    ("a quantity keeps its own", "quantity", D("0.50"), "0.5"),
    ("zero is no empty", "money", D("0"), "0.00"),
]


@tabled("type source text", NUMBERS)
def test_numbers_are_written_in_full(type: str, source: object, text: str) -> None:
    assert str(write_values(field(type), QB, {"s0": source})["q0"]) == text


#  why                                   field               to   source                       words
REFUSED = [
    ("a third decimal of money", field("money"), QB, {"s0": D("1.005")}, "3 decimal places"),
    ("a sixth decimal of a price", field("price"), QB, {"s0": D("0.123456")}, "6 decimal places"),
    ("a float", field("money"), QB, {"s0": 1.5}, "float 1.5 is not exact money"),
    ("more lines than room", STREET, QB, {"s0": "1\n2\n3\n4"}, "has 4 lines, QuickBooks has room for 3"),
    ("reads as another word", COUNTRY, SF, {"q0": "United States"}, "has no Salesforce value"),
    ("no date", field("date"), QB, {"s0": "soon"}, "is no date"),
    ("neither true nor false", field("boolean"), QB, {"s0": "maybe"}, "neither true nor false"),
]


@tabled("given_field to source words", REFUSED)
def test_what_has_no_form_on_the_other_side_is_refused(
    given_field: FieldMap, to: Side, source: dict[str, object], words: str
) -> None:
    with pytest.raises(WorkbenchError) as caught:
        write_values(given_field, to, source)
    assert words in str(caught.value)


def test_references_are_not_written_from_raw_values() -> None:
    with pytest.raises(ValueError, match="crosswalk"):
        write_values(field("reference", reference="accounts"), QB, {"s0": "001"})


CONNECTION = duckdb.connect(config={"threads": 1})


def comparable(given_field: FieldMap, side: Side, record: dict[str, Any]) -> Any:
    names = given_field.api(side)
    columns = ", ".join(f"? AS {name}" for name in names)
    sql = f"SELECT {compare_sql(given_field, side, lambda name: name)} FROM (SELECT {columns})"
    row = CONNECTION.execute(sql, [record.get(name) for name in names]).fetchone()
    assert row is not None
    return row[0]


LIKELY = st.sampled_from("aAé:-1 \t\n\r\u00a0&.ß€")
ANY = st.characters(exclude_categories=("Cs",), exclude_characters="\0")
TEXT = st.text(LIKELY | ANY, max_size=12)
FIELDS = [
    field(),
    NAME,
    STREET,
    COUNTRY,
    field("phone"),
    field("email"),
    field("id"),
    field(columns=5, transform=Transform.STREET_LINES),
]


@given(st.sampled_from(FIELDS), st.sampled_from(list(Side)), st.lists(TEXT, min_size=5, max_size=5))
@examples(150)
def test_what_is_written_compares_equal_with_its_source(
    given_field: FieldMap, to: Side, texts: list[str]
) -> None:
    source: dict[str, object] = dict(zip(given_field.api(to.other), texts, strict=False))
    try:
        written = write_values(given_field, to, source)
    except PlanError:
        return
    assert set(written) == set(given_field.api(to))
    assert comparable(given_field, to, written) == comparable(given_field, to.other, source)


@given(
    st.sampled_from(["money", "price", "quantity"]),
    st.decimals(min_value=D("-1e12"), max_value=D("1e12"), places=5),
)
@examples(100)
def test_numbers_are_written_exactly_or_not_at_all(type: str, number: Decimal) -> None:
    try:
        written = write_values(field(type), QB, {"s0": number})
    except WorkbenchError:
        assert type == "money"
        assert number != round(number, 2)
        return
    assert written["q0"] == number
