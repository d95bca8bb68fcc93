"""A small, seeded share of `python -m tests.faults web-connector` and `bad-input`; the whole is that command.

What the campaigns count is held too: an accountant that cannot find a mistake would prove nothing.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest

from qbwc import queue, store
from qbwc.simulator import CompanyFile, WebConnector
from tests.faults import bad_input, web_connector
from tests.faults.bad_input import spoken
from tests.faults.journal import Journal
from tests.faults.mutations import MUTATIONS, mutated
from tests.faults.tally import Tally
from tests.faults.web_connector import COMPANY, PASSWORD, USER, judge, prepare
from tests.faults.writes import FILE, OWNER, changes, seed

pytestmark = pytest.mark.long

ROOT = Path(__file__).resolve().parents[2]


def test_each_change_happens_once_or_is_for_a_person() -> None:
    tally = web_connector.run(4, 7, writes=40)
    assert tally.clean, tally.notes
    assert tally.injected == 4
    assert tally.applied_once + tally.unknown + tally.cancelled == tally.writes
    assert tally.applied_once > 0.8 * tally.writes


def test_bad_input_harms_nobody() -> None:
    tally = bad_input.run(60, 7)
    assert tally.clean, tally.notes
    assert (tally.injected, tally.applied_once) == (60, 1)
    assert tally.more["answers_read"] > 0
    assert tally.more["soap_statuses"].keys() <= {200, 500}


def test_the_command_tells_its_sums() -> None:
    command = [sys.executable, "-m", "tests.faults", "bad-input", "--count", "2", "--seed", "3", "--json"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=True)
    told = json.loads(ran.stdout.splitlines()[-1])
    assert told["injected"] == 2
    assert {"applied_once", "unknown", "lost", "doubled", "unapproved", "crashes"} <= told.keys()


# --- the accountant finds what is wrong ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A queue that was worked off without a fault: changes, rows, the company file."""
    folder = tmp_path_factory.mktemp("books")
    engine = store.open_store(f"sqlite:///{folder / 'store.sqlite'}")
    file = CompanyFile.create(folder / "company.db", seed(12))
    planned = changes(file, 12, Random(5))
    prepare(engine, planned)
    journal = Journal(file)
    from qbwc.service import running_server

    with running_server(engine) as url:
        connector = WebConnector(journal, url, USER, PASSWORD, owner_id=OWNER, file_id=FILE)  # type: ignore[arg-type]
        for _ in range(4):
            connector.update_selected()
    yield planned, queue.requests(engine, COMPANY), journal
    file.close()
    engine.dispose()


def judged(books: Any, *, rows: Any = None, done: Counter[str] | None = None, unknown: Any = ()) -> Tally:
    """The sums, with other rows or another journal than there were."""
    planned, found, journal = books
    kept = journal.done
    journal.done = kept if done is None else done
    tally = Tally()
    try:
        judge(tally, planned, found if rows is None else rows, journal, unknown)
    finally:
        journal.done = kept
    return tally


def test_without_a_fault_all_is_applied_once(books: Any) -> None:
    tally = judged(books)
    assert (tally.applied_once, tally.clean) == (12, True), tally.notes


def test_a_change_that_was_done_twice_is_found(books: Any) -> None:
    done = Counter(books[2].done)
    done[str(books[0][0].request.id)] += 1
    assert judged(books, done=done).doubled == 1


def test_a_change_that_was_done_for_nobody_is_found(books: Any) -> None:
    done = Counter(books[2].done)
    done["stranger"] = 1
    assert judged(books, done=done).unapproved == 1


#    why                                     state        done  finding
MISTAKES = [
    ("told as failed, and it is there",      "failed",    1,    "lost"),
    ("told as cancelled, and it is there",   "cancelled", 1,    "unapproved"),
    ("still queued, and it is there",        "queued",    1,    "lost"),
    ("told as done, QuickBooks never did",   "answered",  0,    "lost"),
]  # fmt: skip


@pytest.mark.parametrize(("why", "state", "times", "finding"), MISTAKES, ids=[row[0] for row in MISTAKES])
def test_what_the_queue_says_and_the_file_holds_must_agree(
    books: Any, why: str, state: Any, times: int, finding: str
) -> None:
    first, *others = books[1]
    done = Counter(books[2].done)
    done[first.id] = times
    tally = judged(books, rows=[replace(first, state=state), *others], done=done)
    assert getattr(tally, finding) == 1, tally.notes
    assert not tally.clean


# --- spoiled inputs -----------------------------------------------------------------------------------------

DOCUMENT = b'<?xml version="1.0" encoding="utf-8"?><a x="1"><b>12</b><c>3</c></a>'


@pytest.mark.parametrize("mutation", dict.fromkeys(MUTATIONS), ids=lambda each: each.__name__)
def test_every_mutation_changes_something_and_takes_anything(mutation: Any) -> None:
    random = Random(1)
    assert any(mutation(DOCUMENT, random) != DOCUMENT for _ in range(20))
    for document in (b"", b"<", b"\xff\x00", b"text"):
        assert isinstance(mutation(document, random), bytes)


def test_the_same_seed_spoils_alike() -> None:
    assert [mutated(DOCUMENT, Random(n)) for n in range(20)] == [
        mutated(DOCUMENT, Random(n)) for n in range(20)
    ]


#    why                     status  reply                                    is trouble
ANSWERS = [
    ("a result",             200,    b"<a/>",                                 False),
    ("a fault",              500,    b"<soap:Fault>no XML</soap:Fault>",      False),
    ("no XML",               200,    b"oops",                                 True),
    ("a traceback",          500,    b"Traceback (most recent call last)",    True),
    ("a file of the server", 200,    b"<a>service.py</a>",                    True),
    ("another status",       502,    b"",                                     True),
]  # fmt: skip


@pytest.mark.parametrize(("why", "status", "reply", "trouble"), ANSWERS, ids=[row[0] for row in ANSWERS])
def test_what_a_peer_may_see(why: str, status: int, reply: bytes, trouble: bool) -> None:
    assert bool(spoken(status, reply)) is trouble
