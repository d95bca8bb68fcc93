"""Bulk API 2.0 of the embedded org: ingest and query jobs, their states, their CSV, their refusals."""

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
import requests
from testorg_client import Running

from workbench.testorg import OrgSettings
from workbench.testorg.bulk_rest import MAX_UPLOAD

EXACT = 'Straße "7"\nHinterhaus, links'


class Bulk:
    """One session at the job addresses."""

    def __init__(self, running: Running) -> None:
        self.org = running.org
        self._base = f"{running.url}/services/data/v64.0/jobs"
        self._session = requests.Session()
        self._session.headers["Authorization"] = f"Bearer {running.log_in()[0]}"

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        return self._session.request(method, f"{self._base}/{path}", timeout=20, **options)

    def open(self, operation: str, name: str = "Account", **more: str) -> str:
        answer = self.call("POST", "ingest", json={"operation": operation, "object": name, **more})
        assert answer.status_code == 200, answer.text
        assert answer.json()["state"] == "Open"
        return str(answer.json()["id"])

    def upload(self, job: str, content: str | bytes) -> requests.Response:
        data = content.encode() if isinstance(content, str) else content
        return self.call("PUT", f"ingest/{job}/batches", data=data, headers={"Content-Type": "text/csv"})

    def close(self, job: str) -> requests.Response:
        return self.call("PATCH", f"ingest/{job}", json={"state": "UploadComplete"})

    def run(self, operation: str, content: str | bytes, name: str = "Account", **more: str) -> str:
        """A whole ingest job; answers its id when it has ended."""
        job = self.open(operation, name, **more)
        assert self.upload(job, content).status_code == 201
        assert self.close(job).json()["state"] == "UploadComplete"
        self.org.jobs.settle()
        return job

    def info(self, job: str, kind: str = "ingest") -> dict[str, Any]:
        found: dict[str, Any] = self.call("GET", f"{kind}/{job}").json()
        return found

    def results(self, job: str, which: str) -> list[dict[str, str]]:
        return read(self.call("GET", f"ingest/{job}/{which}"))

    def query(self, soql: str, operation: str = "query", **more: str) -> requests.Response:
        return self.call("POST", "query", json={"operation": operation, "query": soql, **more})

    def rows(self, soql: str, operation: str = "query") -> list[dict[str, str]]:
        job = self.query(soql, operation).json()["id"]
        self.org.jobs.settle()
        return read(self.call("GET", f"query/{job}/results"))


def read(answer: requests.Response) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8"), newline="")))


@pytest.fixture
def bulk(running: Running) -> Bulk:
    return Bulk(running)


# --- ingest ------------------------------------------------------------------------------------


def test_insert(bulk: Bulk) -> None:
    job = bulk.run("insert", 'Name,Phone,AnnualRevenue\n"Ünal, ""Sons""",1,1250\n,2,3\n')
    info = bulk.info(job)
    assert (info["state"], info["numberRecordsProcessed"], info["numberRecordsFailed"]) == (
        "JobComplete",
        2,
        1,
    )
    (good,) = bulk.results(job, "successfulResults")
    assert (good["sf__Created"], good["Name"]) == ("true", 'Ünal, "Sons"')
    (account,) = bulk.org.records("Account")
    assert (account["Id"], account["Name"]) == (good["sf__Id"], 'Ünal, "Sons"')
    (bad,) = bulk.results(job, "failedResults")
    assert bad["sf__Error"] == "REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name --"
    assert (bad["sf__Id"], bad["Phone"]) == ("", "2")
    assert bulk.results(job, "unprocessedrecords") == []


@pytest.mark.parametrize("which", ["unprocessedrecords", "unprocessedRecords", "SUCCESSFULRESULTS"])
def test_names_of_results_ignore_case(bulk: Bulk, which: str) -> None:
    job = bulk.run("insert", "Name\na\n")
    assert bulk.call("GET", f"ingest/{job}/{which}").status_code == 200


def test_other_results_are_not_found(bulk: Bulk) -> None:
    job = bulk.run("insert", "Name\na\n")
    assert bulk.call("GET", f"ingest/{job}/otherResults").status_code == 404


