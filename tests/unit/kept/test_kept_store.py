"""The operational store: transactions, times, and trouble in plain words."""

from __future__ import annotations

import sqlite3
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import insert, inspect, select, update

from tests.unit.kept.kept_store import at_once, in_processes
from workbench.errors import ConnectionProblem
from workbench.ledger import not_compared
from workbench.store import Store, open_store, schema
from workbench.store.engine import now


@pytest.mark.parametrize("error", [ZeroDivisionError, KeyboardInterrupt])
def test_a_block_that_fails_or_is_interrupted_leaves_nothing_behind(
    store: Store, error: type[BaseException]
) -> None:
    def fail() -> None:
        with store.write() as connection:
            connection.execute(insert(schema.closed).values(mapping="a", closed_by="maria", closed_at=now()))
            raise error

    with pytest.raises(error):
        fail()
    with store.write() as connection:
        assert connection.execute(select(schema.closed)).all() == []


def test_what_was_written_is_there_when_the_store_is_opened_again(url: str) -> None:
    first = open_store(url)
    with first.write() as connection:
        connection.execute(insert(schema.closed).values(mapping="a", closed_by="maria", closed_at=now()))
    first.close()
    again = open_store(url)
    assert [row["mapping"] for row in again.rows(select(schema.closed))] == ["a"]
    again.close()


def test_the_file_is_made_to_survive_a_crash(store: Store) -> None:
    with store.read() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2, "FULL"


@pytest.mark.parametrize("threads", [2, 8])
def test_read_decide_write_is_not_interleaved(store: Store, threads: int) -> None:
    with store.write() as connection:
        connection.execute(insert(schema.meta).values(name="count", value="0"))

    def count(_: int) -> None:
        for _turn in range(10):
            with store.write() as connection:
                mine = schema.meta.c.name == "count"
                value = int(str(connection.execute(select(schema.meta.c.value).where(mine)).scalar()))
                connection.execute(update(schema.meta).where(mine).values(value=str(value + 1)))

    assert at_once(threads, count) == [None] * threads
    found = {row["name"]: row["value"] for row in store.rows(select(schema.meta))}
    assert found["count"] == str(threads * 10)


def test_several_processes_can_open_a_new_store_at_once(url: str) -> None:
    code = """
from workbench.store import open_store
ready()
print(open_store(sys.argv[1]).engine.dialect.name)
"""
    assert in_processes(3, code, url) == ["sqlite"] * 3


# --- times -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 3, 30, 12, 0, 0, 123456, tzinfo=UTC),
        datetime(2026, 3, 30, 14, 0, tzinfo=timezone(timedelta(hours=2))),
        datetime(2026, 3, 29, 23, 30, tzinfo=timezone(-timedelta(hours=8))),
    ],
)
def test_a_time_comes_back_as_the_same_moment_in_utc(store: Store, moment: datetime) -> None:
    with store.write() as connection:
        connection.execute(insert(schema.closed).values(mapping="a", closed_by="maria", closed_at=moment))
    (row,) = store.rows(select(schema.closed))
    assert row["closed_at"] == moment
    assert row["closed_at"].tzinfo is UTC


def test_a_time_without_a_zone_is_refused(store: Store) -> None:
    naive = datetime(2026, 3, 30, 12, 0)
    with pytest.raises(Exception, match="time without a zone"), store.write() as connection:
        connection.execute(insert(schema.closed).values(mapping="a", closed_by="maria", closed_at=naive))
    assert store.rows(select(schema.closed)) == []


# --- trouble -----------------------------------------------------------------------------------------


def test_a_store_of_a_newer_workbench_is_not_touched(url: str) -> None:
    store = open_store(url)
    with store.write() as connection:
        connection.execute(update(schema.meta).values(value=str(schema.VERSION + 1)))
    store.close()
    with pytest.raises(ConnectionProblem, match="newer workbench") as caught:
        open_store(url)
    assert dict(caught.value.values) == {"store": str(schema.VERSION + 1), "this workbench": schema.VERSION}


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "store.sqlite").write_text("this is a letter, not a database" * 100)
    with pytest.raises(ConnectionProblem, match="not a database") as caught:
        open_store(f"sqlite:///{(tmp_path / 'store.sqlite').as_posix()}")
    assert caught.value.fix


