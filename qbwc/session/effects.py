"""Write what the machine decided, in the transaction of the caller."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, insert, update

from qbwc import store, tape, users
from qbwc.queue import settle
from qbwc.session.model import (
    Answered,
    Cancelled,
    Counted,
    Doubted,
    Effect,
    Failed,
    PageKept,
    PairedNow,
    Read,
    Requeued,
    Sent,
    SetIs,
    Unknown,
)


def apply(
    connection: Connection,
    company_id: str,
    effects: Sequence[Effect],
    now: datetime,
    *,
    page: bytes = b"",
    size: int = 0,
) -> None:
    """Write the effects in order; `page` is the answer document, packed, and `size` its bytes before.

    Answers come last: nothing else in a step looks at the same request.
    """
    done = [_done(effect) for effect in effects if isinstance(effect, Answered)]
    for effect in effects:
        match effect:
            case Sent():
                _sent(connection, company_id, effect, now)
            case Failed():
                settle.failed(
                    connection,
                    effect.id,
                    now,
                    error=effect.error,
                    status_code=effect.code,
                    status_message=effect.message,
                    answer=effect.answer,
                )
            case Unknown():
                settle.unknown(connection, effect.id, evidence=effect.evidence)
            case Cancelled():
                settle.cancelled(connection, effect.id, now, reason=effect.reason)
            case Requeued():
                settle.requeued(
                    connection,
                    effect.id,
                    note=effect.note,
                    edit_sequence=effect.edit_sequence,
                    blameless=effect.blameless,
                )
            case Doubted():
                settle.doubted(connection, effect.ids, effect.doubt)
            case PageKept():
                document = tape.keep_document(connection, page, size, now)
                for name, records, final in effect.pages:
                    tape.keep_page(connection, name, document, records, final=final)
            case Read():
                settle.read(
                    connection,
                    effect.id,
                    records=effect.records,
                    total=effect.total,
                    iterator_id=effect.iterator_id,
                )
            case Counted():
                settle.counted(connection, effect.id, effect.total)
            case SetIs():
                table = store.message_sets
                connection.execute(
                    update(table)
                    .where(table.c.id == effect.set_id)
                    .values(state=effect.state, note=effect.note)
                )
            case PairedNow():
                users.remember_pair(connection, company_id, effect.info, effect.path)
    settle.answered(connection, done, now)


def _done(effect: Answered) -> settle.Done:
    return settle.Done(
        id=effect.id,
        code=effect.code,
        message=effect.message,
        answer=effect.answer,
        note=effect.note,
    )


def _sent(connection: Connection, company_id: str, effect: Sent, now: datetime) -> None:
    settle.sent(connection, effect.ids, now, message_set_id=effect.set_id)
    if effect.set_id is not None:
        connection.execute(
            insert(store.message_sets).values(
                id=effect.set_id,
                company_id=company_id,
                sent_at=now,
                state="sent",
                requests=len(effect.ids),
                document=zlib.compress(effect.document.encode(), 1),
            )
        )
