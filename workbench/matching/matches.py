"""The table of candidates, and its summary as data."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from workbench.model import Mapping, MatchStatus, Side

COLUMNS = (
    "mapping VARCHAR, salesforce_id VARCHAR, quickbooks_id VARCHAR, salesforce_label VARCHAR, "
    "quickbooks_label VARCHAR, rule VARCHAR, score DOUBLE, status VARCHAR, reason VARCHAR"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleCount:
    """How many candidates a rule found with a status."""

    rule: str
    status: MatchStatus
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Matches:
    """What matching found in one mapping.

    Attributes:
        counts: By rule and status, rules in the mapping's order, a person's decisions first.
        linked: Pairs that the crosswalk had already.
        unmatched_salesforce, unmatched_quickbooks: Open records of the mapping that no rule accepted.
    """

    mapping: str
    counts: tuple[RuleCount, ...]
    linked: int
    unmatched_salesforce: int
    unmatched_quickbooks: int

    def count(self, status: MatchStatus) -> int:
        """Candidates with that status."""
        return sum(each.count for each in self.counts if each.status is status)

    @property
    def accepted(self) -> int:
        return self.count(MatchStatus.ACCEPTED)

    @property
    def review(self) -> int:
        return self.count(MatchStatus.REVIEW)

    @property
    def ambiguous(self) -> int:
        return self.count(MatchStatus.AMBIGUOUS)

    @property
    def rejected(self) -> int:
        return self.count(MatchStatus.REJECTED)


def create_candidates(connection: duckdb.DuckDBPyConnection) -> None:
    """Make `work.candidates` when it is not there yet."""
    connection.execute("CREATE SCHEMA IF NOT EXISTS work")
    connection.execute(f"CREATE TABLE IF NOT EXISTS work.candidates ({COLUMNS})")


def summarise(connection: duckdb.DuckDBPyConnection, mapping: Mapping) -> Matches:
    """The summary of the `match` that has just run on this connection."""
    rows = connection.execute(
        "SELECT rule, status, count(*) FROM work.candidates WHERE mapping = ? GROUP BY ALL", [mapping.name]
    ).fetchall()
    order = {name: number for number, name in enumerate(["decision", *(rule.rule for rule in mapping.match)])}
    statuses = list(MatchStatus)
    rows.sort(key=lambda row: (order.get(row[0], len(order)), statuses.index(MatchStatus(row[1]))))
    unmatched = {
        side: _one(connection, f"SELECT count(*) FROM match_open_{side} WHERE NOT taken") for side in Side
    }
    linked = _one(connection, "SELECT count(*) FROM kept.crosswalk WHERE mapping = ?", mapping.name)
    return Matches(
        mapping=mapping.name,
        counts=tuple(RuleCount(rule=row[0], status=MatchStatus(row[1]), count=row[2]) for row in rows),
        linked=linked,
        unmatched_salesforce=unmatched[Side.SALESFORCE],
        unmatched_quickbooks=unmatched[Side.QUICKBOOKS],
    )


def _one(connection: duckdb.DuckDBPyConnection, query: str, *parameters: object) -> int:
    row = connection.execute(query, list(parameters)).fetchone()
    return int(row[0]) if row else 0
