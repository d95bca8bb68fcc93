"""The times that can be asked for."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any

import pytest

from workbench.bench.asof import moment
from workbench.errors import UsageProblem

END = time.max
MOMENTS: list[tuple[str, Any, datetime]] = [
    ("a day is its end", "2026-03-30", datetime.combine(date(2026, 3, 30), END, tzinfo=UTC)),
    ("a date too", date(2026, 3, 30), datetime.combine(date(2026, 3, 30), END, tzinfo=UTC)),
    ("a minute", "2026-03-30T16:40Z", datetime(2026, 3, 30, 16, 40, tzinfo=UTC)),
    ("without a zone it is UTC", "2026-03-30T16:40", datetime(2026, 3, 30, 16, 40, tzinfo=UTC)),
    ("with a space", " 2026-03-30 16:40:05 ", datetime(2026, 3, 30, 16, 40, 5, tzinfo=UTC)),
    ("a zone", "2026-03-30T16:40-05:00", datetime(2026, 3, 30, 21, 40, tzinfo=UTC)),
    ("a time", datetime(2026, 3, 30, tzinfo=UTC), datetime(2026, 3, 30, tzinfo=UTC)),
    ("a time without a zone", datetime(2026, 3, 30), datetime(2026, 3, 30, tzinfo=UTC)),
    ("a time elsewhere", datetime(2026, 3, 30, tzinfo=timezone(timedelta(hours=2))),
     datetime(2026, 3, 29, 22, tzinfo=UTC)),
]  # fmt: skip


@pytest.mark.parametrize(("when", "expected"), [row[1:] for row in MOMENTS], ids=[row[0] for row in MOMENTS])
def test_a_moment(when: Any, expected: datetime) -> None:
    assert moment(when) == expected


@pytest.mark.parametrize("when", ["yesterday", "", "2026-13-01", "2026-02-30", "30.3.2026"])
def test_what_is_no_time_is_refused(when: str) -> None:
    with pytest.raises(UsageProblem, match="is no time"):
        moment(when)
