"""The commands and their arguments."""

from __future__ import annotations

import argparse
import errno
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

from qbwc.errors import QbwcError
from workbench import __version__
from workbench.cli import (
    approvers,
    changesets,
    check,
    connector,
    cycle,
    mappings,
    master,
    notebooks,
    proof,
    quickstart,
    schema,
    settle,
    setup,
    sql,
    undo,
)
from workbench.console import Output, quiet_logging
from workbench.errors import Problem, Problems, UsageProblem, WorkbenchError

Command = Callable[[argparse.Namespace, Output], int]

_STOPPED = {
    "demo": "stopped, and everything that the demo had started has ended; start it again in a new folder",
    "": "stopped; what was done stays done, and the same command goes on from there",
}
"""What Ctrl-C leaves, by command."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        raise UsageProblem(f"{self.prog}: {message}")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and answer its exit code."""
    given = list(sys.argv[1:] if argv is None else argv)
    if given[:1] == ["testorg"]:  # it stands alone, and brings its own arguments
        from workbench.testorg.__main__ import main as testorg

        return testorg(given[1:])
    quiet_logging()
    output = Output(json="--json" in given)
    command = ""
    try:
        arguments = parser().parse_args(given)
        command = arguments.command
        return int(arguments.run(arguments, output))
    except WorkbenchError as error:
        return _ended(error, output)
    except QbwcError as error:
        return _ended(WorkbenchError(error.what, where=error.where, fix=error.fix), output)
    except OSError as error:
        return _ended(_refused_by_system(error), output)
    except KeyboardInterrupt:
        output.error(_STOPPED.get(command, _STOPPED[""]))
        output.answer({"error": "stopped"})
        return 1


def _ended(error: WorkbenchError, output: Output) -> int:
    output.error(str(error))
    listed = [_as_data(each) for each in error.problems] if isinstance(error, Problems) else None
    output.answer(_as_data(error.problem()) | ({} if listed is None else {"problems": listed}))
    return error.exit_code


def _as_data(problem: Problem) -> dict[str, Any]:
    return {
        "error": problem.what,
        "where": problem.where,
        "values": dict(problem.values),
        "fix": problem.fix,
    }


def _refused_by_system(error: OSError) -> WorkbenchError:
    """A folder that cannot be made or written, a disk that is full: in a sentence, not a traceback."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        fix = "Free some disk space and run the command again."
    else:
        fix = "Check that the place exists, is of the right kind, and may be written by you."
    named = error.filename2 or error.filename  # of a copy, the file that was to be made
    where = None if named is None else str(named)
    return WorkbenchError(f"the system refused this: {error.strerror or error}", where=where, fix=fix)


def parser() -> argparse.ArgumentParser:
    """Answer the parser of the whole command line."""
    made = _Parser(prog="workbench", description="Reconcile a Salesforce org with a QuickBooks company file.")
    made.add_argument("--version", action="version", version=f"workbench {__version__}")
    commands = made.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=_Parser)

    def add(name: str, run: Command, help_: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=help_, description=help_)
        command.add_argument("--json", action="store_true", help="one JSON object on the last line")
        command.set_defaults(run=run)
        return command

    def add_in_profile(name: str, run: Command, help_: str) -> argparse.ArgumentParser:
        command = add(name, run, help_)
        command.add_argument(
            "--profile", type=Path, default=Path(), metavar="DIR", help="profile folder (here)"
        )
        return command

    setup.add_commands(add)
    quickstart.add_commands(add_in_profile)
    check.add_commands(add_in_profile)
    connector.add_commands(add_in_profile)
    cycle.add_commands(add_in_profile)
    changesets.add_commands(add_in_profile)
    undo.add_commands(add_in_profile)
    settle.add_commands(add_in_profile)
    sql.add_commands(add_in_profile)
    approvers.add_commands(add_in_profile)
    mappings.add_commands(add_in_profile)
    master.add_commands(add_in_profile)
    schema.add_commands(add_in_profile)
    proof.add_commands(add_in_profile)
    notebooks.add_commands(add_in_profile)
    commands.add_parser("testorg", help="a pretend Salesforce org on this machine", add_help=False)
    return made
