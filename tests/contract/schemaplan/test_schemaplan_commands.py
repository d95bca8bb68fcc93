"""`workbench schema`: what each command says, and its exit code."""

from __future__ import annotations

import json
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.contract.schemaplan.schema_office import Office
from workbench.cli import main


@pytest.fixture
def run(office: Office, capsys: pytest.CaptureFixture[str]) -> Any:
    """Run `workbench schema ...` on the office's profile: exit code and JSON, or text without --json."""

    def command(*words: object, text: bool = False) -> Any:
        capsys.readouterr()
        code = main(
            ["schema", *map(str, words), "--profile", str(office.folder), *(() if text else ("--json",))]
        )
        out = capsys.readouterr().out
        return (code, out) if text else (code, json.loads(out.splitlines()[-1]))

    return command


@contextmanager
def calling(office: Office) -> Iterator[None]:
    """A Web Connector that calls again and again, as one with Auto-Run does."""
    stop = threading.Event()

    def call() -> None:
        while not stop.wait(0.05):
            office.books.call()

    office.books.connector.noop_seconds = 0.05
    office.books.connector.sleep = lambda seconds: (stop.wait(min(seconds, 0.05)) and None) or None
    thread = threading.Thread(target=call)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def test_the_whole_way_on_the_command_line(office: Office, run: Any, tmp_path: Path) -> None:
    code, answer = run("plan")
    assert code == 2
    assert {row["what"] for row in answer["items"]} == {
        "account Sales:Online (Income)", "custom field Region of Customer",
        "field Account.QuickBooks_Id__c (Text(36), unique, external id)",
    }  # fmt: skip
    region = next(row for row in answer["items"] if "Region" in row["what"])
    assert region["where"] == "account-customer.yaml:15"
    assert (region["needed"], region["state"]) == ("no", "")
    assert "CustomerToAccount" in region["wanted by"]
    assert region["without it"] == "'region' is neither compared nor written"

    code, refused = run("apply", "--execute", "--wait", "0")
    assert (code, "nobody has approved" in refused["error"]) == (1, True)
    code, told = run("approve", "--by", "maria")
    assert (code, len(told["approved"])) == (0, 3)
    code, shown = run("apply", text=True)
    assert (code, "<DataExtName>Region</DataExtName>" in shown, "<AccountAdd>" in shown) == (0, True, True)
    assert run("apply", "--execute", "--wait", "0")[0] == 3
    with calling(office):
        code, done = run("apply", "--execute", "--wait", "1")
    assert (code, done["applied"]) == (0, {"applied": 2})
    assert office.definitions() == [("Region", "STR255TYPE", "Customer")]

    file = tmp_path / "for the administrator.zip"
    assert run("package", "-o", file)[0] == 0
    with zipfile.ZipFile(file) as archive:
        assert "metadata/objects/Account.object" in archive.namelist()
    code, there = run("package", "-o", file)
    assert (code, "not written over" in there["error"]) == (1, True)


def test_the_plan_as_a_person_reads_it(run: Any) -> None:
    code, shown = run("plan", text=True)
    assert code == 2
    assert "Schema plan sp-" in shown
    assert "field Account.QuickBooks_Id__c" in shown
    assert max(map(len, shown.splitlines())) <= 100
    assert "account-customer.yaml:15" not in shown
    assert "account-customer.yaml:15" in run("plan", "--all", text=True)[1]


#  why                               command                         code  says
WRONG: list[tuple[str, str | list[str], int, str]] = [
    ("nobody said who approves",     "approve",                      64,   "--by"),
    ("nobody's name approves",       ["approve", "--by", ""],        64,   "who approves is empty"),
    ("a blank approves",             ["approve", "--by", " "],       64,   "who approves is empty"),
    ("nothing was shown yet",        "approve --by maria",           1,    "workbench schema plan"),
    ("no place for the package",     "package",                      64,   "-o"),
    ("the package is not approved",  "package -o out",               1,    "nobody has approved"),
    ("no such action",               "make",                         64,   "invalid choice"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("command", "code", "says"), [case[1:] for case in WRONG], ids=[case[0] for case in WRONG]
)
def test_wrong_usage(run: Any, command: str | list[str], code: int, says: str) -> None:
    found, answer = run(*(command.split() if isinstance(command, str) else command))
    assert (found, says in json.dumps(answer)) == (code, True), answer


def test_nothing_is_wanted_any_more(office: Office, run: Any) -> None:
    for name in ("account-customer", "product-item"):
        path = office.bench.workspace.profile.mappings / f"{name}.yaml"
        path.write_text(path.read_text().replace("on: true", "on: false"))
    code, answer = run("plan")
    assert (code, answer["items"], answer["problems"]) == (0, [], [])
    code, refused = run("approve", "--by", "maria")
    assert (code, "empty" in refused["error"]) == (1, True)


def test_a_profile_that_was_never_pulled(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = str(tmp_path / "new")
    assert main(["init", folder, "--salesforce-url", "http://127.0.0.1:9", "--json"]) == 0
    capsys.readouterr()
    assert main(["schema", "plan", "--profile", folder, "--json"]) == 3
    answer = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert "not known yet" in answer["error"]
    assert "workbench pull" in answer["fix"]
