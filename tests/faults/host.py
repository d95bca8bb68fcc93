"""Start, arm, kill and restart the server process of a campaign."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).absolute().parents[2]
_STOP_SECONDS = 20


class Host:
    """The server's process, one after the other; its standard error is kept in a file."""

    def __init__(self, store_url: str, log: Path, *, writes_a_set: int = 200) -> None:
        self._command = [sys.executable, "-m", "tests.faults.server", store_url, str(writes_a_set)]
        self._log = log
        self._process: subprocess.Popen[str] | None = None
        self.port = 0
        self.url = ""
        self.starts = 0

    def start(self) -> None:
        """Start it and wait until it takes calls."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True
            )
        word, self.url = self._line().split()
        assert word == "ready", word
        self.port = int(self.url.split(":")[2].split("/")[0])
        self.starts += 1

    @property
    def pid(self) -> int:
        """Of the process that runs, or ran last."""
        assert self._process is not None
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._process is not None and self._process.poll() is None

    def wait_dead(self, seconds: float = 5.0) -> bool:
        """Whether it has ended within that time."""
        assert self._process is not None
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def arm(self, moment: str, number: int) -> None:
        """Have it die just before or after its next commit but `number` - 1."""
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(f"die {moment} {number}\n")
        self._process.stdin.flush()
        assert self._line().strip() == "armed"

    def kill(self) -> None:
        """SIGKILL; TerminateProcess on Windows."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        """End it in order, as far as it still runs."""
        if self._process is None:
            return
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.close()
            self._process.wait(_STOP_SECONDS)
        except (subprocess.TimeoutExpired, OSError):
            self.kill()
        self._process.stdout.close()

    def traces(self) -> int:
        """Tracebacks on its standard error."""
        return self._log.read_text("utf-8", "replace").count("Traceback (most recent call last)")

    def _line(self) -> str:
        assert self._process is not None
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(
                f"the server ended by itself: {self._log.read_text('utf-8', 'replace')[-2000:]}"
            )
        return line
