"""Which values of today's data a side could not hold: SQL finds the few that may not fit, `fits` decides.

What is written is told by `write_values`, and whether it fits by `normalize.fits`, as for a plan.  Asking
them of every record would take too long, so SQL first keeps only values that are longer than the field, hold
characters outside its encoding, and so on: more than will be refused, and never fewer.  Equal values are
asked once.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from collections.abc import Mapping as ReadOnly
from dataclasses import dataclass, replace
from typing import Any

from workbench.errors import WorkbenchError
from workbench.model import FieldMap, FieldType, Side, Transform
from workbench.normalize import fits, literal, write_values
from workbench.normalize.fits import NUMBERS, WHOLE

Described = ReadOnly[str, Any]

TOO_LONG = "too long"
OUTSIDE = "outside CP1252"
NOT_LISTED = "not in the picklist"
NOT_FITTING = "does not fit"
NOT_WRITABLE = "has no form there"
_KINDS = (
    ("characters, the field holds", TOO_LONG),
    ("has room for", TOO_LONG),
    ("would store as '?'", OUTSIDE),
    ("is not in the list", NOT_LISTED),
)
"""What the words of a refusal say about its kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """What one field map carries to a side.

    Attributes:
        field: The field map.
        plain: The same without expressions: how their values are written.
        texts: SQL of each source value as text, by the name that `plain` has for it.
        targets: Describes of the API fields that are written, by name; unknown ones are left out.
    """

    field: FieldMap
    plain: FieldMap
    texts: ReadOnly[str, str]
    targets: ReadOnly[str, Described]
    side: Side

    def suspicious(self) -> str:
        """SQL condition that holds for every value that would be refused, and for few others."""
        found = [_suspicious(self, described) for described in self.targets.values()]
        return " OR ".join(f"coalesce({each}, false)" for each in found) or "false"

    def refused(self, texts: Sequence[str | None]) -> tuple[str, str, str] | None:
        """Why a value would be refused: (kind, words, what would fit or ""); None when it is not."""
        source = dict(zip(self.texts, texts, strict=True))
        try:
            written = write_values(self.plain, self.side, source)
        except WorkbenchError as error:  # a plan holds such a record too
            words = error.what.removeprefix(f"field '{self.field.name}': ")
            return _kind(words, NOT_WRITABLE), words, ""
        for api, value in written.items():
            if api not in self.targets or value is None:
                continue
            if problem := fits(self.targets[api], value, side=self.side):
                kind = _kind(problem.what, NOT_FITTING)
                return kind, problem.what, _would_fit(kind, self.targets[api], value)
        return None


def plain_of_read(field: FieldMap, target: Side) -> FieldMap:
    """A field map for the value of a `read` expression: written as the field's own plain values are."""
    return _renamed(replace(field, expressions=()), target, field.targets(target)[:1])


def plain_of_write(field: FieldMap, target: Side, api: str, described: Described | None) -> FieldMap:
    """A field map for the value of a `write` expression, which is in the target's words already."""
    kind = str((described or {}).get("type", "string"))
    numeric = FieldType.QUANTITY if not field.type.numeric else field.type
    types = {"boolean": FieldType.BOOLEAN, "date": FieldType.DATE, "datetime": FieldType.DATE}
    given = numeric if kind in NUMBERS else types.get(kind, FieldType.TEXT)
    made = FieldMap(name=field.name, salesforce=(), quickbooks=(), type=given, line=field.line)
    return _renamed(made, target, (api,))


def _renamed(field: FieldMap, target: Side, targets: tuple[str, ...]) -> FieldMap:
    if target is Side.QUICKBOOKS:
        return replace(field, quickbooks=targets, salesforce=("value",))
    return replace(field, salesforce=targets, quickbooks=("value",))


def _kind(words: str, otherwise: str) -> str:
    return next((kind for part, kind in _KINDS if part in words), otherwise)


def _would_fit(kind: str, described: Described, value: object) -> str:
    if kind == TOO_LONG and isinstance(value, str):
        return value[: int(described["length"])].rstrip()
    if kind == OUTSIDE and isinstance(value, str):
        return "".join(map(_in_cp1252, value))
    return ""


def _in_cp1252(character: str) -> str:
    """A character of CP1252 as it is, another one as the letters that it is made of: ř is r."""
    plain = character if character.encode("cp1252", "ignore") else unicodedata.normalize("NFKD", character)
    return plain.encode("cp1252", "ignore").decode("cp1252")


