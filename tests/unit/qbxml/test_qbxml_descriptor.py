"""What the descriptor tells about records: fields, rights, lengths, columns."""

from __future__ import annotations

import pytest

from qbwc.descriptor import (
    CONCRETE,
    ENTITIES,
    Element,
    capability,
    columns,
    describe,
    known,
    leaves,
    line_entities,
    line_of,
    volatile,
)
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
    assert line_entities("Item") == ("ItemGroupLine", "ItemSalesTaxGroupLine")
    assert line_entities("Terms") == ()
    assert line_of("Customer") is None


#    table                    its record    place and key of a line
PLACES = [
    ("InvoiceLine",           "Invoice",    ["TxnID", "TxnLineID", "SeqNo", "GroupTxnLineID"]),
    ("EstimateLine",          "Estimate",   ["TxnID", "TxnLineID", "SeqNo", "GroupTxnLineID"]),
    ("AppliedToTxn",          "ReceivePayment", ["TxnID", "SeqNo", "AppliedTxnID"]),
    ("ItemGroupLine",         "ItemGroup",  ["ListID", "SeqNo", "ItemRef_ListID"]),
    ("ItemSalesTaxGroupLine", "ItemSalesTaxGroup", ["ListID", "SeqNo", "ItemSalesTaxRef_ListID"]),
]  # fmt: skip


@pytest.mark.parametrize(("table", "parent", "place"), PLACES)
def test_a_line_table_begins_with_the_place_of_the_line(table: str, parent: str, place: list[str]) -> None:
    assert [column.name for column in columns(table)][: len(place)] == place
    assert field(table, place[0])["referenceTo"] == [parent]


#    entity             void   delete  deactivate
GONE = [
    ("Customer",        False, False,  True),
    ("ItemService",     False, False,  True),
    ("Item",            False, False,  True),
    ("ItemGroup",       False, False,  False),
    ("Vendor",          False, False,  False),
    ("Employee",        False, False,  False),
    ("Account",         False, False,  False),
    ("Class",           False, False,  False),
    ("Invoice",         True,  False,  False),
    ("SalesReceipt",    True,  False,  False),
    ("CreditMemo",      True,  False,  False),
    ("Estimate",        False, True,   False),
    ("SalesOrder",      False, True,   False),
    ("ReceivePayment",  False, False,  False),
    ("DataExtDef",      False, False,  False),
    ("Company",         False, False,  False),
]  # fmt: skip


@pytest.mark.parametrize(("entity", "void", "delete", "deactivate"), GONE)
def test_what_becomes_of_a_record_that_shall_go(
    entity: str, void: bool, delete: bool, deactivate: bool
) -> None:
    can = capability(entity)
    assert (can.void, can.delete, can.deactivate) == (void, delete, deactivate)
    assert can.why


@pytest.mark.parametrize("entity", sorted(ENTITIES))
def test_at_most_one_thing_becomes_of_it_and_it_is_an_action(entity: str) -> None:
    can, actions = capability(entity), ENTITIES[entity].actions
    assert can.void + can.delete + can.deactivate <= 1
    assert (can.void, can.delete) == ("void" in actions, "delete" in actions)
    assert not can.deactivate or "mod" in actions


#    table            columns that change without TimeModified
VOLATILE = [
    ("Customer",      {"Balance", "TotalBalance"}),
    ("Vendor",        {"Balance"}),
    ("Account",       {"Balance", "TotalBalance"}),
    ("ItemInventory", {"QuantityOnHand", "AverageCost", "QuantityOnOrder", "QuantityOnSalesOrder"}),
    ("ItemService",   set()),
    ("Invoice",       {"AppliedAmount", "BalanceRemaining", "BalanceRemainingInHomeCurrency", "IsPaid"}),
    ("InvoiceLine",   set()),
    ("SalesOrder",    {"IsFullyInvoiced"}),
    ("SalesOrderLine", {"Invoiced"}),
    ("CreditMemo",    {"CreditRemaining", "CreditRemainingInHomeCurrency"}),
    ("ReceivePayment", {"UnusedPayment", "UnusedCredits"}),
    ("AppliedToTxn",  {"BalanceRemaining"}),
    ("Estimate",      set()),
]  # fmt: skip


@pytest.mark.parametrize(("table", "names"), VOLATILE)
def test_what_changes_by_itself(table: str, names: set[str]) -> None:
    assert volatile(table) == names
    assert names <= {column.name for column in columns(table)}
    for name in names:
        assert field(table, name)["updateable"] is False


# Lists that references name and that nothing reads: their names are only ever text.
UNREAD = {
    "CustomerType", "JobType", "SalesRep", "PaymentMethod", "PriceLevel", "Currency", "Template",
    "ShipMethod", "CustomerMsg",
}  # fmt: skip


@pytest.mark.parametrize("entity", sorted(CONCRETE))
def test_a_reference_names_something_known(entity: str) -> None:
    lines = CONCRETE[entity].lines
    for leaf in leaves((*CONCRETE[entity].elements, *(lines.elements if lines else ()))):
        for element in leaf.path:
            assert set(element.refers) <= {*ENTITIES, *UNREAD}
            assert (element.kind == "ref") is bool(element.refers)


def test_several_values_are_told_as_such() -> None:
    told = field("DataExtDef", "AssignToObject")
    assert (told["type"], told["createable"]) == ("multipicklist", True)
    assert {column.name: column.type for column in columns("Host")}["SupportedQBXMLVersion"] == "VARCHAR"


def test_preferences_tell_what_decides_a_write() -> None:
    types = {column.name: column.type for column in columns("Preferences")}
    assert types["AccountingPreferences_ClosingDate"] == "DATE"
    assert types["AccountingPreferences_IsUsingClassTracking"] == "BOOLEAN"
    assert types["MultiCurrencyPreferences_HomeCurrencyRef_FullName"] == "VARCHAR"
    assert types["SalesAndCustomersPreferences_PriceLevels_IsUsingPriceLevels"] == "BOOLEAN"


def test_an_unknown_entity_lists_what_there_is() -> None:
    with pytest.raises(QbxmlError, match="no QuickBooks entity 'Custmer'") as raised:
        known("Custmer")
    assert "Customer" in str(raised.value)


def test_tags_follow_from_the_name() -> None:
    customer = CONCRETE["Customer"]
    assert (customer.request("mod"), customer.ret) == ("CustomerModRq", "CustomerRet")
    assert CONCRETE["Invoice"].request("void") == "TxnVoidRq"
    assert CONCRETE["Estimate"].request("delete") == "TxnDelRq"
    assert customer.request("delete") == "ListDelRq"


def test_the_notation_of_choices_tags_and_flags() -> None:
    table = """
        A   text(5)  amrv  one=way.left!  mod=AMod  ret=ARet
        B   text     Am    one=way.left!
        C   text     ar    one=way  many
        """
    a, b, c = elements(table, {}, {})
    assert (a.choice, a.branch, a.alternative, a.required_choice) == ("way", "left", "left", True)
    assert (a.tag("add"), a.tag("mod"), a.tag("ret")) == ("A", "AMod", "ARet")
    assert (a.volatile, a.required, b.required) == (True, False, True)
    assert (c.branch, c.alternative, c.required_choice, c.many) == ("", "C", False, True)
    assert b == Element(
        name="B", kind="text", add=True, mod=True, required=True, choice="way", branch="left",
        required_choice=True,
    )  # fmt: skip


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
