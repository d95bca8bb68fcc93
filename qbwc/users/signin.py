"""Logins of the Web Connector: one serves one company file."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, Engine, insert, select, update

from qbwc import store
from qbwc.errors import UserError
from qbwc.users import passwords
from qbwc.users.rows import guid
from qbwc.users.throttle import Throttle, neighbourhood

_NAME_LIMIT = 100


class _Login(NamedTuple):
    company_id: str
    password: str
    last_peer: str | None


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
    return _matching(_login(engine, name), password)


def check_login(engine: Engine, throttle: Throttle, name: str, password: str, peer: str) -> str | None:
    """The same for a login that came from an address, with a bound on guessing.

    Whoever has to wait is answered as if the password were wrong, without its being looked at.  The address
    of the last good login is remembered: nobody else's failures can lock it out.
    """
    row, address = _login(engine, name), neighbourhood(peer)
    known = row is not None and row.last_peer == address
    with throttle.turn(name, address, known=known, has_home=bool(row and row.last_peer)) as turn:
        if not turn.granted:
            return None
        company_id = _matching(row, password)
        turn.passed = company_id is not None
    if company_id is not None and not known:
        _remember_address(engine, name, address)
    return company_id


def _login(engine: Engine, name: str) -> _Login | None:
    table = store.users
    with store.reading(engine) as connection:
        row = connection.execute(
            select(table.c.company_id, table.c.password, table.c.last_peer).where(table.c.name == name)
        ).one_or_none()
    return _Login(*row) if row is not None else None


def _matching(row: _Login | None, password: str) -> str | None:
    hashed = row.password if row else passwords.NOBODY
    return row.company_id if passwords.matches(hashed, password) and row else None


def _remember_address(engine: Engine, name: str, address: str) -> None:
    with store.writing(engine) as connection:
        connection.execute(
            update(store.users).where(store.users.c.name == name).values(last_peer=address[:64])
        )


def logins(engine: Engine, company_id: str) -> list[str]:
    """Names of a company's logins."""
    table = store.users
    with store.reading(engine) as connection:
        rows = connection.execute(
            select(table.c.name).where(table.c.company_id == company_id).order_by(table.c.name)
        )
        return list(rows.scalars())
