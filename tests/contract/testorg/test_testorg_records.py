"""Single records over REST: what is kept, what is refused and in which words."""

from decimal import Decimal
from typing import Any

import pytest
import requests
from simple_salesforce.exceptions import (
    SalesforceMalformedRequest,
    SalesforceRefusedRequest,
    SalesforceResourceNotFound,
)
from testorg_client import VERSION, Running

from workbench.testorg import OrgError, TestOrg
from workbench.testorg.ids import new_id

NOWHERE = new_id("001", 99)


@pytest.fixture
def account(running: Running) -> str:
    return running.org.create("Account", {"Name": "Ann's Café"})


def test_create_read_update_delete(running: Running) -> None:
    client = running.client()
    made = client.Account.create({"Name": "Ann", "BillingCity": "Ely", "NumberOfEmployees": 7})
    assert made == {"id": made["id"], "success": True, "errors": []}
    assert client.Account.update(made["id"], {"BillingCity": None}) == 204
    row = client.Account.get(made["id"])
    assert (row["Name"], row["BillingCity"], row["NumberOfEmployees"]) == ("Ann", None, 7)
    assert row["attributes"] == {
        "type": "Account",
        "url": f"/services/data/v64.0/sobjects/Account/{made['id']}",
    }
    assert client.Account.delete(made["id"]) == 204
    with pytest.raises(SalesforceResourceNotFound) as caught:
        client.Account.get(made["id"])
    assert caught.value.content[0]["errorCode"] == "NOT_FOUND"


def test_fifteen_characters_will_do(running: Running, account: str) -> None:
    client = running.client()
    client.Account.update(account[:15], {"Phone": "555 0100"})
    assert client.Account.get(account[:15])["Id"] == account


#  why                              object     field          sent                 kept
KEPT = [
    ("blanks around",               "Account", "Name",        "  Ann  ",           "Ann"),
    ("empty is null",               "Account", "Phone",       "",                  None),
    ("only blanks is null",         "Account", "Phone",       "   ",               None),
    ("CRLF in a text area",         "Account", "BillingStreet", "1 High St\r\nEly", "1 High St\nEly"),
    ("beyond Latin-1",              "Account", "Name",        "Łódź 株式会社 🎉",    "Łódź 株式会社 🎉"),
    ("exactly the longest",         "Account", "AccountNumber", "9" * 40,          "9" * 40),
    ("e-mail in small letters",     "Contact", "Email",       "Ann.Lee@Demo.Example", "ann.lee@demo.example"),
    ("money rounds half up",        "Opportunity", "Amount",  Decimal("1.005"),    Decimal("1.01")),
    ("and away from zero",          "Opportunity", "Amount",  Decimal("-1.005"),   Decimal("-1.01")),
    ("one cent",                    "Opportunity", "Amount",  Decimal("0.01"),     Decimal("0.01")),
    ("no float artefact",           "Opportunity", "Amount",  Decimal("0.30"),     Decimal("0.3")),
    ("the largest amount",          "Opportunity", "Amount",  Decimal("9999999999999999.99"),
     Decimal("9999999999999999.99")),
    ("an integer as money",         "Opportunity", "Amount",  5,                   Decimal("5.0")),
    ("money in text",               "Opportunity", "Amount",  "12.50",             Decimal("12.5")),
    ("money without a fraction",    "Account", "AnnualRevenue", Decimal("10.5"),   Decimal("11.0")),
    ("a date stays",                "Opportunity", "CloseDate", "2028-02-29",      "2028-02-29"),
    ("a moment becomes UTC",        "Contact", "EmailBouncedDate", "2026-03-30T10:00:00.750+02:00",
     "2026-03-30T08:00:00.000+0000"),
    ("unrestricted picklist",       "Account", "Industry",    "Beekeeping",        "Beekeeping"),
    ("restricted picklist",         "Product2", "QuickBooks_Item_Type__c", "Service", "Service"),
    ("false",                       "Account", "Active__c",   False,               False),
]  # fmt: skip
BASES: dict[str, dict[str, Any]] = {
    "Account": {"Name": "A"},
    "Contact": {"LastName": "L"},
    "Product2": {"Name": "P"},
    "Opportunity": {"Name": "O", "StageName": "Prospecting", "CloseDate": "2026-04-01"},
}


