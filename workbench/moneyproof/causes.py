"""Why documents of a side are not as predicted: not applied, edited by somebody else, or unexplained.

1. Not applied: changes of the push to that side were not carried out, and its documents are as they were
   before, or others of its changes were.
2. Edited: somebody else has made, changed, deleted, unlinked or paid one; that is, its version is another one
   than before, or than our own write has left, or only what is open of it has changed.
3. Sales tax: QuickBooks has added another one than was predicted.
4. Unexplained: all else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from enum import StrEnum

from workbench.model import Side
from workbench.moneyproof.figures import Held
from workbench.moneyproof.together import Together, by_id
from workbench.moneyproof.written import Record, Written, same_version

NOT_WRITTEN = "not written, and yet it is another than before in the same version"
ANOTHER = "applied, and what is there is not what was predicted"
UNTOUCHED = "nothing here has written it, and its version is what it was"


class Cause(StrEnum):
    """Where a deviation comes from."""

    NOT_APPLIED = "not applied"
    EDITED = "edited by somebody else"
    TAX = "sales tax"
    UNEXPLAINED = "unexplained"


def cause(
    found: Together, by_record: Mapping[Record, Sequence[Written]], side: Side, *, unmoved: bool
) -> tuple[Cause, str]:
    """Why documents are not as predicted on a side, and what happened in a sentence.

    Args:
        unmoved: Whether that side is as it was before.
    """
    writes = {
        each.change.id: each
        for record in sorted(found.records)
        for each in by_record.get(record, ())
        if each.change.side == side
    }
    failed = [each for each in writes.values() if not each.applied]
    edits = list(dict.fromkeys(_edits(found, by_record, side)))
    if failed and (unmoved or edits or len(failed) < len(writes)):
        told = "; ".join(dict.fromkeys(_told(each) for each in failed))
        return Cause.NOT_APPLIED, "; ".join([told, *edits])
    if edits:
        return Cause.EDITED, "; ".join(edits)
    if tax := _tax(found, side):
        return Cause.TAX, f"QuickBooks added {tax:,.2f} of sales tax to what was predicted"
    return Cause.UNEXPLAINED, NOT_WRITTEN if failed else ANOTHER if writes else UNTOUCHED


def _tax(found: Together, side: Side) -> Decimal | None:
    """The sales tax by which QuickBooks' documents are not as predicted, where that is all of it."""
    if side is not Side.QUICKBOOKS:
        return None
    sums = [
        (sum(each.amount or 0 for each in held), sum(each.tax or 0 for each in held))
        for held in (by_id(documents, side).values() for documents in (found.predicted, found.after))
    ]
    (foretold, its_tax), (held, tax) = sums
    apart = Decimal(tax - its_tax)
    return apart if apart and held - foretold == apart else None


def _told(write: Written) -> str:
    change = write.change
    what = f"{change.action} in {Side(change.side).label}: {write.state}"
    return f"{what} ({write.detail})" if write.detail else what


def _edits(found: Together, by_record: Mapping[Record, Sequence[Written]], side: Side) -> Iterator[str]:
    """What somebody else has done with the records of a side."""
    was, predicted, is_ = (by_id(each, side) for each in (found.before, found.predicted, found.after))
    for id_ in {**was, **is_}:
        writes = by_record.get((str(side), id_), ())
        ours = [each for each in writes if each.applied and each.change.side == side]
        told = _edit(side, was.get(id_), predicted.get(id_), is_.get(id_), ours)
        if told:
            yield f"{told} in {side.label}"
    if _unlinked(found):
        yield "unlinked"


def _edit(
    side: Side, was: Held | None, predicted: Held | None, is_: Held | None, ours: Sequence[Written]
) -> str:
    """What somebody else has done with one record; '' when nothing shows it."""
    if is_ is None:
        return "" if ours else "deleted"
    if not ours:
        if was is None:
            return "made"
        if was.version != is_.version:
            return "edited"
    elif not same_version(side, is_.version, [each.version for each in ours]):
        return "edited after the push"
    expected = predicted or was
    moves = expected is not None and expected.amount == is_.amount and expected.open != is_.open
    return "paid or credited" if moves and side is Side.QUICKBOOKS else ""


def _unlinked(found: Together) -> bool:
    """Whether a pair that was to stay is two documents now."""
    pairs = {
        (each.salesforce.id, each.quickbooks.id)
        for each in found.predicted
        if each.salesforce and each.quickbooks
    }
    alone = {side: by_id([each for each in found.after if not each.linked], side) for side in Side}
    return any(left in alone[Side.SALESFORCE] and right in alone[Side.QUICKBOOKS] for left, right in pairs)
