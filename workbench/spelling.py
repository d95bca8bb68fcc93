"""The known names that are most like one that nobody knows."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def closest(name: str, known: Iterable[str]) -> str:
    """Answer a sentence with the known names most like `name`."""
    names = list(known)
    folded = {each.casefold(): each for each in names}
    found = [folded[each] for each in difflib.get_close_matches(name.casefold(), folded, n=3, cutoff=0.55)]
    if found:
        return f"Closest: {', '.join(found)}."
    return f"Known: {', '.join(sorted(names)[:12])}{', ...' if len(names) > 12 else ''}." if names else ""
