"""`workbench up`: the Web Connector server in a process of its own, and the worker in this one."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import FrameType
from urllib.parse import urlsplit

from qbwc import tls
from qbwc.cli import STORE_VARIABLE
from qbwc.lifeline import when_stdin_closes
from qbwc.serving import LEVELS, SEAL_VARIABLE
from workbench.console import Output
from workbench.errors import ConnectionProblem, ProfileError
from workbench.lab import lab_command
from workbench.profile import Profile, QuickBooksSettings, seal_key
from workbench.webconnector import TRUST
from workbench.worker import work
from workbench.workspace import workspace

STOP_SECONDS = 10
NO_LOG = LEVELS[0]

RENEW = timedelta(days=30)
"""A certificate of our own that ends sooner is replaced at the start; an own one is only warned of."""

Pair = tuple[Path, Path]


def run_up(
    profile: Path,
    output: Output,
    *,
    lab: bool,
    certificate: Pair | None = None,
    log_level: str | None = None,
    until_stdin_closes: bool = False,
) -> int:
    """Serve and work until Ctrl-C; answers 1 when the server ended by itself.

    Args:
        certificate: A certificate and its key, instead of those that the profile names.
        log_level: What is written of the Web Connector's calls, into data/logs; as the profile says with
            None.
    """
    stopped = threading.Event()
    if until_stdin_closes:
        when_stdin_closes(stopped.set)
    previous = _stop_on_signals(stopped)
    with workspace(profile) as opened:
        opened.register()
        secured = certificate or certificate_of(opened.profile, output)
        server = _server(opened.profile, secured, log_level or opened.profile.log_level)
        others = [_lab(opened.profile)] if lab else []
        try:
            settings = opened.profile.quickbooks
            output.say(f"Web Connector server on {settings.url}; Ctrl-C ends it")
            work(opened, lambda: stopped.is_set() or server.poll() is not None, output.say)
            if not stopped.is_set():
                raise ConnectionProblem(
                    "the Web Connector server has ended",
                    where=f"{settings.host}:{settings.port}",
                    fix="Is the port in use? Its messages stand above.",
                )
        finally:
            for process in (server, *others):
                _end(process)
            for number, handler in previous.items():
                signal.signal(number, handler)
    return 0


def certificate_of(profile: Profile, output: Output, *, now: datetime | None = None) -> Pair | None:
    """The certificate and key that the profile names, or some made for its host; None for plain http.

    Raises:
        ProfileError: Others can reach the server, and the Web Connector's address does not say how.
        ServeError: The files cannot be used.
    """
    settings = profile.quickbooks
    now = now or datetime.now(UTC)
    if settings.certificate and settings.key:
        named = (profile.folder / settings.certificate, profile.folder / settings.key)
        tls.check_certificate(*named)
        _warn_of_end(named[0], now, output)
        return named
    if tls.is_loopback(settings.host):
        return None  # plain http, or a proxy that does TLS in front
    return _own_certificate(profile.data / "tls", _public_host(settings), now, output)


def _own_certificate(folder: Path, host: str, now: datetime, output: Output) -> Pair:
    made = (folder / "server.crt", folder / "server.key")
    if all(path.is_file() for path in made):
        facts = tls.certificate_facts(made[0])
        if host in facts.names and facts.ends_at - now > RENEW:
            return made
        output.say(f"the certificate for {', '.join(facts.names)} ends on {facts.ends_at:%Y-%m-%d}: renewed")
    tls.make_certificate(host, folder, now=now)
    output.say(f"made a certificate for {host}: {made[0]}")
    for line in TRUST.format(file=made[0]).splitlines():
        output.say(line)
    return made


def _warn_of_end(certificate: Path, now: datetime, output: Output) -> None:
    ends = tls.certificate_facts(certificate).ends_at
    if ends - now <= RENEW:
        word = "has ended" if ends <= now else "ends"
        output.say(
            f"the certificate {certificate} {word} on {ends:%Y-%m-%d}; the Web Connector refuses it then"
        )


def _public_host(settings: QuickBooksSettings) -> str:
    parts = urlsplit(settings.url)
    if parts.scheme == "https" and parts.hostname and not tls.is_loopback(parts.hostname):
        return parts.hostname
    suggestion = f"https://{socket.gethostname().lower()}:{settings.port}/qbwc"
    raise ProfileError(
        f"others can reach the server on {settings.host}, but the Web Connector's address is {settings.url}",
        where="profile.yaml: quickbooks.connector_url",
        fix=f"Set it to how that computer calls this one, e.g. {suggestion}, and run `workbench qwc` again.",
    )


def _server(profile: Profile, certificate: Pair | None, log_level: str) -> subprocess.Popen[bytes]:
    settings = profile.quickbooks
    command = [sys.executable, "-m", "qbwc", "serve", "--until-stdin-closes"]
    command += ["--host", settings.host, "--port", str(settings.port)]
    if certificate is not None:
        command += ["--certificate", str(certificate[0]), "--key", str(certificate[1])]
    if log_level != NO_LOG:
        command += ["--log-level", log_level, "--log-folder", str(profile.data / "logs")]
    # The address of the store may hold a password, and others can read command lines.
    kept = {STORE_VARIABLE: profile.store_url, SEAL_VARIABLE: seal_key(profile).decode()}
    variables = dict(os.environ) | kept
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=sys.stderr, env=variables)


def _lab(profile: Profile) -> subprocess.Popen[bytes]:
    return subprocess.Popen(lab_command(profile.folder), stdin=subprocess.DEVNULL)


def _stop_on_signals(stopped: threading.Event) -> dict[int, signal._HANDLER]:
    def stop(_number: int, _frame: FrameType | None) -> None:
        stopped.set()

    # SIGBREAK is what a parent process can send on Windows.
    names = ["SIGINT", "SIGTERM", "SIGBREAK"]
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
    return {number: signal.signal(number, stop) for number in numbers}


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
