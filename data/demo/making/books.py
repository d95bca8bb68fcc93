"""The records of both sides, made together so that they agree wherever nobody planted anything.

`Books` holds two dictionaries of lists of records, by Salesforce object and by QuickBooks entity.  Every
method adds one thing that both sides know (an account that is a customer, and so on), or one of them only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from making import words
from making.case import QUICKBOOKS, SALESFORCE, Line
from making.ids import draw, list_id, pick, salesforce_id, txn_id

Record = dict[str, Any]

CENT = Decimal("0.01")
# QuickBooks writes the offset of standard time all year round.
PACIFIC = timezone(timedelta(hours=-8))
_CREATED = datetime(2025, 2, 3, 17, 0, tzinfo=UTC)
_TODAY = date(2026, 7, 1)  # everything here was last changed before
_PREFIX = {
    "Account": "001",
    "Contact": "003",
    "Product2": "01t",
    "Pricebook2": "01s",
    "PricebookEntry": "01u",
    "Opportunity": "006",
    "OpportunityLineItem": "00k",
}


class Books:
    """Both sides' records, and where to find them by the name a person knows.

    Attributes:
        salesforce, quickbooks: Records by object and by entity.
        found: (side, object, label) -> record; a line's label is (label of its parent, description).
        unlinked: Mapping -> pairs whose Salesforce record lacks the QuickBooks id.
    """

    def __init__(self) -> None:
        self.salesforce: dict[str, list[Record]] = {name: [] for name in _PREFIX}
        self.quickbooks: dict[str, list[Record]] = {}
        self.found: dict[tuple[str, str, object], Record] = {}
        self.unlinked: dict[str, int] = {}
        self._lists = 0x20
        self._transactions = 0x1A00
        self._phones: dict[str, int] = {}
        self._accounts = 0
        self.price_book = self._sf(
            "Pricebook2", "Standard Price Book", Name="Standard Price Book", IsActive=True
        )
        self.price_book["IsStandard"] = True

    # -- the four kinds of pairs

    def account(
        self,
        salesforce: str | None,
        quickbooks: str | None,
        *,
        linked: bool = True,
        town: int | None = None,
        sf: Mapping[str, object] | None = None,
        qb: Mapping[str, object] | None = None,
    ) -> None:
        """An account and its customer; a None name leaves that side without it."""
        key = salesforce or quickbooks or ""
        place, state, postal, area = pick(words.TOWNS, "town", key) if town is None else words.TOWNS[town]
        street = [f"{10 + draw(880, 'house', key)} {pick(words.STREETS, 'street', key)}"]
        if draw(3, "second line", key) == 0:
            street.append(pick(words.SECOND_LINES, "second", key))
        phone = self._phone(area)
        fax = self._phone(area) if draw(4, "fax", key) == 0 else None
        self._accounts += 1
        number = f"C-{1000 + self._accounts}"
        if quickbooks:
            customer = self._qb(
                "Customer",
                quickbooks,
                Name=quickbooks,
                FullName=quickbooks,
                IsActive=True,
                Sublevel=0,
                CompanyName=quickbooks,
                BillAddress_Addr1=street[0],
                BillAddress_Addr2="".join(street[1:]) or None,
                BillAddress_City=place,
                BillAddress_State=state,
                BillAddress_PostalCode=postal,
                BillAddress_Country="USA",
                Phone=_dashed(phone),
                Fax=_dashed(fax),
                AccountNumber=number,
                **self._reference("TermsRef", "StandardTerms", pick(("Net 15", "Net 30"), "terms", key)),
                **self._reference("SalesTaxCodeRef", "SalesTaxCode", "Non"),
            )
            customer.update(qb or {})
        if salesforce:
            account = self._sf(
                "Account",
                salesforce,
                Name=salesforce,
                AccountNumber=number if quickbooks else None,
                Type="Customer - Direct",
                Industry=pick(words.INDUSTRIES, "industry", key),
                Phone=phone,
                Fax=fax,
                BillingStreet="\n".join(street),
                BillingCity=place,
                BillingState=state,
                BillingPostalCode=postal,
                BillingCountry="United States",
                Active__c=True,
            )
            account.update(sf or {})
        if salesforce and quickbooks:
            self._link("account-customer", account, "QuickBooks_Id__c", customer["ListID"], linked)

    def contact(
        self,
        salesforce: str | None,
        quickbooks: str | None,
        *,
        account: str,
        linked: bool = True,
        sf: Mapping[str, object] | None = None,
        qb: Mapping[str, object] | None = None,
    ) -> None:
        """A contact "First Last" and its job; `account` is the label of the account, or of the customer."""
        first, last = (salesforce or quickbooks or "").rpartition(":")[2].split(" ", 1)
        key = f"{first} {last}"
        area = pick(words.TOWNS, "town", account)[3]
        phone = self._phone(area)
        mobile = self._phone(area) if draw(2, "mobile", key) else None
        email = f"{first}.{last}@{_slug(account)}.example.com"
        shared = {
            "Salutation": pick(words.SALUTATIONS, "salutation", key),
            "FirstName": first,
            "LastName": last,
        }
        title = pick(words.TITLES, "title", key)
        if quickbooks:
            parent = self.found[QUICKBOOKS, "Customer", account]
            name = f"{parent['FullName']}:{key}"
            job = self._qb(
                "Customer",
                name,
                Name=key,
                FullName=name,
                IsActive=True,
                ParentRef_ListID=parent["ListID"],
                ParentRef_FullName=parent["FullName"],
                Sublevel=1,
                **shared,
                JobTitle=title,
                Phone=_dashed(phone),
                AltPhone=_dashed(mobile),
                Email=email,
                JobStatus="InProgress",
                **self._reference("SalesTaxCodeRef", "SalesTaxCode", "Non"),
            )
            job.update(qb or {})
        if salesforce:
            person = self._sf(
                "Contact",
                salesforce,
                AccountId=self.found[SALESFORCE, "Account", account]["Id"],
                **shared,
                Name=key,
                Title=title,
                Phone=phone,
                MobilePhone=mobile,
                Email=email.lower(),
            )
            person.update(sf or {})
            person["Name"] = f"{person['FirstName']} {person['LastName']}"
            self.found[SALESFORCE, "Contact", person["Name"]] = person
        if salesforce and quickbooks:
            self._link("contact-customer", person, "QuickBooks_Id__c", job["ListID"], linked)

    def product(
        self,
        salesforce: str | None,
        quickbooks: str | None,
        *,
        kind: str,
        price: str,
        text: str,
        code: str | None = None,
        linked: bool = True,
        purchased: bool = False,
        sf: Mapping[str, object] | None = None,
        qb: Mapping[str, object] | None = None,
    ) -> None:
        """A product with its standard price, and its item.

        `purchased` makes an item that is bought as well as sold; QuickBooks keeps its price elsewhere.
        """
        if quickbooks:
            item = self._qb(
                f"Item{kind}",
                quickbooks,
                Name=quickbooks,
                FullName=quickbooks,
                IsActive=True,
                Sublevel=0,
                **self._reference("SalesTaxCodeRef", "SalesTaxCode", "Non"),
                **self._selling(kind, purchased, text, Decimal(price)),
                **({"ManufacturerPartNumber": code} if code else {}),
            )
            item.update(qb or {})
            self.found[QUICKBOOKS, "Item", quickbooks] = item
        if salesforce:
            product = self._sf(
                "Product2",
                salesforce,
                Name=salesforce,
                ProductCode=code,
                Description=text,
                IsActive=True,
                Family="Services" if kind == "Service" else "Goods",
                QuickBooks_Item_Type__c=kind,
            )
            entry = self._sf(
                "PricebookEntry",
                salesforce,
                Pricebook2Id=self.price_book["Id"],
                Product2Id=product["Id"],
                UnitPrice=Decimal(price),
                IsActive=True,
                UseStandardPrice=False,
            )
            values = dict(sf or {})
            if "UnitPrice" in values:
                entry["UnitPrice"] = values.pop("UnitPrice")
            product.update(values)
        if salesforce and quickbooks:
            self._link("product-item", product, "QuickBooks_Id__c", item["ListID"], linked)

    def opportunity(
        self,
        salesforce: str | None,
        quickbooks: str | None,
        *,
        account: str,
        day: date,
        lines: Iterable[Line],
        memo: str | None = None,
        paid: bool = False,
        linked: bool = True,
        sf: Mapping[str, object] | None = None,
        qb: Mapping[str, object] | None = None,
    ) -> None:
        """A won opportunity (by its name) and its invoice (by its number), with lines."""
        lines = tuple(lines)
        if quickbooks:
            invoice = self._invoice(quickbooks, account, day, memo)
        if salesforce:
            deal = self._sf(
                "Opportunity",
                salesforce,
                _won=day,
                Name=salesforce,
                AccountId=self.found[SALESFORCE, "Account", account]["Id"],
                StageName="Closed Won",
                CloseDate=day.isoformat(),
                Pricebook2Id=self.price_book["Id"],
                Description=memo,
                Type="Existing Customer - Upgrade",
                Generate__c="Invoice",
                Invoice_Number__c=quickbooks,
                IsClosed=True,
                IsWon=True,
            )
        for line in lines:
            both = bool(salesforce and quickbooks and line.side is None)
            sold = self._sold(deal, line) if salesforce and line.side != QUICKBOOKS else None
            billed = self._billed(invoice, line) if quickbooks and line.side != SALESFORCE else None
            if both and sold is not None and billed is not None:
                ours = "opportunity-invoice.lines"
                self._link(ours, sold, "QuickBooks_Line_Id__c", billed["TxnLineID"], linked)
        if quickbooks:
            self._settle(invoice, paid)
            invoice.update(qb or {})
        if salesforce:
            own = (s for s in self.salesforce["OpportunityLineItem"] if s["OpportunityId"] == deal["Id"])
            deal["Amount"] = sum((each["TotalPrice"] for each in own), Decimal("0.00"))
            deal.update(sf or {})
        if salesforce and quickbooks:
            self._link("opportunity-invoice", deal, "QuickBooks_Id__c", invoice["TxnID"], linked)

    def listed(self, entity: str, name: str, **fields: object) -> None:
        """A record of a plain QuickBooks list: account, terms, tax code, vendor, employee, other name."""
        self._qb(entity, name, Name=name, IsActive=True, **fields)

    # -- pieces

    def _sold(self, deal: Record, line: Line) -> Record:
        entry = self.found[SALESFORCE, "PricebookEntry", line.product]
        product = self.found[SALESFORCE, "Product2", line.product]
        quantity, rate = Decimal(line.quantity), Decimal(line.rate or entry["UnitPrice"])
        text = line.text or product["Description"]
        values: Record = {"Quantity": quantity, "UnitPrice": rate, "Description": text, **line.salesforce}
        order = 1 + sum(s["OpportunityId"] == deal["Id"] for s in self.salesforce["OpportunityLineItem"])
        return self._sf(
            "OpportunityLineItem",
            (deal["Name"], text),
            _won=date.fromisoformat(deal["CloseDate"]),
            OpportunityId=deal["Id"],
            PricebookEntryId=entry["Id"],
            Product2Id=product["Id"],
            **values,
            TotalPrice=_cents(values["Quantity"] * values["UnitPrice"]),
            SortOrder=order,
        )

    def _invoice(self, number: str, account: str, day: date, memo: str | None) -> Record:
        customer = self.found[QUICKBOOKS, "Customer", account]
        terms = {key: value for key, value in customer.items() if key.startswith("TermsRef")}
        address = {key: value for key, value in customer.items() if key.startswith("BillAddress")}
        days = 15 if "15" in customer.get("TermsRef_FullName", "") else 30
        moment = datetime(
            day.year, day.month, day.day, 17 + draw(6, number), draw(60, "m", number), tzinfo=PACIFIC
        )
        return self._qb(
            "Invoice",
            number,
            _at=moment,
            TxnNumber=len(self.quickbooks.get("Invoice", [])) + 1,
            CustomerRef_ListID=customer["ListID"],
            CustomerRef_FullName=customer["FullName"],
            **self._reference("ARAccountRef", "Account", "Accounts Receivable"),
            TxnDate=day.isoformat(),
            RefNumber=number,
            **address,
            IsPending=False,
            IsFinanceCharge=False,
            **terms,
            DueDate=(day + timedelta(days=days)).isoformat(),
            Memo=memo,
            IsToBePrinted=False,
            lines=[],
            **self._reference("CustomerSalesTaxCodeRef", "SalesTaxCode", "Non"),
        )

    def _billed(self, invoice: Record, line: Line) -> Record:
        item = self.found[QUICKBOOKS, "Item", line.product]
        quantity, rate = Decimal(line.quantity), Decimal(line.rate or _price(item))
        text = line.text or _text(item)
        values: Record = {"Desc": text, "Quantity": quantity, "Rate": rate, **line.quickbooks}
        self._transactions += 1
        billed = {
            "TxnLineID": txn_id(self._transactions, int(invoice["TxnID"].split("-")[1])),
            "ItemRef_ListID": item["ListID"],
            "ItemRef_FullName": item["FullName"],
            **values,
            "Amount": _cents(values["Quantity"] * values["Rate"]),
            **self._reference("SalesTaxCodeRef", "SalesTaxCode", "Non"),
        }
        invoice["lines"].append(billed)
        self.found[QUICKBOOKS, "InvoiceLine", (invoice["RefNumber"], billed["Desc"])] = billed
        return billed

    def _settle(self, invoice: Record, paid: bool) -> None:
        total = sum((line["Amount"] for line in invoice["lines"]), Decimal("0.00"))
        invoice.update(
            Subtotal=total,
            SalesTaxPercentage=Decimal("0.00"),
            SalesTaxTotal=Decimal("0.00"),
            AppliedAmount=-total if paid else Decimal("0.00"),
            BalanceRemaining=Decimal("0.00") if paid else total,
            IsPaid=paid,
            lines=invoice.pop("lines"),
        )

    def _selling(self, kind: str, purchased: bool, text: str, price: Decimal) -> Record:
        income = "Other Income" if kind == "OtherCharge" else "Sales"
        if kind == "Inventory":
            return {
                "SalesDesc": text,
                "SalesPrice": price,
                **self._reference("IncomeAccountRef", "Account", income),
                "PurchaseCost": _cents(price * Decimal("0.62")),
                **self._reference("COGSAccountRef", "Account", "Cost of Goods Sold"),
                **self._reference("AssetAccountRef", "Account", "Inventory Asset"),
                "QuantityOnHand": Decimal(20 + draw(60, "stock", text)),
            }
        if purchased:
            return {
                "SalesAndPurchase_SalesDesc": text,
                "SalesAndPurchase_SalesPrice": price,
                **self._reference("SalesAndPurchase_IncomeAccountRef", "Account", income),
                "SalesAndPurchase_PurchaseCost": _cents(price * Decimal("0.62")),
                **self._reference("SalesAndPurchase_ExpenseAccountRef", "Account", "Cost of Goods Sold"),
            }
        return {
            "SalesOrPurchase_Desc": text,
            "SalesOrPurchase_Price": price,
            **self._reference("SalesOrPurchase_AccountRef", "Account", income),
        }

    def _reference(self, field: str, entity: str, name: str) -> Record:
        return {f"{field}_ListID": self.found[QUICKBOOKS, entity, name]["ListID"], f"{field}_FullName": name}

    def _link(self, mapping: str, record: Record, field: str, value: str, linked: bool) -> None:
        if linked:
            record[field] = value
        else:
            self.unlinked[mapping] = self.unlinked.get(mapping, 0) + 1

    def _sf(self, name: str, label: object, _won: date | None = None, **fields: object) -> Record:
        """A new Salesforce record with its audit times (UTC).

        `_won` is the day on which an opportunity was closed; nobody has touched it or its lines since.
        """
        number = len(self.salesforce[name])
        created = _CREATED + timedelta(hours=7 * number + draw(7, "sf", name, label))
        changed = datetime(2026, 1, 7, 15, tzinfo=UTC) + timedelta(
            minutes=draw(140 * 24 * 60, "sf changed", name, label)
        )
        if _won and _won < _TODAY:
            changed = datetime(_won.year, _won.month, _won.day, 17, draw(60, "won", label), tzinfo=UTC)
            created = changed - timedelta(days=20)
        record = {
            "Id": salesforce_id(_PREFIX[name], number + 1),
            **fields,
            "CreatedDate": _utc(created),
            "LastModifiedDate": _utc(changed),
            "SystemModstamp": _utc(changed),
            "IsDeleted": False,
        }
        self.salesforce[name].append(record)
        return self._remember(SALESFORCE, name, label, record)

    def _qb(self, entity: str, label: object, _at: datetime | None = None, **fields: object) -> Record:
        """A new QuickBooks record with its key, times (local text) and EditSequence.

        `_at` is when a transaction was entered; nobody has touched it since.
        """
        made = _at or _CREATED + timedelta(hours=5 * self._lists + draw(5, "qb", entity, label))
        changed = _at or datetime(2026, 1, 7, 16, tzinfo=PACIFIC) + timedelta(
            minutes=draw(140 * 24 * 60, "qb changed", entity, label)
        )
        if _at:
            self._transactions += 1
            key = {"TxnID": txn_id(self._transactions, int(made.timestamp()))}
        else:
            self._lists += 1
            key = {"ListID": list_id(self._lists, int(made.timestamp()))}
        record = {
            **key,
            "TimeCreated": _local(made),
            "TimeModified": _local(changed),
            "EditSequence": str(int(changed.timestamp())),
            **fields,
        }
        self.quickbooks.setdefault(entity, []).append(record)
        return self._remember(QUICKBOOKS, entity, label, record)

    def _remember(self, side: str, name: str, label: object, record: Record) -> Record:
        if (side, name, label) in self.found:
            raise ValueError(f"two records are called the same: {side} {name} {label!r}")
        self.found[side, name, label] = record
        return record

    def _phone(self, area: str) -> str:
        """The next number of an area's fictitious range, 555-0100 and up; none is given twice."""
        used = self._phones.setdefault(area, 0)
        if used == 50:
            raise ValueError(
                f"the area {area} has no numbers left; those from 555-0150 are for planted cases"
            )
        self._phones[area] = used + 1
        return f"({area}) 555-01{used:02d}"


