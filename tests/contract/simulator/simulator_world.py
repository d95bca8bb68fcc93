"""A small company file and short ways to ask it, for stories about the simulator.

Every document that goes in or comes out is checked against the published schemas where they are present.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from lxml import etree

from qbwc.qbxml import Response, build_add, build_mod, build_query, message_set, parse_responses
from qbwc.simulator import CompanyFile, Session
from tests.oracles import FOLDER

OWNER = "{57F3B9B1-86F1-4FCC-B1EE-566DE1813D20}"
FILE = "{90A44FB5-33D9-4815-AC85-BC87A7E7D1EB}"
SEED: dict[str, Any] = {
    "Company": {"CompanyName": "Alder & Sons", "FileName": "C:\\QB\\alder.qbw"},
    "StandardTerms": [{"Name": "Net 30", "StdDueDays": 30}],
    "SalesTaxCode": [{"Name": "Tax", "IsTaxable": True}],
    "Account": [
        {"Name": "Sales", "AccountType": "Income"},
        {"Name": "Receivable", "AccountType": "AccountsReceivable"},
    ],
    "Vendor": [{"Name": "Vine Supplies"}, {"Name": "Old Vendor", "IsActive": False}],
    "Employee": [{"Name": "Eva Elm"}],
    "OtherName": [{"Name": "Oskar Oak"}],
    "Customer": [
        {"Name": "Birch", "TermsRef_FullName": "Net 30", "BillAddress_City": "Salem", "Phone": "1"},
        {"Name": "Kitchen", "ParentRef_FullName": "Birch"},
        {"Name": "Cedar"},
        {"Name": "Gone", "IsActive": False},
    ],
    "ItemService": [
        {
            "Name": "Consulting",
            "SalesOrPurchase_Price": "33.333",
            "SalesOrPurchase_Desc": "Hours",
            "SalesOrPurchase_AccountRef_FullName": "Sales",
        }
    ],
    "ItemNonInventory": [{"Name": "Nails", "SalesAndPurchase_SalesPrice": "0.005"}],
    "ItemDiscount": [{"Name": "Tenth off", "DiscountRatePercent": 10}],
    "Invoice": [
        {
            "CustomerRef_FullName": "Birch",
            "TxnDate": "2026-01-03",
            "lines": [
                {"ItemRef_FullName": "Consulting", "Quantity": 3},
                {"ItemRef_FullName": "Tenth off"},
            ],
        }
    ],
}


_HEAD = '<?xml version="1.0"?><?qbxml version="13.0"?>'


class Clock:
    """A clock that moves when it is told to; the first value is a winter noon in the company's zone."""

    def __init__(self) -> None:
        self.now = datetime(2026, 2, 1, 20, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        """Move on, e.g. hours=1."""
        self.now += timedelta(**by)


@cache
def schema(side: str) -> etree.XMLSchema | None:
    """The schema of 'requests' or 'responses'; None where it is absent."""
    path = FOLDER / "qbxml" / side / "qbxmlops130.xsd"
    return etree.XMLSchema(etree.parse(path)) if path.exists() else None


def valid(document: str, side: str) -> str:
    """The document, after the schema has seen it."""
    found = schema(side)
    if found is not None:
        found.assertValid(etree.fromstring(document.encode()))
    return document


class World:
    """A company file with its clock."""

    def __init__(self, folder: Path) -> None:
        self.clock = Clock()
        self.folder = folder
        self.company = CompanyFile.create(folder / "company.db", SEED, clock=self.clock)
        self.numbers = iter(range(1, 10_000))

    def ask(self, *requests: Any, session: Session | None = None, **envelope: Any) -> list[Response]:
        """Send requests as one set and read all answers."""
        document = valid(message_set(requests, **envelope), "requests")
        answer = (session or self.company).process(document)
        return list(parse_responses(valid(answer, "responses")))

    def one(self, request: Any, **more: Any) -> Response:
        """Send one request."""
        (response,) = self.ask(request, **more)
        return response

    def raw(self, body: str, session: Session | None = None) -> list[Response]:
        """Send requests that are written out, as one set."""
        sent = f'{_HEAD}<QBXML><QBXMLMsgsRq onError="stopOnError">{body}</QBXMLMsgsRq></QBXML>'
        answer = (session or self.company).process(valid(sent, "requests"))
        return list(parse_responses(valid(answer, "responses")))

    def add(self, entity: str, fields: Mapping[str, object], lines: Sequence[Any] | None = None) -> Response:
        """Add a record."""
        return self.one(build_add(entity, fields, lines, request_id=str(next(self.numbers))))

    def mod(
        self,
        entity: str,
        name: str,
        fields: Mapping[str, object],
        lines: Sequence[Any] | None = None,
        *,
        sequence: str | None = None,
    ) -> Response:
        """Change the record that is called so, by the EditSequence it has now unless another is given."""
        now = self.row(entity, name)
        key = str(now.get("ListID") or now["TxnID"])
        used = str(sequence or now["EditSequence"])
        return self.one(build_mod(entity, key, used, fields, lines, request_id=str(next(self.numbers))))

    def query(self, entity: str, session: Session | None = None, **arguments: Any) -> Response:
        """Ask for records."""
        return self.one(build_query(entity, request_id=str(next(self.numbers)), **arguments), session=session)

    def row(self, entity: str, name: str) -> dict[str, Any]:
        """What the file holds under a full name, RefNumber or key."""
        return self.company.record(entity, name)


def names(response: Response) -> list[str]:
    """Full names of the records of an answer."""
    return [str(record.fields.get("FullName", record.fields.get("Name"))) for record in response.records]
