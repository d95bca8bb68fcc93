"""The journal of calls, at the levels that the Web Connector itself has: NONE, DEBUG, VERBOSE, ALL.

    NONE      nothing
    DEBUG     each call in a line: operation, how long, sizes, the first 50 characters of what was carried
    VERBOSE   and the frame of each message set: its requests or answers, with ids and codes
    ALL       and everything that was carried, customers' rows too; for a search, not for every day

A password is never written, nor a ticket: calls of one session share the first characters of a hash.  What
was carried is written at ALL only; the first 50 characters are always the head of a document.  There is one
file a day, for its owner alone, and it goes by age: one with rows after 3 days, another after 30.
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

from qbwc import store
from qbwc.errors import ServeError

log = logging.getLogger("qbwc.journal")

LEVELS = ("NONE", "DEBUG", "VERBOSE", "ALL")
HEAD = 50
KEEP_DAYS = {"ALL": 3, "DEBUG": 30, "VERBOSE": 30}
_SECRET = frozenset({"strPassword", "ticket", "wcTicket"})
_CARRIED = frozenset({"strHCPResponse", "response"})
_NAME = re.compile(r"qbwc-\d{4}-\d{2}-\d{2}(\.rows)?\.log")
_SHOWN = frozenset(
    {
        "requestID",
        "statusCode",
        "iterator",
        "iteratorRemainingCount",
        "retCount",
        "metaData",
        "newMessageSetID",
        "oldMessageSetID",
        "messageSetStatusCode",
    }
)
_FRAME = re.compile(r"[^\w.:{} -]")
_MESSAGE = re.compile(r"<([A-Za-z]{1,40}R[qs])\b([^<]{0,2000}?)/?>")
_ATTRIBUTE = re.compile(r"""\b([A-Za-z]{1,40})=["']([^"'<]{0,200})["']""")
_MOST_FRAMES = 1_000


class Journal:
    """Writes what was called and answered; a disk that fails stops the journal, never a session.

    Args:
        level: One of LEVELS.
        folder: Where the files go; without one, lines go to the log (not at ALL).

    Raises:
        ServeError: ALL without a folder, where nothing could take the rows away again; or a folder that
            cannot be written.
    """

    def __init__(
        self,
        level: str = "NONE",
        folder: Path | None = None,
        *,
        clock: Callable[[], datetime] = store.now,
    ) -> None:
        if level not in LEVELS:
            raise ServeError(f"log level {level!r} is not known", fix=f"Give one of {', '.join(LEVELS)}.")
        if level == "ALL" and folder is None:
            raise ServeError(
                "Log level ALL writes customers' rows and needs a folder, from which they can go by age",
                fix="Give --log-folder too, or choose VERBOSE.",
            )
        self.level, self.folder, self._clock = level, folder, clock
        self._lock = threading.Lock()
        self._day = ""
        if level != "NONE":
            log.setLevel(logging.INFO)
        if folder is not None and level != "NONE":
            _prepare(folder)
            self._prune()
        if level == "ALL":
            log.warning(
                "log level ALL: customers' rows are written to %s; files go after %d days",
                folder,
                KEEP_DAYS["ALL"],
            )

    def write(
        self, operation: str, peer: str, given: Sequence[tuple[str, str]], result: object, seconds: float
    ) -> None:
        """One call and its answer."""
        if self.level == "NONE":
            return
        now = self._clock()
        text = f"{now:%Y-%m-%d %H:%M:%S} {peer} {operation} {seconds * 1000:.0f} ms" + self._told(
            operation, given, result
        )
        try:
            self._put(now, text)
        except OSError as error:
            log.error("the journal cannot be written (%s); calls go on", error.strerror)

    def _told(self, operation: str, given: Sequence[tuple[str, str]], result: object) -> str:
        parts = []
        for name, value in given:
            if name == "strPassword":
                continue
            if name in _SECRET:
                parts.append(f" session={_hashed(value)}")
            elif name in _CARRIED:
                parts.append(self._carried(name, value))
            else:
                parts.append(f" {name}={value[:HEAD]!r}")
        if operation == "authenticate" and isinstance(result, list):
            # The first element is the ticket, the second may be the path of a company file.
            told = result[1] if result[1:] and result[1] in ("none", "nvu", "busy") else "(open)"
            return "".join(parts) + f" -> session={_hashed(str(result[0]))} {told}"
        if operation == "sendRequestXML":
            return "".join(parts) + " ->" + self._carried("request", str(result))
        return "".join(parts) + f" -> {str(result)[:HEAD]!r}"

    def _carried(self, name: str, document: str) -> str:
        told = f" {name}={len(document)} characters {document[:HEAD]!r}"
        if self.level == "VERBOSE":
            return told + "".join(f"\n    {line}" for line in frame(document))
        return told + (f"\n{document}" if self.level == "ALL" and document else "")

    def _put(self, now: datetime, text: str) -> None:
        if self.folder is None:
            log.info("%s", text)
            return
        name = f"qbwc-{now:%Y-%m-%d}{'.rows' if self.level == 'ALL' else ''}.log"
        with self._lock:
            if name != self._day:
                self._day = name
                self._prune()
            with open(self.folder / name, "a", encoding="utf-8", opener=_private) as file:
                file.write(text + "\n")

    def _prune(self) -> None:
        assert self.folder is not None
        for path in self.folder.iterdir():
            found = _NAME.fullmatch(path.name)
            if found is None:
                continue  # not ours
            days = KEEP_DAYS["ALL" if found[1] else "DEBUG"]
            if path.stat().st_mtime < (self._clock() - timedelta(days=days)).timestamp():
                path.unlink(missing_ok=True)


def frame(document: str) -> list[str]:
    """The requests or answers of a message set, by name, id and code: nothing that a record holds.

    Found by their form, as the text of a value never holds a "<"; no parser sees what nobody has checked.
    """
    return [
        f"{found[1]}{_attributes(found[2])}" for found in islice(_MESSAGE.finditer(document), _MOST_FRAMES)
    ]


def _attributes(text: str) -> str:
    given = _ATTRIBUTE.findall(text)
    return "".join(f" {name}={_plain(value)}" for name, value in given if name in _SHOWN)


def _plain(text: str) -> str:
    return _FRAME.sub("?", text[:60])


def _hashed(ticket: str) -> str:
    return hashlib.sha256(ticket.encode()).hexdigest()[:8]


def _prepare(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        probe = folder / ".qbwc-can-write"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        raise ServeError(
            f"The log folder cannot be written ({error.strerror})",
            where=str(folder),
            fix="Give a folder that the server's user owns.",
        ) from error


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
