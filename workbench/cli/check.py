"""The command `check`: Validate Process."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from workbench.console import Output, records, table

Add = Callable[..., argparse.ArgumentParser]


def add_commands(add_in_profile: Add) -> None:
    """Add the command to the parser."""
    add_in_profile("check", check, "Validate Process: every setting, mapping and state")


def check(arguments: argparse.Namespace, output: Output) -> int:
    """Run Validate Process; exit code 1 when something is invalid."""
    from workbench.validate import validate
    from workbench.workspace import workspace

    with workspace(arguments.profile) as opened:
        report = validate(opened)
    words = {True: "✓", False: "✗", None: "…"}
    frame = report.table
    shown = frame.assign(valid=[words[check.valid] for check in report.checks])
    output.answer({"valid": report.valid, "checks": records(frame)}, table(shown, rows=500))
    return 0 if report.valid else 1
