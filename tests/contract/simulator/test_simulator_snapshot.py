"""A company file made from snapshots: the same books again, and what is said where something is missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal as D
from pathlib import Path
from typing import Any

import duckdb
import pytest
from simulator_books import PRIVATE, BooksWorld

from qbwc.descriptor import CONCRETE, columns
from qbwc.errors import QbwcError
from qbwc.simulator import CompanyFile, run_simulator
from qbwc.simulator.snapshot import copy_of

Rows = Sequence[Mapping[str, Any]]
READ = (
    "Customer", "Vendor", "Employee", "OtherName", "Account", "Class", "Terms", "SalesTaxCode", "Item",
    "Invoice", "Estimate", "SalesOrder", "SalesReceipt", "CreditMemo", "ReceivePayment",
)  # fmt: skip


@pytest.fixture
def world(tmp_path: Path) -> Iterator[BooksWorld]:
    made = BooksWorld(tmp_path)
    yield made
    made.company.close()


def write(path: Path, tables: Mapping[str, Rows], custom: Rows = ()) -> Path:
    """A snapshot: each table with the columns that a pull gives it."""
    with duckdb.connect(str(path)) as connection:
        for name, rows in tables.items():
            types = {column.name: column.type for column in columns(name, custom)}
            made = ", ".join(f'"{column}" {kind}' for column, kind in types.items())
            connection.execute(f'create table "{name}" ({made})')
            for row in rows:
                values = [row.get(column) for column in types]
                connection.execute(f'insert into "{name}" values ({", ".join("?" * len(values))})', values)
    return path


def with_custom(fields: Mapping[str, Any], custom: Mapping[str, str]) -> dict[str, Any]:
    return {**fields, **{f"Custom_{name}": value for name, value in custom.items()}}


def pulled(world: BooksWorld) -> dict[str, list[dict[str, Any]]]:
    """All records as a pull reads them, lines in tables of their own."""
    tables: dict[str, list[dict[str, Any]]] = {}
    for name in READ:
        owners = {"owner_ids": ["0", PRIVATE]} if name in ("Customer", "Invoice", "Item") else {}
        for record in world.query(name, **owners).records:
            tables.setdefault(name, []).append(with_custom(record.fields, record.custom))
            for line, rows in record.lines.items():
                if not line.endswith("Group"):
                    tables.setdefault(line, []).extend(rows)
    return tables


def definitions(world: BooksWorld) -> list[dict[str, Any]]:
    return [dict(record.fields) for record in world.query("DataExtDef").records]


def everything(company: CompanyFile) -> dict[str, list[dict[str, object]]]:
    """All records, without what counts the order in which they were made."""
    kinds = [name for name, entity in CONCRETE.items() if entity.shape in ("list", "txn")]
    return {
        kind: sorted(
            ({k: v for k, v in row.items() if k != "TxnNumber"} for row in company.records(kind)), key=str
        )
        for kind in kinds
    }


def test_the_same_books_again(world: BooksWorld, tmp_path: Path) -> None:
    found = definitions(world)
    tables = {**pulled(world), "DataExtDef": found}
    snapshot = write(tmp_path / "s.duckdb", tables, found)
    copy = copy_of([snapshot], "Copy")
    with CompanyFile.create(tmp_path / "copy.db", copy.seed) as company:
        before, after = everything(world.company), everything(company)
        for kind in before:
            if kind.startswith("Item"):  # a union tells the fields that all items have
                names = {"ListID", "Name", "EditSequence", "TimeModified", "IsActive"}
                for rows in (before[kind], after[kind]):
                    rows[:] = [{k: v for k, v in row.items() if k in names} for row in rows]
            # Lines come back whole, without ids of groups; there are none here.
            assert after[kind] == before[kind], kind
        assert company.company_name == "Copy"
    assert [note for note in copy.notes if "SalesRep" not in note] == []


def test_records_that_others_refer_to_are_made_up(tmp_path: Path) -> None:
    snapshot = write(
        tmp_path / "s.duckdb",
        {
            "Invoice": [
                {
                    "TxnID": "1-1", "CustomerRef_ListID": "80000001-1", "CustomerRef_FullName": "A:Job",
                    "RefNumber": "7", "Subtotal": D("12.50"), "TermsRef_FullName": "Net 30",
                    "SalesRepRef_FullName": "EE", "AppliedAmount": D("-2.50"),
                }
            ]
        },
    )  # fmt: skip
    copy = copy_of([snapshot], "Copy")
    with CompanyFile.create(tmp_path / "copy.db", copy.seed) as company:
        (invoice,) = company.records("Invoice")
        assert (invoice["CustomerRef_FullName"], invoice["CustomerRef_ListID"]) == ("A:Job", "80000001-1")
        assert (invoice["BalanceRemaining"], invoice["TermsRef_FullName"]) == (D("10.00"), "Net 30")
        assert company.record("Customer", "A:Job")["Balance"] == D("10.00")
    told = "\n".join(copy.notes)
    for word in ("Customer was not read", "StandardTerms was not read", "SalesRep was not read", "one line"):
        assert word in told


def test_changes_are_applied_in_order(tmp_path: Path) -> None:
    about = "create table _tables as select * from (values {}) t(name, key, lines_of)".format(
        "('Vendor', 'ListID', null), ('Employee', null, null), ('Invoice', 'TxnID', null), "
        "('InvoiceLine', 'TxnID', 'Invoice')"
    )
    vendors = [{"ListID": f"{n}-1", "Name": f"V{n}"} for n in (1, 2, 3)]
    invoices = [{"TxnID": f"{n}-2", "CustomerRef_FullName": "C", "RefNumber": str(n)} for n in (1, 2)]
    lines = [
        {"TxnID": f"{n}-2", "TxnLineID": f"{n}{m}-3", "Amount": m, "SeqNo": m} for n in (1, 2) for m in (1, 2)
    ]
    full = write(
        tmp_path / "full.duckdb",
        {
            "Vendor": vendors,
            "Employee": [{"ListID": "9-1", "Name": "E"}],
            "Invoice": invoices,
            "InvoiceLine": lines,
        },
    )
    delta = write(
        tmp_path / "delta.duckdb",
        {"Vendor": [{"ListID": "2-1", "Name": "New"}], "Employee": [], "Invoice": [invoices[0]],
         "InvoiceLine": [lines[1]]},
    )  # fmt: skip
    for file, gone in (
        (full, []),
        (delta, [("Vendor", "3-1", "deleted", None), ("Invoice", "2-2", "x", None)]),
    ):
        with duckdb.connect(str(file)) as connection:
            connection.execute(about)
            connection.execute(
                'create table _deleted ("table" varchar, "key" varchar, evidence varchar, told timestamp)'
            )
            for row in gone:
                connection.execute("insert into _deleted values (?, ?, ?, ?)", row)
    seed = copy_of([full, delta], "C").seed
    assert [row["Name"] for row in seed["Vendor"]] == ["V1", "New"]
    assert "Employee" not in seed
    (invoice,) = seed["Invoice"]
    assert (invoice["RefNumber"], [line["TxnLineID"] for line in invoice["lines"]]) == ("1", ["12-3"])


def test_what_a_company_file_does_not_keep_is_told(tmp_path: Path) -> None:
    path = tmp_path / "s.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            'create table "Customer" as '
            "select '1-1' ListID, 'C' Name, 'x' Fone, 'Mail' PreferredDeliveryMethod"
        )
        connection.execute('create table "Bill" as select 1 as TxnID')
        connection.execute("create table \"Item\" as select '2-1' ListID, 'I' Name, 'Odd' as Type")
    copy = copy_of([path], "Copy")
    assert copy.seed["Customer"] == [{"ListID": "1-1", "Name": "C"}]
    told = "\n".join(copy.notes)
    for word in ("Customer.Fone", "'Mail'", "table Bill", "'Odd'"):
        assert word in told


def test_the_command_makes_a_company_file(
    world: BooksWorld, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    snapshot = write(tmp_path / "s.duckdb", pulled(world), definitions(world))
    target = tmp_path / "copy.db"
    arguments = ["--company", str(target), "--from-snapshot", str(snapshot), "--company-name", "Elm"]
    assert run_simulator(arguments) == 0
    said = capsys.readouterr()
    assert "4 Customer" in said.out
    assert "custom field Region has no definition" in said.err
    with CompanyFile.open(target) as company:
        assert (company.company_name, len(company.records("Customer"))) == ("Elm", 4)
    assert run_simulator(arguments) == 1  # it is there already
    assert "exists" in capsys.readouterr().err
    assert (
        run_simulator(["--company", str(tmp_path / "d.db"), "--from-snapshot", str(tmp_path / "no.duckdb")])
        == 1
    )
    assert "there is no snapshot" in capsys.readouterr().err


def test_the_company_and_its_closing_date_are_copied_under_another_name(tmp_path: Path) -> None:
    tables = {
        "Company": [{"CompanyName": "Alder", "Address_City": "Salem"}],
        "Preferences": [{"AccountingPreferences_ClosingDate": "2025-12-31"}],
    }
    copy = copy_of([write(tmp_path / "s.duckdb", tables)])
    with CompanyFile.create(tmp_path / "copy.db", copy.seed) as company:
        assert company.company_name == "Copy of Alder"
        told = company.host_company_preferences()
        assert "<City>Salem</City>" in told
        assert "<ClosingDate>2025-12-31</ClosingDate>" in told


def test_what_is_no_snapshot(tmp_path: Path) -> None:
    path = tmp_path / "s.duckdb"
    path.write_bytes(b"no database" * 100)
    with pytest.raises(QbwcError, match="is no snapshot"):
        copy_of([path], "Copy")


def test_a_copy_is_a_file_of_its_own(world: BooksWorld, tmp_path: Path) -> None:
    world.company.copy_to(tmp_path / "copy.db")
    with CompanyFile.open(tmp_path / "copy.db") as copy:
        copy.edit("Customer", "Birch", Phone="555")
    assert world.row("Customer", "Birch")["Phone"] == "1"
    with pytest.raises(QbwcError, match="exists"):
        world.company.copy_to(tmp_path / "copy.db")
