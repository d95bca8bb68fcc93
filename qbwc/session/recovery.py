"""After a lost answer: look the record up, and decide from what is found.

A write is never sent again on a guess.  An add goes again only when a search by its key finds nothing; a
change goes again only when the record still has the EditSequence it was reviewed against.  A record that
holds exactly what was sent is adopted.  Everything else is unknown, with the evidence, for a person.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from lxml import etree

from qbwc import status
from qbwc.descriptor import ENTITIES
from qbwc.qbxml import Record, build_query
from qbwc.queue import Item
from qbwc.queue.model import WriteRequest, filled
from qbwc.session.model import Answered, Failed, Requeued, Told, Unknown

PREFIX = "probe-"
ADOPTED = "its answer was lost; the record was found in QuickBooks with exactly these values"


def probe_of(item: Item) -> etree._Element | None:
    """The query that finds the record of a write; None when the request does not say how to find it."""
    request, name = item.write, f"{PREFIX}{item.id}"
    if request.action == "mod":
        return build_query(request.entity, request_id=name, keys=[str(filled(request.key, item.answers))])
    wanted = filled(request.probe or {}, item.answers)
    key = ENTITIES[request.entity].key
    if key in wanted:
        return build_query(request.entity, request_id=name, keys=[str(wanted[key])])
    if "FullName" in wanted:
        return build_query(request.entity, request_id=name, full_names=[str(wanted["FullName"])])
    if "RefNumber" in wanted:
        return build_query(request.entity, request_id=name, ref_numbers=[str(wanted["RefNumber"])])
    return None


def judge(item: Item, told: Told | None) -> Answered | Failed | Requeued | Unknown:
    """What became of a write, from the answer to its probe."""
    if told is None:
        return Unknown(id=item.id, evidence="the answer was lost, and QuickBooks did not answer the search")
    if not 0 <= told.code < 1000:
        return Unknown(
            id=item.id,
            evidence=f"the answer was lost, and the search failed: {status.explain(told.code, told.message)}",
        )
    if item.doubt == "stale":
        return _judge_stale(item, told.records)
    return _judge_mod(item, told.records) if item.write.action == "mod" else _judge_add(item, told.records)


def _judge_add(item: Item, found: Sequence[Record]) -> Answered | Requeued | Unknown:
    wanted = filled(item.write.probe or {}, item.answers)
    same_key = [
        record
        for record in found
        if all(_equal(name, value, _field(record, name)) for name, value in wanted.items())
    ]
    if not same_key:
        return Requeued(
            id=item.id, note="its answer was lost; QuickBooks does not hold the record: sent again"
        )
    equal = [record for record in same_key if not differences(item, record)]
    if len(equal) == 1:
        return _adopt(item, equal[0])
    told = f"{len(same_key)} records have its key {dict(wanted)}, {len(equal)} of them hold all its values"
    if len(same_key) == 1:
        told = f"a record with its key {dict(wanted)} differs: {'; '.join(differences(item, same_key[0]))}"
    return Unknown(id=item.id, evidence=f"the answer was lost; {told}")


def _field(record: Record, name: str) -> object:
    # In a flat list (vendors, terms) the name is the full name.
    return record.fields.get("Name" if name == "FullName" and name not in record.fields else name)


def _judge_mod(item: Item, found: Sequence[Record]) -> Answered | Failed | Requeued | Unknown:
    if not found:
        return _vanished(item)
    record = found[0]
    if record.fields.get("EditSequence") == item.edit_sequence:
        return Requeued(id=item.id, note="its answer was lost; the record is unchanged: sent again")
    told = differences(item, record)
    if not told:
        return _adopt(item, record)
    return Unknown(
        id=item.id,
        evidence=f"the answer was lost; the record has changed, but not to what was sent: {'; '.join(told)}",
    )


def _judge_stale(item: Item, found: Sequence[Record]) -> Failed | Requeued:
    """3200: send again only when the record is still as it was reviewed, and only once."""
    if not found:
        return _vanished(item)
    record = found[0]
    expected = item.write.expected
    moved = [] if expected is None else compare(expected, record)
    # A change of lines deletes what it does not name: without reviewed lines nothing proves that it may.
    proven = expected is not None and (item.write.lines is None or "lines" in expected)
    now = str(record.fields.get("EditSequence"))
    if proven and not moved and not item.refreshed:
        return Requeued(
            id=item.id,
            note=f"EditSequence was {item.edit_sequence}, is {now}; its fields are as reviewed: sent again",
            edit_sequence=now,
        )
    return Failed(
        id=item.id,
        code=status.STALE,
        message="The record was changed in QuickBooks after it was reviewed.",
        error=f"stale: reviewed with EditSequence {item.write.edit_sequence}, now {now}"
        + (f"; {'; '.join(moved)}" if moved else "")
        + ". Nothing was changed. Pull again and review.",
        answer=answer_of(record),
    )


def _vanished(item: Item) -> Failed:
    return Failed(
        id=item.id,
        code=status.NOT_FOUND,
        message="The record is no longer in QuickBooks.",
        error=f"{item.write.entity} {item.write.key} is no longer in QuickBooks. Pull again and review.",
    )


def _adopt(item: Item, record: Record) -> Answered:
    return Answered(id=item.id, code=0, answer=answer_of(record), note=ADOPTED)


def answer_of(record: Record) -> dict[str, Any]:
    """The record as the queue keeps it: flattened fields, and its lines under 'lines'."""
    lines = next(iter(record.lines.values()), None)
    return {**record.fields, **({} if lines is None else {"lines": lines})}


def differences(item: Item, record: Record) -> list[str]:
    """In what a record differs from the values that were sent; an empty list when it holds them all."""
    request: WriteRequest = item.write
    sent = dict(filled(request.fields, item.answers))
    if request.lines is not None:
        sent["lines"] = filled(list(request.lines), item.answers)
    return compare(sent, record)


def compare(wanted: Mapping[str, Any], record: Record) -> list[str]:
    """In what a record differs from flattened values (lines under 'lines'), each as a person reads it."""
    told = [
        f"{name} is {_shown(record.fields.get(name))}, expected {_shown(value)}"
        for name, value in wanted.items()
        if name != "lines" and not _equal(name, value, record.fields.get(name))
    ]
    if wanted.get("lines") is not None:
        told += _compare_lines(wanted["lines"], next(iter(record.lines.values()), []))
    return told


def _compare_lines(wanted: Sequence[Mapping[str, Any]], found: Sequence[Mapping[str, Any]]) -> list[str]:
    if len(wanted) != len(found):
        return [f"it has {len(found)} lines, expected {len(wanted)}"]
    return [
        f"line {number} {name} is {_shown(there.get(name))}, expected {_shown(value)}"
        for number, (line, there) in enumerate(zip(wanted, found, strict=True), 1)
        for name, value in line.items()
        if not (name == "TxnLineID" and value == "-1") and not _equal(name, value, there.get(name))
    ]


def _shown(value: object) -> str:
    return "empty" if value in (None, "") else repr(value) if isinstance(value, str) else str(value)


def _equal(name: str, wanted: object, found: object) -> bool:
    """Whether QuickBooks' value is the one meant: types may differ, as 'true' and True do."""
    if wanted in (None, "") or found in (None, ""):
        return wanted in (None, "") and found in (None, "")
    if isinstance(found, bool) or isinstance(wanted, bool):
        return _text(wanted) == _text(found)
    if isinstance(found, (Decimal, int)) or isinstance(wanted, (Decimal, int)):
        return _number(wanted) is not None and _number(wanted) == _number(found)
    left, right = _text(wanted), _text(found)
    return left.casefold() == right.casefold() if name.endswith("FullName") else left == right


def _number(value: object) -> Decimal | None:
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    return str(value).strip()
