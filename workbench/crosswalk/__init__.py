"""What people and rules have settled about records: pairs, what both sides last agreed on, decisions."""

from workbench.crosswalk.base import Agreement, Return, agree, agreements, agreements_query, go_back
from workbench.crosswalk.decisions import Decision, decide, decisions, decisions_query
from workbench.crosswalk.ends import End, Rejoin, end, rejoin
from workbench.crosswalk.pairs import (
    Pair,
    close,
    closed,
    closed_query,
    confirm,
    pair_id,
    pairs,
    pairs_query,
    pairs_with,
)
from workbench.crosswalk.parting import in_the_way, part, parted_query

__all__ = [
    "Agreement",
    "Decision",
    "End",
    "Pair",
    "Rejoin",
    "Return",
    "agree",
    "agreements",
    "agreements_query",
    "close",
    "closed",
    "closed_query",
    "confirm",
    "decide",
    "decisions",
    "decisions_query",
    "end",
    "go_back",
    "in_the_way",
    "pair_id",
    "pairs",
    "pairs_query",
    "pairs_with",
    "part",
    "parted_query",
    "rejoin",
]
