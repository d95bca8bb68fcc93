"""References to other records: by the crosswalk, or to the answer of a create in the same change set."""

from __future__ import annotations

from collections.abc import Mapping as ReadOnly
from dataclasses import dataclass, field

from workbench.changes.changeset import Answer
from workbench.model import Side

Key = tuple[str, Side, str]
"""(mapping, side, record on that side)."""


@dataclass(frozen=True, slots=True)
class Links:
    """Knows the partner of a record on the other side.

    Attributes:
        pairs: Partner by (mapping, side, record).
        planned: The create that will make the partner, by (mapping, side of the source, source).
        keys: Key field of a record made on a side, by (mapping, side): what its answer is asked for.
    """

    pairs: ReadOnly[Key, str]
    planned: dict[Key, str] = field(default_factory=dict)
    keys: dict[tuple[str, Side], str] = field(default_factory=dict)

    def partner(self, mapping: str, side: Side, record: str | None) -> str | Answer | None:
        """Answer the partner of a record of `side`, on the other side; None when it has none."""
        if record is None:
            return None
        known = self.pairs.get((mapping, side, record))
        if known is not None:
            return known
        create = self.planned.get((mapping, side, record))
        return None if create is None else Answer(create, self.keys[(mapping, side.other)])