@pytest.mark.parametrize(("why", "name", "field", "sent", "kept"), KEPT, ids=[c[0] for c in KEPT])
def test_kept(running: Running, why: str, name: str, field: str, sent: object, kept: object) -> None:
    record = running.org.create(name, {**BASES[name], field: sent})
    found = running.org.record(name, record)[field]
    assert found == kept
    assert type(found) is type(kept)
    running.org.edit(name, record, {field: None} if field not in ("Name", "CloseDate", "Active__c") else {})
    running.org.edit(name, record, {field: sent})
    assert running.org.record(name, record)[field] == kept


def test_numbers_travel_exactly(running: Running) -> None:
    record = running.org.create(
        "Opportunity", {**BASES["Opportunity"], "Amount": Decimal("9007199254740993.01")}
    )
    text = running.call("GET", f"sobjects/Opportunity/{record}?fields=Amount").text
    assert '"Amount":9007199254740993.01' in text
    answer = running.call(
        "PATCH",
        f"sobjects/Opportunity/{record}",
        data='{"Amount": 0.1234567890123456789, "Probability": 33}',
        headers={"Content-Type": "application/json"},
    )
    assert answer.status_code == 204
    text = running.call(
        "GET", f"sobjects/Opportunity/{record}?fields=Amount,Probability,ExpectedRevenue"
    ).text
    assert '"Amount":0.12,"Probability":33.0,"ExpectedRevenue":0.04' in text


#  why                          object     values                                  code, message, fields
REFUSED = [
    ("required missing",        "Account", {"Phone": "1"},
     "REQUIRED_FIELD_MISSING", "Required fields are missing: [Name]", ["Name"]),
    ("required null",           "Account", {"Name": None},
     "REQUIRED_FIELD_MISSING", "Required fields are missing: [Name]", ["Name"]),
    ("required blank",          "Account", {"Name": "  "},
     "REQUIRED_FIELD_MISSING", "Required fields are missing: [Name]", ["Name"]),
    ("several missing",         "Opportunity", {"Name": "O"},
     "REQUIRED_FIELD_MISSING", "Required fields are missing: [StageName, CloseDate]",
     ["StageName", "CloseDate"]),
    ("one character too long",  "Account", {"Name": "A", "AccountNumber": "9" * 41},
     "STRING_TOO_LONG", f"Account Number: data value too large: {'9' * 41} (max length=40)",
     ["AccountNumber"]),
    ("unknown field",           "Account", {"Name": "A", "Nope__c": 1},
     "INVALID_FIELD", "No such column 'Nope__c' on sobject of type Account", None),
    ("read-only",               "Account", {"Name": "A", "CreatedDate": "2026-01-01T00:00:00Z"},
     "INVALID_FIELD_FOR_INSERT_UPDATE", "Unable to create/update fields: CreatedDate.", ["CreatedDate"]),
    ("computed name",           "Contact", {"LastName": "L", "Name": "N"},
     "INVALID_FIELD_FOR_INSERT_UPDATE", "Unable to create/update fields: Name.", ["Name"]),
    ("a compound address",      "Account", {"Name": "A", "BillingAddress": None},
     "INVALID_FIELD_FOR_INSERT_UPDATE", "Unable to create/update fields: BillingAddress.",
     ["BillingAddress"]),
    ("an id on create",         "Account", {"Name": "A", "Id": NOWHERE},
     "INVALID_FIELD_FOR_INSERT_UPDATE", "cannot specify Id in an insert call", ["Id"]),
    ("restricted picklist",     "Product2", {"Name": "P", "QuickBooks_Item_Type__c": "service"},
     "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
     "QuickBooks Item Type: bad value for restricted picklist field: service", ["QuickBooks_Item_Type__c"]),
    ("e-mail without a domain", "Contact", {"LastName": "L", "Email": "ann@demo"},
     "INVALID_EMAIL_ADDRESS", "Email: invalid email address: ann@demo", ["Email"]),
    ("two addresses",           "Contact", {"LastName": "L", "Email": "a@b.co, c@d.co"},
     "INVALID_EMAIL_ADDRESS", "Email: invalid email address: a@b.co, c@d.co", ["Email"]),
    ("an amount too large",     "Opportunity", {**BASES["Opportunity"], "Amount": 10**16},
     "NUMBER_OUTSIDE_VALID_RANGE", "Amount: value outside of valid range on numeric field", ["Amount"]),
    ("nine digits",             "Account", {"Name": "A", "NumberOfEmployees": 100_000_000},
     "NUMBER_OUTSIDE_VALID_RANGE", "Employees: value outside of valid range", ["NumberOfEmployees"]),
    ("text for a number",       "Opportunity", {**BASES["Opportunity"], "Amount": "much"},
     "JSON_PARSER_ERROR", "Cannot deserialize instance of double from VALUE_STRING value much", None),
    ("a number for text",       "Account", {"Name": 5},
     "JSON_PARSER_ERROR", "Cannot deserialize instance of string from VALUE_NUMBER value 5", None),
    ("a list for text",         "Account", {"Name": ["A"]},
     "JSON_PARSER_ERROR", "Cannot deserialize instance of string from START_ARRAY", None),
    ("a fraction of a person",  "Account", {"Name": "A", "NumberOfEmployees": 1.5},
     "JSON_PARSER_ERROR", "Cannot deserialize instance of int", None),
    ("no such day",             "Opportunity", {**BASES["Opportunity"], "CloseDate": "2026-02-29"},
     "JSON_PARSER_ERROR", "Cannot deserialize instance of date from VALUE_STRING value 2026-02-29", None),
    ("a day with a time",       "Opportunity", {**BASES["Opportunity"], "CloseDate": "2026-03-01T00:00:00Z"},
     "JSON_PARSER_ERROR", "Cannot deserialize instance of date", None),
    ("a moment without a zone", "Contact", {"LastName": "L", "EmailBouncedDate": "2026-03-01T00:00:00"},
     "JSON_PARSER_ERROR", "Cannot deserialize instance of datetime", None),
    ("yes for a check box",     "Account", {"Name": "A", "Active__c": "yes"},
     "JSON_PARSER_ERROR", "Cannot deserialize instance of boolean", None),
    ("null for a check box",    "Account", {"Name": "A", "Active__c": None},
     "INVALID_TYPE_ON_FIELD_IN_RECORD", "Active: value not of required type", ["Active__c"]),
    ("half a surrogate pair",   "Account", {"Name": "\ud800"},
     "JSON_PARSER_ERROR", "Cannot deserialize instance of string", None),
    ("no id in a reference",    "Contact", {"LastName": "L", "AccountId": "Ann"},
     "MALFORMED_ID", "Account ID: id value of incorrect type: Ann", ["AccountId"]),
    ("another kind of record",  "Contact", {"LastName": "L", "AccountId": new_id("003", 1)},
     "MALFORMED_ID", f"Account ID: id value of incorrect type: {new_id('003', 1)}", ["AccountId"]),
    ("a record that never was", "Contact", {"LastName": "L", "AccountId": NOWHERE},
     "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", ["AccountId"]),
    ("no such parent by key",   "Contact", {"LastName": "L", "Account": {"QuickBooks_Id__c": "80-1"}},
     "INVALID_FIELD", "Foreign key external ID: 80-1 not found for field QuickBooks_Id__c in entity Account",
     None),
    ("parent by another field", "Contact", {"LastName": "L", "Account": {"Name": "A"}},
     "INVALID_FIELD", "Name is not an External ID or indexed field", None),
]  # fmt: skip


