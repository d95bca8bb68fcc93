"""A store, a company file and a Web Connector for each story."""

import pytest

from tests.unit.qbwc_server.qbwc_driver import make_office


@pytest.fixture
def office(tmp_path):
    made = make_office(tmp_path)
    yield made
    made.company.close()
    made.engine.dispose()
