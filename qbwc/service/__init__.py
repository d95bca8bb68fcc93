"""The SOAP service that the QuickBooks Web Connector calls, over HTTP.

`soap` has the operations, `web` the pages and the guard in front of them, `server` runs both.  spyne is
imported in `qbwc.spyne_compat` only, and used in `soap` only.
"""

from qbwc.service.server import running_server, serve
from qbwc.service.web import SOAP_PATH

__all__ = ["SOAP_PATH", "running_server", "serve"]
