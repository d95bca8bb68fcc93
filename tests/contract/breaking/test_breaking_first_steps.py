"""The first commands on a new profile, in any order and more than once: answers, never a traceback."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from qbwc import store, users
from workbench.changes import ChangeSet
from workbench.cli import main
from workbench.ledger import save_changeset
from workbench.workspace import workspace


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    folder = tmp_path / "Bücher 2026"
    assert main(["init", str(folder), "--salesforce-url", "http://127.0.0.1:9", "--json"]) == 0
    return folder


def run(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, dict[str, Any]]:
    """Run a command with --json; standard output is one JSON object and nothing else."""
    capsys.readouterr()
    code = main([*map(str, words), "--json"])
    (line,) = capsys.readouterr().out.splitlines()
    return code, json.loads(line)


#  why                                               command                   code  the answer says
NEW = [
    ("nothing waits on a new profile",               "status",                 0,    '"company": null'),
    ("nothing happened yet",                         "history",                0,    '"history": []'),
    ("not paired is no crash of the check",          "check",                  1,    "not paired"),
    ("no Web Connector knows the company yet",       "pull --side quickbooks", 1,    "workbench qwc"),
    ("no snapshots",                                 "diff",                   1,    "workbench pull"),
    ("no change set",                                "push --execute",         1,    "workbench plan"),
]  # fmt: skip


@pytest.mark.parametrize(("why", "command", "code", "says"), NEW, ids=[case[0] for case in NEW])
def test_each_command_alone_on_a_new_profile(
    why: str, command: str, code: int, says: str, profile: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found, answer = run(capsys, *command.split(), "--profile", profile)
    assert (found, says in json.dumps(answer)) == (code, True), answer


def test_qwc_can_be_written_again_and_the_server_started_again(
    profile: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(capsys, "qwc", "--profile", profile)[0] == 0
    assert run(capsys, "qwc", "--profile", profile)[0] == 0
    with workspace(profile) as opened:
        opened.register()  # what `workbench up` does at each start
        opened.register()


def test_only_qwc_opens_the_pairing(profile: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with workspace(profile) as opened:
        engine, company = opened.store.engine, opened.profile.quickbooks.company
        opened.register()  # what `workbench up` does at each start
        assert users.company(engine, company).pairing_until is None
        run(capsys, "qwc", "--profile", profile)
        assert users.company(engine, company).pairing_until is not None


def test_a_password_that_was_changed_in_the_profile_reaches_the_server(
    profile: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run(capsys, "qwc", "--profile", profile)
    monkeypatch.setenv("WORKBENCH_QUICKBOOKS_PASSWORD", "a new one")
    run(capsys, "qwc", "--profile", profile)
    with workspace(profile) as opened:
        company = opened.profile.quickbooks.company
        assert users.check_password(opened.store.engine, "workbench", "a new one") == company


#  why                                command           what stands in the way
PLACES = [
    ("a file where a folder belongs", "init {file}",    "{file}"),
    ("below a file",                  "init {file}/in", "{file}"),
    ("a demo in a file",              "demo --headless --dir {file}", "{file}"),
    ("notebooks into a file",         "notebooks {file}", "{file}"),
]  # fmt: skip


@pytest.mark.parametrize(("why", "command", "where"), PLACES, ids=[case[0] for case in PLACES])
def test_a_place_that_cannot_be_used_is_named(
    why: str, command: str, where: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "taken"
    file.write_text("a file")
    code, answer = run(capsys, *(word.format(file=file) for word in command.split()))
    assert code == 1
    assert answer["where"] == where.format(file=file)
    assert answer["fix"]


@pytest.mark.skipif(
    sys.platform == "win32" or (hasattr(os, "geteuid") and os.geteuid() == 0),
    reason="needs a user whom permissions bind",
)
def test_a_folder_that_may_not_be_written_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    code, answer = run(capsys, "init", closed / "books")
    assert (code, answer["where"]) == (1, str(closed / "books"))


def test_all_problems_of_a_refusal_stand_in_the_json(
    profile: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = ["-p", "nosuch", "1", "-p", "neither", "2"]
    code, answer = run(capsys, "run", "90_scheduled_reconciliation", *wrong, "--profile", profile)
    assert code == 64
    assert [problem["error"] for problem in answer["problems"]] == [
        "the notebook has no parameter 'nosuch'",
        "the notebook has no parameter 'neither'",
    ]


@pytest.mark.parametrize(
    ("command", "done"), [("approve", {"approved": 0}), ("push --execute", {"pushed": {}})]
)
def test_an_empty_change_set_is_nothing_to_do_and_no_failure(
    command: str, done: dict[str, Any], profile: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What `plan` makes when both sides agree; a nightly script goes on with the next command."""
    empty = ChangeSet(header={"to": "both"}, changes=())
    with workspace(profile) as opened:
        save_changeset(
            opened.store, id_=empty.id, content_hash=empty.content_hash, content=empty.content, by="maria"
        )
    code, answer = run(capsys, *command.split(), "--profile", profile)
    assert (code, answer) == (0, {"id": empty.id} | done)


def test_why_the_web_connector_was_sent_away_reaches_the_person_who_waits(
    profile: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(capsys, "qwc", "--profile", profile)
    with workspace(profile) as opened:
        opened.pulls.ask()
        with store.writing(opened.store.engine) as connection:
            company = opened.profile.quickbooks.company
            users.set_company(connection, company, last_trouble="Wrong company file: 'Other'.")
    code, answer = run(capsys, "status", "--profile", profile)
    assert (code, answer["trouble"]) == (3, "Wrong company file: 'Other'.")
    code, answer = run(capsys, "pull", "--side", "quickbooks", "--wait", "0.001", "--profile", profile)
    assert (code, answer["values"]) == (3, {"its last session": "Wrong company file: 'Other'."})
