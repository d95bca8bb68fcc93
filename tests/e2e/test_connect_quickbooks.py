"""The README's "Connect QuickBooks", done as it stands: from `workbench init` to the first pull."""

from __future__ import annotations

import json
import re
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

import workbench as wb
from qbwc import queue
from qbwc.status import QBWC_HELP
from workbench.webconnector import STEPS

pytestmark = pytest.mark.long

ROOT = Path(__file__).resolve().parents[2]
SECTION = re.search(
    r"^## Connect QuickBooks\n(.*?)^## ", (ROOT / "README.md").read_text("utf-8"), re.M | re.S
)

WORDS = (
    "Add an Application",
    "Yes, always; allow access even if QuickBooks is not running",
    "Allow this application to access personal data",
    "Do you want to save this password",
    "Update Selected",
)
"""What the dialogs say, as the product's documentation has it."""


def section() -> str:
    assert SECTION is not None, "the README has no section Connect QuickBooks"
    return SECTION[1]


def commands() -> list[list[str]]:
    blocks = re.findall(r"^```\n(.*?)^```", section(), re.M | re.S)
    return [line.split()[1:] for block in blocks for line in block.splitlines()]


def test_the_section_and_the_command_use_the_words_of_the_dialogs() -> None:
    for word in WORDS:
        assert word in section(), word
        assert word in STEPS, word


def test_the_section_and_the_help_page_say_the_same_of_a_code() -> None:
    found = re.findall(r"^\| (\w+) \| (.*?) \| (.*?) \|$", section(), re.M)
    rows = {code: (means, do) for code, means, do in found}
    rows.pop("code")
    assert list(rows) == ["QBWC1012", "QBWC1039", "QBWC1048", "0x80040400", "0x80040408", "0x80040414"]
    assert rows == {code: QBWC_HELP[code] for code in rows}


def workbench(folder: Path, *arguments: str, timeout: float = 90) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "workbench", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=timeout,
    )


@contextmanager
def running(folder: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "workbench", *arguments, "--until-stdin-closes"]
    with subprocess.Popen(
        command, cwd=folder, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stderr is not None
        try:
            for line in process.stderr:
                if "qbwc ready" in line:
                    break
            yield process
        finally:
            process.stdin.close()
            process.wait(30)


def update_selected(folder: Path, password: str) -> str:
    """A pretend QuickBooks with a Web Connector that took the .qwc file, once."""
    done = subprocess.run(
        [
            *(sys.executable, "-m", "qbwc", "simulate", "--company", "company.sqlite"),
            *("--seed", str(ROOT / "data" / "demo" / "quickbooks"), "--qwc", "books/books.qwc"),
            *("--password-stdin", "--once"),
        ],
        cwd=folder,
        input=password + "\n",
        capture_output=True,
        text=True,
        timeout=90,
    )
    return done.stdout + done.stderr


def after_a_change_in_the_store(folder: Path, password: str) -> dict[str, str]:
    """Two customers wait for QuickBooks, somebody changes the one in the store: states by name."""
    bench = wb.open(folder / "books")
    try:
        kept = bench.workspace.queue
        kept.queue_writes(
            [
                queue.WriteRequest(id=name, entity="Customer", action="add", fields={"Name": name})
                for name in ("Larch", "Spruce")
            ]
        )
        with closing(sqlite3.connect(folder / "books" / "data" / "store.sqlite")) as store:
            sql = "UPDATE qbwc_request SET body = replace(body, 'Spruce', 'Birch') WHERE id = 'Spruce'"
            assert store.execute(sql).rowcount == 1
            store.commit()
        update_selected(folder, password)
        return {name: row.state for name, row in kept.answers(["Larch", "Spruce"]).items()}
    finally:
        bench.workspace.close()


def test_from_init_to_the_first_pull(tmp_path: Path) -> None:
    init, qwc, up, pull = commands()

    assert workbench(tmp_path, *init).returncode == 0
    profile = tmp_path / "books" / "profile.yaml"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    profile.write_text(profile.read_text("utf-8").replace("port: 8585", f"port: {port}"), "utf-8")
    secrets = (tmp_path / "books" / "data" / "secrets.yaml").read_text("utf-8")
    password = re.search(r"^quickbooks.password: (\S+)$", secrets, re.M)
    assert password is not None

    told = workbench(tmp_path, *qwc)
    assert told.returncode == 0, told.stderr
    assert "Update Selected" in told.stdout
    with running(tmp_path, *up):
        assert "OK" in update_selected(tmp_path, password[1])
        waiting = subprocess.Popen(
            [sys.executable, "-m", "workbench", *pull, "--json"],
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            for _ in range(5):
                update_selected(tmp_path, password[1])
                if waiting.poll() is not None:
                    break
            out, _ = waiting.communicate(timeout=60)
        finally:
            waiting.kill()
        states = after_a_change_in_the_store(tmp_path, password[1])
    assert states == {"Larch": "answered", "Spruce": "failed"}
    assert waiting.returncode == 0, out
    pulled = json.loads(out.splitlines()[-1])["pulled"]
    assert list(pulled) == ["quickbooks"]
    assert pulled["quickbooks"]["Customer"] == 118
    bench = wb.open(tmp_path / "books")  # Salesforce was not read yet
    assert bench.sql('SELECT count(*) AS n FROM quickbooks."Customer"')["n"].item() == 118
    bench.workspace.close()
