"""Bulk API 2.0 jobs: their states, and the thread that works on them one after the other.

    ingest: Open -> UploadComplete -> InProgress -> JobComplete | Failed;  Open, UploadComplete and
            InProgress -> Aborted
    query:          UploadComplete -> InProgress -> JobComplete | Failed, or Aborted

Jobs live in memory and their data in temporary files: they end with the process, unlike the records
that they wrote.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import IO, Literal

from .access import OrgSettings
from .bulk_csv import Dialect, RowFile
from .errors import OrgError, not_found
from .ids import long_id, new_id
from .query import Plan
from .schema import FieldDef, ObjectDef
from .values import stamp_text

Kind = Literal["ingest", "query"]
ENDED = frozenset({"JobComplete", "Failed", "Aborted"})


class Aborted(Exception):
    """The job that is being worked on was aborted."""


@dataclass(slots=True, kw_only=True)
class Job:
    """One job.

    Attributes:
        version: API version of the address that made it, e.g. `64.0`.
        user: Id of its user; `username` is the name.
        key: Field that an upsert goes by.
        plan: What a query job shall read.
        upload: The CSV of an ingest job, once it came.
        results: By name: successfulresults, failedresults, unprocessedrecords; or results.
    """

    id: str
    kind: Kind
    operation: str
    obj: ObjectDef
    dialect: Dialect
    version: str
    username: str
    user: str
    created: str
    changed: str
    state: str
    key: FieldDef | None = None
    plan: Plan | None = None
    upload: IO[bytes] | None = None
    results: dict[str, RowFile] = field(default_factory=dict)
    error: str | None = None
    processed: int = 0
    failed: int = 0

    def check_alive(self) -> None:
        """Stop working on a job that somebody aborted.

        Raises:
            Aborted: that is so.
        """
        if self.state == "Aborted":
            raise Aborted

    def as_json(self, *, whole: bool) -> dict[str, object]:
        """The job as its addresses show it; `whole` with what became of it."""
        shown: dict[str, object] = {
            "id": self.id,
            "operation": self.operation,
            "object": self.obj.name,
            "createdById": self.user,
            "createdDate": self.created,
            "systemModstamp": self.changed,
            "state": self.state,
            "concurrencyMode": "Parallel",
            "contentType": "CSV",
            "apiVersion": version_number(self.version),
        }
        if self.kind == "ingest":
            shown["contentUrl"] = f"services/data/v{self.version}/jobs/ingest/{self.id}/batches"
        shown |= {"lineEnding": self.dialect.line_end, "columnDelimiter": self.dialect.delimiter}
        if self.operation == "upsert" and self.key is not None:
            shown["externalIdFieldName"] = self.key.name
        return {**shown, **self._progress()} if whole else shown

    def _progress(self) -> dict[str, object]:
        shown: dict[str, object] = {
            "jobType": "V2Ingest" if self.kind == "ingest" else "V2Query",
            "numberRecordsProcessed": self.processed,
            "retries": 0,
            "totalProcessingTime": 0,
        }
        if self.kind == "ingest":
            times = {"apiActiveProcessingTime": 0, "apexProcessingTime": 0}
            shown |= {"numberRecordsFailed": self.failed, **times}
        return shown if self.error is None else {**shown, "errorMessage": self.error}

    def close(self) -> None:
        """Let go of its files."""
        for file in (self.upload, *self.results.values()):
            if file is not None:
                file.close()


class Jobs:
    """All jobs of an org, by id; a thread works on those that are ready, in their order."""

    def __init__(
        self, settings: OrgSettings, clock: Callable[[], datetime], run: Mapping[Kind, Callable[[Job], None]]
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._run = run
        self._jobs: dict[str, Job] = {}
        self._ready: queue.Queue[Job | None] = queue.Queue()
        self._worker: threading.Thread | None = None
        self._stop = threading.Event()
        self._guard = threading.Lock()
        self._number = 0

    def new_id(self) -> str:
        """An id that no job has."""
        with self._guard:
            self._number += 1
            return new_id("750", self._number)

    def add(self, job: Job) -> None:
        """Keep a new job; one that is UploadComplete already is worked on."""
        self._jobs[job.id] = job
        if job.state == "UploadComplete":
            self.start(job)

    def get(self, kind: Kind, job_id: str) -> Job:
        """The job of this id.

        Raises:
            OrgError: 404.
        """
        job = self._jobs.get(long_id(job_id) or "")
        if job is None or job.kind != kind:
            raise not_found()
        return job

    def all(self, kind: Kind) -> list[Job]:
        """Jobs of one kind, the oldest first."""
        return [job for job in self._jobs.values() if job.kind == kind]

    def set_state(self, job: Job, state: str) -> None:
        """Move a job on; its stamp advances."""
        job.state = state
        job.changed = stamp_text(self._clock())

    def start(self, job: Job) -> None:
        """Let the thread have it."""
        self.set_state(job, "UploadComplete")
        with self._guard:
            if self._worker is None:
                self._worker = threading.Thread(target=self._work, name="testorg-bulk", daemon=True)
                self._worker.start()
        self._ready.put(job)

    def remove(self, job: Job) -> None:
        """Forget a job and its data."""
        self._jobs.pop(job.id, None)
        job.close()

    def settle(self) -> None:
        """Wait until every job that was started has ended; for ever while `bulk_held` is on."""
        self._ready.join()

    def close(self) -> None:
        """Stop the thread, at the end of its chunk of rows, and let go of all data."""
        self._stop.set()
        for job in self._jobs.values():
            job.state = job.state if job.state in ENDED else "Aborted"
        self._ready.put(None)
        if self._worker is not None:
            self._worker.join(timeout=10)
        for job in self._jobs.values():
            job.close()

    # --- the thread ----------------------------------------------------------------------------

    def _work(self) -> None:
        while (job := self._ready.get()) is not None and not self._stop.is_set():
            while self._settings.bulk_held and not self._stop.wait(0.01):
                pass
            if not self._stop.is_set():
                self._work_on(job)
            self._ready.task_done()

    def _work_on(self, job: Job) -> None:
        if job.state != "UploadComplete":
            return  # aborted before its turn
        self.set_state(job, "InProgress")
        try:
            self._run[job.kind](job)
            job.check_alive()
            self.set_state(job, "JobComplete")
        except Aborted:
            return
        except OrgError as error:
            self._fail(job, f"{error.code} : {error.message}")
        except Exception as error:  # a defect of a trigger or of the org: the job says it, the thread goes on
            self._fail(job, f"UNKNOWN_EXCEPTION : {type(error).__name__}: {error}")

    def _fail(self, job: Job, message: str) -> None:
        job.error = message
        self.set_state(job, "Failed")


def version_number(version: str) -> Decimal:
    """An API version as the JSON number that job answers hold: 64.0."""

    return Decimal(version)
