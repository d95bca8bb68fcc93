"""A measure as it is kept with its change set: JSON, its rows compressed, amounts as text.

Ten thousand documents take about a quarter of a megabyte; a prediction is kept as what it has other than the
measure before it.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar

from workbench.errors import WorkbenchError
from workbench.moneyproof.figures import Customer, Document, Gap, Held, Measure, Part, Reason

FORMAT = 1
NONE = Measure(documents=(), customers={})

Each = TypeVar("Each", Document, Customer, Gap)


def to_data(measure: Measure, base: Measure = NONE, made: Mapping[str, str] | None = None) -> dict[str, Any]:
    """What is kept.

    Args:
        base: What it is read together with; only what differs from it is kept.
        made: Of a prediction: id of a record that was to be made -> the change that makes it.
    """
    documents, gone = _apart(measure.documents, base.documents)
    customers, left = _apart([*measure.customers.values()], [*base.customers.values()])
    gaps, closed = _apart(measure.gaps, base.gaps)
    places = {_key(each): place for place, each in enumerate((*_without(base.documents, gone), *documents))}
    rows = {
        "documents": [_document(each) for each in documents],
        "customers": [[each.key, each.name, each.currency, _text(each.balance)] for each in customers],
        "gaps": [[places[_key(gap.document)], str(gap.amount), _parts(gap)] for gap in gaps],
        "gone": [gone, left, closed],
    }
    return {
        "format": FORMAT,
        "snapshots": dict(measure.snapshots),
        "taken": {side: at.isoformat() for side, at in measure.taken.items()},
        "titles": dict(measure.titles),
        "missing": list(measure.missing),
        "balances": measure.balances,
        "made": dict(made or {}),
        "rows": base64.b85encode(zlib.compress(json.dumps(rows).encode())).decode(),
    }


def from_data(data: Mapping[str, Any], base: Measure = NONE) -> Measure:
    """The measure again.

    Args:
        base: The same as when it was kept.

    Raises:
        WorkbenchError: Another version of the workbench has kept it.
    """
    if data.get("format") != FORMAT:
        raise WorkbenchError("this money proof was kept by another version", fix="Plan again.")
    rows = json.loads(zlib.decompress(base64.b85decode(data["rows"])))
    gone, left, closed = rows["gone"]
    documents = (*_without(base.documents, gone), *map(_to_document, rows["documents"]))
    customers = [
        *_without([*base.customers.values()], left),
        *(
            Customer(key=key, name=name, currency=currency, balance=_amount(balance))
            for key, name, currency, balance in rows["customers"]
        ),
    ]
    gaps = [_to_gap(documents[place], amount, parts) for place, amount, parts in rows["gaps"]]
    return Measure(
        documents=documents,
        customers={each.key: each for each in customers},
        gaps=(*_without(base.gaps, closed), *gaps),
        titles=data["titles"],
        balances=data["balances"],
        missing=tuple(data["missing"]),
        snapshots=data["snapshots"],
        taken={side: datetime.fromisoformat(at) for side, at in data["taken"].items()},
    )


def _apart(now: Sequence[Each], before: Sequence[Each]) -> tuple[list[Each], list[int]]:
    """Those that were not there before, and the places of those that are there no more."""
    if not before:
        return list(now), []
    known, still = set(before), set(now)
    gone = [place for place, each in enumerate(before) if each not in still]
    return [each for each in now if each not in known], gone


def _without(every: Sequence[Each], places: Sequence[int]) -> list[Each]:
    gone = set(places)
    return [each for place, each in enumerate(every) if place not in gone]


def _key(document: Document) -> tuple[str, str, str]:
    left, right = document.salesforce, document.quickbooks
    return document.mapping, left.id if left else "", right.id if right else ""


def _parts(gap: Gap) -> list[list[str]]:
    return [[part.reason, str(part.amount), part.detail] for part in gap.parts]


def _to_gap(document: Document, amount: str, parts: Sequence[Sequence[str]]) -> Gap:
    return Gap(
        document=document,
        amount=Decimal(amount),
        parts=tuple(
            Part(reason=Reason(reason), amount=Decimal(part), detail=detail) for reason, part, detail in parts
        ),
    )


def _document(document: Document) -> list[Any]:
    sides = [held and _held(held) for held in (document.salesforce, document.quickbooks)]
    return [document.mapping, document.customer, *sides, document.owed]


def _held(held: Held) -> list[Any]:
    return [
        held.id, held.label, held.date and held.date.isoformat(), held.state, _text(held.amount),
        _text(held.open), held.currency, held.version, _text(held.tax), _text(held.rate),
    ]  # fmt: skip


def _to_document(row: list[Any]) -> Document:
    mapping, customer, left, right, owed = row
    return Document(
        mapping=mapping,
        customer=customer,
        salesforce=left and _to_held(left),
        quickbooks=right and _to_held(right),
        owed=owed,
    )


def _to_held(row: list[Any]) -> Held:
    id_, label, day, state, amount, open_, currency, version, tax, rate = row
    return Held(
        id=id_, label=label, date=day and date.fromisoformat(day), state=state, amount=_amount(amount),
        open=_amount(open_), currency=currency, version=version, tax=_amount(tax), rate=_amount(rate),
    )  # fmt: skip


def _text(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"


def _amount(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
