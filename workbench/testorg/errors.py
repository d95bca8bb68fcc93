"""What the org says no with: one exception that carries a Salesforce error code and its text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


class OrgError(Exception):
    """A refusal in the org's own words.

    Attributes:
        code: Salesforce's error code, e.g. `REQUIRED_FIELD_MISSING` (StatusCode or ExceptionCode).
        message: The text a person reads.
        fields: API names of the fields at fault, in the order of the describe; often empty.
        status: HTTP status when the whole request is refused; a row of a Collections call answers
            200 and carries the code only.
        extra: Further members of the JSON error, e.g. the matches of a duplicate rule.
        matches: Ids of the records that fit, when one was meant (status 300).
        others: Further refusals of the same record; an answer lists them all.
    """

    def __init__(
        self,
        code: str,
        message: str,
        fields: Sequence[str] = (),
        *,
        status: int = 400,
        extra: Mapping[str, object] | None = None,
        matches: Sequence[str] = (),
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.fields = tuple(fields)
        self.status = status
        self.extra = dict(extra or {})
        self.matches = tuple(matches)
        self.others: tuple[OrgError, ...] = ()

    def all(self) -> tuple[OrgError, ...]:
        """This refusal and the others of the same record."""
        return (self, *self.others)

    def as_rest(self) -> dict[str, object]:
        """The form of single-record REST: message, errorCode, and fields when there are any."""
        body: dict[str, object] = {"message": self.message, "errorCode": self.code, **self.extra}
        if self.fields:
            body["fields"] = list(self.fields)
        return body

    def as_row(self) -> dict[str, object]:
        """The form inside a row of a Collections answer: statusCode, message, fields."""
        return {"statusCode": self.code, "message": self.message, "fields": list(self.fields), **self.extra}


def combine(errors: Sequence[OrgError]) -> OrgError:
    """Several refusals of one record as one exception."""
    first, *rest = errors
    first.others = tuple(rest)
    return first


def not_found() -> OrgError:
    """404 for an address that leads nowhere."""
    return OrgError("NOT_FOUND", "The requested resource does not exist", status=404)


class SeedError(ValueError):
    """Seed data that this org can't hold; every problem found, not the first one only.

    Attributes:
        problems: One sentence each: file or object, position of the record, field, what is wrong.
    """

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        shown = "\n".join(f"  {p}" for p in self.problems[:20])
        more = f"\n  ... and {len(self.problems) - 20} more" if len(self.problems) > 20 else ""
        super().__init__(f"the seed can't be loaded, nothing of it was kept:\n{shown}{more}")
