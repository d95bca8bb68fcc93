"""`python -m qbwc`: the library alone, without the workbench.

    python -m qbwc user add NAME --store URL --password-stdin [--company ID] [--replace]
    python -m qbwc serve --store URL [--host H] [--port N] [--certificate FILE --key FILE]
    python -m qbwc qwc --store URL --user NAME --url URL [-o FILE]
    python -m qbwc pair --store URL --company ID [--minutes N]        let the next company file be paired
    python -m qbwc unpair --store URL --company ID
    python -m qbwc pace --store URL --company ID [--postpone MIN] [--every MIN]     slower, or not now
    python -m qbwc prune --store URL [--keep-days N]                  free the space of settled pulls and sets
    python -m qbwc status --store URL [--json]
    python -m qbwc simulate ...                                       a pretend QuickBooks; see its --help

Exit codes: 0 done, 1 failure, 64 wrong usage.  Passwords are read from standard input, never from the command
line, where other users of the computer could see them.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from qbwc import queue, store, tape, users
from qbwc.errors import QbwcError, UserError
from qbwc.serving import add_serve_arguments, run_server

OWNER_ID = "{9C1F3E54-7A1B-4C55-9D0E-3B5A7D2C8F61}"
"""Of this application, in every .qwc file it ever writes."""

USAGE = 64

STORE_VARIABLE = "QBWC_STORE"
"""Where the store's address is looked for: it may hold a password, and others can read command lines."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and answer its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] == ["simulate"]:
        from qbwc.simulator import run_simulator

        return run_simulator(given[1:])
    parser = _parser()
    try:
        options = parser.parse_args(given)
    except SystemExit as ended:
        return 0 if ended.code == 0 else USAGE
    run: Callable[[argparse.Namespace], int] = options.run
    try:
        return run(options)
    except QbwcError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m qbwc", description="QuickBooks Web Connector server.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    user = commands.add_parser("user", help="logins of the Web Connector").add_subparsers(required=True)
    _add_user_parser(_command(user, "add", "add a login and its company", _add_user))
    serve = _command(commands, "serve", "answer the Web Connector", run_server)
    add_serve_arguments(serve)
    qwc = _command(commands, "qwc", "write the .qwc file for the Web Connector", _qwc)
    qwc.add_argument("--user", required=True, metavar="NAME")
    qwc.add_argument("--url", required=True, help="where the Web Connector finds the server")
    qwc.add_argument("--app-name", default="Salesforce QuickBooks Workbench")
    qwc.add_argument("--every", type=int, metavar="MINUTES", help="suggest scheduled runs")
    qwc.add_argument("-o", "--output", type=Path, metavar="FILE", help="standard output when not given")
    pair = _command(commands, "pair", "let the next company file that logs in be paired", _pair)
    pair.add_argument("--company", required=True, metavar="ID")
    pair.add_argument("--minutes", type=float, default=60.0)
    unpair = _command(commands, "unpair", "forget which company file belongs to a company", _unpair)
    unpair.add_argument("--company", required=True, metavar="ID")
    _add_pace_parser(
        _command(
            commands, "pace", "how often the Web Connector may come, and until when it is sent away", _pace
        )
    )
    prune = _command(commands, "prune", "free the space of settled pulls; requests themselves stay", _prune)
    prune.add_argument(
        "--keep-days", type=float, default=30.0, metavar="N", help="days to keep documents (default 30)"
    )
    status = _command(commands, "status", "companies, their last contact and their queue", _status)
    status.add_argument("--json", action="store_true", help="one JSON object on the last line")
    commands.add_parser("simulate", help="a pretend QuickBooks with a Web Connector", add_help=False)
    return parser


def _command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    text: str,
    run: Callable[[argparse.Namespace], int],
) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=text, description=text)
    parser.set_defaults(run=run)
    known = os.environ.get(STORE_VARIABLE)
    parser.add_argument(
        "--store",
        required=known is None,
        default=known,
        metavar="URL",
        help=f"sqlite:///FILE or postgresql://...; {STORE_VARIABLE} keeps its password out of sight",
    )
    return parser


