"""Times of the past as people write them, and those that have not come."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pandas as pd
import pytest

from workbench.bench.asof import moment
from workbench.console import records
from workbench.errors import UsageProblem
from workbench.store.engine import now

TIMES = [
    ("2026-03-30", datetime(2026, 3, 30, 23, 59, 59, 999999, tzinfo=UTC)),
    ("2026-03-30T16:40Z", datetime(2026, 3, 30, 16, 40, tzinfo=UTC)),
    ("2026-03-30T16:40", datetime(2026, 3, 30, 16, 40, tzinfo=UTC)),
    ("2026-03-30 16:40:05+02:00", datetime(2026, 3, 30, 14, 40, 5, tzinfo=UTC)),
    (date(2026, 3, 30), datetime(2026, 3, 30, 23, 59, 59, 999999, tzinfo=UTC)),
]


@pytest.mark.parametrize(("written", "meant"), TIMES)
def test_a_time_of_the_past(written: Any, meant: datetime) -> None:
    assert moment(written) == meant


def test_today_is_today_until_its_end() -> None:
    assert moment(now().date()).date() == now().date()


@pytest.mark.parametrize(
    "when",
    [now() + timedelta(hours=3), (now() + timedelta(days=2)).date(), "2999-01-01", "2999-01-01T00:00Z"],
)
def test_a_time_that_has_not_come_shows_nothing(when: Any) -> None:
    with pytest.raises(UsageProblem, match="has not come yet") as caught:
        moment(when)
    assert "now" in caught.value.values


@pytest.mark.parametrize("text", ["yesterday", "2026-02-30", "", "2026-03-30T25:00"])
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(UsageProblem, match="is no time"):
        moment(text)


def test_lists_of_a_query_are_lists_in_json() -> None:
    import duckdb

    frame: pd.DataFrame = duckdb.sql("SELECT ['a', 'b'] AS several, NULL AS none").df()
    (row,) = records(frame)
    assert (row["several"], row["none"]) == (["a", "b"], None)
