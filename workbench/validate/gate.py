"""What goes on only from a valid report: a push, and a run of a notebook."""

from __future__ import annotations

from workbench.errors import Problem, Problems
from workbench.validate.report import Report
from workbench.validate.run import validate_for_push
from workbench.workspace import Workspace

FIX = "Correct them; `workbench check` shows every check with its cause and the fix."


def require_valid(workspace: Workspace, what: str) -> Report:
    """Refuse to go on while a setting or a mapping of the profile is invalid.

    Nobody is asked anything: settings are read, and mappings held against what the last pull has kept.

    Args:
        what: Who must not go on, e.g. 'the push'.

    Raises:
        Problems: A check fails; all that do are listed.
    """
    report = validate_for_push(workspace)
    if not report.valid:
        raise refusal(report, what)
    return report


def refusal(report: Report, what: str) -> Problems:
    """The error that names the failing checks."""
    problems = [
        Problem(what=f"{check.name}: {check.detail}", where=check.where or check.group, fix=check.fix or None)
        for check in report.errors
    ]
    count = f"{len(problems)} check{'s fail' if len(problems) != 1 else ' fails'}"
    return Problems(
        problems,
        what=f"{what} goes on only from a valid report, and {count}",
        where=report.folder,
        fix=FIX,
    )
