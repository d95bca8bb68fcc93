"""A push to QuickBooks in stages: canaries, the rest in the same session; stopped, cancelled, withdrawn."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from tests.unit.profile.bare_profile import make_valid
from tests.unit.push.push_office import Office, open_office
from tests.unit.push.test_push_quickbooks import mangle
from workbench import approval, ledger, push
from workbench.bench import Bench
from workbench.bench.pushing import PushResult
from workbench.changes import Answer, Change, ChangeSet
from workbench.errors import ApprovalError, PlanError, UsageProblem
from workbench.ledger import push_row
from workbench.profile import ApprovalSettings, PushSettings
from workbench.push import run
from workbench.store import schema
from workbench.store.engine import now
from workbench.worker import round_of_work


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    opened = open_office(tmp_path)
    opened.call()
    yield opened
    opened.workspace.close()


def creates(office: Office, count: int = 20, start: int = 0) -> list[Change]:
    return [
        office.create("Customer", f"001{number}", Name=f"Dogwood {number}") for number in range(start, count)
    ]


def dogwoods(office: Office) -> int:
    return len([name for name in office.names() if name.startswith("Dogwood")])


def stage(office: Office, changeset: ChangeSet) -> tuple[str, str]:
    row = push_row(office.workspace.store, changeset.id)
    assert row is not None
    return row.stage, row.reason or ""


def states(office: Office, changes: list[Change]) -> dict[str, int]:
    found = [office.outcome(change).state for change in changes]
    return {state: found.count(state) for state in sorted(set(found))}


def writes(office: Office) -> list[str]:
    return [row.state for row in office.requests() if row.kind == "write"]


# --- canaries -----------------------------------------------------------------------------------------------


def test_one_of_each_kind_goes_first_and_the_rest_when_it_is_read_back(office: Office) -> None:
    changes = creates(office)
    changed = [office.update(f"Customer 0{number}", Phone="555-7777") for number in range(1, 5)]
    changeset = office.queued(*changes, *changed)
    assert len(writes(office)) == 2, "a create and an update"
    assert stage(office, changeset) == ("canaries", "")
    office.call()
    office.advance(changeset)
    assert stage(office, changeset) == ("all", "")
    assert states(office, changes + changed) == {"applied": 2, "waiting": 22}
    office.call()
    office.advance(changeset)
    assert states(office, changes + changed) == {"applied": 24}
    assert dogwoods(office) == 20


def test_the_rest_goes_in_the_session_of_the_canaries(office: Office) -> None:
    """The Web Connector is asked to stay, and a worker looks at the answers while it waits."""
    changes = creates(office)
    changeset = office.queued(*changes)
    office.connector.wait = lambda: office.advance(changeset)
    log = office.connector.update()
    office.advance(changeset)
    assert states(office, changes) == {"applied": 20}
    sets = [text for text in log.sent if "CustomerAddRq" in text]
    assert [text.count("<CustomerAddRq") for text in sets] == [1, 19]
    assert (log.errors, log.percents[-1]) == ([], 100)


def test_nobody_is_kept_waiting_once_all_is_queued_or_stopped(office: Office) -> None:
    changes = creates(office)
    changeset = office.queued(*changes)
    assert office.workspace.asked_to_stay is not None
    office.call_without_waiting()
    office.advance(changeset)
    assert office.workspace.asked_to_stay is None
    waited: list[int] = []
    office.connector.wait = lambda: waited.append(1)
    office.call()
    assert waited == []


def test_a_canary_goes_with_its_parents(office: Office) -> None:
    customers = creates(office, 10)
    jobs = [
        office.create("Customer", f"003{n}", Name=f"Dora {n}", ParentRef_ListID=Answer(each.id, "ListID"))
        for n, each in enumerate(customers)
    ]
    changeset = office.queued(*customers, *jobs)
    assert len(writes(office)) == 1, "jobs are customers: of the same kind"
    for _ in range(2):
        office.call()
        office.advance(changeset)
    assert states(office, customers + jobs) == {"applied": 20}


def test_a_small_set_goes_at_once(office: Office) -> None:
    changeset = office.queued(*creates(office, 9))
    assert stage(office, changeset) == ("all", "")
    assert len(writes(office)) == 9


def test_a_canary_that_is_stale_is_followed_by_another(office: Office) -> None:
    changed = [office.update(f"Customer 0{number}", Phone="555-7777") for number in range(1, 8)]
    changes = [*changed, *creates(office, 5)]
    changeset = office.queued(*changes)
    office.company.edit("Customer", "Customer 01", Phone="555-0199")
    for _ in range(3):
        office.call()
        office.advance(changeset)
    assert states(office, changes) == {"applied": 11, "stale": 1}
    assert stage(office, changeset) == ("all", "")


# --- the breaker --------------------------------------------------------------------------------------------


def test_a_canary_that_is_refused_stops_the_push(office: Office) -> None:
    changes = [office.create("Customer", "001", Name="Rope Maker"), *creates(office)]
    changeset = office.queued(*changes)
    office.call()
    office.advance(changeset)
    assert states(office, changes) == {"failed": 1, "skipped": 20}
    assert dogwoods(office) == 0
    name, reason = stage(office, changeset)
    assert name == "stopped"
    assert reason.startswith("the create of Customer 'Rope Maker' in QuickBooks went first, and failed: 3100")
    assert office.outcome(changes[1]).detail == reason


def test_a_canary_that_holds_something_else_stops_the_push(office: Office) -> None:
    changes = creates(office)
    changeset = office.queued(*changes)
    mangle(office, "<Name>Dogwood 0</Name>", "<Name>Dogwood O</Name>")
    office.call()
    office.advance(changeset)
    assert states(office, changes) == {"failed": 1, "skipped": 19}
    assert "accepted, and holds something else than was foretold" in stage(office, changeset)[1]
    assert office.outcome(changes[0]).accepted


def test_what_the_plan_has_foretold_is_no_surprise(office: Office) -> None:
    """The plan says that QuickBooks will hold it without the blanks; it does."""
    changes = []
    for number in range(12):
        change = office.create("Customer", f"001{number}", Name=f"Dogwood {number}")
        (cell,) = change.cells
        told = replace(cell, after=f"Dogwood  {number}", loss="one blank of two", stored=cell.after)
        changes.append(replace(change, cells=(told,)))
    changeset = office.queued(*changes)
    mangle(office, "Dogwood  ", "Dogwood ")
    for _ in range(2):
        office.call()
        office.advance(changeset)
    assert states(office, changes) == {"applied": 12}


def test_a_refusal_that_was_foretold_stops_nothing(office: Office) -> None:
    refused = [
        replace(office.create("Customer", f"9{n}", Name="Rope Maker", Phone=str(n)), predicted="3100")
        for n in range(12)
    ]
    changeset = office.queued(*refused)
    for _ in range(2):
        office.call()
        office.advance(changeset)
    assert states(office, refused) == {"failed": 12}
    assert stage(office, changeset)[0] == "all"


def test_too_many_failures_stop_what_is_still_queued(office: Office) -> None:
    """Nothing of it was sent yet: the Web Connector fetches a hundred at a time."""
    office.connector.calls.limits = replace(office.connector.calls.limits, writes=20)
    bad = [office.create("Customer", f"9{n}", Name="Rope Maker", Phone=str(n)) for n in range(15)]
    good = creates(office, 60)
    changes = [good[0], *bad, *good[1:]]
    changeset = office.queued(*changes)
    office.connector.wait = lambda: office.advance(changeset)
    office.connector.between = lambda: office.advance(changeset)
    office.call()
    office.advance(changeset)
    name, reason = stage(office, changeset)
    assert name == "stopped"
    assert "15 of the first" in reason
    assert "more than 10 in 100 stop a push" in reason
    found = states(office, changes)
    assert found["failed"] == 15
    assert found["skipped"] > 20
    assert dogwoods(office) == found["applied"]


def test_a_profile_may_let_failures_pass(office: Office) -> None:
    office.workspace.profile = replace(office.workspace.profile, push=PushSettings(stop_percent=100))
    bad = [office.create("Customer", f"9{n}", Name="Rope Maker", Phone=str(n)) for n in range(15)]
    changes = [*creates(office, 3), *bad]
    changeset = office.queued(*changes)
    for _ in range(2):
        office.call()
        office.advance(changeset)
    assert states(office, changes) == {"applied": 3, "failed": 15}
    assert stage(office, changeset)[0] == "all"


# --- cancel, expiry, revocation -----------------------------------------------------------------------------


def test_what_is_cancelled_is_not_sent_and_what_was_sent_is_settled(office: Office) -> None:
    changes = creates(office)
    changeset = office.queued(*changes)
    office.call()
    office.advance(changeset)
    bench = Bench(office.workspace, lambda _: None)
    result = bench.cancel(changeset.id, by="eva")
    assert dict(result.counts) == {"applied": 1, "skipped": 19}
    assert "stopped: cancelled by eva" in result.summary()
    assert set(writes(office)) == {"answered", "cancelled"}
    office.call()
    office.advance(changeset)
    assert dogwoods(office) == 1
    assert office.outcome(changes[-1]).detail == "cancelled by eva"
    with pytest.raises(UsageProblem, match="stopped already"):
        bench.cancel(changeset.id)
    event = ledger.events(office.workspace.store)[0]
    assert (event["who"], event["event"], event["subject"]) == ("eva", "cancel", changeset.id)


def test_what_left_before_it_was_cancelled_is_settled_by_its_answer(office: Office) -> None:
    change = office.update("Customer 01", Phone="555-7777")
    changeset = office.queued(change)
    session = office.connector.open(office.company)

    class Cancelling:
        """The person cancels while QuickBooks is at it."""

        def process(self, text: str) -> str:
            if "CustomerMod" in text:
                push.cancel(office.workspace, changeset.id, by="eva")
            return str(session.process(text))

    office.connector.open = lambda _: Cancelling()
    office.call()
    office.advance(changeset)
    assert office.state(change) == "applied"
    assert stage(office, changeset) == ("stopped", "cancelled by eva")


def test_a_push_that_has_not_begun_or_is_at_its_end_cannot_be_cancelled(office: Office) -> None:
    change = office.update("Customer 01", Phone="555-7777")
    made = ChangeSet(header={}, changes=(change,))
    ledger.save_changeset(
        office.workspace.store, id_=made.id, content_hash=made.content_hash, content=made.content, by="maria"
    )
    with pytest.raises(UsageProblem, match="has not begun"):
        push.cancel(office.workspace, made.id, by="eva")
    changeset = office.pushed(office.update("Customer 02", Phone="555-7777"))
    with pytest.raises(UsageProblem, match="at its end"):
        push.cancel(office.workspace, changeset.id, by="eva")


def test_who_cancels_while_the_rest_is_being_queued_is_heard(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    changes = creates(office)
    changeset = office.queued(*changes)
    office.call_without_waiting()
    queue_writes = run.queue_writes

    def slowly(*arguments: Any) -> None:
        push.cancel(office.workspace, changeset.id, by="eva")
        queue_writes(*arguments)

    monkeypatch.setattr(run, "queue_writes", slowly)
    office.advance(changeset)
    office.call()
    office.advance(changeset)
    assert dogwoods(office) == 1
    assert states(office, changes) == {"applied": 1, "skipped": 19}


def test_the_rest_is_not_queued_after_the_approval_expired(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    changes = creates(office)
    changeset = office.queued(*changes)
    office.call_without_waiting()
    monkeypatch.setattr("workbench.approval.approving.now", lambda: now() + timedelta(days=9))
    office.advance(changeset)
    assert states(office, changes) == {"applied": 1, "skipped": 19}
    assert "the approval expired" in stage(office, changeset)[1]


def revoke_maria(office: Office) -> None:
    store, own = office.workspace.store, office.workspace.own_keys
    approval.enrol(store, own, "eva", by="maria")
    approval.revoke(store, own, "maria", by="eva")


def test_after_the_approvers_key_was_revoked_nothing_more_is_sent(office: Office) -> None:
    changes = creates(office)
    changeset = office.queued(*changes)
    office.call_without_waiting()
    revoke_maria(office)
    office.advance(changeset)
    assert states(office, changes) == {"applied": 1, "skipped": 19}
    assert "was revoked by eva" in stage(office, changeset)[1]


def test_what_is_queued_is_taken_back_when_the_key_is_revoked(office: Office) -> None:
    changes = creates(office, 5)
    changeset = office.queued(*changes)
    revoke_maria(office)
    office.advance(changeset)
    office.call()
    assert (dogwoods(office), states(office, changes)) == (0, {"skipped": 5})


TAMPERED = [
    (schema.approvals, {"approver": "eve"}, "somebody has changed it since"),
    (schema.approvals, {"expires_at": now() + timedelta(days=99)}, "somebody has changed it since"),
    (schema.approvals, {"changes": []}, "the list of approved changes is not the one that was signed"),
    (schema.approvals, {"key": "0" * 64}, "a key that nobody has let in"),
    (schema.changesets, {"content": '{"format":0}\n'}, "written by another version"),
]


@pytest.mark.parametrize(("table", "values", "told"), TAMPERED, ids=[str(case[1])[:20] for case in TAMPERED])
def test_what_is_queued_is_taken_back_when_the_store_no_longer_holds_what_was_signed(
    office: Office, table: Any, values: dict[str, Any], told: str
) -> None:
    changes = creates(office, 5)
    changeset = office.queued(*changes)
    with office.workspace.store.write() as connection:
        connection.execute(update(table).values(**values))
    with suppress(ApprovalError, PlanError):
        office.advance(changeset)
    office.call()
    assert (dogwoods(office), states(office, changes)) == (0, {"skipped": 5})
    assert told in stage(office, changeset)[1]


def test_a_push_of_an_earlier_version_is_settled_and_sends_nothing_more(office: Office) -> None:
    changes = creates(office)
    changeset = office.queued(*changes)
    office.call_without_waiting()
    with office.workspace.store.write() as connection:  # as that version left it
        connection.execute(update(schema.approvals).values(limits=None, key=None, signature=None))
        connection.execute(schema.pushes.delete())
        connection.execute(schema.keys.delete())
    (office.workspace.own_keys.folder / "seen.json").unlink()
    assert round_of_work(office.workspace)
    assert states(office, changes) == {"applied": 1, "skipped": 19}
    assert "an earlier version has made it; nothing more was sent" in stage(office, changeset)[1]
    assert dogwoods(office) == 1


# --- the calls of a notebook --------------------------------------------------------------------------------


def test_the_same_call_begins_resumes_and_is_refused_at_the_end(office: Office) -> None:
    make_valid(office.workspace.profile)
    made = approved(office, *creates(office))
    said: list[str] = []
    bench = Bench(office.workspace, said.append)
    changes = bench.changes(made.id)
    first = bench.push(changes, execute=True, wait=0)
    assert isinstance(first, PushResult)
    assert (dict(first.counts), first.finished) == ({"waiting": 20}, False)
    office.connector.wait = lambda: office.advance(made)
    office.call()
    last = bench.push(changes, execute=True, wait=0)
    assert (dict(last.counts), last.finished, last.stopped) == ({"applied": 20}, True, None)
    with pytest.raises(ApprovalError, match="pushed once"):
        bench.push(changes, execute=True, wait=0)
    assert said[0] == f"push {made.id}: 0 of 20 settled, canaries first"
    assert said[-1] == f"push {made.id}: 20 of 20 settled"


def test_one_call_approves_for_who_is_alone_and_the_next_by_the_same_key(office: Office) -> None:
    bench = Bench(office.workspace, lambda _: None)
    ids = []
    for number in (1, 2):
        change = office.update(f"Customer 0{number}", Phone="1")
        made = ChangeSet(header={}, changes=(change,))
        ledger.save_changeset(
            office.workspace.store, id_=made.id, content_hash=made.content_hash, content=made.content, by="os"
        )
        ids.append(made.id)
    first = bench.changes(ids[0]).approve(where="all", by="maria")
    second = bench.changes(ids[1]).approve(where="all")
    assert (second.approver, second.key) == ("maria", first.key)
    assert first.limits == {"changes": 1, "quickbooks.changes": 1}
    with pytest.raises(ApprovalError, match="more than its limits allow"):
        bench.changes(ids[1]).approve(limits={"quickbooks.changes": 0})


# --- what a push asks of its approval -----------------------------------------------------------------------


def approved(office: Office, *changes: Change, **more: Any) -> ChangeSet:
    store = office.workspace.store
    made = ChangeSet(header={"made for": "a test"}, changes=changes)
    author = more.pop("author", "maria")
    ledger.save_changeset(store, id_=made.id, content_hash=made.content_hash, content=made.content, by=author)
    values: dict[str, Any] = {"by": "maria", "does": approval.extent(changes)} | more
    approval.approve(
        store, office.workspace.own_keys, changeset=made.id, content_hash=made.content_hash,
        changes=made.by_id, **values,
    )  # fmt: skip
    return made


def test_who_made_the_change_set_may_not_approve_it_where_two_are_asked_for(office: Office) -> None:
    settings = ApprovalSettings(four_eyes=True)
    office.workspace.profile = replace(make_valid(office.workspace.profile), approval=settings)
    made = approved(office, office.update("Customer 01", Phone="1"))
    with pytest.raises(ApprovalError, match="maria has made this change set"):
        push.start(office.workspace, made, by="maria")
    other = approved(office, office.update("Customer 02", Phone="1"), author="tom")
    push.start(office.workspace, other, by="maria")
    assert push.author_of(office.workspace, made.id) == "maria"


def test_a_push_beyond_its_limits_does_not_begin(office: Office) -> None:
    """The approval was signed when the changes were counted otherwise."""
    made = approved(office, *creates(office, 3), does={"changes": 2}, limits={"changes": 2})
    with pytest.raises(ApprovalError, match="more than its limits allow: changes") as caught:
        push.start(office.workspace, made, by="maria")
    assert dict(caught.value.values) == {"changes": "3, and 2 at the most"}
    assert ledger.outcomes(office.workspace.store) == []
