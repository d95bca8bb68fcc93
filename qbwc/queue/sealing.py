"""Seals on what waits in the queue: who can write to the store, and has no key, cannot change what is sent.

A seal is HMAC-SHA-256 (RFC 2104) by a key that is kept outside the store.  It covers all that a write was
queued with and what it needs, the EditSequence that was read anew for it, and the answers that fill its
references.  It does not cover how far a request is: its state and its attempts.

The key belongs to an engine (`seal_with`).  With a key, a write without a seal that holds is not sent;
without one nothing is sealed and nothing is refused.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine

from qbwc.queue.model import OPEN

QUERY = "query"
"""The kind of request that changes nothing."""

LEAST_BYTES = 16
"""A shorter key is none."""

_BY_WHOM = "somebody changed it in the store"
_CHANGED = f"it is not as it was queued: {_BY_WHOM}, or its seal is of another key"
_OPTION = "qbwc_seal_key"
_COVERED = ("id", "company_id", "kind", "entity", "action", "group_id", "change_id", "not_after", "body")


def seal_with(engine: Engine, key: bytes) -> None:
    """Seal by this key what is queued through this engine, and send nothing that it did not seal.

    Raises:
        ValueError: The key is shorter than 16 bytes.
    """
    if len(key) < LEAST_BYTES:
        raise ValueError(f"a key of {len(key)} bytes seals nothing: at least {LEAST_BYTES} are needed")
    engine.update_execution_options(**{_OPTION: key})


def seal_of_request(connection: Connection, row: Mapping[str, Any], parents: Iterable[str]) -> str | None:
    """The seal of a row as it is queued; None without a key, and for a query, which changes nothing."""
    if row["kind"] == QUERY:
        return None
    covered = {name: _plain(row[name]) for name in _COVERED}
    return _made(connection, "request", covered | {"needs": sorted(parents)})


def seal_of_answer(connection: Connection, request_id: str, answer: str | None) -> str | None:
    """The seal of an answer that other requests may be filled from."""
    return _made(connection, "answer", {"id": request_id, "answer": answer})


def seal_of_version(connection: Connection, request_id: str, edit_sequence: str | None) -> str | None:
    """The seal of an EditSequence that was read anew."""
    return _made(connection, "version", {"id": request_id, "edit_sequence": edit_sequence})


def broken(connection: Connection, row: Mapping[str, Any], parents: Iterable[str]) -> str | None:
    """Why a write must not be sent, or its answer believed, as it stands in the store; None where it may.

    What was answered or cancelled has its seal taken away: put back into the queue it is not sent again.
    """
    if row["state"] == "answered":
        return broken_answer(connection, row) if row["kind"] != QUERY else None
    if row["state"] == "cancelled":
        return None
    sealed = seal_of_request(connection, row, parents)
    if sealed is None:
        return _CHANGED if row["seal"] is not None and _key(connection) is not None else None
    if row["seal"] is None:
        return "it has no seal: another program, or an older version of this one, put it into the queue"
    if not hmac.compare_digest(sealed, row["seal"]):
        return _CHANGED
    version = row["edit_sequence"] if row["state"] in OPEN else None
    if version is not None and not _holds(seal_of_version(connection, row["id"], version), row["told_seal"]):
        return f"its EditSequence is not the one that QuickBooks told: {_BY_WHOM}"
    return None


def broken_answer(connection: Connection, row: Mapping[str, Any]) -> str | None:
    """Why an answer must not fill a request; None when it is as QuickBooks told it."""
    sealed = seal_of_answer(connection, row["id"], row["answer"])
    if sealed is None or _holds(sealed, row["told_seal"]):
        return None
    return f"the answer to {row['id']} is not as QuickBooks told it: {_BY_WHOM}"


def _holds(made: str | None, kept: str | None) -> bool:
    return made is None or (kept is not None and hmac.compare_digest(made, kept))


def _made(connection: Connection, what: str, covered: Mapping[str, Any]) -> str | None:
    key = _key(connection)
    if key is None:
        return None
    text = json.dumps([what, covered], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def _key(connection: Connection) -> bytes | None:
    key: bytes | None = connection.get_execution_options().get(_OPTION)
    return key


def _plain(value: Any) -> Any:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value
