"""Values of fields: from JSON to what is kept, checks by type, and back to JSON.

Inside the org a value is `str`, `bool`, `int`, `Decimal` or None.  Dates are kept as `2026-03-31`,
moments as the API writes them (`2022-10-20T16:46:32.000+0000`, always UTC, whole seconds), so both
compare as text.  Numbers with a scale are Decimal here and whole units of that scale in SQLite.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from .errors import OrgError
from .ids import long_id
from .schema import NUMBERS, TEXTS, FieldDef

Value = str | bool | int | Decimal | None
Stored = str | int | None

_EMAIL = re.compile(r"[^\s@,;<>()\[\]\"]+@[^\s@.,;<>()]+(\.[^\s@.,;<>()]+)+", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)")
_SURROGATE = re.compile("[\ud800-\udfff]")  # half of a pair: no text in UTF-8
_YEARS = range(1700, 4001)  # the span of dates that Salesforce keeps


def stamp_text(moment: datetime) -> str:
    """An aware moment as the API writes it; fractions of a second are dropped."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def stamp_moment(text: str) -> datetime:
    """The aware moment of a text that `stamp_text` wrote."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.000%z")


def later(stamp: str, seconds: int = 1) -> str:
    """The moment so many seconds after this one."""
    return stamp_text(stamp_moment(stamp) + timedelta(seconds=seconds))


def parse_moment(text: str) -> str | None:
    """A moment with its zone, in the org's form, or None when it isn't one."""
    if not _MOMENT.fullmatch(text):
        return None
    try:
        moment = datetime.fromisoformat(text)
        return stamp_text(moment) if moment.year in _YEARS else None
    except (ValueError, OverflowError):
        return None


def parse_date(text: str) -> str | None:
    """A calendar day as `2026-03-31`, or None when it isn't one."""
    try:
        day = date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None
    return None if day is None or day.year not in _YEARS else day.isoformat()


def round_to(amount: Decimal, scale: int) -> Decimal:
    """Round half up, away from zero, as Salesforce rounds what it keeps."""
    return amount.quantize(Decimal(1).scaleb(-scale), rounding=ROUND_HALF_UP)


def coerce(field: FieldDef, value: object) -> Value:
    """A JSON value as the value to keep: text trimmed, '' is null, e-mail in lower case.

    Raises:
        OrgError: JSON_PARSER_ERROR when the JSON type can't be read as the field's type (also for a
            number sent to a text field; strictness there is unverified), MALFORMED_ID for a
            reference that isn't an id, NUMBER_OUTSIDE_VALID_RANGE for too many digits.
    """
    if value is None or value == "":
        return None
    if field.type in TEXTS or field.type == "url":
        return _text(field, value)
    if field.type in ("id", "reference"):
        return _reference(field, value)
    if field.type == "boolean":
        return _boolean(field, value)
    if field.type in NUMBERS:
        return _decimal(field, value)
    if field.type == "int":
        return _whole(field, value)
    return _time(field, value)


def _cannot_read(field: FieldDef, value: object) -> OrgError:
    kind = {
        "int": "int",
        "boolean": "boolean",
        "date": "date",
        "datetime": "datetime",
    }.get(field.type, "double" if field.type in NUMBERS else "string")
    got = {str: "VALUE_STRING", bool: "VALUE_BOOLEAN", dict: "START_OBJECT", list: "START_ARRAY"}.get(
        type(value), "VALUE_NUMBER"
    )
    shown = "" if isinstance(value, dict | list) else f" value {value}"
    return OrgError(
        "JSON_PARSER_ERROR",
        f"Cannot deserialize instance of {kind} from {got}{shown} or request may be missing a required"
        f" field: {field.name}",
    )


def _text(field: FieldDef, value: object) -> str | None:
    if not isinstance(value, str):
        raise _cannot_read(field, value)
    if not value.isascii() and _SURROGATE.search(value):
        raise _cannot_read(field, "half of a surrogate pair")
    text = value.replace("\r\n", "\n").replace("\r", "\n").strip()
    return (text.lower() if field.type == "email" else text) or None


def _reference(field: FieldDef, value: object) -> str:
    if not isinstance(value, str):
        raise _cannot_read(field, value)
    found = long_id(value)
    if found is None:
        raise wrong_id(field, value)
    return found


