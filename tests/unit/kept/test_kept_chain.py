"""A snapshot as a full file and what changed since: the views show what was read, and no more is kept."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workbench import snapshots
from workbench.errors import WorkbenchError
from workbench.snapshots import Column, Family, Read, Snapshot, Stored, TableData, changes, prune, write_table
from workbench.store import Store

pytestmark = pytest.mark.long

T0 = datetime(2026, 3, 30, 12, 0, tzinfo=UTC)
CUSTOMER = [Column("ListID", "VARCHAR"), Column("Name", "VARCHAR"), Column("Balance", "DECIMAL(18,2)")]
INVOICE = [Column("TxnID", "VARCHAR"), Column("RefNumber", "VARCHAR")]
LINE = [Column("TxnID", "VARCHAR"), Column("SeqNo", "BIGINT"), Column("Desc", "VARCHAR")]
HOST = [Column("ProductName", "VARCHAR")]

Rows = Sequence[Mapping[str, Any]]


def customer(key: str, name: str = "Birch") -> dict[str, Any]:
    return {"ListID": key, "Name": name}


def invoice(key: str, *lines: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    return (
        {"TxnID": key, "RefNumber": f"R{key}"},
        [{"TxnID": key, "SeqNo": number, "Desc": text} for number, text in enumerate(lines, 1)],
    )


@dataclass
class Book:
    """What was read in a pull."""

    customers: Rows = ()
    invoices: Sequence[tuple[dict[str, Any], list[dict[str, Any]]]] = ()
    host: Rows = ({"ProductName": "QuickBooks"},)
    deleted: Sequence[tuple[str, str]] = ()
    whole: bool = True

    def fill(self, connection: duckdb.DuckDBPyConnection) -> list[Read]:
        lines = [line for _, mine in self.invoices for line in mine]
        for name, columns, rows in (
            ("Customer", CUSTOMER, self.customers),
            ("Invoice", INVOICE, [each for each, _ in self.invoices]),
            ("InvoiceLine", LINE, lines),
            ("Host", HOST, self.host),
        ):
            write_table(connection, "stage", TableData(name=name, columns=columns, rows=rows))
        for table, key in self.deleted:
            connection.execute("INSERT INTO stage._deleted VALUES (?, ?, 'ListDeleted', ?)", [table, key, T0])
        return [
            Read(family=Family(name="Customer", key="ListID"), whole=self.whole),
            Read(family=Family(name="Invoice", key="TxnID", lines=("InvoiceLine",)), whole=self.whole),
            Read(family=Family(name="Host", key=None)),
        ]


@dataclass
class Shelf:
    """Snapshots of one side, one after the other."""

    store: Store
    folder: Path
    made: list[Snapshot] = field(default_factory=list)

    def keep(self, book: Book, *, days: int = 0, renew: bool = False) -> Stored:
        number = len(self.made)
        before = self.made[-1] if self.made else None
        path = self.folder / "quickbooks" / f"{number}.duckdb"
        stored = snapshots.store_snapshot(path, book.fill, before=before, renew=renew, much=number % 2 == 0)
        moment = T0 + timedelta(days=days, minutes=number)
        snapshots.publish(
            self.store,
            Snapshot(
                id=f"quickbooks-{number}", side="quickbooks", file=path, started_at=moment,
                ended_at=moment, counts=stored.counts, describes={}, kind=stored.kind,
                previous=before.id if before else None,
            ),
        )  # fmt: skip
        self.made.append(snapshots.newest(self.store, "quickbooks"))
        return stored

    def rows(self, table: str, number: int = -1) -> list[tuple[Any, ...]]:
        with snapshots.open_reader([self.made[number]]) as connection:
            return sorted(connection.execute(f'FROM quickbooks."{table}"').fetchall(), key=str)

    def file_rows(self, table: str, number: int = -1) -> list[tuple[Any, ...]] | None:
        """What stands in the snapshot's own file; None without such a table."""
        with duckdb.connect(str(self.made[number].file), read_only=True) as connection:
            try:
                return sorted(connection.execute(f'FROM "{table}"').fetchall(), key=str)
            except duckdb.CatalogException:
                return None


@pytest.fixture
def shelf(store: Store, tmp_path: Path) -> Shelf:
    return Shelf(store, tmp_path / "snapshots")


FIRST = Book(
    customers=[customer("1"), customer("2", "Maple"), customer("3", "Oak")],
    invoices=[invoice("a", "one", "two"), invoice("b", "three")],
)
A, B = FIRST.invoices
ONE, TWO, THREE = FIRST.customers

