"""Passwords as memory-hard hashes (scrypt, standard library), compared in constant time."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os

_LOG_N, _R, _P = 14, 8, 1  # 16 MiB and some 50 ms a login


def hash_password(password: str, *, log_n: int = _LOG_N) -> str:
    """Hash a password so that guessing it costs memory: 'scrypt$log2 N$r$p$salt$hash'.

    `log_n` is the cost: each step doubles the time and the memory of a login.
    """
    salt = os.urandom(16)
    hashed = _scrypt(password, salt, log_n, _R, _P)
    return "$".join(["scrypt", str(log_n), str(_R), str(_P), _text(salt), _text(hashed)])


def matches(hashed: str, password: str) -> bool:
    """Whether this is the password of a hash; takes as long when it is not."""
    _, log_n, r, p, salt, expected = hashed.split("$")
    found = _scrypt(password, base64.b64decode(salt), int(log_n), int(r), int(p))
    return hmac.compare_digest(found, base64.b64decode(expected))


def _scrypt(password: str, salt: bytes, log_n: int, r: int, p: int) -> bytes:
    return hashlib.scrypt(
        password.encode(), salt=salt, n=2**log_n, r=r, p=p, maxmem=2 * 128 * r * 2**log_n, dklen=32
    )


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode()


NOBODY = "$".join(["scrypt", str(_LOG_N), str(_R), str(_P), _text(bytes(16)), _text(bytes(32))])
"""Stands in for the hash of a login that does not exist, so that guessing names takes as long."""
