"""Canonical tables: which records enter, how they are known, and what is refused at once."""

import datetime as dt
from decimal import Decimal

import duckdb
import pytest
from core_world import World, read, tabled

from workbench.errors import DiffError
from workbench.model import Side
from workbench.normalize import prepare, prepare_base

SF, QB = Side.SALESFORCE, Side.QUICKBOOKS

ACCOUNTS = read("""\
mapping: accounts
salesforce: {object: Account, label: Name, where: "Type IS DISTINCT FROM 'Vendor'"}
quickbooks: {object: Customer, label: FullName}
states:
  AccountToCustomer: {to: quickbooks, where: "Type = 'Customer'"}
  CustomerToAccount: {to: salesforce}
operations: {}
match: []
fields:
  name: {salesforce: Name, quickbooks: Name, type: name}
  credit: {salesforce: Credit__c, quickbooks: CreditLimit, type: money}
  first: {salesforce: Name, quickbooks: CompanyName, direction: to_quickbooks, on: create}
""")

SALESFORCE = """
Id | Name | Type | Credit__c:D | SystemModstamp:ts | LastModifiedDate:ts | IsDeleted:B
1  | Ann  | Customer | 10.00 | 2026-01-01 00:00:00 | 2026-01-02 03:04:05 | false
2  | Bob  | -        | -     | 2026-01-01 00:00:00 | 2026-01-02 03:04:05 | -
3  | Cy   | Vendor   | -     | 2026-01-01 00:00:00 | 2026-01-02 03:04:05 | false
4  | Di   | Customer | -     | 2026-01-01 00:00:00 | 2026-01-02 03:04:05 | true
"""
QUICKBOOKS = """
ListID | Name | FullName | CompanyName | CreditLimit:D | EditSequence | TimeModified:ts
80     | Ann  | ''       | -           | 10.00         | 17           | 2026-07-01 12:00:00
"""


def world() -> World:
    return World().table("salesforce.Account", SALESFORCE).table("quickbooks.Customer", QUICKBOOKS)


def test_a_side_becomes_comparable_columns() -> None:
    given = world()
    prepare(given.connection, ACCOUNTS, SF)
    rows = given.query(
        'SELECT id, version, modified, label, in_scope, "gate:AccountToCustomer", "v:name", "v:credit" '
        'FROM work."accounts.salesforce" ORDER BY id'
    )
    assert rows[0] == (
        "1",
        "2026-01-01 00:00:00",
        dt.datetime(2026, 1, 2, 3, 4, 5),
        "Ann",
        True,
        True,
        "Ann",
        Decimal(10),
    )
    assert [(row[0], row[4], row[5]) for row in rows] == [
        ("1", True, True),
        ("2", True, None),
        ("3", False, False),
    ]


def test_a_field_written_on_create_only_is_not_compared_but_its_raw_value_is_there() -> None:
    given = world()
    prepare(given.connection, ACCOUNTS, QB)
    columns = [row[0] for row in given.query('DESCRIBE work."accounts.quickbooks"')]
    assert "v:first" not in columns
    assert given.query(
        'SELECT id, "raw:CreditLimit", "raw:CompanyName" FROM work."accounts.quickbooks.raw"'
    ) == [("80", "10.00", None)]


def test_a_record_without_a_label_goes_by_its_key() -> None:
    given = world()
    prepare(given.connection, ACCOUNTS, QB)
    assert given.query('SELECT label FROM work."accounts.quickbooks"') == [("80",)]


#  why                       zone                    as UTC
ZONES = [
    ("summer time", "America/New_York", dt.datetime(2026, 7, 1, 16)),
    ("east", "Europe/Berlin", dt.datetime(2026, 7, 1, 10)),
    ("not known", None, None),
]


@tabled("zone expected", ZONES)
def test_quickbooks_times_are_local(zone: str | None, expected: dt.datetime | None) -> None:
    given = world()
    prepare(given.connection, ACCOUNTS, QB, zone=zone)
    assert given.query('SELECT modified FROM work."accounts.quickbooks"') == [(expected,)]


