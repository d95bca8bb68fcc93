"""A three-way diff of many customers (see `books`), against what DuckDB needs at the least.

Three tables of `--rows` records: the base, Salesforce and QuickBooks.  `floor_seconds` is DuckDB hashing
every column of the three, and a full join of them on their keys that only counts.  `seconds` is the product's
own `diff.compute(prepared=True)`, from the derived files that are made once a snapshot and mapping; what
that takes is `prepare_seconds`.  Both are measured in turn in one process, and the medians compared.

Then two of a hundred records change.  `incremental_share` is what the diff takes that goes on from the one
before, as a share of one that compares everything again, both with what they keep for the next one;
`prepare_again_seconds` lays the change over the derived files.

datacompy (on Polars) compares two sides of the same comparable values, already in memory.

Each step is a process of its own (`diff_steps`), so that `peak_mb` is that of one diff.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).absolute().parents[2]

#        rows, rounds
SIZES = {"tiny": (30_000, 1), "small": (100_000, 3), "full": (1_000_000, 5)}


def run(size: str, rows: int | None = None) -> dict[str, Any]:
    """The figures, by their names in the design."""
    usual, rounds = SIZES[size]
    count = rows or usual
    with tempfile.TemporaryDirectory(prefix="diff-") as folder:
        _step("make", folder, count)
        prepared = _step("prepare", folder, 0)
        measured = _step("measure", folder, rounds)
        alone = _step("alone", folder)
        again = _step("prepare", folder, 1)
        later = _step("later", folder, rounds)
        peer = _step("datacompy", folder)
    return {
        "rows": count,
        "seconds": measured["seconds"],
        "floor_seconds": measured["floor_seconds"],
        "ratio_to_floor": round(measured["seconds"] / measured["floor_seconds"], 2),
        "prepare_seconds": prepared["seconds"],
        "datacompy_seconds": peer["seconds"],
        "times_datacompy": round(peer["seconds"] / measured["seconds"], 1),
        "incremental_share": round(later["incremental_seconds"] / later["full_seconds"], 2),
        "peak_mb": alone["peak_mb"],
        "differences": measured["differences"],
        "incremental_seconds": later["incremental_seconds"],
        "incremental_full_seconds": later["full_seconds"],
        "prepare_again_seconds": again["seconds"],
        "prepare_peak_mb": prepared["peak_mb"],
        "derived_mb": prepared["derived_mb"],
        "datacompy_peak_mb": peer["peak_mb"],
        "datacompy_unequal": peer["unequal"],
        "rounds": rounds,
    }


def _step(what: str, folder: str, *given: int) -> dict[str, Any]:
    ran = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.diff_steps", what, folder, *map(str, given)],
        cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    told: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return told
