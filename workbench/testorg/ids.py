"""Record ids as Salesforce writes them: 15 case-sensitive characters, or 18 with a checksum.

An id is a key prefix of three characters (it tells the object: `001` is Account), then twelve
base-62 characters.  The three extra characters of the long form say which of the fifteen are upper
case, five bits to a character, so that a tool that ignores case can still tell two ids apart.
"""

from __future__ import annotations

import string

_DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase
_CHECK = string.ascii_uppercase + "012345"
_POD = "TO0"  # marks every id that was made by a test org


def checksum(id15: str) -> str:
    """The three characters that turn a 15-character id into the 18-character one."""
    suffix = ""
    for start in (0, 5, 10):
        bits = sum(1 << i for i, c in enumerate(id15[start : start + 5]) if "A" <= c <= "Z")
        suffix += _CHECK[bits]
    return suffix


def long_id(text: str) -> str | None:
    """The 18-character form of an id of 15 or 18 characters, or None when it isn't an id.

    The checksum of an 18-character id is compared without regard to case, as Salesforce does, and
    the first fifteen characters are put back into the case that the checksum tells.
    """
    if len(text) not in (15, 18) or not (text.isascii() and text.isalnum()):
        return None
    if len(text) == 15:
        return text + checksum(text)
    body = _restore_case(text[:15], text[15:].upper())
    return None if body is None else body + text[15:].upper()


def _restore_case(id15: str, check: str) -> str | None:
    if any(c not in _CHECK for c in check):
        return None
    restored = ""
    for i, char in enumerate(id15):
        upper = _CHECK.index(check[i // 5]) >> (i % 5) & 1
        if upper and not char.isalpha():
            return None
        restored += char.upper() if upper else char.lower()
    return restored


def new_id(prefix: str, number: int) -> str:
    """The 18-character id with this key prefix and running number, e.g. `new_id("001", 7)`.

    Raises:
        ValueError: the prefix isn't three base-62 characters, or the number is negative or needs
            more than nine of them.
    """
    if len(prefix) != 3 or any(c not in _DIGITS for c in prefix):
        raise ValueError(f"a key prefix is three letters or digits, not {prefix!r}")
    if not 0 <= number < 62**9:
        raise ValueError(f"the running number of an id lies between 0 and 62^9 - 1, not {number}")
    tail = ""
    while number or not tail:
        number, digit = divmod(number, 62)
        tail = _DIGITS[digit] + tail
    id15 = prefix + _POD + tail.rjust(9, "0")
    return id15 + checksum(id15)
