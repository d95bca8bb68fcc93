"""What holds for every test: nothing leaves this machine, nothing reads or writes the user's own settings.

Fixtures of one area live in that area's own `conftest.py`.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

# The same examples on each run, so that a red run can be looked at again;
# HYPOTHESIS_PROFILE=search tries others, and more of them.
settings.register_profile("repeat", derandomize=True, deadline=None, database=None)
settings.register_profile("search", deadline=None, max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeat"))

_LOCAL_NAMES = {"localhost", "ip6-localhost", "", None, socket.gethostname()}


# -- a home of its own ---------------------------------------------------------------------------------------


def pytest_configure(config: pytest.Config) -> None:
    """Give the run an empty home folder before any module reads the user's, and ears for Ctrl-C."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # a job in the background is born deaf to it
        signal.signal(signal.SIGINT, signal.default_int_handler)
    home = Path(tempfile.mkdtemp(prefix="workbench-tests-home-"))
    config.add_cleanup(lambda: shutil.rmtree(home, ignore_errors=True))
    patch = pytest.MonkeyPatch()
    config.add_cleanup(patch.undo)
    if "PYENV_ROOT" not in os.environ and (pyenv := Path.home() / ".pyenv").is_dir():
        patch.setenv("PYENV_ROOT", str(pyenv))  # its shims look for it under the home folder
    for name in ("HOME", "USERPROFILE"):
        patch.setenv(name, str(home))
    for name, folder in {
        "JUPYTER_CONFIG_DIR": "jupyter/config",
        "JUPYTER_DATA_DIR": "jupyter/data",
        "JUPYTER_RUNTIME_DIR": "jupyter/run",
        "JUPYTERLAB_WORKSPACES_DIR": "jupyter/workspaces",
        "JUPYTERLAB_SETTINGS_DIR": "jupyter/settings",
        "IPYTHONDIR": "ipython",
        "XDG_CONFIG_HOME": "config",
        "XDG_DATA_HOME": "data",
        "XDG_CACHE_HOME": "cache",
    }.items():
        (home / folder).mkdir(parents=True)
        patch.setenv(name, str(home / folder))
    patch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    for name in ("NO_PROXY", "no_proxy"):
        patch.setenv(name, "127.0.0.1,localhost,::1")


# -- what takes long goes first ------------------------------------------------------------------------------

_LONG = ("e2e", "contract/states", "contract/pull", "contract/schemaplan", "contract", "unit/qbwc_server")
"""Folders of tests, the longest first: at the end of a run no worker is left alone with a long one."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sort by folder; within one, and for all others, the order stays."""
    items.sort(key=lambda item: _place(item.path.relative_to(Path(__file__).parent).as_posix()))


def _place(file: str) -> int:
    return next((place for place, folder in enumerate(_LONG) if file.startswith(f"{folder}/")), len(_LONG))


# -- nothing leaves the machine ------------------------------------------------------------------------------


class LeftTheMachine(AssertionError):
    """A test tried to reach another machine."""


def is_local(address: object) -> bool:
    """Whether a socket address or a host name stays on this machine."""
    host = address[0] if isinstance(address, tuple) else address
    if isinstance(address, (str, bytes)) and not isinstance(host, tuple) and os.sep in str(host):
        return True  # the path of a Unix socket
    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    return host in _LOCAL_NAMES or str(host).startswith("127.") or host in {"::1", "0.0.0.0", "::"}


@pytest.fixture(autouse=True)
def stays_on_this_machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Refuse connections and look-ups beyond loopback, and fail the test even if it swallowed the refusal.

    Yields:
        What was refused; a test of this guard empties it.
    """
    refused: list[str] = []

    def refuse(what: str) -> None:
        refused.append(what)
        raise LeftTheMachine(f"a test tried to {what}: tests stay on loopback")

    def guarded(name: str) -> Any:
        original = getattr(socket.socket, name)

        def call(self: socket.socket, address: Any, *rest: Any) -> Any:
            if self.family in (socket.AF_INET, socket.AF_INET6) and not is_local(address):
                refuse(f"connect to {address[0]}:{address[1]}")
            return original(self, address, *rest)

        return call

    look_up = socket.getaddrinfo

    def guarded_look_up(host: Any, *rest: Any, **keywords: Any) -> Any:
        if not is_local(host):
            refuse(f"look up {host!r}")
        return look_up(host, *rest, **keywords)

    for name in ("connect", "connect_ex"):
        monkeypatch.setattr(socket.socket, name, guarded(name))
    monkeypatch.setattr(socket, "getaddrinfo", guarded_look_up)
    yield refused
    if refused:
        pytest.fail(f"this test tried to leave the machine: {', '.join(refused)}", pytrace=False)
