"""The steps of the diff benchmark, each a process of its own; what it measured is its last line, in JSON.

python -m tests.benchmarks.diff_steps make FOLDER ROWS | prepare FOLDER DAY | measure FOLDER ROUNDS
                                      | alone FOLDER | later FOLDER ROUNDS | datacompy FOLDER
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import duckdb
import psutil

from tests.benchmarks import books
from tests.benchmarks.server import peak_mb
from workbench import diff
from workbench.derived import Derived, Folder
from workbench.model import Side
from workbench.normalize import create_kept, sql
from workbench.snapshots import Snapshot
from workbench.snapshots.files import attach_new, close_new
from workbench.snapshots.memory import bound
from workbench.snapshots.reader import attach

ZONE = "America/New_York"


# --- the data ----------------------------------------------------------------------------------------------


def make(folder: Path, rows: int) -> dict[str, Any]:
    """Two days' snapshots of both sides, what is kept, and the base as a table for the floor."""
    for side in Side:
        before = None
        for day in (0, 1):
            before = _pull(folder, side, rows, day, before)
    for name, fill in (("kept", _fill_kept), ("agreed", _fill_agreed)):
        with duckdb.connect() as connection:
            attach_new(connection, folder / f"{name}.duckdb", "target")
            fill(connection, rows)
            connection.execute("USE memory")
            close_new(connection, "target")
    return {"rows": rows}


def _pull(folder: Path, side: Side, rows: int, day: int, before: Snapshot | None) -> Snapshot:
    made = books.pull(folder / "snapshots" / f"{side}-{day}.duckdb", side, rows, day, before)
    told = {"kind": made.kind, "counts": dict(made.counts), "below": [file.name for file in made.below]}
    made.file.with_suffix(".json").write_text(json.dumps(told))
    return made


def _snapshot(folder: Path, side: Side, day: int) -> Snapshot:
    path = folder / "snapshots" / f"{side}-{day}.duckdb"
    told = json.loads(path.with_suffix(".json").read_text())
    below = [path.with_name(name) for name in told["below"]]
    return books.snapshot(path, side, day, told["counts"], told["kind"], below)


def _fill_kept(connection: duckdb.DuckDBPyConnection, rows: int) -> None:
    connection.execute("USE target")
    create_kept(connection)
    books.fill_kept(connection, rows)


def _fill_agreed(connection: duckdb.DuckDBPyConnection, rows: int) -> None:
    books.fill_agreed(connection, "target.agreed", rows)


@contextmanager
def _opened(folder: Path, day: int) -> Iterator[Derived]:
    """Both sides of a day and what is kept, as the product opens them."""
    snapshots = {side: _snapshot(folder, side, day) for side in Side}
    with duckdb.connect() as connection:
        bound(connection, folder / "spill")
        connection.execute("SET TimeZone = 'UTC'")
        for snapshot in snapshots.values():
            attach(connection, snapshot)
        connection.execute(f"ATTACH '{folder / 'kept.duckdb'}' AS kept_file (READ_ONLY)")
        connection.execute("CREATE SCHEMA kept")
        for name in ("crosswalk", "base", "decisions", "closed"):
            connection.execute(f"CREATE VIEW kept.{name} AS FROM kept_file.kept.{name}")
        yield Derived(
            connection=connection, snapshots=snapshots, folder=Folder(folder / "derived"), zone=ZONE, least=0
        )


def _prepare(derived: Derived) -> None:
    mapping = books.mapping()
    for side in Side:
        derived.prepare(mapping, side)
    derived.prepare_base(mapping)
    derived.prepare_pairs(mapping)


# --- what is measured --------------------------------------------------------------------------------------


def prepare(folder: Path, day: int) -> dict[str, Any]:
    """Make the derived files of a day."""
    with _opened(folder, day) as derived:
        seconds = _timed(lambda: _prepare(derived))
        laid_over = {file.on is not None for file in derived.files.values() if file.kind == "canonical"}
        assert laid_over == {day > 0}
    size = sum(path.stat().st_size for path in (folder / "derived").glob("*.duckdb"))
    return {"seconds": round(seconds, 2), "derived_mb": round(size / 1024**2), **_peak()}


def measure(folder: Path, rounds: int) -> dict[str, Any]:
    """The floor and the diff in turn."""
    with _opened(folder, 0) as derived:
        _prepare(derived)
        connection = derived.connection
        connection.execute(f"ATTACH '{folder / 'agreed.duckdb'}' AS base_file (READ_ONLY)")
        floors, ours = [], []
        for number in range(rounds + 1):
            floor = _timed(lambda: _floor(connection))
            mine = _timed(lambda: _diff(connection))
            if number:  # the first round warms up
                floors.append(floor)
                ours.append(mine)
        (found,) = connection.execute("SELECT count(*) FROM work.differences").fetchone() or (0,)
    return {
        "seconds": round(median(ours), 3),
        "floor_seconds": round(median(floors), 3),
        "differences": found,
    }


