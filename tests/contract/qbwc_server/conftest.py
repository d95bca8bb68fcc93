"""An office whose Web Connector reaches the desk over HTTP."""

import pytest

from qbwc.service import running_server
from tests.contract.qbwc_server.qbwc_wire import Wire
from tests.unit.qbwc_server.qbwc_driver import make_office


@pytest.fixture
def office(tmp_path):
    made = make_office(tmp_path)
    with running_server(made.engine) as url:
        made.url = url
        made.wire = made.connector.calls = Wire(url)
        yield made
    made.company.close()
    made.engine.dispose()
