"""Create and change transactions the way QuickBooks does: lines, amounts, balances, numbers.

Amount = quantity x rate, rounded half up to cents, unless the line brings one; a line without rate takes its
item's price.  What a customer's record gives (address, terms) is filled where the transaction brings none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from qbwc.descriptor import CONCRETE
from qbwc.simulator.lists import Values, apply, cents, current, edit_sequence, refuse_emptied, resolved
from qbwc.simulator.records import Books, Kept
from qbwc.simulator.refusals import Refusal

CENT = Decimal("0.01")
NEW_LINE = "-1"
_ADDRESSES = ("BillAddress_", "ShipAddress_")


def add_txn(
    books: Books,
    entity: str,
    values: Values,
    lines: Sequence[Values],
    now: str,
    *,
    key: str | None = None,
) -> Kept:
    """A new transaction; 3140 where it points to nothing."""
    fields = {name: value for name, value in resolved(books, entity, values).items() if value != ""}
    _defaults(books, entity, fields, now)
    fields.setdefault("TimeCreated", now)
    fields.setdefault("EditSequence", edit_sequence(books))
    record = Kept(
        key=key or txn_id(books), entity=entity, position=books.next_number(), name="", full_name="",
        parent=None, active=True, modified=fields.pop("TimeModified", now), fields=fields,
    )  # fmt: skip
    fields.setdefault("TxnNumber", str(record.position))
    for line in lines:
        record.lines.append(_new_line(books, entity, line, record.lines))
    _settle(books, record)
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
    _unbook(books, record)
    if lines is not None:
        record.lines = _changed_lines(books, record, lines)
    given = resolved(books, entity, values)
    refuse_emptied(entity, given)
    apply(record.fields, given)
    record.fields["EditSequence"] = edit_sequence(books)
    record.modified = now
    _settle(books, record)
    return record


def txn_id(books: Books) -> str:
    """A new TxnID or TxnLineID, e.g. '4F2-1741020011'."""
    return f"{books.next_number():X}-{books.epoch}"


def _defaults(books: Books, entity: str, fields: dict[str, str], now: str) -> None:
    customer = books.get(fields["CustomerRef_ListID"])
    assert customer is not None
    for prefix in _ADDRESSES:
        if not any(name.startswith(prefix) for name in fields):
            fields.update({name: text for name, text in customer.fields.items() if name.startswith(prefix)})
    if "TermsRef_ListID" in customer.fields:
        fields.setdefault("TermsRef_ListID", customer.fields["TermsRef_ListID"])
    fields.setdefault("TxnDate", now[:10])
    fields.setdefault("DueDate", _due(books, fields))
    fields.setdefault("IsPending", "false")
    fields.setdefault("SalesTaxTotal", "0.00")
    fields.setdefault("AppliedAmount", "0.00")
    if "ARAccountRef_ListID" not in fields:
        receivable = books.keys(("Account",), "body like ?", ('%"AccountsReceivable"%',))
        if receivable:
            fields["ARAccountRef_ListID"] = receivable[0]
    _number(books, entity, fields)


def _due(books: Books, fields: Mapping[str, str]) -> str:
    terms = books.get(fields.get("TermsRef_ListID", ""))
    days = int(terms.fields.get("StdDueDays", "0")) if terms else 0
    return (date.fromisoformat(fields["TxnDate"]) + timedelta(days=days)).isoformat()


def _number(books: Books, entity: str, fields: dict[str, str]) -> None:
    """The next RefNumber where none is given: one more than the last that was a number."""
    last = int(books.setting(f"number:{entity}", "0"))
    number = fields.setdefault("RefNumber", str(last + 1))
    if number.isascii() and number.isdigit() and int(number) > last:
        books.set(f"number:{entity}", number)


def _new_line(books: Books, entity: str, values: Values, above: Sequence[Values]) -> dict[str, str]:
    line = {name: text for name, text in resolved(books, entity, values, line=True).items() if text != ""}
    identity = line.pop("TxnLineID", NEW_LINE)
    made = {"TxnLineID": txn_id(books) if identity == NEW_LINE else identity, **line}
    _priced(books, made, above)
    return made


def _changed_lines(books: Books, record: Kept, lines: Sequence[Values]) -> list[dict[str, str]]:
    stored = {line["TxnLineID"]: (number, line) for number, line in enumerate(record.lines)}
    made: list[dict[str, str]] = []
    last = -1
    for values in lines:
        identity = values.get("TxnLineID", NEW_LINE)
        if identity == NEW_LINE:
            made.append(_new_line(books, record.entity, values, made))
            continue
        if identity not in stored:
            raise Refusal(3120, f'Object "{identity}" specified in the request cannot be found.')
        number, line = stored[identity]
        if number <= last:
            raise Refusal(
                3290, f'The transaction line "{identity}" was placed in the request in incorrect order.'
            )
        last = number
        made.append(_changed_line(books, record.entity, line, values, made))
    return made


def _changed_line(
    books: Books, entity: str, line: Values, values: Values, above: Sequence[Values]
) -> dict[str, str]:
    given = resolved(books, entity, {k: v for k, v in values.items() if k != "TxnLineID"}, line=True)
    changed = dict(line)
    moved = {name for name, text in given.items() if text != changed.get(name, "")}
    apply(changed, given)
    if moved & {"Quantity", "Rate", "RatePercent", "ItemRef_ListID"} and not given.get("Amount"):
        changed.pop("Amount", None)
    elif "Amount" in moved and "Rate" not in given and "Quantity" in changed and Decimal(changed["Quantity"]):
        rate = Decimal(changed.get("Amount", "0")) / Decimal(changed["Quantity"])
        changed["Rate"] = plain(rate.quantize(Decimal("0.00001"), ROUND_HALF_UP))
    _priced(books, changed, above)
    return changed


def _priced(books: Books, line: dict[str, str], above: Sequence[Values]) -> None:
    item = books.get(line.get("ItemRef_ListID", ""))
    if item is not None:
        for name in ("SalesOrPurchase_Desc", "SalesAndPurchase_SalesDesc", "SalesDesc", "ItemDesc"):
            if name in item.fields:
                line.setdefault("Desc", item.fields[name])
    if "Amount" in line:
        line["Amount"] = f"{Decimal(line['Amount']):.2f}"
        return
    if "RatePercent" not in line and "Rate" not in line and item is not None:
        _item_rate(item, line)
    if "Rate" in line:
        amount = Decimal(line.get("Quantity", "1")) * Decimal(line["Rate"])
    elif "RatePercent" in line and above:
        amount = Decimal(above[-1].get("Amount", "0")) * Decimal(line["RatePercent"]) / 100
    else:
        return
    line["Amount"] = f"{amount.quantize(CENT, ROUND_HALF_UP):.2f}"


def _item_rate(item: Kept, line: dict[str, str]) -> None:
    """The item's own price; a discount counts against the line above."""
    for name in ("SalesOrPurchase_Price", "SalesAndPurchase_SalesPrice", "SalesPrice"):
        if name in item.fields:
            line["Rate"] = item.fields[name]
    if "DiscountRate" in item.fields:
        line["Rate"] = plain(-Decimal(item.fields["DiscountRate"]))
    if "DiscountRatePercent" in item.fields:
        line["RatePercent"] = plain(-Decimal(item.fields["DiscountRatePercent"]))


