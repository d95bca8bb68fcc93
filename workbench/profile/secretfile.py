"""Secrets of a profile: in the environment, in `data/secrets.yaml`, or in the system's keyring."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Mapping
from io import StringIO
from pathlib import Path

from ruamel.yaml import YAML

from workbench.errors import ProfileError
from workbench.profile.places import refuse_readable_by_others, write_private
from workbench.profile.yamlfile import plain_yaml, read_yaml

SECRETS_FILE = "secrets.yaml"

SEAL = "quickbooks.seal"
"""The secret that holds the key of the queue's seals where several machines share a store."""


def secret_variable(name: str) -> str:
    """Answer the environment variable that holds a secret."""
    return "WORKBENCH_" + name.upper().replace(".", "_")


def read_secrets(path: Path) -> dict[str, str]:
    """Answer the secrets in a file; none where there is no file.

    Raises:
        ProfileError: Others can read it, or it is broken.
    """
    if not path.is_file():
        return {}
    refuse_readable_by_others(path, "the file with the secrets")
    # Letter by letter: an unquoted 0123 or 1e5 is a password here, not a number.
    return {str(name): str(value) for name, value in read_yaml(path, YAML(typ="base")).items()}


def keep_secrets(data: Path, secrets: Mapping[str, str]) -> Path:
    """Keep secrets beside those that are known, in a file readable by its user only; answer the file."""
    path = data / SECRETS_FILE
    known = read_secrets(path) | dict(secrets)
    stream = StringIO()
    plain_yaml().dump(known, stream)
    write_private(path, stream.getvalue())
    return path


def keep_in_keyring(service: str, name: str, secret: str) -> bool:
    """Keep a secret in the system's keyring; answers whether it can be had from there again.

    False without the package, and where it has no place to keep anything: a server without a desktop.
    """
    if importlib.util.find_spec("keyring") is None:
        return False
    try:
        keyring = importlib.import_module("keyring")
        keyring.set_password(service, name, secret)
        return bool(keyring.get_password(service, name) == secret)
    except Exception:  # each keyring of each system has errors of its own
        return False


def from_keyring(service: str, name: str) -> str | None:
    """Answer a secret of the system's keyring; None without the package or without such a secret.

    Raises:
        ProfileError: The keyring is locked or broken.
    """
    if importlib.util.find_spec("keyring") is None:
        return None
    keyring = importlib.import_module("keyring")
    try:
        found = keyring.get_password(service, name)
    except keyring.errors.KeyringError as error:
        raise ProfileError(
            f"the keyring cannot be read: {type(error).__name__}",
            where=f"{service}: {name}",
            fix=f"Unlock it, or set {secret_variable(name)} in the environment.",
        ) from error
    return None if found is None else str(found)
