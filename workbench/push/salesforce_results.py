"""What became of rows that were sent to Salesforce, in one form for REST and for Bulk API 2.0."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from workbench.connections.salesforce import RowResult
from workbench.connections.salesforce_bulk import Written
from workbench.connections.salesforce_ids import long_id

PASSING = frozenset({"UNABLE_TO_LOCK_ROW", "NOT_PROCESSED"})
"""Refusals of rows that pass: nothing was written, and they go again after a while."""

ROLLED_BACK = frozenset({"ALL_OR_NONE_OPERATION_ROLLED_BACK", "PROCESSING_HALTED"})
"""Nothing is wrong with this row: another one of the same request was refused."""

_HELD = re.compile(r"record with id: ([A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?)")


def codes(result: RowResult) -> frozenset[str]:
    """Answer the status codes of a refused row."""
    return frozenset(str(error.get("statusCode")) for error in result.get("errors") or ())


def passes(results: Sequence[RowResult]) -> bool:
    """Whether rows that stand or fall together were refused for a reason that passes."""
    found = frozenset().union(*(codes(result) for result in results))
    return bool(found & PASSING) and found <= PASSING | ROLLED_BACK


def refusal(result: RowResult) -> str:
    """Say why a row was refused, with the records that Salesforce holds against it."""
    errors = result.get("errors") or [{"statusCode": "UNKNOWN", "message": "no reason given"}]
    return "; ".join(_said(error) for error in errors)


def _said(error: Mapping[str, Any]) -> str:
    text = f"{error.get('statusCode')}: {error.get('message')}"
    # Salesforce spells it duplicateResut in what was recorded of v54 and v56; elsewhere duplicateResult.
    duplicates = error.get("duplicateResut") or error.get("duplicateResult")
    if duplicates:
        ids = ", ".join(_matches(duplicates)) or "none that this user may see"
        may = (
            "; salesforce.allow_duplicates: true saves it all the same" if duplicates.get("allowSave") else ""
        )
        return f"{text} (rule {duplicates.get('duplicateRule')}, matches {ids}{may})"
    held = _HELD.search(str(error.get("message")))
    if error.get("statusCode") == "DUPLICATE_VALUE" and held:
        return f"{text} (is it the same? then link {long_id(held[1])} instead of creating)"
    return text


def _matches(duplicates: Mapping[str, Any]) -> Iterator[str]:
    for result in duplicates.get("matchResults") or ():
        for match in result.get("matchRecords") or ():
            yield long_id(str(match["record"]["Id"]))


def of_job(written: Written, key: str) -> dict[str, RowResult]:
    """Answer the results of a job by the value of the column that tells its rows apart."""
    found: dict[str, RowResult] = {}
    for row in written.successful:
        found[row[key]] = {"id": long_id(row["sf__Id"]), "success": True, "errors": []}
    for row in written.failed:
        found[row[key]] = {"success": False, "errors": [_error(row["sf__Error"])]}
    reason = f"the job ended as {written.state}: {written.message or 'no reason given'}"
    for row in written.unprocessed:
        error = {"statusCode": "NOT_PROCESSED", "message": reason, "fields": []}
        found[row[key]] = {"success": False, "errors": [error]}
    return found


def _error(text: str) -> dict[str, Any]:
    """Read `CODE:message:Field,Field --`, as failedResults tells a refusal."""
    code, _, rest = text.removesuffix("--").rstrip().partition(":")
    message, _, fields = rest.rpartition(":")
    return {"statusCode": code, "message": message or rest, "fields": fields.split(",") if fields else []}
