"""Writes: order, types, lengths, and every problem at once."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from decimal import Decimal as D
from typing import Any

import pytest
from lxml import etree

from qbwc.errors import QbxmlError
from qbwc.qbxml import build_add, build_mod, check_write, message_set


def text(element: Any) -> str:
    """An element as compact XML."""
    return etree.tostring(element, encoding="us-ascii", xml_declaration=False).decode()


def inside(element: Any) -> str:
    """What the record element of a request holds."""
    return "".join(text(child) for child in element[0])


def problems(
    entity: str, action: Any, fields: dict[str, object], lines: Any = None
) -> list[tuple[str, object]]:
    """(field, limit) of each problem."""
    return [(str(each.field), each.limit) for each in check_write(entity, action, fields, lines)]


def test_order_comes_from_the_schema_not_from_the_caller() -> None:
    request = build_add(
        "Customer",
        {"Notes": "n", "BillAddress_State": "OR", "Phone": "1", "BillAddress_Addr1": "a", "Name": "N"},
        request_id="7",
    )
    assert text(request) == (
        '<CustomerAddRq requestID="7"><CustomerAdd><Name>N</Name><BillAddress><Addr1>a</Addr1>'
        "<State>OR</State></BillAddress><Phone>1</Phone><Notes>n</Notes></CustomerAdd></CustomerAddRq>"
    )


def test_a_non_inventory_item_has_its_parent_before_its_class_only_when_added() -> None:
    fields = {"ParentRef_ListID": "P", "ClassRef_ListID": "C", "SalesOrPurchase_Price": D(1)}
    added = inside(build_add("ItemNonInventory", {"Name": "N", **fields}, request_id="1"))
    changed = inside(build_mod("ItemNonInventory", "80-1", "5", fields, request_id="1"))
    assert added.index("ParentRef") < added.index("ClassRef")
    assert changed.index("ClassRef") < changed.index("ParentRef")
    assert "<SalesOrPurchaseMod>" in changed
    assert "<SalesOrPurchase>" in added


#    field                  value                        written
VALUES = [
    ("CreditLimit",         D("12.5"),                   "12.50"),
    ("CreditLimit",         D("12"),                     "12.00"),
    ("CreditLimit",         12,                          "12.00"),
    ("CreditLimit",         "12.5",                      "12.50"),
    ("CreditLimit",         D("-0.01"),                  "-0.01"),
    ("CreditLimit",         D("-0"),                     "0.00"),
    ("CreditLimit",         D("12.500"),                 "12.50"),
    ("CreditLimit",         D("1E+3"),                   "1000.00"),
    ("CreditLimit",         D("9999999999999.99"),       "9999999999999.99"),
    ("IsActive",            True,                        "true"),
    ("IsActive",            "false",                     "false"),
    ("JobStartDate",        date(2026, 2, 3),            "2026-02-03"),
    ("JobStartDate",        "2026-02-03",                "2026-02-03"),
    ("JobStatus",           "InProgress",                "InProgress"),
    ("Phone",               "x" * 21,                    "x" * 21),
    ("Notes",               "a\nb",                      "a\nb"),
    ("Name",                "Café € “x” & <y>",          "Caf&#233; &#8364; &#8220;x&#8221; &amp; &lt;y&gt;"),
    ("ExternalGUID",        "{" + "a" * 8 + "-1111-2222-3333-" + "b" * 12 + "}", None),
]  # fmt: skip


@pytest.mark.parametrize(("field", "value", "written"), VALUES)
def test_values_are_written_as_quickbooks_reads_them(field: str, value: object, written: str | None) -> None:
    body = inside(build_add("Customer", {"Name": "N", field: value}, request_id="1"))
    assert f"<{field}>{written or value}</{field}>" in body


#   a price has up to five decimals, and none that say nothing
PRICES = [
    (D("1.5"), "1.5"),
    (D("1.12345"), "1.12345"),
    (D("1.1234500"), "1.12345"),
    (D("0.00001"), "0.00001"),
    (D("100"), "100"),
    (D(0), "0"),
    (D("-3.10"), "-3.1"),
    (D("9999999999.99999"), "9999999999.99999"),
]


@pytest.mark.parametrize(("value", "written"), PRICES)
def test_prices(value: Decimal, written: str) -> None:
    body = inside(build_add("ItemService", {"Name": "N", "SalesOrPurchase_Price": value}, request_id="1"))
    assert f"<Price>{written}</Price>" in body


#    why                              field              value                       limit
REFUSED = [
    ("one character too many",        "Name",            "x" * 42,                   41),
    ("a colon",                       "Name",            "Birch:Job",                "no ':'"),
    ("outside Windows-1252",          "Name",            "Łódź",                     "Windows-1252"),
    ("a control character",           "Notes",           "a\x07",                    "Windows-1252"),
    ("an undefined place in 1252",    "Notes",           "\x81",                     "Windows-1252"),
    ("half of a pair",                "Notes",           "\ud83d",                   "Windows-1252"),
    ("number for text",               "Phone",           5,                          "text"),
    ("float for money",               "CreditLimit",     12.5,                       "Decimal"),
    ("three decimals",                "CreditLimit",     D("1.005"),                 2),
    ("fourteen digits",               "CreditLimit",     D("10000000000000"),        13),
    ("not finite",                    "CreditLimit",     D("NaN"),                   "number"),
    ("infinite",                      "CreditLimit",     D("-Infinity"),             "number"),
    ("bool for money",                "CreditLimit",     True,                       "number"),
    ("words for money",               "CreditLimit",     "much",                     "number"),
    ("number for bool",               "IsActive",        1,                          ("true", "false")),
    ("word for bool",                 "IsActive",        "yes",                      ("true", "false")),
    ("time for a date",               "JobStartDate",    datetime(2026, 1, 1),       "YYYY-MM-DD"),
    ("no such day",                   "JobStartDate",    "2026-02-30",               "YYYY-MM-DD"),
    ("not in the list",               "JobStatus",       "Won",                      None),
    ("case matters",                  "JobStatus",       "closed",                   None),
    ("not a GUID",                    "ExternalGUID",    "abc",                      "{8-4-4-4-12}"),
    ("filled by QuickBooks",          "Balance",         D(1),                       None),
    ("unknown",                       "Fone",            "1",                        None),
]  # fmt: skip


@pytest.mark.parametrize(("why", "field", "value", "limit"), REFUSED)
def test_what_quickbooks_would_refuse_or_mangle_is_found_before(
    why: str, field: str, value: object, limit: object
) -> None:
    with pytest.raises(QbxmlError) as raised:
        build_add("Customer", {"Name": "N", field: value}, request_id="1")
    assert raised.value.field == field
    if limit is not None:
        assert raised.value.limit == limit


#   the longest that fits, and one more, for fields of every kind of record
LENGTHS = [
    ("Customer", "Name", 41), ("Customer", "CompanyName", 41), ("Customer", "JobTitle", 41),
    ("Customer", "Salutation", 15), ("Customer", "FirstName", 25), ("Customer", "MiddleName", 5),
    ("Customer", "LastName", 25), ("Customer", "BillAddress_Addr1", 41), ("Customer", "BillAddress_City", 31),
    ("Customer", "BillAddress_State", 21), ("Customer", "BillAddress_PostalCode", 13),
    ("Customer", "ShipAddress_Country", 31), ("Customer", "Phone", 21), ("Customer", "Fax", 21),
    ("Customer", "Email", 1023), ("Customer", "Contact", 41), ("Customer", "AccountNumber", 99),
    ("Customer", "ResaleNumber", 15), ("Customer", "Notes", 4095), ("Customer", "JobDesc", 99),
    ("Customer", "SalesTaxCodeRef_FullName", 3), ("Customer", "TermsRef_FullName", 31),
    ("Customer", "TaxRegistrationNumber", 30), ("Customer", "ParentRef_ListID", 36),
    ("ItemInventory", "Name", 31), ("ItemInventory", "ManufacturerPartNumber", 31),
    ("ItemInventory", "SalesDesc", 4095), ("ItemInventory", "IncomeAccountRef_FullName", 159),
    ("Invoice", "RefNumber", 11), ("Invoice", "PONumber", 25), ("Invoice", "FOB", 13),
    ("Invoice", "Memo", 4095), ("Invoice", "Other", 29), ("Invoice", "CustomerRef_FullName", 209),
    ("Invoice", "CustomerMsgRef_FullName", 101), ("Invoice", "ShipMethodRef_FullName", 15),
    ("Invoice", "SalesRepRef_FullName", 5),
]  # fmt: skip


@pytest.mark.parametrize(("entity", "field", "limit"), LENGTHS)
def test_the_longest_value_fits_and_one_more_character_does_not(entity: str, field: str, limit: int) -> None:
    assert problems(entity, "mod", {field: "x" * limit}) == []
    (problem,) = check_write(entity, "mod", {field: "x" * (limit + 1)})
    assert problem.limit == limit
    assert f"has {limit + 1} characters, QuickBooks takes {limit}" in problem.what


def test_lengths_count_characters_not_bytes() -> None:
    assert problems("Customer", "add", {"Name": "é" * 41}) == []


def test_all_problems_are_told_at_once() -> None:
    fields: dict[str, object] = {"Name": "a:" + "b" * 50, "Fone": "1", "Balance": 1, "CreditLimit": 1.5}
    found = problems("Customer", "add", fields)
    assert found == [
        ("Fone", None), ("Balance", None), ("Name", 41), ("Name", "no ':'"), ("CreditLimit", "Decimal"),
    ]  # fmt: skip
    with pytest.raises(QbxmlError, match="5 problems in Customer") as raised:
        build_add("Customer", fields, request_id="1")
    assert len(raised.value.problems) == 5
    assert "Did you mean Phone?" in str(raised.value)


#   entity          fields                                     what is missing
MISSING = [
    ("Customer",    {},                                        "Name"),
    ("Customer",    {"Name": ""},                              "Name"),
    ("Customer",    {"Name": None},                            "Name"),
    ("Invoice",     {"Memo": "m"},                             "CustomerRef"),
    ("ItemService", {"Name": "N"},                             "SalesOrPurchase"),
    ("Item",        {"Name": "N"},                             "Type"),
    ("Item",        {"Name": "N", "Type": "Group"},            "Type"),
    ("Account",     {"Name": "N"},                             "AccountType"),
    ("Estimate",    {"CustomerRef_ListID": "C"},               "EstimateLine"),
    ("SalesOrder",  {"CustomerRef_ListID": "C"},               "SalesOrderLine"),
    ("SalesReceipt", {},                                       "SalesReceiptLine"),
]  # fmt: skip


@pytest.mark.parametrize(("entity", "fields", "missing"), MISSING)
def test_what_an_add_needs(entity: str, fields: dict[str, object], missing: str) -> None:
    assert [field for field, _ in problems(entity, "add", fields)] == [missing]


@pytest.mark.parametrize("lines", [None, []])
def test_an_estimate_needs_a_line_and_an_invoice_does_not(lines: Any) -> None:
    fields: dict[str, object] = {"CustomerRef_ListID": "C"}
    assert problems("Estimate", "add", fields, lines) == [("EstimateLine", None)]
    assert problems("Estimate", "add", fields, [{"Desc": "d"}]) == []
    assert problems("Invoice", "add", fields, lines) == []
    assert problems("Estimate", "mod", {"Memo": "m"}) == []


def test_either_half_of_a_reference_is_enough_and_the_id_wins() -> None:
    for given in ({"CustomerRef_ListID": "8"}, {"CustomerRef_FullName": "Birch"}):
        assert problems("Invoice", "add", dict(given)) == []
    both = build_add("Invoice", {"CustomerRef_FullName": "Birch", "CustomerRef_ListID": "8"}, request_id="1")
    assert inside(both) == "<CustomerRef><ListID>8</ListID></CustomerRef>"


def test_an_add_leaves_out_what_is_empty() -> None:
    request = build_add(
        "Customer", {"Name": "N", "Phone": None, "Fax": "", "TermsRef_ListID": None}, request_id="1"
    )
    assert inside(request) == "<Name>N</Name>"


def test_a_mod_empties_what_is_none_and_leaves_the_rest() -> None:
    request = build_mod(
        "Customer",
        "80-1",
        "5",
        {"Phone": None, "BillAddress_City": "", "TermsRef_ListID": None},
        request_id="1",
    )
    assert inside(request) == (
        "<ListID>80-1</ListID><EditSequence>5</EditSequence><BillAddress><City></City></BillAddress>"
        "<Phone></Phone><TermsRef><FullName></FullName></TermsRef>"
    )


def test_a_boolean_cannot_be_emptied() -> None:
    assert problems("Customer", "mod", {"IsActive": None}) == [("IsActive", None)]
    assert problems("Customer", "mod", {"IsActive": False}) == []


#   why                             entity      field                  works
EMPTIED = [
    ("a list of values",              "Customer", "JobStatus",           False),
    ("true or false",                 "Customer", "IsStatementWithParent", False),
    ("a rate",                        "Invoice",  "ExchangeRate",        False),
    ("text",                          "Customer", "Phone",               True),
    ("an amount",                     "Customer", "CreditLimit",         True),
    ("a date",                        "Customer", "JobStartDate",        True),
    ("a reference",                   "Customer", "TermsRef_ListID",     True),
    ("a name that must be there",     "Customer", "Name",                False),
    ("a customer that must be there", "Invoice",  "CustomerRef_ListID",  False),
    ("the same by its name",          "Invoice",  "CustomerRef_FullName", False),
    ("one that need not be",          "SalesReceipt", "CustomerRef_ListID", True),
]  # fmt: skip


@pytest.mark.parametrize("empty", [None, ""])
@pytest.mark.parametrize(("why", "entity", "field", "works"), EMPTIED)
def test_what_a_change_can_empty(why: str, entity: str, field: str, works: bool, empty: Any) -> None:
    found = problems(entity, "mod", {field: empty})
    assert found == ([] if works else [(field, None)])


def test_half_of_a_required_reference_may_be_empty() -> None:
    fields: dict[str, object] = {"CustomerRef_ListID": "C", "CustomerRef_FullName": None}
    assert problems("Invoice", "mod", fields) == []


@pytest.mark.parametrize(("key", "sequence"), [("", "5"), ("80-1", ""), (None, "5"), ("80-1", None)])
def test_a_mod_needs_its_key_and_edit_sequence(key: str | None, sequence: str | None) -> None:
    with pytest.raises(QbxmlError, match="is missing"):
        build_mod("Customer", key, sequence, {"Phone": "1"}, request_id="1")


def test_what_only_an_add_takes_is_refused_in_a_mod() -> None:
    (problem,) = check_write("Customer", "mod", {"OpenBalance": D(5)})
    assert "only on creation" in problem.what


def test_two_that_exclude_each_other() -> None:
    fields = {"SalesOrPurchase_Price": D(1), "SalesOrPurchase_PricePercent": D(5)}
    assert problems("ItemService", "mod", dict(fields)) == [
        ("SalesOrPurchase_PricePercent", "SalesOrPurchase_Price")
    ]
    # Emptying one while setting the other is a change from percentage to price.
    changed = build_mod(
        "ItemService", "80-1", "5", {**fields, "SalesOrPurchase_PricePercent": None}, request_id="1"
    )
    assert inside(changed).endswith("<SalesOrPurchaseMod><Price>1</Price></SalesOrPurchaseMod>")


#    type           branch               home of price and description
BRANCHES = [
    ("Service",      None,               "<SalesOrPurchase><Desc>d</Desc><Price>2</Price></SalesOrPurchase>"),
    ("OtherCharge",  "SalesAndPurchase", "<SalesAndPurchase>"
                                         "<SalesDesc>d</SalesDesc><SalesPrice>2</SalesPrice>"
                                         "</SalesAndPurchase>"),
    ("NonInventory", "SalesOrPurchase",  "<SalesOrPurchase><Desc>d</Desc><Price>2</Price></SalesOrPurchase>"),
    ("Inventory",    None,               "<SalesDesc>d</SalesDesc><SalesPrice>2</SalesPrice>"),
    ("Discount",     None,               "<ItemDesc>d</ItemDesc><DiscountRate>2</DiscountRate>"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "branch", "home"), BRANCHES)
def test_an_item_is_written_by_the_names_of_its_type(kind: str, branch: str | None, home: str) -> None:
    fields = {"Type": kind, "SalesBranch": branch, "Name": "N", "Desc": "d", "Price": D(2)}
    assert inside(build_add("Item", fields, request_id="1")) == f"<Name>N</Name>{home}"


def test_a_changed_item_must_tell_its_branch_when_the_field_lives_in_one() -> None:
    assert problems("Item", "mod", {"Type": "Service", "Price": D(1)})[0][0] == "Price"
    assert problems("Item", "mod", {"Type": "Service", "Name": "N"}) == []
    assert problems("Item", "mod", {"Type": "Inventory", "Price": D(1)}) == []
    known = {"Type": "Service", "SalesBranch": "SalesAndPurchase", "Price": D("1.5")}
    body = inside(build_mod("Item", "80-1", "5", known, request_id="1"))
    assert body.endswith("<SalesAndPurchaseMod><SalesPrice>1.5</SalesPrice></SalesAndPurchaseMod>")


def test_problems_of_an_item_speak_of_the_item() -> None:
    (problem,) = check_write("Item", "add", {"Type": "Service", "Name": "N", "Price": D("0.000001")})
    assert (problem.entity, problem.field, problem.limit) == ("Item", "Price", 5)
    assert problem.what.startswith("Item.Price ")


LINE = {"ItemRef_ListID": "I", "Quantity": D(2), "Rate": D("1.5")}


def test_a_mod_with_lines_names_each_line() -> None:
    lines = [{"TxnLineID": "A1", "SeqNo": 1, "TxnID": "T"}, {"TxnLineID": "-1", **LINE}]
    request = build_mod("Invoice", "T", "5", {"Memo": "m"}, lines, request_id="1")
    assert inside(request) == (
        "<TxnID>T</TxnID><EditSequence>5</EditSequence><Memo>m</Memo>"
        "<InvoiceLineMod><TxnLineID>A1</TxnLineID></InvoiceLineMod>"
        "<InvoiceLineMod><TxnLineID>-1</TxnLineID><ItemRef><ListID>I</ListID></ItemRef><Quantity>2</Quantity>"
        "<Rate>1.5</Rate></InvoiceLineMod>"
    )


#    why                            action  lines, and the field that is wrong
LINES = [
    ("none that stays",             "mod",  [],  "InvoiceLine"),
    ("a line without id",           "mod",  [dict(LINE)],  "TxnLineID"),
    ("a line named twice",          "mod",  [{"TxnLineID": "A"}, {"TxnLineID": "A"}],  "TxnLineID"),
    ("a line of a group item",      "mod",  [{"TxnLineID": "A", "GroupTxnLineID": "G"}],  "GroupTxnLineID"),
    ("an id chosen on creation",    "add",  [{**LINE, "TxnLineID": "A"}],  "TxnLineID"),
    ("rate and percentage",         "add",  [{**LINE, "RatePercent": D(5)}],  "RatePercent"),
    ("an unknown field",            "add",  [{**LINE, "Quantitty": D(5)}],  "Quantitty"),
    ("a float",                     "add",  [{**LINE, "Amount": 0.1}],  "Amount"),
]  # fmt: skip


@pytest.mark.parametrize(("why", "action", "lines", "field"), LINES)
def test_lines_that_cannot_be_sent(why: str, action: str, lines: list[dict[str, object]], field: str) -> None:
    assert [name for name, _ in problems("Invoice", action, {"CustomerRef_ListID": "C"}, lines)] == [field]


def test_two_new_lines_are_not_one_named_twice() -> None:
    new = {"TxnLineID": "-1", **LINE}
    assert problems("Invoice", "mod", {}, [new, new]) == []


def test_a_line_without_id_is_refused_with_the_reason() -> None:
    (problem,) = check_write("SalesOrder", "mod", {}, [dict(LINE)])
    assert "would add it as new and delete the line it was" in problem.what
    assert problem.fix == "Give the id of the line, or '-1' for a new one."


def test_a_problem_of_a_line_says_which_line() -> None:
    (problem,) = check_write("Invoice", "mod", {}, [{"TxnLineID": "A"}, {"TxnLineID": "B", "Amount": "x"}])
    assert problem.where == "line 2"


def test_a_list_record_has_no_lines() -> None:
    assert problems("Customer", "add", {"Name": "N"}, [{}]) == [("lines", None)]
    item: dict[str, object] = {"Type": "Service", "Name": "N", "Price": D(1)}
    assert problems("Item", "add", item, [{}]) == [("lines", None)]


def test_a_value_of_another_answer_counts_as_given_but_cannot_be_sent_yet() -> None:
    fields = {"CustomerRef_ListID": {"$answer": "r1", "field": "ListID"}}
    assert problems("Invoice", "add", dict(fields)) == []
    with pytest.raises(QbxmlError, match="still waits"):
        build_add("Invoice", fields, request_id="1")


def test_what_is_only_read_cannot_be_written() -> None:
    for entity in ("Employee", "ItemGroup", "CreditMemo", "ReceivePayment", "Terms", "Company"):
        with pytest.raises(QbxmlError, match="cannot be written with add"):
            build_add(entity, {"Name": "N"}, request_id="1")
    with pytest.raises(QbxmlError, match="cannot be written with mod"):
        build_mod("Account", "80-1", "5", {"Name": "N"}, request_id="1")


# -- the document --------------------------------------------------------------------------------------

ADD = {"Name": "Zoë"}


def test_a_message_set_is_pure_ascii_with_its_prolog() -> None:
    document = message_set([build_add("Customer", ADD, request_id="1")], new_message_set_id="M1")
    assert document == (
        '<?xml version="1.0" encoding="utf-8"?>\n<?qbxml version="13.0"?>\n'
        '<QBXML><QBXMLMsgsRq onError="stopOnError" newMessageSetID="M1"><CustomerAddRq requestID="1">'
        "<CustomerAdd><Name>Zo&#235;</Name></CustomerAdd></CustomerAddRq></QBXMLMsgsRq></QBXML>"
    )


#    why                              arguments                                                  works
SETS = [
    ("rollback is not supported",     {"on_error": "rollbackOnError"},                           False),
    ("24 characters fit",             {"new_message_set_id": "x" * 24},                          True),
    ("25 do not",                     {"new_message_set_id": "x" * 25},                          False),
    ("an empty id",                   {"new_message_set_id": ""},                                False),
    ("25 for the old one",            {"old_message_set_id": "x" * 25},                          False),
    ("an id outside ASCII",           {"new_message_set_id": "é"},                               False),
    ("continue",                      {"on_error": "continueOnError"},                           True),
]  # fmt: skip


@pytest.mark.parametrize(("why", "arguments", "works"), SETS)
def test_envelopes(why: str, arguments: dict[str, Any], works: bool) -> None:
    requests = [build_add("Customer", ADD, request_id="1")]
    if works:
        assert message_set(requests, **arguments)
    else:
        with pytest.raises(QbxmlError):
            message_set(requests, **arguments)


def test_a_status_check_has_no_requests_but_work_has() -> None:
    assert "oldMessageSetID" in message_set([], old_message_set_id="M", new_message_set_id="M")
    with pytest.raises(QbxmlError, match="without requests"):
        message_set([], new_message_set_id="M")


@pytest.mark.parametrize(("request_id", "works"), [("x" * 50, True), ("x" * 51, False), ("", False)])
def test_request_ids(request_id: str, works: bool) -> None:
    if works:
        assert build_add("Customer", ADD, request_id=request_id).get("requestID") == request_id
    else:
        with pytest.raises(QbxmlError, match="requestID"):
            build_add("Customer", ADD, request_id=request_id)


def test_a_request_id_stands_once_in_a_set() -> None:
    with pytest.raises(QbxmlError, match="twice"):
        message_set([build_add("Customer", ADD, request_id="1"), build_add("Customer", ADD, request_id="1")])
