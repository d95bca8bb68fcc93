"""Which changes go first: one of each kind, with what it needs; and when a push must stop."""

# ruff: noqa: E501  (tables are read in columns)

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from workbench.changes import Answer, Cell, Change, ChangeSet
from workbench.ledger import OutcomeRow
from workbench.push.breaker import taken, why_stop
from workbench.push.stages import LEAST, canaries, first_canaries

# A change is written as NAME:KIND>PARENT,PARENT.  The kind is one letter for the side (s, q) and one for the
# object; in capitals it is a create, else an update.  `=X` says that its refusal with code X is foretold.
OBJECTS = {
    "a": "Account",
    "c": "Customer",
    "o": "Opportunity",
    "l": "OpportunityLineItem",
    "p": "PricebookEntry",
}


def change(text: str) -> Change:
    text, _, predicted = text.partition("=")
    head, _, needs = text.partition(">")
    name, _, kind = head.partition(":")
    parents = tuple(needs.split(",")) if needs else ()
    return Change(
        id=name, mapping="m", side={"s": "salesforce", "q": "quickbooks"}[kind[0].lower()],
        object=OBJECTS[kind[1].lower()], action="create" if kind[1].isupper() else "update", record=None,
        label=name, version=None, source_id=name, predicted=predicted, depends_on=parents,
        cells=tuple(
            Cell(
                field="", api="OpportunityId" if each.startswith("o") else f"of {each}", before=None,
                after=Answer(each, "Id"), why="",
            )
            for each in parents
        ),
    )  # fmt: skip


def changeset(text: str) -> ChangeSet:
    return ChangeSet(header={}, changes=tuple(change(each) for each in text.split()))


def rows(made: ChangeSet, states: str = "") -> dict[str, OutcomeRow]:
    """Outcomes: waiting, but for `a=applied b=queued`."""
    told = dict(each.split("=") for each in states.split())
    found = {}
    for each in made.changes:
        state = told.get(each.id, "waiting")
        found[each.id] = OutcomeRow(
            changeset="cs", change=each.id, side=each.side, mapping="m",
            state="waiting" if state == "queued" else state, request="r" if state == "queued" else None,
        )  # fmt: skip
    return found


FOUR = "a1:sa a2:sa a3:sa a4:sa"

#  why                                      changes                          states                        go first   awaited
FIRST = [
    ("one of a kind",                       FOUR,                            "",                           "a1",      ""),
    ("a kind is proved by one applied",     FOUR,                            "a1=applied",                 "",        ""),
    ("... or refused",                      FOUR,                            "a1=failed",                  "",        ""),
    ("its answer is waited for",            "c1:qc c2:qc c3:qc",             "c1=queued",                  "",        "c1"),
    ("stale tells nothing",                 FOUR,                            "a1=stale",                   "a2",      ""),
    ("two tell nothing: two more",          FOUR,                            "a1=stale a2=stale",          "a3 a4",   ""),
    ("lost tells nothing",                  FOUR,                            "a1=unknown",                 "a2",      ""),
    ("all stale: nothing to prove",         "a1:sa a2:sa",                   "a1=stale a2=stale",          "",        ""),
    ("a create is another kind",            "a1:sa a2:sa b1:sA b2:sA",       "",                           "a1 b1",   ""),
    ("a side is another kind",              "a1:sa a2:sa c1:qc c2:qc",       "",                           "a1 c1",   ""),
    ("a parent goes along",                 "c1:qC c2:qC a1:sa>c1 a2:sa>c2", "",                           "a1 c1",   ""),
    ("the cheapest goes",                   "c0:qC c1:qC a1:sa>c1 a2:sa",    "",                           "a2 c0",   ""),
    ("what takes a canary along is cheap",  "c0:qC a1:sa>c0 a2:sa",          "",                           "a1 c0",   ""),
    ("a parent that is applied costs none", "c1:qC a1:sa>c1 a2:sa",          "c1=applied",                 "a1",      ""),
    ("what waits for a lost one does not",  "c1:qC c2:qC a1:sa>c1 a2:sa>c2", "c1=unknown",                 "a2 c2",   ""),
    ("nothing can go for a lost one",       "c1:qC a1:sa>c1",                "c1=unknown",                 "",        ""),
    ("a document goes with its lines",      "p:sP o:sO l1:sL>o l2:sL>o,p o2:sO", "",                       "l1 l2 o p", ""),
    ("a price goes without its lines",      "p:sP o:sO l0:sL>o o2:sO l2:sL>o2,p", "",                      "l0 o p",  ""),
    ("a refusal that is foretold goes last", "a1:sa=X a2:sa a3:sa",          "",                           "a2",      ""),
    ("unless all are",                      "a1:sa=X a2:sa=X",               "",                           "a1",      ""),
    ("nothing",                             "",                              "",                           "",        ""),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "states", "go", "awaited"), [case[1:] for case in FIRST], ids=[case[0] for case in FIRST]
)
def test_what_goes_first(text: str, states: str, go: str, awaited: str) -> None:
    made = changeset(text)
    found = canaries(made, rows(made, states))
    assert " ".join(sorted(found.next)) == go
    assert " ".join(sorted(found.awaited)) == awaited
    assert found.done == (not go and not awaited)


def test_what_is_held_or_not_approved_is_no_canary() -> None:
    made = changeset(FOUR)
    held = ChangeSet(header={}, changes=(replace(made.changes[0], hold="too long"), *made.changes[1:]))
    known = rows(held)
    del known["a2"]
    assert canaries(held, known).next == {"a3"}


