"""A pretend QuickBooks: a company file that enforces QuickBooks' rules, and a Web Connector that talks SOAP.

Both are held to the real protocols by oracles that this project did not write; see the contract tests.
"""

from __future__ import annotations

from qbwc.simulator.company import CompanyFile, Session
from qbwc.simulator.refusals import QuickBooksRefused
from qbwc.simulator.times import LocalTime

__all__ = ["CompanyFile", "LocalTime", "QuickBooksRefused", "Session"]
