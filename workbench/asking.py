"""Questions of a dialogue, and who answers them: a person at a terminal, or answers that are known before."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from workbench.errors import NeedsPerson, UsageProblem, WorkbenchError
from workbench.spelling import closest

NONE = "-"
"""What takes a setting away; an empty answer keeps it."""


class Later(Exception):
    """The person leaves; what was answered so far is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question.

    Attributes:
        key: What an answers file calls it, e.g. `salesforce.url`.
        text: What a person reads.
        default: What an empty answer means; None where there must be one.
        choices: The answers that are taken; any where it is empty.
        secret: It is not shown, and never stands in a message.
        optional: `-` answers "none".
        check: Answers '' for a good answer, else what it should have been.
        next: What somebody without a terminal has to do; "" for: answer it.
    """

    key: str
    text: str
    default: str | None = None
    choices: tuple[str, ...] = ()
    secret: bool = False
    optional: bool = False
    check: Callable[[str], str] = field(default=lambda _: "")
    next: str = ""

    def taken(self, answer: str) -> str:
        """Answer what is meant by an answer; '' for none.

        Raises:
            UsageProblem: It is no answer to this question.
        """
        given = answer if self.secret else answer.strip()
        if given == "":
            if self.default is None:
                raise UsageProblem(f"{self.key}: an answer is needed")
            return self.default
        if self.optional and given == NONE:
            return ""
        if self.choices and given not in self.choices:
            raise UsageProblem(
                f"{self.key}: {given!r} is not one of: {', '.join(self.choices)}",
                fix=closest(given, self.choices),
            )
        if wanted := self.check(given):
            what, _, fix = wanted.partition(". ")
            shown = "the answer" if self.secret else repr(given)
            raise UsageProblem(f"{self.key}: {shown} is not {what}", fix=fix or None)
        return given


class Asker(Protocol):
    """Who is asked and told."""

    def ask(self, question: Question) -> str:
        """Answer what was meant; '' for none.

        Raises:
            Later: The person leaves.
            NeedsPerson: Nobody is there who could answer.
        """
        ...

    def tell(self, shown: Any) -> None:
        """Show a text or a rich renderable."""
        ...

    def refused(self, error: WorkbenchError) -> None:
        """Tell why an answer was not taken; the question comes again.

        Raises:
            WorkbenchError: The same, where nobody is there who could answer otherwise.
        """
        ...


class Script:
    """Answers that are known before; each is taken once, later ones are the defaults.

    Args:
        answers: By the key of the question.
        tell: Told what a person would be shown.
    """

    def __init__(self, answers: Mapping[str, str], tell: Callable[[Any], None]) -> None:
        self._answers = dict(answers)
        self._asked: set[str] = set()
        self._tell = tell

    @property
    def unused(self) -> list[str]:
        """Answers to questions that did not come."""
        return sorted(self._answers)

    def ask(self, question: Question) -> str:
        if question.key in self._answers:
            self._asked.add(question.key)
            return question.taken(self._answers.pop(question.key))
        if question.default is None or question.next:
            raise NeedsPerson(
                f"not answered: {question.key} ({question.text})",
                fix=question.next or "Give it in the answers, or run `workbench quickstart` in a terminal.",
            )
        return question.default

    def tell(self, shown: Any) -> None:
        self._tell(shown)

    def refused(self, error: WorkbenchError) -> None:
        raise error
