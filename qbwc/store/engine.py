"""Open the store and run transactions in it.

`writing` and `reading` are the only ways to the database, so that a transaction holds the write lock from
its first statement, whoever made the engine and however.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, Table, create_engine, event, select, text, update
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, NoSuchModuleError
from sqlalchemy.schema import CreateIndex, CreateTable

from qbwc.errors import StoreError, StoreUnreachable
from qbwc.store.migrations import migrate
from qbwc.store.tables import SCHEMA_VERSION, metadata, schema_version

BUSY_SECONDS = 15.0
"""How long a SQLite transaction waits for another process before it gives up."""


def open_store(url: str) -> Engine:
    """Open the store at an SQLAlchemy URL; a plain path means a SQLite file.

    The tables are not created: see `create_tables`.

    Raises:
        StoreError: The URL names no database this library knows.
    """
    if "://" not in url:
        url = f"sqlite:///{Path(url).expanduser()}"
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() == "postgresql" and parsed.drivername == "postgresql":
            parsed = parsed.set(drivername="postgresql+psycopg")
        if parsed.get_backend_name() != "sqlite":
            return create_engine(parsed, pool_pre_ping=True)
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
        raise StoreError(
            f"The store's address is not one this library can open ({error})",
            fix="Use sqlite:///FOLDER/store.sqlite, or postgresql://USER@HOST/DATABASE (extra 'postgres').",
        ) from error
    if parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(parsed, connect_args={"timeout": BUSY_SECONDS})
    event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = (
        None  # `writing` begins transactions itself; an implicit BEGIN locks too late
    )
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={int(BUSY_SECONDS * 1000)}")
    _write_ahead(cursor)
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _write_ahead(cursor: Any) -> None:
    # Two processes that open a new file at once: SQLite does not wait here, whatever busy_timeout says.
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except Exception as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return


def create_tables(engine: Engine) -> None:
    """Create what is missing, and bring an older store up to date with all its rows.

    Safe to call every time, and from two processes at once.

    Raises:
        StoreError: A newer version of this library wrote the store.
        StoreUnreachable: The database does not answer.
    """
    with writing(engine) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(7122633)"))
        for table in metadata.sorted_tables:
            connection.execute(CreateTable(table, if_not_exists=True))
            for index in table.indexes:
                connection.execute(CreateIndex(index, if_not_exists=True))
        insert_or_ignore(connection, schema_version, {"id": 1, "version": SCHEMA_VERSION})
        found = connection.execute(select(schema_version.c.version)).scalar_one()
        if found < SCHEMA_VERSION:
            migrate(connection, found, SCHEMA_VERSION)
            connection.execute(update(schema_version).values(version=SCHEMA_VERSION))
    if found > SCHEMA_VERSION:
        raise StoreError(
            f"The store has version {found} of the Web Connector tables, this program knows {SCHEMA_VERSION}",
            where=place(engine),
            fix="Update this program; an older one could damage the queue.",
        )


def insert_or_ignore(connection: Connection, table: Table, row: dict[str, Any]) -> None:
    """Insert a row unless its key is there already."""
    insert = insert_postgresql if connection.dialect.name == "postgresql" else insert_sqlite
    connection.execute(insert(table).values(row).on_conflict_do_nothing())


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction that may write; on SQLite it holds the write lock from the start.

    Raises:
        StoreUnreachable: The database does not answer, stays locked, or is full.  Nothing was written.
    """
    with _plainly(engine), _turn(engine), engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        try:
            yield connection
        except BaseException:
            connection.rollback()
            raise
        connection.commit()


_turns: WeakKeyDictionary[Engine, Lock] = WeakKeyDictionary()
_new_turn = Lock()


@contextmanager
def _turn(engine: Engine) -> Iterator[None]:
    """One writer at a time among the threads of this process.

    SQLite would let them sleep and ask again, in no order, so that one of many could wait for seconds.
    """
    if engine.dialect.name != "sqlite":
        yield
        return
    with _new_turn:
        lock = _turns.setdefault(engine, Lock())
    if not lock.acquire(timeout=BUSY_SECONDS):
        raise StoreUnreachable(
            "The store did not take this: it is locked by this process itself",
            where=place(engine), fix="Try again; restart the server if it stays so.",
        )  # fmt: skip
    try:
        yield
    finally:
        lock.release()


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One consistent view of the store; nothing may be written.

    Raises:
        StoreUnreachable: The database does not answer.
    """
    with _plainly(engine), engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN")
        try:
            yield connection
        finally:
            connection.rollback()


@contextmanager
def _plainly(engine: Engine) -> Iterator[None]:
    try:
        yield
    except IntegrityError:
        raise
    except DBAPIError as error:
        raise StoreUnreachable(
            f"The store did not take this: {error.orig}", where=place(engine), fix=_next_step(str(error.orig))
        ) from error


def _next_step(trouble: str) -> str:
    if "no such table" in trouble or "does not exist" in trouble:
        return "Create it first: start the server once, or add a user."
    if "full" in trouble:
        return "Free some disk space and try again: nothing was half-written."
    if "locked" in trouble:
        return f"Another process has held the store for {BUSY_SECONDS:.0f} seconds; end it and try again."
    return "Check the store's address and that the database is running."


def place(engine: Engine) -> str:
    """Address of the store without its password."""
    return engine.url.render_as_string(hide_password=True)


def now() -> datetime:
    """The time as the store keeps it: aware, UTC."""
    return datetime.now(UTC)
