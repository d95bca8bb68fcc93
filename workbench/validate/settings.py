"""A profile whose settings are wrong: each is a red line, and all that does not need them is checked.

What is wrong is found by the profile itself.  Here the settings that are right are kept, each by itself, and
the others have a stand-in which no check tells of.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from collections.abc import Mapping as ReadOnly
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from workbench.errors import ConnectionProblem, Problem, Problems, ProfileError, WorkbenchError
from workbench.profile import PROFILE_FILE, Profile, read_profile, refuse_shared_folder
from workbench.profile.reading import profile_of
from workbench.profile.yamlfile import Document, read_document
from workbench.store import Store, open_store
from workbench.validate.checks import ADVANCED, MASTER, PROFILE, QUICKBOOKS, SALESFORCE, Check, Verdict
from workbench.validate.wording import place
from workbench.workspace import Workspace

NOWHERE = "sqlite://"
"""A store in memory, where the profile's own cannot be opened: nothing was pulled as far as it knows."""

STAND_INS: ReadOnly[str, ReadOnly[str, Any]] = {
    "salesforce": {"url": "https://example.my.salesforce.com"},
    "quickbooks": {
        "company": "unknown",
        "owner_id": "{00000000-0000-0000-0000-000000000000}",
        "file_id": "{00000000-0000-0000-0000-000000000000}",
    },
}
"""What a section cannot be without."""

OF_THE_FILE = ("broken YAML", "not UTF-8", "expected settings", "this profile", "data/")
"""How problems begin that are of no one setting."""

