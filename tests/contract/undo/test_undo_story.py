"""A push that is taken back in both systems: everything is again as it was, and so is the next plan."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest

from tests.contract.states.states_office import Office, Table, Written, running_office
from tests.contract.undo.undo_office import Row, carried_out, compared, kept, rows, would_write
from workbench.bench.changes import Changes
from workbench.bench.diff import Diff
from workbench.changes import ChangeSet
from workbench.cli import main
from workbench.errors import UsageProblem, WorkbenchError
from workbench.ledger import OutcomeRow
from workbench.store.engine import now
from workbench.templates import DEFAULT

pytestmark = pytest.mark.long


@dataclass
class Look:
    """What stood at a point of the story."""

    at: datetime
    records: dict[str, Table]
    differences: set[Row]
    kept: tuple[set[Row], dict[Row, Row]]
    diff: Diff

    @classmethod
    def of(cls, office: Office) -> Look:
        diff = compared(office)
        return cls(now(), office.look(), rows(diff), kept(office), diff)


@dataclass
class Told:
    """The story: a push, a diff after it, and its undo."""

    office: Office
    before: Look
    pushed: ChangeSet
    after: Look
    too_early: str
    undo: Changes
    undone: list[OutcomeRow]
    written: Written
    back: Look
    next: ChangeSet
    again: Changes
    proofs: tuple[dict[str, Any], dict[str, Any]]


@dataclass
class Later:
    """Its second part: the undo of the undo, edits, and an undo after them."""

    redo: Changes
    redone: list[OutcomeRow]
    once_more: Look
    edited: Changes


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    with running_office(tmp_path_factory.mktemp("undo"), DEFAULT) as office:
        office.only(office.template.states)
        office.diff()
        before = Look.of(office)
        pushed, outcomes = office.push(before.diff)
        assert {row.state for row in outcomes} == {"applied"}
        try:
            office.bench.undo(pushed.id)
            too_early = ""
        except WorkbenchError as error:
            too_early = str(error)
        after = Look.of(office)
        proof = office.bench.proof(pushed.id).data
        undo = office.bench.undo(pushed.id)
        undone = carried_out(office, undo)
        written = office.written(before.records)
        back = Look.of(office)
        again = office.bench.undo(pushed.id)
        planned = office.bench.plan(back.diff).changeset
        proofs = (proof, office.bench.proof(pushed.id).data)
        yield Told(
            office, before, pushed, after, too_early, undo, undone, written, back, planned, again, proofs
        )


@pytest.fixture(scope="module")
def later(told: Told) -> Later:
    office = told.office
    redo = office.bench.undo(told.undo.id)
    redone = carried_out(office, redo)
    once_more = Look.of(office)
    _edit(office)
    office.pull()
    return Later(redo, redone, once_more, office.bench.undo(told.pushed.id))


def _edit(office: Office) -> None:
    """Somebody works on in both systems: in fields that the push has written."""
    (account,) = [row for row in office.org.records("Account") if row["Name"] == "Cedar Hall kept"]
    office.org.edit("Account", str(account["Id"]), {"BillingCity": "Eugene"})
    office.company.edit("Customer", "Cedar Hall kept", Name="Cedar & Hall")


# --- the undo --------------------------------------------------------------------------


def test_an_undo_needs_to_know_what_is_there_after_the_push(told: Told) -> None:
    assert "older than the push" in told.too_early
    assert f"Pull again, then undo {told.pushed.id}" in told.too_early


def test_every_change_has_said_what_undoing_it_takes(told: Told) -> None:
    costs = {(change.object, change.action, change.undo) for change in told.pushed.changes}
    assert {("Customer", "create", "deactivate"), ("Invoice", "create", "void")} <= costs
    assert {
        ("Estimate", "create", "free"),
        ("Account", "create", "free"),
        ("Account", "update", "free"),
    } <= costs
    assert all(change.undo for change in told.pushed.changes)


def test_the_undo_names_what_it_undoes_and_holds_nothing_back(told: Told) -> None:
    assert told.undo.changeset.header["undoes"] == told.pushed.id
    assert told.undo.held == []


def test_it_is_applied_and_read_back(told: Told) -> None:
    assert {(row.state, row.detail) for row in told.undone} == {("applied", None)}


def test_the_proof_of_the_push_stays_what_it_was(told: Told) -> None:
    """Its links have ended with the undo: nobody has edited what was read back before that."""
    before, after = told.proofs
    assert before["state"] == "agrees"
    assert after == before


def test_what_an_undo_has_taken_back_is_undone_again_after_it_was_undone_itself(later: Later) -> None:
    """They were made inactive, are active again, and count as undone no more."""
    active = {each.record for each in later.redo.changeset.changes if "IsActive" in each.values}
    active &= {row.record for row in later.redone if row.state == "applied"}
    assert active
    again = {each.record for each in later.edited.changeset.changes if each.values.get("IsActive") is False}
    assert active <= again


def test_both_systems_hold_what_they_held_before(told: Told) -> None:
    assert (told.written.changed, told.written.gone) == ({}, {})


STAY = {"Customer", "Invoice", "SalesReceipt", "Item"}


def test_what_stays_is_inactive_or_void(told: Told) -> None:
    stays = {name: rows for name, rows in told.written.made.items() if rows}
    assert set(stays) == {
        "Customer",
        "Invoice",
        "SalesReceipt",
        *(name for name in stays if name.startswith("Item")),
    }
    for name, made in stays.items():
        for row in made:
            void = str(row.get("Memo") or "").startswith("VOID") and row["Subtotal"] == "0.00"
            assert row.get("IsActive") is False or void, name


def test_the_crosswalk_and_the_base_are_what_they_were_before(told: Told) -> None:
    assert told.back.kept == told.before.kept
    assert told.after.kept != told.before.kept


def test_the_differences_are_those_of_before_the_push(told: Told) -> None:
    assert told.before.differences <= told.back.differences
    left = told.back.differences - told.before.differences
    assert {row[FIELD["resolution"]] for row in left} == {"ignore"}
    assert {row[FIELD["difference"]] for row in left} == {"new"}
    assert all(f"since {told.undo.id}, and linked no more" in str(row[FIELD["reason"]]) for row in left)


FIELD = {"difference": 5, "resolution": 9, "reason": 10}


def test_the_next_plan_proposes_exactly_what_was_proposed_before(told: Told) -> None:
    assert would_write(told.next) == would_write(told.pushed)


def test_what_an_inactive_customer_keeps_is_told(told: Told) -> None:
    """Its name: the account cannot become a new customer of the same name."""
    (held,) = [
        change.hold
        for change in told.next.changes
        if (change.object, change.label) == ("Customer", "Alder: Supply sold")
    ]
    assert "3100" in held


def test_undoing_again_does_nothing(told: Told) -> None:
    assert told.again.changeset.changes == ()
    assert told.again.changeset.header["already_undone"] > 0


# --- the undo of the undo --------------------------------------------------------------------------


def test_an_undo_is_undone_as_far_as_it_can_be(told: Told, later: Later) -> None:
    assert {(row.state, row.detail) for row in later.redone} == {("applied", None)}
    reasons = {change.hold for change in later.redo.held}
    assert reasons == {
        "cannot be undone: what was deleted stays so",
        "cannot be undone: a void transaction stays void",
    }


def test_customers_and_items_are_active_and_linked_again(told: Told, later: Later) -> None:
    pairs, before = later.once_more.kept[0], told.before.kept[0]
    after = told.after.kept[0]
    lists = ("account-customer", "contact-customer", "product-item")
    made_in_quickbooks = {
        pair for pair in after - before
        if pair[0] in lists and pair[2] in {row.record for row in later.redone if row.side == "quickbooks"}
    }  # fmt: skip
    assert made_in_quickbooks
    assert made_in_quickbooks <= pairs


def test_what_was_put_back_is_as_pushed_again_and_no_difference(told: Told, later: Later) -> None:
    put_back = {
        (change.mapping, change.record)
        for change in told.pushed.changes
        if change.action == "update" and change.record is not None
    }
    fields = {
        (row[0], row[1 if side == "salesforce" else 2])
        for row in later.once_more.differences
        if row[3] == "field" and row[FIELD["resolution"]].startswith("take_")
        for side in ("salesforce", "quickbooks")
    }
    assert not fields & put_back


# --- an undo after edits --------------------------------------------------------------------------


def test_what_was_edited_since_stays_with_both_values_told(told: Told, later: Later) -> None:
    held = {(change.object, cell.api): change.hold for change in later.edited.held for cell in change.cells}
    city = "edited since it was pushed: BillingCity: pushed Salem, now Eugene"
    name = "edited since it was pushed: Name: pushed Cedar Hall kept, now Cedar & Hall"
    assert held["Account", "BillingCity"] == city
    assert held["Customer", "Name"] == name
    others = [
        cell.api for change in later.edited.writable if change.object == "Account" for cell in change.cells
    ]
    assert "BillingCity" not in others


# --- as it was --------------------------------------------------------------------------


@pytest.mark.parametrize("point", ["before", "after", "back"])
def test_the_differences_of_any_time_can_be_looked_at_again(told: Told, point: str) -> None:
    look: Look = getattr(told, point)
    then = told.office.bench.as_of(look.at)
    assert rows(then.diff()) == look.differences
    shown = then.crosswalk
    names = ["mapping", "salesforce_id", "quickbooks_id"]
    assert {tuple(row) for row in shown[names].itertuples(index=False, name=None)} == look.kept[0]


def test_looking_back_writes_nothing_and_nothing_is_done_with_it(told: Told) -> None:
    office, standing = told.office, kept(told.office)
    diff = office.bench.diff(as_of=told.before.at)
    assert kept(office) == standing
    with pytest.raises(UsageProblem, match="can only be looked at"):
        office.bench.plan(diff)
    with pytest.raises(UsageProblem, match="can only be looked at"):
        diff.decide("all", decision="accept", reason="no")


def test_snapshots_of_any_time_answer_sql(told: Told) -> None:
    def customers(at: Any) -> int:
        query = 'SELECT count(*) AS n FROM quickbooks."Customer" WHERE IsActive'
        return int(told.office.bench.as_of(at).sql(query)["n"][0])

    assert customers(told.after.at) > customers(told.before.at) == customers(told.back.at)
    assert told.office.bench.as_of(told.before.at).snapshot("salesforce").ended_at <= told.before.at


def test_a_time_before_the_first_pull_is_told(told: Told) -> None:
    with pytest.raises(WorkbenchError, match="no snapshot of salesforce yet at 2020-01-01 23:59:59 UTC"):
        told.office.bench.as_of("2020-01-01").diff()


# --- the commands -------------------------------------------------------------------------------------


def command(told: Told, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, dict[str, Any]]:
    """Exit code and JSON of a command on the office's profile."""
    capsys.readouterr()
    folder = told.office.workspace.profile.folder
    code = main([*words, "--profile", str(folder), "--json"])
    answer: dict[str, Any] = json.loads(capsys.readouterr().out.splitlines()[-1])
    return code, answer


