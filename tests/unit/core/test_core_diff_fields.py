"""One field of a matched pair: base, Salesforce, QuickBooks, and what comes of it.

Each case is a field of its own in one mapping with one pair, so that all cases are one diff.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest
from core_world import World, read, tabled

from workbench.diff import compute

NONE = object()
"""No base for the field."""

HEAD = """\
mapping: cases
salesforce: {object: Account, label: Id}
quickbooks: {object: Customer, label: ListID}
states: {AccountToCustomer: {to: quickbooks}, CustomerToAccount: {to: salesforce}}
operations: {salesforce: [add, modify], quickbooks: [add, modify]}
winner: quickbooks
match: []
fields:
"""

S, Q = "take_salesforce", "take_quickbooks"
CENT = 'type: money, tolerance: "0.01"'
TO_SF, TO_QB = "direction: to_salesforce", "direction: to_quickbooks"

#  why, field settings, base (both or each side's), Salesforce, QuickBooks, difference, resolution, by
CASES: list[tuple[Any, ...]] = [
    ("same, no base", "", NONE, "a", "a", None),
    ("same as the base", "", "a", "a", "a", None),
    ("both empty", "", "a", None, "", "converged none three-way"),
    ("both always empty", "", None, None, " ", None),
    ("white space is no change", "", "a b", " a  b", "a b ", None),
    ("form is no change: phone", "type: phone", "5551234567", "(555) 123-4567", "+1 555 123 4567", None),
    ("form is no change: email", "type: email", "a@b.c", "A@B.C", "a@b.c", None),
    ("form is no change: money", "type: money", "1.00", "1", "1.0000", None),
    ("only Salesforce moved", "", "a", "b", "a", f"{S} {S} three-way"),
    ("only QuickBooks moved", "", "a", "a", "b", f"{Q} {Q} three-way"),
    ("only case changed", "", "a", "A", "a", f"{S} {S} three-way"),
    ("Salesforce cleared it", "", "a", "", "a", f"{S} {S} three-way"),
    ("QuickBooks cleared it", "", "a", "a", None, f"{Q} {Q} three-way"),
    ("Salesforce filled it", "", None, "b", None, f"{S} {S} three-way"),
    ("the winner has no say when one side moved", "winner: quickbooks", "a", "b", "a", f"{S} {S} three-way"),
    ("manual neither", "winner: manual", "a", "b", "a", f"{S} {S} three-way"),
    ("same edit on both sides", "", "a", "b", "b", "converged none three-way"),
    ("conflict, mapping's winner", "", "a", "b", "c", f"conflict {Q} winner"),
    ("conflict, field's winner", "winner: salesforce", "a", "b", "c", f"conflict {S} winner"),
    ("conflict, cleared and changed", "", "a", None, "c", f"conflict {Q} winner"),
    ("conflict, manual", "winner: manual", "a", "b", "c", "conflict undecided -"),
    ("conflict, fill empty", "winner: fill_empty_only", "a", "b", None, f"conflict {S} winner"),
    ("conflict, fill empty, other side", "winner: fill_empty_only", "a", "", "c", f"conflict {Q} winner"),
    ("conflict, fill empty, both full", "winner: fill_empty_only", "a", "b", "c", "conflict undecided -"),
    ("no base", "", NONE, "a", "b", f"differs {Q} winner"),
    ("no base, Salesforce wins", "winner: salesforce", NONE, "a", "b", f"differs {S} winner"),
    ("no base, winner's side empty", "", NONE, "a", None, f"differs {Q} winner"),
    ("no base, manual", "winner: manual", NONE, "a", "b", "differs undecided -"),
    ("no base, fill empty", "winner: fill_empty_only", NONE, "a", "", f"differs {S} winner"),
    ("no base, newest without times", "winner: newest", NONE, "a", "b", "differs undecided -"),
    ("a base that no longer agrees", "", ("a", "x"), "a", "b", f"differs {Q} winner"),
    ("a base of two forms agrees", "type: phone", ("555 123 4567", "(555) 123-4567"), "5551234567", "5",
     f"{Q} {Q} three-way"),
    # --- money
    ("a cent", "type: money", "100", "100.01", "100", f"{S} {S} three-way"),
    ("at the tolerance", CENT, NONE, "100.01", "100.00", None),
    ("past the tolerance", CENT, NONE, "100.02", "100.00", f"differs {Q} winner"),
    ("sign of the tolerance", CENT, NONE, "99.99", "100.00", None),
    ("empty is not zero", CENT, NONE, "0.00", None, f"differs {Q} winner"),
    ("within the tolerance and moved", CENT, ("1.00", "1.01"), "1.01", "1.01", None),
    ("both crept, each within", CENT, ("1.00", "1.00"), "0.99", "1.01",
     f"conflict {Q} winner"),
    ("both crept together", CENT, "1.00", "1.02", "1.03", "converged none three-way"),
    ("one crept out", CENT, ("1.00", "1.01"), "1.00", "1.03", f"{Q} {Q} three-way"),
    ("beyond float precision", "type: money", NONE, "9007199254740993.02", "9007199254740993.01",
     f"differs {Q} winner"),
    ("credit memo", "type: money", NONE, "-50.00", "50.00", f"differs {Q} winner"),
    ("four decimals are seen", "type: price", NONE, "1.0001", "1.0000", f"differs {Q} winner"),
    # --- other types
    ("dates", "type: date", "2026-03-30", "2026-03-31", "2026-03-30", f"{S} {S} three-way"),
    ("boolean, NULL is not false", "type: boolean", NONE, "false", None, f"differs {Q} winner"),
    ("values in words of both", "values: {United States: USA}", "USA", "United States", "USA", None),
    ("colon and dash", "type: name, transform: colon_dash", ("A: B", "A - B"), "A: C", "A - B",
     f"{S} {S} three-way"),
    # --- direction
    ("compared only", "direction: compare", "a", "b", "a", f"{S} follows three-way"),
    ("to Salesforce", TO_SF, "a", "a", "b", f"{Q} {Q} three-way"),
    ("against the direction", TO_SF, "a", "b", "a", f"{S} off state"),
    ("against the direction, other side", TO_QB, "a", "a", "b", f"{Q} off state"),
    ("against the direction, own winner sets back", f"{TO_SF}, winner: quickbooks", "a", "b", "a",
     f"{S} {Q} winner"),
    ("against the direction, own winner manual", f"{TO_SF}, winner: manual", "a", "b", "a",
     f"{S} off state"),
    ("one way conflict: its source", TO_QB, "a", "b", "c", f"conflict {S} winner"),
    ("one way, no base: its source", TO_QB, NONE, "b", "c", f"differs {S} winner"),
    ("one way, no base, manual", f"{TO_QB}, winner: manual", NONE, "b", "c", "differs undecided -"),
    ("one way, fill empty the other way", f"{TO_QB}, winner: fill_empty_only", NONE, None, "c",
     "differs undecided -"),
    ("written on create only", "on: create", "a", "b", "c", None),
]  # fmt: skip


@dataclass(frozen=True)
class Result:
    difference: str
    resolution: str
    resolved_by: str | None
    gap: Any
    base: str | None
    salesforce: str | None
    quickbooks: str | None
    salesforce_value: str | None
    quickbooks_value: str | None
    reason: str


@cache
def results() -> dict[str, Result]:
    fields = [
        f"  c{n}: {{salesforce: c{n}, quickbooks: c{n}{', ' * bool(case[1])}{case[1]}}}"
        for n, case in enumerate(CASES)
    ]
    mapping = read(HEAD + "\n".join(fields))
    names = [(f"c{n}", "VARCHAR") for n in range(len(CASES))]
    world = World()
    world.rows("salesforce.Account", [("Id", "VARCHAR"), *names], [["1", *(case[3] for case in CASES)]])
    world.rows("quickbooks.Customer", [("ListID", "VARCHAR"), *names], [["A", *(case[4] for case in CASES)]])
    bases = [case[2] if isinstance(case[2], tuple) else (case[2], case[2]) for case in CASES]
    known = [n for n, case in enumerate(CASES) if case[2] is not NONE]
    sides = [{f"c{n}": bases[n][side] for n in known} for side in (0, 1)]
    world.pair("cases", ("p", "1", "A")).base("cases", "p", *sides, *(f"c{n}" for n in known))
    compute(world.connection, mapping)
    rows = world.query(
        "SELECT field, difference, resolution, resolved_by, gap, base, salesforce, quickbooks, "
        "salesforce_value, quickbooks_value, reason FROM work.differences"
    )
    return {CASES[int(row[0][1:])][0]: Result(*row[1:]) for row in rows}


@pytest.mark.parametrize("case", CASES, ids=[case[0] for case in CASES])
def test_what_comes_of_a_field(case: tuple[Any, ...]) -> None:
    found = results().get(case[0])
    told = found and f"{found.difference} {found.resolution} {found.resolved_by or '-'}"
    assert told == case[5], found and found.reason


#  case                          gap
GAPS = [
    ("a cent", "0.01000"),
    ("past the tolerance", "0.02000"),
    ("beyond float precision", "0.01000"),
    ("credit memo", "-100.00000"),
    ("four decimals are seen", "0.00010"),
    ("empty is not zero", "None"),
    ("only Salesforce moved", "None"),
]


@pytest.mark.parametrize(("case", "gap"), GAPS)
def test_gaps_are_salesforce_less_quickbooks(case: str, gap: str) -> None:
    assert str(results()[case].gap) == gap


def test_values_are_shown_raw_and_compared_normalised() -> None:
    found = results()["a base of two forms agrees"]
    assert (found.base, found.salesforce, found.quickbooks) == ("555 123 4567", "5551234567", "5")
    found = results()["Salesforce cleared it"]
    assert (found.salesforce, found.salesforce_value) == ("", None)
    found = results()["past the tolerance"]
    assert (found.salesforce_value, found.quickbooks_value) == ("100.02", "100.00")


#  case                                     words of the reason
REASONS = [
    ("only Salesforce moved", "only Salesforce changed it"),
    ("no base", "no base for it yet: two-way; winner quickbooks"),
    ("a base that no longer agrees",
     "its base no longer agrees under this mapping: two-way; winner quickbooks"),
    ("conflict, manual", "both sides changed it; a person decides this field"),
    ("no base, newest without times", "no base for it yet: two-way; not known which was modified later"),
    ("against the direction", "only Salesforce changed it, and the field goes the other way only"),
    ("one way, fill empty the other way",
     "no base for it yet: two-way; Salesforce has no value; but the direction of the field is to_quickbooks"),
    ("compared only", "follows from what will be written to this record"),
]  # fmt: skip


@pytest.mark.parametrize(("case", "words"), REASONS)
def test_reasons_say_what_happened(case: str, words: str) -> None:
    assert results()[case].reason == words


ONE = HEAD + "  x: {salesforce: X, quickbooks: Y<settings>}\n"


def one(
    settings: str = "",
    head: str = ONE,
    *,
    salesforce: str = "b",
    quickbooks: str = "c",
    base: str | None = "a",
    zone: str | None = None,
    times: tuple[str, str] = ("-", "-"),
    states: dict[str, bool] | None = None,
    decide: list[dict[str, Any]] | None = None,
) -> str:
    """Finding, resolution, who and why of one field of one pair; 'nothing' when there is no row."""
    world = (
        World()
        .table("salesforce.Account", f"Id | X | LastModifiedDate:ts\n1 | {salesforce} | {times[0]}")
        .table("quickbooks.Customer", f"ListID | Y | TimeModified:ts\nA | {quickbooks} | {times[1]}")
        .pair("cases", ("p", "1", "A"))
    )
    if base is not None:
        world.base("cases", "p", {"X": base}, {"Y": base}, "x")
    for decision in decide or []:
        world.decide("cases", **decision)
    compute(world.connection, read(head.replace("<settings>", settings)), zone=zone, states=states)
    rows = world.query(
        "SELECT difference, resolution, coalesce(resolved_by, '-'), reason FROM work.differences"
    )
    assert len(rows) <= 1
    return f"{rows[0][0]} {rows[0][1]} {rows[0][2]}: {rows[0][3]}" if rows else "nothing"


T = "2026-07-01 12:00:00"

#  why, zone, QuickBooks' local time, what comes of a conflict when Salesforce's time is 12:00 UTC
NEWEST = [
    ("Salesforce later", "UTC", "2026-07-01 11:54:59", "conflict take_salesforce winner"),
    ("QuickBooks later", "UTC", "2026-07-01 12:05:01", "conflict take_quickbooks winner"),
    ("five minutes are doubt", "UTC", "2026-07-01 12:05:00", "conflict undecided -"),
    ("five minutes before too", "UTC", "2026-07-01 11:55:00", "conflict undecided -"),
    ("the same second", "UTC", T, "conflict undecided -"),
    ("local time is not UTC", "America/New_York", "2026-07-01 08:06:00", "conflict take_quickbooks winner"),
    ("zone not known", None, "2026-07-01 18:00:00", "conflict undecided -"),
    ("time not known", "UTC", "-", "conflict undecided -"),
]  # fmt: skip


@tabled("zone time expected", NEWEST)
def test_newest_goes_by_the_times_of_the_records(zone: str | None, time: str, expected: str) -> None:
    found = one(", winner: newest", zone=zone, times=(T, time))
    assert found.startswith(f"{expected}: "), found


def decision(what: str, **more: Any) -> dict[str, Any]:
    return {"decision": what, "salesforce": "1", "quickbooks": "A", "field": "x", **more}


SEEN = {"pinned": True, "seen": ("b", "c")}

#  why, decisions, what comes of a conflict
DECISIONS = [
    ("take Salesforce", [decision("take_salesforce")], "take_salesforce decision: maria: because"),
    ("take QuickBooks", [decision("take_quickbooks")], "take_quickbooks decision"),
    ("accept", [decision("accept")], "accept decision"),
    ("refuse", [decision("refuse")], "refuse decision"),
    ("ignore", [decision("ignore")], "ignore decision"),
    ("pinned to these values", [decision("accept", **SEEN)], "accept decision"),
    ("pinned, Salesforce changed", [decision("accept", pinned=True, seen=("x", "c"))],
     "take_quickbooks winner: both sides changed it; winner quickbooks; an earlier decision no longer holds, "
     "a value has changed"),
    ("pinned, QuickBooks changed", [decision("accept", pinned=True, seen=("b", None))],
     "take_quickbooks winner"),
    ("not pinned, values do not matter", [decision("accept", seen=("x", "y"))], "accept decision"),
    ("about the whole record", [decision("accept", field=None)], "accept decision"),
    ("a field's before the record's", [decision("accept"), decision("ignore", field=None)],
     "accept decision"),
    ("the record's where the field's lapsed",
     [decision("accept", pinned=True, seen=("x", "y")), decision("ignore", field=None)], "ignore decision"),
    ("a pinned one about a record has nothing to hold on to", [decision("accept", field=None, **SEEN)],
     "take_quickbooks winner"),
    ("the latest counts",
     [decision("accept", at="2026-03-02 00:00:00+00"), decision("ignore", at="2026-03-01 00:00:00+00")],
     "accept decision"),
    ("a lapsed one does not bring an older one back",
     [decision("ignore", at="2026-03-01 00:00:00+00"),
      decision("accept", pinned=True, seen=("x", "y"), at="2026-03-02 00:00:00+00")],
     "take_quickbooks winner"),
    ("of another field", [decision("accept", field="y")], "take_quickbooks winner"),
    ("of another pair", [decision("accept", quickbooks="B")], "take_quickbooks winner"),
    ("of the record alone", [decision("accept", quickbooks=None)], "take_quickbooks winner"),
    ("a link says nothing about fields", [decision("link", field=None)], "take_quickbooks winner"),
    ("create can't be carried out", [decision("create", field=None)], "undecided -: decision create can not"),
]  # fmt: skip


@tabled("decisions expected", DECISIONS)
def test_decisions_come_first(decisions: list[dict[str, Any]], expected: str) -> None:
    found = one(decide=decisions)
    assert found.startswith(f"conflict {expected}"), found


def test_a_decision_may_turn_a_three_way_result_around() -> None:
    assert one(quickbooks="a", decide=[decision("take_quickbooks")]).startswith(
        "take_salesforce take_quickbooks decision"
    )


def test_a_compared_value_is_a_persons_when_nothing_else_is_written() -> None:
    assert one(", direction: compare", quickbooks="a") == (
        "take_salesforce undecided -: only Salesforce changed it; it is only compared"
    )
    assert one(", direction: compare", decide=[decision("accept")]).startswith("conflict accept decision")


def test_a_decision_against_the_direction_is_told() -> None:
    found = one(", direction: compare", decide=[decision("take_salesforce")])
    assert found == "conflict undecided -: maria: because; but the direction of the field is compare"


OFF = {"AccountToCustomer": False}
ALL_OFF = {"AccountToCustomer": False, "CustomerToAccount": False}
NO_MODIFY = ONE.replace("quickbooks: [add, modify]", "quickbooks: [add]")

#  why, head, states, QuickBooks, what comes of Salesforce's 'b' over base 'a'
SWITCHES = [
    ("on", ONE, None, "a", "take_salesforce take_salesforce three-way"),
    ("its state is off", ONE, OFF, "a", "take_salesforce off state: AccountToCustomer is off"),
    ("the other way stays on", ONE, OFF, "c", "conflict take_quickbooks winner"),
    ("all states off", ONE, ALL_OFF, "a", "take_salesforce off state"),
    ("operation missing", NO_MODIFY, None, "a",
     "take_salesforce undecided -: only Salesforce changed it; but the mapping may not modify QuickBooks"),
    ("off comes before the operation", NO_MODIFY, OFF, "a", "take_salesforce off state"),
]  # fmt: skip


@tabled("head states quickbooks expected", SWITCHES)
def test_states_and_operations(
    head: str, states: dict[str, bool] | None, quickbooks: str, expected: str
) -> None:
    found = one(head=head, quickbooks=quickbooks, states=states)
    assert found.startswith(expected), found


def test_what_a_person_would_decide_is_off_when_nothing_can_be_written() -> None:
    assert one(", winner: manual", ONE, states=ALL_OFF) == (
        "conflict off state: CustomerToAccount is off; AccountToCustomer is off"
    )


def test_a_decision_that_can_not_be_carried_out_is_told_also_when_all_states_are_off() -> None:
    found = one(states=ALL_OFF, decide=[decision("create")])
    assert found.startswith("conflict undecided -: decision create can not be carried out")


def test_a_state_has_its_condition_on_the_record_that_is_read() -> None:
    gated = ONE.replace("{to: quickbooks}", "{to: quickbooks, where: \"X = 'open'\"}")
    assert one(head=gated, salesforce="open", quickbooks="a").startswith("take_salesforce take_salesforce")
    assert one(head=gated, salesforce="b", quickbooks="a") == (
        "take_salesforce off state: the condition of AccountToCustomer does not take this record"
    )


def test_a_mapping_without_states_writes_nothing() -> None:
    bare = ONE.replace("{AccountToCustomer: {to: quickbooks}, CustomerToAccount: {to: salesforce}}", "{}")
    assert one(head=bare, quickbooks="a") == "take_salesforce off state: no state writes to QuickBooks"
