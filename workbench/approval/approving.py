"""Approvals: who approved which changes of which change set, signed.

An approval is one signature over the content hash of the change set, the hash of the approved change ids, the
approver, the limits, the expiry and the key.  A push compares all of it, so that what was reviewed is what is
pushed.  It expires, and it is used once.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn

from sqlalchemy import Connection, insert, select, update

from workbench.approval import signing
from workbench.approval.approvers import Approvers
from workbench.approval.enrolment import first_or, good_name, signer_of
from workbench.approval.limits import read_limits, refuse_beyond
from workbench.approval.privatekeys import OwnKeys
from workbench.errors import ApprovalError, UsageProblem
from workbench.store import Store, schema
from workbench.store.engine import now

VALID_HOURS = 72
LONGEST_HOURS = 24 * 366
"""How long an approval may be used unless the approver says otherwise."""

AGAIN = "Review it again and approve it."


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """An approval as it is kept.

    Attributes:
        changes: Ids of the approved changes, sorted.
        used_at: When it was pushed; None until then.
        limits: What the push may do at the most; see `workbench.approval.limits`.
        key, signature: The approver's key, and its signature over what was approved; None of an approval
            that an earlier version made.
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

    @property
    def usable(self) -> bool:
        """Whether it can be used as far as it says itself: signed, not used yet, not expired."""
        return self.signature is not None and self.used_at is None and not expired(self)

    @property
    def statement(self) -> bytes:
        """What is signed."""
        return signing.statement(
            "approval",
            content=self.content_hash,
            changes=self.changes_hash,
            approver=self.approver,
            approved=self.approved_at.astimezone(UTC),
            expires=self.expires_at.astimezone(UTC),
            limits=dict(self.limits or {}),
            key=self.key,
        )


def approve(
    store: Store,
    own: OwnKeys,
    *,
    changeset: str,
    content_hash: str,
    changes: Iterable[str],
    by: str,
    hours: float = VALID_HOURS,
    does: Mapping[str, Any] | None = None,
    limits: Mapping[str, object] | None = None,
    author: str | None = None,
) -> Approval:
    """Sign an approval of some changes of a change set, and record it.

    Args:
        own: The keys on this machine; the first approver of a store gets one by itself.
        by: Who approves; the key must be here.
        does: What the approved changes do, by `limits.extent`.
        limits: What the push may do at the most; exactly what the changes do without any.
        author: Who made the change set, where that must be another one.

    Raises:
        ApprovalError: Nothing is approved, nobody approves, who approves may not, it goes beyond the limits,
            or the change set was pushed already.
        UsageProblem: A name or a limit is none, or the time is over at once.
    """
    if not 0 < hours <= LONGEST_HOURS:
        raise UsageProblem(
            f"an approval can not be used for {hours:g} hours",
            fix=f"Say how long it may be used: a number above 0, and {LONGEST_HOURS:,} at the most.",
        )
    wanted = tuple(sorted(set(changes)))
    if not wanted:
        raise ApprovalError("no change is marked as approved", where=changeset, fix="Mark changes first.")
    if not by.strip():
        raise ApprovalError("an approval needs a name", where=changeset, fix="Say who approves: by='maria'.")
    by = good_name(by)
    done = dict(does or {})
    allowed = read_limits(limits if limits is not None else done)
    refuse_beyond(allowed, done, where=changeset)
    refuse_author(by, author, where=changeset)
    with store.read() as connection:
        _refuse_pushed(connection, changeset)
    key, mine = signer_of(first_or(store, own, by), own, by)
    at, changes_hash = now(), hash_of(wanted)
    made = Approval(
        id="ap-" + hash_of((content_hash, changes_hash, by, at.isoformat()))[:12],
        changeset=changeset,
        content_hash=content_hash,
        changes_hash=changes_hash,
        changes=wanted,
        approver=by,
        approved_at=at,
        expires_at=at + timedelta(hours=hours),
        used_at=None,
        limits=allowed,
        key=key.id,
    )
    made = replace(made, signature=own.sign(mine, made.statement))
    with store.write() as connection:
        _refuse_pushed(connection, changeset)
        values = {name: getattr(made, name) for name in made.__slots__}
        connection.execute(insert(schema.approvals).values(**values | {"changes": list(wanted)}))
    return made


def latest_approval(store: Store, changeset: str) -> Approval | None:
    """Answer the newest approval of a change set, used or not."""
    table = schema.approvals
    query = select(table).where(table.c.changeset == changeset).order_by(table.c.approved_at.desc()).limit(1)
    rows = store.rows(query)
    return _approval(rows[0]) if rows else None


