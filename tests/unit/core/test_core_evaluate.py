"""Expressions for records at hand: asked for together or one by one, the values are the same to the byte."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from core_world import examples, tabled
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import PlanError
from workbench.expressions.check import read_expression
from workbench.model import Expression, Side
from workbench.normalize import Values, evaluate

D = Decimal


def expression(text: str) -> Expression:
    return Expression(side=Side.SALESFORCE, text=text, columns=read_expression(text))


def told(asked: Any, each: Expression, record: dict[str, object]) -> str:
    """The value with its type, or the error in all its words."""
    try:
        return repr(asked(each, record, "field 'x'"))
    except PlanError as error:
        return str(error)


TEXTS = [
    "concat('$', A)",
    "concat_ws(' ', A, B)",
    "number(A) + 1",
    "coalesce(A, B)",
    "CASE WHEN A = B THEN 'same' ELSE A END",
    "cast(A AS decimal(18,2))",
    "date_of(A)",
    "first_name(A)",
    "A IS NULL OR B = 'x'",
    "A * B",
    "'constant'",
]
VALUES: st.SearchStrategy[object] = st.one_of(
    st.none(),
    st.sampled_from(
        ["", "Ann Berg", "$1,234.50", "12", "soon", "2026-03-30", 'it\'s "x"', "é\u0301", "a\nb"]
    ),
    st.sampled_from([D("1.5"), D("1.50"), D("-0.00"), D("0.00001"), D("1E+3"), D("9" * 30), D("9" * 39)]),
    st.sampled_from([0, 1, -1, 2**31 - 1, 2**31, 2**63, True, False]),
    st.sampled_from(
        [date(2026, 3, 30), datetime(2026, 3, 30, 9, 1, 2, 3), datetime(2026, 3, 30, tzinfo=UTC)]
    ),
)
RECORDS = st.lists(st.fixed_dictionaries({"A": VALUES}, optional={"B": VALUES}), min_size=1, max_size=12)


@given(st.sampled_from(TEXTS), RECORDS)
@examples(25)
def test_together_is_the_same_as_one_by_one(text: str, records: list[dict[str, object]]) -> None:
    each, together = expression(text), Values()
    together.prepare(each, records)
    assert [told(together, each, record) for record in records] == [
        told(evaluate, each, record) for record in records
    ]


#  why, two records whose values Python takes for equal, what a text of them is
ALIKE = [
    ("decimals keep their places", D("1.5"), D("1.50"), ["$1.5", "$1.50"]),
    ("a check box is no number", True, 1, ["$true", "$1"]),
    ("nor is a whole number a decimal", 2, D(2), ["$2", "$2"]),
    ("zero has a sign in Decimal only", D("-0.0"), D("0.0"), ["$0.0", "$0.0"]),
    ("empty is not the word", None, "None", ["$", "$None"]),
]


@tabled("one other expected", ALIKE)
def test_values_that_look_alike_are_told_apart(one: object, other: object, expected: list[str]) -> None:
    each, together = expression("concat('$', A)"), Values()
    together.prepare(each, [{"A": one}, {"A": other}])
    assert [together(each, {"A": value}, "") for value in (one, other)] == expected


def test_a_record_that_was_not_prepared_is_worked_out_alone() -> None:
    together = Values()
    together.prepare(expression("upper(A)"), [{"A": "x"}, {"A": "y"}])
    assert together(expression("upper(A)"), {"A": "z"}, "") == "Z"
    assert together(expression("lower(A)"), {"A": "X"}, "") == "x"


def test_one_that_fails_names_its_record_and_the_others_have_their_values() -> None:
    each, together = expression("number(A)"), Values()
    together.prepare(each, [{"A": "1"}, {"A": "soon"}, {"A": "2"}])
    assert [together(each, {"A": text}, "") for text in ("1", "2")] == [D(1), D(2)]
    with pytest.raises(
        PlanError, match=r"field 'x': the expression fails on this record \(A = soon\): "
    ) as caught:
        together(each, {"A": "soon"}, "field 'x'")
    assert caught.value.values == {"expression": "number(A)", "A": "soon"}


def test_nothing_is_asked_of_nothing() -> None:
    together = Values()
    together.prepare(expression("upper(A)"), [])
    assert together(expression("upper(A)"), {}, "") is None


def test_more_records_than_one_query_takes_keep_their_order() -> None:
    each, together = expression("concat(A, '!')"), Values()
    records = [{"A": str(number)} for number in range(4_500)]
    together.prepare(each, records)
    assert [together(each, record, "") for record in records] == [f"{number}!" for number in range(4_500)]
