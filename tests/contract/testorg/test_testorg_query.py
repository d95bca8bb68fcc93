"""SOQL as the org answers it: what a condition finds, the form of the rows, pages, refusals."""

from collections.abc import Iterator
from decimal import Decimal as D
from typing import Any

import pytest
from simple_salesforce.exceptions import SalesforceMalformedRequest
from testorg_client import Running

from workbench.testorg import OrgError, TestOrg
from workbench.testorg.ids import new_id

ANN, BOB, CAPEK, GONE = (new_id("001", n) for n in range(1, 5))
SEED: dict[str, list[dict[str, Any]]] = {
    "Account": [
        {"Id": ANN, "Name": "Ann", "Phone": "1", "Industry": "Retail", "NumberOfEmployees": 5,
         "BillingCity": "Ely", "QuickBooks_Id__c": "aB", "SystemModstamp": "2026-01-01T00:00:00.000+0000"},
        {"Id": BOB, "Name": "bob", "Industry": "Banking", "NumberOfEmployees": -5, "ParentId": ANN,
         "QuickBooks_Id__c": "Ab", "SystemModstamp": "2026-01-02T00:00:00.000+0000"},
        {"Id": CAPEK, "Name": "Čapek 50% O'Brien_a\\b", "ParentId": BOB, "Active__c": False,
         "SystemModstamp": "2026-01-03T00:00:00.000+0000"},
        {"Id": GONE, "Name": "gone", "IsDeleted": True},
    ],
    "Contact": [
        {"Id": new_id("003", 1), "LastName": "Lee", "AccountId": BOB},
        {"Id": new_id("003", 2), "LastName": "Ray"},
    ],
    "Opportunity": [
        {"Id": new_id("006", i), "Name": n, "StageName": "Prospecting", "CloseDate": day, "Amount": a}
        for i, n, day, a in (
            (1, "cheap", "2026-01-31", D("0.01")),
            (2, "dear", "2026-02-01", D("9007199254740993.01")),
            (3, "credit", "2026-02-02", D("-50.00")),
            (4, "open", "2026-02-03", None),
        )
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def org() -> Iterator[TestOrg]:
    with TestOrg.open(seed=SEED) as opened:
        yield opened


def found(org: TestOrg, name: str, where: str) -> str:
    """First letters of the names found, in order of their ids."""
    rows = org.query(f"SELECT Name FROM {name} WHERE {where} ORDER BY Id")
    return "".join(str(r["Name"])[0] for r in rows)


#  why                              condition on Account                         found: A(nn) b(ob) Č(apek)
ACCOUNTS = [
    ("equal",                       "Name = 'Ann'",                              "A"),
    ("without regard to case",      "Name = 'BOB'",                              "b"),
    ("beyond ASCII too",            r"Name = 'čAPEK 50% o\'brien_A\\B'",         "Č"),
    ("unequal finds null",          "Phone != '1'",                              "bČ"),
    ("equal null",                  "Phone = null",                              "bČ"),
    ("unequal null",                "Phone != null",                             "A"),
    ("not equal finds null",        "NOT Phone = '1'",                           "bČ"),
    ("not unequal",                 "NOT Phone != '1'",                          "A"),
    ("not of a null comparison",    "NOT NumberOfEmployees > 0",                 "bČ"),
    ("not of both",                 "NOT (Phone = '1' AND Name = 'Ann')",        "bČ"),
    ("not of either",               "NOT (Phone = '1' OR Name = 'bob')",         "Č"),
    ("empty text finds nothing",    "Phone = ''",                                ""),
    ("in",                          "Name IN ('ANN', 'Bob', 'x')",               "Ab"),
    ("in, beyond ASCII",            "Name IN ('ann', 'čx')",                     "A"),
    ("not in finds null",           "Phone NOT IN ('1')",                        "bČ"),
    ("in with null",                "Phone IN ('9', null)",                      "bČ"),
    ("not in with null",            "Phone NOT IN ('9', null)",                  "A"),
    ("in numbers",                  "NumberOfEmployees IN (5, -5.0, 5.5)",       "Ab"),
    ("in ids, short and long",      f"Id IN ('{ANN[:15]}', '{BOB}')",            "Ab"),
    ("ids after one, as pages go",  f"Id > '{ANN[:15]}'",                        "bČ"),
    ("like: starts with",           "Name LIKE 'a%'",                            "A"),
    ("like: ends with",             "Name LIKE '%B'",                            "bČ"),
    ("like: one character",         "Name LIKE 'A_n'",                           "A"),
    ("like: whole",                 "Name LIKE 'ann'",                           "A"),
    ("like: a percent sign",        r"Name LIKE '%50\%%'",                       "Č"),
    ("like: an underscore",         r"Name LIKE '%n\_a%'",                       "Č"),
    ("like: a backslash",           r"Name LIKE '%a\\b'",                        "Č"),
    ("like: beyond ASCII",          "Name LIKE 'čap%'",                          "Č"),
    ("like: null is never like",    "Phone LIKE '%'",                            "A"),
    ("key: equal",                  "QuickBooks_Id__c = 'aB'",                   "A"),
    ("key: case matters",           "QuickBooks_Id__c IN ('ab', 'Ab')",          "b"),
    ("greater",                     "NumberOfEmployees > -5",                    "A"),
    ("at least",                    "NumberOfEmployees >= -5",                   "Ab"),
    ("less than a fraction",        "NumberOfEmployees < 5.5",                   "Ab"),
    ("text order",                  "Name > 'Ann'",                              "bČ"),
    ("false",                       "Active__c = false",                         "Č"),
    ("unequal true",                "Active__c != TRUE",                         "Č"),
    ("a parent",                    "Parent.Name = 'ann'",                       "b"),
    ("two parents up",              "Parent.Parent.Name LIKE 'A%'",              "Č"),
    ("no parent",                   "Parent.Name = null",                        "A"),
    ("a parent's id",               f"ParentId = '{ANN[:15]}'",                  "b"),
    ("from a moment on",            "SystemModstamp >= 2026-01-02T00:00:00Z",    "bČ"),
    ("after a moment",              "SystemModstamp > 2026-01-02T00:00:00Z",     "Č"),
    ("an offset is reckoned",       "SystemModstamp = 2026-01-02T05:30:00+05:30", "b"),
    ("before and after",            "SystemModstamp < 2026-01-03T00:00:00.000Z AND SystemModstamp > "
     "2026-01-01T00:00:00Z",        "b"),
    ("deleted ones aren't there",   "IsDeleted = true",                          ""),
    ("or",                          "Name = 'Ann' OR Parent.Name = 'Ann'",       "Ab"),
    ("and with or inside",          "(Name = 'Ann' OR Name = 'bob') AND Phone = null", "b"),
    ("the owner",                   "Owner.Username != null",                    "AbČ"),
    ("names in any case",           "nAmE = 'Ann' AND parentid = NULL",          "A"),
]  # fmt: skip


@pytest.mark.parametrize(("why", "where", "names"), ACCOUNTS, ids=[c[0] for c in ACCOUNTS])
def test_accounts_found(org: TestOrg, why: str, where: str, names: str) -> None:
    assert found(org, "Account", where) == names


#  why                            condition on Opportunity             found: c(heap) d(ear) c(redit) o(pen)
MONEY = [
    ("one cent",                  "Amount = 0.01",                     "c"),
    ("one cent with zeros",       "Amount = 0.0100",                   "c"),
    ("between two cents",         "Amount = 0.005",                    ""),
    ("unequal between two cents", "Amount != 0.005",                   "cdco"),
    ("above half a cent",         "Amount > 0.005",                    "cd"),
    ("at least half a cent",      "Amount >= 0.005",                   "cd"),
    ("under half a cent",         "Amount < 0.005",                    "c"),
    ("at most half a cent",       "Amount <= 0.005",                   "c"),
    ("more than a double holds",  "Amount = 9007199254740993.01",      "d"),
    ("its neighbour",             "Amount = 9007199254740993.02",      ""),
    ("above all numbers kept",    "Amount < 99999999999999999999",     "cdc"),
    ("negative",                  "Amount < 0",                        "c"),
    ("null is not less",          "Amount < 1",                        "cc"),
    ("unequal finds null",        "Amount != 0.01",                    "dco"),
    ("a day",                     "CloseDate = 2026-02-01",            "d"),
    ("from a day on",             "CloseDate >= 2026-02-01",           "dco"),
    ("in days",                   "CloseDate IN (2026-01-31, 2026-02-03)", "co"),
]  # fmt: skip


@pytest.mark.parametrize(("why", "where", "names"), MONEY, ids=[c[0] for c in MONEY])
def test_money_and_days_found(org: TestOrg, why: str, where: str, names: str) -> None:
    assert found(org, "Opportunity", where) == names


#  why                          order                               first letters
ORDERS = [
    ("case is ignored",         "Name",                             "AbČ"),
    ("descending",              "Name DESC",                        "ČbA"),
    ("nulls first",             "NumberOfEmployees",                "ČbA"),
    ("nulls first, descending", "NumberOfEmployees DESC",           "ČAb"),
    ("nulls last",              "NumberOfEmployees NULLS LAST",     "bAČ"),
    ("two terms",               "Active__c, NumberOfEmployees DESC", "ČAb"),
    ("a parent",                "Parent.Name DESC NULLS LAST",      "ČbA"),
    ("a moment",                "SystemModstamp DESC",              "ČbA"),
]  # fmt: skip


@pytest.mark.parametrize(("why", "order", "names"), ORDERS, ids=[c[0] for c in ORDERS])
def test_order(org: TestOrg, why: str, order: str, names: str) -> None:
    rows = org.query(f"SELECT Name FROM Account ORDER BY {order}")
    assert "".join(str(r["Name"])[0] for r in rows) == names


#  limit and offset       found
SLICES = [
    ("LIMIT 2",           "Ab"),
    ("LIMIT 0",           ""),
    ("LIMIT 2 OFFSET 1",  "bČ"),
    ("OFFSET 2",          "Č"),
    ("OFFSET 2000",       ""),
]  # fmt: skip


@pytest.mark.parametrize(("tail", "names"), SLICES)
def test_slices(org: TestOrg, tail: str, names: str) -> None:
    rows = org.query(f"SELECT Name FROM Account ORDER BY Name {tail}")
    assert "".join(str(r["Name"])[0] for r in rows) == names


def test_the_form_of_a_row(org: TestOrg) -> None:
    fields = "id, ACCOUNT.name, lastname, Account.Parent.Id, Account.BillingAddress"
    (row,) = org.query(f"select {fields} from contact where LastName = 'Lee'")
    assert row == {
        "attributes": {"type": "Contact", "url": f"/services/data/v64.0/sobjects/Contact/{row['Id']}"},
        "Id": SEED["Contact"][0]["Id"],
        "Account": {
            "attributes": {"type": "Account", "url": f"/services/data/v64.0/sobjects/Account/{BOB}"},
            "Name": "bob",
            "Parent": {
                "attributes": {"type": "Account", "url": f"/services/data/v64.0/sobjects/Account/{ANN}"},
                "Id": ANN,
            },
            "BillingAddress": None,
        },
        "LastName": "Lee",
    }
    assert list(row) == ["attributes", "Id", "Account", "LastName"]  # the order of the statement
    (alone,) = org.query("SELECT Account.Name FROM Contact WHERE LastName = 'Ray'")
    assert alone["Account"] is None


def test_a_compound_address(org: TestOrg) -> None:
    (row,) = org.query("SELECT BillingAddress FROM Account WHERE Name = 'Ann'")
    assert row["BillingAddress"] == {
        "city": "Ely", "country": None, "geocodeAccuracy": None, "latitude": None,
        "longitude": None, "postalCode": None, "state": None, "street": None,
    }  # fmt: skip


def test_deleted_records_only_when_asked(org: TestOrg) -> None:
    assert len(org.query("SELECT Id FROM Account", include_deleted=True)) == 4
    rows = org.query("SELECT Name FROM Account WHERE IsDeleted = TRUE", include_deleted=True)
    assert [r["Name"] for r in rows] == ["gone"]


#  why                              statement                                               code, words
REFUSED = [
    ("unknown object",              "SELECT Id FROM Nope",                                   "INVALID_TYPE",
     "sObject type 'Nope' is not supported"),
    ("unknown field",               "SELECT Nope FROM Account",                              "INVALID_FIELD",
     "No such column 'Nope' on entity 'Account'"),
    ("unknown field in WHERE",      "SELECT Id FROM Account WHERE Nope__c = 1",              "INVALID_FIELD",
     "No such column 'Nope__c'"),
    ("unknown field in ORDER BY",   "SELECT Id FROM Account ORDER BY Nope",                  "INVALID_FIELD",
     "No such column 'Nope'"),
    ("unknown field of a parent",   "SELECT Parent.Nope FROM Account",                       "INVALID_FIELD",
     "No such column 'Nope' on entity 'Account'"),
    ("unknown parent",              "SELECT Nope.Name FROM Account",                         "INVALID_FIELD",
     "Didn't understand relationship 'Nope' in field path"),
    ("an id is no parent",          "SELECT ParentId.Name FROM Account",                     "INVALID_FIELD",
     "Didn't understand relationship 'ParentId'"),
    ("a parent is no field",        "SELECT Parent FROM Account",                            "INVALID_FIELD",
     "No such column 'Parent'"),
    ("children are no parent",      "SELECT Contacts.Name FROM Account",                     "INVALID_FIELD",
     "Didn't understand relationship 'Contacts'"),
    ("six parents up",              f"SELECT {'Parent.' * 6}Id FROM Account",                "INVALID_FIELD",
     "Didn't understand relationship"),
    ("long text can't be filtered", "SELECT Id FROM Account WHERE Description = 'x'",        "INVALID_FIELD",
     "field 'Description' can not be filtered in a query call"),
    ("nor sorted",                  "SELECT Id FROM Account ORDER BY Description",           "INVALID_FIELD",
     "field 'Description' can not be sorted in a query call"),
    ("an address neither",          "SELECT Id FROM Account WHERE BillingAddress = null",    "INVALID_FIELD",
     "can not be filtered"),
    ("text as a number",            "SELECT Id FROM Account WHERE Name = 5",                 "INVALID_FIELD",
     "'Name' must be of type string and should be enclosed in quotes"),
    ("a number as text",            "SELECT Id FROM Opportunity WHERE Amount = '5'",         "INVALID_FIELD",
     "'Amount' must be of type currency and should not be enclosed in quotes"),
    ("a day as text",               "SELECT Id FROM Opportunity WHERE CloseDate = '2026-01-01'",
     "INVALID_FIELD",
     "'CloseDate' must be of type date and should not be enclosed in quotes"),
    ("a day as a moment",           "SELECT Id FROM Opportunity WHERE CloseDate = 2026-01-01T00:00:00Z",
     "INVALID_FIELD", "must be of type date"),
    ("a moment as a day",           "SELECT Id FROM Account WHERE CreatedDate > 2026-01-01", "INVALID_FIELD",
     "must be of type dateTime"),
    ("no such day",                 "SELECT Id FROM Opportunity WHERE CloseDate = 2026-02-30",
     "INVALID_FIELD",
     "must be of type date"),
    ("true as text",                "SELECT Id FROM Account WHERE Active__c = 'true'",       "INVALID_FIELD",
     "must be of type boolean"),
    ("not an id",                   "SELECT Id FROM Account WHERE Id = 'x'", "INVALID_QUERY_FILTER_OPERATOR",
     "invalid ID field: x"),
    ("references have no order",    f"SELECT Id FROM Account WHERE ParentId > '{ANN}'",
     "INVALID_QUERY_FILTER_OPERATOR",
     "invalid operator on reference field"),
    ("like an id",                  "SELECT Id FROM Account WHERE ParentId LIKE '001%'",
     "INVALID_QUERY_FILTER_OPERATOR", "invalid operator on reference field"),
    ("like a number",               "SELECT Id FROM Opportunity WHERE Amount LIKE '5%'",
     "INVALID_QUERY_FILTER_OPERATOR", "invalid operator on currency field"),
    ("less than null",              "SELECT Id FROM Account WHERE Name < null",
     "INVALID_QUERY_FILTER_OPERATOR", "invalid operator"),
    ("501 alternatives",            "SELECT Id FROM Account WHERE " + " OR ".join(["Name = 'x'"] * 501),
     "QUERY_TOO_COMPLICATED", "too complicated"),
]  # fmt: skip


@pytest.mark.parametrize(("why", "statement", "code", "words"), REFUSED, ids=[c[0] for c in REFUSED])
def test_refused(org: TestOrg, why: str, statement: str, code: str, words: str) -> None:
    with pytest.raises(OrgError) as caught:
        org.query(statement)
    assert caught.value.code == code
    assert words in caught.value.message


def test_long_lists_and_many_alternatives_work(org: TestOrg) -> None:
    names = ", ".join(f"'x{i}'" for i in range(2000))
    assert found(org, "Account", f"Name IN ({names}, 'ann')") == "A"
    assert found(org, "Account", " OR ".join(["Name = 'x'"] * 499 + ["Name = 'Ann'"])) == "A"


# --- over the wire -----------------------------------------------------------------------------


def fill(running: Running, count: int) -> None:
    call = running.org.call()
    with running.org.db.transaction():
        for i in range(count):
            call.insert(running.org.read("Account", {"Name": f"A{i:05}"}))


@pytest.mark.parametrize(("count", "pages"), [(2000, 1), (2001, 2), (4001, 3)])
def test_pages_of_2000(running: Running, count: int, pages: int) -> None:
    fill(running, count)
    client = running.client()
    used = running.org.api_requests
    answer = client.query_all("SELECT Id, Name FROM Account ORDER BY Name DESC")
    assert running.org.api_requests - used == pages
    assert answer["totalSize"] == count
    assert [r["Name"] for r in answer["records"]] == [f"A{i:05}" for i in reversed(range(count))]


def test_the_form_of_a_page(running: Running) -> None:
    fill(running, 2001)
    first = running.call("GET", "query/?q=SELECT+Id+FROM+Account").json()
    assert (first["totalSize"], first["done"], len(first["records"])) == (2001, False, 2000)
    assert first["nextRecordsUrl"].startswith("/services/data/v64.0/query/01g")
    assert first["nextRecordsUrl"].endswith("-2000")
    last = running.call("GET", first["nextRecordsUrl"].removeprefix("/services/data/v64.0/")).json()
    assert (last["totalSize"], last["done"], len(last["records"])) == (2001, True, 1)
    assert "nextRecordsUrl" not in last


#  header                          records of the first page of 2100
SIZES = [
    (None,                             2000),
    ("batchSize=200",                  200),
    ("batchSize=500",                  500),
    ("batchSize=1",                    200),
    ("batchSize=9999",                 2000),
    ("batchSize=x",                    2000),
    ("other=1, batchSize = 300",       300),
]  # fmt: skip


def test_batch_sizes(running: Running) -> None:
    fill(running, 2100)
    for header, size in SIZES:
        headers = {} if header is None else {"Sforce-Query-Options": header}
        page = running.call("GET", "query?q=SELECT Id FROM Account", headers=headers).json()
        assert len(page["records"]) == size, header


def test_a_cursor_is_a_snapshot_of_ids_and_expires(running: Running) -> None:
    fill(running, 2500)
    client = running.client()
    first = client.query("SELECT Id, Name FROM Account ORDER BY Name")
    running.org.create("Account", {"Name": "A00000x"})  # too late for this query
    last = running.org.query("SELECT Id FROM Account WHERE Name = 'A02499'")[0]["Id"]
    running.org.delete("Account", str(last))
    more = client.query_more(first["nextRecordsUrl"], identifier_is_url=True)
    assert (more["totalSize"], len(more["records"])) == (2500, 499)
    running.clock.forward(seconds=901)
    with pytest.raises(SalesforceMalformedRequest) as caught:
        client.query_more(first["nextRecordsUrl"], identifier_is_url=True)
    assert caught.value.content[0]["errorCode"] == "INVALID_QUERY_LOCATOR"


@pytest.mark.parametrize("locator", ["x", "01gTO0000000001EAA-2000", "-2000", "01gTO0000000001EAA"])
def test_bad_locators(running: Running, locator: str) -> None:
    answer = running.call("GET", f"query/{locator}")
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "INVALID_QUERY_LOCATOR")


def test_only_ten_cursors_stay_open(running: Running) -> None:
    fill(running, 2001)
    client = running.client()
    pages = [client.query("SELECT Id FROM Account")["nextRecordsUrl"] for _ in range(11)]
    client.query_more(pages[1], identifier_is_url=True)
    with pytest.raises(SalesforceMalformedRequest):
        client.query_more(pages[0], identifier_is_url=True)


def test_count(running: Running) -> None:
    fill(running, 3)
    assert running.client().query("SELECT COUNT() FROM Account WHERE Name != 'A00001'") == {
        "totalSize": 2,
        "done": True,
        "records": [],
    }


def test_a_query_without_a_statement(running: Running) -> None:
    answer = running.call("GET", "query")
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "MALFORMED_QUERY")


def test_an_address_may_be_16384_characters_long(running: Running) -> None:
    def status(length: int) -> int:
        start = "query?q=SELECT Id FROM Account".replace(" ", "+")
        base = len(f"/services/data/v64.0/{start}")
        return running.call("GET", start + "+" * (length - base)).status_code

    assert (status(16_384), status(16_385)) == (200, 414)
