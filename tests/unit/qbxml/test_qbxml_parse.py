"""Answers: values, lines, unions, trouble in the bytes, memory."""

from __future__ import annotations

import subprocess
import sys
from datetime import date, datetime
from decimal import Decimal as D
from pathlib import Path

import pytest

from qbwc.errors import QbxmlError
from qbwc.qbxml import Record, company_info, message_set_status, parse_records, parse_responses


def answer(body: str, attributes: str = "", prolog: str = '<?xml version="1.0" ?>') -> str:
    """A document around answers."""
    return f"{prolog}\n<QBXML>\n<QBXMLMsgsRs{attributes}>\n{body}\n</QBXMLMsgsRs>\n</QBXML>\n"


def told(tag: str, body: str, attributes: str = 'requestID="1"') -> str:
    """One answer that went well."""
    return (
        f'<{tag} {attributes} statusCode="0" statusSeverity="Info" statusMessage="Status OK">{body}</{tag}>'
    )


def customer(inner: str) -> Record:
    """The one customer of a document."""
    (record,) = parse_records(answer(told("CustomerQueryRs", f"<CustomerRet>{inner}</CustomerRet>")))
    return record


#    inner                                              field                 value
VALUES = [
    ("<Name>A &amp; B</Name>",                          "Name",               "A & B"),
    ("<Name> A </Name>",                                "Name",               " A "),
    ("<Name></Name>",                                   "Name",               None),
    ("<IsActive>true</IsActive>",                       "IsActive",           True),
    ("<IsActive>0</IsActive>",                          "IsActive",           False),
    ("<Sublevel>2</Sublevel>",                          "Sublevel",           2),
    ("<Balance>-12.50</Balance>",                       "Balance",            D("-12.50")),
    ("<Balance>9007199254740993.01</Balance>",          "Balance",            D("9007199254740993.01")),
    ("<JobStartDate>2026-02-03</JobStartDate>",         "JobStartDate",       date(2026, 2, 3)),
    ("<BillAddress><City>Rome</City></BillAddress>",    "BillAddress_City",   "Rome"),
    ("<TermsRef><FullName>Net 30</FullName></TermsRef>", "TermsRef_FullName", "Net 30"),
    ("<PreferredDeliveryMethod>Mail</PreferredDeliveryMethod>", "PreferredDeliveryMethod", "Mail"),
    ("<TimeModified>2026-07-01T08:30:00-08:00</TimeModified>", "TimeModified", datetime(2026, 7, 1, 8, 30)),
    ("<TimeModified>2026-07-01T08:30:00-08:00</TimeModified>",
                                                        "TimeModified_Text",  "2026-07-01T08:30:00-08:00"),
    ("<TimeModified>2026-07-01T08:30:00</TimeModified>", "TimeModified",      datetime(2026, 7, 1, 8, 30)),
    ("<TimeModified>2026-7-1T8:30</TimeModified>",      "TimeModified",       datetime(2026, 7, 1, 8, 30)),
]  # fmt: skip


@pytest.mark.parametrize(("inner", "field", "value"), VALUES)
def test_values(inner: str, field: str, value: object) -> None:
    assert customer(inner).fields[field] == value


def test_what_an_answer_does_not_hold_is_not_in_it() -> None:
    assert customer("<ListID>8</ListID>").fields == {"ListID": "8"}


def test_elements_nobody_described_are_stepped_over() -> None:
    unknown = "<BillAddressBlock><Addr1>x</Addr1></BillAddressBlock><New15>y</New15>"
    assert customer(f"<ListID>8</ListID>{unknown}<Name>N</Name>").fields == {"ListID": "8", "Name": "N"}


@pytest.mark.parametrize(
    ("inner", "field"),
    [
        ("<Balance>12,50</Balance>", "Balance"),
        ("<IsActive>yes</IsActive>", "IsActive"),
        ("<TimeModified>yesterday</TimeModified>", "TimeModified"),
        ("<JobStartDate>2026-02-30</JobStartDate>", "JobStartDate"),
    ],
)
def test_a_value_that_cannot_be_read_names_field_and_value(inner: str, field: str) -> None:
    with pytest.raises(QbxmlError) as raised:
        customer(inner)
    assert (raised.value.entity, raised.value.field) == ("Customer", field)


