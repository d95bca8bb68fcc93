"""A login that was right: what authenticate answers, and the session that begins."""

from __future__ import annotations

import logging
import math
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, insert

from qbwc import store, users
from qbwc.queue import look, steer
from qbwc.session import machine, rows
from qbwc.session.model import Limits
from qbwc.users import Company

log = logging.getLogger("qbwc.session")

NONE, NVU, BUSY = "none", "nvu", "busy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """Attributes:
    answer: authenticate's elements after the ticket: one, two or three; never empty ones in the middle.
    postponed: Why this session gets nothing, for getLastError; None when it was opened, or has no work.
    """

    answer: tuple[str, ...]
    postponed: str | None = None


def open_session(
    connection: Connection,
    company_id: str,
    ticket: str,
    name: str,
    peer: str,
    *,
    now: datetime,
    limits: Limits,
) -> Opened:
    """Open a session unless another one is alive, there is no work, or updates are postponed."""
    row = users.company_row(connection, company_id, lock=True)
    if rows.live_elsewhere(connection, company_id, peer, now):
        log.warning("company %r: a session from another computer is running", company_id)
        return Opened(answer=(BUSY,))
    users.set_company(connection, company_id, last_contact_at=now)
    rows.supersede(connection, company_id)
    company = users.company_of(row)
    if company.postponed_until is not None and now < company.postponed_until:
        return _postponed(company, company.postponed_until, now)
    steer.queue_standing(connection, row, now)
    left = look.remaining(connection, company_id, preparing=rows.is_preparing(row, now))
    pairing = company.paired is None and bool(company.pairing_until and now < company.pairing_until)
    if not left.any and not pairing:
        users.set_company(connection, company_id, last_trouble=None)
        return Opened(answer=(NONE, *_pace(company)))
    _insert(connection, company_id, ticket, name, peer, now, limits)
    log.info("company %r: session begins, %d in the queue", company_id, left.queued)
    return Opened(answer=(company.paired.path if company.paired else "", *_pace(company)))


def _postponed(company: Company, until: datetime, now: datetime) -> Opened:
    """Element [2] with an empty [1]: QBWC does not run it now (Intuit; with Auto-Run only, unverified).

    Should it come nevertheless, it finds no session and reads why.
    """
    seconds = str(math.ceil((until - now).total_seconds()))
    pace = () if company.every_seconds is None else (str(company.every_seconds),)
    why = f"Updates are postponed until {until:%Y-%m-%d %H:%M} UTC by the workbench. Nothing was sent."
    log.info("company %r: postponed", company.id)
    return Opened(answer=("", seconds, *pace), postponed=why)


def _pace(company: Company) -> tuple[str, ...]:
    # The minimum is the fourth element, so that the third has to be there: 0 postpones nothing.
    return () if company.every_seconds is None else ("0", str(company.every_seconds))


def _insert(
    connection: Connection,
    company_id: str,
    ticket: str,
    name: str,
    peer: str,
    now: datetime,
    limits: Limits,
) -> None:
    connection.execute(
        insert(store.sessions).values(
            ticket=rows.hashed(ticket),
            company_id=company_id,
            user_name=name,
            peer=peer[:64],
            phase="open",
            started_at=now,
            last_call_at=now,
            state=store.dump(asdict(machine.begin(limits))),
        )
    )
