"""JSON text with exact numbers: Decimal in, Decimal out, never a float.

Numbers are written as the real org writes its doubles, `1250.5` and `1000.0`; very large and very
small ones without an exponent, which is the same number.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from json.encoder import encode_basestring

from .errors import OrgError


def dumps(value: object) -> str:
    """The value as JSON; dictionaries keep their order.

    Raises:
        TypeError: a value that JSON doesn't know, floats among them.
    """
    if isinstance(value, str):
        return encode_basestring(value)
    if value is None:
        return "null"
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Decimal):
        return number_text(value)
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{encode_basestring(k)}:{dumps(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(dumps, value)) + "]"
    raise TypeError(f"no JSON for {type(value).__name__}")


def number_text(value: Decimal) -> str:
    """A number with at least one digit after the point and no trailing zeros beyond it."""
    text = f"{value:f}"
    whole, _, fraction = text.partition(".")
    return f"{whole}.{fraction.rstrip('0') or '0'}"


def loads(body: bytes) -> object:
    """Parse a request body; numbers with a point come out as Decimal.

    Raises:
        OrgError: JSON_PARSER_ERROR.
    """
    try:
        return json.loads(body.decode("utf-8"), parse_float=Decimal, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise OrgError("JSON_PARSER_ERROR", f"The HTTP entity body is not valid JSON: {error}") from None


def _refuse(name: str) -> object:
    raise ValueError(f"{name} is not a JSON number")
