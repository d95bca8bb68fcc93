"""What is wrong with the settings of a profile: every problem, each with its line."""

from __future__ import annotations

import re
import zoneinfo
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from typing import Any
from urllib.parse import urlsplit

from workbench.errors import Problem, ProfileError, SettingsError
from workbench.profile import misplaced
from workbench.profile.settings import (
    COLUMNS,
    LOG_LEVELS,
    MOST,
    RESULTS,
    SALESFORCE_LOGINS,
    ApprovalSettings,
    PushSettings,
    QuickBooksSettings,
    SalesforceSettings,
)
from workbench.profile.yamlfile import Document
from workbench.spelling import closest

VERSION = 1
"""The version of profile.yaml that is read here; a file that names none is of version 1."""

SECTIONS: Mapping[str, tuple[type, tuple[str, ...]]] = {
    "salesforce": (SalesforceSettings, ("url",)),
    "quickbooks": (QuickBooksSettings, ("company", "owner_id", "file_id")),
}
"""What each section becomes, and the settings without a default."""

OPTIONAL: Mapping[str, type] = {"approval": ApprovalSettings, "push": PushSettings}
"""Sections that may be left out: every setting of theirs has a default."""

LIMITS: Mapping[tuple[str, str], int | None] = {
    ("salesforce", "bulk_above"): None,
    ("salesforce", "leave_percent"): 100,
    ("push", "stop_percent"): 100,
}
"""The most that a number may be where that is not `MOST`; None for no limit."""

ABSENT: Mapping[str, object] = {"version": VERSION}
"""What a setting is when its line is missing, where an empty one is wrong."""

NUMBERS = (int, float)
_EMAIL = re.compile(r"[^@\s<>,;\"]+@[^@\s<>,;\"]+\.[^@\s<>,;\".]+")
_DAY = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
_TIME = re.compile(rf"(?:{_DAY}(?:-{_DAY})?(?:,{_DAY}(?:-{_DAY})?)* )?(?:[01]\d|2[0-3]):[0-5]\d")


def refuse_wrong(document: Document) -> None:
    """Raise everything that is wrong with the settings.

    Raises:
        ProfileError: The profile is of a newer version, or has settings that are wrong.
    """
    version = document.content.get("version", VERSION)
    if type(version) is int and version > VERSION:
        raise ProfileError(
            f"this profile is of version {version}, and this workbench reads up to {VERSION}",
            where=document.where("version"),
            fix="Open it with a newer workbench: what it says anew would be lost here.",
        )
    found = sorted(_problems(document), key=lambda problem: _line(problem.where))
    if found:
        count = f"{len(found)} setting{'s are' if len(found) > 1 else ' is'}"
        raise SettingsError(found, what=f"{document.path}: {count} wrong")


def _problems(document: Document) -> Iterator[Problem]:
    content = document.content
    for place, first, again in document.again:
        yield Problem(
            what=f"{'.'.join(place)} is given twice",
            where=f"{document.path}:{again}",
            values={"first": f"line {first}", "again": f"line {again}"},
            fix="Keep one of them.",
        )
    for key in content:
        if key in TOP or key in SECTIONS or key in OPTIONAL:
            continue
        if misplaced.is_secret(str(key)):
            yield misplaced.secret((str(key),), document.where(str(key)))
        else:
            yield Problem(
                what=f"{key} is not a setting",
                where=document.where(str(key)),
                fix=_instead(str(key), (*TOP, *SECTIONS, *OPTIONAL)),
            )
    for key, wanted in TOP.items():
        value = content.get(key, ABSENT.get(key))
        if words := wanted(value):
            yield _wrong(document, (key,), value, words)
    for name, (kind, needed) in SECTIONS.items():
        yield from _section(document, name, kind, needed)
    for name, kind in OPTIONAL.items():
        if content.get(name) is not None:
            yield from _section(document, name, kind, ())


def _section(document: Document, name: str, kind: type, needed: tuple[str, ...]) -> Iterator[Problem]:
    section = document.content.get(name)
    if not isinstance(section, dict):
        yield Problem(
            what=f"the section {name!r} is missing"
            if section is None
            else f"{name} is {_kind(section)}, and is to be a section",
            where=document.where(name),
            fix=f"It takes: {', '.join(types(kind))}.",
        )
        return
    known = types(kind)
    for key in section:
        if key in known:
            continue
        if misplaced.is_secret(str(key)):
            yield misplaced.secret((name, str(key)), document.where(name, str(key)))
        else:
            yield Problem(
                what=f"{name}.{key} is not a setting",
                where=document.where(name, str(key)),
                fix=_instead(str(key), known),
            )
    for key in needed:
        if not section.get(key):
            yield Problem(what=f"{name}.{key} is missing", where=document.where(name, key), fix="Set it.")
    for key, type_ in known.items():
        if key not in section or (key in needed and not section[key]):
            continue
        most = LIMITS.get((name, key), MOST)
        of_type = _of_type(type_, section[key], most)
        special = SPECIAL.get((name, key))
        if words := of_type or (special(section[key]) if special else ""):
            yield _wrong(document, (name, key), section[key], words)


