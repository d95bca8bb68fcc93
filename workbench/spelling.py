"""The known names that are most like one that nobody knows."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

LIKE = 0.65
"""How much of both names must be the same; below it a name is another word, and a wrong hint."""
LETTERS = 4
"""From how many letters on a name at an end of another is like it: `Name` and `FullName`."""


def near(name: str, known: Iterable[str], like: float = LIKE) -> list[str]:
    """The known names that are really like a name, the likest first; three at most, often none."""
    folded = {each.casefold(): each for each in known}
    wanted = name.casefold()
    alike = difflib.get_close_matches(wanted, folded, n=3, cutoff=like)
    within = [each for each in folded if _within(wanted, each) and each not in alike]
    within.sort(key=lambda each: abs(len(each) - len(wanted)))
    return [folded[each] for each in [*alike, *within][:3]]


def _within(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    return len(short) >= LETTERS and (long.startswith(short) or long.endswith(short))


def closest(name: str, known: Iterable[str]) -> str:
    """Answer a sentence with the known names most like `name`, else with what there is."""
    names = list(known)
    if found := near(name, names):
        return f"Closest: {', '.join(found)}."
    return f"Known: {', '.join(sorted(names)[:12])}{', ...' if len(names) > 12 else ''}." if names else ""
