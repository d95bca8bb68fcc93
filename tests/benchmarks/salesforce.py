"""Pulling many Accounts through Bulk API 2.0, and the API calls of 10,000 writes.

The org runs as a process of its own; the client pulls in another one, so that what is measured is the
client's alone: its processor time (all its threads) and its greatest resident size.  `floor_seconds` is the
processor time of DuckDB's `read_csv` of the same bytes into a table with the same types, in a process like
the client's.  Both are measured in turn, and the medians compared.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from tests.benchmarks import salesforce_calls
from workbench.profile import SalesforceSettings, write_secrets
from workbench.testorg import ConnectedApp, OrgSettings, TestOrg, User

#        Accounts, rounds, writes counted
SIZES = {"tiny": (3_000, 1, 400), "small": (20_000, 3, 10_000), "full": (200_000, 3, 10_000)}

USER = User(username="bench@alpine.example", password="invented", security_token="token")
APP = ConnectedApp(client_id="bench", client_secret="invented", run_as=USER.username)
SECRETS = {"salesforce.client_id": APP.client_id, "salesforce.client_secret": APP.client_secret}

STREETS = ("Alder Road", "Birch Lane", "Cedar Street", "Dogwood Avenue")
CITIES = ("Springfield", "Lakewood", "Élan", "San José")


def run(size: str) -> dict[str, Any]:
    """The figures, by their names in the design."""
    rows, rounds, writes = SIZES[size]
    with tempfile.TemporaryDirectory(prefix="salesforce-") as name:
        folder = Path(name)
        _fill(folder / "org.sqlite", rows)
        ours, floors = [], []
        with _org(folder) as url:
            profile = _profile(folder / "profile", url)
            kept = _client("download", profile, folder / "accounts.csv")
            for number in range(rounds):
                ours.append(_client("pull", profile, folder / f"snapshots-{number}"))
                floors.append(_client("floor", profile, folder / "accounts.csv"))
                assert ours[-1]["rows"] == floors[-1]["rows"] == rows, (ours[-1], floors[-1])
        calls = salesforce_calls.count(folder / "calls", writes)
    mine, floor = (median(one["cpu"] for one in each) for each in (ours, floors))
    return {
        "rows": rows,
        "client_cpu_seconds": round(mine, 3),
        "floor_seconds": round(floor, 3),
        "ratio_to_floor": round(mine / floor, 2),
        "peak_mb": round(max(one["peak_mb"] for one in ours), 1),
        "csv_mb": round(kept["bytes"] / 1024**2, 1),
        "pull_seconds": round(median(one["seconds"] for one in ours), 2),
        "pull_calls": ours[-1]["calls"],
        **calls,
        "rounds": rounds,
    }


def _fill(path: Path, rows: int) -> None:
    """An org with Accounts, always the same ones."""
    chance = random.Random(1)
    accounts = [
        {
            "Name": f'Account {number:06} {chance.choice(CITIES)} "Trade"',
            "Phone": f"555-{chance.randrange(10_000):04}",
            "Website": f"https://a{number}.example",
            "BillingStreet": f"{chance.randrange(999)} {chance.choice(STREETS)}\nSuite {number % 90}",
            "BillingCity": chance.choice(CITIES),
            "BillingPostalCode": f"{chance.randrange(100_000):05}",
            "Description": "Invented, for a measurement. " * chance.randrange(4),
            "AnnualRevenue": f"{chance.randrange(10**9)}.{chance.randrange(100):02}",
            "NumberOfEmployees": chance.randrange(5_000),
        }
        for number in range(rows)
    ]
    TestOrg.open(path, seed={"Account": accounts}, users=[USER], apps=[APP]).close()


@contextmanager
def _org(folder: Path) -> Iterator[str]:
    """The org as a process of its own; answers its address."""
    credentials = folder / "credentials.json"
    given = {
        "username": USER.username,
        "password": USER.password,
        "security_token": USER.security_token,
        "client_id": APP.client_id,
        "client_secret": APP.client_secret,
    }
    credentials.write_text(json.dumps(given))
    process = subprocess.Popen(
        [
            sys.executable, "-m", "workbench.testorg", "--data", str(folder / "org.sqlite"),
            "--credentials", str(credentials), "--until-stdin-closes",
        ],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait(30)


def _profile(folder: Path, url: str) -> Path:
    from tests.unit.profile.bare_profile import bare_profile

    profile = bare_profile(folder, salesforce=SalesforceSettings(url=url, leave_percent=0))
    write_secrets(profile, SECRETS)
    return profile.folder


def _client(what: str, profile: Path, target: Path) -> dict[str, Any]:
    """Run one measurement in a process of its own."""
    run = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.salesforce_client", what, str(profile), str(target)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if run.returncode != 0:
        raise RuntimeError(f"{what} failed:\n{run.stderr}")
    told: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
    return told


__all__ = ["APP", "SECRETS", "USER", "OrgSettings", "run"]
