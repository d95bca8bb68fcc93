"""Checks of the advanced properties: what is written of calls, who is told of runs, and where all is kept."""

from __future__ import annotations

import stat
import sys
from collections.abc import Iterator
from urllib.parse import urlsplit

from workbench.profile import LOG_LEVELS, Profile
from workbench.validate.checks import ADVANCED, Check, Verdict

ALL = LOG_LEVELS[-1]
NOT_ACTIVE = "not active yet"
"""What E-mails and schedules are called until something carries them out."""


def settings(profile: Profile) -> Iterator[Check]:
    """Log level, e-mail, schedule, approvals and pushes, store and the folder for data."""
    yield _log_level(profile)
    inactive = profile.inactive
    for name, nothing in (
        ("email", "nobody gets the results of runs"),
        ("schedule", "nothing runs by itself"),
    ):
        if name in inactive:
            yield _check(
                name, inactive[name], Verdict.WARNING, "It is stored, and carried out by a later version."
            )
        else:
            yield _check(name, nothing)
    two = (
        "who made a change set may not approve it" if profile.approval.four_eyes else "one person may do both"
    )
    yield _check("approval", two)
    share = f"stops when more than {profile.push.stop_percent} in 100 changes fail, and at a surprise"
    yield _check("push", share)
    yield _store(profile)
    yield _data(profile)


def _log_level(profile: Profile) -> Check:
    if profile.log_level == ALL:
        what = f"{ALL}: the log holds customers' rows, and is kept 3 days"
        return _check(
            "log_level", what, Verdict.WARNING, "Use another level as soon as the trouble is found."
        )
    return _check("log_level", profile.log_level)


def _store(profile: Profile) -> Check:
    parts = urlsplit(profile.store_url)
    if parts.scheme.startswith("sqlite"):
        return _check("store", "SQLite, in the profile's data folder or where `store` says")
    # Without what stands before the @: it may hold a password.
    return _check("store", f"{parts.scheme.partition('+')[0]} on {parts.hostname or 'this computer'}")


def _data(profile: Profile) -> Check:
    if not profile.data.is_dir():
        what, fix = (
            f"{profile.data} is not there",
            "It is made with the first pull; `workbench init` makes it too.",
        )
        return _check("data folder", what, Verdict.WARNING, fix)
    mode = profile.data.stat().st_mode
    if sys.platform != "win32" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        what = (
            f"others on this computer can open {profile.data} ({oct(mode & 0o777)}): it holds customers' rows"
        )
        return _check("data folder", what, Verdict.WARNING, f"Run `chmod 700 {profile.data}`.")
    return _check("data folder", f"{profile.data}, for its user only")


def _check(name: str, detail: str, verdict: Verdict = Verdict.VALID, fix: str = "") -> Check:
    return Check(group=ADVANCED, kind="setting", name=name, verdict=verdict, detail=detail, fix=fix)
