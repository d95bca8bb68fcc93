"""Trouble on request: lost answers, ended sessions, locked rows, a server that is down or slow.

A test hands a `Faults` to the org and arms it between calls; nothing goes wrong by itself.  Each
fault strikes a number of times, after letting some matching requests pass.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Literal, TypedDict, Unpack, get_args

from .errors import OrgError

Kind = Literal[
    "lose_response",  # the work is done and committed, the answer never comes
    "lose_request",  # the connection breaks before anything is done
    "expire_session",  # 401 INVALID_SESSION_ID; the session is gone
    "unavailable",  # 503 with an HTML body
    "slow",  # the answer takes `seconds` longer
    "limit_spent",  # 403 REQUEST_LIMIT_EXCEEDED
    "refuse",  # whatever `code`, `message` and `status` say, before anything is done
    "lock_row",  # UNABLE_TO_LOCK_ROW for single records; `path` names the object or the id
    "fail_job",  # a Bulk ingest job fails after `rows` rows; `path` is in `Account/update/750...`
    "truncated_csv",  # a CSV answer ends in the middle, and says nothing of it
    "broken_body",  # an answer breaks off in the middle: fewer bytes than its Content-Length
    "csv_without_charset",  # Content-Type text/csv alone
    "late_commit",  # a saved row carries a stamp `seconds` before now; `path` as for lock_row
]
KINDS: tuple[str, ...] = get_args(Kind)


@dataclass(slots=True, kw_only=True)
class Fault:
    """One armed fault.

    Attributes:
        times: How often it still strikes.
        skip: How many matching requests (or rows) pass before.
        method: Only requests by this HTTP method.
        path: Only requests whose path contains this text.
        seconds: How long a slow answer takes; how far back a late commit lies.
        rows: How many rows a failing job still does.
        code, message, status: Salesforce's error code, its text and the HTTP status of a refusal.
    """

    kind: Kind
    times: int = 1
    skip: int = 0
    method: str | None = None
    path: str | None = None
    seconds: float = 0.0
    rows: int = 0
    code: str = "UNKNOWN_EXCEPTION"
    message: str = "An unexpected error occurred"
    status: int = 500

    def matches(self, kind: Kind, method: str | None, path: str) -> bool:
        """Is this the fault, and is it about this request?"""
        return (
            self.kind == kind
            and self.times > 0
            and (self.method is None or self.method == method)
            and (self.path is None or self.path in path)
        )


class Options(TypedDict, total=False):
    """How a fault may be armed; see `Fault`."""

    times: int
    skip: int
    method: str | None
    path: str | None
    seconds: float
    rows: int
    code: str
    message: str
    status: int


class Faults:
    """The faults of one org, safe to arm from any thread."""

    def __init__(self) -> None:
        self._armed: list[Fault] = []
        self._guard = threading.Lock()
        self._stopping = threading.Event()

    def arm(self, kind: Kind, **options: Unpack[Options]) -> Fault:
        """Arm one more fault; see `Fault` for the options.

        Raises:
            ValueError: an unknown kind.
        """
        if kind not in KINDS:
            raise ValueError(f"no fault {kind!r}; known are {', '.join(KINDS)}")
        fault = Fault(kind=kind, **options)
        with self._guard:
            self._armed.append(fault)
        return fault

    def clear(self) -> None:
        """Disarm everything."""
        with self._guard:
            self._armed.clear()

    def wait(self, seconds: float) -> None:
        """Be slow, but not beyond the end of the server."""
        self._stopping.wait(seconds)

    def stop_waiting(self, stop: bool = True) -> None:
        """End all slow answers, also those to come; with False they may be slow again."""
        if stop:
            self._stopping.set()
        else:
            self._stopping.clear()

    def take(self, kind: Kind, method: str | None, path: str) -> Fault | None:
        """The fault that strikes now, or None; each strike is counted."""
        with self._guard:
            for fault in self._armed:
                if not fault.matches(kind, method, path):
                    continue
                if fault.skip > 0:
                    fault.skip -= 1
                    continue
                fault.times -= 1
                return fault
        return None

    def late(self, object_name: str, record_id: str | None) -> int:
        """How many seconds before now the stamp of this row shall lie; 0 when no such fault is armed."""
        fault = self.take("late_commit", None, f"{object_name}/{record_id or ''}")
        return 0 if fault is None else int(fault.seconds)

    def lock_row(self, object_name: str, record_id: str | None) -> None:
        """Refuse a row that another user holds.

        Raises:
            OrgError: UNABLE_TO_LOCK_ROW, when such a fault is armed for the object or the record.
        """
        if self.take("lock_row", None, f"{object_name}/{record_id or ''}"):
            shown = f": {record_id[:15]}" if record_id else ""
            raise OrgError(
                "UNABLE_TO_LOCK_ROW", f"unable to obtain exclusive access to this record or 1 records{shown}"
            )
