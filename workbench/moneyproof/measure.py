"""Measure the money of both sides: every document and customer, and what each gap consists of.

Pure: it takes an open DuckDB connection with the schemas `salesforce`, `quickbooks` and `kept`, writes
nothing, and answers frozen data.  What a snapshot does not hold is named as missing and is no 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import duckdb

from workbench.model import Mapping as FieldMapping
from workbench.model import Side
from workbench.moneyproof.attribution import Seen, explain
from workbench.moneyproof.currencies import code, in_codes, same_currency
from workbench.moneyproof.customers import concerned, read_accounts
from workbench.moneyproof.documents import read_documents
from workbench.moneyproof.figures import Document, Gap, Measure
from workbench.moneyproof.lines import Lines, read_lines
from workbench.moneyproof.subjects import Subject, subjects
from workbench.moneyproof.tables import Tables, amount, listed
from workbench.normalize import identifier

DISCOUNT = "discount"
"""A numeric field of Salesforce's document whose name holds this says a discount."""


def measure(
    connection: duckdb.DuckDBPyConnection,
    mappings: Iterable[FieldMapping],
    *,
    snapshots: Mapping[str, str] | None = None,
    taken: Mapping[str, datetime] | None = None,
) -> Measure:
    """The money of both sides as the connection has them.

    Args:
        mappings: Those in use, without fields that a side does not have.
        snapshots, taken: What is measured, by side, for the record.
    """
    tables, wanted = Tables(connection), list(mappings)
    found = subjects(wanted)
    accounts = read_accounts(tables) if found else None
    documents: tuple[Document, ...] = ()
    if accounts is not None:
        read = [each for subject in found for each in read_documents(tables, subject, accounts.root)]
        documents = _owed(in_codes(read), {subject.name: subject for subject in found})
    customers = concerned(tables, accounts, documents, found, wanted) if accounts else {}
    return Measure(
        documents=documents,
        customers={
            key: replace(each, currency=code(each.currency)) if each.currency else each
            for key, each in customers.items()
        },
        gaps=tuple(_gaps(tables, found, documents)),
        balances=accounts is not None and accounts.balances,
        titles={subject.name: subject.title for subject in found},
        missing=tuple(_missing(tables, found)),
        snapshots=dict(snapshots or {}),
        taken=dict(taken or {}),
    )


def _owed(documents: Sequence[Document], subjects: Mapping[str, Subject]) -> tuple[Document, ...]:
    """Which documents count in the balances: the first of those that stand for one of QuickBooks."""
    seen: set[str] = set()
    found = []
    for each in documents:
        counts = subjects[each.mapping].entity.open is not None
        if counts and each.quickbooks is not None:
            counts = each.quickbooks.id not in seen
            seen.add(each.quickbooks.id)
        found.append(replace(each, owed=True) if counts else each)
    return tuple(found)


def _gaps(tables: Tables, subjects: Sequence[Subject], documents: Sequence[Document]) -> Iterator[Gap]:
    for subject in subjects:
        mine = [each for each in documents if each.mapping == subject.name and each.gap]
        seen = _seen(tables, subject, [each for each in mine if not _only_tax(each)])
        for each in mine:
            gap = each.gap
            assert gap is not None
            plain = Seen(currencies=same_currency(each), tax_apart=subject.tax_apart)
            known = seen.get(_key(each), plain)
            yield Gap(document=each, amount=gap, parts=explain(each, known))


def _only_tax(document: Document) -> bool:
    """Whether the tax alone explains the gap, so that no line need be read."""
    tax = document.quickbooks.tax if document.quickbooks else None
    return bool(tax) and document.gap == -(tax or 0)


def _seen(tables: Tables, subject: Subject, documents: Sequence[Document]) -> dict[tuple[str, str], Seen]:
    """What is known of these documents, by both their keys."""
    if not documents:
        return {}
    keys = [_key(each) for each in documents]
    left, right = read_lines(tables, subject, [key[0] for key in keys], [key[1] for key in keys])
    discounts = _discounts(tables, subject, [key[0] for key in keys])
    return {
        key: Seen(
            lines=Lines(
                None if left is None else left.get(key[0], []),
                None if right is None else right.get(key[1], []),
            ),
            currencies=same_currency(document),
            discounts=discounts.get(key[0], {}),
            tax_apart=subject.tax_apart,
        )
        for key, document in zip(keys, documents, strict=True)
    }


def _key(document: Document) -> tuple[str, str]:
    left, right = document.salesforce, document.quickbooks
    return left.id if left else "", right.id if right else ""


def _discounts(tables: Tables, subject: Subject, keys: Sequence[str]) -> dict[str, dict[str, Decimal]]:
    """The discounts that fields of Salesforce's documents say, by key and field."""
    spec = subject.mapping.salesforce
    known = tables.columns(Side.SALESFORCE, spec.object)
    names = [name for name, type_ in known.items() if DISCOUNT in name and type_.startswith("DECIMAL")]
    if not names:
        return {}
    key = f"CAST({identifier(spec.key)} AS VARCHAR)"
    chosen = ", ".join(f"CAST({identifier(name)} AS DECIMAL(38,10)) AS {identifier(name)}" for name in names)
    query = (
        f"SELECT {key}, {chosen} FROM {tables.live(Side.SALESFORCE, spec.object)} AND list_contains(?, {key})"
    )
    cursor = tables.connection.execute(query, [list(keys)])
    titles = [column[0] for column in cursor.description or ()][1:]
    found = {}
    for id_, *values in cursor.fetchall():
        said = {title: amount(value) for title, value in zip(titles, values, strict=True) if value}
        found[str(id_)] = {title: value for title, value in said.items() if value is not None}
    return found


def _missing(tables: Tables, subjects: Sequence[Subject]) -> Iterator[str]:
    """What was not measured, a sentence each."""
    gone = list(tables.missing[Side.QUICKBOOKS])
    if gone:
        verb = "was" if len(gone) == 1 else "were"
        yield f"{listed(gone)} {verb} not read from QuickBooks: pull QuickBooks again"
    gone = list(tables.missing[Side.SALESFORCE])
    if gone:
        yield f"Salesforce's last snapshot has no {listed(gone)}"
    for subject in subjects:
        for side in Side:
            if not tables.columns(side, subject.mapping.side(side).object):
                yield f"{subject.title}: no {subject.mapping.side(side).object} was read from {side.label}"
        if subject.amount is None:
            yield f"{subject.title}: no field of the mapping is the amount, so Salesforce's are only counted"
