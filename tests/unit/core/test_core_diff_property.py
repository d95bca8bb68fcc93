"""The three-way rules written a second time, in plain Python, against the SQL on random small tables.

Besides: swapping the sides (and their winners) mirrors the result, the order of rows does not matter, and
equal sides differ in nothing.
"""

from __future__ import annotations

import dataclasses
import json
import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from core_world import World, examples, read
from hypothesis import given
from hypothesis import strategies as st

from workbench.diff import agreed, compute

SIDES = ("salesforce", "quickbooks")
TEXTS = st.sampled_from([None, "", "a", "b", " a ", "A"])
AMOUNTS = st.sampled_from([None, "", "0", "1.00", "1.01", "1.02", "-1"])
TIMES = st.sampled_from([None, 0, 300, 301, 900])
ROW = tuple[str, str | None, str, str, str | None]
"""Record, field, difference, resolution, resolved by."""


@dataclass(frozen=True)
class Field:
    kind: str
    direction: str
    winner: str | None
    tolerance: str

    @property
    def source(self) -> str | None:
        """The side whose value a one-way field carries."""
        return {"to_salesforce": "quickbooks", "to_quickbooks": "salesforce"}.get(self.direction)

    def text(self, number: int) -> str:
        more = [f"type: {self.kind}", f"direction: {self.direction}"]
        more += [f"winner: {self.winner}"] if self.winner else []
        more += [f'tolerance: "{self.tolerance}"'] if self.kind == "money" else []
        return f"  f{number}: {{salesforce: f{number}, quickbooks: f{number}, {', '.join(more)}}}\n"

    def value(self, raw: str | None) -> Any:
        text = " ".join((raw or "").split()) or None
        return Decimal(text) if text is not None and self.kind == "money" else text

    def same(self, one: Any, other: Any) -> bool:
        if one is None or other is None or self.kind != "money":
            return bool(one == other)
        return bool(abs(one - other) <= Decimal(self.tolerance))


@dataclass(frozen=True)
class Pair:
    """Raw values by side, None where the record is missing; the base with the fields it has."""

    values: dict[str, tuple[str | None, ...] | None]
    base: dict[str, tuple[str | None, ...]]
    known: frozenset[int]
    times: dict[str, int | None]
    decision: tuple[str, int | None, bool] | None  # what, field or None, pinned to other values


@dataclass(frozen=True)
class Scenario:
    fields: tuple[Field, ...]
    winner: str
    on: dict[str, bool]  # may be written, by side
    modify: dict[str, bool]
    pairs: tuple[Pair, ...]


@st.composite
def fields(draw: st.DrawFn) -> Field:
    direction = draw(st.sampled_from(["both", "both", "to_salesforce", "to_quickbooks", "compare"]))
    winners = [None, "salesforce", "quickbooks", "newest", "manual", "fill_empty_only"]
    if direction == "compare":  # there is nothing to win
        winners = [None, "manual"]
    senseless = {"to_salesforce": "salesforce", "to_quickbooks": "quickbooks"}.get(direction)
    winner = draw(st.sampled_from([each for each in winners if each is None or each != senseless]))
    kind = draw(st.sampled_from(["text", "money"]))
    return Field(kind, direction, winner, draw(st.sampled_from(["0", "0.01"])))


@st.composite
def scenarios(draw: st.DrawFn) -> Scenario:
    given_fields = tuple(draw(st.lists(fields(), min_size=1, max_size=4)))
    row = st.tuples(*(AMOUNTS if each.kind == "money" else TEXTS for each in given_fields))
    decision = st.tuples(
        st.sampled_from(["take_salesforce", "take_quickbooks", "accept", "refuse", "ignore", "create"]),
        st.none() | st.integers(0, len(given_fields) - 1),
        st.booleans(),
    )
    bases = st.fixed_dictionaries(dict.fromkeys(SIDES, row))
    pair = st.builds(
        Pair,
        values=st.fixed_dictionaries({side: row | row | st.none() for side in SIDES}),
        base=row.map(lambda both: dict.fromkeys(SIDES, both)) | bases,
        known=st.frozensets(st.integers(0, len(given_fields) - 1)),
        times=st.fixed_dictionaries(dict.fromkeys(SIDES, TIMES)),
        decision=st.none() | decision,
    )
    switches = st.fixed_dictionaries(dict.fromkeys(SIDES, st.sampled_from([True, True, False])))
    winner = draw(st.sampled_from(["salesforce", "quickbooks", "newest", "manual", "fill_empty_only"]))
    pairs = tuple(draw(st.lists(pair, min_size=3, max_size=8)))
    return Scenario(given_fields, winner, draw(switches), draw(switches), pairs)


# --- the rules in plain Python ------------------------------------------------------------------------


def expected(scenario: Scenario) -> set[ROW]:
    rows: set[ROW] = set()
    for number, pair in enumerate(scenario.pairs):
        there = [side for side in SIDES if pair.values[side] is not None]
        if len(there) == 1:
            rows.add((f"r{number}", None, "missing", *missing(scenario, pair)))
        elif there:
            rows |= {(f"r{number}", *row) for row in field_rows(scenario, pair)}
    return follow(scenario, rows)


