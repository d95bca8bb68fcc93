"""Make the report: all checks run and all are listed; one that needs what another lacks says so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from workbench.crosswalk import pairs
from workbench.errors import MappingError, Problem
from workbench.mapping.folder import Folder, read_folder
from workbench.validate import advanced, data, mappings, quickbooks, salesforce, states
from workbench.validate.checks import (
    ADVANCED,
    MAPPING,
    MASTER,
    PROFILE,
    QUICKBOOKS,
    SALESFORCE,
    Check,
    Verdict,
)
from workbench.validate.known import Known, ask, kept, uses
from workbench.validate.report import Report
from workbench.validate.settings import Wrong, opened
from workbench.validate.today import Today, no_data, prepare_today
from workbench.validate.wording import place, verdict_of
from workbench.workspace import Workspace

TOLD_OFFLINE = "not asked: --offline"
SETTINGS_WRONG = "not asked while settings of profile.yaml are wrong"
EXAMPLES = 5
NOT_LOOKED_AT = "today's data is not looked at before a push"


def validate(workspace: Workspace, *, offline: bool = False, examples: int = EXAMPLES) -> Report:
    """Run every check of a profile; changes nothing in either system or in the store.

    Args:
        offline: Ask neither the org nor the server: mappings are held against what the last pull has kept.
        examples: Records of today's data that a check names at most.
    """
    return _validate(workspace, Wrong(), TOLD_OFFLINE if offline else "", examples)


def validate_folder(folder: str | Path, *, offline: bool = False, examples: int = EXAMPLES) -> Report:
    """The same of the profile in a folder; wrong settings are checks too, and then nobody is asked.

    Raises:
        ProfileError: There is no profile.
    """
    workspace, wrong = opened(folder)
    why_not = TOLD_OFFLINE if offline else (SETTINGS_WRONG if wrong.checks else "")
    try:
        return _validate(workspace, wrong, why_not, examples)
    finally:
        workspace.close()


def _validate(workspace: Workspace, wrong: Wrong, offline: str, examples: int) -> Report:
    """The report; `offline` is why nobody is asked, "" to ask."""
    profile, read = workspace.profile, _read(workspace)
    wanted = uses(read.mappings)
    settings = [*wrong.left("salesforce", salesforce.settings(profile))]
    why_not = offline
    if not why_not and any(check.verdict is Verdict.ERROR for check in settings):
        why_not = salesforce.SECRETS_MISSING
    known = Known(
        snapshots=kept(workspace.store), asked=None if why_not else ask(workspace, wanted), why_not=why_not
    )
    today = prepare_today(workspace, read.mappings.values())
    checks = [*wrong.lines(PROFILE), *wrong.lines(SALESFORCE), *settings]
    checks += salesforce.answers(profile, known, wanted)
    checks += wrong.lines(QUICKBOOKS)
    checks += wrong.left("quickbooks", quickbooks.settings(profile, read.mappings.values()))
    if wrong.touches("quickbooks"):
        checks += quickbooks.not_asked()
    else:
        checks += quickbooks.answers(workspace, known, why_not=offline)
    checks += [*wrong.lines(ADVANCED), *wrong.left("", advanced.settings(profile))]
    checks += _of_mappings(workspace, read, known, today)
    lost = sorted({*read.partial, *read.unread})
    masters = states.master(profile.master, profile.template, read.mappings.values(), lost)
    checks += [*wrong.lines(MASTER), *wrong.left("", masters)]
    checks += data.checks(today, read.mappings.values(), known, examples=examples)
    return _report(workspace, known, checks, offline=_offline(known, why_not))


def validate_for_push(workspace: Workspace) -> Report:
    """The checks that a push needs: settings and mappings against the last pull; nobody is asked anything.

    Left out is what gives no errors: mappings that are off, the master, and today's data.
    """
    read = _read(workspace)
    known = Known(snapshots=kept(workspace.store), why_not=NOT_LOOKED_AT)
    checks = [*salesforce.settings(workspace.profile)]
    checks += quickbooks.settings(workspace.profile, read.mappings.values())
    checks += advanced.settings(workspace.profile)
    checks += _of_mappings(workspace, read, known, no_data(NOT_LOOKED_AT), on_only=True)
    return _report(workspace, known, checks, offline=NOT_LOOKED_AT)


def _report(workspace: Workspace, known: Known, checks: list[Check], *, offline: str) -> Report:
    profile = workspace.profile
    return Report(
        checks=tuple(checks),
        profile=profile.name,
        folder=str(profile.folder),
        at=datetime.now(UTC),
        against=known.against,
        offline=offline,
    )


def _offline(known: Known, why_not: str) -> str:
    """Why mappings are not held against the org as it is now; "" when they are."""
    if known.online:
        return ""
    if known.asked is None:
        return why_not
    return "Salesforce did not answer: see its settings"


# --- mappings ---------------------------------------------------------------------------------------------


def _read(workspace: Workspace) -> Folder:
    """The mapping files as far as they can be read, and what is wrong with them or between them."""
    found = read_folder(workspace.profile.mappings)
    if found.mappings or found.problems:
        return found
    try:
        workspace.mappings()  # says that there is none, and what to do
    except MappingError as error:
        return replace(found, problems=error.problems)
    return found


def _of_mappings(
    workspace: Workspace, read: Folder, known: Known, today: Today, *, on_only: bool = False
) -> Iterator[Check]:
    folder = workspace.profile.folder
    for problem in read.problems:
        where = place(problem.where, folder)
        yield Check(
            group=f"{MAPPING} files",
            kind="mapping",
            name=where.partition(":")[0].rpartition("/")[2] or "mappings",
            verdict=verdict_of(problem),
            detail=problem.what,
            fix=problem.fix or "",
            where=where,
        )
    for mapping in read.mappings.values():
        if on_only and not any(state.on for state in mapping.states):
            continue
        yield from mappings.checks(mapping, known, today, folder)
    for mapping in read.partial.values():
        found = mappings.checks(mapping, known, today, folder, partial=True)
        yield from _not_told(found, read.problems, folder)
    linked = Counter(str(row["mapping"]) for row in pairs(workspace.store))
    between = states.Dependencies(mappings=read.mappings, linked=linked, today=today, folder=folder)
    yield from between.checks()


def _not_told(checks: Iterable[Check], problems: Iterable[Problem], folder: Path) -> Iterator[Check]:
    """What is wrong in a file that can be read in part, without what follows from its problems."""
    told = {(place(each.where, folder), each.what) for each in problems}
    lines = {where for where, _ in told}
    for check in checks:
        wrong = check.verdict in (Verdict.ERROR, Verdict.WARNING)
        missing = "has no field" in check.detail or "unknown object" in check.detail
        if wrong and (missing or check.where not in lines) and (check.where, check.detail) not in told:
            yield check
