"""Composite requests of the embedded org: parts that use each other's answers, and all-or-none."""

from typing import Any

import pytest
from testorg_client import Running

BASE = "/services/data/v64.0"


def part(name: str, method: str, url: str, body: object = None, **more: object) -> dict[str, object]:
    given = {} if body is None else {"body": body}
    return {"referenceId": name, "method": method, "url": f"{BASE}/{url}", **given, **more}


ACCOUNT = part("account", "POST", "sobjects/Account", {"Name": 'An "account"'})
CONTACT = part("contact", "POST", "sobjects/Contact", {"LastName": "x", "AccountId": "@{account.id}"})
BAD = part("bad", "POST", "sobjects/Contact", {"FirstName": "x"})


def ask(running: Running, *parts: dict[str, object], all_or_none: bool = False) -> list[dict[str, Any]]:
    body = {"allOrNone": all_or_none, "compositeRequest": list(parts)}
    answer = running.call("POST", "composite", json=body)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["compositeResponse"]
    assert [f["referenceId"] for f in found] == [p["referenceId"] for p in parts]
    return found


def codes(answers: list[dict[str, Any]]) -> list[str]:
    """`201` of a part that worked, its error code otherwise."""
    return [
        str(a["httpStatusCode"]) if a["httpStatusCode"] < 400 else a["body"][0]["errorCode"] for a in answers
    ]


def test_a_part_uses_the_answer_of_another(running: Running) -> None:
    read = part("read", "GET", "sobjects/Contact/@{contact.id}?fields=AccountId")
    query = part("query", "GET", "query?q=SELECT+Id+FROM+Account+WHERE+Id+=+'@{account.id}'")
    whole = part("whole", "GET", "sobjects/Account/@{account.id}")
    changed = {"Phone": "1", "Site": "of @{whole.Name}"}
    again = part("again", "PATCH", "sobjects/Account/@{query.records[0].Id}", changed)
    answers = ask(running, ACCOUNT, CONTACT, read, query, whole, again)
    assert codes(answers) == ["201", "201", "200", "200", "200", "204"]
    (account,) = running.org.records("Account")
    assert answers[2]["body"]["AccountId"] == account["Id"]
    assert (account["Phone"], account["Site"]) == ("1", 'of An "account"')
    assert answers[0]["httpHeaders"]["Location"].endswith(account["Id"])


def test_each_part_is_refused_alone(running: Running) -> None:
    hanging = part("hanging", "PATCH", "sobjects/Contact/@{bad.id}", {"Title": "x"})
    answers = ask(running, ACCOUNT, BAD, hanging)
    assert codes(answers) == ["201", "REQUIRED_FIELD_MISSING", "PROCESSING_HALTED"]
    assert len(running.org.records("Account")) == 1


def test_all_or_none(running: Running) -> None:
    answers = ask(running, ACCOUNT, BAD, CONTACT, all_or_none=True)
    assert codes(answers) == ["PROCESSING_HALTED", "REQUIRED_FIELD_MISSING", "PROCESSING_HALTED"]
    assert running.org.records("Account") == []
    assert codes(ask(running, ACCOUNT, CONTACT, all_or_none=True)) == ["201", "201"]


def test_a_precondition_of_a_part(running: Running) -> None:
    account = running.org.create("Account", {"Name": "a"})
    headers = {"If-Unmodified-Since": "Mon, 30 Mar 2026 11:59:59 GMT"}
    guarded = part("a", "PATCH", f"sobjects/Account/{account}", {"Name": "b"}, httpHeaders=headers)
    assert ask(running, guarded)[0]["httpStatusCode"] == 412
    assert running.org.record("Account", account)["Name"] == "a"


def test_it_counts_as_one_call(running: Running) -> None:
    before = running.org.api_requests
    ask(running, ACCOUNT, CONTACT)
    assert running.org.api_requests - before == 1


#  why                       parts
REFUSED: list[tuple[str, object, str]] = [
    ("no list",              "x",                                             "JSON_PARSER_ERROR"),
    ("no part",              [],                                              "JSON_PARSER_ERROR"),
    ("too many",             [{**ACCOUNT, "referenceId": f"a{i}"} for i in range(26)], "LIMIT_EXCEEDED"),
    ("a name twice",         [ACCOUNT, ACCOUNT],                              "INVALID_FIELD"),
    ("no name",              [{"method": "GET", "url": f"{BASE}/limits"}],    "INVALID_FIELD"),
    ("too many queries",     [part(f"q{i}", "GET", "query?q=x") for i in range(6)], "LIMIT_EXCEEDED"),
]  # fmt: skip


@pytest.mark.parametrize(("why", "parts", "code"), REFUSED, ids=[r[0] for r in REFUSED])
def test_refused_as_a_whole(running: Running, why: str, parts: object, code: str) -> None:
    answer = running.call("POST", "composite", json={"compositeRequest": parts})
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, code)


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("/services/data/v63.0/limits", "INVALID_FIELD"),
        (f"{BASE}/jobs/query", "INVALID_FIELD"),
        (f"{BASE}/composite", "INVALID_FIELD"),
        (f"{BASE}/nope", "NOT_FOUND"),
    ],
)
def test_addresses_that_a_part_cannot_have(running: Running, url: str, code: str) -> None:
    asked: dict[str, object] = {"referenceId": "a", "method": "POST", "url": url, "body": {}}
    assert codes(ask(running, asked)) == [code]


def test_an_upsert_with_several_matches(running: Running) -> None:
    for _ in range(2):
        running.org.create("Contact", {"LastName": "x", "Email": "a@b.example"})
    (answer,) = ask(running, part("a", "PATCH", "sobjects/Contact/Email/a%40b.example", {"LastName": "y"}))
    assert (answer["httpStatusCode"], len(answer["body"])) == (300, 2)
