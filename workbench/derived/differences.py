"""Files of a diff: what was found between two snapshots, so that the next diff compares what changed since.

    full         found: the differences before what depends on other rows was settled (`diff.compare`)
                 decided, waiting: the decisions, and the match candidates that wait for a person
                 about: what it was made from: the files of canonical tables, base and pairs, and the rest
    laid over    found: those of records that were compared again; again: which these are (mapping, side, id)
                 decided, waiting and about as above

A record is compared again when its canonical row, its pair, its base, a decision or a candidate of it is
another, or when its partner was gone: of that more may be known now.  All other differences are taken over.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterable, Iterator
from collections.abc import Mapping as ReadOnly
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from workbench import diff as differ
from workbench import normalize
from workbench.derived.folder import File, Folder, at_once, digest, subject
from workbench.derived.layers import about, composed
from workbench.model import Mapping, Side
from workbench.normalize import Only, literal, sql
from workbench.normalize.only import only_table

log = logging.getLogger("workbench.derived")

AGAIN = "diff_again"
"""Temporary table (side, id) of the records that are compared again."""

GROUP = 16_384
"""Rows of differences that one thread writes and reads at once: they are few, and have many texts."""


@dataclass(frozen=True, kw_only=True)
class Differences:
    """The diff of a mapping and its lines.

    Attributes:
        files: The files behind the views that it reads, by view.
        fixed: What else it depends on.
        share: Records that may be compared again, as a share of all; with more, all are.
        records: How many there are on both sides.
    """

    connection: duckdb.DuckDBPyConnection
    folder: Folder
    mapping: Mapping
    files: ReadOnly[str, File]
    fixed: ReadOnly[str, Any]
    share: float
    records: int

    def compare(self) -> bool:
        """Do `diff.compare`; answers whether differences of before were taken over."""
        differ.forget_differences(self.connection, self.mapping)
        earlier = self._earlier()
        again = None if earlier is None else self._again(earlier)
        if earlier is None or again is None:
            differ.compare(self.connection, self.mapping, prepared=True)
            self._keep(None)
            return False
        differ.compare(
            self.connection, self.mapping, prepared=True, only=again,
            besides=lambda each: list(self._others(earlier, each)),
        )  # fmt: skip
        self._name_again(earlier)
        self._keep(earlier)
        return True

    @property
    def _of(self) -> str:
        return subject(self.mapping.name)

    @property
    def _both(self) -> list[Mapping]:
        return [each for each in (self.mapping, self.mapping.lines) if each is not None]

    # --- from before -------------------------------------------------------------

    def _earlier(self) -> File | None:
        """The newest file that can be gone on from, attached with all that it was made from."""
        for file in self.folder.all("differences", self._of):
            self.folder.attach(self.connection, file)
            told = about(self.connection, file)
            if told["fixed"] == self.fixed and self._attached(_files(told).values()):
                return file
        return None

    def _attached(self, files: Iterable[File]) -> bool:
        """Attach files; whether all are still there."""
        for file in files:
            if self.folder.find(file.kind, file.subject, file.digest) is None:
                return False
            self.folder.attach(self.connection, file)
        return True

    def _again(self, earlier: File) -> Only | None:
        """The records that are compared again; None when they are so many that all should be."""
        self.connection.execute(f"CREATE OR REPLACE TEMP TABLE {AGAIN} (side VARCHAR, id VARCHAR)")
        for query in self._queries(earlier):
            self.connection.execute(
                f"INSERT INTO {AGAIN} SELECT side, id FROM ({query}) WHERE id IS NOT NULL"
            )
        only = Only(salesforce=self._ids(Side.SALESFORCE), quickbooks=self._ids(Side.QUICKBOOKS))
        count = len(only.salesforce) + len(only.quickbooks)
        if count > self.share * self.records:
            log.info("the diff of %s is made in full: %d records are to be compared again", self._of, count)
            return None
        return only

    def _queries(self, earlier: File) -> Iterator[str]:
        """Queries of (side, id)."""
        before = _files(about(self.connection, earlier))
        for mapping in self._both:
            for side in Side:
                view = sql.canonical(mapping, side)
                other = _others(before[view], self.files[view], "id")
                yield f"SELECT {literal(side)} AS side, id FROM ({other})"
            yield from self._paired(mapping, before)
        for file in filter(None, (earlier, earlier.below)):
            gone = f"FROM {file.database}.found WHERE difference IN ('missing', 'deleted', 'outside')"
            yield from _either_side(f"SELECT salesforce_id, quickbooks_id {gone}")
        for table, query in (("decided", self._decided()), ("waiting", self._waiting())):
            was = f"FROM {earlier.database}.{table}"
            other = f"(({query}) EXCEPT ({was})) UNION ALL (({was}) EXCEPT ({query}))"
            yield from _either_side(f"SELECT salesforce_id, quickbooks_id FROM ({other})")

    def _paired(self, mapping: Mapping, before: ReadOnly[str, File]) -> Iterator[str]:
        """The records of pairs that came or went, or whose base is another."""
        pairs = sql.pairs(mapping)
        yield from _either_side(_others(before[pairs], self.files[pairs], "salesforce_id, quickbooks_id"))

    def _name_again(self, earlier: File) -> None:
        """All records that were compared again since the full file was made, in the table `AGAIN`."""
        now = [
            f"SELECT {literal(mapping.name)} AS mapping, {literal(side)} AS side, id "
            f"FROM {only_table(mapping, side)}"
            for mapping in self._both
            for side in Side
        ]
        before = [f"FROM {earlier.database}.again"] if earlier.on else []
        self.connection.execute(f"CREATE OR REPLACE TEMP TABLE {AGAIN} AS {' UNION '.join([*now, *before])}")

    def _others(self, earlier: File, mapping: Mapping) -> Iterator[str]:
        """The differences of all records that were not compared again now, file by file."""
        yield differ.others(mapping, f"{earlier.database}.found")
        if earlier.below:
            standing = f"NOT ({_named(f'{earlier.database}.again')})"
            yield f"{differ.others(mapping, f'{earlier.below.database}.found')} AND {standing}"

    # --- for the next one ----------------------------------------------------------

    def _keep(self, earlier: File | None) -> None:
        """Keep what was found, unless the same is kept already; laid over the full file if that is less."""
        made_from = {
            "fixed": self.fixed,
            "files": {view: asdict(file) for view, file in self.files.items()},
            "decided": self._digest(self._decided()),
            "waiting": self._digest(self._waiting()),
        }
        name = digest(made_from)
        if self.folder.find("differences", self._of, name) is not None:
            return
        found = [f"FROM {differ.differences_of(each)}" for each in self._both]
        tables = {"decided": self._decided(), "waiting": self._waiting()}
        below = (earlier.below or earlier) if earlier else None
        if earlier is not None and below is not None:
            if self._less(below):
                found = [differ.looked_at(each, differ.differences_of(each)) for each in self._both]
                if earlier.on:  # what that file says stays, since this one takes its place
                    found += [next(self._others(earlier, each)) for each in self._both]
                tables["again"] = f"FROM {AGAIN}"
            else:
                below = None
        tables["found"] = " UNION ALL ".join(f"({query})" for query in found)
        file = File(kind="differences", subject=self._of, digest=name, on=below.digest if below else None)
        with self.folder.draft(self.connection, file, group=GROUP) as database, at_once(self.connection):
            for table, query in tables.items():
                self.connection.execute(f"CREATE TABLE {database}.{table} AS {query}")
            self.connection.execute(f"CREATE TABLE {database}.about (told VARCHAR)")
            self.connection.execute(f"INSERT INTO {database}.about VALUES (?)", [json.dumps(made_from)])

    def _less(self, below: File) -> bool:
        """Whether fewer records were compared again than there are differences in the full file."""
        counted = f"(SELECT count(*) FROM {AGAIN}), (SELECT count(*) FROM {below.database}.found)"
        row = self.connection.execute(f"SELECT {counted}").fetchone()
        return row is not None and row[0] < row[1]

    # --- small pieces ----------------------------------------------------------------

    def _decided(self) -> str:
        return f"SELECT * FROM kept.decisions WHERE mapping IN ({self._names()})"

    def _waiting(self) -> str:
        if not differ.exists(self.connection, "candidates"):
            return "SELECT NULL::VARCHAR AS salesforce_id, NULL::VARCHAR AS quickbooks_id WHERE false"
        return f"SELECT * FROM work.candidates WHERE mapping IN ({self._names()})"

    def _names(self) -> str:
        return ", ".join(literal(each.name) for each in self._both)

    def _digest(self, query: str) -> str:
        counted = "SELECT count(*) || ' ' || coalesce(bit_xor(hash(each)), 0)"
        row = self.connection.execute(f"{counted} FROM ({query}) AS each").fetchone()
        return str(row[0]) if row else ""

    def _ids(self, side: Side) -> list[str]:
        query = f"SELECT DISTINCT id FROM {AGAIN} WHERE side = ?"
        return [row[0] for row in self.connection.execute(query, [side]).fetchall()]


@cache
def rules() -> str:
    """A hash of the code that decides: what an older version found is found anew."""
    hashed = hashlib.sha256()
    for package in (differ, normalize):
        for path in sorted(Path(str(package.__file__)).parent.glob("*.py")):
            hashed.update(path.read_bytes())
    return hashed.hexdigest()[:16]


def _named(again: str) -> str:
    """The condition that a difference is of a record in a table (mapping, side, id)."""
    return " OR ".join(
        f"(mapping, {side}_id) IN (SELECT (mapping, id) FROM {again} WHERE side = {literal(side)})"
        for side in Side
    )


def _files(told: ReadOnly[str, Any]) -> dict[str, File]:
    return {view: File(**each) for view, each in told["files"].items()}


def _either_side(query: str) -> Iterator[str]:
    """(side, id) of a query of pairs of ids."""
    for side in Side:
        yield f"SELECT {literal(side)} AS side, {side}_id AS id FROM ({query})"


def _others(before: File, now: File, columns: str) -> str:
    """The rows that are in one of two files of a table only, or are others (`g`) there."""
    if before == now:
        return f"SELECT {columns} FROM {now.database}.rows WHERE false"
    if (before.on or before.digest) == (now.on or now.digest):
        # Both are laid over the same file: what neither says anything about is the same.
        parts = [_said(before, columns), _said(now, columns)]
    else:
        parts = [f"SELECT k, g, {columns} FROM ({composed(file)})" for file in (before, now)]
    either = ", ".join(f"coalesce(b.{name}, a.{name}) AS {name}" for name in columns.split(", "))
    return (
        f"SELECT {either} FROM ({parts[0]}) AS b FULL JOIN ({parts[1]}) AS a ON a.k = b.k "
        "WHERE a.k IS NULL OR b.k IS NULL OR a.g IS DISTINCT FROM b.g"
    )


def _said(file: File, columns: str) -> str:
    """What a file says of rows of the one that it is laid over, those that are gone with no `g`."""
    below = file.below
    if below is None:
        return f"SELECT k, g, {columns} FROM {file.database}.rows WHERE false"
    return (
        f"SELECT k, g, {columns} FROM {file.database}.rows UNION ALL "
        f"SELECT r.k, NULL AS g, {', '.join(f'r.{name}' for name in columns.split(', '))} "
        f"FROM {below.database}.rows AS r JOIN {file.database}.gone AS g ON g.place = r.rowid "
        f"ANTI JOIN {file.database}.rows AS n ON n.k = r.k"
    )
