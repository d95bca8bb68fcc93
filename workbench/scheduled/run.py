"""One headless run: execute, take the result, write the report.

Exit codes: 0 clean or done, 1 failure, 2 differences found, 3 not finished.  A notebook that takes the
parameter `run_folder` says its own in `result.json` there; papermill's "no exception" is no proof, since
a broken output ends a run without one.  A cell that failed outweighs what the notebook said before.
"""

from __future__ import annotations

import contextlib
import json
import logging
import secrets
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any, TextIO

import nbformat
import papermill
from papermill.exceptions import PapermillExecutionError

from workbench import errors
from workbench.scheduled.gate import Refused, refused
from workbench.scheduled.kernel import this_interpreter
from workbench.scheduled.parameters import RUN_FOLDER, check, declared, escaped
from workbench.scheduled.report import write_bare_report, write_refusal, write_report

Say = Callable[[str], None]
_OWN_CODES = (0, 1, 2, 3)
_FAILURE = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class RunResult:
    """What a run left.

    Attributes:
        folder: The run folder.
        exit_code: 0, 1, 2, 3 or, for a cell that was told something wrong, 64.
        result: The content of result.json.
    """

    folder: Path
    exit_code: int
    result: dict[str, Any]


def run_notebook(
    notebook: Path, *, parameters: Mapping[str, Any], runs: Path, progress: Say | None = None
) -> RunResult:
    """Runs a notebook headless in a folder of its own below `runs`.

    A notebook whose parameter `profile` names an invalid profile is not begun: the run's report is then that
    of Validate Process.  The kernel works in the current folder, as a script would.  Ctrl-C (or a SIGTERM)
    ends the run with exit code 1 and a result that says so.

    Args:
        parameters: By name; text is typed by the default in the notebook.
        progress: Told one line at a time.

    Raises:
        UsageProblem, WrongParameters: No notebook, or it can't take the parameters; nothing was run.
    """
    known = declared(notebook)
    values = check(parameters, known)
    run = _Run(
        notebook=notebook, folder=_make_folder(runs), tells=RUN_FOLDER in known, say=progress or _silent
    )
    if run.tells:
        values[RUN_FOLDER] = str(run.folder)
    with (run.folder / "log.txt").open("w", encoding="utf-8") as log, _logged(log):
        started = datetime.now(UTC)
        if stopped := refused(values):
            return run.finish(started, values, stopped.error, stopped)
        return run.finish(started, values, run.execute(values, log))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """A run under way; `tells` is whether the notebook writes a result of its own."""

    notebook: Path
    folder: Path
    tells: bool
    say: Say

    @property
    def executed(self) -> Path:
        return self.folder / "notebook.ipynb"

    def execute(self, values: Mapping[str, Any], log: TextIO) -> dict[str, Any] | None:
        """Runs all cells; answers None, or what went wrong."""
        cells = _read(self.notebook).cells
        headings = _headings(cells)
        places = {cell.get("id"): place for place, cell in enumerate(cells)}

        def on_cell_start(cell: Any, **_: Any) -> None:
            place = places.get(cell.get("id"))  # papermill adds a cell with the parameters, which has none
            if place is not None and cell.cell_type == "code":
                self.say(f"{self.notebook.stem}: cell {place + 1} of {len(cells)}{headings[place]}")

        try:
            with _stopped_by_signal(), this_interpreter(log) as manager:
                papermill.execute_notebook(
                    escaped(self.notebook),
                    escaped(self.executed),
                    parameters=dict(values),
                    kernel_name="python3",
                    language="python",
                    kernel_manager_class=manager,
                    progress_bar=False,
                    store_widget_state=False,
                    on_cell_start=on_cell_start,
                    stdout_file=log,
                    stderr_file=log,
                )
        except PapermillExecutionError as failed:
            return {"kind": failed.ename, "message": failed.evalue, "cell": failed.cell_index + 1}
        except KeyboardInterrupt:
            return {"kind": "Interrupted", "message": "the run was stopped before its end"}
        except Exception as failed:  # a broken output, a kernel that died, a full disk: all end this run
            logging.getLogger("papermill").error("the run failed", exc_info=True)
            return {"kind": type(failed).__name__, "message": str(failed)}
        return None

    def finish(
        self,
        started: datetime,
        values: Mapping[str, Any],
        error: dict[str, Any] | None,
        stopped: Refused | None = None,
    ) -> RunResult:
        """Writes result.json and the report; `stopped` says why nothing was run."""
        told, missing = read_result(self.folder / "result.json") if self.tells else ({}, None)
        error = error or missing
        ended = datetime.now(UTC)
        result: dict[str, Any] = {
            **told,
            "exit_code": told.get("exit_code", 0) if error is None else _exit_code(error["kind"]),
            "notebook": self.notebook.name,
            "parameters": {name: value for name, value in values.items() if name != RUN_FOLDER},
            "started_at": started.isoformat(timespec="seconds"),
            "ended_at": ended.isoformat(timespec="seconds"),
            "seconds": round((ended - started).total_seconds(), 1),
        }
        if error is not None:
            result["error"] = error
            self.say(f"{self.notebook.stem}: {error['kind']}: {error['message']}")
        _write_json(self.folder / "result.json", result)
        self._report(result, stopped)
        return RunResult(folder=self.folder, exit_code=result["exit_code"], result=result)

    def _report(self, result: Mapping[str, Any], stopped: Refused | None) -> None:
        path, title = self.folder / "report.html", self.notebook.stem
        if stopped is not None:
            write_refusal(path, title=title, message=stopped.message, page=stopped.page)
            return
        try:
            write_report(_read(self.executed), path, title=title, result=result)
        except Exception as failed:  # the run is over and has its result: a missing page must not hide it
            logging.getLogger("papermill").error("the report failed", exc_info=True)
            self.say(f"{title}: no full report: {failed}")
            text = json.dumps(result, indent=2, default=str)
            write_bare_report(path, title=title, text=f"The notebook could not be shown: {failed}\n\n{text}")


