"""A new profile, an org and a company file, and a person who sets them up."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from urllib.parse import urlsplit

from rich.console import Console

from qbwc import store
from qbwc.service import running_server
from qbwc.simulator import CompanyFile, WebConnector
from qbwc.users import passwords
from workbench.cli.terminal import Terminal
from workbench.console import Output
from workbench.profile import Profile, read_profile
from workbench.quickstart import STEPS, Context, Progress, progress, step_of, walk
from workbench.store import open_store
from workbench.testorg import ConnectedApp, TestOrg, User, running_org
from workbench.testorg.objects import CUSTOM
from workbench.workspace import workspace

USER = User(username="maria@birch.example", password="pa55 word", security_token="t0ken")
APP = ConnectedApp(client_id="3MVG9.app", client_secret="s3cret/with+signs", run_as=USER.username)
BOOKS = {
    "Company": {"CompanyName": "Alder & Sons", "FileName": "C:\\QB\\alder.qbw"},
    "Account": [{"Name": "Sales", "AccountType": "Income"}],
}

Answer = str | Callable[[], str]
"""What is typed; or what is done first and then typed."""


class LeftAlone(AssertionError):
    """A question that the story has no answer to."""


@dataclass
class Person:
    """Somebody at a terminal who has an answer to each question, by words of its prompt.

    Attributes:
        answers: In the order in which they are given; a prompt takes the first whose words it holds.
        asked: The prompts that came.
        hidden: Those whose answers were not shown.
    """

    answers: list[tuple[str, Answer]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)

    def __call__(self, prompt: str, secret: bool) -> str:
        self.asked.append(prompt)
        if secret:
            self.hidden.append(prompt)
        for number, (words, answer) in enumerate(self.answers):
            if words in prompt:
                del self.answers[number]
                return answer if isinstance(answer, str) else answer()
        raise LeftAlone(prompt)


@dataclass
class Desk:
    """The profile that is set up, its org, its server, and the computer with QuickBooks."""

    context: Context
    org_url: str
    port: int
    company: CompanyFile
    server: str
    screen: StringIO = field(default_factory=StringIO)

    @property
    def profile(self) -> Profile:
        return read_profile(self.context.folder)

    @property
    def shown(self) -> str:
        """What stood on the screen."""
        return self.screen.getvalue()

    def progress(self) -> Progress:
        return progress(self.context)

    def states(self) -> str:
        """One letter a step: d(one), o(pen), t(rouble)."""
        return "".join(each.state[0] for each in self.progress().standings)

    def walk(self, person: Person, start: str | None = None) -> str | None:
        """Walk from a step on, or from the first that is open; the name of the step where it was left."""
        console = Console(file=self.screen, width=100, highlight=False)
        first = step_of(start) if start else self.progress().first
        assert first is not None
        left = walk(self.context, Terminal(Output(out=console, err=console), person), first)
        return left.name if left else None

    def update_selected(self) -> str:
        """Press Update Selected with the .qwc file loaded; answer how the session ended."""
        profile = self.profile
        assert (profile.folder / f"{profile.name}.qwc").is_file(), "there is no .qwc file to load"
        settings = profile.quickbooks
        with workspace(profile.folder) as opened, store.writing(opened.store.engine) as connection:
            cheap = passwords.hash_password(profile.secret("quickbooks.password"), log_n=2)
            connection.execute(store.users.update().values(password=cheap))
        connector = WebConnector(
            self.company, self.server, settings.user, profile.secret("quickbooks.password"),
            owner_id=settings.owner_id, file_id=settings.file_id, sleep=lambda _: None,
        )  # fmt: skip
        return str(connector.update_selected().outcome)

    def then(self, act: Callable[[], object], answer: str = "") -> Callable[[], str]:
        """An answer that is given after something was done elsewhere."""

        def answered() -> str:
            act()
            return answer

        return answered

    def salesforce(self) -> list[tuple[str, Answer]]:
        """Right answers of the first step."""
        return [
            ("Address of the org", self.org_url),
            ("Way to log in", ""),
            ("Consumer key", APP.client_id),
            ("Consumer secret", APP.client_secret),
        ]

    def quickbooks(self) -> list[tuple[str, Answer]]:
        return [
            ("on this computer", ""),
            ("Port of the server", str(self.port)),
            ("Time zone", "America/New_York"),
            ("Update Selected", self.then(self.update_selected)),
        ]

    def advanced(self) -> list[tuple[str, Answer]]:
        return [
            ("written down", "DEBUG"),
            ("E-mail", "maria@example.com"),
            ("Which results", ""),
            ("When to run", "-"),
        ]

    def rest(self) -> list[tuple[str, Answer]]:
        """Mappings and master as they are."""
        return [("Numbers or names", ""), ("Master", "")]

    def all(self) -> list[tuple[str, Answer]]:
        return [*self.salesforce(), *self.quickbooks(), *self.advanced(), *self.rest()]


@contextmanager
def running_desk(made: Path, folder: Path) -> Iterator[Desk]:
    """A copy of a profile that was just made, with its systems running on loopback."""
    root = shutil.copytree(made, folder / "books")
    org = TestOrg.open(None, seed={}, users=[USER], apps=[APP], extra_objects=CUSTOM)
    company = CompanyFile.create(folder / "company.db", BOOKS, clock=lambda: datetime.now(UTC))
    kept = open_store(read_profile(root).store_url)
    try:
        with org, running_org(org) as url, running_server(kept.engine) as server:
            context = Context(folder=root, by="maria")
            yield Desk(context, url, urlsplit(server).port or 0, company, server)
    finally:
        company.close()
        kept.close()


def names(steps: Sequence[object] = STEPS) -> list[str]:
    return [step.name for step in STEPS]
