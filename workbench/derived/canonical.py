"""Files of canonical tables: in full, or what changed laid over a file of an earlier snapshot.

    full          rows; unread; about
    laid over     rows: those that are new or others; gone (place): the rows of the full file that no longer
                  hold; unread; about

Both say in `about` (JSON) what they were made from.  A file is always laid over a full one, with all that
changed since, so that a table is read from two files at most.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping as ReadOnly
from dataclasses import dataclass, replace
from typing import Any

import duckdb

from workbench.derived.folder import File, Folder, digest
from workbench.derived.touched import GONE, NotKnown, Step
from workbench.errors import DiffError
from workbench.normalize import prepare_from, show_raw, show_unread, sql
from workbench.normalize.sources import Sources
from workbench.snapshots import Snapshot

log = logging.getLogger("workbench.derived")

LARGEST_SHARE = 0.25
"""Rows that are laid over a file, as a share of its own; with more it is made in full."""

LAID_OVER = 1 << 40
"""Places of rows that are laid over a table begin here."""

VARYING = ("snapshot", "files", "links")
"""What may be another in a file that changes are laid over."""


def composed(file: File) -> str:
    """A SELECT of all rows of a file, each with its place."""
    below = file.below
    if below is None:
        return f"SELECT *, rowid AS place FROM {file.database}.rows"
    return (
        f"SELECT r.*, r.rowid AS place FROM {below.database}.rows AS r "
        f"ANTI JOIN {file.database}.gone AS g ON g.place = r.rowid "
        f"UNION ALL SELECT *, rowid + {LAID_OVER} AS place FROM {file.database}.rows"
    )


def about(connection: duckdb.DuckDBPyConnection, file: File) -> dict[str, Any]:
    """What an attached file was made from."""
    row = connection.execute(f"SELECT told FROM {file.database}.about").fetchone()
    found: dict[str, Any] = json.loads(row[0]) if row else {}
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Canonical:
    """The canonical table of one side of a mapping, as files.

    Attributes:
        made_from: What it is made from: what the file is named by, and `files` of the snapshot.
        of: What the names of its files have in common.
    """

    connection: duckdb.DuckDBPyConnection
    folder: Folder
    sources: Sources
    snapshot: Snapshot
    made_from: ReadOnly[str, Any]
    of: str

    @property
    def digest(self) -> str:
        return digest({name: value for name, value in self.made_from.items() if name != "files"})

    def file(self) -> File:
        """A file that is there, or is made now."""
        return self.folder.find("canonical", self.of, self.digest) or self._laid_over() or self._in_full()

    def show(self, file: File) -> None:
        """Show it as the table that matching and diff read."""
        self.folder.attach(self.connection, file)
        view = sql.canonical(self.sources.mapping, self.sources.spec.side)
        self.connection.execute("CREATE SCHEMA IF NOT EXISTS work")
        self.connection.execute(f"CREATE OR REPLACE VIEW {view} AS {composed(file)}")
        show_raw(self.connection, self.sources)
        show_unread(self.connection, self.sources, f"{file.database}.unread")

    def _in_full(self) -> File:
        file = File(kind="canonical", subject=self.of, digest=self.digest)
        with self.folder.draft(self.connection, file) as database:
            prepare_from(self.connection, self.sources, database=database)
            self.connection.execute(f"CREATE TABLE {database}.unread AS {self._unread()}")
            self._tell(database)
        return file

    def _laid_over(self) -> File | None:
        """Lay what changed over the newest file that allows it; None where that can't be told or is much."""
        for earlier in self.folder.all("canonical", self.of):
            self.folder.attach(self.connection, earlier)
            told = about(self.connection, earlier)
            if _fixed(told) != _fixed(self.made_from):
                continue
            try:
                return self._lay(earlier, told)
            except (NotKnown, DiffError) as error:
                # Whatever is wrong with the data is told when all of it is looked at.
                log.info("%s is prepared in full: %s", self.of, str(error).splitlines()[0])
                return None
        return None

    def _lay(self, earlier: File, told: ReadOnly[str, Any]) -> File:
        below = earlier.below or earlier
        step = Step(
            connection=self.connection,
            sources=self.sources,
            files=told["files"],
            now=self.snapshot,
            before=f"({composed(earlier)})",
            linked=told["links"] != self.made_from["links"],
        )
        count = step.find()
        self._refuse_much(count, below)
        file = File(kind="canonical", subject=self.of, digest=self.digest, on=below.digest)
        with self.folder.draft(self.connection, file) as database:
            prepare_from(self.connection, replace(self.sources, narrowed=True), database=database)
            self._keep(earlier, below, database)
            self._tell(database)
        return file

    def _keep(self, earlier: File, below: File, database: str) -> None:
        """What the earlier file says and still holds."""
        run = self.connection.execute
        gone = f"SELECT rowid AS place FROM {below.database}.rows WHERE k IN (FROM {GONE})"
        unread = f"SELECT * FROM {earlier.database}.unread WHERE {sql.key('id')} NOT IN (FROM {GONE})"
        if earlier is not below:
            run(
                f"INSERT INTO {database}.rows BY NAME "
                f"SELECT * FROM {earlier.database}.rows WHERE k NOT IN (FROM {GONE})"
            )
            gone += f" UNION SELECT place FROM {earlier.database}.gone"
        run(f"CREATE TABLE {database}.gone AS {gone}")
        run(f"CREATE TABLE {database}.unread AS {unread} UNION {self._unread()}")
        self._refuse_much(_count(self.connection, f"{database}.rows"), below)

    def _refuse_much(self, count: int, below: File) -> None:
        if count > LARGEST_SHARE * _count(self.connection, f"{below.database}.rows"):
            raise NotKnown("much of it changed")

    def _unread(self) -> str:
        mapping, side = sql.literal(self.sources.mapping.name), sql.literal(self.sources.spec.side)
        return f"SELECT * FROM {sql.unread()} WHERE mapping = {mapping} AND side = {side}"

    def _tell(self, database: str) -> None:
        self.connection.execute(f"CREATE TABLE {database}.about (told VARCHAR)")
        self.connection.execute(
            f"INSERT INTO {database}.about VALUES (?)", [json.dumps(dict(self.made_from))]
        )


def _fixed(told: ReadOnly[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in told.items() if name not in VARYING}


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    row = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(row[0]) if row else 0
