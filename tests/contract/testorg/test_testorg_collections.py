"""sObject Collections through simple-salesforce's `restful`: order, isolation, rollback, limits."""

from typing import Any

import pytest
from simple_salesforce.exceptions import SalesforceMalformedRequest
from testorg_client import Running

from workbench.testorg.ids import new_id

Rows = list[dict[str, Any]]
GOOD, BAD = {"Name": "good"}, {"Phone": "no name"}


def typed(name: str, rows: Rows) -> Rows:
    return [{"attributes": {"type": name}, **row} for row in rows]


def send(running: Running, method: str, rows: Rows, path: str = "", **body: Any) -> Rows:
    """Rows of the answer; the client of every test is simple-salesforce."""
    answer = running.client().restful(
        f"composite/sobjects{path}", method=method, json={"records": rows, **body}
    )
    assert isinstance(answer, list)
    return answer


def codes(answer: Rows) -> list[str | None]:
    return [None if row["success"] else row["errors"][0]["statusCode"] for row in answer]


def names(running: Running) -> list[object]:
    return [r["Name"] for r in running.org.query("SELECT Name FROM Account ORDER BY Id")]


def test_each_row_is_answered_in_its_place(running: Running) -> None:
    rows = [{"Name": "a"}, BAD, {"Name": "b"}, {"Name": "c", "Nope__c": 1}, {"Name": "d"}]
    answer = send(running, "POST", typed("Account", rows))
    assert codes(answer) == [None, "REQUIRED_FIELD_MISSING", None, "INVALID_FIELD", None]
    assert names(running) == ["a", "b", "d"]
    assert [r.get("id") for r in answer if r["success"]] == [r["Id"] for r in running.org.records("Account")]
    assert answer[0] == {"id": answer[0]["id"], "success": True, "errors": []}
    assert answer[1] == {
        "success": False,
        "errors": [
            {
                "statusCode": "REQUIRED_FIELD_MISSING",
                "message": "Required fields are missing: [Name]",
                "fields": ["Name"],
            }
        ],
    }


def test_all_or_none_rolls_back(running: Running) -> None:
    answer = send(running, "POST", typed("Account", [GOOD, BAD, GOOD]), allOrNone=True)
    rolled_back = "ALL_OR_NONE_OPERATION_ROLLED_BACK"
    assert codes(answer) == [rolled_back, "REQUIRED_FIELD_MISSING", rolled_back]
    assert names(running) == []
    assert codes(send(running, "POST", typed("Account", [GOOD, GOOD]), allOrNone=True)) == [None, None]


def test_every_row_refused_is_still_200(running: Running) -> None:
    answer = running.call("POST", "composite/sobjects", json={"records": typed("Account", [BAD])})
    assert (answer.status_code, codes(answer.json())) == (200, ["REQUIRED_FIELD_MISSING"])


def test_parent_and_children_in_one_request(running: Running) -> None:
    rows = typed("Account", [{"Name": "A", "QuickBooks_Id__c": "1"}]) + typed(
        "Contact", [{"LastName": "L", "Account": {"QuickBooks_Id__c": "1"}}]
    )
    assert codes(send(running, "POST", rows, allOrNone=True)) == [None, None]
    assert running.org.query("SELECT Account.Name FROM Contact")[0]["Account"]["Name"] == "A"


def test_update(running: Running) -> None:
    ids = [running.org.create("Account", {"Name": n}) for n in "abc"]
    rows = [
        {"Id": ids[2], "Name": "C"},
        {"id": ids[0][:15], "Name": "A"},
        {"Name": "no id"},
        {"Id": new_id("001", 9), "Name": "never was"},
        {"Id": "x", "Name": "no id either"},
        {"Id": ids[2], "Name": "twice"},
        {"Id": ids[1], "IsDeleted": True},
    ]
    answer = send(running, "PATCH", typed("Account", rows))
    assert codes(answer) == [
        None,
        None,
        "MISSING_ARGUMENT",
        "INVALID_CROSS_REFERENCE_KEY",
        "MALFORMED_ID",
        "DUPLICATE_VALUE",
        "INVALID_FIELD_FOR_INSERT_UPDATE",
    ]
    assert names(running) == ["A", "b", "C"]
    assert answer[1]["id"] == ids[0]


def test_update_rolls_back_values_and_stamps(running: Running) -> None:
    record = running.org.create("Account", GOOD)
    before = running.org.record("Account", record)
    rows = typed("Account", [{"Id": record, "Name": "changed"}, {"Id": record[:15], "Name": "x" * 256}])
    assert "ALL_OR_NONE_OPERATION_ROLLED_BACK" in codes(send(running, "PATCH", rows, allOrNone=True))
    assert running.org.record("Account", record) == before


