"""What is lost between a value and what a system holds afterwards, as a kind and in words."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from workbench.model import Loss, Side

SHOWN = 60
"""Characters of a value that are shown in a sentence."""


def told(kind: Loss, words: str) -> str:
    """A loss as a cell has it: its kind, then what it is."""
    return f"{kind}: {words}"


def kind_of(loss: str) -> Loss | None:
    """The kind of a loss as `told` made it; None of none."""
    head = loss.partition(":")[0]
    return Loss(head) if head in set(Loss) else None


def lost(sent: Any, stored: Any, before: Any, side: Side) -> str:
    """What is lost when `sent` becomes `stored`; '' when it is the same thing.

    Args:
        before: What the system held before, to tell what it ignores.
    """
    one, other = _plain(sent), _plain(stored)
    if one == other:
        return ""
    if one is None:
        return told(Loss.DEFAULT, f"{side.label} fills it with {_shown(stored)}")
    if isinstance(sent, datetime) and str(other) == sent.date().isoformat():
        return told(Loss.TIME, "the time of day is dropped")
    if isinstance(one, str) and other is None and not one.strip():
        return told(Loss.BLANKS, f"{side.label} takes blanks for nothing")
    if isinstance(one, str) and isinstance(other, str):
        if _same_id(one, other):
            return told(Loss.FORM, "the long form of the same id")
        kind = _of_text(one, other)
        if kind is not None:
            return told(kind, _words(kind, one, other, side))
    if isinstance(one, Decimal) and isinstance(other, Decimal) and abs(one - other) < 1:
        return told(Loss.ROUNDING, f"{one:f} becomes {other:f}")
    if other == _plain(before):
        return told(Loss.IGNORED, f"{side.label} keeps {_shown(stored)}")
    return told(Loss.OTHER, f"{side.label} holds {_shown(stored)}")


def _of_text(sent: str, stored: str) -> Loss | None:
    if sent.strip() == stored:
        return Loss.BLANKS
    if "@" in sent and sent.strip().casefold() == stored.casefold():
        return Loss.CASE
    if len(stored) < len(sent) and sent.startswith(stored):
        return Loss.TRUNCATION
    if len(stored) == len(sent) and _only_marks(sent, stored):
        return Loss.CHARACTERS
    if _bare(sent) == _bare(stored) != "":
        return Loss.FORM
    return None


def _words(kind: Loss, sent: str, stored: str, side: Side) -> str:
    match kind:
        case Loss.BLANKS:
            return f"{side.label} drops blanks at the ends"
        case Loss.CASE:
            return f"{side.label} keeps e-mail addresses in small letters"
        case Loss.TRUNCATION:
            return f"{len(stored)} of {len(sent)} characters are kept"
        case Loss.CHARACTERS:
            lost_ones = dict.fromkeys(a for a, b in zip(sent, stored, strict=True) if a != b)
            return f"{side.label} stores '?' for {', '.join(lost_ones)}"
    return f"{side.label} writes it {_shown(stored)}"


def _same_id(sent: str, stored: str) -> bool:
    """The two forms of a Salesforce id."""
    return len(sent) == 15 and len(stored) == 18 and stored.startswith(sent) and sent.isalnum()


def _only_marks(sent: str, stored: str) -> bool:
    return all(a == b or b == "?" for a, b in zip(sent, stored, strict=True))


def _bare(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())


def _plain(value: Any) -> Any:
    """A value so that equal ones are equal, with case and blanks kept."""
    match value:
        case None | "":
            return None
        case bool():
            return value
        case str():
            return value.replace("\r\n", "\n").replace("\r", "\n")
        case datetime() | date():
            return value.isoformat()
        case int() | Decimal():
            return Decimal(value)
    return value


def _shown(value: Any) -> str:
    text = "nothing" if value is None or value == "" else str(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}..."
