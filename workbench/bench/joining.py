"""Find which records are the same; what a rule may accept goes into the crosswalk."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import duckdb

from workbench import matching
from workbench.crosswalk import Pair, confirm, pairs
from workbench.model import Mapping, Side
from workbench.reconciliation import Reconciliation, refresh_kept
from workbench.workspace import Workspace

Unmatched = dict[str, dict[str, Any]]
"""How many records of each side have no partner, by mapping and side."""


def join(workspace: Workspace, reconciliation: Reconciliation, mappings: Iterable[Mapping]) -> Unmatched:
    """Match each mapping's records into `work.candidates` and keep the pairs that its rules accept."""
    unmatched, connection = {}, reconciliation.connection
    for mapping in mappings:
        for side in Side:
            reconciliation.derived.prepare(mapping, side)
        found = matching.match(connection, mapping, prepared=True)
        unmatched[mapping.name] = {
            "salesforce": found.unmatched_salesforce,
            "quickbooks": found.unmatched_quickbooks,
        }
        keep_accepted(workspace, connection, mapping)
    return unmatched


def keep_accepted(workspace: Workspace, connection: duckdb.DuckDBPyConnection, mapping: Mapping) -> None:
    """Put a mapping's accepted candidates into the crosswalk, and into the open tables."""
    accepted = connection.execute(
        "SELECT salesforce_id, quickbooks_id, rule FROM work.candidates "
        "WHERE mapping = ? AND status = 'accepted'",
        [mapping.name],
    ).fetchall()
    found = [
        Pair(mapping=mapping.name, salesforce_id=left, quickbooks_id=right, rule=rule, confirmed_by="rule")
        for left, right, rule in accepted
    ]
    if confirm(workspace.store, found):
        refresh_kept(workspace, connection)


def pairs_by_rule(workspace: Workspace) -> dict[str, dict[str, int]]:
    """How many confirmed pairs each rule of each mapping has found."""
    counts: dict[str, dict[str, int]] = {}
    for row in pairs(workspace.store):
        rules = counts.setdefault(str(row["mapping"]), {})
        rules[str(row["rule"])] = rules.get(str(row["rule"]), 0) + 1
    return counts
