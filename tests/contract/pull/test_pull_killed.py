"""A process that is killed at any moment of a load leaves nothing half-published, and nothing is lost."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.contract.pull.pull_office import Office
from workbench import snapshots
from workbench.snapshots import prune
from workbench.store.engine import now

pytestmark = pytest.mark.long

ROOT = Path(__file__).resolve().parents[3]

CHILD = """
import os, signal, sys
from pathlib import Path
from workbench.pull import quickbooks, quickbooks_load
from workbench.snapshots import changes
from workbench.workspace import workspace

def killed(*_, **__):
    os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))

def afterwards(step):
    def run(*arguments, **more):
        step(*arguments, **more)
        killed()
    return run

match sys.argv[2]:
    case "while rows are staged":
        quickbooks_load.Load._deleted = killed
    case "while changes are written":
        changes.write_about = killed
    case "before the file is renamed":
        Path.replace = killed
    case "before it is published":
        quickbooks.publish = killed
    case "after it was published":
        quickbooks.publish = afterwards(quickbooks.publish)
with workspace(sys.argv[1]) as opened:
    opened.pulls.load_finished()
print("was not killed")
"""

MOMENTS = [
    "while rows are staged",
    "while changes are written",
    "before the file is renamed",
    "before it is published",
    "after it was published",
]


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("first", [True, False], ids=["full", "delta"])
def test_a_load_that_is_killed_is_done_again_as_a_whole(office: Office, moment: str, first: bool) -> None:
    store, folder = office.workspace.store, office.workspace.profile.snapshots
    if not first:
        office.pull()
        office.clock.forward(hours=2)
        office.company.edit("Customer", "Cedar", Phone="555")
        office.company.delete("Invoice", "2")
    pull = office.pulls.ask()
    office.call()
    before = [each.id for each in snapshots.history(store)]

    killed = subprocess.run(
        [sys.executable, "-c", CHILD, str(office.workspace.profile.folder), moment],
        cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert killed.returncode not in (0, 1), killed.stderr

    published = moment == "after it was published"
    assert (office.pulls.outcome(pull) is not None) is published
    assert len(snapshots.history(store)) == len(before) + published

    office.pulls.load_finished()
    found = snapshots.snapshot(store, str(office.pulls.outcome(pull)))
    office.agrees(found)
    assert len(snapshots.history(store)) == len(before) + 1

    prune(store, folder, unfinished_hours=0, at=now())
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    assert files == sorted(each.file for each in snapshots.history(store)), "what it left is taken away"
    office.agrees(found)
