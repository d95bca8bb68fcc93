"""A profile with a company file on the other end of its queue, and changes to it written by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qbwc import queue
from qbwc.session import Desk, Limits
from qbwc.simulator.company import CompanyFile
from tests.unit.profile.bare_profile import bare_profile, make_valid
from tests.unit.qbwc_server.qbwc_driver import OWNER, PATH, SEED, Connector
from workbench import approval, ledger, push
from workbench.changes import Answer, Cell, Change, ChangeSet, change_id
from workbench.ledger import OutcomeRow
from workbench.profile import SalesforceSettings
from workbench.store import open_store
from workbench.workspace import Workspace


@dataclass
class Office:
    """A workspace, the company file, and a Web Connector that calls when it is told to."""

    workspace: Workspace
    company: CompanyFile
    connector: Connector

    def call(self) -> None:
        """Update Selected."""
        self.connector.update()

    def call_without_waiting(self) -> None:
        """Update Selected by somebody in a hurry: as if the Web Connector could not be asked to stay."""
        self.workspace.queue.keep_waiting(0)
        self.call()

    def customer(self, name: str) -> dict[str, Any]:
        return next(one for one in self.company.records("Customer") if one["FullName"] == name)

    def names(self) -> list[str]:
        return [str(record["FullName"]) for record in self.company.records("Customer")]

    # --- pushing -------------------------------------------------------------------------------

    def started(self, *changes: Change) -> ChangeSet:
        store = self.workspace.store
        made = ChangeSet(header={"made for": "a test"}, changes=tuple(changes))
        ledger.save_changeset(
            store, id_=made.id, content_hash=made.content_hash, content=made.content, by="maria"
        )
        approval.approve(
            store,
            self.workspace.own_keys,
            changeset=made.id,
            content_hash=made.content_hash,
            changes=made.by_id,
            by="maria",
        )
        make_valid(self.workspace.profile)
        push.start(self.workspace, made, by="maria")
        return made

    def queued(self, *changes: Change) -> ChangeSet:
        changeset = self.started(*changes)
        self.advance(changeset)
        return changeset

    def pushed(self, *changes: Change) -> ChangeSet:
        """Push, let the Web Connector call, and settle."""
        changeset = self.queued(*changes)
        self.call()
        self.advance(changeset)
        return changeset

    def advance(self, changeset: ChangeSet) -> None:
        push.advance(self.workspace, changeset.id)

    def outcome(self, change: Change) -> OutcomeRow:
        (row,) = [row for row in ledger.outcomes(self.workspace.store) if row.change == change.id]
        return row

    def state(self, *changes: Change) -> Any:
        states = [self.outcome(change).state for change in changes]
        return states[0] if len(states) == 1 else states

    def requests(self) -> list[queue.RequestRow]:
        return list(queue.requests(self.workspace.store.engine, self.workspace.profile.quickbooks.company))

    # --- changes -------------------------------------------------------------------------------

    def update(self, name: str, **values: Any) -> Change:
        record = self.customer(name)
        return Change(
            id=change_id("by hand", "quickbooks", "Customer", record["ListID"]),
            mapping="account-customer", side="quickbooks", object="Customer", action="update",
            record=record["ListID"], label=name, version=record["EditSequence"], source_id=f"SF {name}",
            cells=cells(values, record),
        )  # fmt: skip

    def create(self, object_: str, source: str, *lines: Mapping[str, Any], **values: Any) -> Change:
        carried = [value for each in (values, *lines) for value in each.values() if isinstance(value, Answer)]
        return Change(
            id=change_id("by hand", "quickbooks", object_, f"from {source}"),
            mapping="account-customer", side="quickbooks", object=object_, action="create", record=None,
            label=str(values.get("Name", source)), version=None, source_id=source, cells=cells(values, {}),
            lines=tuple(lines), line_sources=tuple(f"{source} line {n}" for n, _ in enumerate(lines, 1)),
            depends_on=tuple(dict.fromkeys(value.change for value in carried)), links=True,
        )  # fmt: skip


def cells(values: Mapping[str, Any], before: Mapping[str, Any]) -> tuple[Cell, ...]:
    return tuple(
        Cell(field=api, api=api, before=before.get(api), after=value, why="by hand")
        for api, value in values.items()
    )


def open_office(folder: Path) -> Office:
    """A new profile whose company file is paired."""
    org = SalesforceSettings(url="https://books.my.salesforce.com")
    profile = bare_profile(folder / "profile", salesforce=org)
    workspace = Workspace(profile=profile, store=open_store(profile.store_url))
    settings = profile.quickbooks
    workspace.queue.register(
        user=settings.user, password="correct horse", owner_id=OWNER, file_id=settings.file_id
    )
    workspace.queue.open_pairing(10)
    company = CompanyFile.create(folder / "company.db", dict[str, Any](SEED))
    company.stamp(OWNER, settings.file_id)
    desk = Desk(workspace.store.engine, limits=Limits(linger_seconds=0))
    connector: Any = Connector  # its module is not annotated
    return Office(workspace, company, connector(desk, company, user=settings.user, path=PATH))