def modified(day: str) -> Record:
    """Times of a Salesforce record that was last changed on a day, at noon UTC."""
    return {"LastModifiedDate": f"{day}T12:00:00.000+0000", "SystemModstamp": f"{day}T12:00:00.000+0000"}


def touched(day: str) -> Record:
    """Times of a QuickBooks record that was last changed on a day, at nine in the morning."""
    moment = datetime.fromisoformat(f"{day}T09:00:00-08:00")
    return {"TimeModified": _local(moment), "EditSequence": str(int(moment.timestamp()))}


def _price(item: Record) -> Decimal:
    names = ("SalesOrPurchase_Price", "SalesAndPurchase_SalesPrice", "SalesPrice")
    return next(item[name] for name in names if name in item)


def _text(item: Record) -> str:
    names = ("SalesOrPurchase_Desc", "SalesAndPurchase_SalesDesc", "SalesDesc")
    return next(item[name] for name in names if name in item)


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def _dashed(phone: str | None) -> str | None:
    """The bookkeeper types (503) 555-0142 as 503-555-0142."""
    return phone and phone.replace("(", "").replace(") ", "-")


def _slug(name: str) -> str:
    return re.sub("[^a-z0-9]+", "-", name.lower()).strip("-")


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def _local(moment: datetime) -> str:
    return moment.astimezone(PACIFIC).isoformat(timespec="seconds")
