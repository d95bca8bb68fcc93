"""Outcomes, leases, marks and the record: what was planned, sent and answered."""

from __future__ import annotations

import sqlite3
import time
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, update

from tests.unit.kept.kept_store import at_once, in_processes
from workbench import ledger
from workbench.errors import WorkbenchError
from workbench.ledger import OutcomeRow
from workbench.store import Store, schema
from workbench.store.engine import now

STATES = ["waiting", "unknown", "applied", "failed", "stale", "skipped"]


def outcome(change: str = "ch-1", state: str = "waiting", **more: Any) -> OutcomeRow:
    values = {"changeset": "cs-1", "side": "salesforce", "mapping": "accounts", "record": "001A"} | more
    return OutcomeRow(change=change, state=state, **values)


def begun(store: Store, *rows: OutcomeRow) -> None:
    with store.write() as connection:
        ledger.begin(connection, rows)


def only(store: Store) -> OutcomeRow:
    (row,) = ledger.outcomes(store)
    return row


# --- outcomes -----------------------------------------------------------------------------------------


def test_an_outcome_is_there_before_anything_is_sent(store: Store) -> None:
    begun(store, outcome())
    row = only(store)
    assert (row.state, row.record, row.settled_at) == ("waiting", "001A", None)
    assert row.written_at is not None


def test_outcomes_are_begun_all_or_none(store: Store) -> None:
    begun(store, outcome("ch-1"))
    with pytest.raises(Exception, match=r"(?i)unique|integrity"):
        begun(store, outcome("ch-2"), outcome("ch-1"))
    assert [row.change for row in ledger.outcomes(store)] == ["ch-1"]
    begun(store)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("later", STATES)
def test_a_settled_outcome_stays_as_it_is(store: Store, state: str, later: str) -> None:
    begun(store, outcome(state=state))
    changed = ledger.settle(store, "cs-1", "ch-1", later, detail="later")
    still_open = state in ("waiting", "unknown")
    assert changed is still_open
    row = only(store)
    assert row.state == (later if still_open else state)
    if still_open:
        assert (row.settled_at is None) == (later in ("waiting", "unknown"))


def test_settling_keeps_what_is_known_and_what_it_is_not_told(store: Store) -> None:
    begun(store, outcome(source_id="8-1"))
    ledger.settle(store, "cs-1", "ch-1", "waiting", request="r-1", detail="queued")
    ledger.settle(store, "cs-1", "ch-1", "applied", record="001B", read_back={"Phone": "1"})
    row = only(store)
    assert (row.request, row.record, row.source_id, row.detail) == ("r-1", "001B", "8-1", None)
    assert row.read_back == {"Phone": "1"}


def test_settling_what_was_never_begun_changes_nothing(store: Store) -> None:
    assert not ledger.settle(store, "cs-1", "ch-1", "applied")
    assert ledger.outcomes(store) == []


def test_two_that_settle_at_once_one_is_heard(store: Store) -> None:
    begun(store, outcome())
    states = ["applied", "failed", "stale", "applied"]
    answers = at_once(4, lambda number: ledger.settle(store, "cs-1", "ch-1", states[number]))
    assert sorted(answers) == [False, False, False, True]
    assert only(store).state == states[answers.index(True)]


def test_outcomes_by_change_set_and_state(store: Store) -> None:
    begun(
        store,
        outcome("ch-1", "applied"),
        outcome("ch-2", "unknown"),
        outcome("ch-3", changeset="cs-2"),
    )
    assert [row.change for row in ledger.outcomes(store, "cs-1")] == ["ch-1", "ch-2"]
    assert [row.change for row in ledger.outcomes(store, states=["unknown", "waiting"])] == ["ch-2", "ch-3"]
    assert ledger.outcomes(store, "cs-9") == []
    assert ledger.outcomes(store, states=[]) == []


def test_open_changes_name_the_record_or_the_source_of_a_create(store: Store) -> None:
    begun(
        store,
        outcome("ch-1", record="001A"),
        outcome("ch-2", "unknown", record=None, source_id="8-2"),
        outcome("ch-3", side="quickbooks", record=None, source_id="001C"),
        outcome("ch-4", "applied", record="001D"),
    )
    assert set(ledger.open_changes(store)) == {
        ("salesforce", "001A"),
        ("quickbooks", "8-2"),
        ("salesforce", "001C"),
    }


def test_a_change_is_claimed_once_before_it_is_sent(store: Store) -> None:
    begun(store, outcome("ch-1"), outcome("ch-2", "applied"), outcome("ch-3", "unknown"))
    assert ledger.claim(store, "cs-1", ["ch-1", "ch-2", "ch-3", "ch-9"], detail="sent") == {"ch-1"}
    assert ledger.claim(store, "cs-1", ["ch-1"], detail="sent") == frozenset()
    assert ledger.claim(store, "cs-1", [], detail="sent") == frozenset()
    found = {row.change: (row.state, row.detail) for row in ledger.outcomes(store)}
    assert found["ch-1"] == ("unknown", "sent")
    assert found["ch-2"] == ("applied", None)


def test_two_that_claim_at_once_share_what_there_is(store: Store) -> None:
    ids = [f"ch-{number}" for number in range(20)]
    begun(store, *(outcome(id_) for id_ in ids))
    answers = at_once(4, lambda _: ledger.claim(store, "cs-1", ids, detail="sent"))
    assert sorted(change for claimed in answers for change in claimed) == sorted(ids)


# --- leases ---------------------------------------------------------------------------------------------


def expire(store: Store) -> None:
    with store.write() as connection:
        past = now() - timedelta(seconds=1)
        connection.execute(update(schema.leases).values(expires_at=past))


