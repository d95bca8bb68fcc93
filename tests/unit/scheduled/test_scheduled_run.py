"""Headless runs: what they leave behind, and the exit codes."""

# ruff: noqa: E501  (tables are read in columns)

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import nbformat
import pytest

from workbench.errors import UsageProblem
from workbench.scheduled import run_notebook
from workbench.scheduled.run import read_result

pytestmark = pytest.mark.long

TELL = "import json, pathlib\ndef tell(**said): (pathlib.Path(run_folder) / 'result.json').write_text(json.dumps(said))"


def write(path: Path, *sources, parameters='name = "nobody"\nrun_folder = None'):
    cells = [nbformat.v4.new_markdown_cell("# Title\nwords\n## First step")]
    if parameters:
        cells.append(nbformat.v4.new_code_cell(parameters, metadata={"tags": ["parameters"]}))
    cells += [nbformat.v4.new_code_cell(source) for source in sources]
    notebook = nbformat.v4.new_notebook(cells=cells)
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, path)
    return path


def run(tmp_path, *sources, **given):
    notebook = write(tmp_path / "nightly.ipynb", TELL, *sources)
    return run_notebook(notebook, parameters=given, runs=tmp_path / "runs")


def test_a_run_leaves_notebook_report_result_and_log(tmp_path):
    lines = []
    notebook = write(
        tmp_path / "nightly.ipynb",
        TELL,
        "print('hello', name)\nimport sys; print('progress 1', file=sys.stderr); sys.executable",
        "import pandas as pd\nfrom workbench.widgets import DiffGrid\n"
        "DiffGrid(pd.DataFrame({'change': ['c1'], 'record': ['Acme & Sons']}))",
        "tell(exit_code=2, reasons=['3 < 4 changes'], pulled={'Account': 3})",
    )
    result = run_notebook(notebook, parameters={"name": "007"}, runs=tmp_path / "runs", progress=lines.append)
    assert result.exit_code == 2
    assert result.result == json.loads((result.folder / "result.json").read_text())
    said = {key: result.result[key] for key in ("exit_code", "pulled", "notebook", "parameters")}
    assert said == {
        "exit_code": 2,
        "pulled": {"Account": 3},
        "notebook": "nightly.ipynb",
        "parameters": {"name": "007"},
    }
    assert re.fullmatch(r"\d{8}T\d{6}Z-[0-9a-f]{6}", result.folder.name)
    assert {path.name for path in result.folder.iterdir()} == {
        "notebook.ipynb", "report.html", "result.json", "log.txt",
    }  # fmt: skip
    log = (result.folder / "log.txt").read_text()
    assert "hello 007" in log
    assert "progress 1" in log
    assert lines == [f"nightly: cell {number} of 6 (First step)" for number in (2, 3, 4, 5, 6)]

    executed = (result.folder / "notebook.ipynb").read_text()
    assert repr(sys.executable)[1:-1] in executed  # this interpreter, not one that happens to be on the path
    assert "application/vnd.jupyter.widget-state+json" not in executed

    report = (result.folder / "report.html").read_text()
    assert "Acme &amp; Sons" in report
    assert "Differences were found" in report
    assert "3 &lt; 4 changes" in report
    assert "hello 007" in report
    assert "progress 1" not in report
    assert "def tell" not in report
    loads = re.findall(r"<(?:script|link|img|iframe)\b[^>]*(?:src|href)\s*=\s*[\"']?(?!data:)[^>]*>", report)
    assert loads == []
    assert re.findall(r"(?:@import|url\()\s*[\"']?(?:https?:)?//[^)\"']*", report) == []
    assert "<script" not in report


#  why                          result.json                      told                   says
RESULTS = [
    ("done",                    '{"exit_code": 0, "n": 1}',      {"exit_code": 0, "n": 1}, None),
    ("not finished",            '{"exit_code": 3}',              {"exit_code": 3},      None),
    ("none",                    None,                            {},                    "without writing result.json"),
    ("broken",                  "{",                             {},                    "is broken"),
    ("no object",               "[0]",                           {},                    "is no object"),
    ("no exit code",            '{"n": 1}',                      {"n": 1},              "exit code None"),
    ("beyond the known ones",   '{"exit_code": 4}',              {"exit_code": 4},      "exit code 4"),
    ("below them",              '{"exit_code": -1}',             {"exit_code": -1},     "exit code -1"),
    ("true is no exit code",    '{"exit_code": true}',           {"exit_code": True},   "exit code True"),
    ("text is none either",     '{"exit_code": "0"}',            {"exit_code": "0"},    "exit code '0'"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "told", "says"), [case[1:] for case in RESULTS], ids=[case[0] for case in RESULTS]
)
def test_what_a_notebook_says_of_itself(tmp_path, text, told, says):
    path = tmp_path / "result.json"
    if text is not None:
        path.write_text(text)
    said, error = read_result(path)
    assert said == told
    assert (error is None) if says is None else (error["kind"] == "NoResult" and says in error["message"])


