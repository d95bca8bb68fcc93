"""DuckDB's memory is bounded, and what does not fit is put aside where it belongs."""

from __future__ import annotations

import os
from pathlib import Path

import duckdb
import pytest

from workbench.snapshots.memory import GIGABYTES, LEFT_HOURS, bound


def setting(connection: duckdb.DuckDBPyConnection, name: str) -> str:
    row = connection.execute(f"SELECT current_setting('{name}')").fetchone()
    return str(row[0]) if row else ""


def test_a_connection_takes_no_more_than_it_needs(tmp_path: Path) -> None:
    with duckdb.connect() as connection:
        bound(connection, tmp_path / "spill")
        size, unit = setting(connection, "memory_limit").split()
        assert unit == "MiB" or (unit == "GiB" and float(size) <= GIGABYTES)


def test_a_smaller_limit_stays(tmp_path: Path) -> None:
    with duckdb.connect(config={"memory_limit": "400MB"}) as connection:
        before = setting(connection, "memory_limit")
        bound(connection, tmp_path / "spill")
        assert setting(connection, "memory_limit") == before


def test_what_does_not_fit_is_put_aside_and_goes_with_the_connection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    with duckdb.connect(config={"memory_limit": "60MB", "threads": 1}) as connection:
        bound(connection, tmp_path / "spill")
        connection.execute(
            "CREATE TABLE t AS SELECT range AS n, md5(range::VARCHAR) AS m FROM range(2000000)"
        )
        assert [file for folder in (tmp_path / "spill").iterdir() for file in folder.iterdir()]
    assert list((tmp_path / "spill").iterdir()) == []
    assert list((tmp_path / "here").iterdir()) == []


def test_two_connections_put_aside_in_folders_of_their_own(tmp_path: Path) -> None:
    with duckdb.connect() as one, duckdb.connect() as other:
        bound(one, tmp_path / "spill")
        bound(other, tmp_path / "spill")
        assert setting(one, "temp_directory") != setting(other, "temp_directory")


def test_what_a_killed_process_has_left_goes_in_time(tmp_path: Path) -> None:
    old, new = tmp_path / "1-old", tmp_path / "2-new"
    for folder, hours in ((old, LEFT_HOURS + 1), (new, 1)):
        folder.mkdir()
        (folder / "duckdb_temp_storage-0.tmp").write_bytes(b"x")
        at = folder.stat().st_mtime - hours * 3600
        os.utime(folder, (at, at))
    with duckdb.connect() as connection:
        bound(connection, tmp_path)
    assert [old.exists(), new.exists()] == [False, True]
