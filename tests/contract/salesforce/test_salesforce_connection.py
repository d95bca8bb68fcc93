"""The connection to an org: logins and their refusals, sessions, paging, numbers."""

from __future__ import annotations

import json
import socket
import traceback
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.contract.salesforce.salesforce_office import APP, SECRETS, USER, Office
from workbench.connections import salesforce_session
from workbench.connections.salesforce import SalesforceConnection
from workbench.connections.salesforce_json import collection_body, literal
from workbench.errors import ConnectionProblem, ProfileError
from workbench.profile import write_secrets
from workbench.testorg import running_org

pytestmark = pytest.mark.long

ALDER = "001000000000001AAA"


# --- logging in -----------------------------------------------------------------------------------


@pytest.mark.parametrize("login", ["client_credentials", "password"])
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_login_reads_records(office: Office, login: str, host: str) -> None:
    connection = office.connect(login=login, url=office.url.replace("127.0.0.1", host))
    assert [row["Name"] for row in connection.query("SELECT Name FROM Account ORDER BY Name LIMIT 1")] == [
        "Alder Supply"
    ]


def spoilt(name: str, value: str) -> Callable[[Office], None]:
    def spoil(office: Office) -> None:
        write_secrets(office.profile, {name: value})

    return spoil


def switched(**settings: Any) -> Callable[[Office], None]:
    def switch(office: Office) -> None:
        for name, value in settings.items():
            setattr(office.org.settings, name, value)

    return switch


def no_run_as(office: Office) -> None:
    office.org.door.apps[APP.client_id] = replace(APP, run_as=None)


ALL_THREE = "user name, password or security token"  # Salesforce does not tell which

#  why, login, what is wrong, what a person reads
REFUSALS: list[tuple[str, str, Callable[[Office], None], str]] = [
    ("wrong password", "password", spoilt("salesforce.password", "nope"), ALL_THREE),
    ("wrong token", "password", spoilt("salesforce.security_token", "nope"), ALL_THREE),
    ("token missing", "password", spoilt("salesforce.security_token", ""), "security token is missing"),
    ("network", "password", switched(address_allowed=False), "network access"),
    ("SOAP off", "password", switched(soap_login=False), "SOAP login is switched off"),
    ("no API", "password", switched(api_enabled=False), "API is not enabled"),
    ("wrong client", "client_credentials", spoilt("salesforce.client_id", "nope"), "client id was not"),
    ("wrong secret", "client_credentials", spoilt("salesforce.client_secret", "nope"), "secret was not"),
    ("no run-as user", "client_credentials", no_run_as, "run-as user|may not log in this way"),
    ("network", "client_credentials", switched(address_allowed=False), "network access"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("login", "wrong", "says"),
    [pytest.param(*row[1:], id=f"{row[0]}, {row[1]}") for row in REFUSALS],
)
def test_a_refused_login_says_why_in_plain_words_and_keeps_the_secrets(
    office: Office, login: str, wrong: Callable[[Office], None], says: str
) -> None:
    wrong(office)
    with pytest.raises(ConnectionProblem, match=says) as caught:
        office.connect(login=login)

    error = caught.value
    assert error.where == office.url
    assert error.fix
    assert error.values["login"] == login
    shown = "".join(traceback.format_exception(error))
    for secret in SECRETS.values():
        if secret != APP.client_id:  # a name, not a secret
            assert secret not in shown


def test_an_unknown_user_is_not_told_from_a_wrong_password(office: Office) -> None:
    """Salesforce itself does not tell them apart."""
    with pytest.raises(ConnectionProblem, match=ALL_THREE):
        office.connect(login="password", username="nobody@alpine.example")


def test_a_locked_user_is_not_tried_again_by_itself(office: Office) -> None:
    write_secrets(office.profile, {"salesforce.password": "nope"})
    office.requests.seen.clear()
    with pytest.raises(ConnectionProblem, match="locked"):
        office.connect(login="password")
    assert len(office.requests.seen) == 1


def test_a_secret_that_is_not_set_is_named(office: Office) -> None:
    (office.profile.data / "secrets.yaml").unlink()
    with pytest.raises(ProfileError, match=r"salesforce\.client_id") as caught:
        office.connect()
    assert "WORKBENCH_SALESFORCE_CLIENT_ID" in str(caught.value)


def test_no_secret_stands_in_a_repr(office: Office) -> None:
    connection = office.connect(login="password")
    shown = repr(connection) + repr(vars(connection)["_profile"]) + repr(office.workspace)
    for secret in SECRETS.values():
        assert secret not in shown


# --- reaching the org -------------------------------------------------------------------------------


def test_an_address_where_nobody_answers(office: Office) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(ConnectionProblem, match="cannot be reached") as caught:
        office.connect(url=f"http://127.0.0.1:{port}")
    assert str(port) in str(caught.value.where)
    assert "firewall" in str(caught.value.fix)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("http://example.my.salesforce.com", "this machine only"),
        ("http://127.0.0.1.example.com", "this machine only"),
        ("http://10.0.0.7:8080", "this machine only"),
        ("example.my.salesforce.com", "not the address of an org"),
        ("ftp://example.com", "not the address of an org"),
        ("https://", "not the address of an org"),
        ("", "not the address of an org"),
    ],
)
def test_an_address_that_will_not_do_is_refused_before_anything_is_sent(
    office: Office, url: str, says: str
) -> None:
    with pytest.raises(ConnectionProblem, match=says):
        office.connect(url=url)