def test_every_answer_of_a_set_is_told() -> None:
    document = answer(
        told("CustomerQueryRs", "<CustomerRet><ListID>1</ListID></CustomerRet>" * 2,
             'requestID="a" iteratorRemainingCount="7" iteratorID="{i}" retCount="9"')
        + '<InvoiceAddRs requestID="b" statusCode="3140" statusSeverity="Error" statusMessage="&quot;J"/>'
        + '<VendorQueryRs statusCode="1" statusSeverity="Info" statusMessage="none"/>'
        + '<TodoQueryRs requestID="c" statusCode="0" statusSeverity="Info"><TodoRet/></TodoQueryRs>'
    )  # fmt: skip
    found = list(parse_responses(document))
    assert [(each.request_id, each.name, each.status_code, len(each.records)) for each in found] == [
        ("a", "CustomerQueryRs", 0, 2), ("b", "InvoiceAddRs", 3140, 0), ("", "VendorQueryRs", 1, 0),
        ("c", "TodoQueryRs", 0, 0),
    ]  # fmt: skip
    assert (found[0].iterator_remaining, found[0].iterator_id, found[0].ret_count) == (7, "{i}", 9)
    assert (found[1].severity, found[1].message) == ("Error", '"J')
    assert found[1].iterator_remaining is None


def test_a_set_with_no_answers() -> None:
    assert list(parse_responses(answer(""))) == []


LINES = """
    <TxnID>T</TxnID>
    <InvoiceLineRet><TxnLineID>L1</TxnLineID><ItemRef><ListID>I</ListID></ItemRef><Amount>5.00</Amount>
      </InvoiceLineRet>
    <InvoiceLineGroupRet><TxnLineID>G</TxnLineID><ItemGroupRef><FullName>Kit</FullName></ItemGroupRef>
      <TotalAmount>3.00</TotalAmount><InvoiceLineRet><TxnLineID>L2</TxnLineID></InvoiceLineRet>
      </InvoiceLineGroupRet>
    <InvoiceLineRet><TxnLineID>L3</TxnLineID></InvoiceLineRet>"""


def test_lines_keep_their_order_and_say_which_group_they_belong_to() -> None:
    (record,) = parse_records(answer(told("InvoiceQueryRs", f"<InvoiceRet>{LINES}</InvoiceRet>")))
    lines = record.lines["InvoiceLine"]
    told_of = ("TxnID", "SeqNo", "TxnLineID", "GroupTxnLineID")
    assert [tuple(line.get(name) for name in told_of) for line in lines] == [
        ("T", 1, "L1", None), ("T", 2, "L2", "G"), ("T", 3, "L3", None),
    ]  # fmt: skip
    assert (lines[0]["ItemRef_ListID"], lines[0]["Amount"]) == ("I", D("5.00"))
    assert record.lines["InvoiceLineGroup"][0]["TotalAmount"] == D("3.00")


def test_a_transaction_without_lines_has_none() -> None:
    (record,) = parse_records(answer(told("InvoiceQueryRs", "<InvoiceRet><TxnID>T</TxnID></InvoiceRet>")))
    assert record.lines == {"InvoiceLine": []}


