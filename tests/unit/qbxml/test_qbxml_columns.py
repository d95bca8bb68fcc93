"""The fast way and the careful one agree: a page as columns of texts, and as records, of every kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal as D
from pathlib import Path
from random import Random
from typing import Any
from xml.sax.saxutils import escape

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qbwc.descriptor import (
    CONCRETE,
    ENTITIES,
    ITEM_FIELDS,
    UNIONS,
    Element,
    Line,
    Union,
    columns,
    line_entities,
)
from qbwc.errors import QbxmlError
from qbwc.qbxml import page_columns, parse_records
from qbwc.qbxml.unions import BRANCHES
from qbwc.qbxml.values import READERS
from workbench.snapshots import Column, TableData, TextTable, write_file

HEAD = '<?xml version="1.0" ?>\n<QBXML>\n<QBXMLMsgsRs>\n'
FOOT = "</QBXMLMsgsRs>\n</QBXML>\n"
CUSTOM = [
    {"OwnerID": "0", "DataExtName": "Region", "DataExtType": "STR255TYPE", "AssignToObject": "Customer;Item"},
    {"OwnerID": "0", "DataExtName": "Limit", "DataExtType": "AMTTYPE", "AssignToObject": "Customer;Vendor"},
    {"OwnerID": "0", "DataExtName": "Since", "DataExtType": "DATETIMETYPE", "AssignToObject": "Customer"},
]
QUERIED = sorted(
    name for name, each in ENTITIES.items() if "query" in each.actions and each.shape in ("list", "txn")
)


def document(entity: str, *records: str, request: str = "r") -> str:
    """One page of one query, with another answer before it."""
    told = 'statusCode="0" statusSeverity="Info" statusMessage="Status OK"'
    terms = "<StandardTermsRet><Name>Net</Name></StandardTermsRet>"
    other = f'<TermsQueryRs requestID="other" {told}>{terms}</TermsQueryRs>'
    asked = f'<{entity}QueryRs requestID="{request}" {told}>{"".join(records)}</{entity}QueryRs>'
    return f"{HEAD}{other}{asked}{FOOT}"


# --- documents of every kind --------------------------------------------------------------------------------

TIMES = ["2026-03-30T10:00:00-08:00", "2026-03-30T10:00:00", "2026-03-30T09:05", "2026-3-1"]
TEXTS = ["a", " b ", "<&>", "Zürich €", "0"]
NUMBERS = ["0", "-0.01", "12.50", "99999.99", "7", "33.33"]
VALUES: Mapping[str, list[str]] = {
    **dict.fromkeys(("text", "name", "email", "id", "edit", "guid"), TEXTS),
    **dict.fromkeys(("amount", "price", "quantity", "percent", "rate"), NUMBERS),
    "bool": ["true", "false", "1", "0"],
    "int": ["0", "-3", "41"],
    "date": ["2026-03-30", "1999-12-31"],
    "time": TIMES,
}


class Scribe:
    """Writes records of every kind; chance decides what is in them, what is empty, what stands twice."""

    def __init__(self, random: Random) -> None:
        self.random = random

    def elements(self, made: tuple[Element, ...]) -> str:
        return "".join(
            f"<{element.tag('ret')}>{self.inside(element)}</{element.tag('ret')}>"
            for element in made
            if element.ret and self.random.random() < 0.7
            for _ in range(self.random.choice([1, 1, 1, 2]))
        )

    def inside(self, element: Element) -> str:
        if element.children:
            return self.elements(element.children)
        if self.random.random() < 0.3:
            return ""
        return escape(self.random.choice(element.values or VALUES[element.kind]))

    def record(self, concrete: str) -> str:
        described = CONCRETE.get(concrete)
        own = described.elements if described else UNIONS["Item"].elements
        branches = [branch for branch in BRANCHES if (concrete, branch) in ITEM_FIELDS]
        unlike = set(branches) - {self.random.choice(branches)} if branches else set()
        own = tuple(element for element in own if element.name not in unlike)
        key = described.key if described else "ListID"
        head = f"<{key}>K-1</{key}><TimeModified>{self.random.choice(TIMES)}</TimeModified>"
        inside = f"{head}{self.elements(own)}{self.custom()}<Unheard>of</Unheard>"
        if described and described.lines:
            inside += "".join(self.line(described.lines) for _ in range(self.random.randint(0, 3)))
        return f"<{concrete}Ret>{inside}</{concrete}Ret>"

    def line(self, lines: Line) -> str:
        key = f"<{lines.key}>L-{self.random.randint(1, 9)}</{lines.key}>" if lines.key else ""
        one = f"<{lines.ret}>{key}{self.elements(lines.inner)}{self.custom()}</{lines.ret}>"
        if lines.group and self.random.random() < 0.4:
            bundled = one * self.random.randint(0, 2)
            return f"<{lines.group}Ret><TxnLineID>G-1</TxnLineID>{bundled}</{lines.group}Ret>"
        return one

    def custom(self) -> str:
        given = [("Region", "West"), ("Region", ""), ("Limit", "12.50"), ("Since", TIMES[1]), ("Who", "x")]
        return "".join(
            f"<DataExtRet><OwnerID>0</OwnerID><DataExtName>{name}</DataExtName><DataExtType>STR255TYPE"
            f"</DataExtType><DataExtValue>{text}</DataExtValue></DataExtRet>"
            for name, text in self.random.sample(given, self.random.randint(0, 2))
        )


def concretes(entity: str) -> list[str]:
    """The entities whose records its query may return."""
    described = ENTITIES[entity]
    return [*described.members, *described.others] if isinstance(described, Union) else [entity]


# --- both ways ----------------------------------------------------------------------------------------------


def expected(text: str, entity: str) -> dict[str, list[dict[str, Any]]]:
    """Rows by table, as the careful way reads them."""
    tables: dict[str, list[dict[str, Any]]] = {}
    for found in parse_records(text, "r"):
        tables.setdefault(entity, []).append(found.fields | named(found.custom, entity))
        for table in line_entities(entity):
            for one in found.lines.get(table, []):
                tables.setdefault(table, []).append(one | named(one.get("custom", {}), table))  # type: ignore[arg-type]
    return tables


def named(values: Mapping[str, str], table: str) -> dict[str, Any]:
    """Custom fields as values of their columns."""
    kinds = {column.name: column.kind for column in columns(table, CUSTOM)}
    made: dict[str, Any] = {}
    for name, text in values.items():
        if text and f"Custom_{name}" in kinds:
            made[f"Custom_{name}"] = READERS[kinds[f"Custom_{name}"]](text)
            made[f"Custom_{name}_Text"] = text
    return made


def read(texts: Mapping[str, list[str | None]], table: str) -> Iterator[dict[str, Any]]:
    """Rows of a table of texts, each read by the kind of its column; a time from its own text, else cut."""
    length = len(next(iter(texts.values())))
    for number in range(length):
        row = {}
        for column in columns(table, CUSTOM):
            cut = texts.get(f"{column.name}_Text", [None] * length)[number]
            text = texts[column.name][number] if column.name in texts else cut and cut[:19]
            row[column.name] = READERS[column.kind](text) if text else None
        yield row


@pytest.mark.parametrize("entity", QUERIED)
@settings(max_examples=10)
@given(random=st.integers(0, 2**32).map(Random), count=st.integers(0, 3))
def test_both_ways_give_the_same_values(entity: str, random: Random, count: int) -> None:
    scribe = Scribe(random)
    text = document(entity, *(scribe.record(random.choice(concretes(entity))) for _ in range(count)))
    want = expected(text, entity)
    for table, texts in page_columns(text, "r", entity, custom=CUSTOM).items():
        names = [column.name for column in columns(table, CUSTOM)]
        assert [name for name in names if name in texts] == [name for name in texts if name in names]
        rows = [{name: row.get(name) for name in names} for row in want.get(table, ())]
        assert list(read(texts, table)) == rows


INVOICE = (
    "<InvoiceRet><TxnID>T-1</TxnID><TimeCreated>2026-03-30T10:00:00-08:00</TimeCreated>"
    "<TimeModified>2026-3-1</TimeModified><EditSequence>1</EditSequence><CustomerRef><ListID>C-1</ListID>"
    "<FullName>A &amp; B</FullName></CustomerRef><TxnDate>2026-03-30</TxnDate><Subtotal>10.05</Subtotal>"
    "<IsPaid>false</IsPaid>{lines}</InvoiceRet>"
)
LINES = (
    "<InvoiceLineRet><TxnLineID>L-1</TxnLineID><Quantity>1.5</Quantity><Amount>-0.01</Amount></InvoiceLineRet>"
    "<InvoiceLineGroupRet><TxnLineID>G-1</TxnLineID><InvoiceLineRet><TxnLineID>L-2</TxnLineID>"
    "<Rate>33.33333</Rate></InvoiceLineRet></InvoiceLineGroupRet>"
)


def test_duckdb_casts_to_the_same_table(tmp_path: Path) -> None:
    text = document("Invoice", INVOICE.format(lines=LINES), INVOICE.format(lines=""))
    want = expected(text, "Invoice")
    for table, texts in page_columns(text, "r", "Invoice").items():
        made = [Column(column.name, column.type) for column in columns(table)]
        write_file(tmp_path / f"{table}-a.duckdb", [TextTable(name=table, columns=made, batches=[texts])])
        write_file(tmp_path / f"{table}-b.duckdb", [TableData(name=table, columns=made, rows=want[table])])
        assert rows_of(tmp_path / f"{table}-a.duckdb", table) == rows_of(
            tmp_path / f"{table}-b.duckdb", table
        )
    (first, second) = rows_of(tmp_path / "InvoiceLine-a.duckdb", "InvoiceLine")
    assert (first["Quantity"], first["Amount"], second["GroupTxnLineID"]) == (D("1.5"), D("-0.01"), "G-1")


def rows_of(file: Path, table: str) -> list[dict[str, Any]]:
    """All rows of a table in a file."""
    with duckdb.connect(str(file), read_only=True) as connection:
        found = connection.execute(f'SELECT * FROM "{table}"')
        names = [column[0] for column in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def test_only_the_columns_that_are_wanted() -> None:
    text = document("Invoice", INVOICE.format(lines=LINES))
    found = page_columns(text, "r", "Invoice", wanted=["TxnID", "TimeCreated", "Memo"])
    assert found["Invoice"] == {
        "TxnID": ["T-1"],
        "TimeCreated_Text": ["2026-03-30T10:00:00-08:00"],
        "Memo": [None],
    }
    assert found["InvoiceLine"]["TxnLineID"] == ["L-1", "L-2"]


def test_only_the_records_of_the_request() -> None:
    text = document("Invoice", INVOICE.format(lines=LINES))
    assert not any(page_columns(text, "nobody", "Invoice")["Invoice"].values())
    assert page_columns(text, "other", "Terms")["Terms"]["Name"] == ["Net"]


def test_no_records_give_empty_columns() -> None:
    found = page_columns(document("Customer"), "r", "Customer")
    assert found["Customer"]["Name"] == []


#    why                         entity      record                                     told
TROUBLE = [
    ("cut off",                  "Customer", "<CustomerRet><Name>A",                    "malformed qbXML"),
    ("a record of another kind", "Customer", "<VendorRet><Name>A</Name></VendorRet>",   "record of Vendor"),
    ("of another union",         "Item",     "<CustomerRet/>",                          "record of Customer"),
    ("a time that is none",      "Class",    "<ClassRet><TimeCreated>x</TimeCreated></ClassRet>", "Created"),
]  # fmt: skip


@pytest.mark.parametrize(("why", "entity", "inside", "told"), TROUBLE, ids=[row[0] for row in TROUBLE])
def test_what_cannot_be_read_is_told(why: str, entity: str, inside: str, told: str) -> None:
    text = document(entity, inside)
    with pytest.raises(QbxmlError, match=told):
        page_columns(text if why != "cut off" else text[: text.index("A") + 1], "r", entity)
