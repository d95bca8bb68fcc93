"""`python -m qbwc` as a user types it."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from qbwc import queue, service, serving, store, users
from qbwc.cli import main
from qbwc.errors import ServeError
from qbwc.tls import check_address, check_certificate, is_loopback
from tests.unit.qbwc_server.qbwc_driver import make_office

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[3]


def run(*arguments, given=""):
    """Run in a process of its own: (exit code, standard output, standard error)."""
    command = [sys.executable, "-m", "qbwc", *arguments]
    done = subprocess.run(command, input=given, capture_output=True, text=True, cwd=ROOT, timeout=60)
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path / 'store.sqlite'}"


def test_add_a_user_write_the_qwc_look_at_the_status(url, tmp_path):
    add = (
        "user",
        "add",
        "maria",
        "--store",
        url,
        "--password-stdin",
        "--company",
        "alpine",
        "--pairing",
        "5",
    )
    assert run(*add, given="secret\n") == (0, "login maria added for company alpine\n", "")
    engine = store.open_store(url)
    assert users.check_password(engine, "maria", "secret") == "alpine"
    assert users.company(engine, "alpine").pairing_until is not None
    code, _, error = run(*add, given="other\n")
    assert (code, "exists already" in error) == (1, True)
    assert "other" not in error

    file = tmp_path / "alpine.qwc"
    qwc = ("qwc", "--store", url, "--user", "maria", "--url", "http://localhost:8585/qbwc", "-o", str(file))
    assert run(*qwc)[0] == 0
    assert users.company(engine, "alpine").file_id in file.read_text()
    assert run("qwc", "--store", url, "--user", "otto", "--url", "http://localhost/")[0] == 1

    code, out, _ = run("status", "--store", url, "--json")
    assert code == 0
    (company,) = json.loads(out.splitlines()[-1])["companies"]
    assert (company["company"], company["company_name"], company["queue"]) == ("alpine", None, {})


def test_a_second_company_gets_a_file_id_of_its_own(url, monkeypatch, capsys):
    for name in ("one", "two"):
        monkeypatch.setattr("sys.stdin", __import__("io").StringIO("p\n"))
        assert main(["user", "add", name, "--store", url, "--password-stdin"]) == 0
    first, second = users.companies(store.open_store(url))
    assert first.file_id != second.file_id
    assert first.owner_id == second.owner_id


def test_pace_and_prune(tmp_path, capsys):
    office = make_office(tmp_path)
    office.enqueue(queue.QueryRequest(entity="Terms"))
    office.connector.update()
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    pace = ["pace", "--store", url, "--company", "alpine"]
    assert main([*pace, "--postpone", "30", "--every", "5"]) == 0
    assert "postponed until" in capsys.readouterr().out
    company = users.company(office.engine, "alpine")
    assert company.every_seconds == 300
    assert timedelta(minutes=29) < company.postponed_until - store.now() <= timedelta(minutes=30)
    assert main(["status", "--store", url]) == 0
    assert "postponed     until" in capsys.readouterr().out
    assert main(pace) == 0
    assert "not postponed; no least distance" in capsys.readouterr().out
    assert users.company(office.engine, "alpine").postponed_until is None
    assert main([*pace, "--every", "-1"]) == 1
    assert main(["prune", "--store", url]) == 0
    assert "0 pages older than 30 days" in capsys.readouterr().out
    assert main(["prune", "--store", url, "--keep-days", "0"]) == 0
    assert "1 page older than 0 days taken away" in capsys.readouterr().out
    assert [row.state for row in queue.requests(office.engine)] == ["answered"]


def test_the_levels_of_the_journal_are_those_of_the_command():
    assert serving.LEVELS == service.LEVELS


#  why                  options                          says
NOT_SERVED = [
    ("no version",      ["--warn-below", "new"],         "which is no version"),
    ("ALL, no folder",  ["--log-level", "ALL"],          "needs a folder"),
]  # fmt: skip


@pytest.mark.parametrize(("why", "options", "says"), NOT_SERVED, ids=[row[0] for row in NOT_SERVED])
def test_options_that_make_no_server(url, capsys, why, options, says):
    assert main(["serve", "--store", url, "--port", "0", *options]) == 1
    assert says in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [[], ["nonsense"], ["serve"], ["user"], ["status", "--stare", "x"], ["serve", "--log-level", "SOME"]],
)
def test_wrong_usage_is_64(arguments, capsys):
    assert main(arguments) == 64


def test_help_is_0(capsys):
    assert main(["--help"]) == 0
    assert "simulate" in capsys.readouterr().out


def test_status_of_an_office(tmp_path, capsys):
    office = make_office(tmp_path)
    office.enqueue(queue.QueryRequest(entity="Terms"))
    office.connector.update()
    assert main(["status", "--store", f"sqlite:///{tmp_path / 'store.sqlite'}"]) == 0
    told = capsys.readouterr().out
    assert "company file Alpine Tools" in told
    assert "1 answered" in told


class Server:
    """`serve` in a process of its own."""

    def __init__(self, url):
        command = [sys.executable, "-m", "qbwc", "serve", "--store", url, "--port", "0"]
        flags = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP} if os.name == "nt" else {}
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT, **flags
        )
        self.line = self.process.stdout.readline().strip()
        self.url = self.line.split()[-1]

    def get(self, path):
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=10)
        connection.request("GET", path)
        return connection.getresponse().read()

    def end(self, number):
        self.process.send_signal(number)
        out, error = self.process.communicate(timeout=20)
        return self.process.returncode, out, error


SIGNALS = ["SIGINT", "SIGTERM"] if os.name != "nt" else ["CTRL_BREAK_EVENT"]


@pytest.mark.parametrize("name", SIGNALS)
def test_serve_says_that_it_is_ready_and_ends_cleanly(url, name):
    server = Server(url)
    try:
        assert server.line.startswith("qbwc ready: http://localhost:")
        assert server.line.endswith("/qbwc")
        assert json.loads(server.get("/health")) == {"ok": True}
        assert server.end(getattr(signal, name)) == (0, "", "")
    finally:
        server.process.kill()


def test_a_port_that_is_taken(url):
    server = Server(url)
    try:
        port = urlsplit(server.url).port
        code, out, error = run("serve", "--store", url, "--port", str(port))
        assert (code, out) == (1, "")
        assert f"Port {port} on 127.0.0.1 cannot be used" in error
        assert "choose another port" in error
        assert "Traceback" not in error
    finally:
        server.process.kill()
        server.process.communicate()


#  host            tls    anyway  allowed
ADDRESSES = [
    ("127.0.0.1",  False, False, True),
    ("localhost",  False, False, True),
    ("::1",        False, False, True),
    ("127.9.9.9",  False, False, True),
    ("0.0.0.0",    False, False, False),
    ("::",         False, False, False),
    ("192.0.2.1",  False, False, False),
    ("books.example", False, False, False),
    ("0.0.0.0",    True,  False, True),
    ("0.0.0.0",    False, True,  True),
]  # fmt: skip


@pytest.mark.parametrize(("host", "tls", "anyway", "allowed"), ADDRESSES)
def test_where_the_server_may_listen(host, tls, anyway, allowed):
    if allowed:
        check_address(host, tls=tls, plain_http_anyway=anyway)
    else:
        assert not is_loopback(host)
        with pytest.raises(ServeError, match="in the clear"):
            check_address(host, tls=tls, plain_http_anyway=anyway)


def test_serve_refuses_a_network_without_tls(url):
    code, out, error = run("serve", "--store", url, "--host", "0.0.0.0", "--port", "0")
    assert (code, out) == (1, "")
    assert "Listening on 0.0.0.0 without TLS" in error


def test_a_certificate_that_is_none(tmp_path):
    with pytest.raises(ServeError, match="certificate file is not there"):
        check_certificate(tmp_path / "no.pem", tmp_path / "no.key")
    for name in ("a.pem", "a.key"):
        (tmp_path / name).write_text("hello")
    with pytest.raises(ServeError, match="cannot be used"):
        check_certificate(tmp_path / "a.pem", tmp_path / "a.key")


def test_an_office_through_the_command_line(tmp_path):
    """A login, a server, a pretend QuickBooks: three processes that only share a store and a port."""
    url = f"sqlite:///{tmp_path / 'shop.sqlite'}"
    office = make_office(tmp_path, paired=False)
    office.company.close()
    run("user", "add", "maria", "--store", url, "--password-stdin", "--pairing", "5", given="secret\n")
    engine = store.open_store(url)
    (read,) = queue.enqueue(engine, "maria", [queue.QueryRequest(entity="Customer")])
    server = Server(url)
    try:
        qwc = tmp_path / "a.qwc"
        run("qwc", "--store", url, "--user", "maria", "--url", server.url, "-o", str(qwc))
        pretend = ("simulate", "--company", str(tmp_path / "company.db"), "--qwc", str(qwc), "--once")
        code, out, error = run(*pretend, "--password-stdin", given="secret\n")
        assert (code, error) == (0, ""), out
        (row,) = queue.requests(engine, ids=[read])
        assert (row.state, row.progress.records) == ("answered", 7)
    finally:
        server.process.kill()
        server.process.communicate()
