"""The Web Connector server as a process of its own that times its replies and watches its size.

    python -m tests.benchmarks.server STORE_URL

It is the product's server; what it measured is told as one JSON object when its standard input closes:
for each operation the seconds of every reply (from the first byte of the body that is read to the last of the
answer) and the CPU seconds of all, the resident MB after every receiveResponseXML, and their peak.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import psutil

from qbwc import store
from qbwc.service import server

_MEGABYTE = 1024 * 1024


class Meter:
    """What is measured."""

    def __init__(self) -> None:
        self._process = psutil.Process()
        self.seconds: dict[str, list[float]] = defaultdict(list)
        self.busy: dict[str, float] = defaultdict(float)
        self.resident: list[float] = []

    def around(self, application: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
        """The application, timed."""

        def timed(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
            began, busy = time.perf_counter(), time.thread_time()
            answer = list(application(environ, start))
            operation = environ.get("HTTP_SOAPACTION", "").strip('"').rpartition("/")[2]
            self.seconds[operation].append(time.perf_counter() - began)
            self.busy[operation] += time.thread_time() - busy
            if operation == "receiveResponseXML":
                self.resident.append(round(self._process.memory_info().rss / _MEGABYTE, 2))
            return answer

        return timed

    def told(self) -> dict[str, Any]:
        """All of it."""
        return {
            "seconds": self.seconds,
            "busy": self.busy,
            "resident_mb": self.resident,
            "peak_mb": peak_mb(self._process),
        }


def peak_mb(process: psutil.Process) -> float | None:
    """The most the process ever held, where the system tells."""
    memory = process.memory_info()
    if hasattr(memory, "peak_wset"):
        return round(memory.peak_wset / _MEGABYTE, 1)
    status = Path("/proc/self/status")
    if status.exists():
        # Not getrusage: after a fork it still tells the parent's peak.
        (line,) = [line for line in status.read_text("ascii").splitlines() if line.startswith("VmHWM:")]
        return round(int(line.split()[1]) / 1024, 1)
    return None


def main() -> None:
    """Serve until standard input closes, then tell."""
    meter = Meter()
    site = server.application
    server.application = lambda *given, **named: meter.around(site(*given, **named))
    ended = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
    server.serve(
        store.open_store(sys.argv[1]),
        stop=ended,
        on_ready=lambda address: print(f"ready {address}", flush=True),
    )
    print(json.dumps(meter.told()), flush=True)


if __name__ == "__main__":
    main()