@pytest.mark.parametrize("login", ["client_credentials", "password"])
def test_an_org_that_is_down_while_logging_in(office: Office, login: str) -> None:
    office.org.faults.arm("unavailable", path="/services/")
    with pytest.raises(ConnectionProblem) as caught:
        office.connect(login=login)
    assert "<html>" not in str(caught.value)
    assert "the answer was not one of Salesforce" in str(caught.value)
    assert "down" in str(caught.value.fix)


@pytest.mark.parametrize("login", ["client_credentials", "password"])
def test_a_login_whose_answer_never_comes(office: Office, login: str) -> None:
    office.org.faults.arm("lose_request", path="/services/")
    with pytest.raises(ConnectionProblem, match="cannot be reached"):
        office.connect(login=login)


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        ("unavailable", "503"),
        ("limit_spent", "used up its API calls"),
        ("lose_response", "cannot be reached"),
        ("lose_request", "cannot be reached"),
    ],
)
def test_trouble_with_a_request_is_said_in_plain_words(office: Office, fault: Any, says: str) -> None:
    connection = office.connect()
    office.org.faults.arm(fault, path="/query", times=salesforce_session.TRIES)
    with pytest.raises(ConnectionProblem, match=says) as caught:
        list(connection.query("SELECT Id FROM Account"))
    assert "<html>" not in str(caught.value)
    assert caught.value.fix


@pytest.mark.parametrize(
    ("soql", "says"),
    [
        ("SELECT Nope__c FROM Account", "field does not exist"),
        ("SELECT Id FROM Nope__c", "object does not exist"),
        ("SELEKT Id", "refused"),
    ],
)
def test_a_query_that_the_org_refuses(office: Office, soql: str, says: str) -> None:
    with pytest.raises(ConnectionProblem, match=says) as caught:
        list(office.connect().query(soql))
    assert caught.value.values["status"] in (400, 404)


# --- sessions ---------------------------------------------------------------------------------------


def test_an_expired_session_is_renewed_once_and_the_same_request_goes_again(office: Office) -> None:
    connection = office.connect()
    office.org.door.expire()
    office.requests.seen.clear()
    office.requests.headers.clear()
    (result,) = connection.update("Account", [{"Id": ALDER, "Phone": "555-7777"}])

    assert result["success"]
    first, login, again = office.requests.seen
    assert first == again == "PATCH /services/data/v64.0/composite/sobjects"
    assert login == "POST /services/oauth2/token"
    ours = ("CONTENT_TYPE", "CONTENT_LENGTH", "HTTP_ACCEPT")
    sent = [{name: each.get(name) for name in ours} for each in office.requests.headers]
    assert sent[0] == sent[2]
    assert "json" in str(sent[2]["CONTENT_TYPE"])


def test_a_session_that_is_refused_again_and_again_is_not_a_loop(office: Office) -> None:
    connection = office.connect()
    office.org.faults.arm("expire_session", times=50, path="/query")
    office.requests.seen.clear()
    with pytest.raises(ConnectionProblem, match="session was not accepted"):
        list(connection.query("SELECT Id FROM Account"))
    assert len(office.requests.seen) == 3, "the query, one login, the query"


def test_a_session_that_ends_between_two_pages(office: Office) -> None:
    for number in range(2100):
        office.org.create("Product2", {"Name": f"Rope {number:04}"})
    rows = office.connect().query("SELECT Name FROM Product2")
    names = [next(rows)["Name"]]
    office.org.door.expire()
    names += [row["Name"] for row in rows]
    assert len(set(names)) == 2101


# --- reading ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [0, 1, 200, 201, 450])
def test_records_by_id_whatever_their_number(office: Office, count: int) -> None:
    ids = [office.org.create("Product2", {"Name": f"Rope {number}"}) for number in range(count)]
    found = office.connect().records("Product2", ["Name"], ids)
    assert [found[id_]["Name"] for id_ in ids] == [f"Rope {number}" for number in range(count)]


