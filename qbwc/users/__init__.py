"""Logins of the Web Connector, the company each belongs to, and which company file that is.

A company here is one QuickBooks company file as this side knows it; its id is the caller's own text (a
profile's name).  It is *paired* on purpose: a person opens a time window, and the company file that the
next session brings is remembered by its FileID, name and path.  The FileID is the one in our .qwc file,
which QBWC stamps into the company file as a private data extension of our OwnerID (qbXML `CompanyRet`).
"""

from qbwc.users.pace import set_pace
from qbwc.users.pairing import file_id_of, open_pairing, pair, paired, remember_pair, unpair
from qbwc.users.rows import (
    Company,
    CompanyFacts,
    Paired,
    companies,
    company,
    company_of,
    company_row,
    guid,
    set_company,
)
from qbwc.users.signin import add_user, check_login, check_password, logins
from qbwc.users.throttle import Throttle

__all__ = [
    "Company",
    "CompanyFacts",
    "Paired",
    "Throttle",
    "add_user",
    "check_login",
    "check_password",
    "companies",
    "company",
    "company_of",
    "company_row",
    "file_id_of",
    "guid",
    "logins",
    "open_pairing",
    "pair",
    "paired",
    "remember_pair",
    "set_company",
    "set_pace",
    "unpair",
]
