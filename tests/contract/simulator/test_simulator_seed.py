"""Making a company file: strict, the same each time, and still there tomorrow."""

from __future__ import annotations

import json
from decimal import Decimal as D
from pathlib import Path
from typing import Any

import pytest
from simulator_world import SEED, World

from qbwc.errors import QbwcError
from qbwc.simulator import CompanyFile

CIRCLE = [
    {"Name": "A", "ListID": "1-1", "ParentRef_ListID": "2-1"},
    {"Name": "B", "ListID": "2-1", "ParentRef_ListID": "1-1"},
]
ROOT = Path(__file__).resolve().parents[3]

#    why                           seed                              told
TROUBLE = [
    ("an unknown field",           {"Vendor": [{"Name": "V", "Fone": "1"}]}, "Vendor 1 (V): no field Fone"),
    ("an unknown kind",            {"Vendors": []},                  "Vendors: no kind of record"),
    ("no name",                    {"Vendor": [{"Phone": "1"}]},     "missing element: Name"),
    ("an item without branch",     {"ItemService": [{"Name": "I"}]}, "SalesOrPurchase or SalesAndPurchase"),
    ("a name too long",            {"Vendor": [{"Name": "x" * 42}]}, "42 characters, QuickBooks takes 41"),
    ("a colon",                    {"Customer": [{"Name": "A:B"}]},  "colon"),
    ("outside Windows-1252",       {"Vendor": [{"Name": "Łódź"}]},   "'Ł'"),
    ("a float",                    {"Customer": [{"Name": "C", "CreditLimit": 1.5}]}, "float"),
    ("the same name in two lists", {"Vendor": [{"Name": "A"}], "Customer": [{"Name": "a"}]}, "3100"),
    ("no such parent",             {"Customer": [{"Name": "C", "ParentRef_FullName": "P"}]}, "3130"),
    ("no such customer",           {"Invoice": [{"CustomerRef_FullName": "P"}]}, "3140"),
    ("an id twice",                {"Vendor": [{"Name": n, "ListID": "8-1"} for n in "AB"]}, "8-1 is in use"),
    ("another full name",          {"Customer": [{"Name": "C", "FullName": "D"}]}, "follows as 'C'"),
    ("another total",
     {"Customer": [{"Name": "C", "Balance": 5, "TotalBalance": 6}]}, "follows as 5.00"),
    ("lines of a list",            {"Vendor": [{"Name": "V", "lines": []}]}, "lines are not expected"),
    ("a circle",                   {"Customer": CIRCLE},             "circle"),
]  # fmt: skip


@pytest.mark.parametrize(("why", "seed", "told"), TROUBLE)
def test_a_wrong_seed_is_told_and_leaves_no_file(
    tmp_path: Path, why: str, seed: dict[str, Any], told: str
) -> None:
    with pytest.raises(QbwcError) as raised:
        CompanyFile.create(tmp_path / "c.db", seed)
    assert told in str(raised.value)
    assert list(tmp_path.iterdir()) == []


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    seed = {"Vendor": [{"Name": "V", "Fone": "1", "Email2": "x"}, {"Name": "W"}, {"Name": "w"}], "Bill": []}
    with pytest.raises(QbwcError, match="4 problems") as raised:
        CompanyFile.create(tmp_path / "c.db", seed)
    assert str(raised.value).count("\n  - ") == 4


def test_a_line_with_an_unknown_field_is_told(tmp_path: Path) -> None:
    seed = {
        "Customer": [{"Name": "C"}],
        "Invoice": [{"CustomerRef_FullName": "C", "lines": [{"Quantitty": 1}]}],
    }
    with pytest.raises(QbwcError, match="no field Quantitty"):
        CompanyFile.create(tmp_path / "c.db", seed)


def test_an_existing_file_is_not_overwritten(world: World) -> None:
    before = world.company.records("Customer")
    with pytest.raises(QbwcError, match="exists"):
        CompanyFile.create(world.company.path, SEED)
    assert world.company.records("Customer") == before


def test_the_same_seed_gives_the_same_file(tmp_path: Path) -> None:
    def told(name: str) -> list[dict[str, object]]:
        with CompanyFile.create(tmp_path / name, SEED) as company:
            return [
                row for entity in ("Customer", "Invoice", "ItemService") for row in company.records(entity)
            ]

    assert told("one.db") == told("two.db")


