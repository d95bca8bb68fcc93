"""Read the documents of one mapping from both sides, linked as the crosswalk has it.

A document is there when it is linked and both sides hold it, or when one side's record is in the mapping's
filter.  A linked record that was taken out of the filter still is the other's partner, and still is counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from workbench.model import FieldMap, Side
from workbench.moneyproof import books
from workbench.moneyproof.figures import NOTHING, Document, Held
from workbench.moneyproof.subjects import Subject
from workbench.moneyproof.tables import Tables, amount
from workbench.normalize import compare_sql, identifier, literal
from workbench.normalize.sql import failures_kept_apart, tried

Root = Callable[[str], str]
"""The key of whose account a customer or job belongs to."""

_HELD = (
    "id", "label", "date", "state", "amount", "open", "currency", "version", "tax", "rate", "owner"
)  # fmt: skip


def read_documents(tables: Tables, subject: Subject, root: Root) -> Iterator[Document]:
    """The documents of a mapping; `root` gives whose account a customer's documents are on."""
    if not tables.columns(Side.QUICKBOOKS, subject.mapping.quickbooks.object):
        return
    for row in _rows(tables, subject):
        left, right, linked_owner = row[:11], row[11:22], row[22]
        salesforce, quickbooks = _held(left), _held(right)
        owner = right[10] if quickbooks else linked_owner
        yield Document(
            mapping=subject.name,
            customer=root(owner) if owner else (left[10] or ""),
            salesforce=salesforce and _with_open(salesforce, quickbooks, subject),
            quickbooks=quickbooks,
        )


def _with_open(salesforce: Held, quickbooks: Held | None, subject: Subject) -> Held:
    """What Salesforce shows as open: its own field, else the whole amount while QuickBooks' is open."""
    if subject.open is not None or subject.entity.open is None:
        return salesforce
    state = "open" if quickbooks is None else quickbooks.state
    shown = {"open": salesforce.amount, "": None}.get(state, NOTHING)
    return _replaced(salesforce, shown)


def _replaced(held: Held, open_: Decimal | None) -> Held:
    # dataclasses.replace() costs five times as much, and this is done for every document.
    return Held(
        id=held.id, label=held.label, date=held.date, state=held.state, amount=held.amount, open=open_,
        currency=held.currency, version=held.version,
    )  # fmt: skip


def _held(row: tuple[Any, ...]) -> Held | None:
    id_, label, day, state, total, open_, currency, version, tax, rate, _ = row
    if id_ is None:
        return None
    when: date | None = day
    return Held(
        id=id_, label=label, date=when, state=state or "", amount=amount(total), open=amount(open_),
        currency=currency or "", version=version or "", tax=amount(tax), rate=rate,
    )  # fmt: skip


def _rows(tables: Tables, subject: Subject) -> list[tuple[Any, ...]]:
    reference = subject.customer.reference if subject.customer else None
    chosen = [f"s.{name}" for name in _HELD] + [f"q.{name}" for name in _HELD]
    query = f"""
        WITH s AS ({_salesforce(tables, subject)}),
        q AS ({_quickbooks(tables, subject)}),
        link AS ({_links(subject.name)}),
        owner AS ({_links(str(reference))})
        SELECT {", ".join(chosen)}, owner.quickbooks_id
        FROM s LEFT JOIN link ON link.salesforce_id = s.id
        FULL JOIN q ON q.id = link.quickbooks_id
        LEFT JOIN owner ON owner.salesforce_id = s.owner
        WHERE (s.id IS NOT NULL AND q.id IS NOT NULL)
            OR coalesce(s.in_scope, false) OR coalesce(q.in_scope, false)
        ORDER BY q.date, q.label, q.id, s.date, s.label, s.id
    """
    with failures_kept_apart(tables.connection, subject.mapping, conditions=True):
        return tables.connection.execute(query).fetchall()


def _links(mapping: str) -> str:
    return f"SELECT salesforce_id, quickbooks_id FROM kept.crosswalk WHERE mapping = {literal(mapping)}"


def _salesforce(tables: Tables, subject: Subject) -> str:
    side, spec = Side.SALESFORCE, subject.mapping.salesforce
    known = tables.columns(side, spec.object)
    won = "CASE WHEN IsWon THEN 'won' WHEN IsClosed THEN 'lost' ELSE 'open' END"
    state = (
        won if {"iswon", "isclosed"} <= known.keys() else _plain(tables, subject, subject.state, "VARCHAR")
    )
    return _select(
        tables,
        subject,
        side,
        date=_plain(tables, subject, subject.date, "DATE"),
        state=state,
        amount=_signed(_value(tables, subject, subject.amount), subject.sign),
        open=_signed(_value(tables, subject, subject.open), subject.open_sign),
        currency="CurrencyIsoCode" if "currencyisocode" in known else "NULL",
        tax="NULL",
        rate="NULL",
        owner=_plain(tables, subject, subject.customer, "VARCHAR"),
    )


