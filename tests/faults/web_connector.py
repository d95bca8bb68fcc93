"""The server killed, the line cut, the answer lost: at every step of sessions that write.

A round is a company file, a store, a queue of changes and one server process.  The Web Connector calls until
nothing is left to do; each of its sessions is struck by one fault: at a call on the line (`wire`) or between
the Web Connector and QuickBooks (the simulator's own faults).  Steps and kinds go round, so that every kind
meets every step when the count is large enough.  What is unknown in the end is looked up in the company file,
as a person would, and settled; then each change must stand there exactly once.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count as numbers
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import Engine

from qbwc import queue, store, users
from qbwc.simulator import CompanyFile, Fault, SessionLog, WebConnector
from qbwc.users import passwords
from tests.faults.host import Host
from tests.faults.journal import Journal
from tests.faults.tally import Tally
from tests.faults.wire import KINDS, Cut, Wire, wire_to
from tests.faults.writes import FILE, OWNER, Change, changes, records, seed

AT_QUICKBOOKS = (
    "crash_before_work",  # the answer is lost before anything was done
    "lose_answer",  # ... after it was done
    "hresult_before",
    "hresult_after",
    "duplicate",
    "new_session",
)
ALL_KINDS = (*KINDS, *AT_QUICKBOOKS)
SET_SIZES = (200, 40, 15, 7)
COMPANY, USER, PASSWORD = "faulty", "wc", "s3cret"
_MOST_SESSIONS = 400


def run(count: int, seed_: int, *, writes: int = 200) -> Tally:
    """Strike `count` faults at sessions with that many writes each."""
    tally, random = Tally(more={"by_kind": dict.fromkeys(ALL_KINDS, 0)}), Random(seed_)
    kinds = _endless(ALL_KINDS, random)
    while tally.injected < count:
        with tempfile.TemporaryDirectory(prefix="faults-") as folder:
            _Round(Path(folder), tally, random, kinds, writes=writes, most=count).run()
    return tally


def _endless(kinds: Sequence[str], random: Random) -> Iterator[str]:
    for _ in numbers():
        shuffled = list(kinds)
        random.shuffle(shuffled)
        yield from shuffled


@dataclass(slots=True)
class _Round:
    """One queue of changes, from the first session to the last."""

    folder: Path
    tally: Tally
    random: Random
    kinds: Iterator[str]
    writes: int = field(kw_only=True)
    most: int = field(kw_only=True)
    engine: Engine = field(init=False)
    company: Journal = field(init=False)
    host: Host = field(init=False)
    wire: Wire = field(init=False)
    planned: list[Change] = field(init=False)

    def run(self) -> None:
        with self._opened():
            self._sessions(faulty=True)
            unknown = self._look_up()
            self._sessions(faulty=False)
            judge(self.tally, self.planned, queue.requests(self.engine, COMPANY), self.company, unknown)
            traces = self.host.traces()
            if traces:
                self.tally.found("crashes", f"{traces} tracebacks in the server's log")

    @contextmanager
    def _opened(self) -> Iterator[None]:
        url = f"sqlite:///{self.folder / 'store.sqlite'}"
        self.engine = store.open_store(url)
        file = CompanyFile.create(self.folder / "company.db", seed(self.writes))
        self.company = Journal(file)
        self.planned = changes(file, self.writes, self.random)
        prepare(self.engine, self.planned)
        size = min(self.random.choice(SET_SIZES), self.writes)
        self.host = Host(url, self.folder / "server.log", writes_a_set=size)
        self.host.start()
        try:
            with wire_to(self.host) as self.wire:
                yield
        finally:
            self.host.stop()
            file.close()
            self.engine.dispose()

    def _sessions(self, *, faulty: bool) -> None:
        """Update Selected again and again; each session meets a fault while faults are left."""
        steps = 0
        for _ in range(_MOST_SESSIONS):
            strike = faulty and self.tally.injected < self.most
            log = self._session(next(self.kinds) if strike else None, max(steps, 12))
            steps = max(steps, len(log.calls))
            if log.outcome == "nothing":
                return
            if strike and self.random.random() < 0.3:
                self.company.forget_answers()
        self.tally.found("lost", f"the queue was not empty after {_MOST_SESSIONS} sessions")

    def _session(self, kind: str | None, steps: int) -> SessionLog:
        """One session, struck at a step of its own; afterwards a server runs."""
        step = self.random.randint(1, steps)
        cut, fault = None, None
        if kind in KINDS:
            cut = Cut(
                kind=kind, call=step, number=self.random.choice((1, 1, 2)), seconds=self.random.random() / 30
            )
        elif kind is not None:
            fault = Fault(kind=kind, at=1 + step // 3)  # type: ignore[arg-type]
        self.wire.begin(cut)
        connector = WebConnector(
            self.company, self.wire.url, USER, PASSWORD, owner_id=OWNER, file_id=FILE,
            faults=[fault] if fault else [], keep_documents=False, sleep=lambda _: None,
        )  # type: ignore[arg-type]  # fmt: skip
        log = connector.update_selected()
        self._recover(kind, struck=self.wire.struck or bool(connector._struck))
        return log

    def _recover(self, kind: str | None, *, struck: bool) -> None:
        """Count the fault, and start the server again when it is gone."""
        killing = struck and kind is not None and kind.startswith("kill")
        if killing and kind in ("kill_before_commit", "kill_after_commit") and not self.host.wait_dead(0.05):
            self.host.arm("before", 0)  # no commit came: it did not strike
            struck = killing = False
        if struck:
            self.tally.injected += 1
            self.tally.more["by_kind"][kind] += 1
        if not self.host.alive:
            if not killing:
                self.tally.found("crashes", f"the server ended by itself during {kind}")
            self.host.start()

    def _look_up(self) -> list[str]:
        """Settle what is unknown, as a person who looks into QuickBooks; answers which it were."""
        rows = records(self.company)
        change = {str(one.request.id): one for one in self.planned}
        unknown = queue.requests(self.engine, COMPANY, state="unknown")
        for row in unknown:
            if not row.error:
                self.tally.found("lost", f"{row.id} is unknown, without evidence")
            if change[row.id].times(rows):
                found = change[row.id].found(rows)
                answer = found[0] if found else None
                queue.resolve(self.engine, row.id, "applied", "seen in QuickBooks", answer=answer)
            else:
                queue.resolve(self.engine, row.id, "failed", "not there")
        return [row.id for row in unknown]


def prepare(engine: Engine, planned: Sequence[Change]) -> None:
    """A store with one company, its login and its queue."""
    store.create_tables(engine)
    users.add_user(engine, name=USER, password=PASSWORD, company=COMPANY, owner_id=OWNER, file_id=FILE)
    with store.writing(engine) as connection:  # a login that costs nothing: campaigns log in often
        cheap = passwords.hash_password(PASSWORD, log_n=2)
        connection.execute(store.users.update().values(password=cheap))
    users.open_pairing(engine, COMPANY, minutes=600)
    queue.enqueue(engine, COMPANY, [one.request for one in planned])


def judge(
    tally: Tally,
    planned: Sequence[Change],
    rows: Sequence[queue.RequestRow],
    company: Journal,
    unknown: Sequence[str],
) -> None:
    """Compare what the queue says with what the company file holds and did."""
    states = {row.id: row for row in rows}
    kept = records(company)
    tally.writes += len(planned)
    for change in planned:
        name = str(change.request.id)
        _judge_one(tally, change, states[name], kept, company.done[name], seen=name in unknown)
    strangers = set(company.done) - set(states)
    for name in strangers:
        tally.found("unapproved", f"QuickBooks carried out {name!r}, which nobody asked for")


def _judge_one(
    tally: Tally,
    change: Change,
    row: queue.RequestRow,
    kept: Mapping[str, Sequence[Mapping[str, Any]]],
    done: int,
    *,
    seen: bool,
) -> None:
    there = change.times(kept)
    where = f"{row.id} ({change.entity} {change.name}) is {row.state}, carried out {done} times"
    if done > 1 or there > 1:
        tally.found("doubled", f"{where}, {there} records: {row.note}")
    elif done != there:
        tally.found("lost", f"{where}, but {there} records hold it")
    elif seen:
        tally.unknown += 1
    elif row.state == "answered" and there == 1:
        if change.answers and (row.answer is None or row.answer.get("EditSequence") is None):
            tally.found("lost", f"{where}, without its answer")
        else:
            tally.applied_once += 1
    elif there:
        tally.found("unapproved" if row.state == "cancelled" else "lost", f"{where}: {row.error}")
    elif row.state == "cancelled" and row.error:
        tally.cancelled += 1
    else:
        tally.found("lost", f"{where}: {row.error}")
