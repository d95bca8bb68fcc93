"""A table in a terminal of common width: names of fields and states stay whole, texts are wrapped."""

from __future__ import annotations

import io

import pandas as pd
from rich.console import Console

from workbench.console import table

ROWS = pd.DataFrame(
    {
        "mapping": ["opportunity-invoice", "account-customer"],
        "label": [
            "Amberley Glassworks - three weeks for a hundred, and then some",
            "Cedar & Sons Roofing LLC",
        ],
        "field": ["quickbooks_id", "street"],
        "salesforce": ["", "527 Mill Hill, second floor, behind the old brewery"],
        "resolution": ["take_quickbooks", "take_salesforce"],
    }
)


def shown(frame: pd.DataFrame, width: int) -> str:
    text = io.StringIO()
    Console(file=text, width=width).print(table(frame))
    return text.getvalue()


def test_words_stay_whole_while_texts_are_wrapped() -> None:
    text = shown(ROWS, 90)
    for column in ("mapping", "field", "resolution"):
        for word in ROWS[column]:
            assert word in text
    assert "Amberley Glassworks - three weeks for a hundred, and then some" not in text
    assert all(part in text for part in ("Amberley", "Glassworks", "hundred", "brewery")), (
        "nothing is cut off"
    )


def test_an_empty_table_has_its_columns() -> None:
    assert "resolution" in shown(ROWS.head(0), 90)
