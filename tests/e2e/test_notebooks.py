"""The notebooks run headless, with the same calls that a person clicks."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

from workbench import resources
from workbench.bench import open as open_bench
from workbench.demo.story import Story, until_first_diff
from workbench.demo.world import World

pytestmark = pytest.mark.long

ROOT = Path(__file__).resolve().parents[2]
DECISIONS = resources.demo_data() / "decisions.yaml"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = World.make(tmp_path_factory.mktemp("notebooks") / "profile")
    with made:
        bench = open_bench(made.profile.folder, lambda _: None)
        until_first_diff(made, bench, Story(), lambda _: None)
        yield made


def run(world: World, notebook: str, **parameters: object) -> tuple[int, dict[str, Any]]:
    command = [sys.executable, "-m", "workbench", "run", notebook, "--json"]
    command += ["--profile", str(world.profile.folder)]
    for name, value in parameters.items():
        command += ["-p", name, str(value)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=200, check=False)
    lines = done.stdout.splitlines()
    assert lines, done.stderr
    return done.returncode, json.loads(lines[-1])


def outputs(folder: str, name: str) -> list[Any]:
    (path,) = Path(folder).glob("*.ipynb")
    notebook = nbformat.read(path, as_version=4)
    shown = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    return [output for output in shown if name in output.get("data", ())]


@pytest.mark.timeout(420)
def test_the_night_before_and_after_a_person_has_decided(world: World) -> None:
    code, told = run(world, "90_scheduled_reconciliation")
    assert code == 3, "candidates and undecided differences need a person"
    assert told["remaining_differences"] > 0
    assert told["pushed"] == {}
    report = (Path(told["folder"]) / "report.html").read_text(encoding="utf-8")
    assert not re.search("<(script|link)[^>]+(src|href)=.?https?:", report)
    assert "Hadley Moor Quarry" in report, "the report shows its tables without a kernel"

    code, told = run(world, "00_start", decisions=DECISIONS, execute="true")
    assert told.get("error") is None, told
    assert outputs(told["folder"], "text/html"), "saved notebooks show their tables"

    code, told = run(world, "90_scheduled_reconciliation", execute="true")
    assert (code, told["remaining_differences"]) == (0, 0)

    bench = open_bench(world.profile.folder, lambda _: None)
    ((account,),) = bench.sql(
        "SELECT Id FROM salesforce.\"Account\" WHERE Name = 'Wagtail Coach Tours'"
    ).values
    (result,) = bench.workspace.salesforce().update("Account", [{"Id": account, "Phone": "(206) 555-0177"}])
    assert result["success"]
    code, told = run(world, "90_scheduled_reconciliation", execute="true")
    assert (code, told["pushed"]) == (0, {"applied": 1}), "the same person approves at night"

    code, told = run(world, "07_history_and_undo")
    assert told.get("error") is None, told
    shown = json.dumps([output["data"] for output in outputs(told["folder"], "text/html")])
    assert "(206) 555-0177" in shown, "the undo shows what it would take back"
    ((phone,),) = bench.sql(
        "SELECT Phone FROM quickbooks.\"Customer\" WHERE FullName = 'Wagtail Coach Tours'"
    ).values
    assert phone == "(206) 555-0177", "running all cells writes nothing"


def test_an_unknown_parameter_is_refused_with_the_closest_name(world: World) -> None:
    code, told = run(world, "90_scheduled_reconciliation", exekute="true")
    assert code == 64
    assert "exekute" in json.dumps(told["problems"])
    assert "execute" in json.dumps(told["problems"])
