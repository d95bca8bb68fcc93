"""The form in which values are compared: what counts as the same, and what never does."""

from decimal import Decimal
from typing import Any

import duckdb
import pytest
from core_world import World, tabled

from workbench.model import FieldMap, FieldType, Side, Transform
from workbench.normalize import comparable_text, compare_sql, normalised_name_sql, raw_text

D = Decimal
CONNECTION = duckdb.connect(config={"threads": 1})


def field(type: str = "text", columns: int = 1, **more: Any) -> FieldMap:
    names = tuple(f"c{number}" for number in range(columns))
    return FieldMap(name="x", salesforce=("c0",), quickbooks=names, type=FieldType(type), **more)


def evaluate(expression: str, *values: Any, connection: duckdb.DuckDBPyConnection | None = None) -> Any:
    given = connection or CONNECTION
    columns = ", ".join(f"? AS c{number}" for number in range(len(values)))
    row = given.execute(f"SELECT {expression} FROM (SELECT {columns})", list(values)).fetchone()
    assert row is not None
    return row[0]


def comparable(given: FieldMap, side: Side, *values: Any) -> Any:
    return evaluate(compare_sql(given, side, lambda name: name), *values)


#  type        why                                value                     comparable
VALUES = [
    ("text", "trimmed", "  a  ", "a"),
    ("text", "white space collapsed", "a \t b\r\nc", "a b c"),
    ("text", "no-break space is a space", "a\u00a0\u2007b", "a b"),
    ("text", "composed and decomposed accents", "Cafe\u0301", "Caf\u00e9"),
    ("text", "case counts", "ACME", "ACME"),
    ("text", "empty is NULL", "", None),
    ("text", "blank is NULL", " \t\u00a0", None),
    ("text", "NULL", None, None),
    ("text", "outside Latin-1 stays", "Łódź 株", "Łódź 株"),
    ("text", "quote", "O'Brien \"x\"", "O'Brien \"x\""),
    ("text", "a number as text keeps its zeros", "00100.0", "00100.0"),
    ("name", "as text", " Big  Co ", "Big Co"),
    ("email", "lower case", " Ann@Example.COM ", "ann@example.com"),
    ("email", "empty", "", None),
    ("phone", "digits", "(555) 123-4567", "5551234567"),
    ("phone", "leading +1", "+1 555.123.4567", "5551234567"),
    ("phone", "leading 1", "1-555-123-4567", "5551234567"),
    ("phone", "eleven digits of another country", "4930 1234567", "49301234567"),
    ("phone", "ten digits that begin with 1", "123 456 7890", "1234567890"),
    ("phone", "extension", "555-123-4567 x12", "5551234567x12"),
    ("phone", "extension in words", "(555) 123-4567 Ext. 12", "5551234567x12"),
    ("phone", "extension and country", "+1 555 123 4567 #12", "5551234567x12"),
    ("phone", "words are a value", "Call  the Office", "call the office"),
    ("phone", "empty", " ", None),
    ("money", "from decimal", D("100.10"), D("100.10")),
    ("money", "scale is not a change", D("100.10000"), D("100.1")),
    ("money", "from text", "100.1", D("100.1")),
    ("money", "beyond float precision", D("9007199254740993.02"), D("9007199254740993.02")),
    ("money", "never rounded", D("100.004"), D("100.004")),
    ("money", "zero is a value", D("0.00"), D(0)),
    ("money", "negative", "-0.01", D("-0.01")),
    ("money", "empty text", " ", None),
    ("price", "five places", D("0.12345"), D("0.12345")),
    ("quantity", "half", D("0.5"), D("0.5")),
    ("boolean", "true", True, True),
    ("boolean", "text", "FALSE", False),
    ("boolean", "NULL is not false", None, None),
    ("id", "trimmed, case counts", " 80000001-Ab ", "80000001-Ab"),
    ("id", "empty", "", None),
]  # fmt: skip


@pytest.mark.parametrize("side", list(Side))
@pytest.mark.parametrize(
    ("type", "value", "expected"),
    [(case[0], *case[2:]) for case in VALUES],
    ids=[f"{c[0]}: {c[1]}" for c in VALUES],
)
def test_comparable_values(type: str, value: Any, expected: Any, side: Side) -> None:
    assert comparable(field(type), side, value) == expected


def test_dates_are_days() -> None:
    given = compare_sql(field("date"), Side.SALESFORCE, lambda name: f"CAST({name} AS TIMESTAMP)")
    assert str(evaluate(given, "2026-03-30 23:59:59")) == "2026-03-30"
    assert str(comparable(field("date"), Side.QUICKBOOKS, "2026-03-30")) == "2026-03-30"
    assert comparable(field("date"), Side.QUICKBOOKS, "") is None


#  why                         Salesforce                     QuickBooks lines                     comparable
STREETS = [
    ("one line", "1 Main St", ("1 Main St", None, None), "1 Main St"),
    ("three lines", "A\nB\r\nC", ("A", "B", "C"), "A\nB\nC"),
    ("a gap is no line", "A\n\nB\n", ("A", "", "B"), "A\nB"),
    ("white space", " A \n  B", ("A", " B", None), "A\nB"),
    ("nothing", "", (None, "", " "), None),
    ("NULL", None, (None, None, None), None),
]


