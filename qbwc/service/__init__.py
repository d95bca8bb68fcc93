"""The SOAP service that the QuickBooks Web Connector calls, over HTTP.

`soap` has the operations, `web` the pages and the guard in front of them, `server` runs both; `versions` says
what clientVersion answers, `journal` writes what was called.  spyne is
imported in `qbwc.spyne_compat` only, and used in `soap` only.
"""

from qbwc.service.journal import LEVELS, Journal
from qbwc.service.server import running_server, serve
from qbwc.service.versions import ClientPolicy
from qbwc.service.web import SOAP_PATH

__all__ = ["LEVELS", "SOAP_PATH", "ClientPolicy", "Journal", "running_server", "serve"]
