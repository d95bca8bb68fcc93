"""Read a SOAP call: which operation, with which texts.

expat does it, because it keeps nothing: lxml keeps every name it ever met for as long as its thread lives, so
that calls with ever new names, which need no login, would fill the memory.  It also reads the one large text
of an answer at half the cost.  spyne then gets an envelope made of names that are known.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pyexpat import ExpatError, ParserCreate
from typing import Any

_ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
_MOST_ELEMENTS = 100
_DEEPEST = 10
_BUFFER = 1024 * 1024
_EXPAT_NAMES = {"utf8": "utf-8", "ascii": "us-ascii", "windows-1252": "cp1252"}


class NotACall(Exception):
    """The body is no call of a known operation; the text is for the peer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SoapCall:
    """One call.

    Attributes:
        arguments: Text by name; what is missing or nil is not in it, or empty.
    """

    operation: str
    arguments: Mapping[str, str] = field(repr=False)

    def envelope(self, namespace: str) -> bytes:
        """A SOAP envelope with the operation alone."""
        return (
            f'<soap:Envelope xmlns:soap="{_ENVELOPE}"><soap:Body><{self.operation} xmlns="{namespace}"/>'
            "</soap:Body></soap:Envelope>"
        ).encode()


def read_call(body: bytes, *, encoding: str, namespace: str, operations: Collection[str]) -> SoapCall:
    """The call that a SOAP 1.1 body holds.

    Raises:
        NotACall: It is no XML, no envelope, has a DTD, is deeper or larger than a call can be, or asks for an
            operation that is none.
    """
    reader = _Reader(namespace, operations)
    parser: Any = ParserCreate(_EXPAT_NAMES.get(encoding.lower(), encoding), " ")
    parser.buffer_text, parser.buffer_size = True, _BUFFER
    parser.StartDoctypeDeclHandler = _no_doctype
    parser.StartElementHandler, parser.EndElementHandler = reader.start, reader.end
    parser.CharacterDataHandler = reader.text
    try:
        parser.Parse(body, True)
    except ExpatError as error:
        raise NotACall(f"The request is no XML: {error}") from None
    return reader.call()


def _no_doctype(*_: object) -> None:
    raise NotACall("A DTD is not allowed.")


class _Reader:
    """Envelope, Body, operation, arguments: one name at each depth."""

    def __init__(self, namespace: str, operations: Collection[str]) -> None:
        self._names = {f"{namespace} {name}": name for name in operations}
        self._path: list[str] = []
        self._elements = 0
        self._operation: str | None = None
        self._arguments: dict[str, str] = {}
        self._parts: list[str] = []

    def start(self, name: str, _attributes: object) -> None:
        self._elements += 1
        if self._elements > _MOST_ELEMENTS or len(self._path) >= _DEEPEST:
            raise NotACall(f"A call has at most {_MOST_ELEMENTS} elements, {_DEEPEST} deep.")
        self._path.append(name)
        depth = len(self._path)
        if depth == 1 and name != f"{_ENVELOPE} Envelope":
            raise NotACall("The request is no SOAP 1.1 Envelope.")
        if not self._in_body():
            return
        if depth == 3 and self._operation is None:
            self._operation = self._names.get(name)
            if self._operation is None:
                raise NotACall(f"The operation {name[-60:]!r} is not found.")
        self._parts = []

    def end(self, name: str) -> None:
        if len(self._path) == 4 and self._in_body():
            self._arguments[name.rpartition(" ")[2]] = "".join(self._parts)
        self._path.pop()

    def text(self, text: str) -> None:
        if len(self._path) == 4:
            self._parts.append(text)

    def call(self) -> SoapCall:
        if self._operation is None:
            raise NotACall("The Envelope has no operation in its Body.")
        return SoapCall(operation=self._operation, arguments=self._arguments)

    def _in_body(self) -> bool:
        return len(self._path) > 1 and self._path[1] == f"{_ENVELOPE} Body"