#    answer                                                       lines: (place, what it holds)
MEMBERS = [
    ("ItemGroup",
     "<ItemGroupRet><ListID>8</ListID><ItemGroupLine><ItemRef><ListID>I</ListID></ItemRef>"
     "<Quantity>2</Quantity></ItemGroupLine><ItemGroupLine><ItemRef><ListID>J</ListID></ItemRef>"
     "</ItemGroupLine></ItemGroupRet>", "ItemGroupLine",
     [{"ListID": "8", "SeqNo": 1, "ItemRef_ListID": "I", "Quantity": D(2)},
      {"ListID": "8", "SeqNo": 2, "ItemRef_ListID": "J"}]),
    ("ItemSalesTaxGroup",
     "<ItemSalesTaxGroupRet><ListID>8</ListID><ItemSalesTaxRef><ListID>I</ListID><FullName>State</FullName>"
     "</ItemSalesTaxRef><ItemSalesTaxRef><ListID>J</ListID></ItemSalesTaxRef></ItemSalesTaxGroupRet>",
     "ItemSalesTaxGroupLine",
     [{"ListID": "8", "SeqNo": 1, "ItemSalesTaxRef_ListID": "I", "ItemSalesTaxRef_FullName": "State"},
      {"ListID": "8", "SeqNo": 2, "ItemSalesTaxRef_ListID": "J"}]),
    ("ReceivePayment",
     "<ReceivePaymentRet><TxnID>P</TxnID><AppliedToTxnRet><TxnID>T</TxnID><TxnType>Invoice</TxnType>"
     "<Amount>5.00</Amount></AppliedToTxnRet></ReceivePaymentRet>", "AppliedToTxn",
     [{"TxnID": "P", "SeqNo": 1, "AppliedTxnID": "T", "TxnType": "Invoice", "Amount": D("5.00")}]),
    ("ItemGroup", "<ItemGroupRet><ListID>8</ListID></ItemGroupRet>", "ItemGroupLine", []),
]  # fmt: skip


@pytest.mark.parametrize(("entity", "body", "table", "lines"), MEMBERS)
def test_members_and_what_a_payment_pays(
    entity: str, body: str, table: str, lines: list[dict[str, object]]
) -> None:
    (record,) = parse_records(answer(told(f"{entity}QueryRs", body)))
    assert record.lines == {table: lines}
    assert list(record.fields) == ["TxnID" if entity == "ReceivePayment" else "ListID"]


def test_members_come_with_the_union_too() -> None:
    (record,) = parse_records(answer(told("ItemQueryRs", MEMBERS[0][1])))
    assert (record.entity, record.raw_entity, record.fields["Type"]) == ("Item", "ItemGroup", "Group")
    assert len(record.lines["ItemGroupLine"]) == 2


#    answer       body                                                                        record
GONE = [
    ("TxnVoidRs", "<TxnVoidType>Invoice</TxnVoidType><TxnID>T</TxnID><RefNumber>7</RefNumber>",
     ("Invoice", "Invoice", {"TxnID": "T", "RefNumber": "7"})),
    ("TxnDelRs",  "<TxnDelType>Estimate</TxnDelType><TxnID>T</TxnID>"
                  "<TimeDeleted>2026-07-01T08:30:00-08:00</TimeDeleted>",
     ("Estimate", "Estimate", {"TxnID": "T", "TimeDeleted": datetime(2026, 7, 1, 8, 30),
                               "TimeDeleted_Text": "2026-07-01T08:30:00-08:00"})),
    ("ListDelRs", "<ListDelType>ItemService</ListDelType><ListID>8</ListID><FullName>N</FullName>",
     ("Item", "ItemService", {"ListID": "8", "FullName": "N"})),
    ("TxnVoidRs", "", None),
]  # fmt: skip


@pytest.mark.parametrize(("tag", "body", "record"), GONE)
def test_the_answer_to_a_void_and_a_deletion_names_the_record(
    tag: str, body: str, record: tuple[str, str, dict[str, object]] | None
) -> None:
    (response,) = parse_responses(answer(told(tag, body)))
    found = [(each.entity, each.raw_entity, each.fields) for each in response.records]
    assert found == ([] if record is None else [record])
    assert (response.request_id, response.status_code) == ("1", 0)


def test_an_answer_to_a_void_stands_between_others() -> None:
    body = told("CustomerQueryRs", "<CustomerRet/>", 'requestID="a"') + told("TxnVoidRs", GONE[0][1]) + (
        told("CustomerQueryRs", "<CustomerRet/><CustomerRet/>", 'requestID="b"')
    )  # fmt: skip
    found = list(parse_responses(answer(body)))
    assert [(each.request_id, len(each.records)) for each in found] == [("a", 1), ("1", 1), ("b", 2)]


