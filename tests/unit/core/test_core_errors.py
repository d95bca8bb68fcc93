"""What a person reads when something is wrong, and the exit code a script reads."""

import copy
import pickle

import pytest
from core_world import tabled

from workbench import errors

#  why                         error                                                   exit code
CODES = [
    (errors.WorkbenchError, 1),
    (errors.ProfileError, 1),
    (errors.MappingError, 1),
    (errors.ConnectionProblem, 1),
    (errors.DiffError, 1),
    (errors.PlanError, 1),
    (errors.ApprovalError, 1),
    (errors.PushError, 1),
    (errors.NeedsPerson, 3),
    (errors.UsageProblem, 64),
]


@pytest.mark.parametrize(("kind", "code"), CODES, ids=lambda each: getattr(each, "__name__", str(each)))
def test_exit_codes(kind: type[errors.WorkbenchError], code: int) -> None:
    assert kind("what").exit_code == code
    assert issubclass(kind, errors.WorkbenchError)


def test_what_where_both_values_and_the_next_step_stand_on_lines_of_their_own() -> None:
    error = errors.DiffError(
        "field 'total' differs in type",
        where="opportunity-invoice",
        values={"Salesforce": "float 100.0", "QuickBooks": None},
        fix="Declare it as `type: money`.",
    )
    assert str(error) == (
        "opportunity-invoice: field 'total' differs in type\n"
        "  Salesforce  float 100.0\n"
        "  QuickBooks  (empty)\n"
        "Declare it as `type: money`."
    )


def test_nothing_but_the_sentence_when_there_is_nothing_else() -> None:
    assert str(errors.WorkbenchError("the disk is full")) == "the disk is full"


def test_all_problems_are_listed_and_kept_as_data() -> None:
    problems = [errors.Problem(what="first", where="a.yaml:3"), errors.Problem(what="second", fix="Do it.")]
    error = errors.MappingError("a.yaml has 2 problems", problems)
    assert error.problems == tuple(problems)
    assert str(error) == "a.yaml has 2 problems:\n  a.yaml:3: first\n  second\n  Do it."


def test_a_mapping_error_of_one_sentence_is_its_own_only_problem() -> None:
    error = errors.MappingError("no such file", where="a.yaml", fix="Write it.")
    assert [problem.what for problem in error.problems] == ["no such file"]
    assert str(error) == "a.yaml: no such file\nWrite it."


#  why        how many    first line
COUNTS = [("none", 0, "0 problems:"), ("one", 1, "1 problem:"), ("two", 2, "2 problems:")]


@tabled("count first", COUNTS)
def test_problems_are_counted_when_nothing_else_is_said(count: int, first: str) -> None:
    error = errors.Problems([errors.Problem(what="p")] * count)
    assert str(error).splitlines() == [first, *["  p"] * count]
    assert error.exit_code == 1


@pytest.mark.parametrize(
    "error",
    [
        errors.DiffError("what", where="w", values={"a": 1}, fix="f"),
        errors.MappingError("one", where="w", values={"a": 1}, fix="f"),
        errors.MappingError("many", [errors.Problem(what="p")], where="w"),
        errors.Problems([errors.Problem(what="p")], what="some", fix="f"),
    ],
    ids=lambda error: error.what,
)
def test_errors_survive_a_process_boundary(error: errors.WorkbenchError) -> None:
    for other in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert type(other) is type(error)
        assert str(other) == str(error)
        assert dict(other.values) == dict(error.values)
