"""Commands that set things up: demo, init."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from rich.panel import Panel

from workbench.console import Output
from workbench.errors import UsageProblem
from workbench.profile import SALESFORCE_LOGINS, SalesforceSettings
from workbench.templates import DEFAULT, Template, list_templates, make_profile, template

Add = Callable[..., argparse.ArgumentParser]


def add_commands(add: Add) -> None:
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


def _panel(each: Template) -> Panel:
    lines = [f"[bold]{each.title}[/bold]", each.syncs, ""]
    lines += [f"· {line}" for line in each.details]
    for side, needs in each.needs.items():
        lines += ["", f"{'Salesforce' if side == 'salesforce' else 'QuickBooks'} needs"]
        lines += [f"· {line}" for line in needs]
    return Panel("\n".join(lines), title=each.name, title_align="left")