@pytest.mark.parametrize(
    ("why", "name", "values", "code", "message", "fields"), REFUSED, ids=[c[0] for c in REFUSED]
)
def test_refused_on_create(
    running: Running, why: str, name: str, values: Any, code: str, message: str, fields: list[str] | None
) -> None:
    before = len(running.org.records(name))
    with pytest.raises(SalesforceMalformedRequest) as caught:
        getattr(running.client(), name).create(values)
    (error,) = caught.value.content
    assert error["errorCode"] == code
    assert error["message"].startswith(message)
    assert error.get("fields") == fields
    assert len(running.org.records(name)) == before


def test_all_that_is_wrong_with_a_record_is_told(running: Running) -> None:
    values = {"LastName": "L" * 81, "Email": "x", "Title": "T" * 129}
    with pytest.raises(SalesforceMalformedRequest) as caught:
        running.client().Contact.create(values)
    assert [e["errorCode"] for e in caught.value.content] == [
        "STRING_TOO_LONG",
        "INVALID_EMAIL_ADDRESS",
        "STRING_TOO_LONG",
    ]


#  why                       path                                 method    body             status  code
ADDRESSES = [
    ("unknown object",       "sobjects/Nope",                  "POST",   {"Name": "A"}, 404, "NOT_FOUND"),
    ("unknown address",      "sobjets",                        "GET",    None,          404, "NOT_FOUND"),
    ("no such record",       f"sobjects/Account/{NOWHERE}",    "GET",    None,          404, "NOT_FOUND"),
    ("update of nothing",    f"sobjects/Account/{NOWHERE}",    "PATCH",  {"Name": "A"}, 404,
     "INVALID_CROSS_REFERENCE_KEY"),
    ("delete of nothing",    f"sobjects/Account/{NOWHERE}",    "DELETE", None,          404,
     "INVALID_CROSS_REFERENCE_KEY"),
    ("not an id",            "sobjects/Account/Ann",           "PATCH",  {"Name": "A"}, 400, "MALFORMED_ID"),
    ("another object's id",  f"sobjects/Contact/{NOWHERE}",    "PATCH",  {"Title": "A"},  404, "NOT_FOUND"),
    ("wrong method",         "sobjects/Account",               "PUT",    {"Name": "A"}, 405,
     "METHOD_NOT_ALLOWED"),
    ("unknown key field",    "sobjects/Account/Nope__c/1",     "PATCH",  {"Name": "A"}, 404, "NOT_FOUND"),
    ("key that is none",     "sobjects/Account/Phone/1",       "PATCH",  {"Name": "A"}, 404, "NOT_FOUND"),
    ("unknown field asked",  f"sobjects/Account/{NOWHERE}?fields=Nope", "GET", None, 400, "INVALID_FIELD"),
    ("a user by POST",       "sobjects/User",                  "POST",   {"IsActive": True}, 400,
     "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("why", "path", "method", "body", "status", "code"), ADDRESSES, ids=[c[0] for c in ADDRESSES]
)
def test_addresses(
    running: Running, why: str, path: str, method: str, body: Any, status: int, code: str
) -> None:
    answer = running.call(method, path, json=body)
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (status, code)


#  why                     body                  content type          status  code
BODIES = [
    ("cut off",            b'{"Name": "A',       "application/json",   400, "JSON_PARSER_ERROR"),
    ("empty",              b"",                  "application/json",   400, "JSON_PARSER_ERROR"),
    ("a list",             b"[]",                "application/json",   400, "JSON_PARSER_ERROR"),
    ("not a number",       b'{"Name": NaN}',     "application/json",   400, "JSON_PARSER_ERROR"),
    ("not UTF-8",          b'{"Name": "\xe9"}',  "application/json",   400, "JSON_PARSER_ERROR"),
    ("very deep",          b"[" * 100_000,       "application/json",   400, "JSON_PARSER_ERROR"),
    ("a form",             b"Name=A",            "application/x-www-form-urlencoded", 415,
     "UNSUPPORTED_MEDIA_TYPE"),
]  # fmt: skip


@pytest.mark.parametrize(("why", "body", "kind", "status", "code"), BODIES, ids=[c[0] for c in BODIES])
def test_bad_bodies(running: Running, why: str, body: bytes, kind: str, status: int, code: str) -> None:
    answer = running.call("POST", "sobjects/Account", data=body, headers={"Content-Type": kind})
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (status, code)


#  version  status  code
VERSIONS = [
    ("64.0", 200, None),
    ("31.0", 200, None),
    ("67.0", 200, None),
    ("30.0", 410, "UNSUPPORTED_API_VERSION"),
    ("99.0", 404, "NOT_FOUND"),
    ("64",   404, "NOT_FOUND"),
]  # fmt: skip


@pytest.mark.parametrize(("version", "status", "code"), VERSIONS)
def test_versions(running: Running, version: str, status: int, code: str | None) -> None:
    token = running.log_in()[0]
    answer = requests.get(
        f"{running.url}/services/data/v{version}/limits",
        headers={"Authorization": f"Bearer {token}"},
        timeout=20,
    )
    assert answer.status_code == status
    assert code is None or answer.json()[0]["errorCode"] == code


def test_versions_need_no_login(running: Running) -> None:
    listed = requests.get(f"{running.url}/services/data", timeout=20).json()
    assert listed[-1]["version"] == "67.0"
    assert VERSION in [v["version"] for v in listed]


# --- stamps ------------------------------------------------------------------------------------


def test_stamps_advance_with_each_write(running: Running, account: str) -> None:
    stamps = [running.org.record("Account", account)["SystemModstamp"]]
    assert stamps == ["2026-03-30T12:00:00.000+0000"]
    for phone in ("1", "1", "2"):  # also when nothing changes
        running.org.edit("Account", account, {"Phone": phone})
        stamps.append(running.org.record("Account", account)["SystemModstamp"])
    assert stamps == sorted(set(stamps))
    row = running.org.record("Account", account)
    assert row["LastModifiedDate"] == row["SystemModstamp"]
    assert row["CreatedDate"] == "2026-03-30T12:00:00.000+0000"


def test_a_refused_write_leaves_the_stamp(running: Running, account: str) -> None:
    before = running.org.record("Account", account)
    with pytest.raises(OrgError):
        running.org.edit("Account", account, {"Phone": "1" * 41})
    assert running.org.record("Account", account) == before


def test_if_unmodified_since(running: Running, account: str) -> None:
    def patch(since: str) -> int:
        headers = {"If-Unmodified-Since": since}
        return running.call(
            "PATCH", f"sobjects/Account/{account}", json={"Phone": "1"}, headers=headers
        ).status_code

    assert patch("Mon, 30 Mar 2026 11:59:59 GMT") == 412
    assert patch("Mon, 30 Mar 2026 12:00:00 GMT") == 204
    assert patch("Mon, 30 Mar 2026 12:00:00 GMT") == 412
    assert patch("yesterday") == 400


# --- keys --------------------------------------------------------------------------------------


def test_upsert_by_external_id(running: Running) -> None:
    client = running.client()
    key = "QuickBooks_Id__c/80000001-1234567890"
    assert client.Account.upsert(key, {"Name": "Ann"}) == 201
    assert client.Account.upsert(key, {"Phone": "1"}) == 200
    (row,) = running.org.records("Account")
    assert (row["Name"], row["Phone"], row["QuickBooks_Id__c"]) == ("Ann", "1", "80000001-1234567890")
    raw = client.Account.upsert(key, {"Phone": "2"}, raw_response=True)
    assert raw.json() == {"id": row["Id"], "success": True, "errors": [], "created": False}
    assert client.Account.get_by_custom_id("QuickBooks_Id__c", "80000001-1234567890")["Id"] == row["Id"]


def test_keys_are_case_sensitive(running: Running) -> None:
    client = running.client()
    assert client.Account.upsert("QuickBooks_Id__c/ab", {"Name": "small"}) == 201
    assert client.Account.upsert("QuickBooks_Id__c/AB", {"Name": "large"}) == 201


#  why                  in the address      the key
ENCODED = [
    ("a slash",         "a%2Fb",            "a/b"),
    ("a blank",         "a%20b",            "a b"),
    ("a plus stays",    "a+b",              "a+b"),
    ("a percent sign",  "a%2525b",          "a%25b"),
    ("beyond Latin-1",  "%C5%81",           "Ł"),
]  # fmt: skip


@pytest.mark.parametrize(("why", "address", "key"), ENCODED, ids=[c[0] for c in ENCODED])
def test_keys_in_an_address(running: Running, why: str, address: str, key: str) -> None:
    path = f"sobjects/Account/QuickBooks_Id__c/{address}"
    assert running.call("PATCH", path, json={"Name": "A"}).status_code == 201
    assert running.org.records("Account")[0]["QuickBooks_Id__c"] == key
    assert running.call("DELETE", path).status_code == 204


def test_update_only(running: Running) -> None:
    path = "sobjects/Account/QuickBooks_Id__c/1?updateOnly=true"
    assert running.call("PATCH", path, json={"Name": "A"}).status_code == 404
    assert running.org.records("Account") == []
    running.org.create("Account", {"Name": "A", "QuickBooks_Id__c": "1"})
    assert running.call("PATCH", path, json={"Name": "B"}).status_code == 200


@pytest.mark.parametrize("field", ["QuickBooks_Id__c", "Id"])
def test_upsert_refuses_the_key_in_the_body(running: Running, field: str) -> None:
    value = NOWHERE if field == "Id" else "1"
    answer = running.call("PATCH", "sobjects/Account/QuickBooks_Id__c/1", json={"Name": "A", field: value})
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "INVALID_FIELD")


