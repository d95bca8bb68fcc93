"""The functions that an expression may use, as data: what each does, an example, and whether it is portable.

A portable function gives the same result on Spark once sqlglot has carried it over (held by a test as far
as the text goes; running it on Spark is unverified).  `like` is the word of DBSync's mapping editor that it
stands for.  The examples are tests, and the guide is made from them.
"""

from __future__ import annotations

from dataclasses import dataclass

NAMES, NUMBERS, LOGIC, DATES, PARTIES = (
    "Text",
    "Numbers",
    "Choice and emptiness",
    "Dates",
    "Names, phones, e-mail, addresses",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """One function.

    Attributes:
        name: As it is written, in small letters; capitals are taken too.
        example, gives: An expression without columns, and its value as text (None: empty).
        portable: Whether Spark gives the same result.
        takes: Fewest and most arguments, for the package's own functions; None: DuckDB's own.
        like: DBSync's word for it.
    """

    name: str
    group: str
    doc: str
    example: str
    gives: str | None
    portable: bool = True
    takes: tuple[int, int] | None = None
    like: str = ""


def _duckdb(
    group: str, name: str, doc: str, example: str, gives: str | None, *, portable: bool = True, like: str = ""
) -> Function:
    return Function(
        name=name, group=group, doc=doc, example=example, gives=gives, portable=portable, like=like
    )


def _own(
    group: str, name: str, doc: str, example: str, gives: str | None, *, takes: int = 1, like: str = ""
) -> Function:
    return Function(
        name=name,
        group=group,
        doc=doc,
        example=example,
        gives=gives,
        portable=False,
        takes=(takes, takes),
        like=like,
    )


FUNCTIONS: tuple[Function, ...] = (
    _duckdb(NAMES, "concat", "Texts one after the other; empty ones are left out. `||` does the same, but is "
            "empty when one part is.", "concat('A', NULL, 'B')", "AB", portable=False, like="CONCATENATE"),
    _duckdb(NAMES, "concat_ws", "Texts with a separator between those that are there.",
            "concat_ws(' ', 'Anna', NULL, 'Berg')", "Anna Berg", like="CONCATENATE"),
    _duckdb(NAMES, "upper", "Capital letters.", "upper('net 30')", "NET 30"),
    _duckdb(NAMES, "lower", "Small letters.", "lower('Net 30')", "net 30"),
    _duckdb(NAMES, "trim", "Without spaces at both ends.", "trim('  x ')", "x"),
    _duckdb(NAMES, "length", "How many characters.", "length('Bolt')", "4"),
    _duckdb(NAMES, "left", "The first characters.", "left('INV-1741', 3)", "INV"),
    _duckdb(NAMES, "right", "The last characters.", "right('INV-1741', 4)", "1741"),
    _duckdb(NAMES, "substring", "Characters from a place, counted from 1.",
            "substring('INV-1741', 5, 2)", "17"),
    _duckdb(NAMES, "replace", "Every occurrence of a text replaced.",
            "replace('Smith & Co', '&', 'and')", "Smith and Co"),
    _duckdb(NAMES, "split_part", "A part between separators, counted from 1.",
            "split_part('Parent:Job', ':', 2)", "Job"),
    _duckdb(NAMES, "contains", "Whether a text holds another.", "contains('Net 30', '30')", "true"),
    _duckdb(NAMES, "starts_with", "Whether a text begins with another.",
            "starts_with('INV-1741', 'INV')", "true"),
    _duckdb(NAMES, "lpad", "Filled up at the left to a length.", "lpad('42', 5, '0')", "00042"),
    _own(NAMES, "clean", "Spaces collapsed, what does not print dropped; empty when nothing is left.",
         "clean('  Bolt\t&  Nut ')", "Bolt & Nut", like="CLEAN"),
    _own(NAMES, "line_of", "A line of a text of several lines, counted from 1, empty lines left out.",
         "line_of('1 Main St\n\nSuite 5', 2)", "Suite 5", takes=2),
    _own(NAMES, "cp1252", "Only characters that QuickBooks stores (CP1252): accents that it lacks are taken "
         "off their letter, everything else that it lacks is dropped.",
         "cp1252('Dvořák “Ω” é €')", "Dvorák “” é €"),
    _own(NUMBERS, "number", "A number out of a text, with or without a currency sign and commas between "
         "thousands; any other text fails on its record.", "number('$1,234.50')", "1234.5000000000",
         like="NUMBER, ASNUMBER"),
    _duckdb(NUMBERS, "abs", "Without its sign.", "abs(-2.50)", "2.50"),
    _duckdb(NUMBERS, "round", "Rounded to so many places, half away from zero.", "round(2.345, 2)", "2.35"),
    _duckdb(NUMBERS, "greatest", "The largest; empty ones are left out.", "greatest(1, 3, 2)", "3"),
    _duckdb(NUMBERS, "least", "The smallest; empty ones are left out.", "least(1, 3, 2)", "1"),
    _duckdb(LOGIC, "if", "One of two values by a condition.", "if(2 > 1, 'yes', 'no')", "yes", like="IF"),
    _duckdb(LOGIC, "coalesce", "The first value that is there.", "coalesce(NULL, 'b')", "b"),
    _duckdb(LOGIC, "nullif", "Empty when both are equal, else the first.", "nullif('n/a', 'n/a')", None),
    _own(DATES, "date_of", "A date out of 2026-03-30, a date and time, or 3/30/2026 (month first); any other "
         "text fails on its record.", "date_of('3/30/2026')", "2026-03-30", like="date functions"),
    _own(DATES, "date_text", "A date as text: %Y year, %m month, %d day.",
         "date_text(DATE '2026-03-30', '%m/%d/%Y')", "03/30/2026", takes=2, like="date functions"),
    _own(DATES, "add_days", "A date so many days later (or earlier).",
         "add_days(DATE '2026-03-30', 30)", "2026-04-29", takes=2, like="date functions"),
    _own(DATES, "days_between", "Days from the first date to the second.",
         "days_between(DATE '2026-03-30', DATE '2026-04-29')", "30", takes=2, like="date functions"),
    _duckdb(DATES, "year", "The year of a date.", "year(DATE '2026-03-30')", "2026"),
    _duckdb(DATES, "month", "The month of a date, from 1.", "month(DATE '2026-03-30')", "3"),
    _duckdb(DATES, "day", "The day of a date within its month.", "day(DATE '2026-03-30')", "30"),
    _own(PARTIES, "clean_name", "A company's name without case, accents, punctuation and legal form.",
         "clean_name('Müller & Söhne, Inc.')", "muller and sohne"),
    _own(PARTIES, "clean_phone", "Digits without a leading 1 of eleven, `x` and the extension.",
         "clean_phone('+1 (415) 555-0134 ext. 7')", "4155550134x7"),
    _own(PARTIES, "clean_email", "In small letters, without `mailto:` and a name around it.",
         "clean_email('Ann Berg <Ann@Example.COM>')", "ann@example.com"),
    _own(PARTIES, "clean_street", "A street without case and punctuation, usual words abbreviated.",
         "clean_street('12 North Main Street, Suite 5')", "12 n main st ste 5"),
    _own(PARTIES, "clean_city", "A city without case, accents and punctuation; St. is saint.",
         "clean_city('St. Paul')", "saint paul"),
    _own(PARTIES, "clean_state", "A state of the USA or a province of Canada by its two letters.",
         "clean_state('New  york')", "NY"),
    _own(PARTIES, "clean_postal_code", "In capitals; 9 digits as 12345-6789, Canada's as K1A 0B1.",
         "clean_postal_code('k1a0b1')", "K1A 0B1"),
    _own(PARTIES, "clean_country", "Usual names of a country by its two letters; others in capitals.",
         "clean_country('United States')", "US"),
    _own(PARTIES, "first_name", "First and middle names of a person; empty when there is one word only.",
         "first_name('Dr. Mary Ann van Dyke Jr.')", "Mary Ann"),
    _own(PARTIES, "last_name", "The last name of a person, with van, de and the like; `Last, First` too.",
         "last_name('van Dyke, Mary Ann')", "van Dyke"),
    _own(PARTIES, "salutation", "Mr., Ms., Dr. and the like before a person's name.",
         "salutation('Dr. Mary Ann van Dyke')", "Dr."),
    _own(PARTIES, "name_suffix", "Jr., III and the like behind a person's name.",
         "name_suffix('Tom Ford III')", "III"),
)  # fmt: skip

NOT_FUNCTIONS = {
    "VALUE": "the column's name: `Name`, or in double quotes when it holds a space",
    "AND, OR, NOT": "`and`, `or`, `not`, and `case when ... then ... else ... end`",
    "LINK": "`type: reference` with `reference: <mapping>`: the record that is linked there",
    "MEMTABLE, MEMLOOKUP": "`values:`, pairs of a Salesforce and a QuickBooks word",
    "ADDXML": "a field's plain name; a custom field of QuickBooks is `Custom_<its name>`",
}
"""What DBSync does with a function and a mapping does without one."""
