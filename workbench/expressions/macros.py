"""The package's own functions, written out in DuckDB SQL; each takes and gives SQL of a scalar.

What can't be read raises in DuckDB; the caller wraps the whole expression in TRY.
"""

from __future__ import annotations

from collections.abc import Callable

from workbench.expressions.places import COUNTRIES, STATES, STREET_WORDS
from workbench.expressions.texts import clean, normalised_name_sql, phone, words

# The characters of CP1252: ASCII, Latin-1, and the 27 that Microsoft put between.
CP1252 = "\\x09\\x0a\\x0d\\x20-\\x7e\\x{a0}-\\x{ff}€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ"
SALUTATIONS = "(?:mr|mrs|ms|miss|mx|dr|prof|rev|hon)\\.?"
SUFFIXES = "(?:jr|sr|ii|iii|iv|md|phd|esq|cpa)\\.?"
PARTICLES = "(?:van|von|der|den|de|del|della|la|le|du|da|di|dos|das|st\\.?|bin|al|el|ter|ten)"


def number(value: str) -> str:
    text = f"nullif(trim(CAST({value} AS VARCHAR)), '')"
    bare = f"regexp_replace({text}, '^([-+]?)\\s*[$€£]\\s*', '\\1')"
    # "1,5" is a number in some countries, and 15 when its comma is dropped: only thousands are taken.
    grouped = f"regexp_matches({bare}, '^[-+]?\\d{{1,3}}(,\\d{{3}})+(\\.\\d*)?$')"
    plain = f"CASE WHEN {grouped} THEN replace({bare}, ',', '') ELSE {bare} END"
    return f"CAST({plain} AS DECIMAL(38,10))"


def date_of(value: str) -> str:
    text = f"nullif(trim(CAST({value} AS VARCHAR)), '')"
    american = f"regexp_matches({text}, '^\\d{{1,2}}/\\d{{1,2}}/\\d{{4}}$')"
    stamped = f"regexp_matches({text}, '^\\d{{4}}-\\d\\d-\\d\\d[T ]')"
    return (
        f"CASE WHEN {american} THEN CAST(strptime({text}, '%m/%d/%Y') AS DATE) "
        f"WHEN {stamped} THEN CAST(left({text}, 10) AS DATE) ELSE CAST({text} AS DATE) END"
    )


def date_text(value: str, form: str) -> str:
    return f"strftime(CAST({value} AS DATE), {form})"


def add_days(value: str, days: str) -> str:
    return f"CAST({value} AS DATE) + CAST({days} AS INTEGER)"


def days_between(first: str, second: str) -> str:
    return f"date_diff('day', CAST({first} AS DATE), CAST({second} AS DATE))"


def printable(value: str) -> str:
    # A tab or a line end is a space; the other control characters are nothing.
    return clean(f"regexp_replace(CAST({value} AS VARCHAR), '[\\x00-\\x08\\x0e-\\x1f\\x7f]', '', 'g')")


def line_of(value: str, number_: str) -> str:
    lines = f"string_split_regex(CAST({value} AS VARCHAR), '\\r\\n|\\r|\\n')"
    kept = f"list_filter({lines}, lambda one_line: trim(one_line) <> '')"
    return f"trim(list_extract({kept}, {number_}))"


def cp1252(value: str) -> str:
    text = f"nfc_normalize(CAST({value} AS VARCHAR))"
    letter = (
        f"CASE WHEN regexp_matches(letter, '[{CP1252}]') THEN letter "
        f"ELSE regexp_replace(strip_accents(letter), '[^{CP1252}]', '', 'g') END"
    )
    kept = f"array_to_string(list_transform(string_split({text}, ''), lambda letter: {letter}), '')"
    return f"nullif(CASE WHEN regexp_matches({text}, '[^{CP1252}]') THEN {kept} ELSE {text} END, '')"


def clean_phone(value: str) -> str:
    return phone(clean(value))


def clean_email(value: str) -> str:
    low = f"regexp_replace(lower({clean(value)}), '^mailto:', '')"
    return f"trim(coalesce(nullif(regexp_extract({low}, '<\\s*([^<>]+?)\\s*>', 1), ''), {low}))"