def test_upsert_by_external_id(running: Running) -> None:
    running.org.create("Account", {"Name": "old", "QuickBooks_Id__c": "1"})
    rows = [
        {"QuickBooks_Id__c": "1", "Name": "new"},
        {"QuickBooks_Id__c": "2", "Name": "two"},
        {"Name": "no key"},
        {"QuickBooks_Id__c": "2", "Name": "twice"},
        {"QuickBooks_Id__c": "3", "Phone": "no name"},
    ]
    answer = send(running, "PATCH", typed("Account", rows), "/Account/QuickBooks_Id__c")
    assert codes(answer) == [
        None,
        None,
        "MISSING_ARGUMENT",
        "DUPLICATE_EXTERNAL_ID",
        "REQUIRED_FIELD_MISSING",
    ]
    assert [r["created"] for r in answer if r["success"]] == [False, True]
    assert names(running) == ["new", "two"]


def test_upsert_by_id(running: Running) -> None:
    record = running.org.create("Account", {"Name": "old"})
    rows = typed(
        "Account", [{"Id": record, "Name": "new"}, {"Id": None, "Name": "made"}, {"Name": "made too"}]
    )
    answer = send(running, "PATCH", rows, "/Account/Id")
    assert [r["created"] for r in answer] == [False, True, True]
    assert names(running) == ["new", "made", "made too"]


def test_upsert_of_a_key_that_several_hold(running: Running) -> None:
    for name in "ab":
        running.org.create("Contact", {"LastName": name, "Email": "a@b.co"})
    answer = send(running, "PATCH", typed("Contact", [{"Email": "a@b.co"}]), "/Contact/Email")
    assert codes(answer) == ["DUPLICATE_EXTERNAL_ID"]
    assert set(answer[0]["errors"][0]) == {"statusCode", "message", "fields"}


def test_delete(running: Running) -> None:
    ids = [running.org.create("Account", {"Name": n}) for n in "abc"]
    running.org.delete("Account", ids[1])
    client = running.client()
    given = ",".join([*ids, "nonsense"])
    rolled = client.restful("composite/sobjects", method="DELETE", params={"ids": given, "allOrNone": "true"})
    assert codes(rolled)[1] == "ENTITY_IS_DELETED"
    assert len(names(running)) == 2
    answer = client.restful(
        "composite/sobjects", method="DELETE", params={"ids": given, "allOrNone": "false"}
    )
    assert codes(answer) == [None, "ENTITY_IS_DELETED", None, "MALFORMED_ID"]
    assert names(running) == []


def test_retrieve_keeps_the_order_and_says_null(running: Running) -> None:
    ids = [running.org.create("Account", {"Name": n}) for n in "ab"]
    wanted = {"ids": [ids[1], new_id("001", 9), ids[0]], "fields": ["Name"]}
    rows = running.client().restful("composite/sobjects/Account", method="POST", json=wanted)
    assert isinstance(rows, list)
    assert [r and r["Name"] for r in rows] == ["b", None, "a"]


def runs(count: int) -> Rows:
    """So many runs of records of one object."""
    return [
        row
        for i in range(count)
        for row in (typed("Account", [GOOD]) if i % 2 else typed("Contact", [{"LastName": "L"}]))
    ]


#  why                       records                                  code
LIMITS = [
    ("200 records",          typed("Account", [GOOD] * 200),          None),
    ("201 records",          typed("Account", [GOOD] * 201),          "EXCEEDED_ID_LIMIT"),
    ("10 chunks",            runs(10),                                None),
    ("11 chunks",            runs(11),                                "LIMIT_EXCEEDED"),
    ("none",                 [],                                      "MISSING_ARGUMENT"),
    ("no list",              {"Name": "A"},                           "JSON_PARSER_ERROR"),
    ("a list of text",       ["A"],                                   "JSON_PARSER_ERROR"),
    ("no object named",      [GOOD],                                  "INVALID_TYPE"),
    ("a value of a wrong type", typed("Account", [GOOD, {"Name": 1}]), "JSON_PARSER_ERROR"),
]  # fmt: skip


@pytest.mark.parametrize(("why", "records", "code"), LIMITS, ids=[c[0] for c in LIMITS])
def test_limits_of_a_request(running: Running, why: str, records: Any, code: str | None) -> None:
    if code is None:
        assert codes(send(running, "POST", records)) == [None] * len(records)
        return
    with pytest.raises(SalesforceMalformedRequest) as caught:
        send(running, "POST", records)
    assert caught.value.content[0]["errorCode"] == code
    assert names(running) == []


def test_a_call_counts_once(running: Running) -> None:
    before = running.org.api_requests
    send(running, "POST", typed("Account", [GOOD] * 200))
    assert running.org.api_requests == before + 1
