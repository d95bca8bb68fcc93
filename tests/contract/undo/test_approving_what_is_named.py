"""An approval signs what its call names, and what that needs: no mark of before, none of a refused one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.contract.states.states_office import Office, running_office
from tests.contract.undo.undo_office import compared
from workbench.bench.changes import Changes
from workbench.cli import main
from workbench.errors import ApprovalError, UsageProblem
from workbench.templates import DEFAULT


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with running_office(tmp_path_factory.mktemp("named"), DEFAULT) as office:
        office.pull()
        office.bench.match().close()  # so that records are created, and lines with them
        diff = office.bench.diff()
        phones = diff.table[(diff.table["kind"] == "field") & (diff.table["type"] == "phone")]
        first = phones.iloc[0]
        where = {"pair": first["pair"], "field": first["field"]}
        diff.decide(where, decision="set", value="☎", reason="no system of the 90s holds it")
        yield office


@pytest.fixture(scope="module")
def planned(office: Office) -> str:
    return office.bench.plan(compared(office)).id


@pytest.fixture
def changes(office: Office, planned: str) -> Changes:
    made = office.bench.changes(planned)
    made.mark(made.marked, approved=False)
    return made


def named(changes: Changes) -> list[str]:
    """Updates that need no other change."""
    alone = [each for each in changes.writable if set(changes.changeset.with_parents({each.id})) == {each.id}]
    assert len(alone) > 2
    return [each.id for each in alone]


def approved(changes: Changes, id_: str) -> set[str]:
    return set(changes.approve({"change": id_}, by="maria").changes)


def test_a_second_smaller_approval_signs_the_smaller_part(changes: Changes) -> None:
    one, other, *_ = named(changes)
    assert approved(changes, one) == {one}
    assert approved(changes, other) == {other}
    assert changes.marked == {other}


def test_marks_of_the_grid_are_not_signed_with_what_is_named(changes: Changes) -> None:
    one, other, third, *_ = named(changes)
    changes.mark([one, other])
    assert approved(changes, third) == {third}


def test_what_was_marked_is_signed_where_nothing_is_named(changes: Changes) -> None:
    one, other, *_ = named(changes)
    changes.mark([one, other])
    assert set(changes.approve(by="maria").changes) == {one, other}


def test_what_it_needs_is_signed_with_it(changes: Changes) -> None:
    needs = changes.changeset.with_parents
    child = next(each.id for each in changes.writable if len(set(needs({each.id}))) > 1)
    assert approved(changes, child) == set(needs({child}))


@pytest.mark.parametrize(
    "refused", [{"limits": {"bananas": 1}}, {"limits": {"changes": 0}}, {"hours": 0}, {"by": " "}], ids=str
)
def test_a_refused_approval_leaves_the_marks_as_they_were(changes: Changes, refused: dict[str, Any]) -> None:
    one, *_ = named(changes)
    changes.mark([one])
    with pytest.raises((ApprovalError, UsageProblem)):
        changes.approve("all", **({"by": "maria"} | refused))
    assert changes.marked == {one}


def test_no_row_is_no_approval_whatever_was_marked(office: Office, changes: Changes) -> None:
    one, *_ = named(changes)
    changes.mark([one])
    before = changes.approval
    with pytest.raises(ApprovalError, match="names no change"):
        changes.approve({"record": "No Such Record"}, by="maria")
    folder = str(office.workspace.profile.folder)
    words = ["approve", changes.id, "--where", "record=No Such Record", "--by", "maria", "--profile", folder]
    assert main(words) == 1
    assert changes.approval == before
    assert changes.marked == {one}


def test_some_fields_of_a_record_are_no_change_to_sign(changes: Changes) -> None:
    """A person who names one field must not sign the record's others unseen."""
    alone = set(named(changes))
    several = next(each for each in changes.writable if each.id in alone and len(each.cells) > 1)
    first, *others = [cell.field or cell.api for cell in several.cells]
    with pytest.raises(ApprovalError, match="write more than was named") as caught:
        changes.approve({"change": several.id, "field": first}, by="maria")
    assert f"{several.label}: also {', '.join(others)}" in caught.value.what
    assert changes.marked == frozenset()
    assert approved(changes, several.id) == {several.id}


def test_what_goes_along_is_told(
    office: Office, changes: Changes, capsys: pytest.CaptureFixture[str]
) -> None:
    needs = changes.changeset.with_parents
    child = next(each for each in changes.writable if len(set(needs({each.id}))) > 1)
    folder = str(office.workspace.profile.folder)
    assert (
        main(["approve", changes.id, "--where", f"change={child.id}", "--by", "maria", "--profile", folder])
        == 0
    )
    told = " ".join(capsys.readouterr().out.split())
    parent = changes.changeset.by_id[next(iter(set(needs({child.id})) - {child.id}))]
    assert f"not named, and signed because it goes with them: {parent.action} {parent.object}" in told


def test_all_is_all_that_can_be_written_and_stays(changes: Changes) -> None:
    staying = {each.id for each in changes.writable} - {each.id for each in changes.returning}
    assert set(changes.approve("all", by="maria").changes) == staying


def test_a_change_that_is_held_is_not_approved_by_name(changes: Changes) -> None:
    with pytest.raises(ApprovalError, match="cannot be written"):
        changes.approve({"change": changes.held[0].id}, by="maria")
    assert changes.marked == frozenset()
