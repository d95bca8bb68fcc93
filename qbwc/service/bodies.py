"""Take in the body of a call: small ones from anybody, large ones from whoever has a session.

Only a session's ticket makes a body large (a page of answers).  Without this, anybody who reaches the port
could fill the memory with bodies, a login or not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any

from qbwc.service.calls import SoapCall

SMALL = 1024 * 1024
"""Bytes that are taken from anybody; the company's own answers at the start of a session are far below."""

_HEAD = 64 * 1024
_TICKET = re.compile(rb"<(?:\w+:)?ticket\b[^>]*>([^<]{0,200})</")
_OPENING = re.compile(rb"<(?:\w+:)?(\w{1,60})[\s/>]")


def take_body(
    environ: Mapping[str, Any], limit: int, knows: Callable[[str], bool], operations: Collection[str]
) -> bytes | SoapCall:
    """The body, at most one byte more than the limit; cheroot has bounded it already.

    A large one without a ticket that is known is read and thrown away; what remains is a call with nothing
    but its ticket, which is answered as any call with an unknown ticket.

    Raises:
        ValueError: Its length is no number, or its chunks cannot be read.
    """
    length = str(environ.get("CONTENT_LENGTH") or "")
    if length and not length.isdigit():
        raise ValueError("the length of the request is no number")
    wanted = min(int(length), limit + 1) if length.isdigit() else limit + 1
    if not length and "wsgi.input_terminated" not in environ:
        return b""
    given = environ["wsgi.input"]
    if wanted <= SMALL:
        small: bytes = given.read(wanted)
        return small
    head: bytes = given.read(_HEAD)
    found = _TICKET.search(head)
    ticket = found[1].decode("ascii", "replace").strip() if found else ""
    if len(head) < _HEAD or (ticket and knows(ticket)):
        rest: bytes = given.read(wanted - len(head))
        return head + rest
    _throw_away(given, wanted - len(head))
    named = (name.decode() for name in _OPENING.findall(head))
    operation = next((name for name in named if name in operations), None)
    # Without one it is no call at all, which the parser tells.
    return SoapCall(operation=operation, arguments={"ticket": ticket}) if operation else head


def _throw_away(given: Any, left: int) -> None:
    while left > 0:
        chunk = given.read(min(_HEAD, left))
        if not chunk:
            return
        left -= len(chunk)
