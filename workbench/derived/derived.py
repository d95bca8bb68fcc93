"""Make the tables that matching and diff read: out of files where there are some, else anew.

Small tables are made in memory, which takes less than a file; on one connection they are made again only when
what they are made from has changed.  Of large ones a file is looked for that was made from the same; then for
one of an earlier snapshot that the changes can be laid over; else it is made in full.  Whatever goes wrong
with a file, the table is made in memory: a derived file is never needed.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping as ReadOnly
from dataclasses import dataclass, field
from typing import Any

import duckdb

from workbench import diff as differ
from workbench.derived.canonical import Canonical
from workbench.derived.differences import Differences, rules
from workbench.derived.folder import FORMAT, File, Folder, digest, subject
from workbench.derived.kept import Base, Pairs
from workbench.derived.layers import Layered
from workbench.model import Mapping, Side
from workbench.normalize import prepare_base, prepare_from, prepare_pairs, read_base, read_sources, sql
from workbench.normalize.base import base_hash
from workbench.normalize.pairs import pair_hash
from workbench.normalize.sources import Sources
from workbench.snapshots import Snapshot

log = logging.getLogger("workbench.derived")

LEAST = 20_000
"""Rows of a table that is worth a file."""

LARGEST_SHARE = 0.25
"""Rows that may be laid over a file, as a share of its own."""

TROUBLE = (OSError, duckdb.IOException, duckdb.CatalogException, duckdb.SerializationException)
"""What a file that was taken away, is damaged or can't be written raises."""