GROUPS = {"salesforce": SALESFORCE, "quickbooks": QUICKBOOKS, "master": MASTER, "template": MASTER}
TELL: ReadOnly[tuple[str, str], tuple[str, ...]] = {
    ("salesforce", "login"): ("login", "username", "key_file", "secret "),
    ("salesforce", "key_file"): ("key_file", "secret salesforce.private_key"),
    ("quickbooks", "company"): ("company file",),
    ("quickbooks", "owner_id"): (".qwc file",),
    ("quickbooks", "file_id"): (".qwc file",),
    ("quickbooks", "user"): ("user", ".qwc file"),
    ("quickbooks", "host"): ("port", "address and certificate"),
    ("quickbooks", "port"): ("port", ".qwc file", "address and certificate"),
    ("quickbooks", "connector_url"): (".qwc file", "address and certificate"),
    ("quickbooks", "certificate"): (".qwc file", "address and certificate"),
    ("quickbooks", "key"): ("address and certificate",),
    ("", "email_results"): ("email",),
    ("", "template"): ("template", "master"),
}
"""How the checks begin that a setting is for, where they are not called like it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    """What is wrong with the settings of a profile.

    Attributes:
        checks: A red line for each.
        settings: (section, setting) of those with a stand-in; the section is "" at the top.
        sections: Those that are not there at all, or cannot be read.
    """

    checks: tuple[Check, ...] = ()
    settings: frozenset[tuple[str, str]] = frozenset()
    sections: frozenset[str] = frozenset()

    def lines(self, group: str) -> Iterator[Check]:
        """The red lines of a group."""
        return (check for check in self.checks if check.group == group)

    def touches(self, section: str) -> bool:
        """Whether anything in a section is wrong."""
        return section in self.sections or any(check.group == GROUPS[section] for check in self.checks)

    def left(self, section: str, checks: Iterable[Check]) -> Iterator[Check]:
        """The checks that tell of no stand-in."""
        names = {key: TELL.get((of, key), (key,)) for of, key in self.settings if of == section}
        hidden = tuple(name for each in names.values() for name in each)
        for check in checks:
            if section not in self.sections and not (hidden and check.name.startswith(hidden)):
                yield check


def opened(folder: str | Path) -> tuple[Workspace, Wrong]:
    """The profile in a folder as far as it is right, with its store, and what is wrong with it.

    Raises:
        ProfileError: There is no profile.
    """
    profile, wrong = _profile(folder)
    if ("", "store") in wrong.settings or "" in wrong.sections or not _apart(profile.data):
        return Workspace(profile=profile, store=open_store(NOWHERE)), wrong
    store, problem = _store(profile)
    if problem:
        where = read_document(profile.folder / PROFILE_FILE).where("store")
        red = _check(replace(problem, where=where), profile.folder, name="store")
        settings = wrong.settings | {("", "store")}
        wrong = Wrong(checks=(*wrong.checks, red), settings=settings, sections=wrong.sections)
    return Workspace(profile=profile, store=store), wrong


def _store(profile: Profile) -> tuple[Store, Problem | None]:
    try:
        return open_store(profile.store_url), None
    except ConnectionProblem as error:
        return open_store(NOWHERE), error.problem()


def _apart(data: Path) -> bool:
    try:
        refuse_shared_folder(data)
    except ProfileError:
        return False
    return True


def _profile(folder: str | Path) -> tuple[Profile, Wrong]:
    root = Path(folder).expanduser().resolve()
    try:
        return read_profile(root), Wrong()
    except ProfileError as error:
        if not (root / PROFILE_FILE).is_file():
            raise
        errors: list[WorkbenchError] = [error]
    try:
        document = read_document(root / PROFILE_FILE)
        if not isinstance(errors[0], Problems):  # it lies where it may not, which hides the others
            profile_of(document, root)
    except ProfileError as error:
        if str(error) != str(errors[0]):
            errors.append(error)
        if not isinstance(error, Problems):
            document = Document(path=root / PROFILE_FILE, content={})
    checks = tuple(_check(problem, root) for each in errors for problem in _problems(each))
    return _lenient(document, root, checks)


def _problems(error: WorkbenchError) -> tuple[Problem, ...]:
    return error.problems if isinstance(error, Problems) else (error.problem(),)


def _lenient(document: Document, root: Path, checks: tuple[Check, ...]) -> tuple[Profile, Wrong]:
    """The settings that are right by themselves, with stand-ins for the others."""
    content: dict[str, Any] = {name: dict(each) for name, each in STAND_INS.items()}
    settings, sections = set(), set()
    for section in STAND_INS:
        given = document.content.get(section)
        if not isinstance(given, dict):
            sections.add(section)
        known = given if isinstance(given, dict) else {}
        for key, value in known.items():
            one = {**content, section: {**content[section], key: value}}
            content, good = (one, True) if _reads(document, one, root) else (content, False)
            settings |= set() if good else {(section, str(key))}
        settings |= {(section, key) for key in STAND_INS[section] if key not in known}
    for key, value in document.content.items():
        if key not in STAND_INS:
            one = {**content, key: value}
            content, good = (one, True) if _reads(document, one, root) else (content, False)
            settings |= set() if good else {("", str(key))}
    if not document.content:
        sections.add("")
    wrong = Wrong(checks=checks, settings=frozenset(settings), sections=frozenset(sections))
    return profile_of(Document(path=document.path, content=content), root), wrong


def _reads(document: Document, content: ReadOnly[str, Any], root: Path) -> bool:
    try:
        profile_of(Document(path=document.path, content=content), root)
    except ProfileError:
        return False
    return True


def _check(problem: Problem, folder: Path, name: str = "") -> Check:
    """The red line of a setting, in the group of its section; of the whole file in a group of its own."""
    whole = problem.what.startswith(OF_THE_FILE)
    named = re.match(r"(?:the section )?'?(\w+)'?(?:\.(\w+))?", problem.what)
    section, key = (named[1], named[2] or named[1]) if named and not whole else ("", PROFILE_FILE)
    where = re.sub(r", line (\d+)$", r":\1", problem.where or "")
    values = "; ".join(f"{word}: {value}" for word, value in problem.values.items())
    return Check(
        group=PROFILE if whole else GROUPS.get(section, ADVANCED),
        kind="setting",
        name=name or key,
        verdict=Verdict.ERROR,
        detail=f"{problem.what} ({values})" if values else problem.what,
        fix=problem.fix or "",
        where=place(where, folder),
    )
