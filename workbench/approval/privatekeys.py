"""The private keys of this machine: whoever approves here signs with one of them.

A key has no passphrase.  It is kept by the system's keyring where one is installed and works, else in a file
that its user alone can read; what is public of it lies beside, so that it is known whose keys are here.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from workbench.approval import signing
from workbench.errors import ApprovalError, ProfileError
from workbench.profile import from_keyring, keep_in_keyring, refuse_readable_by_others, write_private

IN_KEYRING, IN_FILE = "keyring", "file"


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnKey:
    """A key whose private half is on this machine.

    Attributes:
        id: Fingerprint of the public key.
        name: Whose it is.
        public_key: As base64.
        kept: 'keyring' or 'file'.
    """

    id: str
    name: str
    public_key: str
    kept: str


@dataclass(frozen=True, slots=True)
class OwnKeys:
    """The keys that a profile has on this machine.

    Attributes:
        folder: `data/keys` of the profile, for its user only.
        service: What the keyring calls the profile.
    """

    folder: Path
    service: str

    def all(self) -> tuple[OwnKey, ...]:
        """Every key that is here, by name."""
        found = (_read(path) for path in self.folder.glob("*.json") if path.name != SEEN)
        return tuple(sorted(filter(None, found), key=lambda key: (key.name, key.id)))

    def of(self, name: str) -> tuple[OwnKey, ...]:
        """The keys of one person that are here."""
        return tuple(key for key in self.all() if key.name == name)

    def make(self, name: str) -> OwnKey:
        """Make a key for somebody and keep it; nobody has let it in yet."""
        private = signing.new_private_key()
        public = signing.public_of(private)
        id_ = signing.key_id(public)
        kept = IN_KEYRING if keep_in_keyring(self.service, _entry(id_), private) else IN_FILE
        if kept == IN_FILE:
            write_private(self.folder / f"{id_}.pem", private)
        told = {"name": name, "public_key": public, "kept": kept}
        write_private(self.folder / f"{id_}.json", json.dumps(told, indent=1) + "\n")
        return OwnKey(id=id_, name=name, public_key=public, kept=kept)

    def sign(self, key: OwnKey, text: bytes) -> str:
        """Answer the signature of a text.

        Raises:
            ApprovalError: The private key is gone, cannot be read, or is another's.
            ProfileError: Others can read its file.
        """
        private = self._private(key)
        if signing.public_of(private) != key.public_key:
            raise ApprovalError(
                "the private key here is not the one that belongs to the public key",
                where=f"{key.name}, key {signing.shown_id(key.id)}",
                fix="Restore it from a backup of data/keys/, or make another: `workbench approver request`.",
            )
        return signing.sign(private, text)

    def _private(self, key: OwnKey) -> str:
        path = self.folder / f"{key.id}.pem"
        if path.is_file():
            otherwise = f"revoke it: `workbench approver revoke {key.name}`, and make another"
            refuse_readable_by_others(path, f"the file with {key.name}'s approval key", otherwise)
            return path.read_text(encoding="utf-8")
        try:
            found = from_keyring(self.service, _entry(key.id)) if key.kept == IN_KEYRING else None
        except ProfileError as error:
            raise ApprovalError(
                f"{key.name}'s approval key is in the keyring, and {error.what}",
                where=error.where,
                fix="Unlock the keyring of this machine and approve again.",
            ) from error
        if found is None:
            raise ApprovalError(
                f"the private key of {key.name} is not on this machine any more",
                where=str(path) if key.kept == IN_FILE else f"keyring {self.service}",
                fix="Restore it from a backup, or have another approver let a new key in: "
                f"`workbench approver request --by {key.name}` here, `workbench approver add` there.",
            )
        return found


SEEN = "seen.json"
"""Name of the file that remembers the list of approvers; it holds no key."""


def _entry(id_: str) -> str:
    return f"approval.{id_}"


def _read(path: Path) -> OwnKey | None:
    """What lies beside a private key; None for another file, or one that says of itself what is not so."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        public = str(told["public_key"])
        key = OwnKey(id=path.stem, name=str(told["name"]), public_key=public, kept=str(told["kept"]))
        return key if signing.key_id(public) == path.stem else None
    except (ValueError, KeyError, TypeError, OSError):
        return None
