"""Every document that a session sends is valid by Intuit's request schema."""

import pytest
from lxml import etree

from qbwc import queue
from tests.oracles import oracle
from tests.unit.qbwc_server.qbwc_driver import add, lose_everything, make_office, mod

pytestmark = pytest.mark.oracle

PLAIN = ("Terms", "Account", "Vendor", "Employee", "OtherName")
PARTS = (
    "CustomerAddRq",
    "CustomerModRq",
    "oldMessageSetID",
    "probe-",
    'iterator="Continue"',
    "ListDeletedQueryRq",
)


@pytest.fixture(scope="module")
def schema():
    return etree.XMLSchema(etree.parse(str(oracle("qbxml/requests/qbxmlops130.xsd"))))


def assert_valid(schema, documents):
    for document in documents:
        schema.assertValid(etree.fromstring(document.encode()))


def test_queries_writes_status_checks_probes_and_clearing(tmp_path, schema):
    office = make_office(tmp_path)
    one, two = office.customer("Customer 01"), office.customer("Customer 02")
    office.enqueue(
        add("Newcomer", Phone="1", request_id="newcomer"),
        add("Job", request_id="job", ParentRef_ListID={"$answer": "newcomer", "field": "ListID"}),
        mod(one, Phone="2", Fax=None),
        mod(two, Phone="2", expected={"Phone": "555-0002"}),
        *(
            queue.QueryRequest(entity=entity, max_returned=3, from_modified="2026-01-01T00:00:00")
            for entity in ("Customer", "Item", "Invoice")
        ),
        *(queue.QueryRequest(entity=entity) for entity in PLAIN),
        queue.QueryRequest(entity="ListDeleted", types=("Customer",), from_modified="2026-01-01T00:00:00"),
    )
    office.company.edit("Customer", "Customer 02", Fax="9")
    sent = []
    office.connector.open = lambda company: Recording(company.session(), sent)
    lose_everything(office, "run")
    office.connector.open = lambda company: Recording(company.session(), sent)
    office.connector.update()
    told = "".join(sent)
    for part in PARTS:
        assert part in told
    assert_valid(schema, sent)
    # The second change met a moved record in a set whose answer was lost: that one is for a person.
    assert {row.state for row in queue.requests(office.engine)} == {"answered", "unknown"}


class Recording:
    def __init__(self, session, sent):
        self.session, self.sent = session, sent

    def process(self, text):
        self.sent.append(text)
        return self.session.process(text)
