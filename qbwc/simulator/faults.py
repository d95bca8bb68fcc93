"""Mishaps on request, at a chosen message set of an update."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from qbwc.simulator.company import CompanyFile

FaultKind = Literal[
    "crash_before_work", "lose_answer", "drop_reply", "drop_call", "duplicate", "authenticate_twice",
    "send_twice", "hresult_before", "hresult_after", "new_session", "closed", "other_company", "slow",
    "modal", "cannot_open",
]  # fmt: skip

# What QuickBooks' request processor says, by community lists (unverified); the words follow theirs.
HRESULTS = {
    "0x80040400": "QuickBooks found an error when parsing the provided XML text stream.",
    "0x80040401": "Could not access QuickBooks.",
    "0x80040402": "Unexpected error.",
    "0x80040408": "Could not start QuickBooks.",
    "0x80040409": "The version of QuickBooks and that of the company file do not match.",
    "0x8004040A": "A different QuickBooks company data file is already open.",
    "0x8004040D": "The session ticket is not valid.",
    "0x80040410": "The QuickBooks company data file is open in another mode.",
    "0x80040414": "A modal dialog box is showing in the QuickBooks user interface.",
    "0x80040416": "QuickBooks is not running, and no company data file was named.",
    "0x8004041A": "This application has no permission to access this QuickBooks company data file.",
    "0x80040420": "The QuickBooks user has denied access.",
    "0x80040421": "QuickBooks reports a problem.",
    "0x80040422": "This application requires single-user file access mode.",
    "0x80010105": "The server threw an exception.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One mishap.

    Attributes:
        kind: What goes wrong.
            crash_before_work: the Web Connector dies with the request in hand; QuickBooks never saw it.
            lose_answer: QuickBooks has done the work, then the Web Connector dies.
            drop_reply: the answer reaches the server, then the connection is lost and the connector dies.
            drop_call: the connection is lost when half of the answer has been sent; the connector dies.
            duplicate: receiveResponseXML is called twice with the same answer.
            authenticate_twice: the reply to authenticate is lost, and it is called again.
            send_twice: the reply to sendRequestXML is lost, and it is called again.
            hresult_before, hresult_after: processing fails before or after the work was done.
            new_session: QuickBooks was closed and opened in between; iterators are gone (3391).
            closed: the company file was closed: from this message set on processing fails.
            other_company: `other` is open instead, from the beginning of the update.
            slow: the answer takes `seconds`.
            modal: a dialog is open in QuickBooks, so the company file cannot be opened (0x80040414).
            cannot_open: the company file cannot be opened, for the reason that `hresult` tells.
        at: The message set it strikes, from 1; meaningless for what happens before the first.
        hresult: What is told for hresult_*, closed and cannot_open.
        seconds: How long for `slow`.
        other: The company file for `other_company`.
    """

    kind: FaultKind
    at: int = 1
    hresult: str = "0x80040402"
    seconds: float = 0.0
    other: CompanyFile | None = None

    @property
    def told(self) -> tuple[str, str]:
        """The HRESULT and its words."""
        return self.hresult, HRESULTS.get(self.hresult, "Unexpected error.")


class Crash(Exception):
    """The pretend Web Connector dies here."""
