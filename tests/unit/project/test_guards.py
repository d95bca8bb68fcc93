"""The guards of `tests/conftest.py` themselves: what leaves the machine is refused, loopback is not."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import settings

BEYOND = ("192.0.2.1", 9)  # set aside for documentation: nobody answers there
SWALLOWS = """
import socket

def test_swallows():
    try:
        socket.create_connection(("192.0.2.1", 9))
    except BaseException:
        pass

def test_stays():
    pass
"""


def test_a_connection_beyond_loopback_is_refused_before_a_packet_leaves(
    stays_on_this_machine: list[str],
) -> None:
    for name in ("connect", "connect_ex"):
        with socket.socket() as one, pytest.raises(AssertionError, match=r"connect to 192\.0\.2\.1:9"):
            getattr(one, name)(BEYOND)
    with pytest.raises(AssertionError, match="tests stay on loopback"):
        socket.create_connection(("somewhere.invalid", 443))
    assert stays_on_this_machine == ["connect to 192.0.2.1:9"] * 2 + ["look up 'somewhere.invalid'"]
    stays_on_this_machine.clear()


def test_a_test_that_swallows_the_refusal_fails_all_the_same(tmp_path: Path) -> None:
    shutil.copy2(Path(__file__).resolve().parents[2] / "conftest.py", tmp_path)
    (tmp_path / "test_it.py").write_text(SWALLOWS, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-c", os.devnull, "--rootdir", "."]
    run = subprocess.run([*command, "."], cwd=tmp_path, capture_output=True, text=True)
    assert "2 passed, 1 error" in run.stdout, run.stdout + run.stderr
    assert "tried to leave the machine: look up '192.0.2.1'" in run.stdout


def test_loopback_is_open() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        accepting = threading.Thread(target=lambda: server.accept()[0].close())
        accepting.start()
        socket.create_connection(("localhost", server.getsockname()[1]), timeout=5).close()
        accepting.join(5)


def test_home_is_empty_and_not_the_users() -> None:
    assert "workbench-tests-home-" in str(Path.home())
    for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR", "XDG_CONFIG_HOME"):
        assert Path(os.environ[name]).is_relative_to(Path.home()), name


def test_hypothesis_has_no_deadline() -> None:
    assert settings().deadline is None