#  why                              last cell                                     exit code  error
ENDS = [
    ("says nothing",                "1 + 1",                                      1, "NoResult"),
    ("it failed after its result",  "tell(exit_code=0); 1 / 0",                   1, "ZeroDivisionError"),
    ("it needs a person",           "import workbench.errors as e\nraise e.NeedsPerson('nobody came')", 3, "NeedsPerson"),
    ("the kernel died",             "import os; os._exit(7)",                     1, "DeadKernelError"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("source", "code", "error"), [case[1:] for case in ENDS], ids=[case[0] for case in ENDS]
)
def test_exit_codes(tmp_path, source, code, error):
    result = run(tmp_path, source)
    assert (result.exit_code, result.result["error"]["kind"]) == (code, error)
    assert (result.folder / "report.html").stat().st_size > 100


def test_a_failed_cell_is_told_with_its_words_and_place(tmp_path):
    result = run(tmp_path, "tell(exit_code=0, pulled=5)", "raise ValueError('odd row 17')", "print('never')")
    assert result.result["error"] == {"kind": "ValueError", "message": "odd row 17", "cell": 6}
    assert result.result["pulled"] == 5
    report = (result.folder / "report.html").read_text()
    assert "The run failed" in report
    assert "ValueError (cell 6): odd row 17" in report
    assert "never" not in (result.folder / "log.txt").read_text()


def test_an_output_that_is_no_valid_notebook_content_fails_the_run(tmp_path):
    """papermill ends such a run with `exception: None` in the notebook's metadata."""
    broken = "from IPython.display import display\ndisplay({'application/vnd.x.v6.json': {'a': 1}}, raw=True)"
    result = run(tmp_path, broken, "tell(exit_code=0)")
    assert (result.exit_code, result.result["error"]["kind"]) == (1, "NotebookValidationError")
    assert (result.folder / "report.html").exists()
    assert (result.folder / "notebook.ipynb").exists()


def test_a_notebook_that_takes_no_run_folder_is_done_when_its_cells_are(tmp_path):
    plain = write(tmp_path / "plain.ipynb", "1 + 1", parameters=None)
    result = run_notebook(plain, parameters={}, runs=tmp_path / "runs")
    assert (result.exit_code, "error" in result.result) == (0, False)


def test_unknown_parameters_run_nothing(tmp_path):
    with pytest.raises(UsageProblem, match="Did you mean name"):
        run(tmp_path, "tell(exit_code=0)", nmae="x")
    assert not (tmp_path / "runs").exists()


def test_two_runs_at_once_have_two_folders(tmp_path):
    notebook = write(tmp_path / "nightly.ipynb", TELL, "tell(exit_code=0, said=name)")
    results = []

    def go(name):
        results.append(run_notebook(notebook, parameters={"name": name}, runs=tmp_path / "runs"))

    threads = [threading.Thread(target=go, args=[name]) for name in ("a", "b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert sorted(result.result["said"] for result in results) == ["a", "b"]
    assert len({result.folder for result in results}) == 2


def test_the_users_own_kernels_and_startup_files_are_no_part_of_a_run(tmp_path, monkeypatch):
    kernels = tmp_path / "data" / "kernels" / "python3"
    kernels.mkdir(parents=True)
    spec = {"argv": ["/no/such/python", "{connection_file}"], "display_name": "x", "language": "python"}
    (kernels / "kernel.json").write_text(json.dumps(spec))
    startup = tmp_path / "ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "00.py").write_text("planted = True")
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    result = run(tmp_path, "tell(exit_code=0, planted='planted' in globals())")
    assert (result.exit_code, result.result["planted"]) == (0, False)


@pytest.mark.skipif(sys.platform == "win32", reason="a signal to one process: POSIX only")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_stopped_says_so(tmp_path, number):
    notebook = write(tmp_path / "long.ipynb", "import time\nprint('asleep', flush=True)\ntime.sleep(600)")
    code = (
        "import sys, pathlib\nfrom workbench.scheduled import run_notebook\n"
        f"result = run_notebook(pathlib.Path({str(notebook)!r}), parameters={{}}, "
        f"runs=pathlib.Path({str(tmp_path / 'runs')!r}))\nsys.exit(result.exit_code)"
    )
    root = Path(__file__).resolve().parents[3]
    process = subprocess.Popen(
        [sys.executable, "-c", code], cwd=root, env={**os.environ, "PYTHONPATH": str(root)}
    )
    try:
        wait_for(lambda: "asleep" in "".join(path.read_text() for path in tmp_path.glob("runs/*/log.txt")))
        process.send_signal(number)
        assert process.wait(60) == 1
    finally:
        process.kill()
    (folder,) = (tmp_path / "runs").iterdir()
    result = json.loads((folder / "result.json").read_text())
    assert (result["exit_code"], result["error"]["kind"]) == (1, "Interrupted")
    assert nbformat.read(folder / "notebook.ipynb", as_version=4).cells


def wait_for(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.1)
