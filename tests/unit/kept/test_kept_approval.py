"""Approvals: what was reviewed is what is pushed, in time, and once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from tests.unit.kept.kept_store import at_once, in_processes
from workbench import ledger
from workbench.approval import (
    Approval,
    OwnKeys,
    approve,
    approvers,
    approving,
    check_approval,
    enrol,
    hash_of,
    latest_approval,
    use,
)
from workbench.errors import ApprovalError, UsageProblem
from workbench.store import Store, schema
from workbench.store.engine import now

HASH = "a" * 64


@pytest.fixture
def kept(store: Store) -> Store:
    ledger.save_changeset(store, id_="cs-1", content_hash=HASH, content="{}", by="maria")
    return store


def own_of(store: Store) -> OwnKeys:
    """The keys of this machine, beside its store."""
    return OwnKeys(Path(str(store.engine.url.database)).parent / "keys", "workbench:books")


def approved(store: Store, *changes: str, **more: Any) -> Approval:
    values: dict[str, Any] = {"changeset": "cs-1", "content_hash": HASH, "by": "maria"} | more
    return approve(store, own_of(store), changes=changes or ("ch-1", "ch-2"), **values)


def check(store: Store, given: Approval | None, content_hash: str = HASH) -> Approval:
    known = approvers(store, own_of(store))
    return check_approval(given, known, changeset="cs-1", content_hash=content_hash)


def test_an_approval_is_kept_as_it_was_given(kept: Store) -> None:
    given = approved(kept, "ch-2", "ch-1", "ch-2")
    assert given.changes == ("ch-1", "ch-2"), "sorted, each once"
    assert latest_approval(kept, "cs-1") == given
    assert check(kept, given) == given
    assert given.used_at is None


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"by": ""}, "needs a name"),
        ({"by": "  "}, "needs a name"),
    ],
)
def test_an_approval_has_a_name(kept: Store, values: dict[str, Any], says: str) -> None:
    with pytest.raises(ApprovalError, match=says):
        approved(kept, **values)


def test_nothing_marked_is_nothing_approved(kept: Store) -> None:
    with pytest.raises(ApprovalError, match="no change is marked"):
        approve(kept, own_of(kept), changeset="cs-1", content_hash=HASH, changes=[], by="maria")
    assert latest_approval(kept, "cs-1") is None


#  why, what becomes of a good approval, what a person reads
CASES: list[tuple[str, Any, str]] = [
    ("nobody approved", lambda given: None, "nobody has approved"),
    ("another content", lambda given: replace(given, content_hash="b" * 64), "not what would be pushed"),
    (
        "a change more",
        lambda given: replace(given, changes=(*given.changes, "ch-3")),
        "not the one that was signed",
    ),
    ("a change less", lambda given: replace(given, changes=given.changes[:1]), "not the one that was signed"),
    (
        "another hash of changes",
        lambda given: replace(given, changes_hash="0"),
        "not the one that was signed",
    ),
    ("used", lambda given: replace(given, used_at=now()), "pushed once"),
    ("not signed", lambda given: replace(given, signature=None), "an earlier version has made it"),
    ("another key", lambda given: replace(given, key="f" * 32), "a key that nobody has let in"),
    ("no key", lambda given: replace(given, key=None), "a key that nobody has let in"),
    ("another signature", lambda given: replace(given, signature="AAAA"), "not what its key has signed"),
    ("no base64", lambda given: replace(given, signature="no signature"), "not what its key has signed"),
    ("another approver", lambda given: replace(given, approver="eva"), "not what its key has signed"),
    ("longer", lambda given: later(given, hours=1), "not what its key has signed"),
    ("other limits", lambda given: replace(given, limits={"changes": 9}), "not what its key has signed"),
    ("earlier", lambda given: earlier(given), "not what its key has signed"),
]


def later(given: Approval, hours: float) -> Approval:
    return replace(given, expires_at=given.expires_at + timedelta(hours=hours))


def earlier(given: Approval) -> Approval:
    return replace(given, approved_at=given.approved_at - timedelta(hours=1))


@pytest.mark.parametrize(("spoil", "says"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_an_approval_that_does_not_hold(kept: Store, spoil: Any, says: str) -> None:
    with pytest.raises(ApprovalError, match=says) as caught:
        check(kept, spoil(approved(kept)))
    assert caught.value.where == "cs-1"
    assert caught.value.fix


def test_two_changes_together_hold_no_better_than_one(kept: Store) -> None:
    """Content and its hash, changed by somebody who knows how they belong together."""
    given = approved(kept)
    changes = (*given.changes, "ch-3")
    both = replace(given, content_hash="b" * 64, changes=changes, changes_hash=hash_of(changes))
    with pytest.raises(ApprovalError, match="not what its key has signed"):
        check(kept, both, content_hash="b" * 64)


@pytest.mark.parametrize("hours", [0, -1, float("nan"), float("inf"), 1e9])
def test_an_approval_that_is_over_at_once_or_never_is_none(kept: Store, hours: float) -> None:
    with pytest.raises(UsageProblem, match="can not be used for"):
        approved(kept, hours=hours)
    assert approved(kept)


def test_the_expiry_is_a_boundary(kept: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    given = approved(kept, hours=1)
    assert given.expires_at - given.approved_at == timedelta(hours=1)
    last = given.expires_at - timedelta(microseconds=1)
    monkeypatch.setattr(approving, "now", lambda: last)
    assert check(kept, given)
    monkeypatch.setattr(approving, "now", lambda: given.expires_at)
    with pytest.raises(ApprovalError, match="expired"):
        check(kept, given)


def test_the_newest_approval_counts(kept: Store) -> None:
    approved(kept, "ch-1")
    enrol(kept, own_of(kept), "eva", by="maria")
    second = approved(kept, "ch-2", by="eva")
    assert latest_approval(kept, "cs-1") == second
    assert latest_approval(kept, "cs-9") is None


# --- used once ----------------------------------------------------------------------------------------


def used(store: Store, given: Approval) -> str:
    with store.write() as connection:
        use(connection, given)
    return "used"


def test_an_approval_and_its_change_set_are_used_up_together(kept: Store) -> None:
    given = approved(kept)
    assert used(kept, given) == "used"
    (row,) = kept.rows(select(schema.changesets))
    assert row["pushed_at"] is not None
    with pytest.raises(ApprovalError, match="once"):
        check(kept, latest_approval(kept, "cs-1"))


def test_a_change_set_that_was_pushed_can_neither_be_used_nor_approved_again(kept: Store) -> None:
    first = approved(kept)
    enrol(kept, own_of(kept), "eva", by="maria")
    second = approved(kept, by="eva")
    used(kept, second)
    for again in (first, second):
        with pytest.raises(ApprovalError, match="pushed once"):
            used(kept, again)
    with pytest.raises(ApprovalError, match="pushed once"):
        approved(kept)


def test_without_its_change_set_an_approval_is_still_used_once(store: Store) -> None:
    given = approved(store)
    used(store, given)
    with pytest.raises(ApprovalError, match="pushed once"):
        used(store, given)


def test_a_push_that_fails_in_its_transaction_uses_nothing_up(kept: Store) -> None:
    given = approved(kept)

    def fail() -> None:
        with kept.write() as connection:
            use(connection, given)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert check(kept, latest_approval(kept, "cs-1")).used_at is None
    assert used(kept, given) == "used"


def test_several_threads_that_push_at_once_one_does(kept: Store) -> None:
    given = approved(kept)
    answers = at_once(6, lambda _: used(kept, given))
    assert [answer for answer in answers if answer == "used"] == ["used"]
    assert all(isinstance(answer, ApprovalError) for answer in answers if answer != "used")


def test_several_processes_that_push_at_once_one_does(kept: Store, url: str) -> None:
    approved(kept)
    code = """
from workbench.store import open_store
from pathlib import Path
from workbench.approval import OwnKeys, approvers, latest_approval, check_approval, use
from workbench.errors import ApprovalError, UsageProblem
store = open_store(sys.argv[1])
known = approvers(store, OwnKeys(Path(sys.argv[3]), "workbench:books"))
given = check_approval(latest_approval(store, "cs-1"), known, changeset="cs-1", content_hash=sys.argv[2])
ready()
try:
    with store.write() as connection:
        use(connection, given)
    print("used")
except ApprovalError as error:
    print("refused:", error.what)
"""
    answers = in_processes(3, code, url, HASH, str(own_of(kept).folder))
    assert sorted(answer.split(":")[0] for answer in answers) == ["refused", "refused", "used"]