def test_a_count_has_no_records() -> None:
    (response,) = parse_responses(answer(told("InvoiceQueryRs", "", 'requestID="1" retCount="1204"')))
    assert (response.ret_count, response.records) == (1204, [])


def test_several_values_of_one_element_are_one_text() -> None:
    body = "".join(f"<SupportedQBXMLVersion>{each}</SupportedQBXMLVersion>" for each in ("12.0", "13.0"))
    (record,) = parse_records(answer(told("HostQueryRs", f"<HostRet>{body}</HostRet>")))
    assert record.fields == {"SupportedQBXMLVersion": "12.0;13.0"}


SERVICE = (
    "<ItemServiceRet><ListID>8</ListID><Name>N</Name><SalesOrPurchase><Desc>d</Desc><Price>2.5</Price>"
    "<AccountRef><ListID>A</ListID></AccountRef></SalesOrPurchase></ItemServiceRet>"
)
BOUGHT = (
    "<ItemNonInventoryRet><ListID>9</ListID><ManufacturerPartNumber>M</ManufacturerPartNumber>"
    "<SalesAndPurchase><SalesDesc>d</SalesDesc><SalesPrice>2.5</SalesPrice>"
    "<IncomeAccountRef><ListID>A</ListID></IncomeAccountRef></SalesAndPurchase></ItemNonInventoryRet>"
)
STOCK = (
    "<ItemInventoryRet><ListID>10</ListID><SalesPrice>2.5</SalesPrice>"
    "<COGSAccountRef><ListID>C</ListID></COGSAccountRef></ItemInventoryRet>"
)
DISCOUNT = (
    "<ItemDiscountRet><ListID>11</ListID><ItemDesc>d</ItemDesc>"
    "<DiscountRate>2.5</DiscountRate></ItemDiscountRet>"
)
TAX = "<ItemSalesTaxRet><ListID>12</ListID><Name>Tax</Name><TaxRate>8.5</TaxRate></ItemSalesTaxRet>"
# A type that nothing but the union describes.
ASSEMBLY = "<ItemInventoryAssemblyRet><ListID>13</ListID><Name>Kit</Name></ItemInventoryAssemblyRet>"


@pytest.mark.parametrize(("body", "name"), [(TAX, "Tax"), (ASSEMBLY, None), (SERVICE, None)])
def test_the_name_of_a_flat_item_is_its_full_name(body: str, name: str | None) -> None:
    """Of the others, what the answer does not hold stays unknown: a parent may stand before it."""
    (record,) = parse_records(answer(told("ItemQueryRs", body)))
    assert record.fields.get("FullName") == name


def test_a_tax_item_tells_its_rate() -> None:
    (record,) = parse_records(answer(told("ItemQueryRs", TAX)))
    assert (record.fields["Type"], record.fields["TaxRate"]) == ("SalesTax", D("8.5"))


def test_items_of_all_types_look_alike() -> None:
    body = SERVICE + BOUGHT + STOCK + DISCOUNT + TAX
    found = list(parse_records(answer(told("ItemQueryRs", body))))
    assert [record.entity for record in found] == ["Item"] * 5
    assert [record.raw_entity for record in found][:2] == ["ItemService", "ItemNonInventory"]
    rows = [record.fields for record in found]
    assert [row["Type"] for row in rows] == ["Service", "NonInventory", "Inventory", "Discount", "SalesTax"]
    assert [row.get("Price") for row in rows] == [D("2.5")] * 4 + [None]
    assert [row.get("Desc") for row in rows] == ["d", "d", None, "d", None]
    assert [row.get("AccountRef_ListID") for row in rows] == ["A", "A", None, None, None]
    assert [row.get("SalesBranch") for row in rows] == [
        "SalesOrPurchase",
        "SalesAndPurchase",
        None,
        None,
        None,
    ]
    assert rows[1]["ManufacturerPartNumber"] == "M"
    assert rows[2]["COGSAccountRef_ListID"] == "C"
    assert "SalesOrPurchase_Price" not in rows[0]
    assert found[0].raw_fields["SalesOrPurchase_Price"] == D("2.5")


