"""receiveResponseXML: what an answer, or the lack of one, means for the session."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from qbwc import status
from qbwc.queue import Item, QueryRequest
from qbwc.session import answers, recovery
from qbwc.session.model import (
    ERROR,
    PERCENT,
    Answered,
    Cancelled,
    Doubted,
    Effect,
    Failed,
    Flight,
    Limits,
    Read,
    Receive,
    Requeued,
    SetIs,
    State,
    Step,
    Unknown,
)


def receive(state: State, event: Receive, limits: Limits) -> Step:
    """QBWC brings an answer, or the reason why there is none."""
    flight = state.flight
    if flight is None:
        # The same answer again, or one we did not ask for: it was settled, or cannot be.
        return Step(state=state, reply=ERROR if state.trouble else PERCENT)
    state = replace(state, flight=None)
    if event.hresult:
        if flight.kind == "clear" or status.hresult(event.hresult) == status.PARSE_ERROR:
            return _refused(state, flight, event)
        return _broken(state, flight, status.explain_hresult(event.hresult, event.message))
    if event.answer is None:
        why = event.unreadable.what if event.unreadable else "it is empty"
        return _broken(state, flight, f"QuickBooks' answer could not be read: {why}.")
    if flight.kind == "look":
        effects, checked = answers.settle_looks(event, flight)
        state = replace(state, checked=checked)
    else:
        effects = _settled(flight, event, limits)
    limit = min(limits.writes, state.limit * 2) if flight.kind in ("write", "query") else state.limit
    state = counted(replace(state, limit=limit), effects, event.items)
    return Step(state=state, reply=PERCENT, effects=effects)


def _settled(flight: Flight, event: Receive, limits: Limits) -> tuple[Effect, ...]:
    match flight.kind:
        case "write" | "status":
            return answers.settle_writes(event, flight, limits)
        case "query":
            return answers.settle_queries(event, flight, limits)
        case "probe":
            return answers.settle_probes(event, flight)
        case "clear":
            return (SetIs(set_id=str(flight.set_id), state="cleared"),)
    return ()


def _refused(state: State, flight: Flight, event: Receive) -> Step:
    """0x80040400: nothing of the set ran.  Halve it until the request at fault stands alone."""
    reason = status.explain_hresult(event.hresult, event.message)
    effects: tuple[Effect, ...]
    if flight.kind == "status":
        effects = (Doubted(ids=flight.ids, doubt="probe"),)
    elif flight.kind == "clear":
        effects = (SetIs(set_id=str(flight.set_id), state="cleared", note=reason),)
    elif len(flight.ids) > 1:
        state = replace(state, limit=max(1, len(flight.ids) // 2))
        searched = flight.kind in ("probe", "look")
        effects = () if searched else _requeued(flight, reason, blameless=True)
    elif flight.kind == "probe":
        effects = tuple(
            recovery.unknown(item, f"the search was refused: {reason}") for item in event.items.values()
        )
    elif flight.kind == "look":
        error = f"it could not be looked up before it is sent, so it was not: {reason}"
        effects = tuple(Failed(id=one, error=error) for one in flight.ids)
    else:
        effects = tuple(Failed(id=one, error=reason) for one in flight.ids)
    if flight.kind == "write":
        effects += (SetIs(set_id=str(flight.set_id), state="refused", note=reason),)
    return Step(state=counted(state, effects, event.items), reply=PERCENT, effects=effects)


def _broken(state: State, flight: Flight, reason: str) -> Step:
    """No usable answer: what was written is unknown until the next session has looked."""
    effects = lost(flight, reason)
    return Step(state=replace(state, trouble=reason.strip()), reply=ERROR, effects=effects)


def lost(flight: Flight, reason: str = "its answer was lost") -> tuple[Effect, ...]:
    """What follows when the answer to a message set will not come any more."""
    if flight.kind == "write":
        set_id = str(flight.set_id)
        return (Doubted(ids=flight.ids, doubt="lost"), SetIs(set_id=set_id, state="lost", note=reason))
    if flight.kind == "query":
        return _requeued(flight, reason)
    if flight.kind == "status":
        # The mechanism is unverified: should it be what breaks the session, the next one searches instead.
        return (Doubted(ids=flight.ids, doubt="probe"),)
    return ()  # A search can be repeated: its requests are still in doubt, or still queued.


def _requeued(flight: Flight, reason: str, *, blameless: bool = False) -> tuple[Effect, ...]:
    return tuple(Requeued(id=one, note=reason, blameless=blameless) for one in flight.ids)


def counted(state: State, effects: Sequence[Effect], items: Mapping[str, Item] | None = None) -> State:
    """The state with the requests that these effects settle, and the records that were read."""
    settled = [one for one in effects if isinstance(one, (Answered, Failed, Unknown, Cancelled))]
    failed = sum(not isinstance(one, Answered) for one in settled)
    known = items or {}
    queries = [one for one in settled if one.id in known and isinstance(known[one.id].request, QueryRequest)]
    pages = [one for one in effects if isinstance(one, Read)]
    read = sum(one.records - known[one.id].records for one in pages if one.id in known)
    return replace(
        state,
        done=state.done + len(settled),
        failed=state.failed + failed,
        writes=state.writes + len(settled) - len(queries),
        records=state.records + read,
        queries=state.queries + len(queries),
    )
