"""The report as HTML: for a notebook, and as a page of its own that loads nothing from anywhere."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from workbench.validate.checks import MAPPING, Check, Verdict
from workbench.validate.text import worst
from workbench.validate.wording import counted

if TYPE_CHECKING:
    from workbench.validate.report import Report  # it calls this module

MARKS = {
    Verdict.ERROR: ("−", "#c62828"),
    Verdict.WARNING: ("⚠", "#b35c00"),
    Verdict.UNKNOWN: ("…", "#757575"),
    Verdict.VALID: ("✓", "#2e7d32"),
}

WORDS = {
    Verdict.ERROR: ("error", "errors"),
    Verdict.WARNING: ("warning", "warnings"),
    Verdict.UNKNOWN: ("not known yet", "not known yet"),
    Verdict.VALID: ("valid", "valid"),
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
    """A group; what is wrong in it is seen at once, what is right when it is asked for."""
    verdict = worst(checks)
    wrong = [each for kind in (Verdict.ERROR, Verdict.WARNING) for each in checks if each.verdict is kind]
    rest = [each for each in checks if each not in wrong]
    inside = _rows(wrong) if wrong else ""
    if wrong and rest:
        inside += _folded(_counted(rest), _rows(rest), style=f"margin:.4em 0 .4em 1.2em;{_SMALL}")
    elif rest:
        inside = _rows(rest)
    told = f'{_mark(verdict)} <b>{escape(name)}</b> <span style="{_SMALL}">{escape(_counted(checks))}</span>'
    return _folded(told, inside, style="margin:.4em 0", opened=bool(wrong))


def _folded(summary: str, inside: str, *, style: str, opened: bool = False) -> str:
    return (
        f'<details{" open" if opened else ""} style="{style}"><summary>{summary}</summary>{inside}</details>'
    )


def _rows(checks: Sequence[Check]) -> str:
    rows = "".join(_row(check) for check in checks)
    return f'<table style="margin:.2em 0 .6em 1.2em;border-collapse:collapse"><tbody>{rows}</tbody></table>'


def _row(check: Check) -> str:
    kind = (
        ""
        if not check.group.startswith(MAPPING)
        else f'<br><span style="{_SMALL}">{escape(check.kind)}</span>'
    )
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
        f'<tr><td style="{_CELL}">{escape(each.label)}</td>'
        f'<td style="{_CELL}">{escape("" if each.value == each.label else each.value)}</td>'
        f'<td style="{_CELL}">{escape(each.told)}</td></tr>'
        for each in check.examples
    )
    more = (check.count or 0) - len(check.examples)
    rest = f'<tr><td style="{_CELL}">and {more:,} more</td></tr>' if more > 0 else ""
    return f'<table style="{_SMALL};border-collapse:collapse"><tbody>{rows}{rest}</tbody></table>'


def _counted(checks: Sequence[Check]) -> str:
    counts = {verdict: sum(check.verdict is verdict for check in checks) for verdict in MARKS}
    return ", ".join(counted(count, *WORDS[verdict]) for verdict, count in counts.items() if count)


def _mark(verdict: Verdict) -> str:
    mark, colour = MARKS[verdict]
    return f'<span style="color:{colour};font-weight:bold" title="{WORDS[verdict][0]}">{mark}</span>'
