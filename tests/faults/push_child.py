"""`python -m tests.faults.push_child PROFILE CHANGESET before|after N`: a push that is killed at a write.

It is the command `workbench push CHANGESET --execute`, which ends like a power cut at its write number N:
just before it, or just after.  A write is a transaction of the store that changes something (who holds the
lease is not counted), or a request to Salesforce that does.  With N = 0 it goes to its end, and tells how
many writes that took.
"""

from __future__ import annotations

import os
import re
import signal
import sys
import threading
from typing import Any

import requests
from sqlalchemy import Engine, event
from sqlalchemy.engine.default import DefaultDialect

from workbench.cli.main import main as workbench
from workbench.connections import salesforce_bulk, salesforce_session
from workbench.ledger import leases
from workbench.push import salesforce as writer

WAIT_MINUTES = "0.5"
_CHANGES = re.compile(
    r"\s*(INSERT|UPDATE|DELETE)\b(?!.*\b(wb_leases|qbwc_companies)\b)", re.IGNORECASE | re.DOTALL
)


class Fuse:
    """Ends the process at a write."""

    def __init__(self, when: str, number: int) -> None:
        self.writes = 0
        self._when, self._number = when, number
        self._dirty = threading.local()
        self._commit = DefaultDialect.do_commit
        self._send = requests.adapters.HTTPAdapter.send

    def lay(self) -> None:
        """Watch every store and every request of this process."""
        event.listen(Engine, "before_cursor_execute", self._statement)
        DefaultDialect.do_commit = lambda dialect, connection: self._committing(dialect, connection)  # type: ignore[method-assign]
        requests.adapters.HTTPAdapter.send = lambda *given, **named: self._sending(*given, **named)  # type: ignore[method-assign]

    def _statement(self, _connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if _CHANGES.match(statement):
            self._dirty.now = True

    def _committing(self, dialect: Any, connection: Any) -> None:
        dirty, self._dirty.now = getattr(self._dirty, "now", False), False
        if not dirty:
            self._commit(dialect, connection)
            return
        self._count("before")
        self._commit(dialect, connection)
        self._burn("after")

    def _sending(self, adapter: Any, request: Any, *given: Any, **named: Any) -> Any:
        if request.method == "GET":
            return self._send(adapter, request, *given, **named)
        self._count("before")
        answer = self._send(adapter, request, *given, **named)
        self._burn("after")
        return answer

    def _count(self, when: str) -> None:
        self.writes += 1
        self._burn(when)

    def _burn(self, when: str) -> None:
        if self._when == when and self.writes == self._number:
            # SIGTERM ends a process at once on Windows, where there is no SIGKILL.
            os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))


def main() -> int:
    """Give the command, and tell its writes."""
    folder, changeset, when, number = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
    leases.LEASE_SECONDS = 0.6  # type: ignore[assignment]  # who was killed is succeeded soon
    salesforce_session.FIRST_WAIT_SECONDS, salesforce_bulk.FIRST_POLL_SECONDS = 0.002, 0.02
    writer.FIRST_WAIT_SECONDS = 0.01
    fuse = Fuse(when, number)
    fuse.lay()
    code = workbench(["push", changeset, "--execute", "--wait", WAIT_MINUTES, "--profile", folder])
    print(f"writes {fuse.writes}", flush=True)
    return code


if __name__ == "__main__":
    sys.exit(main())
