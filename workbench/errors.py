"""What can go wrong, as a person reads it.

Every error says what happened, where, the values that disagree and what to do next, and carries all
four as attributes, so that a report can show them in its own form.

    WorkbenchError                exit code 1
    |-- ProfileError              the profile folder or its settings
    |   `-- SettingsError         wrong settings in profile.yaml, all of them (also Problems)
    |-- MappingError              a mapping file
    |-- ConnectionProblem         a system that does not answer, or refuses the login
    |-- DiffError                 data that cannot be matched or compared
    |-- PlanError                 differences that cannot become a change set
    |-- ApprovalError             a change set that may not be pushed
    |-- PushError                 a push that had to stop
    |-- Problems                  several of the above, collected before anything is raised
    |-- NeedsPerson               exit code 3: a person or an answer is waited for
    `-- UsageProblem              exit code 64: the command was typed wrongly

Trouble that is expected in data is a `Problem` in a list, not an error raised one at a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong, in a list of such things.

    Attributes:
        what: One sentence without a full stop at its end.
        where: File and line, mapping and field, or record; None when the sentence says it already.
        values: The values that disagree, by the name a person knows them by.
        fix: The next step, one sentence.
        severity: 'error' or 'warning'.
    """

    what: str
    where: str | None = None
    values: Mapping[str, object] = field(default_factory=dict)
    fix: str | None = None
    severity: str = "error"

    def __str__(self) -> str:
        return _lines(self.what, self.where, self.values, self.fix)


class WorkbenchError(Exception):
    """Base of all errors that the workbench raises on purpose; `str()` is what a person reads."""

    exit_code: ClassVar[int] = 1

    def __init__(
        self,
        what: str,
        *,
        where: str | None = None,
        values: Mapping[str, object] | None = None,
        fix: str | None = None,
    ) -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.values: Mapping[str, object] = MappingProxyType(dict(values or {}))
        self.fix = fix

    def __str__(self) -> str:
        return _lines(self.what, self.where, self.values, self.fix)

    def __reduce__(self) -> tuple[object, ...]:
        # An exception is pickled as a call of its class with `args`; ours takes keywords too.
        return partial(type(self), **self._keywords()), (self.what,)

    def _keywords(self) -> dict[str, Any]:
        return {"where": self.where, "values": dict(self.values), "fix": self.fix}

    def problem(self) -> Problem:
        """The same as data, for a report that lists several."""
        return Problem(what=self.what, where=self.where, values=self.values, fix=self.fix)


class ProfileError(WorkbenchError):
    """The profile folder, `profile.yaml` or what they promise is not as expected."""


class ConnectionProblem(WorkbenchError):
    """Salesforce, QuickBooks or the Web Connector does not answer, or does not let us in."""


class DiffError(WorkbenchError):
    """Data that cannot be matched or compared, for example a key that occurs twice."""


class PlanError(WorkbenchError):
    """Differences that cannot become a change set."""


class ApprovalError(WorkbenchError):
    """A change set that is unsigned, changed, expired or used up."""


class PushError(WorkbenchError):
    """A push that had to stop; outcomes recorded so far stay recorded."""


class NeedsPerson(WorkbenchError):
    """Not finished: a decision by a person or an answer from a system is waited for."""

    exit_code: ClassVar[int] = 3


class UsageProblem(WorkbenchError):
    """The command or call was typed wrongly."""

    exit_code: ClassVar[int] = 64


class Problems(WorkbenchError):
    """Several problems at once, raised after all have been collected.

    Attributes:
        problems: All of them, in the order found.
    """

    def __init__(
        self,
        problems: Iterable[Problem],
        *,
        what: str | None = None,
        where: str | None = None,
        fix: str | None = None,
    ) -> None:
        self.problems: tuple[Problem, ...] = tuple(problems)
        count = len(self.problems)
        super().__init__(what or f"{count} problem{'s' * (count != 1)}", where=where, fix=fix)

    def __str__(self) -> str:
        return "\n".join([f"{self.what}:", *(_indent(str(each)) for each in self.problems), *_fix(self.fix)])

    def __reduce__(self) -> tuple[object, ...]:
        return partial(type(self), **self._keywords()), (self.problems,)

    def _keywords(self) -> dict[str, Any]:
        return {"what": self.what, "where": self.where, "fix": self.fix}


class SettingsError(Problems, ProfileError):
    """profile.yaml with one or more wrong settings, each with its line, the value and what is wanted."""


class MappingError(Problems):
    """A mapping file with one or more problems, each with file, line, the value and the closest names."""

    def __init__(
        self,
        what: str,
        problems: Iterable[Problem] = (),
        *,
        where: str | None = None,
        values: Mapping[str, object] | None = None,
        fix: str | None = None,
    ) -> None:
        listed = tuple(problems)
        own = Problem(what=what, where=where, values=values or {}, fix=fix)
        super().__init__(listed or (own,), what=what, where=where, fix=fix)
        self.single = not listed
        self.values = MappingProxyType(dict(values or {}))

    def __str__(self) -> str:
        if self.single:
            return str(self.problems[0])
        return super().__str__()

    def __reduce__(self) -> tuple[object, ...]:
        return partial(type(self), **self._keywords()), (self.what,)

    def _keywords(self) -> dict[str, Any]:
        problems = () if self.single else self.problems
        return {"problems": problems, "where": self.where, "values": dict(self.values), "fix": self.fix}


def _lines(what: str, where: str | None, values: Mapping[str, object], fix: str | None) -> str:
    """What and where on the first line, one line a value, the next step last."""
    first = f"{where}: {what}" if where else what
    width = max((len(name) for name in values), default=0)
    shown = [f"  {name:<{width}}  {_shown(value)}" for name, value in values.items()]
    return "\n".join([first, *shown, *_fix(fix)])


def _shown(value: object) -> str:
    return "(empty)" if value is None or value == "" else str(value)


def _fix(fix: str | None) -> list[str]:
    return [fix] if fix else []


def _indent(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.splitlines())
