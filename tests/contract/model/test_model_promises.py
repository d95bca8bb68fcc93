"""What is promised of a change set, held at the calls that people make: the same bytes, unchanged, once."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, select, update

from tests.faults.model_systems import Look
from tests.faults.model_world import World, running_world
from workbench.approval import hash_of
from workbench.bench.changes import Changes
from workbench.changes import read_changeset
from workbench.errors import ApprovalError, PlanError, WorkbenchError
from workbench.store import schema
from workbench.store.engine import now

pytestmark = pytest.mark.long

APPROVALS, CHANGESETS = schema.approvals, schema.changesets
Row = dict[str, Any]


@pytest.fixture(scope="module")
def made() -> Iterator[World]:
    """A world with a change set that is approved in part, and not pushed."""
    with running_world() as world:
        for act in (world.pull, world.match, world.diff, world.plan):
            act()
        world.approve(some=0b01111111)
        yield world


@pytest.fixture
def changes(made: World) -> Changes:
    found: Changes = made.bench.changes(made.planned[-1])
    return found


# --- the same inputs, the same bytes ------------------------------------------------------------------------

PLANNED = """
import sys, workbench
bench = workbench.open(sys.argv[1])
print(bench.plan(bench.diff()).changeset.content_hash)
"""


@pytest.mark.parametrize("seed", ["0", "1", "4242"])
def test_another_process_plans_the_same_bytes(made: World, changes: Changes, seed: str) -> None:
    """Python's sets and dictionaries lie in another order there."""
    command = [sys.executable, "-c", PLANNED, str(made.systems.profile.folder)]
    environment = os.environ | {"PYTHONHASHSEED": seed}
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=120)
    assert ran.stdout.split()[-1] == changes.changeset.content_hash


def test_what_is_planned_again_is_the_same_change_set(made: World, changes: Changes) -> None:
    again = made.bench.plan(made.bench.diff())
    assert again.id == changes.id
    assert again.marked == changes.marked != frozenset()


def test_a_change_set_comes_back_as_it_was_from_store_and_file(
    made: World, changes: Changes, tmp_path: Path
) -> None:
    path = changes.save(tmp_path / "set.jsonl")
    assert made.bench.changes(path).changeset == changes.changeset == read_changeset(path.read_text("utf-8"))
    assert made.bench.changes(changes.id).changeset == changes.changeset


# --- unchanged ----------------------------------------------------------------------------------------------


def one_more(row: Row, changes: Changes) -> Row:
    """The approval of all changes, its hash made to fit."""
    everything = sorted(change.id for change in changes.changeset.changes)
    return {"changes": everything, "changes_hash": hash_of(everything)}


def other_content(row: Row, changes: Changes) -> Row:
    return {"content": row["content"].replace("Only Books", "Only Crooks")}


def fitting_content(row: Row, changes: Changes) -> Row:
    forged = read_changeset(other_content(row, changes)["content"])
    return {"content": forged.content, "content_hash": forged.content_hash}


NEXT_YEAR, YESTERDAY = now() + timedelta(days=365), now() - timedelta(days=1)

#    why                                      table        becomes
FORGED: list[tuple[str, Table, Callable[[Row, Changes], Row]]] = [
    ("a change more",                         APPROVALS,   one_more),
    ("a change less",                         APPROVALS,   lambda row, _: {"changes": row["changes"][1:]}),
    ("another approver",                      APPROVALS,   lambda row, _: {"approver": "eva"}),
    ("a later expiry",                        APPROVALS,   lambda row, _: {"expires_at": NEXT_YEAR}),
    ("an earlier moment",                     APPROVALS,   lambda row, _: {"approved_at": YESTERDAY}),
    ("other limits",                          APPROVALS,   lambda row, _: {"limits": {"changes": "9999"}}),
    ("no limits",                             APPROVALS,   lambda row, _: {"limits": None}),
    ("no signature",                          APPROVALS,   lambda row, _: {"signature": None}),
    ("a signature of nothing",                APPROVALS,   lambda row, _: {"signature": "AAAA"}),
    ("a key that nobody knows",               APPROVALS,   lambda row, _: {"key": "f" * 32}),
    ("another content hash",                  APPROVALS,   lambda row, _: {"content_hash": "b" * 64}),
    ("another value",                         CHANGESETS,  other_content),
    ("another value, its hash made to fit",   CHANGESETS,  fitting_content),
    ("a space",                               CHANGESETS,  lambda row, _: {"content": row["content"] + " "}),
    ("no content",                            CHANGESETS,  lambda row, _: {"content": ""}),
]  # fmt: skip


@pytest.mark.parametrize(("why", "table", "becomes"), FORGED, ids=[row[0] for row in FORGED])
def test_a_row_that_was_changed_by_hand_is_refused_and_nothing_is_sent(
    made: World, changes: Changes, why: str, table: Table, becomes: Callable[[Row, Changes], Row]
) -> None:
    before = made.systems.look()
    with forged(made, table, changes, becomes), pytest.raises((ApprovalError, PlanError)) as refused:
        made.bench.push(made.bench.changes(changes.id), execute=True, wait=0)
    assert refused.value.fix
    assert_untouched(made, before)


@contextmanager
def forged(
    made: World, table: Table, changes: Changes, becomes: Callable[[Row, Changes], Row]
) -> Iterator[None]:
    """The row as somebody has made it, for the length of a block."""
    mine = (table.c.id if table is CHANGESETS else table.c.changeset) == changes.id
    store = made.bench.workspace.store
    (row,) = store.rows(select(table).where(mine))
    with store.write() as connection:
        connection.execute(update(table).where(mine).values(**becomes(row, changes)))
    try:
        yield
    finally:
        with store.write() as connection:
            connection.execute(update(table).where(mine).values(**row))


def assert_untouched(made: World, before: Look) -> None:
    made.systems.call()
    assert made.systems.look() == before
    assert not made.bench.status().pushes


def test_content_that_was_changed_by_hand_is_told_when_it_is_read(made: World, changes: Changes) -> None:
    with forged(made, CHANGESETS, changes, other_content), pytest.raises(PlanError, match="was changed"):
        made.bench.changes(changes.id)


def test_a_mark_on_what_is_not_there_is_refused_in_a_sentence(changes: Changes) -> None:
    with pytest.raises(WorkbenchError, match="ch-none"):
        changes.mark(["ch-none"], by="maria")


# --- once, and only what was approved -----------------------------------------------------------------------


def test_only_what_is_approved_is_pushed_and_that_once() -> None:
    with running_world() as world:
        for act in (world.pull, world.match, world.diff, world.plan):
            act()
        world.approve(some=0b01111111)
        changes = world.bench.changes(world.planned[-1])
        approved = set(changes.approval.changes)
        assert approved < {change.id for change in changes.writable}, "some are left out"
        world.push()
        world._finish_pushes()
        rows = world.bench.result(changes.id).rows
        assert {row.change for row in rows} == approved
        assert {row.state for row in rows} == {"applied"}
        after = world.systems.look()
        with pytest.raises(ApprovalError, match="pushed once"):
            world.bench.push(changes, execute=True, wait=0)
        with pytest.raises(ApprovalError, match="pushed once"):
            changes.approve(where="all", by="maria")
        assert_untouched(world, after)
        assert world.reference.trouble == []
