"""Trouble on request: each fault strikes as often as asked, where asked, and leaves the data as it should."""

import time
from collections.abc import Callable
from typing import cast

import pytest
import requests
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import (
    SalesforceExpiredSession,
    SalesforceGeneralError,
    SalesforceMalformedRequest,
    SalesforceRefusedRequest,
)
from testorg_client import Running

from workbench.testorg.faults import KINDS, Faults, Kind

TWO = [{"attributes": {"type": "Account"}, "Name": n} for n in "ab"]


def rows(running: Running) -> int:
    return len(running.org.records("Account"))


def test_a_lost_response_is_committed(running: Running) -> None:
    client = running.client()
    running.org.faults.arm("lose_response", path="/composite/sobjects")
    with pytest.raises(requests.ConnectionError):
        client.restful("composite/sobjects", method="POST", json={"records": TWO})
    assert rows(running) == 2
    client.restful("composite/sobjects", method="POST", json={"records": TWO})  # once only
    assert rows(running) == 4


def test_a_lost_request_is_not(running: Running) -> None:
    client = running.client()
    running.org.faults.arm("lose_request", method="POST", path="/sobjects")
    with pytest.raises(requests.ConnectionError):
        client.Account.create({"Name": "a"})
    assert rows(running) == 0


def test_a_session_ends_in_mid_run(running: Running) -> None:
    client = running.client()
    running.org.faults.arm("expire_session", skip=2)
    client.limits()
    client.limits()
    for _ in range(2):  # the session is gone, not only this request
        with pytest.raises(SalesforceExpiredSession):
            client.limits()
    running.client().limits()


def test_unavailable_is_html(running: Running) -> None:
    client = running.client()
    running.org.faults.arm("unavailable", times=2, path="/query")
    for _ in range(2):
        with pytest.raises(SalesforceGeneralError) as caught:
            client.query("SELECT Id FROM Account")
        assert caught.value.status == 503
        assert "<html>" in str(caught.value.content)
    client.query("SELECT Id FROM Account")


def test_any_refusal_on_request(running: Running) -> None:
    client = running.client()
    running.org.faults.arm("refuse", path="/query", code="QUERY_TIMEOUT", message="too long", status=400)
    with pytest.raises(SalesforceMalformedRequest, match="QUERY_TIMEOUT"):
        client.query("SELECT Id FROM Account")
    client.query("SELECT Id FROM Account")


def test_an_org_that_loses_its_api_in_mid_run(running: Running) -> None:
    client = running.client()
    running.org.settings.api_enabled = False
    with pytest.raises(SalesforceRefusedRequest, match="API_DISABLED_FOR_ORG"):
        client.limits()


def test_a_locked_row_fails_alone(running: Running) -> None:
    ids = [running.org.create("Account", {"Name": n}) for n in "ab"]
    running.org.faults.arm("lock_row", times=2, path=ids[1])
    client = running.client()
    body = {"records": [{"attributes": {"type": "Account"}, "Id": i, "Phone": "1"} for i in ids]}
    for _ in range(2):
        answer = client.restful("composite/sobjects", method="PATCH", json=body)
        assert [r["success"] for r in answer] == [True, False]
        assert answer[1]["errors"][0]["statusCode"] == "UNABLE_TO_LOCK_ROW"
    answer = client.restful("composite/sobjects", method="PATCH", json=body)
    assert [r["success"] for r in answer] == [True, True]


def test_rows_of_an_object_are_locked(running: Running) -> None:
    running.org.faults.arm("lock_row", path="Contact/")
    running.org.create("Account", {"Name": "a"})
    with pytest.raises(SalesforceMalformedRequest, match="UNABLE_TO_LOCK_ROW"):
        running.client().Contact.create({"LastName": "a"})
    running.org.create("Contact", {"LastName": "a"})


def test_the_limit_is_spent_for_a_while(running: Running) -> None:
    client = running.client()
    running.org.faults.arm("limit_spent")
    with pytest.raises(SalesforceRefusedRequest, match="REQUEST_LIMIT_EXCEEDED"):
        client.limits()
    client.limits()


