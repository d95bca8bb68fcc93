"""What is lost between a value that is sent and the one that is held, by kind and in words."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from workbench.forecast.losses import kind_of, lost
from workbench.model import Loss, Side

SF, QB = Side.SALESFORCE, Side.QUICKBOOKS
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)

#  what is sent, what is held, what was held before, where, what is told of it
LOST: list[tuple[Any, Any, Any, Side, str]] = [
    ("Alder Supply", "Alder", None, QB, "truncation: 5 of 12 characters are kept"),
    ("Łódź", "?ód?", None, QB, "characters: QuickBooks stores '?' for Ł, ź"),
    (" Alder ", "Alder", None, SF, "blanks: Salesforce drops blanks at the ends"),
    ("   ", None, None, SF, "blanks: Salesforce takes blanks for nothing"),
    ("Ann@X.example", "ann@x.example", None, SF,
     "e-mail case: Salesforce keeps e-mail addresses in small letters"),
    ("555-0101", "(555) 0101", None, QB, "form: QuickBooks writes it (555) 0101"),
    ("001000000000001", "001000000000001AAA", None, SF, "form: the long form of the same id"),
    (Decimal("2.345"), Decimal("2.35"), None, SF, "rounding: 2.345 becomes 2.35"),
    (NOON, date(2026, 3, 1), None, QB, "time: the time of day is dropped"),
    (None, "Net 30", None, QB, "default: QuickBooks fills it with Net 30"),
    ("", "Net 30", None, QB, "default: QuickBooks fills it with Net 30"),
    (Decimal("5.00"), Decimal("9.00"), Decimal("9.00"), SF, "ignored: Salesforce keeps 9.00"),
    ("new", "old", "old", SF, "ignored: Salesforce keeps old"),
    ("new", "something else", "old", SF, "other: Salesforce holds something else"),
    ("new", None, "old", SF, "other: Salesforce holds nothing"),
    (True, False, None, SF, "other: Salesforce holds False"),
    ("a" * 90, "b" * 90, None, QB, f"other: QuickBooks holds {'b' * 60}..."),
]  # fmt: skip


@pytest.mark.parametrize(
    ("sent", "held", "before", "side", "told"), LOST, ids=[case[4][:40] for case in LOST]
)
def test_what_is_lost(sent: Any, held: Any, before: Any, side: Side, told: str) -> None:
    assert lost(sent, held, before, side) == told
    assert kind_of(told) == Loss(told.partition(":")[0])


#  sent and held are the same thing
KEPT: list[tuple[Any, Any]] = [
    ("Alder", "Alder"),
    ("", None),
    (None, None),
    (Decimal("5"), Decimal("5.00")),
    (5, Decimal("5.00")),
    ("two\r\nlines", "two\nlines"),
    (date(2026, 3, 1), "2026-03-01"),
    (False, False),
]


@pytest.mark.parametrize(("sent", "held"), KEPT)
def test_what_is_kept(sent: Any, held: Any) -> None:
    assert lost(sent, held, None, SF) == ""


def test_words_of_no_kind() -> None:
    assert kind_of("") is None
    assert kind_of("nobody knows: why") is None
