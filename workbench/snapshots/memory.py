"""How much memory DuckDB may take, and where it puts what does not fit.

By itself it takes four fifths of the machine, which is more than it needs, and puts the rest into the current
folder: records of customers, wherever somebody happens to be.
"""

from __future__ import annotations

import os
import secrets
import shutil
import time
from contextlib import suppress
from pathlib import Path

import duckdb

from workbench.snapshots.files import literal

GIGABYTES = 3.0
"""A million records are compared in half of it; five million and their preparation fit with little loss."""

LEFT_HOURS = 24.0
"""After so long a folder that a killed process has left is taken away."""


def bound(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Bound the memory of a connection, and let it put aside what does not fit in a folder of its own."""
    _clear(folder)
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
    # Processes that share one folder would write into each other's files.
    own = folder / f"{os.getpid()}-{secrets.token_hex(4)}"
    connection.execute(f"SET temp_directory = '{literal(own)}'")
    row = connection.execute("SELECT current_setting('memory_limit')").fetchone()
    size, _, unit = str(row[0] if row else "").partition(" ")
    if unit in ("GiB", "TiB") and (unit == "TiB" or float(size) > GIGABYTES):
        connection.execute(f"SET memory_limit = '{GIGABYTES}GB'")


def _clear(folder: Path) -> None:
    limit = time.time() - LEFT_HOURS * 3600
    with suppress(OSError):
        for left in folder.iterdir():
            if left.stat().st_mtime < limit:
                shutil.rmtree(left, ignore_errors=True)
