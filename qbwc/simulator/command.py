"""`python -m qbwc simulate`: a pretend QuickBooks with its Web Connector, in a process of its own.

    python -m qbwc simulate --company FILE --url URL --user NAME --password-stdin [--every SECONDS] [--once]
    python -m qbwc simulate --company FILE --from-snapshot FILE.duckdb [FILE.duckdb ...]

The second makes a company file from pulled QuickBooks snapshots (a full one, then the changes since), so that
a mapping can be tried against a copy; with --url and the rest it then runs.  With --scratch it works on a
copy of FILE that is thrown away at the end.

The password comes on the first line of standard input.  The first line of standard output says that it is
ready; each update then has a line.  Ctrl-C and SIGTERM end it between two calls.
"""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from qbwc.errors import QbwcError
from qbwc.lifeline import when_stdin_closes
from qbwc.simulator.company import CompanyFile
from qbwc.simulator.connector import WebConnector, from_qwc
from qbwc.simulator.log import SessionLog


def run_simulator(argv: Sequence[str] | None = None) -> int:
    """Run until told to stop: 0 when the last update ended well, 1 when it did not, 64 for wrong usage."""
    parser = _parser()
    try:
        options = parser.parse_args(argv)
    except SystemExit as ended:
        return 0 if ended.code == 0 else 64
    runs = options.qwc or (options.url and options.user)
    if not runs and (options.url or options.user or not options.from_snapshot):
        return _wrong(parser, "give --qwc, or --url and --user; or --from-snapshot alone to make a file")
    if runs and not options.password_stdin:
        return _wrong(parser, "give the password on standard input, and --password-stdin")
    try:
        with ExitStack() as stack:
            company = stack.enter_context(_company(options, stack))
            return _run(_connector(company, options), options) if runs else 0
    except (QbwcError, OSError) as error:
        sys.stderr.write(f"simulate: {error}\n")
        return 1


def _wrong(parser: argparse.ArgumentParser, what: str) -> int:
    parser.print_usage(sys.stderr)
    sys.stderr.write(f"simulate: {what}\n")
    return 64


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m qbwc simulate",
        description="A pretend QuickBooks company file with a Web Connector that calls a server.",
    )
    parser.add_argument(
        "--company", required=True, type=Path, metavar="FILE", help="the pretend company file"
    )
    parser.add_argument(
        "--seed", type=Path, metavar="DIR", help="make FILE from JSON files when it does not exist"
    )
    parser.add_argument(
        "--from-snapshot", nargs="+", type=Path, metavar="FILE.duckdb",
        help="make FILE from pulled QuickBooks snapshots: a full one, then the changes since, oldest first",
    )  # fmt: skip
    parser.add_argument("--company-name", metavar="NAME", help="name of the company made from snapshots")
    parser.add_argument(
        "--scratch", action="store_true", help="work on a copy of FILE that is thrown away at the end"
    )
    parser.add_argument("--url", help="the server, e.g. http://localhost:8085/")
    parser.add_argument("--user", metavar="NAME", help="login at the server")
    parser.add_argument(
        "--qwc", type=Path, metavar="FILE", help="take url, user, OwnerID and FileID from a .qwc"
    )
    parser.add_argument("--owner-id", metavar="GUID", help="OwnerID of the .qwc")
    parser.add_argument("--file-id", metavar="GUID", help="FileID of the .qwc")
    parser.add_argument("--ca", type=Path, metavar="FILE", help="certificate to trust for https")
    parser.add_argument(
        "--password-stdin",
        action="store_true",
        help="read the password from standard input; needed to call a server",
    )
    parser.add_argument("--every", type=float, default=60.0, metavar="SECONDS", help="pause between updates")
    parser.add_argument("--once", action="store_true", help="one update, then end")
    parser.add_argument("--until-stdin-closes", action="store_true", help="stop with the parent process")
    parser.add_argument("--noop-seconds", type=float, default=5.0, metavar="SECONDS", help=argparse.SUPPRESS)
    return parser


def _company(options: argparse.Namespace, stack: ExitStack) -> CompanyFile:
    """The company file to work on, made first where it is asked for."""
    if options.from_snapshot:
        _make_from_snapshots(options)
    elif options.seed and not options.company.exists():
        CompanyFile.create(options.company, options.seed).close()
    if not options.scratch:
        return CompanyFile.open(options.company)
    folder = Path(stack.enter_context(TemporaryDirectory(ignore_cleanup_errors=True)))
    with CompanyFile.open(options.company) as company:
        company.copy_to(folder / options.company.name)
    return CompanyFile.open(folder / options.company.name)


def _make_from_snapshots(options: argparse.Namespace) -> None:
    from qbwc.simulator.snapshot import copy_of, told

    copy = copy_of(options.from_snapshot, options.company_name)
    if copy.told:
        sys.stderr.write(f"not all is as in QuickBooks:\n{told(copy.notes)}")
    CompanyFile.create(options.company, copy.seed).close()
    single = ("Company", "Preferences")
    kinds = (f"{len(rows)} {name}" for name, rows in copy.seed.items() if rows and name not in single)
    _say(f"made {options.company}: {', '.join(kinds)}")


def _connector(company: CompanyFile, options: argparse.Namespace) -> WebConnector:
    password = sys.stdin.readline().rstrip("\r\n")
    if options.qwc:
        connector = from_qwc(company, options.qwc.read_text("utf-8"), password, ca=options.ca)
        connector.url = options.url or connector.url
        connector.user = options.user or connector.user
    else:
        connector = WebConnector(
            company, options.url, options.user, password, ca=options.ca, owner_id=options.owner_id,
            file_id=options.file_id,
        )  # fmt: skip
    connector.noop_seconds = options.noop_seconds
    connector.keep_documents = False
    return connector


def _run(connector: WebConnector, options: argparse.Namespace) -> int:
    stop = threading.Event()
    connector.sleep = lambda seconds: _pause(stop, seconds)
    if options.until_stdin_closes:
        when_stdin_closes(stop.set)
    with _stopped_by_signals(stop.set):
        _say(f"simulator ready: {connector.company.company_name} -> {connector.url}")
        log = SessionLog()
        while not stop.is_set():
            try:
                log = connector.update_selected()
            except _Stopped:
                break
            _say(f"update {log.outcome}: {log.message or 'no message'} ({len(log.calls)} calls)")
            if options.once:
                break
            stop.wait(max(options.every, log.minimum_seconds or 0))
    return 0 if log.ok else 1


class _Stopped(Exception):
    """Told to stop while waiting."""


def _pause(stop: threading.Event, seconds: float) -> None:
    if stop.wait(seconds):
        raise _Stopped


@contextmanager
def _stopped_by_signals(stop: Callable[[], None]) -> Iterator[None]:
    """Call `stop` on Ctrl-C, SIGTERM and, on Windows, Ctrl-Break; only the main thread can."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGBREAK") if hasattr(signal, name)]
    before = [signal.signal(number, lambda *_: stop()) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