#  what happened, the pull after (full or of what changed), rows written: Customer, Invoice, InvoiceLine, gone
STORIES: list[tuple[str, Book, Any]] = [
    ("nothing, read in full", FIRST, (None, None, None, [])),
    ("nothing, nothing read", Book(whole=False), (None, None, None, [])),
    ("nothing, one read again", Book(customers=[TWO], invoices=[A], whole=False), (None, None, None, [])),
    (
        "one edited",
        Book(customers=[customer("2", "Elm")], whole=False),
        ([("2", "Elm", None)], None, None, []),
    ),
    (
        "one added and one edited, read in full",
        Book(customers=[ONE, customer("2", "Elm"), THREE, customer("4")], invoices=[A, B]),
        ([("2", "Elm", None), ("4", "Birch", None)], None, None, []),
    ),
    (
        "a line removed",
        Book(invoices=[invoice("a", "one")], whole=False),
        (None, [("a", "Ra")], [("a", 1, "one")], []),
    ),
    ("all lines removed", Book(invoices=[invoice("a")], whole=False), (None, [("a", "Ra")], [], [])),
    (
        "lines changed places",
        Book(customers=FIRST.customers, invoices=[invoice("a", "two", "one"), B]),
        (None, [("a", "Ra")], [("a", 1, "two"), ("a", 2, "one")], []),
    ),
    (
        "one is not there in a full read",
        Book(customers=[ONE, THREE], invoices=[A, B]),
        (None, None, None, [("Customer", "2", "not in a full read")]),
    ),
    (
        "one deleted, as a deleted-query tells",
        Book(deleted=[("Invoice", "a"), ("Customer", "9")], whole=False),
        (None, None, None, [("Invoice", "a", "ListDeleted")]),
    ),
    (
        "one read and then deleted",
        Book(customers=[customer("2", "Elm"), customer("4")], deleted=[("Customer", "2"), ("Customer", "4")],
             whole=False),
        (None, None, None, [("Customer", "2", "ListDeleted")]),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("book", "wanted"), [s[1:] for s in STORIES], ids=[s[0] for s in STORIES])
def test_a_delta_holds_what_changed_and_the_views_show_all(shelf: Shelf, book: Book, wanted: Any) -> None:
    shelf.keep(FIRST)
    before = {table: shelf.rows(table) for table in ("Customer", "Invoice", "InvoiceLine", "Host")}
    stored = shelf.keep(book)

    found = tuple(shelf.file_rows(table) for table in ("Customer", "Invoice", "InvoiceLine"))
    gone = [row[:3] for row in shelf.file_rows("_deleted") or []]
    assert (stored.kind, *found, gone) == ("delta", *wanted)
    assert shelf.file_rows("Host") is None

    put = {"Customer": wanted[0] or [], "Invoice": wanted[1] or [], "InvoiceLine": wanted[2] or []}
    left = {row[:2] for row in wanted[3]}
    for table, rows in put.items():
        owner = "Customer" if table == "Customer" else "Invoice"
        touched = {row[0] for row in put[owner]}
        kept = [row for row in before[table] if row[0] not in touched and (owner, row[0]) not in left]
        assert shelf.rows(table) == sorted(kept + rows, key=str), table
        assert stored.counts[table] == len(shelf.rows(table))
        assert shelf.rows(table, 0) == before[table], "and the one before is as it was"
    assert stored.changed == {
        "Customer": len(put["Customer"]) + sum(row[0] == "Customer" for row in wanted[3]),
        "Invoice": len(put["Invoice"]) + sum(row[0] == "Invoice" for row in wanted[3]),
        "Host": 0,
    }


def test_a_table_without_a_key_is_replaced_whole(shelf: Shelf) -> None:
    shelf.keep(FIRST)
    shelf.keep(Book(host=[{"ProductName": "QuickBooks 2027"}], whole=False))
    shelf.keep(Book(host=[{"ProductName": "QuickBooks 2027"}], whole=False))
    assert shelf.file_rows("Host", 1) == [("QuickBooks 2027",)]
    assert shelf.file_rows("Host", 2) is None
    assert [shelf.rows("Host", number) for number in range(3)] == [
        [("QuickBooks",)], [("QuickBooks 2027",)], [("QuickBooks 2027",)],
    ]  # fmt: skip
    shelf.keep(Book(host=[], whole=False))
    assert shelf.rows("Host") == []


def test_what_comes_back_is_not_told_as_deleted(shelf: Shelf) -> None:
    shelf.keep(FIRST)
    shelf.keep(Book(customers=[ONE, THREE], invoices=[A, B]))
    assert shelf.rows("_deleted") == [("Customer", "2", "not in a full read", None)]
    shelf.keep(FIRST)
    assert shelf.rows("_deleted") == []
    assert len(shelf.rows("Customer")) == 3


def test_evidence_outlives_a_full_file_of_other_columns(shelf: Shelf) -> None:
    shelf.keep(FIRST)
    shelf.keep(Book(customers=[ONE, TWO], invoices=[A, B], deleted=[("Customer", "3")]))
    stored = shelf.keep(Book(customers=[ONE], invoices=[A, B]), renew=True)
    assert (stored.kind, shelf.made[-1].below) == ("full", ())
    assert [row[:3] for row in shelf.rows("_deleted")] == [
        ("Customer", "2", "not in a full read"), ("Customer", "3", "ListDeleted"),
    ]  # fmt: skip


def test_a_full_file_needs_all_records(shelf: Shelf) -> None:
    with pytest.raises(WorkbenchError, match="needs all records"):
        shelf.keep(Book(customers=[ONE], whole=False))
    assert list(shelf.folder.rglob("*.duckdb*")) == []


def test_what_is_looked_at_and_refused_leaves_no_file(shelf: Shelf) -> None:
    shelf.keep(FIRST)
    seen = []

    def look(connection: duckdb.DuckDBPyConnection, counts: Mapping[str, int]) -> None:
        seen.append((counts["Customer"], connection.execute('FROM "after"."Customer"').fetchall()))
        raise WorkbenchError("QuickBooks counts 7")

    path = shelf.folder / "quickbooks" / "new.duckdb"
    with pytest.raises(WorkbenchError, match="counts 7"):
        snapshots.store_snapshot(path, Book(whole=False).fill, before=shelf.made[-1], look=look, much=False)
    assert seen[0][0] == len(seen[0][1]) == 3
    assert [each.name for each in path.parent.iterdir()] == ["0.duckdb"]


# --- the rule for full files ------------------------------------------------------------------------


@pytest.mark.parametrize("whole", [True, False])
def test_a_chain_that_is_long_ends_in_a_full_file(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch, whole: bool
) -> None:
    monkeypatch.setattr(changes, "LONGEST", 3)
    monkeypatch.setattr(changes, "LARGEST_SHARE", 9.0)
    shelf.keep(FIRST)
    kinds = []
    for number in range(5):
        edited = [customer("1"), customer("2", f"Name {number}"), customer("3", "Oak")]
        book = Book(customers=edited, invoices=[A, B]) if whole else Book(customers=edited[1:2], whole=False)
        if number == 1:
            book.deleted = [("Customer", "3")]
        if number > 1:
            book.customers = [each for each in book.customers if each["ListID"] != "3"]
        kinds.append(shelf.keep(book).kind)
        assert shelf.rows("Customer")[1] == ("2", f"Name {number}", None)
        assert len(shelf.rows("InvoiceLine")) == 3
        assert [row[1] for row in shelf.rows("_deleted")] == (["3"] if number else [])
    assert kinds == ["delta", "delta", "delta", "full", "delta"]
    assert [len(each.files) for each in shelf.made] == [1, 2, 3, 4, 1, 2]


def test_deltas_larger_than_half_of_their_full_file_end_in_one(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "LARGEST_SHARE", 0.0)
    shelf.keep(FIRST)
    assert [shelf.keep(Book(whole=False)).kind for _ in range(3)] == ["delta", "full", "delta"]


def test_ten_pulls_with_few_changes_take_little_more_than_one(shelf: Shelf) -> None:
    many = [customer(str(number), f"Customer {number:060}") for number in range(100_000)]
    shelf.keep(Book(customers=many))
    for turn in range(10):
        shelf.keep(Book(customers=[customer(str(number), f"{turn}") for number in range(1000)], whole=False))
    sizes = [each.file.stat().st_size for each in shelf.made]
    assert sum(sizes) < 1.5 * sizes[0], sizes


# --- held against a dictionary ----------------------------------------------------------------------

KEYS = st.sampled_from("abcdef")
TURN = st.fixed_dictionaries(
    {
        "put": st.dictionaries(KEYS, st.lists(st.sampled_from(["x", "y"]), max_size=3), max_size=4),
        "gone": st.sets(KEYS, max_size=2),
        "whole": st.booleans(),
        "renew": st.integers(0, 9).map(lambda number: number == 0),
    }
)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(turns=st.lists(TURN, min_size=1, max_size=6))
def test_any_history_reads_back_as_it_was(
    turns: list[dict[str, Any]], store: Store, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with store.write() as connection:
        connection.exec_driver_sql("DELETE FROM wb_snapshots")
    shelf = Shelf(store, tmp_path_factory.mktemp("shelf"))
    held: dict[str, list[str]] = {}
    past = []
    for turn in turns:
        held |= turn["put"]
        for key in turn["gone"]:
            held.pop(key, None)
        whole = turn["whole"] or turn["renew"] or not shelf.made
        read = held if whole else {key: lines for key, lines in turn["put"].items() if key in held}
        deleted = [] if whole else [("Invoice", key) for key in sorted(turn["gone"])]
        book = Book(
            invoices=[invoice(key, *lines) for key, lines in read.items()], whole=whole, deleted=deleted
        )
        shelf.keep(book, renew=turn["renew"] and bool(shelf.made))
        past.append({key: list(lines) for key, lines in held.items()})
    for number, wanted in enumerate(past):
        lines = [(key, n, text) for key, texts in wanted.items() for n, text in enumerate(texts, 1)]
        assert shelf.rows("InvoiceLine", number) == sorted(lines, key=str)
        assert shelf.rows("Invoice", number) == sorted([(key, f"R{key}") for key in wanted], key=str)


# --- what nobody can need ---------------------------------------------------------------------------


def aged(path: Path, hours: float) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(path.read_bytes() if path.is_file() else b"")
    moment = (T0 - timedelta(hours=hours)).timestamp()
    os.utime(path, (moment, moment))
    return path


#  file, hours since its last write, stays
LEFTOVERS = [
    (".x.duckdb.unfinished", 5.9, True),
    (".x.duckdb.unfinished", 6.1, False),
    (".x.duckdb.unfinished.wal", 6.1, False),
    ("x-ab12.duckdb", 5.9, True),
    ("x-ab12.duckdb", 6.1, False),
    ("notes.txt", 900.0, True),
]


@pytest.mark.parametrize(("name", "hours", "stays"), LEFTOVERS)
def test_what_killed_processes_left_is_taken_away_after_a_while(
    shelf: Shelf, name: str, hours: float, stays: bool
) -> None:
    shelf.keep(FIRST)
    aged(shelf.made[0].file, 900)
    path = aged(shelf.folder / "quickbooks" / name, hours)
    pruned = prune(shelf.store, shelf.folder, at=T0)
    assert path.is_file() is stays
    assert pruned.unfinished + pruned.orphans == (0 if stays else 1)
    assert shelf.made[0].file.is_file(), "what the catalogue names stays, however old"


#  days after the last snapshot of the old chain, ids that are needed, does the old chain go
OLD = [
    (399, (), False),
    (401, (), True),
    (401, ("quickbooks-1",), False),
]


@pytest.mark.parametrize(("days", "needed", "goes"), OLD)
def test_an_old_chain_goes_as_a_whole(shelf: Shelf, days: int, needed: tuple[str, ...], goes: bool) -> None:
    shelf.keep(FIRST)
    shelf.keep(Book(whole=False))
    shelf.keep(FIRST, renew=True)
    old = [each.file for each in shelf.made[:2]]
    pruned = prune(shelf.store, shelf.folder, needed=needed, at=T0 + timedelta(days=days))
    assert [file.is_file() for file in old] == [not goes] * 2
    assert set(pruned.snapshots) == ({"quickbooks-0", "quickbooks-1"} if goes else set())
    assert snapshots.newest(shelf.store, "quickbooks").id == "quickbooks-2"
    assert len(snapshots.history(shelf.store)) == 3, "the catalogue keeps its rows"
    if goes:
        with pytest.raises(WorkbenchError, match="no snapshot"):
            snapshots.newest(shelf.store, "quickbooks", before=T0 + timedelta(minutes=1))
        with pytest.raises(WorkbenchError, match="is gone"):
            shelf.rows("Customer", 0)


def test_the_newest_chain_stays_however_old(shelf: Shelf) -> None:
    shelf.keep(FIRST)
    shelf.keep(Book(whole=False))
    assert prune(shelf.store, shelf.folder, at=T0 + timedelta(days=4000)).snapshots == ()
    assert len(shelf.rows("Customer")) == 3
