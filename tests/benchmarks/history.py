"""The space of daily pulls, against that of one: what did not change is kept once.

Customers (see `books`) are pulled in full, then daily, one of a hundred having changed each day.  Both sides
are kept as the product keeps them.  `space_ratio` is all files together against the first ones;
`as_of_seconds` is how long a look at all records of one side on the middle day takes, `plain_seconds` the
same look at a full snapshot of that day.  That both show the same rows is checked.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

import duckdb

from tests.benchmarks import books
from workbench.model import Side
from workbench.snapshots import Snapshot
from workbench.snapshots.reader import attach

#        rows, days after the first
SIZES = {"tiny": (20_000, 3), "small": (100_000, 9), "full": (1_000_000, 9)}


def run(size: str, rows: int | None = None) -> dict[str, Any]:
    """The figures, by their names in the design."""
    usual, days = SIZES[size]
    count = rows or usual
    with tempfile.TemporaryDirectory(prefix="history-") as folder:
        pulls = {side: _pulls(Path(folder), side, count, days) for side in Side}
        first = sum(_size(each[0]) for each in pulls.values())
        later = sum(_size(one) for each in pulls.values() for one in each[1:])
        look = _looked_back(Path(folder), pulls[Side.SALESFORCE][days // 2], count, days // 2)
    return {
        "rows": count,
        "pulls": days + 1,
        "space_ratio": round((first + later) / first, 2),
        "first_mb": round(first / 1024**2),
        "all_mb": round((first + later) / 1024**2),
        **look,
    }


def _pulls(folder: Path, side: Side, rows: int, days: int) -> list[Snapshot]:
    found: list[Snapshot] = []
    for day in range(days + 1):
        found.append(
            books.pull(folder / f"{side}-{day}.duckdb", side, rows, day, found[-1] if found else None)
        )
    return found


def _size(snapshot: Snapshot) -> int:
    return snapshot.file.stat().st_size


def _looked_back(folder: Path, then: Snapshot, rows: int, day: int) -> dict[str, Any]:
    """The day out of the history, and as if it had been kept in full."""
    plain = books.pull(folder / "plain.duckdb", then.side, rows, day, None)
    (kept, as_of), (full, seconds) = _look(then), _look(plain)
    assert kept == full
    return {"as_of_seconds": round(as_of, 2), "plain_seconds": round(seconds, 2)}


def _look(snapshot: Snapshot) -> tuple[Any, float]:
    with duckdb.connect() as connection:
        attach(connection, snapshot)
        began = time.perf_counter()
        table = f'{snapshot.side}."{books.NAMES[snapshot.side]}"'
        found = connection.execute(
            f"SELECT count(*), sum(CAST(hash(r) AS HUGEINT)) FROM {table} AS r"
        ).fetchone()
        return found, time.perf_counter() - began
