"""The .qwc file that a person loads into the Web Connector to add this application.

It holds no password: the Web Connector asks for it and keeps it encrypted.  Element order is free, but a
missing mandatory element gives QBWC1039.
"""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

from qbwc import users
from qbwc.errors import QwcError
from qbwc.tls import is_loopback

_HOST = re.compile(r"[A-Za-z0-9.:_-]+")
_NUMBER = re.compile(r"[0-9]+|0[xX][0-9a-fA-F]*")
DESCRIPTION_LIMIT = 80
"""Characters of AppDescription that the Web Connector is advised to show (Intuit)."""


def qwc_file(
    *,
    app_name: str,
    url: str,
    user: str,
    owner_id: str,
    file_id: str,
    description: str = "Reconciles QuickBooks with Salesforce",
    support_url: str | None = None,
    run_every_minutes: int | None = None,
    personal_data: str = "pdpNotNeeded",
    unattended: str = "umpOptional",
    auth_flags: str = "0xF",
    certificate_url: str | None = None,
) -> str:
    """Write the file as text.

    Args:
        app_name: Shown in the Web Connector, and in QuickBooks when it asks for permission.
        url: AppURL, where SOAP is posted; https, or http on localhost.
        owner_id: {GUID} of this application, the same for ever.
        file_id: {GUID} of this company file; a second company needs its own.
        support_url: AppSupport; /support on the same host when it is None.
        run_every_minutes: Smallest gap between scheduled runs; the user can change it.
        personal_data: pdpNotNeeded, pdpOptional or pdpRequired.
        unattended: umpRequired or umpOptional.
        auth_flags: Editions it runs with; 0xF is Simple Start, Pro, Premier and Enterprise.

    Raises:
        QwcError: A value that the Web Connector would refuse; all are listed.
        UserError: An id is no GUID.
    """
    support = support_url or _beside(url, "/support")
    problems = _problems(app_name, url, support, user, description, run_every_minutes)
    if problems:
        raise QwcError(
            "The Web Connector would refuse this .qwc file:\n" + "\n".join(f"  {one}" for one in problems),
            fix="Correct these settings and write the file again.",
        )
    elements = [
        ("AppName", app_name),
        ("AppID", ""),
        ("AppURL", url),
        ("AppDescription", description),
        ("AppSupport", support),
        ("UserName", user),
        ("OwnerID", users.guid(owner_id)),
        ("FileID", users.guid(file_id)),
        ("QBType", "QBFS"),
        # RPC style would wrap every argument in types (community); Document is what this server expects.
        ("Style", "Document"),
        ("AuthFlags", auth_flags),
        # The Guide's text is ambiguous; files in use have `false` for read and write (unverified).
        ("IsReadOnly", "false"),
        ("Notify", "false"),
        ("PersonalDataPref", personal_data),
        ("UnattendedModePref", unattended),
    ]
    if certificate_url:
        elements.append(("CertURL", certificate_url))
    lines = [f"  <{name}>{escape(value)}</{name}>" for name, value in elements]
    if run_every_minutes:
        lines.append(
            f"  <Scheduler>\n    <RunEveryNMinutes>{run_every_minutes}</RunEveryNMinutes>\n  </Scheduler>"
        )
    return '<?xml version="1.0"?>\n<QBWCXML>\n' + "\n".join(lines) + "\n</QBWCXML>\n"


def _beside(url: str, path: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}{path}"


def _problems(
    app_name: str, url: str, support: str, user: str, description: str, run_every_minutes: int | None
) -> list[str]:
    found = [f"{name} is empty" for name, value in (("AppName", app_name), ("UserName", user)) if not value]
    for code, name, address in (("QBWC1001", "AppURL", url), ("QBWC1002", "AppSupport", support)):
        found += _address_problems(code, name, address)
    if urlsplit(url).hostname != urlsplit(support).hostname:
        found.append(f"AppURL {url} and AppSupport {support} are on different hosts (QBWC1000)")
    if len(description) > DESCRIPTION_LIMIT:
        found.append(f"AppDescription has {len(description)} characters, {DESCRIPTION_LIMIT} are shown")
    if run_every_minutes is not None and run_every_minutes < 1:
        found.append(f"RunEveryNMinutes is {run_every_minutes}, it is at least 1")
    return found


def _address_problems(code: str, name: str, address: str) -> list[str]:
    parts = urlsplit(address)
    host = parts.hostname or ""
    if parts.scheme not in ("http", "https") or not _HOST.fullmatch(host.strip("[]")):
        return [f"{name} {address} is no http or https address"]
    if parts.username is not None or parts.password is not None:
        return [f"{name} holds a user name or password; this file is passed on, so they do not belong in it"]
    if _is_ip(host):
        return [
            f"{name} {address} has a bare IP address; use a host name, 'localhost' for this computer ({code})"
        ]
    if parts.scheme == "http" and not is_loopback(host):
        return [f"{name} {address} is not https; plain http works for localhost only (QBWC1010)"]
    return []


def _is_ip(host: str) -> bool:
    """Whether it is a number, in whatever way: a name of the internet never ends in one."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return bool(_NUMBER.fullmatch(host.rstrip(".").rpartition(".")[2]))
    return True
