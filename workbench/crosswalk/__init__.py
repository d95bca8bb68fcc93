"""What people and rules have settled about records: pairs, what both sides last agreed on, decisions."""

from workbench.crosswalk.base import Agreement, agree, agreements
from workbench.crosswalk.decisions import Decision, decide, decisions
from workbench.crosswalk.pairs import Pair, close, closed, confirm, pair_id, pairs

__all__ = [
    "Agreement",
    "Decision",
    "Pair",
    "agree",
    "agreements",
    "close",
    "closed",
    "confirm",
    "decide",
    "decisions",
    "pair_id",
    "pairs",
]
