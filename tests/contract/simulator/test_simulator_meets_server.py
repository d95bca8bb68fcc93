"""Both halves of `qbwc` together: a company file, a Web Connector, a real server with its queue."""

from __future__ import annotations

import subprocess
import sys
from decimal import Decimal as D
from pathlib import Path
from typing import Any

import pytest
from simulator_office import Office
from simulator_world import FILE, OWNER, World

from qbwc import queue, tape
from qbwc.qbxml import parse_records
from qbwc.simulator import Fault, WebConnector

pytestmark = pytest.mark.long

ROOT = Path(__file__).resolve().parents[3]


def test_a_pull_brings_every_record_in_pages(office: Office) -> None:
    kinds = {"Customer": 4, "Item": 3, "Invoice": 1, "Vendor": 2, "Employee": 1, "Terms": 1, "Account": 2}
    paged = {"Customer", "Item", "Invoice", "Vendor"}
    ids = office.enqueue(
        *(queue.QueryRequest(entity=kind, max_returned=2 if kind in paged else None) for kind in kinds)
    )
    log = office.update()
    assert log.outcome == "done"
    assert log.progress == sorted(log.progress)
    for identity, (kind, count) in zip(ids, kinds.items(), strict=True):
        assert office.row(identity).state == "answered"
        pages = list(tape.pages(office.engine, request_id=identity))
        found = [record for page in pages for record in parse_records(page.document, identity)]
        assert len(found) == count, kind
    assert office.update().outcome == "nothing"


def test_an_invoice_follows_its_new_customer(office: Office) -> None:
    customer = queue.WriteRequest(entity="Customer", action="add", fields={"Name": "Dogwood"}, id="c1")
    invoice = queue.WriteRequest(
        entity="Invoice",
        action="add",
        fields={"CustomerRef_ListID": {"$answer": "c1", "field": "ListID"}, "RefNumber": "D-1"},
        lines=[{"ItemRef_FullName": "Consulting", "Quantity": D("2")}],
        id="i1",
    )
    office.enqueue(customer, invoice)
    office.settle()
    assert (office.row("c1").state, office.row("i1").state) == ("answered", "answered")
    assert office.world.row("Invoice", "D-1")["CustomerRef_FullName"] == "Dogwood"
    assert office.world.row("Customer", "Dogwood")["Balance"] == D("66.67")


def test_what_quickbooks_refuses_is_told_with_its_code(office: Office) -> None:
    stale = office.world.row("Customer", "Birch")
    office.world.company.edit("Customer", "Birch", Phone="555")
    fields = {"Phone": "777"}
    (changed, taken) = office.enqueue(
        queue.WriteRequest(
            entity="Customer", action="mod", fields=fields,
            key=str(stale["ListID"]), edit_sequence=str(stale["EditSequence"]),
        ),
        queue.WriteRequest(entity="Customer", action="add", fields={"Name": "Vine Supplies"}),
    )  # fmt: skip
    office.settle()
    assert [(office.row(each).state, office.row(each).status_code) for each in (changed, taken)] == [
        ("failed", 3200), ("failed", 3100),
    ]  # fmt: skip
    assert office.world.row("Customer", "Birch")["Phone"] == "555"


@pytest.mark.parametrize(
    "kind", ["crash_before_work", "lose_answer", "drop_reply", "duplicate", "hresult_before", "hresult_after"]
)
def test_whatever_happens_on_the_way_the_customer_is_there_once(office: Office, kind: Any) -> None:
    (identity,) = office.enqueue(
        queue.WriteRequest(
            entity="Customer", action="add", fields={"Name": "Dogwood"}, probe={"FullName": "Dogwood"}
        )
    )
    office.update(Fault(kind=kind))
    office.settle()
    names = [row["Name"] for row in office.world.company.records("Customer")]
    assert names.count("Dogwood") == 1
    assert office.row(identity).state == "answered"


