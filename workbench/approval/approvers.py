"""Who may approve: the list of approvers, as it follows from signed entries, one after the other.

The first entry signs itself; each later one is signed by a key that the entries before it have let in, over
the hash of the entry before it.  An entry that does not hold is left out and told: a row that somebody puts
into the table by hand lets nobody in, and one that is taken away breaks what follows.  What a machine has
seen of the list it remembers (`seen`), so that the whole list cannot be put in another's place either.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from workbench.approval import signing

ENROL, REVOKE = "enrol", "revoke"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One row of the list.

    Attributes:
        event: 'enrol' or 'revoke'.
        key: Fingerprint of the key that is let in or revoked.
        owner: Whose key it is.
        public_key: Of `key`, as base64.
        previous: Digest of the entry before it; '' for the first.
        signed_by: Fingerprint of the key that signed; the first one's own.
    """

    number: int
    event: str
    key: str
    owner: str
    public_key: str
    previous: str
    at: datetime
    signed_by: str
    signature: str = ""

    @property
    def statement(self) -> bytes:
        """What is signed: everything but the signature."""
        values: dict[str, Any] = {name: getattr(self, name) for name in self.__slots__ if name != "signature"}
        return signing.statement("approver", **values | {"at": self.at.astimezone(UTC)})

    @property
    def digest(self) -> str:
        """What the next entry is signed over."""
        return signing.digest(self.statement + self.signature.encode())


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A key that was let in.

    Attributes:
        enrolled_by, revoked_by: Who did it, by name.
    """

    id: str
    owner: str
    public_key: str
    enrolled_at: datetime
    enrolled_by: str
    revoked_at: datetime | None = None
    revoked_by: str | None = None

    @property
    def active(self) -> bool:
        """Whether it may sign."""
        return self.revoked_at is None


@dataclass(frozen=True, kw_only=True)
class Approvers:
    """The list as it is now.

    Attributes:
        entries: Those that hold, in order.
        keys: By fingerprint, in the order they were let in.
        refused: Rows that do not hold, each with the reason.
    """

    entries: tuple[Entry, ...] = ()
    keys: Mapping[str, Key] = field(default_factory=dict)
    refused: tuple[tuple[Entry, str], ...] = ()

    @cached_property
    def active(self) -> tuple[Key, ...]:
        """The keys that may sign."""
        return tuple(key for key in self.keys.values() if key.active)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Who may approve, in the order they were let in."""
        return tuple(dict.fromkeys(key.owner for key in self.active))

    @property
    def head(self) -> str:
        """Digest of the last entry; '' when there is none."""
        return self.entries[-1].digest if self.entries else ""

    def of(self, name: str) -> tuple[Key, ...]:
        """The keys of one person that may sign."""
        return tuple(key for key in self.active if key.owner == name)


def replay(rows: Iterable[Entry]) -> Approvers:
    """Answer the list that follows from its rows; those that do not hold change nothing."""
    found = Approvers()
    for row in sorted(rows, key=lambda each: each.number):
        if reason := _reason(found, row):
            found = replace(found, refused=(*found.refused, (row, reason)))
        else:
            keys = {**found.keys, row.key: _key(found, row)}
            found = replace(found, entries=(*found.entries, row), keys=keys)
    return found


def _reason(before: Approvers, row: Entry) -> str:
    """Why an entry does not hold; '' when it does."""
    first = not before.entries
    signer = before.keys.get(row.signed_by)
    if row.previous != before.head:
        return "it does not follow the entry before it"
    if row.event not in (ENROL, REVOKE) or (first and (row.event, row.number) != (ENROL, 1)):
        return "it says nothing that can be done"
    if first and row.signed_by != row.key:
        return "nobody was there to sign it"
    if not first and (signer is None or not signer.active):
        return "who signed it was no approver then"
    if not _fits(row):
        return "its key is not the one that it names"
    if reason := _of_enrolment(before, row) if row.event == ENROL else _of_revocation(before, row):
        return reason
    public = row.public_key if signer is None else signer.public_key
    return "" if signing.verifies(public, row.statement, row.signature) else "its signature does not hold"


def _fits(row: Entry) -> bool:
    try:
        return signing.key_id(row.public_key) == row.key
    except ValueError:
        return False


def _of_enrolment(before: Approvers, row: Entry) -> str:
    return "its key was in the list before" if row.key in before.keys else ""


def _of_revocation(before: Approvers, row: Entry) -> str:
    key = before.keys.get(row.key)
    if key is None or not key.active or (key.owner, key.public_key) != (row.owner, row.public_key):
        return "it revokes a key that does not stand there"
    return "nobody could approve any more" if len(before.active) == 1 else ""


def _key(before: Approvers, row: Entry) -> Key:
    signer = before.keys[row.signed_by].owner if row.signed_by in before.keys else row.owner
    if row.event == REVOKE:
        return replace(before.keys[row.key], revoked_at=row.at, revoked_by=signer)
    return Key(id=row.key, owner=row.owner, public_key=row.public_key, enrolled_at=row.at, enrolled_by=signer)