def plain(number: Decimal) -> str:
    """A number as qbXML writes prices: no exponent, no trailing zeros."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _settle(books: Books, record: Kept) -> None:
    """Totals of the transaction and what they do to the customer's balance."""
    fields = record.fields
    subtotal = sum((Decimal(line.get("Amount", "0")) for line in record.lines), Decimal(0))
    total = subtotal + Decimal(fields["SalesTaxTotal"])
    if fields.pop("IsPaid", "false") == "true" and not Decimal(fields["AppliedAmount"]):
        fields["AppliedAmount"] = f"{-total:.2f}"
    remaining = total + Decimal(fields["AppliedAmount"])
    fields["Subtotal"] = f"{subtotal:.2f}"
    fields["BalanceRemaining"] = f"{remaining:.2f}"
    record.cents = 0 if fields.get("IsPending") == "true" else cents(str(remaining))
    record.full_name = record.name = fields.get("RefNumber", "")
    _book(books, fields["CustomerRef_ListID"], record.cents)
    books.put(record)


def _unbook(books: Books, record: Kept) -> None:
    _book(books, record.fields["CustomerRef_ListID"], -record.cents)


def _book(books: Books, customer_key: str, change: int) -> None:
    if change:
        books.run("update records set cents = cents + ? where key = ?", (change, customer_key))


def unbook(books: Books, record: Kept) -> None:
    """Take a transaction that is about to be deleted out of its customer's balance."""
    if CONCRETE[record.entity].shape == "txn":
        _unbook(books, record)