def test_several_matches_write_nothing(running: Running) -> None:
    ids = [running.org.create("Contact", {"LastName": n, "Email": "a@b.co"}) for n in ("A", "B")]
    answer = running.call("PATCH", "sobjects/Contact/Email/a@b.co", json={"Title": "T"})
    assert answer.status_code == 300
    assert answer.json() == [f"/services/data/v64.0/sobjects/Contact/{i}" for i in sorted(ids)]
    assert [r["Title"] for r in running.org.records("Contact")] == [None, None]


def test_a_unique_key_is_unique(running: Running, account: str) -> None:
    running.org.edit("Account", account, {"QuickBooks_Id__c": "1"})
    with pytest.raises(SalesforceMalformedRequest) as caught:
        running.client().Account.create({"Name": "B", "QuickBooks_Id__c": "1"})
    assert caught.value.content == [
        {
            "message": "duplicate value found: QuickBooks_Id__c duplicates value on record with id: "
            + account[:15],
            "errorCode": "DUPLICATE_VALUE",
        }
    ]
    running.org.edit("Account", account, {"QuickBooks_Id__c": "1"})  # its own value is no duplicate
    running.org.delete("Account", account)
    again = running.org.create("Account", {"Name": "B", "QuickBooks_Id__c": "1"})  # the bin holds no key
    with pytest.raises(OrgError, match=again[:15]):
        running.org.undelete("Account", account)


