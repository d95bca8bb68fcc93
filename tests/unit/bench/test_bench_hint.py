"""Conditions that name nothing: what is there instead, as far as a value is one that no row has."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from workbench.bench.diff import hint

TABLE = pd.DataFrame(
    {
        "label": ["Alder Supply", "Birch & Co", "Cedar Hall"],
        "field": ["phone", "email", None],
        "side": ["quickbooks", "salesforce", "salesforce"],
    }
)

#  conditions                                     what is told
TOLD: list[tuple[Any, str]] = [
    ({"label": "Alder"}, "No label is Alder. Closest: Alder Supply."),
    ({"label": "birch & co"}, "No label is birch & co. Closest: Birch & Co."),
    ({"field": "phon", "side": "quickbook"},
     "No field is phon. Closest: phone. No side is quickbook. Closest: quickbooks."),
    ({"field": ["phone", "fone"]}, "No field is fone. Closest: phone."),
    ({"label": "Alder Supply", "field": "email"}, ""),  # each is there, but not together
    (lambda row: False, ""),
]  # fmt: skip


@pytest.mark.parametrize(("where", "told"), TOLD)
def test_what_is_there_instead(where: Any, told: str) -> None:
    assert hint(TABLE, where) == told
