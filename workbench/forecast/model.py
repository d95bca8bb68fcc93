"""What is foretold of a change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

OK = "ok"


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """What a system would answer to one change.

    Attributes:
        code: 'ok', or the status code of its refusal; '' when nothing can be said.
        message: Its words; '' when it would take the change.
        record: Key of the record; of a new one a key that only the copies have.
        held: The record as it would be afterwards, by API field, a document with its `lines`.
        notes: By API field, a loss that only the rule which brings it about can tell.
    """

    code: str
    message: str = ""
    record: str | None = None
    held: Mapping[str, Any] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)

    @property
    def refused(self) -> bool:
        """Whether the system would refuse it."""
        return self.code not in (OK, "")
