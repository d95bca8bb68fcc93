"""What both systems say of themselves: asked now, or as the last snapshots have kept it."""

from __future__ import annotations

from collections.abc import Mapping as ReadOnly
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from workbench.connections import quickbooks, quickbooks_reading
from workbench.connections.salesforce import SalesforceConnection
from workbench.errors import WorkbenchError
from workbench.model import Mapping, Side
from workbench.pull.salesforce import describe
from workbench.snapshots import Snapshot, newest
from workbench.store import Store
from workbench.workspace import Workspace

Described = ReadOnly[str, Any]
Describes = ReadOnly[str, Described]

CUSTOM = "Custom_"
"""How the columns of QuickBooks' custom fields begin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the org has answered.

    Attributes:
        connection: The login; None where it failed.
        objects: API names of all objects that the user sees; None where that was not answered.
        describes: Of the objects that mappings name.
        login, access: Why the login failed, and why the API did not answer; else None.
    """

    connection: SalesforceConnection | None = None
    objects: frozenset[str] | None = None
    describes: Describes = field(default_factory=dict)
    login: WorkbenchError | None = None
    access: WorkbenchError | None = None


@dataclass(frozen=True, kw_only=True)
class Known:
    """What mappings are held against.

    Attributes:
        snapshots: The newest of each side, where there is one.
        asked: What the org has answered; None where it was not asked.
        why_not: Why it was not asked, in words.
    """

    snapshots: ReadOnly[Side, Snapshot]
    asked: Asked | None = None
    why_not: str = ""

    @property
    def online(self) -> bool:
        """Whether the org has said what there is."""
        return self.asked is not None and self.asked.objects is not None

    @cached_property
    def salesforce(self) -> Describes:
        """Describes by object; online with the names of all others, so that a wrong one finds its closest."""
        if self.asked is not None and self.asked.objects is not None:
            names: Describes = {name: {"name": name, "fields": []} for name in self.asked.objects}
            return {**names, **self.asked.describes}
        return self.snapshots[Side.SALESFORCE].describes if Side.SALESFORCE in self.snapshots else {}

    @cached_property
    def quickbooks(self) -> Describes:
        """Describes by entity and line, with the custom fields that the last pull has read."""
        if not self.definitions:
            return quickbooks.describes()
        return {name: quickbooks_reading.describe(name, self.definitions) for name in quickbooks.describes()}

    @cached_property
    def definitions(self) -> list[dict[str, Any]]:
        """Definitions of QuickBooks' custom fields, as of the last pull."""
        reading = self.snapshots[Side.QUICKBOOKS].reading if Side.QUICKBOOKS in self.snapshots else {}
        found: list[dict[str, Any]] = list(reading.get("found") or reading.get("definitions") or [])
        return found

    def describes(self, side: Side) -> Describes:
        return self.salesforce if side is Side.SALESFORCE else self.quickbooks

    def tells(self, side: Side, name: str) -> bool:
        """Whether it is known what an object can hold, or that there is none."""
        if side is Side.QUICKBOOKS:
            return True
        return self.online or name in self.salesforce

    def tells_field(self, side: Side, name: str) -> bool:
        """Whether it is known if there is a field: custom ones of QuickBooks are after the first pull."""
        custom = side is Side.QUICKBOOKS and name.rpartition(".")[2].startswith(CUSTOM)
        return not custom or Side.QUICKBOOKS in self.snapshots

    @property
    def against(self) -> tuple[str, ...]:
        """What mappings are held against, in words."""
        return (f"Salesforce: {self._salesforce_in_words()}", f"QuickBooks: {self._quickbooks_in_words()}")

    def _salesforce_in_words(self) -> str:
        if self.online:
            return "as the org describes itself now"
        kept = self.snapshots.get(Side.SALESFORCE)
        return "nothing is known yet" if kept is None else f"as described with the pull of {_when(kept)}"

    def _quickbooks_in_words(self) -> str:
        kept = self.snapshots.get(Side.QUICKBOOKS)
        custom = "custom fields are known after the first pull"
        if kept is not None:
            custom = f"custom fields as of the pull of {_when(kept)}"
        return f"as the workbench knows qbXML; {custom}"


def _when(snapshot: Snapshot) -> str:
    return f"{snapshot.ended_at:%Y-%m-%d %H:%M} UTC"


def kept(store: Store) -> dict[Side, Snapshot]:
    """The newest snapshot of each side that has one."""
    found = {}
    for side in Side:
        try:
            found[side] = newest(store, side)
        except WorkbenchError:
            continue  # none yet, which the report says
    return found


def ask(workspace: Workspace, objects: ReadOnly[str, object]) -> Asked:
    """Log in, and have the org describe what mappings name; what it does not have is left out."""
    try:
        # A person asks: also secrets that were refused before are tried.
        connection = SalesforceConnection(workspace.profile, again=True)
    except WorkbenchError as error:
        return Asked(login=error)
    try:
        names = frozenset(connection.describe_objects())
        described = {name: describe(connection, name) for name in objects if name in names}
    except WorkbenchError as error:
        return Asked(connection=connection, access=error)
    return Asked(connection=connection, objects=names, describes=described)


@dataclass(slots=True, kw_only=True)
class Use:
    """What mappings want of one Salesforce object.

    Attributes:
        mappings: Their names.
        on: Whether one of them has a state that is on.
        writes: Whether a state that is on writes to it.
    """

    mappings: list[str] = field(default_factory=list)
    on: bool = False
    writes: bool = False


def uses(mappings: ReadOnly[str, Mapping]) -> dict[str, Use]:
    """The Salesforce objects that mappings name, those of mappings that are off too."""
    found: dict[str, Use] = {}
    for mapping in mappings.values():
        on = [state for state in mapping.states if state.on]
        for name in _objects(mapping):
            use = found.setdefault(name, Use())
            if mapping.name not in use.mappings:
                use.mappings.append(mapping.name)
            use.on |= bool(on)
            use.writes |= any(state.to is Side.SALESFORCE for state in on) and name != "Pricebook2"
    return found


def _objects(mapping: Mapping) -> list[str]:
    names = [mapping.salesforce.object, *(each.object for each in mapping.salesforce.related)]
    if mapping.lines:
        names.append(mapping.lines.salesforce.object)
    if "PricebookEntry" in names or "OpportunityLineItem" in names:
        names += ["PricebookEntry", "Pricebook2"]
    return list(dict.fromkeys(names))
