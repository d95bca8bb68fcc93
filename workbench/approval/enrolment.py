"""Let approvers in and take them out; read the list of them.

The first who approves is let in by itself.  After that only an approver lets another one in, with a key that
is on this machine: nobody enrols himself once there is one.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from workbench.approval import signing
from workbench.approval.approvers import ENROL, REVOKE, Approvers, Entry, Key, replay
from workbench.approval.privatekeys import SEEN, OwnKey, OwnKeys
from workbench.errors import ApprovalError, UsageProblem
from workbench.profile import write_private
from workbench.spelling import closest
from workbench.store import Store, schema
from workbench.store.engine import now

NAME_LENGTH = 80
TRIES = 3
"""How often an entry is signed again when another process has written one meanwhile."""


def approvers(store: Store, own: OwnKeys) -> Approvers:
    """The list of approvers, held against what this machine has seen of it before.

    Raises:
        ApprovalError: It is not the continuation of what was seen here.
    """
    seen = _seen(own.folder / SEEN)  # first: the list only grows meanwhile
    found = as_listed(store)
    _hold_against_seen(found, seen, own.folder / SEEN)
    return found


def as_listed(store: Store) -> Approvers:
    """The list as the store has it, not held against what was seen: to look at, not to go by."""
    rows = store.rows(select(schema.keys).order_by(schema.keys.c.number))
    return replay(Entry(**row) for row in rows)


def enrol(store: Store, own: OwnKeys, name: str, *, by: str, public_key: str | None = None) -> Key:
    """Let somebody in.

    Args:
        by: An approver whose key is on this machine; `name` itself while there is no approver at all.
        public_key: As PEM or base64; without it a key that is on this machine already, else a new one.

    Raises:
        ApprovalError: `by` may not, or the key is in the list already.
        UsageProblem: A name is none.
    """
    name, by = good_name(name), good_name(by)
    known = approvers(store, own)
    if known.active:
        signer_of(known, own, by)  # before a key is made for somebody whom nobody lets in
    elif name != by or public_key is not None:
        raise ApprovalError(
            "nobody approves here yet, and the first key is made on the machine of its owner",
            where=name,
            fix=f"Let the first one in by itself: `workbench approver add {by} --by {by}`.",
        )
    if public_key is not None:
        public = signing.read_public(public_key, name)
    else:
        public = _here(known, own, name).public_key
    id_ = signing.key_id(public)
    if id_ in known.keys:
        there = known.keys[id_]
        raise ApprovalError(
            f"this key is in the list already, as {there.owner}'s{'' if there.active else ', revoked'}",
            where=f"key {signing.shown_id(id_)}",
            fix="Make another one: `workbench approver request --by NAME` on the machine of its owner.",
        )
    return _append(store, own, by, ENROL, name, public)


def request(store: Store, own: OwnKeys, name: str) -> OwnKey:
    """Make a key on this machine for an approver to let in; one that waits for that is answered again."""
    return _here(approvers(store, own), own, good_name(name))


def revoke(store: Store, own: OwnKeys, name: str, *, by: str, key: str | None = None) -> list[Key]:
    """Take somebody out: all keys, or the one whose fingerprint begins so.  What they signed stays known.

    Raises:
        ApprovalError: `by` may not, or nobody could approve any more.
        UsageProblem: There is no such approver or key.
    """
    name, by = good_name(name), good_name(by)
    known = approvers(store, own)
    signer_of(known, own, by)
    wanted = [each for each in known.of(name) if each.id.startswith((key or "").replace(" ", ""))]
    if not wanted:
        what = f"{name} is no approver" if not known.of(name) else f"{name} has no key {key}"
        raise UsageProblem(what, where=name, fix=_who(known, name))
    if len(wanted) == len(known.active):
        raise ApprovalError(
            "nobody could approve any more",
            where=name,
            fix="Let another approver in first: `workbench approver add NAME --by " + f"{by}`.",
        )
    # One's own last: the others are signed with it.
    wanted.sort(key=lambda each: each.owner == by and bool(own.of(by)))
    return [_append(store, own, by, REVOKE, each.owner, each.public_key) for each in wanted]


def signer_of(known: Approvers, own: OwnKeys, by: str) -> tuple[Key, OwnKey]:
    """The key with which somebody signs on this machine.

    Raises:
        ApprovalError: Not an approver, or the private key is not here; with what to do next.
    """
    mine = {each.id: each for each in own.of(by)}
    for key in known.of(by):
        if key.id in mine:
            return key, mine[key.id]
    if known.of(by):
        raise ApprovalError(
            f"{by} is an approver, and the private key of {by} is not on this machine",
            where=str(own.folder),
            fix=f"Approve where it is, or as yourself. To have {by} approve here too: `workbench approver "
            f"request --by {by}` here, then let it in where the key is.",
        )
    was = [each for each in known.keys.values() if each.owner == by and not each.active]
    what = f"the key of {by} was revoked" if was else f"{by} is no approver"
    raise ApprovalError(
        what,
        where=str(own.folder),
        values={"approvers": ", ".join(known.names) or "none yet"},
        fix=f"{_who(known, by)} An approver lets {by} in: `workbench approver add {by} --by "
        f"{known.names[0] if known.names else by}`, with --public-key FILE for a key of another machine.",
    )


def first_or(store: Store, own: OwnKeys, by: str) -> Approvers:
    """The list of approvers; while it is empty the first one is let in by itself, key and all."""
    known = approvers(store, own)
    if not known.entries:
        with suppress(_Faster):
            _append(store, own, by, ENROL, by, _here(known, own, by).public_key, first=True)
        known = approvers(store, own)
    return known


def default_approver(store: Store, own: OwnKeys, user: str) -> str:
    """Who approves when nobody is named: the one whose key is here; the user, where several or none are."""
    known, mine = as_listed(store), {key.id for key in own.all()}
    here = [name for name in known.names if any(key.id in mine for key in known.of(name))]
    return here[0] if len(here) == 1 else user


def good_name(name: str) -> str:
    """A name as it is kept.

    Raises:
        UsageProblem: It is empty, too long, or cannot be printed on one line.
    """
    name = name.strip()
    if not name or len(name) > NAME_LENGTH or not name.isprintable():
        why = "empty" if not name else f"longer than {NAME_LENGTH}" if name.isprintable() else "not one line"
        raise UsageProblem(f"the name of an approver is {why}", fix="Name a person, e.g. maria.")
    return name


class _Faster(Exception):
    """Another process has written the next entry."""


def _append(
    store: Store, own: OwnKeys, by: str, event: str, name: str, public: str, *, first: bool = False
) -> Key:
    """Sign an entry over the last one and write it; signed again when another one was written meanwhile."""
    id_ = signing.key_id(public)
    for _ in range(TRIES):
        known = approvers(store, own)
        if first and known.entries:
            raise _Faster
        mine = own.of(by)
        signer = (
            next(key for key in mine if key.id == id_) if not known.active else signer_of(known, own, by)[1]
        )
        entry = _signed(own, known, signer, event, name, public)
        try:
            with store.write() as connection:
                values = {each: getattr(entry, each) for each in entry.__slots__}
                connection.execute(insert(schema.keys).values(**values))
        except IntegrityError:
            continue
        return approvers(store, own).keys[id_]
    raise ApprovalError("others write to the list of approvers all the time", where=name, fix="Try again.")


def _signed(own: OwnKeys, known: Approvers, signer: OwnKey, event: str, name: str, public: str) -> Entry:
    numbers = [each.number for each in known.entries] + [each.number for each, _ in known.refused]
    entry = Entry(
        number=max(numbers, default=0) + 1,
        event=event,
        key=signing.key_id(public),
        owner=name,
        public_key=public,
        previous=known.head,
        at=now(),
        signed_by=signer.id,
    )
    return replace(entry, signature=own.sign(signer, entry.statement))


def _here(known: Approvers, own: OwnKeys, name: str) -> OwnKey:
    """A key of somebody on this machine that nobody has let in yet: one that waits, else a new one."""
    waiting = [key for key in own.of(name) if key.id not in known.keys]
    return waiting[0] if waiting else own.make(name)


def _who(known: Approvers, name: str) -> str:
    names = ", ".join(known.names)
    if not names:
        return "Nobody approves here yet."
    near = closest(name, known.names)
    return near if near.startswith("Closest") else f"Approvers: {names}."


def _hold_against_seen(found: Approvers, seen: tuple[int, str], path: Path) -> None:
    """Refuse a list that is not a continuation of the one seen here before, and remember this one."""
    count, digest = seen
    torn = bool(found.refused) and not found.entries
    if torn or len(found.entries) < count or (count and found.entries[count - 1].digest != digest):
        raise ApprovalError(
            "the list of approvers is not the one that was seen before"
            if count
            else "the list of approvers does not hold",
            where=str(path) if count else "table wb_keys",
            values={
                "seen here": f"{count} entries",
                "now": f"{len(found.entries)} entries that hold, {len(found.refused)} that do not",
            },
            fix="Nothing is signed or sent: somebody has changed the table wb_keys. If you know that the "
            f"store was begun anew or restored from a backup, remove {path.name} in data/keys/.",
        )
    if len(found.entries) > count:
        write_private(path, json.dumps({"entries": len(found.entries), "digest": found.head}) + "\n")


def _seen(path: Path) -> tuple[int, str]:
    """How many entries were seen, and the digest of the last of them."""
    if not path.is_file():
        return 0, ""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        return int(told["entries"]), str(told["digest"])
    except (ValueError, KeyError, TypeError) as error:
        raise ApprovalError(
            "what was seen of the list of approvers cannot be read",
            where=str(path),
            fix="If you know why, remove the file: the list as it is now is then taken as seen.",
        ) from error
