"""`python -m workbench.testorg`: the embedded org as a process of its own, on loopback.

    python -m workbench.testorg --data DIR           an org in a folder, with credentials made for it
    python -m workbench.testorg --data FILE          an org in a file, credentials from elsewhere

Credentials come from a JSON file, from the environment (TESTORG_USERNAME, TESTORG_PASSWORD,
TESTORG_SECURITY_TOKEN, TESTORG_CLIENT_ID, TESTORG_CLIENT_SECRET, TESTORG_PUBLIC_KEY), or from the folder's
own file, see `standalone`; never from the command line, where other users of the machine could read
them.  One line with the address goes to standard output when the org is ready; SIGTERM, Ctrl-C, or with
`--until-stdin-closes` the end of standard input, stop it.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sqlite3
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from . import standalone
from .access import ConnectedApp, OrgSettings, User
from .control import with_control
from .errors import SeedError
from .objects import CUSTOM
from .org import TestOrg
from .server import running_org

USAGE = 64  # exit code of wrong usage
_VARIABLES = {
    "username": "TESTORG_USERNAME",
    "password": "TESTORG_PASSWORD",
    "security_token": "TESTORG_SECURITY_TOKEN",
    "client_id": "TESTORG_CLIENT_ID",
    "client_secret": "TESTORG_CLIENT_SECRET",
    "public_key": "TESTORG_PUBLIC_KEY",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse and run; answers the exit code: 0 stopped, 1 can't start, 64 wrong usage."""
    parser = _Parser(prog="python -m workbench.testorg", description=__doc__.split("\n")[0])
    add_arguments(parser)
    return run(parser.parse_args(arguments))


def run(options: argparse.Namespace) -> int:
    """Serve an org until it is stopped; `options` are those of `add_arguments`."""
    try:
        data, file = _places(options.data, options.credentials)
        user, app = credentials(file, os.environ)
        settings = _settings(options.setting)
    except (ValueError, OSError) as error:
        return _complain(str(error), USAGE)
    try:
        org = TestOrg.open(
            data,
            seed=options.seed,
            users=[user],
            apps=[app] if app else [],
            settings=settings,
            hidden=options.hide,
            extra_objects=CUSTOM if options.custom_objects else (),
            multicurrency=options.currencies.split(",") if options.currencies else (),
        )
    except (SeedError, OSError, ValueError) as error:
        return _complain(str(error), 1)
    except sqlite3.Error as error:  # no such folder, not a database, or another process has it
        return _complain(f"can't open {data}: {error}", 1)
    if file is not None:
        sys.stderr.write(f"testorg: log in as {user.username}; password, token and keys: {file}\n")
    with org:
        return _serve(org, options)


def _places(data: Path | None, file: Path | None) -> tuple[Path | None, Path | None]:
    """The database and the file of the credentials; a folder has both, unless others are given."""
    if data is None or not standalone.is_folder(data):
        return data, file
    known = file is not None or bool(os.environ.get(_VARIABLES["username"]))
    made = None if known else standalone.prepare(data)
    data.mkdir(parents=True, exist_ok=True)
    return data / standalone.DATABASE, file or made


def _settings(given: Sequence[str]) -> OrgSettings:
    """Switches by name.

    Raises:
        ValueError: an unknown name, or a value of another type.
    """
    settings = OrgSettings()
    for each in given:
        name, _, text = each.partition("=")
        kind = type(getattr(settings, name, None))
        if kind is bool and text in ("true", "false"):
            setattr(settings, name, text == "true")
        elif kind is int and text.isdecimal():
            setattr(settings, name, int(text))
        else:
            raise ValueError(f"no switch {each!r}; e.g. soap_login=false, daily_limit=1000")
    return settings


class _Parser(argparse.ArgumentParser):
    """Ends with the exit code that all commands of the workbench have for wrong usage."""

    def error(self, message: str) -> NoReturn:
        self.exit(USAGE, f"{self.format_usage()}testorg: {message}\n")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options, for this command and for any other that offers the org."""
    add = parser.add_argument
    add("--data", type=Path, help="folder or SQLite file that keeps the org; in memory without it")
    add("--seed", type=Path, help="folder of JSON files for a new org")
    add("--port", type=int, default=0, help="0 takes a free one")
    add("--credentials", type=Path, help="JSON file with username, password, ...")
    add("--setting", action="append", default=[], metavar="NAME=VALUE", help="a switch, soap_login=false")
    add("--hide", action="append", default=[], metavar="OBJECT.FIELD", help="a field the org shall not have")
    add("--custom-objects", action="store_true", help="have Receivable__c")
    add("--currencies", metavar="EUR,USD", help="several currencies, the corporate one first")
    add("--faults", action="store_true", help="let /__test__/ arm faults and change switches")
    add("--until-stdin-closes", action="store_true", help="stop with the parent process")


def credentials(file: Path | None, environment: Mapping[str, str]) -> tuple[User, ConnectedApp | None]:
    """The user, and the connected app when there is one, from a file or the environment.

    Raises:
        ValueError: user name or password is missing, or the file isn't a JSON object.
        OSError: the file can't be read.
    """
    if file is None:
        given = {key: environment.get(name, "") for key, name in _VARIABLES.items()}
    else:
        found = json.loads(file.read_text(encoding="utf-8"))
        if not isinstance(found, dict):
            raise ValueError(f"{file} must hold a JSON object")
        given = {key: str(found.get(key) or "") for key in _VARIABLES}
    if not (given["username"] and given["password"]):
        names = f"{_VARIABLES['username']} and {_VARIABLES['password']}"
        raise ValueError(
            f"a user name and a password are needed: set {names}, or give --credentials FILE, or --data DIR"
        )
    user = User(
        username=given["username"], password=given["password"], security_token=given["security_token"]
    )
    if not given["client_id"]:
        return user, None
    app = ConnectedApp(
        client_id=given["client_id"],
        client_secret=given["client_secret"],
        run_as=user.username,
        public_key=given["public_key"] or None,
    )
    return user, app


def _serve(org: TestOrg, options: argparse.Namespace) -> int:
    stop = threading.Event()
    for name in ("SIGTERM", "SIGINT", "SIGBREAK"):  # SIGBREAK is Ctrl-Break on Windows
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda *_: stop.set())
    if options.until_stdin_closes:
        threading.Thread(target=_wait_for_end, args=(stop,), daemon=True).start()
    try:
        with running_org(org, options.port, wrap=with_control(org) if options.faults else None) as url:
            sys.stdout.write(f"{url}\n")
            sys.stdout.flush()
            while not stop.wait(0.5):  # a wait without an end would not see Ctrl-C on Windows
                pass
    except OSError as error:
        return _complain(f"can't listen on port {options.port}: {error}", 1)
    return 0


def _wait_for_end(stop: threading.Event) -> None:
    sys.stdin.read()
    stop.set()


def _complain(message: str, code: int) -> int:
    sys.stderr.write(f"testorg: {message}\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
