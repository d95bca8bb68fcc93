"""When a push must not go on: at the first surprise, and when too many of its changes fail.

A surprise is a canary that did not become what the plan has foretold, and any record that was accepted and
then holds something else than foretold.  What is `stale` is none: somebody edited a record, and nothing was
sent.  A refusal that the plan has foretold is none either, and does not count as a failure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from workbench.changes import Change, ChangeSet
from workbench.ledger import OutcomeRow
from workbench.ledger.pushes import CANARIES
from workbench.model import Side

LEAST_FAILURES = 10
"""Fewer failures never stop a push by their number."""

_CODES = re.compile(r"(?:^|; )([A-Z][A-Z_]{3,}|\d{3,5}): ")


def why_stop(
    changeset: ChangeSet, failed: Sequence[OutcomeRow], applied: int, stage: str, percent: float
) -> str | None:
    """Say why nothing more may be sent; None when nothing speaks against it.

    Args:
        failed: Outcomes of the changes that failed.
        applied: How many were applied.
        percent: Share of failures, of what is applied or failed, above which a push stops.
    """
    odd = [row for row in failed if row.accepted or not _foretold(changeset.by_id[row.change], row)]
    for row in odd:
        if row.accepted:
            what = _what(changeset, row)
            return f"{what} was accepted, and holds something else than was foretold: {row.detail}"
        if stage == CANARIES:
            return f"{_what(changeset, row)} went first, and failed: {row.detail}"
    return too_many(odd, applied, percent)


def taken(changeset: ChangeSet, rows: Iterable[OutcomeRow]) -> str | None:
    """Say which canary was taken that was to be refused; None when there is none."""
    for row in rows:
        predicted = changeset.by_id[row.change].predicted
        if row.state == "applied" and predicted not in ("", "ok"):
            return f"{_what(changeset, row)} went first and was taken, where {predicted} was foretold"
    return None


def too_many(failed: Sequence[OutcomeRow], applied: int, percent: float) -> str | None:
    """Say that too large a share failed; None when it did not."""
    count, settled = len(failed), len(failed) + applied
    if count < LEAST_FAILURES or 100 * count <= percent * settled:
        return None
    return (
        f"{count:,} of the first {settled:,} changes failed, and more than {percent:g} in 100 stop a push; "
        f"the first: {failed[0].detail}"
    )


def _foretold(change: Change, row: OutcomeRow) -> bool:
    """Whether the plan has said that it would be refused so."""
    return change.predicted not in ("", "ok") and change.predicted in _CODES.findall(row.detail or "")


def _what(changeset: ChangeSet, row: OutcomeRow) -> str:
    change = changeset.by_id[row.change]
    return f"the {change.action} of {change.object} {change.label!r} in {Side(change.side).label}"
