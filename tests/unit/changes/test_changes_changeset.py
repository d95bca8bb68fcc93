"""A change set as bytes: the same inputs give the same ones, and what was changed by hand is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.changes import (
    Answer,
    Cell,
    Change,
    ChangeSet,
    canonical,
    change_id,
    decode,
    encode,
    read_changeset,
)
from workbench.errors import PlanError

NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_.]{0,11}", fullmatch=True)
SIMPLE = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.dates()
    | st.datetimes(timezones=st.none() | st.just(UTC))
    | st.builds(Answer, NAMES, NAMES)
)
VALUES = st.recursive(
    SIMPLE,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)
CELLS = st.builds(Cell, field=NAMES, api=NAMES, before=SIMPLE, after=SIMPLE, why=st.text(max_size=9))
CHANGES = st.builds(
    Change,
    id=NAMES,
    mapping=NAMES,
    side=st.sampled_from(["salesforce", "quickbooks"]),
    object=NAMES,
    action=st.sampled_from(["create", "update"]),
    record=st.none() | st.text(),
    label=st.text(),
    version=st.none() | st.text(),
    source_id=st.none() | st.text(),
    cells=st.lists(CELLS, max_size=3).map(tuple),
    lines=st.lists(st.dictionaries(NAMES, SIMPLE, max_size=3), max_size=2).map(tuple),
    line_sources=st.lists(st.text(), max_size=2).map(tuple),
    context=st.dictionaries(NAMES, SIMPLE, max_size=2),
    depends_on=st.lists(NAMES, max_size=2).map(tuple),
    links=st.booleans(),
    hold=st.text(max_size=9),
)
SETS = st.builds(
    ChangeSet,
    header=st.dictionaries(NAMES.filter(lambda name: name != "format"), VALUES, max_size=3),
    changes=st.lists(CHANGES, max_size=3).map(tuple),
)


def typed(value: Any) -> Any:
    """A value with its types, since 1 == True == Decimal(1)."""
    match value:
        case list() | tuple():
            return [typed(each) for each in value]
        case dict():
            return {key: typed(each) for key, each in value.items()}
    return type(value), value


@given(VALUES)
def test_a_value_comes_back_as_it_was_with_its_type(value: Any) -> None:
    assert typed(decode(json.loads(canonical(value)))) == typed(value)


@settings(max_examples=40)
@given(SETS)
def test_a_change_set_comes_back_as_it_was(changeset: ChangeSet) -> None:
    again = read_changeset(changeset.content)
    assert again == changeset
    assert (again.content, again.content_hash, again.id) == (
        changeset.content,
        changeset.content_hash,
        changeset.id,
    )


@given(st.dictionaries(NAMES, SIMPLE, min_size=2, max_size=5))
def test_the_order_in_which_a_mapping_was_filled_makes_no_difference(values: dict[str, Any]) -> None:
    assert canonical(values) == canonical(dict(reversed(values.items())))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        (0, "0"),
        ("", '""'),
        ("\u00fc\u4e2d", '"\\u00fc\\u4e2d"'),
        ("\u2028", '"\\u2028"'),
        (Decimal("12.50"), '{"$decimal":"12.50"}'),
        (Decimal("1E+3"), '{"$decimal":"1000"}'),
        (Decimal("-0.01"), '{"$decimal":"-0.01"}'),
        (Decimal("9007199254740993.01"), '{"$decimal":"9007199254740993.01"}'),
        (date(2026, 3, 30), '{"$date":"2026-03-30"}'),
        (datetime(2026, 3, 30, 9, 14), '{"$time":"2026-03-30T09:14:00"}'),
        (Answer("ch-1", "ListID"), '{"$answer":"ch-1","field":"ListID"}'),
        ((1, "a"), '[1,"a"]'),
        ({"b": 1, "a": 2}, '{"a":2,"b":1}'),
    ],
)
def test_the_form_of_a_value(value: object, text: str) -> None:
    assert canonical(value) == text


@pytest.mark.parametrize("value", [1.5, float("nan"), b"bytes", {1, 2}, object()])
def test_what_has_no_exact_form_is_refused_in_a_sentence(value: object) -> None:
    with pytest.raises(PlanError, match="a change may not hold"):
        encode(value)


# --- what was changed by hand -----------------------------------------------------------------------


def example() -> ChangeSet:
    cell = Cell(field="phone", api="Phone", before="555-0101", after="555-7777", why="winner: quickbooks")
    change = Change(
        id="ch-1",
        mapping="account-customer",
        side="salesforce",
        object="Account",
        action="update",
        record="001A",
        label="Alder",
        version="2026-03-30 09:14:00",
        source_id="8-1",
        cells=(cell,),
    )
    return ChangeSet(header={"to": "both"}, changes=(change,))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param('"format":1', '"format":2', id="another version"),
        pytest.param('"format":1,', "", id="no version"),
        pytest.param('"to"', '"to" ', id="a space"),
        pytest.param("\n", "\r\n", id="line ends of another system"),
        pytest.param('"hold":""', '"hold":"", "more":1', id="an unknown key"),
        pytest.param('"hold":"",', "", id="a key that is missing"),
        pytest.param('"hold":""', '"hold":', id="broken JSON"),
        pytest.param('"cells":[', '"cells":[1,', id="a cell that is none"),
        pytest.param('"label":"Alder"', '"label":"\\u0041lder"', id="the same text, written differently"),
    ],
)
def test_content_that_was_changed_by_hand_is_refused(before: str, after: str) -> None:
    content = example().content
    assert before in content
    with pytest.raises(PlanError, match="change set was") as caught:
        read_changeset(content.replace(before, after, 1))
    assert caught.value.fix == "Plan again."


@pytest.mark.parametrize("content", ["", "\n", "[]\n", "nonsense\n", '"format"\n'])
def test_what_is_no_change_set_is_refused(content: str) -> None:
    with pytest.raises(PlanError):
        read_changeset(content)


def test_another_value_is_another_change_set() -> None:
    """What stays canonical is caught by its hash: an approval names the hash."""
    one = example()
    other = read_changeset(one.content.replace("555-7777", "555-6666"))
    assert other.content_hash != one.content_hash
    assert other.id != one.id


def test_an_empty_change_set_is_one() -> None:
    empty = ChangeSet(header={}, changes=())
    assert empty.content == '{"format":1}\n'
    assert read_changeset(empty.content) == empty


# --- ids and parents ----------------------------------------------------------------------------------


def test_the_same_record_has_the_same_change_id_and_others_have_others() -> None:
    one = change_id("account-customer", "salesforce", "Account", "001A")
    others = {
        change_id("contact-customer", "salesforce", "Account", "001A"),
        change_id("account-customer", "quickbooks", "Account", "001A"),
        change_id("account-customer", "salesforce", "Contact", "001A"),
        change_id("account-customer", "salesforce", "Account", "001B"),
        change_id("account-customer", "salesforce", "Accoun", "t001A"),
    }
    assert one == change_id("account-customer", "salesforce", "Account", "001A")
    assert len(others - {one}) == 5


def chain(*links: tuple[str, tuple[str, ...]]) -> ChangeSet:
    (change,) = example().changes

    return ChangeSet(
        header={}, changes=tuple(replace(change, id=name, depends_on=needs) for name, needs in links)
    )


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ([], ""),
        (["a"], "a"),
        (["c"], "abc"),
        (["c", "a"], "abc"),
        (["d"], "abd"),
        (["c", "d"], "abcd"),
    ],
)
def test_a_change_is_approved_with_all_that_it_needs(wanted: list[str], found: str) -> None:
    changeset = chain(("a", ()), ("b", ("a",)), ("c", ("b", "a")), ("d", ("b",)))
    assert changeset.with_parents(wanted) == set(found)
