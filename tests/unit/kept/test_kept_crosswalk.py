"""Pairs, what both sides agreed on, and decisions: what a person or a rule has settled."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from tests.unit.kept.kept_store import at_once
from workbench import crosswalk
from workbench.crosswalk import Agreement, Decision, Pair, pair_id
from workbench.store import Store, schema
from workbench.store.engine import now


def pair(salesforce: str, quickbooks: str, mapping: str = "accounts", rule: str = "name") -> Pair:
    return Pair(
        mapping=mapping, salesforce_id=salesforce, quickbooks_id=quickbooks, rule=rule, confirmed_by="rule"
    )


def pairs(store: Store, mapping: str | None = None) -> set[tuple[Any, Any]]:
    return {(row["salesforce_id"], row["quickbooks_id"]) for row in crosswalk.pairs(store, mapping)}


# --- pairs --------------------------------------------------------------------------------------------


def test_a_pair_is_kept_once(store: Store) -> None:
    assert crosswalk.confirm(store, [pair("001A", "8-1"), pair("001B", "8-2")]) == 2
    assert crosswalk.confirm(store, [pair("001A", "8-1")]) == 0
    assert pairs(store) == {("001A", "8-1"), ("001B", "8-2")}
    assert crosswalk.confirm(store, []) == 0


@pytest.mark.parametrize(
    ("new", "left"),
    [
        pytest.param(("001A", "8-9"), {("001A", "8-9"), ("001B", "8-2")}, id="another customer"),
        pytest.param(("001Z", "8-1"), {("001Z", "8-1"), ("001B", "8-2")}, id="another account"),
        pytest.param(("001A", "8-2"), {("001A", "8-2")}, id="two partners crossed"),
        pytest.param(("001Z", "8-9"), {("001A", "8-1"), ("001B", "8-2"), ("001Z", "8-9")}, id="a third pair"),
    ],
)
def test_a_record_has_one_partner(store: Store, new: tuple[str, str], left: set[tuple[str, str]]) -> None:
    crosswalk.confirm(store, [pair("001A", "8-1"), pair("001B", "8-2")])
    crosswalk.confirm(store, [pair(*new)])
    assert pairs(store) == left


def test_mappings_do_not_touch_each_other(store: Store) -> None:
    crosswalk.confirm(store, [pair("001A", "8-1"), pair("001A", "8-2", mapping="contacts")])
    assert pairs(store, "accounts") == {("001A", "8-1")}
    assert pairs(store, "contacts") == {("001A", "8-2")}


def test_a_pair_has_the_same_id_for_ever() -> None:
    """The base is kept under it: another id would lose what both sides agreed on."""
    assert pair_id("account-customer", "001000000000001AAA", "80000001-1700000000") == "p74fbf2aba13d05e3d5fd"
    ids = {pair_id("m", "ab", "c"), pair_id("m", "a", "bc"), pair_id("ma", "b", "c"), pair_id("m", "c", "ab")}
    assert len(ids) == 4


PAIRS = st.lists(st.tuples(st.sampled_from("ABCD"), st.sampled_from("1234")), max_size=12)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(PAIRS, st.integers(1, 12))
def test_whatever_is_confirmed_the_last_word_counts_and_it_stays_one_to_one(
    store: Store, words: list[tuple[str, str]], at_a_time: int
) -> None:
    with store.write() as connection:
        connection.execute(delete(schema.crosswalk))
    expected: dict[str, str] = {}
    new = 0
    for salesforce, quickbooks in words:
        new += expected.get(salesforce) != quickbooks
        expected = {s: q for s, q in expected.items() if s != salesforce and q != quickbooks}
        expected[salesforce] = quickbooks
    parts = [words[start : start + at_a_time] for start in range(0, len(words), at_a_time)]
    assert sum(crosswalk.confirm(store, [pair(*word) for word in part]) for part in parts) == new
    assert pairs(store) == set(expected.items())


def test_two_that_confirm_at_once_leave_one_to_one(store: Store) -> None:
    wanted = [pair("001A", "8-1"), pair("001A", "8-2"), pair("001B", "8-1"), pair("001B", "8-2")]
    answers = at_once(4, lambda number: crosswalk.confirm(store, [wanted[number]]))
    assert answers == [1, 1, 1, 1]
    kept = pairs(store)
    assert len({one for one, _ in kept}) == len({other for _, other in kept}) == len(kept)


# --- first matching closed ------------------------------------------------------------------------------


def test_a_first_matching_is_closed_once(store: Store) -> None:
    assert crosswalk.closed(store) == frozenset()
    assert crosswalk.close(store, "accounts", "maria")
    assert not crosswalk.close(store, "accounts", "eva")
    assert crosswalk.closed(store) == {"accounts"}
    assert [row["closed_by"] for row in store.rows(select(schema.closed))] == ["maria"]


def test_two_that_close_at_once_both_end_well(store: Store) -> None:
    answers = at_once(4, lambda number: crosswalk.close(store, "accounts", f"user {number}"))
    assert sorted(answers, key=str) == [False, False, False, True]


# --- the base ---------------------------------------------------------------------------------------------


def agreement(*fields: str, salesforce: dict[str, Any], quickbooks: dict[str, Any]) -> Agreement:
    return Agreement(
        mapping="accounts", pair="p1", fields=fields, salesforce=salesforce, quickbooks=quickbooks
    )


def base(store: Store) -> dict[str, Any]:
    (row,) = crosswalk.agreements(store)
    return {name: row[name] for name in ("fields", "salesforce", "quickbooks")}


def test_fields_that_are_not_named_keep_their_base(store: Store) -> None:
    crosswalk.agree(
        store,
        [
            agreement(
                "phone", "fax", salesforce={"Phone": "1", "Fax": "2"}, quickbooks={"Phone": "1", "Fax": "2"}
            )
        ],
    )
    count = crosswalk.agree(store, [agreement("fax", salesforce={"Fax": "3"}, quickbooks={"Fax": "(3)"})])
    assert count == 1
    assert base(store) == {
        "fields": ["fax", "phone"],
        "salesforce": {"Phone": "1", "Fax": "3"},
        "quickbooks": {"Phone": "1", "Fax": "(3)"},
    }


def test_an_agreed_emptiness_is_a_base_too(store: Store) -> None:
    crosswalk.agree(store, [agreement("phone", salesforce={"Phone": "1"}, quickbooks={"Phone": "1"})])
    crosswalk.agree(store, [agreement("phone", salesforce={"Phone": None}, quickbooks={"Phone": None})])
    assert base(store)["salesforce"] == {"Phone": None}


def test_nothing_agreed_changes_nothing(store: Store) -> None:
    assert crosswalk.agree(store, []) == 0
    assert crosswalk.agreements(store) == []


def test_a_base_belongs_to_its_mapping_and_pair(store: Store) -> None:
    one = agreement("phone", salesforce={"Phone": "1"}, quickbooks={"Phone": "1"})
    others = [
        Agreement(mapping=m, pair=p, fields=("phone",), salesforce={"Phone": v}, quickbooks={"Phone": v})
        for m, p, v in (("accounts", "p2", "2"), ("contacts", "p1", "3"))
    ]
    assert crosswalk.agree(store, [one, *others]) == 3
    found = {(row["mapping"], row["pair"]): row["salesforce"]["Phone"] for row in crosswalk.agreements(store)}
    assert found == {("accounts", "p1"): "1", ("accounts", "p2"): "2", ("contacts", "p1"): "3"}


def test_a_base_is_moved_whole_or_not_at_all(store: Store) -> None:
    def two() -> Any:
        yield agreement("phone", salesforce={"Phone": "1"}, quickbooks={"Phone": "1"})
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        crosswalk.agree(store, two())
    assert crosswalk.agreements(store) == []


# --- decisions ----------------------------------------------------------------------------------------------


def decision(kind: str = "take_salesforce", **more: Any) -> Decision:
    values: dict[str, Any] = {
        "mapping": "accounts", "salesforce_id": "001A", "quickbooks_id": "8-1", "field": "phone",
        "reason": "because", "decided_by": "maria",
    }  # fmt: skip
    return Decision(decision=kind, **(values | more))


def standing(store: Store) -> list[str]:
    return [row["decision"] for row in crosswalk.decisions(store)]


def test_a_decision_takes_the_place_of_an_earlier_one_which_is_kept(store: Store) -> None:
    assert crosswalk.decide(store, [decision("take_salesforce")]) == 1
    assert crosswalk.decide(store, [decision("take_quickbooks", decided_by="eva", pinned=True)]) == 1

    (row,) = crosswalk.decisions(store)
    assert (row["decision"], row["decided_by"], row["pinned"]) == ("take_quickbooks", "eva", True)
    everything = store.rows(select(schema.decisions).order_by(schema.decisions.c.id))
    assert [each["decision"] for each in everything] == ["take_salesforce", "take_quickbooks"]
    assert everything[0]["replaced_at"] is not None
    assert everything[1]["replaced_at"] is None


@pytest.mark.parametrize(
    "other",
    [
        {"field": "fax"},
        {"field": None},
        {"salesforce_id": "001B"},
        {"quickbooks_id": "8-2"},
        {"quickbooks_id": None},
        {"salesforce_id": None},
        {"mapping": "contacts"},
    ],
)
def test_decisions_about_other_things_stand_side_by_side(store: Store, other: dict[str, Any]) -> None:
    crosswalk.decide(store, [decision("accept"), decision("refuse", **other)])
    assert standing(store) == ["accept", "refuse"]


@pytest.mark.parametrize(
    "where", [{"field": None}, {"quickbooks_id": None}, {"salesforce_id": None, "field": None}]
)
def test_what_is_not_named_is_the_same_thing_too(store: Store, where: dict[str, Any]) -> None:
    """NULL is not NULL in SQL: without care, a decision about a record would never be replaced."""
    crosswalk.decide(store, [decision("create", **where), decision("ignore", **where)])
    assert standing(store) == ["ignore"]


def test_whether_two_records_are_one_is_another_matter_than_what_becomes_of_them(store: Store) -> None:
    crosswalk.decide(store, [decision(kind, field=None) for kind in ("link", "accept", "not_a_match")])
    assert standing(store) == ["accept", "not_a_match"]


def test_a_pair_that_is_taken_apart_leaves_with_its_base_and_stays_in_the_history(store: Store) -> None:
    one, two = pair("001A", "8-1"), pair("001B", "8-2")
    crosswalk.confirm(store, [one, two])
    agreed = {"fields": ("phone",), "salesforce": {"Phone": "1"}, "quickbooks": {"Phone": "1"}}
    crosswalk.agree(store, [Agreement(mapping="accounts", pair=each.pair, **agreed) for each in (one, two)])
    then = now()
    assert crosswalk.part(store, [one.pair, "no such pair"]) == 1
    assert crosswalk.part(store, [one.pair]) == 0
    assert pairs(store) == {("001B", "8-2")}
    assert [row["pair"] for row in crosswalk.agreements(store)] == [two.pair]
    assert len(crosswalk.pairs(store, at=then)) == 2


def test_a_link_that_takes_a_partner_away_is_seen_unless_those_are_no_match(store: Store) -> None:
    crosswalk.confirm(store, [pair("001A", "8-1"), pair("001B", "8-2")])

    def found(*parted: tuple[str, str]) -> list[Any]:
        rows = crosswalk.in_the_way(store, "accounts", "001A", "8-2", parted)
        return [row["salesforce_id"] for row in rows]

    assert found() == ["001A", "001B"]
    assert found(("001B", "8-2")) == ["001A"]
    crosswalk.decide(store, [decision("not_a_match", field=None)])
    assert found() == ["001B"]
    assert crosswalk.in_the_way(store, "accounts", "001B", "8-2") == []
    assert crosswalk.in_the_way(store, "contacts", "001A", "8-2") == []


def test_all_decisions_of_a_call_are_kept_or_none(store: Store) -> None:
    with pytest.raises(Exception, match="reason"):
        crosswalk.decide(store, [decision("accept"), decision("refuse", field="fax", reason=None)])
    assert standing(store) == []


def test_two_that_decide_at_once_leave_one_decision(store: Store) -> None:
    kinds = ["accept", "refuse", "ignore", "take_salesforce"]
    at_once(4, lambda number: crosswalk.decide(store, [decision(kinds[number])]))
    assert len(standing(store)) == 1
    assert len(store.rows(select(schema.decisions))) == 4
