"""The proof on a profile: what is kept when a change set is planned, what it waits for, and what it says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.core.core_world import World
from tests.unit.moneyproof.money_books import books
from tests.unit.moneyproof.money_office import MoneyOffice, money_office
from tests.unit.moneyproof.test_moneyproof_compare import change
from workbench.bench.proof import MoneyProof
from workbench.cli.main import main
from workbench.errors import WorkbenchError
from workbench.ledger import load_proof, save_proof
from workbench.ledger.proofs import KEPT_PLANS
from workbench.model import Side

DEAL = "O1 | Deal | A1 | 2026-03-30 | {} | true | true | won | {}"
STAMP = "2026-03-02T09:00:00.000+0000"
READ_BACK = {"Id": "O1", "SystemModstamp": STAMP}


def world(
    amount: str, stamp: str = "2026-03-01 08:00:00", total: str = "120", tax: str = "0", version: str = "7"
) -> World:
    """One linked document, written by the sales person with another amount than the bookkeeper's."""
    return books(
        DEAL.format(amount, stamp),
        f"I1 | 1001 | C1 | 2026-03-30 | {total} | {tax} | {total} | - | - | {version}",
        links="O1=I1",
    )


WRITTEN = world("120", "2026-03-02 09:00:00")


@pytest.fixture
def office(tmp_path: Path) -> Iterator[MoneyOffice]:
    with money_office(tmp_path) as made:
        made.link("clients", ("A1", "C1"), ("A2", "C2"))
        made.link("deals", ("O1", "I1"))
        made.pull(world("100"), minutes=-60)
        yield made


def planned(office: MoneyOffice) -> str:
    return office.plan(change(), predicted=world("120"))


def command(office: MoneyOffice, *arguments: str) -> int:
    return main(["proof", *arguments, "--profile", str(office.workspace.profile.folder)])


# --- how far a proof is -------------------------------------------------------------------------------


def waits(proof: MoneyProof) -> str:
    assert (proof.finished, proof.agrees) == (False, False)
    return proof.headline


def test_a_proof_waits_for_the_push_and_for_the_pull_after_it(office: MoneyOffice) -> None:
    changeset = planned(office)
    assert waits(office.bench.proof(changeset)) == "Not proven yet: it was not pushed yet."
    assert command(office, changeset) == 3
    office.push(changeset, (change(), "unknown", None))
    assert "1 of 1 changes have no outcome yet" in waits(office.bench.proof(changeset))


def test_a_push_that_is_settled_waits_for_the_pull(office: MoneyOffice) -> None:
    changeset = planned(office)
    office.push(changeset, (change(), "applied", READ_BACK))
    assert "Salesforce was not pulled since the push" in waits(office.bench.proof(changeset))
    assert command(office) == 3
    office.pull(WRITTEN, minutes=1, sides=(Side.SALESFORCE,))
    proof = office.bench.proof()
    assert (proof.agrees, proof.headline) == (
        True, "Balances agree to the cent: both systems hold what was predicted.",
    )  # fmt: skip
    assert command(office) == 0


def test_a_plan_without_a_prediction_cannot_be_proven(office: MoneyOffice) -> None:
    changeset = office.plan(change(), predicted=None)
    assert "was not measured when it was planned" in waits(office.bench.proof(changeset))


def test_there_is_no_such_change_set(office: MoneyOffice) -> None:
    with pytest.raises(WorkbenchError, match="no change set cs-nope"):
        office.bench.proof("cs-nope")


def test_columns_that_came_later_are_no_deviation(office: MoneyOffice) -> None:
    """The books of the plan did not say what is open; those after the push do."""
    old = world("100")
    old.connection.execute("ALTER TABLE quickbooks.Invoice DROP COLUMN BalanceRemaining")
    office.pull(old, minutes=-30)
    predicted = world("120")
    predicted.connection.execute("ALTER TABLE quickbooks.Invoice DROP COLUMN BalanceRemaining")
    changeset = office.plan(change(), predicted=predicted)
    office.push(changeset, (change(), "applied", READ_BACK))
    office.pull(WRITTEN, minutes=1)
    assert "lack columns that are read now" in waits(office.bench.proof(changeset))


