"""The command that proves the money of a change set: before, as predicted, and as it was read back."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING

from rich.text import Text

from workbench.console import Output

if TYPE_CHECKING:
    from workbench.bench import Bench
    from workbench.bench.proof import MoneyProof

Add = Callable[..., argparse.ArgumentParser]

AGREES, DIFFERS, NOT_FINISHED = 0, 2, 3

WIDTH = 120
"""Widest line of a report: longer ones are hard to read."""


def add_commands(add: Add) -> None:
    """Add the command to the parser."""
    command = add("proof", proof, "prove the money of a change set (the newest): predicted against read back")
    command.add_argument("id", nargs="?")


def proof(arguments: argparse.Namespace, output: Output) -> int:
    """Prove; exit code 2 when a cent deviates or is unexplained, 3 while a push or a pull is waited for."""
    found = _bench(arguments, output).proof(arguments.id)
    output.answer(found.data, _shown(found, min(output.out.width, WIDTH)))
    if not found.finished:
        return NOT_FINISHED
    return AGREES if found.agrees else DIFFERS


def _shown(found: MoneyProof, width: int) -> Text:
    """The report, its headline marked; names are no colours."""
    mark = ("✓ ", "bold green") if found.agrees else ("! ", "bold yellow")
    head, _, rest = found.text(width).partition("\nchange set ")
    return Text.assemble(mark, (head.replace("\n", "\n  "), "bold"), f"\nchange set {rest}")


def _bench(arguments: argparse.Namespace, output: Output) -> Bench:
    from workbench.bench import open as open_bench

    return open_bench(arguments.profile, output.say)
