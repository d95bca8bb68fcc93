"""A decision that can have no effect is not kept for the day on which it would have one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.contract.states.states_office import Office, running_office
from workbench import crosswalk
from workbench.bench.deciding import Taken
from workbench.errors import Problems, UsageProblem
from workbench.templates import DEFAULT

pytestmark = pytest.mark.long

ACCOUNTS = "account-customer"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with running_office(tmp_path_factory.mktemp("effects"), DEFAULT) as office:
        office.diff()
        yield office


@pytest.fixture
def pairs(office: Office) -> list[tuple[str, str]]:
    """The linked accounts as they are called, Salesforce's name first."""
    return names(office)


def names(office: Office) -> list[tuple[str, str]]:
    connection = office.bench.diff().reconciliation.connection
    return connection.execute(
        'SELECT s."Name", q."FullName" FROM kept.crosswalk AS c '
        'JOIN salesforce."Account" AS s ON s."Id" = c.salesforce_id '
        'JOIN quickbooks."Customer" AS q ON q."ListID" = c.quickbooks_id '
        "WHERE c.mapping = ? ORDER BY ALL",
        [ACCOUNTS],
    ).fetchall()


def alone(office: Office, side: str) -> str:
    """What an account on one side only is called."""
    table = office.bench.diff().table
    return str(table[(table["mapping"] == ACCOUNTS) & (table["kind"] == f"only_{side}")].iloc[0]["label"])


def take(office: Office, folder: Path, *rows: str) -> Taken:
    file = folder / "decisions.yaml"
    lines = "".join(f"  - {{mapping: {ACCOUNTS}, reason: so, {row}}}\n" for row in rows)
    file.write_text(f"decisions:\n{lines}", "utf-8")
    return office.bench.decide(file, by="maria")


def refused(office: Office, folder: Path, *rows: str) -> list[str]:
    before = crosswalk.decisions(office.workspace.store)
    with pytest.raises(Problems) as caught:
        take(office, folder, *rows)
    assert crosswalk.decisions(office.workspace.store) == before
    return [problem.what for problem in caught.value.problems]