#  why                            cell                 what the field holds afterwards
CELLS: list[tuple[str, str, object]] = [
    ("a value",                   "new",               "new"),
    ("empty is ignored",          "",                  "old"),
    ("empty in quotes too",       '""',                "old"),
    ("null",                      "#N/A",              None),
    ("blanks are trimmed away",   '"  "',              None),
    ("null is written exactly",   "#n/a",              "#n/a"),
    ("lines, quotes, umlauts",    '"' + EXACT.replace('"', '""') + '"', EXACT),
    ("a line separator",          '"a\u2028b"',        "a\u2028b"),
]  # fmt: skip


@pytest.mark.parametrize(("why", "cell", "kept"), CELLS, ids=[c[0] for c in CELLS])
def test_cells_of_an_update(bulk: Bulk, why: str, cell: str, kept: object) -> None:
    account = bulk.org.create("Account", {"Name": "a", "Description": "old"})
    job = bulk.run("update", f"Id,Description\n{account},{cell}\n")
    assert bulk.results(job, "failedResults") == []
    assert bulk.org.record("Account", account)["Description"] == kept


#  cell        Active__c afterwards, None for a refusal
BOOLEANS = [("true", True), ("FALSE", False), ("1", True), ("No", False), ("maybe", None), ("", True)]


@pytest.mark.parametrize(("cell", "kept"), BOOLEANS)
def test_check_boxes(bulk: Bulk, cell: str, kept: bool | None) -> None:
    job = bulk.run("insert", f"Name,Active__c\na,{cell}\n")
    failed = bulk.results(job, "failedResults")
    if kept is None:
        assert failed[0]["sf__Error"].startswith(
            "INVALID_TYPE_ON_FIELD_IN_RECORD:'maybe' is not a valid value"
        )
    else:
        assert (failed, bulk.org.records("Account")[0]["Active__c"]) == ([], kept)


@pytest.mark.parametrize(
    ("delimiter", "line_end"),
    [
        ("COMMA", "LF"),
        ("SEMICOLON", "CRLF"),
        ("TAB", "LF"),
        ("PIPE", "CRLF"),
        ("CARET", "LF"),
        ("BACKQUOTE", "LF"),
    ],
)
def test_delimiters_and_line_ends(bulk: Bulk, delimiter: str, line_end: str) -> None:
    mark = {"COMMA": ",", "SEMICOLON": ";", "TAB": "\t", "PIPE": "|", "CARET": "^", "BACKQUOTE": "`"}[
        delimiter
    ]
    end = {"LF": "\n", "CRLF": "\r\n"}[line_end]
    content = end.join([f"Name{mark}Phone", f"a{mark}1", ""])
    job = bulk.run("insert", content, columnDelimiter=delimiter, lineEnding=line_end)
    answer = bulk.call("GET", f"ingest/{job}/successfulResults").content.decode()
    assert answer.startswith(f'"sf__Id"{mark}"sf__Created"{mark}"Name"{mark}"Phone"{end}')
    assert answer.endswith(f'"true"{mark}"a"{mark}"1"{end}')


def test_update_says_which_id_failed(bulk: Bulk) -> None:
    account = bulk.org.create("Account", {"Name": "a"})
    gone = bulk.org.create("Account", {"Name": "b"})
    bulk.org.delete("Account", gone)
    content = f"Id,Name\n{account[:15]},new\n{gone},x\nnonsense,y\n,z\n{account},again\n"
    job = bulk.run("update", content)
    assert [r["sf__Id"] for r in bulk.results(job, "successfulResults")] == [account]
    failed = {r["sf__Id"]: r["sf__Error"].split(":")[0] for r in bulk.results(job, "failedResults")}
    assert failed == {
        gone: "ENTITY_IS_DELETED",
        "nonsense": "MALFORMED_ID",
        "": "MISSING_ARGUMENT",
        account: "DUPLICATE_VALUE",
    }


def test_upsert_by_external_id(bulk: Bulk) -> None:
    bulk.org.create("Account", {"Name": "old", "QuickBooks_Id__c": "8-1"})
    content = "QuickBooks_Id__c,Name\n8-1,changed\n8-2,new\n,keyless\n8-2,twice\n"
    job = bulk.run("upsert", content, externalIdFieldName="QuickBooks_Id__c")
    done = {r["QuickBooks_Id__c"]: r["sf__Created"] for r in bulk.results(job, "successfulResults")}
    assert done == {"8-1": "false", "8-2": "true"}
    failed = [r["sf__Error"].split(":")[0] for r in bulk.results(job, "failedResults")]
    assert failed == ["MISSING_ARGUMENT", "DUPLICATE_EXTERNAL_ID"]
    assert {r["Name"] for r in bulk.org.records("Account")} == {"changed", "new"}


