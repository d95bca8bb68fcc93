"""A derived table in files: in full, or what changed laid over a file of before.

    full          rows; about
    laid over     rows: those that are new or others; gone (place): the rows of the full file that no longer
                  hold; about

Both say in `about` (JSON) what they were made from.  A file is always laid over a full one, with all that
changed since, so that a table is read from two files at most.  Rows are told apart by `k`.
"""

from __future__ import annotations

import json
import logging
from abc import ABC, abstractmethod
from collections.abc import Mapping as ReadOnly
from dataclasses import dataclass
from typing import Any, ClassVar

import duckdb

from workbench.derived.folder import File, Folder, digest
from workbench.errors import DiffError

log = logging.getLogger("workbench.derived")

GONE = "layer_gone"
"""Temporary table (k) of the rows of before that no longer hold."""


class NotKnown(Exception):
    """What changed since a file was made can't be told, or is too much, and why."""


def composed(file: File) -> str:
    """A SELECT of all rows of a file, each with its place."""
    below = file.below
    if below is None:
        return f"SELECT *, rowid AS place FROM {file.database}.rows"
    return (
        f"SELECT r.*, r.rowid AS place FROM {below.database}.rows AS r "
        f"ANTI JOIN {file.database}.gone AS g ON g.place = r.rowid "
        # Below zero, beside the others: DuckDB filters by a small range of numbers exactly.
        f"UNION ALL SELECT *, -1 - rowid AS place FROM {file.database}.rows"
    )


def about(connection: duckdb.DuckDBPyConnection, file: File) -> dict[str, Any]:
    """What an attached file was made from."""
    row = connection.execute(f"SELECT told FROM {file.database}.about").fetchone()
    found: dict[str, Any] = json.loads(row[0]) if row else {}
    return found


@dataclass(frozen=True, kw_only=True)
class Layered(ABC):
    """One derived table.

    Attributes:
        of: What the names of its files have in common.
        made_from: What it is made from.
        share: Rows that may be laid over a file, as a share of its own; with more it is made in full.
    """

    kind: ClassVar[str]
    varying: ClassVar[frozenset[str]]
    """What of `made_from` may be another in a file that changes are laid over."""

    connection: duckdb.DuckDBPyConnection
    folder: Folder
    of: str
    made_from: ReadOnly[str, Any]
    share: float

    @abstractmethod
    def make(self, database: str) -> None:
        """Make the table `rows` in an attached database."""

    @abstractmethod
    def find_touched(self, earlier: File, told: ReadOnly[str, Any]) -> int:
        """Find what is another since, fill the table `GONE`, and answer how many rows are to be made.

        Raises:
            NotKnown: It can't be told.
        """

    @abstractmethod
    def make_touched(self, database: str) -> None:
        """Make the table `rows` of what `find_touched` has found."""

    @abstractmethod
    def show(self, file: File) -> None:
        """Make the view on an attached file."""

    def keep_more(self, earlier: File, database: str) -> None:  # noqa: B027 - most files hold rows only
        """Whatever else a file holds, from the one before."""

    def file(self) -> File:
        """The file that is there, or is made now; attached."""
        found = self.folder.find(self.kind, self.of, digest(self.made_from))
        file = found or self._laid_over() or self._in_full()
        self.folder.attach(self.connection, file)
        return file

    def _in_full(self) -> File:
        file = File(kind=self.kind, subject=self.of, digest=digest(self.made_from))
        with self.folder.draft(self.connection, file) as database:
            self.make(database)
            self._tell(database)
        return file

    def _laid_over(self) -> File | None:
        """Lay what changed over the newest file that allows it; None where that can't be told or is much."""
        for earlier in self.folder.all(self.kind, self.of):
            self.folder.attach(self.connection, earlier)
            told = about(self.connection, earlier)
            if self._fixed(told) != self._fixed(self.made_from):
                continue
            try:
                return self._lay(earlier, told)
            except (NotKnown, DiffError) as error:
                # Whatever is wrong with the data is told when all of it is looked at.
                log.info("%s of %s is made in full: %s", self.kind, self.of, str(error).splitlines()[0])
                return None
        return None

    def _lay(self, earlier: File, told: ReadOnly[str, Any]) -> File:
        below = earlier.below or earlier
        self._refuse_much(self.find_touched(earlier, told), below)
        file = File(kind=self.kind, subject=self.of, digest=digest(self.made_from), on=below.digest)
        with self.folder.draft(self.connection, file) as database:
            self.make_touched(database)
            gone = f"SELECT rowid AS place FROM {below.database}.rows WHERE k IN (FROM {GONE})"
            if earlier is not below:
                self.connection.execute(
                    f"INSERT INTO {database}.rows BY NAME "
                    f"SELECT * FROM {earlier.database}.rows WHERE k NOT IN (FROM {GONE})"
                )
                gone += f" UNION SELECT place FROM {earlier.database}.gone"
            self.connection.execute(f"CREATE TABLE {database}.gone AS {gone}")
            self._refuse_much(self._count(f"{database}.rows"), below)
            self.keep_more(earlier, database)
            self._tell(database)
        return file

    def _refuse_much(self, count: int, below: File) -> None:
        if count > self.share * self._count(f"{below.database}.rows"):
            raise NotKnown("much of it changed")

    def _tell(self, database: str) -> None:
        self.connection.execute(f"CREATE TABLE {database}.about (told VARCHAR)")
        self.connection.execute(
            f"INSERT INTO {database}.about VALUES (?)", [json.dumps(dict(self.made_from))]
        )

    def _fixed(self, told: ReadOnly[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in told.items() if name not in self.varying}

    def _count(self, table: str) -> int:
        row = self.connection.execute(f"SELECT count(*) FROM {table}").fetchone()
        return int(row[0]) if row else 0
