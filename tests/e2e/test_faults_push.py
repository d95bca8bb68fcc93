"""A seeded share of `python -m tests.faults push`: the command of a push, killed at its writes, and resumed.

What the campaign counts is held too: an accountant that cannot find a mistake would prove nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from sqlalchemy import delete, update

from tests.faults import push
from tests.faults.tally import Tally
from workbench.push.quickbooks import request_id
from workbench.store import schema

pytestmark = pytest.mark.long


def test_a_push_that_is_killed_ends_as_one_that_nobody_has_disturbed() -> None:
    tally = push.run(4, 2, writes=24)
    assert tally.clean, tally.notes
    assert tally.injected == 4
    assert tally.applied_once == tally.writes > 0
    assert min(tally.more["writes_of_a_push"].values()) > 10


# --- the accountant finds what is wrong ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def world() -> Iterator[Any]:
    """A push to QuickBooks that was killed once, at its end, and the end of it."""
    with push._world("quickbooks", 24) as made:
        assert made.struck("after", 1, Random(1), 1) == 1
        yield made


def judged(world: Any, end: push.End | None = None) -> Tally:
    tally = Tally()
    world.judge(tally, world.end() if end is None else end)
    return tally


def kinds(tally: Tally) -> dict[str, int]:
    found = {name: getattr(tally, name) for name in ("lost", "doubled", "unapproved", "unknown")}
    return {name: count for name, count in found.items() if count}


def test_without_a_mistake_all_is_applied_once(world: Any) -> None:
    tally = judged(world)
    assert (tally.applied_once, kinds(tally)) == (24, {}), tally.notes


def test_a_change_that_was_carried_out_twice_or_never_is_found(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [request_id(world.changeset.id, each.id) for each in world.changeset.changes]
    twice = world.company.done + Counter({names[0]: 1})
    monkeypatch.setattr(world.company, "done", twice)
    assert kinds(judged(world)) == {"doubled": 1}
    never = Counter({name: count for name, count in twice.items() if name != names[0]})
    monkeypatch.setattr(world.company, "done", never)
    assert kinds(judged(world)) == {"lost": 1}
    monkeypatch.setattr(world.company, "done", world.company.done + Counter({names[0]: 1, "stranger": 1}))
    assert kinds(judged(world)) == {"unapproved": 1}


def test_another_end_is_found(world: Any) -> None:
    end = world.end()
    store = world.office.workspace.store
    assert all(end[part] for part in end), "every part has something to compare"
    with store.write() as connection:
        pair = connection.execute(schema.crosswalk.select().limit(1)).mappings().one()
        connection.execute(delete(schema.crosswalk).where(schema.crosswalk.c.pair == pair["pair"]))
    tally = judged(world, end)
    assert kinds(tally) == {"lost": 1}
    assert "the crosswalk in the end: missing" in tally.notes[0]
    with store.write() as connection:
        connection.execute(schema.crosswalk.insert().values(**pair))
        connection.execute(update(schema.pushes).values(stage="stopped", reason="why"))
    assert "the stage in the end" in judged(world, end).notes[0]


def test_what_is_told_otherwise_than_it_is_is_found(world: Any) -> None:
    change = world.changeset.changes[0]
    row = next(
        each for each in push.ledger.outcomes(world.office.workspace.store) if each.change == change.id
    )
    #  told, carried out, what it is
    cases = [
        ("applied", 0, {"lost": 1}),
        ("failed", 1, {"lost": 1}),
        ("skipped", 0, {"lost": 1}),
        ("unknown", 1, {"unknown": 1}),
        ("applied", 2, {"doubled": 1}),
        ("applied", 1, {}),
    ]
    for state, times, wanted in cases:
        tally = Tally()
        push._judge_one(tally, change, replace(row, state=state), times)
        assert kinds(tally) == wanted, (state, times)