def test_values_of_its_own_are_kept(tmp_path: Path) -> None:
    seed = {
        "Customer": [
            {"ListID": "80000035-1785958998", "Name": "C", "EditSequence": "77", "Balance": D("12.50"),
             "TimeCreated": "2025-01-01T08:00:00-08:00", "TimeModified": "2025-06-01T08:00:00"},
        ],
        "Invoice": [{"TxnID": "4F2-1", "CustomerRef_ListID": "80000035-1785958998", "RefNumber": "900",
                     "IsPaid": True, "lines": [{"TxnLineID": "4F3-1", "Amount": 10}]}],
    }  # fmt: skip
    with CompanyFile.create(tmp_path / "c.db", seed) as company:
        (customer,), (invoice,) = company.records("Customer"), company.records("Invoice")
    assert (customer["ListID"], customer["EditSequence"]) == ("80000035-1785958998", "77")
    assert customer["TimeModified_Text"] == "2025-06-01T08:00:00-08:00"
    # The balance is what the file shows in the end, whatever its invoices say.
    assert (customer["Balance"], customer["TotalBalance"]) == (D("12.50"), D("12.50"))
    assert (invoice["AppliedAmount"], invoice["BalanceRemaining"], invoice["IsPaid"]) == (
        D("-10.00"),
        D("0.00"),
        True,
    )
    assert invoice["lines"][0]["TxnLineID"] == "4F3-1"  # type: ignore[index]


def test_a_job_may_stand_before_its_parent(tmp_path: Path) -> None:
    seed = {"Customer": [{"Name": "Job", "ParentRef_FullName": "C"}, {"Name": "C"}]}
    with CompanyFile.create(tmp_path / "c.db", seed) as company:
        assert [row["FullName"] for row in company.records("Customer")] == ["C", "C:Job"]


def test_a_folder_of_json_files(tmp_path: Path) -> None:
    folder = tmp_path / "seed"
    folder.mkdir()
    (folder / "Company.json").write_text('{"CompanyName": "Füchse"}', "utf-8")
    (folder / "Customer.json").write_text('[{"Name": "C", "CreditLimit": 9007199254740.93}]', "utf-8")
    with CompanyFile.create(tmp_path / "c.db", folder) as company:
        assert company.company_name == "Füchse"
        assert company.records("Customer")[0]["CreditLimit"] == D("9007199254740.93")
    (folder / "Custmer.json").write_text("[]", "utf-8")
    (folder / "Vendor.json").write_text("[{]", "utf-8")
    with pytest.raises(QbwcError, match="2 problems") as raised:
        CompanyFile.create(tmp_path / "d.db", folder)
    assert "Custmer.json" in str(raised.value)


def test_an_empty_folder_is_no_seed(tmp_path: Path) -> None:
    with pytest.raises(QbwcError, match="1 problem"):
        CompanyFile.create(tmp_path / "c.db", tmp_path)


def test_the_demo_company_loads(tmp_path: Path) -> None:
    folder = ROOT / "data" / "demo" / "quickbooks"
    expected = {path.stem: json.loads(path.read_text("utf-8")) for path in folder.glob("*.json")}
    assert expected, "the demo data is part of the project"
    with CompanyFile.create(tmp_path / "c.db", folder) as company:
        for entity in expected.keys() - {"Company"}:
            assert len(company.records(entity)) == len(expected[entity]), entity


def test_the_file_is_still_there_tomorrow(world: World) -> None:
    world.add("Customer", {"Name": "Dogwood"})
    before = world.company.records("Customer")
    world.company.close()
    world.company = CompanyFile.open(world.company.path, clock=world.clock)
    assert world.company.records("Customer") == before
    (record,) = world.add("Customer", {"Name": "Elder"}).records
    assert record.fields["ListID"] not in {row["ListID"] for row in before}


def test_two_programs_on_one_file_see_each_other(world: World) -> None:
    with CompanyFile.open(world.company.path, clock=world.clock) as other:
        other.edit("Customer", "Birch", Phone="555")
        read = world.row("Customer", "Birch")
        assert read["Phone"] == "555"
        other.edit("Customer", "Birch", Phone="556")
        assert world.mod("Customer", "Birch", {"Fax": "1"}, sequence=read["EditSequence"]).status_code == 3200


@pytest.mark.parametrize("content", [None, b"not a company file" * 100])
def test_what_is_no_company_file_is_told(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "c.db"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(QbwcError, match=r"company file"):
        CompanyFile.open(path)


def test_stamps_are_kept_and_do_not_change(world: World) -> None:
    owner, file_id = "{57F3B9B1-86F1-4FCC-B1EE-566DE1813D20}", "{90A44FB5-33D9-4815-AC85-BC87A7E7D1EB}"
    world.company.stamp(owner, file_id)
    world.company.stamp(owner.lower(), file_id.lower())
    with pytest.raises(QbwcError, match="QBWC1039"):
        world.company.stamp(owner, owner)
    assert world.company.only_owner() == owner.lower()
