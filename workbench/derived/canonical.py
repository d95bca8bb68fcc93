"""Files of canonical tables; beside the rows they hold `unread`, the records that an expression fails on."""

from __future__ import annotations

from collections.abc import Mapping as ReadOnly
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from workbench.derived.folder import File
from workbench.derived.layers import GONE, Layered, composed
from workbench.derived.touched import Step
from workbench.normalize import prepare_from, show_raw, show_unread, sql
from workbench.normalize.sources import Sources
from workbench.snapshots import Snapshot


@dataclass(frozen=True, kw_only=True)
class Canonical(Layered):
    """The canonical table of one side of a mapping."""

    kind: ClassVar[str] = "canonical"
    varying: ClassVar[frozenset[str]] = frozenset({"snapshot", "files", "links"})

    sources: Sources
    snapshot: Snapshot

    def make(self, database: str) -> None:
        prepare_from(self.connection, self.sources, database=database)
        self.connection.execute(f"CREATE TABLE {database}.unread AS {self._unread()}")

    def find_touched(self, earlier: File, told: ReadOnly[str, Any]) -> int:
        step = Step(
            connection=self.connection,
            sources=self.sources,
            files=told["files"],
            now=self.snapshot,
            before=f"({composed(earlier)})",
            linked=told["links"] != self.made_from["links"],
        )
        return step.find()

    def make_touched(self, database: str) -> None:
        prepare_from(self.connection, replace(self.sources, narrowed=True), database=database)

    def keep_more(self, earlier: File, database: str) -> None:
        kept = f"SELECT * FROM {earlier.database}.unread WHERE {sql.key('id')} NOT IN (FROM {GONE})"
        self.connection.execute(f"CREATE TABLE {database}.unread AS {kept} UNION {self._unread()}")

    def show(self, file: File) -> None:
        view = sql.canonical(self.sources.mapping, self.sources.spec.side)
        self.connection.execute("CREATE SCHEMA IF NOT EXISTS work")
        self.connection.execute(f"CREATE OR REPLACE VIEW {view} AS {composed(file)}")
        show_raw(self.connection, self.sources)
        show_unread(self.connection, self.sources, f"{file.database}.unread")

    def _unread(self) -> str:
        mapping, side = sql.literal(self.sources.mapping.name), sql.literal(self.sources.spec.side)
        return f"SELECT * FROM {sql.unread()} WHERE mapping = {mapping} AND side = {side}"
