"""Commands about notebooks: run one headless, copy them to a folder of one's own."""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Callable
from pathlib import Path

from workbench import resources
from workbench.console import Output
from workbench.errors import UsageProblem
from workbench.profile import read_profile

Add = Callable[..., argparse.ArgumentParser]


def add_commands(add: Add) -> None:
    """Add the commands to the parser."""
    command = add("run", run, "run a notebook headless with papermill; leaves a run folder with a report")
    command.add_argument("notebook", metavar="NOTEBOOK", help="a file, or the name of one that comes along")
    command.add_argument(
        "-p",
        "--parameter",
        nargs=2,
        action="append",
        default=[],
        metavar=("NAME", "VALUE"),
        dest="parameters",
    )
    command = add("notebooks", copy, "copy the notebooks to a folder of your own")
    command.add_argument("dir", type=Path, metavar="DIR")


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Run a notebook; answers the exit code that it reports."""
    from workbench.scheduled import run_notebook

    profile = read_profile(arguments.profile)
    parameters = {"profile": str(profile.folder)} | dict(arguments.parameters)
    result = run_notebook(
        _notebook(arguments.notebook), parameters=parameters, runs=profile.runs, progress=output.say
    )
    data = {"folder": str(result.folder), "exit_code": result.exit_code, **result.result}
    output.answer(data, f"exit code {result.exit_code}; report: {result.folder / 'report.html'}")
    return result.exit_code


def copy(arguments: argparse.Namespace, output: Output) -> int:
    """Copy the notebooks; a file that is there already stays as it is."""
    arguments.dir.mkdir(parents=True, exist_ok=True)
    copied = []
    for path in sorted(resources.notebooks().glob("*.ipynb")):
        target = arguments.dir / path.name
        if not target.exists():
            shutil.copyfile(path, target)
            copied.append(target.name)
    output.answer({"copied": copied}, f"copied {', '.join(copied) or 'nothing: all are there'}")
    return 0


def _notebook(name: str) -> Path:
    given = Path(name)
    packed = resources.notebooks() / (name if name.endswith(".ipynb") else f"{name}.ipynb")
    for path in (given, packed):
        if path.is_file():
            return path
    known = ", ".join(path.stem for path in sorted(resources.notebooks().glob("*.ipynb")))
    raise UsageProblem(f"there is no notebook {name!r}", fix=f"Give a file, or one of: {known}.")
