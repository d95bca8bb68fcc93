"""The store: created by two at once, whole transactions, plain errors, values that keep their type."""

import subprocess
import sys
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from sqlalchemy import create_engine, insert, select, update

from qbwc import queue, store, tape, users
from qbwc.errors import StoreError, StoreUnreachable
from qbwc.store.tables import SCHEMA_VERSION, schema_version
from tests.unit.qbwc_server.qbwc_driver import FILE, OWNER, add, lose_everything, make_office

CREATE = "import sys; from qbwc import store; store.create_tables(store.open_store(sys.argv[1]))"


def test_four_processes_create_it_at_once(tmp_path):
    path = str(tmp_path / "folder" / "store.sqlite")
    started = [
        subprocess.Popen([sys.executable, "-c", CREATE, path], stderr=subprocess.PIPE) for _ in range(4)
    ]
    assert [process.communicate()[1].decode() for process in started] == [""] * 4
    with store.reading(store.open_store(path)) as connection:
        assert connection.execute(select(schema_version.c.version)).all() == [(SCHEMA_VERSION,)]
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_creating_again_changes_nothing(tmp_path):
    engine = store.open_store(str(tmp_path / "store.sqlite"))
    store.create_tables(engine)
    users.add_user(engine, name="maria", password="p", company="alpine", file_id=FILE, owner_id=OWNER)
    store.create_tables(engine)
    assert [one.id for one in users.companies(engine)] == ["alpine"]


def test_a_store_of_a_newer_version_is_left_alone(tmp_path):
    engine = store.open_store(str(tmp_path / "store.sqlite"))
    store.create_tables(engine)
    with store.writing(engine) as connection:
        connection.execute(update(schema_version).values(version=99))
    with pytest.raises(StoreError, match="has version 99 of the Web Connector tables, this program knows 3"):
        store.create_tables(engine)


@pytest.mark.parametrize(
    "options", [{}, {"isolation_level": "AUTOCOMMIT"}, {"connect_args": {"isolation_level": None}}]
)
def test_a_transaction_is_whole_whoever_made_the_engine(tmp_path, options):
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    store.create_tables(store.open_store(url))
    engine = create_engine(url, **options)

    def half():
        with store.writing(engine) as connection:
            connection.execute(insert(schema_version).values(id=2, version=1))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half()
    with store.reading(engine) as connection:
        assert len(connection.execute(select(schema_version)).all()) == 1


#  why                   url                                 says
BAD = [
    ("no such database", "oracle://x",                       "not one this library can open"),
    ("nonsense",         "sqlite//x://",                     "not one this library can open"),
]  # fmt: skip


@pytest.mark.parametrize(("why", "url", "says"), BAD, ids=[row[0] for row in BAD])
def test_a_bad_address(why, url, says):
    with pytest.raises(StoreError, match=says):
        store.open_store(url)


def test_a_store_that_was_not_created(tmp_path):
    with pytest.raises(StoreUnreachable, match="no such table") as told:
        queue.requests(store.open_store(str(tmp_path / "store.sqlite")))
    assert "Create it first" in str(told.value)


def test_a_file_that_is_no_store(tmp_path):
    (tmp_path / "store.sqlite").write_text("hello " * 1000)
    with pytest.raises(StoreUnreachable, match="not a database"):
        store.create_tables(store.open_store(str(tmp_path / "store.sqlite")))


VALUES = [
    None,
    True,
    0,
    "text ü 漢",
    "",
    Decimal("12.50"),
    Decimal("-0.01"),
    Decimal("9007199254740993.01"),
    date(2026, 3, 30),
    datetime(2026, 3, 30, 8, 15),
    datetime(2026, 3, 30, 8, 15, tzinfo=UTC),
    [1, [Decimal("1.0")]],
    {"$answer": "a", "field": "ListID"},
    {"$other": "x"},
    {},
]


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_values_keep_their_type(value):
    back = store.load(store.dump({"value": value, "more": 1}))["value"]
    assert back == value
    assert type(back) is type(value)
    assert str(back) == str(value)


def test_a_value_that_cannot_be_kept_is_refused():
    with pytest.raises(TypeError, match="type set cannot be kept"):
        store.dump({"a": {1}})


