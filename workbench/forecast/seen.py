"""What earlier pushes came to: a value that was not held as it was sent is held so again, or is in doubt."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from workbench.changes import Answer, ChangeSet, decode
from workbench.forecast.losses import told
from workbench.ledger import OutcomeRow
from workbench.model import Loss
from workbench.push.values import same


@dataclass(frozen=True, slots=True)
class Held:
    """What was held instead of what was sent."""

    held: Any


@dataclass(frozen=True, slots=True)
class Seen:
    """Sightings by object and field: (sent, held) pairs, the newest last.

    Attributes:
        pairs: Only of fields that once held something else than was sent.
    """

    pairs: dict[tuple[str, str], list[tuple[Any, Any]]] = field(default_factory=dict)

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


def sightings(pushed: Iterable[tuple[ChangeSet, Iterable[OutcomeRow]]]) -> Seen:
    """What pushes have shown of Salesforce's fields, the oldest first."""
    found: dict[tuple[str, str], list[tuple[Any, Any]]] = {}
    for changeset, rows in pushed:
        for row in rows:
            change = changeset.by_id.get(row.change)
            if change is None or row.side != "salesforce" or not row.read_back:
                continue
            for api, sent in change.values.items():
                if api in row.read_back and not isinstance(sent, Answer):
                    pair = (sent, decode(row.read_back[api]))
                    found.setdefault((change.object, api), []).append(pair)
    odd = {key: pairs for key, pairs in found.items() if any(not same(*pair) for pair in pairs)}
    return Seen(odd)


def _shown(value: Any) -> str:
    return "nothing" if value in (None, "") else repr(value) if isinstance(value, str) else str(value)
