"""An embedded Salesforce-like org: real wire formats, real rules, invented data.

It validates as the real org does and answers with the real error shapes; what it doesn't implement
it refuses (a SOQL clause, an address), so nothing passes here by being ignored.  It stands alone and
imports nothing else of `workbench`, or it would share its mistakes.

    from workbench.testorg import ConnectedApp, TestOrg, User, running_org

    org = TestOrg.open("org.sqlite", seed=Path("data/demo/salesforce"), users=[User(...)])
    with running_org(org) as url:
        ...

Floors of the package: server, control -> org -> web -> routes -> the resources (rest, rest_query,
sobject_collections, composite, bulk_rest), soap, oauth -> api, saving, bulk_ingest, bulk_query, bulk_jobs
-> dml, checks, seed, cursors, triggers, duplicates, currencies, access -> query, rules, rules_prices,
saves, incoming -> conditions, store, soql, describe -> values, objects -> fields, schema -> ids, errors,
faults.  What the wire is about (an org) is known below `org` as a type only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .access import ConnectedApp, OrgSettings, User
from .duplicates import DuplicateRule
from .errors import OrgError, SeedError
from .faults import Faults

if TYPE_CHECKING:
    from .org import TestOrg
    from .server import running_org

__all__ = [
    "ConnectedApp",
    "DuplicateRule",
    "Faults",
    "OrgError",
    "OrgSettings",
    "SeedError",
    "TestOrg",
    "User",
    "running_org",
]


def __getattr__(name: str) -> object:
    """Load the org and its server when they are used: `ids` alone must stay light."""
    if name == "TestOrg":
        from .org import TestOrg

        return TestOrg
    if name == "running_org":
        from .server import running_org

        return running_org
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