def test_a_parent_by_its_external_id(bulk: Bulk) -> None:
    account = bulk.org.create("Account", {"Name": "a", "QuickBooks_Id__c": "8-1"})
    content = "LastName,Account.QuickBooks_Id__c\nA,8-1\nB,\nC,#N/A\nD,8-9\n"
    job = bulk.run("insert", content, "Contact")
    parents = {r["LastName"]: r["AccountId"] for r in bulk.org.records("Contact")}
    assert parents == {"A": account, "B": None, "C": None}
    (failed,) = bulk.results(job, "failedResults")
    assert failed["sf__Error"].startswith("INVALID_FIELD:Foreign key external ID: 8-9 not found for field")


def test_delete_and_hard_delete(bulk: Bulk) -> None:
    one, two = (bulk.org.create("Account", {"Name": n}) for n in "ab")
    contact = bulk.org.create("Contact", {"LastName": "c", "AccountId": two})
    assert bulk.info(bulk.run("delete", f"Id\n{one}\n"))["numberRecordsFailed"] == 0
    assert bulk.info(bulk.run("hardDelete", f"Id\n{two}\n"))["numberRecordsFailed"] == 0
    left = {r["Id"]: r["IsDeleted"] for r in bulk.org.records("Account", include_deleted=True)}
    assert left == {one: True}
    assert contact not in {r["Id"] for r in bulk.org.records("Contact", include_deleted=True)}


#  why, operation, content, what errorMessage holds
FAILING = [
    ("no field of the object", "insert",  "Nome\na\n", "Field name not found : Nome"),
    ("a mark at the beginning", "insert",  "\ufeffName\na\n", "Field name not found : \ufeffName"),
    ("a column twice", "insert",  "Name,name\na,b\n", "Duplicate field name"),
    ("a compound field", "insert",  "Name,BillingAddress\na,\n", "not found : BillingAddress"),
    ("no path to a parent", "insert",  "Name,Owner.Nope\na,b\n",  "not found : Owner.Nope"),
    ("more than the id to delete", "delete",  "Id,Name\na,b\n", "takes the column Id and no other"),
    ("nothing at all", "insert",  "", "The content is empty"),
    ("not UTF-8", "insert",  b"Name\n\xfc\n", "isn't UTF-8"),
    ("the other line end", "insert",  "Name\r\na\r\n", "LineEnding is invalid on user data"),
    ("a quote left open", "insert",  'Name\n"a\n', "Failed to parse CSV"),
    ("a row of another length", "insert",  "Name,Phone\na,1\nb\n", "has 2 columns, a row has 1"),
]  # fmt: skip


@pytest.mark.parametrize(("why", "operation", "content", "text"), FAILING, ids=[f[0] for f in FAILING])
def test_the_job_fails_as_a_whole(
    bulk: Bulk, why: str, operation: str, content: str | bytes, text: str
) -> None:
    info = bulk.info(bulk.run(operation, content))
    assert info["state"] == "Failed"
    assert info["errorMessage"].startswith("InvalidBatch : ")
    assert text in info["errorMessage"]
    assert info["numberRecordsProcessed"] == 0
    assert bulk.org.records("Account") == []


def test_a_job_that_fails_half_way_leaves_the_rest_unprocessed(bulk: Bulk) -> None:
    bulk.org.faults.arm("fail_job", path="Account/insert", rows=250)
    names = [f"n{i}" for i in range(500)]
    job = bulk.run("insert", "Name\n" + "\n".join(names) + "\n")
    assert (bulk.info(job)["state"], bulk.info(job)["numberRecordsProcessed"]) == ("Failed", 250)
    good = [r["Name"] for r in bulk.results(job, "successfulResults")]
    left = [r["Name"] for r in bulk.results(job, "unprocessedRecords")]
    assert (good, left) == (names[:250], names[250:])
    assert len(bulk.org.records("Account")) == 250


