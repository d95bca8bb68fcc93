"""A process of the workbench that can die between any two of its acts.

It is this Python with a bench of its own.  From its death on no transaction is committed and no request
leaves, whatever its `finally` blocks try; then a new bench is opened on the same profile, as a new process
would.  Real kills of a real process are in `model_child`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from workbench.bench import Bench
from workbench.bench import open as open_bench


class Killed(BaseException):
    """The process ends here; nobody in it may catch this."""


@dataclass
class Death:
    """When a process dies: at its act number `at`, acts being the moments before and after each commit and
    each request; 0 never.

    Attributes:
        end: How it dies, for one that really does.
    """

    at: int = 0
    acts: int = 0
    dead: bool = False
    thread: int = field(default_factory=threading.get_ident)
    end: Callable[[], object] = lambda: None

    def act(self) -> None:
        """One act is due.

        Raises:
            Killed: This was the last one.
        """
        if threading.get_ident() != self.thread or not self.at:
            return
        self.acts += 1
        if self.dead or self.acts >= self.at:
            self.dead = True
            self.end()
            raise Killed(f"at act {self.acts}")


class Process:
    """A bench on a profile, mortal.

    Attributes:
        bench: What its user calls.
    """

    def __init__(self, folder: Path) -> None:
        self.bench: Bench = open_bench(folder, lambda _: None)
        self.death = Death()
        mortal_engine(self.bench.workspace.store.engine, self.death)

    @contextmanager
    def dying(self, at: int) -> Iterator[Death]:
        """Die at the act of that number within the block; 0 lives."""
        self.death.at, self.death.acts = at, 0
        try:
            with mortal_requests(self.death):
                yield self.death
        finally:
            self.death.at = 0

    def close(self) -> None:
        self.death.at, self.death.dead = 0, False
        self.bench.workspace.close()


def mortal_engine(engine: Any, death: Death) -> None:
    """Let commits of an engine be acts."""
    commit = engine.dialect.do_commit

    def do_commit(connection: Any) -> None:
        death.act()
        commit(connection)
        death.act()

    engine.dialect.do_commit = do_commit


@contextmanager
def mortal_requests(death: Death) -> Iterator[None]:
    """Let requests of this Python be acts while the block runs."""
    send = requests.adapters.HTTPAdapter.send

    def sent(*arguments: Any, **keywords: Any) -> requests.Response:
        death.act()
        answer = send(*arguments, **keywords)
        death.act()
        return answer

    requests.adapters.HTTPAdapter.send = sent  # type: ignore[method-assign]
    try:
        yield
    finally:
        requests.adapters.HTTPAdapter.send = send  # type: ignore[method-assign]
