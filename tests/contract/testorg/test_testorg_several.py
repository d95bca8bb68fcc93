"""References to several kinds of records, and custom objects, in the embedded org."""

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from simple_salesforce.exceptions import SalesforceMalformedRequest
from testorg_client import USER, Running

from workbench.testorg import OrgError
from workbench.testorg.objects import CUSTOM


@pytest.fixture
def office(start: Callable[..., Running]) -> Running:
    """An org with Receivable__c, an account, an opportunity, and a task about each."""
    running = start(extra_objects=CUSTOM)
    account = running.org.create("Account", {"Name": "Ann", "QuickBooks_Id__c": "8-1"})
    deal = {"Name": "Deal", "StageName": "Prospecting", "CloseDate": "2026-04-01"}
    opportunity = running.org.create("Opportunity", deal)
    for subject, about in (("1", account), ("2", opportunity), ("3", None)):
        running.org.create("Task", {"Subject": subject, "WhatId": about})
    return running


def test_a_path_shows_what_all_kinds_have(office: Running) -> None:
    rows = office.org.query("SELECT What.Name, What.Type, What.Id FROM Task ORDER BY Subject")
    (account,), (deal,) = office.org.records("Account"), office.org.records("Opportunity")
    base = "/services/data/v64.0/sobjects"
    assert [row["What"] for row in rows] == [
        {
            "attributes": {"type": "Name", "url": f"{base}/Account/{account['Id']}"},
            "Name": "Ann",
            "Type": "Account",
            "Id": account["Id"],
        },
        {
            "attributes": {"type": "Name", "url": f"{base}/Opportunity/{deal['Id']}"},
            "Name": "Deal",
            "Type": "Opportunity",
            "Id": deal["Id"],
        },
        None,
    ]


#  condition                                     subjects found
FILTERS = [
    ("What.Type = 'Account'",                    "1"),
    ("What.Name IN ('deal', 'x')",               "2"),
    ("WhatId = null",                            "3"),
    ("NOT What.Type = 'Account'",                "23"),
]  # fmt: skip


@pytest.mark.parametrize(("condition", "subjects"), FILTERS)
def test_conditions(office: Running, condition: str, subjects: str) -> None:
    rows = office.org.query(f"SELECT Subject FROM Task WHERE {condition} ORDER BY Subject")
    assert "".join(str(r["Subject"]) for r in rows) == subjects


def test_a_field_of_one_kind_only_is_refused(office: Running) -> None:
    with pytest.raises(OrgError, match="No such column 'Phone' on entity 'Name'"):
        office.org.query("SELECT What.Phone FROM Task")
    with pytest.raises(OrgError, match="sObject type 'Name' is not supported"):
        office.org.query("SELECT Id FROM Name")


def test_describe_tells(office: Running) -> None:
    fields = {f["name"]: f for f in office.client().Task.describe()["fields"]}
    assert fields["WhatId"]["referenceTo"] == ["Account", "Opportunity", "Product2"]
    assert (fields["WhatId"]["polymorphicForeignKey"], fields["WhatId"]["namePointing"]) == (True, True)
    assert fields["WhoId"]["polymorphicForeignKey"] is False


def test_a_target_of_another_kind_is_refused(office: Running) -> None:
    contact = office.org.create("Contact", {"LastName": "x"})
    with pytest.raises(OrgError) as caught:
        office.org.create("Task", {"WhatId": contact})
    assert (caught.value.code, caught.value.fields) == ("MALFORMED_ID", ("WhatId",))


def test_a_parent_by_its_key_needs_its_kind(office: Running) -> None:
    client: Any = office.client()
    key = {"attributes": {"type": "Account"}, "QuickBooks_Id__c": "8-1"}
    task = client.Task.create({"Subject": "4", "What": key})["id"]
    assert office.org.record("Task", task)["WhatId"] == office.org.records("Account")[0]["Id"]
    with pytest.raises(SalesforceMalformedRequest, match="external id field of Account or Opportunity"):
        client.Task.create({"Subject": "5", "What": {"QuickBooks_Id__c": "8-1"}})


def test_bulk_names_the_kind_in_its_header(office: Running) -> None:
    for header, failed in (("Account:What.QuickBooks_Id__c", False), ("What.QuickBooks_Id__c", True)):
        job = office.call("POST", "jobs/ingest", json={"operation": "insert", "object": "Task"}).json()["id"]
        content = f"Subject,{header}\n6,8-1\n"
        office.call("PUT", f"jobs/ingest/{job}/batches", data=content, headers={"Content-Type": "text/csv"})
        office.call("PATCH", f"jobs/ingest/{job}", json={"state": "UploadComplete"})
        office.org.jobs.settle()
        assert office.call("GET", f"jobs/ingest/{job}").json()["state"] == (
            "Failed" if failed else "JobComplete"
        )
    assert len(office.org.query("SELECT Id FROM Task WHERE Subject = '6' AND What.Name = 'Ann'")) == 1


def test_a_custom_object(office: Running) -> None:
    client: Any = office.client()
    described = client.Receivable__c.describe()
    assert (described["custom"], described["keyPrefix"]) == (True, "a00")
    (account,) = office.org.records("Account")
    client.Receivable__c.create({"Account__c": account["Id"], "Amount__c": 12.5, "Due_Date__c": "2026-05-01"})
    statement = "SELECT Account__r.Name, Owner.Name, Owner.Type, Amount__c FROM Receivable__c"
    (row,) = client.query(statement)["records"]
    assert (row["Account__r"]["Name"], row["Amount__c"]) == ("Ann", 12.5)
    assert row["Owner"]["Type"] == "User"
    children = client.Account.describe()["childRelationships"]
    assert ("Receivable__c", "Receivables__r") in {
        (c["childSObject"], c["relationshipName"]) for c in children
    }


def test_a_queue_owns_a_custom_record(office: Running) -> None:
    queue = office.org.create("Group", {"Name": "Collections", "Type": "Queue"})
    record = office.org.create("Receivable__c", {"OwnerId": queue})
    owned = "SELECT Id FROM Receivable__c WHERE Owner.Type = 'Group' AND Owner.Name = 'Collections'"
    assert len(office.org.query(owned)) == 1
    user = office.org.user_id(USER.username)
    office.org.edit("Receivable__c", record, {"OwnerId": user})
    assert office.org.record("Receivable__c", record)["OwnerId"] == user


def test_an_org_without_the_object_does_not_know_it(running: Running) -> None:
    answer = running.call("GET", "sobjects/Receivable__c/describe")
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (404, "NOT_FOUND")


def test_bulk_query_of_such_a_path(office: Running) -> None:
    body = {"operation": "query", "query": "SELECT Subject, What.Type, what.name FROM Task ORDER BY Subject"}
    job = office.call("POST", "jobs/query", json=body).json()["id"]
    office.org.jobs.settle()
    content = office.call("GET", f"jobs/query/{job}/results").text
    assert list(csv.reader(io.StringIO(content))) == [
        ["Subject", "What.Type", "What.Name"],
        ["1", "Account", "Ann"],
        ["2", "Opportunity", "Deal"],
        ["3", "", ""],
    ]