def test_equal_rows_have_equal_hashes_and_a_null_has_its_place() -> None:
    given = World().table(
        "salesforce.Account",
        """
        Id | Name | Type | Credit__c:D | SystemModstamp:ts | LastModifiedDate:ts
        1  | Ann  | -    | 10.00       | -                 | -
        2  | Ann  | x    | 10.00       | -                 | -
        3  | Ann  | -    | -           | -                 | -
        4  | -    | -    | 10.00       | -                 | -
        """,
    )
    prepare(given.connection, ACCOUNTS, SF)
    hashes = dict(given.query('SELECT id, h FROM work."accounts.salesforce"'))
    assert hashes["1"] == hashes["2"]
    assert len({hashes["1"], hashes["3"], hashes["4"]}) == 3


HEADER = "Id | Name | Type | Credit__c:D\n"
#  why                Salesforce table                                    words
BROKEN = [
    ("key twice", HEADER + "1 | a | - | -\n1 | b | - | -", "empty or occur twice\n  Id 1  2 times"),
    ("key is empty", HEADER + "'' | a | - | -", "Id (empty)  1 times"),
    ("key is NULL", HEADER + "- | a | - | -", "Id (empty)  1 times"),
    ("float", HEADER.replace(":D", ":F") + "1 | a | - | 1.5", "'Credit__c' is DOUBLE, expected DECIMAL"),
    ("no number", HEADER.replace(":D", "") + "1 | a | - | ten", "Salesforce are no money\n  1  ten"),
    ("no column", HEADER.replace("Name", "Nam") + "1 | a | - | -", "has no column 'Name'\nClosest: Nam."),
    ("no filter column", "Id | Name | Credit__c:D\n1 | a | -", "can't be prepared: Binder Error"),
]  # fmt: skip


@tabled("table words", BROKEN)
def test_what_can_not_be_compared_is_refused_with_the_way_out(table: str, words: str) -> None:
    given = World().table("salesforce.Account", table)
    with pytest.raises(DiffError) as caught:
        prepare(given.connection, ACCOUNTS, SF)
    assert words in str(caught.value)
    assert str(caught.value).startswith("test.yaml:2: ")


def test_an_object_that_was_not_pulled() -> None:
    with pytest.raises(DiffError, match="the QuickBooks snapshot has no table 'Customer'"):
        prepare(World().connection, ACCOUNTS, QB)


PRODUCTS = read("""\
mapping: products
salesforce:
  object: Product2
  label: Name
  related:
    PricebookEntry:
      key: Product2Id
      where: 'Pricebook2Id IN (SELECT Id FROM salesforce."Pricebook2" WHERE IsStandard)'
quickbooks: {object: Item, label: Name}
states: {}
operations: {}
match: []
fields:
  price: {salesforce: PricebookEntry.UnitPrice, quickbooks: Price, type: price}
""")


def products(entries: str) -> World:
    return (
        World()
        .table("salesforce.Product2", "Id | Name\n01t1 | Bolt\n01t2 | Nut")
        .table("salesforce.Pricebook2", "Id | IsStandard:B\n01s1 | true\n01s2 | false")
        .table(
            "salesforce.PricebookEntry", "Product2Id | Pricebook2Id | UnitPrice:D | IsDeleted:B\n" + entries
        )
    )


def test_related_records_bring_their_fields() -> None:
    given = products("01t1 | 01s1 | 5.00 | false\n01t1 | 01s2 | 4.00 | false\n01t1 | 01s1 | 9.00 | true")
    prepare(given.connection, PRODUCTS, SF)
    assert given.query('SELECT id, "v:price" FROM work."products.salesforce" ORDER BY id') == [
        ("01t1", Decimal(5)),
        ("01t2", None),
    ]
    assert given.query(
        'SELECT "raw:PricebookEntry.UnitPrice" FROM work."products.salesforce.raw" WHERE id = \'01t1\''
    ) == [("5.00",)]


def test_two_related_records_are_refused_rather_than_one_chosen() -> None:
    given = products("01t1 | 01s1 | 5.00 | false\n01t1 | 01s1 | 4.00 | false")
    with pytest.raises(DiffError, match="more than one PricebookEntry\n  01t1  2 times"):
        prepare(given.connection, PRODUCTS, SF)


INVOICES = read("""\
mapping: invoices
salesforce: {object: Opportunity, label: Name}
quickbooks: {object: Invoice, label: RefNumber}
states: {InvoiceToOpportunity: {to: salesforce, where: "RefNumber <> 'draft'"}}
operations: {}
match: []
fields: {number: {salesforce: Number, quickbooks: RefNumber}}
lines:
  salesforce: {object: OpportunityLineItem, parent: OpportunityId, order: SortOrder, label: Description}
  quickbooks: {object: InvoiceLine, parent: TxnID, order: SeqNo, label: Desc}
  match: []
  fields: {text: {salesforce: Description, quickbooks: Desc}}
""")


