"""The session: a pure function from what it is and what happens to what it answers and wants written.

No SOAP, no clock, no database: those are around it (`shell`).  Order of work: recovery, the query that is
being read, writes, queries.  One message set is in flight at a time.
"""

from __future__ import annotations

from dataclasses import replace

from lxml import etree

from qbwc import status
from qbwc.errors import QbxmlError
from qbwc.qbxml import message_set
from qbwc.queue import Item, Remaining
from qbwc.session import answers, compose, recovery
from qbwc.session.identity import negotiate, recognise
from qbwc.session.model import (
    AGAIN,
    ERROR,
    PERCENT,
    Answered,
    Cancelled,
    Document,
    Doubted,
    Effect,
    Failed,
    Flight,
    Limits,
    PairedNow,
    Receive,
    Requeued,
    Send,
    Sent,
    SetIs,
    State,
    Step,
    Unknown,
)

NO_OP = "NoOp"
"""getLastError's answer that makes QBWC wait 5 seconds and ask for the next message set again (Intuit)."""


def begin(limits: Limits) -> State:
    """A session that has just logged in."""
    return State(limit=limits.writes)


# --- sendRequestXML ---------------------------------------------------------------------------------------


def send(state: State, event: Send, limits: Limits) -> Step:
    """QBWC asks for the next message set."""
    if state.trouble is not None:
        return Step(state=state, reply=Document())
    if state.version is None:
        return _recognise(state, event)
    if state.flight is not None:
        # It asks again without having brought the answer: that answer, or our set, was lost on the way.
        return Step(state=replace(state, flight=None), reply=AGAIN, effects=_lost(state.flight))
    for part in (_recover, _read_on, _write, _query, _clear):
        step = part(state, event, limits)
        if step is not None:
            return step
    return _rest(state, event, limits)


def _recognise(state: State, event: Send) -> Step:
    verdict = recognise(event.company, event.info, event.path, event.now, event.unreadable)
    if verdict.trouble:
        return Step(state=replace(state, trouble=verdict.trouble), reply=Document())
    assert event.info is not None
    version = negotiate(event.company.qbxml_version, event.offered, event.supported)
    pairs = (PairedNow(info=event.info, path=event.path),) if verdict.pair else ()
    return Step(state=replace(state, version=version), reply=AGAIN, effects=pairs)


def _recover(state: State, event: Send, limits: Limits) -> Step | None:
    lost = [item for item in event.work.doubtful if item.doubt == "lost"]
    if lost:
        return _ask_for_stored_answer(state, lost)
    return _probe(state, event.work.doubtful, limits) if event.work.doubtful else None


def _ask_for_stored_answer(state: State, lost: list[Item]) -> Step:
    """Status check (unverified without a real QuickBooks): both ids, nothing inside."""
    set_id = lost[0].message_set_id
    ids = tuple(item.id for item in lost if item.message_set_id == set_id)
    if set_id is None:
        return Step(state=state, reply=AGAIN, effects=(Doubted(ids=ids, doubt="probe"),))
    text = message_set([], version=_version(state), new_message_set_id=set_id, old_message_set_id=set_id)
    return _fly(state, Flight(kind="status", ids=ids, set_id=set_id), text)


def _probe(state: State, doubtful: tuple[Item, ...], limits: Limits) -> Step:
    elements: list[etree._Element] = []
    ids: list[str] = []
    hopeless: list[Effect] = []
    for item in doubtful[: min(limits.probes, state.limit)]:
        try:
            element = recovery.probe_of(item)
        except (QbxmlError, KeyError):
            element = None
        if element is None:
            evidence = "the answer was lost, and the request does not say how to find its record"
            hopeless.append(Unknown(id=item.id, evidence=evidence))
        else:
            elements.append(element)
            ids.append(item.id)
    if not elements:
        return Step(state=_counted(state, hopeless), reply=AGAIN, effects=tuple(hopeless))
    text = message_set(elements, version=_version(state), on_error="continueOnError")
    return _fly(_counted(state, hopeless), Flight(kind="probe", ids=tuple(ids)), text, *hopeless)


def _read_on(state: State, event: Send, limits: Limits) -> Step | None:
    item = event.work.reading
    if item is None:
        return None
    text = message_set([compose.query_element(item, limits)], version=_version(state))
    return _fly(state, Flight(kind="query", ids=(item.id,)), text)


