"""A reader of snapshots keeps to this machine."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from workbench.snapshots import open_reader


def test_no_query_fetches_an_extension(tmp_path: Path) -> None:
    (tmp_path / "other.sqlite").write_bytes(b"SQLite format 3\0" + bytes(84))
    with open_reader([]) as connection:
        for name in ("autoinstall_known_extensions", "autoload_known_extensions"):
            assert connection.execute(f"SELECT current_setting('{name}')").fetchone() == (False,)
        with pytest.raises(duckdb.Error) as caught:
            connection.execute(f"ATTACH '{tmp_path / 'other.sqlite'}' AS other (TYPE sqlite)")
    assert "Failed to download" not in str(caught.value)
