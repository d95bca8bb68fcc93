"""Ed25519 signatures over statements: what is signed is canonical JSON, so that it can be said again.

Every statement tells its kind (`what`), so that a signature under one is none under another.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization as form
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from workbench.changes import canonical
from workbench.errors import ApprovalError

FORMAT = 1
_ID_LENGTH = 32
_RAW_LENGTH = 32  # bytes of an Ed25519 key (RFC 8032)


def statement(what: str, **values: Any) -> bytes:
    """Answer what is signed: canonical JSON of the values and of what they are about."""
    return canonical({"what": what, "format": FORMAT, **values}).encode()


def digest(text: bytes) -> str:
    """Answer the SHA-256 of a statement."""
    return hashlib.sha256(text).hexdigest()


def new_private_key() -> str:
    """Answer a new private key as PEM, without a passphrase."""
    key = Ed25519PrivateKey.generate()
    return key.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption()).decode()


def public_of(private_pem: str) -> str:
    """Answer the public key of a private one, as base64."""
    public = _private(private_pem).public_key()
    return base64.b64encode(public.public_bytes(form.Encoding.Raw, form.PublicFormat.Raw)).decode()


def sign(private_pem: str, text: bytes) -> str:
    """Answer the signature as base64."""
    return base64.b64encode(_private(private_pem).sign(text)).decode()


def verifies(public_key: str, text: bytes, signature: str) -> bool:
    """Whether a signature is that of this very text by the owner of the key."""
    try:
        key = Ed25519PublicKey.from_public_bytes(_raw(public_key))
        key.verify(base64.b64decode(signature, validate=True), text)
    except (InvalidSignature, ValueError):
        return False
    return True


def key_id(public_key: str) -> str:
    """Answer the fingerprint of a public key: what two people compare over the telephone."""
    return hashlib.sha256(_raw(public_key)).hexdigest()[:_ID_LENGTH]


def shown_id(id_: str) -> str:
    """Answer a fingerprint in groups of four, as a person reads it aloud."""
    return " ".join(id_[start : start + 4] for start in range(0, len(id_), 4))


def as_pem(public_key: str) -> str:
    """Answer a public key as a PEM text, to be sent to somebody who lets it in."""
    key = Ed25519PublicKey.from_public_bytes(_raw(public_key))
    return key.public_bytes(form.Encoding.PEM, form.PublicFormat.SubjectPublicKeyInfo).decode()


def read_public(text: str, where: str) -> str:
    """Answer a public key as base64, from PEM or from base64 itself.

    Raises:
        ApprovalError: It is none, or of another kind, or a private key.
    """
    if "PRIVATE KEY" in text:
        raise ApprovalError(
            "this is a private key, and only the public one is to be sent or let in",
            where=where,
            fix="Make another one with `workbench approver request`, and send what that prints.",
        )
    try:
        if "BEGIN" not in text:
            return base64.b64encode(_raw(text.strip())).decode()
        key = form.load_pem_public_key(re.sub(r"(?m)^#.*\n?", "", text).encode())
        if not isinstance(key, Ed25519PublicKey):
            raise ValueError(type(key).__name__)
    except ValueError as error:
        raise ApprovalError(
            "this is no public key of an approver",
            where=where,
            fix="`workbench approver request --by NAME` on the machine of NAME makes one (Ed25519, as PEM).",
        ) from error
    return base64.b64encode(key.public_bytes(form.Encoding.Raw, form.PublicFormat.Raw)).decode()


def _private(pem: str) -> Ed25519PrivateKey:
    try:
        key = form.load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError) as error:
        raise ApprovalError(
            "the private key cannot be read", fix="It was changed, or is another's."
        ) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise ApprovalError("the private key is of another kind", fix="Make one with `workbench approver`.")
    return key


def _raw(public_key: str) -> bytes:
    try:
        raw = base64.b64decode(public_key, validate=True)
    except binascii.Error as error:
        raise ValueError("no base64") from error
    if len(raw) != _RAW_LENGTH:
        raise ValueError(f"{len(raw)} bytes, not {_RAW_LENGTH}")
    return raw
