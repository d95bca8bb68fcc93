"""How texts, names and phone numbers are made comparable, as DuckDB expressions.

The same on DuckDB 1.5.5 and 2.0; each takes and gives SQL of a scalar.
"""

from __future__ import annotations

EXTENSION = r"\s*(?:ext\.?|extension|x|#)\s*(\d+)$"
LEGAL_FORMS = "|".join(
    """incorporated inc llc llp lp ltd limited corporation corp company co plc pllc
    gmbh ag kg sa sarl bv nv""".split()  # noqa: SIM905 - one word after the other is how one reads them
)


def clean(value: str) -> str:
    """Text with composed accents and collapsed white space (no-break spaces too); empty is NULL."""
    text = f"CAST({value} AS VARCHAR)"
    collapsed = f"regexp_replace(nfc_normalize({text}), '[\\s\\p{{Z}}]+', ' ', 'g')"
    # Most values are plain ASCII without a double space, and are told apart at a third of the cost.
    return (
        f"nullif(trim(CASE WHEN regexp_matches({text}, '[^!-~ ]|  ') THEN {collapsed} ELSE {text} END), '')"
    )


def normalised_name_sql(value: str) -> str:
    """A name without case, accents, punctuation and legal form; '&' is 'and'.  NULL when nothing is left.

    A name that is nothing but a legal form keeps it.
    """
    plain = words(value)
    without = f"trim(regexp_replace({plain}, '(?: (?:{LEGAL_FORMS}|and))+$', ''))"
    return f"nullif({without}, '')"


def words(value: str) -> str:
    """Words in small letters without accents and punctuation; '&' is 'and'."""
    low = f"replace(lower(strip_accents({clean(value)})), '&', ' and ')"
    # Dots and apostrophes join what they stand between: "L.L.C." and "Joe's" are one word each.
    joined = f"regexp_replace({low}, '[.''’`]', '', 'g')"
    return f"trim(regexp_replace({joined}, '[^\\p{{L}}\\p{{N}}]+', ' ', 'g'))"


def phone(text: str) -> str:
    """Digits and extension of a text that is clean already."""
    low = f"lower({text})"
    digits = f"regexp_replace(regexp_replace({low}, '{EXTENSION}', ''), '\\D', '', 'g')"
    main = f"regexp_replace({digits}, '^1(\\d{{10}})$', '\\1')"
    extension = f"regexp_extract({low}, '{EXTENSION}', 1)"
    number = f"{main} || CASE WHEN {extension} = '' THEN '' ELSE 'x' || {extension} END"
    # "call the office" is a value too: dropping it would hide a difference.
    return f"CASE WHEN {digits} = '' THEN {low} ELSE {number} END"