def test_records_that_are_gone_are_not_in_the_answer(office: Office) -> None:
    gone = office.org.create("Account", {"Name": "Gone"})
    office.org.delete("Account", gone)
    assert list(office.connect().records("Account", ["Name"], [ALDER, gone])) == [ALDER]


def test_numbers_are_decimals_to_the_last_digit(office: Office) -> None:
    office.org.edit("PricebookEntry", "01u000000000001AAA", {"UnitPrice": "9007199254740.93"})
    (row,) = office.connect().query("SELECT UnitPrice FROM PricebookEntry")
    assert type(row["UnitPrice"]) is Decimal
    assert row["UnitPrice"] == Decimal("9007199254740.93")


@pytest.mark.parametrize(
    "text",
    ["O'Neil", "back\\slash", 'double "quotes"', "line\nbreak", "a\\'b", "tab\tstop", "caf\u00e9 \u4e2d"],
)
def test_a_text_in_a_query_is_that_text(office: Office, text: str) -> None:
    made = office.org.create("Account", {"Name": "x", "Description": "y", "Site": text})
    connection = office.connect()
    found = connection.query(f"SELECT Id FROM Account WHERE Site = {literal(text)}")
    assert [row["Id"] for row in found] == [made]


# --- the body of a write ------------------------------------------------------------------------------


def parsed(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    body = json.loads(collection_body("Account", rows), parse_float=Decimal, parse_int=Decimal)
    assert body["allOrNone"] is False
    return [{key: value for key, value in row.items() if key != "attributes"} for row in body["records"]]


@given(
    st.lists(
        st.decimals(allow_nan=False, allow_infinity=False, places=5, min_value=-(10**18), max_value=10**18),
        max_size=5,
    )
)
def test_decimals_are_written_digit_by_digit(values: list[Decimal]) -> None:
    assert [row["Amount"] for row in parsed([{"Amount": value} for value in values])] == values


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (Decimal("0.1"), "0.1"),
        (Decimal("1E+3"), "1000"),
        (Decimal("1E-5"), "0.00001"),
        (Decimal("-0.00"), "-0.00"),
        (Decimal("9007199254740993.01"), "9007199254740993.01"),
        (Decimal("1250.00"), "1250.00"),
        (date(2026, 3, 30), '"2026-03-30"'),
        (True, "true"),
        (None, "null"),
        ("1250.00", '"1250.00"'),
        ("\u4e2d", '"\u4e2d"'),
    ],
)
def test_how_a_value_is_written(value: object, written: str) -> None:
    assert f'"x": {written}}}' in collection_body("Account", [{"x": value}])


@given(st.text(), st.decimals(allow_nan=False, allow_infinity=False, places=2))
def test_no_text_can_pass_for_a_number(text: str, number: Decimal) -> None:
    seen = collection_body("Account", [{"Name": "x", "Amount": number}])
    forged = f"decimal-0123456789abcdef:{number}"
    rows: list[dict[str, Any]] = [
        {"Name": text, "Amount": number},
        {"Name": forged, "Amount": number},
        {"Name": seen},
    ]
    assert parsed(rows) == rows


def test_one_result_a_row_in_order_whatever_became_of_it(office: Office) -> None:
    connection = office.connect()
    results = connection.create("Account", [{"Name": "One"}, {"Phone": "1"}, {"Name": "Three"}])
    assert [result["success"] for result in results] == [True, False, True]
    assert results[1]["errors"][0]["statusCode"] == "REQUIRED_FIELD_MISSING"


def test_the_login_user_is_the_one_of_the_profile(office: Office) -> None:
    connection = office.connect(login="password")
    assert isinstance(connection, SalesforceConnection)
    made = connection.create("Account", [{"Name": "Mine"}])[0]["id"]
    owner = str(office.org.record("Account", made)["OwnerId"])
    assert office.org.record("User", owner)["Username"] == USER.username


@pytest.mark.parametrize(
    "body",
    [
        "<html><body>Welcome</body></html>",
        "[]",
        "{}",
        '{"access_token": "x"}',
        "",
        "<a/>",
        "no xml & no json",
    ],
)
@pytest.mark.parametrize("login", ["client_credentials", "password"])
def test_a_host_that_answers_but_is_no_salesforce(office: Office, login: str, body: str) -> None:
    def application(_environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [("Content-Type", "text/html")])
        return [body.encode()]

    with (
        running_org(office.org, wrap=lambda _org: application) as url,
        pytest.raises(ConnectionProblem) as caught,
    ):
        office.connect(login=login, url=url)
    assert "address" in str(caught.value.fix)
    assert body == "" or body not in str(caught.value)
