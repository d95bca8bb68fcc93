"""Bad input in masses: nothing may crash, no peer may see a traceback, memory stays bounded.

Half of the inputs are SOAP calls, spoiled and posted to the real server over HTTP.  The other half are qbXML
answers, spoiled, given to every reader of answers, and brought to the server in a live session by a Web
Connector that is otherwise in order.  Afterwards an honest session must still do its work.
"""

from __future__ import annotations

import http.client
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import psutil
from lxml import etree
from sqlalchemy import Engine

from qbwc import qbxml, queue, store, users
from qbwc.errors import QbxmlError
from qbwc.session.answers import read_answer
from qbwc.session.model import Flight
from qbwc.simulator import CompanyFile, WebConnector
from qbwc.simulator.soap import NAMESPACE, SoapClient, SoapTrouble, envelope
from tests.faults.host import Host
from tests.faults.mutations import mutated
from tests.faults.tally import Tally
from tests.faults.web_connector import COMPANY, PASSWORD, USER, prepare
from tests.faults.writes import FILE, OWNER, seed

GROWTH_LIMIT_MB = 64
"""More than that between the first tenth and the end is no noise of an allocator."""

_LEAK = re.compile(rb'Traceback|File &quot;|File "|\.py\b|site-packages|sqlalchemy|spyne|0x7f', re.I)
_STATUSES = {200, 400, 405, 411, 413, 500}
_MEGABYTE = 1024 * 1024


def run(count: int, seed_: int) -> Tally:
    """Give `count` spoiled inputs to the server and the parsers."""
    tally, random = Tally(), Random(seed_)
    with tempfile.TemporaryDirectory(prefix="bad-input-") as folder, _site(Path(folder)) as site:
        memory = _Memory(site.host.pid)
        soap, answers = _Soap(site, random), _Answers(site, random)
        for number in range(count):
            (soap if number % 2 else answers).one(tally)
            tally.injected += 1
            memory.look(number, count)
            if not site.host.alive:
                tally.found("crashes", f"the server ended by itself at input {number}")
                site.host.start()
        _honest_session(site, tally)
        if traces := site.host.traces():
            tally.found("crashes", f"{traces} tracebacks in the server's log")
        tally.more = {**memory.told(), "soap_statuses": soap.statuses, "answers_read": answers.read}
        if memory.growth > GROWTH_LIMIT_MB:
            tally.found("crashes", f"the server grew by {memory.growth:.0f} MB")
    return tally


@dataclass(slots=True)
class _Site:
    engine: Engine
    company: CompanyFile
    host: Host


@contextmanager
def _site(folder: Path) -> Iterator[_Site]:
    url = f"sqlite:///{folder / 'store.sqlite'}"
    engine = store.open_store(url)
    company = CompanyFile.create(folder / "company.db", seed(12))
    company.stamp(OWNER, FILE)
    prepare(engine, [])
    host = Host(url, folder / "server.log")
    host.start()
    try:
        yield _Site(engine, company, host)
    finally:
        host.stop()
        company.close()
        engine.dispose()


class _Memory:
    """Resident size of the server's process, in MB."""

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)
        self._early = self._last = self._peak = 0.0

    def look(self, number: int, count: int) -> None:
        if number % 20 and number != count - 1:
            return
        if self._process.is_running():
            self._last = self._process.memory_info().rss / _MEGABYTE
        self._peak = max(self._peak, self._last)
        if number <= count // 10:
            self._early = self._last

    @property
    def growth(self) -> float:
        return self._last - self._early

    def told(self) -> dict[str, float]:
        return {
            "rss_early_mb": round(self._early, 1),
            "rss_end_mb": round(self._last, 1),
            "growth_mb": round(self.growth, 1),
            "peak_mb": round(self._peak, 1),
        }


# --- SOAP ---------------------------------------------------------------------------------------------------


