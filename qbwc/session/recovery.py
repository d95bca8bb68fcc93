"""After a lost answer: look the record up, and decide from what is found.

A write is never sent again on a guess.  An add goes again only when a search by its key finds nothing; a
change, void or delete goes again only when the record still has the EditSequence it was reviewed against, a
custom field only when it still has its old value.  A record that holds exactly what was sent is adopted; so
is one that is gone after a delete, or void after a void.  Everything else is unknown, for a person, with the
evidence: when it was sent and in which message set, by what it was looked for, and what was found.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from qbwc import status
from qbwc.qbxml import Record
from qbwc.queue import Item
from qbwc.session.comparing import compare, differences
from qbwc.session.finding import custom_value, wanted_of, with_key
from qbwc.session.model import Answered, Failed, Requeued, Told, Unknown

ADOPTED = "its answer was lost; the record was found in QuickBooks with exactly these values"
_AMOUNTS = ("Subtotal", "TotalAmount", "BalanceRemaining", "CreditRemaining")

Settled = Answered | Failed | Requeued | Unknown


def unknown(item: Item, found: str) -> Unknown:
    """For a person: what was sent when, and what was found of it."""
    parts = []
    if item.sent_at is not None:
        parts.append(f"sent {item.sent_at:%Y-%m-%d %H:%M:%S} UTC")
    if item.message_set_id:
        parts.append(f"in message set {item.message_set_id}, of which QuickBooks gave no stored answer")
    sent = f" ({' '.join(parts)})" if parts else ""
    return Unknown(id=item.id, evidence=f"the answer was lost{sent}; {found}")


def judge(item: Item, told: Told | None) -> Settled:
    """What became of a write, from the answer to its probe."""
    if told is None:
        return unknown(item, "QuickBooks did not answer the search")
    if not 0 <= told.code < 1000:
        return unknown(item, f"the search failed: {status.explain(told.code, told.message)}")
    if item.doubt == "stale":
        return _judge_stale(item, told.records)
    if item.write.entity == "DataExt":
        return _judge_custom(item, told.records)
    match item.write.action:
        case "add":
            return judge_add(item, told.records)
        case "mod":
            return _judge_mod(item, told.records)
        case "void":
            return _judge_void(item, told.records)
        case "delete":
            return _judge_delete(item, told.records)


def judge_add(item: Item, found: Sequence[Record]) -> Settled:
    """An add: not there, there as sent, or there otherwise."""
    wanted = wanted_of(item)
    same_key = with_key(wanted, found)
    if not same_key:
        return Requeued(
            id=item.id, note="its answer was lost; QuickBooks does not hold the record: sent again"
        )
    equal = [record for record in same_key if not differences(item, record)]
    if len(equal) == 1:
        return _adopt(item, equal[0])
    told = f"{len(same_key)} records have its key {wanted}, {len(equal)} of them hold all its values"
    if len(same_key) == 1:
        told = f"a record with its key {wanted} differs: {'; '.join(differences(item, same_key[0]))}"
    return unknown(item, told)


def _judge_mod(item: Item, found: Sequence[Record]) -> Settled:
    if not found:
        return vanished(item)
    record = found[0]
    if _as_reviewed(item, record):
        return Requeued(id=item.id, note="its answer was lost; the record is unchanged: sent again")
    told = differences(item, record)
    if not told:
        return _adopt(item, record)
    return unknown(item, f"the record has changed, but not to what was sent: {'; '.join(told)}")


def _judge_void(item: Item, found: Sequence[Record]) -> Settled:
    if not found:
        return vanished(item)
    record = found[0]
    if _as_reviewed(item, record):
        return Requeued(id=item.id, note="its answer was lost; the transaction is not void: sent again")
    if is_void(record):
        return _adopt(item, record, note="its answer was lost; the transaction was found void in QuickBooks")
    now = record.fields.get("EditSequence")
    return unknown(item, f"the transaction is not void, and has changed since (EditSequence {now})")


def _judge_delete(item: Item, found: Sequence[Record]) -> Settled:
    if not found:
        return Answered(
            id=item.id, code=0, answer={}, note="its answer was lost; QuickBooks no longer holds the record"
        )
    if _as_reviewed(item, found[0]):
        return Requeued(id=item.id, note="its answer was lost; the record is still there: sent again")
    # What was deleted does not come back: it is there, so that the delete did not happen.
    return stale(item, found[0])


def _judge_custom(item: Item, found: Sequence[Record]) -> Settled:
    if not found:
        return vanished(item)
    value, sent = custom_value(item, found[0]), str(item.write.fields.get("DataExtValue") or "")
    reviewed = str((item.write.expected or {}).get("DataExtValue") or "")
    if value == sent:
        return _adopt(item, found[0], note="its answer was lost; the custom field was found with this value")
    if value == reviewed:
        return Requeued(
            id=item.id, note="its answer was lost; the custom field has its old value: sent again"
        )
    return unknown(item, f"the custom field holds {value!r}, sent was {sent!r}, reviewed {reviewed!r}")


def _as_reviewed(item: Item, record: Record) -> bool:
    return bool(item.edit_sequence) and record.fields.get("EditSequence") == item.edit_sequence


def is_void(record: Record) -> bool:
    """Whether a transaction is void: amounts of 0 and a memo that begins with VOID (unverified)."""
    amounts = [record.fields[name] for name in _AMOUNTS if record.fields.get(name) is not None]
    memo = str(record.fields.get("Memo") or "")
    return bool(amounts) and not any(amounts) and memo.upper().startswith("VOID")


def _judge_stale(item: Item, found: Sequence[Record]) -> Failed | Requeued:
    """3200: send again only when the record is still as it was reviewed, and only once."""
    if not found:
        return vanished(item)
    record = found[0]
    now = str(record.fields.get("EditSequence"))
    if unmoved(item, record) and not item.refreshed:
        return Requeued(
            id=item.id,
            note=f"EditSequence was {item.edit_sequence}, is {now}; its fields are as reviewed: sent again",
            edit_sequence=now,
        )
    return stale(item, record)


def unmoved(item: Item, record: Record) -> bool:
    """Whether a record whose EditSequence moved still holds all that was reviewed of it.

    A change of lines deletes what it does not name, a void or delete takes the lines too: without reviewed
    lines nothing proves that it may.
    """
    request, expected = item.write, item.write.expected
    whole = request.lines is not None or (request.action in ("void", "delete") and bool(record.lines))
    return expected is not None and (not whole or "lines" in expected) and not compare(expected, record)


def stale(item: Item, record: Record) -> Failed:
    """It moved since review: nothing is sent, and its present values are kept for the person."""
    request = item.write
    if request.entity == "DataExt":
        reviewed = str((request.expected or {}).get("DataExtValue") or "")
        moved = [f"the custom field is {custom_value(item, record)!r}, expected {reviewed!r}"]
        told = "stale"
    else:
        moved = compare(request.expected, record) if request.expected else []
        now = record.fields.get("EditSequence")
        told = f"stale: reviewed with EditSequence {request.edit_sequence}, now {now}"
    return Failed(
        id=item.id,
        code=status.STALE,
        message="The record was changed in QuickBooks after it was reviewed.",
        error=told
        + (f"; {'; '.join(moved)}" if moved else "")
        + ". Nothing was changed. Pull again and review.",
        answer=answer_of(record),
    )


def vanished(item: Item) -> Failed:
    """The record it means is not there."""
    request = item.write
    named = f"{request.entity} {request.key}" if request.key else f"The record of {request.entity} {item.id}"
    return Failed(
        id=item.id,
        code=status.NOT_FOUND,
        message="The record is no longer in QuickBooks.",
        error=f"{named} is no longer in QuickBooks. Pull again and review.",
    )


def _adopt(item: Item, record: Record, note: str = ADOPTED) -> Answered:
    return Answered(id=item.id, code=0, answer=answer_of(record), note=note)


def answer_of(record: Record) -> dict[str, Any]:
    """The record as the queue keeps it: flattened fields, and its lines under 'lines'."""
    lines = next(iter(record.lines.values()), None)
    return {**record.fields, **({} if lines is None else {"lines": lines})}
