"""A run goes on only from a valid profile: said before the first cell, without asking either system."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.errors import WorkbenchError
from workbench.profile import PROFILE_FILE
from workbench.validate import refusal, validate_for_push
from workbench.workspace import workspace

PROFILE = "profile"
"""The parameter that names the folder of a profile."""

INVALID = "InvalidProfile"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Why a run was not begun.

    Attributes:
        message: The failing checks, in words.
        page: The report as HTML; None where the profile cannot even be read.
    """

    message: str
    page: str | None = None

    @property
    def error(self) -> dict[str, Any]:
        """As it stands in result.json."""
        return {"kind": INVALID, "message": self.message}


def refused(parameters: Mapping[str, Any]) -> Refused | None:
    """Say why a notebook with these parameters may not run; None when it may, or is about no profile."""
    named = parameters.get(PROFILE)
    if not named or not (Path(str(named)) / PROFILE_FILE).is_file():
        return None  # the demo, or a notebook of one's own: what it opens, it checks itself
    try:
        with workspace(str(named)) as opened:
            report = validate_for_push(opened)
    except WorkbenchError as error:
        return Refused(message=str(error))
    return None if report.valid else Refused(message=str(refusal(report, "a run")), page=report.html())
