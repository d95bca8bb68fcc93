"""What a push would touch, as a small pair of snapshots of their own: for comparing and planning again.

Beside the records that are new or another stand their partners, the documents of lines with all their lines,
and records beside them; a table that a condition looks into stays whole.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import count
from typing import Any

import duckdb
import pyarrow as pa

from workbench.forecast.forecast import Forecast
from workbench.forecast.rows import Rows
from workbench.model import Mapping as FieldMapping
from workbench.model import Side, SideSpec
from workbench.normalize import identifier

ROUNDS = 6
"""How often partners, lines and documents are followed at the most."""

_numbers = count(1)
Cursor = duckdb.DuckDBPyConnection


class Touched:
    """The catalog of what is touched; `cursor` is set to it."""

    def __init__(self, foretold: Forecast, mappings: Sequence[FieldMapping]) -> None:
        self._source = identifier(foretold.name)
        self._mappings = [each for one in mappings for each in (one, one.lines) if each is not None]
        self.name = f"touched_{next(_numbers)}"
        foretold.after.execute(f"ATTACH ':memory:' AS {self.name}")
        self.cursor: Cursor = foretold.after.cursor()
        self.cursor.execute(f"USE {self.name}")
        self.cursor.execute("SET TimeZone = 'UTC'")
        for schema in (*Side, "kept", "work", "touched"):
            self.cursor.execute(f"CREATE SCHEMA {schema}")
        self._ids(foretold.keys)
        self._follow()
        for side in Side:
            self._tables(foretold.after, side)
        self._keep(foretold)

    def close(self) -> None:
        """Let go of it."""
        self.cursor.execute(f"USE {self._source}")
        self.cursor.execute(f"DETACH {self.name}")
        self.cursor.close()

    # --- which records ------------------------------------------------------------------------------------

    def _ids(self, keys: Mapping[Side, frozenset[str]]) -> None:
        for side in Side:
            self.cursor.register("given", pa.table({"id": pa.array(sorted(keys[side]), pa.string())}))
            self.cursor.execute(f"CREATE TABLE touched.{side} AS SELECT id FROM given")
            self.cursor.unregister("given")

    def _follow(self) -> None:
        """Take in what belongs to what is touched, until nothing new is found."""
        for _ in range(ROUNDS):
            found = [
                self._take(side, query) for mapping in self._mappings for side, query in self._near(mapping)
            ]
            if not any(found):
                return

    def _near(self, mapping: FieldMapping) -> Iterator[tuple[Side, str]]:
        """Queries of ids near those that are touched, by side."""
        pairs = f"{self._source}.kept.crosswalk AS c JOIN touched.{{}} AS t ON t.id = c.{{}}_id"
        for side in Side:
            spec = mapping.side(side)
            joined = pairs.format(side.other, side.other)
            yield side, f"SELECT c.{side}_id FROM {joined} WHERE c.mapping = '{mapping.name}'"
            for related in spec.related:
                yield side, self._column(spec, related.object, related.key, spec.key)
            if spec.parent:
                yield side, self._column(spec, spec.object, spec.parent, spec.key)
                yield side, self._column(spec, spec.object, spec.key, spec.parent)

    def _column(self, spec: SideSpec, table: str, wanted: str, known: str) -> str:
        of = f"{self._source}.{spec.side}.{identifier(table)}"
        return (
            f"SELECT r.{identifier(wanted)} FROM {of} AS r "
            f"JOIN touched.{spec.side} AS t ON t.id = r.{identifier(known)}"
        )

    def _take(self, side: Side, query: str) -> int:
        found = self.cursor.execute(
            f"INSERT INTO touched.{side} SELECT DISTINCT id FROM ({query}) AS near(id) "
            f"WHERE id IS NOT NULL AND id NOT IN (SELECT id FROM touched.{side}) RETURNING 1"
        )
        return len(found.fetchall())

    # --- their tables -------------------------------------------------------------------------------------

    def _tables(self, after: Cursor, side: Side) -> None:
        columns = self._columns(side)
        for table in Rows(after, side).tables:
            of = f"{self._source}.{side}.{identifier(table)}"
            if table in columns:
                taken = " OR ".join(
                    f"{identifier(column)} IN (SELECT id FROM touched.{side})"
                    for column in sorted(columns[table])
                )
                self.cursor.execute(
                    f"CREATE TABLE {side}.{identifier(table)} AS SELECT * FROM {of} WHERE {taken}"
                )
            else:
                self.cursor.execute(f"CREATE VIEW {side}.{identifier(table)} AS FROM {of}")

    def _columns(self, side: Side) -> dict[str, set[str]]:
        """By table, the columns that say whether a row is touched; not those that conditions look into."""
        found: dict[str, set[str]] = {}
        for mapping in self._mappings:
            spec = mapping.side(side)
            found.setdefault(spec.object, set()).add(spec.key)
            for related in spec.related:
                found.setdefault(related.object, set()).add(related.key)
        for name in self._looked_into(side):
            found.pop(name, None)
        return found

    def _looked_into(self, side: Side) -> set[str]:
        from workbench.expressions.conditions import read_condition  # brings in sqlglot

        conditions = [
            text
            for mapping in self._mappings
            for text in (
                mapping.side(side).where,
                *(related.where for related in mapping.side(side).related),
                *(each for state in mapping.states if state.to is side.other for each in state.conditions),
            )
            if text and "SELECT" in text.upper()
        ]
        return {table for text in conditions for table, _ in read_condition(text, side).tables}

    # --- what is kept -------------------------------------------------------------------------------------

    def _keep(self, foretold: Forecast) -> None:
        kept = f"{self._source}.kept"
        self._references()
        where = " OR ".join(
            f"{side}_id IN (SELECT id FROM touched.{side} UNION SELECT id FROM touched.{side}_refers)"
            for side in Side
        )
        self.cursor.execute(f"CREATE TABLE kept.crosswalk AS SELECT * FROM {kept}.crosswalk WHERE {where}")
        near = " OR ".join(f"{side}_id IN (SELECT id FROM touched.{side})" for side in Side)
        self.cursor.execute(f"CREATE TABLE kept.decisions AS SELECT * FROM {kept}.decisions WHERE {near}")
        self.cursor.execute(f"CREATE TABLE kept.closed AS SELECT * FROM {kept}.closed")
        self._candidates(foretold.before, near)
        self._base(foretold.before, kept)

    def _references(self) -> None:
        """What the touched records refer to: whether two references are the same is known by their pairs."""
        for side in Side:
            self.cursor.execute(f"CREATE TABLE touched.{side}_refers (id VARCHAR)")
            for mapping in self._mappings:
                of = f"{side}.{identifier(mapping.side(side).object)}"
                for name in (each.api(side)[0] for each in mapping.fields if each.reference):
                    if "." not in name:
                        chosen = f"SELECT DISTINCT {identifier(name)} FROM {of}"
                        self.cursor.execute(f"INSERT INTO touched.{side}_refers {chosen}")

    def _candidates(self, before: Cursor, near: str) -> None:
        """Matches that wait for a person hold creates back, as they did."""
        origin = before.execute("SELECT current_database()").fetchone()
        there = before.execute(
            "SELECT 1 FROM duckdb_tables() WHERE database_name = current_database() "
            "AND schema_name = 'work' AND table_name = 'candidates'"
        ).fetchone()
        if there and origin:
            of = f"{identifier(str(origin[0]))}.work.candidates"
            self.cursor.execute(f"CREATE TABLE work.candidates AS SELECT * FROM {of} WHERE {near}")

    def _base(self, before: Cursor, kept: str) -> None:
        """The base of the touched pairs, moved on to what both sides agree on already."""
        self.cursor.execute(
            f"CREATE TABLE kept.base AS SELECT b.* FROM {kept}.base AS b "
            "JOIN (SELECT DISTINCT pair FROM kept.crosswalk) AS c ON c.pair = b.pair"
        )
        agreed = before.execute(
            "SELECT 1 FROM duckdb_tables() WHERE database_name = current_database() "
            "AND schema_name = 'work' AND table_name = 'agreed'"
        ).fetchone()
        if not agreed:
            return
        names = ("mapping", "pair", "fields", "salesforce", "quickbooks")
        chosen = f"SELECT {', '.join(names)} FROM "
        new = {(row[0], row[1]): row for row in before.execute(chosen + "work.agreed").fetchall()}
        old = {(row[0], row[1]): row for row in self.cursor.execute(chosen + "kept.base").fetchall()}
        pairs = {row[0] for row in self.cursor.execute("SELECT pair FROM kept.crosswalk").fetchall()}
        merged = [_merged(old.get(place), row) for place, row in sorted(new.items()) if place[1] in pairs]
        if merged:
            self._put_base(names, merged)

    def _put_base(self, names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        listed = list(rows)
        self.cursor.register(
            "merged",
            pa.table(
                {
                    name: pa.array(
                        [row[place] for row in listed],
                        pa.list_(pa.string()) if name == "fields" else pa.string(),
                    )
                    for place, name in enumerate(names)
                }
            ),
        )
        self.cursor.execute(
            "DELETE FROM kept.base WHERE (mapping, pair) IN (SELECT (mapping, pair) FROM merged)"
        )
        self.cursor.execute(f"INSERT INTO kept.base SELECT {', '.join(names)} FROM merged")
        self.cursor.unregister("merged")


def _merged(old: Sequence[Any] | None, new: Sequence[Any]) -> Sequence[Any]:
    """As the base moves: fields that are not named keep theirs."""
    if old is None:
        return new
    sides = [json.dumps({**json.loads(old[at]), **json.loads(new[at])}) for at in (3, 4)]
    return (new[0], new[1], sorted({*old[2], *new[2]}), *sides)