def _line(where: str | None) -> int:
    line = (where or "").rpartition(":")[2]
    return int(line) if line.isdecimal() else 0


def _wrong(document: Document, place: tuple[str, ...], value: object, words: str) -> Problem:
    if place == ("store",) and misplaced.has_password(value):
        return misplaced.password_of_store(document.where(*place))
    if place in misplaced.ADDRESSES and misplaced.is_named(value):
        return misplaced.named(place, document.where(*place))
    name = ".".join(place)
    what, _, fix = words.partition(". ")
    return Problem(
        what=f"{name} is {_shown(value)}, not {what}",
        where=document.where(*place),
        fix=fix or None,
    )


def _shown(value: object) -> str:
    """A value in a message; what a table holds may be secret."""
    if isinstance(value, Mapping):
        return "a table"
    return "empty" if value is None else repr(value)


def _instead(key: str, known: Mapping[str, object] | tuple[str, ...]) -> str:
    """The settings that are most like a key, else all of them: once."""
    near = closest(key, known)
    return near if near.startswith("Closest") else f"It takes: {', '.join(known)}."


def _kind(section: object) -> str:
    """What stands in a section's place; a text is not shown, as it may be anything."""
    return "a text" if isinstance(section, str) else "a list" if isinstance(section, list) else repr(section)


def types(kind: type) -> dict[str, str]:
    """The settings of a section and their types, as they are written in its class."""
    return {field.name: str(field.type) for field in fields(kind)}


# --- one value each: '' when it is good, else what it should have been ------------------------------------


def _of_type(type_: str, value: object, most: int | None) -> str:
    match type_:
        case "bool":
            return "" if isinstance(value, bool) else "true or false"
        case "int":
            good = type(value) is int and value >= 0 and (most is None or value <= most)
            return "" if good else f"a whole number from 0 {'up' if most is None else f'to {most}'}"
        case "float":
            good = isinstance(value, int | float) and not isinstance(value, bool) and value >= 0
            return "" if good else "a number from 0 up"
        case "str":
            return "" if isinstance(value, str) or type(value) in NUMBERS else "a text"
    return _text(value)


def _text(value: object) -> str:
    return "" if value is None or isinstance(value, str) else "a text"


def _name(value: object) -> str:
    return "" if value is None or isinstance(value, str | int) else "a name"


def _version(value: object) -> str:
    return "" if type(value) is int and value >= 1 else f"a version such as {VERSION}"


def _one_of(*known: str) -> Callable[[object], str]:
    def wanted(value: object) -> str:
        if value is None or value in known:
            return ""
        return f"one of: {', '.join(known)}. {closest(str(value), known)}"

    return wanted


def email(value: object) -> str:
    """Answer '' for an e-mail address or nothing, else what it should have been."""
    if value in (None, "") or (isinstance(value, str) and _EMAIL.fullmatch(value)):
        return ""
    return "one e-mail address such as maria@example.com"


def schedule(value: object) -> str:
    """Answer '' for a list of times, else what it should have been."""
    if value is None or (
        isinstance(value, list | tuple) and all(_TIME.fullmatch(str(each)) for each in value)
    ):
        return ""
    return "a list of times such as ['06:00', 'Mon-Fri 22:30']"


def results(value: object) -> str:
    """Answer '' for a list of `RESULTS`, else what it should have been."""
    if value is None or (isinstance(value, list | tuple) and all(each in RESULTS for each in value)):
        return ""
    return f"a list of: {', '.join(RESULTS)}"


def address(value: object) -> str:
    """Answer '' for the address of an org, else what it should have been."""
    try:
        parts = urlsplit(str(value))
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and not misplaced.is_named(value)
    except ValueError:
        good = False
    return "" if good else "an address such as https://NAME.my.salesforce.com"


def without_user(value: object) -> str:
    """Answer '' for an address without a user's name and password, else what it should have been."""
    return "an address without a user's name" if misplaced.is_named(value) else ""


def time_zone(value: object) -> str:
    """Answer '' for a zone that is known here, else what it should have been."""
    if value in (None, ""):
        return ""
    try:
        zoneinfo.ZoneInfo(str(value))
        return ""
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        known = zoneinfo.available_timezones()
    return f"a time zone such as America/New_York. {closest(str(value), known)}"


def _store(value: object) -> str:
    """Answer '' for the address of a store, else what it should have been."""
    return "an address without a password" if misplaced.has_password(value) else _text(value)


TOP: Mapping[str, Callable[[Any], str]] = {
    "version": _version,
    "profile": _name,
    "template": _text,
    "master": _text,
    "log_level": _one_of(*LOG_LEVELS),
    "email": email,
    "email_results": results,
    "schedule": schedule,
    "store": _store,
}
"""The settings at the top of the file."""

SPECIAL: Mapping[tuple[str, str], Callable[[Any], str]] = {
    ("salesforce", "url"): address,
    ("salesforce", "login"): _one_of(*SALESFORCE_LOGINS),
    ("quickbooks", "connector_url"): without_user,
    ("quickbooks", "columns"): _one_of(*COLUMNS),
    ("quickbooks", "time_zone"): time_zone,
}
"""Settings of the sections that take less than any text."""
