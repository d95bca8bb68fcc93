"""Snapshots: what a system held at a time, in DuckDB files that never change.

`files` writes one, `catalog` publishes it and tells which ones there are, `reader` opens them for SQL.
"""

from workbench.snapshots.catalog import (
    Snapshot,
    failed_pull,
    finished_pulls,
    history,
    newest,
    publish,
    snapshot,
)
from workbench.snapshots.files import Column, TableData, write_file
from workbench.snapshots.reader import attach, open_reader

__all__ = [
    "Column",
    "Snapshot",
    "TableData",
    "attach",
    "failed_pull",
    "finished_pulls",
    "history",
    "newest",
    "open_reader",
    "publish",
    "snapshot",
    "write_file",
]