def clean_street(value: str) -> str:
    cases = " ".join(f"WHEN '{long}' THEN '{short}'" for long, short in STREET_WORDS.items())
    split = f"string_split({words(value)}, ' ')"
    short = f"list_transform({split}, lambda one_word: CASE one_word {cases} ELSE one_word END)"
    return f"nullif(array_to_string({short}, ' '), '')"


def clean_city(value: str) -> str:
    return f"nullif(regexp_replace({words(value)}, '^(st|ste) ', 'saint '), '')"


def clean_state(value: str) -> str:
    return _code(value, STATES)


def clean_country(value: str) -> str:
    return _code(value, COUNTRIES)


def _code(value: str, codes: dict[str, str]) -> str:
    cases = " ".join(f"WHEN '{name}' THEN '{code}'" for name, code in codes.items())
    return f"CASE {words(value)} {cases} ELSE upper({clean(value)}) END"


def clean_postal_code(value: str) -> str:
    bare = f"upper(regexp_replace(CAST({value} AS VARCHAR), '[\\s\\p{{Z}}]+', '', 'g'))"
    american = f"regexp_replace({bare}, '^(\\d{{5}})-?(\\d{{4}})$', '\\1-\\2')"
    canadian = f"regexp_replace({bare}, '^([A-Z]\\d[A-Z])-?(\\d[A-Z]\\d)$', '\\1 \\2')"
    return (
        f"CASE WHEN regexp_matches({bare}, '^\\d{{5}}-?\\d{{4}}$') THEN {american} "
        f"WHEN regexp_matches({bare}, '^[A-Z]\\d[A-Z]-?\\d[A-Z]\\d$') THEN {canadian} "
        f"ELSE upper({clean(value)}) END"
    )


def first_name(value: str) -> str:
    name = _without_titles(value)
    before = f"nullif(regexp_extract({name}, '{_split()}', 1, 'i'), '')"
    return f"CASE WHEN contains({name}, ',') THEN {_after_comma(name)} ELSE {before} END"


def last_name(value: str) -> str:
    name = _without_titles(value)
    after = f"coalesce(nullif(regexp_extract({name}, '{_split()}', 2, 'i'), ''), {name})"
    return f"CASE WHEN contains({name}, ',') THEN trim(split_part({name}, ',', 1)) ELSE {after} END"


def salutation(value: str) -> str:
    spoken = f"regexp_replace({clean(value)}, '^[^,]+, *', '')"
    return f"nullif(regexp_extract({spoken}, '^({SALUTATIONS}) ', 1, 'i'), '')"


def name_suffix(value: str) -> str:
    return f"nullif(regexp_extract({clean(value)}, '[ ,]({SUFFIXES})$', 1, 'i'), '')"


def _without_titles(value: str) -> str:
    plain = f"regexp_replace({clean(value)}, ',? {SUFFIXES}$', '', 'i')"
    return f"regexp_replace({plain}, '(^|, *){SALUTATIONS} ', '\\1', 'i')"


def _after_comma(name: str) -> str:
    return f"nullif(trim(substring({name}, strpos({name}, ',') + 1)), '')"


def _split() -> str:
    return f"^(\\S+(?: \\S+)*?) ((?:{PARTICLES} )*\\S+)$"


MACROS: dict[str, Callable[..., str]] = {
    "add_days": add_days,
    "clean": printable,
    "clean_city": clean_city,
    "clean_country": clean_country,
    "clean_email": clean_email,
    "clean_name": normalised_name_sql,
    "clean_phone": clean_phone,
    "clean_postal_code": clean_postal_code,
    "clean_state": clean_state,
    "clean_street": clean_street,
    "cp1252": cp1252,
    "date_of": date_of,
    "date_text": date_text,
    "days_between": days_between,
    "first_name": first_name,
    "last_name": last_name,
    "line_of": line_of,
    "name_suffix": name_suffix,
    "number": number,
    "salutation": salutation,
}
