"""Each refusal that Salesforce knows: what a person reads, whether it is tried again, how the change ends."""

from __future__ import annotations

import json

import pytest

from tests.contract.salesforce.salesforce_office import Office, Scripted
from workbench.connections.salesforce_session import TRIES as REQUEST_TRIES
from workbench.errors import ConnectionProblem
from workbench.push import salesforce as writer
from workbench.testorg import OrgError

pytestmark = pytest.mark.long

ALDER = "001000000000001AAA"
ONCE, AGAIN = 1, writer.TRIES


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "FIRST_WAIT_SECONDS", 0.001)


@pytest.fixture
def pulled(office: Office) -> Office:
    office.pull()
    office.requests.seen.clear()
    return office


def body(code: str, message: str) -> str:
    return json.dumps([{"errorCode": code, "message": message}])


#  code of a row, its text, how often it is sent
ROWS: list[tuple[str, str, int]] = [
    ("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record", AGAIN),
    ("DUPLICATE_EXTERNAL_ID", "Duplicate external id specified: 8", ONCE),
    ("REQUIRED_FIELD_MISSING", "Required fields are missing: [LastName]", ONCE),
    ("STRING_TOO_LONG", "Phone: data value too large (max length=40)", ONCE),
    ("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "bad value for restricted picklist field: x", ONCE),
    ("INVALID_EMAIL_ADDRESS", "Email: invalid email address: x", ONCE),
    ("NUMBER_OUTSIDE_VALID_RANGE", "AnnualRevenue: value outside of valid range", ONCE),
    ("INVALID_TYPE_ON_FIELD_IN_RECORD", "Phone: value not of required type", ONCE),
    ("MALFORMED_ID", "Account ID: id value of incorrect type: 1", ONCE),
    ("FIELD_CUSTOM_VALIDATION_EXCEPTION", "A phone begins with +, says our rule", ONCE),
    ("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "AccountTrigger: execution of BeforeUpdate", ONCE),
    ("FIELD_FILTER_VALIDATION_EXCEPTION", "Value does not exist or does not match filter criteria.", ONCE),
    ("INVALID_FIELD_FOR_INSERT_UPDATE", "Unable to create/update fields: Phone", ONCE),
    ("ENTITY_IS_DELETED", "entity is deleted", ONCE),
    ("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", ONCE),
    ("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id", ONCE),
    ("INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", "insufficient access rights on cross-reference", ONCE),
    ("DEPENDENCY_EXISTS", "Cannot complete this operation", ONCE),
    ("FIELD_INTEGRITY_EXCEPTION", "field integrity exception (unknown)", ONCE),
    ("STANDARD_PRICE_NOT_DEFINED", "Before creating a custom price, create a standard price.", ONCE),
    ("ALL_OR_NONE_OPERATION_ROLLED_BACK", "Record rolled back", ONCE),
]  # fmt: skip


@pytest.mark.parametrize(("code", "text", "sent"), [pytest.param(*row, id=row[0]) for row in ROWS])
def test_a_row_that_salesforce_refuses(pulled: Office, code: str, text: str, sent: int) -> None:
    def refuse(*_: object) -> None:
        raise OrgError(code, text)

    pulled.org.before_save.append(refuse)
    change = pulled.update("Account", ALDER, Phone="555-7777")
    pulled.push(change)

    row = pulled.outcome(change)
    assert row.state == "failed"
    assert f"{code}: {text}" in str(row.detail)
    assert len(pulled.requests.writes) == sent
    assert pulled.org.record("Account", ALDER)["Phone"] == "555-0101"


def test_a_key_that_another_record_has_comes_with_that_record(pulled: Office) -> None:
    pulled.org.edit("Account", ALDER, {"QuickBooks_Id__c": "8-1"})
    change = pulled.create("Account", "8-1", Name="Dogwood", QuickBooks_Id__c="8-1")
    pulled.push(change)
    assert pulled.state(change) == "failed"
    assert f"then link {ALDER}" in str(pulled.outcome(change).detail)


DUPLICATE = {
    "statusCode": "DUPLICATES_DETECTED",
    "message": "Use one of these records?",
    "fields": [],
    "duplicateResut": {
        "allowSave": True,
        "duplicateRule": "Standard_Account_Duplicate_Rule",
        "matchResults": [
            {"matchRecords": [{"matchConfidence": 100.0, "record": {"attributes": {}, "Id": ALDER}}]}
        ],
    },
}


@pytest.mark.parametrize("spelling", ["duplicateResut", "duplicateResult"])
def test_a_duplicate_rule_is_told_with_its_matches_and_never_bypassed_by_itself(
    pulled: Office, spelling: str
) -> None:
    error = {name.replace("duplicateResut", spelling): value for name, value in DUPLICATE.items()}
    answer = json.dumps([{"success": False, "errors": [error]}])
    pulled.requests.scripted.append(Scripted("/composite/sobjects", "200 OK", answer))
    change = pulled.create("Account", "8-1", Name="Alder Supply")
    pulled.push(change)

    row = pulled.outcome(change)
    assert row.state == "failed"
    assert f"rule Standard_Account_Duplicate_Rule, matches {ALDER}" in str(row.detail)
    assert "allow_duplicates" in str(row.detail)
    assert not any("HTTP_SFORCE_DUPLICATE_RULE_HEADER" in each for each in pulled.requests.headers)


@pytest.mark.parametrize("above", [0, 2000])
def test_a_person_may_choose_to_save_duplicates(pulled: Office, above: int) -> None:
    pulled.workspace._salesforce = pulled.connect(allow_duplicates=True, bulk_above=above)
    pulled.push(pulled.create("Account", "8-1", Name="Alder Supply", QuickBooks_Id__c="8-1"))
    sent = [each.get("HTTP_SFORCE_DUPLICATE_RULE_HEADER") for each in pulled.requests.headers]
    assert "allowSave=true" in sent


#  why, status, body, what a person reads, how often it is sent, how the change ends
WHOLE: list[tuple[str, str, str, str, int, str]] = [
    ("daily limit", "403 Forbidden", body("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."),
     "used up its API calls", 1, "waiting"),
    ("too many at once", "403 Forbidden",
     body("REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API Requests) Limit exceeded."),
     "run at the same time", REQUEST_TRIES, "waiting"),
    ("no API for the org", "403 Forbidden", body("API_DISABLED_FOR_ORG", "The REST API is not enabled."),
     "API is not enabled", 1, "waiting"),
    ("no API now", "403 Forbidden", body("API_CURRENTLY_DISABLED", "API is currently disabled."),
     "API is not enabled", 1, "waiting"),
    ("retired version", "410 Gone", body("UNSUPPORTED_API_VERSION", "API version 20.0 was retired"),
     "API version was retired", 1, "waiting"),
    ("body not understood", "400 Bad Request", body("JSON_PARSER_ERROR", "Unexpected character"),
     "refused: Unexpected character", 1, "waiting"),
    ("no such field", "400 Bad Request", body("INVALID_FIELD", "No such column 'X' on sobject"),
     "field does not exist or the user may not see it", 1, "waiting"),
    ("not there", "404 Not Found", body("NOT_FOUND", "The requested resource does not exist"),
     "refused: The requested", 1, "waiting"),
    ("busy", "503 Service Unavailable", body("SERVER_UNAVAILABLE", "Server too busy"),
     "busy or down", 1, "unknown"),
    ("a web page", "503 Service Unavailable", "<html>down</html>", "not one of Salesforce", 1, "unknown"),
    ("a web page instead of an answer", "200 OK", "<html>proxy</html>", "not JSON", 1, "unknown"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("status", "answer", "says", "sent", "state"), [pytest.param(*row[1:], id=row[0]) for row in WHOLE]
)
def test_a_request_that_is_refused_as_a_whole(
    pulled: Office, status: str, answer: str, says: str, sent: int, state: str
) -> None:
    pulled.requests.scripted.append(Scripted("/composite/sobjects", status, answer, times=sent))
    change = pulled.update("Account", ALDER, Phone="555-7777")
    changeset = pulled.started(change)
    with pytest.raises(ConnectionProblem, match=says) as caught:
        pulled.advance(changeset)

    assert caught.value.fix
    assert "<html>" not in str(caught.value)
    assert len(pulled.requests.writes) == sent
    assert pulled.state(change) == state
    pulled.advance(changeset)
    assert pulled.state(change) == "applied", "the same push goes on later"


def test_a_session_that_ended_is_renewed_once(pulled: Office) -> None:
    answer = body("INVALID_SESSION_ID", "Session expired or invalid")
    pulled.requests.scripted.append(Scripted("/composite/sobjects", "401 Unauthorized", answer))
    change = pulled.update("Account", ALDER, Phone="555-7777")
    pulled.push(change)
    assert (pulled.state(change), len(pulled.requests.writes)) == ("applied", 2)


#  code of a query, what a person reads, how often it is asked
READS: list[tuple[str, str, int]] = [
    ("MALFORMED_QUERY", "refused", 1),
    ("INVALID_FIELD", "field does not exist", 1),
    ("INVALID_TYPE", "object does not exist", 1),
    ("QUERY_TIMEOUT", "too long", 1),
    ("INVALID_QUERY_LOCATOR", "gave up a query in the middle", 1),
    ("UNKNOWN_EXCEPTION", "refused: An unexpected error", REQUEST_TRIES),
]  # fmt: skip


@pytest.mark.parametrize(("code", "says", "asked"), READS)
def test_a_query_that_is_refused(office: Office, code: str, says: str, asked: int) -> None:
    status = "500 Server Error" if code == "UNKNOWN_EXCEPTION" else "400 Bad Request"
    office.requests.scripted.append(
        Scripted("/query", status, body(code, "An unexpected error"), times=asked)
    )
    connection = office.connect()
    office.requests.seen.clear()
    with pytest.raises(ConnectionProblem, match=says):
        list(connection.query("SELECT Id FROM Account"))
    assert len(office.requests.seen) == asked
    assert len(list(connection.query("SELECT Id FROM Account"))) == 3
