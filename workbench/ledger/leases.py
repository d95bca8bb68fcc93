"""Leases: one process at a time does a kind of work, and a dead one is succeeded by itself.

A lease expires unless it is renewed, so a killed process blocks others for `LEASE_SECONDS` at most.
"""

from __future__ import annotations

import os
import secrets
import socket
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, insert, select, update

from workbench.store import Store, schema
from workbench.store.engine import now

LEASE_SECONDS = 30


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

    def release(self) -> None:
        """Let the next one in at once."""
        table = schema.leases
        with self.store.write() as connection:
            connection.execute(delete(table).where(table.c.name == self.name, table.c.holder == self.holder))


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
