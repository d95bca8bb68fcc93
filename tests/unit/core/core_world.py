"""A small world for tests: two sides, what is kept, and a mapping, written as pipe tables.

`-` is NULL and `''` an empty text; a column `Amount:D` is DECIMAL(18,2), `:P` DECIMAL(18,5), `:B`
BOOLEAN, `:date` DATE, `:ts` TIMESTAMP, `:N` INTEGER, `:F` DOUBLE; all others are VARCHAR.  Cells that
are left out at the end of a line are NULL.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import settings

from workbench.mapping import read_mapping
from workbench.model import Mapping
from workbench.normalize import create_kept, identifier

DEFAULT = settings().max_examples
TYPES = {
    "D": "DECIMAL(18,2)",
    "P": "DECIMAL(18,5)",
    "B": "BOOLEAN",
    "date": "DATE",
    "ts": "TIMESTAMP",
    "N": "INTEGER",
    "F": "DOUBLE",
}


def tabled(names: str, rows: Sequence[tuple[Any, ...]]) -> pytest.MarkDecorator:
    """Parametrize by a table whose first column says why."""
    return pytest.mark.parametrize(names.split(), [row[1:] for row in rows], ids=[row[0] for row in rows])


def examples(count: int) -> settings:
    """So many random examples; as many as the profile says when it asks for a long search."""
    return settings(max_examples=max(count, DEFAULT if DEFAULT > 100 else 0), deadline=None)


def read(text: str, name: str = "test.yaml") -> Mapping:
    """A mapping from text."""
    return read_mapping(text, Path(name))


def cells(line: str) -> list[str | None]:
    return [None if cell == "-" else cell.replace("''", "") for cell in map(str.strip, line.split("|"))]


class World:
    """An open connection with the schemas that the pure modules expect."""

    def __init__(self) -> None:
        self.connection = duckdb.connect(config={"threads": 1})
        for schema in ("salesforce", "quickbooks"):
            self.connection.execute(f"CREATE SCHEMA {schema}")
        create_kept(self.connection)

    def table(self, name: str, text: str) -> World:
        """Make a table such as `salesforce.Account`."""
        header, *lines = [line for line in text.strip().splitlines() if line.strip()]
        columns = [str(cell).partition(":") for cell in cells(header)]
        self.rows(
            name, [(column, TYPES.get(kind, "VARCHAR")) for column, _, kind in columns], map(cells, lines)
        )
        return self

    def rows(self, name: str, columns: Sequence[tuple[str, str]], rows: Iterable[Sequence[Any]]) -> None:
        schema, _, table = name.partition(".")
        declared = ", ".join(f"{identifier(column)} {kind}" for column, kind in columns)
        self.connection.execute(f"CREATE OR REPLACE TABLE {schema}.{identifier(table)} ({declared})")
        padded = [[*row, *[None] * (len(columns) - len(row))] for row in rows]
        if padded:
            marks = ", ".join(f"({', '.join('?' * len(columns))})" for _ in padded)
            values = [value for row in padded for value in row]
            self.connection.execute(f"INSERT INTO {schema}.{identifier(table)} VALUES {marks}", values)

    def pair(self, mapping: str, *pairs: tuple[str, str, str]) -> World:
        """Confirm pairs (pair, Salesforce id, QuickBooks id)."""
        for pair in pairs:
            self.connection.execute("INSERT INTO kept.crosswalk VALUES (?, ?, ?, ?)", [mapping, *pair])
        return self

    def base(
        self, mapping: str, pair: str, salesforce: dict[str, Any], quickbooks: dict[str, Any], *fields: str
    ) -> World:
        """What both sides held when they last agreed; raw values as text."""
        values = [mapping, pair, list(fields), json.dumps(salesforce), json.dumps(quickbooks)]
        self.connection.execute("INSERT INTO kept.base VALUES (?, ?, ?, ?, ?)", values)
        return self

    def decide(
        self,
        mapping: str,
        decision: str,
        salesforce: str | None = None,
        quickbooks: str | None = None,
        field: str | None = None,
        *,
        pinned: bool = False,
        seen: tuple[str | None, str | None] = (None, None),
        at: str = "2026-03-30 12:00:00+00",
        value: str | None = None,
    ) -> World:
        self.connection.execute(
            "INSERT INTO kept.decisions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'because', 'maria', ?)",
            [mapping, salesforce, quickbooks, field, decision, *seen, pinned, value, at],
        )
        return self

    def close(self, *mappings: str) -> World:
        for mapping in mappings:
            self.connection.execute("INSERT INTO kept.closed VALUES (?)", [mapping])
        return self

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(sql).fetchall()


WHAT = "salesforce_id, quickbooks_id, kind, difference, resolution"


def differences(given: World, columns: str = WHAT) -> list[str]:
    """Rows of `work.differences`, a line each, `-` for NULL."""
    rows = given.query(f"SELECT {columns} FROM work.differences ORDER BY ALL")
    return [" ".join("-" if value is None else str(value) for value in row) for row in rows]