def read_result(path: Path) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """What a notebook wrote into its result.json, and None or what is wrong with it."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}, _no_result("the notebook ended without writing result.json")
    except ValueError as broken:
        return {}, _no_result(f"result.json is broken: {broken}")
    if not isinstance(told, dict):
        return {}, _no_result("result.json is no object")
    code = told.get("exit_code")
    if type(code) is not int or code not in _OWN_CODES:
        known = ", ".join(map(str, _OWN_CODES))
        return told, _no_result(f"result.json says exit code {code!r}; expected one of {known}")
    return told, None


def _no_result(message: str) -> dict[str, Any]:
    return {"kind": "NoResult", "message": message}


def _read(path: Path) -> Any:
    reader: Callable[..., Any] = nbformat.read  # nbformat gives it no types
    return reader(path, as_version=4)


def _make_folder(runs: Path) -> Path:
    """A new folder, for its user only; two runs in one second get two."""
    runs.mkdir(parents=True, exist_ok=True)
    while True:
        folder = runs / f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
        with contextlib.suppress(FileExistsError):
            folder.mkdir(mode=0o700)
            return folder.resolve()


def _exit_code(kind: str) -> int:
    """The exit code of an error by its class: a cell that needs a person says 3, as the command would."""
    known = getattr(errors, kind, None)
    if isinstance(known, type) and issubclass(known, errors.WorkbenchError):
        return known.exit_code
    return _FAILURE


def _headings(cells: list[Any]) -> list[str]:
    """For each cell, the heading above it, as the end of a progress line."""
    found, current = [], ""
    for cell in cells:
        lines = cell.source.splitlines() if cell.cell_type == "markdown" else []
        titles = [line.lstrip("#").strip() for line in lines if line.startswith("#")]
        current = f" ({titles[-1]})" if titles else current
        found.append(current)
    return found


def _write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Whole or not at all: a scheduler may read it at any time."""
    new = path.with_suffix(".new")
    new.write_text(json.dumps(content, indent=2, default=str) + "\n", encoding="utf-8")
    new.replace(path)


@contextlib.contextmanager
def _logged(log: TextIO) -> Iterator[None]:
    """What papermill says goes into the run's log and nowhere else."""
    logger = logging.getLogger("papermill")
    handler = logging.StreamHandler(log)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    level, propagate = logger.level, logger.propagate
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
        logger.propagate = propagate


@contextlib.contextmanager
def _stopped_by_signal() -> Iterator[None]:
    """A scheduler stops a run by SIGTERM: that ends it as Ctrl-C does, with a result."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    previous = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, previous)


def _silent(_line: str) -> None:
    """Progress that nobody wants."""
