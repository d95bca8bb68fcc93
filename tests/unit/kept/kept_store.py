"""What several processes do to one store at the same time."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import TypeVar

T = TypeVar("T")
ROOT = Path(__file__).resolve().parents[3]


def at_once(count: int, act: Callable[[int], T]) -> list[T]:
    """Do the same in several threads that begin at the same moment; an error is an answer."""
    gate = Barrier(count)

    def run(number: int) -> T:
        gate.wait(timeout=20)
        try:
            return act(number)
        except Exception as error:
            return error  # type: ignore[return-value]

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def in_processes(count: int, code: str, *arguments: str) -> list[str]:
    """Run code in several processes that begin together; answers the last line that each printed.

    The code reads its arguments from `sys.argv[1:]`, calls `ready()` when it has opened all it needs, and
    prints its answer.
    """
    prelude = "import sys\ndef ready():\n    print('ready', flush=True); sys.stdin.readline()\n"
    started = [
        subprocess.Popen(
            [sys.executable, "-c", prelude + code, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        for _ in range(count)
    ]
    try:
        for process in started:
            assert process.stdout is not None
            assert process.stdout.readline().strip() == "ready"
        for process in started:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        answers = [process.communicate(timeout=60)[0] for process in started]
    finally:
        for process in started:
            if process.poll() is None:
                process.kill()
                process.wait()
    return [answer.strip().splitlines()[-1] for answer in answers]
