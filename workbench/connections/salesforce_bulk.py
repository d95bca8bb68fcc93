"""Bulk API 2.0: jobs that read or write many records.

simple-salesforce's own handlers lose job ids, mix line breaks within cells and decode without a charset as
Latin-1; here every answer is bytes that are UTF-8, and a job is known by an id that can be kept before
anything is uploaded.  Sources: Bulk API 2.0 guide, and `sf__` columns as recorded.
"""

from __future__ import annotations

import csv
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import requests

from workbench.connections.salesforce_errors import Refused, network_problem
from workbench.connections.salesforce_json import csv_parts, read_csv
from workbench.connections.salesforce_session import SalesforceSession, parsed
from workbench.errors import ConnectionProblem

FIRST_POLL_SECONDS, LONGEST_POLL_SECONDS, SLOWER = 0.5, 30.0, 2.5
"""First look at a job, the longest pause between two, and how pauses grow: six looks in the first minute."""

JOB_SECONDS = 4 * 3600
"""How long a job is waited for; it goes on by itself in Salesforce, and can be looked at later."""

UPLOAD_BYTES = 90_000_000
"""Of the 100 MB that one job may hold."""

PAGE_ROWS = 50_000
CHUNK = 1 << 20
TRIES = 3
"""How often a page of results is asked for when it does not come whole."""

Operation = Literal["insert", "update", "delete"]
"""What a job does with its rows; those of a delete hold their Id and nothing else."""

