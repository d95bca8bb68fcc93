"""Mishaps on request, at a chosen message set of an update."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

FaultKind = Literal[
    "crash_before_work", "lose_answer", "drop_reply", "duplicate", "hresult_before", "hresult_after",
    "new_session", "slow", "modal",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One mishap.

    Attributes:
        kind: What goes wrong.
            crash_before_work: the Web Connector dies with the request in hand; QuickBooks never saw it.
            lose_answer: QuickBooks has done the work, then the Web Connector dies.
            drop_reply: the answer reaches the server, then the connection is lost and the connector dies.
            duplicate: receiveResponseXML is called twice with the same answer.
            hresult_before, hresult_after: processing fails before or after the work was done.
            new_session: QuickBooks was closed and opened in between; iterators are gone (3391).
            slow: the answer takes `seconds`.
            modal: a dialog is open in QuickBooks, so the company file cannot be opened (0x80040414).
        at: The message set it strikes, from 1; meaningless for `modal`.
        hresult: What is told for hresult_*.
        seconds: How long for `slow`.
    """

    kind: FaultKind
    at: int = 1
    hresult: str = "0x80040402"
    seconds: float = 0.0


class Crash(Exception):
    """The pretend Web Connector dies here."""
