"""How a step of the workbench tells what it is doing: one line at a time."""

from __future__ import annotations

import sys
from collections.abc import Callable

Say = Callable[[str], None]
"""Told one line of progress at a time."""


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
