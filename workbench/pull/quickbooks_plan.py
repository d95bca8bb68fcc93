"""Which queries a pull needs: everything, or what changed since the last snapshot.

Pure: the last snapshot's `reading` says what the next pull must know.

    include        columns asked for, by entity
    watermarks     greatest TimeModified of each entity, as QuickBooks wrote it, without offset
    started_at     when its first query was sent (UTC)
    full_at        when all keys were read last (UTC)
    paired_at      when the company file was paired (UTC)
    definitions    custom fields that are columns of it; `found`: those that QuickBooks had at that time

QuickBooks filters by the local time of its machine, in a zone that nobody tells, and autumn repeats an hour:
so a watermark goes back by `OVERLAP`, and where only our own clock is known, by `ANY_ZONE`, which is before
that moment in every time zone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from workbench.connections import quickbooks_reading as quickbooks
from workbench.connections.quickbooks_reading import AGAIN, PROOF, READ, SWEEP, Ask, Wanted

OVERLAP = timedelta(minutes=65)
"""The hour that autumn repeats, and five minutes for clocks that are set."""

ANY_ZONE = timedelta(hours=13)
"""UTC less this is before now on every local clock."""

FULL_EVERY = timedelta(days=30)
"""All records are read again after that: deleted-queries reach back 90 days only (unverified)."""

Reading = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A pull to be queued.

    Attributes:
        full: It reads all records.
        why: Why it does; "" otherwise.
    """

    asks: tuple[Ask, ...]
    full: bool
    why: str


def plan(
    wanted: Wanted, reading: Reading, now: datetime, *, paired_at: datetime | None, full: str = ""
) -> Plan:
    """Answer the queries of the next pull.

    Args:
        reading: Of the last snapshot; empty where there is none.
        now: Aware.
        full: Why everything must be read, where the caller knows a reason.
    """
    why = full or _why_full(wanted, reading, now, paired_at)
    watermarks: Mapping[str, str] = {} if why else reading["watermarks"]
    since_deleted = moment(reading["started_at"]) - OVERLAP if reading else now
    asks = [*_reads(wanted, watermarks, now), *_proofs(wanted, local(since_deleted - ANY_ZONE))]
    return Plan(asks=tuple(asks), full=bool(why), why=why)


def _why_full(wanted: Wanted, reading: Reading, now: datetime, paired_at: datetime | None) -> str:
    if not reading:
        return "there is no snapshot to go on from"
    if reading["paired_at"] != (paired_at.isoformat() if paired_at else None):
        return "the company file was paired anew"
    if reading["include"] != {entity: list(columns) for entity, columns in wanted.items()}:
        return "other columns are wanted"
    if reading["found"] != reading["definitions"]:
        return "custom fields were added or removed"
    if now - moment(reading["full_at"]) > FULL_EVERY:
        return f"all records were read more than {FULL_EVERY.days} days ago"
    return ""


def _reads(wanted: Wanted, watermarks: Mapping[str, str], now: datetime) -> Iterator[Ask]:
    begun = local(now - ANY_ZONE)
    for entity, include in wanted.items():
        since = before(watermarks[entity]) if entity in watermarks else None
        yield Ask(entity=entity, role=READ, since=since, include=include)
        if quickbooks.key(entity) is None:
            continue
        moving = quickbooks.volatile(entity, include) if since else ()
        if moving:
            yield Ask(entity=entity, role=SWEEP, include=moving)
        yield Ask(entity=entity, role=AGAIN, since=max(begun, since or begun), include=include)


def _proofs(wanted: Wanted, since: str) -> Iterator[Ask]:
    # Counted before the deleted-queries: what is deleted in between is told by them.
    for entity in wanted:
        if quickbooks.key(entity) is not None:
            yield Ask(entity=entity, role=PROOF, count=True)
    for query, types in quickbooks.deleted_types(wanted).items():
        yield Ask(entity=query, role=PROOF, since=since, types=tuple(types))


def before(watermark: str) -> str:
    """The local time from which to read on."""
    return (datetime.fromisoformat(watermark) - OVERLAP).isoformat(timespec="seconds")


def watermark(greatest: datetime | None, started_at: datetime) -> str | None:
    """The watermark for a greatest TimeModified; None without records.

    A record can bear a time of the future, from a day when that machine's clock was wrong; reading on from
    there would miss everything until then.
    """
    if greatest is None:
        return None
    latest = started_at.astimezone(UTC).replace(tzinfo=None) + timedelta(hours=15)
    if greatest > latest:
        return local(started_at - ANY_ZONE)
    return greatest.isoformat(timespec="seconds")


def local(moment_: datetime) -> str:
    """An aware time as QuickBooks' filters take it, without its zone."""
    return moment_.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds")


def moment(text: str) -> datetime:
    """An aware time from the JSON of a reading."""
    return datetime.fromisoformat(text)
