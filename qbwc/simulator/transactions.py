"""Create and change transactions the way QuickBooks does: what the customer gives, numbers, the closing date.

What a customer's record gives (address, terms) is filled where the transaction brings none.  Neither a new
transaction nor a changed one may be dated on or before the closing date (3171, code unverified; whether
estimates and orders are held to it is unverified: here they are).
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from datetime import date, timedelta

from qbwc.descriptor import CONCRETE
from qbwc.simulator.lines import changed_lines, new_lines, txn_id
from qbwc.simulator.lists import Values, apply, current, edit_sequence, refuse_emptied, resolved
from qbwc.simulator.payments import paid_by, pay, take_back
from qbwc.simulator.records import Books, Kept
from qbwc.simulator.refusals import Refusal
from qbwc.simulator.totals import settle, unbook

_ADDRESSES = ("BillAddress_", "ShipAddress_")
# Of the transaction -> of the customer, where both have it.
_FROM_CUSTOMER = {
    "TermsRef_ListID": "TermsRef_ListID",
    "SalesRepRef_ListID": "SalesRepRef_ListID",
    "ItemSalesTaxRef_ListID": "ItemSalesTaxRef_ListID",
    "CustomerSalesTaxCodeRef_ListID": "SalesTaxCodeRef_ListID",
}
_DEFAULTS = {
    "Invoice": {"IsPending": "false", "AppliedAmount": "0.00"},
    "SalesReceipt": {"IsPending": "false"},
    "CreditMemo": {"IsPending": "false"},
    "Estimate": {"IsActive": "true"},
    "SalesOrder": {"IsManuallyClosed": "false", "IsFullyInvoiced": "false"},
}
CLOSED = "preferences:AccountingPreferences_ClosingDate"


def add_txn(
    books: Books,
    entity: str,
    values: Values,
    lines: Sequence[Values],
    now: str,
    *,
    key: str | None = None,
    settled: Container[str] = (),
) -> Kept:
    """A new transaction; 3140 where it points to nothing.  `settled`: invoices a payment leaves alone."""
    fields = {name: value for name, value in resolved(books, entity, values).items() if value != ""}
    _defaults(books, entity, fields, now)
    refuse_closed(books, fields["TxnDate"])
    fields.setdefault("TimeCreated", now)
    fields.setdefault("EditSequence", edit_sequence(books))
    record = Kept(
        key=key or txn_id(books), entity=entity, position=books.next_number(), name="", full_name="",
        parent=None, active=True, modified=fields.pop("TimeModified", now), fields=fields,
    )  # fmt: skip
    fields.setdefault("TxnNumber", str(record.position))
    if entity == "ReceivePayment":
        pay(books, record, lines, settled)
    else:
        record.lines = new_lines(books, entity, lines)
    settle(books, record)
    return record


def mod_txn(
    books: Books,
    entity: str,
    key: str,
    sequence: str | None,
    values: Values,
    lines: Sequence[Values] | None,
    now: str,
) -> Kept:
    """A changed transaction.  With lines, those not named are deleted; the others keep their order (3290)."""
    record = current(books, entity, key, sequence)
    refuse_closed(books, record.fields["TxnDate"], values.get("TxnDate"))
    given = resolved(books, entity, values)
    refuse_emptied(entity, given)
    _refuse_other_customer(books, record, given)
    unbook(books, record)
    if entity == "ReceivePayment" and lines is not None:
        take_back(books, record)
        apply(record.fields, given)
        pay(books, record, lines)
    elif lines is not None:
        record.lines = changed_lines(books, record, lines)
        kept = {"", *(line["TxnLineID"] for line in record.lines)}
        record.custom = {place: told for place, told in record.custom.items() if place in kept}
    apply(record.fields, given)
    touch(books, record, now)
    settle(books, record)
    return record


def touch(books: Books, record: Kept, now: str) -> None:
    """Mark a record as changed."""
    record.fields["EditSequence"] = edit_sequence(books)
    record.modified = now


def refuse_closed(books: Books, *days: str | None, code: int = 3171) -> None:
    """A `Refusal` where a day lies in the closed period."""
    closed = books.setting(CLOSED)
    for day in days:
        if closed and day and day <= closed:
            words = (
                f"An attempt was made to modify a transaction dated {day}, on or before the closing date of "
                f"the company ({closed})."
            )
            raise Refusal(code, words)


def _refuse_other_customer(books: Books, record: Kept, given: Values) -> None:
    """A paid invoice stays with its customer (3210, unverified)."""
    customer = given.get("CustomerRef_ListID", record.fields.get("CustomerRef_ListID"))
    if customer != record.fields.get("CustomerRef_ListID") and paid_by(books, record):
        raise Refusal(3210, "The customer of a transaction cannot change while a payment is applied to it.")


def _defaults(books: Books, entity: str, fields: dict[str, str], now: str) -> None:
    places = {element.name for element in CONCRETE[entity].elements}
    customer = books.get(fields.get("CustomerRef_ListID", ""))
    if customer is not None:
        _from_customer(customer, fields, places)
    fields.setdefault("TxnDate", now[:10])
    if "DueDate" in places:
        fields.setdefault("DueDate", _due(books, fields))
    for name, value in _DEFAULTS.get(entity, {}).items():
        fields.setdefault(name, value)
    if "ARAccountRef" in places and "ARAccountRef_ListID" not in fields:
        receivable = books.keys(
            ("Account",), "json_extract(body, '$.fields.AccountType') = 'AccountsReceivable'"
        )
        if receivable:
            fields["ARAccountRef_ListID"] = receivable[0]
    _number(books, entity, fields)


def _from_customer(customer: Kept, fields: dict[str, str], places: set[str]) -> None:
    for prefix in _ADDRESSES:
        if prefix[:-1] in places and not any(name.startswith(prefix) for name in fields):
            fields.update({name: text for name, text in customer.fields.items() if name.startswith(prefix)})
    for mine, theirs in _FROM_CUSTOMER.items():
        if mine.removesuffix("_ListID") in places and theirs in customer.fields:
            fields.setdefault(mine, customer.fields[theirs])


def _due(books: Books, fields: Mapping[str, str]) -> str:
    terms = books.get(fields.get("TermsRef_ListID", ""))
    days = int(terms.fields.get("StdDueDays", "0")) if terms else 0
    return (date.fromisoformat(fields["TxnDate"]) + timedelta(days=days)).isoformat()


def _number(books: Books, entity: str, fields: dict[str, str]) -> None:
    """The next RefNumber where none is given: one more than the last that was a number."""
    last = int(books.setting(f"number:{entity}", "0"))
    number = fields.setdefault("RefNumber", str(last + 1))
    if number.isascii() and number.isdigit() and int(number) > last:
        books.keep(f"number:{entity}", number)
