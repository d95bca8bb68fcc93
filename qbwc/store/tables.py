"""Tables of the Web Connector's part of the store.

Rows of requests, of what they need and of message sets are never deleted: they prove that a change was sent
once.  What takes the space, pages and the bytes of message sets, goes by age (`qbwc.tape.prune`).
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)
from sqlalchemy.types import TypeDecorator

SCHEMA_VERSION = 3
"""Raised with every change of the tables; `migrations` brings older stores up to it."""


class UtcTime(TypeDecorator[datetime]):
    """An aware time, kept as UTC; a naive one is refused because its zone could only be guessed."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"time without a zone: {value!r}; use datetime.now(UTC)")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


metadata = MetaData()

schema_version = Table(
    "qbwc_schema",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("version", Integer, nullable=False),
)

companies = Table(
    "qbwc_company",
    metadata,
    Column("id", String(100), primary_key=True),
    Column("owner_id", String(40), nullable=False),
    Column("file_id", String(40), nullable=False),
    Column("qbxml_version", String(8), nullable=False),
    Column("created_at", UtcTime, nullable=False),
    # pairing: which company file this is
    Column("pairing_until", UtcTime),
    Column("paired_at", UtcTime),
    Column("company_name", Text),
    Column("company_path", Text),
    Column("country", String(8)),
    # what to queue when QBWC calls and nothing is queued
    Column("standing", Text),
    Column("standing_minutes", Integer),
    Column("standing_at", UtcTime),
    # a process is still preparing work: QBWC is asked to wait until then
    Column("preparing_until", UtcTime),
    Column("last_contact_at", UtcTime),
    Column("last_trouble", Text),
    # since version 2: QBWC is sent away until then, and calls no more often than that
    Column("postponed_until", UtcTime),
    Column("every_seconds", Integer),
)

users = Table(
    "qbwc_user",
    metadata,
    Column("name", String(100), primary_key=True),
    Column("company_id", ForeignKey("qbwc_company.id"), nullable=False),
    Column("password", Text, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    # since version 2: where the last good login came from; nobody else's failures lock that address out
    Column("last_peer", String(64)),
)

sessions = Table(
    "qbwc_session",
    metadata,
    # SHA-256 of the ticket: who reads the store cannot take part in a session
    Column("ticket", String(64), primary_key=True),
    Column("company_id", ForeignKey("qbwc_company.id"), nullable=False),
    Column("user_name", String(100), nullable=False),
    Column("peer", String(64), nullable=False, default=""),
    Column("phase", String(12), nullable=False),  # open, closed, superseded
    Column("started_at", UtcTime, nullable=False),
    Column("last_call_at", UtcTime, nullable=False),
    Column("state", Text, nullable=False),
    Column("message", Text),
    Index("qbwc_session_company", "company_id", "phase"),
)

requests = Table(
    "qbwc_request",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("id", String(40), nullable=False, unique=True),
    Column("company_id", ForeignKey("qbwc_company.id"), nullable=False),
    Column("kind", String(8), nullable=False),  # query, write
    Column("entity", String(40), nullable=False),
    Column("action", String(8), nullable=False),  # query, add, mod, void, delete
    Column("group_id", String(100)),
    Column("change_id", String(100)),
    Column("priority", Integer, nullable=False),
    Column("not_after", UtcTime),
    Column("body", Text, nullable=False),
    # of what was queued, by a key that is not in the store (qbwc.queue.sealing)
    Column("seal", String(64)),
    Column("state", String(12), nullable=False),
    Column("queued_at", UtcTime, nullable=False),
    Column("sent_at", UtcTime),
    Column("answered_at", UtcTime),
    Column("attempts", Integer, nullable=False, default=0),
    Column("message_set_id", String(24)),
    # sent, and its answer did not come: lost (ask the message set), probe (look it up), stale (compare)
    Column("doubt", String(8)),
    # the EditSequence was read anew once, and the record was as approved
    Column("edit_sequence", String(16)),
    Column("status_code", Integer),
    Column("status_message", Text),
    Column("error", Text),
    Column("note", Text),
    Column("answer", Text),
    # of what QuickBooks told: `edit_sequence` while it is queued, `answer` afterwards
    Column("told_seal", String(64)),
    Column("iterator_id", String(60)),
    Column("pages", Integer, nullable=False, default=0),
    Column("records", Integer, nullable=False, default=0),
    Column("total", Integer),
    Index("qbwc_request_work", "company_id", "state", "kind"),
    Index("qbwc_request_group", "group_id"),
)

needs = Table(
    "qbwc_need",
    metadata,
    Column("request_id", ForeignKey("qbwc_request.id"), primary_key=True),
    Column("parent_id", ForeignKey("qbwc_request.id"), primary_key=True),
    Index("qbwc_need_parent", "parent_id"),
)

message_sets = Table(
    "qbwc_message_set",
    metadata,
    Column("id", String(24), primary_key=True),
    Column("company_id", ForeignKey("qbwc_company.id"), nullable=False),
    Column("sent_at", UtcTime, nullable=False),
    Column("state", String(12), nullable=False),  # sent, answered, refused, lost, cleared
    Column("requests", Integer, nullable=False),
    Column("document", LargeBinary, nullable=False),  # zlib; empty once pruned
    Column("note", Text),
    Index("qbwc_message_set_company", "company_id", "state"),
)

documents = Table(
    "qbwc_document",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("received_at", UtcTime, nullable=False),
    Column("size", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),  # zlib
)

pages = Table(
    "qbwc_page",
    metadata,
    Column("request_id", ForeignKey("qbwc_request.id"), primary_key=True),
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("document_id", ForeignKey("qbwc_document.id"), nullable=False),
    Column("records", Integer, nullable=False),
    Column("final", Boolean, nullable=False),
    Index("qbwc_page_document", "document_id"),
)
