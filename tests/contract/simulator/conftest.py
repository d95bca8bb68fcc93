"""A fresh company file for each story, and a server that it can call."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from simulator_office import COMPANY, Office
from simulator_world import FILE, OWNER, World

from qbwc import store, users
from qbwc.service import running_server
from qbwc.users import passwords


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.company.close()


@pytest.fixture
def office(world: World, tmp_path: Path) -> Iterator[Office]:
    engine = store.open_store(f"sqlite:///{tmp_path / 'store.sqlite'}")
    store.create_tables(engine)
    users.add_user(engine, name="wc", password="s3cret", company=COMPANY, owner_id=OWNER, file_id=FILE)
    with store.writing(engine) as connection:  # a login that costs little: these stories log in often
        cheap = passwords.hash_password("s3cret", log_n=2)
        connection.execute(store.users.update().values(password=cheap))
    users.open_pairing(engine, COMPANY, minutes=5)
    with running_server(engine) as url:
        yield Office(world, engine, url)
    engine.dispose()
