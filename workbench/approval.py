"""Approvals: who approved which changes of which change set, by the hashes of both.

An approval names the content hash of the change set and the hash of the approved change ids; a push
compares both, so that what was reviewed is what is pushed.  It expires, and it is used once.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NoReturn

from sqlalchemy import Connection, insert, select, update

from workbench.errors import ApprovalError
from workbench.store import Store, schema
from workbench.store.engine import now

VALID_HOURS = 72
"""How long an approval may be used unless the approver says otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """An approval as it is kept.

    Attributes:
        changes: Ids of the approved changes, sorted.
        used_at: When it was pushed; None until then.
        limits: What the push may do at the most.
        key, signature: The approver's key, and its signature over what was approved.
    """

    id: str
    changeset: str
    content_hash: str
    changes_hash: str
    changes: tuple[str, ...]
    approver: str
    approved_at: datetime
    expires_at: datetime
    used_at: datetime | None
    limits: Mapping[str, Any] | None = None
    key: str | None = None
    signature: str | None = None


def approve(
    store: Store,
    *,
    changeset: str,
    content_hash: str,
    changes: Iterable[str],
    by: str,
    hours: float = VALID_HOURS,
) -> Approval:
    """Record an approval of some changes of a change set.

    Raises:
        ApprovalError: Nothing is approved, nobody approves, or the change set was pushed already.
    """
    wanted = tuple(sorted(set(changes)))
    if not wanted:
        raise ApprovalError("no change is marked as approved", where=changeset, fix="Mark changes first.")
    if not by.strip():
        raise ApprovalError("an approval needs a name", where=changeset, fix="Say who approves: by='maria'.")
    at = now()
    changes_hash = hash_of(wanted)
    values: dict[str, Any] = {
        "id": "ap-" + hash_of((content_hash, changes_hash, by, at.isoformat()))[:12],
        "changeset": changeset,
        "content_hash": content_hash,
        "changes_hash": changes_hash,
        "changes": list(wanted),
        "approver": by,
        "approved_at": at,
        "expires_at": at + timedelta(hours=hours),
    }
    with store.write() as connection:
        _refuse_pushed(connection, changeset)
        connection.execute(insert(schema.approvals).values(**values))
    return _approval(values | {"used_at": None})


def latest_approval(store: Store, changeset: str) -> Approval | None:
    """Answer the newest approval of a change set, used or not."""
    table = schema.approvals
    query = select(table).where(table.c.changeset == changeset).order_by(table.c.approved_at.desc()).limit(1)
    rows = store.rows(query)
    return _approval(rows[0]) if rows else None


def check_approval(approval: Approval | None, *, changeset: str, content_hash: str) -> Approval:
    """Answer the approval if it allows a push of this very content now.

    Raises:
        ApprovalError: Not approved, changed since, expired, or used up.
    """
    approval = check_content(approval, changeset=changeset, content_hash=content_hash)
    if approval.used_at is not None:
        raise ApprovalError(
            f"this change set was pushed on {approval.used_at:%Y-%m-%d %H:%M} UTC; it is pushed once",
            where=changeset,
            fix="Pull and plan again: what is left to do will be in the new change set.",
        )
    if expired(approval):
        raise ApprovalError(
            f"the approval expired on {approval.expires_at:%Y-%m-%d %H:%M} UTC",
            where=changeset,
            fix="Review it again and approve it.",
        )
    return approval


def expired(approval: Approval) -> bool:
    """Whether nothing more may be sent on an approval: asked again before each sending."""
    return approval.expires_at <= now()


def check_content(approval: Approval | None, *, changeset: str, content_hash: str) -> Approval:
    """Answer the approval if it is about this very content, used or not.

    Raises:
        ApprovalError: Not approved, or changed since.
    """
    if approval is None:
        raise ApprovalError(
            "nobody has approved this change set", where=changeset, fix="Review and approve it."
        )
    if approval.content_hash != content_hash or approval.changes_hash != hash_of(approval.changes):
        raise ApprovalError(
            "what was approved is not what would be pushed",
            where=changeset,
            values={"approved": approval.content_hash[:12], "now": content_hash[:12]},
            fix="Plan again and review the new change set.",
        )
    return approval


def use(connection: Connection, approval: Approval) -> None:
    """Use up an approval and its change set in the caller's transaction.

    Raises:
        ApprovalError: Another push was faster.
    """
    table, at = schema.approvals, now()
    _refuse_pushed(connection, approval.changeset)
    unused = (table.c.id == approval.id) & table.c.used_at.is_(None)
    if connection.execute(update(table).where(unused).values(used_at=at)).rowcount != 1:
        _refuse(approval.changeset)
    sets = schema.changesets
    connection.execute(update(sets).where(sets.c.id == approval.changeset).values(pushed_at=at))


def hash_of(values: Iterable[str]) -> str:
    """Answer the SHA-256 of a list of texts as canonical JSON."""
    return hashlib.sha256(json.dumps(list(values), separators=(",", ":")).encode()).hexdigest()


def _refuse_pushed(connection: Connection, changeset: str) -> None:
    sets = schema.changesets
    pushed = connection.execute(select(sets.c.pushed_at).where(sets.c.id == changeset)).scalar()
    if pushed is not None:
        _refuse(changeset)


def _refuse(changeset: str) -> NoReturn:
    raise ApprovalError(
        "this change set was pushed already; it is pushed once",
        where=changeset,
        fix="Pull and plan again: what is left to do will be in the new change set.",
    )


def _approval(row: dict[str, Any]) -> Approval:
    return Approval(**{**row, "changes": tuple(row["changes"])})