def test_times_are_aware_and_utc(tmp_path):
    engine = store.open_store(str(tmp_path / "store.sqlite"))
    store.create_tables(engine)
    users.add_user(engine, name="maria", password="p", company="alpine", file_id=FILE, owner_id=OWNER)
    zurich = timezone(timedelta(hours=2))
    until = users.open_pairing(engine, "alpine", minutes=0, now=datetime(2026, 3, 30, 14, 0, tzinfo=zurich))
    assert users.company(engine, "alpine").pairing_until == until == datetime(2026, 3, 30, 12, tzinfo=UTC)
    with pytest.raises(Exception, match="time without a zone"):
        users.open_pairing(engine, "alpine", minutes=0, now=datetime(2026, 3, 30))


# --- the tape ---------------------------------------------------------------------------------------------


def test_pages_are_pruned_and_requests_stay(tmp_path):
    office = make_office(tmp_path)
    office.enqueue(
        queue.QueryRequest(id="old", entity="Customer", group="old", max_returned=3),
        queue.QueryRequest(id="new", entity="Terms", group="new"),
    )
    office.connector.update()
    assert len(list(tape.pages(office.engine))) == 4
    later = store.now() + timedelta(days=2)
    assert tape.prune(office.engine, keep_days=1) == 0
    assert tape.prune(office.engine, keep_days=1, now=later, groups=["old"]) == 3
    assert [page.request_id for page in tape.pages(office.engine)] == ["new"]
    assert tape.prune(office.engine, keep_days=1, now=later, groups=[]) == 0
    assert tape.prune(office.engine, keep_days=1, now=later) == 1
    assert list(tape.pages(office.engine)) == []
    assert [row.state for row in queue.requests(office.engine)] == ["answered", "answered"]
    with store.reading(office.engine) as connection:
        assert connection.execute(select(store.documents.c.id)).all() == []


def test_an_unfinished_pull_keeps_all_its_pages(tmp_path):
    office = make_office(tmp_path)
    office.enqueue(
        queue.QueryRequest(id="read", entity="Customer", group="pull", max_returned=3, priority=1),
        queue.WriteRequest(id="never", entity="Customer", action="add", fields={"Name": "A"}, probe=None),
        queue.QueryRequest(id="closing", entity="Terms", group="pull", depends_on=("never",)),
    )
    lose_everything(office, "run")
    office.connector.update()
    later = store.now() + timedelta(days=2)
    assert office.state("read", "never", "closing") == ["answered", "unknown", "queued"]
    assert tape.prune(office.engine, keep_days=1, now=later) == 0
    queue.cancel(office.engine, ["closing"], "no")
    assert tape.prune(office.engine, keep_days=1, now=later) == 3


def test_message_sets_lose_their_bytes_and_keep_their_row(tmp_path):
    office = make_office(tmp_path)
    office.enqueue(add("Done"))
    office.connector.update()
    office.enqueue(add("Lost", probe=False))
    lose_everything(office, "run")
    office.connector.update()
    tape.prune(office.engine, keep_days=1)
    sets = select(store.message_sets).order_by(store.message_sets.c.sent_at)
    with store.reading(office.engine) as connection:
        assert all(row.document for row in connection.execute(sets))
    tape.prune(office.engine, keep_days=1, now=store.now() + timedelta(days=2))
    with store.reading(office.engine) as connection:
        rows = connection.execute(sets).all()
    # The bytes of the second one are what a person needs to judge the unknown request.
    assert [bool(row.document) for row in rows] == [False, True]
    assert [row.state for row in queue.requests(office.engine)] == ["answered", "unknown"]


def test_a_page_is_kept_compressed_and_comes_back_byte_for_byte(tmp_path):
    office = make_office(tmp_path)
    (read,) = office.enqueue(queue.QueryRequest(entity="Customer"))
    answers = []
    real = office.desk.receive_response
    office.desk.receive_response = lambda *given: (answers.append(given[1]), real(*given))[1]
    office.connector.update()
    (page,) = tape.pages(office.engine, request_id=read)
    assert page.document.decode() == answers[0]
    with store.reading(office.engine) as connection:
        (row,) = connection.execute(select(store.documents)).all()
    assert row.size == len(answers[0])
    assert len(row.body) < row.size / 2
