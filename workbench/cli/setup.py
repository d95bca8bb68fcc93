"""Commands that set things up: demo, init, check, qwc, up."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from rich.panel import Panel

from workbench.console import Output, records, table
from workbench.errors import UsageProblem
from workbench.profile import SALESFORCE_LOGINS, SalesforceSettings
from workbench.templates import DEFAULT, Template, list_templates, make_profile, template

Add = Callable[..., argparse.ArgumentParser]

STEPS = """\
1. Start the server on this machine:  workbench up --profile {profile}
2. In QuickBooks: open the company file as Admin, in single-user mode.
3. In the Web Connector: File > Add an Application, choose {file}
   QuickBooks asks: answer "Yes, always; allow access even if QuickBooks is not running".
4. Type the password (data/secrets.yaml, quickbooks.password) and tick the application.
5. Press Update Selected. The first company file that calls within 24 hours is paired with this
   profile; later ones are refused."""


def add_commands(add: Add, add_in_profile: Add) -> None:
    """Add the commands to the parser."""
    command = add("demo", demo, "the whole cycle on invented data, on this machine only")
    command.add_argument("--headless", action="store_true", help="decide, push and prove; no JupyterLab")
    command.add_argument("--dir", type=Path, metavar="DIR", help="where its profile is made (a new folder)")
    command.add_argument("--port", type=int, default=0, help="port of JupyterLab (any free one)")
    command = add("init", init, "a profile from a process template; without DIR: list the templates")
    command.add_argument("dir", type=Path, nargs="?", metavar="DIR")
    command.add_argument("--template", default=DEFAULT, metavar="NAME", help=f"process template ({DEFAULT})")
    command.add_argument("--salesforce-url", metavar="URL", help="My Domain host, or the login host")
    command.add_argument("--salesforce-login", choices=list(SALESFORCE_LOGINS), default="client_credentials")
    command.add_argument("--username", help="Salesforce user, for --salesforce-login password")
    add_in_profile("check", check, "Validate Process: every setting, mapping and state")
    command = add_in_profile("qwc", qwc, "the .qwc file for the Web Connector, and the steps in QuickBooks")
    command.add_argument(
        "-o", "--output", type=Path, metavar="FILE", help="where to write it (PROFILE/NAME.qwc)"
    )
    command = add_in_profile("up", up, "the Web Connector server and the worker")
    command.add_argument("--lab", action="store_true", help="JupyterLab too")
    command.add_argument("--until-stdin-closes", action="store_true", help="stop with the parent process")


def demo(arguments: argparse.Namespace, output: Output) -> int:
    """Run the demo."""
    from workbench.demo.run import run_demo

    return run_demo(output, headless=arguments.headless, folder=arguments.dir, port=arguments.port)


def init(arguments: argparse.Namespace, output: Output) -> int:
    """Make a profile, or list the templates."""
    if arguments.dir is None:
        templates = list_templates()
        output.answer({"templates": [each.name for each in templates]})
        for each in templates if not output.json else ():
            output.out.print(_panel(each))
        return 0
    template(arguments.template)
    settings = None
    if arguments.salesforce_url:
        settings = SalesforceSettings(
            url=arguments.salesforce_url, login=arguments.salesforce_login, username=arguments.username
        )
    elif arguments.username:
        raise UsageProblem("--username needs --salesforce-url")
    profile = make_profile(arguments.dir, template_name=arguments.template, salesforce=settings)
    steps = (
        f"Made the profile {profile.name} in {profile.folder}\n\n"
        f"Next: put the address of your org into profile.yaml and its secrets into data/secrets.yaml\n"
        f"({', '.join('salesforce.' + name for name in SALESFORCE_LOGINS[profile.salesforce.login])}), then\n"
        f"  workbench check --profile {arguments.dir}\n  workbench qwc --profile {arguments.dir}"
    )
    output.answer({"profile": str(profile.folder), "template": profile.template}, steps)
    return 0


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


def qwc(arguments: argparse.Namespace, output: Output) -> int:
    """Write the .qwc file, make the login known to the server and open the pairing."""
    from workbench.connections.quickbooks import connector_file
    from workbench.workspace import workspace

    with workspace(arguments.profile) as opened:
        opened.open_pairing()
        settings = opened.profile.quickbooks
        path = arguments.output or opened.profile.folder / f"{opened.profile.name}.qwc"
        text = connector_file(
            url=settings.url,
            user=settings.user,
            owner_id=settings.owner_id,
            file_id=settings.file_id,
            name=opened.profile.name,
        )
        path.write_text(text, encoding="utf-8")
    steps = STEPS.format(profile=arguments.profile, file=path)
    output.answer(
        {"file": str(path), "url": settings.url, "user": settings.user}, Panel(steps, title=f"{path}")
    )
    return 0


def up(arguments: argparse.Namespace, output: Output) -> int:
    """Run the Web Connector server and the worker until Ctrl-C."""
    from workbench.cli.up import run_up

    return run_up(
        arguments.profile, output, lab=arguments.lab, until_stdin_closes=arguments.until_stdin_closes
    )


def _panel(each: Template) -> Panel:
    lines = [f"[bold]{each.title}[/bold]", each.syncs, ""]
    lines += [f"· {line}" for line in each.details]
    for side, needs in each.needs.items():
        lines += ["", f"{'Salesforce' if side == 'salesforce' else 'QuickBooks'} needs"]
        lines += [f"· {line}" for line in needs]
    return Panel("\n".join(lines), title=each.name, title_align="left")
