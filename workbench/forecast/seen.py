"""What earlier pushes came to: a value that was not held as it was sent is held so again, or is in doubt."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from workbench.changes import Answer, Change, decode, read_changeset
from workbench.forecast.losses import told
from workbench.ledger import OutcomeRow, load_changeset, outcomes
from workbench.model import Loss, Side
from workbench.push.values import same
from workbench.store import Store

Pair = tuple[Any, Any]
"""(sent, held)."""


@dataclass(frozen=True, slots=True)
class Held:
    """What was held instead of what was sent."""

    value: Any


@dataclass(frozen=True, slots=True)
class Seen:
    """What was sent to Salesforce's fields and what was read back, the newest last.

    Attributes:
        pairs: By object and field, of those that once held something else than was sent.
    """

    pairs: Mapping[tuple[str, str], list[Pair]] = field(default_factory=dict)

    def of(self, name: str, api: str, value: Any) -> tuple[Held | None, str] | None:
        """What becomes of a value of a field, and how that is told; None where nothing speaks against it."""
        pairs = self.pairs.get((name, api))
        if pairs is None:
            return None
        known = [held for sent, held in pairs if same(sent, value)]
        if known and same(known[-1], value):
            return None
        if known:
            return Held(known[-1]), told(Loss.TRIGGER, f"Salesforce made {_shown(known[-1])} of it before")
        sent, held = next(pair for pair in reversed(pairs) if not same(*pair))
        words = f"Salesforce made {_shown(held)} of {_shown(sent)} before, and may change this too"
        return None, told(Loss.DOUBT, words)


def seen(store: Store, *, without: str | None = None) -> Seen:
    """What the pushes so far have shown; most have shown nothing, and then nothing more is read.

    Args:
        without: A change set that is left out: what is foretold of it must not know what became of it.
    """
    if not any(row.read_back for row in outcomes(store, states=("failed",))):
        return Seen()
    rows = sorted(outcomes(store, states=("applied", "failed")), key=lambda row: str(row.settled_at))
    rows = [row for row in rows if row.changeset != without]
    kept = {
        id_: read_changeset(load_changeset(store, id_)["content"]).by_id
        for id_ in dict.fromkeys(row.changeset for row in rows)
    }
    return sightings((kept[row.changeset][row.change], row) for row in rows)


def sightings(pushed: Iterable[tuple[Change, OutcomeRow]]) -> Seen:
    """What pushed changes have shown, the oldest first."""
    found: dict[tuple[str, str], list[Pair]] = {}
    for change, row in pushed:
        back = row.read_back or {}
        for api, sent in change.values.items() if change.side == Side.SALESFORCE else ():
            if api in back and not isinstance(sent, Answer):
                found.setdefault((change.object, api), []).append((sent, decode(back[api])))
    return Seen({key: pairs for key, pairs in found.items() if any(not same(*pair) for pair in pairs)})


def _shown(value: Any) -> str:
    return "nothing" if value in (None, "") else repr(value) if isinstance(value, str) else str(value)
