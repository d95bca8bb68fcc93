"""What happened in one update: every call with its result, and every document with its answer.

Passwords and tickets are never in it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Outcome = Literal["done", "nothing", "refused", "busy", "postponed", "failed", "unreachable", "crashed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One SOAP call: operation, arguments (long ones shortened, secrets left out), result, seconds taken."""

    operation: str
    arguments: tuple[str, ...]
    result: tuple[str, ...]
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One message set and what QuickBooks made of it; `hresult` is "" unless the processing failed."""

    request: str
    response: str
    hresult: str = ""


@dataclass(slots=True, kw_only=True)
class SessionLog:
    """One update.

    Attributes:
        outcome: 'done'; 'nothing' to do; 'refused' login; 'busy' or 'postponed' by the server; 'failed' with
            an error told; 'unreachable' server; 'crashed' by a fault on purpose.
        message: What the Web Connector shows in its Status column.
        progress: Percentages the server told.
        minimum_seconds: Lower bound for the next run that the server asked for.
    """

    outcome: Outcome = "done"
    message: str = ""
    calls: list[Call] = field(default_factory=list)
    exchanges: list[Exchange] = field(default_factory=list)
    progress: list[int] = field(default_factory=list)
    minimum_seconds: int | None = None

    @property
    def ok(self) -> bool:
        """Whether the update ended as it should, with or without work."""
        return self.outcome in ("done", "nothing")

    @property
    def operations(self) -> list[str]:
        """Names of the calls, in order."""
        return [call.operation for call in self.calls]
