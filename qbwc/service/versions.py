"""clientVersion: which Web Connectors are warned, refused, or told which version the server wants.

Answers (Intuit, QBWC Programmer's Guide, chapter 2): "" goes on; "W:text" lets its user choose whether to go
on; "E:text" stops with the text; "O:version" stops and tells the version wanted.  That "O:" stops the update
rests on the Guide alone (unverified).  Any other form gives QBWC1046.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from qbwc.errors import ServeError

_FORM = re.compile(r"\d{1,9}(\.\d{1,9}){0,3}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientPolicy:
    """What is answered to which version; None switches a rule off.

    Attributes:
        warn_below: Older ones are warned; 2.0 is the version whose contract this server keeps (Guide, 2009).
        refuse_below: Older ones are stopped.
        want_version: Older ones are told to become this one.
    """

    warn_below: str | None = "2.0"
    refuse_below: str | None = None
    want_version: str | None = None

    def __post_init__(self) -> None:
        for name in ("warn_below", "refuse_below", "want_version"):
            value = getattr(self, name)
            if value is not None and not _FORM.fullmatch(value):
                raise ServeError(
                    f"--{name.replace('_', '-')} is {value!r}, which is no version",
                    fix="Write it as the Web Connector does, e.g. 2.3.0.215.",
                )

    def answer(self, version: str) -> str:
        """clientVersion's result; a version that cannot be read is let in, as its form may be new."""
        version = version.strip()
        if not _FORM.fullmatch(version):
            return ""
        if _older(version, self.refuse_below):
            return f"E:This Web Connector is {version}; the server takes {self.refuse_below} and later."
        if _older(version, self.want_version):
            return f"O:{self.want_version}"
        if _older(version, self.warn_below):
            return f"W:This Web Connector is {version}; the server was made for {self.warn_below} and later."
        return ""


def _older(version: str, bound: str | None) -> bool:
    return bound is not None and _parts(version) < _parts(bound)


def _parts(version: str) -> tuple[int, ...]:
    # 2.3 and 2.3.0.0 are the same version.
    parts = [int(part) for part in version.split(".")]
    return tuple(parts + [0] * (4 - len(parts)))
