"""Salesforce as the rest of the workbench sees it: describe, read, write, and what the calls cost.

The parts: `salesforce_login` (the four logins), `salesforce_session` (requests, renewal, retries),
`salesforce_bulk` (Bulk API 2.0), `salesforce_limits` (the daily calls), `salesforce_json` (exact bodies),
`salesforce_errors` (refusals in plain words).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from workbench.connections.salesforce_bulk import BulkIngest, BulkQuery, Operation
from workbench.connections.salesforce_errors import Refused
from workbench.connections.salesforce_ids import long_id
from workbench.connections.salesforce_json import collection_body, exact_json, literal
from workbench.connections.salesforce_limits import check_floor
from workbench.connections.salesforce_session import SalesforceSession, parsed
from workbench.profile import Profile

COLLECTION_SIZE = 200
"""Records in one sObject Collections request (Salesforce's limit)."""

TOGETHER_SIZE = 25
"""Requests in one composite request (Salesforce's limit)."""

RETRIEVE_SIZE = 2_000
"""Ids in one request that reads records by id (Salesforce's limit)."""

Row = dict[str, Any]
RowResult = Mapping[str, Any]
"""`{"id": ..., "success": bool, "errors": [{"statusCode", "message", "fields"}]}`."""

_JSON = {"Content-Type": "application/json; charset=UTF-8"}


class SalesforceConnection:
    """A logged-in org.

    Every call raises `ConnectionProblem` in plain words when the org cannot be reached, and `Refused` when it
    refuses the request as a whole; rows that are refused one by one come back as results.
    """

    def __init__(self, profile: Profile, *, again: bool = False) -> None:
        self._profile = profile
        self.session = SalesforceSession(profile, again=again)

    @property
    def host(self) -> str:
        return self.session.host

    @property
    def calls(self) -> int:
        """API calls of this connection so far."""
        return self.session.calls

    @property
    def bulk_above(self) -> int:
        """Rows above which Bulk API 2.0 is used."""
        return self._profile.salesforce.bulk_above

    def check_calls(self) -> None:
        """Stop before a run takes the API calls that the profile leaves to others.

        Raises:
            ConnectionProblem: No more than the floor is left.
        """
        if self.session.usage_is_old:
            self.session.get("limits")  # its answer tells, like every other one
        check_floor(self.session.usage, self._profile.salesforce.leave_percent, self.host)

    def now(self) -> datetime:
        """The org's clock at its last answer (aware, UTC); this machine's before the first one."""
        return self.session.server_time or datetime.now(UTC)

    # --- reading -----------------------------------------------------------------------------

    def describe_objects(self) -> list[str]:
        """Answer the API names of all objects this user can see."""
        return [item["name"] for item in self.session.get("sobjects")["sobjects"]]

    def describe(self, name: str) -> Row:
        """Answer the describe of an object, as Salesforce sends it."""
        answer: Row = self.session.get(f"sobjects/{quote(name)}/describe")
        return answer

    def count(self, name: str, where: str = "") -> int:
        """Answer how many records there are that this user can see."""
        soql = f"SELECT COUNT() FROM {name}" + (f" WHERE {where}" if where else "")
        return int(self.session.get("query", params={"q": soql})["totalSize"])

    def query(self, soql: str, *, deleted: bool = False) -> Iterator[Row]:
        """Yield the records of a query, page by page; money comes as Decimal.

        Args:
            deleted: Also records in the recycle bin (queryAll).
        """
        page = self.session.get("queryAll" if deleted else "query", params={"q": soql})
        while True:
            for record in page["records"]:
                record.pop("attributes", None)
                yield record
            if page["done"]:
                return
            page = self.session.get(page["nextRecordsUrl"])

    def bulk_query(self, soql: str) -> BulkQuery:
        """Begin a query through Bulk API 2.0."""
        return BulkQuery.begin(self.session, soql)

    def records(self, name: str, fields: Sequence[str], ids: Sequence[str]) -> dict[str, Row]:
        """Answer records by their 18-character id; those that cannot be found are not in the answer."""
        wanted = list(dict.fromkeys(("Id", *fields)))
        known = list(dict.fromkeys(long_id(id_) for id_ in ids))
        if len(known) <= COLLECTION_SIZE:
            return self._by_query(name, wanted, known)
        found: dict[str, Row] = {}
        for start in range(0, len(known), RETRIEVE_SIZE):
            body = exact_json({"ids": known[start : start + RETRIEVE_SIZE], "fields": wanted}).encode()
            response = self.session.request(
                "POST", f"composite/sobjects/{quote(name)}", body=body, headers=_JSON, repeatable=True
            )
            for record in parsed(response):
                if record is not None:
                    record.pop("attributes", None)
                    found[record["Id"]] = record
        return found

    def _by_query(self, name: str, fields: Sequence[str], ids: Sequence[str]) -> dict[str, Row]:
        if not ids:
            return {}
        part = ", ".join(literal(id_) for id_ in ids)
        soql = f"SELECT {', '.join(fields)} FROM {name} WHERE Id IN ({part})"
        return {record["Id"]: record for record in self.query(soql)}

    def deleted(self, name: str, start: datetime, end: datetime) -> dict[str, datetime | None]:
        """Answer the ids that Salesforce says were deleted in a time, with when.

        The delete log knows 15 days at most, and not every object: then the recycle bin is asked.
        """
        at = {"start": _moment(start), "end": _moment(end)}
        try:
            answer = self.session.get(f"sobjects/{quote(name)}/deleted/", params=at)
        except Refused:
            soql = f"SELECT Id FROM {name} WHERE IsDeleted = true AND SystemModstamp >= {_moment(start)}"
            return {row["Id"]: None for row in self.query(soql, deleted=True)}
        return {
            long_id(row["id"]): datetime.fromisoformat(row["deletedDate"]).astimezone(UTC)
            for row in answer["deletedRecords"]
        }

    # --- writing -----------------------------------------------------------------------------

    def create(self, name: str, rows: Sequence[Row], *, all_or_none: bool = False) -> list[RowResult]:
        """Create up to 200 records; answers one result a row, in order."""
        return self._collection("POST", name, rows, all_or_none)

    def update(self, name: str, rows: Sequence[Row], *, all_or_none: bool = False) -> list[RowResult]:
        """Update up to 200 records; each row holds its `Id`."""
        return self._collection("PATCH", name, rows, all_or_none)

    def delete(self, ids: Sequence[str], *, all_or_none: bool = False) -> list[RowResult]:
        """Put up to 200 records into the recycle bin; answers one result a record, in order."""
        params = {"ids": ",".join(ids), "allOrNone": "true" if all_or_none else "false"}
        answer = parsed(self.session.request("DELETE", "composite/sobjects", params=params))
        return list(answer or ())

    def create_together(self, rows: Sequence[tuple[str, Row]]) -> list[RowResult]:
        """Create up to 25 records (object, row) in one request: all of them, or none.

        The first one's id may be named in the others as `@{parent.id}`.
        """
        version = self._profile.salesforce.api_version
        requests = [
            {
                "method": "POST",
                "url": f"/services/data/v{version}/sobjects/{name}",
                "referenceId": "parent" if number == 0 else f"line{number}",
                "body": row,
            }
            for number, (name, row) in enumerate(rows)
        ]
        body = exact_json({"allOrNone": True, "compositeRequest": requests}).encode()
        headers = _JSON | self._choices()
        answer = parsed(self.session.request("POST", "composite", body=body, headers=headers))
        return [_row_result(part) for part in answer["compositeResponse"]]

    def bulk_write(self, name: str, operation: Operation) -> BulkIngest:
        """Open a job of Bulk API 2.0; nothing is written before rows are uploaded and it is closed."""
        return BulkIngest.begin(self.session, name, operation, self._choices())

    def bulk_job(self, job: str) -> BulkIngest:
        """Answer a job that was opened before, perhaps by another process."""
        return BulkIngest(session=self.session, id=job)

    def _collection(self, method: str, name: str, rows: Sequence[Row], all_or_none: bool) -> list[RowResult]:
        body = collection_body(name, rows, all_or_none=all_or_none).encode()
        headers = _JSON | self._choices()
        return list(
            parsed(self.session.request(method, "composite/sobjects", body=body, headers=headers)) or ()
        )

    def _choices(self) -> dict[str, str]:
        """What a person has chosen about duplicate rules; without a choice the org's rules stand."""
        if not self._profile.salesforce.allow_duplicates:
            return {}
        return {"Sforce-Duplicate-Rule-Header": "allowSave=true"}


def _row_result(part: Mapping[str, Any]) -> RowResult:
    """A part of a composite answer in the form of Collections."""
    if part["httpStatusCode"] < 300:
        made: RowResult = part["body"]
        return made
    errors = [error | {"statusCode": error.get("errorCode")} for error in part["body"]]
    return {"success": False, "errors": errors}


def _moment(time: datetime) -> str:
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


__all__ = [
    "COLLECTION_SIZE",
    "Row",
    "RowResult",
    "SalesforceConnection",
    "collection_body",
    "exact_json",
    "literal",
]