def test_the_command_plans_the_same_undo(
    told: Told, later: Later, capsys: pytest.CaptureFixture[str]
) -> None:
    code, data = command(told, capsys, "undo", told.pushed.id)
    assert (code, data["id"], data["undoes"]) == (2, later.edited.id, told.pushed.id)
    assert (data["changes"], data["held"]) == (len(later.edited.changeset.changes), len(later.edited.held))
    assert any("pushed Salem, now Eugene" in each["reason"] for each in data["left"])


def test_the_command_tells_what_is_left_in_words(told: Told, capsys: pytest.CaptureFixture[str]) -> None:
    folder = told.office.workspace.profile.folder
    assert main(["undo", told.pushed.id, "--profile", str(folder)]) == 2
    shown = " ".join(capsys.readouterr().out.split())
    assert told.pushed.id in shown
    assert "Not undone" in shown


@pytest.mark.parametrize(
    ("id_", "code", "words"),
    [("cs-nothing", 1, "there is no change set cs-nothing"), ("the plan", 64, "was not pushed")],
)
def test_what_cannot_be_undone_is_refused(
    told: Told, capsys: pytest.CaptureFixture[str], id_: str, code: int, words: str
) -> None:
    wanted = told.next.id if id_ == "the plan" else id_
    found, data = command(told, capsys, "undo", wanted)
    assert (found, words in data["error"]) == (code, True)


def test_the_past_by_command(told: Told, capsys: pytest.CaptureFixture[str]) -> None:
    then = told.before.at.isoformat()
    code, data = command(told, capsys, "diff", "--as-of", then)
    assert (code, len(data["differences"])) == (2, len(told.before.differences))
    query = 'SELECT count(*) AS n FROM salesforce."Account"'
    counts = [
        command(told, capsys, "sql", query, *more)[1]["rows"][0]["n"] for more in ((), ("--as-of", then))
    ]
    assert counts[0] == counts[1] > 0
    assert command(told, capsys, "sql", "SELECT nonsense")[0] == 64
    assert command(told, capsys, "diff", "--as-of", "yesterday")[0] == 64
