"""Snapshots: typed tables in files that appear whole, never change, and can be read while others write."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.unit.kept.kept_store import at_once
from workbench import snapshots
from workbench.errors import WorkbenchError
from workbench.snapshots import Column, Snapshot, TableData, TextTable, UnfitValue, open_reader, write_file
from workbench.store import Store

D = Decimal
T0 = datetime(2026, 3, 30, 12, 0, tzinfo=UTC)


def table(rows: Any, name: str = "Account", **columns: str) -> TableData:
    types = columns or {"Id": "VARCHAR"}
    return TableData(name=name, columns=[Column(key, kind) for key, kind in types.items()], rows=rows)


def written(path: Path, **columns: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute('FROM "Account"').fetchall()


def leftovers(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


# --- types -----------------------------------------------------------------------------------------

#  type, what is written, what is read
TYPED: list[tuple[str, Any, Any]] = [
    ("VARCHAR", "Zürich 中 ' \" \\", "Zürich 中 ' \" \\"),
    ("VARCHAR", "", ""),
    ("BOOLEAN", True, True),
    ("BOOLEAN", False, False),
    ("DATE", date(2026, 3, 30), date(2026, 3, 30)),
    ("DATE", date(1, 1, 1), date(1, 1, 1)),
    ("TIMESTAMP", datetime(2026, 3, 30, 9, 14, 0, 123456), datetime(2026, 3, 30, 9, 14, 0, 123456)),
    ("INTEGER", 2**31 - 1, 2**31 - 1),
    ("BIGINT", -(2**63), -(2**63)),
    ("DECIMAL(18,2)", D("9007199254740993.01"), D("9007199254740993.01")),
    ("DECIMAL(18,2)", D("-0.01"), D("-0.01")),
    ("DECIMAL(18,5)", D("12.5"), D("12.50000")),
    ("DECIMAL(38,0)", D(10**38 - 1), D(10**38 - 1)),
    ("VARCHAR", None, None),
    ("DECIMAL(18,2)", None, None),
    ("DATE", None, None),
]


@pytest.mark.parametrize(("kind", "value", "read"), TYPED)
def test_a_value_comes_back_with_its_type(tmp_path: Path, kind: str, value: Any, read: Any) -> None:
    file = tmp_path / "one.duckdb"
    assert write_file(file, [table([{"v": value}], v=kind)]) == {"Account": 1}
    ((found,),) = written(file)
    assert (type(found), found) == (type(read), read)
    with duckdb.connect(str(file), read_only=True) as connection:
        assert connection.execute('SELECT typeof(v) FROM "Account"').fetchall() == [(kind,)]


#  a value that its column cannot hold
WRONG: list[tuple[str, Any]] = [
    ("DECIMAL(18,2)", 12.5),
    ("DECIMAL(18,2)", D("1.005")),
    ("DECIMAL(4,2)", D("100.00")),
    ("DECIMAL(18,2)", "12.50"),
    ("INTEGER", 2**31),
    ("BIGINT", 2**63),
    ("BIGINT", "12"),
    ("DATE", "2026-03-30"),
    ("BOOLEAN", "true"),
    ("VARCHAR", 12),
]


@pytest.mark.parametrize(("kind", "value"), WRONG)
def test_a_value_that_does_not_fit_is_never_bent_and_nothing_is_published(
    tmp_path: Path, kind: str, value: Any
) -> None:
    with pytest.raises(WorkbenchError, match="does not fit its column") as caught:
        write_file(tmp_path / "one.duckdb", [table([{"v": None}, {"v": value}], v=kind)])
    assert str(caught.value.where).startswith("Account.v")
    assert leftovers(tmp_path) == []


def test_a_field_that_is_missing_is_empty_and_one_too_many_is_left_out(tmp_path: Path) -> None:
    file = tmp_path / "one.duckdb"
    write_file(file, [table([{"a": "1", "z": "not asked"}, {}], a="VARCHAR", b="BIGINT")])
    assert written(file) == [("1", None), (None, None)]


@pytest.mark.parametrize("count", [0, 1, 4_999, 5_000, 5_001, 12_000])
def test_tables_of_any_length(tmp_path: Path, count: int) -> None:
    def rows() -> Iterator[dict[str, Any]]:
        yield from ({"Id": str(number)} for number in range(count))

    file = tmp_path / "one.duckdb"
    assert write_file(file, [table(rows()), table([], name="Empty")]) == {"Account": count, "Empty": 0}
    with duckdb.connect(str(file), read_only=True) as connection:
        assert connection.execute('SELECT count(DISTINCT "Id") FROM "Account"').fetchone() == (count,)
        assert connection.execute('FROM "Empty"').fetchall() == []


def test_both_duckdb_1_5_and_2_0_can_read_the_file(tmp_path: Path) -> None:
    file = tmp_path / "one.duckdb"
    write_file(file, [table([{"Id": "1"}])])
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{file}' AS one (READ_ONLY)")
        (tags,) = connection.execute(
            "SELECT tags FROM duckdb_databases() WHERE database_name = 'one'"
        ).fetchone() or (None,)
    assert tags["storage_version"].startswith(("v1.5", "v1.4", "v1.3", "v1.2")), tags


# --- whole or not at all ---------------------------------------------------------------------------


@pytest.mark.parametrize("error", [KeyboardInterrupt, WorkbenchError("the org went away"), MemoryError])
def test_a_source_that_breaks_off_leaves_no_file(tmp_path: Path, error: Any) -> None:
    def rows() -> Iterator[dict[str, Any]]:
        yield from ({"Id": str(number)} for number in range(6_000))
        raise error

    with pytest.raises(error if isinstance(error, type) else type(error)):
        write_file(tmp_path / "snapshots" / "one.duckdb", [table(rows())])
    assert leftovers(tmp_path) == []


def test_a_reader_sees_nothing_while_it_is_written(tmp_path: Path) -> None:
    seen = []

    def rows() -> Iterator[dict[str, Any]]:
        yield {"Id": "1"}
        seen.append(sorted(path.name for path in tmp_path.glob("*.duckdb")))

    write_file(tmp_path / "one.duckdb", [table(rows())])
    assert seen == [[]]
    assert leftovers(tmp_path) == ["one.duckdb"]


def test_a_file_that_is_there_is_never_replaced(tmp_path: Path) -> None:
    file = tmp_path / "one.duckdb"
    write_file(file, [table([{"Id": "1"}])])
    with pytest.raises(WorkbenchError, match="never change") as caught:
        write_file(file, [table([{"Id": "2"}])])
    assert caught.value.where == str(file)
    assert written(file) == [("1",)]


def test_what_a_killed_process_left_is_in_nobodys_way(tmp_path: Path) -> None:
    (tmp_path / ".one.duckdb.unfinished").write_bytes(b"half a file")
    write_file(tmp_path / "one.duckdb", [table([{"Id": "1"}])])
    assert leftovers(tmp_path) == ["one.duckdb"]


@pytest.mark.parametrize("where", ["its folder", "the folder above"])
def test_a_place_that_cannot_be_written_is_said_so(tmp_path: Path, where: str) -> None:
    (tmp_path / "blocked").write_text("a file where a folder should be")
    folder = tmp_path / "blocked" if where == "its folder" else tmp_path / "blocked" / "salesforce"
    with pytest.raises(WorkbenchError, match="could not be written") as caught:
        write_file(folder / "one.duckdb", [table([{"Id": "1"}])])
    assert "can be written" in str(caught.value.fix)


@pytest.mark.skipif(sys.platform == "win32" or not hasattr(os, "geteuid"), reason="no write bit on Windows")
def test_a_folder_without_the_right_to_write(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(WorkbenchError, match="could not be written"):
            write_file(tmp_path / "one.duckdb", [table([{"Id": "1"}])])
    finally:
        tmp_path.chmod(0o700)


@pytest.mark.parametrize(
    "trouble",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        duckdb.IOException("Could not write: No space left on device"),
    ],
)
def test_a_full_disk_is_said_so_and_what_was_there_is_untouched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trouble: Exception
) -> None:
    write_file(tmp_path / "old.duckdb", [table([{"Id": "1"}])])

    def full(*_: object) -> int:
        raise trouble

    monkeypatch.setattr("workbench.snapshots.files.write_table", full)
    with pytest.raises(WorkbenchError, match="could not be written") as caught:
        write_file(tmp_path / "new.duckdb", [table([{"Id": "2"}])])
    assert "Free some disk space" in str(caught.value.fix)
    assert leftovers(tmp_path) == ["old.duckdb"]
    assert written(tmp_path / "old.duckdb") == [("1",)]


def test_a_folder_with_a_quote_in_its_name(tmp_path: Path, store: Store) -> None:
    file = tmp_path / "O'Neil's data" / "one.duckdb"
    write_file(file, [table([{"Id": "1"}])])
    with open_reader([made(file)]) as connection:
        assert connection.execute('FROM salesforce."Account"').fetchall() == [("1",)]


# --- the catalogue ---------------------------------------------------------------------------------


def made(file: Path, *, side: str = "salesforce", minutes: int = 0, id_: str | None = None) -> Snapshot:
    return Snapshot(
        id=id_ or f"{side}-{minutes}",
        side=side,
        file=file,
        started_at=T0 + timedelta(minutes=minutes),
        ended_at=T0 + timedelta(minutes=minutes + 1),
        counts={"Account": 1},
        describes={"Account": {"name": "Account", "fields": [{"name": "Id", "length": 18}]}},
    )


def published(store: Store, folder: Path, **values: Any) -> Snapshot:
    snapshot = made(folder / f"{values}.duckdb", **values)
    write_file(snapshot.file, [table([{"Id": snapshot.id}])])
    assert snapshots.publish(store, snapshot)
    return snapshot


def test_several_snapshots_are_kept_and_the_newest_is_the_default(store: Store, tmp_path: Path) -> None:
    with pytest.raises(WorkbenchError, match="no snapshot of salesforce yet") as caught:
        snapshots.newest(store, "salesforce")
    assert "pull" in str(caught.value.fix)

    first = published(store, tmp_path, minutes=0)
    other = published(store, tmp_path, minutes=5, side="quickbooks")
    last = published(store, tmp_path, minutes=10)

    assert snapshots.newest(store, "salesforce") == last
    assert snapshots.newest(store, "quickbooks") == other
    assert snapshots.snapshot(store, first.id) == first
    assert [each.id for each in snapshots.history(store)] == [last.id, other.id, first.id]
    assert [each.id for each in snapshots.history(store, "salesforce")] == [last.id, first.id]
    with pytest.raises(WorkbenchError, match="no snapshot nope"):
        snapshots.snapshot(store, "nope")


@pytest.mark.parametrize(
    ("minutes", "found"),
    [(0, None), (1, "salesforce-0"), (10, "salesforce-0"), (11, "salesforce-10"), (99, "salesforce-10")],
)
def test_the_newest_at_a_time_had_ended_by_then(
    store: Store, tmp_path: Path, minutes: int, found: str | None
) -> None:
    published(store, tmp_path, minutes=0)
    published(store, tmp_path, minutes=10)
    at = T0 + timedelta(minutes=minutes)
    if found is None:
        with pytest.raises(WorkbenchError, match="no snapshot"):
            snapshots.newest(store, "salesforce", before=at)
    else:
        assert snapshots.newest(store, "salesforce", before=at).id == found


def test_a_pull_is_published_once(store: Store, tmp_path: Path) -> None:
    one, other = (made(tmp_path / "x.duckdb", id_=f"quickbooks-{n}", side="quickbooks") for n in (1, 2))
    assert snapshots.publish(store, one, pull="pull-1")
    assert not snapshots.publish(store, other, pull="pull-1")
    assert [each.id for each in snapshots.history(store)] == [one.id]
    assert snapshots.finished_pulls(store)["pull-1"]["snapshot"] == one.id


def test_two_that_publish_a_pull_at_once_one_is_heard(store: Store, tmp_path: Path) -> None:
    made_by = [made(tmp_path / f"{n}.duckdb", id_=f"quickbooks-{n}", side="quickbooks") for n in range(4)]
    answers = at_once(4, lambda number: snapshots.publish(store, made_by[number], pull="pull-1"))
    assert sorted(answers) == [False, False, False, True]
    assert len(snapshots.history(store)) == 1


def test_a_pull_that_failed_stays_failed_and_publishes_nothing(store: Store, tmp_path: Path) -> None:
    snapshots.failed_pull(store, "pull-1", "quickbooks", "Customer: no permission")
    assert not snapshots.publish(store, made(tmp_path / "x.duckdb"), pull="pull-1")
    row = snapshots.finished_pulls(store)["pull-1"]
    assert (row["state"], row["error"], row["snapshot"]) == ("failed", "Customer: no permission", None)
    assert snapshots.history(store) == []


# --- reading ---------------------------------------------------------------------------------------


def test_both_sides_are_schemas_and_nothing_can_be_written(store: Store, tmp_path: Path) -> None:
    both = [published(store, tmp_path, side=side) for side in ("salesforce", "quickbooks")]
    before = both[0].file.read_bytes()
    with open_reader(both) as connection:
        assert connection.execute('FROM salesforce."Account"').fetchall() == [("salesforce-0",)]
        assert connection.execute('FROM quickbooks."Account"').fetchall() == [("quickbooks-0",)]
        for statement in (
            'INSERT INTO salesforce."Account" VALUES (1)',
            'DELETE FROM salesforce_file."Account"',
            'DROP TABLE salesforce_file."Account"',
        ):
            with pytest.raises(duckdb.Error):
                connection.execute(statement)
        connection.execute('CREATE SCHEMA work; CREATE TABLE work.mine AS FROM salesforce."Account"')
    assert both[0].file.read_bytes() == before


def test_two_snapshots_of_a_side_can_be_compared(store: Store, tmp_path: Path) -> None:
    old, new = (published(store, tmp_path, minutes=minutes) for minutes in (0, 10))
    with open_reader([new]) as connection:
        snapshots.attach(connection, old, "before")
        found = connection.execute('SELECT a."Id", b."Id" FROM salesforce."Account" a, before."Account" b')
        assert found.fetchall() == [("salesforce-10", "salesforce-0")]


def test_many_readers_and_a_writer_do_not_meet(store: Store, tmp_path: Path) -> None:
    snapshot = published(store, tmp_path)

    def act(number: int) -> int:
        if number == 0:
            published(store, tmp_path, minutes=30)
            return 1
        with open_reader([snapshot]) as connection:
            return len(connection.execute('FROM salesforce."Account"').fetchall())

    assert at_once(5, act) == [1] * 5


def test_a_file_that_is_gone_is_said_so(store: Store, tmp_path: Path) -> None:
    snapshot = published(store, tmp_path)
    snapshot.file.unlink()
    with pytest.raises(WorkbenchError, match=f"snapshot {snapshot.id} is gone") as caught:
        open_reader([snapshot])
    assert caught.value.fix == "Pull again."


def test_money_leaves_through_arrow_as_decimal(tmp_path: Path) -> None:
    file = tmp_path / "one.duckdb"
    write_file(file, [table([{"Amount": D("0.10")}], Amount="DECIMAL(18,2)")])
    with open_reader([made(file)]) as connection:
        rows = connection.sql('FROM salesforce."Account"').to_arrow_table().to_pylist()
    assert rows == [{"Amount": D("0.10")}]


# --- texts -------------------------------------------------------------------------------------------


def texts(columns: dict[str, str], *batches: dict[str, list[str | None]]) -> TextTable:
    return TextTable(
        name="Account", columns=[Column(name, kind) for name, kind in columns.items()], batches=batches
    )


#  type, text, what is read
TEXTED: list[tuple[str, str | None, Any]] = [
    ("VARCHAR", " as it is ", " as it is "),
    ("VARCHAR", None, None),
    ("BOOLEAN", "true", True),
    ("BIGINT", "-12", -12),
    ("DECIMAL(18,2)", "9007199254740993.01", D("9007199254740993.01")),
    ("DECIMAL(18,2)", "-0.5", D("-0.50")),
    ("DECIMAL(18,2)", "12.500", D("12.50")),
    ("DECIMAL(18,5)", "0.00001", D("0.00001")),
    ("DECIMAL(18,2)", None, None),
    ("DATE", "2026-03-30", date(2026, 3, 30)),
]


@pytest.mark.parametrize(("kind", "text", "read"), TEXTED)
def test_a_text_is_read_as_its_columns_type(tmp_path: Path, kind: str, text: str | None, read: Any) -> None:
    file = tmp_path / "one.duckdb"
    assert write_file(file, [texts({"v": kind}, {"v": [text]})]) == {"Account": 1}
    ((found,),) = written(file)
    assert (type(found), found) == (type(read), read)


def test_a_time_is_read_from_its_text_without_the_offset(tmp_path: Path) -> None:
    columns = {"Id": "VARCHAR", "At": "TIMESTAMP", "At_Text": "VARCHAR", "Empty": "BIGINT"}
    batches: Any = [
        {"Id": ["1", "2"], "At_Text": ["2026-07-01T09:14:00-08:00", None]},
        {"Id": [], "At_Text": []},
        {},
        {"Id": ["3"], "At_Text": ["2026-01-01T00:00:00"]},
    ]
    file = tmp_path / "one.duckdb"
    assert write_file(file, [texts(columns, *batches)]) == {"Account": 3}
    assert written(file) == [
        ("1", datetime(2026, 7, 1, 9, 14), "2026-07-01T09:14:00-08:00", None),
        ("2", None, None, None),
        ("3", datetime(2026, 1, 1), "2026-01-01T00:00:00", None),
    ]


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("DECIMAL(18,2)", "1.005"),
        ("DECIMAL(18,2)", "many"),
        ("DECIMAL(4,2)", "100.00"),
        ("BIGINT", "12.5"),
        ("INTEGER", str(2**31)),
        ("DATE", "30.03.2026"),
        ("BOOLEAN", "maybe"),
    ],
)
def test_a_text_that_does_not_fit_is_never_bent(tmp_path: Path, kind: str, text: str) -> None:
    with pytest.raises(UnfitValue, match="does not fit its column"):
        write_file(tmp_path / "one.duckdb", [texts({"v": kind}, {"v": [None, text]})])
    assert leftovers(tmp_path) == []