def test_slow(running: Running) -> None:
    client = running.client()
    running.org.faults.arm("slow", seconds=0.3)
    start = time.monotonic()
    client.limits()
    assert time.monotonic() - start >= 0.3


def test_a_slow_answer_holds_up_nobody_else(running: Running) -> None:
    client: Salesforce = running.client()
    running.org.faults.arm("slow", seconds=30, path="/sobjects")
    with pytest.raises(requests.exceptions.ReadTimeout):
        requests.get(f"{running.url}/services/data/v64.0/sobjects", timeout=0.2)
    client.limits()


def test_clear_disarms(running: Running) -> None:
    for kind in KINDS:
        running.org.faults.arm(cast(Kind, kind), times=9)
    running.org.faults.clear()
    running.client().Account.create({"Name": "a"})


#  why                   armed with                          request                 strikes
MATCHES: list[tuple[str, dict[str, str], tuple[str, str], bool]] = [
    ("anything",         {},                                 ("GET", "/a"),          True),
    ("the method",       {"method": "PATCH"},                ("PATCH", "/a"),        True),
    ("another method",   {"method": "PATCH"},                ("GET", "/a"),          False),
    ("part of the path", {"path": "/query"},                 ("GET", "/v/query/x"),  True),
    ("another path",     {"path": "/query"},                 ("GET", "/v/limits"),   False),
]  # fmt: skip


@pytest.mark.parametrize(("why", "armed", "request_", "strikes"), MATCHES, ids=[m[0] for m in MATCHES])
def test_where_it_strikes(why: str, armed: dict[str, str], request_: tuple[str, str], strikes: bool) -> None:
    faults = Faults()
    faults.arm("slow", method=armed.get("method"), path=armed.get("path"))
    assert (faults.take("slow", *request_) is not None) is strikes
    assert faults.take("unavailable", *request_) is None


def test_an_unknown_fault_is_an_error() -> None:
    arm: Callable[..., object] = Faults().arm
    with pytest.raises(ValueError, match="no fault 'earthquake'; known are lose_response"):
        arm("earthquake")


def test_a_row_that_commits_late_is_missed_by_the_highest_stamp(running: Running) -> None:
    """What a puller by `> highest stamp seen` never finds, and one with an overlap does."""
    org = running.org
    seen = org.record("Account", org.create("Account", {"Name": "seen"}))["SystemModstamp"]
    org.faults.arm("late_commit", path="Account/", seconds=30)
    late = org.create("Account", {"Name": "late"})
    assert org.record("Account", late)["SystemModstamp"] == "2026-03-30T11:59:30.000+0000"
    running.clock.forward(seconds=10)
    org.create("Account", {"Name": "next"})
    names = [r["Name"] for r in org.query(f"SELECT Name FROM Account WHERE SystemModstamp > {seen}")]
    assert names == ["next"]
    found = org.query("SELECT Name FROM Account WHERE SystemModstamp >= 2026-03-30T11:50:00Z ORDER BY Name")
    assert [r["Name"] for r in found] == ["late", "next", "seen"]


def test_an_edit_that_commits_late(running: Running) -> None:
    org = running.org
    account = org.create("Account", {"Name": "a"})
    running.clock.forward(minutes=10)
    org.faults.arm("late_commit", path=account, seconds=120)
    org.edit("Account", account, {"Name": "b"})
    shown = org.record("Account", account)
    assert (shown["SystemModstamp"], shown["CreatedDate"]) == (
        "2026-03-30T12:08:00.000+0000",
        "2026-03-30T12:00:00.000+0000",
    )
    org.faults.arm("late_commit", path=account, seconds=9999)
    org.edit("Account", account, {"Name": "c"})  # but never before its own last stamp
    assert org.record("Account", account)["SystemModstamp"] == "2026-03-30T12:08:01.000+0000"
