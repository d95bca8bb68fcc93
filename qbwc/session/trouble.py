"""What went wrong when it could not be written: kept in memory by ticket, for getLastError."""

from __future__ import annotations

import logging
import traceback
from collections import OrderedDict
from pathlib import Path

from qbwc.errors import QbwcError

log = logging.getLogger("qbwc.session")

_MOST = 1_000


class Trouble:
    """What users read of troubles that have no row: a store out of reach, a session that was not opened."""

    def __init__(self) -> None:
        self._told: OrderedDict[str, str] = OrderedDict()

    def say(self, ticket: str, text: str) -> None:
        """Keep a sentence for a ticket; the oldest goes when there are too many."""
        while len(self._told) >= _MOST:
            self._told.popitem(last=False)
        self._told[ticket] = text

    def remember(self, ticket: str, error: Exception) -> None:
        """Keep an error for its ticket; the log tells where, without any data."""
        if isinstance(error, QbwcError):
            log.error("%s", error)
            self.say(ticket, str(error))
            return
        log.error("unexpected %s at %s", type(error).__name__, _trace(error))
        self.say(ticket, f"The server had an unexpected error ({type(error).__name__}); its log tells where.")

    def of(self, ticket: str) -> str | None:
        """What was kept for a ticket."""
        return self._told.get(ticket)

    def forget(self, ticket: str) -> str | None:
        """The same, for the last time."""
        return self._told.pop(ticket, None)


def _trace(error: Exception) -> str:
    """Where an error came from, without its text, which could hold a customer's values."""
    frames = traceback.extract_tb(error.__traceback__)[-6:]
    return " > ".join(f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames)