class _Soap:
    """Spoiled calls over HTTP."""

    def __init__(self, site: _Site, random: Random) -> None:
        self._site, self._random = site, random
        self._connection: http.client.HTTPConnection | None = None
        hcp = site.company.host_company_preferences(OWNER)
        self._calls = [
            ("serverVersion", []),
            ("clientVersion", [("strVersion", "2.3.0.215")]),
            ("authenticate", [("strUserName", "nobody"), ("strPassword", "x")]),
            ("sendRequestXML", [
                ("ticket", "none"), ("strHCPResponse", hcp), ("strCompanyFileName", "C:\\a.qbw"),
                ("qbXMLCountry", "US"), ("qbXMLMajorVers", "13"), ("qbXMLMinorVers", "0"),
            ]),
            ("receiveResponseXML", [("ticket", "none"), ("response", hcp), ("hresult", ""), ("message", "")]),
            ("connectionError", [("ticket", "none"), ("hresult", "0x80040408"), ("message", "no")]),
            ("getLastError", [("ticket", "none")]),
            ("closeConnection", [("ticket", "none")]),
        ]  # fmt: skip
        self.statuses: dict[int, int] = {}

    def one(self, tally: Tally) -> None:
        """Post one spoiled call and look at the answer."""
        name, arguments = self._random.choice(self._calls)
        body = mutated(envelope(name, arguments), self._random)
        headers = {
            "Content-Type": self._random.choice(
                ("text/xml; charset=utf-8",) * 5 + ("text/xml", "text/plain", "text/xml; charset=utf-16")
            ),
            "SOAPAction": self._random.choice((f'"{NAMESPACE}{name}"',) * 5 + ('""', '"x"')),
        }
        try:
            status, reply = self._post(body, headers)
        except (OSError, http.client.HTTPException) as error:
            self._connection = None
            tally.found("crashes", f"no answer to {name}: {type(error).__name__}: {body[:80]!r}")
            return
        self.statuses[status] = self.statuses.get(status, 0) + 1
        trouble = spoken(status, reply)
        if trouble:
            tally.found("crashes", f"{name}: {trouble}: {body[:120]!r}")

    def _post(self, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", self._site.host.port, timeout=60)
        self._connection.request("POST", "/qbwc", body, headers)
        answer = self._connection.getresponse()
        content = answer.read()
        if answer.will_close:
            self._connection = None
        return answer.status, content


def spoken(status: int, reply: bytes) -> str | None:
    """What is wrong with an answer to bad input; None when it is an answer or a fault, in plain words."""
    if status not in _STATUSES:
        return f"HTTP {status}"
    if leak := _LEAK.search(reply):
        return f"the peer sees {leak[0]!r} in {reply[:200]!r}"
    if status == 200:
        try:
            etree.fromstring(reply)
        except etree.XMLSyntaxError as error:
            return f"the answer is no XML: {error}"
    return None


# --- qbXML --------------------------------------------------------------------------------------------------


def _columns(entity: str, document: str | bytes) -> object:
    found = re.search(r'requestID="([^"]*)"', _text(document))
    return qbxml.page_columns(document, found[1] if found else "", entity)


_READERS: tuple[Callable[[str | bytes], object], ...] = (
    lambda document: list(qbxml.parse_responses(document)),
    lambda document: list(qbxml.parse_records(document)),
    qbxml.message_set_status,
    lambda document: qbxml.company_info(_text(document)),
    lambda document: read_answer(Flight(kind="query", ids=("q",)), _text(document)),
    lambda document: read_answer(Flight(kind="write", ids=("q",)), _text(document)),
    *(partial(_columns, entity) for entity in ("Customer", "Item", "Invoice", "Terms")),
)


def _text(document: str | bytes) -> str:
    return document if isinstance(document, str) else document.decode("utf-8", "replace")


@dataclass(slots=True)
class _Answers:
    """Spoiled answers, to the parsers and to the server."""

    site: _Site
    random: Random
    read: int = 0
    _client: SoapClient | None = None
    _ticket: str | None = None
    _session: Any = None
    _first: str = ""
    _answers: list[bytes] = field(default_factory=list)

    def one(self, tally: Tally) -> None:
        """Spoil what QuickBooks answers to what the server asks, and bring it."""
        try:
            asked = self._asked()
        except SoapTrouble as trouble:
            tally.found("crashes", f"an honest call failed: {trouble}")
            self._client = self._ticket = None
            return
        answer = mutated(self._session.process(asked).encode(), self.random)
        self._parsers(answer, tally)
        # What goes into a SOAP element is text: bytes that are none never get that far.
        text = re.sub(
            r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]", "", answer.decode("utf-8", "replace")
        )
        try:
            told = self._call("receiveResponseXML", ("response", text), ("hresult", ""), ("message", ""))
            if told == "-1":
                reason = self._call("getLastError")
                if trouble := _leaked(reason):
                    tally.found("crashes", f"getLastError: {trouble}")
                self._close()
            else:
                self.read += 1
        except SoapTrouble as trouble:
            tally.found("crashes", f"receiveResponseXML: {trouble}: {answer[:120]!r}")
            self._client = self._ticket = None

    def _parsers(self, answer: bytes, tally: Tally) -> None:
        for document in (answer, _text(answer)):
            for reader in _READERS:
                try:
                    reader(document)
                except QbxmlError:
                    pass
                except Exception as error:
                    tally.found(
                        "crashes", f"a parser raised {type(error).__name__}: {error}: {answer[:200]!r}"
                    )

    def _asked(self) -> str:
        """The next message set of a live session, with something to read or to write."""
        for _ in range(5):
            if self._ticket is None:
                self._login()
            document = self._call(
                "sendRequestXML", ("strHCPResponse", self._first),
                ("strCompanyFileName", self.site.company.file_name), ("qbXMLCountry", "US"),
                ("qbXMLMajorVers", "13"), ("qbXMLMinorVers", "0"),
            )  # fmt: skip
            self._first = ""
            if document:
                return document
            self._close()
        raise SoapTrouble("the server never had anything to send", sent=True)

    def _login(self) -> None:
        self._client = self._client or SoapClient(self.site.host.url)
        self._work()
        told = self._client.call("authenticate", [("strUserName", USER), ("strPassword", PASSWORD)])
        if told[1] in ("none", "nvu", "busy"):
            raise SoapTrouble(f"authenticate answered {told[1]}", sent=True)
        self._ticket, self._session = told[0], self.site.company.session(owner_id=OWNER)
        self._first = self.site.company.host_company_preferences(OWNER)

    def _work(self) -> None:
        """Something to read and something to write, as long as little is waiting."""
        waiting = queue.requests(self.site.engine, COMPANY, state=("queued", "sent"))
        if len(waiting) < 3:
            name = queue.new_id()
            entity = self.random.choice(("Customer", "Invoice", "Item", "Terms"))
            write = queue.WriteRequest(
                id=name, entity="Customer", action="add", fields={"Name": name}, probe={"FullName": name}
            )
            queue.enqueue(self.site.engine, COMPANY, [queue.QueryRequest(entity=entity), write])

    def _call(self, operation: str, *arguments: tuple[str, str]) -> str:
        assert self._client is not None
        return self._client.call(operation, [("ticket", self._ticket or ""), *arguments])[0]

    def _close(self) -> None:
        self._call("closeConnection")
        self._ticket = None


def _leaked(text: str) -> str | None:
    found = _LEAK.search(text.encode())
    return f"the peer sees {found[0]!r} in {text[:200]!r}" if found else None


def _honest_session(site: _Site, tally: Tally) -> None:
    """After all that, what is asked for in order is done in order."""
    write = queue.WriteRequest(
        id="honest", entity="Customer", action="add", fields={"Name": "Honest"}, probe={"FullName": "Honest"}
    )
    queue.enqueue(site.engine, COMPANY, [write])
    connector = WebConnector(site.company, site.host.url, USER, PASSWORD, owner_id=OWNER, file_id=FILE)
    for _ in range(10):
        if connector.update_selected().outcome == "nothing":
            break
    tally.writes = 1
    (row,) = queue.requests(site.engine, COMPANY, ids=["honest"])
    there = sum(one["Name"] == "Honest" for one in site.company.records("Customer"))
    if row.state == "answered" and there == 1:
        tally.applied_once = 1
    else:
        tally.found("lost", f"the honest change is {row.state}, {there} in the company file: {row.error}")
    assert users.company(site.engine, COMPANY).paired
