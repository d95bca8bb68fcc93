"""Commands for the schema plan: plan, approve, apply, package."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.text import Text

from workbench.console import Output, records, table
from workbench.errors import Problem

if TYPE_CHECKING:
    from workbench.bench import Bench
    from workbench.bench.pushing import DryRun
    from workbench.bench.schema import Applied

Add = Callable[..., argparse.ArgumentParser]

WIDTH = 100
"""Widest line of a plan: longer ones are hard to read."""

CLEAN, FAILED, TO_DO, NOT_FINISHED = 0, 1, 2, 3


def add_commands(add_in_profile: Add) -> None:
    """Add `workbench schema` and what stands behind it."""
    group = add_in_profile(
        "schema", plan, "fields and accounts that mappings want and a system has not: plan, approve, make"
    )
    actions = group.add_subparsers(dest="action", required=True, metavar="ACTION", parser_class=type(group))

    def add(name: str, run: Callable[[argparse.Namespace, Output], int], help_: str) -> Any:
        command = actions.add_parser(name, help=help_, description=help_)
        # Before the action or behind it: an action must not put the default over what was given before.
        command.add_argument("--json", action="store_true", default=argparse.SUPPRESS)
        command.add_argument("--profile", type=Path, default=argparse.SUPPRESS, metavar="DIR")
        command.set_defaults(run=run)
        return command

    command = add("plan", plan, "show what is wanted and not there, and why; exit code 2 if anything")
    command.add_argument("--all", action="store_true", help="every use, with its states, file and line")
    command = add("approve", approve, "approve the plan as it was shown last")
    command.add_argument("--by", required=True, metavar="NAME", help="who approves")
    command.add_argument("--only", nargs="+", default=(), metavar="ITEM", help="these only, by id or name")
    command = add("apply", apply, "have QuickBooks make what is approved; without --execute a dry run")
    command.add_argument("--execute", action="store_true", help="really make it")
    command.add_argument("--wait", type=float, metavar="MIN", help="minutes to wait for QuickBooks")
    command.add_argument("--by", help="who has it made (the user of this machine)")
    command = add("package", package, "write what is approved for the Salesforce administrator")
    command.add_argument(
        "-o", "--output", type=Path, required=True, metavar="DIR", help="a new folder, or a .zip file"
    )


def plan(arguments: argparse.Namespace, output: Output) -> int:
    """Show the plan; only what was shown can be approved."""
    schema = _bench(arguments, output).schema_plan()
    data = {
        "id": schema.id,
        "items": records(schema.table),
        "problems": [_as_data(each) for each in schema.problems],
    }
    # As text: names hold brackets, which the console would take for colours.
    output.answer(data, Text(schema.blocks(min(output.out.width, WIDTH), arguments.all)))
    _tell(schema.problems, output)
    return TO_DO if schema.plan.items or schema.problems else CLEAN


def approve(arguments: argparse.Namespace, output: Output) -> int:
    """Approve what was shown last, if nothing has changed since."""
    bench = _bench(arguments, output)
    approval = bench.schema_plan(shown=False).approve(by=arguments.by, only=arguments.only)
    until = f"{approval.expires_at:%Y-%m-%d %H:%M} UTC"
    data = {"id": approval.changeset, "approval": approval.id, "approved": list(approval.changes)}
    shown = (
        f"{approval.approver} approved {len(approval.changes)} items of {approval.changeset}, until {until}"
    )
    output.answer(data, shown)
    return CLEAN


def apply(arguments: argparse.Namespace, output: Output) -> int:
    """Have QuickBooks make it, or show the requests; exit code 3 while an answer is waited for."""
    schema = _bench(arguments, output).schema_plan(shown=False)
    if not arguments.execute:
        return _dry_run(schema.preview(), output)
    result = schema.execute(wait=arguments.wait, by=arguments.by)
    output.answer(
        {"id": result.plan, "applied": dict(result.counts), "items": records(result.table)}, _told(result)
    )
    if not result.finished:
        return NOT_FINISHED
    return FAILED if result.counts.get("failed") else CLEAN


def package(arguments: argparse.Namespace, output: Output) -> int:
    """Write the metadata package."""
    schema = _bench(arguments, output).schema_plan(shown=False)
    files = schema.package(arguments.output)
    shown = f"{arguments.output}: {len(files)} files; README.md tells the administrator what to do"
    output.answer({"written": str(arguments.output), "files": files}, shown)
    return CLEAN


def _told(result: Applied) -> Any:
    return (
        table(result.table, result.summary()) if len(result.table) else "nothing is to be made in QuickBooks"
    )


def _tell(problems: Sequence[Problem], output: Output) -> None:
    for problem in problems if not output.json else ():
        output.out.print(f"\n{problem}", markup=False)


def _as_data(problem: Problem) -> dict[str, Any]:
    values = {name: str(value) for name, value in problem.values.items()}
    return {"what": problem.what, "where": problem.where, "values": values, "fix": problem.fix}


def _dry_run(result: DryRun, output: Output) -> int:
    output.answer({"id": result.changeset, "requests": records(result.table)}, result.summary())
    for request in result.requests if not output.json else ():
        output.out.print(f"\n{request.side}: {request.action} {request.object} {request.label}", markup=False)
        output.out.print(request.text, markup=False)
    return CLEAN


def _bench(arguments: argparse.Namespace, output: Output) -> Bench:
    from workbench.bench import open as open_bench

    return open_bench(arguments.profile, output.say)
