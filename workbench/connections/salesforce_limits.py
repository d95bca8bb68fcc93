"""How many API calls the org has left, and when a run must stop to leave some to others."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from workbench.errors import ConnectionProblem

_USED = re.compile(r"(?:^|[\s;,])api-usage=(\d+)/(\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """API calls of the org in the last 24 hours, as the org told with its last answer.

    Attributes:
        used: Calls by everybody.
        most: Calls it may have.
    """

    used: int
    most: int

    @property
    def left(self) -> int:
        return max(0, self.most - self.used)


def usage(headers: Mapping[str, str]) -> Usage | None:
    """Read `Sforce-Limit-Info: api-usage=18/5000`; None without it."""
    match = _USED.search(headers.get("Sforce-Limit-Info", ""))
    return Usage(used=int(match[1]), most=int(match[2])) if match else None


def check_floor(now: Usage | None, leave_percent: int, host: str) -> None:
    """Stop a run before it takes the calls that are left to others.

    Raises:
        ConnectionProblem: No more than the floor is left; what was done stays done.
    """
    if now is None:
        return
    floor = now.most * leave_percent // 100
    if now.left <= floor:
        raise ConnectionProblem(
            "Salesforce: the org's API calls are nearly used up, so this run stops here",
            where=host,
            values={"used in 24 hours": f"{now.used:,} of {now.most:,}", "left to others": f"{floor:,}"},
            fix="Run it again later: what was done stays done. Or lower salesforce.leave_percent.",
        )
