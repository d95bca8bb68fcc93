"""Invented customers as QuickBooks answers them: pages of a CustomerQuery, made before anything is timed.

A record has what a used company file has (address blocks, references, balances, custom fields left out), some
2.2 kB of it; every value differs from record to record, some are absent, some need escaping.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

REQUEST_ID = "R" * 32
"""Stands for the id of the query, which is not known when the pages are made; ids have as many characters."""

_CITIES = ("Salem", "Bend", "Zürich", "Eugene", "Medford", "Québec", "Ashland", "Corvallis")
_TERMS = ("Net 15", "Net 30", "Due on receipt", "2% 10 Net 30")


def customer(number: int) -> str:
    """One CustomerRet."""
    name = f"Customer {number:06d} & Co" if number % 7 else f"Möbel {number:06d}"
    listed = name.replace("&", "&amp;")
    stamp = f"2026-{1 + number % 12:02d}-{1 + number % 28:02d}T{number % 24:02d}:{number % 60:02d}:07-08:00"
    balance = Decimal(number * 37 % 1_000_000) / 100 * (-1 if number % 50 == 0 else 1)
    city, terms = _CITIES[number % len(_CITIES)], _TERMS[number % len(_TERMS)]
    street, code, phone = (
        f"{number % 9000} Oak Street",
        f"97{number % 1000:03d}",
        f"503-555-{number % 10_000:04d}",
    )
    block = (
        f"<Addr1>{listed}</Addr1>\n<Addr2>{street}</Addr2>\n<Addr3>Suite {number % 400}</Addr3>\n"
        f"<City>{city}</City>\n<State>OR</State>\n<PostalCode>{code}</PostalCode>\n<Country>US</Country>\n"
    )
    lines = f"<Addr1>{listed}</Addr1>\n<Addr2>{street}</Addr2>\n<Addr3>{city}, OR {code}</Addr3>\n"
    fax = "" if number % 3 else f"<Fax>{phone}</Fax>\n"
    notes = (
        "" if number % 5 else f"<Notes>Called on {stamp[:10]}; wants &quot;net&quot; prices &lt;2%</Notes>\n"
    )
    return (
        f"<CustomerRet>\n<ListID>80{number:06X}-1785958998</ListID>\n<TimeCreated>{stamp}</TimeCreated>\n"
        f"<TimeModified>{stamp}</TimeModified>\n<EditSequence>17{number:08d}</EditSequence>\n"
        f"<Name>{listed}</Name>\n<FullName>{listed}</FullName>\n"
        f"<IsActive>{'false' if number % 40 == 0 else 'true'}</IsActive>\n<Sublevel>0</Sublevel>\n"
        f"<CompanyName>{listed}</CompanyName>\n<Salutation>Ms.</Salutation>\n<FirstName>Ada</FirstName>\n"
        f"<LastName>Number{number}</LastName>\n<BillAddress>\n{block}</BillAddress>\n"
        f"<BillAddressBlock>\n{lines}</BillAddressBlock>\n<ShipAddress>\n{block}</ShipAddress>\n"
        f"<ShipAddressBlock>\n{lines}</ShipAddressBlock>\n<PrintAs>{listed}</PrintAs>\n"
        f"<Phone>{phone}</Phone>\n<AltPhone>{phone}</AltPhone>\n{fax}"
        f"<Email>ada.{number}@example.com</Email>\n<Contact>Ada Number{number}</Contact>\n"
        f"<TermsRef>\n<ListID>8000000{number % 4}-1785958000</ListID>\n<FullName>{terms}</FullName>\n"
        "</TermsRef>\n"
        "<SalesRepRef>\n<ListID>80000001-1785958111</ListID>\n<FullName>EJ</FullName>\n</SalesRepRef>\n"
        f"<Balance>{balance:.2f}</Balance>\n<TotalBalance>{balance:.2f}</TotalBalance>\n"
        "<SalesTaxCodeRef>\n<ListID>80000001-1785958222</ListID>\n<FullName>Tax</FullName>\n</SalesTaxCodeRef>\n"
        f"<AccountNumber>A-{number}</AccountNumber>\n<CreditLimit>{number % 90 * 1000}.00</CreditLimit>\n"
        f"<JobStatus>None</JobStatus>\n{notes}<IsStatementWithParent>false</IsStatementWithParent>\n"
        "<PreferredDeliveryMethod>None</PreferredDeliveryMethod>\n</CustomerRet>"
    )


def page(number: int, size: int, total: int) -> str:
    """Page `number` (from 0) of that many customers, as one answer document."""
    first, last = number * size, min(total, (number + 1) * size)
    records = "\n".join(customer(each) for each in range(first, last))
    return (
        f'<?xml version="1.0" ?>\n<QBXML>\n<QBXMLMsgsRs>\n<CustomerQueryRs requestID="{REQUEST_ID}" '
        f'statusCode="0" statusSeverity="Info" statusMessage="Status OK" '
        f'iteratorRemainingCount="{total - last}" iteratorID="{{EB05F701-F727-472F-8ADE-6753C4F67A46}}">\n'
        f"{records}\n</CustomerQueryRs>\n</QBXMLMsgsRs>\n</QBXML>\n"
    )


def write_pages(folder: Path, size: int, total: int) -> list[Path]:
    """Write all pages as files, in order."""
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for number in range(-(-total // size)):
        path = folder / f"{number:05d}.xml"
        path.write_text(page(number, size, total), "utf-8")
        made.append(path)
    return made


def read_pages(files: list[Path]) -> Iterator[bytes]:
    """The documents, one in memory at a time."""
    for path in files:
        yield path.read_bytes()
