"""Validate Process: every setting, mapping and state, valid or not, with the cause.

All checks run and all are listed; a check that depends on a failed one says so instead of failing too.
"""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from workbench.connections import quickbooks
from workbench.connections.salesforce import SalesforceConnection
from workbench.connections.salesforce_errors import SOAP_ENDS
from workbench.errors import Problem, Problems, WorkbenchError
from workbench.mapping import check_fields
from workbench.mapping.org_rules import check_org
from workbench.model import Mapping as FieldMapping
from workbench.pull.salesforce import describe
from workbench.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One line of the report.

    Attributes:
        subject: 'profile', 'Salesforce', 'QuickBooks', 'mapping' or 'state'.
        valid: True, False, or None for "cannot be told yet".
    """

    subject: str
    name: str
    valid: bool | None
    detail: str
    fix: str = ""


@dataclass(frozen=True)
class Report:
    """The report of Validate Process."""

    checks: tuple[Check, ...]

    @property
    def valid(self) -> bool:
        """Whether nothing is invalid."""
        return all(check.valid is not False for check in self.checks)

    @property
    def table(self) -> pd.DataFrame:
        return pd.DataFrame(
            [{name: getattr(check, name) for name in Check.__slots__} for check in self.checks]
        )

    def _repr_html_(self) -> str:
        words = {True: "✓ valid", False: "✗ invalid", None: "… not yet"}
        frame = self.table.assign(valid=[words[check.valid] for check in self.checks])
        return str(frame.to_html(index=False, border=0))


def validate(workspace: Workspace) -> Report:
    """Run every check of a profile; changes nothing."""
    return Report(tuple(_checks(workspace)))


def _checks(workspace: Workspace) -> Iterator[Check]:
    yield Check(
        subject="profile", name=workspace.profile.name, valid=True, detail=str(workspace.profile.folder)
    )
    try:
        mappings = workspace.mappings()
    except WorkbenchError as error:
        mappings = {}
        yield _failed("mapping", "files", error)
    described, login = _salesforce(workspace, bool(mappings))
    yield login
    yield from _quickbooks(workspace)
    for mapping in mappings.values():
        yield from _mapping(mapping, described)
        for state in mapping.states:
            yield Check(
                subject="state",
                name=state.name,
                valid=True,
                detail=f"{'on' if state.on else 'off'}, writes to {state.to.label}",
            )


def _salesforce(workspace: Workspace, wanted: bool) -> tuple[dict[str, Any], Check]:
    try:
        # A person asks: also secrets that were refused before are tried.
        connection = SalesforceConnection(workspace.profile, again=True)
        described = _describes(connection, workspace.objects()) if wanted else {}
    except WorkbenchError as error:
        return {}, _failed("Salesforce", "connection settings", error)
    detail = f"connection settings are valid ({connection.host})"
    if workspace.profile.salesforce.login == "password":
        detail += f"; {SOAP_ENDS}"
    return described, Check(subject="Salesforce", name="connection settings", valid=True, detail=detail)


def _describes(connection: SalesforceConnection, wanted: list[str]) -> dict[str, Any]:
    """What the org says of the objects; of those that no mapping names only that they are there.

    An object that the org does not have is left out: the mapping that names it is wrong, not the login.
    """
    known = connection.describe_objects()
    found = {name: describe(connection, name) for name in wanted if name in known}
    return {name: {"name": name, "fields": []} for name in known} | found


def _quickbooks(workspace: Workspace) -> Iterator[Check]:
    company = workspace.queue.paired()
    yield Check(
        subject="QuickBooks",
        name="company file",
        valid=None if company is None else True,
        detail="not paired with a company file yet" if company is None else f"paired with {company}",
        fix="Run `workbench qwc`, open the file with the Web Connector and press Update Selected."
        if company is None
        else "",
    )
    settings = workspace.profile.quickbooks
    address = f"http://{settings.host}:{settings.port}/health"
    running = _answers(address)
    yield Check(
        subject="QuickBooks",
        name="Web Connector server",
        valid=running,
        detail=f"{'answers' if running else 'does not answer'} on {settings.host}:{settings.port}",
        fix="" if running else "Start it with `workbench up`.",
    )


def _mapping(mapping: FieldMapping, described: Mapping[str, Any]) -> Iterator[Check]:
    sides = (described, quickbooks.describes())
    found = [*check_fields(mapping, *sides), *check_org(mapping, *sides)] if described else []
    problems = [problem for problem in found if problem not in _told(found)]
    if not described:
        yield Check(
            subject="mapping",
            name=mapping.name,
            valid=None,
            detail="needs a valid Salesforce connection first",
        )
    elif not problems:
        yield Check(subject="mapping", name=mapping.name, valid=True, detail="all fields exist on both sides")
    for note in _told(found):
        yield Check(
            subject="mapping",
            name=mapping.name,
            valid=True,
            detail=f"note: {_where(note)}",
            fix=note.fix or "",
        )
    for problem in problems:
        yield Check(
            subject="mapping", name=mapping.name, valid=False, detail=_where(problem), fix=problem.fix or ""
        )


def _told(problems: list[Problem]) -> list[Problem]:
    """What works and should be known all the same: the org would bend or refuse some values."""
    return [problem for problem in problems if problem.severity == "note"]


def _where(problem: Problem) -> str:
    return f"{problem.where}: {problem.what}" if problem.where else problem.what


def _failed(subject: str, name: str, error: WorkbenchError) -> Check:
    detail = (
        str(error) if isinstance(error, Problems) else _where(Problem(what=error.what, where=error.where))
    )
    return Check(subject=subject, name=name, valid=False, detail=detail, fix=error.fix or "")


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=3) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
