"""With the plan never applied everything else works: links stand in the crosswalk alone."""

from __future__ import annotations

from tests.contract.schemaplan.schema_office import Office
from workbench.validate.today import prepare_today


def test_never_applied_and_everything_else_works(office: Office) -> None:
    bench = office.bench
    workspace = bench.workspace
    assert prepare_today(workspace, workspace.mappings().values()).failed == {}
    bench.match().close()
    diff = bench.diff()
    changes = bench.plan(diff)
    changes.approve(where="all", by="maria")
    made = [(change.object, change.action) for change in changes.writable]
    assert ("Customer", "create") in made
    assert ("Account", "create") in made
    bench.push(changes, execute=True, wait=0)
    office.calls()
    result = bench.resume(changes.id, wait=0)
    assert dict(result.counts) == {"applied": len(made)}, result.table
    names = {row["Name"] for row in office.books.company.records("Customer")}
    assert "Elm" in names
    office.pull()
    bench.match()
    again = bench.diff().table
    assert list(again[again["mapping"] == "account-customer"]["kind"]) == []
    assert office.definitions() == []
