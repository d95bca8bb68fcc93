"""Two small systems that change at random from pull to pull, in snapshots that are chains of real files.

Accounts and customers are referred to by opportunities and invoices with their lines; an opportunity has a
related record, chosen by a flag in another table; a line's rate is read by an expression that fails on some.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
from hypothesis import Phase, settings

from workbench.derived import Derived, Folder
from workbench.mapping import read_mapping
from workbench.model import Mapping as FieldMapping
from workbench.model import Side
from workbench.normalize import create_kept
from workbench.snapshots import Column, Family, Read, Snapshot, TableData, store_snapshot, write_table
from workbench.snapshots.reader import attach

DEFAULT = settings().max_examples

PEOPLE = """\
mapping: people
salesforce: {object: Account, label: Name, where: "Type IS DISTINCT FROM 'Vendor'"}
quickbooks: {object: Customer, label: Name}
states:
  AccountToCustomer: {to: quickbooks, where: "Phone IS NOT NULL"}
  CustomerToAccount: {to: salesforce}
operations: {salesforce: [add, modify], quickbooks: [add, modify]}
winner: quickbooks
match: []
fields:
  name: {salesforce: Name, quickbooks: Name, type: name, winner: manual}
  phone: {salesforce: Phone, quickbooks: Phone, type: phone}
"""
DEALS = """\
mapping: deals
salesforce:
  object: Opportunity
  label: Name
  related:
    Extra: {key: OpportunityId, where: 'FlagId IN (SELECT Id FROM salesforce."Flag" WHERE Good)'}
quickbooks: {object: Invoice, label: RefNumber}
states:
  OpportunityToInvoice: {to: quickbooks, create_where: "Number IS NOT NULL"}
  InvoiceToOpportunity: {to: salesforce, where: "RefNumber <> '9'"}
operations: {salesforce: [add, modify], quickbooks: [add, modify]}
winner: salesforce
match: []
fields:
  number: {salesforce: Number, quickbooks: RefNumber, type: text}
  person: {salesforce: AccountId, quickbooks: CustomerId, type: reference, reference: people}
  note: {salesforce: Extra.Note, quickbooks: Memo, type: text, unlinked_dummy: x}
  total: {salesforce: Total, quickbooks: Total, type: money, direction: compare}
lines:
  salesforce: {object: Item, parent: OpportunityId, order: SortOrder, label: Text}
  quickbooks: {object: InvoiceLine, key: TxnLineID, parent: TxnID, order: SeqNo, label: Text}
  match: []
  fields:
    text: {salesforce: Text, quickbooks: Text, type: text}
    rate: {salesforce: Rate, quickbooks: Rate, type: price, read: {salesforce: number(Rate)}}
    person: {salesforce: PersonId, quickbooks: PersonId, type: reference, reference: people, unlinked: empty}
