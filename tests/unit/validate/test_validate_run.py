"""A notebook on an invalid profile is not begun, and its run folder says why."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest

from tests.unit.profile.bare_profile import SMALLEST, bare_profile, make_valid
from workbench.profile import PROFILE_FILE, SalesforceSettings
from workbench.scheduled import run_notebook

PARAMETERS = 'profile = "none"\nrun_folder = None'
RAN = (
    "import json, pathlib\n"
    "(pathlib.Path(run_folder) / 'result.json').write_text(json.dumps({'exit_code': 0, 'ran': True}))"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    org = SalesforceSettings(url="https://books.my.salesforce.com")
    return make_valid(bare_profile(tmp_path / "books", salesforce=org)).folder


def run(tmp_path: Path, profile: str) -> tuple[int, dict[str, object], str]:
    """Exit code, result and report of a run."""
    cells = [
        nbformat.v4.new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]}),
        nbformat.v4.new_code_cell(RAN),
    ]
    notebook = nbformat.v4.new_notebook(cells=cells)
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, tmp_path / "nightly.ipynb")
    made = run_notebook(tmp_path / "nightly.ipynb", parameters={"profile": profile}, runs=tmp_path / "runs")
    assert json.loads((made.folder / "result.json").read_text()) == made.result
    return made.exit_code, made.result, (made.folder / "report.html").read_text(encoding="utf-8")


def test_an_invalid_mapping_stops_the_run_before_its_first_cell(tmp_path: Path, folder: Path) -> None:
    wrong = SMALLEST.replace("quickbooks: Name", "quickbooks: Nam")
    (folder / "mappings" / "account-customer.yaml").write_text(wrong, encoding="utf-8")
    code, result, report = run(tmp_path, str(folder))
    assert code == 1
    assert "ran" not in result
    error = result["error"]
    assert isinstance(error, dict)
    assert error["kind"] == "InvalidProfile"
    assert "a run goes on only from a valid report, and 1 check fails" in error["message"]
    assert "mappings/account-customer.yaml:8" in error["message"]
    assert "<h1>Validate Process: books</h1>" in report
    assert "has no field &#x27;Nam&#x27;" in report


def test_a_profile_that_cannot_be_read_stops_it_too(tmp_path: Path, folder: Path) -> None:
    (folder / PROFILE_FILE).write_text("salesforce: [", encoding="utf-8")
    code, result, report = run(tmp_path, str(folder))
    assert (code, "ran" in result) == (1, False)
    assert "broken YAML" in report


@pytest.mark.parametrize("named", ["the valid profile", "none", ""])
def test_everything_else_runs(named: str, tmp_path: Path, folder: Path) -> None:
    code, result, _ = run(tmp_path, str(folder) if named == "the valid profile" else named)
    assert (code, result["ran"]) == (0, True)
