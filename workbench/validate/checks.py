"""One check of Validate Process as data: what is checked, what was found, and the records it is about.

Nothing here looks at anything: the modules of the groups make the checks.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

PROFILE = "Profile"
SALESFORCE = "Salesforce settings"
QUICKBOOKS = "QuickBooks settings"
ADVANCED = "Advanced properties"
MAPPING = "Mapping"
DEPENDENCIES = "Dependencies between states"
MASTER = "Master"
DATA = "Today's data"


class Verdict(StrEnum):
    """What a check has found."""

    VALID = "valid"  # green check
    ERROR = "error"  # red minus: neither push nor run goes on
    WARNING = "warning"  # it works, and should be known all the same
    UNKNOWN = "unknown"  # cannot be told yet


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One record of today's data that a check has found.

    Attributes:
        record: Its key.
        label: What a person calls it.
        value: What it holds, as text.
        told: Why that is refused, or what would fit.
    """

    record: str
    label: str
    value: str
    told: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One line of the report.

    Attributes:
        group: The heading that it stands under.
        kind: 'setting', 'mapping', 'field', 'expression', 'match rule', 'lines', 'filter', 'state', 'gate',
            'dependency', 'master' or 'data'.
        detail: What was found; for what is not valid, the cause.
        fix: The next step, "" where there is none.
        where: File and line, below the profile folder; "" where there is none.
        count: Records of today's data that it is about; None for other checks.
        examples: Some of them.
    """

    group: str
    kind: str
    name: str
    verdict: Verdict = Verdict.VALID
    detail: str = ""
    fix: str = ""
    where: str = ""
    count: int | None = None
    examples: tuple[Example, ...] = ()

    @property
    def valid(self) -> bool | None:
        """True (warnings too), False for an error, None where it cannot be told yet."""
        return {Verdict.ERROR: False, Verdict.UNKNOWN: None}.get(self.verdict, True)

    @property
    def data(self) -> dict[str, Any]:
        """The check as plain values."""
        plain = {name: getattr(self, name) for name in self.__slots__} | {"verdict": str(self.verdict)}
        plain["examples"] = [{name: getattr(each, name) for name in each.__slots__} for each in self.examples]
        return plain


def examples_text(examples: Iterable[Example]) -> str:
    """Examples as lines of text."""
    return "\n".join(f"{each.label}: {each.told or each.value}" for each in examples)
