"""Every document that a session sends is valid by Intuit's request schema."""

import pytest
from lxml import etree

from qbwc import queue
from tests.oracles import oracle
from tests.unit.qbwc_server.qbwc_driver import (
    SEED,
    Gone,
    add,
    forget_answers,
    lose_everything,
    make_office,
    mod,
)

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


def test_counts_removals_custom_fields_and_what_looks_for_them(tmp_path, schema):
    office = make_office(
        tmp_path,
        seed={
            **SEED,
            "DataExtDef": [
                {"DataExtName": "Region", "DataExtType": "STR255TYPE", "AssignToObject": ["Customer"]}
            ],
        },
    )
    for entity in ("Invoice", "Estimate"):
        office.company.add(
            entity, lines=[{"ItemRef_FullName": "Guiding"}], CustomerRef_FullName="Customer 01", RefNumber="7"
        )
    (bill,), (estimate,) = office.company.records("Invoice"), office.company.records("Estimate")
    customer = office.customer("Customer 01")
    office.enqueue(
        removal("void", "Invoice", bill),
        removal("delete", "Estimate", estimate),
        queue.WriteRequest(
            entity="DataExt",
            action="mod",
            fields={
                "OwnerID": "0",
                "DataExtName": "Region",
                "ListDataExtType": "Customer",
                "ListObjRef_ListID": customer["ListID"],
                "DataExtValue": "West",
            },
            expected={"DataExtValue": ""},
        ),
        queue.WriteRequest(
            entity="Invoice",
            action="add",
            fields={"CustomerRef_ListID": customer["ListID"], "Memo": "wb-1", "TxnDate": "2026-03-30"},
            lines=[{"ItemRef_FullName": "Guiding"}],
            probe={"Memo": "wb-1", "CustomerRef_ListID": customer["ListID"]},
        ),
        *(queue.QueryRequest(entity=name, count_only=True) for name in ("Customer", "Item", "Invoice")),
    )
    sent = []
    office.connector.open = lambda company: Recording(company.session(), sent)
    office.connector.fault = lambda step, _number: step == "run" and any("AddRq" in text for text in sent)
    with pytest.raises(Gone):
        office.connector.update()
    office.connector.fault = lambda _step, _number: False
    forget_answers(office.company)
    office.connector.open = lambda company: Recording(company.session(), sent)
    office.connector.update()
    told = "".join(sent)
    for part in (
        "TxnVoidRq",
        "TxnDelRq",
        "DataExtModRq",
        "ModifiedDateRangeFilter",
        "MetaDataOnly",
        "<OwnerID>0",
    ):
        assert part in told
    assert_valid(schema, sent)
    assert {row.state for row in queue.requests(office.engine)} == {"answered"}


def removal(action, entity, record):
    return queue.WriteRequest(
        entity=entity, action=action, key=record["TxnID"], edit_sequence=record["EditSequence"]
    )


class Recording:
    def __init__(self, session, sent):
        self.session, self.sent = session, sent

    def process(self, text):
        self.sent.append(text)
        return self.session.process(text)
