"""What the descriptor tells about records: fields, rights, lengths, columns."""

from __future__ import annotations

import pytest

from qbwc.descriptor import CONCRETE, ENTITIES, columns, describe, known, line_entities
from qbwc.descriptor.notation import elements
from qbwc.errors import QbxmlError


def field(entity: str, name: str) -> dict[str, object]:
    """One field of a describe."""
    fields = describe(entity)["fields"]
    assert isinstance(fields, list)
    return next(each for each in fields if each["name"] == name)


#    entity         field                   type         length precision scale createable updateable
FIELDS = [
    ("Customer",    "ListID",               "id",        36,   0,  0, False, False),
    ("Customer",    "Name",                 "string",    41,   0,  0, True,  True),
    ("Customer",    "FullName",             "string",    209,  0,  0, False, False),
    ("Customer",    "BillAddress_City",     "string",    31,   0,  0, True,  True),
    ("Customer",    "Email",                "email",     1023, 0,  0, True,  True),
    ("Customer",    "Notes",                "textarea",  4095, 0,  0, True,  True),
    ("Customer",    "Balance",              "currency",  0,    15, 2, False, False),
    ("Customer",    "OpenBalance",          "currency",  0,    15, 2, True,  False),
    ("Customer",    "ParentRef_ListID",     "reference", 36,   0,  0, True,  True),
    ("Customer",    "JobStatus",            "picklist",  0,    0,  0, True,  True),
    ("Customer",    "IsActive",             "boolean",   0,    0,  0, True,  True),
    ("Customer",    "TimeModified",         "datetime",  0,    0,  0, False, False),
    ("Vendor",      "Name",                 "string",    41,   0,  0, False, False),
    ("ItemService", "Name",                 "string",    31,   0,  0, True,  True),
    ("ItemService", "SalesOrPurchase_Price", "double",   0,    15, 5, True,  True),
    ("Item",        "Price",                "double",    0,    15, 5, True,  True),
    ("Item",        "Type",                 "string",    20,   0,  0, True,  False),
    ("Invoice",     "RefNumber",            "string",    11,   0,  0, True,  True),
    ("Invoice",     "PONumber",             "string",    25,   0,  0, True,  True),
    ("Invoice",     "Subtotal",             "currency",  0,    15, 2, False, False),
    ("Invoice",     "TxnDate",              "date",      0,    0,  0, True,  True),
    ("InvoiceLine", "Quantity",             "double",    0,    15, 5, True,  True),
    ("InvoiceLine", "Amount",               "currency",  0,    15, 2, True,  True),
    ("InvoiceLine", "SeqNo",                "int",       0,    0,  0, False, False),
    ("InvoiceLine", "TxnID",                "reference", 36,   0,  0, False, False),
]  # fmt: skip


@pytest.mark.parametrize(("entity", "name", "kind", "length", "precision", "scale", "add", "mod"), FIELDS)
def test_describe_tells_type_length_and_rights(
    entity: str, name: str, kind: str, length: int, precision: int, scale: int, add: bool, mod: bool
) -> None:
    told = field(entity, name)
    assert (told["type"], told["length"], told["precision"], told["scale"]) == (
        kind,
        length,
        precision,
        scale,
    )
    assert (told["createable"], told["updateable"]) == (add, mod)


def test_references_and_picklists_tell_what_they_take() -> None:
    assert field("Customer", "ParentRef_ListID")["referenceTo"] == ["Customer"]
    assert field("InvoiceLine", "ItemRef_ListID")["referenceTo"] == ["Item"]
    assert field("InvoiceLine", "TxnID")["referenceTo"] == ["Invoice"]
    status = field("Customer", "JobStatus")
    assert status["restrictedPicklist"] is True
    assert [each["value"] for each in status["picklistValues"]] == [  # type: ignore[attr-defined]
        "Awarded", "Closed", "InProgress", "None", "NotAwarded", "Pending",
    ]  # fmt: skip


#   entity       field                    nillable  unique
NEEDS = [
    ("Customer", "Name",                  False,    False),
    ("Customer", "FullName",              True,     True),
    ("Customer", "ListID",                False,    True),
    ("Vendor",   "Name",                  False,    True),
    ("Invoice",  "CustomerRef_ListID",    False,    False),
    ("Invoice",  "CustomerRef_FullName",  True,     False),
    ("Invoice",  "RefNumber",             True,     False),
]  # fmt: skip


@pytest.mark.parametrize(("entity", "name", "nillable", "unique"), NEEDS)
def test_describe_tells_what_is_needed_and_what_is_unique(
    entity: str, name: str, nillable: bool, unique: bool
) -> None:
    told = field(entity, name)
    assert (told["nillable"], told["unique"]) == (nillable, unique)


def test_columns_are_typed_and_a_time_keeps_its_text() -> None:
    found = {column.name: column.type for column in columns("Invoice")}
    assert found["TxnID"] == "VARCHAR"
    assert found["Subtotal"] == "DECIMAL(18,2)"
    assert found["TxnDate"] == "DATE"
    assert found["IsPending"] == "BOOLEAN"
    assert (found["TimeModified"], found["TimeModified_Text"]) == ("TIMESTAMP", "VARCHAR")
    assert {column.name: column.type for column in columns("InvoiceLine")}["Rate"] == "DECIMAL(18,5)"


def test_columns_hold_only_what_an_answer_can_bring() -> None:
    assert "OpenBalance" not in {column.name for column in columns("Customer")}
    assert "OverrideItemAccountRef_ListID" not in {column.name for column in columns("InvoiceLine")}


@pytest.mark.parametrize("entity", sorted(ENTITIES))
def test_every_entity_has_a_describe_and_columns_with_names_of_their_own(entity: str) -> None:
    names = [each["name"] for each in describe(entity)["fields"]]  # type: ignore[attr-defined]
    assert names
    assert len(names) == len(set(names))
    found = [column.name for column in columns(entity)]
    assert len(found) == len({name.casefold() for name in found})


def test_the_item_union_has_one_row_of_the_agreed_fields() -> None:
    names = {each["name"] for each in describe("Item")["fields"]}  # type: ignore[attr-defined]
    agreed = """ListID TimeCreated TimeModified EditSequence Type Name FullName IsActive
        ParentRef_ListID ParentRef_FullName Desc Price AccountRef_ListID AccountRef_FullName
        ManufacturerPartNumber SalesBranch"""
    assert set(agreed.split()) <= names


def test_line_entities() -> None:
    assert line_entities("Invoice") == ("InvoiceLine",)
    assert line_entities("Customer") == ()


def test_an_unknown_entity_lists_what_there_is() -> None:
    with pytest.raises(QbxmlError, match="no QuickBooks entity 'Custmer'") as raised:
        known("Custmer")
    assert "Customer" in str(raised.value)


def test_tags_follow_from_the_name() -> None:
    customer = CONCRETE["Customer"]
    assert (customer.request("mod"), customer.ret) == ("CustomerModRq", "CustomerRet")


#   why                      table                                   message
NOTATION = [
    ("unknown type",         "Name  txet(41)  Amr",                   "txet"),
    ("no type at all",       "Name  41(  Amr",                        "41("),
    ("indented less",        "    Name  text  a\n  Other  text  a",   "indented less"),
]  # fmt: skip


@pytest.mark.parametrize(("why", "table", "message"), NOTATION)
def test_a_table_that_cannot_be_read_says_where(why: str, table: str, message: str) -> None:
    with pytest.raises(ValueError, match=message.replace("(", r"\(")):
        elements(table, {}, {})
