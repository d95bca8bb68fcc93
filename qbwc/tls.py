"""Where a server may listen, and its certificate.

The Web Connector takes plain http for localhost only (QBWC1010), so a server that other computers can reach
needs TLS.  A certificate that was made here works once it is in the Windows trust store of the machine that
the Web Connector runs on (community; QBWC1048 otherwise).
"""

from __future__ import annotations

import ipaddress
import os
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from qbwc.errors import ServeError

VALID_DAYS = 825
"""How long a certificate made here is valid: Windows and browsers take no longer ones for a server."""

_KEY_BITS = 2048
_CLOCKS_APART = timedelta(days=1)


def is_loopback(host: str) -> bool:
    """Whether only this computer can reach the address."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def check_address(host: str, *, tls: bool, plain_http_anyway: bool) -> None:
    """Refuse to send passwords and books over a network in the clear.

    Raises:
        ServeError: The address is reachable from outside and there is no certificate.
    """
    if tls or plain_http_anyway or is_loopback(host):
        return
    raise ServeError(
        f"Listening on {host} without TLS would send passwords and books in the clear",
        fix="Give a certificate and its key, listen on 127.0.0.1, or put a proxy that does TLS in front.",
    )


def check_certificate(certificate: Path, key: Path) -> None:
    """Try to use a certificate and its key before the server starts.

    Raises:
        ServeError: A file is missing, or the two do not belong together.
    """
    for what, path in (("certificate", certificate), ("key", key)):
        if not path.is_file():
            raise ServeError(f"The {what} file is not there", where=str(path), fix="Check the path.")
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(certificate, key)
    except (ssl.SSLError, OSError) as error:
        raise ServeError(
            f"The certificate and its key cannot be used ({error})",
            where=f"{certificate}, {key}",
            fix="Both must be PEM files that belong together; the key without a password.",
        ) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A certificate of our own and its key, as PEM files.

    Attributes:
        certificate: What Windows has to trust; public.
        key: For its user only.
    """

    certificate: Path
    key: Path


def make_certificate(host: str, folder: Path, *, now: datetime | None = None) -> Made:
    """Make a certificate that names `host`, signed by itself; the key is readable by its user only.

    Args:
        host: The name in the AppURL, e.g. 'books.example.lan'; the Web Connector refuses bare addresses.
        folder: Where server.crt and server.key are written, over older ones.

    Raises:
        ServeError: `host` cannot stand in a certificate.
    """
    # The library loads slowly, and only this needs it.
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    start = (now or datetime.now(UTC)) - _CLOCKS_APART
    key = rsa.generate_private_key(public_exponent=65537, key_size=_KEY_BITS)
    try:
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
        names = x509.SubjectAlternativeName([x509.DNSName(host)])
    except ValueError as error:
        raise ServeError(
            f"A certificate cannot be made for {host!r} ({error})",
            fix="Use the host name of this computer in plain letters, digits, dots and hyphens.",
        ) from error
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=VALID_DAYS))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    made = Made(certificate=folder / "server.crt", key=folder / "server.key")
    folder.mkdir(parents=True, exist_ok=True)
    _write_private(
        made.key,
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ),
    )
    made.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return made


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a certificate says: the names it is for, and when it ends (UTC)."""

    names: tuple[str, ...]
    ends_at: datetime


def certificate_facts(certificate: Path) -> Facts:
    """Read whom a certificate is for and how long.

    Raises:
        ServeError: The file holds no certificate.
    """
    from cryptography import x509

    try:
        read = x509.load_pem_x509_certificate(certificate.read_bytes())
    except (OSError, ValueError) as error:
        raise ServeError(
            f"The certificate cannot be read ({error})", where=str(certificate), fix="It must be a PEM file."
        ) from error
    try:
        found = read.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        names = tuple(found.get_values_for_type(x509.DNSName))
    except x509.ExtensionNotFound:
        names = ()
    return Facts(names=names, ends_at=read.not_valid_after_utc)


def _write_private(path: Path, content: bytes) -> None:
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)
