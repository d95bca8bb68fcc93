"""Duplicate rules of the embedded org: the payload, the header, what isn't a duplicate."""

from typing import Any

import pytest
import requests
from testorg_client import Running

from workbench.testorg import DuplicateRule, OrgError

RULE = DuplicateRule(object="Account", fields=("Name", "BillingCity"))
ANN = {"Name": "Ann", "BillingCity": "Ely"}
ALLOW = {"Sforce-Duplicate-Rule-Header": "allowSave=true; includeRecordDetails=true; runAsCurrentUser=true"}


@pytest.fixture
def known(running: Running) -> str:
    """Id of an account that a rule compares others with."""
    account = running.org.create("Account", ANN)
    running.org.duplicate_rules.append(RULE)
    return account


def create(
    running: Running, values: dict[str, str], headers: dict[str, str] | None = None
) -> requests.Response:
    return running.call("POST", "sobjects/Account", json=values, headers=headers or {})


def test_the_payload(running: Running, known: str) -> None:
    answer = create(running, {**ANN, "Name": "ANN"})
    assert answer.status_code == 400
    (error,) = answer.json()
    assert (error["errorCode"], error["message"]) == ("DUPLICATES_DETECTED", "Use one of these records?")
    found = error["duplicateResut"]
    assert set(found) == {
        "allowSave",
        "duplicateRule",
        "duplicateRuleEntityType",
        "errorMessage",
        "matchResults",
    }
    assert (found["allowSave"], found["duplicateRule"]) == (True, "Standard_Account_Duplicate_Rule")
    (result,) = found["matchResults"]
    assert set(result) == {"entityType", "errors", "matchEngine", "matchRecords", "rule", "size", "success"}
    (match,) = result["matchRecords"]
    assert set(match) == {"additionalInformation", "fieldDiffs", "matchConfidence", "record"}
    assert match["matchConfidence"] == 100.0
    assert match["record"]["Id"] == known
    assert set(match["record"]) == {"attributes", "Id"}
    assert len(running.org.records("Account")) == 1


#  why                          values                                           a duplicate?
CASES: list[tuple[str, dict[str, str], bool]] = [
    ("all fields equal",        ANN,                                             True),
    ("but for their case",      {"Name": "aNN", "BillingCity": "ELY"},           True),
    ("one field differs",       {"Name": "Ann", "BillingCity": "Bonn"},          False),
    ("one field is empty",      {"Name": "Ann"},                                 False),
]  # fmt: skip


@pytest.mark.parametrize(("why", "values", "duplicate"), CASES, ids=[c[0] for c in CASES])
def test_what_is_a_duplicate(
    running: Running, known: str, why: str, values: dict[str, str], duplicate: bool
) -> None:
    assert create(running, values).status_code == (400 if duplicate else 201)


#  header                                                  rule allows   saved
HEADERS = [
    (ALLOW["Sforce-Duplicate-Rule-Header"],                 True,        True),
    ("allowSave=TRUE",                                      True,        True),
    ("allowSave=false",                                     True,        False),
    ("includeRecordDetails=true",                           True,        False),
    ("nonsense",                                            True,        False),
    (ALLOW["Sforce-Duplicate-Rule-Header"],                 False,       False),
]  # fmt: skip


@pytest.mark.parametrize(("header", "allows", "saved"), HEADERS)
def test_the_header_gets_past_an_alert_only(
    running: Running, known: str, header: str, allows: bool, saved: bool
) -> None:
    running.org.duplicate_rules[:] = [DuplicateRule(object="Account", fields=("Name",), allow_save=allows)]
    answer = create(running, ANN, {"Sforce-Duplicate-Rule-Header": header})
    assert answer.status_code == (201 if saved else 400)
    if not saved:
        assert answer.json()[0]["duplicateResut"]["allowSave"] is allows


def test_details_on_request(running: Running, known: str) -> None:
    answer = create(running, ANN, {"Sforce-Duplicate-Rule-Header": "includeRecordDetails=true"})
    record = answer.json()[0]["duplicateResut"]["matchResults"][0]["matchRecords"][0]["record"]
    assert (record["Name"], record["BillingCity"]) == ("Ann", "Ely")


def test_an_update_is_checked_when_it_touches_the_rule(running: Running, known: str) -> None:
    running.org.duplicate_rules.clear()
    other = running.org.create("Account", {**ANN, "Name": "Bob"})
    twin = running.org.create("Account", ANN)
    running.org.duplicate_rules.append(RULE)
    running.org.edit("Account", twin, {"Phone": "1"})  # the org has duplicates from before: they live on
    with pytest.raises(OrgError, match="DUPLICATES_DETECTED"):
        running.org.edit("Account", other, {"Name": "Ann"})


def test_a_deleted_record_is_no_duplicate(running: Running, known: str) -> None:
    running.org.delete("Account", known)
    assert create(running, ANN).status_code == 201


def test_a_row_of_collections_and_of_bulk(running: Running, known: str) -> None:
    client: Any = running.client()
    rows = [{"attributes": {"type": "Account"}, **ANN}, {"attributes": {"type": "Account"}, "Name": "Other"}]
    refused, made = client.restful("composite/sobjects", method="POST", json={"records": rows})
    assert refused["errors"][0]["statusCode"] == "DUPLICATES_DETECTED"
    assert refused["errors"][0]["duplicateResut"]["matchResults"][0]["size"] == 1
    assert made["success"]
    (done,) = client.bulk2.Account.insert(records=[ANN], wait=0)
    failed = running.call("GET", f"jobs/ingest/{done['job_id']}/failedResults").text
    assert '"DUPLICATES_DETECTED:Use one of these records?:--"' in failed
