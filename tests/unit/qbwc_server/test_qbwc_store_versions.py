"""A store that an older version of the library made opens, keeps its rows, and works on."""

import sqlite3
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import inspect, select

from qbwc import queue, store, users
from qbwc.store.migrations import ADDED
from qbwc.store.tables import SCHEMA_VERSION, metadata, schema_version
from tests.unit.qbwc_server.qbwc_driver import FILE, OWNER, add

OLD = (Path(__file__).parent / "qbwc_store_version_1.sql").read_text("utf-8")
ROWS = f"""
INSERT INTO qbwc_schema VALUES (1, 1);
INSERT INTO qbwc_company (id, owner_id, file_id, qbxml_version, created_at, paired_at, company_name,
  company_path, country) VALUES ('alpine', '{OWNER}', '{FILE}', '13.0', '2026-01-01 00:00:00.000000',
  '2026-01-02 00:00:00.000000', 'Alpine Tools', 'C:\\a.qbw', 'US');
INSERT INTO qbwc_user VALUES ('maria', 'alpine', 'scrypt$2$8$1$AA==$AA==', '2026-01-01 00:00:00.000000');
INSERT INTO qbwc_request (id, company_id, kind, entity, action, priority, body, state, queued_at, attempts,
  pages, records) VALUES ('old', 'alpine', 'write', 'Customer', 'add', 0, '{{"fields":{{"Name":"Old"}}}}',
  'queued', '2026-01-03 00:00:00.000000', 0, 0, 0);
"""


@pytest.fixture
def path(tmp_path):
    made = tmp_path / "store.sqlite"
    connection = sqlite3.connect(made)
    connection.executescript(OLD + ROWS)
    connection.close()
    return made


def test_a_store_of_version_1_keeps_its_rows(path):
    engine = store.open_store(str(path))
    store.create_tables(engine)
    company = users.company(engine, "alpine")
    assert (company.paired.company_name, company.postponed_until, company.every_seconds) == (
        "Alpine Tools", None, None,
    )  # fmt: skip
    assert users.logins(engine, "alpine") == ["maria"]
    (old,) = queue.requests(engine, "alpine")
    assert (old.id, old.request.fields, old.state) == ("old", {"Name": "Old"}, "queued")
    # What is new can be written too.
    until = users.set_pace(engine, "alpine", postpone_seconds=60, now=datetime(2026, 1, 1, tzinfo=UTC))
    assert users.company(engine, "alpine").postponed_until == until
    queue.enqueue(engine, "alpine", [add("New", request_id="new")])
    assert [row.id for row in queue.requests(engine, "alpine")] == ["old", "new"]


def test_it_has_the_same_columns_as_a_new_one(path, tmp_path):
    old, new = store.open_store(str(path)), store.open_store(str(tmp_path / "new.sqlite"))
    for engine in (old, new):
        store.create_tables(engine)
    for table in metadata.sorted_tables:
        columns = [
            {(column["name"], str(column["type"]), column["nullable"]) for column in found}
            for found in (inspect(engine).get_columns(table.name) for engine in (old, new))
        ]
        assert columns[0] == columns[1], table.name
    with store.reading(old) as connection:
        assert connection.execute(select(schema_version.c.version)).scalar_one() == SCHEMA_VERSION


def test_eight_threads_bring_it_up_to_date_at_once(path):
    troubles = []

    def bring():
        try:
            store.create_tables(store.open_store(str(path)))
        except Exception as error:
            troubles.append(error)

    threads = [threading.Thread(target=bring) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert troubles == []
    assert users.logins(store.open_store(str(path)), "alpine") == ["maria"]


def test_every_version_has_its_step():
    assert sorted(ADDED) == list(range(2, SCHEMA_VERSION + 1))
