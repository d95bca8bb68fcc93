"""Custom fields: their definitions, their columns, their values written and read."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal as D
from typing import Any

import pytest
from lxml import etree

from qbwc.descriptor import columns, custom_column, describe
from qbwc.errors import QbxmlError
from qbwc.qbxml import (
    build_add,
    build_mod,
    build_query,
    check_custom,
    check_write,
    custom_text,
    data_ext,
    parse_records,
    parse_responses,
)

OWNER = "{57F3B9B1-86F1-4FCC-B1EE-566DE1813D20}"


def definition(
    name: str = "Region", kind: str = "STR255TYPE", to: str = "Customer", owner: str = "0"
) -> dict[str, object]:
    """The fields of a DataExtDef record."""
    return {"OwnerID": owner, "DataExtName": name, "DataExtType": kind, "AssignToObject": to}


#    type            column type      kind
TYPES = [
    ("STR255TYPE",   "VARCHAR",       "text"),
    ("STR1024TYPE",  "VARCHAR",       "text"),
    ("INTTYPE",      "BIGINT",        "int"),
    ("AMTTYPE",      "DECIMAL(18,2)", "amount"),
    ("PRICETYPE",    "DECIMAL(18,5)", "price"),
    ("QUANTYPE",     "DECIMAL(18,5)", "quantity"),
    ("PERCENTTYPE",  "DECIMAL(18,5)", "percent"),
    ("DATETIMETYPE", "TIMESTAMP",     "time"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "column", "value"), TYPES)
def test_the_column_of_a_definition(kind: str, column: str, value: str) -> None:
    made = custom_column(definition(kind=kind))
    assert (made.name, made.type, made.kind) == ("Custom_Region", column, value)


def test_a_private_field_has_its_owner_in_the_name() -> None:
    assert custom_column(definition(owner=OWNER)).name == f"Custom_{OWNER}.Region"


@pytest.mark.parametrize("kind", ["STR9TYPE", None])
def test_a_definition_of_an_unknown_type_is_refused(kind: Any) -> None:
    with pytest.raises(QbxmlError, match="'Region' is of type"):
        custom_column(definition(kind=kind))


#    table          assigned to         owner   column is there
ASSIGNED = [
    ("Customer",    "Customer",         "0",    True),
    ("Customer",    "Vendor;Customer",  "0",    True),
    ("Customer",    "Vendor",           "0",    False),
    ("Customer",    "",                 "0",    False),
    ("Item",        "Item",             "0",    True),
    ("ItemService", "Item",             "0",    True),
    ("Invoice",     "Invoice",          OWNER,  True),
    ("Invoice",     "Customer",         "0",    True),   # shown on the form of the transaction
    ("Invoice",     "Customer",         OWNER,  False),
    ("InvoiceLine", "Item",             "0",    True),
    ("InvoiceLine", "Invoice",          OWNER,  True),
    ("InvoiceLine", "Customer",         "0",    False),
    ("ItemGroupLine", "Item",           "0",    False),
    ("Terms",       "Customer",         "0",    False),
]  # fmt: skip


@pytest.mark.parametrize(("table", "to", "owner", "there"), ASSIGNED)
def test_a_table_has_the_custom_fields_assigned_to_its_records(
    table: str, to: str, owner: str, there: bool
) -> None:
    made = columns(table, [definition(to=to, owner=owner)])
    assert made[: len(columns(table))] == columns(table)
    assert bool(made[len(columns(table)) :]) is there


def test_a_time_has_two_columns_and_a_name_one_place() -> None:
    since = definition("Since", "DATETIMETYPE")
    made = columns("Customer", [since, definition(), definition(), definition("REGION")])
    assert [column.name for column in made[-3:]] == ["Custom_Since", "Custom_Since_Text", "Custom_Region"]


#    type            length  precision  scale
LENGTHS = [
    ("STR255TYPE",   255,    0,         0),
    ("STR1024TYPE",  1024,   0,         0),
    ("AMTTYPE",      0,      15,        2),
    ("INTTYPE",      0,      0,         0),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "length", "precision", "scale"), LENGTHS)
def test_a_describe_tells_of_custom_fields(kind: str, length: int, precision: int, scale: int) -> None:
    told: Any = describe("Customer", [definition(kind=kind, owner=OWNER)])["fields"]
    field = told[-1]
    assert (field["custom"], field["OwnerID"], field["DataExtName"]) == (True, OWNER, "Region")
    assert (field["label"], field["length"], field["precision"], field["scale"]) == (
        "Region", length, precision, scale,
    )  # fmt: skip
    assert {each["custom"] for each in told[:-1]} == {False}
    assert all(each["name"] != field["name"] for each in told[:-1])


#    type            value                          text, or the limit that it breaks
VALUES = [
    ("STR255TYPE",   "x" * 255,                     "x" * 255),
    ("STR255TYPE",   "x" * 256,                     255),
    ("STR1024TYPE",  "x" * 1024,                    "x" * 1024),
    ("STR1024TYPE",  "x" * 1025,                    1024),
    ("STR255TYPE",   "Łódź",                        "Windows-1252"),
    ("AMTTYPE",      D("-12.5"),                    "-12.50"),
    ("AMTTYPE",      D("0"),                        "0.00"),
    ("AMTTYPE",      D("12.505"),                   2),
    ("AMTTYPE",      12.5,                          "Decimal"),
    ("INTTYPE",      7,                             "7"),
    ("INTTYPE",      D("7.5"),                      "whole number"),
    ("QUANTYPE",     D("0.00001"),                  "0.00001"),
    ("QUANTYPE",     D("0.000001"),                 5),
    ("DATETIMETYPE", datetime(2026, 7, 1, 8, 30),   "2026-07-01T08:30:00"),
    ("DATETIMETYPE", "2026-07-01T08:30:00-08:00",   "YYYY-MM-DDTHH:MM:SS"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "value", "expected"), VALUES)
def test_a_value_is_checked_by_its_definition(kind: str, value: object, expected: object) -> None:
    found = check_custom(definition(kind=kind), value)
    if not found:
        assert custom_text(definition(kind=kind), value) == expected
        return
    assert [each.limit for each in found] == [expected]
    with pytest.raises(QbxmlError, match=r"DataExt\.Custom_Region"):
        custom_text(definition(kind=kind), value)


# -- writing ---------------------------------------------------------------------------------------------

#    entity         line   the record in the request, as tags and texts
TARGETS = [
    ("Customer",    None,  "ListDataExtType=Customer ListObjRef/ListID=K"),
    ("Item",        None,  "ListDataExtType=Item ListObjRef/ListID=K"),
    ("ItemService", None,  "ListDataExtType=Item ListObjRef/ListID=K"),
    ("Invoice",     None,  "TxnDataExtType=Invoice TxnID=K"),
    ("Invoice",     "L",   "TxnDataExtType=Invoice TxnID=K TxnLineID=L"),
    ("Company",     None,  "OtherDataExtType=Company"),
]  # fmt: skip


def text(element: Any) -> str:
    return etree.tostring(element, encoding="us-ascii", xml_declaration=False).decode()


@pytest.mark.parametrize(("entity", "line", "target"), TARGETS)
def test_a_value_is_added_and_changed_by_the_record_it_belongs_to(
    entity: str, line: str | None, target: str
) -> None:
    fields = data_ext(entity, "K", "Region", "West", line=line)
    added = build_add("DataExt", fields, request_id="1")
    told = [f"{child.tag}={child.text}" for child in added[0] if not len(child)]
    told += [f"{child.tag}/{child[0].tag}={child[0].text}" for child in added[0] if len(child)]
    assert sorted(told) == sorted(["OwnerID=0", "DataExtName=Region", *target.split(), "DataExtValue=West"])
    changed = build_mod("DataExt", None, None, fields, request_id="1")
    assert (added.tag, added[0].tag) == ("DataExtAddRq", "DataExtAdd")
    assert text(changed) == text(added).replace("Add", "Mod")


@pytest.mark.parametrize("entity", ["Terms", "Class", "Host"])
def test_records_without_custom_fields(entity: str) -> None:
    with pytest.raises(QbxmlError, match="hold no custom fields"):
        data_ext(entity, "K", "Region", "West")


WEST: dict[str, object] = {"OwnerID": "0", "DataExtName": "Region", "DataExtValue": "West"}
LIST: dict[str, object] = {"ListDataExtType": "Customer", "ListObjRef_ListID": "K"}
TXN: dict[str, object] = {"TxnDataExtType": "Invoice", "TxnID": "K"}

#    why                          fields                                            problem's field
WRONG = [
    ("no record at all",          WEST,                                             "ListDataExtType"),
    ("a kind without record",     {**WEST, "ListDataExtType": "Customer"},          "ListObjRef"),
    ("a record without kind",     {**WEST, "ListObjRef_FullName": "Birch"},         "ListDataExtType"),
    ("a transaction without id",  {**WEST, "TxnDataExtType": "Invoice"},            "TxnID"),
    ("a kind that has none",      {**WEST, **LIST, "ListDataExtType": "Terms"},     "ListDataExtType"),
    ("an unknown transaction",    {**WEST, **TXN, "TxnDataExtType": "Quote"},       "TxnDataExtType"),
    ("no owner",                  {**WEST, **LIST, "OwnerID": None},                "OwnerID"),
    ("not an owner",              {**WEST, **LIST, "OwnerID": "me"},                "OwnerID"),
    ("a long name",               {**WEST, **LIST, "DataExtName": "x" * 32},        "DataExtName"),
    ("outside Windows-1252",      {**WEST, **LIST, "DataExtValue": "Łódź"},         "DataExtValue"),
]  # fmt: skip


@pytest.mark.parametrize("action", ["add", "mod"])
@pytest.mark.parametrize(("why", "fields", "field"), WRONG)
def test_what_a_value_needs(why: str, fields: dict[str, object], field: str, action: Any) -> None:
    """A Mod too: there is no key that would say which record it means."""
    assert [each.field for each in check_write("DataExt", action, fields)] == [field]


def test_two_records_at_once_are_refused() -> None:
    found = check_write("DataExt", "add", {**WEST, **LIST, **TXN})
    assert {each.limit for each in found} == {"ListDataExtType"}
    assert {each.field for each in found} == {"TxnDataExtType", "TxnID"}


def test_a_value_is_emptied_by_a_change_only() -> None:
    fields = data_ext("Customer", "K", "Region", None)
    assert [each.field for each in check_write("DataExt", "add", fields)] == ["DataExtValue"]
    assert "<DataExtValue></DataExtValue>" in text(build_mod("DataExt", None, None, fields, request_id="1"))


def test_a_value_has_neither_key_nor_edit_sequence() -> None:
    with pytest.raises(QbxmlError, match="no key and no EditSequence"):
        build_mod("DataExt", "K", "5", data_ext("Customer", "K", "Region", "West"), request_id="1")


def test_a_record_that_is_made_in_the_same_run_can_be_named() -> None:
    awaited = {"$answer": "r1", "field": "ListID"}
    assert check_write("DataExt", "add", {**WEST, **LIST, "ListObjRef_ListID": awaited}) == []


def test_a_custom_field_is_not_part_of_its_records_own_message() -> None:
    (problem,) = check_write("Customer", "mod", {"Custom_Region": "West"})
    assert problem.field == "Custom_Region"
    assert problem.fix == "Write it by DataExt, once the record is there."


def test_a_definition_is_added_with_all_it_is_assigned_to() -> None:
    request = build_add("DataExtDef", definition(to="Customer;Invoice"), request_id="1")
    assert text(request[0]) == (
        "<DataExtDefAdd><OwnerID>0</OwnerID><DataExtName>Region</DataExtName><DataExtType>STR255TYPE"
        "</DataExtType><AssignToObject>Customer</AssignToObject><AssignToObject>Invoice</AssignToObject>"
        "</DataExtDefAdd>"
    )
    several: dict[str, object] = {**definition(), "AssignToObject": ["Customer", "Invoice"]}
    assert text(build_add("DataExtDef", several, request_id="1")) == text(request)


#    why                     fields                                  field
DEFINITIONS = [
    ("no type",              {"DataExtType": None},                  "DataExtType"),
    ("an unknown type",      {"DataExtType": "STR9TYPE"},            "DataExtType"),
    ("one unknown object",   {"AssignToObject": "Customer;Lead"},    "AssignToObject"),
    ("32 characters",        {"DataExtName": "x" * 32},              "DataExtName"),
    ("given by QuickBooks",  {"DataExtID": 5},                       "DataExtID"),
]  # fmt: skip


@pytest.mark.parametrize(("why", "changed", "field"), DEFINITIONS)
def test_what_a_definition_needs(why: str, changed: dict[str, object], field: str) -> None:
    assert [each.field for each in check_write("DataExtDef", "add", {**definition(), **changed})] == [field]


def test_definitions_are_asked_by_owner() -> None:
    request = build_query("DataExtDef", request_id="1", owner_ids=["0", OWNER], include=["DataExtName"])
    assert [child.tag for child in request] == ["OwnerID", "OwnerID", "IncludeRetElement"]


# -- reading ---------------------------------------------------------------------------------------------


def row(name: str, value: str, owner: str | None = "0") -> str:
    told = "" if owner is None else f"<OwnerID>{owner}</OwnerID>"
    return (
        f"<DataExtRet>{told}<DataExtName>{name}</DataExtName><DataExtType>STR255TYPE</DataExtType>"
        f"<DataExtValue>{value}</DataExtValue></DataExtRet>"
    )


def answer(tag: str, body: str) -> str:
    told = f'<{tag} requestID="1" statusCode="0" statusSeverity="Info">{body}</{tag}>'
    return f'<?xml version="1.0" ?><QBXML><QBXMLMsgsRs>{told}</QBXMLMsgsRs></QBXML>'


#    why                      rows                                        custom
READ = [
    ("none",                  "",                                         {}),
    ("public",                row("Region", "West"),                      {"Region": "West"}),
    ("no owner told",         row("Region", "West", None),                {"Region": "West"}),
    ("private",               row("Region", "West", OWNER),               {f"{OWNER}.Region": "West"}),
    ("both of one name",      row("A", "1") + row("A", "2", OWNER),       {"A": "1", f"{OWNER}.A": "2"}),
    ("empty",                 row("Region", ""),                          {"Region": ""}),
]  # fmt: skip


@pytest.mark.parametrize(("why", "rows", "custom"), READ)
def test_values_come_with_their_record(why: str, rows: str, custom: dict[str, str]) -> None:
    (record,) = parse_records(answer("CustomerQueryRs", f"<CustomerRet><Name>N</Name>{rows}</CustomerRet>"))
    assert (record.custom, record.fields) == (custom, {"Name": "N"})


def test_values_come_with_lines_and_with_items() -> None:
    lines = f"<InvoiceLineRet><TxnLineID>A</TxnLineID>{row('Lot', '7')}</InvoiceLineRet>" + (
        "<InvoiceLineRet><TxnLineID>B</TxnLineID></InvoiceLineRet>"
    )
    (record,) = parse_records(answer("InvoiceQueryRs", f"<InvoiceRet>{lines}{row('Own', '1')}</InvoiceRet>"))
    assert record.custom == {"Own": "1"}
    assert [line.get("custom") for line in record.lines["InvoiceLine"]] == [{"Lot": "7"}, None]
    (item,) = parse_records(answer("ItemQueryRs", f"<ItemServiceRet>{row('Size', 'L')}</ItemServiceRet>"))
    assert (item.entity, item.custom) == ("Item", {"Size": "L"})


def test_a_line_read_with_custom_fields_can_be_kept_by_a_change() -> None:
    line = {"TxnLineID": "A", "SeqNo": 1, "custom": {"Lot": "7"}}
    assert check_write("Invoice", "mod", {}, [line]) == []
    assert "Lot" not in text(build_mod("Invoice", "T", "5", {}, [line], request_id="1"))


def test_the_answer_to_a_written_value() -> None:
    for tag in ("DataExtAddRs", "DataExtModRs"):
        (response,) = parse_responses(answer(tag, row("Region", "West", OWNER)))
        (record,) = response.records
        assert (record.entity, record.fields) == (
            "DataExt",
            {"OwnerID": OWNER, "DataExtName": "Region", "DataExtType": "STR255TYPE", "DataExtValue": "West"},
        )


def test_a_definition_is_read_with_all_it_is_assigned_to() -> None:
    body = (
        "<DataExtDefRet><OwnerID>0</OwnerID><DataExtID>4</DataExtID><DataExtName>Region</DataExtName>"
        "<DataExtType>STR255TYPE</DataExtType><AssignToObject>Customer</AssignToObject>"
        "<AssignToObject>Vendor</AssignToObject></DataExtDefRet>"
    )
    (record,) = parse_records(answer("DataExtDefQueryRs", body))
    assert record.fields == {**definition(to="Customer;Vendor"), "DataExtID": 4}
    assert custom_column(record.fields).name == "Custom_Region"