""".replace(", unlinked_dummy: x", "")

SCHEMAS: Mapping[Side, Mapping[str, str]] = {
    Side.SALESFORCE: {
        "Account": "Id Name Phone Type",
        "Opportunity": "Id Name Number AccountId Total:DECIMAL(18,2)",
        "Item": "Id OpportunityId SortOrder:INTEGER Text Rate PersonId",
        "Extra": "Id OpportunityId FlagId Note",
        "Flag": "Id Good:BOOLEAN",
    },
    Side.QUICKBOOKS: {
        "Customer": "ListID Name Phone EditSequence",
        "Invoice": "TxnID RefNumber CustomerId Memo Total:DECIMAL(18,2) EditSequence",
        "InvoiceLine": "TxnLineID TxnID SeqNo:INTEGER Text Rate:DECIMAL(18,2) PersonId",
    },
}
FAMILIES = {
    Side.SALESFORCE: [Family(name=name, key="Id") for name in SCHEMAS[Side.SALESFORCE]],
    Side.QUICKBOOKS: [
        Family(name="Customer", key="ListID"),
        Family(name="Invoice", key="TxnID", lines=("InvoiceLine",)),
    ],
}
MATCHED = (
    ("people", "Account", "Customer"),
    ("deals", "Opportunity", "Invoice"),
    ("deals.lines", "Item", "InvoiceLine"),
)
T0 = datetime(2026, 3, 30, 12, 0, tzinfo=UTC)
Row = dict[str, Any]


def examples(count: int) -> settings:
    """So many random examples; as many as the profile says when it asks for a long search."""
    many = max(count, DEFAULT if DEFAULT > 100 else 0)
    # A smaller seed is no simpler world: shrinking would take its time and tell nothing.
    return settings(max_examples=many, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])


def mappings() -> list[FieldMapping]:
    """People, then the deals that refer to them."""
    return [read_mapping(text, Path(f"{text[9:14]}.yaml")) for text in (PEOPLE, DEALS)]


def columns(side: Side, table: str) -> list[Column]:
    named = [part.partition(":") for part in SCHEMAS[side][table].split()]
    return [Column(name, kind or "VARCHAR") for name, _, kind in named]


@dataclass
class Systems:
    """What both systems hold, row by row, and what has been pulled of it.

    Attributes:
        rows: Rows by key, by table.
        pulled: The snapshots of each side, the newest last.
        links: (mapping, pair, Salesforce id, QuickBooks id).
        kept: Rows of the other tables of schema `kept`.
    """

    folder: Path
    chance: random.Random
    rows: dict[str, dict[str, Row]] = field(default_factory=dict)
    pulled: dict[Side, list[Snapshot]] = field(default_factory=lambda: {side: [] for side in Side})
    links: list[tuple[str, str, str, str]] = field(default_factory=list)
    kept: dict[str, list[tuple[Any, ...]]] = field(default_factory=dict)
    count: int = 0

    # --- what happens to them --------------------------------------------------

    def begin(self) -> None:
        """Some records of each kind, most of them the same on both sides and linked."""
        for table in (
            "Account",
            "Opportunity",
            "Item",
            "Extra",
            "Flag",
            "Customer",
            "Invoice",
            "InvoiceLine",
        ):
            self.rows[table] = {}
            for _ in range(6):
                self.add(table)
        for mapping, left, right in MATCHED:
            for one, other in zip(list(self.rows[left])[:4], list(self.rows[right])[:4], strict=True):
                self.link(mapping, one, other)

    def link(self, mapping: str, one: str, other: str) -> None:
        self.unlink(mapping, one, other)
        self.links.append((mapping, f"{mapping}:{one}:{other}", one, other))

    def unlink(self, mapping: str, one: str = "", other: str = "") -> None:
        self.links = [row for row in self.links if row[0] != mapping or (row[2] != one and row[3] != other)]

    def add(self, table: str) -> None:
        self.count += 1
        key = f"{table[:3]}{self.count}"
        self.rows[table][key] = self._row(table, key)

    def edit(self) -> None:
        """One change somewhere."""
        often = [
            "Account",
            "Opportunity",
            "Item",
            "Item",
            "Customer",
            "Invoice",
            "InvoiceLine",
            "InvoiceLine",
        ]
        seldom = ["Extra", *(["Flag"] if self.chance.random() < 0.2 else [])]
        table = self.chance.choice([*often, *often, *seldom])
        rows = self.rows[table]
        what = self.chance.choice(["add", "change", "change", "change", "remove"])
        if what == "add" or not rows:
            self.add(table)
            return
        key = self.chance.choice(list(rows))
        if what == "remove":
            del rows[key]
            return
        name = self.chance.choice(list(rows[key])[1:])
        rows[key] = rows[key] | {name: self._row(table, key)[name]}

    def relink(self) -> None:
        """A pair goes, or comes."""
        mapping, left, right = self.chance.choice(MATCHED)
        mine = [row for row in self.links if row[0] == mapping]
        if mine and self.chance.random() < 0.4:
            self.links.remove(self.chance.choice(mine))
        elif self.rows[left] and self.rows[right]:
            self.link(
                mapping, self.chance.choice(list(self.rows[left])), self.chance.choice(list(self.rows[right]))
            )

    def agree(self) -> None:
        """The base of a pair moves, or it gets one: what both sides held then, in some of the fields."""
        if not self.links:
            return
        mapping, pair, *_ = self.chance.choice(self.links)
        made = next(each for one in mappings() for each in (one, one.lines) if each and each.name == mapping)
        names = [each.name for each in made.compared]
        fields = sorted(names if self.chance.random() < 0.7 else self.chance.sample(names, 1))
        told = [json.dumps(self._held(made, side)) for side in Side]
        base = [row for row in self.kept.get("base", []) if row[:2] != (mapping, pair)]
        self.kept["base"] = [*base, (mapping, pair, fields, *told)]

    def decide(self) -> None:
        """A person decides a difference, or a record on one side; the latest word counts."""
        mapping, left, right = self.chance.choice(MATCHED)
        made = next(each for one in mappings() for each in (one, one.lines) if each and each.name == mapping)
        linked = [row for row in self.links if row[0] == mapping]
        self.count += 1
        at = T0 + timedelta(minutes=self.count)
        said = (None, None, self.chance.random() < 0.3, None, "because", "maria", at)
        if linked and self.chance.random() < 0.7:
            ids = self.chance.choice(linked)[2:]
            field = self.chance.choice([*(each.name for each in made.compared), None])
            what = self.chance.choice(["take_salesforce", "take_quickbooks", "accept", "ignore"])
        else:
            side = self.chance.choice([left, right])
            key = self.chance.choice([*self.rows[side], "gone"])
            ids, field = (key, None) if side == left else (None, key), None
            what = self.chance.choice(["create", "ignore", "delete"])
        self.kept.setdefault("decisions", []).append((mapping, *ids, field, what, *said))

    def close(self) -> None:
        """The first matching of a mapping is closed."""
        if self.chance.random() < 0.3:
            self.kept["closed"] = [("people",), ("deals",)]

    def _held(self, mapping: FieldMapping, side: Side) -> dict[str, str | None]:
        """Raw values of one side by API field, as text."""
        row = self._row(mapping.side(side).object, "") | self._row("Extra", "")
        held = {}
        for name in (name for each in mapping.compared for name in each.api(side)):
            value = row[name.rpartition(".")[2]]
            held[name] = None if value is None else str(value)
        return held

    def _row(self, table: str, key: str) -> Row:
        pick = self.chance.choice

        def one_of(other: str) -> str | None:
            return pick([*self.rows.get(other, {}), None, "gone"])

        people = {"Account": "Account", "Opportunity": "Account", "Item": "Account"}.get(table, "Customer")
        values: Row = {
            "Name": pick(["Ann", "Bea", "Cid", " Ann "]),
            "Phone": pick(["555-1000", "(555) 1000", "555-2000", None]),
            "Type": pick(["Customer", "Vendor", None]),
            "Number": pick(["1", "2", "9", None]),
            "RefNumber": pick(["1", "2", "9"]),
            "AccountId": one_of(people),
            "CustomerId": one_of(people),
            "PersonId": one_of(people),
            "OpportunityId": pick(list(self.rows.get("Opportunity", {})) or ["gone"]),
            "TxnID": pick(list(self.rows.get("Invoice", {})) or ["gone"]),
            "FlagId": one_of("Flag"),
            "Good": pick([True, False]),
            "Note": pick(["x", "y", None]),
            "Memo": pick(["x", "y", None]),
            "Total": pick(["1.00", "2.00", None]),
            "SortOrder": pick([1, 2, 3, None]),
            "SeqNo": pick([1, 2, 3]),
            "Text": pick(["bolt", "nut", ""]),
            "Rate": pick(["1.00", "2.00", None] + ["no number"] * (table == "Item")),
            "EditSequence": str(pick(range(1000))),
        }
        side = Side.SALESFORCE if table in SCHEMAS[Side.SALESFORCE] else Side.QUICKBOOKS
        first, *others = columns(side, table)
        row = {first.name: key} | {column.name: values[column.name] for column in others}
        for column in others:
            if column.type.startswith("DECIMAL") and row[column.name] is not None:
                row[column.name] = Decimal(row[column.name])
        return row

    # --- pulls -----------------------------------------------------------------

    def pull(self) -> None:
        """Read both sides into new snapshots: full ones the first time, then what changed."""
        self._tidy()
        for side in Side:
            self._pull(side)

    def _tidy(self) -> None:
        """What no pull can show: lines without their invoice, and two related records that both count."""
        invoices = self.rows["Invoice"]
        self.rows["InvoiceLine"] = {
            k: row for k, row in self.rows["InvoiceLine"].items() if row["TxnID"] in invoices
        }
        seen: set[str] = set()
        for key, row in list(self.rows["Extra"].items()):
            if row["OpportunityId"] in seen:
                del self.rows["Extra"][key]
            seen.add(row["OpportunityId"])

    def _pull(self, side: Side) -> None:
        chain = self.pulled[side]
        before = chain[-1] if chain else None
        path = self.folder / "snapshots" / f"{side}-{len(chain)}.duckdb"

        def fill(connection: duckdb.DuckDBPyConnection) -> list[Read]:
            for family in FAMILIES[side]:
                for table in family.tables:
                    rows = list(self.rows[table].values())
                    write_table(
                        connection, "stage", TableData(name=table, columns=columns(side, table), rows=rows)
                    )
            return [Read(family=family) for family in FAMILIES[side]]

        stored = store_snapshot(path, fill, before=before, much=False)
        ended = T0 + timedelta(hours=len(chain))
        chain.append(
            Snapshot(
                id=f"{side}-{len(chain)}",
                side=side,
                file=path,
                started_at=ended,
                ended_at=ended,
                counts=stored.counts,
                describes={},
                kind=stored.kind,
                below=stored.below,
            )
        )

    # --- open for SQL ------------------------------------------------------------

    @contextmanager
    def opened(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """The newest snapshots and what is kept, on a new connection."""
        with duckdb.connect(config={"threads": 1}) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            for side in Side:
                attach(connection, self.pulled[side][-1])
            create_kept(connection)
            if self.links:
                connection.executemany("INSERT INTO kept.crosswalk VALUES (?, ?, ?, ?)", self.links)
            for table, rows in self.kept.items():
                for row in rows:
                    connection.execute(f"INSERT INTO kept.{table} VALUES ({', '.join('?' * len(row))})", row)
            yield connection


def derived(connection: duckdb.DuckDBPyConnection, systems: Systems, least: int = 0) -> Derived:
    """The derived tables of an opened world, each in files."""
    return Derived(
        connection=connection,
        snapshots={side: systems.pulled[side][-1] for side in Side},
        folder=Folder(systems.folder / "derived"),
        zone="UTC",
        least=least,
        share=5.0,  # of a few records any change is much
    )
