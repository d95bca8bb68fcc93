"""Ids and choices that are the same in every run, on every Python.

A choice is drawn from a hash of what it is for, not from a running random generator: so one record
more or less leaves all others as they were, and the tracked files change where something changed.
"""

from __future__ import annotations

import hashlib
import string
from collections.abc import Sequence
from typing import TypeVar

SEED = "larkspur-2026"
_BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
_CHECK = string.ascii_uppercase + "012345"
_POD = "WB0"  # tells ids of the seed from ids that the test org gives later

T = TypeVar("T")


def draw(below: int, *what: object) -> int:
    """A whole number from 0 to `below - 1`, decided by what it is for."""
    digest = hashlib.sha256("/".join([SEED, *map(str, what)]).encode()).digest()
    return int.from_bytes(digest[:8], "big") % below


def pick(options: Sequence[T], *what: object) -> T:
    """One of the options, decided by what it is for."""
    return options[draw(len(options), *what)]


def salesforce_id(prefix: str, number: int) -> str:
    """The 18-character id: key prefix, pod, running number, and the checksum of upper-case letters.

    Running numbers are spread over the alphabet, so that ids differ in case alone now and then, as
    they do in a real org.
    """
    body = prefix + _POD + _base62(number * 7919 + 104729, 9)
    return body + checksum(body)


def checksum(id15: str) -> str:
    """Three characters, each five bits that say which of five characters are upper case."""
    return "".join(
        _CHECK[sum(1 << i for i, c in enumerate(id15[start : start + 5]) if "A" <= c <= "Z")]
        for start in (0, 5, 10)
    )


def list_id(number: int, seconds: int) -> str:
    """A QuickBooks ListID such as 80000035-1785958998: a counter in hex and when it was made."""
    return f"{0x80000000 + number:08X}-{seconds}"


def txn_id(number: int, seconds: int) -> str:
    """A QuickBooks TxnID or TxnLineID such as 1A2B-1785958998."""
    return f"{number:X}-{seconds}"


def _base62(number: int, width: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 62)
        digits = _BASE62[digit] + digits
    return digits.rjust(width, "0")
