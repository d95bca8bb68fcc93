"""The command `check`: Validate Process."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from workbench.console import Output
from workbench.errors import UsageProblem

Add = Callable[..., argparse.ArgumentParser]


def add_commands(add_in_profile: Add) -> None:
    """Add the command to the parser."""
    command = add_in_profile(
        "check", check, "Validate Process: every setting, mapping, field and state, and today's data"
    )
    command.add_argument(
        "--offline",
        action="store_true",
        help="ask neither the org nor the server: mappings are held against the last pull",
    )
    command.add_argument("--all", action="store_true", help="list also what is valid, line by line")
    command.add_argument("--html", type=Path, metavar="FILE", help="write the report as a page of its own")
    command.add_argument(
        "--examples", type=int, default=5, metavar="N", help="records of today's data that are named (5)"
    )


def check(arguments: argparse.Namespace, output: Output) -> int:
    """Run Validate Process; exit code 1 with any error, 0 with warnings only."""
    from workbench.validate import validate_folder

    if arguments.examples < 0:
        raise UsageProblem(f"--examples is {arguments.examples}", fix="Give a number from 0 up.")
    report = validate_folder(arguments.profile, offline=arguments.offline, examples=arguments.examples)
    if arguments.html:
        arguments.html.write_text(report.html(), encoding="utf-8")
        output.say(f"wrote {arguments.html}")
    output.answer(report.data, report.text(everything=arguments.all))
    return 0 if report.valid else 1
