"""Copies of records, in memory: they answer like the file they come from, whatever was not read of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal as D
from pathlib import Path
from typing import Any

import pytest
from simulator_books import BooksWorld

from qbwc.qbxml import Record, build_mod
from qbwc.simulator.scratch import Scratch

LISTS = (
    "Account", "Class", "Terms", "SalesTaxCode", "Vendor", "Employee", "OtherName", "Customer", "Item",
)  # fmt: skip
DOCUMENTS = ("Invoice", "Estimate", "SalesOrder", "SalesReceipt", "CreditMemo", "ReceivePayment")
AT = datetime(2026, 3, 2, 12, tzinfo=UTC)

Cut = Callable[[dict[str, Any]], dict[str, Any]]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[BooksWorld]:
    made = BooksWorld(tmp_path)
    yield made
    made.company.close()


def public(world: BooksWorld, table: str) -> list[Record]:
    owners = {"owner_ids": ["0"]} if table in ("Customer", "Invoice", "Item") else {}
    return list(world.query(table, **owners).records)


def lines_of(record: Record) -> list[dict[str, Any]]:
    return [dict(line) for name, rows in record.lines.items() if not name.endswith("Group") for line in rows]


def copied(world: BooksWorld, cut: Cut = dict) -> Scratch:
    """All records in a scratch file, each cut as a snapshot might be that holds less."""
    scratch = Scratch(AT)
    for each in world.query("DataExtDef").records:
        scratch.define(each.fields)
    with scratch.filling():
        for table in (*LISTS, *DOCUMENTS):
            for record in public(world, table):
                custom = {f"Custom_{name}": value for name, value in record.custom.items()}
                scratch.keep(table, cut({**record.fields, **custom}), lines_of(record))
    return scratch


def told(record: Record | None) -> tuple[Mapping[str, Any], Any, Mapping[str, str]]:
    assert record is not None
    return record.fields, record.lines, record.custom


def key_of(record: Record) -> str:
    return str(record.fields.get("ListID") or record.fields["TxnID"])


def test_the_copies_answer_as_the_file_does(world: BooksWorld) -> None:
    scratch = copied(world)
    for table in (*LISTS, *DOCUMENTS):
        for record in public(world, table):
            assert told(scratch.record(key_of(record))) == told(record), table
    assert list(scratch.moved()) == []


def sequence(scratch: Scratch, record: Record) -> str:
    found = scratch.record(key_of(record))
    assert found is not None
    return str(found.fields["EditSequence"])


def only(*names: str) -> Cut:
    """Of each row, these columns, and its key."""
    return lambda row: {name: row[name] for name in ("ListID", "TxnID", *names) if name in row}


#  what was read of the rows; fields of the invoice after another note is written to it
UNREAD: list[tuple[str, Cut, dict[str, Any]]] = [
    ("all", dict, {"Subtotal": D("90.00"), "BalanceRemaining": D("50.00"), "CustomerRef_FullName": "Birch"}),
    ("totals", only("Subtotal", "BalanceRemaining", "AppliedAmount", "FullName", "CustomerRef_ListID"),
     {"Subtotal": D("90.00"), "BalanceRemaining": D("50.00"), "CustomerRef_FullName": "Birch"}),
    ("full names", only("FullName", "CustomerRef_ListID"), {"CustomerRef_FullName": "Birch"}),
    ("keys", only("CustomerRef_ListID"), {}),
]  # fmt: skip


@pytest.mark.parametrize(("why", "cut", "fields"), UNREAD, ids=[case[0] for case in UNREAD])
def test_what_was_not_read_stops_no_write(
    world: BooksWorld, why: str, cut: Cut, fields: dict[str, Any]
) -> None:
    scratch = copied(world, cut)
    (invoice,) = public(world, "Invoice")
    (birch,) = (each for each in public(world, "Customer") if each.fields["FullName"] == "Birch")
    asked: list[tuple[str, Record, dict[str, Any]]] = [
        ("Invoice", invoice, {"Memo": "seen"}),
        ("Customer", birch, {"Phone": "2"}),
    ]
    writes = [
        build_mod(table, key_of(each), sequence(scratch, each), values, request_id=table)
        for table, each, values in asked
    ]
    answers = scratch.run(writes)
    assert [each.code for each in answers] == [0, 0], (why, answers)
    assert answers[0].record is not None
    assert answers[1].record is not None
    assert {name: answers[0].record.fields.get(name) for name in fields} == fields
    assert answers[1].record.fields["Phone"] == "2"
    assert {each.key: each.balance for each in scratch.moved()} == {
        key_of(each): (D("0.00"), D("0.00")) for each in (invoice, birch)
    }
