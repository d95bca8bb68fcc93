"""Payments: which invoices they pay, and what that does to them.

A payment changes the invoice's AppliedAmount, BalanceRemaining and IsPaid, which QuickBooks computes; that
the invoice's TimeModified and EditSequence stay is unverified.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from decimal import Decimal

from qbwc.simulator.lists import Values, cents
from qbwc.simulator.records import Books, Kept
from qbwc.simulator.refusals import Refusal, bad_reference

APPLIED = "AppliedTxnID"


def pay(books: Books, payment: Kept, lines: Sequence[Values], settled: Container[str] = ()) -> None:
    """Apply a payment to the invoices its lines name, by AppliedTxnID or RefNumber; the rest is unused.

    Those in `settled` show the payment already.

    3210 where a line pays more than is due, or the payment holds less than its lines (text recorded).
    """
    made: list[dict[str, str]] = []
    for line in lines:
        invoice = _invoice(books, payment, line)
        amount = Decimal(line.get("Amount") or "0")
        if invoice.key not in settled:
            _apply(books, invoice, amount)
        made.append({APPLIED: invoice.key, "Amount": f"{amount:.2f}"})
    payment.lines = made
    applied = sum((Decimal(line["Amount"]) for line in made), Decimal(0))
    total = Decimal(payment.fields.get("TotalAmount") or applied)
    if applied > total:
        raise Refusal(3210, f"The payment of {total:.2f} is less than the {applied:.2f} that it shall pay.")
    payment.fields["TotalAmount"] = f"{total:.2f}"
    payment.fields["UnusedPayment"] = f"{total - applied:.2f}"
    payment.fields.setdefault("UnusedCredits", "0.00")


def take_back(books: Books, payment: Kept) -> None:
    """The invoices are as if the payment had not been."""
    for line in payment.lines:
        invoice = books.get(line[APPLIED])
        if invoice is not None:
            _apply(books, invoice, -Decimal(line["Amount"]))


def paid_by(books: Books, record: Kept) -> list[Kept]:
    """The payments that are applied to an invoice."""
    return [user for user in books.users(record.key) if user.entity == "ReceivePayment"]


def _invoice(books: Books, payment: Kept, line: Values) -> Kept:
    customer = payment.fields.get("CustomerRef_ListID")
    if line.get(APPLIED):
        found = [books.get(line[APPLIED])]
    else:
        found = list(books.named(("Invoice",), line.get("RefNumber", "")))
    for record in found:
        if record is not None and record.fields.get("CustomerRef_ListID") == customer:
            return record
    named = line.get(APPLIED) or line.get("RefNumber") or ""
    raise bad_reference("Invoice", named, "ReceivePayment")


def _apply(books: Books, invoice: Kept, amount: Decimal) -> None:
    fields = invoice.fields
    remaining = Decimal(fields["BalanceRemaining"]) - amount
    if amount > 0 and remaining < 0:
        raise Refusal(3210, "QuickBooks error message: You cannot pay more than the amount due.")
    books.book(fields["CustomerRef_ListID"], cents(str(remaining)) - invoice.cents)
    fields["AppliedAmount"] = f"{Decimal(fields['AppliedAmount']) - amount:.2f}"
    fields["BalanceRemaining"] = f"{remaining:.2f}"
    invoice.cents = cents(str(remaining))
    books.put(invoice)
