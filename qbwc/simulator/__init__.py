"""A pretend QuickBooks: a company file that enforces QuickBooks' rules, and a Web Connector that talks SOAP.

    CompanyFile     create, open, process; the bookkeeper's add, edit, delete, records
    WebConnector    update_selected() -> SessionLog, with faults on request
    run_simulator   python -m qbwc simulate

Both are held to the real protocols by oracles that this project did not write; see the contract tests.
"""

from __future__ import annotations

from qbwc.simulator.command import run_simulator
from qbwc.simulator.company import CompanyFile
from qbwc.simulator.connector import WebConnector, from_qwc
from qbwc.simulator.faults import Fault
from qbwc.simulator.log import Call, Exchange, SessionLog
from qbwc.simulator.refusals import QuickBooksRefused
from qbwc.simulator.session import Session
from qbwc.simulator.times import LocalTime

__all__ = [
    "Call",
    "CompanyFile",
    "Exchange",
    "Fault",
    "LocalTime",
    "QuickBooksRefused",
    "Session",
    "SessionLog",
    "WebConnector",
    "from_qwc",
    "run_simulator",
]
