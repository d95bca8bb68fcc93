"""From the open notebook to changed records in both systems, with a mouse and a keyboard only."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from qbwc.simulator import CompanyFile
from tests.e2e.lab_fixture import running_lab
from workbench import resources
from workbench.bench import open as open_bench
from workbench.demo.story import Story, until_first_diff
from workbench.demo.world import World

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

# The fax number that only Salesforce has, and the account number that only QuickBooks has (P16, P15).
TO_QUICKBOOKS = ("Thornbury Upholstery", "fax")
TO_SALESFORCE = ("Sorrel Bank Kennels", "account_number")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World.make(tmp_path / "profile")
    with made:
        bench = open_bench(made.profile.folder, lambda _: None)
        until_first_diff(made, bench, Story(), lambda _: None)
        yield made


def test_a_person_approves_two_changes_and_pushes_them(world: World, tmp_path: Path, page: Any) -> None:
    with running_lab(lab_root(tmp_path), WORKBENCH_DEMO_PROFILE=str(world.profile.folder)) as lab:
        for path in resources.notebooks().glob("*.ipynb"):
            shutil.copyfile(path, lab.work / path.name)
        notebook = lab.open(page, "00_start.ipynb")
        notebook.run_all(seconds=180)
        assert notebook.errors() == []
        assert not fax(world), "running all cells must not push"
        assert not account_number(world)
        grid = page.locator(".wb-diffgrid", has=page.get_by_role("button", name="Approve shown"))
        status = grid.locator(".wb-status")
        for number, (record, field) in enumerate((TO_QUICKBOOKS, TO_SALESFORCE), start=1):
            grid.get_by_role("searchbox").fill(f"{record} {field}")
            rows = grid.locator(".wb-layer .wb-row")
            expect(rows).to_have_count(1)
            expect(rows).to_contain_text(record)
            grid.get_by_role("button", name="Approve shown").click()
            expect(status).to_contain_text(f"{number} of ")
        page.get_by_role("button", name="Push what is approved").click()
        page.get_by_role("button", name="Yes, write them").click()
        page.locator(".wb-push[data-phase=done]").wait_for(timeout=60_000)
        page.screenshot(path=str(tmp_path / "pushed.png"), full_page=True)
    assert fax(world), "the customer in the company file has the fax number now"
    assert account_number(world), "and the account in the org its number"


def expect(locator: Any) -> Any:
    from playwright.sync_api import expect as playwright_expect

    return playwright_expect(locator)


def lab_root(tmp_path: Path) -> Path:
    root = tmp_path / "lab"
    root.mkdir()
    return root


def fax(world: World) -> Any:
    """The fax number of the customer in the company file itself."""
    records = CompanyFile.open(world.company).records("Customer")
    return next(record.get("Fax") for record in records if record["FullName"] == TO_QUICKBOOKS[0])


def account_number(world: World) -> Any:
    """The account number in the org itself."""
    connection = open_bench(world.profile.folder, lambda _: None).workspace.salesforce()
    query = f"SELECT AccountNumber FROM Account WHERE Name = '{TO_SALESFORCE[0]}'"
    (record,) = connection.query(query)
    return record["AccountNumber"]
