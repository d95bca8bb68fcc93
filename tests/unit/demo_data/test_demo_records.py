"""The seed's records stand on their own: ids, references, lengths, characters, sums, and nobody real."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest

from qbwc.descriptor import describe
from workbench.testorg.ids import checksum

Side = dict[str, list[dict[str, Any]]]

#  why                          side          records           least  most
HOW_MANY = [
    ("about 80 accounts",       "salesforce", ("Account",),       75,  90),
    ("contacts",                "salesforce", ("Contact",),       30,  45),
    ("about 40 products",       "salesforce", ("Product2",),      38,  45),
    ("about 150 opportunities", "salesforce", ("Opportunity",),  145, 160),
    ("customers and jobs",      "quickbooks", ("Customer",),     110, 130),
    ("about 40 items",          "quickbooks",
     ("ItemService", "ItemInventory", "ItemNonInventory", "ItemOtherCharge"), 38, 45),
    ("about 150 invoices",      "quickbooks", ("Invoice",),      145, 155),
]  # fmt: skip


@pytest.mark.parametrize(("why", "side", "names", "least", "most"), HOW_MANY)
def test_there_are_enough_records_and_not_too_many(
    why: str, side: str, names: tuple[str, ...], least: int, most: int, salesforce: Side, quickbooks: Side
) -> None:
    records = salesforce if side == "salesforce" else quickbooks
    assert least <= sum(len(records[name]) for name in names) <= most, why


def test_salesforce_ids_are_unique_with_prefix_and_checksum(salesforce: Side) -> None:
    prefixes = {"Account": "001", "Contact": "003", "Product2": "01t", "Pricebook2": "01s",
                "PricebookEntry": "01u", "Opportunity": "006", "OpportunityLineItem": "00k"}  # fmt: skip
    ids = [(name, record["Id"]) for name, records in salesforce.items() for record in records]
    assert set(salesforce) == set(prefixes)
    assert _twice(each for _, each in ids) == []
    wrong = [
        each for name, each in ids if not each.startswith(prefixes[name]) or each[15:] != checksum(each[:15])
    ]
    assert wrong == []


def test_quickbooks_keys_are_unique(quickbooks: Side) -> None:
    keys = [r[k] for rs in quickbooks.values() for r in rs for k in ("ListID", "TxnID") if k in r]
    keys += [line["TxnLineID"] for invoice in quickbooks["Invoice"] for line in invoice["lines"]]
    assert _twice(keys) == []
    assert [key for key in keys if not re.fullmatch(r"[0-9A-F]+-[0-9]{10}", key)] == []


def test_every_reference_leads_to_a_record(salesforce: Side, quickbooks: Side) -> None:
    ours = {record["Id"] for records in salesforce.values() for record in records}
    named = ("AccountId", "OpportunityId", "Product2Id", "Pricebook2Id", "PricebookEntryId")
    lost = [r[f] for rs in salesforce.values() for r in rs for f in named if f in r and r[f] not in ours]
    theirs = {
        r["ListID"]: r.get("FullName", r.get("Name"))
        for rs in quickbooks.values()
        for r in rs
        if "ListID" in r
    }
    for record in [*_rows(quickbooks), *(line for i in quickbooks["Invoice"] for line in i["lines"])]:
        for name in record:
            if (
                name.endswith("Ref_ListID")
                and theirs.get(record[name]) != record[name.replace("ListID", "FullName")]
            ):
                lost.append(record[name])
    assert lost == []


def test_quickbooks_ids_in_salesforce_are_unique_and_lead_to_their_counterpart(
    salesforce: Side, quickbooks: Side
) -> None:
    known = {r.get("ListID", r.get("TxnID")) for r in _rows(quickbooks)}
    held = [r["QuickBooks_Id__c"] for rs in salesforce.values() for r in rs if r.get("QuickBooks_Id__c")]
    lines = [
        r["QuickBooks_Line_Id__c"] for r in salesforce["OpportunityLineItem"] if "QuickBooks_Line_Id__c" in r
    ]
    known_lines = {line["TxnLineID"] for invoice in quickbooks["Invoice"] for line in invoice["lines"]}
    assert (_twice(held), _twice(lines)) == ([], [])
    assert (set(held) - known, set(lines) - known_lines) == (set(), set())
    assert 0.75 < len(held) / len(_linkable(quickbooks)) < 0.9, "about four in five"


def test_quickbooks_texts_fit_and_are_cp1252(quickbooks: Side) -> None:
    wrong = []
    for entity, records in quickbooks.items():
        wrong += _misfits(entity, records)
        if entity == "Invoice":
            wrong += _misfits("InvoiceLine", [line for record in records for line in record["lines"]])
    assert wrong == []


def test_quickbooks_names_are_unique_over_the_four_name_lists_and_without_colon(quickbooks: Side) -> None:
    lists = ("Customer", "Vendor", "Employee", "OtherName")
    names = [r.get("FullName", r["Name"]).casefold() for name in lists for r in quickbooks[name]]
    assert _twice(names) == []
    assert [r["Name"] for r in _rows(quickbooks) if ":" in r.get("Name", "")] == []


def test_sums_and_roundings(salesforce: Side, quickbooks: Side) -> None:
    lines: dict[str, Decimal] = {}
    for line in salesforce["OpportunityLineItem"]:
        assert line["TotalPrice"] == _cents(line["Quantity"] * line["UnitPrice"]), line["Id"]
        lines[line["OpportunityId"]] = lines.get(line["OpportunityId"], Decimal(0)) + line["TotalPrice"]
    assert [o["Name"] for o in salesforce["Opportunity"] if o["Amount"] != lines[o["Id"]]] == []
    for invoice in quickbooks["Invoice"]:
        assert all(line["Amount"] == _cents(line["Quantity"] * line["Rate"]) for line in invoice["lines"])
        assert invoice["Subtotal"] == sum(line["Amount"] for line in invoice["lines"]), invoice["RefNumber"]
        assert invoice["BalanceRemaining"] == invoice["Subtotal"] + invoice["AppliedAmount"]


def test_nobody_is_real(salesforce: Side, quickbooks: Side) -> None:
    phones, mails = [], []
    for record in [*_rows(salesforce), *_rows(quickbooks)]:
        phones += [record[f] for f in ("Phone", "Fax", "MobilePhone", "AltPhone") if record.get(f)]
        mails += [record["Email"]] if record.get("Email") else []
    assert [p for p in phones if not re.fullmatch(r"\(?\d{3}\)?[ -]555-01\d\d", p)] == []
    assert [m for m in mails if not m.endswith((".example.com", "@example.com", ".example.org"))] == []


def test_accounts_that_differ_never_share_a_telephone_number(salesforce: Side) -> None:
    phones = [account["Phone"] for account in salesforce["Account"]]
    assert _twice(phones) == [], "the telephone rule would propose a match that nobody planted"


def test_times_lie_before_the_first_demo_run_and_carry_the_standard_offset(
    salesforce: Side, quickbooks: Side
) -> None:
    for record in _rows(salesforce):
        assert record["CreatedDate"] <= record["SystemModstamp"] < "2026-07-01", record["Id"]
        assert re.fullmatch(r"2\d{3}-\d\d-\d\dT\d\d:\d\d:\d\d\.000\+0000", record["SystemModstamp"])
    for record in (r for r in _rows(quickbooks) if "TimeModified" in r):
        created, modified = (datetime.fromisoformat(record[f]) for f in ("TimeCreated", "TimeModified"))
        assert created <= modified < datetime.fromisoformat("2026-07-01T00:00:00-08:00"), record
        assert record["TimeModified"].endswith("-08:00"), "QuickBooks ignores daylight saving"
        assert record["EditSequence"] == str(int(modified.timestamp()))


def _rows(side: Side) -> Iterator[dict[str, Any]]:
    return (record for records in side.values() for record in records)


def _twice(values: Iterator[str] | list[str]) -> list[str]:
    return sorted(value for value, count in Counter(values).items() if count > 1)


def _cents(amount: Decimal | int) -> Decimal:
    return Decimal(amount).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def _linkable(quickbooks: Side) -> set[str]:
    kinds = ("Customer", "Invoice", "ItemService", "ItemInventory", "ItemNonInventory", "ItemOtherCharge")
    return {r.get("ListID", r.get("TxnID")) for kind in kinds for r in quickbooks[kind]}


def _misfits(entity: str, records: list[dict[str, Any]]) -> list[str]:
    """Values that are too long, of an unknown field, or that QuickBooks would store as '?'."""
    lengths = {field["name"]: field.get("length") or 0 for field in describe(entity)["fields"]}
    wrong = []
    for record in records:
        for name, value in record.items():
            if name == "lines":
                continue
            if name not in lengths:
                wrong.append(f"{entity}.{name} is unknown")
            elif isinstance(value, str) and lengths[name] and len(value) > lengths[name]:
                wrong.append(f"{entity}.{name} {value!r} is longer than {lengths[name]}")
            if isinstance(value, str):
                value.encode("cp1252")
    return wrong
