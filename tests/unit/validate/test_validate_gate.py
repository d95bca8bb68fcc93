"""A push goes on only from a valid report, and one that was refused can go on when the profile is right."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.profile.bare_profile import SMALLEST, make_valid
from tests.unit.push.push_office import Office, open_office
from workbench import approval, ledger, push
from workbench.changes import ChangeSet
from workbench.errors import Problems
from workbench.validate import require_valid, validate, validate_for_push


@pytest.fixture
def office(tmp_path: Path) -> Office:
    opened = open_office(tmp_path)
    make_valid(opened.workspace.profile)
    return opened


def approved(office: Office) -> ChangeSet:
    store = office.workspace.store
    made = ChangeSet(header={"made for": "a test"}, changes=(office.create("Customer", "001", Name="Dunes"),))
    ledger.save_changeset(
        store, id_=made.id, content_hash=made.content_hash, content=made.content, by="maria"
    )
    approval.approve(
        store,
        office.workspace.own_keys,
        changeset=made.id,
        content_hash=made.content_hash,
        changes=made.by_id,
        by="maria",
    )
    return made


#  why                        in the mapping              wrong                        told
FAULTS = [
    ("a field that is not",   "quickbooks: Name",         "quickbooks: Nam",           "has no field 'Nam'"),
    ("broken YAML",           "mapping: account-customer", "mapping: [",               "the YAML is broken"),
    ("an unknown winner",     "match:",                   "winner: nobody\nmatch:",    "nobody"),
]  # fmt: skip


@pytest.mark.parametrize(("why", "right", "wrong", "told"), FAULTS, ids=[case[0] for case in FAULTS])
def test_a_push_does_not_start_and_keeps_its_approval(
    why: str, right: str, wrong: str, told: str, office: Office
) -> None:
    changeset = approved(office)
    file = office.workspace.profile.mappings / "account-customer.yaml"
    file.write_text(SMALLEST.replace(right, wrong, 1), encoding="utf-8")
    with pytest.raises(Problems) as refused:
        push.start(office.workspace, changeset, by="maria")
    text = str(refused.value)
    assert "a push goes on only from a valid report, and 1 check fails" in text
    assert told in text
    assert "mappings/account-customer.yaml:" in text
    assert "`workbench check`" in str(refused.value.fix)
    assert ledger.outcomes(office.workspace.store) == []
    file.write_text(SMALLEST, encoding="utf-8")
    push.start(office.workspace, changeset, by="maria")
    assert [row.state for row in ledger.outcomes(office.workspace.store)] == ["waiting"]


def test_a_secret_that_is_missing_stops_a_push_and_is_named(office: Office) -> None:
    (office.workspace.profile.data / "secrets.yaml").unlink()
    with pytest.raises(Problems) as refused:
        require_valid(office.workspace, "a push")
    named = [problem.what for problem in refused.value.problems]
    wanted = ["salesforce.client_id", "salesforce.client_secret", "quickbooks.password"]
    assert named == [f"secret {name}: is not set" for name in wanted]


CONTACTS = """\
mapping: contact-customer
salesforce: {object: Contact, label: Name}
quickbooks: {object: Customer, label: FullName, where: "Sublevel > 0"}
states: {ContactToCustomer: {to: quickbooks}}
operations: {salesforce: [], quickbooks: [add, modify]}
match: [{rule: name, field: name, how: exact, accept: true}]
fields:
  name: {salesforce: Name, quickbooks: Name, type: name}
  account: {salesforce: AccountId, quickbooks: ParentRef_ListID, type: reference, reference: account-customer}
"""


@pytest.mark.parametrize(("switch", "valid"), [("on: true", True), ("on: false", False)])
def test_a_state_whose_references_nothing_ever_links(switch: str, valid: bool, office: Office) -> None:
    folder = office.workspace.profile.mappings
    accounts = SMALLEST.replace("{to: quickbooks}", f"{{to: quickbooks, {switch}}}")
    (folder / "account-customer.yaml").write_text(accounts, encoding="utf-8")
    (folder / "contact-customer.yaml").write_text(CONTACTS, encoding="utf-8")
    reports = [validate_for_push(office.workspace), validate(office.workspace, offline=True)]
    assert [report.valid for report in reports] == [valid, valid]


def test_what_is_wrong_with_a_mapping_that_is_off_stops_nothing(office: Office) -> None:
    wrong = CONTACTS.replace("quickbooks: Name", "quickbooks: Nam").replace("{to:", "{on: false, to:")
    (office.workspace.profile.mappings / "contact-customer.yaml").write_text(wrong, encoding="utf-8")
    assert validate_for_push(office.workspace).valid
    whole = validate(office.workspace, offline=True)
    assert whole.valid
    assert [check.name for check in whole.warnings if check.kind == "field"] == ["name"]


def test_warnings_and_what_is_not_known_yet_stop_nothing(office: Office) -> None:
    report = require_valid(office.workspace, "a push")
    assert report.unknown, "nothing was pulled, so Salesforce's fields are not known"
    assert report.valid


def test_a_push_asks_nobody(office: Office, stays_on_this_machine: list[str]) -> None:
    """The address of the profile is one of the internet: being asked would fail this test."""
    require_valid(office.workspace, "a push")
    assert stays_on_this_machine == []
