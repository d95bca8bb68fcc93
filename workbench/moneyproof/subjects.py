"""What of the mappings is about money: which of them are of documents, and which of their fields are amounts.

A mapping is one of documents when QuickBooks' object is a transaction with a customer.  Its fields are told
by what they are compared with in QuickBooks, so that a mapping may call them as it likes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from workbench.errors import PlanError
from workbench.model import FieldMap, FieldType, Mapping, Side
from workbench.moneyproof import books
from workbench.moneyproof.books import ENTITIES, Entity
from workbench.normalize import evaluate

ANY_AMOUNT = Decimal(100)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """One mapping of documents.

    Attributes:
        amount, open, date, customer, state: The fields that hold these; None where the mapping has none.
        sign, open_sign: What Salesforce's amounts are multiplied by, so that they bear the books' sign.
        tax_apart: Whether Salesforce's amount is compared with QuickBooks' without tax.
        lines: The mapping of its lines, where both sides have some.
    """

    mapping: Mapping
    entity: Entity
    amount: FieldMap | None
    open: FieldMap | None
    date: FieldMap | None
    customer: FieldMap | None
    state: FieldMap | None
    sign: int
    open_sign: int
    tax_apart: bool

    @property
    def name(self) -> str:
        return self.mapping.name

    @property
    def title(self) -> str:
        return self.mapping.title or self.mapping.name

    @property
    def lines(self) -> Mapping | None:
        return self.mapping.lines


def subjects(mappings: Iterable[Mapping]) -> tuple[Subject, ...]:
    """The mappings of documents; those first that say what is open of a document, then by name."""
    found = [_subject(each) for each in mappings if each.quickbooks.object in ENTITIES and not each.parent]
    return tuple(sorted(found, key=lambda each: (each.open is None, each.name)))


def _subject(mapping: Mapping) -> Subject:
    entity = ENTITIES[mapping.quickbooks.object]
    amount = _first(mapping, books.TOTALS, FieldType.MONEY, FieldType.PRICE)
    open_ = _first(mapping, books.OPEN, FieldType.MONEY, FieldType.PRICE)
    return Subject(
        mapping=mapping,
        entity=entity,
        amount=amount,
        open=open_,
        date=_first(mapping, frozenset({books.DATE}), FieldType.DATE),
        customer=_first(mapping, frozenset({books.CUSTOMER}), FieldType.REFERENCE),
        state=_first(mapping, books.STATES, FieldType.TEXT, FieldType.NAME, FieldType.BOOLEAN),
        sign=entity.sign * _turned(amount),
        open_sign=entity.sign * _turned(open_),
        tax_apart=amount is None or not {"TotalAmount", books.TAX} & set(amount.quickbooks),
    )


def first_field(mapping: Mapping, column: str, *types: FieldType) -> FieldMap | None:
    """The first field of these types that is compared with a column of QuickBooks."""
    return _first(mapping, frozenset({column}), *types)


def _first(mapping: Mapping, columns: frozenset[str], *types: FieldType) -> FieldMap | None:
    fields = (each for each in mapping.compared if each.type in types and each.salesforce)
    return next((each for each in fields if columns & set(each.quickbooks)), None)


def _turned(field: FieldMap | None) -> int:
    """-1 where the mapping's expression turns the sign of an amount, as "-TotalAmount" does; else 1."""
    expression = field.read(Side.QUICKBOOKS) if field else None
    if expression is None:
        return 1
    try:
        value = evaluate(expression, dict.fromkeys(expression.columns, ANY_AMOUNT), "the money proof")
    except PlanError:
        return 1
    return -1 if isinstance(value, Decimal | int) and value < 0 else 1
