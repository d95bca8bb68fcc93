"""Step 2: how the Web Connector reaches this server, its .qwc file, and the pairing with the company file."""

from __future__ import annotations

import socket
from collections.abc import Iterator

from workbench import webconnector
from workbench.asking import Asker, Question
from workbench.connections import quickbooks_server
from workbench.errors import Problem, Problems, WorkbenchError
from workbench.profile import MOST, Profile, QuickBooksSettings, change_settings, checks
from workbench.profile.writing import Value
from workbench.quickstart.steps import Context, Standing, Step, done, to_do, trouble, without_user

YES, NO = "yes", "no"
EVERYWHERE = "0.0.0.0"  # noqa: S104 -- only over https: `workbench up` refuses it otherwise
HERE = "127.0.0.1"


def standing(context: Context) -> Standing:
    """Done with a company file that is paired."""
    profile = context.profile()
    if problems := list(_problems(profile)):
        return trouble("; ".join(each.what for each in problems), problems[0].fix or "")
    with context.opened() as opened:
        company = opened.queue.paired()
    if company is not None:
        return done(f"paired with the company file {company}")
    file = webconnector.file_of(profile)
    if not file.is_file():
        return to_do("no .qwc file yet")
    return to_do(f"no company file is paired yet; {file} is there", _what_next(context, profile))


def walk(context: Context, asker: Asker) -> None:
    """Ask how it is reached, write the .qwc file, show what to click, and wait for the company file."""
    while True:
        try:
            profile = change_settings(context.profile().folder, _asked(context.profile(), asker))
            if problems := list(_problems(profile)):
                raise Problems(problems, what="the Web Connector could not reach the server like this")
            break
        except WorkbenchError as error:
            asker.refused(error)
    with context.opened() as opened:
        file = webconnector.write_file(opened)
    asker.tell(webconnector.steps(profile, file, str(context.folder)))
    _wait(context, asker)


def _asked(profile: Profile, asker: Asker) -> dict[tuple[str, ...], Value]:
    given = profile.quickbooks
    here_question, port_question, zone_question = _questions(given)
    here = asker.ask(here_question)
    port = asker.ask(port_question)
    changes: dict[tuple[str, ...], Value] = {("quickbooks", "port"): int(port)}
    if here == NO:
        changes["quickbooks", "connector_url"] = asker.ask(
            _url(given.connector_url or f"https://{socket.gethostname().lower()}:{port}/qbwc")
        )
        changes["quickbooks", "host"] = EVERYWHERE if given.host == HERE else given.host
    elif given.connector_url:
        changes |= {("quickbooks", "connector_url"): None, ("quickbooks", "host"): HERE}
    asker.tell("A time zone such as America/New_York is needed for the winner `newest` only.")
    changes["quickbooks", "time_zone"] = asker.ask(zone_question)
    return {place: value for place, value in changes.items() if _is_new(profile, place, value)}


def _questions(given: QuickBooksSettings) -> tuple[Question, Question, Question]:
    return (
        Question(
            key="quickbooks.here",
            text="Does QuickBooks run on this computer?",
            default=NO if given.connector_url else YES,
            choices=(YES, NO),
        ),
        Question(key="quickbooks.port", text="Port of the server here", default=str(given.port), check=_port),
        Question(
            key="quickbooks.time_zone",
            text="Time zone of the computer with QuickBooks (- for none)",
            default=given.time_zone or "",
            optional=True,
            check=checks.time_zone,
        ),
    )


def _url(default: str) -> Question:
    return Question(
        key="quickbooks.connector_url",
        text="How that computer calls this one (https)",
        default=default,
        check=lambda text: without_user(text, "quickbooks", "connector_url"),
    )


def _all_questions(context: Context) -> tuple[Question, ...]:
    given = context.profile().quickbooks
    return (*_questions(given), _url(given.connector_url or ""))


def _is_new(profile: Profile, place: tuple[str, ...], value: Value) -> bool:
    return bool(getattr(profile.quickbooks, place[1]) != (value or None))


def _problems(profile: Profile) -> Iterator[Problem]:
    problem = quickbooks_server.connector_problem(profile)
    if problem is not None:
        yield problem
    yield from (each for each in quickbooks_server.address_problems(profile) if each.severity == "error")


def _wait(context: Context, asker: Asker) -> None:
    """Wait until a company file has called; what keeps it from calling is told each time."""
    while True:
        profile = context.profile()
        with context.opened() as opened:
            company, last = opened.queue.paired(), opened.queue.trouble()
        if company is not None:
            asker.tell(f"✓ Paired with the company file {company}; any other one is refused")
            return
        if last:
            asker.tell(f"The Web Connector's last session: {last}")
        asker.tell(_what_next(context, profile))
        asker.ask(
            Question(
                key="quickbooks.pressed",
                text="Enter after Update Selected has run",
                default="",
                next=_what_next(context, profile),
            )
        )


def _what_next(context: Context, profile: Profile) -> str:
    if not quickbooks_server.answers(profile.quickbooks):
        return f"Start the server in a window of its own and leave it running: {context.command('up')}"
    return "In the Web Connector tick the application and press Update Selected."


def _port(text: str) -> str:
    good = text.isascii() and text.isdecimal() and 0 < int(text) <= MOST
    return "" if good else f"a port from 1 to {MOST}"


STEP = Step(
    name="quickbooks",
    title="QuickBooks",
    does="The .qwc file for the Web Connector, and the company file; it is only read.",
    keys=tuple(f"quickbooks.{name}" for name in ("here", "port", "connector_url", "time_zone", "pressed")),
    standing=standing,
    walk=walk,
    questions=_all_questions,
)
