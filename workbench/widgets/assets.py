"""The JavaScript and style files beside this module, joined into what one widget sends.

anywidget loads a module from a blob address, where a relative import finds nothing; so the shared
parts are joined in front of the part that exports.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

_HERE = Path(__file__).parent / "static"


@cache
def script(*names: str) -> str:
    """JavaScript files, the shared `shared.js` first; the last of `names` has the export."""
    return _join(("shared.js", *names))


@cache
def style(*names: str) -> str:
    """Style sheets, the shared `shared.css` first."""
    return _join(("shared.css", *names))


def _join(names: tuple[str, ...]) -> str:
    return "\n".join((_HERE / name).read_text(encoding="utf-8") for name in names)
