"""Is this the right company file?  Decided before anything is sent, from what QuickBooks itself tells.

Three things must agree with the pairing: the FileID that QBWC stamped into the file, the company's name, and
the path.  A restored backup or a copy for tests has the same FileID and name but another path; writing to it
would be as wrong as writing to another company.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from qbwc.users import Company, CompanyFacts, file_id_of

_VERSION = re.compile(r"(?:[A-Z]{2})?(\d+)\.(\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Attributes:
    trouble: Why nothing may be sent; None when the file is the right one.
    pair: The file becomes this company's now.
    """

    trouble: str | None = None
    pair: bool = False


def recognise(
    company: Company, info: CompanyFacts | None, path: str, now: datetime, unreadable: str | None = None
) -> Verdict:
    """Compare the open company file with the one this login is paired with."""
    if info is None:
        return Verdict(
            trouble="QuickBooks did not say which company file is open, so nothing was sent"
            + (f" ({unreadable})" if unreadable else "")
            + ". Open the company file in QuickBooks and press Update Selected again."
        )
    stamped = file_id_of(info, company.owner_id)
    if stamped != company.file_id:
        return Verdict(trouble=_wrong_stamp(company, info, path, stamped))
    if company.paired is None:
        if company.pairing_until is not None and now < company.pairing_until:
            return Verdict(pair=True)
        return Verdict(
            trouble=f"The company file {info.company_name!r} ({path}) is not paired with {company.id!r} yet, "
            "so nothing was sent. Open pairing on the server, then press Update Selected again."
        )
    return Verdict(trouble=_moved(company, info, path))


def _wrong_stamp(company: Company, info: CompanyFacts, path: str, stamped: str | None) -> str:
    return (
        f"Wrong company file: {info.company_name!r} ({path}) carries FileID {stamped or '(none)'}, this "
        f"login belongs to FileID {company.file_id}. Nothing was sent. Open the right company file, or load "
        "the .qwc file made for this one."
    )


def _moved(company: Company, info: CompanyFacts, path: str) -> str | None:
    assert company.paired is not None
    differs = []
    if _plain(info.company_name or "") != _plain(company.paired.company_name):
        differs.append(f"its name is {info.company_name!r}, paired was {company.paired.company_name!r}")
    if _plain_path(path) != _plain_path(company.paired.path):
        differs.append(f"its path is {path}, paired was {company.paired.path}")
    if not differs:
        return None
    return (
        f"Wrong company file for {company.id!r}: {'; '.join(differs)}. Nothing was sent. Open the right "
        "company file. If it was renamed or moved on purpose, unpair it on the server and pair it again."
    )


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


def _plain_path(text: str) -> str:
    # Windows compares paths without regard to case, and takes both slashes.
    return text.strip().replace("/", "\\").casefold()


def negotiate(ours: str, offered: tuple[int, int], supported: tuple[str, ...]) -> str:
    """The highest qbXML version that all sides know: min(ours, QBWC's, QuickBooks' highest)."""
    known = [_number(version) for version in supported]
    sides = [_number(ours), offered, max((one for one in known if one), default=None)]
    major, minor = min(one for one in sides if one and one > (0, 0))
    return f"{major}.{minor}"


def _number(version: str) -> tuple[int, int] | None:
    match = _VERSION.fullmatch(version.strip())
    return (int(match[1]), int(match[2])) if match else None
