"""`workbench changes`: look at a change set, hold it against another, hand it out."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.unit.bench.test_bench_changefiles import CELL, CHANGE
from tests.unit.profile.bare_profile import bare_profile
from workbench import ledger
from workbench.changes import Change, ChangeSet
from workbench.cli.main import main
from workbench.profile import Profile, SalesforceSettings
from workbench.store import open_store

OTHER = replace(
    CHANGE, id="ch-2", record="001B", label="Birch", cells=(replace(CELL, api="Fax", field="fax"),)
)


@pytest.fixture
def profile(tmp_path: Path) -> Profile:
    return bare_profile(tmp_path / "books", SalesforceSettings(url="http://127.0.0.1:1"))


def keep(profile: Profile, *changes: Change) -> ChangeSet:
    made = ChangeSet(header={"profile": profile.name, "to": "both"}, changes=changes)
    store = open_store(profile.store_url)
    ledger.save_changeset(
        store, id_=made.id, content_hash=made.content_hash, content=made.content, by="maria"
    )
    store.close()
    return made


def run(profile: Profile, capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any]]:
    code = main(["changes", *arguments, "--profile", str(profile.folder), "--json"])
    return code, json.loads(capsys.readouterr().out.splitlines()[-1])


def test_the_newest_is_shown_cell_by_cell(profile: Profile, capsys: pytest.CaptureFixture[str]) -> None:
    keep(profile, CHANGE)
    made = keep(profile, CHANGE, OTHER)
    code, told = run(profile, capsys)
    assert (code, told["id"], told["content_hash"]) == (0, made.id, made.content_hash)
    assert [(cell["record"], cell["field"]) for cell in told["cells"]] == [
        ("Alder", "phone"),
        ("Birch", "fax"),
    ]


@pytest.mark.parametrize(
    ("conditions", "records"),
    [
        (["record=Birch"], ["Birch"]),
        (["record=Birch", "field=phone"], []),
        (["record=Birch", "record=Alder"], ["Alder", "Birch"]),
        (["record="], []),
    ],
)
def test_where_names_the_rows(
    profile: Profile, capsys: pytest.CaptureFixture[str], conditions: list[str], records: list[str]
) -> None:
    keep(profile, CHANGE, OTHER)
    arguments = [word for each in conditions for word in ("--where", each)]
    assert [cell["record"] for cell in run(profile, capsys, *arguments)[1]["cells"]] == records


@pytest.mark.parametrize(
    ("condition", "told"), [("color=red", "no such column: color"), ("record", "is not COLUMN=VALUE")]
)
def test_a_condition_that_is_none_is_wrong_usage(
    profile: Profile, capsys: pytest.CaptureFixture[str], condition: str, told: str
) -> None:
    keep(profile, CHANGE)
    code, answer = run(profile, capsys, "--where", condition)
    assert code == 64
    assert told in answer["error"]


def test_against_an_older_one(profile: Profile, capsys: pytest.CaptureFixture[str]) -> None:
    older = keep(profile, CHANGE)
    keep(profile, replace(CHANGE, cells=(replace(CELL, after="555-0102"),)), OTHER)
    _, told = run(profile, capsys, "--against", older.id)
    assert [(each["what"], each["field"], each["older"], each["newer"]) for each in told["turns"]] == [
        ("changed", "Phone", "555-0101", "555-0102"),
        ("added", "Fax", None, "555-0101"),
    ]


def test_as_a_file_and_a_workbook(
    profile: Profile, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    made = keep(profile, CHANGE)
    saved, book = tmp_path / "set.jsonl", tmp_path / "set.xlsx"
    code, told = run(profile, capsys, "--save", str(saved), "--xlsx", str(book))
    assert (code, told["saved"], told["workbook"]) == (0, str(saved), str(book))
    assert saved.read_text(encoding="utf-8") == made.content
    assert book.read_bytes()[:2] == b"PK"
    assert run(profile, capsys, str(saved))[1]["id"] == made.id
    code, told = run(profile, capsys, "--save", str(saved))
    assert code == 64
    assert "such a file already" in told["error"]


def test_in_words(profile: Profile, capsys: pytest.CaptureFixture[str]) -> None:
    keep(profile, CHANGE)
    assert main(["changes", "--profile", str(profile.folder)]) == 0
    shown = capsys.readouterr().out
    assert "1 update in salesforce" in shown
    assert "555-0101" in shown
