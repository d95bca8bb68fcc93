"""A session under anything that can happen to it, in any order, against a reference that counts what ran.

Hypothesis logs in, asks, lets QuickBooks run or refuse, brings answers once, twice, late, mixed up or never,
logs in again from beside, restarts the server, lets somebody change records by hand, and cancels.  At every
moment no write ran twice; at the end each request is settled, for a person, or waits for one that is, and
what its row says is what the reference has seen.
"""

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from qbwc import queue, store, users
from qbwc.session import Desk, Limits
from qbwc.users import passwords
from tests.unit.qbwc_server.qbwc_driver import FILE, OWNER, PATH, SEAL_KEY
from tests.unit.qbwc_server.qbwc_reference import CUSTOM, Reference

pytestmark = pytest.mark.long

HCP = (
    f"<QBXML><QBXMLMsgsRs><CompanyQueryRs statusCode='0'><CompanyRet><CompanyName>Alpine</CompanyName>"
    f"<DataExtRet><OwnerID>{OWNER}</OwnerID><DataExtName>FileID</DataExtName>"
    f"<DataExtValue>{FILE}</DataExtValue></DataExtRet></CompanyRet></CompanyQueryRs></QBXMLMsgsRs></QBXML>"
)
FATES = [
    "well",
    "well",
    "brought twice",
    "never arrived",
    "ran, answer lost",
    "ran, then broke",
    "broke",
]
HRESULTS = ["0x80040402", "0x80040408", "0x80010105"]


