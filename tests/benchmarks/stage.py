"""What Web Connector benchmarks set up: a store with companies, a server process, a canned Web Connector."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import quantiles
from typing import Any

from sqlalchemy import Engine

from qbwc import store, users
from qbwc.simulator import CompanyFile
from qbwc.users import passwords

ROOT = Path(__file__).absolute().parents[2]
OWNER = "{57F3B9B1-86F1-4FCC-B1EE-566DE1813D20}"
PASSWORD = "s3cret"


def file_id(number: int) -> str:
    """A FileID for each company."""
    return f"{{{number:08X}-33D9-4815-AC85-BC87A7E7D1EB}}"


def add_companies(engine: Engine, folder: Path, names: Sequence[str]) -> list[dict[str, str]]:
    """Logins and what their company files say about themselves; each is paired at its first session."""
    store.create_tables(engine)
    cheap = passwords.hash_password(PASSWORD, log_n=2)
    told = []
    for number, name in enumerate(names):
        users.add_user(
            engine, name=name, password=PASSWORD, company=name, owner_id=OWNER, file_id=file_id(number)
        )
        users.open_pairing(engine, name, minutes=600)
        told.append({"user": name, "path": f"C:\\QB\\{name}.qbw", "hcp": str(_hcp(folder, number, name))})
    with store.writing(engine) as connection:  # logins are not what is measured
        connection.execute(store.users.update().values(password=cheap))
    return told


def _hcp(folder: Path, number: int, name: str) -> Path:
    with tempfile.TemporaryDirectory(dir=folder) as own:
        seed = {"Company": {"CompanyName": name, "FileName": f"C:\\QB\\{name}.qbw"}}
        with CompanyFile.create(Path(own) / "company.db", seed) as company:
            company.stamp(OWNER, file_id(number))
            text = company.host_company_preferences(OWNER)
    path = folder / f"hcp-{number}.xml"
    path.write_text(text, "utf-8")
    return path


@contextmanager
def server(store_url: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """A server process: its address, and a dict that holds what it measured once the block has ended."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.server", store_url],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    measured: dict[str, Any] = {}
    try:
        word, url = process.stdout.readline().split()
        assert word == "ready", word
        yield url, measured
        process.stdin.close()
        measured.update(json.loads(process.stdout.readline()))
        process.wait(30)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def canned(folder: Path, plan: dict[str, Any]) -> dict[str, Any]:
    """Run the canned Web Connector in a process of its own, and answer what it measured."""
    path = folder / "plan.json"
    path.write_text(json.dumps({"password": PASSWORD, **plan}), "utf-8")
    ran = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.canned", str(path)],
        cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    told: dict[str, Any] = json.loads(ran.stdout)
    if told["trouble"]:
        raise RuntimeError(f"{len(told['trouble'])} sessions went wrong: {told['trouble'][:3]}")
    return told


def p99_ms(seconds: Sequence[float]) -> float:
    """The time that one in a hundred exceeds, in milliseconds."""
    return round(1000 * (quantiles(seconds, n=100)[98] if len(seconds) > 1 else seconds[0]), 2)
