"""`python3 -m tests`: everything that must hold before a change is kept.

    python3 -m tests             ruff, ruff format, mypy, then the tests: within eight minutes on two cores
    python3 -m tests --long      the tests marked `long`: stories and campaigns, a quarter of an hour
    python3 -m tests -k name     only pytest, with these arguments, of all tests

Sets itself up like `python3 -m workbench` (the grammar of this file is that of Python 3.6).  The exit code
is 0 only when every check and every test passed.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

from workbench import bootstrap

ROOT = Path(__file__).resolve().parent.parent
WORKERS = 4  # at most; a file's tests stay together, they share what it sets up
CHECKS = (
    ("ruff check", ["ruff", "check", "."]),
    ("ruff format", ["ruff", "format", "--check", "."]),
    ("mypy --strict", ["mypy"]),
)


def main() -> int:
    """Run the checks and the tests; the exit code."""
    bootstrap.ensure("test")
    longer = sys.argv[1:] == ["--long"]
    arguments = [] if longer else sys.argv[1:]
    failed = [] if arguments or longer else [name for name, command in CHECKS if not _passes(name, command)]
    import pytest

    counter = _Counter()
    whole = [
        "-n",
        str(min(os.cpu_count() or 1, WORKERS)),
        "--dist",
        "loadfile",
        "--no-loadscope-reorder",
        "-q",
        "-m",
        "long" if longer else "not long",
    ]
    given = ["--rootdir", str(ROOT), "-c", str(ROOT / "pyproject.toml"), *(arguments or whole)]
    code = int(pytest.main(given, [counter]))
    if not failed:
        return code
    # Else the last line would be pytest's, and look better than things are.
    print(f"\nAlso failed, shown above: {', '.join(failed)}")
    print(f"{counter.passed} passed, {counter.failed + len(failed)} failed")
    return code or 1


def _passes(name: str, command: "list[str]") -> bool:
    """Run one check from the root of the checkout; its output is shown when it fails."""
    began = time.monotonic()
    run = subprocess.run(
        [sys.executable, "-m", *command], cwd=str(ROOT), capture_output=True, text=True, encoding="utf-8"
    )
    passed = run.returncode == 0
    print("{:14} {} ({:.0f} s)".format(name, "passed" if passed else "FAILED", time.monotonic() - began))
    if not passed:
        print(run.stdout + run.stderr)
    sys.stdout.flush()
    return passed


class _Counter:
    """Counts what pytest reports."""

    def __init__(self) -> None:
        self.passed = 0
        self.failed = 0

    def pytest_terminal_summary(self, terminalreporter: "object") -> None:
        stats = getattr(terminalreporter, "stats", {})
        self.passed = len(stats.get("passed", ()))
        self.failed = len(stats.get("failed", ())) + len(stats.get("error", ()))


if __name__ == "__main__":
    sys.exit(main())