def _add_user_parser(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME")
    parser.add_argument("--password-stdin", action="store_true", required=True)
    parser.add_argument("--company", metavar="ID", help="the company it belongs to (default: NAME)")
    parser.add_argument("--owner-id", default=OWNER_ID, metavar="GUID", help="OwnerID of the .qwc file")
    parser.add_argument("--file-id", metavar="GUID", help="FileID of the .qwc file (default: a new one)")
    parser.add_argument("--replace", action="store_true", help="give a login that exists a new password")
    parser.add_argument("--pairing", type=float, default=0.0, metavar="MINUTES", help="open pairing too")


def _add_pace_parser(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--company", required=True, metavar="ID")
    parser.add_argument(
        "--postpone", type=float, metavar="MIN", help="send the Web Connector away for so long from now"
    )
    parser.add_argument(
        "--every", type=float, metavar="MIN",
        help="the least time between two scheduled runs.  What is not given is taken away.  The Web "
        "Connector heeds both with Auto-Run only (unverified)",
    )  # fmt: skip


def _open(options: argparse.Namespace) -> Engine:
    engine = store.open_store(options.store)
    store.create_tables(engine)
    return engine


def _add_user(options: argparse.Namespace) -> int:
    engine = _open(options)
    company = options.company or options.name
    known = {one.id: one for one in users.companies(engine)}.get(company)
    password = sys.stdin.readline().rstrip("\r\n")
    users.add_user(
        engine,
        name=options.name,
        password=password,
        company=company,
        owner_id=known.owner_id if known else options.owner_id,
        file_id=options.file_id or (known.file_id if known else f"{{{uuid.uuid4()}}}"),
        replace=options.replace,
    )
    if options.pairing:
        users.open_pairing(engine, company, minutes=options.pairing)
    _say(f"login {options.name} added for company {company}")
    return 0


def _qwc(options: argparse.Namespace) -> int:
    from qbwc.qwc import qwc_file

    engine = _open(options)
    company = next(
        (one for one in users.companies(engine) if options.user in users.logins(engine, one.id)), None
    )
    if company is None:
        raise UserError(f"Login {options.user!r} is not known here", fix="Add it: python -m qbwc user add")
    text = qwc_file(
        app_name=options.app_name,
        url=options.url,
        user=options.user,
        owner_id=company.owner_id,
        file_id=company.file_id,
        run_every_minutes=options.every,
    )
    if options.output is None:
        sys.stdout.write(text)
    else:
        options.output.write_text(text, "utf-8")
        _say(f"written: {options.output}")
    return 0


def _pair(options: argparse.Namespace) -> int:
    until = users.open_pairing(_open(options), options.company, minutes=options.minutes)
    _say(f"pairing of {options.company} is open until {until:%Y-%m-%d %H:%M} UTC; press Update Selected")
    return 0


def _unpair(options: argparse.Namespace) -> int:
    users.unpair(_open(options), options.company)
    _say(f"company {options.company} is not paired any more")
    return 0


def _pace(options: argparse.Namespace) -> int:
    until = users.set_pace(
        _open(options),
        options.company,
        postpone_seconds=None if options.postpone is None else options.postpone * 60,
        every_seconds=None if options.every is None else round(options.every * 60),
    )
    told = f"postponed until {until:%Y-%m-%d %H:%M} UTC" if until else "not postponed"
    every = (
        f"scheduled runs at least {options.every:g} minutes apart" if options.every else "no least distance"
    )
    _say(f"{options.company}: {told}; {every}")
    return 0


def _prune(options: argparse.Namespace) -> int:
    gone = tape.prune(_open(options), keep_days=options.keep_days)
    _say(f"{gone} page{'' if gone == 1 else 's'} older than {options.keep_days:g} days taken away")
    return 0


def _status(options: argparse.Namespace) -> int:
    engine = _open(options)
    told = [_told(engine, company) for company in users.companies(engine)]
    if options.json:
        _say(json.dumps({"companies": told}))
        return 0
    for one in told:
        _say(f"{one['company']}: company file {one['company_name'] or 'not paired'}")
        _say(f"  logins        {', '.join(one['logins'])}")
        _say(f"  last contact  {one['last_contact'] or 'never'}")
        _say(f"  queue         {', '.join(f'{n} {state}' for state, n in one['queue'].items()) or 'empty'}")
        if one["postponed_until"]:
            _say(f"  postponed     until {one['postponed_until']}")
        if one["last_trouble"]:
            _say(f"  trouble       {one['last_trouble']}")
    if not told:
        _say("no company yet; add a login: python -m qbwc user add")
    return 0


def _told(engine: Engine, company: users.Company) -> dict[str, Any]:
    return {
        "company": company.id,
        "logins": users.logins(engine, company.id),
        "company_name": company.paired.company_name if company.paired else None,
        "path": company.paired.path if company.paired else None,
        "last_contact": company.last_contact_at.isoformat() if company.last_contact_at else None,
        "last_trouble": company.last_trouble,
        "postponed_until": _postponed(company),
        "every_seconds": company.every_seconds,
        "queue": queue.overview(engine, company.id),
    }


def _postponed(company: users.Company) -> str | None:
    until = company.postponed_until
    return until.isoformat() if until is not None and store.now() < until else None


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
