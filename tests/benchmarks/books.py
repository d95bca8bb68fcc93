"""Invented customers of two systems that agreed once and have moved since: the data of the diff benchmark.

    Customer__c    a record each, with 14 mapped fields as sales writes them
    Customer       the same ones, in another order and in QuickBooks' ways of writing
    kept           their pairs, and what both sides held when they agreed

Of a hundred pairs two have moved in Salesforce, two in QuickBooks and one in both, in one or two fields; of a
hundred records one is on one side only.  On each later day two of a hundred more move, one on each side.  All
follows from the number of a record, so the same rows come every time.
"""

from __future__ import annotations

from collections.abc import Mapping as ReadOnly
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from workbench.mapping import read_mapping
from workbench.model import Mapping, Side
from workbench.snapshots import Family, Read, Snapshot, store_snapshot

T0 = datetime(2026, 3, 30, 2, 0, tzinfo=UTC)
"""When the first snapshots were taken; each later one is taken a day after the one before."""

TEXT = """\
mapping: customers
salesforce: {object: Customer__c, label: Name, where: "Kind__c IS DISTINCT FROM 'Vendor'"}
quickbooks: {object: Customer, label: FullName, where: "Sublevel = 0"}
states: {AccountToCustomer: {to: quickbooks}, CustomerToAccount: {to: salesforce}}
operations: {salesforce: [add, modify], quickbooks: [add, modify]}
winner: quickbooks
match: [{rule: number, field: number, accept: true}]
fields:
  name: {salesforce: Name, quickbooks: Name, type: name, transform: colon_dash, winner: salesforce}
  phone: {salesforce: Phone, quickbooks: Phone, type: phone}
  email: {salesforce: Email__c, quickbooks: Email, type: email, winner: salesforce}
  street:
    salesforce: BillingStreet
    quickbooks: [Addr1, Addr2, Addr3]
    type: text
    transform: street_lines
  city: {salesforce: BillingCity, quickbooks: City, type: text}
  state: {salesforce: BillingState, quickbooks: State, type: text, values: {Oregon: OR, Washington: WA}}
  postal_code: {salesforce: BillingPostalCode, quickbooks: PostalCode, type: text}
  country: {salesforce: BillingCountry, quickbooks: Country, type: text, values: {United States: USA}}
  number: {salesforce: AccountNumber, quickbooks: AccountNumber, type: text}
  active: {salesforce: Active__c, quickbooks: IsActive, type: boolean}
  since: {salesforce: Since__c, quickbooks: JobStartDate, type: date}
  limit: {salesforce: Limit__c, quickbooks: CreditLimit, type: money, tolerance: "0.005"}
  discount: {salesforce: Discount__c, quickbooks: Discount, type: quantity, winner: manual}
  terms: {salesforce: Terms__c, quickbooks: TermsRef_ListID, type: reference, reference: terms}
"""
NAMES = {Side.SALESFORCE: "Customer__c", Side.QUICKBOOKS: "Customer"}
KEYS = {Side.SALESFORCE: "Id", Side.QUICKBOOKS: "ListID"}
TERMS = 12
"""Records of the list that `terms` refers to, all linked."""

# How often a record was edited on a side before the first day, by the last two digits of its number.
_MOVED = {
    Side.SALESFORCE: "CASE WHEN n % 100 IN (3, 41, 53) THEN 1 ELSE 0 END",
    Side.QUICKBOOKS: "CASE n % 100 WHEN 17 THEN 1 WHEN 67 THEN 1 WHEN 41 THEN 2 ELSE 0 END",
}
# Those that are edited once more on a later day.
_LATER = {Side.SALESFORCE: "(7 * n + 51) % 100 < {days}", Side.QUICKBOOKS: "(11 * n + 71) % 100 < {days}"}
_THERE = {Side.SALESFORCE: "n % 200 <> 99", Side.QUICKBOOKS: "n % 200 <> 199"}
_BOTH = " AND ".join(_THERE.values())

