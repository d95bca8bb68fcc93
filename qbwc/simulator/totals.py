"""Totals of a transaction, and what it does to its customer's balance.

Sales tax: where the transaction has a sales tax item whose rate is known, the sum of its taxable lines times
the rate, rounded half up; a line is taxable unless its own code, or else its item's, says otherwise, and
nothing is where the customer's code says so (unverified in its details).

A customer's own balance changes with its transactions; its TimeModified and EditSequence do not, because
QuickBooks computes the balance.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from qbwc.descriptor import CONCRETE
from qbwc.simulator.lines import CENT, plain
from qbwc.simulator.lists import cents
from qbwc.simulator.records import Books, Kept

# Kind of transaction -> field whose amount counts in the customer's balance, and its sign.
COUNTS = {
    "Invoice": ("BalanceRemaining", 1),
    "CreditMemo": ("CreditRemaining", -1),
    "ReceivePayment": ("UnusedPayment", -1),
}


def settle(books: Books, record: Kept) -> None:
    """Totals, balance and place in the books; keeps the record."""
    fields = record.fields
    if record.entity != "ReceivePayment":
        _total(books, record)
    field, sign = COUNTS.get(record.entity, ("", 0))
    pending = fields.get("IsPending") == "true"
    record.cents = 0 if pending or not field else sign * cents(fields[field])
    record.full_name = record.name = fields.get("RefNumber", "")
    _book(books, record, record.cents)
    books.put(record)


def unbook(books: Books, record: Kept) -> None:
    """Take a transaction out of its customer's balance."""
    _book(books, record, -record.cents)


def _book(books: Books, record: Kept, change: int) -> None:
    if "CustomerRef_ListID" in record.fields:
        books.book(record.fields["CustomerRef_ListID"], change)


def _total(books: Books, record: Kept) -> None:
    fields = record.fields
    subtotal = sum((Decimal(line.get("Amount", "0")) for line in counted(books, record)), Decimal(0))
    _tax(books, record)
    total = subtotal + Decimal(fields["SalesTaxTotal"])
    fields["Subtotal"] = f"{subtotal:.2f}"
    if record.entity == "Invoice":
        if fields.pop("IsPaid", "false") == "true" and not Decimal(fields["AppliedAmount"]):
            fields["AppliedAmount"] = f"{-total:.2f}"
        fields["BalanceRemaining"] = f"{total + Decimal(fields['AppliedAmount']):.2f}"
        return
    before = Decimal(fields.get("TotalAmount", "0"))
    fields["TotalAmount"] = f"{total:.2f}"
    if record.entity == "CreditMemo":
        used = before - Decimal(fields["CreditRemaining"]) if "CreditRemaining" in fields else Decimal(0)
        fields["CreditRemaining"] = f"{total - used:.2f}"


def counted(books: Books, record: Kept) -> list[dict[str, str]]:
    """The lines without those of subtotal items, which repeat what stands above them."""
    if not books.has("ItemSubtotal"):
        return record.lines
    items = {line.get("ItemRef_ListID", "") for line in record.lines}
    repeat = {item.key for item in books.many(sorted(items)) if item.entity == "ItemSubtotal"}
    return [line for line in record.lines if line.get("ItemRef_ListID") not in repeat]


def _tax(books: Books, record: Kept) -> None:
    fields = record.fields
    given = fields.pop("GivenSalesTaxTotal", None)
    item = books.get(fields.get("ItemSalesTaxRef_ListID", ""))
    if given is not None or item is None or "TaxRate" not in item.fields:
        fields["SalesTaxTotal"] = given or fields.get("SalesTaxTotal", "0.00")
        return
    rate = Decimal(item.fields["TaxRate"])
    fields["SalesTaxPercentage"] = plain(rate)
    base = Decimal(0)
    if _taxable(books, fields.get("CustomerSalesTaxCodeRef_ListID")):
        for line in counted(books, record):
            base += Decimal(line.get("Amount", "0")) if _line_taxable(books, line) else 0
    fields["SalesTaxTotal"] = f"{(base * rate / 100).quantize(CENT, ROUND_HALF_UP):.2f}"


def _line_taxable(books: Books, line: dict[str, str]) -> bool:
    code = line.get("SalesTaxCodeRef_ListID")
    if code is None:
        item = books.get(line.get("ItemRef_ListID", ""))
        code = item.fields.get("SalesTaxCodeRef_ListID") if item else None
    return _taxable(books, code)


def _taxable(books: Books, code: str | None) -> bool:
    record = books.get(code) if code else None
    return record is None or record.fields.get("IsTaxable") != "false"


def is_transaction(entity: str) -> bool:
    """Whether records of that kind are transactions."""
    return entity in CONCRETE and CONCRETE[entity].shape == "txn"