class Sessions(RuleBasedStateMachine):
    """State: what the Web Connector holds (ticket, document, answer) and what was queued."""

    @initialize(size=st.integers(1, 3), kinds=st.lists(st.sampled_from(range(8)), min_size=3, max_size=6))
    def begin(self, size, kinds):
        self.folder = Path(tempfile.mkdtemp())
        self.engine = store.open_store(f"sqlite:///{self.folder / 'store.sqlite'}")
        queue.seal_with(self.engine, SEAL_KEY)
        store.create_tables(self.engine)
        users.add_user(
            self.engine, name="maria", password="p", company="alpine", file_id=FILE, owner_id=OWNER
        )
        with store.writing(self.engine) as connection:
            connection.execute(store.users.update().values(password=passwords.hash_password("p", log_n=2)))
        users.open_pairing(self.engine, "alpine", minutes=600)
        self.limits = Limits(writes=size, attempts=40)
        self.desk = Desk(self.engine, limits=self.limits)
        self.books = Reference()
        self.queued = {}  # id -> what the reference counts when it ran
        self.tickets, self.ticket, self.old = [], None, []
        self.first = self.awaited = False
        self.queue_some(kinds)

    def teardown(self):
        if hasattr(self, "engine"):
            try:
                self._finish()
            finally:
                self.engine.dispose()
                shutil.rmtree(self.folder, ignore_errors=True)

    # --- what is queued ------------------------------------------------------------------------------------

    def _queue(self, request, *counted):
        (name,) = queue.enqueue(self.engine, "alpine", [request])
        self.queued[name] = counted

    @rule(kinds=st.lists(st.sampled_from(range(8)), min_size=1, max_size=4))
    def queue_some(self, kinds):
        for kind in kinds:
            KINDS[kind](self)

    def queue_an_add(self, probe=True):
        name = f"New {len(self.queued)}"
        fields = {"Name": name, "Phone": "1"}
        request = queue.WriteRequest(
            entity="Customer", action="add", fields=fields, probe={"FullName": name} if probe else None
        )
        self._queue(request, "add", "Customer", name)

    def queue_a_customer_and_its_invoice(self):
        number = len(self.queued)
        self.queue_an_add()
        parent = list(self.queued)[-1]
        customer = {"$answer": parent, "field": "ListID"}
        request = queue.WriteRequest(
            entity="Invoice", action="add", fields={"CustomerRef_ListID": customer, "RefNumber": str(number)},
            lines=[{"Desc": "x"}], probe={"RefNumber": str(number), "CustomerRef_ListID": customer},
        )  # fmt: skip
        self._queue(request, "add", "Invoice", str(number))

    def queue_a_change(self):
        key = self.books.put("Customer", Name=f"Old {len(self.queued)}", Phone="0")
        version = self.books.records["Customer", key]["EditSequence"]
        phone = f"9-{len(self.queued)}"
        request = queue.WriteRequest(
            entity="Customer", action="mod", key=key, edit_sequence=version, fields={"Phone": phone},
            expected={"Phone": "0"},
        )  # fmt: skip
        self._queue(request, "mod", key, phone)

    def queue_a_removal(self, action):
        entity = "Invoice" if action == "void" else "Estimate"
        key = self.books.put(entity, RefNumber=f"R{len(self.queued)}", Subtotal="80.00")
        version = self.books.records[entity, key]["EditSequence"]
        request = queue.WriteRequest(entity=entity, action=action, key=key, edit_sequence=version)
        self._queue(request, "TxnVoid" if action == "void" else "TxnDel", key)

    def queue_a_custom_field(self):
        key, value = self.books.put("Customer", Name=f"Held {len(self.queued)}"), f"v{len(self.queued)}"
        fields = {"OwnerID": "0", "DataExtName": CUSTOM, "ListDataExtType": "Customer", "DataExtValue": value}
        request = queue.WriteRequest(
            entity="DataExt", action="mod", fields={**fields, "ListObjRef_ListID": key},
            expected={"DataExtValue": ""},
        )  # fmt: skip
        self._queue(request, "custom", key, value)

    def queue_a_pull(self):
        queue.enqueue(self.engine, "alpine", [queue.QueryRequest(entity="Terms")])

    @precondition(lambda self: self.queued)
    @rule(data=st.data())
    def cancel(self, data):
        queue.cancel(self.engine, [data.draw(st.sampled_from(list(self.queued)))], "withdrawn")

    # --- what happens --------------------------------------------------------------------------------------

    @rule()
    def log_in(self):
        """The first login, or one that supersedes: whatever was under way is lost."""
        ticket, verdict = self.desk.authenticate("maria", "p")
        self.ticket = None if verdict == "none" else ticket
        self.first, self.awaited = True, False
        self.tickets.append(ticket)

    @rule(fate=st.sampled_from(FATES), hresult=st.sampled_from(HRESULTS))
    def message_set(self, fate, hresult):
        """The next set, and what becomes of it on its way; a login first where no session is open."""
        if not self.ticket:
            self.log_in()
        if not self.ticket:
            return
        document = self.desk.send_request(self.ticket, HCP if self.first else "", PATH, "US", 13, 0)
        self.first, self.awaited = False, bool(document)
        if not document:
            self.close()
        elif fate == "broke":
            self._bring("", hresult)
        elif fate != "never arrived":
            answer = self.books.process(document)
            self.old.append(answer)
            if fate == "ran, then broke":
                self._bring("", hresult)
            elif fate != "ran, answer lost":
                self._bring(answer, "", times=2 if fate == "brought twice" else 1)

    def _bring(self, answer, hresult, times=1):
        self.awaited = False
        for _ in range(times):
            told = self.desk.receive_response(self.ticket, answer, hresult, "")
        assert -1 <= told <= 100
        if told in (-1, 100):
            self.close()

    @precondition(lambda self: self.ticket and self.old and not self.awaited)
    @rule(data=st.data())
    def bring_an_old_answer(self, data):
        """A duplicate that lay about, after the answer that was awaited: it must change nothing."""
        self.desk.receive_response(self.ticket, data.draw(st.sampled_from(self.old)), "", "")

    @precondition(lambda self: len(self.tickets) > 1)
    @rule(data=st.data())
    def a_dead_session_calls(self, data):
        ticket = data.draw(st.sampled_from(self.tickets[:-1]))
        assert self.desk.send_request(ticket, HCP, PATH, "US", 13, 0) == ""
        assert self.desk.receive_response(ticket, "<QBXML/>", "", "") == -1
        self.desk.close(ticket)

    @precondition(lambda self: self.ticket)
    @rule()
    def close(self):
        if self.ticket:
            self.desk.close(self.ticket)
        self.ticket = None

    @rule()
    def restart_the_server(self):
        self.desk = Desk(self.engine, limits=self.limits)

    @rule()
    def quickbooks_forgets_its_answers(self):
        self.books.answers.clear()

    @precondition(lambda self: self.books.records)
    @rule(data=st.data())
    def somebody_edits_a_record(self, data):
        entity, key = data.draw(st.sampled_from(sorted(self.books.records)))
        if entity == "Customer":
            self.books.touch(entity, key, Fax="by hand")

    # --- what must hold ------------------------------------------------------------------------------------

    @invariant()
    def nothing_ran_twice(self):
        if hasattr(self, "books"):
            assert not [what for what, times in self.books.applied.items() if times > 1]

    @invariant()
    def what_is_settled_is_true(self):
        if hasattr(self, "books"):
            self._check_settled()

    def _check_settled(self):
        for row in queue.requests(self.engine, ids=list(self.queued)):
            ran = self.books.applied[self.queued[row.id]]
            if row.state == "answered":
                assert ran == 1, f"{row.id} is answered, but ran {ran} times: {self.queued[row.id]}"
            if row.state in ("failed", "cancelled"):
                assert ran == 0, f"{row.id} is {row.state}, but ran: {row.error}"

    def _finish(self):
        for _ in range(300):
            self.message_set("well", "")
            if not self.ticket and self.desk.authenticate("maria", "p")[1] == "none":
                break
        else:
            raise AssertionError("there is still work")
        self.nothing_ran_twice()
        self._check_settled()
        rows = {row.id: row for row in queue.requests(self.engine)}
        for row in rows.values():
            assert row.state != "sent", row
            if row.state == "queued":
                assert any(rows[parent].state == "unknown" for parent in row.request.depends_on), row
            if row.state == "unknown":
                assert row.error.startswith("the answer was lost")
        seen = {what for what, times in self.books.applied.items() if times}
        assert seen <= set(self.queued.values()), "something ran that nobody queued"


KINDS = [
    Sessions.queue_an_add,
    lambda sessions: sessions.queue_an_add(probe=False),
    Sessions.queue_a_customer_and_its_invoice,
    Sessions.queue_a_change,
    lambda sessions: sessions.queue_a_removal("void"),
    lambda sessions: sessions.queue_a_removal("delete"),
    Sessions.queue_a_custom_field,
    Sessions.queue_a_pull,
]

TestSessions = Sessions.TestCase
TestSessions.settings = settings(
    max_examples=30, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
