"""The tables of the operational store.

Times are aware UTC.  JSON columns hold decimals as text, so that nothing passes through a float.
Rows of `wb_ledger` are never changed or deleted.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

VERSION = 4
"""Raised with each change; `migrations` brings an older store up to date."""

metadata = MetaData()


class Moment(TypeDecorator[datetime]):
    """An aware UTC time; SQLite itself knows no zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Any) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError(f"time without a zone: {value!r}")
        return value if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, _dialect: Any) -> datetime | None:
        if value is None or value.tzinfo is not None:
            return value
        return value.replace(tzinfo=UTC)


meta = Table("wb_meta", metadata, Column("name", String(40), primary_key=True), Column("value", Text))

leases = Table(
    "wb_leases",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("holder", String(80), nullable=False),
    Column("expires_at", Moment, nullable=False),
    # what keeps the holder from its work; for those who wait for that work
    Column("trouble", Text),
)

pulls = Table(
    "wb_pulls",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("side", String(20), nullable=False),
    Column("state", String(20), nullable=False),  # done or failed; one under way is in the queue
    Column("finished_at", Moment, nullable=False),
    Column("snapshot", String(60)),
    Column("error", Text),
    # a pull that failed because records were missing says here that the next one must read all of them
    Column("next", String(8)),
)

