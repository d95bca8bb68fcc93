"""SQL keeps every value that would be refused: what it leaves out is never asked again."""

# ruff: noqa: E501  (tables are read in columns)

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.validate.validate_world import text_field
from workbench.model import FieldMap, FieldType, Side, Transform
from workbench.normalize.compare import NUMBER
from workbench.validate.fitting import Carried, plain_of_read, plain_of_write

NAME = FieldMap(name="name", salesforce=("Name",), quickbooks=("Name",), type=FieldType.NAME)
NUMBERS = {"type": "double", "precision": 9, "scale": 2}
PICKLIST = {"restrictedPicklist": True, "type": "picklist", "picklistValues": [{"value": "Gold"}]}

#  why                            field map                                            target           described
CASES: dict[str, tuple[FieldMap, Side, dict[str, Any]]] = {
    "a name to QuickBooks":       (NAME, Side.QUICKBOOKS, text_field("Name", 5)),
    "a name with a dash":         (replace(NAME, transform=Transform.COLON_DASH), Side.QUICKBOOKS,
                                   text_field("Name", 5)),
    "a name to Salesforce":       (NAME, Side.SALESFORCE, text_field("Name", 5)),
    "a text to QuickBooks":       (replace(NAME, type=FieldType.TEXT), Side.QUICKBOOKS, text_field("Name", 5)),
    "a mapped value":             (replace(NAME, type=FieldType.TEXT, values=(("a", "ř"), ("b", "long word"))),
                                   Side.QUICKBOOKS, text_field("Name", 5)),
    "a picklist":                 (replace(NAME, type=FieldType.TEXT), Side.SALESFORCE,
                                   text_field("Name", 9, **PICKLIST)),
    "an amount":                  (replace(NAME, type=FieldType.MONEY), Side.SALESFORCE,
                                   text_field("Name", 0, **NUMBERS)),
    "a price":                    (replace(NAME, type=FieldType.PRICE), Side.QUICKBOOKS,
                                   text_field("Name", 0, **NUMBERS)),
    "a whole number":             (replace(NAME, type=FieldType.QUANTITY), Side.SALESFORCE,
                                   text_field("Name", 0, type="int", digits=4, precision=0)),
    "a date":                     (replace(NAME, type=FieldType.DATE), Side.QUICKBOOKS,
                                   text_field("Name", 0, type="date")),
    "a truth":                    (replace(NAME, type=FieldType.BOOLEAN), Side.QUICKBOOKS,
                                   text_field("Name", 0, type="boolean")),
    "what an expression gives":   (plain_of_write(NAME, Side.QUICKBOOKS, "Name", text_field("Name", 5)),
                                   Side.QUICKBOOKS, text_field("Name", 5)),
    "a number of an expression":  (plain_of_write(NAME, Side.SALESFORCE, "Name", text_field("Name", **NUMBERS)),
                                   Side.SALESFORCE, text_field("Name", 0, **NUMBERS)),
    "what an expression reads":   (plain_of_read(NAME, Side.QUICKBOOKS), Side.QUICKBOOKS, text_field("Name", 5)),
}  # fmt: skip

CHARACTERS = st.sampled_from("abcß :řé\u0301\u0958\u00a0\u2028€Ω…😀\n\t\x1f")
WORDS = st.text(CHARACTERS, max_size=8)
AMOUNTS = st.one_of(
    st.decimals(-(10**9), 10**9, places=2, allow_nan=False),
    st.decimals(-(10**4), 10**4, places=12, allow_nan=False),
    st.decimals(-(10**29), 10**29, places=0, allow_nan=False),
)
OTHERS = st.sampled_from(
    ["2026-02-30", "2026-03-30", "30.03.2026", "true", "TRUE", "no", "Gold", "gold", "1e3", ""]
)
VALUES = st.one_of(WORDS, AMOUNTS.map(lambda number: f"{number:f}"), OTHERS)


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(config={"threads": 1}) as made:
        yield made


@pytest.mark.parametrize("case", CASES)
@settings(max_examples=60)
@given(values=st.lists(VALUES, min_size=1, max_size=20))
def test_no_value_that_would_be_refused_is_left_out(
    case: str, connection: duckdb.DuckDBPyConnection, values: list[str]
) -> None:
    field, side, described = CASES[case]
    (key,) = field.api(side.other)
    carried = Carried(field=field, plain=field, texts={key: "t"}, targets={"Name": described}, side=side)
    rows = connection.execute(
        f"SELECT t, {carried.suspicious()} FROM (SELECT unnest(?) AS t)", [values]
    ).fetchall()
    missed = [text for text, kept in rows if not kept and carried.refused([text])]
    assert missed == []


LINES = ("BillAddress_Addr1", "BillAddress_Addr2")
STREET = FieldMap(
    name="street", salesforce=("BillingStreet",), quickbooks=LINES, transform=Transform.STREET_LINES
)


@settings(max_examples=100)
@given(first=WORDS, second=WORDS, to_books=st.booleans())
def test_no_address_that_would_be_refused_is_left_out(
    connection: duckdb.DuckDBPyConnection, first: str, second: str, to_books: bool
) -> None:
    side = Side.QUICKBOOKS if to_books else Side.SALESFORCE
    targets = {name: text_field(name, 5) for name in STREET.api(side)}
    given_ = [f"{first}\n{second}"] if to_books else [first, second]
    columns = ["a"] if to_books else ["a", "b"]
    texts = dict(zip(STREET.api(side.other), columns, strict=True))
    carried = Carried(field=STREET, plain=STREET, texts=texts, targets=targets, side=side)
    chosen = ", ".join(f"? AS {name}" for name in columns)
    row = connection.execute(f"SELECT {carried.suspicious()} FROM (SELECT {chosen})", given_).fetchone()
    assert row is not None
    assert row[0] or carried.refused(given_) is None


def test_few_values_are_kept_that_fit() -> None:
    """Else everything would be asked one by one."""
    field, side, described = CASES["a name to QuickBooks"]
    carried = Carried(field=field, plain=field, texts={"Name": "t"}, targets={"Name": described}, side=side)
    with duckdb.connect() as connection:
        rows = connection.execute(
            f"SELECT {carried.suspicious()} FROM (SELECT unnest(['Cedar', 'Zoë', 'Oak', NULL, '€ 5']) AS t)"
        ).fetchall()
    assert rows == [(False,)] * 5
    assert NUMBER == "DECIMAL(38,10)", "what the SQL here counts decimals with"
