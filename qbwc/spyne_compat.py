"""Import spyne 2.14 on every Python this project supports, without its noise.

Two things in spyne 2.14.0 are older than the Pythons here:

- It carries its own copy of `six`, whose importer of `six.moves` has no `find_spec`, which Python 3.12
  stopped doing without.  Entries of the real `six.moves` under spyne's names stand in for it.
- It imports `cgi`, which Python 3.13 dropped; the distribution `legacy-cgi` brings it back.

spyne collects garbage after calls, once a second, for files that it may have opened: that stops all threads
of the process, for longer the more it holds.  No file is left to the collector here, so that is switched off.

spyne logs whole requests when they cannot be parsed, passwords included, so its loggers are silenced here.
Import spyne only through this module, and only from the service.
"""

from __future__ import annotations

import importlib
import logging
import sys
import warnings

_MOVES = ("collections_abc", "http_cookies", "urllib", "urllib.error", "urllib.parse", "urllib.request")


def prepare() -> None:
    """Make spyne importable; harmless when it is imported already."""
    silence()
    if "spyne" in sys.modules:
        return
    sys.modules.setdefault("spyne.util.six.moves", importlib.import_module("six.moves"))
    for name in _MOVES:
        sys.modules.setdefault(f"spyne.util.six.moves.{name}", importlib.import_module(f"six.moves.{name}"))


def silence() -> None:
    """Keep spyne from logging: what it would say is requests and tracebacks."""
    logger = logging.getLogger("spyne")
    logger.setLevel(logging.CRITICAL + 1)
    logger.propagate = False
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())


prepare()

with warnings.catch_warnings():
    # `cgi` is deprecated from 3.11 on, and some of spyne's text patterns from 3.12 on: not our user's matter.
    warnings.simplefilter("ignore")
    from spyne import Application, Array, Integer32, ServiceBase, Unicode, const, rpc
    from spyne.protocol.soap import Soap11
    from spyne.server.wsgi import WsgiApplication

const.MIN_GC_INTERVAL = float("inf")

__all__ = [
    "Application",
    "Array",
    "Integer32",
    "ServiceBase",
    "Soap11",
    "Unicode",
    "WsgiApplication",
    "prepare",
    "rpc",
    "silence",
]
