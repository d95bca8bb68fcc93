"""Pull QuickBooks through the Web Connector: queue queries, wait, load the tape into a snapshot.

A pull is a group of queries in the queue.  The server may queue one by itself (the standing pull), a
notebook or a command may; whoever holds the worker's lease loads it when the last page has arrived.  The
first pull reads everything, later ones what changed since; `quickbooks_plan` says when everything is read
again.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from workbench.connections import quickbooks
from workbench.connections.quickbooks import Answered, QuickBooksQueue, UnreadablePage
from workbench.connections.quickbooks_reading import Wanted, everything
from workbench.errors import ConnectionProblem, WorkbenchError
from workbench.pull.quickbooks_load import IncompletePull, Load
from workbench.pull.quickbooks_plan import Plan, plan
from workbench.snapshots import (
    Snapshot,
    UnfitValue,
    failed_pull,
    finished_pulls,
    newest,
    next_must_be_full,
    overtaken_pull,
    publish,
)
from workbench.store import Store

SIDE = "quickbooks"
NOT_AVAILABLE = 3250
"""QuickBooks' code for a feature that its edition or preferences do not have, e.g. sales orders in Pro."""


@dataclass(frozen=True, slots=True)
class QuickBooksPull:
    """The pulls of a profile.

    Attributes:
        store: The operational store.
        queue: The company's queue.
        folder: Where snapshots lie.
        wanted: Says what to read.
        prove: A pull must have as many records as QuickBooks counts.
    """

    store: Store
    queue: QuickBooksQueue
    folder: Path
    wanted: Callable[[], Wanted] = everything
    prove: bool = True

    def ask(self, *, full: bool = False) -> str:
        """Queue a pull and answer its id; a pull that is under way is joined, unless all is to be read.

        Raises:
            MappingError: The mappings do not say what to read.
            ConnectionProblem: The server does not know the company file yet.
        """
        under_way = self.under_way()
        if under_way and not full:
            return next(iter(under_way))
        made = self.plan("it was asked for" if full else "")
        pull = f"pull-{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"
        self.queue.queue_asks(pull, made.asks)
        return pull

    def plan(self, full: str = "") -> Plan:
        """The next pull: of what changed, or of everything, for the reason given or one of its own."""
        if not full and next_must_be_full(self.store, SIDE):
            full = "the last pull has shown that records were missed"
        before = self._before()
        return plan(
            self.wanted(),
            before.reading if before else {},
            datetime.now(UTC),
            paired_at=self.queue.paired_at(),
            full=full,
        )

    def stand(self, every_minutes: int) -> None:
        """Give the server the pull to queue by itself when the Web Connector calls and nothing is queued."""
        self.queue.stand(every_minutes, self.plan().asks)

    def under_way(self) -> dict[str, list[str]]:
        """Answer the pulls that are not in a snapshot yet, with the states of their queries, oldest first."""
        finished = finished_pulls(self.store)
        groups = self.queue.query_groups()
        return {group: states for group, states in groups.items() if group not in finished}

    def unfinished(self) -> dict[str, list[Answered]]:
        """Answer the pulls that are not in a snapshot yet, with their queries, oldest first."""
        return {pull: self.queue.group(pull) for pull in self.under_way()}

    def load_finished(self) -> list[Snapshot]:
        """Load every pull whose last page has arrived; answer the new snapshots.

        Raises:
            WorkbenchError: A snapshot could not be written now; its pull is loaded the next time.
        """
        done = [
            pull
            for pull, states in self.under_way().items()
            if all(state in quickbooks.FINAL for state in states)
        ]
        loaded = [self._finish(pull, self.queue.group(pull)) for pull in done]
        return [snapshot for snapshot in loaded if snapshot is not None]

    def outcome(self, pull: str) -> str | None:
        """Answer the id of the snapshot of a pull, None while it is under way.

        Raises:
            ConnectionProblem: The pull failed.
        """
        row = finished_pulls(self.store).get(pull)
        if row is None:
            return None
        if row["state"] == "failed":
            raise ConnectionProblem(
                f"QuickBooks did not answer the pull: {row['error']}",
                where=pull,
                fix="Pull again: all records are read then, and nothing was published."
                if row["next"] == "full"
                else "Correct the cause in QuickBooks and pull again; no snapshot was made.",
            )
        return str(row["snapshot"])

    def _finish(self, pull: str, queries: list[Answered]) -> Snapshot | None:
        refused = [query for query in queries if query.state != "answered"]
        if refused:
            text = "; ".join(_refusal(query) for query in refused)
            failed_pull(self.store, pull, SIDE, text)
            return None
        try:
            return self._load(pull, queries)
        except IncompletePull as error:
            failed_pull(self.store, pull, SIDE, _told(error), then_full=True)
        except (UnreadablePage, UnfitValue) as error:
            # A page that cannot be read fails its pull for good: reading it again gives the same.  A store
            # that is locked, or a full disk, does not.
            failed_pull(self.store, pull, SIDE, str(error))
        return None

    def _load(self, pull: str, queries: list[Answered]) -> Snapshot | None:
        ended_at = max(query.answered_at or datetime.now(UTC) for query in queries)
        before = self._before()
        if before is not None and before.ended_at > ended_at:
            overtaken_pull(self.store, pull, SIDE, before.id)
            return None
        load = Load(
            queue=self.queue,
            queries=queries,
            before=before,
            paired_at=self.queue.paired_at(),
            prove=self.prove,
        )
        id_ = f"{SIDE}-{pull.removeprefix('pull-')}"
        snapshot = load.into(self.folder / SIDE, id_, f"{id_}-{secrets.token_hex(2)}")
        if not publish(self.store, snapshot, pull=pull):
            snapshot.file.unlink(missing_ok=True)  # another process was faster; its snapshot stands
            return None
        return snapshot

    def _before(self) -> Snapshot | None:
        """The snapshot to go on from; None where there is none, or it is of another company file."""
        try:
            found = newest(self.store, SIDE)
        except WorkbenchError:
            return None
        paired_at = self.queue.paired_at()
        same = found.reading.get("paired_at") == (paired_at.isoformat() if paired_at else None)
        return found if found.reading and same and found.readable else None


def _refusal(query: Answered) -> str:
    text = f"{query.entity}: {query.text or query.state}"
    if query.status_code == NOT_AVAILABLE:
        text += f" Switch it on in QuickBooks, or the states of the mappings off that read {query.entity}."
    return text


def _told(error: IncompletePull) -> str:
    values = "; ".join(f"{name}: {value}" for name, value in error.values.items())
    return f"{error.what} ({values})" if values else error.what
