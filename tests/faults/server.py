"""The Web Connector server as a process of its own, which can be told to die at a commit.

    python -m tests.faults.server STORE_URL WRITES_A_SET

It is the product's server; a line `die before N` or `die after N` on its standard input arms it: it kills
itself just before or just after its Nth commit from then on, as a power cut would.  It ends in order when its
standard input closes.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from typing import Any

from sqlalchemy import Engine

from qbwc import store
from qbwc.service import running_server
from qbwc.service.memory import give_back
from qbwc.session import Limits

ATTEMPTS = 10_000
"""A campaign breaks more sessions than a write may be tried: its patience is not what is tested."""


class _Fuse:
    """Kills the process at a commit."""

    def __init__(self, engine: Engine) -> None:
        self._left = {"before": 0, "after": 0}
        self._commit = engine.dialect.do_commit
        engine.dialect.do_commit = self._do_commit

    def arm(self, moment: str, number: int) -> None:
        self._left = {"before": 0, "after": 0, moment: number}

    def _do_commit(self, connection: Any) -> None:
        self._burn("before")
        self._commit(connection)
        self._burn("after")

    def _burn(self, moment: str) -> None:
        if self._left[moment]:
            self._left[moment] -= 1
            if not self._left[moment]:
                # SIGTERM ends a process at once on Windows, where there is no SIGKILL.
                os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))


def main() -> None:
    """Serve until standard input closes."""
    url, writes = sys.argv[1], int(sys.argv[2])
    give_back()
    engine = store.open_store(url)
    fuse = _Fuse(engine)
    with running_server(engine, limits=Limits(writes=writes, attempts=ATTEMPTS, linger_seconds=0)) as address:
        print(f"ready {address}", flush=True)
        ended = threading.Event()
        threading.Thread(target=_listen, args=(fuse, ended), daemon=True).start()
        ended.wait()


def _listen(fuse: _Fuse, ended: threading.Event) -> None:
    for line in sys.stdin:
        _, moment, number = line.split()
        fuse.arm(moment, int(number))
        print("armed", flush=True)
    ended.set()


if __name__ == "__main__":
    main()
