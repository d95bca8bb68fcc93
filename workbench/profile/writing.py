"""Write a profile: whole when it is made, one setting at a time later, so that comments stay."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode

from workbench import yamltext
from workbench.errors import ProfileError
from workbench.profile.checks import VERSION
from workbench.profile.newfolder import IGNORE_FILE, ignoring
from workbench.profile.places import private_folder, refuse_shared_folder
from workbench.profile.reading import PROFILE_FILE, default_store, profile_of, read_profile
from workbench.profile.secretfile import keep_secrets
from workbench.profile.settings import (
    LOG_LEVELS,
    RESULTS,
    ApprovalSettings,
    Profile,
    PushSettings,
    QuickBooksSettings,
    SalesforceSettings,
)
from workbench.profile.yamlfile import read_document
from workbench.yamltext import CannotChange, Place

Value = str | bool | int | float | tuple[str, ...] | None

_HEAD = "# Addresses and choices of this profile. Secrets never stand here: see data/secrets.yaml.\n"
_COMMENTS = {
    "master": "`workbench master NAME` switches the states in mappings/",
    "log_level": f"{', '.join(LOG_LEVELS)}: what is written down of the Web Connector's calls",
    "email": "who gets the results of runs (not active yet)",
    "email_results": f"of {', '.join(RESULTS)}",
    "schedule": "when to run, e.g. ['06:00', 'Mon-Fri 22:30'] (not active yet)",
}
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_./:@+-]*", re.ASCII)


def write_profile(profile: Profile) -> None:
    """Write profile.yaml and the folders around it; data/ is for its user only."""
    refuse_shared_folder(profile.data)
    for folder in (profile.folder, profile.mappings):
        folder.mkdir(parents=True, exist_ok=True)
    for folder in (profile.data, profile.snapshots, profile.runs):
        private_folder(folder)
    _ignore_data(profile.folder / IGNORE_FILE)
    unfinished = profile.folder / f".{PROFILE_FILE}.unfinished"
    unfinished.write_text(profile_text(profile), encoding="utf-8")
    unfinished.replace(profile.folder / PROFILE_FILE)


def _ignore_data(file: Path) -> None:
    """Keep data/ out of git; lines that somebody has in the file stay."""
    before = file.read_bytes() if file.exists() else None
    after = ignoring(before)
    if after != before:
        file.write_bytes(after)


def profile_text(profile: Profile) -> str:
    """What profile.yaml says of a profile."""
    content = CommentedMap(
        version=VERSION,
        profile=profile.name,
        template=profile.template,
        master=profile.master,
        salesforce=_settings(profile.salesforce),
        quickbooks=_settings(profile.quickbooks),
        log_level=profile.log_level,
        email=profile.email or "",
        email_results=_flow(profile.email_results),
        schedule=_flow(profile.schedule),
    )
    if profile.store_url != default_store(profile.folder):
        content["store"] = profile.store_url
    for name, section in (("approval", profile.approval), ("push", profile.push)):
        if section != type(section)():
            content[name] = _settings(section)
    for key, comment in _COMMENTS.items():
        content.yaml_add_eol_comment(comment, key, column=48)
    yaml = YAML()
    yaml.width = 1_000  # one setting a line, however long
    stream = StringIO(_HEAD)
    stream.seek(0, 2)
    yaml.dump(content, stream)
    return stream.getvalue()


def refuse_wrong_settings(profile: Profile) -> None:
    """Raise what reading the profile would raise, before anything of it is written.

    Raises:
        ProfileError: Settings are wrong; all are listed.
    """
    path = profile.folder / PROFILE_FILE
    document = read_document(path, profile_text(profile))
    profile_of(replace(document, text=""), profile.folder)  # lines of a file that is not there help nobody


def write_secrets(profile: Profile, secrets: Mapping[str, str]) -> Path:
    """Keep secrets in data/secrets.yaml, readable by its user only; answer the file."""
    return keep_secrets(profile.data, secrets)


def change_settings(folder: Path, changes: Mapping[Place, Value]) -> Profile:
    """Set values in profile.yaml by their place, e.g. `{("salesforce", "url"): "https://..."}`.

    Everything else in the file stays as it is.  Answers the profile as it reads afterwards.

    Raises:
        ProfileError: The result would be no valid profile; the file is as it was.
        PermissionError: The file is read-only.
    """
    text = changed_settings(folder, changes)
    yamltext.replace_files({folder / PROFILE_FILE: text})
    return read_profile(folder)


def changed_settings(folder: Path, changes: Mapping[Place, Value]) -> str:
    """Answer the text of profile.yaml with other values; nothing is written.

    Raises:
        ProfileError: The file is no valid profile, or would be none.
    """
    path = folder / PROFILE_FILE
    read_profile(folder)

    def compose(body: str) -> MappingNode:
        try:
            tree = YAML().compose(body)
        except YAMLError as error:
            raise ProfileError("broken YAML", where=str(path), fix="Correct it.") from error
        assert isinstance(tree, MappingNode)  # read_profile takes no other
        return tree

    try:
        words = {place: word(value) for place, value in changes.items()}
        text = yamltext.changed(yamltext.read_exact(path), words, compose)
    except CannotChange as error:
        raise ProfileError(error.what, where=error.where(path), fix=error.fix) from error
    profile_of(read_document(path, text), folder)
    return text


def word(value: Value) -> str:
    """A value as YAML has it on one line."""
    if isinstance(value, tuple):
        return f"[{', '.join(word(each) for each in value)}]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    text = value or ""
    return text if _is_plain(text) else f'"{"".join(map(_escaped, text))}"'


def _escaped(character: str) -> str:
    """A character inside double quotes; YAML takes escapes of 2, 4 and 8 digits."""
    if character in '\\"':
        return f"\\{character}"
    if character.isprintable():
        return character
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _is_plain(text: str) -> bool:
    return bool(_PLAIN.fullmatch(text)) and YAML(typ="safe").load(f"value: {text}")["value"] == text


def _flow(values: tuple[str, ...]) -> CommentedSeq:
    listed = CommentedSeq(values)
    listed.fa.set_flow_style()
    return listed


def _settings(
    settings: SalesforceSettings | QuickBooksSettings | ApprovalSettings | PushSettings,
) -> dict[str, Any]:
    pairs = {name: getattr(settings, name) for name in settings.__slots__}
    return {name: value for name, value in pairs.items() if value is not None}