def missing(scenario: Scenario, pair: Pair) -> tuple[str, str | None]:
    what, field, pinned = pair.decision or (None, None, False)
    if what in ("accept", "refuse", "ignore") and field is None and not pinned:
        return str(what), "decision"
    return ("undecided", None) if any(scenario.on.values()) else ("off", "state")


def field_rows(scenario: Scenario, pair: Pair) -> set[tuple[str, str, str, str | None]]:
    rows = set()
    for number, field in enumerate(scenario.fields):
        now = {side: field.value((pair.values[side] or ())[number]) for side in SIDES}
        was = {side: field.value(pair.base[side][number]) for side in SIDES}
        known = number in pair.known and field.same(was["salesforce"], was["quickbooks"])
        moved = [side for side in SIDES if now[side] != was[side]]
        found = finding(field, now, known, moved)
        if found:
            rows.add((f"f{number}", found, *resolution(scenario, pair, number, found, now)))
    return rows


def finding(field: Field, now: dict[str, Any], known: bool, moved: list[str]) -> str | None:
    if field.same(now["salesforce"], now["quickbooks"]):
        return "converged" if known and len(moved) == 2 else None
    if not known:
        return "differs"
    return "conflict" if len(moved) == 2 else f"take_{moved[0]}"


def resolution(
    scenario: Scenario, pair: Pair, number: int, found: str, now: dict[str, Any]
) -> tuple[str, str | None]:
    field = scenario.fields[number]
    if found == "converged":
        return "none", "three-way"
    decided = decision(pair, number)
    if decided in ("accept", "refuse", "ignore"):
        return decided, "decision"
    taken, who = proposal(scenario, pair, number, found, now)
    if decided in ("take_salesforce", "take_quickbooks"):
        taken, who = decided.removeprefix("take_"), "decision"
    elif decided:
        taken, who = None, None
    if who == "off":
        return "off", "state"
    if taken is None:
        nothing = not decided and not any(scenario.on.values())
        return ("off", "state") if nothing else ("undecided", None)
    target = SIDES[1 - SIDES.index(taken)]
    if field.direction not in ("both", f"to_{target}"):
        return "undecided", None
    if not scenario.on[target]:
        return "off", "state"
    return (f"take_{taken}", who) if scenario.modify[target] else ("undecided", None)


def decision(pair: Pair, number: int) -> str | None:
    what, field, pinned = pair.decision or (None, None, False)
    return what if field in (None, number) and not pinned else None


def proposal(
    scenario: Scenario, pair: Pair, number: int, found: str, now: dict[str, Any]
) -> tuple[str | None, str | None]:
    field = scenario.fields[number]
    if field.direction == "compare":
        return None, None
    if found.startswith("take_"):
        side = found.removeprefix("take_")
        if field.source in (None, side):
            return side, "three-way"
        return (field.winner, "winner") if field.winner in SIDES else (None, "off")
    winner = field.winner or scenario.winner
    if field.winner is None and winner in (*SIDES, "newest"):
        winner = field.source or winner
    if winner in SIDES:
        return winner, "winner"
    if winner == "newest":
        return newest(pair), "winner"
    if winner == "fill_empty_only":
        full = [side for side in SIDES if now[side] is not None]
        return (full[0], "winner") if len(full) == 1 else (None, None)
    return None, None


def newest(pair: Pair) -> str | None:
    left, right = (pair.times[side] for side in SIDES)
    if left is None or right is None or abs(left - right) <= 300:
        return None
    return "salesforce" if left > right else "quickbooks"


def follow(scenario: Scenario, rows: set[ROW]) -> set[ROW]:
    """A compared number follows written numbers of its record if none stays; a compared text anything."""
    kinds = {f"f{number}": field for number, field in enumerate(scenario.fields)}
    written = [(row[0], kinds[str(row[1])].kind) for row in rows if row[1] and row[3].startswith("take_")]
    staying = {
        row[0]
        for row in rows
        if row[1] and kinds[str(row[1])].kind == "money" and kinds[str(row[1])].direction != "compare"
        if not row[3].startswith("take_") and row[3] != "none"
    }
    result = set()
    for row in rows:
        field = kinds.get(row[1] or "")
        reasons = [kind for record, kind in written if record == row[0]]
        follows = field and field.direction == "compare" and row[3] == "undecided"
        number = field is not None and field.kind == "money"
        if follows and ("money" in reasons and row[0] not in staying if number else reasons):
            result.add((*row[:3], "follows", "three-way"))
        else:
            result.add(row)
    return result


# --- the same through the diff ---------------------------------------------------------------------------


