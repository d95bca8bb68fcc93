"""The API calls that many updates cost, through jobs of Bulk API 2.0 and through Collections.

What is counted is what reached the org, logins left out; re-reads before and after are told apart.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.contract.salesforce.salesforce_office import Office, running_office
from workbench.connections.salesforce import SalesforceConnection

ALL = 100_000


def count(folder: Path, writes: int) -> dict[str, Any]:
    """Push that many updates each way; answers calls by their names in the design."""
    found: dict[str, Any] = {"writes": writes}
    for way, bulk_above in (("bulk", 200), ("collections", ALL)):
        accounts = [
            {"Id": f"001{number:012}AAA", "Name": f"Account {number}"} for number in range(1, writes + 1)
        ]
        with running_office(folder / way, {"Account": accounts}) as office:
            seen = _pushed(office, [str(each["Id"]) for each in accounts], bulk_above)
        rereads = [each for each in seen if "/query" in each or each.endswith("/composite/sobjects/Account")]
        found[f"calls_{way}"] = len(seen) - len(rereads)
        found[f"rereads_{way}"] = len(rereads)
    return found


def _pushed(office: Office, ids: list[str], bulk_above: int) -> list[str]:
    office.pull()
    settings = replace(office.profile.salesforce, bulk_above=bulk_above)
    office.workspace._salesforce = SalesforceConnection(replace(office.profile, salesforce=settings))
    changes = [office.update("Account", id_, Phone=f"555-{number}") for number, id_ in enumerate(ids)]
    office.requests.seen.clear()
    changeset = office.push(*changes)
    told = office.advance(changeset).counts
    assert told == {"applied": len(ids)}, told
    return [each for each in office.requests.seen if "/services/data/" in each]
