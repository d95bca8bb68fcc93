"""Commands of those who approve: approver list, request, add, revoke; approve, cancel, status, history."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.unit.profile.bare_profile import make_valid
from tests.unit.push.push_office import Office, open_office
from workbench import ledger, push
from workbench.approval import latest_approval
from workbench.changes import Change, ChangeSet
from workbench.cli.main import main
from workbench.profile import ApprovalSettings, write_profile


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    opened = open_office(tmp_path)
    opened.call()
    make_valid(opened.workspace.profile)
    yield opened
    opened.workspace.close()


class Desk:
    """Somebody who gives commands and reads what they say."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self._capsys = folder, capsys

    def give(self, *command: str) -> tuple[int, dict[str, Any]]:
        """Answer the exit code and the object on the last line."""
        code = main([*command, "--profile", str(self.folder), "--json"])
        return code, json.loads(self._capsys.readouterr().out.splitlines()[-1])

    def said(self, *command: str) -> str:
        """What a person reads on both outputs."""
        main([*command, "--profile", str(self.folder)])
        read = self._capsys.readouterr()
        return read.out + read.err


@pytest.fixture
def desk(office: Office, capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(office.workspace.profile.folder, capsys)


def planned(office: Office, *changes: Change, author: str = "maria") -> ChangeSet:
    made = ChangeSet(header={"made for": "a test"}, changes=changes)
    ledger.save_changeset(
        office.workspace.store, id_=made.id, content_hash=made.content_hash, content=made.content, by=author
    )
    return made


def phones(office: Office, count: int = 2) -> list[Change]:
    return [office.update(f"Customer 0{number}", Phone="555-7777") for number in range(1, count + 1)]


def test_nobody_approves_before_the_first_who_does(office: Office, desk: Desk) -> None:
    assert desk.give("approver", "list") == (0, {"approvers": [], "refused": []})
    assert "the first who approves becomes one" in desk.said("approver", "list")
    planned(office, *phones(office))
    said = desk.said("approve", "--by", "maria")
    assert "maria approved 2 changes" in said
    assert "a key of maria was made by itself, and is kept in" in said
    code, told = desk.give("approver", "list")
    assert code == 0
    ((row,),) = (told["approvers"],)
    assert (row["approver"], row["by"], row["here"], row["revoked"]) == ("maria", "maria", "file", None)
    assert "made by itself" not in desk.said("approve"), "once; and whose key is here approves"


def test_another_machine_asks_and_is_let_in(office: Office, desk: Desk, tmp_path: Path) -> None:
    """The same store by its URL, another profile folder: as two people with a PostgreSQL have it."""
    planned(office, *phones(office))
    desk.give("approve", "--by", "maria")
    other = tmp_path / "tom"
    shutil.copytree(desk.folder / "mappings", other / "mappings")
    write_profile(replace(office.workspace.profile, folder=other))
    toms = Desk(other, desk._capsys)

    code, refused = toms.give("approve", "--by", "tom")
    assert (code, refused["error"]) == (1, "tom is no approver")
    assert "workbench approver add tom --by maria" in refused["fix"]
    code, asked = toms.give("approver", "request", "--by", "tom", "-o", str(tmp_path / "tom.pem"))
    assert code == 0
    assert "PRIVATE" not in (tmp_path / "tom.pem").read_text("utf-8")
    code, let_in = desk.give(
        "approver", "add", "tom", "--public-key", str(tmp_path / "tom.pem"), "--by", "maria"
    )
    assert (code, let_in["key"], let_in["by"]) == (0, asked["key"], "maria")
    code, given = toms.give("approve", "--by", "tom")
    assert (code, given["key"], given["approved"]) == (0, asked["key"], 2)
    code, refused = toms.give("approve", "--by", "maria")
    assert (code, refused["error"]) == (
        1, "maria is an approver, and the private key of maria is not on this machine",
    )  # fmt: skip

    assert desk.give("approver", "revoke", "tom", "--by", "maria")[0] == 0
    code, refused = toms.give("approve", "--by", "tom")
    assert (code, refused["error"]) == (1, "the key of tom was revoked")
    code, refused = desk.give("push", "--execute", "--wait", "0")
    assert code == 1
    assert "the key that signed this approval was revoked by maria" in refused["error"]


def test_who_asks_sees_what_to_send_and_to_compare(office: Office, desk: Desk) -> None:
    said = desk.said("approver", "request", "--by", "tom")
    assert "-----BEGIN PUBLIC KEY-----" in said
    assert "workbench approver add tom --public-key FILE --by APPROVER" in said
    assert "after comparing the key" in said


#  why, the command, exit code, what a person reads
WRONG = [
    (
        "no file",
        ("approver", "add", "tom", "--public-key", "no.pem", "--by", "maria"),
        64,
        "there is no file",
    ),
    ("nobody to add", ("approver", "add", "tom"), 64, "--by"),
    ("nobody is there yet", ("approver", "add", "tom", "--by", "maria"), 1, "nobody approves here yet"),
    ("nobody to revoke", ("approver", "revoke", "tom", "--by", "maria"), 1, "maria is no approver"),
    ("no action", ("approver",), 64, "ACTION"),
    ("an empty name", ("approver", "request", "--by", " "), 64, "the name of an approver is empty"),
    ("no such change set", ("cancel", "cs-1"), 1, "there is no change set cs-1"),
    ("a limit without a number", ("approve", "--limit", "changes"), 64, "says no number"),
    ("a limit that is none", ("approve", "--limit", "chnages=1"), 64, "Closest: changes"),
    ("too small a limit", ("approve", "--limit", "changes=1"), 1, "more than its limits allow: changes"),
]


@pytest.mark.parametrize(
    ("command", "code", "says"), [case[1:] for case in WRONG], ids=[case[0] for case in WRONG]
)
def test_what_is_refused(office: Office, desk: Desk, command: tuple[str, ...], code: int, says: str) -> None:
    planned(office, *phones(office))
    found, told = desk.give(*command)
    assert found == code
    assert says in json.dumps(told)


def test_the_first_can_be_let_in_before_anything_is_approved(office: Office, desk: Desk) -> None:
    assert desk.give("approver", "add", "maria", "--by", "maria")[0] == 0
    assert [row["approver"] for row in desk.give("approver", "list")[1]["approvers"]] == ["maria"]


def test_limits_and_hours_are_signed(office: Office, desk: Desk) -> None:
    made = planned(office, *phones(office))
    code, told = desk.give(
        "approve", "--by", "maria", "--limit", "changes=5", "--limit", "money=0", "--hours", "1"
    )
    assert (code, told["limits"]) == (0, {"changes": 5, "money": "0"})
    given = latest_approval(office.workspace.store, made.id)
    assert given is not None
    assert (given.expires_at - given.approved_at).total_seconds() == 3600
    assert desk.give("approve", "--by", "maria")[1]["limits"] == {"changes": 2, "quickbooks.changes": 2}


def test_a_row_that_somebody_put_there_is_told(office: Office, desk: Desk) -> None:
    desk.give("approver", "add", "maria", "--by", "maria")
    with office.workspace.store.write() as connection:
        connection.exec_driver_sql(
            "INSERT INTO wb_keys SELECT 2, event, 'abc', 'mallory', public_key, previous, at, signed_by, "
            "signature FROM wb_keys"
        )
    code, told = desk.give("approver", "list")
    assert (code, len(told["approvers"])) == (3, 1)
    assert told["refused"] == ["row 2 (enrol mallory): it does not follow the entry before it"]


def test_two_people_where_the_profile_asks_for_them(office: Office, desk: Desk) -> None:
    write_profile(replace(office.workspace.profile, approval=ApprovalSettings(four_eyes=True)))
    planned(office, *phones(office), author="maria")
    code, told = desk.give("approve", "--by", "Maria")
    assert code == 1
    assert (
        told["error"] == "Maria has made this change set, and this profile asks for another one to approve it"
    )
    assert desk.give("approver", "list")[1]["approvers"] == [], "and no key was made for nothing"
    assert desk.give("approve", "--by", "tom")[0] == 0


def test_cancel_status_and_history_say_why(office: Office, desk: Desk) -> None:
    made = planned(office, *phones(office))
    desk.give("approve", "--by", "maria")
    assert desk.give("cancel", made.id)[0] == 64, "not begun"
    code, told = desk.give("push", "--execute", "--wait", "0")
    assert (code, told["pushed"], told["stopped"]) == (3, {"waiting": 2}, None)
    code, told = desk.give("cancel", made.id, "--by", "eva")
    assert (code, told["pushed"]) == (0, {"skipped": 2})
    assert f"push {made.id} is stopped: cancelled by eva" in desk.said("status")
    happened = desk.give("history")[1]["history"]
    found = {row["event"]: (row["who"], row["reason"]) for row in happened}
    assert found["cancel"] == ("eva", "cancelled by eva")
    assert found["enrol approver"][0] == "maria"
    office.call()
    assert office.customer("Customer 01")["Phone"] == "555-0001"
    assert push.tally(office.workspace, made.id).counts == {"skipped": 2}


def test_the_dry_run_tells_what_goes_first(office: Office, desk: Desk) -> None:
    changes = [office.create("Customer", f"001{n}", Name=f"Dogwood {n}") for n in range(12)]
    planned(office, *phones(office), *changes)
    code, told = desk.give("push")
    assert code == 0
    assert [row["canary"] for row in told["requests"]] == [True, True] + [False] * 12
    assert {row["label"] for row in told["requests"][:2]} == {"Customer 01", "Dogwood 0"}
    said = desk.said("push")
    assert "14 to quickbooks, 2 of them first as canaries; nothing was sent" in said
    assert "quickbooks: create Customer Dogwood 0 (canary)" in said