@dataclass(kw_only=True)
class Derived:
    """The tables of one connection.

    Attributes:
        connection: Schemas `salesforce`, `quickbooks` (views on snapshots) and `kept`.
        snapshots: What the schemas show, by side.
        folder: Where files are; None: everything is made in memory.
        zone: Time zone of the QuickBooks computer.
        least: Rows of a table that is worth a file.
        share: Rows that may be laid over a file, as a share of its own.
        files: The files behind the views of this connection, by view.
    """

    connection: duckdb.DuckDBPyConnection
    snapshots: ReadOnly[Side, Snapshot]
    folder: Folder | None = None
    zone: str | None = None
    least: int = LEAST
    share: float = LARGEST_SHARE
    files: dict[str, File] = field(default_factory=dict)
    _made: dict[str, dict[str, Any]] = field(default_factory=dict)

    # --- canonical tables ------------------------------------------------------

    def prepare(self, mapping: Mapping, side: Side) -> None:
        """Make the canonical table and raw view of one side of `mapping` (not of its lines).

        Raises:
            DiffError: See `normalize.prepare`.
        """
        sources = read_sources(self.connection, mapping, side, zone=self.zone)
        view, snapshot = sql.canonical(mapping, side), self.snapshots[side]
        made_from = self._canonical_from(sources)
        if self._stands(view, made_from):
            return
        canonical = None
        if self.folder and self._worth(mapping):
            canonical = Canonical(
                connection=self.connection,
                folder=self.folder,
                share=self.share,
                of=subject(mapping.name, side),
                made_from={**made_from, "files": [file.name for file in snapshot.files]},
                sources=sources,
                snapshot=snapshot,
            )
        if canonical is None or not self._from_file(view, canonical):
            self._clear(view)
            prepare_from(self.connection, sources)
        self._made[view] = made_from

    def _canonical_from(self, sources: Sources) -> dict[str, Any]:
        texts = [sources.hashed(), sources.raw(), *([sources.expressions()] if sources.read else [])]
        return {
            **self._engine(),
            "mapping": sources.mapping.name,
            "side": sources.spec.side,
            "query": _hash(*texts),
            "snapshot": self.snapshots[sources.spec.side].id,
            "links": self._links(_linked(sources)),
        }

    # --- what is kept ------------------------------------------------------------

    def prepare_pairs(self, mapping: Mapping) -> None:
        """Make the view of the pairs of `mapping` (not of its lines), whose base is made already.

        Raises:
            DiffError: See `normalize.prepare_pairs`.
        """
        view, base = sql.pairs(mapping), self._made[sql.base(mapping)]
        links = self._links({mapping.name})
        made_from = {**self._engine(), "mapping": mapping.name, "links": links, "base": digest(base)}
        if self._stands(view, made_from):
            return
        pairs = None
        if self.folder and self._worth(mapping):
            pairs = Pairs(
                connection=self.connection,
                folder=self.folder,
                share=self.share,
                of=subject(mapping.name),
                made_from=made_from,
                mapping=mapping,
            )
        if pairs is None or not self._from_file(view, pairs):
            self._clear(view)
            prepare_pairs(self.connection, mapping)
        self._made[view] = made_from

    def prepare_base(self, mapping: Mapping) -> None:
        """Make the view of the base of `mapping` (not of its lines).

        Raises:
            DiffError: See `normalize.prepare_base`.
        """
        view, made_from = sql.base(mapping), self._base_from(mapping)
        if self._stands(view, made_from):
            return
        base = None
        if self.folder and self._worth(mapping):
            base = Base(
                connection=self.connection,
                folder=self.folder,
                share=self.share,
                of=subject(mapping.name),
                made_from=made_from,
                sources=read_base(self.connection, mapping),
            )
        if base is None or not self._from_file(view, base):
            self._clear(view)
            prepare_base(self.connection, mapping)
        self._made[view] = made_from

    def _base_from(self, mapping: Mapping) -> dict[str, Any]:
        row = self.connection.execute(
            "SELECT concat_ws(' ', count(*), bit_xor(h), sum(CAST(h AS HUGEINT))) FROM "
            f"(SELECT hash(pair, {base_hash()}) AS h FROM kept.base WHERE mapping = ?)",
            [mapping.name],
        ).fetchone()
        return {
            **self._engine(),
            "mapping": mapping.name,
            "query": _hash(read_base(self.connection, mapping).table("true")),
            "kept": row[0] if row else "",
            "links": self._links({each.reference for each in mapping.compared if each.reference}),
        }

    def _links(self, names: set[str]) -> dict[str, str]:
        """A digest of the pairs of each of these mappings, as they are in `kept.crosswalk`."""
        if not names:
            return {}
        rows = self.connection.execute(
            "SELECT mapping, concat_ws(' ', count(*), bit_xor(h), sum(CAST(h AS HUGEINT))) FROM "
            f"(SELECT mapping, {pair_hash()} AS h FROM kept.crosswalk "
            "WHERE list_contains(?, mapping)) GROUP BY mapping",
            [sorted(names)],
        ).fetchall()
        return dict.fromkeys(names, "none") | dict(rows)

    # --- the diff ------------------------------------------------------------------

    def compute(self, mapping: Mapping) -> bool:
        """Do `diff.compute` of a mapping whose tables are made; whether it went on from an earlier diff."""
        taken_over = False
        differences = self._differences(mapping)
        try:
            if differences is None:
                differ.compare(self.connection, mapping, zone=self.zone, prepared=True)
            else:
                taken_over = differences.compare()
        except TROUBLE as error:
            log.warning("the diff of %s is made in full: %s", mapping.name, str(error).splitlines()[0])
            differ.compare(self.connection, mapping, zone=self.zone, prepared=True)
        differ.settle(self.connection, mapping)
        return taken_over

    def _differences(self, mapping: Mapping) -> Differences | None:
        """The diff in files, where all that it reads is in files."""
        both = [each for each in (mapping, mapping.lines) if each is not None]
        views = [sql.canonical(each, side) for each in both for side in Side]
        views += [view for each in both for view in (sql.pairs(each), sql.base(each))]
        if self.folder is None or any(view not in self.files for view in views):
            return None
        closed = self.connection.execute(
            "SELECT DISTINCT mapping FROM kept.closed WHERE list_contains(?, mapping) ORDER BY mapping",
            [[each.name for each in both]],
        ).fetchall()
        fixed = {
            **self._engine(),
            "rules": rules(),
            "mapping": _hash(*(text for each in both for text in _rules_of(each))),
            "zone": self.zone,
            "closed": [row[0] for row in closed],
        }
        return Differences(
            connection=self.connection,
            folder=self.folder,
            mapping=mapping,
            files={view: self.files[view] for view in views},
            fixed=fixed,
            share=self.share,
            records=self._records(mapping),
        )

    # --- small pieces --------------------------------------------------------------

    def _engine(self) -> dict[str, Any]:
        """What all tables depend on: hashes are those of the engine that made them."""
        return {"format": FORMAT, "engine": duckdb.__version__}

    def _stands(self, view: str, made_from: ReadOnly[str, Any]) -> bool:
        """Whether the view shows what was made from the same already; it is not known any more if not."""
        if self._made.get(view) == made_from:
            return True
        self._made.pop(view, None)
        self.files.pop(view, None)
        return False

    def _from_file(self, view: str, layered: Layered) -> bool:
        """Show a table from its file; whether that went well."""
        try:
            self.connection.execute("CREATE SCHEMA IF NOT EXISTS work")
            file = layered.file()
            layered.show(file)
        except TROUBLE as error:
            told = f"{layered.kind} of {layered.of}", str(error).splitlines()[0]
            log.warning("%s is made in memory: %s", *told)
            return False
        self.files[view] = file
        # What was made in memory before takes its room no longer.
        self.connection.execute(f"DROP TABLE IF EXISTS {sql.rows(view)}")
        return True

    def _clear(self, view: str) -> None:
        """A view on a file goes before a table is made in memory: what fails then shows nothing old."""
        self.connection.execute("CREATE SCHEMA IF NOT EXISTS work")
        self.connection.execute(f"DROP VIEW IF EXISTS {view}")

    def _worth(self, mapping: Mapping) -> bool:
        """Whether the tables of a mapping are worth files: those of documents and of their lines alike."""
        return any(count >= self.least for count in self._counts(mapping))

    def _records(self, mapping: Mapping) -> int:
        return sum(self._counts(mapping))

    def _counts(self, mapping: Mapping) -> list[int]:
        """How many records, documents and lines of a mapping there are, by side."""
        specs = [each.side(side) for each in (mapping, mapping.lines) if each for side in Side]
        named = [(each.side, name) for each in specs for name in (each.object, each.parent_object) if name]
        return [self.snapshots[side].counts.get(name, 0) for side, name in dict.fromkeys(named)]


def _rules_of(mapping: Mapping) -> list[str]:
    """All that decides in a mapping; fields that a side does not have are left out of it when it is used."""
    fields = [f"field {field.name}" for field in mapping.fields]
    return [mapping.name, mapping.hash, *fields, *(f"state {each.name} {each.on}" for each in mapping.states)]


def _hash(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()


def _linked(sources: Sources) -> set[str]:
    """The mappings whose links stand in the canonical rows."""
    names = {each.reference for each in sources.mapping.compared if each.reference}
    # A record that an expression fails on is left alone once it is linked.
    return names | ({sources.mapping.name} if sources.read else set())
