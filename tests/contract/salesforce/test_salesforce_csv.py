"""CSV of Bulk API 2.0, both ways: what is written is what is meant, what is read is what was sent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.contract.salesforce.salesforce_office import Office
from workbench.connections import salesforce_bulk
from workbench.connections.salesforce_json import cell, csv_parts, fits_csv, read_csv
from workbench.pull import pull_salesforce, salesforce_pages
from workbench.pull.salesforce_pages import _insert_csv, create_table
from workbench.snapshots import Column

COLUMNS = (
    Column("Id", "VARCHAR"), Column("Amount", "DECIMAL(18,2)"), Column("Seen", "TIMESTAMP"),
    Column("Day", "DATE"), Column("Active", "BOOLEAN"), Column("Staff", "BIGINT"),
)  # fmt: skip
HEADER = ",".join(column.name for column in COLUMNS)


@pytest.fixture
def load(tmp_path: Path) -> Callable[..., list[tuple[Any, ...]]]:
    """Load CSV texts, one a page; answers the rows."""

    def loaded(*pages: str) -> list[tuple[Any, ...]]:
        files = []
        for number, page in enumerate(pages):
            file = tmp_path / f"{number}.csv"
            file.write_text(page, encoding="utf-8", newline="")
            files.append(file)
        with duckdb.connect() as duck:
            duck.execute("ATTACH ':memory:' AS stage")
            create_table(duck, "X", COLUMNS)
            count = _insert_csv(duck, files, "X", COLUMNS)
            rows = duck.execute('SELECT * FROM stage."X"').fetchall()
        assert count == len(rows)
        return rows

    return loaded


@pytest.mark.parametrize(
    ("row", "column", "value"),
    [
        ('"1","160.0","","","",""', 1, Decimal("160.00")),
        ('"1","1.6E2","","","",""', 1, Decimal("160.00")),
        ('"1","-0.01","","","",""', 1, Decimal("-0.01")),
        ('"1","9007199254740993.01","","","",""', 1, Decimal("9007199254740993.01")),
        ('"1","","","","",""', 1, None),
        ('"1","","2026-03-02T09:14:00.000Z","","",""', 2, datetime(2026, 3, 2, 9, 14)),
        ('"1","","","2026-03-02","",""', 3, date(2026, 3, 2)),
        ('"1","","","","true",""', 4, True),
        ('"1","","","","","12"', 5, 12),
        ('"two\nlines, ""q"" \u2028 é","","","","",""', 0, 'two\nlines, "q" \u2028 é'),
        ("plain,1,,,false,", 0, "plain"),
        ('"NULL","","","","",""', 0, "NULL"),
    ],
)
def test_a_cell_becomes_its_value(load: Any, row: str, column: int, value: Any) -> None:
    (found,) = load(f"{HEADER}\n{row}\n")
    assert found[column] == value
    assert type(found[column]) is type(value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (f'{HEADER}\n"1","160.005","","","",""\n', "does not fit DECIMAL"),
        (f'{HEADER}\n"1","abc","","","",""\n', "abc"),
        (f'{HEADER}\n"1","","yesterday","","",""\n', "yesterday"),
        (f'{HEADER}\n"1","1"\n', ""),
        (f'{HEADER}\n"1","","","","","', ""),
        (f'{HEADER},More\n"1","","","","","",""\n', "other columns"),
        ("Id,Amount\n1,2\n", "other columns"),
        ("", "other columns"),
    ],
)
def test_what_is_not_as_promised_is_an_error_and_never_bent(load: Any, text: str, says: str) -> None:
    with pytest.raises((duckdb.Error, salesforce_pages.csv.Error), match=says or None):
        load(text)


def test_columns_may_stand_in_any_order(load: Any) -> None:
    assert load("Amount,Id,Seen,Day,Active,Staff\n2.50,1,,,,\n") == [
        ("1", Decimal("2.50"), None, None, None, None)
    ]


def test_pages_are_read_together_and_none_twice(load: Any) -> None:
    pages = [f"{HEADER}\n{n},,,,,\n" for n in range(3)]
    assert sorted(row[0] for row in load(*pages, f"{HEADER}\n")) == ["0", "1", "2"]


@pytest.mark.parametrize("size", [1, 2, 3, 50_000])
@pytest.mark.parametrize("at_once", [1, 10**9])
def test_a_query_of_many_pages_is_read_whole(
    office: Office, monkeypatch: pytest.MonkeyPatch, size: int, at_once: int
) -> None:
    monkeypatch.setattr(salesforce_bulk, "PAGE_ROWS", size)
    monkeypatch.setattr(salesforce_pages, "BYTES_AT_ONCE", at_once)
    snapshot = pull_salesforce(
        office.connect(bulk_above=0), office.workspace.store, office.profile.snapshots, ["Account"]
    )
    assert snapshot.counts == {"Account": 3}
    assert not list(office.profile.snapshots.rglob(".pages-*"))


# --- what is sent -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, "#N/A"), ("", "#N/A"), (True, "true"), (False, "false"), (Decimal("1E+3"), "1000"),
        (Decimal("0.10"), "0.10"), (date(2026, 3, 2), "2026-03-02"), (7, "7"), ("#n/a", "#n/a"),
    ],
)  # fmt: skip
def test_how_a_value_is_written(value: Any, written: str) -> None:
    assert cell(value) == written


def test_a_float_is_never_sent() -> None:
    with pytest.raises(TypeError, match="cannot be sent"):
        cell(0.1)


@pytest.mark.parametrize(
    ("text", "fits"), [("#N/A", False), (" #N/A ", False), ("#N/A!", True), (None, True)]
)
def test_a_text_that_would_empty_the_field_does_not_go_as_csv(text: Any, fits: bool) -> None:
    assert fits_csv({"Name": text}) is fits


TEXTS = st.text(
    st.characters(exclude_categories=("Cs",), exclude_characters="\x00\r"), min_size=1, max_size=20
)


@given(
    st.lists(st.fixed_dictionaries({"Id": TEXTS}, optional={"Name": TEXTS}), min_size=1, max_size=8),
    st.integers(1, 200),
)
def test_rows_come_back_from_csv_as_they_were(rows: list[dict[str, str]], most: int) -> None:
    parts = list(csv_parts(rows, ["Id", "Name"], most))
    assert sum(count for count, _ in parts) == len(rows)
    found = [row for _, content in parts for row in read_csv(content)]
    assert found == [{"Id": row["Id"], "Name": row.get("Name", "")} for row in rows]
    assert all(len(content) <= most or count == 1 for count, content in parts)


def test_no_rows_are_no_parts() -> None:
    assert list(csv_parts([], ["Id"], 100)) == []
