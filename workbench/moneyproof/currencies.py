"""One word for a currency: Salesforce has codes, QuickBooks names, a side with one currency says nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from workbench.model import Side
from workbench.moneyproof.books import CODES
from workbench.moneyproof.figures import Document, Held


def in_codes(documents: Sequence[Document]) -> tuple[Document, ...]:
    """The documents with codes for currencies.

    Where one side names none and the other names exactly one, at no rate, it is that one.
    """
    found = {side: _codes(documents, side) for side in Side}
    if not any(found[side] - {""} for side in Side):
        return tuple(documents)
    foreign = any(each.quickbooks and each.quickbooks.rate not in (None, 0, 1) for each in documents)
    given = {side: "" if foreign or found[side] > {""} else _only(found[side.other]) for side in Side}
    return tuple(
        replace(
            each,
            salesforce=_in_code(each.salesforce, given[Side.SALESFORCE]),
            quickbooks=_in_code(each.quickbooks, given[Side.QUICKBOOKS]),
        )
        for each in documents
    )


def code(name: str) -> str:
    """The code of a currency; the name itself where it has none that is known."""
    return CODES.get(name, name)


def _codes(documents: Sequence[Document], side: Side) -> set[str]:
    return {code(held.currency) for each in documents if (held := each.held(side)) is not None}


def _only(codes: set[str]) -> str:
    named = codes - {""}
    return next(iter(named)) if len(named) == 1 else ""


def _in_code(held: Held | None, given: str) -> Held | None:
    return held and replace(held, currency=code(held.currency) or given)


def same_currency(document: Document) -> bool | None:
    """Whether both sides of a document name the same currency; None where one of them names none."""
    left, right = document.salesforce, document.quickbooks
    if left is None or right is None or not left.currency or not right.currency:
        return None
    return left.currency == right.currency
