"""Writes that are looked up before they go: nothing in qbXML would stop them if the record had moved.

Void, delete and custom fields carry no EditSequence.  An add that has waited for more than a few minutes is
looked for by its key: somebody may have entered the same invoice by hand meanwhile, and QuickBooks takes a
second one without a word.  The requests stay queued while they are looked up; those found as reviewed go
with the next message set.
"""

from __future__ import annotations

from datetime import datetime

from lxml import etree

from qbwc import status
from qbwc.errors import QbxmlError
from qbwc.queue import Item
from qbwc.session import recovery
from qbwc.session.comparing import differences
from qbwc.session.finding import custom_value, probe_of, wanted_of, with_key
from qbwc.session.model import Answered, Failed, Limits, Told, Unknown


def wants_a_look(item: Item, now: datetime, limits: Limits) -> bool:
    """Whether a write is looked up right before it is sent."""
    request = item.write
    if request.entity == "DataExt" or request.action in ("void", "delete"):
        return True
    if request.action == "mod" or not request.probe or item.queued_at is None:
        return False
    return (now - item.queued_at).total_seconds() > limits.old_add_seconds and _findable(item)


def _findable(item: Item) -> bool:
    try:
        return probe_of(item) is not None
    except (QbxmlError, KeyError):
        return False  # it is told when it is sent


def look_up(item: Item) -> etree._Element:
    """The query that finds the record of such a write; `QbxmlError` where it cannot be asked for."""
    element = probe_of(item)
    if element is None:
        raise QbxmlError("it does not say which record it means", fix="Name the record by its key.")
    return element


def look(item: Item, told: Told | None) -> Answered | Failed | Unknown | None:
    """What was found before sending; None when the write may go now."""
    if told is None or not 0 <= told.code < 1000:
        why = status.explain(told.code, told.message) if told else "QuickBooks did not answer the search."
        return Failed(id=item.id, error=f"it could not be looked up before it is sent, so it was not: {why}")
    request = item.write
    if request.action == "add" and request.entity != "DataExt":
        return _look_for_twin(item, told)
    if not told.records:
        return recovery.vanished(item)
    record = told.records[0]
    if request.entity == "DataExt":
        reviewed = str((request.expected or {}).get("DataExtValue") or "")
        return None if custom_value(item, record) == reviewed else recovery.stale(item, record)
    same = record.fields.get("EditSequence") == item.edit_sequence or recovery.unmoved(item, record)
    return None if same else recovery.stale(item, record)


def _look_for_twin(item: Item, told: Told) -> Answered | Failed | Unknown | None:
    twins = with_key(wanted_of(item), told.records)
    if not twins:
        return None
    if item.attempts:  # It was on the way before: what is there may well be its own record.
        settled = recovery.judge_add(item, told.records)
        assert isinstance(settled, (Answered, Unknown))
        return settled
    there = "; ".join(differences(item, twins[0])) or "it holds the same values"
    return Failed(
        id=item.id,
        error=f"a record with its key {wanted_of(item)} is in QuickBooks already ({there}). Nothing "
        "was sent. Match it, or choose another key.",
        answer=recovery.answer_of(twins[0]),
    )
