"""The report of Validate Process: every check, grouped as the process template is, and how it is shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING, Any

from workbench.validate.checks import Check, Verdict, examples_text
from workbench.validate.html import fragment, page
from workbench.validate.text import shown

if TYPE_CHECKING:
    import pandas as pd  # the gate of a push does without it
    from rich.console import RenderableType


@dataclass(frozen=True, repr=False)
class Report:
    """The report of Validate Process.

    Attributes:
        checks: In the order of the groups.
        profile: Name of the profile.
        folder: Its folder.
        at: When it was made (aware, UTC).
        against: What mappings were held against, in words, a line a side.
        offline: Why nothing was asked of the two systems; "" when they were asked.
    """

    checks: tuple[Check, ...]
    profile: str
    folder: str
    at: datetime
    against: tuple[str, ...] = ()
    offline: str = ""

    @property
    def valid(self) -> bool:
        """Whether there is no error; warnings and what is not known yet do not count."""
        return not self.errors

    @property
    def errors(self) -> tuple[Check, ...]:
        return self._of(Verdict.ERROR)

    @property
    def warnings(self) -> tuple[Check, ...]:
        return self._of(Verdict.WARNING)

    @property
    def unknown(self) -> tuple[Check, ...]:
        return self._of(Verdict.UNKNOWN)

    def groups(self) -> Iterator[tuple[str, tuple[Check, ...]]]:
        """Yield the groups in order, with their checks."""
        for name, checks in groupby(self.checks, lambda check: check.group):
            yield name, tuple(checks)

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row a check; examples as text."""
        import pandas as pd

        columns = [*Check.__slots__]
        rows = [check.data | {"examples": examples_text(check.examples)} for check in self.checks]
        return pd.DataFrame(rows, columns=columns)

    @property
    def data(self) -> dict[str, Any]:
        """The report as plain values, for JSON."""
        return {
            "valid": self.valid,
            "errors": len(self.errors),
            "warnings": len(self.warnings),
            "unknown": len(self.unknown),
            "profile": self.profile,
            "folder": self.folder,
            "at": self.at.isoformat(timespec="seconds"),
            "against": list(self.against),
            "offline": self.offline,
            "checks": [check.data for check in self.checks],
        }

    @property
    def summary(self) -> str:
        """The counts in words, e.g. `1 error, 2 warnings, 41 valid`."""
        counted = (
            (len(self.errors), "error", "errors"),
            (len(self.warnings), "warning", "warnings"),
            (len(self.unknown), "not known yet", "not known yet"),
            (len(self._of(Verdict.VALID)), "valid", "valid"),
        )
        return ", ".join(f"{count:,} {one if count == 1 else many}" for count, one, many in counted if count)

    def html(self) -> str:
        """A page of its own that loads nothing from anywhere."""
        return page(self)

    def text(self, *, everything: bool = False) -> RenderableType:
        """What a terminal shows; with `everything` what is valid is not folded."""
        return shown(self, everything=everything)

    def __repr__(self) -> str:
        return f"Report of {self.profile}: {self.summary}"

    def __rich__(self) -> RenderableType:
        return self.text()

    def _repr_html_(self) -> str:
        return fragment(self)

    def _of(self, verdict: Verdict) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if check.verdict is verdict)
