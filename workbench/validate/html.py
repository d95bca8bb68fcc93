"""The report as HTML: for a notebook, and as a page of its own that loads nothing from anywhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import TYPE_CHECKING

from workbench.validate.checks import Check, Verdict
from workbench.validate.text import worst

if TYPE_CHECKING:
    from workbench.validate.report import Report  # it calls this module

MARKS = {
    Verdict.VALID: ("✓", "#2e7d32", "valid"),
    Verdict.ERROR: ("−", "#c62828", "error"),
    Verdict.WARNING: ("⚠", "#b35c00", "warning"),
    Verdict.UNKNOWN: ("…", "#757575", "not known yet"),
}

_CELL = "padding:2px 10px 2px 0;vertical-align:top;text-align:left"
_SMALL = "font-size:90%;opacity:.75"
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>body {{ font: 15px/1.45 system-ui, sans-serif; max-width: 72em; margin: 2em auto; padding: 0 1em }}
summary {{ cursor: pointer }}</style>
</head>
<body>
<h1>{title}</h1>
{body}
</body>
</html>
"""


def page(report: Report) -> str:
    """A whole page; everything that came from data or files is escaped."""
    return _PAGE.format(title=escape(f"Validate Process: {report.profile}"), body=fragment(report))


def fragment(report: Report) -> str:
    """The report without a page around it; a group opens by itself where something is not valid."""
    return "".join(("<div>", _head(report), *(_group(*each) for each in report.groups()), "</div>"))


def _head(report: Report) -> str:
    word = "valid: push and run may go on" if report.valid else "not valid: neither push nor run goes on"
    mark = _mark(Verdict.VALID if report.valid else Verdict.ERROR)
    lines = [f"{report.folder}, {report.at:%Y-%m-%d %H:%M:%S} UTC", *report.against]
    if report.offline:
        lines.append(f"Without connections: {report.offline}")
    told = "<br>".join(map(escape, lines))
    return f'<p>{mark} <b>{escape(word)}</b> ({escape(report.summary)})</p><p style="{_SMALL}">{told}</p>'


def _group(name: str, checks: Sequence[Check]) -> str:
    verdict = worst(checks)
    opened = " open" if verdict in (Verdict.ERROR, Verdict.WARNING) else ""
    rows = "".join(_row(check) for check in _by_weight(checks))
    return (
        f'<details{opened} style="margin:.4em 0"><summary>{_mark(verdict)} <b>{escape(name)}</b> '
        f'<span style="{_SMALL}">{escape(_counted(checks))}</span></summary>'
        f'<table style="margin:.2em 0 .6em 1.2em;border-collapse:collapse"><tbody>{rows}</tbody></table>'
        "</details>"
    )


def _by_weight(checks: Sequence[Check]) -> Iterator[Check]:
    """What is wrong first, then what should be known, then the rest in its order."""
    for verdicts in ((Verdict.ERROR,), (Verdict.WARNING,), (Verdict.UNKNOWN, Verdict.VALID)):
        yield from (check for check in checks if check.verdict in verdicts)


def _row(check: Check) -> str:
    kind = "" if check.kind == "setting" else f'<br><span style="{_SMALL}">{escape(check.kind)}</span>'
    return (
        f'<tr><td style="{_CELL}">{_mark(check.verdict)}</td>'
        f'<td style="{_CELL}">{escape(check.name)}{kind}</td><td style="{_CELL}">{_told(check)}</td></tr>'
    )


def _told(check: Check) -> str:
    lines = [escape(check.detail)]
    if check.fix:
        lines.append(f"→ {escape(check.fix)}")
    if check.where:
        lines.append(f'<span style="{_SMALL}">{escape(check.where)}</span>')
    if check.examples:
        lines.append(_examples(check))
    return "<br>".join(lines)


def _examples(check: Check) -> str:
    rows = "".join(
        f'<tr><td style="{_CELL}">{escape(each.label)}</td><td style="{_CELL}">{escape(each.value)}</td>'
        f'<td style="{_CELL}">{escape(each.told)}</td></tr>'
        for each in check.examples
    )
    more = (check.count or 0) - len(check.examples)
    rest = f'<tr><td style="{_CELL}">and {more:,} more</td></tr>' if more > 0 else ""
    return f'<table style="{_SMALL};border-collapse:collapse"><tbody>{rows}{rest}</tbody></table>'


def _counted(checks: Sequence[Check]) -> str:
    counts = ((verdict, sum(check.verdict is verdict for check in checks)) for verdict in MARKS)
    return ", ".join(f"{count:,} {MARKS[verdict][2]}" for verdict, count in counts if count)


def _mark(verdict: Verdict) -> str:
    mark, colour, word = MARKS[verdict]
    return f'<span style="color:{colour};font-weight:bold" title="{word}">{mark}</span>'
