"""The session: a pure function from what it is and what happens to what it answers and wants written.

No SOAP, no clock, no database: those are around it (`shell`).  `send` and `receive` take (state, event) and
answer a `Step`; the other calls are small enough to stand here.
"""

from __future__ import annotations

from dataclasses import replace

from qbwc import status
from qbwc.queue import Remaining
from qbwc.session.model import Limits, State
from qbwc.session.receiving import receive
from qbwc.session.sending import send

__all__ = ["NO_OP", "begin", "connection_failed", "farewell", "last_error", "percent", "receive", "send"]

NO_OP = "NoOp"
"""getLastError's answer that makes QBWC wait 5 seconds and ask for the next message set again (Intuit)."""


def begin(limits: Limits) -> State:
    """A session that has just logged in."""
    return State(limit=limits.writes)


def connection_failed(state: State, hresult: str, message: str) -> State:
    """QBWC could not reach QuickBooks; the session ends with the reason."""
    return replace(state, trouble=status.explain_hresult(hresult, message), waiting=False)


def last_error(state: State) -> str:
    """What getLastError answers."""
    if state.waiting:
        return NO_OP
    return state.trouble or "No error is known for this session."


def farewell(state: State) -> str:
    """What the Status column shows after closeConnection."""
    if state.trouble:
        return state.trouble
    settled = f"{state.done} request{'' if state.done == 1 else 's'} settled"
    return f"OK: {settled}" + (f", {state.failed} not as wished; see the workbench." if state.failed else ".")


def percent(state: State, remaining: Remaining, limits: Limits) -> int:
    """How far the session is, 0 to 99 while there is work, 100 when there is none; it never goes back."""
    waiting = remaining.preparing and state.waits < limits.waits
    if not (remaining.sendable or remaining.uncleared or waiting):
        return 100
    return max(state.told, min(99, int(100 * _share(state, remaining))))


def _share(state: State, left: Remaining) -> float:
    """Done of what there is, 0 to 1: a write counts as one record.

    A query of which nobody knows how much it brings counts as much as those that are known bring on average.
    """
    known = state.queries + left.counted
    average = (state.records + left.records) / known if known else 1.0
    done = state.writes + max(state.records, state.queries)
    in_all = done + left.writes + left.records + left.uncounted * max(1.0, average)
    return done / in_all if in_all else 0.0
