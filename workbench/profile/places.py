"""Where a profile may lie, and who may read it."""

from __future__ import annotations

import os
import re
import secrets
import stat
import sys
from pathlib import Path

from workbench.errors import ProfileError

_SYNCHRONISED = re.compile(
    r"(onedrive|dropbox|google ?drive|my drive|icloud.*|com~apple~clouddocs|nextcloud)\b|box( sync)?\Z",
    re.IGNORECASE,
)


def private_folder(folder: Path) -> None:
    """Make a folder that only its user can enter.

    On Windows a folder inherits the access list of the user's own profile folder, so nothing is
    changed there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if sys.platform != "win32":
        folder.chmod(0o700)


def write_private(path: Path, text: str) -> None:
    """Write a file whole or not at all, readable by its user only; its folder is made so too.

    It is on the disk when this returns: what is kept here cannot be had again.
    """
    private_folder(path.parent)
    unfinished = path.with_name(f".{path.name}.{secrets.token_hex(4)}.unfinished")  # each process its own
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        unfinished.replace(path)  # a crash in the middle must not lose what was there
    finally:
        unfinished.unlink(missing_ok=True)


def write_private_once(path: Path, text: str) -> None:
    """Write such a file unless there is one: of two processes that do so at once, one wins."""
    made = path.with_name(f".{path.name}.{secrets.token_hex(4)}.new")
    write_private(made, text)
    try:
        os.link(made, path)
    except FileExistsError:
        pass
    except OSError:  # a disk without links, such as FAT
        if not path.exists():
            made.replace(path)
    finally:
        made.unlink(missing_ok=True)


def refuse_readable_by_others(path: Path, what: str, otherwise: str = "change the passwords too") -> None:
    """Refuse a file with secrets that other users of this machine can read.

    Windows has no such mode: there a file inherits the access list of its folder, which is the user's own
    unless somebody shared it.

    Raises:
        ProfileError: Group or others have any access.
    """
    if sys.platform != "win32" and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ProfileError(
            f"{what} can be read by others",
            where=str(path),
            values={"mode": oct(path.stat().st_mode & 0o777)},
            fix=f"Run `chmod 600 {path}`; if others may have read it, {otherwise}.",
        )


def refuse_shared_folder(data: Path) -> None:
    """Refuse network and cloud-synchronised folders: SQLite and DuckDB lose data on them.

    Raises:
        ProfileError: `data` lies on such a folder.
    """
    places = (data, data.resolve())  # as it is called, and where a link leads
    network = any(str(place).startswith(("\\\\", "//")) for place in places)
    part = next((part for place in places for part in place.parts if _SYNCHRONISED.match(part)), None)
    if network or part:
        raise ProfileError(
            "data/ may not lie on a network or cloud-synchronised folder",
            where=str(data),
            values={"folder": part or "network path"},
            fix="Choose a folder on a local disk: databases lose rows when another program copies them.",
        )