ENDED = ("JobComplete", "Failed", "Aborted")

Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of a bulk query, as a file.

    Attributes:
        rows: Rows that Salesforce says it holds; None where it does not say.
        following: Where the next page begins; None after the last one.
    """

    rows: int | None
    following: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkQuery:
    """A query job; `pages` waits for it."""

    session: SalesforceSession = field(repr=False)
    id: str

    @classmethod
    def begin(cls, session: SalesforceSession, soql: str) -> BulkQuery:
        """Begin a job.

        Raises:
            Refused: The query is wrong, or the object cannot be read this way.
        """
        body = {"operation": "query", "query": soql, "columnDelimiter": "COMMA", "lineEnding": "LF"}
        return cls(session=session, id=str(_post(session, "jobs/query", body)["id"]))

    def wait(self) -> None:
        """Wait until the job is done.

        Raises:
            ConnectionProblem: It failed or was aborted, with Salesforce's reason.
        """
        state = _ended(self.session, f"jobs/query/{self.id}")
        if state["state"] != "JobComplete":
            raise ConnectionProblem(
                f"Salesforce: a bulk query ended as {state['state']}",
                where=f"jobs/query/{self.id}",
                values={"answer": state.get("errorMessage")},
                fix="Pull again.",
            )

    def fetch(self, target: Path, following: str | None) -> Page:
        """Write one page of results to a file, as it comes."""
        params = {"maxRecords": str(PAGE_ROWS)} | ({"locator": following} if following else {})
        response = self.session.request(
            "GET", f"jobs/query/{self.id}/results", params=params, headers={"Accept": "text/csv"}, stream=True
        )
        with response:
            try:
                with target.open("wb") as stream:
                    for chunk in response.iter_content(CHUNK):
                        stream.write(chunk)
            except requests.RequestException as error:
                raise network_problem(error, self.session.host) from error
            rows = response.headers.get("Sforce-NumberOfRecords")
            locator = response.headers.get("Sforce-Locator")
        return Page(
            rows=int(rows) if rows and rows.isdigit() else None,
            following=locator if locator and locator != "null" else None,
        )

    def remove(self) -> None:
        """Take the job and its results away in Salesforce; it would do so itself after seven days."""
        self.session.request("DELETE", f"jobs/query/{self.id}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What became of the rows of a job.

    Attributes:
        state: JobComplete, Failed or Aborted.
        message: Salesforce's reason where it failed.
        successful, failed, unprocessed: Rows as they were sent, with `sf__Id`, `sf__Created`, `sf__Error`.
    """

    state: str
    message: str
    successful: Sequence[Mapping[str, str]]
    failed: Sequence[Mapping[str, str]]
    unprocessed: Sequence[Mapping[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkIngest:
    """A job that writes.  Keep its id before `send`: with it the answer can be read by anybody, later."""

    session: SalesforceSession = field(repr=False)
    id: str

    @classmethod
    def begin(
        cls,
        session: SalesforceSession,
        name: str,
        operation: Operation,
        headers: Mapping[str, str],
    ) -> BulkIngest:
        """Open a job; it writes nothing before it was sent rows and closed."""
        body = {
            "object": name,
            "operation": operation,
            "contentType": "CSV",
            "columnDelimiter": "COMMA",
            "lineEnding": "LF",
        }
        return cls(session=session, id=str(_post(session, "jobs/ingest", body, headers)["id"]))

    def send(self, content: bytes) -> None:
        """Upload rows and close the job, so that Salesforce begins.

        Raises:
            Refused: Salesforce did not take them: nothing is written.
            ConnectionProblem: It cannot be told; `state` tells later.
        """
        self.session.request(
            "PUT",
            f"jobs/ingest/{self.id}/batches",
            body=content,
            headers={"Content-Type": "text/csv; charset=UTF-8"},
        )
        self._become("UploadComplete")

    def abort(self) -> None:
        """Give a job up that was not closed: none of its rows is written."""
        self._become("Aborted")

    def state(self) -> str:
        """Answer the state now; '' where Salesforce knows no such job (any more)."""
        try:
            return str(self.session.get(f"jobs/ingest/{self.id}")["state"])
        except Refused as error:
            if error.values.get("status") == 404:
                return ""
            raise

    def result(self) -> Written:
        """Wait for the end of the job and read what became of each row.

        Raises:
            ConnectionProblem: The results do not come whole; ask again later.
        """
        end = _ended(self.session, f"jobs/ingest/{self.id}")
        failed = int(end.get("numberRecordsFailed") or 0)
        done = int(end.get("numberRecordsProcessed") or 0) - failed
        return Written(
            state=str(end["state"]),
            message=str(end.get("errorMessage") or ""),
            successful=self._rows("successfulResults", done),
            failed=self._rows("failedResults", failed) if failed else (),
            unprocessed=self._rows("unprocessedrecords", None) if end["state"] != "JobComplete" else (),
        )

    def _rows(self, which: str, count: int | None) -> list[dict[str, str]]:
        """Read one list of results, again if it did not come whole."""
        seen: object = None
        for _ in range(TRIES):
            response = self.session.request(
                "GET", f"jobs/ingest/{self.id}/{which}/", headers={"Accept": "text/csv"}
            )
            try:
                rows = read_csv(response.content)
            except (UnicodeDecodeError, csv.Error) as error:
                seen = error
                continue
            if all(None not in row and None not in row.values() for row in rows) and count in (
                None,
                len(rows),
            ):
                return rows
            seen = f"{len(rows)} rows"
        raise ConnectionProblem(
            "Salesforce: the results of a bulk job do not come whole",
            where=f"jobs/ingest/{self.id}/{which}",
            values={"expected": count, "came": seen},
            fix="Run the command again: the job's results are read, nothing is written again.",
        )

    def _become(self, state: str) -> None:
        body = json.dumps({"state": state}).encode()
        self.session.request("PATCH", f"jobs/ingest/{self.id}", body=body, headers=_JSON)


def parts(rows: Sequence[Row]) -> Iterator[tuple[int, bytes]]:
    """Yield how many of the rows go into one job, with their CSV; columns in a fixed order."""
    columns = sorted({name for row in rows for name in row})
    return csv_parts(rows, columns, UPLOAD_BYTES)


_JSON = {"Content-Type": "application/json; charset=UTF-8"}


def _post(
    session: SalesforceSession, path: str, body: Mapping[str, str], headers: Mapping[str, str] | None = None
) -> Any:
    """Open a job; opening one twice does no harm: an empty job does nothing."""
    content = json.dumps(dict(body)).encode()
    return parsed(
        session.request("POST", path, body=content, headers=_JSON | dict(headers or {}), repeatable=True)
    )


def _ended(session: SalesforceSession, path: str) -> Any:
    """Look at a job until it has ended, ever more slowly."""
    pause, waited = FIRST_POLL_SECONDS, 0.0
    while True:
        state = session.get(path)
        if state["state"] in ENDED:
            return state
        if waited > JOB_SECONDS:
            raise ConnectionProblem(
                f"Salesforce: a bulk job is still {state['state']} after {JOB_SECONDS // 3600} hours",
                where=path,
                fix="Run the command again later: the job goes on in Salesforce.",
            )
        time.sleep(pause)
        waited += pause
        pause = min(pause * SLOWER, LONGEST_POLL_SECONDS)
