"""Run the service: one process, a small pool of threads, TLS where other computers can reach it."""

from __future__ import annotations

import errno
import logging
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from cheroot import wsgi
from cheroot.ssl.builtin import BuiltinSSLAdapter
from sqlalchemy import Engine

from qbwc import store, tls
from qbwc.errors import ServeError
from qbwc.service.journal import Journal
from qbwc.service.memory import give_back
from qbwc.service.patience import Patience
from qbwc.service.soap import soap_application
from qbwc.service.versions import ClientPolicy
from qbwc.service.web import BODY_LIMIT, SOAP_PATH, Application, application
from qbwc.session import Desk, Limits

log = logging.getLogger("qbwc.service")

_THREADS = 32
_IDLE_SECONDS = 30
_STOP_SECONDS = 5


class _Server(wsgi.Server):
    """cheroot would print tracebacks; here they become a line in the log, without what a caller sent."""

    def error_log(self, msg: str = "", level: int = logging.INFO, traceback: bool = False) -> None:
        log.log(level, "%s", (msg.splitlines() or [""])[0].partition("(")[0] if traceback else msg[:200])


def serve(
    engine: Engine,
    host: str = "127.0.0.1",
    port: int = 0,
    *,
    certificate: Path | None = None,
    key: Path | None = None,
    plain_http_anyway: bool = False,
    policy: ClientPolicy | None = None,
    journal: Journal | None = None,
    on_ready: Callable[[str], None] | None = None,
    stop: threading.Event | None = None,
) -> None:
    """Serve until Ctrl-C, SIGTERM or `stop`; port 0 takes a free one.  Requests under way are finished.

    `policy` says what clientVersion answers, `journal` what is written of each call; `on_ready` gets the
    AppURL once calls are taken.

    Raises:
        ServeError: The address is taken or unsafe, or the certificate cannot be used.
        StoreError: The store cannot be used.
    """
    if certificate is not None and key is not None:
        tls.check_certificate(certificate, key)
    elif certificate is not None or key is not None:
        raise ServeError("TLS needs a certificate and its key", fix="Give both.")
    tls.check_address(host, tls=certificate is not None, plain_http_anyway=plain_http_anyway)
    give_back()
    store.create_tables(engine)
    patience = Patience()
    server = _server(_site(Desk(engine), policy, journal, patience), host, port, certificate, key)
    ended = stop or threading.Event()
    with _started(server), patience.watching(server), _signals(ended):
        if on_ready is not None:
            on_ready(_url(server, host, secure=certificate is not None))
        while not ended.wait(0.5):  # a bare wait() would not see Ctrl-C on Windows
            pass


@contextmanager
def running_server(
    engine: Engine,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    limits: Limits | None = None,
    clock: Callable[[], datetime] = store.now,
    policy: ClientPolicy | None = None,
    journal: Journal | None = None,
) -> Iterator[str]:
    """A server in this process, for as long as the block runs; gives its AppURL."""
    tls.check_address(host, tls=False, plain_http_anyway=False)
    store.create_tables(engine)
    desk = Desk(engine, limits=limits, clock=clock)
    patience = Patience()
    server = _server(_site(desk, policy, journal, patience), host, port, None, None)
    with _started(server), patience.watching(server):
        yield _url(server, host, secure=False)


def _site(
    desk: Desk, policy: ClientPolicy | None, journal: Journal | None, patience: Patience
) -> Application:
    soap = soap_application(desk, body_limit=BODY_LIMIT, policy=policy, journal=journal)
    return application(soap, knows=desk.knows, answering=patience.answering)


def _server(site: Application, host: str, port: int, certificate: Path | None, key: Path | None) -> Any:
    server = _Server(
        (host, port),
        site,
        numthreads=_THREADS,
        request_queue_size=128,
        timeout=_IDLE_SECONDS,
        shutdown_timeout=_STOP_SECONDS,
        server_name="qbwc",
    )
    server.max_request_body_size = BODY_LIMIT
    if certificate is not None:
        server.ssl_adapter = BuiltinSSLAdapter(str(certificate), str(key))
    try:
        server.prepare()
    except OSError as error:
        raise ServeError(
            f"Port {port} on {host} cannot be used ({error.strerror or error})",
            fix="Another server may be running there; choose another port."
            if error.errno in (errno.EADDRINUSE, None)
            else "Choose another address or port.",
        ) from error
    return server


@contextmanager
def _started(server: Any) -> Iterator[None]:
    thread = threading.Thread(target=server.serve, name="qbwc-accept", daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.stop()
        thread.join(_STOP_SECONDS)


@contextmanager
def _signals(ended: threading.Event) -> Iterator[None]:
    """Ctrl-C, SIGTERM and, on Windows, Ctrl-Break end the server in order; only the main thread may ask."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    names = [name for name in ("SIGINT", "SIGTERM", "SIGBREAK") if hasattr(signal, name)]
    before = {name: signal.signal(getattr(signal, name), lambda *_: ended.set()) for name in names}
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(getattr(signal, name), handler)


def _url(server: Any, host: str, *, secure: bool) -> str:
    port = server.bind_addr[1]
    # A bare IP address is refused by the Web Connector (QBWC1001).
    shown = "localhost" if host in ("0.0.0.0", "::") or tls.is_loopback(host) else host  # noqa: S104
    return f"{'https' if secure else 'http'}://{shown}:{port}{SOAP_PATH}"
