"""How often a company's Web Connector may come, and until when it is sent away.

Both travel as elements of authenticate's answer, which QBWC heeds only with Auto-Run on (Intuit; unverified
without a real Web Connector).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Engine

from qbwc import store
from qbwc.errors import UserError
from qbwc.users.rows import company_row, set_company

LONGEST = 7 * 24 * 3600
"""Seconds: a company that is sent away for longer than a week has most likely been forgotten."""


def set_pace(
    engine: Engine,
    company_id: str,
    *,
    postpone_seconds: float | None = None,
    every_seconds: int | None = None,
    now: datetime | None = None,
) -> datetime | None:
    """Send QBWC away for so long, and give its scheduled runs a least distance; None takes either away.

    Answers until when updates are postponed.

    Raises:
        UserError: The company is not known, or a number is out of its range.
    """
    for name, value in (("postpone_seconds", postpone_seconds), ("every_seconds", every_seconds)):
        if value is not None and not 0 < value <= LONGEST:
            raise UserError(
                f"{name} is {value}", fix=f"Give a number of seconds from 1 to {LONGEST}, or none at all."
            )
    until = None if postpone_seconds is None else (now or store.now()) + timedelta(seconds=postpone_seconds)
    with store.writing(engine) as connection:
        company_row(connection, company_id, lock=True)
        set_company(connection, company_id, postponed_until=until, every_seconds=every_seconds)
    return until
