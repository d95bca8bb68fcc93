"""Logins of the Web Connector, the company each belongs to, and which company file that is.

A company here is one QuickBooks company file as this side knows it; its id is the caller's own text (a
profile's name).  It is *paired* on purpose: a person opens a time window, and the company file that the
next session brings is remembered by its FileID, name and path.  The FileID is the one in our .qwc file,
which QBWC stamps into the company file as a private data extension of our OwnerID (qbXML `CompanyRet`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import Connection, Engine, insert, select, update

from qbwc import store
from qbwc.errors import PairingError, UserError, WrongCompany
from qbwc.users import passwords

_GUID = re.compile(r"\{?([0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})\}?")
_NAME_LIMIT = 100


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
    """

    id: str
    owner_id: str
    file_id: str
    qbxml_version: str
    pairing_until: datetime | None
    paired: Paired | None
    last_contact_at: datetime | None
    last_trouble: str | None


def guid(text: str) -> str:
    """Write a GUID as QuickBooks does: in braces, capital letters.

    Raises:
        UserError: It is none.
    """
    match = _GUID.fullmatch(text.strip())
    if not match:
        raise UserError(f"{text!r} is not a GUID", fix="Use the form {01234567-89AB-CDEF-0123-456789ABCDEF}.")
    return "{" + match.group(1).upper() + "}"


def add_user(
    engine: Engine,
    *,
    name: str,
    password: str,
    company: str,
    file_id: str,
    owner_id: str,
    qbxml_version: str = "13.0",
    replace: bool = False,
) -> None:
    """Add a login; its company is added too unless it is known.

    With `replace` a login that exists gets the new password.

    Raises:
        UserError: The login exists, belongs to another company, or the company has other GUIDs.
    """
    if not name or len(name) > _NAME_LIMIT or not password:
        raise UserError(
            "A login needs a name and a password",
            fix=f"Give both; a name has up to {_NAME_LIMIT} characters.",
        )
    hashed = passwords.hash_password(password)
    with store.writing(engine) as connection:
        _add_company(connection, company, guid(owner_id), guid(file_id), qbxml_version)
        _put_user(connection, name, company, hashed, replace=replace)


def _add_company(
    connection: Connection, company_id: str, owner_id: str, file_id: str, qbxml_version: str
) -> None:
    table = store.companies
    row = connection.execute(
        select(table.c.owner_id, table.c.file_id).where(table.c.id == company_id)
    ).one_or_none()
    if row is None:
        connection.execute(
            insert(table).values(
                id=company_id,
                owner_id=owner_id,
                file_id=file_id,
                qbxml_version=qbxml_version,
                created_at=store.now(),
            )
        )
    elif (row.owner_id, row.file_id) != (owner_id, file_id):
        raise UserError(
            f"Company {company_id!r} is known with OwnerID {row.owner_id} and FileID {row.file_id}, "
            f"not {owner_id} and {file_id}",
            fix="Use its GUIDs, or give the other company file an id of its own.",
        )


def _put_user(connection: Connection, name: str, company_id: str, hashed: str, *, replace: bool) -> None:
    table = store.users
    known = connection.execute(select(table.c.company_id).where(table.c.name == name)).scalar_one_or_none()
    if known is None:
        connection.execute(
            insert(table).values(name=name, company_id=company_id, password=hashed, created_at=store.now())
        )
    elif known != company_id:
        raise UserError(
            f"Login {name!r} belongs to company {known!r}, not to {company_id!r}",
            fix="One login serves one company file; choose another name.",
        )
    elif not replace:
        raise UserError(f"Login {name!r} exists already", fix="Replace it to give it a new password.")
    else:
        connection.execute(update(table).where(table.c.name == name).values(password=hashed))


def check_password(engine: Engine, name: str, password: str) -> str | None:
    """Answer the company id of a login, or None when name or password is wrong; both take the same time."""
    with store.reading(engine) as connection:
        row = connection.execute(
            select(store.users.c.company_id, store.users.c.password).where(store.users.c.name == name)
        ).one_or_none()
    hashed = row.password if row else passwords.NOBODY
    return row.company_id if passwords.matches(hashed, password) and row else None


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


