"""Salesforce ids: 15 characters in which case counts, or 18 with a checksum that says the case."""

from __future__ import annotations

_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


def long_id(id_: str) -> str:
    """Answer the 18-character form; anything that is not a 15-character id is answered as it is.

    Each of the three characters at the end says which of five before it are upper case.
    """
    if len(id_) != 15 or not id_.isascii() or not id_.isalnum():
        return id_
    fives = (id_[start : start + 5] for start in (0, 5, 10))
    return id_ + "".join(
        _DIGITS[sum(1 << place for place, letter in enumerate(five) if letter.isupper())] for five in fives
    )
