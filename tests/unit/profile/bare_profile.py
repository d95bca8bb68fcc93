"""A profile without a template's mappings: reading those takes longer than most tests."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

from workbench.profile import (
    Profile,
    QuickBooksSettings,
    SalesforceSettings,
    write_profile,
    write_secrets,
)
from workbench.templates import OWNER_ID


def bare_profile(folder: Path, salesforce: SalesforceSettings | None = None, **quickbooks: Any) -> Profile:
    """Make one in a folder, with QuickBooks settings other than the usual ones if given."""
    profile = Profile(
        name="books",
        folder=folder,
        template="",
        master="both",
        salesforce=salesforce or SalesforceSettings(url="https://example.my.salesforce.com"),
        quickbooks=QuickBooksSettings(
            company=str(uuid.uuid4()),
            owner_id=OWNER_ID,
            file_id="{" + str(uuid.uuid4()).upper() + "}",
            **quickbooks,
        ),
        store_url=f"sqlite:///{(folder / 'data' / 'store.sqlite').as_posix()}",
    )
    write_profile(profile)
    return profile


SMALLEST = """\
mapping: account-customer
salesforce: {object: Account, label: Name}
quickbooks: {object: Customer, label: FullName}
states: {AccountToCustomer: {to: quickbooks}}
operations: {salesforce: [add, modify], quickbooks: [add, modify]}
match: [{rule: name, field: name, how: exact, accept: true}]
fields:
  name: {salesforce: Name, quickbooks: Name, type: name, required: true}
"""


def make_valid(profile: Profile) -> Profile:
    """Give a profile what a push goes on from: secrets, an address, and one small mapping."""
    needed = ("salesforce.client_id", "salesforce.client_secret", "quickbooks.password")
    write_secrets(profile, {name: "given" for name in needed if profile.secret_if_set(name) is None})
    (profile.mappings / "account-customer.yaml").write_text(SMALLEST, encoding="utf-8")
    return profile
