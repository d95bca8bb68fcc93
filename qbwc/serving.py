"""`python -m qbwc serve`: its options, and the server they make."""

from __future__ import annotations

import argparse
import logging
import os
import sys
import threading
from pathlib import Path

from qbwc import queue, store
from qbwc.lifeline import when_stdin_closes

SEAL_VARIABLE = "QBWC_SEAL_KEY"
"""The environment variable with the key that seals what waits in the queue (`qbwc.queue.seal_with`)."""

LEVELS = ("NONE", "DEBUG", "VERBOSE", "ALL")  # as in qbwc.service.journal, which takes a moment to import


def add_serve_arguments(serve: argparse.ArgumentParser) -> None:
    """The options of `serve`, beside --store."""
    serve.add_argument("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1)")
    serve.add_argument("--port", type=int, default=8585, help="port to listen on; 0 takes a free one")
    serve.add_argument("--certificate", type=Path, metavar="FILE", help="PEM, for https")
    serve.add_argument("--key", type=Path, metavar="FILE", help="PEM, for https")
    serve.add_argument(
        "--plain-http-anyway", action="store_true", help="no TLS although others can reach the address"
    )
    serve.add_argument("--until-stdin-closes", action="store_true", help="stop with the parent process")
    serve.add_argument("--verbose", action="store_true", help="say every session on standard error")
    _add_log_arguments(serve)
    _add_version_arguments(serve)


def _add_log_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--log-level",
        choices=LEVELS,
        default="NONE",
        help="what is written of each call: DEBUG its first 50 characters, VERBOSE also which requests and "
        "codes, ALL everything with customers' rows (kept 3 days; needs --log-folder).  Never passwords",
    )
    parser.add_argument("--log-folder", type=Path, metavar="DIR", help="one file a day, for its owner only")


def _add_version_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--warn-below", default="2.0", metavar="VERSION",
        help="warn older Web Connectors (default 2.0; their user may go on)",
    )  # fmt: skip
    parser.add_argument("--refuse-below", metavar="VERSION", help="stop older Web Connectors with a message")
    parser.add_argument(
        "--want-version", metavar="VERSION",
        help="tell older ones to become this version (unverified with a real Web Connector)",
    )  # fmt: skip


def run_server(options: argparse.Namespace) -> int:
    """Serve until it is told to stop."""
    # spyne and its server take a moment to import; the other commands do without.
    from qbwc.service import ClientPolicy, Journal, serve

    logging.basicConfig(
        level=logging.INFO if options.verbose else logging.WARNING,
        stream=sys.stderr,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    stop = threading.Event()
    if options.until_stdin_closes:
        when_stdin_closes(stop.set)
    engine = store.open_store(options.store)
    if key := os.environ.get(SEAL_VARIABLE):
        queue.seal_with(engine, key.encode())
    serve(
        engine,
        options.host,
        options.port,
        certificate=options.certificate,
        key=options.key,
        plain_http_anyway=options.plain_http_anyway,
        policy=ClientPolicy(
            warn_below=options.warn_below,
            refuse_below=options.refuse_below,
            want_version=options.want_version,
        ),
        journal=Journal(options.log_level, options.log_folder),
        on_ready=lambda url: _ready(url),
        stop=stop,
    )
    return 0


def _ready(url: str) -> None:
    sys.stdout.write(f"qbwc ready: {url}\n")
    sys.stdout.flush()
