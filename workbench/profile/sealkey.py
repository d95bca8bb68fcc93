"""The key by which a profile's program seals what waits for QuickBooks; it is kept outside the store."""

from __future__ import annotations

import os
import secrets

from workbench.errors import ProfileError
from workbench.profile.places import refuse_readable_by_others, write_private_once
from workbench.profile.secretfile import SEAL, SECRETS_FILE, read_secrets, secret_variable
from workbench.profile.settings import Profile

FILE = "queue.key"
"""Where the key is kept otherwise, in data/."""

LEAST_CHARACTERS = 32

WHAT = "the key that seals what waits for QuickBooks"

AGAIN = "Delete it, and a new one is made; what waits by the old one is not sent: plan and push it again."


def seal_key(profile: Profile) -> bytes:
    """Answer the key: the secret `quickbooks.seal` where it is set, else that of data/queue.key.

    The file is made at the first use, readable by its user only.

    Raises:
        ProfileError: The key is too short, or others can read its file.
    """
    given = os.environ.get(secret_variable(SEAL)) or read_secrets(profile.data / SECRETS_FILE).get(SEAL)
    if given is not None:
        return _long_enough(given, f"the secret {SEAL}")
    path = profile.data / FILE
    try:
        if not path.exists():
            write_private_once(path, secrets.token_urlsafe(32) + "\n")
        text = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        told = getattr(error, "strerror", None) or "it is no text"
        raise ProfileError(f"{WHAT} can't be read: {told}", where=str(path), fix=AGAIN) from error
    refuse_readable_by_others(path, WHAT, "delete it and push again")
    return _long_enough(text, str(path))


def _long_enough(text: str, where: str) -> bytes:
    if not (text.isascii() and text.isprintable()):
        raise ProfileError(f"{WHAT} holds characters that no key has", where=where, fix=AGAIN)
    if len(text) < LEAST_CHARACTERS:
        raise ProfileError(
            f"{WHAT} is too short",
            where=where,
            values={"characters": str(len(text)), "at least": str(LEAST_CHARACTERS)},
            fix="Take 32 random characters or more, the same on every machine that shares the store; without "
            "the secret, delete the file and a new key is made.",
        )
    return text.encode()
