"""Pairing: which company file belongs to a company, remembered on purpose.

A person opens a time window, and the company file that the next session brings is remembered by its FileID,
name and path.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine

from qbwc import store
from qbwc.errors import PairingError, WrongCompany
from qbwc.users.rows import CompanyFacts, Paired, canonical, company, company_of, company_row, set_company


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


def file_id_of(info: CompanyFacts, owner_id: str) -> str | None:
    """The FileID that QBWC stamped into the company file for this application; None when there is none."""
    for owner, stamped in info.file_ids.items():
        if canonical(owner) == canonical(owner_id):
            return canonical(stamped)
    return None
