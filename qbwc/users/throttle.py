"""A bound on guessing passwords that cannot be used to keep the real Web Connector out.

Failures are counted by (login, address), by address, and by login.  Whoever has used up a budget waits, twice
as long each time; meanwhile nothing is compared, so that a flood of guesses costs no memory-hard hashing.

- The address of a login's last good one is its *home*.  Failures elsewhere never count against it, and it is
  never locked: it has a rate of its own, which leaves room between two guesses, not a lock-out.  Who shares
  that address (the same computer, the same proxy) can slow it down while he floods, and no longer.
- A login without a home yet has only its budgets by address, so that a stranger elsewhere cannot keep the
  first contact out either.
- Names that do not exist count as those that do: a guesser learns nothing from being made to wait.

The counts are in memory, bounded, and gone after a restart: written to the store, each failed guess would
take the lock that sessions need.  The home is in the store, so that it survives one.
"""

from __future__ import annotations

import ipaddress
import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from qbwc import store


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How much guessing is borne.

    Attributes:
        pair, address, login: Failures before waiting begins: of a login at one address, of an address
            whatever the login, of a login from everywhere but its home.
        first_wait, longest_wait: The wait doubles from one to the other.
        forget: A budget is whole again after that long without a failure.
        home_burst, home_pause: At home: so many attempts at once, then one each pause.
        counts: Budgets kept in memory; the oldest goes first.
        at_once: Passwords hashed at the same time, for strangers and for homes each.
        queue: How long an attempt waits for its turn to be hashed.
    """

    pair: int = 5
    address: int = 20
    login: int = 100
    first_wait: timedelta = timedelta(seconds=15)
    longest_wait: timedelta = timedelta(minutes=15)
    forget: timedelta = timedelta(hours=1)
    home_burst: int = 20
    home_pause: timedelta = timedelta(seconds=0.2)
    counts: int = 10_000
    at_once: int = max(1, (os.cpu_count() or 2) // 2)
    queue: float = 5.0


@dataclass(slots=True)
class _Count:
    failures: int = 0
    last: datetime | None = None
    until: datetime | None = None


@dataclass(slots=True, kw_only=True)
class Turn:
    """One attempt: whether its password may be looked at, and afterwards whether it was right."""

    granted: bool
    passed: bool = False


Key = tuple[str, ...]


class Throttle:
    """Who may try a password now; one for all threads of a server."""

    def __init__(self, *, clock: Callable[[], datetime] = store.now, bounds: Bounds | None = None) -> None:
        self.bounds = bounds or Bounds()
        self._clock = clock
        self._lock = threading.Lock()
        self._counts: OrderedDict[Key, _Count] = OrderedDict()
        self._homes: OrderedDict[Key, tuple[float, datetime]] = OrderedDict()  # tokens left, when
        self._slots = {known: threading.BoundedSemaphore(self.bounds.at_once) for known in (True, False)}

    @contextmanager
    def turn(self, name: str, address: str, *, known: bool, has_home: bool) -> Iterator[Turn]:
        """An attempt; the block sets `passed`, and anything else counts as a failure.

        Args:
            known: The address is the login's home.
            has_home: The login has one.
        """
        keys = self._keys(name, address, has_home=has_home)
        waits = self._spent(("home", *keys[0])) if known else self._waits(keys)
        slot = self._slots[known]
        if waits or not slot.acquire(timeout=self.bounds.queue):
            yield Turn(granted=False)
            return
        turn = Turn(granted=True)
        try:
            yield turn
        finally:
            slot.release()
            if turn.passed:
                self._forgive(keys[0], home=known)
            elif not known:
                self._count(keys)

    def _keys(self, name: str, address: str, *, has_home: bool) -> list[Key]:
        pair = ("pair", name[:100], address)
        return [pair, ("address", address), *([("login", name[:100])] if has_home else [])]

    def _waits(self, keys: list[Key]) -> bool:
        now = self._clock()
        with self._lock:
            found = [self._counts.get(key) for key in keys]
            return any(one is not None and one.until is not None and now < one.until for one in found)

    def _count(self, keys: list[Key]) -> None:
        now = self._clock()
        with self._lock:
            for key in keys:
                count = self._counts.pop(key, None) or _Count()
                if count.last is not None and now - count.last >= self.bounds.forget:
                    count = _Count()
                count.failures += 1
                count.last = now
                over = count.failures - getattr(self.bounds, key[0])
                if over >= 0:
                    doubled = self.bounds.first_wait * 2 ** min(over, 20)
                    count.until = now + min(self.bounds.longest_wait, doubled)
                self._counts[key] = count
            _trim(self._counts, self.bounds.counts)

    def _spent(self, key: Key) -> bool:
        """Take one attempt of a home's rate; whether there was none."""
        now = self._clock()
        with self._lock:
            left, since = self._homes.pop(key, (float(self.bounds.home_burst), now))
            left = min(self.bounds.home_burst, left + max(now - since, timedelta(0)) / self.bounds.home_pause)
            self._homes[key] = (left - 1 if left >= 1 else left, now)
            _trim(self._homes, self.bounds.counts)
            return left < 1

    def _forgive(self, pair: Key, *, home: bool) -> None:
        with self._lock:
            self._counts.pop(pair, None)
            if home and (kept := self._homes.get(("home", *pair))):
                self._homes[("home", *pair)] = (kept[0] + 1, kept[1])


def _trim(kept: OrderedDict[Key, Any], most: int) -> None:
    while len(kept) > most:
        kept.popitem(last=False)


def neighbourhood(peer: str) -> str:
    """An address as it is counted: of IPv6 its /64, of which one line has them all."""
    try:
        address = ipaddress.ip_address(peer)
    except ValueError:
        return peer[:64]
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network(f"{address}/64", strict=False)) if not address.is_loopback else peer