def _quickbooks(tables: Tables, subject: Subject) -> str:
    side, entity, name = Side.QUICKBOOKS, subject.entity, subject.mapping.quickbooks.object
    known = tables.columns(side, name)
    # The columns of other currencies come with the feature only.
    need = [each for each in entity.columns if each not in (books.CURRENCY, books.RATE)]
    has = {each: tables.has(side, name, each) for each in need}
    tax = f"coalesce({books.TAX}, 0)" if has.get(books.TAX) else "NULL"
    parts = [tax if each == books.TAX else each for each in entity.total]
    total = " + ".join(parts) if all(has[each] for each in entity.total) else "NULL"
    return _select(
        tables,
        subject,
        side,
        date=books.DATE if has[books.DATE] else "NULL",
        state=_state(subject, has, total),
        amount=_signed(total, entity.sign),
        open=_signed(_open(subject, has), entity.sign),
        currency=books.CURRENCY if books.CURRENCY.lower() in known else "NULL",
        tax=_signed(tax, entity.sign),
        rate=books.RATE if books.RATE.lower() in known else "NULL",
        owner=books.CUSTOMER if has[books.CUSTOMER] else "NULL",
    )


def _state(subject: Subject, has: dict[str, bool], total: str) -> str:
    """open, or done in the word of its kind; void and pending before these; NULL where that was not read."""
    entity, cases = subject.entity, []
    if has[books.MEMO] and total != "NULL":
        cases.append(f"WHEN {total} = 0 AND starts_with(upper({books.MEMO}), '{books.VOID}') THEN 'void'")
    if entity.pending and has["IsPending"]:
        cases.append("WHEN coalesce(IsPending, false) THEN 'pending'")
    if entity.closed is not None and all(has[each] for each in entity.closed_by):
        cases.append(f"WHEN {entity.closed} THEN '{entity.done}' ELSE 'open'")
    elif entity.open is not None and has[entity.open]:
        cases.append(
            f"WHEN {entity.open} IS NULL THEN NULL WHEN {entity.open} = 0 THEN '{entity.done}' ELSE 'open'"
        )
    return f"CASE {' '.join(cases)} END" if cases else "NULL"


def _open(subject: Subject, has: dict[str, bool]) -> str:
    """Pending ones are in nobody's balance."""
    column = subject.entity.open
    if column is None or not has[column]:
        return "NULL"
    pending = subject.entity.pending and has["IsPending"]
    return f"CASE WHEN coalesce(IsPending, false) THEN 0 ELSE {column} END" if pending else column


def _select(tables: Tables, subject: Subject, side: Side, **values: str) -> str:
    spec = subject.mapping.side(side)
    known = tables.columns(side, spec.object)
    key, label = f"CAST({identifier(spec.key)} AS VARCHAR)", f"CAST({identifier(spec.label)} AS VARCHAR)"
    version = identifier(spec.version) if spec.version.lower() in known else "NULL"
    numbers = ("amount", "open", "tax", "rate")
    made = {
        "id": key,
        "label": f"coalesce(nullif(trim({label}), ''), {key})" if spec.label.lower() in known else key,
        "version": f"CAST({version} AS VARCHAR)",
        "in_scope": tried(spec.where, side) if spec.where else "true",
    } | {
        name: f"CAST({value} AS DECIMAL(38,10))" if name in numbers else value
        for name, value in values.items()
    }
    made |= {"date": f"CAST({made['date']} AS DATE)", "owner": f"CAST({made['owner']} AS VARCHAR)"}
    chosen = ", ".join(f"{value} AS {name}" for name, value in made.items())
    return f"SELECT {chosen} FROM {tables.live(side, spec.object)}"


def _value(tables: Tables, subject: Subject, field: FieldMap | None) -> str:
    """A field's comparable value in Salesforce; NULL where one of its columns is not there."""
    if not _there(tables, subject, field):
        return "NULL"
    assert field is not None
    return compare_sql(field, Side.SALESFORCE, identifier)


def _plain(tables: Tables, subject: Subject, field: FieldMap | None, type_: str) -> str:
    """A field as it stands in Salesforce; its comparable value where an expression gives it."""
    if not _there(tables, subject, field):
        return "NULL"
    assert field is not None
    if field.read(Side.SALESFORCE):
        return compare_sql(field, Side.SALESFORCE, identifier)
    return f"TRY_CAST({identifier(field.salesforce[0])} AS {type_})"


def _there(tables: Tables, subject: Subject, field: FieldMap | None) -> bool:
    """Whether Salesforce's table has the columns of a field; none of a related record is looked at."""
    if field is None or any("." in name for name in field.salesforce):
        return False
    return tables.has(Side.SALESFORCE, subject.mapping.salesforce.object, *field.salesforce)


def _signed(value: str, sign: int) -> str:
    return f"-({value})" if sign < 0 and value != "NULL" else value
