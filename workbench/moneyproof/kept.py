"""A measure as it is kept with its change set: JSON, its rows compressed, amounts as text.

Ten thousand documents take about half a megabyte.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from workbench.errors import WorkbenchError
from workbench.moneyproof.figures import Customer, Document, Gap, Held, Measure, Part, Reason

FORMAT = 1


def to_data(measure: Measure, made: Mapping[str, str] | None = None) -> dict[str, Any]:
    """What is kept.

    Args:
        made: Of a prediction: id of a record that was to be made -> the change that makes it.
    """
    places = {id(document): number for number, document in enumerate(measure.documents)}
    rows = {
        "documents": [_document(each) for each in measure.documents],
        "customers": [[c.key, c.name, c.currency, _text(c.balance)] for c in measure.customers.values()],
        "gaps": [
            [
                places[id(gap.document)],
                str(gap.amount),
                [[p.reason, str(p.amount), p.detail] for p in gap.parts],
            ]
            for gap in measure.gaps
        ],
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


def from_data(data: Mapping[str, Any]) -> Measure:
    """The measure again.

    Raises:
        WorkbenchError: Another version of the workbench has kept it.
    """
    if data.get("format") != FORMAT:
        raise WorkbenchError("this money proof was kept by another version", fix="Plan again.")
    rows = json.loads(zlib.decompress(base64.b85decode(data["rows"])))
    documents = tuple(_to_document(row) for row in rows["documents"])
    return Measure(
        documents=documents,
        customers={
            key: Customer(key=key, name=name, currency=currency, balance=_amount(balance))
            for key, name, currency, balance in rows["customers"]
        },
        gaps=tuple(
            Gap(
                document=documents[place],
                amount=Decimal(amount),
                parts=tuple(
                    Part(reason=Reason(reason), amount=Decimal(part), detail=detail)
                    for reason, part, detail in parts
                ),
            )
            for place, amount, parts in rows["gaps"]
        ),
        titles=data["titles"],
        balances=data["balances"],
        missing=tuple(data["missing"]),
        snapshots=data["snapshots"],
        taken={side: datetime.fromisoformat(at) for side, at in data["taken"].items()},
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
