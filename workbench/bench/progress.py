"""How a step of the workbench tells what it is doing: one line at a time."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Protocol

Say = Callable[[str], None]
"""Told one line of progress at a time."""

SECONDS = 1.0
"""Between two lines of progress at least."""

STEADY_SECONDS = 2.0
"""How long a pace is measured before anything is foretold by it."""


class Tell(Protocol):
    """Told a line; the last one is said in any case."""

    def __call__(self, line: str, *, last: bool = False) -> None: ...


def say_line(line: str) -> None:
    """Say a line on standard output, as a notebook shows it."""
    sys.stdout.write(line + "\n")


def once(say: Say) -> Say:
    """Say each line once, however often it comes."""
    said: set[str] = set()

    def tell(line: str) -> None:
        if line not in said:
            said.add(line)
            say(line)

    return tell


def at_most_every(say: Say, seconds: float = SECONDS, clock: Callable[[], float] = time.monotonic) -> Tell:
    """Say a line when it is another one, and not more often than that."""
    said: list[tuple[str, float]] = []

    def tell(line: str, *, last: bool = False) -> None:
        if said and (said[-1][0] == line or (not last and clock() - said[-1][1] < seconds)):
            return
        said[:] = [(line, clock())]
        say(line)

    return tell


class Pace:
    """How fast something goes, from when it was first looked at."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._first: tuple[int, float] | None = None

    def left(self, done: int, total: int) -> str:
        """Answer `, about 40 s left`; '' while nothing can be said of it."""
        now = self._clock()
        if self._first is None:
            self._first = (done, now)
        before, since = self._first
        if done <= before or now - since < STEADY_SECONDS or done >= total:
            return ""
        seconds = (total - done) * (now - since) / (done - before)
        return f", about {_span(seconds)} left"


def _span(seconds: float) -> str:
    """A time as a person says it: 40 s, 5 min, 2 h."""
    for unit, name in ((3600, "h"), (60, "min")):
        if seconds >= 2 * unit:
            return f"{round(seconds / unit)} {name}"
    return f"{max(1, round(seconds))} s"
