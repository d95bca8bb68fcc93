"""Progress of a push: counts, time left, a line a second at most."""

from __future__ import annotations

import pytest

from workbench.bench.progress import Pace, at_most_every


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_another_line_is_said_a_second_later_at_the_earliest() -> None:
    clock, said = Clock(), list[str]()
    tell = at_most_every(said.append, 1.0, clock)
    for now, line in [(0, "a"), (0.2, "b"), (0.99, "c"), (1.0, "d"), (1.1, "e"), (3.0, "d"), (9.0, "d")]:
        clock.now = now
        tell(line)
    assert said == ["a", "d"]


def test_the_last_line_is_said_in_any_case_and_once() -> None:
    clock, said = Clock(), list[str]()
    tell = at_most_every(said.append, 1.0, clock)
    tell("a")
    tell("b", last=True)
    tell("b", last=True)
    assert said == ["a", "b"]


#  seconds, done of 1000, what is said
LEFT = [
    (0.0, 400, ""),
    (1.0, 500, ""),  # too early to tell
    (2.0, 400, ""),  # nothing has moved
    (2.0, 500, ", about 10 s left"),
    (10.0, 410, ", about 10 min left"),
    (60.0, 412, ", about 49 min left"),
    (3600.0, 500, ", about 5 h left"),
    (10.0, 999, ", about 1 s left"),
    (10.0, 1000, ""),
]


@pytest.mark.parametrize(("seconds", "done", "says"), LEFT)
def test_what_is_left_is_told_by_the_pace_so_far(seconds: float, done: int, says: str) -> None:
    clock = Clock()
    pace = Pace(clock)
    assert pace.left(400, 1000) == ""
    clock.now = seconds
    assert pace.left(done, 1000) == says
