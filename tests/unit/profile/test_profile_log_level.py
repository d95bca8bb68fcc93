"""`workbench up` writes the Web Connector's calls as the profile says, unless the command says otherwise."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from tests.unit.profile.bare_profile import bare_profile, make_valid
from workbench.profile import Profile, write_profile

CALL = """<?xml version="1.0" encoding="utf-8"?>
<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>
<serverVersion xmlns="http://developer.intuit.com/"/></soap:Body></soap:Envelope>"""


@pytest.fixture
def profile(tmp_path: Path) -> Profile:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    return make_valid(bare_profile(tmp_path / "books", port=port))


@contextmanager
def up(profile: Profile, *arguments: str) -> Iterator[None]:
    """The server, until it answers and then for the length of a block."""
    command = [sys.executable, "-m", "workbench", "up", "--profile", str(profile.folder), *arguments]
    with subprocess.Popen(
        [*command, "--until-stdin-closes"],
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=dict(os.environ) | {"PYTHONUNBUFFERED": "1"},
    ) as process:
        assert process.stdin is not None
        assert process.stderr is not None
        said = []
        try:
            for line in process.stderr:
                said.append(line)
                if "qbwc ready" in line:
                    break
            assert "qbwc ready" in "".join(said[-1:]), said
            yield
        finally:
            process.stdin.close()
            process.wait(30)


def written(profile: Profile) -> str:
    return "".join(path.read_text(encoding="utf-8") for path in (profile.data / "logs").glob("*.log"))


#  profile     command              the call is written
CASES = [
    ("NONE",   (),                       False),
    ("DEBUG",  (),                       True),
    ("DEBUG",  ("--log-level", "NONE"),  False),
    ("NONE",   ("--log-level", "DEBUG"), True),
]  # fmt: skip


@pytest.mark.parametrize(("level", "arguments", "wanted"), CASES)
def test_the_profile_says_what_is_written(
    profile: Profile, level: str, arguments: tuple[str, ...], wanted: bool
) -> None:
    write_profile(replace(profile, log_level=level))
    address = f"http://127.0.0.1:{profile.quickbooks.port}/qbwc"
    request = urllib.request.Request(
        address,
        CALL.encode(),
        {"Content-Type": "text/xml", "SOAPAction": '"http://developer.intuit.com/serverVersion"'},
    )
    with up(profile, *arguments), urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.status == 200
    assert bool(re.search("serverVersion", written(profile))) is wanted
