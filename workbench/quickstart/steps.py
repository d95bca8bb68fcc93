"""What a step of the Quick Start is, and what it needs to know of a profile."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from rich.table import Table
from rich.text import Text

from workbench.asking import Asker, Question
from workbench.errors import UsageProblem
from workbench.ledger import events, record
from workbench.profile import Profile, misplaced, read_profile
from workbench.workspace import Workspace, workspace

EVENT = "quick start"
"""How the ledger calls it that somebody has settled a step whose defaults would do, too."""


class State(StrEnum):
    """How far a step is."""

    DONE = "done"
    OPEN = "open"
    TROUBLE = "trouble"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How far a step is, derived from what is there.

    Attributes:
        told: That in a sentence.
        next: What is to be done, for a step that is not done.
    """

    state: State
    told: str
    next: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The profile that is set up.

    Attributes:
        folder: As the person has named it; commands are told with it.
        by: Who does it.
    """

    folder: Path
    by: str

    def profile(self) -> Profile:
        """The profile as its file says now."""
        return read_profile(self.folder)

    @contextmanager
    def opened(self) -> Iterator[Workspace]:
        """The profile with its store, as it is now."""
        with workspace(self.folder) as opened:
            yield opened

    def settle(self, step: str) -> None:
        """Write into the ledger that a step is settled."""
        with self.opened() as opened:
            record(opened.store, who=self.by, event=EVENT, subject=step, detail={})

    def settled(self, step: str) -> str:
        """Answer when a step was settled last, in words; '' if never."""
        with self.opened() as opened:
            rows = [row for row in events(opened.store, 1_000, EVENT) if row["subject"] == step]
        return f"{rows[0]['at']:%Y-%m-%d %H:%M} UTC by {rows[0]['who']}" if rows else ""

    def command(self, words: str) -> str:
        """A command for this profile, as it is typed."""
        shown = str(self.folder)
        quoted = f'"{shown}"' if " " in shown else shown
        return f"workbench {words} --profile {quoted}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step.

    Attributes:
        does: What it is for, in a sentence.
        keys, secrets: What its questions are called, those whose answers are shown and those that are not.
        standing: How far it is; changes nothing.
        questions: Those it may ask, secrets left out, so that answers can be looked at before the walk.
        walk: Asks, sets, and proves at once what was set.  Raises `Later` where the person leaves.
    """

    name: str
    title: str
    does: str
    standing: Callable[[Context], Standing]
    walk: Callable[[Context, Asker], None]
    questions: Callable[[Context], Iterable[Question]] = lambda _: ()
    keys: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()


def without_user(address: str, *place: str) -> str:
    """Answer '' for an address without a user's name and password.

    Raises:
        UsageProblem: It has one; it is not shown.
    """
    if misplaced.is_named(address):
        problem = misplaced.named(place)
        raise UsageProblem(problem.what, fix=problem.fix)
    return ""


def explained(words: Mapping[str, str]) -> Table:
    """Words that may be answered, each with what it means."""
    grid = Table.grid(padding=(0, 2))
    for word, means in words.items():
        grid.add_row(Text(f"  {word}"), Text(means))
    return grid


def done(told: str) -> Standing:
    """A step that is done."""
    return Standing(state=State.DONE, told=told)


def to_do(told: str, next_: str = "") -> Standing:
    """A step that was not done yet."""
    return Standing(state=State.OPEN, told=told, next=next_)


def trouble(told: str, next_: str = "") -> Standing:
    """A step that was done and does not hold."""
    return Standing(state=State.TROUBLE, told=told, next=next_)
