"""What can go wrong on the QuickBooks side, as a person reads it.

Every error says what happened, where, and what to do next, and carries the three as attributes, so that
a report can show them in its own form.

    QbwcError
    |-- QbxmlError          qbXML that is malformed, or that QuickBooks would refuse (found before it is sent)
    |-- QueueError          a request that cannot be queued, cancelled or settled
    |-- UserError           a login or company that is missing, doubled or unusable
    |-- PairingError        a company file that may not be paired with this login now
    |-- WrongCompany        another company file answered than the one this login is paired with
    |-- StoreError          the operational store cannot be used as it is
    |   `-- StoreUnreachable    ... because it does not answer, or its disk is full
    |-- QwcError            a .qwc file that the Web Connector would refuse
    `-- ServeError          the server cannot start, or would be unsafe where it was told to listen

QuickBooks' own status codes are data, not exceptions: see `qbwc.status`.
"""

from __future__ import annotations

from collections.abc import Sequence


class QbwcError(Exception):
    """Base of all errors that `qbwc` raises on purpose; `str()` is what a person reads.

    Attributes:
        what: What happened, one sentence.
        where: Record, file, line or address; None when the sentence says it already.
        fix: The next step; None when there is none but reading on.
    """

    def __init__(self, what: str, *, where: str | None = None, fix: str | None = None) -> None:
        self.what = what
        self.where = where
        self.fix = fix
        super().__init__(what)

    def __str__(self) -> str:
        lines = [f"{self.what}{'' if self.what.endswith(('.', ':', '?')) else '.'}"]
        if self.where:
            lines.append(f"  where  {self.where}")
        if self.fix:
            lines.append(self.fix)
        return "\n".join(lines)


class QbxmlError(QbwcError):
    """qbXML that cannot be read, or a value that QuickBooks would refuse or mangle.

    Attributes:
        entity: E.g. 'Customer'; None when the whole document is meant.
        field: Flattened field name, e.g. 'BillAddress_City'.
        value: The value as it was given.
        limit: What would fit: a length, a list of allowed values, a form.
        problems: All problems found at once, each a `QbxmlError` of one field; empty for a single problem.
    """

    def __init__(
        self,
        what: str,
        *,
        entity: str | None = None,
        field: str | None = None,
        value: object = None,
        limit: object = None,
        where: str | None = None,
        fix: str | None = None,
        problems: Sequence[QbxmlError] = (),
    ) -> None:
        super().__init__(what, where=where, fix=fix)
        self.entity = entity
        self.field = field
        self.value = value
        self.limit = limit
        self.problems = tuple(problems)


class QueueError(QbwcError):
    """A request that cannot be queued, cancelled or settled as asked."""


class UserError(QbwcError):
    """A login or company that is missing, doubled or unusable."""


class PairingError(QbwcError):
    """A company file that may not be paired with this login now."""


class WrongCompany(QbwcError):
    """Another company file answered than the one this login is paired with; nothing was sent to it."""


class StoreError(QbwcError):
    """The operational store cannot be used as it is, e.g. it was written by a newer version."""


class StoreUnreachable(StoreError):
    """The operational store does not answer, or cannot be written."""


class QwcError(QbwcError):
    """A .qwc file that the Web Connector would refuse."""


class ServeError(QbwcError):
    """The server cannot start, or would be unsafe where it was told to listen."""