def test_a_locked_row_fails_alone(bulk: Bulk) -> None:
    ids = [bulk.org.create("Account", {"Name": n}) for n in "ab"]
    bulk.org.faults.arm("lock_row", path=ids[1])
    job = bulk.run("update", f"Id,Phone\n{ids[0]},1\n{ids[1]},1\n")
    (failed,) = bulk.results(job, "failedResults")
    assert failed["sf__Error"].startswith("UNABLE_TO_LOCK_ROW:")


# --- states ------------------------------------------------------------------------------------


def test_a_job_waits_for_its_data(bulk: Bulk) -> None:
    job = bulk.open("insert")
    assert bulk.close(job).json()[0]["errorCode"] == "INVALIDJOBSTATE"
    assert bulk.upload(job, "Name\na\n").status_code == 201
    assert bulk.upload(job, "Name\nb\n").json()[0]["errorCode"] == "INVALIDJOBSTATE"
    assert bulk.call("GET", f"ingest/{job}/successfulResults").json()[0]["errorCode"] == "INVALIDJOBSTATE"
    assert bulk.close(job).status_code == 200
    assert bulk.close(job).json()[0]["errorCode"] == "INVALIDJOBSTATE"


def test_a_job_that_is_aborted_before_its_turn_does_nothing(start: Callable[..., Running]) -> None:
    running = start(settings=OrgSettings(bulk_held=True))
    bulk = Bulk(running)
    job = bulk.open("insert")
    bulk.upload(job, "Name\na\n")
    bulk.close(job)
    assert bulk.info(job)["state"] == "UploadComplete"
    assert bulk.call("PATCH", f"ingest/{job}", json={"state": "Aborted"}).json()["state"] == "Aborted"
    running.org.settings.bulk_held = False
    running.org.jobs.settle()
    assert (bulk.info(job)["state"], running.org.records("Account")) == ("Aborted", [])
    assert bulk.call("DELETE", f"ingest/{job}").status_code == 204
    assert bulk.call("GET", f"ingest/{job}").status_code == 404


def test_a_job_that_is_aborted_half_way_keeps_what_it_did(bulk: Bulk) -> None:
    def abort(_name: str, _old: object, new: dict[str, Any]) -> None:
        if new["Name"] == "n200":
            job = bulk.org.jobs.all("ingest")[0]
            bulk.org.jobs.set_state(job, "Aborted")

    bulk.org.before_save.append(abort)
    job = bulk.run("insert", "Name\n" + "".join(f"n{i}\n" for i in range(500)))
    assert bulk.info(job)["state"] == "Aborted"
    assert len(bulk.org.records("Account")) == 400  # the chunk that ran is kept whole
    assert len(bulk.results(job, "unprocessedrecords")) == 100


def test_a_trigger_that_breaks_fails_its_job_only(bulk: Bulk) -> None:
    bulk.org.before_save.append(
        lambda _name, _old, new: new.__setitem__("Name", 1 / len(str(new["Phone"] or "")))
    )
    job = bulk.run("insert", "Name\na\n")
    assert bulk.info(job)["errorMessage"].startswith("UNKNOWN_EXCEPTION : ZeroDivisionError")
    bulk.org.before_save.clear()
    assert bulk.info(bulk.run("insert", "Name\na\n"))["state"] == "JobComplete"


def test_jobs_are_listed_and_read(bulk: Bulk) -> None:
    job = bulk.run("upsert", "QuickBooks_Id__c,Name\n1,a\n", externalIdFieldName="quickbooks_id__c")
    (listed,) = bulk.call("GET", "ingest").json()["records"]
    assert listed["id"] == job
    assert listed["externalIdFieldName"] == "QuickBooks_Id__c"
    info = bulk.info(job)
    assert (info["object"], info["operation"], info["jobType"]) == ("Account", "upsert", "V2Ingest")
    assert (info["apiVersion"], info["contentType"], info["columnDelimiter"]) == (64.0, "CSV", "COMMA")
    assert info["contentUrl"] == f"services/data/v64.0/jobs/ingest/{job}/batches"


