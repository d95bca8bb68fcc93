"""What the codes of QuickBooks and of the Web Connector mean, and what to do about them.

Three families: the `statusCode` of one answer, the HRESULT of a message set that QuickBooks did not process,
and the QBWC numbers that the Web Connector shows to its user.  The meanings come from recorded traffic and
from Intuit's lists where those exist; HRESULTs are known from community lists only (unverified).
"""

from __future__ import annotations

import re
from typing import Literal

NO_CODE = -1
"""An answer without a readable statusCode: it proves nothing."""
NOTHING_MATCHED = 1
STALE = 3200
BAD_ITERATOR = 3391
NOT_FOUND = 3120
PARSE_ERROR = "0x80040400"

Reaction = Literal["done", "again", "not attempted", "restart", "stale", "failed"]

# Somebody else holds the record for a moment: nothing happened, and the same request may go again.  3180 is
# not here, because it can also be a real failure to save.
_LOCKED = frozenset({3170, 3175, 3176})
_NOT_ATTEMPTED = frozenset({3231})

_ADVICE = {
    500: "Some of the records asked for are not there.",
    510: "This edition of QuickBooks cannot return the record.",
    530: "This edition of QuickBooks does not know a field; leave it out.",
    531: "This edition of QuickBooks does not know a value; choose another.",
    1000: "QuickBooks reports an internal error; try again later.",
    3000: "The record's id is not one QuickBooks could have made; pull again.",
    3070: "A text is longer than QuickBooks takes.",
    3100: "The name is in use, perhaps by a vendor, employee, other name or inactive record: match it.",
    3120: "The record is no longer there: pull again and review.",
    3130: "The parent is not there: create it first.",
    3140: "A record it refers to is not there: create it first.",
    3160: "QuickBooks refuses to delete it; it may be in use (unverified).",
    3170: "QuickBooks could not change it just now.",
    3175: "Somebody has the record open; close it in QuickBooks and try again.",
    3176: "Somebody has a related record open; close it in QuickBooks and try again.",
    3180: "QuickBooks could not save it; its message says why.",
    3200: "It was changed in QuickBooks since it was reviewed: pull again and review.",
    3210: "QuickBooks does not accept a value; its message says which.",
    3250: "This edition of QuickBooks, or its preferences, does not have the feature.",
    3260: "The login that the Web Connector uses in QuickBooks may not do this.",
    3261: "This application may not do this: see Edit > Preferences > Integrated Applications in QuickBooks.",
    3290: "The lines of the change are not in their stored order: pull again and review.",
    3391: "The reading was interrupted; it starts again.",
}

_HRESULTS = {
    "0x80040400": "QuickBooks could not parse the request; nothing of it ran",
    "0x80040401": "QuickBooks cannot be accessed",
    "0x80040402": "QuickBooks reports an unexpected error",
    "0x80040408": (
        "QuickBooks could not be started: open it by hand with the company file, look for a dialog or an "
        "update that waits, then press Update Selected again"
    ),
    "0x80040409": "the company file belongs to another version of QuickBooks",
    "0x8004040a": (
        "another company file is open in QuickBooks: close it or open the right one, then press Update "
        "Selected again"
    ),
    "0x8004040d": "QuickBooks no longer knows the connection; press Update Selected again",
    "0x80040410": "the company file is open in another mode (single-user or multi-user)",
    "0x80040414": (
        "a dialog is open in QuickBooks: close every dialog there, then press Update Selected again"
    ),
    "0x80040416": "QuickBooks is not running and it is not known which company file to open: open it by hand",
    "0x8004041a": (
        "this application has no permission to the company file: the QuickBooks Admin user has to allow it "
        "in Edit > Preferences > Integrated Applications"
    ),
    "0x80040420": "the QuickBooks user denied access to this application",
    "0x80040421": "QuickBooks refuses",
    "0x80040422": "the company file has to be open in single-user mode",
    "0x80010105": "the call to QuickBooks broke off",
}  # fmt: skip

QBWC_HELP: dict[str, tuple[str, str]] = {
    "QBWC1010": (
        "The address is not https.",
        "Plain http works for localhost only. On another computer the server needs a certificate.",
    ),
    "QBWC1012": (
        "The login's answer was not understood.",
        "Check that the address in the .qwc file leads to this server and not to a proxy's error page.",
    ),
    "QBWC1030": (
        "No password is stored.",
        "Type the password in the Web Connector, and say yes to saving it.",
    ),
    "QBWC1039": (
        "The application could not be added.",
        "It was added before with other ids: remove it in the Web Connector, restart QuickBooks and the Web "
        "Connector, and load the newest .qwc file.",
    ),
    "QBWC1048": (
        "The server's certificate could not be verified.",
        "Put the certificate, or the authority that signed it, into Windows' trusted root certificates.",
    ),
    "0x80040400": (
        "QuickBooks could not parse a request.",
        "Nothing of it ran. The request is marked as failed with its reason; report it.",
    ),
    "0x80040408": (
        "QuickBooks could not be started.",
        "Open QuickBooks by hand with the company file, close what waits there, and update again.",
    ),
    "0x80040414": ("A dialog is open in QuickBooks.", "Close every dialog in QuickBooks and update again."),
}
"""Code -> (what it means, what to do), for the help page."""


def reaction(code: int) -> Reaction:
    """What to do after a status code: 500 to 999 are warnings, the request was carried out."""
    if 0 <= code < 1000:
        return "done"
    if code in _LOCKED:
        return "again"
    if code in _NOT_ATTEMPTED:
        return "not attempted"
    if code == BAD_ITERATOR:
        return "restart"
    return "stale" if code == STALE else "failed"


def explain(code: int, message: str) -> str:
    """QuickBooks' own sentence, its code, and what to do."""
    said = message.strip() or "QuickBooks gave no reason."
    advice = _ADVICE.get(code)
    return f"QuickBooks {code}: {said}{' ' + advice if advice else ''}"


def hresult(text: str) -> str:
    """An HRESULT in one form, '0x80040400', whether QBWC sent hexadecimal or a signed number."""
    text = text.strip()
    if re.fullmatch(r"-\d+", text):
        return f"0x{int(text) & 0xFFFFFFFF:08x}"
    if re.fullmatch(r"(0[xX])?[0-9A-Fa-f]{8}", text):
        return f"0x{text[-8:].lower()}"
    return text


def explain_hresult(text: str, message: str) -> str:
    """What an HRESULT means, with QuickBooks' own sentence."""
    code = hresult(text)
    meaning = _HRESULTS.get(code, "QuickBooks did not process the request")
    said = f" ({message.strip()})" if message.strip() else ""
    return f"{code}: {meaning}{said}."
