"""An org of one's own in a folder: the database, and credentials that were made up for it.

    DIR/org.sqlite          the records
    DIR/credentials.json    username, password, security_token, client_id, client_secret, public_key
    DIR/jwt-key.pem         the private key of the JWT login

Made once and kept: who comes back to the folder logs in as before.  The secrets open nothing but this
org; still the files are made for their owner only (on Windows the folder's own permissions count).
"""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path

DATABASE, CREDENTIALS, KEY = "org.sqlite", "credentials.json", "jwt-key.pem"


def is_folder(path: Path) -> bool:
    """Is the path meant as a folder?  One that isn't there yet is when its name has no suffix."""
    return path.is_dir() or (not path.exists() and not path.suffix)


def prepare(folder: Path) -> Path:
    """Make the folder, and its credentials when it has none; answers the file of the credentials.

    Raises:
        OSError: the folder or a file in it can't be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / CREDENTIALS
    if not file.exists():
        private, public = _key_pair()
        _write(folder / KEY, private)
        _write(file, json.dumps(_made_up(public), indent=2) + "\n")
    return file


def _made_up(public_key: str) -> dict[str, str]:
    return {
        "username": "admin@testorg.example",
        "password": secrets.token_urlsafe(12),
        "security_token": secrets.token_hex(12),
        "client_id": f"3MVG9{secrets.token_urlsafe(24)}",
        "client_secret": secrets.token_hex(32).upper(),
        "public_key": public_key,
    }


def _key_pair() -> tuple[str, str]:
    """A new RSA key as PEM, private and public."""
    from cryptography.hazmat.primitives import serialization as form
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption())
    public = key.public_key().public_bytes(form.Encoding.PEM, form.PublicFormat.SubjectPublicKeyInfo)
    return private.decode(), public.decode()


def _write(file: Path, text: str) -> None:
    """A new file that only its owner may read, from its first moment on."""
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
        out.write(text)
