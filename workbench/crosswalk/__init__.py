"""What people and rules have settled about records: pairs, what both sides last agreed on, decisions."""

from workbench.crosswalk.base import Agreement, Return, agree, agreements, go_back
from workbench.crosswalk.decisions import Decision, decide, decisions
from workbench.crosswalk.ends import End, Rejoin, end, rejoin
from workbench.crosswalk.pairs import Pair, close, closed, confirm, pair_id, pairs, pairs_with

__all__ = [
    "Agreement",
    "Decision",
    "End",
    "Pair",
    "Rejoin",
    "Return",
    "agree",
    "agreements",
    "close",
    "closed",
    "confirm",
    "decide",
    "decisions",
    "end",
    "go_back",
    "pair_id",
    "pairs",
    "pairs_with",
    "rejoin",
]
