"""The same tables as HTML for a notebook, and as a page of its own that loads nothing from anywhere."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from workbench.moneyproof.sections import Row, Section

_TABLE = "border-collapse:collapse;margin:.3em 0 .4em;font-variant-numeric:tabular-nums"
_CELL = "padding:2px 0 2px 1.6em;vertical-align:top"
_FIRST = "padding:2px 0;vertical-align:top;text-align:left"
_RULE = "border-bottom:1px solid rgba(128,128,128,.45)"
_SMALL = "font-size:90%;opacity:.75"
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>body {{ font: 15px/1.45 system-ui, sans-serif; max-width: 72em; margin: 2em auto; padding: 0 1em }}
</style>
</head>
<body>
<h1>{title}</h1>
{body}
</body>
</html>
"""


def page(title: str, body: str) -> str:
    """A whole page."""
    return _PAGE.format(title=escape(title), body=body)


def fragment(headline: str, below: Iterable[str], sections: Iterable[Section], *, good: bool) -> str:
    """A headline, what stands below it, and the tables; everything that came from data is escaped."""
    mark, colour = ("✓", "#2e7d32") if good else ("!", "#b35c00")
    told = "<br>".join(map(escape, below))
    return "".join(
        (
            f'<div><p style="font-size:115%"><span style="color:{colour};font-weight:bold">{mark}</span> '
            f"<b>{escape(headline)}</b></p>",
            f'<p style="{_SMALL}">{told}</p>' if told else "",
            *map(_section, sections),
            "</div>",
        )
    )


def _section(section: Section) -> str:
    titles = "".join(_cell("th", title, place, section) for place, title in enumerate(section.columns))
    head = f'<tr style="{_SMALL}">{titles}</tr>' if any(section.columns) else ""
    rows = "".join(_row(row, section) for row in section.rows)
    title = f'<p style="margin:1.2em 0 .2em"><b>{escape(section.title)}</b></p>'
    body = f"<thead>{head}</thead><tbody>{rows}</tbody>"
    below = f'<p style="margin:0 0 1.2em;{_SMALL}">{escape(section.note)}</p>' if section.note else ""
    return f'{title}<table style="{_TABLE}">{body}</table>{below}'


def _row(row: Row, section: Section) -> str:
    if not row.cells:
        style = f"{_FIRST};padding-left:{row.indent * 1.2}em"
        inner = escape(row.label) if not row.strong else f"<b>{escape(row.label)}</b>"
        small = "" if row.strong else f";{_SMALL}"
        # A long sentence does not make the table wider.
        inner = f'<div style="width:0;min-width:100%">{inner}</div>'
        return f'<tr><td colspan="{len(section.columns)}" style="{style}{small}">{inner}</td></tr>'
    cells = "".join(
        _cell("td", text, place, section, row) for place, text in enumerate((row.label, *row.cells))
    )
    return f"<tr>{cells}</tr>"


def _cell(tag: str, text: str, place: int, section: Section, row: Row | None = None) -> str:
    align = "left" if place in section.words else "right"
    style = f"{_CELL};text-align:{align};white-space:nowrap"
    if place == 0:
        style = f"{_FIRST};padding-left:{(row.indent if row else 0) * 1.2}em"
    if tag == "th":
        style += f";font-weight:normal;{_RULE}"
    inner = f"<b>{escape(text)}</b>" if row and row.strong else escape(text)
    return f'<{tag} style="{style}">{inner}</{tag}>'
