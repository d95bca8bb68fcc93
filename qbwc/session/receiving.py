"""receiveResponseXML: what an answer, or the lack of one, means for the session."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from qbwc import status
from qbwc.session import answers
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
    effects = _settled(flight, event, limits)
    limit = min(limits.writes, state.limit * 2) if flight.kind in ("write", "query") else state.limit
    return Step(state=counted(replace(state, limit=limit), effects), reply=PERCENT, effects=effects)


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
        effects = () if flight.kind == "probe" else _requeued(flight, reason, blameless=True)
    elif flight.kind == "probe":
        effects = tuple(
            Unknown(id=one, evidence=f"the answer was lost, and the search was refused: {reason}")
            for one in flight.ids
        )
    else:
        effects = tuple(Failed(id=one, error=reason) for one in flight.ids)
    if flight.kind == "write":
        effects += (SetIs(set_id=str(flight.set_id), state="refused", note=reason),)
    return Step(state=counted(state, effects), reply=PERCENT, effects=effects)


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
    return ()  # A search can be repeated: its requests are still in doubt.


def _requeued(flight: Flight, reason: str, *, blameless: bool = False) -> tuple[Effect, ...]:
    return tuple(Requeued(id=one, note=reason, blameless=blameless) for one in flight.ids)


def counted(state: State, effects: Sequence[Effect]) -> State:
    """The state with the requests that these effects settle."""
    failed = sum(isinstance(effect, (Failed, Unknown, Cancelled)) for effect in effects)
    done = failed + sum(isinstance(effect, Answered) for effect in effects)
    return replace(state, done=state.done + done, failed=state.failed + failed)
