"""The folder of derived files: names, publishing, attaching, and what is pruned.

A name is `<kind>.<subject>.<digest>.duckdb`, the digest of what the file was made from; one that is laid over
another file says so: `<kind>.<subject>.<digest>.on.<digest of the other>.duckdb`.  Of each subject the newest
`KEPT` stay, and the files that they are laid over.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from workbench.snapshots.files import attach_new, literal

FORMAT = 3
"""Raised when the tables in these files change: files of before are not looked at, and go in time."""

KEPT = 3
"""Files of a subject that stay, the newest ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A derived file.

    Attributes:
        kind: 'canonical', 'base', 'pairs' or 'differences'.
        subject: Of what mapping and side.
        digest: Of what it was made from.
        on: The digest of the file that it is laid over; None for one that stands alone.
    """

    kind: str
    subject: str
    digest: str
    on: str | None = None

    @property
    def name(self) -> str:
        over = f".on.{self.on}" if self.on else ""
        return f"{self.kind}.{self.subject}.{self.digest}{over}.duckdb"

    @property
    def database(self) -> str:
        """The name that it is attached by, as SQL takes it."""
        return f'"{self.kind}.{self.subject}.{self.digest}"'

    @property
    def below(self) -> File | None:
        """The file that it is laid over."""
        return File(kind=self.kind, subject=self.subject, digest=self.on) if self.on else None


def digest(made_from: Mapping[str, Any]) -> str:
    """A short hash of what a file is made from: anything that JSON can hold."""
    return hashlib.sha256(json.dumps(dict(made_from), sort_keys=True).encode()).hexdigest()[:16]


def subject(*parts: str) -> str:
    """Parts as a piece of a file name."""
    return "-".join(re.sub(r"[^A-Za-z0-9-]", "_", part) for part in parts)


@dataclass(frozen=True, slots=True)
class Folder:
    """The folder `<profile>/data/derived`; it is made with its first file."""

    path: Path

    def find(self, kind: str, of: str, wanted: str) -> File | None:
        """The file of that digest, if it is there with all that it is laid over."""
        return next((each for each in self.all(kind, of) if each.digest == wanted), None)

    def all(self, kind: str, of: str) -> list[File]:
        """The files of a subject that are there with all that they are laid over, the newest first."""
        found = [
            (path, file) for path in self.path.glob(f"{kind}.{of}.*.duckdb") if (file := _file(path.name))
        ]
        standing = {file.digest for _, file in found}
        usable = [(path, file) for path, file in found if file.on is None or file.on in standing]
        return [file for _, file in sorted(usable, key=lambda each: _age(each[0]), reverse=True)]

    def attach(self, connection: duckdb.DuckDBPyConnection, file: File) -> None:
        """Attach a file read-only, with the one that it is laid over; one that is attached stays.

        Raises:
            duckdb.Error: It is gone, or can't be read.
        """
        for each in filter(None, (file.below, file)):
            path = literal(self.path / each.name)
            connection.execute(f"ATTACH IF NOT EXISTS '{path}' AS {each.database} (READ_ONLY)")

    @contextmanager
    def draft(
        self, connection: duckdb.DuckDBPyConnection, file: File, *, group: int | None = None
    ) -> Iterator[str]:
        """Answer the name of an attached new database; after the block it is published, unless that raised.

        Args:
            group: Rows that one thread writes and reads at once, instead of DuckDB's 122,880.

        Raises:
            OSError, duckdb.Error: The file can't be written.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        unfinished = self.path / f".{file.name}.{secrets.token_hex(4)}.unfinished"
        database = f'"draft {file.digest}"'
        try:
            attach_new(connection, unfinished, database, group=group)
            try:
                yield database
                connection.execute(f"CHECKPOINT {database}")
            finally:
                connection.execute(f"DETACH {database}")
            self._publish(unfinished, file)
        finally:
            for leftover in (unfinished, unfinished.with_name(unfinished.name + ".wal")):
                with suppress(OSError):
                    leftover.unlink(missing_ok=True)

    def _publish(self, unfinished: Path, file: File) -> None:
        target = self.path / file.name
        if not target.exists():
            try:
                unfinished.replace(target)
            except OSError:
                # On Windows an open file can't be replaced: another process was first with the same one.
                if not target.exists():
                    raise
        self._prune(file)

    def _prune(self, file: File) -> None:
        """Take away older files of the subject; what is open somewhere goes another time."""
        standing = self.all(file.kind, file.subject)
        kept = {each.digest for each in standing[:KEPT]}
        kept |= {each.on for each in standing[:KEPT] if each.on}
        for each in standing:
            if each.digest not in kept:
                with suppress(OSError):
                    (self.path / each.name).unlink(missing_ok=True)


@contextmanager
def at_once(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Write all of a block in one transaction, straight into the file that is drafted.

    A draft needs no log to recover from: with a small limit for the log DuckDB leaves it out.
    """
    connection.execute("SET wal_autocheckpoint = '1KB'")
    try:
        connection.execute("BEGIN")
        try:
            yield
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")
    finally:
        connection.execute("RESET wal_autocheckpoint")


def _file(name: str) -> File | None:
    found = re.fullmatch(r"([a-z]+)\.([A-Za-z0-9_-]+)\.([0-9a-f]{16})(?:\.on\.([0-9a-f]{16}))?\.duckdb", name)
    if found is None:
        return None
    return File(kind=found[1], subject=found[2], digest=found[3], on=found[4])


def _age(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:  # taken away a moment ago
        return 0.0
