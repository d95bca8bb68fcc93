"""The worker: load finished pulls into snapshots, carry pushes on, as long as there is work.

`workbench up` runs it all the time; a notebook or command that waits for something runs it on demand.
A lease in the store lets one process at a time do it, so whoever waits only has to look.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from workbench.changes import read_changeset
from workbench.connections.quickbooks import FINAL
from workbench.errors import WorkbenchError
from workbench.ledger import Lease, heartbeat, load_changeset, take_lease, trouble_of
from workbench.model import Side
from workbench.push.run import advance, unsettled
from workbench.schemaplan import advance as advance_schema
from workbench.snapshots import prune
from workbench.workspace import Workspace

T = TypeVar("T")

LEASE = "worker"
PAUSE_SECONDS = 0.1
"""Between two looks at the store while somebody waits."""

IDLE_SECONDS = 0.3
"""Between two rounds of the standing worker when there was nothing to do."""

TROUBLE_SECONDS = 3.0
"""At most between two tries of the standing worker while a system or the disk gives trouble."""

TIDY_SECONDS = 600.0
"""Between two rounds of tidying up."""

_NAMES_OF_TRIES = re.compile(r"\b[0-9a-f]{4,}\b")
"""A try's own name in a message: said again for each, it would fill a disk that is full already."""


def work_until(
    workspace: Workspace,
    done: Callable[[], T | None],
    *,
    seconds: float,
    progress: Callable[[], None] = lambda: None,
) -> T | None:
    """Do the worker's work until `done` answers something, for `seconds` at most; None then.

    Where another process holds the lease it does the work, and this one looks.
    """
    end = time.monotonic() + seconds
    lease: Lease | None = None
    try:
        while True:
            lease = _held(workspace, lease)
            if lease is not None:
                _round(workspace, lease)
            answer = done()
            if answer is not None or time.monotonic() >= end:
                return answer
            progress()
            time.sleep(PAUSE_SECONDS)
    finally:
        if lease is not None:
            lease.release()


def work(workspace: Workspace, stop: Callable[[], bool], say: Callable[[str], None]) -> None:
    """Work until told to stop; trouble with one system is said once and tried again."""
    lease: Lease | None = None
    said = ""
    tries = 0
    tidied = time.monotonic() - TIDY_SECONDS
    try:
        while not stop():
            try:
                lease = _held(workspace, lease)
                pause = PAUSE_SECONDS if lease is not None and _round(workspace, lease) else IDLE_SECONDS
                if lease is not None and time.monotonic() - tidied >= TIDY_SECONDS:
                    tidied = time.monotonic()
                    tidy(workspace)
                if tries and lease is not None:
                    lease.tell(None)
                said, tries = "", 0
            except WorkbenchError as error:
                tries += 1
                pause = min(IDLE_SECONDS * 2**tries, TROUBLE_SECONDS)
                if said != (said := _NAMES_OF_TRIES.sub("", str(error))):
                    say(str(error))
                    _tell(lease, str(error))
            time.sleep(pause)
    finally:
        if lease is not None:
            lease.release()


def round_of_work(workspace: Workspace) -> bool:
    """One round: load pulls, carry schema plans and pushes on.  Answers whether anything moved.

    Raises:
        ConnectionProblem: A system cannot be reached; what was done stays done.
        ApprovalError: A change set is not what was approved; the others were carried on.
    """
    moved = bool(workspace.pulls.load_finished())
    if moved:
        workspace.renew_standing()
    moved = advance_schema(workspace) or moved
    trouble: WorkbenchError | None = None
    for changeset in unsettled(workspace):
        try:
            moved = advance(workspace, changeset).moved or moved
        except WorkbenchError as error:  # the other change sets go on
            trouble = error
    if trouble is not None:
        raise trouble
    return moved


def tidy(workspace: Workspace) -> None:
    """Prune by rule what was loaded and what nobody can need; renew the pull that the server makes itself.

    Answers on the tape stay while any pull waits to be loaded; snapshots, while a change set that was made
    from them is not settled.
    """
    workspace.renew_standing()
    if not any(set(states) <= set(FINAL) for states in workspace.pulls.under_way().values()):
        workspace.queue.prune(workspace.profile.quickbooks.keep_answers_days)
    open_sets = [load_changeset(workspace.store, each)["content"] for each in unsettled(workspace)]
    headers = [read_changeset(content).header for content in open_sets]
    needed = [str(header[side]) for header in headers for side in Side if side in header]
    prune(workspace.store, workspace.profile.snapshots, needed=needed)


def worker_trouble(workspace: Workspace) -> str | None:
    """What keeps the process that does the worker's work from it; None when nothing does."""
    return trouble_of(workspace.store, LEASE)


def _tell(lease: Lease | None, text: str) -> None:
    """Keep the trouble for those who wait; where the store itself is the trouble nobody can read it."""
    if lease is not None:
        with suppress(WorkbenchError):
            lease.tell(text)


def _round(workspace: Workspace, lease: Lease) -> bool:
    with heartbeat(lease):
        return round_of_work(workspace)


def _held(workspace: Workspace, lease: Lease | None) -> Lease | None:
    if lease is not None and lease.renew():
        return lease
    return take_lease(workspace.store, LEASE)