#  why                  asked for                                status  code
REFUSED: list[tuple[str, dict[str, str], int, str]] = [
    ("no such object",    {"object": "Nope"},                       400, "INVALIDENTITY"),
    ("no such operation", {"operation": "merge"},                   400, "INVALIDJOB"),
    ("JSON",              {"contentType": "JSON"},                  400, "INVALIDJOB"),
    ("no such delimiter", {"columnDelimiter": ","},                 400, "INVALIDJOB"),
    ("no such line end",  {"lineEnding": "CR"},                     400, "INVALIDJOB"),
    ("upsert by nothing", {"operation": "upsert"},                  400, "INVALIDJOB"),
    ("upsert by no key",  {"operation": "upsert", "externalIdFieldName": "Phone"}, 404, "NOT_FOUND"),
]  # fmt: skip


@pytest.mark.parametrize(("why", "request_", "status", "code"), REFUSED, ids=[r[0] for r in REFUSED])
def test_ingest_jobs_that_are_refused(
    bulk: Bulk, why: str, request_: dict[str, str], status: int, code: str
) -> None:
    answer = bulk.call("POST", "ingest", json={"operation": "insert", "object": "Account", **request_})
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (status, code)


def test_an_upload_has_a_limit(bulk: Bulk, monkeypatch: pytest.MonkeyPatch) -> None:
    assert MAX_UPLOAD == 100_000_000
    monkeypatch.setattr("workbench.testorg.bulk_rest.MAX_UPLOAD", 100)
    job = bulk.open("insert")
    answer = bulk.upload(job, "Name\n" + "x" * 96)
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (413, "EXCEEDED_MAX_SIZE_REQUEST")
    assert bulk.upload(job, "Name\n" + "x" * 95).status_code == 201


