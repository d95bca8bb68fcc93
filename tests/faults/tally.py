"""What a fault campaign counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(slots=True, kw_only=True)
class Tally:
    """The sums of a campaign, and what was found where something is wrong.

    Attributes:
        injected: Faults that struck.
        writes: Changes that were asked for.
        applied_once: Changes that stand in the other system exactly once, and are told as applied.
        unknown: Changes told as unknown, with the evidence, for a person.
        cancelled: Changes that never left, because what they needed did not happen; told so.
        lost: Changes told as applied that are not there, or applied without being told, or told as failed.
        doubled: Changes that were carried out more than once.
        unapproved: What was carried out and nobody had asked for.
        crashes: Processes that ended by themselves, and answers with a traceback.
        notes: The first findings, in words.
    """

    injected: int = 0
    writes: int = 0
    applied_once: int = 0
    unknown: int = 0
    cancelled: int = 0
    lost: int = 0
    doubled: int = 0
    unapproved: int = 0
    crashes: int = 0
    notes: list[str] = field(default_factory=list)
    more: dict[str, Any] = field(default_factory=dict)

    def found(self, kind: str, note: str) -> None:
        """Count one finding of a kind and keep its words."""
        setattr(self, kind, getattr(self, kind) + 1)
        if len(self.notes) < 20:
            self.notes.append(f"{kind}: {note}")

    @property
    def clean(self) -> bool:
        """Whether nothing was lost, doubled, unapproved or crashed."""
        return not (self.lost or self.doubled or self.unapproved or self.crashes)

    def told(self) -> dict[str, Any]:
        """The sums as one JSON object."""
        row = asdict(self)
        more: dict[str, Any] = row.pop("more")
        return {**row, **more}


def lines(told: dict[str, Any], skip: Sequence[str] = ("notes",)) -> str:
    """The sums for a person, one a line, then the findings."""
    width = max(map(len, told))
    rows = [f"{name:{width}}  {value}" for name, value in told.items() if name not in skip]
    return "\n".join([*rows, *(f"  {note}" for note in told.get("notes", ()))])