def build(scenario: Scenario, order: random.Random | None = None) -> tuple[World, Any]:
    operations = {side: "[add, modify]" if scenario.modify[side] else "[add]" for side in SIDES}
    text = "mapping: m\nsalesforce: {object: A, label: Id}\nquickbooks: {object: B, label: ListID}\nstates:\n"
    text += "".join(f"  To{side}: {{to: {side}, on: {json.dumps(scenario.on[side])}}}\n" for side in SIDES)
    text += f"operations: {{{', '.join(f'{side}: {operations[side]}' for side in SIDES)}}}\n"
    text += f"winner: {scenario.winner}\nmatch: []\nfields:\n"
    text += "".join(field.text(number) for number, field in enumerate(scenario.fields))
    world, names = World(), [f"f{number}" for number in range(len(scenario.fields))]
    for side, table, key, modified in (
        ("salesforce", "A", "Id", "LastModifiedDate"),
        ("quickbooks", "B", "ListID", "TimeModified"),
    ):
        rows = [
            [f"r{number}", time(pair.times[side]), *(pair.values[side] or ())]
            for number, pair in enumerate(scenario.pairs)
            if pair.values[side] is not None
        ]
        if order:
            order.shuffle(rows)
        columns = [(key, "VARCHAR"), (modified, "TIMESTAMP"), *((name, "VARCHAR") for name in names)]
        world.rows(f"{side}.{table}", columns, rows)
    for number, pair in enumerate(scenario.pairs):
        keep(world, names, number, pair)
    return world, read(text)


def time(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime(2026, 7, 1, 12) + timedelta(seconds=seconds)


def keep(world: World, names: list[str], number: int, pair: Pair) -> None:
    record = f"r{number}"
    world.pair("m", (f"p{number}", record, record))
    if pair.known:
        sides = [dict(zip(names, pair.base[side], strict=True)) for side in SIDES]
        world.base("m", f"p{number}", *sides, *(names[at] for at in sorted(pair.known)))
    if pair.decision:
        what, field, pinned = pair.decision
        name = None if field is None else names[field]
        world.decide("m", what, record, record, name, pinned=pinned, seen=("never", "never"))


def found(scenario: Scenario, order: random.Random | None = None) -> set[ROW]:
    world, mapping = build(scenario, order)
    compute(world.connection, mapping, zone="UTC")
    rows = world.query(
        "SELECT coalesce(salesforce_id, quickbooks_id), field, difference, resolution, resolved_by "
        "FROM work.differences"
    )
    assert len(set(rows)) == len(rows)
    return set(rows)


@given(scenarios())
@examples(20)
def test_the_sql_follows_the_rules(scenario: Scenario) -> None:
    assert found(scenario) == expected(scenario)


MIRROR = {"salesforce": "quickbooks", "quickbooks": "salesforce"}


def mirrored(word: Any) -> Any:
    """A word with the two sides in each other's place: take_salesforce is take_quickbooks."""
    if not isinstance(word, str):
        return word
    for one, other in MIRROR.items():
        if word == one or word.endswith(f"_{one}"):
            return word.removesuffix(one) + other
    return word


def swapped(scenario: Scenario) -> Scenario:
    def turned(table: dict[str, Any]) -> dict[str, Any]:
        return {MIRROR[side]: value for side, value in table.items()}

    def pair(one: Pair) -> Pair:
        told = one.decision and (mirrored(one.decision[0]), *one.decision[1:])
        return dataclasses.replace(
            one, values=turned(one.values), base=turned(one.base), times=turned(one.times), decision=told
        )

    return Scenario(
        tuple(
            dataclasses.replace(field, direction=mirrored(field.direction), winner=mirrored(field.winner))
            for field in scenario.fields
        ),
        mirrored(scenario.winner),
        turned(scenario.on),
        turned(scenario.modify),
        tuple(pair(one) for one in scenario.pairs),
    )


@given(scenarios(), st.randoms(use_true_random=False))
@examples(8)
def test_swapping_the_sides_mirrors_the_diff_whatever_the_order_of_rows(
    scenario: Scenario, order: random.Random
) -> None:
    mirror = {tuple(mirrored(word) for word in row) for row in found(swapped(scenario), order)}
    assert found(scenario) == mirror


@given(scenarios())
@examples(6)
def test_equal_sides_differ_in_nothing_and_agree_once_and_for_all(
    scenario: Scenario,
) -> None:
    pairs = [
        dataclasses.replace(pair, values=dict.fromkeys(SIDES, pair.values["salesforce"]), decision=None)
        for pair in scenario.pairs
    ]
    equal = dataclasses.replace(scenario, pairs=tuple(pairs))
    assert {row[2] for row in found(equal)} <= {"converged"}

    world, mapping = build(equal)
    compute(world.connection, mapping)
    agreed(world.connection, mapping)
    renew(world)
    compute(world.connection, mapping)
    agreed(world.connection, mapping)
    assert world.query("SELECT * FROM work.differences") == []
    assert world.query("SELECT * FROM work.agreed") == []


def renew(world: World) -> None:
    """Merge what is agreed into the base, as the store does."""
    for _, pair, names, *sides in world.query("SELECT * FROM work.agreed"):
        known = world.query(f"SELECT fields, salesforce, quickbooks FROM kept.base WHERE pair = '{pair}'")
        old = known[0] if known else ([], "{}", "{}")
        world.connection.execute("DELETE FROM kept.base WHERE pair = ?", [pair])
        merged = [json.loads(before) | json.loads(now) for before, now in zip(old[1:], sides, strict=True)]
        world.base("m", pair, *merged, *sorted(set(old[0]) | set(names)))