def test_null_keys_are_not_duplicates(running: Running) -> None:
    for _ in range(2):
        running.org.create("Account", {"Name": "A", "QuickBooks_Id__c": ""})


def test_a_parent_by_its_key(running: Running, account: str) -> None:
    running.org.edit("Account", account, {"QuickBooks_Id__c": "1"})
    contact = running.client().Contact.create({"LastName": "L", "Account": {"QuickBooks_Id__c": "1"}})["id"]
    assert running.org.record("Contact", contact)["AccountId"] == account


# --- deletes -----------------------------------------------------------------------------------


def test_deleted_records_go_to_the_bin(running: Running, account: str) -> None:
    client = running.client()
    contact = running.org.create("Contact", {"LastName": "L", "AccountId": account})
    other = running.org.create("Account", {"Name": "child", "ParentId": account})
    client.Account.delete(account)
    assert running.org.records("Contact") == []  # with its account
    assert running.org.record("Account", other)["ParentId"] is None  # a lookup is cleared
    statement = "SELECT Id, IsDeleted FROM Contact"
    assert client.query(statement)["totalSize"] == 0
    (row,) = client.query_all(statement, include_deleted=True)["records"]
    assert (row["Id"], row["IsDeleted"]) == (contact, True)
    with pytest.raises(SalesforceResourceNotFound) as caught:
        client.Account.delete(account)
    assert caught.value.content[0] == {"message": "entity is deleted", "errorCode": "ENTITY_IS_DELETED"}
    with pytest.raises(SalesforceMalformedRequest) as malformed:
        client.Contact.create({"LastName": "L", "AccountId": account})
    assert malformed.value.content[0]["errorCode"] == "ENTITY_IS_DELETED"
    running.org.undelete("Account", account)
    assert len(running.org.records("Account")) == 2


