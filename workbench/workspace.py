"""A profile with its store and its two systems at hand.

The facade, the worker and the command line all work through one of these.  Salesforce is logged in to
when it is first needed; QuickBooks is its queue.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from workbench.approval import OwnKeys
from workbench.connections import quickbooks_reading
from workbench.connections.quickbooks import QuickBooksQueue
from workbench.connections.salesforce import SalesforceConnection
from workbench.errors import MappingError, Problems
from workbench.mapping import in_use, load_mappings
from workbench.model import Mapping
from workbench.profile import Profile, read_profile, seal_key
from workbench.pull import QuickBooksPull, quickbooks_columns
from workbench.store import Store, open_store

PAIRING_MINUTES = 24 * 60
"""How long a new .qwc file may be used for the first contact."""


@dataclass(kw_only=True)
class Workspace:
    """What every command works with.

    Attributes:
        profile: The profile.
        store: Its operational store, open.
        asked_to_stay: When this process has asked the Web Connector to stay, by the monotonic clock.
    """

    profile: Profile
    store: Store
    asked_to_stay: float | None = field(default=None, repr=False)
    _salesforce: SalesforceConnection | None = field(default=None, repr=False)
    _mappings: tuple[object, dict[str, Mapping]] | None = field(default=None, repr=False)

    @cached_property
    def queue(self) -> QuickBooksQueue:
        """The company's queue in the store."""
        profile = self.profile
        return QuickBooksQueue(self.store.engine, profile.quickbooks.company, seal_key(profile))

    @property
    def own_keys(self) -> OwnKeys:
        """The approvers' private keys that are on this machine."""
        return OwnKeys(self.profile.data / "keys", f"workbench:{self.profile.name}")

    @property
    def pulls(self) -> QuickBooksPull:
        """The pulls of the QuickBooks side."""
        prove = self.profile.quickbooks.prove_counts
        return QuickBooksPull(self.store, self.queue, self.profile.snapshots, self.wanted, prove)

    def wanted(self) -> quickbooks_reading.Wanted:
        """What to read of QuickBooks: the columns that the mappings use, unless the profile says all.

        Raises:
            MappingError: A mapping file is wrong, or names what QuickBooks does not have.
        """
        if not any(self.profile.mappings.glob("*.y*ml")):
            return quickbooks_reading.everything()
        used = quickbooks_columns(self.in_use().values())
        if self.profile.quickbooks.columns == "all":
            return quickbooks_reading.everything([*used])
        return quickbooks_reading.chosen(used)

    def register(self) -> None:
        """Make the Web Connector's login known to the server; a changed password is taken over."""
        settings = self.profile.quickbooks
        self.queue.register(
            user=settings.user,
            password=self.profile.secret("quickbooks.password"),
            owner_id=settings.owner_id,
            file_id=settings.file_id,
        )
        self.renew_standing()

    def renew_standing(self) -> None:
        """Give the server the pull that it queues by itself, from the last snapshot on.

        A mapping that is wrong leaves it as it was: the server goes on, and `pull` says what is wrong.
        """
        with suppress(MappingError, Problems):
            self.pulls.stand(self.profile.quickbooks.pull_every_minutes)

    def open_pairing(self) -> None:
        """Let the next company file that calls be paired, on purpose; one that is paired already stays."""
        self.register()
        if self.queue.paired() is None:
            self.queue.open_pairing(PAIRING_MINUTES)

    def salesforce(self) -> SalesforceConnection:
        """The org, logged in to.

        Raises:
            ConnectionProblem: It cannot be reached or refuses the login.
        """
        if self._salesforce is None:
            self._salesforce = SalesforceConnection(self.profile)
        return self._salesforce

    def mappings(self) -> dict[str, Mapping]:
        """The profile's mappings as the files say now, in dependency order; read when they changed.

        Raises:
            MappingError: A file is wrong; everything that is wrong is listed.  Or there is none: without
                mappings nothing would be pulled or compared, and that would look like agreement.
        """
        stamps = tuple(
            (path.name, path.stat().st_mtime_ns, path.stat().st_size)
            for path in sorted(self.profile.mappings.glob("*.y*ml"))
        )
        if self._mappings is None or self._mappings[0] != stamps:
            loaded = load_mappings(self.profile.mappings)
            if not loaded:
                raise MappingError(
                    "there is no mapping here",
                    where=str(self.profile.mappings),
                    fix="Restore its files, or copy those of a profile that `workbench init` makes.",
                )
            self._mappings = (stamps, loaded)
        return self._mappings[1]

    def in_use(self) -> dict[str, Mapping]:
        """The mappings that are pulled and compared: those that are off and not needed are left out."""
        return in_use(self.mappings())

    def objects(self) -> list[str]:
        """The Salesforce objects that the mappings in use touch, with price books for prices."""
        names: list[str] = []
        for mapping in self.in_use().values():
            names.append(mapping.salesforce.object)
            names += [related.object for related in mapping.salesforce.related]
            if mapping.lines:
                names.append(mapping.lines.salesforce.object)
        if "PricebookEntry" in names or "OpportunityLineItem" in names:
            names += ["PricebookEntry", "Pricebook2"]
        return list(dict.fromkeys(names))

    def close(self) -> None:
        self.store.close()


def open_workspace(folder: str | Path) -> Workspace:
    """Open the profile in a folder.

    Raises:
        ProfileError: There is no profile, or it is wrong.
        ConnectionProblem: The store cannot be opened.
    """
    profile = read_profile(folder)
    return Workspace(profile=profile, store=open_store(profile.store_url))


@contextmanager
def workspace(folder: str | Path) -> Iterator[Workspace]:
    """Open a profile for the length of a block."""
    opened = open_workspace(folder)
    try:
        yield opened
    finally:
        opened.close()