snapshots = Table(
    "wb_snapshots",
    metadata,
    Column("id", String(60), primary_key=True),
    Column("side", String(20), nullable=False, index=True),
    Column("file", Text, nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("ended_at", Moment, nullable=False),
    Column("published_at", Moment, nullable=False),
    Column("counts", JSON, nullable=False),
    Column("describes", JSON, nullable=False),
    # 'full', or 'delta': what changed since the snapshot `previous`
    Column("kind", String(8), nullable=False, server_default="full"),
    Column("previous", String(60)),
    # what the next pull must know of this one: columns, watermarks, company file
    Column("reading", JSON),
    # its file was taken away by rule
    Column("pruned_at", Moment),
)

closed = Table(
    "wb_closed",
    metadata,
    Column("mapping", String(80), primary_key=True),
    Column("closed_by", String(80), nullable=False),
    Column("closed_at", Moment, nullable=False),
)

crosswalk = Table(
    "wb_crosswalk",
    metadata,
    Column("mapping", String(80), nullable=False),
    Column("pair", String(40), primary_key=True),
    Column("salesforce_id", String(40), nullable=False),
    Column("quickbooks_id", String(60), nullable=False),
    Column("rule", String(40), nullable=False),
    Column("confirmed_by", String(80), nullable=False),
    Column("confirmed_at", Moment, nullable=False),
    UniqueConstraint("mapping", "salesforce_id"),
    UniqueConstraint("mapping", "quickbooks_id"),
)

# Pairs that were dissolved or replaced: the crosswalk as it was at any time is this and the table above.
crosswalk_history = Table(
    "wb_crosswalk_history",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("mapping", String(80), nullable=False),
    Column("pair", String(40), nullable=False, index=True),
    Column("salesforce_id", String(40), nullable=False),
    Column("quickbooks_id", String(60), nullable=False),
    Column("rule", String(40), nullable=False),
    Column("confirmed_by", String(80), nullable=False),
    Column("confirmed_at", Moment, nullable=False),
    Column("left_at", Moment, nullable=False),
)

base = Table(
    "wb_base",
    metadata,
    Column("mapping", String(80), nullable=False),
    Column("pair", String(40), nullable=False),
    Column("fields", JSON, nullable=False),
    Column("salesforce", JSON, nullable=False),
    Column("quickbooks", JSON, nullable=False),
    Column("agreed_at", Moment, nullable=False),
    PrimaryKeyConstraint("mapping", "pair"),
)

# Rows of the base as they were before they moved.
base_history = Table(
    "wb_base_history",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("mapping", String(80), nullable=False),
    Column("pair", String(40), nullable=False, index=True),
    Column("fields", JSON, nullable=False),
    Column("salesforce", JSON, nullable=False),
    Column("quickbooks", JSON, nullable=False),
    Column("agreed_at", Moment, nullable=False),
    Column("replaced_at", Moment, nullable=False),
)

decisions = Table(
    "wb_decisions",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("mapping", String(80), nullable=False, index=True),
    Column("salesforce_id", String(40)),
    Column("quickbooks_id", String(60)),
    Column("field", String(80)),
    Column("decision", String(20), nullable=False),
    Column("pinned", Boolean, nullable=False),
    Column("salesforce_seen", Text),
    Column("quickbooks_seen", Text),
    Column("value", Text),  # of a decision `set`: what both sides shall hold
    Column("reason", Text, nullable=False),
    Column("decided_by", String(80), nullable=False),
    Column("decided_at", Moment, nullable=False),
    Column("replaced_at", Moment),
)

changesets = Table(
    "wb_changesets",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("content_hash", String(64), nullable=False),
    Column("content", Text, nullable=False),
    Column("made_by", String(80), nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("pushed_at", Moment),
)

marks = Table(
    "wb_marks",
    metadata,
    Column("changeset", String(40), nullable=False),
    Column("change", String(40), nullable=False),
    Column("approved", Boolean, nullable=False),
    Column("marked_by", String(80), nullable=False),
    Column("marked_at", Moment, nullable=False),
    PrimaryKeyConstraint("changeset", "change"),
)

# Who may approve, as it came about: each row is signed by an approver of then, over the row before it.  Only
# public keys stand here; the private ones are with their owners.  Rows are never changed or deleted.
keys = Table(
    "wb_keys",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("event", String(10), nullable=False),  # enrol or revoke
    Column("key", String(40), nullable=False, index=True),  # fingerprint of the public key
    Column("owner", String(80), nullable=False),
    Column("public_key", Text, nullable=False),
    Column(
        "previous", String(64), nullable=False
    ),  # hash of the row before it that holds; the first has none
    Column("at", Moment, nullable=False),
    Column("signed_by", String(40), nullable=False),  # the key that signed; the first one signs itself
    Column("signature", Text, nullable=False),
)

approvals = Table(
    "wb_approvals",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("changeset", String(40), nullable=False, index=True),
    Column("content_hash", String(64), nullable=False),
    Column("changes_hash", String(64), nullable=False),
    Column("changes", JSON, nullable=False),
    Column("approver", String(80), nullable=False),
    Column("approved_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("used_at", Moment),
    # what the push may do at the most, e.g. {"changes": 100, "money": "5000.00"}
    Column("limits", JSON),
    # the key of the approver, and its signature over all of the above but used_at; see workbench.approval
    Column("key", String(40)),
    Column("signature", Text),
)

# How far a push is as a whole: `canaries` first, then `all`; or `stopped`, with the reason.
pushes = Table(
    "wb_pushes",
    metadata,
    Column("changeset", String(40), primary_key=True),
    Column("stage", String(20), nullable=False),
    Column("reason", Text),
    Column("started_by", String(80), nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    # when everything of it was settled and linked; until then a process has something to do for it
    Column("finished_at", Moment),
)

# Money on both sides before a push, as predicted, and as read back.
proofs = Table(
    "wb_proofs",
    metadata,
    Column("changeset", String(40), nullable=False),
    Column("stage", String(20), nullable=False),
    Column("content", JSON, nullable=False),
    Column("made_at", Moment, nullable=False),
    PrimaryKeyConstraint("changeset", "stage"),
)

outcomes = Table(
    "wb_outcomes",
    metadata,
    Column("changeset", String(40), nullable=False),
    Column("change", String(40), nullable=False),
    Column("state", String(20), nullable=False, index=True),
    Column("side", String(20), nullable=False),
    Column("mapping", String(80), nullable=False),
    Column("source_id", String(60)),
    Column("record", String(60)),
    Column("request", String(60)),
    Column("detail", Text),
    Column("read_back", JSON),
    # whether the system took the write; also true of a failed one whose record holds something else than sent
    Column("accepted", Boolean),
    Column("written_at", Moment, nullable=False),
    Column("settled_at", Moment),
    # when the first diff after it has moved the base to what was read back
    Column("compared_at", Moment),
    PrimaryKeyConstraint("changeset", "change"),
)

# Schema plans as they were shown; their approvals stand in wb_approvals.
schema_plans = Table(
    "wb_schema_plans",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("content_hash", String(64), nullable=False),
    Column("content", Text, nullable=False),
    Column("shown_to", String(80), nullable=False),
    Column("shown_at", Moment, nullable=False),
)

schema_steps = Table(
    "wb_schema_steps",
    metadata,
    Column("item", String(40), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("plan", String(40), nullable=False),
    Column("state", String(20), nullable=False, index=True),
    Column("look", String(60)),
    Column("request", String(60)),
    Column("detail", Text),
    Column("not_after", Moment, nullable=False),
    Column("written_at", Moment, nullable=False),
    Column("settled_at", Moment),
    PrimaryKeyConstraint("item", "attempt"),
)

ledger = Table(
    "wb_ledger",
    metadata,
    Column("sequence", Integer, primary_key=True, autoincrement=True),
    Column("at", Moment, nullable=False),
    Column("who", String(80), nullable=False),
    Column("event", String(40), nullable=False),
    Column("subject", String(80), nullable=False),
    Column("detail", JSON, nullable=False),
)