def test_one_holds_a_lease_until_it_lets_go(store: Store) -> None:
    lease = ledger.take_lease(store, "worker")
    assert lease is not None
    assert ledger.take_lease(store, "worker") is None
    assert ledger.take_lease(store, "other") is not None
    assert lease.renew()
    lease.release()
    assert ledger.take_lease(store, "worker") is not None


def test_a_holder_that_died_is_succeeded_and_knows_it_when_it_comes_back(store: Store) -> None:
    dead = ledger.take_lease(store, "worker")
    assert dead is not None
    expire(store)
    heir = ledger.take_lease(store, "worker")
    assert heir is not None
    assert not dead.renew()
    dead.release()
    assert ledger.take_lease(store, "worker") is None, "the old holder cannot release its heir's lease"
    assert heir.renew()


#  seconds that the lease still has    what those who wait are told
@pytest.mark.parametrize(("left", "told"), [
    (29,                               None),
    (16,                               None),
    (14,                               "has not been heard of for 16 seconds; another goes on in 14 seconds"),
    (-1,                               None),
])  # fmt: skip
def test_who_waits_is_told_of_a_holder_that_was_killed(store: Store, left: int, told: str | None) -> None:
    assert ledger.take_lease(store, "worker") is not None
    with store.write() as connection:
        connection.execute(update(schema.leases).values(expires_at=now() + timedelta(seconds=left + 0.3)))
    found = ledger.trouble_of(store, "worker")
    assert found == told if told is None else (found is not None and found.endswith(told))


def test_a_lease_that_ran_out_and_nobody_wanted_is_renewed(store: Store) -> None:
    lease = ledger.take_lease(store, "worker")
    assert lease is not None
    expire(store)
    assert lease.renew()
    assert ledger.take_lease(store, "worker") is None


def test_a_lease_is_held_through_work_that_takes_longer(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.ledger.leases.LEASE_SECONDS", 0.9)
    lease = ledger.take_lease(store, "worker")
    assert lease is not None
    end = time.monotonic() + 2
    with ledger.heartbeat(lease):
        while time.monotonic() < end:
            assert ledger.take_lease(store, "worker") is None
            time.sleep(0.05)
    time.sleep(1)
    assert ledger.take_lease(store, "worker") is not None, "and no longer"


def test_several_threads_that_want_a_lease_one_gets_it(store: Store) -> None:
    for _ in range(5):
        leases = [each for each in at_once(6, lambda _: ledger.take_lease(store, "worker")) if each]
        assert len(leases) == 1
        leases[0].release()


def test_several_processes_that_want_a_lease_one_gets_it(store: Store, url: str) -> None:
    code = """
from workbench.store import open_store
from workbench.ledger import take_lease
store = open_store(sys.argv[1])
ready()
print("held" if take_lease(store, "worker") else "refused")
"""
    assert sorted(in_processes(3, code, url)) == ["held", "refused", "refused"]


# --- change sets and marks --------------------------------------------------------------------------------


def save(store: Store, id_: str, content: str = "{}") -> bool:
    return ledger.save_changeset(store, id_=id_, content_hash="h", content=content, by="maria")


def test_a_change_set_that_is_planned_again_is_the_newest_again(store: Store) -> None:
    for id_ in ("cs-a", "cs-b", "cs-a"):
        save(store, id_)
        time.sleep(0.002)
    assert ledger.load_changeset(store)["id"] == "cs-a"


def test_a_change_set_is_kept_once_and_found_again(store: Store) -> None:
    assert save(store, "cs-1", "one")
    assert not save(store, "cs-1", "two")
    assert save(store, "cs-2")
    assert ledger.load_changeset(store, "cs-1")["content"] == "one"
    assert ledger.load_changeset(store)["id"] == "cs-2", "the newest without an id"
    assert [row["id"] for row in ledger.list_changesets(store)] == ["cs-2", "cs-1"]


@pytest.mark.parametrize(("id_", "says"), [(None, "no change set yet"), ("cs-9", "no change set cs-9")])
def test_a_change_set_that_is_not_there(store: Store, id_: str | None, says: str) -> None:
    with pytest.raises(WorkbenchError, match=says):
        ledger.load_changeset(store, id_)


def test_the_last_mark_counts(store: Store) -> None:
    ledger.mark(store, "cs-1", ["a", "b", "c"], True, "maria")
    ledger.mark(store, "cs-1", ["b"], False, "eva")
    ledger.mark(store, "cs-2", ["b"], True, "eva")
    ledger.mark(store, "cs-1", [], False, "eva")
    assert ledger.marked(store, "cs-1") == {"a", "c"}
    ledger.mark(store, "cs-1", ["b"], True, "maria")
    assert ledger.marked(store, "cs-1") == {"a", "b", "c"}
    assert ledger.marked(store, "cs-9") == frozenset()


def test_many_marks_at_once(store: Store) -> None:
    """More than an older SQLite takes as parameters of one statement."""

    def older(connection: sqlite3.Connection, *_: object) -> None:
        connection.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, 999)

    event.listen(store.engine, "connect", older)
    store.engine.dispose()
    ids = [f"ch-{number}" for number in range(2_500)]
    ledger.mark(store, "cs-1", ids, True, "maria")
    assert len(ledger.marked(store, "cs-1")) == 2_500
    ledger.mark(store, "cs-1", ids, False, "maria")
    assert ledger.marked(store, "cs-1") == frozenset()


# --- the record ---------------------------------------------------------------------------------------------


def test_events_newest_first(store: Store) -> None:
    for number in range(3):
        ledger.record(store, who="maria", event="plan", subject=f"cs-{number}", detail={"changes": number})
    assert [row["subject"] for row in ledger.events(store)] == ["cs-2", "cs-1", "cs-0"]
    assert [row["detail"] for row in ledger.events(store, limit=1)] == [{"changes": 2}]
