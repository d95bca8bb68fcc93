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
        message: Its words, or what it would make of a value that is not sent; '' when the change can go.
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
    def hold(self) -> str:
        """Why the change must not go, behind the name of the system; '' when it may."""
        if self.code == OK:
            return f"would not keep it as it is: {self.message}" if self.message else ""
        return f"would refuse it ({self.code}): {self.message}" if self.code else ""
