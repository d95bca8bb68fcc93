"""A pretend Web Connector: talks SOAP to a real server in the order of the real one.

    log = WebConnector(company, url, "user", "secret", owner_id=..., file_id=...).update_selected()

The order of calls and what each answer leads to follow recorded logs and Intuit's Programmer's Guide.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lxml import etree

from qbwc.errors import QbwcError
from qbwc.simulator.company import CompanyFile
from qbwc.simulator.faults import Crash, Fault
from qbwc.simulator.log import Call, Exchange, Outcome, SessionLog
from qbwc.simulator.refusals import QuickBooksRefused
from qbwc.simulator.session import Session
from qbwc.simulator.soap import SoapClient, SoapTrouble

CLIENT_VERSION = "2.3.0.215"
_SECRET = frozenset({"strPassword", "ticket"})
# What QBWC calls an exception in each operation (Guide 2009, Appendix A).
_CODES = {
    "authenticate": "QBWC1012",
    "sendRequestXML": "QBWC1041",
    "receiveResponseXML": "QBWC1042",
    "getLastError": "QBWC1043",
    "closeConnection": "QBWC1044",
    "connectionError": "QBWC1045",
    "clientVersion": "QBWC1046",
}
_MODAL = Fault(kind="modal", hresult="0x80040414").told
_OTHER_FILE = Fault(kind="cannot_open", hresult="0x80040408").told


class _Ended(Exception):
    """The update is over."""

    def __init__(self, outcome: Outcome, message: str) -> None:
        super().__init__(message)
        self.outcome, self.message = outcome, message


@dataclass(slots=True)
class WebConnector:
    """One application in the Web Connector, with its company file.

    Attributes:
        company: What QuickBooks has open.
        url: AppURL of the server.
        ca: Certificate to trust for https.
        owner_id, file_id: As in the .qwc; the file is stamped with them at the first update.  Without them
            the file's only stamp tells the OwnerID.
        faults: Mishaps, each struck once in the life of the connector.
        noop_seconds: Pause after "NoOp"; the real one waits 5.
        noop_limit: "NoOp" answers in a row after which this one gives up; the real one never does.
        keep_documents: Keep every document in the log.
    """

    company: CompanyFile
    url: str
    user: str
    password: str = field(repr=False)
    ca: Path | None = field(default=None, kw_only=True)
    owner_id: str | None = field(default=None, kw_only=True)
    file_id: str | None = field(default=None, kw_only=True)
    faults: Sequence[Fault] = field(default=(), kw_only=True)
    noop_seconds: float = field(default=5.0, kw_only=True)
    noop_limit: int = field(default=100, kw_only=True)
    keep_documents: bool = field(default=True, kw_only=True)
    sleep: Callable[[float], None] = field(default=time.sleep, kw_only=True, repr=False)
    _struck: set[int] = field(default_factory=set, init=False, repr=False)

    def update_selected(self) -> SessionLog:
        """One update, as when its user presses Update Selected; trouble is told in the log, never raised."""
        if self.owner_id and self.file_id:
            self.company.stamp(self.owner_id, self.file_id)
        return _Update(self).run()

    def fault(self, *kinds: str, at: int | None = None) -> Fault | None:
        """The fault that strikes now, if any; it will not strike again."""
        for number, fault in enumerate(self.faults):
            if number not in self._struck and fault.kind in kinds and at in (None, fault.at):
                self._struck.add(number)
                return fault
        return None


def from_qwc(company: CompanyFile, qwc: str, password: str, *, ca: Path | None = None) -> WebConnector:
    """Add an application by its .qwc file: address, user, OwnerID and FileID; stamps the company file.

    `QbwcError` QBWC1039 when an element is missing or the file carries another stamp for this OwnerID.
    """
    root = etree.fromstring(qwc.encode(), etree.XMLParser(resolve_entities=False, no_network=True))
    wanted = (
        "AppName",
        "AppID",
        "AppURL",
        "AppDescription",
        "AppSupport",
        "UserName",
        "OwnerID",
        "FileID",
        "QBType",
    )
    missing = [name for name in wanted if root.find(name) is None]
    if missing:
        raise QbwcError(f"QBWC1039: the .qwc lacks {', '.join(missing)}", fix="Write the .qwc again.")
    told = {name: root.findtext(name) or "" for name in wanted}
    company.stamp(told["OwnerID"], told["FileID"])
    return WebConnector(
        company,
        told["AppURL"],
        told["UserName"],
        password,
        ca=ca,
        owner_id=told["OwnerID"],
        file_id=told["FileID"],
    )


class _Update:
    """One update from serverVersion to closeConnection."""

    def __init__(self, connector: WebConnector) -> None:
        self._connector = connector
        self._company = connector.company
        self._client = SoapClient(connector.url, ca=connector.ca)
        self._log = SessionLog()
        self._ticket: str | None = None
        self._owner_id = connector.owner_id or self._company.only_owner()
        self._session: Session | None = None
        self._sets = 0
        self._closed: Fault | None = None

    def run(self) -> SessionLog:
        try:
            self._greet()
            self._open(self._authenticate())
            self._work()
        except _Ended as ended:
            self._log.outcome, self._log.message = ended.outcome, ended.message
            self._close()
        except Crash as crash:
            self._log.outcome, self._log.message = "crashed", str(crash)
        except SoapTrouble as trouble:
            self._log.outcome, self._log.message = "unreachable", str(trouble)
        finally:
            self._client.close()
        return self._log

    def _greet(self) -> None:
        self._call("serverVersion")
        answer = self._call("clientVersion", ("strVersion", CLIENT_VERSION))
        if answer[:2] in ("E:", "O:"):
            # That O: stops the update rests on the Guide alone.
            raise _Ended("refused", answer[2:])
        if answer and answer[:2] != "W:":
            raise _Ended("failed", f"QBWC1046: the answer to clientVersion has bad syntax: {answer!r}")

    def _authenticate(self) -> str:
        connector = self._connector
        login = (("strUserName", connector.user), ("strPassword", connector.password))
        if connector.fault("authenticate_twice"):
            self._strings("authenticate", *login)
        told = self._strings("authenticate", *login)
        self._ticket, file_name = told[0], told[1]
        if len(told) > 3 and told[3].isdigit():
            self._log.minimum_seconds = int(told[3])
        ended: dict[str, tuple[Outcome, str]] = {
            "none": ("nothing", "No data exchange required"),
            "nvu": ("refused", "Not valid user: user name or password not accepted"),
            "busy": ("busy", "Application busy"),
        }
        if file_name in ended:
            raise _Ended(*ended[file_name])
        if len(told) > 2 and told[2].isdigit() and int(told[2]) > 0 and not file_name:
            raise _Ended("postponed", f"Update postponed by application for {told[2]} seconds")
        return file_name

    def _open(self, file_name: str) -> None:
        """Open the company file; what the server says to connectionError is the next path to try."""
        switched = self._connector.fault("other_company")
        if switched and switched.other:
            self._company = switched.other
        for _ in range(5):
            trouble: tuple[str, str] | None = None
            shut = self._connector.fault("modal", "cannot_open")
            if shut:
                trouble = _MODAL if shut.kind == "modal" else shut.told
            elif file_name and file_name.casefold() != self._company.file_name.casefold():
                trouble = _OTHER_FILE
            if trouble is None:
                self._session = self._company.session(owner_id=self._owner_id)
                return
            answer = self._ticketed("connectionError", ("hresult", trouble[0]), ("message", trouble[1]))
            if answer.lower() == "done":
                raise _Ended("failed", f"{trouble[0]} {trouble[1]}")
            file_name = answer
        raise _Ended("failed", f"{trouble[0]} {trouble[1]}" if trouble else "")

    def _work(self) -> None:
        first = self._company.host_company_preferences(self._owner_id)
        noops = 0
        while True:
            given = (
                ("strHCPResponse", first), ("strCompanyFileName", self._company.file_name),
                ("qbXMLCountry", self._company.country), ("qbXMLMajorVers", "13"), ("qbXMLMinorVers", "0"),
            )  # fmt: skip
            if self._connector.fault("send_twice", at=self._sets + 1):
                self._ticketed("sendRequestXML", *given)
            document = self._ticketed("sendRequestXML", *given)
            first = ""
            if document:
                noops = 0
                self._sets += 1
                self._exchange(document)
                continue
            error = self._ticketed("getLastError")
            noops += 1
            if error != "NoOp" or noops > self._connector.noop_limit:
                raise _Ended("failed", error)
            self._connector.sleep(self._connector.noop_seconds)

    def _exchange(self, document: str) -> None:
        response, hresult, message = self._process(document)
        if self._connector.keep_documents:
            self._log.exchanges.append(Exchange(request=document, response=response, hresult=hresult))
        arguments = (("response", response), ("hresult", hresult), ("message", message))
        if self._strike("lose_answer"):
            raise Crash("the Web Connector died before it told the answer")
        if self._strike("drop_call"):
            self._client.send_half("receiveResponseXML", (("ticket", self._ticket or ""), *arguments))
            raise Crash("the connection was lost in the middle of receiveResponseXML")
        if self._strike("drop_reply"):
            self._client.send_only("receiveResponseXML", (("ticket", self._ticket or ""), *arguments))
            raise Crash("the connection was lost before the reply to receiveResponseXML was read")
        answer = self._ticketed("receiveResponseXML", *arguments)
        if self._strike("duplicate"):
            answer = self._ticketed("receiveResponseXML", *arguments)
        progress = int(answer) if answer.lstrip("-").isdigit() else -1
        self._log.progress.append(progress)
        if progress < 0:
            raise _Ended("failed", self._ticketed("getLastError"))
        if progress >= 100:
            raise _Ended("done", "")

    def _process(self, document: str) -> tuple[str, str, str]:
        """Hand the document to QuickBooks: (response, hresult, message)."""
        assert self._session is not None
        if self._strike("crash_before_work"):
            raise Crash("the Web Connector died before it handed the request to QuickBooks")
        slow = self._strike("slow")
        if slow:
            self._connector.sleep(slow.seconds)
        if self._strike("new_session"):
            self._session = self._company.session(owner_id=self._owner_id)
        self._closed = self._closed or self._strike("closed")
        before = self._closed or self._strike("hresult_before")
        if before:
            return "", *before.told
        try:
            response = self._session.process(document)
        except QuickBooksRefused as refused:
            return "", refused.hresult, refused.message
        after = self._strike("hresult_after")
        return ("", *after.told) if after else (response, "", "")

    def _strike(self, kind: str) -> Fault | None:
        return self._connector.fault(kind, at=self._sets)

    def _close(self) -> None:
        self._session = None
        try:
            told = self._ticketed("closeConnection")
        except (SoapTrouble, _Ended) as trouble:
            told = str(trouble)
        self._log.message = self._log.message or told

    def _ticketed(self, operation: str, *arguments: tuple[str, str]) -> str:
        return self._call(operation, ("ticket", self._ticket or ""), *arguments)

    def _call(self, operation: str, *arguments: tuple[str, str]) -> str:
        return self._strings(operation, *arguments)[0]

    def _strings(self, operation: str, *arguments: tuple[str, str]) -> list[str]:
        started = time.perf_counter()
        answer: list[str] = []
        try:
            answer = self._client.call(operation, arguments)
        except SoapTrouble as trouble:
            answer = [str(trouble)]
            if operation in ("serverVersion", "clientVersion") and not trouble.sent:
                raise
            raise _Ended("failed", f"{_CODES.get(operation, 'QBWC')}: {trouble}") from None
        finally:
            shown = tuple(_short(name, text) for name, text in arguments)
            seconds = time.perf_counter() - started
            told = ("...", *answer[1:]) if operation == "authenticate" else tuple(map(_cut, answer))
            self._log.calls.append(
                Call(operation=operation, arguments=shown, result=tuple(told), seconds=seconds)
            )
        return answer


def _short(name: str, text: str) -> str:
    return f"{name}=..." if name in _SECRET else f"{name}={_cut(text)}"


def _cut(text: str) -> str:
    """The first 50 characters, as QBWC logs at level DEBUG."""
    return text if len(text) <= 50 else f"{text[:50]}... ({len(text)})"