# --- what SQL keeps ---------------------------------------------------------------------------------------


def _suspicious(carried: Carried, described: Described) -> str:
    if carried.plain.values:
        return "true"  # few different ones, and a value map may give anything
    if carried.plain.transform is Transform.STREET_LINES:
        return _suspicious_lines(carried, described)
    (text,) = carried.texts.values()
    kind = str(described.get("type", "string"))
    if kind in NUMBERS:
        return _suspicious_number(text, described, kind)
    if kind == "boolean":
        return f"lower(trim({text})) NOT IN ('true', 'false')"
    if kind in ("date", "datetime"):
        return f"trim({text}) <> '' AND TRY_CAST({text} AS DATE) IS NULL"
    found = [*_suspicious_text(text, described, carried)]
    if carried.plain.type.numeric:
        found.append(_odd_number(text))
    return " OR ".join(found)


def _suspicious_number(text: str, described: Described, kind: str) -> str:
    precision, scale = int(described.get("precision") or 0), int(described.get("scale") or 0)
    if kind in WHOLE:
        precision, scale = int(described.get("digits") or precision), 0
    number = f"TRY_CAST({text} AS DECIMAL(38,10))"
    found = [
        f"trim({text}) <> '' AND {number} IS NULL",
        _odd_number(text),
        rf"regexp_matches({text}, '\.[0-9]{{11}}')",
        f"{number} <> round({number}, {min(scale, 10)})",
    ]
    if precision and precision - scale < 28:
        found.append(f"abs({number}) >= 1{'0' * (precision - scale)}")
    return " OR ".join(f"({each})" for each in found)


def _odd_number(text: str) -> str:
    """Not written as plain numbers are, whatever DuckDB makes of it."""
    return rf"NOT regexp_full_match(trim({text}), '[+-]?[0-9]*\.?[0-9]*')"


def _suspicious_text(text: str, described: Described, carried: Carried) -> Iterator[str]:
    length = int(described.get("length") or 0)
    if length:
        # A colon may become " - ", composed accents may be more characters.
        wider = f" + 2 * (length({text}) - length(replace({text}, ':', '')))"
        wider = wider if carried.plain.transform is Transform.COLON_DASH else ""
        yield f"length({text}){wider} > {length}"
        yield f"length(nfc_normalize({text})){wider} > {length}"
    if described.get("restrictedPicklist"):
        active = [each for each in described.get("picklistValues") or () if each.get("active", True)]
        known = ", ".join(literal(str(each["value"])) for each in active)
        yield f"{text} NOT IN ({known})" if known else "true"
    yield from _suspicious_characters(text, described, carried.side)


def _suspicious_lines(carried: Carried, described: Described) -> str:
    joined = f"array_to_string([{', '.join(carried.texts.values())}], chr(10))"
    length, lines = int(described.get("length") or 0), f"string_split_regex({joined}, '\\r\\n|\\r|\\n')"
    found = [*_suspicious_characters(joined, described, carried.side)]
    if len(carried.targets) > 1:
        found.append(f"len({lines}) > {len(carried.targets)}")
        longest = f"list_max(list_transform({lines}, lambda part: length(nfc_normalize(part))))"
    else:
        longest = f"length(nfc_normalize({joined}))"
    if length:
        found.append(f"{longest} > {length}")
    return " OR ".join(found) or "false"


def _suspicious_characters(text: str, described: Described, side: Side) -> Iterator[str]:
    encoding = described.get("encoding") or ("cp1252" if side is Side.QUICKBOOKS else None)
    if encoding:
        yield f"regexp_matches({text}, '[^{_characters(str(encoding))}]')"
    forbidden = str(described.get("forbidden") or (":" if side is Side.QUICKBOOKS else ""))
    yield from (f"contains({text}, {literal(each)})" for each in forbidden)


def _characters(encoding: str) -> str:
    """A class of RE2 with the characters of a one-byte encoding, control characters left out."""
    every = bytes(range(256)).decode(encoding, "ignore")
    known = sorted(ord(each) for each in every if each >= " " or each in "\t\n\r")
    ranges: list[list[int]] = []
    for code in known:
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return "".join(rf"\x{{{first:x}}}-\x{{{last:x}}}" for first, last in ranges)
