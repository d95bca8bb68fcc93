"""What was: pairs that ended, a base that moved or went back, decisions as they stood at a time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from workbench import crosswalk
from workbench.crosswalk import Agreement, Decision, End, Pair, Rejoin, Return, pair_id
from workbench.errors import WorkbenchError
from workbench.store import Store, schema
from workbench.store.engine import now

MAPPING = "accounts"
EVER = datetime.max.replace(tzinfo=now().tzinfo) - timedelta(days=2)


def pair(salesforce: str, quickbooks: str) -> Pair:
    return Pair(
        mapping=MAPPING, salesforce_id=salesforce, quickbooks_id=quickbooks, rule="name", confirmed_by="rule"
    )


def pairs(store: Store, at: datetime | None = None) -> set[tuple[Any, Any]]:
    return {(row["salesforce_id"], row["quickbooks_id"]) for row in crosswalk.pairs(store, at=at)}


def agree(store: Store, salesforce: str, quickbooks: str, **values: str | None) -> None:
    """Both sides hold these values now; a field is called like its API field on either side."""
    found = Agreement(
        mapping=MAPPING,
        pair=pair_id(MAPPING, salesforce, quickbooks),
        fields=tuple(values),
        salesforce=values,
        quickbooks=values,
    )
    crosswalk.agree(store, [found])


def base(store: Store, at: datetime | None = None) -> dict[str, dict[str, Any]]:
    rows = crosswalk.agreements(store, at=at)
    assert all(set(row["fields"]) == set(row["salesforce"]) == set(row["quickbooks"]) for row in rows)
    return {row["pair"]: row["salesforce"] for row in rows}


def back(at: datetime, *fields: str, before: datetime = EVER) -> Return:
    return Return(
        mapping=MAPPING,
        pair=pair_id(MAPPING, "001A", "8-1"),
        fields={name: ((name,), (name,)) for name in fields},
        at=at,
        before=before,
    )


def ignored(record: str = "8-1") -> Decision:
    return Decision(
        mapping=MAPPING, salesforce_id=None, quickbooks_id=record, field=None, decision="ignore",
        reason="inactive since cs-1, and linked no more", decided_by="maria",
    )  # fmt: skip


def ending(record: str = "8-1", before: datetime = EVER, left: tuple[Decision, ...] = ()) -> End:
    return End(mapping=MAPPING, side="quickbooks", record=record, before=before, left=left)


def rejoined(at: datetime, before: datetime = EVER) -> Rejoin:
    return Rejoin(
        mapping=MAPPING, side="quickbooks", record="8-1", at=at, before=before, withdrawn=(ignored(),)
    )


# --- pairs that end -------------------------------------------------------------------------------------


def test_a_pair_ends_with_its_base_and_what_stays_is_decided(store: Store) -> None:
    crosswalk.confirm(store, [pair("001A", "8-1"), pair("001B", "8-2")])
    agree(store, "001A", "8-1", phone="1")
    agree(store, "001B", "8-2", phone="2")
    then = now()
    assert crosswalk.end(store, [ending(left=(ignored(),))]) == 1
    assert pairs(store) == {("001B", "8-2")}
    assert set(base(store)) == {pair_id(MAPPING, "001B", "8-2")}
    assert [(row["quickbooks_id"], row["decision"]) for row in crosswalk.decisions(store)] == [
        ("8-1", "ignore")
    ]
    assert pairs(store, then) == {("001A", "8-1"), ("001B", "8-2")}
    assert len(base(store, then)) == 2


def test_ending_again_ends_and_decides_nothing(store: Store) -> None:
    crosswalk.confirm(store, [pair("001A", "8-1")])
    crosswalk.end(store, [ending(left=(ignored(),))])
    crosswalk.decide(store, [ignored().__class__(**{**_values(ignored()), "decision": "create"})])
    assert crosswalk.end(store, [ending(left=(ignored(),))]) == 0
    assert [row["decision"] for row in crosswalk.decisions(store)] == ["create"], "a person's later word"


def _values(decision: Decision) -> dict[str, Any]:
    return {name: getattr(decision, name) for name in decision.__slots__}


def test_what_was_linked_again_since_stays_linked(store: Store) -> None:
    settled = now()
    crosswalk.confirm(store, [pair("001A", "8-1")])
    assert crosswalk.end(store, [ending(before=settled)]) == 0
    assert pairs(store) == {("001A", "8-1")}


def test_a_push_that_goes_on_links_nothing_that_has_ended(store: Store) -> None:
    crosswalk.confirm(store, [pair("001A", "8-1")])
    crosswalk.end(store, [ending()])
    assert crosswalk.confirm(store, [pair("001A", "8-1"), pair("001B", "8-2")], anew=False) == 1
    assert pairs(store) == {("001B", "8-2")}
    assert crosswalk.confirm(store, [pair("001A", "8-1")]) == 1, "a person may"


def test_a_pair_comes_back_with_its_base_and_the_decision_goes(store: Store) -> None:
    crosswalk.confirm(store, [pair("001A", "8-1")])
    agree(store, "001A", "8-1", phone="1")
    then = now()
    agree(store, "001A", "8-1", phone="2")
    crosswalk.end(store, [ending(left=(ignored(),))])
    assert crosswalk.rejoin(store, [rejoined(then)]) == 1
    assert pairs(store) == {("001A", "8-1")}
    assert base(store) == {pair_id(MAPPING, "001A", "8-1"): {"phone": "1"}}
    assert crosswalk.decisions(store) == []
    assert crosswalk.rejoin(store, [rejoined(then)]) == 0


@pytest.mark.parametrize(
    "other",
    [pytest.param(("001A", "8-9"), id="one is taken"), pytest.param(("001Z", "8-1"), id="the other is")],
)
def test_a_pair_does_not_come_back_where_a_record_has_another_partner(
    store: Store, other: tuple[str, str]
) -> None:
    crosswalk.confirm(store, [pair("001A", "8-1")])
    then = now()
    crosswalk.end(store, [ending()])
    crosswalk.confirm(store, [pair(*other)])
    assert crosswalk.rejoin(store, [rejoined(then)]) == 0
    assert pairs(store) == {other}


def test_a_pair_that_came_back_and_ended_again_stays_ended(store: Store) -> None:
    crosswalk.confirm(store, [pair("001A", "8-1")])
    then = now()
    crosswalk.end(store, [ending()])
    settled = now()
    crosswalk.rejoin(store, [rejoined(then, settled)])
    crosswalk.end(store, [ending()])
    assert crosswalk.rejoin(store, [rejoined(then, settled)]) == 0


def test_another_decision_about_what_stays_is_not_withdrawn(store: Store) -> None:
    crosswalk.confirm(store, [pair("001A", "8-1")])
    then = now()
    crosswalk.end(store, [ending(left=(ignored(),))])
    crosswalk.decide(store, [Decision(**{**_values(ignored()), "reason": "a person's own"})])
    crosswalk.rejoin(store, [rejoined(then)])
    assert [row["reason"] for row in crosswalk.decisions(store)] == ["a person's own"]


# --- a base that goes back --------------------------------------------------------------------------------


def test_the_base_of_undone_fields_goes_back_and_others_stay(store: Store) -> None:
    agree(store, "001A", "8-1", phone="1", fax="1", city=None)
    then = now()
    agree(store, "001A", "8-1", phone="2", fax="2", city="Bern", memo="new")
    assert crosswalk.go_back(store, [back(then, "phone", "city", "memo")]) == 1
    assert list(base(store).values()) == [{"phone": "1", "fax": "2", "city": None}]


def test_what_had_no_base_before_has_none_again(store: Store) -> None:
    then = now()
    agree(store, "001A", "8-1", phone="2")
    assert crosswalk.go_back(store, [back(then, "phone")]) == 1
    assert base(store) == {}


def test_a_base_that_has_not_moved_stays(store: Store) -> None:
    agree(store, "001A", "8-1", phone="1")
    then = now()
    assert crosswalk.go_back(store, [back(then, "phone")]) == 0
    assert list(base(store).values()) == [{"phone": "1"}]


def test_a_base_on_which_both_sides_agreed_since_stays(store: Store) -> None:
    agree(store, "001A", "8-1", phone="1")
    then = now()
    agree(store, "001A", "8-1", phone="2")
    settled = now()
    assert crosswalk.go_back(store, [back(then, "phone", before=settled)]) == 1
    agree(store, "001A", "8-1", phone="3")
    assert crosswalk.go_back(store, [back(then, "phone", before=settled)]) == 0
    assert list(base(store).values()) == [{"phone": "3"}]


def test_going_back_twice_is_going_back_once(store: Store) -> None:
    agree(store, "001A", "8-1", phone="1")
    then = now()
    agree(store, "001A", "8-1", phone="2")
    returned = [crosswalk.go_back(store, [back(then, "phone")]) for _ in range(3)]
    assert returned == [1, 0, 0]
    assert len(store.rows(select(schema.base_history))) == 2


# --- as it was at any time ----------------------------------------------------------------------------------


def test_decisions_and_closed_matchings_as_they_stood(store: Store) -> None:
    first = now()
    crosswalk.close(store, MAPPING, "maria")
    crosswalk.decide(store, [ignored()])
    then = now()
    crosswalk.decide(store, [Decision(**{**_values(ignored()), "decision": "create"})])
    crosswalk.close(store, "contacts", "maria")
    stood = [
        ([row["decision"] for row in crosswalk.decisions(store, at=at)], crosswalk.closed(store, at=at))
        for at in (first, then, now())
    ]
    assert stood == [
        ([], frozenset()),
        (["ignore"], {MAPPING}),
        (["create"], {MAPPING, "contacts"}),
    ]


RECORDS = st.tuples(st.sampled_from(["001A", "001B"]), st.sampled_from(["8-1", "8-2"]))
VALUES = st.sampled_from(["1", "2", None])
NAMES = st.sampled_from(["phone", "fax"])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("confirm"), RECORDS),
        st.tuples(st.just("agree"), RECORDS, st.dictionaries(NAMES, VALUES, min_size=1)),
        st.tuples(st.just("end"), st.sampled_from(["8-1", "8-2"])),
        st.tuples(st.just("rejoin"), st.integers(0, 5)),
        st.tuples(st.just("go back"), st.integers(0, 5), st.sets(NAMES, min_size=1)),
    ),
    max_size=10,
)  # fmt: skip


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_every_time_shows_what_was_then(store: Store, steps: list[tuple[Any, ...]]) -> None:
    """Whatever is done, the crosswalk and the base as of a time are what they were at that time."""
    with store.write() as connection:
        for table in (schema.crosswalk, schema.crosswalk_history, schema.base, schema.base_history):
            connection.execute(delete(table))
    seen = [(now(), pairs(store), base(store))]
    for step in steps:
        match step:
            case ("confirm", records):
                crosswalk.confirm(store, [pair(*records)])
            case ("agree", records, values):
                agree(store, *records, **values)
            case ("end", record):
                crosswalk.end(store, [ending(record)])
            case ("rejoin", number):
                crosswalk.rejoin(store, [rejoined(seen[min(number, len(seen) - 1)][0])])
            case ("go back", number, names):
                crosswalk.go_back(store, [back(seen[min(number, len(seen) - 1)][0], *names)])
        seen.append((now(), pairs(store), base(store)))
    assert [(pairs(store, at), base(store, at)) for at, _, _ in seen] == [
        (then_pairs, then_base) for _, then_pairs, then_base in seen
    ]


def test_a_time_before_the_first_snapshot_is_told(store: Store) -> None:
    from workbench.snapshots import newest

    with pytest.raises(WorkbenchError, match="no snapshot of salesforce yet"):
        newest(store, "salesforce", before=now())