def q(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


# --- a file -------------------------------------------------------------------------------------------------


def test_entries_that_fit_nothing_are_listed_and_none_is_taken(
    office: Office, tmp_path: Path, pairs: list[tuple[str, str]]
) -> None:
    (one, its), (two, others) = pairs[0], pairs[1]
    pair, crossed = (
        f"salesforce: {q(one)}, quickbooks: {q(its)}",
        f"salesforce: {q(one)}, quickbooks: {q(others)}",
    )
    new = f"salesforce: {q(alone(office, 'salesforce'))}"
    told = refused(
        office,
        tmp_path,
        f"salesforce: {q(one)}, decision: delete",
        f"salesforce: {q(two)}, decision: accept",
        f"{new}, decision: deactivate",
        f"{pair}, field: active, decision: set, value: perhaps",
    )
    assert told == [
        f"delete is for a record whose partner was deleted; this one is linked to {its} of QuickBooks",
        f"it is linked to {others} of QuickBooks",
        "deactivate is for a record whose partner was deleted; it never had a partner",
        "the value 'perhaps' is no boolean",
    ]
    (what,) = refused(office, tmp_path, f"{crossed}, field: phone, decision: take_salesforce")
    assert what == "these two records are not linked to each other"
    (what,) = refused(office, tmp_path, f"{crossed}, decision: link")
    assert what.startswith(f"{one} of Salesforce is linked to {its} of QuickBooks; {others} of QuickBooks")
    (what,) = refused(office, tmp_path, f"{new}, decision: take_salesforce")
    assert what == "take_salesforce is about a field, and this is a record on one side only"


def test_of_what_both_sides_agree_on_nothing_is_left_to_decide(
    office: Office, tmp_path: Path, pairs: list[tuple[str, str]]
) -> None:
    table = office.bench.diff().table
    one, its = pairs[0]
    differing = set(table[(table["label"] == one) & (table["mapping"] == ACCOUNTS)]["field"])
    same = next(name for name in ("name", "city", "state", "country", "active") if name not in differing)
    before = len(crosswalk.decisions(office.workspace.store))
    taken = take(
        office,
        tmp_path,
        f"salesforce: {q(one)}, quickbooks: {q(its)}, field: {same}, decision: take_salesforce",
        f"salesforce: {q(one)}, decision: create",
    )
    assert str(taken) == "0 decisions taken; 2 left out, of which nothing is left to decide"
    assert taken.left_out["why"].tolist() == [
        f"both sides agree on {same}",
        f"it is there: linked to {its} of QuickBooks",
    ]
    assert len(crosswalk.decisions(office.workspace.store)) == before


def test_a_decision_about_a_pair_yet_to_be_linked_is_pinned_to_its_values(
    office: Office, tmp_path: Path
) -> None:
    ours, theirs = alone(office, "salesforce"), alone(office, "quickbooks")
    pair = f"salesforce: {q(ours)}, quickbooks: {q(theirs)}"
    taken = take(
        office, tmp_path, f"{pair}, decision: link", f"{pair}, field: name, decision: take_salesforce"
    )
    assert str(taken) == "2 decisions taken"
    kept = crosswalk.decisions(office.workspace.store)[-1]
    assert (kept["pinned"], kept["salesforce_seen"], kept["quickbooks_seen"]) == (
        True,
        ours.replace(":", " -"),  # as QuickBooks would write it
        theirs,
    )
    office.bench.match()
    found = office.bench.diff().table
    row = found[(found["label"] == ours) & (found["field"] == "name")].iloc[0]
    assert (row["resolution"], row["resolved_by"]) == ("take_salesforce", "decision")
    take(office, tmp_path, f"{pair}, decision: not_a_match")
    office.bench.match()
    assert (ours, theirs) not in names(office)


def test_records_that_are_no_match_come_apart_with_their_base_and_may_be_linked_otherwise(
    office: Office, tmp_path: Path, pairs: list[tuple[str, str]]
) -> None:
    store = office.workspace.store
    (one, its), (two, others) = pairs[0], pairs[1]
    (row,) = [
        each
        for each in crosswalk.pairs(store, ACCOUNTS)
        if each["salesforce_id"] in {str(id_) for id_ in ids(office, one)}
    ]
    crossed = f"salesforce: {q(one)}, quickbooks: {q(others)}, decision: link"
    with pytest.raises(UsageProblem, match="not_a_match"):
        office.bench.match().link(ACCOUNTS, str(row["salesforce_id"]), ids_of_customer(office, others), "so")
    taken = take(
        office,
        tmp_path,
        f"salesforce: {q(one)}, quickbooks: {q(its)}, decision: not_a_match",
        f"salesforce: {q(two)}, quickbooks: {q(others)}, decision: not_a_match",
        crossed,
    )
    assert taken.decisions == 3
    office.bench.match()
    assert (one, others) in names(office)
    assert not {(one, its), (two, others)} & set(names(office))
    assert row["pair"] not in {each["pair"] for each in crosswalk.agreements(store)}
    # What is left alone is not made on the other side by itself: there may be one.
    table = office.bench.diff().table
    left = table[
        (table["mapping"] == ACCOUNTS) & (table["label"].isin([two, its])) & (table["kind"] != "field")
    ]
    assert len(left) == 2
    assert set(left["resolution"]) <= {"undecided", "off"}
    undecided = left[left["resolution"] == "undecided"]
    assert len(undecided)
    assert undecided["reason"].str.contains("until a person said that they are no match").all()


def ids(office: Office, name: str) -> list[Any]:
    return [each["Id"] for each in office.org.records("Account") if each["Name"] == name]


def ids_of_customer(office: Office, name: str) -> str:
    rows = office.bench.sql(f"""SELECT "ListID" FROM quickbooks."Customer" WHERE "FullName" = {q(name)}""")
    return str(rows.iloc[0, 0])


def test_what_is_decided_of_a_whole_pair_is_about_what_differs_now(
    office: Office, tmp_path: Path, pairs: list[tuple[str, str]]
) -> None:
    """It is no standing order: what is edited later is decided anew."""
    table = office.bench.diff().table
    for one, its in names(office):  # noqa: B007
        mine = table[(table["mapping"] == ACCOUNTS) & (table["label"] == one) & (table["kind"] == "field")]
        if len(mine):
            break
    taken = take(office, tmp_path, f"salesforce: {q(one)}, quickbooks: {q(its)}, decision: accept")
    assert taken.decisions == len(mine) > 0
    kept = crosswalk.decisions(office.workspace.store)[-len(mine) :]
    assert {each["field"] for each in kept} == set(mine["field"])
    assert {each["pinned"] for each in kept} == {True}


def test_lines_of_other_documents_are_not_linked(office: Office, tmp_path: Path) -> None:
    connection = office.bench.diff().reconciliation.connection
    query = 'FROM work."opportunity-invoice.lines.salesforce" AS s'
    one = connection.execute(
        f"SELECT s.id, c.quickbooks_id, s.parent {query} JOIN kept.crosswalk AS c ON c.salesforce_id = s.id "
        "WHERE c.mapping = 'opportunity-invoice.lines' ORDER BY ALL"
    ).fetchall()[0]
    (other,) = connection.execute(f"SELECT min(s.id) {query} WHERE s.parent <> ?", [one[2]]).fetchall()[0]
    file = tmp_path / "decisions.yaml"
    entry = (
        "  - {{mapping: opportunity-invoice.lines, salesforce: {}, quickbooks: {}, decision: {}, reason: so}}"
    )
    said = [(other, one[1], "link"), (one[0], one[1], "not_a_match")]
    file.write_text("decisions:\n" + "\n".join(entry.format(*each) for each in said), "utf-8")
    with pytest.raises(Problems, match="which are not linked to each other"):
        office.bench.decide(file, by="maria")
    with pytest.raises(UsageProblem, match="linked"):
        office.bench.match().link("opportunity-invoice.lines", other, one[1], "so")


LINKS = [
    (("nonsense", "x", "y", "so"), "there is no mapping 'nonsense'"),
    ((ACCOUNTS, "x", "y", "so"), "account-customer has no record 'x' in Salesforce"),
    ((ACCOUNTS, "x", "y", ""), "a decision needs a reason"),
]


@pytest.mark.parametrize(("words", "told"), LINKS)
@pytest.mark.parametrize("call", ["link", "not_a_match"])
def test_a_link_that_can_have_no_effect_is_refused(
    office: Office, call: str, words: tuple[str, ...], told: str
) -> None:
    before = crosswalk.decisions(office.workspace.store)
    with pytest.raises(UsageProblem) as caught:
        getattr(office.bench.match(), call)(*words)
    assert told in caught.value.what
    assert crosswalk.decisions(office.workspace.store) == before


# --- a call -------------------------------------------------------------------------------------------------

CALLS = [
    ({"kind": "field"}, "create", None, "create is about a whole record, not about a field"),
    ({"kind": "only_salesforce"}, "take_quickbooks", None, "take_quickbooks is about a field"),
    ({"kind": "only_quickbooks"}, "delete", None, "for a record whose partner was deleted; it never had"),
    ({"kind": "field"}, "link", None, "link is about two records, and is decided in the matches"),
    ({"field": "quickbooks_id"}, "take_salesforce", None, "quickbooks_id does not go to QuickBooks"),
    ({"field": "nowhere"}, "accept", None, "where= names no difference"),
]


@pytest.mark.parametrize(("where", "decision", "value", "told"), CALLS)
def test_a_call_that_fits_nothing_decides_nothing(
    office: Office, where: dict[str, str], decision: str, value: str | None, told: str
) -> None:
    before = crosswalk.decisions(office.workspace.store)
    with pytest.raises(UsageProblem, match="nothing was decided") as caught:
        office.bench.diff().decide(where, decision=decision, value=value, reason="so", by="maria")
    assert told in caught.value.what
    assert crosswalk.decisions(office.workspace.store) == before


def test_a_call_without_a_reason_is_refused(office: Office) -> None:
    with pytest.raises(UsageProblem, match="needs a reason"):
        office.bench.diff().decide("all", decision="accept", reason=" ")


def test_a_diff_from_before_a_pull_is_not_decided_on(office: Office) -> None:
    diff = office.bench.diff()
    office.pull()
    with pytest.raises(UsageProblem, match="was pulled since this diff"):
        diff.decide("all", decision="accept", reason="so")
