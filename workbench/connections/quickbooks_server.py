"""The Web Connector's server as its settings promise it: the .qwc file, the address, certificate and answer.

Nothing is started or changed; trouble is listed, not raised.
"""

from __future__ import annotations

import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from qbwc import tls
from qbwc.errors import QbwcError
from workbench.connections.quickbooks import connector_file
from workbench.errors import Problem
from workbench.profile import Profile, QuickBooksSettings

QBXML = "13.0"
"""The version that requests are written in."""

SOON = timedelta(days=30)
"""A certificate that ends sooner is told of."""

ANSWER_SECONDS = 3
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104 -- nothing is bound here


def connector_problem(profile: Profile) -> Problem | None:
    """Say what the Web Connector would refuse of the .qwc file; None when it would take it."""
    settings = profile.quickbooks
    try:
        connector_file(
            url=settings.url,
            user=settings.user,
            owner_id=settings.owner_id,
            file_id=settings.file_id,
            name=profile.name,
            run_every_minutes=settings.run_every_minutes,
            unattended=settings.unattended,
        )
    except QbwcError as error:
        return Problem(what=" ".join(error.what.split()), where=error.where, fix=error.fix)
    return None


def local_only(host: str) -> bool:
    """Whether only this computer can reach the address."""
    return tls.is_loopback(host)


def address_problems(profile: Profile, now: datetime | None = None) -> Iterator[Problem]:
    """Yield what is wrong with how others reach the server, and with its certificate.

    Passwords and books go over a network encrypted only: whoever listens beyond this computer needs an
    https address; without a certificate `workbench up` makes one.
    """
    settings = profile.quickbooks
    if bool(settings.certificate) != bool(settings.key):
        given, missing = ("certificate", "key") if settings.certificate else ("key", "certificate")
        yield Problem(
            what=f"quickbooks.{given} is given and quickbooks.{missing} is not",
            fix="Name both files, or neither.",
        )
    elif settings.certificate and settings.key:
        certificate = profile.folder / settings.certificate
        yield from _certificate_problems(certificate, profile.folder / settings.key, now or datetime.now(UTC))
    if not local_only(settings.host) and not _public(settings):
        yield Problem(
            what=f"others can reach the server on {settings.host}, and the Web Connector's address is "
            f"{settings.url}",
            fix="Set quickbooks.connector_url to how that computer calls this one, "
            f"e.g. https://books.example.lan:{settings.port}/qbwc, and run `workbench qwc` again.",
        )


def _public(settings: QuickBooksSettings) -> bool:
    parts = urlsplit(settings.url)
    return parts.scheme == "https" and bool(parts.hostname) and not local_only(str(parts.hostname))


def _certificate_problems(certificate: Path, key: Path, now: datetime) -> Iterator[Problem]:
    try:
        tls.check_certificate(certificate, key)
        ends = tls.certificate_facts(certificate).ends_at
    except QbwcError as error:
        yield Problem(what=error.what, where=error.where, fix=error.fix)
        return
    if ends <= now:
        yield Problem(
            what=f"the certificate has ended on {ends:%Y-%m-%d}: the Web Connector refuses it",
            where=str(certificate),
            fix="Put a new one in its place and start `workbench up` again.",
        )
    elif ends - now <= SOON:
        yield Problem(
            what=f"the certificate ends on {ends:%Y-%m-%d}; the Web Connector refuses it then",
            where=str(certificate),
            fix="Put a new one in its place before.",
            severity="warning",
        )


def answers(settings: QuickBooksSettings) -> bool:
    """Whether the server answers, asked on this computer."""
    secure = bool(settings.certificate) or not local_only(settings.host)
    host = _EVERYWHERE.get(settings.host, settings.host)
    address = f"{'https' if secure else 'http'}://{host}:{settings.port}/health"
    # Whether the certificate is trusted is for the Web Connector's computer to say.
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        with urllib.request.urlopen(address, timeout=ANSWER_SECONDS, context=context) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError, ValueError):
        return False
