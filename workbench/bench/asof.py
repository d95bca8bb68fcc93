"""What was known at a time: snapshots, crosswalk, base and decisions as they were then, only to be looked at.

Mappings are today's: the store does not keep their files.  Nothing here writes anything: what agrees does not
become the base, and lines that a rule would match are matched for this look alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cached_property
from typing import TYPE_CHECKING

import duckdb
import pandas as pd

from workbench import crosswalk, matching
from workbench import diff as differ
from workbench.bench import comparing
from workbench.bench.diff import Diff
from workbench.bench.display import asked
from workbench.crosswalk import pair_id
from workbench.diff import summary
from workbench.errors import UsageProblem
from workbench.model import Mapping, Side
from workbench.normalize import unread
from workbench.normalize.unread import COLUMNS as UNREAD_COLUMNS
from workbench.reconciliation import Reconciliation, open_as_of
from workbench.snapshots import Snapshot, newest
from workbench.workspace import Workspace

if TYPE_CHECKING:
    from workbench.bench.bench import Bench

When = datetime | date | str
"""A time, or a text such as '2026-03-30T16:40Z' or '2026-03-30': the end of that day.  UTC without a zone."""


@dataclass(frozen=True)
class AsOf:
    """A profile as it was at a time.

    Attributes:
        at: The time, aware.
    """

    bench: Bench
    at: datetime

    @property
    def crosswalk(self) -> pd.DataFrame:
        """The confirmed pairs as they were."""
        rows = crosswalk.pairs(self.bench.workspace.store, at=self.at)
        names = ["mapping", "salesforce_id", "quickbooks_id", "rule", "confirmed_by", "confirmed_at"]
        return pd.DataFrame(rows, columns=names).sort_values(names[:3], ignore_index=True)

    def snapshot(self, side: str) -> Snapshot:
        """The newest snapshot of a side that had ended by then."""
        return newest(self.bench.workspace.store, Side(side), before=self.at)

    def sql(self, query: str) -> pd.DataFrame:
        """Answer SQL over what was: the schemas `salesforce`, `quickbooks` and `kept`."""
        return asked(self._opened.connection, query)

    def diff(self) -> Diff:
        """The differences as a diff would have shown them, under today's mappings."""
        found = open_as_of(self.bench.workspace, self.at)
        compare_past(self.bench.workspace, found)
        connection = found.connection
        table = comparing.found(self.bench.workspace, found)
        unreadable = pd.DataFrame(unread(connection), columns=list(UNREAD_COLUMNS))
        return Diff(self.bench, found, table, unreadable, summary(connection), at=self.at)

    @cached_property
    def _opened(self) -> Reconciliation:
        return open_as_of(self.bench.workspace, self.at)

    def __repr__(self) -> str:
        return f"as of {self.at:%Y-%m-%d %H:%M:%S} UTC"


def moment(when: When) -> datetime:
    """The time that is meant, aware.

    Raises:
        UsageProblem: The text is no time, or the time has not come yet.
    """
    meant: date
    if isinstance(when, date):
        meant = when
    else:
        try:
            meant = _read(str(when).strip())
        except ValueError:
            raise UsageProblem(
                f"{when!r} is no time",
                fix="Write it like 2026-03-30 (the end of that day) or 2026-03-30T16:40Z.",
            ) from None
    return _past(meant)


def _past(meant: date) -> datetime:
    """The time, aware; the end of a day, of which today's is now at the latest."""
    today = datetime.now(UTC)
    if isinstance(meant, datetime):
        at = (meant if meant.tzinfo is not None else meant.replace(tzinfo=UTC)).astimezone(UTC)
        late = at > today
    else:
        at = datetime.combine(meant, time.max, tzinfo=UTC)
        late = meant > today.date()
    if late:
        raise UsageProblem(
            f"{at:%Y-%m-%d %H:%M:%S} UTC has not come yet",
            values={"now": f"{today:%Y-%m-%d %H:%M:%S} UTC"},
            fix="Leave the time out for the differences of now.",
        )
    return at


def _read(text: str) -> date:
    read: Callable[[str], date] = (
        date.fromisoformat if len(text) == len("2026-03-30") else datetime.fromisoformat
    )
    return read(text)


def compare_past(workspace: Workspace, reconciliation: Reconciliation) -> None:
    """Fill `work.differences` for every mapping; writes nothing to the store."""
    connection, zone = reconciliation.connection, workspace.profile.quickbooks.time_zone
    differ.create_differences(connection)
    for mapping in reconciliation.usable(workspace.in_use().values()):
        for each in filter(None, (mapping, mapping.lines)):
            for side in Side:
                differ.prepare(connection, each, side, zone=zone)
            matching.match(connection, each, prepared=True)
        if mapping.lines:
            _join_for_now(connection, mapping.lines)
        differ.compute(connection, mapping, zone=zone)


def _join_for_now(connection: duckdb.DuckDBPyConnection, lines: Mapping) -> None:
    """Take what a rule accepts into the open crosswalk, and nowhere else."""
    accepted = connection.execute(
        "SELECT salesforce_id, quickbooks_id FROM work.candidates WHERE mapping = ? AND status = 'accepted'",
        [lines.name],
    ).fetchall()
    rows = [[lines.name, pair_id(lines.name, *pair), *pair] for pair in accepted]
    if rows:
        connection.executemany("INSERT INTO kept.crosswalk VALUES (?, ?, ?, ?)", rows)