_MACROS = """
-- How often field k of record n was edited, when the record was edited v times: one field, or two.
CREATE OR REPLACE TEMP MACRO e(n, v, k) AS
  v * (n // 100 % 14 = k OR (n // 1400 % 3 = 0 AND (n // 100 + 5) % 14 = k))::INT;
CREATE OR REPLACE TEMP MACRO digits(n, v) AS printf('503%07d', (n * 7919 + 13 * e(n, v, 1)) % 10000000);
CREATE OR REPLACE TEMP MACRO town(n) AS 'Customer ' || n || ' of ' || CASE n % 5
  WHEN 0 THEN 'Salem' WHEN 1 THEN 'Bend' WHEN 2 THEN 'Zürich' WHEN 3 THEN 'Eugene' ELSE 'Québec' END;
CREATE OR REPLACE TEMP MACRO named(n, v, group_word) AS
  CASE WHEN n % 50 = 0 THEN group_word ELSE '' END || town(n) || repeat(' II', e(n, v, 0));
CREATE OR REPLACE TEMP MACRO sf_id(n) AS printf('001%012dAAA', n);
CREATE OR REPLACE TEMP MACRO qb_id(n) AS printf('80%06X-1785958998', n);
CREATE OR REPLACE TEMP MACRO sf_terms(n) AS printf('a0T%012dAAA', n);
CREATE OR REPLACE TEMP MACRO qb_terms(n) AS printf('8000%04X-1785958000', n);
CREATE OR REPLACE TEMP MACRO pair_id(n) AS 'p' || md5(n::VARCHAR)[1:20];
"""
_SHARED = f"""
  (n % 40 <> 0) <> (e(n, v, 9) % 2 = 1) AS active,
  DATE '2010-01-01' + CAST((n + e(n, v, 10)) % 5000 AS INTEGER) AS since,
  CAST((n * 37 + e(n, v, 11)) % 10000000 AS DECIMAL(18, 2)) AS credit,
  CAST((n + e(n, v, 12)) % 40 AS DECIMAL(18, 5)) AS discount,
  (n + e(n, v, 13)) % {TERMS} AS term,
  'A-' || n || repeat('x', e(n, v, 8)) AS number,
  printf('97%03d', (n + e(n, v, 6)) % 1000) AS postal_code,
  'City ' || (n % 3000) || repeat('h', e(n, v, 4)) AS city,
  (n % 9000) || ' Oak Street' || repeat(' N', e(n, v, 3)) AS street,
  (n + e(n, v, 5)) % 3 AS state,
  (n % 20 = 0) <> (e(n, v, 7) % 2 = 1) AS abroad,
  TIMESTAMP '2026-03-01' + to_seconds(n % 86400 + v * 3600) AS modified
"""
_SALESFORCE = """
SELECT sf_id(n) AS Id, named(n, v, 'Group: ') AS Name,
  '(' || digits(n, v)[1:3] || ') ' || digits(n, v)[4:6] || '-' || digits(n, v)[7:10] AS Phone,
  'Buyer.' || n || repeat('z', e(n, v, 2)) || '@Example.com' AS Email__c,
  street || chr(10) || 'Suite ' || (n % 400) AS BillingStreet, city AS BillingCity,
  CASE state WHEN 0 THEN 'Oregon' WHEN 1 THEN 'Washington' ELSE 'Idaho' END AS BillingState,
  postal_code AS BillingPostalCode, CASE WHEN NOT abroad THEN 'United States' END AS BillingCountry,
  number AS AccountNumber, active AS Active__c, since AS Since__c, credit AS Limit__c,
  discount AS Discount__c, sf_terms(term) AS Terms__c, CASE WHEN n % 7 = 0 THEN 'Customer' END AS Kind__c,
  modified AS LastModifiedDate, modified AS SystemModstamp
"""
_QUICKBOOKS = """
SELECT qb_id(n) AS ListID, named(n, v, 'Group - ') AS Name, Name AS FullName,
  digits(n, v)[1:3] || '-' || digits(n, v)[4:6] || '-' || digits(n, v)[7:10] AS Phone,
  'buyer.' || n || repeat('z', e(n, v, 2)) || '@example.com' AS Email,
  street AS Addr1, 'Suite ' || (n % 400) AS Addr2, CAST(NULL AS VARCHAR) AS Addr3, city AS City,
  CASE state WHEN 0 THEN 'OR' WHEN 1 THEN 'WA' ELSE 'Idaho' END AS State,
  postal_code AS PostalCode, CASE WHEN NOT abroad THEN 'USA' END AS Country,
  number AS AccountNumber, active AS IsActive, since AS JobStartDate, credit AS CreditLimit,
  discount AS Discount, qb_terms(term) AS TermsRef_ListID, 0 AS Sublevel,
  modified AS TimeModified, CAST(1785958998 + v AS VARCHAR) AS EditSequence
"""
_SELECTS = {Side.SALESFORCE: _SALESFORCE, Side.QUICKBOOKS: _QUICKBOOKS}