def wrong_id(field: FieldDef, value: str) -> OrgError:
    """A text that isn't an id, or the id of another kind of record."""
    return OrgError("MALFORMED_ID", f"{field.label}: id value of incorrect type: {value}", [field.name])


def _boolean(field: FieldDef, value: object) -> bool:
    if isinstance(value, bool):
        return value
    if value in ("true", "false"):
        return value == "true"
    raise _cannot_read(field, value)


def _decimal(field: FieldDef, value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        raise _cannot_read(field, value)
    try:
        amount = Decimal(value)
    except InvalidOperation:
        raise _cannot_read(field, value) from None
    if not amount.is_finite():
        raise _cannot_read(field, value)
    if amount and amount.adjusted() >= field.precision - field.scale:
        raise _out_of_range(field, value)
    rounded = round_to(amount, field.scale)
    if abs(rounded) >= Decimal(10) ** (field.precision - field.scale):
        raise _out_of_range(field, value)
    return rounded


def _whole(field: FieldDef, value: object) -> int:
    if isinstance(value, str):
        try:
            value = Decimal(value)
        except InvalidOperation:
            raise _cannot_read(field, value) from None
    if isinstance(value, Decimal) and value.is_finite() and value == value.to_integral_value():
        value = int(value) if value.adjusted() < 20 else 10**20
    if isinstance(value, bool) or not isinstance(value, int):
        raise _cannot_read(field, value)
    if abs(value) >= 10**8:
        raise _out_of_range(field, value)
    return value


def _out_of_range(field: FieldDef, value: object) -> OrgError:
    return OrgError(
        "NUMBER_OUTSIDE_VALID_RANGE",
        f"{field.label}: value outside of valid range on numeric field: {value}",
        [field.name],
    )


def _time(field: FieldDef, value: object) -> str:
    if not isinstance(value, str):
        raise _cannot_read(field, value)
    found = parse_date(value) if field.type == "date" else parse_moment(value)
    if found is None:
        raise _cannot_read(field, value)
    return found


def is_email(text: str) -> bool:
    """Does the text have the form of one e-mail address?"""
    return _EMAIL.fullmatch(text) is not None


def check(field: FieldDef, value: Value) -> OrgError | None:
    """What the org has against this value in this field, apart from other records."""
    if value is None:
        return _null(field)
    if field.restricted and value not in field.values:
        return OrgError(
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            f"{field.label}: bad value for restricted picklist field: {value}",
            [field.name],
        )
    if isinstance(value, str) and field.length and len(value) > field.length:
        shown = value if len(value) <= 255 else value[:255] + "..."
        return OrgError(
            "STRING_TOO_LONG",
            f"{field.label}: data value too large: {shown} (max length={field.length})",
            [field.name],
        )
    if field.type == "email" and not is_email(str(value)):
        return OrgError(
            "INVALID_EMAIL_ADDRESS", f"{field.label}: invalid email address: {value}", [field.name]
        )
    return None


def _null(field: FieldDef) -> OrgError | None:
    if field.type == "boolean":
        return OrgError(
            "INVALID_TYPE_ON_FIELD_IN_RECORD", f"{field.label}: value not of required type: ", [field.name]
        )
    return None


def to_stored(field: FieldDef, value: Value) -> Stored:
    """The form in SQLite: booleans as 0 and 1, scaled numbers as whole units of their scale."""
    if isinstance(value, Decimal):
        return int(value.scaleb(field.scale))
    return int(value) if isinstance(value, bool) else value


def from_stored(field: FieldDef, value: Stored) -> Value:
    """The opposite of `to_stored`."""
    if value is None:
        return None
    if field.type == "boolean":
        return bool(value)
    if field.type in NUMBERS:
        return Decimal(value).scaleb(-field.scale)
    return value


def address_value(prefix: str, parts: Mapping[str, Value]) -> dict[str, Value] | None:
    """The JSON object of a compound address, or None when all its parts are null."""
    names = {
        "city": "City",
        "country": "Country",
        "geocodeAccuracy": "GeocodeAccuracy",
        "latitude": "Latitude",
        "longitude": "Longitude",
        "postalCode": "PostalCode",
        "state": "State",
        "street": "Street",
    }
    whole = {key: parts.get(prefix + name) for key, name in names.items()}
    return whole if any(v is not None for v in whole.values()) else None
