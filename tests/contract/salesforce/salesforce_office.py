"""A profile whose org is the embedded one on loopback, and changes to it written by hand."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.unit.profile.bare_profile import bare_profile, make_valid
from workbench import approval, ledger, push
from workbench.changes import Answer, Cell, Change, ChangeSet, change_id
from workbench.connections.salesforce import SalesforceConnection
from workbench.ledger import OutcomeRow
from workbench.profile import Profile, SalesforceSettings, write_secrets
from workbench.pull import pull_salesforce
from workbench.pull.salesforce import naive_utc
from workbench.push import Tally
from workbench.store import open_store
from workbench.testorg import ConnectedApp, OrgSettings, TestOrg, User, running_org
from workbench.workspace import Workspace

USER = User(username="maria@alpine.example", password="pass & <word>", security_token="ToKeN123")
APP = ConnectedApp(client_id="3MVG9.alpine", client_secret="s3cret/with+signs=", run_as=USER.username)
SECRETS = {
    "salesforce.client_id": APP.client_id,
    "salesforce.client_secret": APP.client_secret,
    "salesforce.password": USER.password,
    "salesforce.security_token": USER.security_token,
}
OBJECTS = (
    "Account", "Contact", "Product2", "Pricebook2", "PricebookEntry", "Opportunity", "OpportunityLineItem",
)  # fmt: skip


class Clock:
    """The org's clock: a second further at every look, so that each write has a stamp of its own."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
        self._turn = threading.Lock()

    def __call__(self) -> datetime:
        with self._turn:
            self.now += timedelta(seconds=1)
            return self.now


@dataclass
class Scripted:
    """An answer in the org's place, for requests whose path holds `part`, so many times."""

    part: str
    status: str
    body: str
    kind: str = "application/json;charset=UTF-8"
    times: int = 1


@dataclass
class Requests:
    """What reached the org, in order, as 'METHOD path'; without its answers."""

    seen: list[str] = field(default_factory=list)
    scripted: list[Scripted] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    queries: list[str] = field(default_factory=list)

    def wrap(self, application: Any) -> Any:
        def record(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
            self.seen.append(f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}")
            self.headers.append({name: str(value) for name, value in environ.items() if "_" in name})
            self.queries.append(environ.get("QUERY_STRING", ""))
            for each in self.scripted:
                if each.part in environ["PATH_INFO"] and each.times > 0:
                    each.times -= 1
                    environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
                    start_response(each.status, [("Content-Type", each.kind)])
                    return [each.body.encode()]
            found: Iterable[bytes] = application(environ, start_response)
            return found

        return record

    @property
    def writes(self) -> list[str]:
        return [each for each in self.seen if "/composite/" in each]


@dataclass
class Office:
    """The org, the profile that reaches it, and what went over the wire."""

    org: TestOrg
    url: str
    workspace: Workspace
    requests: Requests

    @property
    def profile(self) -> Profile:
        return self.workspace.profile

    def connect(self, **settings: Any) -> SalesforceConnection:
        """A new login, with other settings if given."""
        changed = replace(self.profile.salesforce, **settings)
        return SalesforceConnection(replace(self.profile, salesforce=changed))

    def pull(self) -> None:
        pull_salesforce(
            self.workspace.salesforce(), self.workspace.store, self.profile.snapshots, objects=OBJECTS
        )

    def push(self, *changes: Change, only: Iterable[Change] | None = None, hours: float = 1.0) -> ChangeSet:
        """Approve and start a push of changes (or of `only` some of them), and send what can go."""
        changeset = self.started(*changes, only=only, hours=hours)
        self.advance(changeset)
        return changeset

    def started(
        self, *changes: Change, only: Iterable[Change] | None = None, hours: float = 1.0
    ) -> ChangeSet:
        changeset = self.saved(*changes)
        wanted = [change.id for change in (changes if only is None else only)]
        approval.approve(
            self.workspace.store,
            self.workspace.own_keys,
            changeset=changeset.id,
            content_hash=changeset.content_hash,
            changes=wanted,
            by="maria",
            hours=hours,
        )
        push.start(self.workspace, changeset, by="maria")
        return changeset

    def saved(self, *changes: Change) -> ChangeSet:
        changeset = ChangeSet(header={"made for": "a test"}, changes=tuple(changes))
        ledger.save_changeset(
            self.workspace.store,
            id_=changeset.id,
            content_hash=changeset.content_hash,
            content=changeset.content,
            by="maria",
        )
        return changeset

    def advance(self, changeset: ChangeSet) -> Tally:
        return push.advance(self.workspace, changeset.id)

    def outcome(self, change: Change) -> OutcomeRow:
        (row,) = [row for row in ledger.outcomes(self.workspace.store) if row.change == change.id]
        return row

    def state(self, *changes: Change) -> Any:
        states = [self.outcome(change).state for change in changes]
        return states[0] if len(states) == 1 else states

    # --- changes as a plan would make them -----------------------------------------------------

    def update(self, object_: str, record: str, **values: Any) -> Change:
        """An update reviewed against the record as it is now."""
        now = self.org.record(object_, record)
        return Change(
            id=change_id("by hand", "salesforce", object_, record),
            mapping="account-customer",
            side="salesforce",
            object=object_,
            action="update",
            record=record,
            label=str(now.get("Name") or record),
            version=str(naive_utc(str(now["SystemModstamp"]))),
            source_id=f"QB-{record}",
            cells=cells(values, now),
            depends_on=parents(values),
        )

    def create(self, object_: str, source: str, **values: Any) -> Change:
        """A create from a QuickBooks record."""
        return Change(
            id=change_id("by hand", "salesforce", object_, f"from {source}"),
            mapping="account-customer",
            side="salesforce",
            object=object_,
            action="create",
            record=None,
            label=str(values.get("Name") or values.get("LastName") or source),
            version=None,
            source_id=source,
            cells=cells(values, {}),
            depends_on=parents(values),
            links=True,
        )


def cells(values: Mapping[str, Any], before: Mapping[str, Any]) -> tuple[Cell, ...]:
    return tuple(
        Cell(field=api, api=api, before=before.get(api), after=value, why="by hand")
        for api, value in values.items()
    )


def parents(values: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(value.change for value in values.values() if isinstance(value, Answer))


@contextmanager
def running_office(folder: Path, seed: Mapping[str, Any], **settings: Any) -> Iterator[Office]:
    """An org with a seed, and a profile that logs in to it with client credentials."""
    requests = Requests()
    org = TestOrg.open(
        None, seed=dict(seed), users=[USER], apps=[APP], settings=OrgSettings(), clock=Clock(), **settings
    )
    with org, running_org(org, wrap=requests.wrap) as url:
        profile = bare_profile(
            folder / "profile", salesforce=SalesforceSettings(url=url, username=USER.username)
        )
        write_secrets(profile, SECRETS)
        make_valid(profile)
        workspace = Workspace(profile=profile, store=open_store(profile.store_url))
        try:
            yield Office(org, url, workspace, requests)
        finally:
            workspace.close()