def test_an_upload_in_chunks_has_the_limit_too(bulk: Bulk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workbench.testorg.bulk_rest.MAX_UPLOAD", 100)
    job = bulk.open("insert")
    headers = {"Content-Type": "text/csv"}
    answer = bulk.call("PUT", f"ingest/{job}/batches", data=iter([b"x" * 60, b"y" * 60]), headers=headers)
    assert answer.status_code == 413


def test_every_call_of_a_job_counts(bulk: Bulk) -> None:
    before = bulk.org.api_requests
    job = bulk.run("insert", "Name\na\n")  # create, upload, close
    bulk.info(job)
    bulk.results(job, "failedResults")
    assert bulk.org.api_requests - before == 5
    answer = bulk.call("GET", f"ingest/{job}/successfulResults")
    assert answer.headers["Sforce-Limit-Info"] == f"api-usage={bulk.org.api_requests}/15000"


def test_a_job_needs_a_session(running: Running) -> None:
    answer = requests.post(f"{running.url}/services/data/v64.0/jobs/ingest", json={}, timeout=20)
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (401, "INVALID_SESSION_ID")


# --- query -------------------------------------------------------------------------------------


def test_query_writes_each_type(bulk: Bulk) -> None:
    account = bulk.org.create(
        "Account",
        {"Name": EXACT, "AnnualRevenue": 1250, "BillingLatitude": "-0.5", "NumberOfEmployees": 7},
    )
    fields = (
        "Id, name, AnnualRevenue, BillingLatitude, BillingLongitude, NumberOfEmployees, Active__c,"
        " CreatedDate, Owner.Username, Parent.Owner.Name, Description"
    )
    (row,) = bulk.rows(f"SELECT {fields} FROM Account")
    assert row == {
        "Id": account,
        "Name": EXACT,
        "AnnualRevenue": "1250.0",
        "BillingLatitude": "-0.5",
        "BillingLongitude": "",
        "NumberOfEmployees": "7",
        "Active__c": "true",
        "CreatedDate": "2026-03-30T12:00:00.000Z",
        "Owner.Username": "automation@testorg.invalid",
        "Parent.Owner.Name": "",
        "Description": "",
    }


def test_query_says_money_as_rest_does(start: Callable[..., Running]) -> None:
    amounts = ["0", "-0.05", "12.5", "9007199254740993.02", "-1250", "0.10"]
    seed = {
        "Opportunity": [
            {"Name": f"o{i}", "StageName": "Prospecting", "CloseDate": "2026-04-01", "Amount": a}
            for i, a in enumerate(amounts)
        ]
    }
    running = start(seed=seed)
    rows = Bulk(running).rows("SELECT Amount, CloseDate FROM Opportunity ORDER BY Name")
    assert [r["Amount"] for r in rows] == ["0.0", "-0.05", "12.5", "9007199254740993.02", "-1250.0", "0.1"]
    assert {r["CloseDate"] for r in rows} == {"2026-04-01"}
    text = running.call("GET", "query", params={"q": "SELECT Amount FROM Opportunity ORDER BY Name"}).text
    assert all(f'"Amount":{r["Amount"]}}}' in text for r in rows)


def test_query_pages(bulk: Bulk) -> None:
    bulk.run("insert", "Name\n" + "".join(f"n{i}\n" for i in range(5)))
    job = bulk.query("SELECT Name FROM Account ORDER BY Name").json()["id"]
    bulk.org.jobs.settle()
    assert bulk.info(job, "query")["numberRecordsProcessed"] == 5
    locator, pages = "", []
    while locator != "null":
        more = {"locator": locator} if locator else {}
        answer = bulk.call("GET", f"query/{job}/results", params={"maxRecords": "2", **more})
        assert int(answer.headers["Sforce-NumberOfRecords"]) == len(read(answer))
        pages.append([r["Name"] for r in read(answer)])
        locator = answer.headers["Sforce-Locator"]
    assert pages == [["n0", "n1"], ["n2", "n3"], ["n4"]]
    wrong = bulk.call("GET", f"query/{job}/results", params={"locator": "bm9uZQ=="})
    assert wrong.json()[0]["errorCode"] == "INVALID_QUERY_LOCATOR"


def test_a_page_that_ends_with_the_last_record_is_the_last(bulk: Bulk) -> None:
    bulk.run("insert", "Name\na\nb\n")
    job = bulk.query("SELECT Name FROM Account").json()["id"]
    bulk.org.jobs.settle()
    answer = bulk.call("GET", f"query/{job}/results", params={"maxRecords": "2"})
    assert (answer.headers["Sforce-Locator"], answer.headers["Sforce-NumberOfRecords"]) == ("null", "2")


def test_a_query_without_records_answers_its_header(bulk: Bulk) -> None:
    job = bulk.query("SELECT Id, Name FROM Account").json()["id"]
    bulk.org.jobs.settle()
    answer = bulk.call("GET", f"query/{job}/results")
    assert (answer.text, answer.headers["Sforce-Locator"]) == ('"Id","Name"\n', "null")
    assert answer.headers["Sforce-NumberOfRecords"] == "0"


def test_query_all_sees_the_recycle_bin(bulk: Bulk) -> None:
    bulk.org.delete("Account", bulk.org.create("Account", {"Name": "a"}))
    assert bulk.rows("SELECT Name FROM Account") == []
    assert bulk.rows("SELECT Name, IsDeleted FROM Account", "queryAll") == [
        {"Name": "a", "IsDeleted": "true"}
    ]


def test_results_are_as_they_were_when_the_job_ran(bulk: Bulk) -> None:
    bulk.run("insert", "Name\na\n")
    job = bulk.query("SELECT Name FROM Account").json()["id"]
    bulk.org.jobs.settle()
    bulk.org.create("Account", {"Name": "b"})
    assert [r["Name"] for r in read(bulk.call("GET", f"query/{job}/results"))] == ["a"]


#  why              query                                       code
NOT_IN_BULK = [
    ("compound",    "SELECT Id, BillingAddress FROM Account",   "FUNCTIONALITY_NOT_ENABLED"),
    ("count",       "SELECT COUNT() FROM Account",              "FUNCTIONALITY_NOT_ENABLED"),
    ("offset",      "SELECT Id FROM Account OFFSET 1",          "FUNCTIONALITY_NOT_ENABLED"),
    ("no field",    "SELECT Nope FROM Account",                 "INVALID_FIELD"),
    ("no object",   "SELECT Id FROM Nope",                      "INVALID_TYPE"),
    ("no SOQL",     "SELECT * FROM Account",                    "MALFORMED_QUERY"),
    ("no query",    "",                                         "INVALIDJOB"),
]  # fmt: skip


@pytest.mark.parametrize(("why", "soql", "code"), NOT_IN_BULK, ids=[n[0] for n in NOT_IN_BULK])
def test_queries_that_bulk_refuses(bulk: Bulk, why: str, soql: str, code: str) -> None:
    answer = bulk.query(soql)
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, code)


