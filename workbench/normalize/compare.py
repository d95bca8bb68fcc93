r"""The form in which a field is compared, as DuckDB expressions.

| type | comparable form |
|---|---|
| text, name | composed accents (NFC), white space collapsed and trimmed, empty is NULL; case counts |
| phone | digits without a leading 1 of eleven, and `x` with the extension; a text without digits is kept |
| email | as text, in lower case |
| money, price, quantity | DECIMAL(38,10): exact for what both systems can hold, nothing is rounded |
| date, boolean | DATE, BOOLEAN |
| id | trimmed, case counts |
| reference | the pair the record is in, else `<side>:<id>`, which equals nothing on the other side; NULL |
| | with `unlinked: empty` |

Expressions are the same on DuckDB 1.5.5 and 2.0.  A value that can't be read as its type becomes NULL
here; `prepare` refuses it before anything is compared.
"""

from __future__ import annotations

from collections.abc import Callable

from workbench.expressions.texts import clean, normalised_name_sql, phone
from workbench.model import FieldMap, FieldType, Mapping, Side, Transform
from workbench.normalize.sql import identifier, literal

Columns = Callable[[str], str]
"""Gives the SQL expression of an API field."""

NUMBER = "DECIMAL(38,10)"

__all__ = ["clean", "comparable_text", "compare_sql", "fingerprint_sql", "normalised_name_sql", "raw_text"]


def compare_sql(field: FieldMap, side: Side, columns: Columns) -> str:
    """The comparable value of `field` on `side`; `columns` gives the expression of an API field.

    An expression that fails is NULL here.  That holds only while DuckDB's common_subexpressions are off
    (`sql.failures_kept_apart`).
    """
    if field.transform is Transform.STREET_LINES:
        return _street(field, side, columns)
    if field.read(side):
        return comparable(field, side, f"({computed(field, side, columns)}).v")
    return comparable(field, side, columns(field.api(side)[0]))


def computed(field: FieldMap, side: Side, columns: Columns) -> str:
    """The struct `{v: value}` of a field's `read` expression; NULL where it fails."""
    # sqlglot takes a moment to load, and most mappings have no expression.
    from workbench.expressions.render import render

    expression = field.read(side)
    assert expression is not None
    return f"TRY({{'v': {render(expression.text, columns)}}})"


def comparable(field: FieldMap, side: Side, value: str) -> str:
    """The comparable form of one value."""
    if field.type is FieldType.REFERENCE:
        return _reference(field, side, value)
    if field.type.numeric:
        return f"TRY_CAST({value} AS {NUMBER})"
    if field.type in (FieldType.DATE, FieldType.BOOLEAN):
        return f"TRY_CAST({value} AS {field.type.name})"
    return _mapped(field, side, _text(field, value))


def comparable_type(field: FieldMap) -> str:
    """The DuckDB type of a comparable value."""
    if field.type.numeric:
        return NUMBER
    return field.type.name if field.type in (FieldType.DATE, FieldType.BOOLEAN) else "VARCHAR"


def comparable_text(field: FieldMap, value: str) -> str:
    """A comparable value as text, the same for equal values: 100.00, 2026-03-30, true."""
    if not field.type.numeric:
        return f"CAST({value} AS VARCHAR)"
    if field.type is FieldType.QUANTITY:
        return rf"regexp_replace(CAST({value} AS VARCHAR), '\.?0+$', '')"
    # Amounts and prices keep two decimal places.
    return rf"regexp_replace(CAST({value} AS VARCHAR), '(\.\d\d\d*?)0+$', '\1')"


def raw_text(field: FieldMap, side: Side, columns: Columns) -> str:
    """The raw value as a person reads it; several API fields one a line, an expression its value.

    The column of an expression's value is asked for as `=<field name>`.
    """
    if field.read(side):
        return columns(f"={field.name}")
    values = [f"CAST({columns(name)} AS VARCHAR)" for name in field.api(side)]
    if len(values) == 1:
        return values[0]
    kept = f"list_filter([{', '.join(values)}], lambda part: trim(part) <> '')"
    return f"nullif(array_to_string({kept}, chr(10)), '')"


def fingerprint_sql(mapping: Mapping, alias: str) -> str:
    """A digest of all comparable values of a row of a canonical table; the same on every engine version."""
    texts = [comparable_text(field, f"{alias}.{identifier(f'v:{field.name}')}") for field in mapping.compared]
    marked = ", ".join(f"coalesce('=' || {text}, '-')" for text in texts)
    return f"md5(array_to_string([{marked}], chr(31)))"


def _text(field: FieldMap, value: str) -> str:
    if field.type is FieldType.ID:
        return f"nullif(trim(CAST({value} AS VARCHAR)), '')"
    text = clean(value)
    if field.type is FieldType.EMAIL:
        return f"lower({text})"
    if field.type is FieldType.PHONE:
        return phone(text)
    if field.transform is Transform.COLON_DASH:
        # Two colons side by side would leave two spaces, which no name has.
        return f"trim(regexp_replace(regexp_replace({text}, ' ?: ?', ' - ', 'g'), '  +', ' ', 'g'))"
    return text


def _street(field: FieldMap, side: Side, columns: Columns) -> str:
    values = ", ".join(f"CAST({columns(name)} AS VARCHAR)" for name in field.api(side))
    parts = f"string_split_regex(array_to_string([{values}], chr(10)), '\\r\\n|\\r|\\n')"
    cleaned = f"list_transform({parts}, lambda part: {clean('part')})"
    kept = f"list_filter({cleaned}, lambda part: part IS NOT NULL)"
    return f"nullif(array_to_string({kept}, chr(10)), '')"


def _mapped(field: FieldMap, side: Side, value: str) -> str:
    """The value map, applied on the Salesforce side: comparable values are QuickBooks' words."""
    if side is Side.QUICKBOOKS or not field.values:
        return value
    cases = " ".join(f"WHEN {literal(left)} THEN {literal(right)}" for left, right in field.values)
    return f"CASE {value} {cases} ELSE {value} END"


def _reference(field: FieldMap, side: Side, value: str) -> str:
    key = f"nullif(trim(CAST({value} AS VARCHAR)), '')"
    pair = (
        f"(SELECT min(link.pair) FROM kept.crosswalk AS link "
        f"WHERE link.mapping = {literal(str(field.reference))} AND link.{side}_id = {key})"
    )
    return pair if field.unlinked_empty else f"coalesce({pair}, '{side}:' || {key})"
