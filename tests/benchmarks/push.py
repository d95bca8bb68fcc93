"""Planning many changes, foretelling them, and what pushing a thousand to each side costs in round trips.

`planning_seconds` is the plan itself with its content and hash, `prediction_seconds` its application to
copies, `convergence_seconds` the comparison and the new plan on them.  `trips` are the message sets that the
Web Connector answers while a thousand changes go to the pretend company file, `calls` the requests to the org
for the same number, with those that read before and after.  `canary_trips` stand apart, `calls` are all.
"""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from tests.benchmarks import push_books
from tests.contract.salesforce.salesforce_office import Requests
from tests.contract.states.states_office import Office, running_office
from workbench import push
from workbench.bench.diff import Diff
from workbench.bench.planning import inputs_of
from workbench.changes import plan
from workbench.forecast import converge, forecast
from workbench.ledger.pushes import ALL, CANARIES, push_row
from workbench.pull.salesforce import describe
from workbench.workspace import Workspace

TEMPLATE = "salesforce-quickbooks-bidirectional"

#        changes planned, changes pushed to each side
SIZES = {"tiny": (200, 20), "small": (5_000, 1_000), "full": (50_000, 1_000)}


def run(size: str) -> dict[str, Any]:
    """The figures, by their names in the design."""
    planned, pushed = SIZES[size]
    with tempfile.TemporaryDirectory(prefix="push-") as name:
        folder = Path(name)
        with running_office(folder / "planned", TEMPLATE, {}, {}) as office:
            workspace = office.workspace
            describes = {each: describe(workspace.salesforce(), each) for each in workspace.objects()}
            push_books.published(workspace, describes, planned // push_books.CHANGES)
            found = _planned(workspace, office.bench.diff())
        spent = _pushed(folder / "pushed", pushed)
    return {**found, "pushed_to_each_side": pushed, **spent}


def _planned(workspace: Workspace, diff: Diff) -> dict[str, Any]:
    inputs, reconciliation = inputs_of(workspace, diff, "both"), diff.reconciliation
    began = time.perf_counter()
    changeset = plan(reconciliation.connection, inputs)
    assert changeset.content_hash
    planned = time.perf_counter()
    foretold = forecast(
        reconciliation.connection,
        changeset,
        mappings=inputs.mappings,
        describes=inputs.describes,
        at=reconciliation.salesforce.ended_at,
    )
    predicted = time.perf_counter()
    convergence = converge(foretold, inputs, zone=workspace.profile.quickbooks.time_zone)
    converged = time.perf_counter()
    return {
        "changes": len(changeset.changes),
        "planning_seconds": round(planned - began, 3),
        "prediction_seconds": round(predicted - planned, 3),
        "convergence_seconds": round(converged - predicted, 3),
        "held": sum(1 for change in foretold.changeset.changes if change.hold),
        "refused": sum(1 for change in foretold.changeset.changes if change.predicted not in ("ok", "")),
        "returning": len(convergence.remaining),
    }


def _pushed(folder: Path, number: int) -> dict[str, int]:
    """Push that many updates to each side through the real queue, server and org, and count."""
    accounts = [
        {
            "Id": push_books.sf("001", each), "Name": f"Account {each}{' Ltd' * (each >= number)}",
            "Type": "Customer - Direct", "Active__c": True, "BillingCity": "Salem",
            "QuickBooks_Id__c": push_books.qb(each),
        }
        for each in range(2 * number)
    ]  # fmt: skip
    customers = [
        {
            "ListID": push_books.qb(each), "Name": f"Account {each}",
            "BillAddress_City": "Troy" if each < number else "Salem",
        }
        for each in range(2 * number)
    ]  # fmt: skip
    requests = Requests()
    books = [{"Id": push_books.BOOK, "Name": "Standard", "IsStandard": True, "IsActive": True}]
    salesforce = {"Account": accounts, "Pricebook2": books}
    with running_office(folder, TEMPLATE, salesforce, {"Customer": customers}, requests.wrap) as office:
        return _push(office, requests, number)


def _push(office: Office, requests: Requests, number: int) -> dict[str, int]:
    changes = office.bench.plan(office.diff())
    sides = [change.side for change in changes.writable]
    assert sides.count("salesforce") == sides.count("quickbooks") == number, sides[:5]
    changes.approve(where="all", by="maria")
    push.start(office.workspace, changes.changeset, by="maria")
    trips: Counter[str] = Counter()
    requests.seen.clear()
    while push.advance(office.workspace, changes.id).open:
        office.workspace.queue.keep_waiting(0)  # nobody looks at canaries while a session is open here
        stage = _stage(office, changes.id)
        trips[stage] += office.connector.update_selected().operations.count("receiveResponseXML")
    counts = office.bench.result(changes.id).counts
    assert counts == {"applied": 2 * number}, counts
    calls = sum("/services/data/" in each for each in requests.seen)
    return {"trips": trips[ALL], "canary_trips": trips[CANARIES], "calls": calls}


def _stage(office: Office, changeset: str) -> str:
    found = push_row(office.workspace.store, changeset)
    assert found is not None
    return found.stage