@tabled("left right expected", STREETS)
def test_street_lines(left: str | None, right: tuple[str | None, ...], expected: str | None) -> None:
    street = field(columns=3, transform=Transform.STREET_LINES)
    assert comparable(street, Side.SALESFORCE, left) == expected
    assert comparable(street, Side.QUICKBOOKS, *right) == expected


#  why                       Salesforce          QuickBooks        same
NAMES = [
    ("colon and dash", "A: B", "A - B", True),
    ("without a space", "A:B", "A - B", True),
    ("wide", "A  :  B", "A - B", True),
    ("two colons", "A: B: C", "A - B - C", True),
    ("two colons side by side", "A::B: :C", "A - - B - - C", True),
    ("at the end", "A:", "A -", True),
    ("a hyphen is not a dash", "A: B", "A-B", False),
    ("case counts", "a: B", "A - B", False),
]


@tabled("left right same", NAMES)
def test_colon_dash(left: str, right: str, same: bool) -> None:
    name = field("name", transform=Transform.COLON_DASH)
    assert (comparable(name, Side.SALESFORCE, left) == comparable(name, Side.QUICKBOOKS, right)) is same


def test_values_are_quickbooks_words() -> None:
    country = field(values=(("United States", "USA"), ("It's", "O'k")))
    assert comparable(country, Side.SALESFORCE, " United  States ") == "USA"
    assert comparable(country, Side.QUICKBOOKS, "USA") == "USA"
    assert comparable(country, Side.SALESFORCE, "It's") == "O'k"
    assert comparable(country, Side.SALESFORCE, "Chile") == "Chile"
    assert comparable(country, Side.SALESFORCE, None) is None


def test_a_reference_is_the_pair_of_its_record() -> None:
    world = World().pair("accounts", ("p1", "001A", "80A")).pair("others", ("p2", "001B", "80B"))
    customer = field("reference", reference="accounts")
    for side, key, expected in [
        (Side.SALESFORCE, "001A", "p1"),
        (Side.QUICKBOOKS, "80A", "p1"),
        (Side.QUICKBOOKS, "001A", "quickbooks:001A"),
        (Side.SALESFORCE, "001B", "salesforce:001B"),
        (Side.SALESFORCE, "", None),
        (Side.SALESFORCE, None, None),
    ]:
        sql = compare_sql(customer, side, lambda name: name)
        assert evaluate(sql, key, connection=world.connection) == expected


#  why                              one                        other                       same
LEGAL = [
    ("legal form", "Acme Inc.", "Acme", True),
    ("comma", "Acme, LLC", "ACME L.L.C.", True),
    ("several", "Smith & Co., Ltd.", "Smith and Company Limited", True),
    ("ampersand", "A & B", "A and B", True),
    ("accents", "Café Zürich GmbH", "cafe zurich", True),
    ("apostrophe", "Joe's Diner", "Joes Diner", True),
    ("white space", "Acme   Widgets", "acme widgets", True),
    ("a legal form is no name of its own", "Company", "Co", False),
    ("a form in the middle counts", "Inc Magazine", "Magazine", False),
    ("part of a word counts", "Zinc", "Z", False),
    ("different", "Acme East", "Acme West", False),
    ("digits count", "Unit 1", "Unit 2", False),
    ("other scripts stay apart", "株式会社", "有限会社", False),
]


@tabled("one other same", LEGAL)
def test_normalised_names(one: str, other: str, same: bool) -> None:
    sql = normalised_name_sql("c0")
    assert (evaluate(sql, one) == evaluate(sql, other)) is same
    assert evaluate(sql, one)


@pytest.mark.parametrize("nothing", ["", " ", None, "...", "!?"])
def test_a_name_without_a_letter_has_no_normalised_form(nothing: str | None) -> None:
    assert evaluate(normalised_name_sql("c0"), nothing) is None


#  type       value              text
TEXTS = [
    ("money", D("100"), "100.00"),
    ("money", D("100.10"), "100.10"),
    ("money", D("0.125"), "0.125"),
    ("money", D("-3.5"), "-3.50"),
    ("price", D("1.12345"), "1.12345"),
    ("quantity", D("10"), "10"),
    ("quantity", D("100.50"), "100.5"),
    ("quantity", D("0"), "0"),
    ("boolean", True, "true"),
    ("money", None, None),
]


@pytest.mark.parametrize(("type", "value", "text"), TEXTS)
def test_comparable_values_as_text(type: str, value: Any, text: str | None) -> None:
    given = field(type)
    sql = comparable_text(given, f"({compare_sql(given, Side.SALESFORCE, lambda name: name)})")
    assert evaluate(sql, value) == text


def test_raw_values_are_shown_as_they_are() -> None:
    street = field(columns=3, transform=Transform.STREET_LINES)
    assert evaluate(raw_text(street, Side.QUICKBOOKS, lambda name: name), "A ", "", None) == "A "
    assert evaluate(raw_text(street, Side.QUICKBOOKS, lambda name: name), "A", None, "B") == "A\nB"
    assert evaluate(raw_text(street, Side.QUICKBOOKS, lambda name: name), None, None, None) is None
    assert evaluate(raw_text(field("money"), Side.SALESFORCE, lambda name: name), D("5.10")) == "5.10"
