"""The operational store: what the workbench keeps between commands, on SQLite or PostgreSQL.

Only `snapshots`, `crosswalk`, `ledger` and `approval` use it.  The tables begin with `wb_`; the Web
Connector library keeps its own tables (`qbwc_`) in the same database and neither touches the other's.
"""

from workbench.store import schema
from workbench.store.engine import Store, open_store

__all__ = ["Store", "open_store", "schema"]
