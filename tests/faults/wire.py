"""The line between the Web Connector and the server, where a call can be cut or the server be killed.

A small HTTP proxy on loopback.  It passes calls on, counts them from each `serverVersion`, and at the chosen
call does what its `Cut` says.
"""

from __future__ import annotations

import http.client
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.faults.host import Host

KINDS = (
    "kill_before",  # the server is killed before it gets the call
    "kill_before_commit",  # it kills itself when all is done but written
    "kill_after_commit",  # it kills itself when all is written, before it answers
    "kill_during",  # it is killed some milliseconds after it got the call
    "kill_after",  # it has answered; it is killed, and the answer does not arrive
    "drop_call",  # the connection is lost before the call arrives
    "drop_half_call",  # ... when half of the call has arrived
    "drop_reply",  # ... before the answer arrives
    "drop_half_reply",  # ... when half of the answer has arrived
)
_KEPT = ("Content-Type", "SOAPAction", "User-Agent")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A fault on the line: what happens, at which call of the session (from 1), and its small print.

    Attributes:
        number: For the kills at a commit: at which commit from then.
        seconds: For `kill_during`: after how long.
    """

    kind: str
    call: int
    number: int = 1
    seconds: float = 0.0


class Wire:
    """The proxy in front of a host."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.cut: Cut | None = None
        self.struck = False
        self.calls = 0
        self.url = ""

    def begin(self, cut: Cut | None) -> None:
        """A session begins: forget the calls before it and take its fault."""
        self.cut, self.struck, self.calls = cut, False, 0

    def count(self) -> Cut | None:
        """One more call: the fault that strikes it, if any."""
        self.calls += 1
        if self.cut is None or self.struck or self.calls != self.cut.call:
            return None
        self.struck = True
        return self.cut


@contextmanager
def wire_to(host: Host) -> Iterator[Wire]:
    """A proxy that runs for as long as the block."""
    wire = Wire(host)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(wire))
    server.daemon_threads = True
    wire.url = f"http://localhost:{server.server_port}/qbwc"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield wire
    finally:
        server.shutdown()
        server.server_close()


def _handler(wire: Wire) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name: self.headers[name] for name in _KEPT if name in self.headers}
            cut = wire.count()
            try:
                status, reply = _passed(wire.host, cut, body, headers)
            except (OSError, http.client.HTTPException):
                self._lose()
                return
            if cut is None or not cut.kind.startswith("drop"):
                self._answer(status, reply, len(reply))
            else:
                self._answer(status, reply, len(reply) // 2 if cut.kind == "drop_half_reply" else 0)
                self._lose()

        def _answer(self, status: int, reply: bytes, passed: int) -> None:
            if not passed:
                return
            self.send_response(status)
            self.send_header("Content-Type", "text/xml; charset=utf-8")
            self.send_header("Content-Length", str(len(reply)))
            self.end_headers()
            self.wfile.write(reply[:passed])

        def _lose(self) -> None:
            """Reset the connection, so that the other side sees at once that it is gone."""
            self.close_connection = True
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack(_LINGER, 1, 0))
            self.connection.close()

        def log_message(self, format: str, *args: object) -> None:
            pass  # the campaign tells what matters

    return Handler


_LINGER = "hh" if hasattr(socket, "SO_EXCLUSIVEADDRUSE") else "ii"  # the first is Windows'


def _passed(host: Host, cut: Cut | None, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
    """Pass a call on and answer what came back; OSError where nothing did."""
    if cut is None:
        return _post(host.port, body, headers)
    if cut.kind == "kill_before":
        host.kill()
    elif cut.kind in ("kill_before_commit", "kill_after_commit"):
        host.arm(cut.kind.split("_")[1], cut.number)
    elif cut.kind == "kill_during":
        return _killed_meanwhile(host, cut.seconds, body, headers)
    elif cut.kind == "drop_call":
        raise ConnectionResetError("dropped on purpose")
    elif cut.kind == "drop_half_call":
        _half(host.port, body, headers)
        raise ConnectionResetError("dropped on purpose")
    told = _post(host.port, body, headers)
    if cut.kind == "kill_after":
        host.kill()
        raise ConnectionResetError("killed on purpose")
    return told


def _post(port: int, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("POST", "/qbwc", body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def _half(port: int, body: bytes, headers: dict[str, str]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.putrequest("POST", "/qbwc")
    for name, value in {**headers, "Content-Length": str(len(body))}.items():
        connection.putheader(name, value)
    connection.endheaders(body[: len(body) // 2])
    connection.close()


def _killed_meanwhile(host: Host, seconds: float, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
    killer = threading.Timer(seconds, host.kill)
    killer.start()
    try:
        return _post(host.port, body, headers)
    finally:
        killer.join()  # else it would strike the server that is started next