def _write(state: State, event: Send, limits: Limits) -> Step | None:
    if not event.work.writes:
        return None
    made = compose.batch(
        event.work.writes,
        compose.write_element,
        now=event.now,
        count=state.limit,
        size=limits.size,
        attempts=limits.attempts,
    )
    state = _counted(state, made.effects)
    if not made.ids:
        return Step(state=state, reply=AGAIN, effects=tuple(made.effects))
    # The requests of a set do not need each other (a child goes only after its parent was answered), so one
    # that is refused must not stop the rest.
    text = message_set(
        made.elements,
        version=_version(state),
        on_error="continueOnError",
        new_message_set_id=event.set_id,
    )
    ids = tuple(made.ids)
    flight = Flight(kind="write", ids=ids, set_id=event.set_id)
    return _fly(state, flight, text, *made.effects, Sent(ids=ids, set_id=event.set_id, document=text))


def _query(state: State, event: Send, limits: Limits) -> Step | None:
    waiting = event.work.queries
    if not waiting:
        return None
    plain = [item for item in waiting if not compose.is_paged(item)]
    chosen = [waiting[0]] if compose.is_paged(waiting[0]) else plain
    made = compose.batch(
        chosen,
        lambda item: compose.query_element(item, limits),
        now=event.now,
        count=min(limits.queries, state.limit),
        size=limits.size,
        attempts=limits.attempts,
    )
    state = _counted(state, made.effects)
    if not made.ids:
        return Step(state=state, reply=AGAIN, effects=tuple(made.effects))
    text = message_set(made.elements, version=_version(state), on_error="continueOnError")
    ids = tuple(made.ids)
    return _fly(state, Flight(kind="query", ids=ids), text, *made.effects, Sent(ids=ids))


def _clear(state: State, event: Send, _limits: Limits) -> Step | None:
    """Let QuickBooks forget the answers it keeps, once they are in the store (unverified)."""
    if not event.work.uncleared:
        return None
    set_id = event.work.uncleared[0]
    text = message_set([], version=_version(state), old_message_set_id=set_id)
    return _fly(state, Flight(kind="clear", set_id=set_id), text)


def _rest(state: State, event: Send, limits: Limits) -> Step:
    """Nothing to send: wait for work that is being prepared, else end the session with a harmless query.

    An empty reply without NoOp would make QBWC show an error where there is none.
    """
    if event.work.preparing and state.waits < limits.waits:
        waiting = replace(state, waits=state.waits + 1, waiting=True)
        return Step(state=waiting, reply=Document())
    text = message_set([etree.Element("HostQueryRq", requestID="rest")], version=_version(state))
    return _fly(replace(state, waits=limits.waits), Flight(kind="rest"), text)


def _fly(state: State, flight: Flight, text: str, *effects: Effect) -> Step:
    state = replace(state, flight=flight, waiting=False, waits=0 if flight.ids else state.waits)
    return Step(state=state, reply=Document(text=text), effects=effects)


def _version(state: State) -> str:
    assert state.version is not None
    return state.version


# --- receiveResponseXML -----------------------------------------------------------------------------------


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
    return Step(state=_counted(replace(state, limit=limit), effects), reply=PERCENT, effects=effects)


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
    return Step(state=_counted(state, effects), reply=PERCENT, effects=effects)


def _broken(state: State, flight: Flight, reason: str) -> Step:
    """No usable answer: what was written is unknown until the next session has looked."""
    effects = _lost(flight, reason)
    return Step(state=replace(state, trouble=reason.strip()), reply=ERROR, effects=effects)


def _lost(flight: Flight, reason: str = "its answer was lost") -> tuple[Effect, ...]:
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


# --- the other calls --------------------------------------------------------------------------------------


def connection_failed(state: State, hresult: str, message: str) -> State:
    """QBWC could not reach QuickBooks; the session ends with the reason."""
    return replace(state, trouble=status.explain_hresult(hresult, message), waiting=False)


def last_error(state: State) -> str:
    """What getLastError answers."""
    if state.waiting:
        return NO_OP
    return state.trouble or "No error is known for this session."


def farewell(state: State) -> str:
    """What the Status column shows after closeConnection."""
    if state.trouble:
        return state.trouble
    settled = f"{state.done} request{'' if state.done == 1 else 's'} settled"
    return f"OK: {settled}" + (f", {state.failed} not as wished; see the workbench." if state.failed else ".")


def percent(state: State, remaining: Remaining, limits: Limits) -> int:
    """How far the session is, 0 to 99 while there is work, 100 when there is none."""
    waiting = remaining.preparing and state.waits < limits.waits
    if not (remaining.sendable or remaining.uncleared or waiting):
        return 100
    in_all = state.done + remaining.queued
    return min(99, int(100 * (state.done + remaining.partly) / in_all)) if in_all else 0


def _counted(state: State, effects: tuple[Effect, ...] | list[Effect]) -> State:
    failed = sum(isinstance(effect, (Failed, Unknown, Cancelled)) for effect in effects)
    done = failed + sum(isinstance(effect, Answered) for effect in effects)
    return replace(state, done=state.done + done, failed=state.failed + failed)


__all__ = ["begin", "connection_failed", "farewell", "last_error", "percent", "receive", "send"]
