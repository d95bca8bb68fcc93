"""How the pretend QuickBooks says no.

A message set that breaks the form is refused as a whole, by an HRESULT, and nothing runs.  A request that
asks for something impossible gets a status code and a text; the wording follows recorded answers where the
list below says so, the rest is in their manner (unverified).
"""

from __future__ import annotations

from dataclasses import dataclass

PARSE_ERROR = "0x80040400"
PARSE_MESSAGE = "QuickBooks found an error when parsing the provided XML text stream."
_DOES_NOT_EXIST = (
    "QuickBooks error message: Invalid argument.  The specified record does not exist in the list."
)


class QuickBooksRefused(Exception):
    """ProcessRequest threw: the whole set was refused and nothing ran (for 0x80040400).

    Attributes:
        hresult: E.g. '0x80040400'.
        message: QuickBooks' own words, which never say which element it was.
        reason: What was wrong, for the person testing; a real QuickBooks doesn't tell.
    """

    def __init__(self, hresult: str, message: str, reason: str = "") -> None:
        super().__init__(f"{hresult} {message} {reason}".strip())
        self.hresult, self.message, self.reason = hresult, message, reason


def bad_form(reason: str) -> QuickBooksRefused:
    """The parse error, with the reason that a real QuickBooks keeps to itself."""
    return QuickBooksRefused(PARSE_ERROR, PARSE_MESSAGE, reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """What an answer says about its request."""

    code: int = 0
    message: str = "Status OK"

    @property
    def severity(self) -> str:
        """Info below 500, Warn below 1000, Error from there (Intuit)."""
        return "Info" if self.code < 500 else "Warn" if self.code < 1000 else "Error"


OK = Status()


class Refusal(Exception):
    """A request that ends with an error status."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(f"{code} {message}")
        self.status = Status(code=code, message=message)


def no_match() -> Status:
    """statusCode 1 (recorded): an empty result, not an error."""
    return Status(code=1, message="A query request did not find a matching object in QuickBooks")


def incomplete(key: str) -> Status:
    """500 (recorded): some of the keys asked for were not found."""
    return Status(
        code=500,
        message=(
            "The query request has not been fully completed. There was a required element "
            f'("{key}") that could not be found in QuickBooks.'
        ),
    )


def stale(edit_sequence: str) -> Refusal:
    """3200 (recorded)."""
    return Refusal(3200, f'The provided edit sequence "{edit_sequence}" is out-of-date. ')


def name_in_use(name: str) -> Refusal:
    """3100 (recorded)."""
    return Refusal(3100, f'The name "{name}" of the list element is already in use.')


def not_found(key: str) -> Refusal:
    """3120 (recorded)."""
    return Refusal(3120, f'Object "{key}" specified in the request cannot be found.  {_DOES_NOT_EXIST}')


def bad_parent(entity: str, parent: str) -> Refusal:
    """3130 (recorded in part)."""
    message = f'There is an invalid reference to a parent "{parent}" in the {entity} list.  {_DOES_NOT_EXIST}'
    return Refusal(3130, message)


def bad_reference(target: str, value: str, entity: str) -> Refusal:
    """3140 (recorded)."""
    message = (
        f'There is an invalid reference to QuickBooks {target} "{value}" in the {entity}.  {_DOES_NOT_EXIST}'
    )
    return Refusal(3140, message)


def too_long(value: str, field: str, limit: int) -> Refusal:
    """3070 (community)."""
    return Refusal(
        3070, f'The string "{value}" in the field "{field}" is too long. The maximum length is {limit}.'
    )


def bad_value(code: int, what: str, value: str, field: str) -> Refusal:
    """3010 to 3045 and 3110: a value that cannot be converted (codes within the range are unverified)."""
    return Refusal(
        code, f'There was an error when converting the {what} value "{value}" in the field "{field}".'
    )


def bad_iterator(iterator_id: str) -> Refusal:
    """3391 (recorded)."""
    return Refusal(3391, f'The iteratorID "{iterator_id}" is not valid.')
