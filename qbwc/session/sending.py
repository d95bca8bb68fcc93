"""sendRequestXML: what goes next.

Order: recovery, the query that is being read, writes, queries, and answers that QuickBooks may forget.  One
message set is in flight at a time.
"""

from __future__ import annotations

from dataclasses import replace

from lxml import etree

from qbwc.errors import QbxmlError
from qbwc.qbxml import message_set
from qbwc.queue import Item
from qbwc.session import compose, first, recovery
from qbwc.session.finding import probe_of
from qbwc.session.identity import negotiate, recognise
from qbwc.session.model import (
    AGAIN,
    Document,
    Doubted,
    Effect,
    Failed,
    Flight,
    Limits,
    PairedNow,
    Send,
    Sent,
    State,
    Step,
)
from qbwc.session.receiving import counted, lost


def send(state: State, event: Send, limits: Limits) -> Step:
    """QBWC asks for the next message set."""
    if state.trouble is not None:
        return Step(state=state, reply=Document())
    if state.version is None:
        return _recognise(state, event)
    if state.flight is not None:
        # It asks again without having brought the answer: that answer, or our set, was lost on the way.
        return Step(state=replace(state, flight=None), reply=AGAIN, effects=lost(state.flight))
    for part in (_refuse, _recover, _read_on, _write, _query, _clear):
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


def _refuse(state: State, event: Send, _limits: Limits) -> Step | None:
    """What somebody has changed in the store is not sent."""
    broken = [item for item in (*event.work.writes, *event.work.queries) if item.broken]
    if not broken:
        return None
    effects = tuple(Failed(id=item.id, error=f"it was not sent: {item.broken}") for item in broken)
    return Step(state=counted(state, effects), reply=AGAIN, effects=effects)


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
            element = None if item.broken else probe_of(item)
        except (QbxmlError, KeyError):
            element = None
        if element is None:
            why = item.broken or "the request does not say how to find its record"
            hopeless.append(recovery.unknown(item, why))
        else:
            elements.append(element)
            ids.append(item.id)
    if not elements:
        return Step(state=counted(state, hopeless), reply=AGAIN, effects=tuple(hopeless))
    text = message_set(elements, version=_version(state), on_error="continueOnError")
    return _fly(counted(state, hopeless), Flight(kind="probe", ids=tuple(ids)), text, *hopeless)


def _read_on(state: State, event: Send, limits: Limits) -> Step | None:
    item = event.work.reading
    if item is None:
        return None
    text = message_set([compose.query_element(item, limits)], version=_version(state))
    return _fly(state, Flight(kind="query", ids=(item.id,)), text)


def _write(state: State, event: Send, limits: Limits) -> Step | None:
    if not event.work.writes:
        return None
    unseen = [
        item
        for item in event.work.writes
        if item.id not in state.checked and first.wants_a_look(item, event.now, limits)
    ]
    if unseen and not state.checked:
        return _look_first(state, event, unseen, limits)
    waiting = [item for item in event.work.writes if item not in unseen]
    state = replace(state, checked=())
    made = compose.batch(
        waiting,
        compose.write_element,
        now=event.now,
        count=state.limit,
        size=limits.size,
        attempts=limits.attempts,
    )
    state = counted(state, made.effects)
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


def _look_first(state: State, event: Send, unseen: list[Item], limits: Limits) -> Step:
    """Read the records of these writes again; they go with the next set if nothing has moved."""
    made = compose.batch(
        unseen,
        first.look_up,
        now=event.now,
        count=state.limit,  # as many as go with one set, or old adds would take more sets than young ones
        size=limits.size,
        attempts=limits.attempts,
    )
    state = counted(state, made.effects)
    if not made.ids:
        return Step(state=state, reply=AGAIN, effects=tuple(made.effects))
    text = message_set(made.elements, version=_version(state), on_error="continueOnError")
    return _fly(state, Flight(kind="look", ids=tuple(made.ids)), text, *made.effects)


def _query(state: State, event: Send, limits: Limits) -> Step | None:
    waiting = event.work.queries
    if not waiting:
        return None
    # What closes a pull (its counts, what was deleted) comes after its pages, not beside the first of them.
    first_of_all = waiting[0].request.priority
    plain = [item for item in waiting if not compose.is_paged(item) and item.request.priority == first_of_all]
    chosen = [waiting[0]] if compose.is_paged(waiting[0]) else plain
    made = compose.batch(
        chosen,
        lambda item: compose.query_element(item, limits),
        now=event.now,
        count=min(limits.queries, state.limit),
        size=limits.size,
        attempts=limits.attempts,
    )
    state = counted(state, made.effects)
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