def test_a_query_job_is_aborted_and_deleted(start: Callable[..., Running]) -> None:
    running = start(settings=OrgSettings(bulk_held=True))
    bulk = Bulk(running)
    job = bulk.query("SELECT Id FROM Account").json()["id"]
    assert bulk.call("GET", f"query/{job}/results").json()[0]["errorCode"] == "INVALIDJOBSTATE"
    assert bulk.call("PATCH", f"query/{job}", json={"state": "Aborted"}).json()["state"] == "Aborted"
    assert (
        bulk.call("PATCH", f"query/{job}", json={"state": "Aborted"}).json()[0]["errorCode"]
        == "INVALIDJOBSTATE"
    )
    assert bulk.call("DELETE", f"query/{job}").status_code == 204
    assert bulk.info(job, "query") == [
        {"message": "The requested resource does not exist", "errorCode": "NOT_FOUND"}
    ]


# --- trouble -----------------------------------------------------------------------------------


@pytest.fixture
def filled(bulk: Bulk) -> tuple[Bulk, str]:
    """A finished query job over 100 accounts."""
    bulk.run("insert", "Name\n" + "".join(f"Müller {i}\n" for i in range(100)))
    job = bulk.query("SELECT Id, Name FROM Account").json()["id"]
    bulk.org.jobs.settle()
    return bulk, f"query/{job}/results"


def test_csv_without_charset(filled: tuple[Bulk, str]) -> None:
    bulk, path = filled
    bulk.org.faults.arm("csv_without_charset", path="/results")
    bare, normal = bulk.call("GET", path), bulk.call("GET", path)
    assert (bare.headers["Content-Type"], normal.headers["Content-Type"]) == (
        "text/csv",
        "text/csv;charset=UTF-8",
    )
    assert bare.content == normal.content
    assert "Müller" not in bare.text  # what a client that trusts the header makes of it
    assert "Müller" in normal.text


def test_truncated_csv_looks_whole_to_http(filled: tuple[Bulk, str]) -> None:
    bulk, path = filled
    bulk.org.faults.arm("truncated_csv", path="/results")
    short, whole = bulk.call("GET", path), bulk.call("GET", path)
    assert whole.content.startswith(short.content)
    assert short.headers["Content-Length"] == str(len(short.content))
    assert len(short.content.splitlines()) - 1 < int(short.headers["Sforce-NumberOfRecords"]) == 100


def test_a_broken_body(filled: tuple[Bulk, str]) -> None:
    bulk, path = filled
    bulk.org.faults.arm("broken_body", path="/results")
    with pytest.raises(requests.RequestException):
        bulk.call("GET", path)
    assert len(read(bulk.call("GET", path))) == 100


@pytest.mark.parametrize("at", ["create", "upload", "close"])
def test_a_lost_answer_does_not_undo_a_step(bulk: Bulk, at: str) -> None:
    """What a client finds when it asks afterwards."""
    if at == "create":
        bulk.org.faults.arm("lose_response", method="POST", path="/jobs/ingest")
        with pytest.raises(requests.ConnectionError):
            bulk.open("insert")
        assert [j["state"] for j in bulk.call("GET", "ingest").json()["records"]] == ["Open"]
        return
    job = bulk.open("insert")
    bulk.org.faults.arm("lose_response", method="PUT" if at == "upload" else "PATCH")
    steps = {"upload": lambda: bulk.upload(job, "Name\na\n"), "close": lambda: bulk.close(job)}
    if at == "close":
        bulk.upload(job, "Name\na\n")
    with pytest.raises(requests.ConnectionError):
        steps[at]()
    if at == "upload":
        assert bulk.info(job)["state"] == "Open"
        assert bulk.close(job).status_code == 200
    bulk.org.jobs.settle()
    assert bulk.info(job)["numberRecordsProcessed"] == 1


def test_the_real_client(running: Running) -> None:
    client = running.client()
    (done,) = client.bulk2.Account.insert(records=[{"Name": "a"}, {"Name": "b"}], wait=0)
    assert (done["numberRecordsProcessed"], done["numberRecordsFailed"]) == (2, 0)
    (answer,) = client.bulk2.Account.query("SELECT Name FROM Account ORDER BY Name", wait=0)
    assert [r["Name"] for r in csv.DictReader(io.StringIO(answer))] == ["a", "b"]
