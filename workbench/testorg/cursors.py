"""Query pages: up to 2,000 records an answer, the rest by a locator that expires."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from .access import OrgSettings
from .errors import OrgError
from .ids import new_id
from .query import Plan

MAX_PAGE, MIN_PAGE = 2_000, 200
MAX_OPEN = 10  # cursors of one user; the oldest is closed for a new one


@dataclass(slots=True, kw_only=True)
class Cursor:
    """A query that has more pages: its records were fixed when it began."""

    plan: Plan
    ids: list[str]
    page: int
    user: str
    last_used: datetime


class Cursors:
    """Open queries, by locator."""

    def __init__(self, settings: OrgSettings, clock: Callable[[], datetime]) -> None:
        self._settings = settings
        self._clock = clock
        self._open: dict[str, Cursor] = {}
        self._number = 0

    def open(self, plan: Plan, ids: list[str], *, page: int, user: str) -> str:
        """Keep a query for later pages; answers the locator."""
        mine = [key for key, cursor in self._open.items() if cursor.user == user]
        for key in mine[: max(0, len(mine) - MAX_OPEN + 1)]:
            del self._open[key]
        self._number += 1
        locator = new_id("01g", self._number)
        self._open[locator] = Cursor(plan=plan, ids=ids, page=page, user=user, last_used=self._clock())
        return locator

    def get(self, locator: str) -> tuple[str, Cursor, int]:
        """Locator, cursor and offset of `01g...-2000`.

        Raises:
            OrgError: INVALID_QUERY_LOCATOR when it is unknown, malformed or was idle for too long.
        """
        key, _, place = locator.rpartition("-")
        cursor = self._open.get(key)
        idle = timedelta(seconds=self._settings.cursor_seconds)
        if cursor is not None and self._clock() - cursor.last_used > idle:
            del self._open[key]
            cursor = None
        if cursor is None or not place.isdecimal() or int(place) >= len(cursor.ids):
            raise OrgError("INVALID_QUERY_LOCATOR", "invalid query locator")
        cursor.last_used = self._clock()
        return key, cursor, int(place)


def page_size(options: str | None) -> int:
    """The batch size of a `Sforce-Query-Options: batchSize=200` header, kept within its bounds."""
    for part in (options or "").split(","):
        name, _, value = part.strip().partition("=")
        if name.strip().lower() == "batchsize" and value.strip().isdecimal():
            return max(MIN_PAGE, min(MAX_PAGE, int(value)))
    return MAX_PAGE