def test_purged_records_are_gone(running: Running, account: str) -> None:
    running.org.delete("Account", account)
    assert running.org.empty_recycle_bin() == 1
    assert running.client().query_all("SELECT Id FROM Account", include_deleted=True)["totalSize"] == 0


def test_accounts_with_won_opportunities_stay(running: Running, account: str) -> None:
    running.org.create(
        "Opportunity", {**BASES["Opportunity"], "StageName": "Closed Won", "AccountId": account}
    )
    with pytest.raises(OrgError) as caught:
        running.org.delete("Account", account)
    assert caught.value.code == "DELETE_FAILED"


def test_deleted_and_updated_ids(running: Running, account: str) -> None:
    client, now = running.client(), running.clock()
    running.clock.forward(minutes=5)
    kept = running.org.create("Account", {"Name": "kept"})
    running.org.delete("Account", account)
    end = running.clock.now.replace(minute=10)
    running.clock.forward(minutes=10)
    deleted: Any = client.Account.deleted(now, end)
    assert deleted["deletedRecords"] == [{"deletedDate": "2026-03-30T12:05:00.000+0000", "id": account}]
    assert deleted["latestDateCovered"] == "2026-03-30T12:10:00.000+0000"
    assert client.Account.updated(now, end)["ids"] == [kept]
    assert client.Account.updated(end, running.clock())["ids"] == []


