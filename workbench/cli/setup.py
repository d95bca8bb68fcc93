"""Commands that set things up: demo, init."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from rich.text import Text

from workbench.cli import template_view
from workbench.console import Output
from workbench.errors import UsageProblem
from workbench.profile import LOG_LEVELS, MAILED, RESULTS, SALESFORCE_LOGINS, Profile, SalesforceSettings
from workbench.templates import DEFAULT, list_templates, make_profile, template

NOT_FINISHED = 3

Add = Callable[..., argparse.ArgumentParser]


def add_commands(add: Add) -> None:
    """Add the commands to the parser."""
    command = add("demo", demo, "the whole cycle on invented data, on this machine only")
    command.add_argument("--headless", action="store_true", help="decide, push and prove; no JupyterLab")
    command.add_argument("--dir", type=Path, metavar="DIR", help="where its profile is made (a new folder)")
    command.add_argument("--port", type=int, default=0, help="port of JupyterLab (any free one)")
    command = add("init", init, "a profile from a process template; without DIR: list the templates")
    command.add_argument("dir", type=_folder, nargs="?", metavar="DIR")
    command.add_argument(
        "--template", metavar="NAME", help=f"process template (asked for in a terminal, else {DEFAULT})"
    )
    command.add_argument("--view", metavar="NAME", help="show a template with every state, and make nothing")
    command.add_argument("--salesforce-url", metavar="URL", help="My Domain host, or the login host")
    command.add_argument("--salesforce-login", choices=list(SALESFORCE_LOGINS), default="client_credentials")
    command.add_argument("--username", help="Salesforce user, for the logins jwt and password")
    command.add_argument(
        "--log-level", choices=LOG_LEVELS, default=LOG_LEVELS[0], help="of the Web Connector's calls"
    )
    command.add_argument("--email", metavar="ADDRESS", help="who gets the results of runs (not active yet)")
    command.add_argument(
        "--email-results",
        metavar="A,B",
        default=",".join(MAILED),
        help=f"which results: {', '.join(RESULTS)}",
    )
    command.add_argument(
        "--schedule",
        action="append",
        default=[],
        metavar="TIME",
        help="when to run, e.g. 'Mon-Fri 22:30'; may be given several times (not active yet)",
    )


def _folder(text: str) -> Path:
    """A folder as it was typed; an empty variable of a script is no folder, and does not mean `here`."""
    if not text.strip():
        raise argparse.ArgumentTypeError("it is empty; name a folder, or . for the one you are in")
    return Path(text)


def demo(arguments: argparse.Namespace, output: Output) -> int:
    """Run the demo."""
    from workbench.demo.run import run_demo

    return run_demo(output, headless=arguments.headless, folder=arguments.dir, port=arguments.port)


def init(arguments: argparse.Namespace, output: Output) -> int:
    """Make a profile, show a template, or list the templates."""
    if arguments.view:
        chosen = template(arguments.view)
        output.answer(template_view.data(chosen), template_view.viewed(chosen))
        return 0
    if arguments.dir is None:
        templates = list_templates()
        output.answer(
            {"templates": [template_view.data(each) for each in templates]}, template_view.listed(templates)
        )
        return 0
    chosen_name = arguments.template or _asked(output)
    if chosen_name is None:
        output.answer({"profile": None}, Text("Nothing was made."))
        return NOT_FINISHED
    profile = _made(arguments, chosen_name)
    data = {"profile": str(profile.folder), "template": profile.template, "inactive": profile.inactive}
    output.answer(data, Text(_next_steps(profile, arguments.dir)))
    return 0


def _asked(output: Output) -> str | None:
    """The template that a person chooses, None for later; the usual one where nobody is there."""
    from workbench.asking import Later
    from workbench.cli.terminal import Terminal, a_person_is_there

    if not a_person_is_there(output):
        return DEFAULT
    try:
        return template_view.choose(list_templates(), Terminal(output), DEFAULT)
    except Later:
        return None


def _made(arguments: argparse.Namespace, name: str) -> Profile:
    template(name)
    if arguments.username and not arguments.salesforce_url:
        raise UsageProblem("--username needs --salesforce-url")
    salesforce = SalesforceSettings(
        url=arguments.salesforce_url, login=arguments.salesforce_login, username=arguments.username
    )
    return make_profile(
        arguments.dir,
        template_name=name,
        salesforce=salesforce if arguments.salesforce_url else None,
        log_level=arguments.log_level,
        email=arguments.email,
        email_results=tuple(filter(None, arguments.email_results.split(","))),
        schedule=tuple(arguments.schedule),
    )


def _next_steps(profile: Profile, folder: Path) -> str:
    lines = [f"Made the profile {profile.name} in {profile.folder}"]
    lines += [f"  {setting}: {told}" for setting, told in profile.inactive.items()]
    wanted = ", ".join(f"salesforce.{name}" for name in SALESFORCE_LOGINS[profile.salesforce.login])
    lines += [
        "",
        "Next, step by step with everything checked as it is given:",
        f"  workbench quickstart --profile {folder}",
        "or by hand: the address of your org into profile.yaml, its secrets into data/secrets.yaml",
        f"({wanted}), then",
        f"  workbench check --profile {folder}",
        f"  workbench qwc --profile {folder}",
    ]
    return "\n".join(lines)