# --- what it says -------------------------------------------------------------------------------------


def after_push(office: MoneyOffice, after: World, state: str = "applied") -> MoneyProof:
    changeset = planned(office)
    office.push(changeset, (change(), state, READ_BACK if state == "applied" else None))
    office.pull(after, minutes=1)
    return office.bench.proof(changeset)


def test_a_failed_change_is_told_with_its_amounts(office: MoneyOffice) -> None:
    proof = after_push(office, world("100"), "failed")
    assert proof.headline == (
        "1 document is not as predicted, by 20.00; every cent of it is explained. "
        "Between the sides 20.00 in 1 document is unexplained."
    )
    assert proof.table[["cause", "document", "side", "before", "predicted", "after"]].astype(
        str
    ).values.tolist() == [
        ["not applied", "1001", "salesforce", "100.00", "120.00", "100.00"],
    ]
    assert proof.deviations["amount"].astype(str).tolist() == ["-20.00", "-20.00"]
    assert command(office) == 2


def test_what_was_edited_meanwhile_is_told_and_not_called_agreement(office: MoneyOffice) -> None:
    """Every cent of it is explained, and yet it is not what was predicted: exit code 2."""
    proof = after_push(office, world("130", "2026-03-02 10:00:00", total="130", version="8"))
    assert proof.headline == "1 document is not as predicted, by 10.00; every cent of it is explained."
    assert proof.table["cause"].unique().tolist() == ["edited by somebody else"]
    assert (proof.agrees, command(office)) == (False, 2)


def test_explained_cents_between_the_sides_are_agreement(office: MoneyOffice) -> None:
    """Tax is no part of an opportunity's amount: predicted, read back, explained."""
    office.pull(world("100", tax="9.60"), minutes=-30)
    changeset = office.plan(change(), predicted=world("120", tax="9.60"))
    office.push(changeset, (change(), "applied", READ_BACK))
    office.pull(world("120", "2026-03-02 09:00:00", tax="9.60"), minutes=1)
    proof = office.bench.proof(changeset)
    assert (proof.agrees, proof.gaps["reason"].tolist()) == (True, ["tax"])


def test_the_first_pull_after_the_push_is_the_proof_for_good(office: MoneyOffice) -> None:
    """What people do later does not change what was proven."""
    proof = after_push(office, WRITTEN)
    office.pull(world("500", "2026-04-01 08:00:00"), minutes=2)
    again = office.bench.proof(proof.id)
    assert (again.agrees, again.data["balances"]) == (True, proof.data["balances"])
    assert "500.00" in str(office.bench.money())


def test_a_proof_outlives_the_snapshots_that_it_was_made_from(office: MoneyOffice) -> None:
    proof = after_push(office, WRITTEN)
    for taken in (*office.folder.glob("*-2.duckdb"),):
        taken.unlink()
    office.pull(world("500", "2026-04-01 08:00:00"), minutes=2)
    again = office.bench.proof(proof.id)
    assert (again.agrees, again.data["balances"]) == (True, proof.data["balances"])


def test_what_was_not_approved_is_noted(office: MoneyOffice) -> None:
    other = change(id_="ch-2")
    changeset = office.plan(change(), other, predicted=world("120"))
    office.push(changeset, (change(), "applied", READ_BACK))
    office.pull(WRITTEN, minutes=1)
    assert office.bench.proof(changeset).proof.notes == ("1 of 2 planned changes were not approved",)


def test_a_mapping_that_changed_since_is_noted(office: MoneyOffice) -> None:
    changeset = planned(office)
    office.push(changeset, (change(), "applied", READ_BACK))
    office.pull(WRITTEN, minutes=1)
    path = office.workspace.profile.mappings / "deals.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace('"0.005"', '"0.01"'), encoding="utf-8")
    assert office.bench.proof(changeset).proof.notes == (
        "changed since it was planned: the mapping of Deals and invoices",
    )


