"""Single requests, Collections and Bulk lead to the same records and the same refusals."""

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from testorg_client import Running

from workbench.testorg import TestOrg
from workbench.testorg.ids import new_id

ACCOUNT, GONE, DEAL = new_id("001", 1), new_id("001", 2), new_id("006", 1)
SEED: dict[str, list[dict[str, Any]]] = {
    "Account": [
        {"Id": ACCOUNT, "Name": "Ann", "Phone": "1", "QuickBooks_Id__c": "8-1"},
        {"Id": GONE, "Name": "Gone", "IsDeleted": True},
    ],
    "Opportunity": [
        {"Id": DEAL, "Name": "Deal", "StageName": "Prospecting", "CloseDate": "2026-05-01", "Amount": 5}
    ],
}

#  why                        operation, object, values as text (None clears a field)
CASES: list[tuple[str, str, str, dict[str, str | None]]] = [
    ("created",               "insert", "Account", {"Name": "New", "AnnualRevenue": "1250.6"}),
    ("a parent by its key",   "insert", "Contact", {"LastName": "x", "Account.QuickBooks_Id__c": "8-1"}),
    ("no such parent",        "insert", "Contact", {"LastName": "x", "Account.QuickBooks_Id__c": "9"}),
    ("required",              "insert", "Contact", {"FirstName": "x"}),
    ("too long",              "insert", "Account", {"Name": "x" * 256}),
    ("two things wrong",      "insert", "Contact", {"LastName": "x" * 81, "Email": "nope"}),
    ("restricted picklist",   "insert", "Product2", {"Name": "x", "QuickBooks_Item_Type__c": "Car"}),
    ("a key that is taken",   "insert", "Account", {"Name": "x", "QuickBooks_Id__c": "8-1"}),
    ("read-only",             "insert", "Account", {"Name": "x", "CreatedDate": "2026-01-01T00:00:00Z"}),
    ("e-mail in small",       "insert", "Contact", {"LastName": "x", "Email": "A@B.Example"}),
    ("changed",               "update", "Account", {"Id": ACCOUNT, "Name": "Anna"}),
    ("by the short id",       "update", "Account", {"Id": ACCOUNT[:15], "Name": "Anna"}),
    ("cleared",               "update", "Account", {"Id": ACCOUNT, "Phone": None}),
    ("required, cleared",     "update", "Account", {"Id": ACCOUNT, "Name": None}),
    ("deleted before",        "update", "Account", {"Id": GONE, "Name": "x"}),
    ("never there",           "update", "Account", {"Id": new_id("001", 9), "Name": "x"}),
    ("a day",                 "update", "Opportunity", {"Id": DEAL, "CloseDate": "2026-06-30"}),
    ("no such reference",     "update", "Opportunity", {"Id": DEAL, "AccountId": new_id("001", 9)}),
    ("a reference elsewhere", "update", "Opportunity", {"Id": DEAL, "AccountId": DEAL}),
    ("upserted, new",         "upsert", "Account", {"QuickBooks_Id__c": "8-2", "Name": "New"}),
    ("upserted, known",       "upsert", "Account", {"QuickBooks_Id__c": "8-1", "Name": "Anna"}),
    ("upserted, refused",     "upsert", "Account", {"QuickBooks_Id__c": "8-2", "Phone": "1"}),
    ("deleted",               "delete", "Opportunity", {"Id": DEAL}),
    ("deleted twice",         "delete", "Account", {"Id": GONE}),
]  # fmt: skip

Outcome = tuple[list[dict[str, object]], set[str]]


def state(org: TestOrg) -> list[dict[str, object]]:
    rows = []
    for name in ("Account", "Contact", "Opportunity", "Product2"):
        rows += [{**r, "attributes": name} for r in org.records(name, include_deleted=True)]
    return rows


def nested(values: dict[str, str | None]) -> dict[str, Any]:
    """`Account.Key__c` as JSON has it."""
    return {
        (name.split(".")[0] if "." in name else name): {name.split(".")[1]: v} if "." in name else v
        for name, v in values.items()
    }


def single(running: Running, operation: str, name: str, values: dict[str, str | None]) -> set[str]:
    body = nested(values)
    record = body.pop("Id", None)
    if operation == "insert":
        answer = running.call("POST", f"sobjects/{name}", json=body)
    elif operation == "upsert":
        key = body.pop("QuickBooks_Id__c")
        answer = running.call("PATCH", f"sobjects/{name}/QuickBooks_Id__c/{key}", json=body)
    else:
        method = {"update": "PATCH", "delete": "DELETE"}[operation]
        more = {"json": body} if operation == "update" else {}
        answer = running.call(method, f"sobjects/{name}/{record}", **more)
    return {e["errorCode"] for e in answer.json()} if answer.status_code >= 400 else set()


def collected(running: Running, operation: str, name: str, values: dict[str, str | None]) -> set[str]:
    if operation == "delete":
        (result,) = running.call("DELETE", f"composite/sobjects?ids={values['Id']}").json()
    else:
        path = (
            f"composite/sobjects/{name}/QuickBooks_Id__c" if operation == "upsert" else "composite/sobjects"
        )
        body = {"records": [{"attributes": {"type": name}, **nested(values)}]}
        method = "POST" if operation == "insert" else "PATCH"
        (result,) = running.call(method, path, json=body).json()
    return {e["statusCode"] for e in result["errors"]}


def bulked(running: Running, operation: str, name: str, values: dict[str, str | None]) -> set[str]:
    key = {"externalIdFieldName": "QuickBooks_Id__c"} if operation == "upsert" else {}
    job = running.call("POST", "jobs/ingest", json={"operation": operation, "object": name, **key}).json()[
        "id"
    ]
    content = io.StringIO(newline="")
    csv.writer(content, lineterminator="\n").writerows(
        [list(values), ["#N/A" if v is None else v for v in values.values()]]
    )
    headers = {"Content-Type": "text/csv; charset=UTF-8"}
    running.call("PUT", f"jobs/ingest/{job}/batches", data=content.getvalue().encode(), headers=headers)
    running.call("PATCH", f"jobs/ingest/{job}", json={"state": "UploadComplete"})
    running.org.jobs.settle()
    assert running.call("GET", f"jobs/ingest/{job}").json()["state"] == "JobComplete"
    failed = running.call("GET", f"jobs/ingest/{job}/failedResults").text
    return {row["sf__Error"].split(":")[0] for row in csv.DictReader(io.StringIO(failed))}


@pytest.mark.parametrize(("why", "operation", "name", "values"), CASES, ids=[c[0] for c in CASES])
def test_three_ways(
    start: Callable[..., Running], why: str, operation: str, name: str, values: dict[str, str | None]
) -> None:
    outcomes: list[Outcome] = []
    for way in (single, collected, bulked):
        running = start(seed=SEED)
        before = state(running.org)
        codes = way(running, operation, name, values)
        after = state(running.org)
        assert (before == after) is bool(codes)
        outcomes.append((after, codes))
    one, many, bulk = outcomes
    assert one == many
    assert one[0] == bulk[0]
    assert bulk[1] <= one[1]  # a row of Bulk tells the first thing that is wrong
    assert bool(bulk[1]) is bool(one[1])
