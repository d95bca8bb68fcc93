"""Commands around the Web Connector: its .qwc file, the server, and having that started by the system."""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from collections.abc import Callable
from pathlib import Path

from rich.panel import Panel
from rich.text import Text

from qbwc.serving import LEVELS
from workbench.autostart import Autostart, systemd_unit, up_command, windows_task
from workbench.console import Output
from workbench.errors import UsageProblem

Add = Callable[..., argparse.ArgumentParser]


def add_commands(add_in_profile: Add) -> None:
    """Add the commands to the parser."""
    command = add_in_profile("qwc", qwc, "the .qwc file for the Web Connector, and the steps in QuickBooks")
    command.add_argument(
        "-o", "--output", type=Path, metavar="FILE", help="where to write it (PROFILE/NAME.qwc)"
    )
    command = add_in_profile("up", up, "the Web Connector server and the worker")
    command.add_argument("--lab", action="store_true", help="JupyterLab too")
    command.add_argument("--certificate", type=Path, metavar="FILE", help="PEM, for https (profile.yaml)")
    command.add_argument("--key", type=Path, metavar="FILE", help="PEM, for https (profile.yaml)")
    command.add_argument(
        "--log-level",
        choices=LEVELS,
        help="write the Web Connector's calls to data/logs, instead of log_level in profile.yaml; ALL holds "
        "customers' rows and is kept 3 days",
    )
    command.add_argument("--until-stdin-closes", action="store_true", help="stop with the parent process")
    command = add_in_profile("service", service, "a file that has the system start `workbench up` by itself")
    command.add_argument(
        "--kind", choices=("systemd", "windows"), help="a systemd unit or a Task Scheduler task"
    )
    command.add_argument("--user", metavar="NAME", help="DOMAIN\\name of the Windows user (you)")
    command.add_argument("-o", "--output", type=Path, metavar="FILE", help="where to write it (PROFILE/data)")


def qwc(arguments: argparse.Namespace, output: Output) -> int:
    """Write the .qwc file, make the login known to the server and open the pairing."""
    from workbench import webconnector
    from workbench.workspace import workspace

    with workspace(arguments.profile) as opened:
        settings = opened.profile.quickbooks
        path = webconnector.write_file(opened, arguments.output)
        steps = webconnector.steps(opened.profile, path, str(arguments.profile))
    output.answer(
        {"file": str(path), "url": settings.url, "user": settings.user},
        Panel(Text(steps), title=str(path), title_align="left", expand=False),
    )
    return 0


def up(arguments: argparse.Namespace, output: Output) -> int:
    """Run the Web Connector server and the worker until Ctrl-C."""
    from workbench.cli.up import run_up

    if (arguments.certificate is None) != (arguments.key is None):
        raise UsageProblem("--certificate and --key go together")
    given = None if arguments.certificate is None else (arguments.certificate, arguments.key)
    return run_up(
        arguments.profile,
        output,
        lab=arguments.lab,
        certificate=given,
        log_level=arguments.log_level,
        until_stdin_closes=arguments.until_stdin_closes,
    )


def service(arguments: argparse.Namespace, output: Output) -> int:
    """Write a systemd unit or a task for Task Scheduler, and say how it is installed."""
    from workbench.profile import read_profile

    profile = read_profile(arguments.profile)
    made = _autostart(arguments, profile.name, up_command(sys.executable, profile.folder))
    path = arguments.output or profile.data / made.file_name
    path.write_text(made.text, encoding=made.encoding)
    steps = [step.replace("{file}", str(path)) for step in made.steps]
    shown = "\n".join(f"{number}. {step}" for number, step in enumerate(steps, 1))
    if made.encoding == "utf-16":
        shown += "\n\nNot tried on Windows yet; it follows the published schema of Task Scheduler."
    output.answer(
        {"file": str(path), "steps": steps},
        Panel(Text(shown), title=str(path), title_align="left", expand=False),
    )
    return 0


def _autostart(arguments: argparse.Namespace, name: str, command: tuple[str, ...]) -> Autostart:
    kind = arguments.kind or {"linux": "systemd", "win32": "windows"}.get(sys.platform)
    if kind is None:
        raise UsageProblem("this system has neither systemd nor Task Scheduler; say which with --kind")
    if kind == "systemd":
        return systemd_unit(name, command)
    user = arguments.user or _windows_user()
    if user is None:
        raise UsageProblem("--user DOMAIN\\name is needed for a task of another computer")
    return windows_task(name, command, user=user)


def _windows_user() -> str | None:
    if sys.platform != "win32":
        return None
    domain = os.environ.get("USERDOMAIN")
    return f"{domain}\\{getpass.getuser()}" if domain else getpass.getuser()
