"""A change set leaves as a file and comes back the same, or not at all; marks follow unchanged rows."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.unit.profile.bare_profile import bare_profile
from workbench import ledger
from workbench.bench import Bench
from workbench.bench.changes import Changes
from workbench.changes import Cell, Change, ChangeSet, unchanged
from workbench.errors import ApprovalError, PlanError, UsageProblem
from workbench.profile import SalesforceSettings
from workbench.store import open_store
from workbench.workspace import Workspace

CELL = Cell(field="phone", api="Phone", before=None, after="555-0101", why="winner")
CHANGE = Change(
    id="ch-1", mapping="accounts", side="salesforce", object="Account", action="update", record="001A",
    label="Alder", version="v1", source_id="80-1", cells=(CELL,),
)  # fmt: skip


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    profile = bare_profile(tmp_path / "books", SalesforceSettings(url="http://127.0.0.1:1"))
    return Bench(Workspace(profile=profile, store=open_store(profile.store_url)))


def kept(bench: Bench, changes: Changes) -> Changes:
    """Keep a change set as a plan does."""
    made = changes.changeset
    ledger.save_changeset(
        bench.workspace.store, id_=made.id, content_hash=made.content_hash, content=made.content, by="maria"
    )
    return changes


def planned(bench: Bench, *changes: Change, profile: str | None = None) -> Changes:
    header = {"profile": profile or bench.workspace.profile.name, "to": "both"}
    return Changes(bench, ChangeSet(header=header, changes=changes))


def test_a_change_set_comes_back_from_its_file(bench: Bench, tmp_path: Path) -> None:
    made = kept(bench, planned(bench, CHANGE))
    path = made.save(tmp_path / "set.jsonl")
    newer = kept(bench, planned(bench, replace(CHANGE, record="001B")))
    again = bench.changes(path)
    assert again.changeset == made.changeset
    assert again.id == made.id
    assert bench.changes().id == newer.id, "a look at a file changes nothing"
    assert again.approve("all", by="maria").changeset == made.id


def test_a_file_that_no_plan_has_made_is_looked_at_and_nothing_else(bench: Bench, tmp_path: Path) -> None:
    held = replace(CHANGE, hold="Name has 50 characters, the field holds 41")
    made = kept(bench, planned(bench, held))
    path = made.save(tmp_path / "set.jsonl")
    path.write_text(path.read_text(encoding="utf-8").replace(held.hold, ""), encoding="utf-8", newline="\n")
    edited = bench.changes(path)
    assert edited.held == []
    assert not edited.against(made).empty or edited.id != made.id
    assert [row["id"] for row in ledger.list_changesets(bench.workspace.store)] == [made.id]
    with pytest.raises(ApprovalError, match="no plan made this change set here"):
        edited.approve("all", by="maria")
    assert bench.changes().id == made.id
    assert edited.approval is None


#  why                       what is done to the file                      the error
BROKEN = [
    ("a value was edited",   lambda text: text.replace("0101", "0199"),   None),
    ("a change was removed", lambda text: text.splitlines()[0] + "\n",    None),
    ("no change set",        lambda _: "hello\n",                         "changed after it was made"),
    ("empty",                lambda _: "",                                "changed after it was made"),
    ("another version",      lambda text: text.replace('"format":1', '"format":9'), "another version"),
]  # fmt: skip


@pytest.mark.parametrize(("spoil", "error"), [case[1:] for case in BROKEN], ids=[case[0] for case in BROKEN])
def test_what_was_changed_is_another_change_set_or_none(
    bench: Bench, tmp_path: Path, spoil: Callable[[str], str], error: str | None
) -> None:
    made = planned(bench, CHANGE)
    path = made.save(tmp_path / "set.jsonl")
    path.write_text(spoil(path.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")
    if error is None:
        assert bench.changes(path).id != made.id, (
            "nothing that was approved for one is approved for the other"
        )
        return
    with pytest.raises(PlanError, match=error):
        bench.changes(path)


def test_a_file_of_bytes_is_none(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "set.jsonl").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(PlanError, match="no change set"):
        bench.changes(tmp_path / "set.jsonl")


def test_a_change_set_of_another_profile_is_refused(bench: Bench, tmp_path: Path) -> None:
    path = planned(bench, CHANGE, profile="others").save(tmp_path / "set.jsonl")
    with pytest.raises(UsageProblem, match="another profile") as raised:
        bench.changes(path)
    assert raised.value.values["planned in"] == "others"


def test_saving_overwrites_nothing(bench: Bench, tmp_path: Path) -> None:
    path = planned(bench, CHANGE).save(tmp_path / "set.jsonl")
    with pytest.raises(UsageProblem, match="such a file already"):
        planned(bench).save(path)
    with pytest.raises(UsageProblem, match="no such folder"):
        planned(bench).save(tmp_path / "none" / "set.jsonl")
    assert json.loads(path.read_text(encoding="utf-8").splitlines()[1])["id"] == "ch-1"


def test_one_against_another(bench: Bench) -> None:
    older = planned(bench, CHANGE)
    newer = planned(bench, replace(CHANGE, cells=(replace(CELL, after="555-0102"),)))
    assert newer.against(older).to_dict("records") == [
        {
            "what": "changed", "action": "update", "side": "salesforce", "mapping": "accounts",
            "object": "Account", "record": "Alder", "field": "Phone", "older": "555-0101",
            "newer": "555-0102", "change": "ch-1",
        }
    ]  # fmt: skip
    assert newer.against(newer).empty


def test_marks_follow_rows_that_are_the_same(bench: Bench) -> None:
    store = bench.workspace.store
    other = replace(CHANGE, id="ch-2", record="001B")
    older = planned(bench, CHANGE, other)
    older.mark(["ch-1", "ch-2"], by="maria")
    newer = planned(bench, CHANGE, replace(other, version="v2"), replace(CHANGE, id="ch-3", record="001C"))
    same = unchanged(older.changeset, newer.changeset)
    assert ledger.carry_marks(store, older.id, newer.id, same) == 1
    assert newer.marked == {"ch-1"}
    newer.mark(["ch-1"], approved=False, by="maria")
    assert ledger.carry_marks(store, older.id, newer.id, same) == 0, "what was said since counts"
    assert newer.marked == frozenset()
