"""A Web Connector for tests: it makes the calls in QBWC's order and can lose any of them.

It drives anything that has the desk's calls: the desk itself, or a SOAP client in front of a server.  A fault
is named by what QBWC was about to do: `send` (the reply to sendRequestXML is lost, QuickBooks gets nothing),
`run` (QuickBooks has run the set, the answer is lost), `receive` (the answer arrives, its reply is lost).
After a fault the Web Connector is gone, as after a crash: nothing is closed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from qbwc import queue, store, users
from qbwc.session import Desk, Limits
from qbwc.simulator.company import CompanyFile
from qbwc.simulator.refusals import QuickBooksRefused
from qbwc.users import passwords

OWNER = "{57F3B9B1-86F1-4FCC-B1EE-566DE1813D20}"
FILE = "{90A44FB5-33D9-4815-AC85-BC87A7E7D1EB}"
OTHER_FILE = "{11111111-33D9-4815-AC85-BC87A7E7D1EB}"
PATH = "C:\\Company Files\\Company.qbw"

SEED = {
    "Company": {"CompanyName": "Alpine Tools", "FileName": PATH},
    "Account": [
        {"Name": "Sales", "AccountType": "Income"},
        {"Name": "Accounts Receivable", "AccountType": "AccountsReceivable"},
    ],
    "Vendor": [{"Name": "Rope Maker"}],
    "Customer": [{"Name": f"Customer {number:02}", "Phone": f"555-{number:04}"} for number in range(1, 8)],
    "ItemService": [
        {
            "Name": "Guiding",
            "SalesOrPurchase_Price": "80.00",
            "SalesOrPurchase_AccountRef_FullName": "Sales",
        }
    ],
}


class Gone(Exception):
    """The fault happened: this Web Connector makes no further call."""


@dataclass
class Log:
    """What a session looked like from the Web Connector."""

    verdict: str = ""
    sent: list[str] = field(default_factory=list)
    percents: list[int] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    farewell: str = ""


class Connector:
    """One application row of a Web Connector, on one computer, with one company file open in QuickBooks."""

    def __init__(self, calls, company, *, user="maria", password="correct horse", path=PATH):
        self.calls, self.company = calls, company
        self.user, self.password, self.path = user, password, path
        self.fault: Callable[[str, int], bool] = lambda _step, _number: False
        self.wait: Callable[[], None] = lambda: None
        self.between: Callable[[], None] = lambda: None
        self.open = lambda company: company.session(owner_id=OWNER)
        self._number = 0

    def update(self) -> Log:
        """Update Selected, from login to closeConnection."""
        log = Log()
        ticket, log.verdict = self.calls.authenticate(self.user, self.password)
        if log.verdict in ("none", "nvu", "busy"):
            log.farewell = self.calls.close(ticket)
            return log
        session = self.open(self.company)
        hcp = self.company.host_company_preferences(OWNER)
        while True:
            text = self.calls.send_request(ticket, hcp, self.path, "US", 13, 0)
            hcp = ""
            self._fault("send")
            if text:
                log.sent.append(text)
                percent = self._run(session, ticket, text)
                log.percents.append(percent)
                self._fault("receive")
                if percent == 100:
                    break
                if percent >= 0:
                    self.between()
                    continue
            error = self.calls.last_error(ticket)
            if error == "NoOp":
                self.wait()
                continue
            log.errors.append(error)
            break
        log.farewell = self.calls.close(ticket)
        return log

    def _run(self, session, ticket, text):
        try:
            answer = session.process(text)
        except QuickBooksRefused as refused:
            return self.calls.receive_response(ticket, "", refused.hresult, refused.message)
        self._fault("run")
        return self.calls.receive_response(ticket, answer, "", "")

    def _fault(self, step):
        self._number += 1
        if self.fault(step, self._number):
            raise Gone(step)


def gone_at(*numbers: int) -> Callable[[str, int], bool]:
    """A fault at these steps, counted from 1."""
    return lambda _step, number: number in numbers


def gone_when(step: str) -> Callable[[str, int], bool]:
    """A fault the first time QBWC is about to do this."""
    left = [step]
    return lambda now, _number: bool(left and now == left[0] and left.pop())


@dataclass
class Office:
    """A store, a paired company file and a Web Connector: what most stories begin with."""

    engine: object
    company: CompanyFile
    desk: Desk
    connector: Connector

    def restart(self):
        """The server's process ends and another one starts."""
        self.desk = Desk(self.engine, limits=self.desk.limits, clock=self.desk.clock)
        self.connector.calls = self.desk

    def state(self, *ids):
        """State of requests by id, or of one."""
        found = {row.id: row.state for row in queue.requests(self.engine, ids=list(ids))}
        return found[ids[0]] if len(ids) == 1 else [found[name] for name in ids]

    def row(self, request_id):
        (row,) = queue.requests(self.engine, ids=[request_id])
        return row

    def customers(self):
        """Customer names in the company file."""
        return [record["FullName"] for record in self.company.records("Customer")]

    def customer(self, name):
        return next(one for one in self.company.records("Customer") if one["FullName"] == name)

    def enqueue(self, *requests):
        return queue.enqueue(self.engine, "alpine", requests)


