"""The demo's two systems as DuckDB tables, and the first steps of the cycle on them.

The tables are typed as snapshots are: Salesforce's columns from the embedded org's describe, QuickBooks' from
the answers of the company file.  Pairs, base and decisions go into schema `kept`, as the facade does it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from qbwc.descriptor import columns as quickbooks_columns
from qbwc.descriptor import line_entities
from qbwc.qbxml import build_query, message_set, parse_records
from qbwc.simulator import CompanyFile
from workbench import diff, matching
from workbench.decisionfile import read_decisions
from workbench.mapping import in_use, load_mappings
from workbench.model import Side
from workbench.normalize import create_kept
from workbench.pull.salesforce import columns as salesforce_columns
from workbench.pull.salesforce import naive_utc
from workbench.snapshots import Column, TableData, write_file
from workbench.testorg.describe import describe_object
from workbench.testorg.org import TestOrg

ENTITIES = ("Customer", "Item", "Invoice")


class DemoWorld:
    """Both systems with their data, and an open connection on what was pulled from them.

    Attributes:
        found: Matches by mapping, of the last `match`.
    """

    def __init__(self, demo: Path, mappings: Path, folder: Path) -> None:
        self.demo, self.folder, self.pulls = demo, folder, 0
        self.mappings = in_use(load_mappings(mappings))
        self.org = TestOrg.open(None, seed=demo / "salesforce")
        self.company = CompanyFile.create(folder / "company.sqlite", demo / "quickbooks")
        self.connection = duckdb.connect()
        for side in Side:
            self.connection.execute(f"CREATE SCHEMA {side}")
        create_kept(self.connection)
        self.found: dict[str, matching.Matches] = {}

    def close(self) -> None:
        self.connection.close()
        self.company.close()
        self.org.close()

    def pull(self) -> None:
        """Read all tables of both systems into new files and show them as views."""
        self.pulls += 1
        for side, tables in ((Side.SALESFORCE, self._salesforce()), (Side.QUICKBOOKS, self._quickbooks())):
            path = self.folder / f"{side}{self.pulls}.duckdb"
            counts = write_file(path, tables)
            self.connection.execute(f"ATTACH '{path}' AS {side}{self.pulls} (READ_ONLY)")
            for table in counts:
                self.connection.execute(
                    f'CREATE OR REPLACE VIEW {side}."{table}" AS FROM {side}{self.pulls}.main."{table}"'
                )

    def _salesforce(self) -> Iterable[TableData]:
        for name in [path.stem for path in sorted((self.demo / "salesforce").glob("*.json"))]:
            described = describe_object(self.org.schema, self.org.declared(name), "64.0", "http://127.0.0.1")
            columns = salesforce_columns(described)
            yield TableData(
                name=name, columns=columns, rows=[_typed(row, columns) for row in self.org.records(name)]
            )

    def _quickbooks(self) -> Iterable[TableData]:
        for entity in ENTITIES:
            asked = message_set([build_query(entity, request_id="1", active="All")])
            records = list(parse_records(self.company.process(asked)))
            yield TableData(name=entity, columns=_columns(entity), rows=[record.fields for record in records])
            for line in line_entities(entity):
                rows = [
                    {"TxnID": r.fields["TxnID"], "EditSequence": r.fields["EditSequence"], "SeqNo": n} | each
                    for r in records
                    for n, each in enumerate(r.lines.get(line, ()), start=1)
                ]
                yield TableData(name=line, columns=_columns(line), rows=rows)

    def match(self) -> None:
        """Match every mapping and confirm what the rules accept."""
        for mapping in self._all():
            self.found[mapping.name] = matching.match(self.connection, mapping)
            self.connection.execute(
                "INSERT INTO kept.crosswalk "
                "SELECT mapping, salesforce_id || '/' || quickbooks_id, salesforce_id, quickbooks_id "
                "FROM work.candidates WHERE mapping = ? AND status = 'accepted'",
                [mapping.name],
            )

    def diff(self) -> list[dict[str, Any]]:
        """Compare all mappings and keep what agrees as the base; the rows of `work.differences`."""
        for mapping in self.mappings.values():
            diff.compute(self.connection, mapping)
        for mapping in self._all():
            diff.agreed(self.connection, mapping)
        self._agree()
        return self.rows("SELECT * FROM work.differences")

    def _agree(self) -> None:
        """What agrees is added to the base of its pair, field by field."""
        known = {(row["mapping"], row["pair"]): row for row in self.rows("SELECT * FROM kept.base")}
        for row in self.rows("SELECT * FROM work.agreed"):
            before = known.get((row["mapping"], row["pair"]), {"fields": [], **dict.fromkeys(Side, "{}")})
            held = {side: json.dumps(json.loads(before[side]) | json.loads(row[side])) for side in Side}
            fields = sorted({*before["fields"], *row["fields"]})
            known[row["mapping"], row["pair"]] = {**row, "fields": fields, **held}
        columns = ("mapping", "pair", "fields", *Side)
        table = pa.table({name: [row[name] for row in known.values()] for name in columns})
        self.connection.register("agreement", table)
        self.connection.execute("CREATE OR REPLACE TABLE kept.base AS FROM agreement")
        self.connection.unregister("agreement")

    def edit(self, edits: Mapping[str, Any]) -> None:
        """What the sales person and the bookkeeper change."""
        for row in edits["salesforce"]:
            self.org.edit(row["object"], row["key"], row["fields"])
        for row in edits["quickbooks"]:
            self.company.edit(row["entity"], row["key"], lines=row.get("lines"), **row["fields"])

    def decide(self) -> None:
        """Take decisions.yaml, by the same reader as the product."""
        file = read_decisions(self.demo / "decisions.yaml")
        for each in file.find(self.connection, self.mappings):
            row = [each.mapping, each.salesforce_id, each.quickbooks_id, each.field, str(each.decision)]
            self.connection.execute(
                "INSERT INTO kept.decisions VALUES (?, ?, ?, ?, ?, NULL, NULL, false, NULL, ?, 'maria', ?)",
                [*row, each.reason, datetime(2026, 7, 1, tzinfo=UTC)],
            )
        self.connection.executemany("INSERT INTO kept.closed VALUES (?)", [[name] for name in file.close])

    def rows(self, query: str, values: list[Any] | None = None) -> list[dict[str, Any]]:
        cursor = self.connection.execute(query, values or [])
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def _all(self) -> list[Any]:
        """Every mapping, its lines right after it."""
        return [each for mapping in self.mappings.values() for each in (mapping, mapping.lines) if each]


def _columns(name: str) -> list[Column]:
    return [Column(column.name, column.type) for column in quickbooks_columns(name)]


def _typed(row: Mapping[str, Any], columns: list[Column]) -> dict[str, Any]:
    """An org's record with its dates and times as snapshots keep them."""
    readers = {"TIMESTAMP": naive_utc, "DATE": lambda text: datetime.fromisoformat(text).date()}
    values = {column.name: row.get(column.name) for column in columns}
    for column in columns:
        value = values[column.name]
        if column.type in readers and isinstance(value, str):
            values[column.name] = readers[column.type](value)
        elif column.type == "VARCHAR" and value is not None:
            values[column.name] = str(value)
    return values
