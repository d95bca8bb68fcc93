"""Which decisions can have an effect on which differences.

One that fits nothing would be kept without a word, and take effect on the day on which something comes to
fit it: a `delete` of a record whose partner is there still, when the partner is deleted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import pandas as pd

from workbench.model import ABOUT_MATCHING, DecisionKind, Finding, Kind

LOOKED_AT = (DecisionKind.ACCEPT, DecisionKind.REFUSE, DecisionKind.IGNORE)
"""What can be said of any difference: it stays as it is."""

OF_FIELDS = (DecisionKind.TAKE_SALESFORCE, DecisionKind.TAKE_QUICKBOOKS, DecisionKind.SET)
OF_NEW = (DecisionKind.CREATE,)
OF_DELETED = (DecisionKind.DEACTIVATE, DecisionKind.DELETE)

_NOT_DELETED = {
    Finding.MISSING: "its partner is missing, and absence is not deletion",
    Finding.OUTSIDE: "its partner is there, outside the mapping's filter",
    Finding.NEW: "it never had a partner",
}


def unfit(kind: str, difference: str, decision: str) -> str:
    """Why a decision is none for a difference of this kind and finding; '' when it is one."""
    if decision in LOOKED_AT:
        return ""
    if decision in ABOUT_MATCHING:
        return f"{decision} is about two records, and is decided in the matches"
    if kind == Kind.FIELD:
        return "" if decision in OF_FIELDS else f"{decision} is about a whole record, not about a field"
    if decision in OF_FIELDS:
        return f"{decision} is about a field, and this is a record on one side only"
    if decision in OF_NEW:
        return "" if difference == Finding.NEW else f"{decision} is for a record that never had a partner"
    told = _NOT_DELETED.get(Finding(difference))
    return f"{decision} is for a record whose partner was deleted; {told}" if told else ""


def all_unfit(rows: pd.DataFrame, decision: str) -> Mapping[str, int]:
    """Why a decision does not fit some of the rows, and how many of them."""
    kinds = zip(rows["kind"].astype(str), rows["difference"].astype(str), strict=True)
    found: dict[str, int] = {}
    for (kind, difference), count in Counter(kinds).items():
        if why := unfit(kind, difference, decision):
            found[why] = found.get(why, 0) + count
    return found
