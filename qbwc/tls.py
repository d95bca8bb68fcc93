"""Where a server may listen, and its certificate.

The Web Connector takes plain http for localhost only (QBWC1010), so a server that other computers can reach
needs TLS.
"""

from __future__ import annotations

import ipaddress
import ssl
from pathlib import Path

from qbwc.errors import ServeError


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
