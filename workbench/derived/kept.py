"""Files of what is kept about a mapping: its pairs, and its base under today's mapping."""

from __future__ import annotations

from collections.abc import Mapping as ReadOnly
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from workbench.derived.folder import File
from workbench.derived.layers import GONE, Layered, composed
from workbench.model import FieldType, Mapping
from workbench.normalize import base_columns, prepare_base_from, sql
from workbench.normalize.base import BaseSources, base_hash
from workbench.normalize.pairs import need_partners, pairs_marked, pairs_query
from workbench.normalize.sql import literal

ONLY = "layer_only"
"""Temporary table (pair, k) of the pairs whose rows are made."""


@dataclass(frozen=True, kw_only=True)
class Pairs(Layered):
    """The confirmed pairs of a mapping, with the hashes of their base."""

    kind: ClassVar[str] = "pairs"
    varying: ClassVar[frozenset[str]] = frozenset({"links", "base"})

    mapping: Mapping

    def make(self, database: str) -> None:
        self.connection.execute(f"CREATE TABLE {database}.rows AS {pairs_query(self.mapping)}")
        need_partners(self.connection, self.mapping, f"{database}.rows")

    def find_touched(self, earlier: File, _told: ReadOnly[str, Any]) -> int:
        return _compare(self, f"({pairs_marked(self.mapping)})", f"({composed(earlier)})", "g")

    def make_touched(self, database: str) -> None:
        query = pairs_query(self.mapping, f"pair IN (SELECT pair FROM {ONLY})")
        self.connection.execute(f"CREATE TABLE {database}.rows AS {query}")

    def show(self, file: File) -> None:
        view = sql.pairs(self.mapping)
        self.connection.execute(f"CREATE OR REPLACE VIEW {view} AS {composed(file)}")
        need_partners(self.connection, self.mapping, view)


@dataclass(frozen=True, kw_only=True)
class Base(Layered):
    """The base of a mapping in comparable columns."""

    kind: ClassVar[str] = "base"
    varying: ClassVar[frozenset[str]] = frozenset({"kept", "links"})

    sources: BaseSources

    def make(self, database: str) -> None:
        prepare_base_from(self.connection, self.sources, f"{database}.rows")

    def find_touched(self, earlier: File, told: ReadOnly[str, Any]) -> int:
        before = f"({composed(earlier)})"
        mine = _mine(self.sources.mapping)
        now = f"SELECT pair, {sql.key('pair')} AS k, {base_hash()} AS source FROM kept.base {mine}"
        count = _compare(self, f"({now})", before, "source")
        if told["links"] != self.made_from["links"]:
            count += self._relink(before)
        return count

    def _relink(self, before: str) -> int:
        """Add the rows that another pair would be said of now."""
        fields = tuple(each for each in self.sources.fields if each.type is FieldType.REFERENCE)
        names = [sql.identifier(f"{letter}:{field.name}") for field in fields for letter in "sq"]
        told = f"SELECT {base_columns(self.sources.mapping)} FROM {before}"
        other = " OR ".join(f"now.{name} IS DISTINCT FROM old.{name}" for name in names)
        query = (
            f"SELECT old.pair, old.k FROM ({told}) AS old "
            f"JOIN ({replace(self.sources, fields=fields).values('true')}) AS now ON now.k = old.k "
            f"WHERE ({other}) AND old.k NOT IN (SELECT k FROM {ONLY})"
        )
        self.connection.execute(f"CREATE OR REPLACE TEMP TABLE layer_relinked AS {query}")
        self.connection.execute(f"INSERT INTO {ONLY} FROM layer_relinked")
        self.connection.execute(f"INSERT INTO {GONE} SELECT k FROM layer_relinked")
        return self._count("layer_relinked")

    def make_touched(self, database: str) -> None:
        where = f"pair IN (SELECT pair FROM {ONLY})"
        prepare_base_from(self.connection, self.sources, f"{database}.rows", where)

    def show(self, file: File) -> None:
        view, columns = sql.base(self.sources.mapping), base_columns(self.sources.mapping)
        self.connection.execute(
            f"CREATE OR REPLACE VIEW {view} AS SELECT {columns}, place FROM ({composed(file)})"
        )


def _mine(mapping: Mapping) -> str:
    return f"WHERE mapping = {literal(mapping.name)}"


def _compare(layered: Layered, now: str, before: str, mark: str) -> int:
    """Fill `ONLY` with the pairs that are new or marked otherwise, and `GONE` with those of before."""
    connection = layered.connection
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE layer_compared AS "
        f"SELECT now.pair, now.k, old.k AS old_k FROM {now} AS now "
        f"FULL JOIN (SELECT k, {mark} FROM {before}) AS old ON old.k = now.k "
        f"WHERE now.{mark} IS DISTINCT FROM old.{mark}"
    )
    for table, key in ((ONLY, "pair, k"), (GONE, "old_k AS k")):
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE {table} AS "
            f"SELECT * FROM (SELECT {key} FROM layer_compared) WHERE k IS NOT NULL"
        )
    row = connection.execute("SELECT count(*) FROM layer_compared").fetchone()
    return int(row[0]) if row else 0
