"""Find which records are the same; what a rule may accept goes into the crosswalk."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import duckdb

from workbench import matching
from workbench.crosswalk import Pair, confirm, pairs, part
from workbench.model import ABOUT_MATCHING, DecisionKind, Mapping, Side
from workbench.normalize import literal
from workbench.normalize.sql import canonical
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
        take_apart(workspace, connection, mapping)
        found = matching.match(connection, mapping, prepared=True)
        unmatched[mapping.name] = {
            "salesforce": found.unmatched_salesforce,
            "quickbooks": found.unmatched_quickbooks,
        }
        keep_accepted(workspace, connection, mapping)
    return unmatched


def take_apart(workspace: Workspace, connection: duckdb.DuckDBPyConnection, mapping: Mapping) -> None:
    """End the pairs that a person calls no match, and those of lines whose documents are no pair any more."""
    refused = (
        "SELECT c.pair FROM kept.crosswalk AS c JOIN kept.decisions AS d "
        "ON d.mapping = c.mapping AND d.salesforce_id = c.salesforce_id "
        "AND d.quickbooks_id = c.quickbooks_id "
        f"WHERE c.mapping = ? AND d.field IS NULL AND d.decision = {literal(DecisionKind.NOT_A_MATCH)}"
    )
    ended = connection.execute(refused, [mapping.name]).fetchall()
    # Documents leave each other only by what a person says of them.
    words = "SELECT 1 FROM kept.decisions WHERE mapping = ? AND field IS NULL AND list_contains(?, decision)"
    if connection.execute(words, [mapping.parent, [*ABOUT_MATCHING]]).fetchone():
        ended += connection.execute(_strayed(mapping), [mapping.name]).fetchall()
    if part(workspace.store, [pair for (pair,) in ended]):
        refresh_kept(workspace, connection)


def _strayed(mapping: Mapping) -> str:
    """A query of pairs of lines that are there on both sides, in documents that are not each other's."""
    lines = {side: f"JOIN {canonical(mapping, side)} AS {side} ON {side}.id = c.{side}_id" for side in Side}
    return f"""
SELECT c.pair FROM kept.crosswalk AS c {" ".join(lines.values())}
LEFT JOIN kept.crosswalk AS document ON document.mapping = {literal(str(mapping.parent))}
  AND document.salesforce_id = salesforce.parent AND document.quickbooks_id = quickbooks.parent
WHERE c.mapping = ? AND document.pair IS NULL
"""


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
