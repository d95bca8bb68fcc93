"""`workbench up`: the Web Connector server in a process of its own, and the worker in this one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from types import FrameType

from qbwc.cli import STORE_VARIABLE
from qbwc.lifeline import when_stdin_closes
from workbench.console import Output
from workbench.errors import ConnectionProblem
from workbench.lab import lab_command
from workbench.profile import Profile
from workbench.worker import work
from workbench.workspace import workspace

STOP_SECONDS = 10


def run_up(profile: Path, output: Output, *, lab: bool, until_stdin_closes: bool = False) -> int:
    """Serve and work until Ctrl-C; answers 1 when the server ended by itself."""
    stopped = threading.Event()
    if until_stdin_closes:
        when_stdin_closes(stopped.set)
    previous = _stop_on_signals(stopped)
    with workspace(profile) as opened:
        opened.register()
        server = _server(opened.profile)
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


def _server(profile: Profile) -> subprocess.Popen[bytes]:
    settings = profile.quickbooks
    command = [sys.executable, "-m", "qbwc", "serve", "--until-stdin-closes"]
    command += ["--host", settings.host, "--port", str(settings.port)]
    # The address of the store may hold a password, and others can read command lines.
    variables = dict(os.environ) | {STORE_VARIABLE: profile.store_url}
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
