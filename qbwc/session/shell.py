"""Around the pure machine: tickets, the clock and the store.  One object serves all companies.

Every call loads the session, steps the machine, and writes state and effects in one transaction that is
committed before the reply.  No call raises: QBWC shows a SOAP fault as a riddle, so trouble is kept and told
through getLastError.  Where the store itself is out of reach, authenticate answers "busy": QBWC then says so
and comes again by itself.
"""

from __future__ import annotations

import logging
import secrets
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine

from qbwc import store, tape, users
from qbwc.errors import QbwcError, QbxmlError
from qbwc.qbxml import CompanyInfo, company_info
from qbwc.queue import WriteRequest, look
from qbwc.queue.look import Work
from qbwc.session import machine, opening, rows
from qbwc.session.answers import read_answer
from qbwc.session.effects import apply
from qbwc.session.model import AGAIN, ERROR, Answer, Document, Effect, Flight, Limits, Receive, Send, State
from qbwc.session.trouble import Trouble

log = logging.getLogger("qbwc.session")

_MOST_STEPS = 10_000
_LOOK_SECONDS = 0.05


class Desk:
    """Answers the calls of the Web Connector for every company in a store."""

    def __init__(
        self,
        engine: Engine,
        *,
        limits: Limits | None = None,
        clock: Callable[[], datetime] = store.now,
        throttle: users.Throttle | None = None,
    ) -> None:
        self.engine = engine
        self.limits = limits or Limits()
        self.clock = clock
        self.throttle = throttle or users.Throttle(clock=clock)
        self.trouble = Trouble()

    # --- the calls ----------------------------------------------------------------------------------------

    def authenticate(self, name: str, password: str, *, peer: str = "") -> list[str]:
        """Answer [ticket, company file path | "" | "none" | "nvu" | "busy"], and its pace if one is set."""
        ticket = secrets.token_hex(20)
        try:
            company_id = users.check_login(self.engine, self.throttle, name, password, peer)
            if company_id is None:
                log.warning("login refused for user %r from %s", name[:100], peer or "unknown")
                return [ticket, opening.NVU]
            with store.writing(self.engine) as connection:
                opened = opening.open_session(
                    connection, company_id, ticket, name, peer, now=self.clock(), limits=self.limits
                )
            if opened.postponed:
                self.trouble.say(ticket, opened.postponed)
            return [ticket, *opened.answer]
        except Exception as error:
            self.trouble.remember(ticket, error)
            return [ticket, opening.BUSY]

    def send_request(
        self, ticket: str, hcp: str, path: str, country: str, major: int | None, minor: int | None
    ) -> str:
        """Answer the next message set; "" when there is none, and getLastError tells why."""
        try:
            info, unreadable = _company(hcp, path, country)
            until = time.monotonic() + self.limits.linger_seconds
            for _ in range(_MOST_STEPS):
                text = self._send(ticket, info, unreadable, path, (major or 0, minor or 0))
                if text or (text is not None and not self._work_comes(ticket, until)):
                    return text
            raise RuntimeError("the session came to no end")
        except Exception as error:
            self.trouble.remember(ticket, error)
            return ""

    def receive_response(self, ticket: str, response: str, hresult: str, message: str) -> int:
        """Answer how far the session is in percent; -1 when it ends early."""
        try:
            return self._receive(ticket, response, hresult.strip(), message)
        except Exception as error:
            self.trouble.remember(ticket, error)
            return -1

    def knows(self, ticket: str) -> bool:
        """Whether that ticket has an open session; a store out of reach counts as yes, to lose no answer."""
        try:
            with store.reading(self.engine) as connection:
                return rows.session_row(connection, ticket, self.clock()) is not None
        except QbwcError:
            return True

    def connection_error(self, ticket: str, hresult: str, message: str) -> str:
        """QBWC cannot reach QuickBooks; answer "done", since another path would not help."""
        try:
            with store.writing(self.engine) as connection:
                row = rows.session_row(connection, ticket, self.clock())
                if row is not None:
                    self._save(
                        connection, row, machine.connection_failed(rows.state_of(row), hresult, message)
                    )
        except Exception as error:
            self.trouble.remember(ticket, error)
        return "done"

    def last_error(self, ticket: str) -> str:
        """Why the last call gave nothing; "NoOp" asks QBWC to wait."""
        if told := self.trouble.of(ticket):
            return told
        try:
            with store.reading(self.engine) as connection:
                row = rows.session_row(
                    connection, ticket, self.clock(), phases=("open", "closed", "superseded")
                )
        except Exception as error:
            self.trouble.remember(ticket, error)
            return self.trouble.of(ticket) or ""
        if row is None:
            return "This session is not known here, or has expired. Press Update Selected again."
        if row["phase"] == "superseded":
            return "Another login for this company file has begun since. Press Update Selected again."
        return machine.last_error(rows.state_of(row))

    def close(self, ticket: str) -> str:
        """The session ends; an unknown ticket is taken as well."""
        remembered = self.trouble.forget(ticket)
        try:
            with store.writing(self.engine) as connection:
                row = rows.session_row(connection, ticket, self.clock())
                if row is None:
                    return remembered or "OK"
                return remembered or self._close(connection, row)
        except Exception as error:
            self.trouble.remember(ticket, error)
            return self.trouble.forget(ticket) or "OK"

    # --- sendRequestXML, receiveResponseXML ---------------------------------------------------------------

    def _send(
        self,
        ticket: str,
        info: CompanyInfo | None,
        unreadable: str | None,
        path: str,
        offered: tuple[int, int],
    ) -> str | None:
        """One step of the machine; None when it wants another."""
        now = self.clock()
        with store.writing(self.engine) as connection:
            row = rows.session_row(connection, ticket, now)
            if row is None:
                return ""
            company = users.company_row(connection, row["company_id"], lock=True)
            state = rows.state_of(row)
            event = Send(
                now=now,
                company=users.company_of(company),
                info=info,
                supported=info.supported_versions if info else (),
                unreadable=unreadable,
                path=path,
                offered=offered,
                work=self._work(connection, company, state, now),
                set_id=rows.fresh_set_id(),
            )
            step = machine.send(state, event, self.limits)
            apply(connection, row["company_id"], step.effects, now)
            self._save(connection, row, step.state)
        _tell(row["company_id"], step.effects)
        if step.reply == AGAIN:
            return None
        assert isinstance(step.reply, Document)
        return step.reply.text

    def _work_comes(self, ticket: str, until: float) -> bool:
        """Look out until a time, by the monotonic clock, for work that a session waits for.

        The worker needs a moment to read back what went first; QBWC would come again after five seconds.
        """
        while (left := until - time.monotonic()) > 0:
            with store.reading(self.engine) as connection:
                row = rows.session_row(connection, ticket, self.clock())
                state = rows.state_of(row) if row is not None else None
                if row is None or state is None or not state.waiting:
                    return False
                company = users.company_row(connection, row["company_id"])
                if self._work(connection, company, state, self.clock()) != Work(preparing=True):
                    return True
            time.sleep(min(_LOOK_SECONDS, left))
        return False

    def _work(self, connection: Connection, company: Mapping[str, Any], state: State, now: datetime) -> Work:
        """What there is to do, loaded only as far as the machine will look."""
        name = company["id"]
        if state.version is None or state.flight is not None:
            return Work()
        if found := look.under_way(connection, name, limit=500):
            doubtful = tuple(item for item in found if isinstance(item.request, WriteRequest))
            return Work(doubtful=doubtful) if doubtful else Work(reading=found[0])
        if found := look.items(connection, name, kind="write", state="queued", limit=2 * self.limits.writes):
            return Work(writes=found)
        if found := look.items(connection, name, kind="query", state="queued", limit=2 * self.limits.queries):
            return Work(queries=found)
        return Work(uncleared=look.uncleared(connection, name), preparing=rows.is_preparing(company, now))

    def _receive(self, ticket: str, response: str, hresult: str, message: str) -> int:
        now = self.clock()
        with store.reading(self.engine) as connection:
            row = rows.session_row(connection, ticket, now)
        if row is None:
            return -1
        # Reading and packing a page takes longer than writing it: both before the store is locked.
        flight = rows.state_of(row).flight
        answer, unreadable = _answer(flight, response) if flight and not hresult else (None, None)
        page = tape.pack(response) if flight and flight.kind == "query" and answer else b""
        with store.writing(self.engine) as connection:
            company = users.company_row(connection, row["company_id"], lock=True)
            current = rows.session_row(connection, ticket, now)
            if current is None:
                return -1
            state = rows.state_of(current)
            if state.flight != flight:
                state = replace(state, flight=None)
            event = Receive(
                answer=answer,
                unreadable=unreadable,
                hresult=hresult,
                message=message,
                items=rows.flying(connection, company["id"], flight),
            )
            step = machine.receive(state, event, self.limits)
            apply(connection, company["id"], step.effects, now, page=page, size=len(response))
            left = look.remaining(connection, company["id"], preparing=rows.is_preparing(company, now))
            percent = -1 if step.reply == ERROR else machine.percent(step.state, left, self.limits)
            self._save(connection, current, replace(step.state, told=max(step.state.told, min(percent, 99))))
        _tell(company["id"], step.effects)
        return percent

    def _save(self, connection: Connection, row: Mapping[str, Any], state: State) -> None:
        rows.change_session(connection, row, state=store.dump(asdict(state)), last_call_at=self.clock())
        if state.trouble and state.trouble != rows.state_of(row).trouble:
            log.warning("company %r: %s", row["company_id"], state.trouble)

    def _close(self, connection: Connection, row: Mapping[str, Any]) -> str:
        state = rows.state_of(row)
        text = machine.farewell(state)
        rows.change_session(connection, row, phase="closed", message=text)
        users.set_company(connection, row["company_id"], last_trouble=state.trouble)
        log.info("company %r: session ends: %s", row["company_id"], text)
        return text


def _company(hcp: str, path: str, country: str) -> tuple[CompanyInfo | None, str | None]:
    if not hcp.strip():
        return None, None
    try:
        info = company_info(hcp, file_path=path)
    except QbxmlError as error:
        return None, str(error)
    return (info if info.country else replace(info, country=country or None)), None


def _answer(flight: Flight, response: str) -> tuple[Answer | None, QbxmlError | None]:
    try:
        return read_answer(flight, response), None
    except QbxmlError as error:
        return None, error


def _tell(company_id: str, effects: Sequence[Effect]) -> None:
    """What happened, as numbers: a log never holds a customer's row."""
    if effects and log.isEnabledFor(logging.INFO):
        counts = Counter(type(effect).__name__.lower() for effect in effects)
        log.info("company %r: %s", company_id, ", ".join(f"{name} {count}" for name, count in counts.items()))