def logins(engine: Engine, company_id: str) -> list[str]:
    """Names of a company's logins."""
    table = store.users
    with store.reading(engine) as connection:
        rows = connection.execute(
            select(table.c.name).where(table.c.company_id == company_id).order_by(table.c.name)
        )
        return list(rows.scalars())


def company_row(connection: Connection, company_id: str, *, lock: bool = False) -> Mapping[str, Any]:
    """The company's row; `lock` holds it until the end of the transaction where the database can.

    Raises:
        UserError: It is not known.
    """
    query = select(store.companies).where(store.companies.c.id == company_id)
    row = connection.execute(query.with_for_update() if lock else query).mappings().one_or_none()
    if row is None:
        raise UserError(
            f"Company {company_id!r} is not known here",
            fix="Add a login for it first: python -m qbwc user add",
        )
    return dict(row)


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
    )


def open_pairing(engine: Engine, company_id: str, *, minutes: float, now: datetime | None = None) -> datetime:
    """Let the next company file that logs in be paired; answers until when.

    Raises:
        UserError: The company is not known.
        PairingError: It is paired already.
    """
    until = (now or store.now()) + timedelta(minutes=minutes)
    with store.writing(engine) as connection:
        known = company_of(company_row(connection, company_id, lock=True))
        if known.paired:
            raise PairingError(
                f"Company {company_id!r} is paired with {known.paired.company_name!r} already",
                where=known.paired.path,
                fix="Unpair it first if it shall be another company file.",
            )
        set_company(connection, company_id, pairing_until=until)
    return until


def pair(engine: Engine, company_id: str, info: CompanyFacts, path: str) -> Paired:
    """Remember a company file as this company's, whether or not pairing is open.

    Raises:
        UserError: The company is not known.
        WrongCompany: The company file carries no FileID of ours, or another one.
    """
    with store.writing(engine) as connection:
        known = company_of(company_row(connection, company_id, lock=True))
        stamped = file_id_of(info, known.owner_id)
        if stamped != known.file_id:
            raise WrongCompany(
                f"The company file carries FileID {stamped or '(none)'}, the .qwc of company {company_id!r} "
                f"has {known.file_id}",
                where=path,
                fix="Load this company's own .qwc file into the Web Connector.",
            )
        return remember_pair(connection, company_id, info, path)


def remember_pair(connection: Connection, company_id: str, info: CompanyFacts, path: str) -> Paired:
    """Write the pair within a transaction; the caller has checked the FileID."""
    pair = Paired(company_name=info.company_name or "", path=path, country=info.country, at=store.now())
    set_company(
        connection,
        company_id,
        company_name=pair.company_name,
        company_path=path,
        country=pair.country,
        paired_at=pair.at,
        pairing_until=None,
    )
    return pair


def paired(engine: Engine, company_id: str) -> Paired | None:
    """The company file of a company; None before the first contact."""
    return company(engine, company_id).paired


def unpair(engine: Engine, company_id: str) -> None:
    """Forget the company file; the next one is paired only when somebody opens pairing again."""
    with store.writing(engine) as connection:
        company_row(connection, company_id, lock=True)
        set_company(
            connection, company_id, company_name=None, company_path=None, paired_at=None, pairing_until=None
        )


def set_company(connection: Connection, company_id: str, **values: object) -> None:
    """Change columns of a company within a transaction."""
    connection.execute(update(store.companies).where(store.companies.c.id == company_id).values(**values))


def file_id_of(info: CompanyFacts, owner_id: str) -> str | None:
    """The FileID that QBWC stamped into the company file for this application; None when there is none."""
    for owner, stamped in info.file_ids.items():
        if _canonical(owner) == _canonical(owner_id):
            return _canonical(stamped)
    return None


def _canonical(text: str) -> str:
    match = _GUID.fullmatch(text.strip())
    return "{" + match.group(1).upper() + "}" if match else text.strip()
