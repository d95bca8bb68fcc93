"""Which records of one side of a mapping a later snapshot may have changed.

The files of a chain say which keys changed or went.  A record is touched when its own row, a related one, its
document or the links of a record that it refers to changed; a line when anything of its document or of
another line there did, since its place may be another.  More than changed may be named, never less.

The answer stands in two temporary tables: `only.only_table` has the records that are to be read again, and
`layers.GONE` those whose rows of before no longer hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import duckdb

from workbench.derived.layers import GONE, NotKnown
from workbench.model import FieldType, Related
from workbench.normalize import identifier, literal, sql
from workbench.normalize.compare import comparable
from workbench.normalize.only import only_table
from workbench.normalize.sources import Sources
from workbench.normalize.told import told, told_path
from workbench.snapshots import Family, Snapshot
from workbench.snapshots.chain import changed_keys, compose, families_of
from workbench.snapshots.reader import database_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """From the canonical table of an earlier snapshot to that of the present one.

    Attributes:
        connection: With the present snapshot attached as the schema of its side.
        files: Names of the files of the earlier snapshot.
        now: The present one.
        before: The earlier canonical rows, as what stands behind FROM.
        linked: Whether links that these rows depend on may be others now.
    """

    connection: duckdb.DuckDBPyConnection
    sources: Sources
    files: Sequence[str]
    now: Snapshot
    before: str
    linked: bool

    def find(self) -> int:
        """Make the two tables, and answer how many records are to be read again.

        Raises:
            NotKnown: It can't be told.
        """
        if [file.name for file in self.now.files][: len(self.files)] != list(self.files):
            raise NotKnown("the snapshot does not go on from the earlier one")
        self._refuse_looks()
        self._collect()
        return self._choose() if self.sources.spec.parent is None else self._choose_lines()

    def _refuse_looks(self) -> None:
        for name in self.sources.looked_into():
            if self._said(self._family(name)):
                raise NotKnown(f"a condition looks into {name}, which changed")

    def _collect(self) -> None:
        """Fill `touched_ids` with records, and `touched_documents` with those whose lines are all touched."""
        spec = self.sources.spec
        self._run("CREATE OR REPLACE TEMP TABLE touched_ids (id VARCHAR)")
        self._run("CREATE OR REPLACE TEMP TABLE touched_documents (id VARCHAR)")
        self._add(*self._own())
        if spec.parent_object:
            self._add("touched_documents", self._said(self._keyed(spec.parent_object, str(spec.parent_key))))
        for related in spec.related:
            self._add("touched_ids", self._related(related))
        if self.linked:
            self._add("touched_ids", self._relinked())

    def _choose(self) -> int:
        only = only_table(self.sources.mapping, self.sources.spec.side)
        key = sql.key("id")
        ids = f"SELECT id, {key} AS k FROM (SELECT DISTINCT id FROM touched_ids)"
        self._run(f"CREATE OR REPLACE TEMP TABLE {only} AS {ids}")
        self._run(f"CREATE OR REPLACE TEMP TABLE {GONE} AS SELECT k FROM {only}")
        return self._count(only)

    def _choose_lines(self) -> int:
        """All lines of the documents that a touched line is or was in."""
        spec = self.sources.spec
        own, parent = (f"CAST({identifier(str(name))} AS VARCHAR)" for name in (spec.key, spec.parent))
        table = f"{spec.side}.{identifier(spec.object)}"
        lines = (
            f"SELECT parent AS id FROM {self.before} WHERE id IN (FROM touched_ids)",
            f"SELECT {parent} AS id FROM {table} WHERE {own} IN (FROM touched_ids)",
        )
        if any(self._rows(f"FROM ({query}) WHERE id IS NULL LIMIT 1") for query in lines):
            raise NotKnown("a line is in no document")
        self._add("touched_documents", lines)
        only, key = only_table(self.sources.mapping, spec.side), sql.key("id")
        now = f"SELECT {own} AS id FROM {table} WHERE {parent} IN (FROM touched_documents)"
        self._run(f"CREATE OR REPLACE TEMP TABLE {only} AS SELECT id, {key} AS k FROM ({now})")
        self._run(
            f"CREATE OR REPLACE TEMP TABLE {GONE} AS "
            f"SELECT k FROM {self.before} WHERE parent IN (FROM touched_documents)"
        )
        return self._count(only)

    # --- where the keys come from ----------------------------------------------

    def _own(self) -> tuple[str, list[str]]:
        """The keys of the mapped records themselves; of lines that stand with their document, its key."""
        spec = self.sources.spec
        family = self._family(spec.object)
        if family.name != spec.object:
            if spec.parent is None or family.key != spec.parent:
                raise NotKnown(f"{spec.object} is kept by another key than the mapping's")
            return "touched_documents", self._said(family)
        return "touched_ids", self._said(self._keyed(spec.object, spec.key))

    def _related(self, related: Related) -> list[str]:
        """The records that touched related ones belong to, or belonged to before."""
        family = self._family(related.object)
        if family.name != related.object:
            raise NotKnown(f"{related.object} are lines")
        said = self._said(family)
        if not said:
            return []
        side = self.sources.spec.side
        earlier, key = f"{side}_earlier", f"CAST({identifier(related.key)} AS VARCHAR)"
        self._forget(earlier)
        compose(self.connection, earlier, [database_of(side, at) for at in range(len(self.files))])
        own = f"CAST({identifier(str(family.key))} AS VARCHAR) IN ({' UNION ALL '.join(said)})"
        self._run("CREATE OR REPLACE TEMP TABLE touched_related (id VARCHAR)")
        self._add(
            "touched_related",
            [
                f"SELECT {key} AS id FROM {schema}.{identifier(related.object)} WHERE {own}"
                for schema in (side, earlier)
            ],
        )
        self._forget(earlier)
        return ["FROM touched_related WHERE id IS NOT NULL"]

    def _relinked(self) -> list[str]:
        """Rows of before that another pair would be said of now, and those that linking makes readable."""
        side, queries = self.sources.spec.side, []
        for field in self.sources.mapping.compared:
            value = identifier(f"v:{field.name}")
            if field.type is FieldType.REFERENCE:
                raw = told("told", literal(told_path(field.name)), value)
                other = f"{value} IS DISTINCT FROM {comparable(field, side, raw)}"
                queries.append(f"SELECT id FROM {self.before} WHERE {other}")
        queries += [
            f"SELECT id FROM {self.before} WHERE {identifier(f'u:{field.name}')}"
            for field in self.sources.read
        ]
        return queries

    # --- small pieces ----------------------------------------------------------

    def _family(self, table: str) -> Family:
        """The family of a table, which must be told apart by keys in every file."""
        found = families_of(self.connection, database_of(self.sources.spec.side, 0))
        for family in found:
            if table in family.tables and family.key is not None:
                return family
        raise NotKnown(f"{table} is kept as a whole")

    def _keyed(self, table: str, key: str) -> Family:
        family = self._family(table)
        if family.name != table or str(family.key).lower() != key.lower():
            raise NotKnown(f"{table} is kept by another key than the mapping's")
        return family

    def _said(self, family: Family) -> list[str]:
        """Queries for the keys that the files since the earlier snapshot say something about."""
        later = range(len(self.files), len(self.now.files))
        return changed_keys(
            self.connection, family, [database_of(self.sources.spec.side, number) for number in later]
        )

    def _add(self, table: str, queries: Iterable[str]) -> None:
        for query in queries:
            self._run(f"INSERT INTO {table} {query}")

    def _forget(self, schema: str) -> None:
        self._run(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
        self._run(f"DROP SCHEMA IF EXISTS {schema}_chain CASCADE")

    def _count(self, table: str) -> int:
        return int(self._rows(f"SELECT count(*) FROM {table}")[0][0])

    def _rows(self, query: str) -> list[tuple[int, ...]]:
        return self.connection.execute(query).fetchall()

    def _run(self, query: str) -> None:
        self.connection.execute(query)
