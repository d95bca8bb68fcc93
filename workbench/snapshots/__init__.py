"""Snapshots: what a system held at a time, in DuckDB files that never change.

`files` writes tables, `changes` stores a pull as a full file or as what changed, `chain` composes the two by
views, `catalog` publishes a file and tells which snapshots there are, `reader` opens them for SQL, and
`prune` takes away by rule what nobody can need.
"""

from workbench.snapshots.catalog import (
    Snapshot,
    failed_pull,
    finished_pulls,
    history,
    newest,
    next_must_be_full,
    overtaken_pull,
    publish,
    snapshot,
)
from workbench.snapshots.chain import Family
from workbench.snapshots.changes import Read, Stored, store_snapshot
from workbench.snapshots.files import Column, TableData, TextTable, UnfitValue, write_file, write_table
from workbench.snapshots.prune import Pruned, prune
from workbench.snapshots.reader import attach, open_reader

__all__ = [
    "Column",
    "Family",
    "Pruned",
    "Read",
    "Snapshot",
    "Stored",
    "TableData",
    "TextTable",
    "UnfitValue",
    "attach",
    "failed_pull",
    "finished_pulls",
    "history",
    "newest",
    "next_must_be_full",
    "open_reader",
    "overtaken_pull",
    "prune",
    "publish",
    "snapshot",
    "store_snapshot",
    "write_file",
    "write_table",
]