def test_another_company_file_is_not_touched(office: Office, tmp_path: Path) -> None:
    office.enqueue(queue.QueryRequest(entity="Employee"))
    office.update()
    other = tmp_path / "other"
    other.mkdir()
    stranger = World(other)
    stranger.company.stamp(OWNER, OWNER)
    office.enqueue(queue.WriteRequest(entity="Customer", action="add", fields={"Name": "Dogwood"}))
    log = WebConnector(stranger.company, office.url, "wc", "s3cret", sleep=lambda _: None).update_selected()
    assert (log.outcome, log.exchanges) == ("failed", [])
    assert "Wrong company file" in log.message
    stranger.company.close()


def simulate(*arguments: str, password: str = "s3cret") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "qbwc", "simulate", *arguments], cwd=ROOT, input=f"{password}\n", timeout=60,
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_the_command_runs_one_update(office: Office) -> None:
    office.enqueue(queue.WriteRequest(entity="Customer", action="add", fields={"Name": "Dogwood"}))
    file = str(office.world.company.path)
    ran = simulate(
        "--company", file, "--url", office.url, "--user", "wc", "--password-stdin", "--once",
        "--owner-id", OWNER, "--file-id", FILE,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.splitlines()[0].startswith("simulator ready: Alder & Sons -> http://localhost:")
    assert ran.stdout.splitlines()[1].startswith("update done")
    assert office.world.row("Customer", "Dogwood")


def test_the_command_works_on_a_scratch_copy(office: Office) -> None:
    office.enqueue(queue.WriteRequest(entity="Customer", action="add", fields={"Name": "Dogwood"}))
    ran = simulate(
        "--company", str(office.world.company.path), "--scratch", "--url", office.url, "--user", "wc",
        "--password-stdin", "--once", "--owner-id", OWNER, "--file-id", FILE,
    )  # fmt: skip
    assert "update done" in ran.stdout, ran.stderr
    assert "Dogwood" not in {row["Name"] for row in office.world.company.records("Customer")}


NO_FILE = ["--company", "none.db", "--password-stdin"]
#    why              arguments                                        code
USAGE = [
    ("help",          ["--help"],                                      0),
    ("nothing",       [],                                              64),
    ("no server",     NO_FILE,                                         64),
    ("no password",   ["--company", "none.db", "--url", "http://x/", "--user", "u"], 64),
    ("half a server", ["--company", "none.db", "--from-snapshot", "s.duckdb", "--user", "u"], 64),
    ("no snapshot",   ["--company", "none.db", "--from-snapshot", "none.duckdb"], 1),
    ("no such file",  [*NO_FILE, "--url", "http://x/", "--user", "u"], 1),
]  # fmt: skip


@pytest.mark.parametrize(("why", "arguments", "code"), USAGE)
def test_exit_codes(why: str, arguments: list[str], code: int) -> None:
    assert simulate(*arguments).returncode == code


def test_a_wrong_password_is_told_and_not_shown(office: Office) -> None:
    file = str(office.world.company.path)
    ran = simulate(
        "--company", file, "--url", office.url, "--user", "wc", "--password-stdin", "--once", password="w0rd"
    )
    assert ran.returncode == 1
    assert "update refused" in ran.stdout
    assert "w0rd" not in ran.stdout + ran.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM that a process can answer")
def test_it_stops_when_told_to(office: Office) -> None:
    command = [
        sys.executable, "-m", "qbwc", "simulate", "--company", str(office.world.company.path),
        "--url", office.url, "--user", "wc", "--password-stdin", "--every", "600",
        "--owner-id", OWNER, "--file-id", FILE,
    ]  # fmt: skip
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write("s3cret\n")
        process.stdin.flush()
        assert process.stdout.readline().startswith("simulator ready")
        assert process.stdout.readline().startswith("update done")  # this one paired the company file
        process.terminate()
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.communicate()