#  why                   start                        end                          code
SPANS = [
    ("under a minute",   "2026-03-30T11:00:00Z", "2026-03-30T11:00:59Z", "INVALID_REPLICATION_DATE"),
    ("backwards",        "2026-03-30T11:00:00Z", "2026-03-30T10:00:00Z", "INVALID_REPLICATION_DATE"),
    ("too long ago",     "2026-03-15T11:59:59Z", "2026-03-30T11:00:00Z", "INVALID_REPLICATION_DATE"),
    ("no zone",          "2026-03-30T11:00:00",  "2026-03-30T12:00:00Z", "INVALID_DATE_FORMAT"),
    ("plus not encoded", "2026-03-30T11:00:00+00:00", "2026-03-30T12:00:00Z", "INVALID_DATE_FORMAT"),
    ("missing",          "2026-03-30T11:00:00Z",      "",                     "INVALID_DATE_FORMAT"),
]  # fmt: skip


@pytest.mark.parametrize(("why", "begin", "end", "code"), SPANS, ids=[c[0] for c in SPANS])
def test_bad_spans(running: Running, why: str, begin: str, end: str, code: str) -> None:
    answer = running.call("GET", f"sobjects/Account/deleted/?start={begin}&end={end}")
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, code)


@pytest.mark.parametrize("active", [True, False])
def test_an_owner_is_active(start: Any, active: bool) -> None:
    owner = {"Username": "x@demo.example", "LastName": "X", "Email": "x@demo.example", "IsActive": active}
    org: TestOrg = start(seed={"User": [owner]}).org
    account = org.create("Account", {"Name": "a"})
    to = {"OwnerId": org.user_id("x@demo.example")}
    if active:
        org.edit("Account", account, to)
        assert org.record("Account", account)["OwnerId"] == to["OwnerId"]
        return
    with pytest.raises(OrgError, match="INACTIVE_OWNER_OR_USER"):
        org.edit("Account", account, to)


def test_an_account_has_an_etag(running: Running, account: str) -> None:
    path = f"sobjects/Account/{account}"
    first = running.call("GET", path)
    tag = first.headers["ETag"]
    assert first.headers["Last-Modified"] == "Mon, 30 Mar 2026 12:00:00 GMT"

    def change(condition: str) -> int:
        return running.call("PATCH", path, json={"Phone": "1"}, headers={"If-Match": condition}).status_code

    assert change('"other"') == 412
    assert running.org.record("Account", account)["Phone"] is None
    assert change(f'"other", {tag}') == 204
    assert change(tag) == 412  # the change above made a new version
    assert change("*") == 204
    assert running.call("GET", path, headers={"If-None-Match": tag}).status_code == 200
    tag = running.call("GET", path).headers["ETag"]
    assert running.call("GET", path, headers={"If-None-Match": tag}).status_code == 304


def test_other_objects_have_none(running: Running) -> None:
    path = f"sobjects/Contact/{running.org.create('Contact', {'LastName': 'x'})}"
    assert "ETag" not in running.call("GET", path).headers
    answer = running.call("PATCH", path, json={"LastName": "y"}, headers={"If-Match": '"other"'})
    assert answer.status_code == 204


# --- triggers and limits -----------------------------------------------------------------------


def test_a_trigger_changes_what_is_saved(running: Running) -> None:
    def shout(name: str, old: object, new: dict[str, Any]) -> None:
        if name == "Account":
            new["Name"] = new["Name"].upper()

    running.org.before_save.append(shout)
    account = running.client().Account.create({"Name": "Ann"})["id"]
    assert running.org.record("Account", account)["Name"] == "ANN"


def test_a_trigger_refuses(running: Running) -> None:
    def refuse(name: str, old: object, new: object) -> None:
        raise OrgError("FIELD_CUSTOM_VALIDATION_EXCEPTION", "Phone is needed", ["Phone"])

    running.org.before_save.append(refuse)
    with pytest.raises(SalesforceMalformedRequest, match="Phone is needed"):
        running.client().Account.create({"Name": "Ann"})


def test_the_daily_limit(running: Running) -> None:
    running.org.settings.daily_limit = 2
    client = running.client()
    assert client.limits()["DailyApiRequests"] == {"Max": 2, "Remaining": 1}
    client.limits()
    assert client.api_usage["api-usage"].used == 2
    with pytest.raises(SalesforceRefusedRequest, match="Limit exceeded"):
        client.limits()


def test_the_date_header_is_the_clock(running: Running) -> None:
    assert running.call("GET", "limits").headers["Date"] == "Mon, 30 Mar 2026 12:00:00 GMT"
