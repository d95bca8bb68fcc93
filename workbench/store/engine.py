"""Open the operational store and run transactions in it."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, insert, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, SQLAlchemyError

from workbench.errors import ConnectionProblem
from workbench.store import migrations, schema

BUSY_MILLISECONDS = 30_000
"""How long a SQLite transaction waits for another process before it gives up."""


class Store:
    """An open operational store.

    Attributes:
        engine: The SQLAlchemy engine; `qbwc` keeps its queue in the same database.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction that takes the write lock at once: read, decide and write without a race."""
        with _plainly(self.engine), self.engine.connect() as connection:
            if self.engine.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            with connection.begin() if not connection.in_transaction() else _committed(connection):
                yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection for reading."""
        with _plainly(self.engine), self.engine.connect() as connection:
            yield connection

    def rows(self, query: Any) -> list[dict[str, Any]]:
        """Answer the rows of a select as dictionaries."""
        with self.read() as connection:
            return [dict(row) for row in connection.execute(query).mappings()]

    def batches(self, query: Any, size: int = 50_000) -> Iterator[Sequence[Sequence[Any]]]:
        """Answer the rows of a select as tuples, some at a time: of many rows not all are held."""
        with self.read() as connection:
            streamed = connection.execution_options(stream_results=True, max_row_buffer=size)
            yield from streamed.execute(query).partitions(size)

    def close(self) -> None:
        self.engine.dispose()


def open_store(url: str) -> Store:
    """Open the store at an SQLAlchemy URL and bring its tables up to date.

    Raises:
        ConnectionProblem: The database cannot be reached, or was written by a newer workbench.
    """
    engine = _engine(url)
    store = Store(engine)
    with _plainly(engine):
        _create_tables(store)
    return store


def now() -> datetime:
    """Answer the time as the store keeps it: aware, UTC."""
    return datetime.now(UTC)


def _engine(url: str) -> Engine:
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() != "sqlite":
            return create_engine(parsed, pool_pre_ping=True)
    except (SQLAlchemyError, ImportError) as error:
        raise _no_address(url, error) from error
    if parsed.database:
        try:
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ConnectionProblem(
                f"the folder of the store cannot be made: {error.strerror}",
                where=str(Path(parsed.database).parent),
                fix="Check that the profile's data folder can be written.",
            ) from error
    engine = create_engine(parsed, connect_args={"timeout": BUSY_MILLISECONDS / 1000})
    event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _no_address(url: str, error: Exception) -> ConnectionProblem:
    """The address itself is not shown: it may hold a password."""
    if isinstance(error, ImportError):
        return ConnectionProblem(
            f"the driver for {url.partition(':')[0]} is not installed",
            where="profile.yaml: store",
            fix="Install it: the extra `postgres` brings the one for PostgreSQL.",
        )
    return ConnectionProblem(
        "the address of the store is none",
        where="profile.yaml: store",
        fix="Write it like sqlite:////folder/store.sqlite or postgresql+psycopg://user@host/database.",
    )


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # SQLAlchemy opens transactions itself; the driver's own implicit BEGIN would take the lock too late.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={BUSY_MILLISECONDS}")
    _write_ahead(cursor)
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _write_ahead(cursor: Any) -> None:
    """Set the journal mode; of processes that open a new file at once SQLite refuses some without waiting."""
    deadline = time.monotonic() + BUSY_MILLISECONDS / 1000
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return


_creating = threading.Lock()


def _create_tables(store: Store) -> None:
    with _creating, store.write() as connection:
        if connection.dialect.name == "postgresql":  # SQLite's transaction holds the write lock already
            connection.execute(text("SELECT pg_advisory_xact_lock(7122634)"))
        schema.metadata.create_all(connection)
        found = connection.execute(select(schema.meta.c.value).where(schema.meta.c.name == "schema")).scalar()
        if found is not None and int(found) < schema.VERSION:
            migrations.migrate(connection, int(found))
        elif found is None:
            connection.execute(insert(schema.meta).values(name="schema", value=str(schema.VERSION)))
        elif int(found) > schema.VERSION:
            raise ConnectionProblem(
                "the store was written by a newer workbench",
                where=str(store.engine.url.render_as_string(hide_password=True)),
                values={"store": found, "this workbench": schema.VERSION},
                fix="Update this workbench.",
            )


@contextmanager
def _committed(connection: Connection) -> Iterator[None]:
    try:
        yield
    except BaseException:
        connection.rollback()
        raise
    connection.commit()


@contextmanager
def _plainly(engine: Engine) -> Iterator[None]:
    """Say database trouble in a user's words; integrity errors stay as they are, they are ours."""
    try:
        yield
    except IntegrityError:
        raise
    except (OperationalError, DBAPIError) as error:
        raise ConnectionProblem(
            f"the store did not take this: {error.orig}",
            where=engine.url.render_as_string(hide_password=True),
            fix=_next_step(str(error.orig)),
        ) from error
    except SQLAlchemyError as error:
        raise ConnectionProblem(
            f"the store cannot be used: {error}", where=engine.url.render_as_string(hide_password=True)
        ) from error


def _next_step(text: str) -> str:
    if "full" in text:
        return "Free some disk space and run the command again: nothing was half-written."
    if "locked" in text:
        return "Another process has held the store for half a minute; see `workbench status`."
    return "Check the address of the store in profile.yaml, and that the database is running."
