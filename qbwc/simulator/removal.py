"""Void and delete records, as far as QuickBooks lets them go.

A voided transaction stays, with amounts 0 and "VOID" in its memo (unverified for each kind).  A list record
that others refer to is not deleted, nor is a transaction that a payment is applied to, nor anything of a
closed period.  The codes are unverified: 3160 in use, 3161 closed period, 3185 cannot void.
"""

from __future__ import annotations

from qbwc.descriptor import CONCRETE
from qbwc.simulator.payments import take_back
from qbwc.simulator.records import Books, Kept
from qbwc.simulator.refusals import Refusal, not_found
from qbwc.simulator.totals import is_transaction, settle, unbook
from qbwc.simulator.transactions import refuse_closed, touch

# TxnVoidType knows these of the kinds that a company file keeps (schema); the others can be deleted only.
VOIDABLE = ("Invoice", "SalesReceipt", "CreditMemo")
_MONEY = frozenset({"amount", "quantity"})


def void(books: Books, entity: str, key: str, now: str) -> Kept:
    """The voided transaction; 3120 when it is not there, 3185 when it cannot be voided."""
    record = found(books, entity, key)
    if entity not in VOIDABLE:
        raise Refusal(3185, f"A {entity} cannot be voided.")
    refuse_closed(books, record.fields["TxnDate"], code=3185)
    _refuse_used(books, record, 3185)
    unbook(books, record)
    lines = CONCRETE[entity].lines
    money = [each.name for each in (lines.elements if lines else ()) if each.kind in _MONEY]
    for line in record.lines:
        line.update({name: "0.00" if name.endswith("Amount") else "0" for name in money if name in line})
    fields = record.fields
    fields["GivenSalesTaxTotal"] = "0.00"
    for name in ("AppliedAmount", "CreditRemaining", "TotalAmount"):
        if name in fields:
            fields[name] = "0.00"
    memo = fields.get("Memo", "")
    if not memo.startswith("VOID"):
        fields["Memo"] = f"VOID: {memo}" if memo else "VOID"
    touch(books, record, now)
    settle(books, record)
    return record


def delete(books: Books, entity: str, key: str, now: str) -> Kept:
    """The record that was deleted; the file remembers it for deleted-queries."""
    record = found(books, entity, key)
    if is_transaction(entity):
        refuse_closed(books, record.fields["TxnDate"], code=3161)
    _refuse_used(books, record, 3160)
    if is_transaction(entity):
        unbook(books, record)
        if entity == "ReceivePayment":
            take_back(books, record)
    books.remove(record, record.fields["TimeCreated"], now)
    return record


def found(books: Books, entity: str, key: str) -> Kept:
    """The record of that kind and key; 3120 when there is none."""
    record = books.get(key)
    if record is None or record.entity != entity:
        raise not_found(key)
    return record


def _refuse_used(books: Books, record: Kept, code: int) -> None:
    used = books.users(record.key)
    if used:
        words = (
            f'The object "{record.key}" ({record.full_name}) cannot be deleted or voided: it is in use by '
            f"{used[0].entity} {used[0].full_name!r}."
        )
        raise Refusal(code, words)