def test_a_disk_that_is_full_is_said_so_and_nothing_is_half_written(store: Store) -> None:
    with store.read() as connection:
        pages = int(str(connection.exec_driver_sql("PRAGMA page_count").scalar()))

    def fill() -> None:
        with store.write() as connection:
            connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")  # as if the disk ended here
            for number in range(2000):
                row = {"name": f"n{number}", "value": "x" * 500}
                connection.execute(insert(schema.meta).values(**row))

    with pytest.raises(ConnectionProblem, match="full") as caught:
        fill()
    assert "Free some disk space" in str(caught.value.fix)
    assert [row["name"] for row in store.rows(select(schema.meta))] == ["schema"]


def test_a_store_held_by_another_process_is_said_so(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workbench.store.engine.BUSY_MILLISECONDS", 50)
    store = open_store(url)
    other = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        with pytest.raises(ConnectionProblem, match="locked") as caught, store.write():
            pass
    finally:
        other.rollback()
        other.close()
    assert "Another process" in str(caught.value.fix)
    with store.write() as connection:
        assert connection.execute(select(schema.closed)).all() == [], "and it works again"
    store.close()


@pytest.mark.skipif(sys.platform == "win32", reason="folders have no write bit on Windows")
def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where the folder should be")
    with pytest.raises(ConnectionProblem) as caught:
        open_store(f"sqlite:///{(blocked / 'data' / 'store.sqlite').as_posix()}")
    assert str(blocked) in str(caught.value)


@pytest.mark.parametrize("url", ["nonsense", "", "sqlite:/one-slash-only.db", "nosuch://host/db"])
def test_an_address_that_is_none(url: str) -> None:
    with pytest.raises(ConnectionProblem) as caught:
        open_store(url)
    assert caught.value.fix


def test_a_password_in_the_address_is_not_shown() -> None:
    with pytest.raises(ConnectionProblem) as caught:
        open_store("postgresql+psycopg://maria:s3cret@127.0.0.1:1/books")
    assert "s3cret" not in str(caught.value)
    assert "s3cret" not in repr(caught.value)


# --- older stores ------------------------------------------------------------------------------------


def older_store(folder: Path) -> str:
    """A store as version 1 wrote it."""
    file = folder / "store.sqlite"
    with sqlite3.connect(file) as connection:
        connection.executescript(Path(__file__).with_name("store_version_1.sql").read_text(encoding="utf-8"))
    connection.close()
    return f"sqlite:///{file.as_posix()}"


def test_a_store_of_an_older_workbench_is_brought_up_to_date_and_keeps_its_rows(tmp_path: Path) -> None:
    url = older_store(tmp_path)
    for _ in range(2):  # the second time there is nothing to do
        store = open_store(url)
        assert [row["value"] for row in store.rows(select(schema.meta))] == [str(schema.VERSION)]
        (row,) = store.rows(select(schema.snapshots))
        assert (row["id"], row["counts"], row["kind"], row["previous"], row["reading"]) == (
            "quickbooks-1", {"Customer": 3}, "full", None, None,
        )  # fmt: skip
        assert [pull["next"] for pull in store.rows(select(schema.pulls))] == [None]
        store.close()


def test_an_older_store_gets_the_same_columns_as_a_new_one(tmp_path: Path, url: str) -> None:
    older, new = open_store(older_store(tmp_path)), open_store(url)
    for table in schema.metadata.tables:
        columns = [
            {(column["name"], str(column["type"])) for column in inspect(each.engine).get_columns(table)}
            for each in (older, new)
        ]
        assert columns[0] == columns[1], table
    older.close()
    new.close()


def test_what_an_older_workbench_has_pushed_counts_as_compared(tmp_path: Path) -> None:
    """Its base has moved on since: what was read back then must not become the base again."""
    url = older_store(tmp_path)
    with closing(sqlite3.connect(tmp_path / "store.sqlite")) as connection:
        for change, settled in (("done", "'2026-01-02 00:00:00'"), ("open", "NULL")):
            connection.execute(
                "INSERT INTO wb_outcomes (changeset, change, state, side, mapping, written_at, settled_at) "
                f"VALUES ('cs-1', '{change}', 'applied', 'quickbooks', 'm', '2026-01-01 00:00:00', {settled})"
            )
        connection.commit()
    store = open_store(url)
    assert [row.change for row in not_compared(store)] == ["open"]
    store.close()
