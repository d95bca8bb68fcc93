"""Read what QuickBooks answered, and say what it means for each request of the set.

Every answer of a set is looked at, matched by our own requestID.  Pages of queries are only counted here:
they go to the tape as they are, so that the reply does not wait for their values.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from qbwc import status
from qbwc.errors import QbxmlError
from qbwc.qbxml import message_set_status, parse_responses
from qbwc.qbxml.glance import Glance, glance
from qbwc.queue import Item
from qbwc.session import first, recovery
from qbwc.session.finding import PREFIX
from qbwc.session.model import (
    Answer,
    Answered,
    Counted,
    Doubted,
    Effect,
    Failed,
    Flight,
    Limits,
    PageKept,
    Read,
    Receive,
    Requeued,
    SetIs,
    Told,
)

_ITERATOR_LIMIT = 60  # a GUID in braces (recorded); the store has no room for more


def read_answer(flight: Flight, document: str) -> Answer:
    """Read an answer as far as its flight needs it.

    Raises:
        QbxmlError: It is no qbXML answer.
    """
    return _counted(document) if flight.kind == "query" else _with_records(document)


def _with_records(document: str) -> Answer:
    told = {
        one.request_id: Told(code=one.status_code, message=one.message, records=tuple(one.records))
        for one in parse_responses(document)
    }
    message_set_status(document)  # raises when this is no answer to a message set
    return Answer(told=told)


def _counted(document: str) -> Answer:
    answers = glance(document)
    if any(len(answer.attributes.get("iteratorID", "")) > _ITERATOR_LIMIT for answer in answers):
        raise QbxmlError("an iteratorID is longer than any QuickBooks makes", fix="Do not trust this peer.")
    return Answer(told={answer.attributes.get("requestID", ""): _told(answer) for answer in answers})


def _told(answer: Glance) -> Told:
    attributes = answer.attributes
    return Told(
        code=_status(attributes.get("statusCode")),
        message=attributes.get("statusMessage", ""),
        count=answer.records,
        in_all=_number(attributes.get("retCount")),
        iterator_id=attributes.get("iteratorID"),
        remaining=_number(attributes.get("iteratorRemainingCount")),
    )


def _status(text: str | None) -> int:
    """A code that is missing or no number is none: the answer proves nothing."""
    code = _number(text)
    return status.NO_CODE if code is None else code


def _number(text: str | None) -> int | None:
    try:
        return int(text) if text else None
    except ValueError:
        return None


def settle_writes(event: Receive, flight: Flight, limits: Limits) -> tuple[Effect, ...]:
    """What a set of writes, or a look at its stored answer, brought."""
    assert event.answer is not None
    told = event.answer.told
    made = [
        effect
        for name in flight.ids
        if name in event.items
        for effect in _settle_write(event.items[name], told.get(name), limits, stored=flight.kind == "status")
    ]
    if flight.set_id:
        made.append(SetIs(set_id=flight.set_id, state="answered" if told else "lost"))
    return tuple(made)


def _settle_write(item: Item, told: Told | None, limits: Limits, *, stored: bool) -> Iterator[Effect]:
    if told is None or told.code == status.NO_CODE:
        # The set was answered but this request was not: whether it ran is looked up, never guessed.
        yield Doubted(ids=(item.id,), doubt="probe")
        return
    meaning = status.reaction(told.code)
    failed = partial(Failed, id=item.id, code=told.code, message=told.message)
    if meaning == "done":
        record = told.records[0] if told.records else None
        note = "its answer was lost; QuickBooks had kept it" if stored else None
        warning = status.explain(told.code, told.message) if told.code else None
        yield Answered(
            id=item.id,
            code=told.code,
            message=told.message,
            answer=recovery.answer_of(record) if record else {},
            note=" ".join(filter(None, (note, warning))) or None,
        )
    elif meaning in ("again", "not attempted") and item.attempts < limits.attempts:
        yield Requeued(id=item.id, note=status.explain(told.code, told.message))
    elif meaning == "stale" and item.write.action == "mod" and item.write.entity != "DataExt":
        yield Doubted(ids=(item.id,), doubt="stale")
    else:
        yield failed(error=status.explain(told.code, told.message))


def settle_looks(event: Receive, flight: Flight) -> tuple[tuple[Effect, ...], tuple[str, ...]]:
    """What was found of writes before they go: what that settles, and which of them may go."""
    assert event.answer is not None
    found = {
        name: first.look(event.items[name], event.answer.told.get(f"{PREFIX}{name}"))
        for name in flight.ids
        if name in event.items
    }
    settled = tuple(effect for effect in found.values() if effect is not None)
    return settled, tuple(name for name, effect in found.items() if effect is None)


def settle_probes(event: Receive, flight: Flight) -> tuple[Effect, ...]:
    """What the search for records brought."""
    assert event.answer is not None
    told = event.answer.told
    return tuple(
        recovery.judge(event.items[name], told.get(f"{PREFIX}{name}"))
        for name in flight.ids
        if name in event.items
    )


def settle_queries(event: Receive, flight: Flight, limits: Limits) -> tuple[Effect, ...]:
    """What a set of queries brought: pages first, then where each query is now."""
    assert event.answer is not None
    pages: list[tuple[str, int, bool]] = []
    made: list[Effect] = []
    for name in flight.ids:
        if name not in event.items:
            continue
        item, told = event.items[name], event.answer.told.get(name)
        if told is not None and status.reaction(told.code) == "done":
            if item.query.count_only:
                made.extend(_settle_count(item, told))
                continue
            final = not told.remaining
            pages.append((name, told.count, final))
            made.extend(_settle_page(item, told, final=final))
        else:
            made.append(_unread(item, told, limits))
    return (*([PageKept(pages=tuple(pages))] if pages else []), *made)


def _settle_count(item: Item, told: Told) -> Iterator[Effect]:
    total = 0 if told.in_all is None and told.code == status.NOTHING_MATCHED else told.in_all
    yield Counted(id=item.id, total=total)
    note = "QuickBooks told no count" if total is None else None
    yield Answered(id=item.id, code=told.code, message=told.message, note=note)


def _settle_page(item: Item, told: Told, *, final: bool) -> Iterator[Effect]:
    records = item.records + told.count
    total = records + (told.remaining or 0)
    # The last page still carries an iteratorID (recorded): only what remains says whether more follows.
    yield Read(id=item.id, records=records, total=total, iterator_id=None if final else told.iterator_id)
    if final:
        note = status.explain(told.code, told.message) if told.code > status.NOTHING_MATCHED else None
        yield Answered(id=item.id, code=told.code, message=told.message, note=note)


def _unread(item: Item, told: Told | None, limits: Limits) -> Requeued | Failed:
    if told is None or told.code == status.NO_CODE:
        reason, again = "QuickBooks did not answer it, or without a status code", True
    else:
        reason = status.explain(told.code, told.message)
        again = status.reaction(told.code) in ("again", "not attempted", "restart")
    if again and item.attempts < limits.attempts:
        return Requeued(id=item.id, note=f"{reason} It starts again.")
    return Failed(
        id=item.id,
        error=reason,
        code=told.code if told else None,
        message=told.message if told else None,
    )