def _floor(connection: duckdb.DuckDBPyConnection) -> None:
    """Every column of the three tables hashed, and a join of the three that only counts."""
    tables = {"s": 'salesforce."Customer__c"', "q": 'quickbooks."Customer"', "b": "base_file.agreed"}
    for table in tables.values():
        names = [
            column[0] for column in connection.execute(f"SELECT * FROM {table} LIMIT 0").description or ()
        ]
        hashed = ", ".join(f'"{name}"' for name in names)
        connection.execute(f"SELECT bit_xor(hash({hashed})) FROM {table}").fetchall()
    connection.execute(
        f"SELECT count(*), count(s.Id), count(q.ListID), count(b.pair) FROM {tables['b']} AS b "
        f"FULL JOIN {tables['s']} AS s ON s.Id = b.Id FULL JOIN {tables['q']} AS q ON q.ListID = b.ListID"
    ).fetchall()


def _diff(connection: duckdb.DuckDBPyConnection) -> None:
    diff.compute(connection, books.mapping(), zone=ZONE, prepared=True)


def alone(folder: Path) -> dict[str, Any]:
    """One diff and nothing else; it is kept for the day after."""
    with _opened(folder, 0) as derived:
        _prepare(derived)
        derived.compute(books.mapping())
    return _peak()


def later(folder: Path, rounds: int) -> dict[str, Any]:
    """The diff of the day after: of everything, and one that goes on from the diff before, in turn.

    Both are the product's call, which keeps what it finds for the next one.
    """
    times: dict[bool, list[float]] = {False: [], True: []}
    kept = next((folder / "derived").glob("differences.*"))
    aside = folder / kept.name
    kept.rename(aside)
    with _opened(folder, 1) as derived:
        _prepare(derived)
        for number in range(rounds + 1):
            found = {}
            for goes_on, seconds in times.items():
                if goes_on:
                    aside.rename(kept)
                began = time.perf_counter()
                assert derived.compute(books.mapping()) == goes_on
                if number:
                    seconds.append(time.perf_counter() - began)
                found[goes_on] = _rows(derived.connection)
                _forget(derived.connection, folder / "derived", kept)
            kept.rename(aside)
            assert found[True] == found[False]
    return {
        "full_seconds": round(median(times[False]), 3),
        "incremental_seconds": round(median(times[True]), 3),
    }


def _forget(connection: duckdb.DuckDBPyConnection, derived: Path, kept: Path) -> None:
    """Take away the differences that were kept since."""
    for path in derived.glob("differences.*"):
        if path != kept:
            path.unlink()
    for (name,) in connection.execute("SELECT database_name FROM duckdb_databases()").fetchall():
        if name.startswith("differences.") and not kept.name.startswith(f"{name}."):
            connection.execute(f'DETACH "{name}"')


def _rows(connection: duckdb.DuckDBPyConnection) -> tuple[Any, ...]:
    query = "SELECT count(*), bit_xor(hash(d)), sum(hash(d)::HUGEINT) FROM work.differences AS d"
    return connection.execute(query).fetchone() or ()


def datacompy(folder: Path) -> dict[str, Any]:
    """Two sides of the same comparable values, in memory, compared by datacompy on Polars."""
    import polars
    from datacompy import PolarsCompare

    frames = []
    with _opened(folder, 0) as derived:
        _prepare(derived)
        for side in Side:
            path = folder / f"{side}.parquet"
            values = ", ".join(f'r."v:{field.name}" AS "{field.name}"' for field in books.mapping().compared)
            derived.connection.execute(
                f"COPY (SELECT coalesce(p.pair, r.id) AS pair, {values} "
                f"FROM {sql.canonical(books.mapping(), side)} AS r "
                f"LEFT JOIN {sql.pairs(books.mapping())} AS p ON p.k_{side} = r.k) TO '{path}'"
            )
            frames.append(polars.read_parquet(path))
    made: list[PolarsCompare] = []

    def compare() -> None:
        made.append(PolarsCompare(*frames, join_columns=["pair"]))
        made[0].all_mismatch()

    seconds = _timed(compare)
    unequal = sum(each["unequal_cnt"] for each in made[0].column_stats)
    return {"seconds": round(seconds, 2), "unequal": unequal, **_peak()}


def _timed(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def _peak() -> dict[str, Any]:
    return {"peak_mb": peak_mb(psutil.Process())}


STEPS: dict[str, Callable[..., dict[str, Any]]] = {
    each.__name__: each for each in (make, prepare, measure, alone, later, datacompy)
}

if __name__ == "__main__":
    print(json.dumps(STEPS[sys.argv[1]](Path(sys.argv[2]), *map(int, sys.argv[3:]))))
