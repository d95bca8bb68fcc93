"""`workbench mapping ...` as a person types it, on a profile with two snapshots."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.unit.profile.bare_profile import bare_profile
from workbench import resources
from workbench.cli.main import main
from workbench.connections import quickbooks
from workbench.crosswalk import Pair, close, confirm
from workbench.mapping import load_mapping
from workbench.snapshots import Column, Snapshot, TableData, publish, write_file
from workbench.store import open_store

NOW = datetime(2026, 3, 30, 16, 40, tzinfo=UTC)
MAPPING = """\
# One account is one customer.
mapping: account-customer
salesforce: {object: Account, label: Name}
quickbooks: {object: Customer, label: FullName}
states:                       # both ways
  AccountToCustomer: {to: quickbooks, on: true}
  CustomerToAccount: {to: salesforce}
operations: {salesforce: [add, modify], quickbooks: [add, modify]}
winner: salesforce
match:
  - {rule: name, field: name, how: exact, accept: true}
fields:
  name: {salesforce: Name, quickbooks: Name, type: name}
  phone: {salesforce: Phone, quickbooks: Phone, type: phone}
"""
ACCOUNT = {"Id": "id", "Name": "string", "Phone": "phone", "Site": "string"}
CUSTOMER = {
    "ListID": "VARCHAR",
    "Name": "VARCHAR",
    "FullName": "VARCHAR",
    "Phone": "VARCHAR",
    "Fax": "VARCHAR",
}
ACCOUNTS = [("001", "Acme", "415-555-0101", "N1"), ("002", "Bolt", "415-555-0102", "N2"),
            ("003", "Core", "415-555-0103", "N3"), ("004", "New", "415-555-0104", "N4")]  # fmt: skip
CUSTOMERS = [("80", "Acme", "415-555-0101", "n1"), ("81", "Bolt", "415-555-0999", "n2"),
             ("82", "Core", "415-555-0103", "n3")]  # fmt: skip


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    made = bare_profile(tmp_path / "books")
    made.mappings.mkdir(exist_ok=True)
    (made.mappings / "account-customer.yaml").write_text(MAPPING, encoding="utf-8")
    stamps = {"LastModifiedDate": NOW.replace(tzinfo=None), "SystemModstamp": "2026-03-30"}
    times = {"TimeModified": NOW.replace(tzinfo=None), "EditSequence": "1"}
    ours = [dict(zip(ACCOUNT, row, strict=True)) | stamps for row in ACCOUNTS]
    theirs = [dict(zip(("ListID", "Name", "Phone", "Fax"), row, strict=True)) for row in CUSTOMERS]
    columns = [Column(name, "VARCHAR") for name in (*ACCOUNT, "SystemModstamp")]
    describes = {
        "Account": {"name": "Account", "fields": [{"name": n, "type": t} for n, t in ACCOUNT.items()]}
    }
    store = open_store(made.store_url)
    try:
        table = TableData(
            name="Account", columns=[*columns, Column("LastModifiedDate", "TIMESTAMP")], rows=ours
        )
        put(store, made.snapshots, "salesforce", table, describes)
        columns = [*(Column(*each) for each in CUSTOMER.items()), Column("EditSequence", "VARCHAR")]
        table = TableData(
            name="Customer",
            columns=[*columns, Column("TimeModified", "TIMESTAMP")],
            rows=[row | {"FullName": row["Name"]} | times for row in theirs],
        )
        put(store, made.snapshots, "quickbooks", table, {"Customer": quickbooks.describe("Customer")})
        confirm(store, [
            Pair(mapping="account-customer", salesforce_id=left, quickbooks_id=right, rule="name",
                 confirmed_by="rule") for left, right in (("001", "80"), ("002", "81"), ("003", "82"))
        ])  # fmt: skip
        close(store, "account-customer", "maria")
    finally:
        store.close()
    return made.folder


def put(store: Any, folder: Path, side: str, table: TableData, describes: dict[str, Any]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{side}-1.duckdb"
    counts = write_file(file, [table])
    taken = Snapshot(
        id=f"{side}-1", side=side, file=file, started_at=NOW, ended_at=NOW, counts=counts, describes=describes
    )
    publish(store, taken)


def run(profile: Path, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, dict[str, Any]]:
    capsys.readouterr()
    code = main(["mapping", *words, "--profile", str(profile), "--json"])
    return code, json.loads(capsys.readouterr().out.splitlines()[-1])


def files(profile: Path) -> list[str]:
    return sorted(each.name for each in (profile / "mappings").iterdir())


def test_new_proposes_from_both_describes_and_matched_records(
    profile: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, told = run(profile, capsys, "new", "Account", "Customer", "--name", "again")
    assert code == 0
    fields = {each["salesforce"]: each for each in told["fields"]}
    assert {name: each["quickbooks"] for name, each in fields.items()} == {
        "Name": "Name",
        "Phone": "Phone",
        "Site": "Fax",
    }
    assert "agree on 2 of 3 records" in fields["Phone"]["why"]
    assert told["pairs"] == "3 records that are matched already"
    mapping = load_mapping(told["file"])
    assert not any(each.on for each in mapping.states)
    assert files(profile) == ["account-customer.yaml", "again.yaml", "expressions.md", "mapping.schema.json"]


def test_new_says_what_is_closest_to_an_unknown_object(
    profile: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, told = run(profile, capsys, "new", "Account", "Custmer")
    assert code == 64
    assert "Closest: Customer" in told["fix"]
    assert files(profile) == ["account-customer.yaml"]


def test_new_asks_for_nothing_without_a_terminal(profile: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, told = run(profile, capsys, "new", "Account")
    assert (code, told["error"]) == (64, "QuickBooks entity: none given")


@pytest.mark.parametrize(
    "words", [("new", "Account", "Customer"), ("copy", "account-customer", "account-customer")]
)
def test_no_mapping_is_overwritten(
    profile: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    code, told = run(profile, capsys, *words)
    assert (code, told["error"]) == (1, "there is such a mapping already")
    assert (profile / "mappings" / "account-customer.yaml").read_text(encoding="utf-8") == MAPPING


def test_a_copy_is_off_and_keeps_every_comment(profile: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, told = run(profile, capsys, "copy", "account-customer", "trial")
    assert code == 0
    text = Path(told["file"]).read_text(encoding="utf-8")
    assert text.startswith("# One account is one customer.\nmapping: trial\n")
    assert "# both ways" in text
    assert [each.on for each in load_mapping(told["file"]).states] == [False, False]
    assert (profile / "mappings" / "account-customer.yaml").read_text(encoding="utf-8") == MAPPING


@pytest.mark.parametrize("name", ["../x", "a b", "", "1st", "x.yaml"])
def test_a_copy_has_a_plain_name(profile: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    assert run(profile, capsys, "copy", "account-customer", name)[0] == 64
    assert files(profile) == ["account-customer.yaml"]


def test_a_mapping_is_switched_off_and_on_again(profile: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = profile / "mappings" / "account-customer.yaml"
    assert run(profile, capsys, "off", "account-customer") == (
        0,
        {"mapping": "account-customer", "states": {"AccountToCustomer": False, "CustomerToAccount": False}},
    )
    run(profile, capsys, "on", "account-customer", "--state", "AccountToCustomer")
    assert [each.on for each in load_mapping(file).states] == [True, False]
    run(profile, capsys, "on", "account-customer")
    assert [each.on for each in load_mapping(file).states] == [True, True]


#  why, words, exit code, words of the answer
WRONG = [
    ("an unknown mapping", ("off", "account-custmer"), 64, "Closest: account-customer"),
    ("an unknown state", ("off", "account-customer", "--state", "AccountToCustomr"), 64, "AccountToCustomer"),
    ("an unknown mapping to compare", ("diff", "account-customer", "nothing"), 64, "account-customer"),
]


@pytest.mark.parametrize(("words", "exit_code", "told"), [c[1:] for c in WRONG], ids=[c[0] for c in WRONG])
def test_what_is_not_there_is_said(
    profile: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], exit_code: int, told: str
) -> None:
    code, answer = run(profile, capsys, *words)
    assert code == exit_code
    assert told in answer["fix"]


def changed(profile: Path, tmp_path: Path, *change: str) -> str:
    text = MAPPING.replace(*change)
    assert text != MAPPING
    file = tmp_path / "other.yaml"
    file.write_text(text, encoding="utf-8")
    return str(file)


def test_diff_tells_what_the_plan_would_be(
    profile: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = changed(profile, tmp_path, "winner: salesforce", "winner: quickbooks")
    code, told = run(profile, capsys, "diff", "account-customer", other)
    assert code == 2
    rows = [
        (each["what"], each["side"], each["action"], each["label"], each["values"])
        for each in told["changes"]
    ]
    assert rows == [
        ("removed", "quickbooks", "update", "Bolt", {"Phone": ["415-555-0102", None]}),
        ("added", "salesforce", "update", "Bolt", {"Phone": [None, "415-555-0999"]}),
    ]


def test_diff_shows_an_expression_at_work(
    profile: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change = ("type: phone}", "type: phone, write: {quickbooks: \"replace(Phone, '-', '.')\"}}")
    other = changed(profile, tmp_path, *change)
    _, told = run(profile, capsys, "diff", "account-customer", other)
    assert [(each["what"], each["label"], each["values"]) for each in told["changes"]] == [
        ("changed", "New", {"Phone": ["415-555-0104", "415.555.0104"]}),
        ("changed", "Bolt", {"Phone": ["415-555-0102", "415.555.0102"]}),
    ]


@pytest.mark.parametrize(
    "change", [("# both ways", "# two ways"), ("type: name}", "type: name, notes: hello}")]
)
def test_a_change_that_decides_nothing_changes_no_plan(
    profile: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], change: tuple[str, str]
) -> None:
    code, told = run(profile, capsys, "diff", "account-customer", changed(profile, tmp_path, *change))
    assert (code, told["changes"]) == (0, [])


def test_a_copy_that_is_off_is_compared_as_if_it_were_on(
    profile: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(profile, capsys, "copy", "account-customer", "trial")
    assert run(profile, capsys, "diff", "account-customer", "trial")[1]["changes"] == []


def test_diff_keeps_nothing(profile: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def rows() -> list[str]:
        import sqlite3

        with sqlite3.connect(profile / "data" / "store.sqlite") as store:
            return [line for line in store.iterdump() if line.startswith("INSERT")]

    before = rows()
    run(
        profile, capsys, "diff", "account-customer", changed(profile, tmp_path, "type: phone}", "type: text}")
    )
    assert rows() == before


@pytest.mark.parametrize(
    ("action", "name"), [("functions", "expressions.md"), ("schema", "mapping.schema.json")]
)
def test_guide_and_schema_can_be_put_beside_the_mappings(
    profile: Path, capsys: pytest.CaptureFixture[str], action: str, name: str
) -> None:
    assert run(profile, capsys, action, "--write")[0] == 0
    made = (profile / "mappings" / name).read_text(encoding="utf-8")
    assert made == (resources.mappings() / name).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("action", "name"), [("functions", "expressions.md"), ("schema", "mapping.schema.json")]
)
def test_guide_and_schema_are_printed_as_they_are(
    profile: Path, capsys: pytest.CaptureFixture[str], action: str, name: str
) -> None:
    assert main(["mapping", action, "--profile", str(profile)]) == 0
    assert capsys.readouterr().out == (resources.mappings() / name).read_text(encoding="utf-8")


def test_the_shipped_mappings_can_be_copied(profile: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for file in resources.mappings().glob("*.yaml"):
        shutil.copyfile(file, profile / "mappings" / file.name)
        code, told = run(profile, capsys, "copy", file.stem, f"{file.stem}-2")
        assert (code, told.get("mapping")) == (0, f"{file.stem}-2")


def test_profile_and_json_may_stand_before_the_action(
    profile: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["mapping", "--profile", str(profile), "--json", "off", "account-customer"]) == 0
    assert json.loads(capsys.readouterr().out)["mapping"] == "account-customer"


def test_mappings_of_other_objects_are_not_compared(
    profile: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = changed(profile, tmp_path, "object: Customer", "object: Vendor")
    code, told = run(profile, capsys, "diff", "account-customer", other)
    assert code == 64
    assert told["error"] == "account-customer is about QuickBooks's Customer, account-customer about Vendor"


def test_a_mapping_that_is_off_is_not_asked_for_its_objects(
    profile: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What the org does not have stands in the profile, off, until somebody makes it."""
    absent = MAPPING.replace("object: Account", "object: Receivable__c").replace("on: true", "on: false")
    absent = absent.replace("mapping: account-customer", "mapping: receivables")
    (profile / "mappings" / "receivables.yaml").write_text(absent, encoding="utf-8")
    run(profile, capsys, "off", "receivables")
    assert run(profile, capsys, "diff", "account-customer", "account-customer") == (
        0,
        {"old": "account-customer", "new": "account-customer", "changes": []},
    )


def test_two_that_are_off_are_compared_as_if_all_their_states_were_on(
    profile: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = changed(profile, tmp_path, "winner: salesforce", "winner: quickbooks")
    run(profile, capsys, "off", "account-customer")
    off = Path(other)
    text = off.read_text(encoding="utf-8").replace("on: true", "on: false")
    off.write_text(text.replace("{to: salesforce}", "{to: salesforce, on: false}"), encoding="utf-8")
    code, told = run(profile, capsys, "diff", "account-customer", other)
    assert (code, [each["what"] for each in told["changes"]]) == (2, ["removed", "added"])


def test_a_slip_in_an_object_is_told_by_the_snapshot_when_the_org_cannot_be_asked(
    profile: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, told = run(profile, capsys, "new", "Acount", "Customer")
    assert (code, told["fix"]) == (64, "Closest: Account.")
    assert "has no object 'Acount', and the org cannot be asked" in told["error"]
