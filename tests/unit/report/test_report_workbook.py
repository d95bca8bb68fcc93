"""A change set as a workbook: read back from the file's own XML, as a spreadsheet would."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from workbench.changes import Answer, Cell, Change, ChangeSet
from workbench.errors import UsageProblem
from workbench.report import write_workbook

MAIN = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}


def cells(path: Path, sheet: int) -> list[dict[str, Any]]:
    """Rows of a sheet by column letter: text as str, a number as Decimal, a formula as an error."""
    with zipfile.ZipFile(path) as book:
        shared = etree.fromstring(book.read("xl/sharedStrings.xml"))
        texts = ["".join(each.itertext()) for each in shared.findall("m:si", MAIN)]
        rows = etree.fromstring(book.read(f"xl/worksheets/sheet{sheet}.xml")).iter("{*}row")
        found = []
        for row in rows:
            values: dict[str, Any] = {}
            for cell in row.findall("m:c", MAIN):
                assert cell.find("m:f", MAIN) is None, "a formula"
                value = cell.findtext("m:v", namespaces=MAIN)
                if value is not None:
                    column = "".join(letter for letter in str(cell.get("r")) if letter.isalpha())
                    values[column] = texts[int(value)] if cell.get("t") == "s" else Decimal(value)
            found.append(values)
        return found


def change(*made: Cell, **more: Any) -> Change:
    return Change(
        id="ch-1", mapping="accounts", side="quickbooks", object="Customer", action="update", record="80-1",
        label="Alder", version="7", source_id="001A", cells=made, **more,
    )  # fmt: skip


def cell(before: Any, after: Any, **more: Any) -> Cell:
    return Cell(field="phone", api="Phone", before=before, after=after, why="winner", **more)


def written(tmp_path: Path, *changes: Change) -> Path:
    path = tmp_path / "set.xlsx"
    write_workbook(ChangeSet(header={"profile": "books", "to": "both"}, changes=changes), path)
    return path


#  why                        after                        what the sheet holds
VALUES = [
    ("a text",                "555-0101",                  "555-0101"),
    ("no formula",            "=1+1",                      "=1+1"),
    ("no address",            "https://example.com",       "https://example.com"),
    ("digits stay a text",    "0042",                      "0042"),
    ("an amount",             Decimal("1250.10"),          Decimal("1250.1")),
    ("a negative amount",     Decimal("-0.01"),            Decimal("-0.01")),
    ("beyond a sheet's numbers", Decimal("9007199254740993.01"), "9007199254740993.01"),
    ("a date",                date(2026, 3, 30),           Decimal(46111)),
    ("cleared",               None,                        "(cleared)"),
    ("known later",           Answer("ch-2", "ListID"),    "(ListID, known after the push)"),
]  # fmt: skip


@pytest.mark.parametrize(("after", "expected"), [case[1:] for case in VALUES], ids=[c[0] for c in VALUES])
def test_a_value_is_what_it_is(after: Any, expected: Any, tmp_path: Path) -> None:
    row = cells(written(tmp_path, change(cell(None, after))), 2)[1]
    assert (row["J"], row["K"]) == (expected, expected)
    assert "I" not in row, "what was empty before is an empty cell"


def test_what_is_lost_on_the_way_stands_beside_what_will_be_held(tmp_path: Path) -> None:
    bent = cell(
        "a@b.example", "A@B.example", loss="Salesforce keeps addresses in lower case", stored="a@b.example"
    )
    head, row = cells(written(tmp_path, change(bent, predicted="ok", undo="free", hold="under way")), 2)
    told = {head[column]: value for column, value in row.items()}
    assert told["after"] == "A@B.example"
    assert told["held afterwards"] == "a@b.example"
    assert told["lost on the way"] == "Salesforce keeps addresses in lower case"
    assert (told["predicted"], told["undo"]) == ("ok", "free")
    assert told["cannot be written because"] == "under way"


def test_lines_and_summary(tmp_path: Path) -> None:
    lines = ({"Desc": "Drill", "Amount": Decimal("12.50")}, {"Amount": Decimal(0)})
    invoice = replace(change(lines=lines), action="create", record=None)
    path = written(tmp_path, invoice)
    assert [row.get("E") for row in cells(path, 3)[1:]] == ["Drill", Decimal("12.5"), Decimal(0)]
    summary = {row["A"]: row["B"] for row in cells(path, 1)[1:]}
    assert summary["create Customer in quickbooks"] == 1
    assert summary["profile"] == "books"


def test_a_text_longer_than_a_cell_says_so(tmp_path: Path) -> None:
    row = cells(written(tmp_path, change(cell(None, "x" * 40_000))), 2)[1]
    assert len(row["J"]) == 32_767
    assert row["J"].endswith("(40,000 characters in all; the saved change set has them)")


def test_an_empty_change_set_is_a_workbook_too(tmp_path: Path) -> None:
    assert len(cells(written(tmp_path), 2)) == 1


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    path = written(tmp_path)
    before = path.read_bytes()
    with pytest.raises(UsageProblem, match="there is such a file already"):
        write_workbook(ChangeSet(header={}, changes=()), path)
    assert path.read_bytes() == before
    with pytest.raises(UsageProblem, match="no such folder"):
        write_workbook(ChangeSet(header={}, changes=()), tmp_path / "none" / "set.xlsx")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["set.xlsx"]
