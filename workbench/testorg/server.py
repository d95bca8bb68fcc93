"""An org behind a socket: cheroot on 127.0.0.1, in a thread of this process."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from cheroot.wsgi import Server

from .org import TestOrg
from .web import application

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

HOST = "127.0.0.1"
THREADS = 8

Wrap = Callable[["WSGIApplication"], "WSGIApplication"]


@contextmanager
def running_org(org: TestOrg, port: int = 0, *, wrap: Wrap | None = None) -> Iterator[str]:
    """Serve the org while the block runs; gives its address, `http://127.0.0.1:41234`.

    Args:
        port: 0 takes a free one.
        wrap: Puts another WSGI application around the org's, e.g. to record requests.

    Raises:
        OSError: the port is taken.
    """
    app = application(org) if wrap is None else wrap(application(org))
    server: Any = Server((HOST, port), app, numthreads=THREADS, request_queue_size=64, timeout=60)
    server.shutdown_timeout = 1
    server.expiration_interval = 0.05  # seconds until stop() is seen
    server.prepare()
    org.faults.stop_waiting(False)
    thread = threading.Thread(target=server.serve, name="testorg", daemon=True)
    thread.start()
    try:
        yield f"http://{HOST}:{server.bind_addr[1]}"
    finally:
        org.faults.stop_waiting()
        server.stop()
        thread.join(timeout=5)
