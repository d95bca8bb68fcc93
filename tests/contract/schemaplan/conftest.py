"""An office for each story about schema plans, pulled."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.schemaplan.schema_office import Office, running_office


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with running_office(tmp_path) as opened:
        opened.pull()
        yield opened
