"""Pull QuickBooks through the Web Connector: queue queries, wait, load the tape into a snapshot.

A pull is a group of queries in the queue.  The server may queue one by itself (the standing pull), a
notebook or a command may; whoever holds the worker's lease loads it when the last page has arrived.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any

from workbench.connections import quickbooks
from workbench.connections.quickbooks import Answered, QuickBooksQueue
from workbench.errors import ConnectionProblem
from workbench.snapshots import (
    Column,
    Snapshot,
    TableData,
    failed_pull,
    finished_pulls,
    publish,
    write_file,
)
from workbench.store import Store


@dataclass(frozen=True, slots=True)
class QuickBooksPull:
    """The pulls of a profile.

    Attributes:
        store: The operational store.
        queue: The company's queue.
        folder: Where snapshots lie.
    """

    store: Store
    queue: QuickBooksQueue
    folder: Path

    def ask(self) -> str:
        """Queue a pull and answer its id; a pull that is under way is joined."""
        under_way = self.unfinished()
        if under_way:
            return next(iter(under_way))
        pull = f"pull-{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"
        self.queue.queue_pull(pull)
        return pull

    def unfinished(self) -> dict[str, list[Answered]]:
        """Answer the pulls that are not in a snapshot yet, with their queries, oldest first."""
        return {
            group: queries
            for group, queries in self.queue.query_groups().items()
            if group not in finished_pulls(self.store)
        }

    def load_finished(self) -> list[Snapshot]:
        """Load every pull whose last page has arrived; answer the new snapshots."""
        done = [
            (pull, queries)
            for pull, queries in self.unfinished().items()
            if all(query.state in quickbooks.FINAL for query in queries)
        ]
        loaded = [self._finish(pull, queries) for pull, queries in done]
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
                fix="Correct the cause in QuickBooks and pull again; no snapshot was made.",
            )
        return str(row["snapshot"])

    def _finish(self, pull: str, queries: Sequence[Answered]) -> Snapshot | None:
        refused = [query for query in queries if query.state != "answered"]
        if refused:
            text = "; ".join(f"{query.entity}: {query.text or query.state}" for query in refused)
            failed_pull(self.store, pull, "quickbooks", text)
            return None
        try:
            return self._load(pull, queries)
        except ConnectionProblem as error:
            # A page that cannot be read fails its pull for good: reading it again gives the same.
            failed_pull(self.store, pull, "quickbooks", str(error))
            return None

    def _load(self, pull: str, queries: Sequence[Answered]) -> Snapshot:
        id_ = f"quickbooks-{pull.removeprefix('pull-')}"
        file = self.folder / "quickbooks" / f"{id_}-{secrets.token_hex(2)}.duckdb"
        entities = list(dict.fromkeys(query.entity for query in queries))
        counts = write_file(file, chain.from_iterable(self._tables(pull, entity) for entity in entities))
        snapshot = Snapshot(
            id=id_,
            side="quickbooks",
            file=file,
            started_at=min(query.sent_at or query.answered_at or datetime.now(UTC) for query in queries),
            ended_at=max(query.answered_at or datetime.now(UTC) for query in queries),
            counts=counts,
            describes={
                table: quickbooks.describe(table)
                for entity in entities
                for table in quickbooks.tables(entity)
            },
        )
        publish(self.store, snapshot, pull=pull)
        return snapshot

    def _tables(self, pull: str, entity: str) -> Iterator[TableData]:
        main, *line_tables = quickbooks.tables(entity)
        yield TableData(name=main, columns=_columns(main), rows=self._rows(pull, entity))
        for table in line_tables:
            yield TableData(name=table, columns=_columns(table), rows=self._lines(pull, entity, table))

    def _rows(self, pull: str, entity: str) -> Iterator[Mapping[str, Any]]:
        for record in self.queue.records(pull, entity):
            yield record.fields

    def _lines(self, pull: str, entity: str, table: str) -> Iterator[Mapping[str, Any]]:
        for record in self.queue.records(pull, entity):
            key = {"TxnID": record.fields.get("TxnID"), "EditSequence": record.fields.get("EditSequence")}
            for number, line in enumerate(record.lines.get(table, ()), start=1):
                yield key | {"SeqNo": number} | line


def _columns(table: str) -> list[Column]:
    return [Column(name, type_) for name, type_ in quickbooks.columns(table)]
