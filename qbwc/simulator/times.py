"""The clock of the pretend QuickBooks machine.

QuickBooks writes local time with an offset that ignores daylight saving: in summer the hour is the summer
hour and the offset still the winter one.  Filters are read as local time, whatever offset they carry.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from qbwc.qbxml.values import read_time

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The real clock, aware UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalTime:
    """Time as the QuickBooks machine shows it.

    Attributes:
        standard_offset: Hours east of UTC in winter, -8 for Pacific time.
        daylight: The machine moves its clock in summer, by the rule of the United States.
    """

    standard_offset: int = -8
    daylight: bool = True

    def of(self, moment: datetime) -> datetime:
        """Naive local time of an aware moment, without fractions of a second."""
        standard = moment.astimezone(UTC).replace(tzinfo=None, microsecond=0) + timedelta(
            hours=self.standard_offset
        )
        return standard + timedelta(hours=1) if self.daylight and _is_summer(standard) else standard

    def text(self, local: str) -> str:
        """A stored local time as QuickBooks writes it, with the winter offset all year."""
        sign = "-" if self.standard_offset < 0 else "+"
        return f"{local}{sign}{abs(self.standard_offset):02d}:00"


def stored(local: datetime) -> str:
    """Local time as kept in the company file; such texts sort by time."""
    return local.isoformat(timespec="seconds")


def filter_from(text: str) -> str:
    """The first stored time that a FromModifiedDate lets through."""
    return stored(read_time(text))


def filter_to(text: str) -> str:
    """The last one that a ToModifiedDate lets through; a date alone means the whole day (unverified)."""
    end = read_time(text)
    return stored(end + timedelta(days=1, seconds=-1) if "T" not in text else end)


def _is_summer(standard: datetime) -> bool:
    """Second Sunday of March, 2:00, to first Sunday of November, 1:00 standard time."""
    start = datetime.combine(_sunday(standard.year, 3, 2), datetime.min.time()) + timedelta(hours=2)
    end = datetime.combine(_sunday(standard.year, 11, 1), datetime.min.time()) + timedelta(hours=1)
    return start <= standard < end


def _sunday(year: int, month: int, which: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(6 - first.weekday()) % 7 + 7 * (which - 1))
