"""How long a caller may take to send its call.

A worker reads one call at a time, and without bounds a handful of callers that send a byte now and then
would hold all of them: no login is needed for that.  So a call that does not arrive in time is cut off, and
the time shrinks when workers get scarce.  A call that has arrived may take as long as it needs.
"""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

log = logging.getLogger("qbwc.service")

SECONDS = 60.0
"""For the head, and again for the body, of a call."""

SCARCE_SECONDS = 3.0
"""The same while more than half of the workers wait for a caller."""

_LOOK_SECONDS = 0.5


class Patience:
    """Watches the workers of a server; one thread, for as long as the server runs."""

    def __init__(self) -> None:
        self._answering: set[int] = set()
        self._waiting: dict[int, tuple[Any, int, float]] = {}
        self._ended = threading.Event()

    @contextmanager
    def answering(self) -> Iterator[None]:
        """The call that this thread works on has arrived."""
        self._answering.add(threading.get_ident())
        try:
            yield
        finally:
            self._answering.discard(threading.get_ident())

    @contextmanager
    def watching(self, server: Any) -> Iterator[None]:
        """Cut off callers of this server that are too slow, as long as the block runs."""
        thread = threading.Thread(target=self._watch, args=(server,), name="qbwc-patience", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._ended.set()
            thread.join(2 * _LOOK_SECONDS)

    def _watch(self, server: Any) -> None:
        while not self._ended.wait(_LOOK_SECONDS):
            for connection in self.too_slow(server.requests._threads, time.monotonic()):
                log.warning(
                    "a caller at %s sends too slowly; its connection is closed", connection.remote_addr
                )
                with suppress(OSError, AttributeError):  # it went by itself meanwhile
                    connection.socket.shutdown(socket.SHUT_RDWR)

    def too_slow(self, workers: Iterable[Any], now: float) -> list[Any]:
        """The connections whose callers have had their time, by what the workers do now (seconds)."""
        workers = list(workers)
        seen = {}
        for worker in workers:
            connection = worker.conn
            if connection is None or worker.ident in self._answering:
                continue
            call = (connection, connection.requests_seen)
            before = self._waiting.get(worker.ident)
            since = before[2] if before and before[:2] == call else now
            seen[worker.ident] = (*call, since)
        self._waiting = seen
        patience = SCARCE_SECONDS if 2 * len(seen) > len(workers) else SECONDS
        return [connection for connection, _, since in seen.values() if now - since > patience]
