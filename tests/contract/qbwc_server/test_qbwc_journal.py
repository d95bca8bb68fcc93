"""What the journal of calls holds at each level, and what it never holds."""

import os
import stat

import pytest

from qbwc import queue
from qbwc.errors import ServeError
from qbwc.service import Journal, running_server
from qbwc.service.journal import frame
from tests.contract.qbwc_server.qbwc_wire import Wire
from tests.unit.qbwc_server.qbwc_driver import NOON, Clock, add, make_office

SECRETS = ("correct horse", "hunter2")
ROWS = ("Secret Customer", "Customer 01", "555-0001")

#  level      calls   frames  rows
LEVELS = [
    ("NONE",    False, False, False),
    ("DEBUG",   True,  False, False),
    ("VERBOSE", True,  True,  False),
    ("ALL",     True,  True,  True),
]  # fmt: skip


def session(office, journal):
    """A whole session with a wrong login before it; answers the tickets."""
    office.enqueue(add("Secret Customer"), queue.QueryRequest(entity="Customer"))
    tickets = []
    with running_server(office.engine, journal=journal) as url:
        office.connector.calls = Wire(url)
        real = office.connector.calls.authenticate
        tickets.append(real("maria", "hunter2")[0])

        def noted(user, password):
            told = real(user, password)
            tickets.append(told[0])
            return told

        office.connector.calls.authenticate = noted
        assert office.connector.update().percents[-1] == 100
    return tickets


@pytest.mark.parametrize(("level", "calls", "frames", "rows"), LEVELS, ids=[row[0] for row in LEVELS])
def test_levels(tmp_path, caplog, capfd, level, calls, frames, rows):
    caplog.set_level("DEBUG")
    folder = tmp_path / "log"
    tickets = session(make_office(tmp_path), Journal(level, folder))
    files = sorted(folder.glob("*")) if folder.exists() else []
    told = "".join(path.read_text("utf-8") for path in files)
    assert ("receiveResponseXML" in told) == calls
    assert ("CustomerAddRq" in told) == frames
    assert all((row in told) == rows for row in ROWS)
    outside = caplog.text + "".join(capfd.readouterr())
    for secret in (*SECRETS, *tickets):
        assert secret not in told + outside
    assert not any(row in outside for row in ROWS)
    if os.name == "posix" and files:
        assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


def test_all_says_so_at_the_start_and_needs_a_folder(tmp_path, caplog):
    with pytest.raises(ServeError, match="needs a folder"):
        Journal("ALL")
    Journal("ALL", tmp_path)
    assert "customers' rows are written" in caplog.text


def test_calls_of_one_session_can_be_told_apart(tmp_path):
    journal = Journal("DEBUG", tmp_path / "log")
    session(make_office(tmp_path), journal)
    (path,) = (tmp_path / "log").glob("*")
    lines = [line for line in path.read_text().splitlines() if "session=" in line]
    names = {line.split("session=")[1][:8] for line in lines if "nvu" not in line}
    assert len(names) == 1


#  name                          days old  level   stays
AGES = [
    ("qbwc-2026-03-01.rows.log", 2.9, True),
    ("qbwc-2026-03-01.rows.log", 3.1, False),
    ("qbwc-2026-03-01.log",      3.1, True),
    ("qbwc-2026-03-01.log",      29.9, True),
    ("qbwc-2026-03-01.log",      30.1, False),
    ("notes.log",                999, True),
    ("qbwc-letter.log",          999, True),
]  # fmt: skip


@pytest.mark.parametrize(("name", "days", "stays"), AGES)
def test_files_go_by_age(tmp_path, name, days, stays):
    path = tmp_path / name
    path.write_text("old")
    written = NOON.timestamp() - days * 86400
    os.utime(path, (written, written))
    Journal("DEBUG", tmp_path, clock=Clock())
    assert path.exists() == stays


def test_old_files_go_while_the_server_runs_on(tmp_path):
    clock = Clock()
    journal = Journal("ALL", tmp_path, clock=clock)
    journal.write("getLastError", "::1", [("ticket", "t")], "NoOp", 0.001)
    (first,) = tmp_path.glob("*")
    os.utime(first, (clock.now.timestamp(),) * 2)
    clock.pass_time(days=4)
    journal.write("getLastError", "::1", [("ticket", "t")], "NoOp", 0.001)
    assert [path.name for path in tmp_path.glob("*")] == ["qbwc-2026-04-03.rows.log"]


def test_a_folder_that_fails_stops_no_call(tmp_path, caplog):
    journal = Journal("DEBUG", tmp_path / "log")
    for path in (tmp_path / "log").glob("*"):
        path.unlink()
    (tmp_path / "log").rmdir()
    journal.write("getLastError", "::1", [("ticket", "t")], "NoOp", 0.001)
    assert "cannot be written" in caplog.text


def test_a_level_that_is_not_known():
    with pytest.raises(ServeError, match="is not known"):
        Journal("debug")


ANSWER = (
    '<QBXML><QBXMLMsgsRs><CustomerQueryRs requestID="q" statusCode="0" statusMessage="Ann > Bob">'
    "<CustomerRet><Name>CustomerQueryRs &lt;AddRs&gt;</Name></CustomerRet>"
    "</CustomerQueryRs></QBXMLMsgsRs></QBXML>"
)
#  document                                          frame
FRAMES = [
    ("", []),
    ("<broken", []),
    (ANSWER, ["QBXMLMsgsRs", "CustomerQueryRs requestID=q statusCode=0"]),
    ('<A><B/><HostQueryRq requestID="rest"/></A>', ["HostQueryRq requestID=rest"]),
    ('<AddRq requestID="a&#10;b\nc" secret="s"/>', ["AddRq requestID=a??10?b?c"]),
    ("<AddRq>" * 5000, ["AddRq"] * 1000),
]


@pytest.mark.parametrize(("document", "told"), FRAMES, ids=range(len(FRAMES)))
def test_the_frame_of_a_message_set(document, told):
    assert frame(document) == told
