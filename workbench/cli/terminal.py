"""A person at a terminal who is asked questions; `later` or Ctrl-C leaves."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rich.text import Text

from workbench.asking import Later, Question
from workbench.console import Output
from workbench.errors import UsageProblem, WorkbenchError

Read = Callable[[str, bool], str]
"""Takes (prompt, whether the answer is hidden) and answers one line."""

LATER = "later"
SHORT = 20
"""Longest list of choices that stands in a prompt, in characters."""


def a_person_is_there(output: Output) -> bool:
    """Whether somebody can be asked; a script with --json never is."""
    return sys.stdin.isatty() and output.out.is_terminal and not output.json


@dataclass(frozen=True)
class Terminal:
    """Asks on standard output and reads from standard input.

    Attributes:
        read: Asks for one line; a test hands in another.
    """

    output: Output
    read: Read | None = None

    def ask(self, question: Question) -> str:
        """Ask until there is an answer that the question takes; see `workbench.asking.Asker`."""
        while True:
            try:
                answer = (self.read or self._read)(_prompt(question), question.secret)
            except (EOFError, KeyboardInterrupt):
                raise Later from None
            if answer.strip() == LATER and LATER not in question.choices:
                raise Later
            try:
                return question.taken(answer)
            except UsageProblem as error:
                self.refused(error)

    def tell(self, shown: Any) -> None:
        """Show something; a text is no markup, and a command stays in one piece to be copied."""
        for each in shown.split("\n") if isinstance(shown, str) else [shown]:
            command = isinstance(each, str) and "workbench " in each
            self.output.out.print(Text(each) if isinstance(each, str) else each, soft_wrap=command)

    def refused(self, error: WorkbenchError) -> None:
        """Tell why an answer was not taken."""
        self.output.out.print(Text.assemble(("✗ ", "bold red"), str(error)))

    def _read(self, prompt: str, secret: bool) -> str:
        if secret:
            return getpass.getpass(prompt)  # which hides what is typed before it asks
        return self.output.out.input(Text(prompt))


def _prompt(question: Question) -> str:
    listed = ", ".join(question.choices)
    choices = f" ({listed})" if 0 < len(listed) <= SHORT else ""  # longer ones are explained above it
    shown = f" [{question.default}]" if question.default and not question.secret else ""
    return f"{question.text}{choices}{shown}: "