def check_approval(
    approval: Approval | None,
    known: Approvers,
    *,
    changeset: str,
    content_hash: str,
    does: Mapping[str, Any] | None = None,
    author: str | None = None,
) -> Approval:
    """Answer the approval if it allows a push of this very content now.

    Args:
        known: Who may approve.
        does: What the approved changes do, by `limits.extent`.
        author: Who made the change set, where approver and author must differ.

    Raises:
        ApprovalError: Not approved, changed since, not signed, signed by nobody who may, used up, expired,
            beyond its limits, or by the author.
    """
    approval = check_content(approval, changeset=changeset, content_hash=content_hash)
    if approval.used_at is not None:
        raise ApprovalError(
            f"this change set was pushed on {approval.used_at:%Y-%m-%d %H:%M} UTC; it is pushed once",
            where=changeset,
            fix="`workbench status` says whether any of it still waits. "
            "Pull and plan again for what is left, if any.",
        )
    check_signature(approval, known)
    if expired(approval):
        raise ApprovalError(
            f"the approval expired on {approval.expires_at:%Y-%m-%d %H:%M} UTC", where=changeset, fix=AGAIN
        )
    refuse_beyond(approval.limits or {}, does or {}, where=changeset)
    refuse_author(approval.approver, author, where=changeset)
    return approval


def expired(approval: Approval) -> bool:
    """Whether nothing more may be sent on an approval: asked again before each sending."""
    return approval.expires_at <= now()


def check_content(approval: Approval | None, *, changeset: str, content_hash: str) -> Approval:
    """Answer the approval if it is about this very content, used or not, by whomever.

    Raises:
        ApprovalError: Not approved, or changed since.
    """
    if approval is None:
        raise ApprovalError(
            "nobody has approved this change set", where=changeset, fix="Review and approve it."
        )
    if approval.changes_hash != hash_of(approval.changes):
        raise ApprovalError(
            "the list of approved changes is not the one that was signed: somebody has changed it since",
            where=changeset,
            fix="Review the change set and approve it anew; find out who writes to the store.",
        )
    if approval.content_hash != content_hash:
        raise ApprovalError(
            "what was approved is not what would be pushed",
            where=changeset,
            values={"approved": approval.content_hash[:12], "now": content_hash[:12]},
            fix="Plan again and review the new change set.",
        )
    return approval


def check_signature(approval: Approval, known: Approvers) -> None:
    """Refuse an approval that an approver of now has not signed.

    Raises:
        Withdrawn: It is of an earlier version, or its key was revoked since: nothing more may be sent.
        ApprovalError: Its key is nobody's, or it was changed after it was signed.
    """
    who = {"approver": approval.approver, "key": signing.shown_id(approval.key or "none")}
    if approval.signature is None:
        raise Withdrawn(
            "this approval is not signed: an earlier version has made it", where=approval.changeset, fix=AGAIN
        )
    key = known.keys.get(str(approval.key))
    if key is None:
        raise ApprovalError(
            "this approval is signed with a key that nobody has let in",
            where=approval.changeset,
            values=who,
            fix="Look at `workbench approver list`; review the change set and approve it anew.",
        )
    signed = signing.verifies(key.public_key, approval.statement, approval.signature)
    if not signed or key.owner != approval.approver:
        raise ApprovalError(
            "this approval is not what its key has signed: somebody has changed it since",
            where=approval.changeset,
            values=who,
            fix="Review the change set and approve it anew; find out who writes to the store.",
        )
    if not key.active:
        raise Withdrawn(
            f"the key that signed this approval was revoked by {key.revoked_by} on "
            f"{key.revoked_at:%Y-%m-%d %H:%M} UTC",
            where=approval.changeset,
            values=who,
            fix="Have another approver review and approve it.",
        )


class Withdrawn(ApprovalError):
    """An approval by which nothing more may be sent, now or later."""


def refuse_author(approver: str, author: str | None, *, where: str) -> None:
    """Refuse an approval by the one who made the change set.

    Args:
        author: None where nobody asks for two.
    """
    if author is not None and author.strip().casefold() == approver.strip().casefold():
        raise ApprovalError(
            f"{approver} has made this change set, and this profile asks for another one to approve it",
            where=where,
            fix="Have another approver approve it (approval.four_eyes in profile.yaml).",
        )


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
