"""A profile without mappings: reading a template's takes longer than most tests."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

from workbench.profile import Profile, QuickBooksSettings, SalesforceSettings, write_profile
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