def test_an_item_asked_by_its_own_query_keeps_its_own_names() -> None:
    (record,) = parse_records(answer(told("ItemServiceQueryRs", SERVICE)))
    assert (record.entity, record.fields["SalesOrPurchase_Price"]) == ("ItemService", D("2.5"))
    assert "Price" not in record.fields


def test_the_answer_to_a_written_item_has_both_views() -> None:
    (record,) = parse_records(answer(told("ItemServiceAddRs", SERVICE)))
    assert (record.entity, record.raw_entity) == ("Item", "ItemService")
    assert record.fields["Price"] == record.fields["SalesOrPurchase_Price"] == D("2.5")


def test_terms_of_both_kinds() -> None:
    body = (
        "<StandardTermsRet><ListID>1</ListID><StdDueDays>30</StdDueDays></StandardTermsRet>"
        "<DateDrivenTermsRet><ListID>2</ListID><Name>15th</Name></DateDrivenTermsRet>"
    )
    found = [record.fields for record in parse_records(answer(told("TermsQueryRs", body)))]
    assert [(row["Type"], row.get("StdDueDays"), row.get("Name")) for row in found] == [
        ("Standard", 30, None), ("DateDriven", None, "15th"),
    ]  # fmt: skip


def test_only_the_records_of_one_request() -> None:
    body = told("CustomerQueryRs", "<CustomerRet><ListID>1</ListID></CustomerRet>", 'requestID="a"') + told(
        "CustomerQueryRs", "<CustomerRet><ListID>2</ListID></CustomerRet>", 'requestID="b"'
    )
    assert [record.fields["ListID"] for record in parse_records(answer(body), "b")] == ["2"]
    assert [record.fields["ListID"] for record in parse_records(answer(body), "c")] == []


# -- trouble in the bytes ------------------------------------------------------------------------------------

#    why                              sent               read
TEXTS = [
    ("forbidden references vanish",   "a&#x7;&#0;&#x1f;b", "ab"),
    ("tab and line break stay",       "a&#9;b&#10;c",      "a\tb\nc"),
    ("a Windows apostrophe",          "it&#146;s",         "it’s"),
    ("a Windows apostrophe in hex",   "it&#x92;s",         "it’s"),
    ("an undefined place in 1252",    "a&#129;b",          "ab"),
    ("Latin",                         "Zo&#235;",          "Zoë"),
    ("half of a pair",                "a&#xD83D;b",        "ab"),
    ("beyond Unicode",                "a&#x110000;b",      "ab"),
    ("raw control characters",        "a\x07b",            "ab"),
    ("an entity of XML",              "&lt;&amp;&#38;",    "<&&"),
]  # fmt: skip


@pytest.mark.parametrize(("why", "sent", "read"), TEXTS)
def test_characters(why: str, sent: str, read: str) -> None:
    assert customer(f"<Name>{sent}</Name>").fields["Name"] == read


def test_a_text_that_names_an_encoding_is_not_decoded_twice() -> None:
    document = answer(
        told("CustomerQueryRs", "<CustomerRet><Name>Zoë</Name></CustomerRet>"),
        prolog='<?xml version="1.0" encoding="windows-1252"?>',
    )
    (record,) = parse_records(document)
    assert record.fields["Name"] == "Zoë"
    (record,) = parse_records(document.encode("cp1252"))
    assert record.fields["Name"] == "Zoë"


def test_white_space_and_a_mark_before_the_prolog_do_no_harm() -> None:
    document = answer(told("CustomerQueryRs", "<CustomerRet><Name>N</Name></CustomerRet>"))
    assert len(list(parse_records("\ufeff \r\n" + document))) == 1


