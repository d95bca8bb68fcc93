"""A session with the Web Connector, from authenticate to closeConnection.

`machine` is pure: (state, event) -> state, reply, effects.  `Desk` is the shell around it, which loads and
saves; the SOAP service only hands calls over to it.
"""

from qbwc.session.model import Limits
from qbwc.session.shell import Desk

__all__ = ["Desk", "Limits"]
