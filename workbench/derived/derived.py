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

from workbench.derived.canonical import Canonical
from workbench.derived.folder import FORMAT, File, Folder, digest, subject
from workbench.model import Mapping, Side
from workbench.normalize import prepare_from, read_sources, sql
from workbench.normalize.sources import Sources
from workbench.snapshots import Snapshot

log = logging.getLogger("workbench.derived")

LEAST = 20_000
"""Rows of a table that is worth a file."""

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
        files: The files behind the views of this connection, by view.
    """

    connection: duckdb.DuckDBPyConnection
    snapshots: ReadOnly[Side, Snapshot]
    folder: Folder | None = None
    zone: str | None = None
    least: int = LEAST
    files: dict[str, File] = field(default_factory=dict)
    _made: dict[str, str] = field(default_factory=dict)

    def prepare(self, mapping: Mapping, side: Side) -> None:
        """Make the canonical table and raw view of one side of `mapping` (not of its lines).

        Raises:
            DiffError: See `normalize.prepare`.
        """
        sources = read_sources(self.connection, mapping, side, zone=self.zone)
        view, made_from = sql.canonical(mapping, side), self._made_from(sources)
        wanted = digest(made_from)
        if self._made.get(view) == wanted:
            return
        self._made.pop(view, None)
        self.files.pop(view, None)
        if not self._from_file(sources, view, made_from):
            prepare_from(self.connection, sources)
        self._made[view] = wanted

    def _made_from(self, sources: Sources) -> dict[str, Any]:
        texts = [sources.hashed(), sources.raw(), *([sources.expressions()] if sources.read else [])]
        side = sources.spec.side
        return {
            "format": FORMAT,
            # Its hashes are its own.
            "engine": duckdb.__version__,
            "mapping": sources.mapping.name,
            "side": side,
            "query": hashlib.sha256("\0".join(texts).encode()).hexdigest(),
            "snapshot": self.snapshots[side].id,
            "links": self.links(_linked(sources)),
        }

    def links(self, names: set[str]) -> dict[str, str]:
        """A digest of the pairs of each of these mappings, as they are in `kept.crosswalk`."""
        if not names:
            return {}
        rows = self.connection.execute(
            "SELECT mapping, concat_ws(' ', count(*), bit_xor(h), sum(CAST(h AS HUGEINT))) FROM "
            "(SELECT mapping, hash(pair, salesforce_id, quickbooks_id) AS h FROM kept.crosswalk "
            "WHERE list_contains(?, mapping)) GROUP BY mapping",
            [sorted(names)],
        ).fetchall()
        return dict.fromkeys(names, "none") | dict(rows)

    def _from_file(self, sources: Sources, view: str, made_from: ReadOnly[str, Any]) -> bool:
        """Show the table from a file, if that is worth it and goes well."""
        snapshot = self.snapshots[sources.spec.side]
        if self.folder is None or snapshot.counts.get(sources.spec.object, 0) < self.least:
            return False
        canonical = Canonical(
            connection=self.connection,
            folder=self.folder,
            sources=sources,
            snapshot=snapshot,
            made_from={**made_from, "files": [file.name for file in snapshot.files]},
            of=subject(sources.mapping.name, sources.spec.side),
        )
        try:
            file = canonical.file()
            canonical.show(file)
        except TROUBLE as error:
            log.warning("%s is made in memory: %s", canonical.of, str(error).splitlines()[0])
            return False
        self.files[view] = file
        return True


def _linked(sources: Sources) -> set[str]:
    """The mappings whose links stand in the canonical rows."""
    names = {each.reference for each in sources.mapping.compared if each.reference}
    # A record that an expression fails on is left alone once it is linked.
    return names | ({sources.mapping.name} if sources.read else set())
