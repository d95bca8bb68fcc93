"""Leases: one process at a time does a kind of work, and a dead one is succeeded by itself.

A lease expires unless it is renewed, so a killed process blocks others for `LEASE_SECONDS` at most.
"""

from __future__ import annotations

import os
import secrets
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, insert, select, update

from workbench.errors import ConnectionProblem
from workbench.store import Store, schema
from workbench.store.engine import now

LEASE_SECONDS = 30
_SILENT_SECONDS = LEASE_SECONDS / 2  # a beat comes after a third


@dataclass(frozen=True, slots=True)
class Lease:
    """A lease that this process holds."""

    store: Store
    name: str
    holder: str

    def renew(self) -> bool:
        """Hold on for another while; False when another process has taken over."""
        table = schema.leases
        mine = (table.c.name == self.name) & (table.c.holder == self.holder)
        with self.store.write() as connection:
            until = now() + timedelta(seconds=LEASE_SECONDS)
            return connection.execute(update(table).where(mine).values(expires_at=until)).rowcount == 1

    def tell(self, trouble: str | None) -> None:
        """Say what keeps this process from its work, for those who wait for it; None when nothing does."""
        table = schema.leases
        mine = (table.c.name == self.name) & (table.c.holder == self.holder)
        with self.store.write() as connection:
            connection.execute(update(table).where(mine).values(trouble=trouble))

    def release(self) -> None:
        """Let the next one in at once."""
        table = schema.leases
        with self.store.write() as connection:
            connection.execute(delete(table).where(table.c.name == self.name, table.c.holder == self.holder))


@contextmanager
def heartbeat(lease: Lease) -> Iterator[None]:
    """Hold on to a lease while the block runs, however long one call in it takes."""
    done = threading.Event()

    def beat() -> None:
        while not done.wait(LEASE_SECONDS / 3):
            with suppress(ConnectionProblem):  # a store that is busy now is asked again at the next beat
                lease.renew()

    thread = threading.Thread(target=beat, name=f"lease {lease.name}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def take_lease(store: Store, name: str) -> Lease | None:
    """Take a lease, or answer None while another process holds it."""
    table = schema.leases
    lease = Lease(store, name, f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}")
    with store.write() as connection:
        held = connection.execute(select(table.c.expires_at).where(table.c.name == name)).scalar()
        if held is not None and held > now():
            return None
        connection.execute(delete(table).where(table.c.name == name))
        until = now() + timedelta(seconds=LEASE_SECONDS)
        connection.execute(insert(table).values(name=name, holder=lease.holder, expires_at=until))
    return lease


def held_elsewhere(store: Store, name: str) -> bool:
    """Whether another process than this one holds a lease."""
    table = schema.leases
    rows = store.rows(select(table.c.holder).where(table.c.name == name, table.c.expires_at > now()))
    mine = f"{socket.gethostname()}:{os.getpid()}:"
    return any(not str(row["holder"]).startswith(mine) for row in rows)


def trouble_of(store: Store, name: str) -> str | None:
    """What keeps the holder of a lease from its work; None when nothing does, or nobody holds it.

    A holder that has not renewed it for long was most likely killed: that is told, and when others may go on.
    """
    table = schema.leases
    rows = store.rows(select(table).where(table.c.name == name, table.c.expires_at > now()))
    if not rows:
        return None
    left = (rows[0]["expires_at"] - now()).total_seconds()
    if rows[0]["trouble"] is None and LEASE_SECONDS - left > _SILENT_SECONDS:
        host, process, _ = str(rows[0]["holder"]).rsplit(":", 2)
        return (
            f"process {process} on {host} has not been heard of for {LEASE_SECONDS - left:.0f} seconds; "
            f"another goes on in {left:.0f} seconds"
        )
    trouble: str | None = rows[0]["trouble"]
    return trouble
