"""Read a profile: everything that is wrong with it is told at once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from workbench.errors import ProfileError
from workbench.profile.checks import NUMBERS, refuse_wrong, types
from workbench.profile.places import refuse_shared_folder
from workbench.profile.settings import (
    LOG_LEVELS,
    MAILED,
    ApprovalSettings,
    Profile,
    PushSettings,
    QuickBooksSettings,
    SalesforceSettings,
)
from workbench.profile.yamlfile import Document, read_document

S = TypeVar("S")

PROFILE_FILE = "profile.yaml"


def read_profile(folder: str | Path) -> Profile:
    """Read the profile in a folder.

    Raises:
        ProfileError: No such profile, one of a newer version, broken YAML, or settings that are wrong or
            missing; all are listed, each with its line.
    """
    root = Path(folder).expanduser().resolve()
    path = root / PROFILE_FILE
    if not path.is_file():
        raise ProfileError(
            "there is no profile here",
            where=str(path),
            fix="Make one with `workbench init DIR`, or name the right folder with --profile DIR.",
        )
    refuse_shared_folder(root / "data")
    return profile_of(read_document(path), root)


def profile_of(document: Document, root: Path) -> Profile:
    """Answer the profile that a document says.

    Raises:
        ProfileError: It is of a newer version, or settings are wrong; all are listed.
    """
    refuse_wrong(document)
    content = document.content
    return Profile(
        name=str(content.get("profile") or root.name),
        folder=root,
        template=str(content.get("template") or ""),
        master=str(content.get("master") or "both"),
        salesforce=_section(content["salesforce"], SalesforceSettings),
        quickbooks=_section(content["quickbooks"], QuickBooksSettings),
        store_url=str(content.get("store") or default_store(root)),
        log_level=str(content.get("log_level") or LOG_LEVELS[0]),
        email=content.get("email") or None,
        email_results=MAILED if content.get("email_results") is None else tuple(content["email_results"]),
        schedule=tuple(str(each) for each in content.get("schedule") or ()),
        approval=_section(content.get("approval") or {}, ApprovalSettings),
        push=_section(content.get("push") or {}, PushSettings),
    )


def default_store(root: Path) -> str:
    """The store of a profile that names none."""
    return f"sqlite:///{(root / 'data' / 'store.sqlite').as_posix()}"


def _section(section: Mapping[str, Any], kind: type[S]) -> S:
    known = types(kind)
    return kind(**{key: _value(value, known[key]) for key, value in section.items()})


def _value(value: Any, type_: str) -> Any:
    if type_ == "str" and type(value) in NUMBERS:
        return str(value)  # YAML reads an unquoted 64.0 as a number
    return None if value == "" and type_ == "str | None" else value
