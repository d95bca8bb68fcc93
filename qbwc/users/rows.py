"""Companies: what is known of each, and its row in the store."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Protocol

from sqlalchemy import Connection, Engine, Select, bindparam, select, update

from qbwc import store
from qbwc.errors import UserError

_GUID = re.compile(r"\{?([0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})\}?")


class CompanyFacts(Protocol):
    """What QuickBooks says about the open company file; `qbwc.qbxml.CompanyInfo` fits."""

    @property
    def company_name(self) -> str | None: ...
    @property
    def file_ids(self) -> Mapping[str, str]: ...
    @property
    def country(self) -> str | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Paired:
    """The company file that belongs to a company.

    Attributes:
        company_name: As in QuickBooks when it was paired.
        path: Full path of the .QBW file on the Windows machine, as QBWC reports it.
        country: US, CA or UK, as QBWC reports it; None when it did not.
        at: When it was paired.
    """

    company_name: str
    path: str
    country: str | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """One company file as this side knows it.

    Attributes:
        id: The caller's own text.
        owner_id: {GUID} of this application, the same for ever.
        file_id: {GUID} of this company file, in its .qwc.
        qbxml_version: The highest qbXML version to use, e.g. '13.0'.
        pairing_until: A company file may be paired until then; None or past: pairing is closed.
        paired: None before the first contact.
        last_contact_at: When QBWC last logged in.
        last_trouble: Why the last session ended early; None when it ended well.
        postponed_until: QBWC is sent away until then; None or past: it is not.
        every_seconds: The least time between two of its scheduled runs; None: its user decides.
    """

    id: str
    owner_id: str
    file_id: str
    qbxml_version: str
    pairing_until: datetime | None
    paired: Paired | None
    last_contact_at: datetime | None
    last_trouble: str | None
    postponed_until: datetime | None = None
    every_seconds: int | None = None


def guid(text: str) -> str:
    """Write a GUID as QuickBooks does: in braces, capital letters.

    Raises:
        UserError: It is none.
    """
    match = _GUID.fullmatch(text.strip())
    if not match:
        raise UserError(f"{text!r} is not a GUID", fix="Use the form {01234567-89AB-CDEF-0123-456789ABCDEF}.")
    return "{" + match.group(1).upper() + "}"


def canonical(text: str) -> str:
    """A GUID in one form; any other text as it is."""
    match = _GUID.fullmatch(text.strip())
    return "{" + match.group(1).upper() + "}" if match else text.strip()


def companies(engine: Engine) -> list[Company]:
    """All companies, by id."""
    with store.reading(engine) as connection:
        rows = connection.execute(select(store.companies).order_by(store.companies.c.id)).mappings()
        return [company_of(dict(row)) for row in rows]


def company(engine: Engine, company_id: str) -> Company:
    """One company.

    Raises:
        UserError: It is not known.
    """
    with store.reading(engine) as connection:
        return company_of(company_row(connection, company_id))


def company_row(connection: Connection, company_id: str, *, lock: bool = False) -> Mapping[str, Any]:
    """The company's row; `lock` holds it until the end of the transaction where the database can.

    Raises:
        UserError: It is not known.
    """
    row = connection.execute(_by_id(lock=lock), {"company": company_id}).mappings().one_or_none()
    if row is None:
        raise UserError(
            f"Company {company_id!r} is not known here",
            fix="Add a login for it first: python -m qbwc user add",
        )
    return dict(row)


@cache
def _by_id(*, lock: bool) -> Select[Any]:
    query = select(store.companies).where(store.companies.c.id == bindparam("company"))
    return query.with_for_update() if lock else query


def company_of(row: Mapping[str, Any]) -> Company:
    """Make a company of its row."""
    return Company(
        id=row["id"],
        owner_id=row["owner_id"],
        file_id=row["file_id"],
        qbxml_version=row["qbxml_version"],
        pairing_until=row["pairing_until"],
        paired=Paired(
            company_name=row["company_name"],
            path=row["company_path"],
            country=row["country"],
            at=row["paired_at"],
        )
        if row["paired_at"]
        else None,
        last_contact_at=row["last_contact_at"],
        last_trouble=row["last_trouble"],
        postponed_until=row["postponed_until"],
        every_seconds=row["every_seconds"],
    )


def set_company(connection: Connection, company_id: str, **values: object) -> None:
    """Change columns of a company within a transaction."""
    connection.execute(update(store.companies).where(store.companies.c.id == company_id).values(**values))