def test_a_record_that_was_made_is_known_by_its_new_id(office: MoneyOffice) -> None:
    office.pull(books(DEAL.format("100", "2026-03-01 08:00:00")), minutes=-30)
    office.workspace.store.engine.dispose()
    made = change("create", None, "quickbooks", "O2", id_="ch-9")
    predicted = books(
        DEAL.format("100", "2026-03-01 08:00:00"),
        "NEW | 1002 | C1 | 2026-03-30 | 100 | 0 | 100 | - | - | 1",
        links="O1=NEW",
    )
    changeset = office.plan(made, predicted=predicted, made={"NEW": "ch-9"})
    office.push(changeset, (made, "applied", {"TxnID": "I1", "EditSequence": "5"}))
    office.pull(world("100", total="100"), minutes=1)
    proof = office.bench.proof(changeset)
    assert (proof.agrees, proof.table.to_dict("records")) == (True, [])


# --- today --------------------------------------------------------------------------------------------


def test_todays_money(office: MoneyOffice) -> None:
    money = office.bench.money()
    assert money.headline == "Salesforce and QuickBooks differ; 20.00 in 1 document is unexplained."
    assert money.table.astype(str).values.tolist() == [
        ["Cedar", "", "120.00", "100.00", "-20.00", "0.00", "-20.00"],
    ]  # fmt: skip
    assert money.gaps[["document", "gap", "reason"]].astype(str).values.tolist() == [
        ["1001", "-20.00", "unexplained"]
    ]
    assert [str(each) for each in money.documents["amount"]] == ["120.00", "100.00"]
    assert json.loads(json.dumps(money.data, default=str))["balances"][0]["quickbooks"] == "120.00"


def test_names_are_escaped_in_html(office: MoneyOffice) -> None:
    given = world("100")
    given.connection.execute("UPDATE quickbooks.Customer SET FullName = '<b>Cedar</b>'")
    office.pull(given, minutes=-1)
    shown = office.bench.money()._repr_html_()
    assert "<b>Cedar</b>" not in shown
    assert "&lt;b&gt;Cedar&lt;/b&gt;" in shown


def test_json_is_one_line_with_amounts_as_text(
    office: MoneyOffice, capsys: pytest.CaptureFixture[str]
) -> None:
    after_push(office, world("100"), "failed")
    capsys.readouterr()
    assert command(office, "--json") == 2
    out, err = capsys.readouterr()
    told = json.loads(out.splitlines()[-1])
    assert (told["state"], told["not_as_predicted"][0]["before"]) == ("differs", "100.00")
    assert told["unexplained"] == "20.00"
    assert "Cedar" not in err, "no customer goes where logs go"


# --- what is kept -------------------------------------------------------------------------------------


def test_proofs_of_plans_that_nobody_pushed_are_taken_away(office: MoneyOffice) -> None:
    store = office.workspace.store
    first = planned(office)
    office.push(first, (change(), "applied", READ_BACK))
    later = [
        office.plan(change(id_=f"ch-1{number}"), predicted=world("120")) for number in range(KEPT_PLANS + 2)
    ]
    kept = [bool(load_proof(store, each)) for each in later]
    assert kept == [False] * 2 + [True] * KEPT_PLANS
    assert set(load_proof(store, first)) == {"before", "predicted"}, "one that was pushed stays"


def test_a_stage_that_is_kept_again_takes_the_place_of_the_old_one(office: MoneyOffice) -> None:
    store = office.workspace.store
    changeset = office.plan(change(), predicted=None)
    save_proof(store, changeset, {"before": {"a": 1}, "predicted": {"b": 1}})
    save_proof(store, changeset, {"before": {"a": 2}})
    assert {stage: row["content"] for stage, row in load_proof(store, changeset).items()} == {
        "before": {"a": 2}, "predicted": {"b": 1},
    }  # fmt: skip
