"""People's decisions as a diff needs them: the latest of each kind of place.

Temporary table `diff_decisions` (salesforce_id, quickbooks_id, field, decision, salesforce_seen,
quickbooks_seen, pinned, value, words).
"""

from __future__ import annotations

import duckdb

from workbench.model import ABOUT_MATCHING, Mapping
from workbench.normalize import literal


def latest_decisions(connection: duckdb.DuckDBPyConnection, mapping: Mapping) -> None:
    """Make `diff_decisions`; decisions about matching are left to matching."""
    matching = ", ".join(literal(kind) for kind in ABOUT_MATCHING)
    connection.execute(
        f"""
CREATE OR REPLACE TEMP TABLE diff_decisions AS
SELECT salesforce_id, quickbooks_id, field, decision, salesforce_seen, quickbooks_seen,
       coalesce(pinned, false) AS pinned, value,
       concat_ws(': ', nullif(decided_by, ''), nullif(reason, '')) AS words
FROM kept.decisions
WHERE mapping = ? AND decision NOT IN ({matching})
QUALIFY row_number() OVER (PARTITION BY salesforce_id, quickbooks_id, field
                           ORDER BY decided_at DESC NULLS LAST, decision) = 1
""",
        [mapping.name],
    )