def test_lines_have_a_place_and_their_documents_version_time_and_gate() -> None:
    invoice = "TxnID | RefNumber | EditSequence | TimeModified:ts\nT1 | 7 | 42 | 2026-01-01 12:00:00"
    lines = "TxnLineID | TxnID | SeqNo:N | Desc\nc | T1 | 2 | c\nb | T1 | - | b\na | T1 | 1 | a"
    given = World().table("quickbooks.Invoice", invoice).table("quickbooks.InvoiceLine", lines)
    assert INVOICES.lines
    prepare(given.connection, INVOICES.lines, QB, zone="UTC")
    assert given.query(
        'SELECT id, parent, position, version, modified, "gate:InvoiceToOpportunity" '
        'FROM work."invoices.lines.quickbooks" ORDER BY position'
    ) == [(line, "T1", at, "42", dt.datetime(2026, 1, 1, 12), True) for at, line in enumerate("acb", 1)]


def test_the_base_is_read_under_todays_mapping() -> None:
    given = world()
    given.base(
        "accounts",
        "p1",
        {"Name": " Ann ", "Credit__c": "10.0"},
        {"Name": "Ann", "CreditLimit": "10.00"},
        "name",
        "credit",
    )
    given.base("accounts", "p2", {"Name": "Bob"}, {"Name": "Bob"}, "name")
    given.base("others", "p1", {"Name": "x"}, {"Name": "x"}, "name")
    prepare_base(given.connection, ACCOUNTS)
    rows = given.query(
        'SELECT pair, "s:name", "s:credit", "q:credit", hs = hq FROM work."accounts.base" ORDER BY pair'
    )
    assert rows == [("p1", "Ann", Decimal(10), Decimal(10), True), ("p2", "Bob", None, None, None)]


def test_a_bases_hash_is_that_of_the_rows_it_was_taken_from() -> None:
    given = world()
    given.base(
        "accounts",
        "p1",
        {"Name": "Ann", "Credit__c": "10"},
        {"Name": "Ann", "CreditLimit": "10"},
        "name",
        "credit",
    )
    prepare(given.connection, ACCOUNTS, SF)
    prepare_base(given.connection, ACCOUNTS)
    assert given.query(
        'SELECT s.h = b.hs FROM work."accounts.base" b, work."accounts.salesforce" s WHERE s.id = \'1\''
    ) == [(True,)]


def test_a_number_in_the_bases_json_is_refused_because_duckdb_reads_it_through_a_float() -> None:
    given = world().base("accounts", "p1", {"Credit__c": 10.25}, {"CreditLimit": "10.25"}, "credit")
    with pytest.raises(DiffError, match="JSON number, a float"):
        prepare_base(given.connection, ACCOUNTS)


def test_two_bases_of_a_pair_and_broken_json_are_refused() -> None:
    given = world().base("accounts", "p1", {}, {}, "name").base("accounts", "p1", {}, {}, "name")
    with pytest.raises(DiffError, match="more than one base"):
        prepare_base(given.connection, ACCOUNTS)
    given = world()
    given.connection.execute("INSERT INTO kept.base VALUES ('accounts', 'p1', ['name'], '{\"Name\": ', '{}')")
    with pytest.raises(DiffError, match="JSON"):
        prepare_base(given.connection, ACCOUNTS)


def test_names_with_quotes_stay_names() -> None:
    odd = read(
        """\
mapping: o'dd "one"
salesforce: {object: "A\\"b", label: Id}
quickbooks: {object: "C'd", label: ListID}
states: {}
operations: {}
match: []
fields: {"it's \\"x\\"": {salesforce: "N'\\"", quickbooks: Name}}
"""
    )
    given = World()
    given.rows('salesforce.A"b', [("Id", "VARCHAR"), ("N'\"", "VARCHAR")], [["1", "x"]])
    prepare(given.connection, odd, SF)
    prepare_base(given.connection, odd)
    assert isinstance(given.connection, duckdb.DuckDBPyConnection)
    assert given.query('SELECT "v:it\'s ""x""" FROM work."o\'dd ""one"".salesforce"') == [("x",)]
