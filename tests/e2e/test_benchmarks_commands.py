"""The benchmark commands run and tell their figures; how good these are is no test."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.long

ROOT = Path(__file__).resolve().parents[2]

RECEIVE = {
    *("rows", "seconds", "floor_seconds", "ratio_to_floor", "reply_p99_ms", "server_growth_mb"),
    *("server_peak_mb", "page_mb", "trips_per_1000_changes"),
}
PUSH = {
    *("changes", "planning_seconds", "prediction_seconds", "convergence_seconds", "trips", "calls"),
    *("held", "refused", "returning"),
}
HISTORY = {"rows", "pulls", "space_ratio", "first_mb", "all_mb", "as_of_seconds", "plain_seconds"}
SCALE = {"companies", "sessions", "lost", "crossed", "p99_ms"}

#    arguments                          keys     what holds at any size
COMMANDS = [
    (["receive"],                       RECEIVE, {"rows": 60}),
    (["scale", "--companies", "3"],     SCALE,   {"companies": 3, "sessions": 3, "lost": 0, "crossed": 0}),
    (["history"],                       HISTORY, {"rows": 20_000, "pulls": 4}),
    (["push"],                          PUSH,    {"changes": 200, "held": 0, "refused": 0, "returning": 0}),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "keys", "held"), COMMANDS, ids=["receive", "scale", "history", "push"])
def test_the_command_tells_its_figures(arguments: list[str], keys: set[str], held: dict[str, int]) -> None:
    command = [sys.executable, "-m", "tests.benchmarks", *arguments, "--size", "tiny", "--json"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=200, check=False)
    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout.splitlines()[-1])
    assert keys <= told.keys()
    assert {name: told[name] for name in held} == held
