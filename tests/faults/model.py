"""Random lives of a reconciliation, mishaps included, against a simple reference: see `model_machine`.

A life is a new world and some acts; at its end everything must come to rest.  The seed decides all of them.
What is found ends its life, and is told with the acts that led there; then the next life begins.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from tests.faults.model_machine import EDITS, Reconciliation, Wrong
from tests.faults.model_world import World
from tests.faults.tally import Tally

ACTS = 16
"""Acts of a life; one act may be a whole day."""

KINDS = {"unapproved": "unapproved", "overwritten": "unapproved", "doubled": "doubled"}
"""Where a finding of the reference is counted; all others are lost."""

Act = tuple[str, tuple[Any, ...]]
"""A rule of the machine and what it is called with."""


def run(count: int, seed: int, *, acts: int = ACTS, most: int | None = None) -> Tally:
    """Strike `count` mishaps at random lives, of which there are `most`."""
    tally = Tally(more={"by_kind": {}, "lives": 0, "steps": 0})
    while tally.injected < count and (most is None or tally.more["lives"] < most):
        tally.more["lives"] += 1
        number = 1_000 * seed + tally.more["lives"]
        wrong = live(random_acts(Random(number), acts), lambda world: _count(tally, world))
        if wrong is not None:
            kind = KINDS.get(str(wrong).partition(":")[0], "lost")
            tally.found("crashes" if wrong.__cause__ else kind, f"life {number}: {wrong}")
    return tally


def live(acts: Sequence[Act], watch: Callable[[World], object] = lambda _: None) -> Wrong | None:
    """Do these acts in a new world until it is at rest; answers what is wrong, if anything."""
    machine = Reconciliation()
    try:
        for name, arguments in acts:
            if machine.may(name):
                getattr(machine, name)(*arguments)
                machine.look()
        machine.rest()
    except Wrong as wrong:
        return wrong
    finally:
        watch(machine.world)
        machine.stack.close()
    return None


def reduced(acts: Sequence[Act]) -> list[Act]:
    """Leave acts out as long as something stays wrong: for whoever looks into a finding."""
    kept, size = list(acts), max(1, len(acts) // 2)
    while size:
        place = 0
        while place < len(kept):
            fewer = kept[:place] + kept[place + size :]
            if live(fewer) is not None:
                kept = fewer
            else:
                place += size
        size //= 2
    return kept


# --- acts ---------------------------------------------------------------------------------------------------


def random_acts(random: Random, count: int) -> list[Act]:
    """The acts of a life."""
    makers = [maker for maker, weight in _MAKERS for _ in range(weight)]
    begin: Act = ("begin", (random.random() < 0.7,))
    return [begin, *(random.choice(makers)(random) for _ in range(count))]


def _small(random: Random) -> int:
    return random.randrange(48)


def _edits(random: Random) -> list[tuple[Any, int, int, int]]:
    count = random.randint(1, 5)
    return [(random.choice(EDITS), *(_small(random) for _ in range(3))) for _ in range(count)]


def _mishap(random: Random) -> tuple[int, int, int]:
    """A fault in a system or none, its place, and the act at which the process dies or 0."""
    fault = random.randint(1, 60) if random.random() < 0.5 else 0
    death = random.randint(1, random.choice((4, 12, 40))) if random.random() < 0.4 else 0
    return fault, _small(random), death


def _some(random: Random) -> int:
    return random.randint(1, 255) if random.random() < 0.3 else 0


def _a_day(random: Random) -> Act:
    called = random.random() < 0.8
    then = [(called ^ bool(turn % 2), _mishap(random)) for turn in range(random.randint(0, 8))]
    return "a_day", (_edits(random), _some(random), _mishap(random), then)


_MAKERS: list[tuple[Callable[[Random], Act], int]] = [
    (_a_day, 5),
    (lambda random: ("edit", (_edits(random),)), 3),
    (lambda random: ("make", (random.randrange(5), _small(random), _small(random))), 3),
    (lambda random: ("delete", (random.random() < 0.5, _small(random), _small(random))), 1),
    (lambda random: ("time_passes", (random.choice((1, 10, 60)),)), 1),
    (lambda random: ("pull", _mishap(random)), 1),
    (lambda random: ("match", (random.random() < 0.7,)), 1),
    (lambda random: ("diff", ()), 1),
    (lambda random: ("compare", ()), 1),
    (lambda random: ("decide", (_small(random), _small(random), random.random() < 0.5)), 2),
    (lambda random: ("plan", (random.choice((0, 0, 0, 1, 2)),)), 1),
    (lambda random: ("approve", (random.choice((0, 0, 1)), _some(random))), 1),
    (lambda random: ("push", (random.choice((0, 0, 1)), *_mishap(random))), 1),
    (lambda random: ("approve_and_push", _mishap(random)), 1),
    (lambda random: ("undo", (random.choice((0, 0, 1, 2)), _mishap(random))), 2),
    (lambda random: ("there_and_back", ()), 1),
    (lambda random: ("look_back", (_small(random),)), 1),
    (lambda random: ("resume", _mishap(random)), 2),
    (lambda random: ("killed_elsewhere", (random.randint(1, 20),)), 1),
    (lambda random: ("web_connector", _mishap(random)[:2]), 2),
]
"""How an act is made at random, and how often it comes."""


def _count(tally: Tally, world: World) -> None:
    tally.more["steps"] += len(world.steps)
    tally.injected += sum(world.injected.values())
    for kind, times in world.injected.items():
        tally.more["by_kind"][kind] = tally.more["by_kind"].get(kind, 0) + times
    tally.writes += len(world.told)
    tally.applied_once += sum(state == "applied" for state in world.told.values())
    tally.unknown += sum(state == "unknown" for state in world.told.values())
    tally.cancelled += sum(state in ("skipped", "stale", "failed") for state in world.told.values())