#    why                    document
MALFORMED = [
    ("cut off",             answer(told("CustomerQueryRs", "<CustomerRet><Name>N</Name>"))[:-60]),
    ("crossed elements",    answer("<CustomerQueryRs><CustomerRet></CustomerQueryRs></CustomerRet>")),
    ("a bare ampersand",    answer(told("CustomerQueryRs", "<CustomerRet><Name>A & B</Name></CustomerRet>"))),
    ("an unknown entity",   answer(told("CustomerQueryRs", "<CustomerRet>&nbsp;</CustomerRet>"))),
    ("empty",               ""),
    ("no XML",              "QuickBooks is busy"),
]  # fmt: skip


@pytest.mark.parametrize(("why", "document"), MALFORMED)
def test_malformed_answers_tell_line_and_column(why: str, document: str) -> None:
    with pytest.raises(QbxmlError, match=r"malformed qbXML at line \d+, column \d+"):
        list(parse_responses(document))


@pytest.mark.parametrize("text", ["0x10", "1.5", "9" * 400, "\u0663", "-"])
@pytest.mark.parametrize("name", ["statusCode", "iteratorRemainingCount", "retCount", "messageSetStatusCode"])
def test_a_number_of_the_envelope_that_is_none_is_told(name: str, text: str) -> None:
    attribute = f' {name}="{text}"'
    envelope = attribute if name == "messageSetStatusCode" else ""
    body = "" if envelope else f'<CustomerQueryRs requestID="1"{attribute}/>'
    with pytest.raises(QbxmlError, match=f"{name} is '{text[0]}.*, not a number"):
        (message_set_status if envelope else lambda document: list(parse_responses(document)))(
            answer(body, envelope)
        )


def test_the_excerpt_of_a_malformed_answer_is_short() -> None:
    with pytest.raises(QbxmlError) as raised:
        list(parse_responses(answer("<CustomerQueryRs>" + "x" * 5000 + "</Oops>")))
    assert len(str(raised.value.value)) <= 60


def test_a_document_type_is_refused() -> None:
    bomb = '<?xml version="1.0"?><!DOCTYPE QBXML [<!ENTITY a "aaaa">]><QBXML>&a;</QBXML>'
    with pytest.raises(QbxmlError, match="DOCTYPE"):
        list(parse_responses(bomb))


def test_a_page_costs_the_memory_of_a_record() -> None:
    """Resident memory of a child process, because what lxml holds is invisible to tracemalloc."""
    grown, page = (int(word) for word in run_python(GROWTH).split())
    assert page > 30_000_000
    assert grown < page / 5


GROWTH = """
import psutil
from qbwc.qbxml import parse_records
ret = "<CustomerRet><ListID>1</ListID><Name>N</Name><Notes>" + "x" * 1000 + "</Notes></CustomerRet>"
answer = f"<CustomerQueryRs requestID='1' statusCode='0' statusSeverity='I'>{ret * 30000}</CustomerQueryRs>"
page = f"<QBXML><QBXMLMsgsRs>{answer}</QBXMLMsgsRs></QBXML>".encode()
del answer
records = parse_records(page)
next(records)
before = psutil.Process().memory_info().rss
most = max(psutil.Process().memory_info().rss for number, _ in enumerate(records) if number % 500 == 0)
print(most - before, len(page))
"""


def run_python(code: str) -> str:
    """Standard output of a fresh interpreter in the checkout."""
    root = Path(__file__).resolve().parents[3]
    return subprocess.run(
        [sys.executable, "-c", code], cwd=root, check=True, capture_output=True, text=True, timeout=120
    ).stdout


# -- the envelope and the company -----------------------------------------------------------------------

#    attributes                                                 code   id
SETS = [
    ("",                                                        None,  None),
    (' newMessageSetID="M" messageSetStatusCode="0"',           0,     "M"),
    (' messageSetStatusCode="9002"',                            9002,  None),
    (' statusCode="9002"',                                      9002,  None),
]  # fmt: skip


@pytest.mark.parametrize(("attributes", "code", "identity"), SETS)
def test_the_code_of_a_message_set(attributes: str, code: int | None, identity: str | None) -> None:
    status = message_set_status(answer("", attributes))
    assert (status.code, status.new_message_set_id) == (code, identity)


