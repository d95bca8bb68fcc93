"""Errors and problems as lines of the report, and lists of names in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from workbench.errors import Problem, WorkbenchError
from workbench.model import Side
from workbench.validate.checks import Check, Verdict

SEVERITIES = {"error": Verdict.ERROR, "warning": Verdict.WARNING, "note": Verdict.WARNING}


def failed(group: str, name: str, error: Exception, kind: str = "setting") -> Check:
    """The check of what raised an error."""
    if not isinstance(error, WorkbenchError):
        return Check(group=group, kind=kind, name=name, verdict=Verdict.ERROR, detail=str(error))
    values = "; ".join(f"{key}: {value}" for key, value in error.values.items())
    detail = ": ".join(part for part in (error.where, error.what) if part)
    return Check(
        group=group,
        kind=kind,
        name=name,
        verdict=Verdict.ERROR,
        detail=f"{detail} ({values})" if values else detail,
        fix=error.fix or "",
    )


def place(where: str | None, folder: Path) -> str:
    """File and line as a person looks for them: below the profile folder where they are."""
    if not where:
        return ""
    path, colon, line = where.rpartition(":")
    if not (colon and line.isdecimal()):
        path, colon, line = where, "", ""
    try:
        return f"{Path(path).relative_to(folder).as_posix()}{colon}{line}"
    except ValueError:
        return where


def verdict_of(problem: Problem) -> Verdict:
    """Whether a problem stops anything."""
    return SEVERITIES.get(problem.severity, Verdict.ERROR)


def lined(names: Iterable[str], most: int = 4) -> str:
    """Names in a row: `a, b and c`; after `most` of them how many more."""
    listed: Sequence[str] = list(names)
    if len(listed) > most:
        return f"{', '.join(listed[:most])} and {len(listed) - most} more"
    return " and ".join(filter(None, [", ".join(listed[:-1]), *listed[-1:]]))


def whose(side: Side) -> str:
    """A side as an owner: `Salesforce's`, `QuickBooks'`."""
    return f"{side.label}'" if side.label.endswith("s") else f"{side.label}'s"


def counted(count: int, one: str, many: str = "") -> str:
    """A count with its word: `1 record`, `2 records`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
