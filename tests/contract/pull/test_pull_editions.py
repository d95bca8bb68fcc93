"""A QuickBooks edition without a feature: the pull says which, and what to do."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.contract.pull.pull_office import running_office
from workbench.connections import quickbooks_reading as reading
from workbench.errors import ConnectionProblem

RECORDED = "This feature is not enabled or not available in this version of QuickBooks."


class Pro:
    """A session with an edition that has no sales orders."""

    def __init__(self, session: Any) -> None:
        self._session = session

    def process(self, document: str) -> str:
        refused = rf'\1 statusCode="3250" statusSeverity="Error" statusMessage="{RECORDED}" />'
        answer = str(self._session.process(document))
        return re.sub(
            r'(<SalesOrderQueryRs requestID="[^"]*")[^>]*>(?:.*</SalesOrderQueryRs>)?', refused, answer
        )


def test_a_feature_that_the_edition_lacks_is_named_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running_office(tmp_path) as office:
        office.wanted = lambda: reading.everything(["Customer", "SalesOrder"])
        opened = office.company.session
        monkeypatch.setattr(office.company, "session", lambda **more: Pro(opened(**more)))
        with pytest.raises(ConnectionProblem) as caught:
            office.pull()
    assert f"SalesOrder: {RECORDED}" in str(caught.value)
    assert "Switch it on in QuickBooks, or the states of the mappings off that read SalesOrder." in str(
        caught.value
    )