def test_a_document_that_is_no_answer() -> None:
    with pytest.raises(QbxmlError, match="no QBXMLMsgsRs"):
        message_set_status("<QBXML/>")


OWNER = "{57F3B9B1-86F1-4FCC-B1EE-566DE1813D20}"
FILE = "{90A44FB5-33D9-4815-AC85-BC87A7E7D1EB}"


def private(name: str, value: str) -> str:
    """One row of private data, as QBWC keeps it in a company file."""
    return (
        f"<DataExtRet><OwnerID>{OWNER}</OwnerID><DataExtName>{name}</DataExtName>"
        f"<DataExtType>STR255TYPE</DataExtType><DataExtValue>{value}</DataExtValue></DataExtRet>"
    )


HOST = (
    "<HostRet><ProductName>QB</ProductName><Country>US</Country>"
    "<SupportedQBXMLVersion>12.0</SupportedQBXMLVersion>"
    "<SupportedQBXMLVersion>13.0</SupportedQBXMLVersion><QBFileMode>SingleUser</QBFileMode></HostRet>"
)
COMPANY = (
    f"<CompanyRet><CompanyName>Alder</CompanyName>{private('FileID', FILE)}{private('AppLock', 'LOCKED')}"
    "</CompanyRet>"
)
HANDED_OVER = answer(told("HostQueryRs", HOST) + told("CompanyQueryRs", COMPANY))


def test_which_company_file_answers() -> None:
    info = company_info(HANDED_OVER, file_path="C:\\a.qbw")
    assert (info.company_name, info.country, info.file_mode, info.file_path) == (
        "Alder", "US", "SingleUser", "C:\\a.qbw",
    )  # fmt: skip
    assert info.supported_versions == ("12.0", "13.0")
    assert info.file_ids == {OWNER: FILE}
    assert info.file_id(OWNER.lower()) == FILE
    assert info.file_id("{other}") is None


PREFERENCES = (
    "<PreferencesRet><AccountingPreferences><IsUsingClassTracking>true</IsUsingClassTracking>{}"
    "</AccountingPreferences><MultiCurrencyPreferences><IsMultiCurrencyOn>false</IsMultiCurrencyOn>"
    "</MultiCurrencyPreferences><CurrentAppAccessRights><IsPersonalDataAccessAllowed>true"
    "</IsPersonalDataAccessAllowed></CurrentAppAccessRights></PreferencesRet>"
)

#    why              element                                      date
CLOSING = [
    ("closed",        "<ClosingDate>2025-12-31</ClosingDate>",     date(2025, 12, 31)),
    ("never closed",  "",                                          None),
    ("empty",         "<ClosingDate></ClosingDate>",               None),
    ("unreadable",    "<ClosingDate>soon</ClosingDate>",           None),
]  # fmt: skip


@pytest.mark.parametrize(("why", "element", "closed"), CLOSING)
def test_what_the_preferences_allow(why: str, element: str, closed: date | None) -> None:
    said = told("PreferencesQueryRs", PREFERENCES.format(element))
    info = company_info(answer(told("CompanyQueryRs", COMPANY) + said))
    assert (info.closing_date, info.multi_currency, info.class_tracking, info.personal_data) == (
        closed, False, True, True,
    )  # fmt: skip


def test_preferences_that_are_not_told_are_not_guessed() -> None:
    info = company_info(HANDED_OVER)
    assert (info.closing_date, info.dividing_date, info.multi_currency, info.personal_data) == (None,) * 4
    away = COMPANY.replace(
        "</CompanyRet>",
        "<AccountantCopy><AccountantCopyExists>true</AccountantCopyExists>"
        "<DividingDate>2026-06-30</DividingDate></AccountantCopy></CompanyRet>",
    )
    assert company_info(answer(told("CompanyQueryRs", away))).dividing_date == date(2026, 6, 30)


@pytest.mark.parametrize("document", ["", "<QBXML>", answer("")])
def test_no_company_is_told_as_trouble(document: str) -> None:
    with pytest.raises(QbxmlError):
        company_info(document)
