"""A folder that is to become a profile: what stands in the way of it is told before the first write."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from workbench.errors import Problem, Problems, ProfileError
from workbench.profile.places import refuse_shared_folder
from workbench.profile.reading import PROFILE_FILE
from workbench.profile.secretfile import SECRETS_FILE, read_secrets

IGNORE_FILE = ".gitignore"
IGNORED = "data/"
_IGNORES = {"data", "/data", "data/", "/data/", "**/data", "**/data/"}
_HEAD = "# snapshots, the store and secrets stay on this machine"


class FolderError(Problems, ProfileError):
    """A folder that cannot become a profile, with everything that stands in the way."""


def refuse_folder(root: Path, texts: Mapping[Path, str]) -> None:
    """Refuse a folder where making a profile would overwrite something, or would fail half way.

    A file that has the text already is no obstacle, so what was interrupted can be made again.

    Args:
        texts: What is to be written, by file.

    Raises:
        ProfileError: Something stands in the way; all of it is listed where it is more than one thing.
    """
    refuse_shared_folder(root / "data")
    for place in (root, *root.parents):
        if place.exists() and not place.is_dir():
            raise ProfileError(
                "this is a file, and a profile is a folder", where=str(place), fix="Choose another folder."
            )
    if (root / PROFILE_FILE).exists():
        raise ProfileError(
            "this folder holds a profile already", where=str(root), fix="Choose another folder, or edit it."
        )
    if above := next((place for place in root.parents if (place / PROFILE_FILE).is_file()), None):
        raise ProfileError(
            "this folder lies inside of another profile",
            where=str(root),
            values={"profile": str(above)},
            fix="Choose a folder beside it: each profile is a folder of its own, with its own data/.",
        )
    if found := [*_kinds(root), *_closed(root), *_taken(root, texts), *_data(root / "data")]:
        raise FolderError(found, what=f"{root} cannot become a profile, and nothing was changed")


def ignoring(before: bytes | None) -> bytes:
    """Answer a .gitignore that keeps data/ out of git; what stands in it stays.

    The last line about data/ counts, as it does for git: `!data/` takes it back.
    """
    text = before or b""
    lines = [line.strip() for line in text.decode("utf-8-sig", errors="replace").splitlines()]
    told = [line for line in lines if line.removeprefix("!") in _IGNORES]
    if told and not told[-1].startswith("!"):
        return text
    end = b"\r\n" if b"\r\n" in text else b"\n"
    gap = end if text and not text.endswith(b"\n") else b""
    return text + gap + _HEAD.encode() + end + IGNORED.encode() + end


def _kinds(root: Path) -> Iterator[Problem]:
    """Files where folders are to be, and folders where files are to be."""
    for name in ("mappings", "data", "data/snapshots", "data/runs"):
        if (root / name).exists() and not (root / name).is_dir():
            yield Problem(what=f"{name} is a file, and is to be a folder", fix="Move it away.")
    for name in (IGNORE_FILE, f"data/{SECRETS_FILE}"):
        if (root / name).exists() and not (root / name).is_file():
            yield Problem(what=f"{name} is a folder, and is to be a file", fix="Move it away.")


def _closed(root: Path) -> Iterator[Problem]:
    """What is there and may not be written."""
    for name in (".", "mappings", "data", IGNORE_FILE):
        place = root / name
        if place.exists() and not os.access(place, os.W_OK):
            yield Problem(what="this may not be written", where=str(place), fix="Make it writable for you.")


def _taken(root: Path, texts: Mapping[Path, str]) -> Iterator[Problem]:
    """Mappings and their companions that somebody has; a new profile would overwrite or take them over."""
    there = {*texts, *(root / "mappings").glob("*.yaml")}
    taken = sorted(path.name for path in there if path.exists() and not _same(path, texts.get(path)))
    if taken:
        yield Problem(
            what=f"mappings/ holds files already: {', '.join(taken)}",
            fix="Move them away, or choose another folder; a mapping can be copied into the new profile.",
        )


def _same(path: Path, text: str | None) -> bool:
    if text is None or not path.is_file():
        return False
    return path.read_bytes().replace(b"\r\n", b"\n") == text.encode().replace(b"\r\n", b"\n")


def _data(data: Path) -> Iterator[Problem]:
    """A data/ that others can enter, and secrets that they can read or that are broken."""
    if not data.is_dir():
        return
    mode = data.stat().st_mode & 0o777
    if sys.platform != "win32" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        yield Problem(
            what="data/ is there and others can enter it",
            values={"mode": oct(mode)},
            fix=f"Run `chmod 700 {data}` if it is meant for this profile, or choose another folder.",
        )
    try:
        read_secrets(data / SECRETS_FILE)
    except ProfileError as error:
        yield error.problem()