SEAL_KEY = b"a key that is kept outside the store"


def make_office(folder, *, clock=store.now, limits=None, seed=SEED, paired=True, stamp=FILE, url=None):
    """An office in a folder."""
    engine = store.open_store(url or f"sqlite:///{folder / 'store.sqlite'}")
    queue.seal_with(engine, SEAL_KEY)
    store.create_tables(engine)
    users.add_user(
        engine, name="maria", password="correct horse", company="alpine", file_id=FILE, owner_id=OWNER
    )
    with store.writing(engine) as connection:  # a login that costs nothing: these stories log in often
        cheap = passwords.hash_password("correct horse", log_n=2)
        connection.execute(store.users.update().values(password=cheap))
    company = CompanyFile.create(folder / "company.db", seed)
    if stamp:
        company.stamp(OWNER, stamp)
    if paired:
        users.open_pairing(engine, "alpine", minutes=10)
    desk = Desk(engine, limits=limits or Limits(linger_seconds=0), clock=clock)
    office = Office(engine, company, desk, Connector(desk, company))
    if paired:
        office.connector.update()
    return office


def add(name, *, request_id=None, probe=True, **fields):
    """Add a customer."""
    return queue.WriteRequest(
        id=request_id,
        entity="Customer",
        action="add",
        fields={"Name": name, **fields},
        probe={"FullName": name} if probe else None,
    )


def invoice(customer, number, *, request_id=None, quantity="2"):
    """Add an invoice; QuickBooks takes two of the same number without a word."""
    return queue.WriteRequest(
        id=request_id,
        entity="Invoice",
        action="add",
        fields={"CustomerRef_ListID": customer["ListID"], "RefNumber": number, "TxnDate": "2026-03-30"},
        lines=[{"ItemRef_FullName": "Guiding", "Quantity": quantity, "Rate": "80.00"}],
        probe={"RefNumber": number, "CustomerRef_ListID": customer["ListID"]},
    )


def mod(record, *, request_id=None, expected=None, **fields):
    """Change a customer as it was reviewed."""
    return queue.WriteRequest(
        id=request_id,
        entity="Customer",
        action="mod",
        key=record["ListID"],
        edit_sequence=record["EditSequence"],
        fields=fields,
        expected=expected,
    )


NOON = datetime(2026, 3, 30, 12, 0, tzinfo=UTC)


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self):
        self.now = NOON

    def __call__(self):
        return self.now

    def pass_time(self, **span):
        self.now += timedelta(**span)


def forget_answers(company):
    """QuickBooks loses the answers it kept of message sets."""
    with company._books.change():
        company._books.run("delete from message_sets", ())


def lose_everything(office, step, *, forget=True):
    """A session that ends at this step; `forget` makes QuickBooks lose the answers it kept."""
    office.connector.fault = gone_when(step)
    with pytest.raises(Gone):
        office.connector.update()
    office.connector.fault = lambda _step, _number: False
    if forget:
        forget_answers(office.company)


class Refusing:
    """A QuickBooks session that answers some sets with an HRESULT."""

    def __init__(self, session, when, hresult):
        self.session, self.when, self.hresult = session, when, hresult
        self.documents = []

    def process(self, text):
        self.documents.append(text)
        if self.when(text):
            raise QuickBooksRefused(self.hresult, "QuickBooks found an error when parsing the provided XML")
        return self.session.process(text)


def refuse(office, when, hresult="0x80040400"):
    office.connector.open = lambda company: Refusing(company.session(owner_id=OWNER), when, hresult)