def test_a_thousand_stale_ones_cost_ten_rounds() -> None:
    made = ChangeSet(header={}, changes=tuple(change(f"a{number}:sa") for number in range(1000)))
    known, rounds = rows(made), 0
    while found := canaries(made, known).next:
        known |= {id_: replace(known[id_], state="stale") for id_ in found}
        rounds += 1
    assert rounds == 11


def many(count: int, *more: str) -> ChangeSet:
    return changeset(" ".join([*(f"a{number}:sa" for number in range(count)), *more]))


#  why                                      change set                                    canaries
STAGED = [
    ("too few for stages",                  many(LEAST - 1),                              set()),
    ("just enough",                         many(LEAST),                                  {"a0"}),
    ("one of each kind",                    many(LEAST, "b:sA", "c:qc"),                  {"a0", "b", "c"}),
    ("canaries are half of it",             many(LEAST, *(f"c{n}:qC" for n in range(3)), "x:sA>c0,c1,c2",
                                                 *(f"o{n}:sO>c0,c1,c2" for n in range(1))), None),
]  # fmt: skip


@pytest.mark.parametrize(("made", "first"), [case[1:] for case in STAGED], ids=[case[0] for case in STAGED])
def test_when_there_are_stages(made: ChangeSet, first: set[str] | None) -> None:
    found = first_canaries(made, made.by_id)
    assert found == first if first is not None else len(found) * 2 <= len(made.changes)


def test_where_the_canaries_would_be_nearly_all_there_is_one_stage() -> None:
    chain = " ".join(f"c{n}:q{'C' if n % 2 else 'c'}>c{n - 1}" for n in range(1, 12))
    made = changeset(f"c0:qC {chain} x:sa>c11")
    assert first_canaries(made, made.by_id) == frozenset()


# --- when to stop -------------------------------------------------------------------------------------------


def failed(*details: str, accepted: bool | None = None) -> list[OutcomeRow]:
    return [
        OutcomeRow(
            changeset="cs", change=f"a{number}", state="failed", side="salesforce", mapping="m", detail=detail,
            accepted=accepted,
        )
        for number, detail in enumerate(details)
    ]  # fmt: skip


REFUSED = "3100: there is one of that name"
HELD = "Phone: sent 1, Salesforce holds 2"

#  why                                  failures                              applied  stage       says
STOPS = [
    ("nothing failed",                  [],                                   0,       "canaries", ""),
    ("a canary is refused",             failed(REFUSED),                      0,       "canaries", "went first, and failed: 3100"),
    ("the same, later",                 failed(REFUSED),                      0,       "all",      ""),
    ("a canary holds something else",   failed(HELD, accepted=True),          0,       "canaries", "holds something else"),
    ("a record holds something else",   failed(HELD, accepted=True),          500,     "all",      "holds something else than was foretold: Phone"),
    ("nobody knows who wrote it",       failed(HELD),                         500,     "all",      ""),
    ("a few failures never",            failed(*[REFUSED] * 9),               0,       "all",      ""),
    ("ten of ten",                      failed(*[REFUSED] * 10),              0,       "all",      "10 of the first 10"),
    ("ten of a hundred: the boundary",  failed(*[REFUSED] * 10),              90,      "all",      ""),
    ("eleven of a hundred",             failed(*[REFUSED] * 11),              89,      "all",      "11 of the first 100"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("failures", "applied", "stage", "says"), [case[1:] for case in STOPS], ids=[case[0] for case in STOPS]
)
def test_when_a_push_stops(failures: list[OutcomeRow], applied: int, stage: str, says: str) -> None:
    reason = why_stop(many(20), failures, applied, stage, 10)
    assert (reason is None) == (says == "")
    assert says in str(reason)


@pytest.mark.parametrize(("percent", "stops"), [(0, True), (49, True), (50, False), (100, False)])
def test_the_share_is_the_profiles(percent: int, stops: bool) -> None:
    assert bool(why_stop(many(20), failed(*[REFUSED] * 20), 20, "all", percent)) == stops


#  why                                  foretold      what it got            stops
FORETOLD: list[Any] = [
    ("as foretold",                     "3100",       REFUSED,               False),
    ("a code of Salesforce",            "FIELD_INTEGRITY_EXCEPTION", "DUPLICATE_VALUE: x; FIELD_INTEGRITY_EXCEPTION: y", False),
    ("another code",                    "3180",       REFUSED,               True),
    ("only in the words",               "3180",       "3100: as 3180 would", True),
    ("ok was foretold",                 "ok",         REFUSED,               True),
]  # fmt: skip


@pytest.mark.parametrize(
    ("foretold", "detail", "stops"), [case[1:] for case in FORETOLD], ids=[case[0] for case in FORETOLD]
)
def test_a_refusal_that_was_foretold_is_no_surprise(foretold: str, detail: str, stops: bool) -> None:
    made = changeset(f"a0:sa={foretold} a1:sa")
    assert bool(why_stop(made, failed(detail), 0, "canaries", 10)) == stops


def test_a_canary_that_was_to_be_refused_and_was_taken_is_a_surprise() -> None:
    made = changeset("a0:sa=3100 a1:sa=ok a2:sa")
    assert taken(made, rows(made, "a1=applied a2=applied").values()) is None
    assert "where 3100 was foretold" in str(taken(made, rows(made, "a0=applied").values()))
