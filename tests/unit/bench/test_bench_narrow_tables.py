"""A table in a terminal that is too narrow for its columns stands row under row, and breaks no word."""

from __future__ import annotations

from io import StringIO

import pandas as pd
import pytest
from rich.console import Console

from workbench.console import table

FRAME = pd.DataFrame(
    {
        "mapping": ["account-customer"] * 2,
        "label": ["Acme Widgets, Inc.", "Alder & Finch Joinery"],
        "field": ["name", "quickbooks_id"],
        "salesforce": ["Acme Widgets, Inc.", None],
        "quickbooks": ["ACME Widgets Inc", "80000039-1739617200"],
        "difference": ["differs", "take_quickbooks"],
        "resolution": ["take_salesforce", "take_quickbooks"],
    }
)


def shown(width: int, frame: pd.DataFrame = FRAME) -> list[str]:
    stream = StringIO()
    Console(file=stream, width=width).print(table(frame, "2 differences", rows=1 if width < 50 else 40))
    return [line.rstrip() for line in stream.getvalue().splitlines()]


def test_where_there_is_room_a_row_is_a_line_of_columns() -> None:
    assert shown(140)[2].split() == [*FRAME.columns]


@pytest.mark.parametrize("width", [60, 80])
def test_where_there_is_none_a_row_is_a_list_of_its_cells(width: int) -> None:
    lines = shown(width)
    assert lines[0] == "2 differences"
    assert lines[1:8] == [
        "mapping     account-customer",
        "label       Acme Widgets, Inc.",
        "field       name",
        "salesforce  Acme Widgets, Inc.",
        "quickbooks  ACME Widgets Inc",
        "difference  differs",
        "resolution  take_salesforce",
    ]
    assert "quickbooks  80000039-1739617200" in lines
    assert not any(line.startswith("salesforce") for line in lines[9:]), "an empty cell says nothing"


def test_what_is_left_out_is_told_there_too() -> None:
    assert shown(40)[-1] == "the first 1 of 2; --json gives all"


def test_a_small_table_stays_one() -> None:
    assert shown(60, FRAME[["label", "difference"]])[2].split() == ["label", "difference"]