def mapping() -> Mapping:
    """How the customers correspond."""
    return read_mapping(TEXT, Path("customers.yaml"))


def fill(connection: duckdb.DuckDBPyConnection, side: Side, table: str, rows: int, *, days: int = 0) -> None:
    """Make the table of one side as it was so many days after the first comparison."""
    connection.execute(_MACROS)
    edits = f"{_MOVED[side]} + ({_LATER[side].format(days=days)})::INT"
    # QuickBooks gives records in the order of its own ids.
    order = "ORDER BY hash(n)" if side is Side.QUICKBOOKS else ""
    connection.execute(
        f"CREATE TABLE {table} AS {_SELECTS[side]} FROM ({_numbers(rows, edits, _THERE[side])}) {order}"
    )


def pull(path: Path, side: Side, rows: int, day: int, before: Snapshot | None) -> Snapshot:
    """Keep the table of a side in a snapshot file, as the product does: in full, or what changed since."""
    family = Family(name=NAMES[side], key=KEYS[side])

    def read(connection: duckdb.DuckDBPyConnection) -> list[Read]:
        fill(connection, side, f'stage."{family.name}"', rows, days=day)
        return [Read(family=family)]

    stored = store_snapshot(path, read, before=before)
    return snapshot(path, side, day, stored.counts, stored.kind, stored.below)


def snapshot(
    path: Path, side: Side, day: int, counts: ReadOnly[str, int], kind: str, below: Sequence[Path]
) -> Snapshot:
    """The row of the catalogue for such a file."""
    at = T0 + timedelta(days=day)
    return Snapshot(
        id=path.stem, side=side, file=path, started_at=at, ended_at=at, counts=counts, describes={},
        kind=kind, below=tuple(below),
    )  # fmt: skip


def fill_agreed(connection: duckdb.DuckDBPyConnection, table: str, rows: int) -> None:
    """Make a table of what both sides held when they agreed: pair, keys, and values as sales writes them."""
    connection.execute(_MACROS)
    values = f"{_SALESFORCE}, n FROM ({_numbers(rows, '0', _BOTH)})"
    connection.execute(
        f"CREATE TABLE {table} AS "
        f"SELECT pair_id(r.n) AS pair, qb_id(r.n) AS ListID, r.* EXCLUDE (n) FROM ({values}) AS r"
    )


def fill_kept(connection: duckdb.DuckDBPyConnection, rows: int) -> None:
    """Fill `kept`: the pairs, and the base as raw values by API field in JSON, as the store keeps it."""
    connection.execute(_MACROS)
    connection.execute(
        "INSERT INTO kept.crosswalk SELECT 'customers', pair_id(n), sf_id(n), qb_id(n) "
        f"FROM (SELECT range AS n FROM range({rows})) WHERE {_BOTH}"
    )
    connection.execute(
        "INSERT INTO kept.crosswalk "
        f"SELECT 'terms', 't' || range, sf_terms(range), qb_terms(range) FROM range({TERMS})"
    )
    fields = ", ".join(f"'{name}'" for name in sorted(field.name for field in mapping().compared))
    told = {side: _told(side, rows) for side in Side}
    connection.execute(
        f"INSERT INTO kept.base SELECT 'customers', pair_id(s.n), [{fields}], s.told, q.told "
        f"FROM ({told[Side.SALESFORCE]}) AS s JOIN ({told[Side.QUICKBOOKS]}) AS q ON q.n = s.n"
    )
    connection.execute("INSERT INTO kept.closed VALUES ('customers')")


def _numbers(rows: int, edits: str, there: str) -> str:
    numbers = f"SELECT range AS n, {edits} AS v FROM (SELECT range, range AS n FROM range({rows}))"
    return f"SELECT n, v, {_SHARED} FROM ({numbers}) WHERE {there}"


def _told(side: Side, rows: int) -> str:
    """A query of (n, JSON object of the raw values as text)."""
    names = dict.fromkeys(name for field in mapping().compared for name in field.api(side))
    struct = ", ".join(f"'{name}': CAST(\"{name}\" AS VARCHAR)" for name in names)
    values = f"{_SELECTS[side]}, n FROM ({_numbers(rows, '0', _BOTH)})"
    return f"SELECT n, CAST(to_json({{{struct}}}) AS VARCHAR) AS told FROM ({values})"
