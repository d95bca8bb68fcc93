"""Command `settle`: a person says what became of a change whose answer was lost."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from rich.text import Text

from workbench.console import Output


def add_commands(add: Callable[..., argparse.ArgumentParser]) -> None:
    """Add the command to the parser."""
    command = add("settle", settle, "say what became of a change whose outcome is unknown (see status)")
    command.add_argument("id", help="the change set")
    command.add_argument("change", help="the change, as `workbench status` names it")
    command.add_argument("outcome", choices=["applied", "failed"], help="what the system itself shows")
    command.add_argument("--reason", required=True, help="where it was looked up, and what stands there")
    command.add_argument("--by", help="who says so (the user of this machine)")


def settle(arguments: argparse.Namespace, output: Output) -> int:
    """Settle one change."""
    from workbench.bench import open as open_bench  # brings in pandas

    bench = open_bench(arguments.profile, output.say)
    bench.settle(arguments.id, arguments.change, arguments.outcome, reason=arguments.reason, by=arguments.by)
    told = {"id": arguments.id, "change": arguments.change, "outcome": arguments.outcome}
    output.answer(told, Text(f"{arguments.change} of {arguments.id} is settled as {arguments.outcome}"))
    return 0
