"""The guide to expressions, in Markdown, made from the functions' own data."""

from __future__ import annotations

from collections.abc import Iterator

from workbench.expressions.functions import FUNCTIONS, NOT_FUNCTIONS

INTRODUCTION = """\
# Expressions in a mapping

A field map may say with a SQL expression what is compared (`read`) and what is written (`write`):

```yaml
  contact_name:
    salesforce: [FirstName, LastName]
    quickbooks: Contact
    read: {salesforce: "concat_ws(' ', FirstName, LastName)"}
    write: {salesforce: {FirstName: "first_name(Contact)", LastName: "last_name(Contact)"}}
```

- `read: {<side>: ...}` reads the columns of that side; its value is compared, and written to the other side
  when no `write` says otherwise. A field that names several columns of a side needs one.
- `write: {<side>: ...}` gives what is written to that side, out of the columns of the **other** side; one
  expression for a field's only column, else one for each column that is written.
- An expression sees one record: its columns by their API names (`"Custom_Vehicle no"` in double quotes when a
  name holds a space), those of a related record as `Object.Field`. Text stands in single quotes. There are
  `+ - *`, `||`, `= <> < <= > >=`, `and or not`, `in (...)`, `between`, `like`, `is null`,
  `case when ... then ... else ... end`, `cast(... as date)`, and the functions below. No subquery, no other
  table, no file, no network, and no `/`, since a binary fraction is no exact amount.
- A condition (`where` of a side, a state or a related record) is made of the same, but of the functions takes
  DuckDB's own only. One of related records may look into another table of its side:
  `Pricebook2Id IN (SELECT Id FROM salesforce."Pricebook2" WHERE IsStandard)`.
- When an expression fails on a record (the text "soon" as a number), that record is listed with its values
  and left alone; all others go on. A condition that fails on a record does not take it, and lists it too.

**Portable** functions give the same result on Spark (unverified: only their carrying over is tested).
"""

HEADING = "| function | what it gives | example | value | portable |\n|---|---|---|---|---|"


def guide() -> str:
    """The whole guide; `mappings/expressions.md` holds it."""
    return "\n".join(_parts()) + "\n"


def _parts() -> Iterator[str]:
    yield INTRODUCTION
    for group in dict.fromkeys(each.group for each in FUNCTIONS):
        yield f"## {group}\n\n{HEADING}"
        for each in FUNCTIONS:
            if each.group == group:
                value = "(empty)" if each.gives is None else f"`{each.gives}`"
                portable = "yes" if each.portable else "no"
                told = (f"`{each.name}`", _cell(each.doc), f"`{_cell(each.example)}`", value, portable)
                yield f"| {' | '.join(told)} |"
        yield ""
    yield "## Coming from DBSync\n\n| there | here |\n|---|---|"
    for word in dict.fromkeys(each.like for each in FUNCTIONS if each.like):
        names = ", ".join(f"`{each.name}`" for each in FUNCTIONS if each.like == word)
        yield f"| {word} | {names} |"
    for word, instead in NOT_FUNCTIONS.items():
        yield f"| {word} | {_cell(instead)} |"


def _cell(text: str) -> str:
    shown = text.replace("\n", "\\n").replace("\t", "\\t")
    return shown.replace("|", "\\|")
