"""A mapping that somebody has edited by hand, as the commands meet it: file, line, the closest names."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from workbench import validate
from workbench.connections.salesforce import SalesforceConnection
from workbench.errors import DiffError, MappingError
from workbench.mapping import load_mappings
from workbench.model import Side
from workbench.normalize import prepare
from workbench.profile import SalesforceSettings, write_secrets
from workbench.templates import make_profile
from workbench.testorg import ConnectedApp, TestOrg, User, running_org
from workbench.workspace import open_workspace, workspace

ACCOUNT = "account-customer.yaml"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_profile(tmp_path / "books").folder


def change(folder: Path, old: str, new: str) -> int:
    """Change a mapping; answers the line."""
    path = folder / "mappings" / ACCOUNT
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


@pytest.mark.parametrize("left", ["an empty folder", "no folder"])
def test_without_mappings_nothing_looks_clean(left: str, folder: Path) -> None:
    for path in (folder / "mappings").iterdir():
        path.unlink()
    if left == "no folder":
        (folder / "mappings").rmdir()
    with workspace(folder) as opened, pytest.raises(MappingError, match="there is no mapping here"):
        opened.mappings()


def test_a_broken_file_is_the_only_problem(folder: Path) -> None:
    """What refers to the mapping in it is right."""
    line = change(folder, "title: Accounts", "title: [ { Accounts")
    with pytest.raises(MappingError) as refused:
        load_mappings(folder / "mappings")
    (problem,) = refused.value.problems
    assert "have 1 problem:" in str(refused.value)
    path, _, at = str(problem.where).rpartition(":")
    assert (Path(path).name, int(at) - line in (0, 1)) == (ACCOUNT, True)


#  why                      side             changed              closest
FIELDS = [
    ("a field of Salesforce", Side.SALESFORCE, ("Fax", "Faxx"), "Closest: Fax."),
    ("a field of QuickBooks", Side.QUICKBOOKS, ("Fax", "Fxa"),  "Closest: Fax."),
    ("a name like no other",  Side.QUICKBOOKS, ("Fax", "Qqqq"), "Correct the mapping"),
]  # fmt: skip


@pytest.mark.parametrize(("why", "side", "changed", "closest"), FIELDS, ids=[case[0] for case in FIELDS])
def test_an_unknown_field_is_named_with_its_own_line(
    why: str, side: Side, changed: tuple[str, str], closest: str, folder: Path
) -> None:
    mapping = load_mappings(folder / "mappings")["account-customer"]
    names = dict.fromkeys([mapping.side(side).key, *(n for f in mapping.fields for n in f.api(side))])
    columns = ", ".join(f'NULL::VARCHAR AS "{name}"' for name in names)
    old, new = changed
    change(folder, f"{side}: {old}", f"{side}: {new}")
    wrong = load_mappings(folder / "mappings")["account-customer"]
    with duckdb.connect() as connection:
        connection.execute(f"CREATE SCHEMA {side}")
        connection.execute(f'CREATE TABLE {side}."{mapping.side(side).object}" AS SELECT {columns}, 0 AS "x"')
        connection.execute(f'ALTER TABLE {side}."{mapping.side(side).object}" ADD COLUMN "FullName" VARCHAR')
        with pytest.raises(DiffError, match="has no column") as refused:
            prepare(connection, wrong, side)
    assert refused.value.where == f"{wrong.path}:{wrong.field('fax').line}"
    assert str(refused.value.fix).startswith(closest)


@pytest.fixture
def org(folder: Path) -> Iterator[Path]:
    """A profile whose org answers."""
    user = User(username="maria@example.com", password="p", security_token="t")
    app = ConnectedApp(client_id="an id", client_secret="a secret", run_as=user.username)
    with TestOrg.open(users=[user], apps=[app]) as opened, running_org(opened) as url:
        profile = make_profile(folder.with_name("live"), salesforce=SalesforceSettings(url=url))
        write_secrets(profile, {"salesforce.client_id": "an id", "salesforce.client_secret": "a secret"})
        yield profile.folder


def checks(folder: Path) -> dict[tuple[str, str], Any]:
    with workspace(folder) as opened:
        return {(each.kind, each.name): each for each in validate.validate(opened).checks}


def test_an_unknown_object_is_the_mappings_fault_and_not_the_logins(org: Path) -> None:
    line = change(org, "object: Account", "object: Acount")
    found = checks(org)
    assert found["setting", "log in"].valid is True
    assert found["mapping", "product-item"].valid is True
    wrong = found["mapping", "account-customer"]
    assert wrong.valid is False
    assert (wrong.where, wrong.detail) == (f"mappings/{ACCOUNT}:{line - 1}", "unknown object 'Acount'")
    assert "Account" in wrong.fix


def test_a_login_that_works_stays_the_only_one(org: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The guard of the test above: everything is valid before anything is changed."""
    opened = open_workspace(org)
    assert isinstance(opened.salesforce(), SalesforceConnection)
    opened.close()
    assert [each.name for each in checks(org).values() if each.valid is False] == ["Web Connector server"]
