"""Engine, tables and transactions of the Web Connector's part of the operational store.

The tables begin with `qbwc_` and share a database with whoever uses this library.  SQLite (WAL,
synchronous=FULL) is the embedded default, PostgreSQL works by URL.  Every function elsewhere in `qbwc`
takes an `Engine`, opened here or by somebody else.  Times are aware UTC.
"""

from qbwc.store.engine import (
    create_tables,
    insert_or_ignore,
    now,
    open_store,
    place,
    reading,
    writing,
)
from qbwc.store.tables import (
    companies,
    documents,
    message_sets,
    metadata,
    needs,
    pages,
    requests,
    sessions,
    users,
)
from qbwc.store.values import dump, load

__all__ = [
    "companies",
    "create_tables",
    "documents",
    "dump",
    "insert_or_ignore",
    "load",
    "message_sets",
    "metadata",
    "needs",
    "now",
    "open_store",
    "pages",
    "place",
    "reading",
    "requests",
    "sessions",
    "users",
    "writing",
]
