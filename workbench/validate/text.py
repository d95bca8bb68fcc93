"""The report in a terminal: a heading a group, what is not valid line by line, what is valid folded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from workbench.validate.checks import Check, Verdict
from workbench.validate.wording import counted

if TYPE_CHECKING:
    from workbench.validate.report import Report  # it calls this module

MARKS = {
    Verdict.VALID: ("✓", "green"),
    Verdict.ERROR: ("−", "bold red"),
    Verdict.WARNING: ("!", "bold yellow"),
    Verdict.UNKNOWN: ("…", "dim"),
}
"""Green check and red minus as the process template has them."""

FOLDED = ("mapping", "field", "expression", "match rule", "lines", "filter", "dependency")
"""Kinds of checks that are counted where they are valid, instead of listed."""

NAME_WIDTH = 28
WORDS = {
    "lines": ("mapping of lines", "mappings of lines"),
    "dependency": ("state has what it needs", "states have what they need"),
}


def shown(report: Report, *, everything: bool = False) -> RenderableType:
    """The whole report; with `everything` nothing is folded."""
    parts: list[RenderableType] = [_head(report)]
    for name, checks in report.groups():
        parts += [Text(), _heading(name, checks), _lines(checks, everything)]
    return Group(*parts, Text(), _foot(report))


def _head(report: Report) -> Text:
    text = Text.assemble(("Validate Process", "bold"), f"  {report.profile}  ", (report.folder, "dim"))
    for line in report.against:
        text.append(f"\n{line}", "dim")
    if report.offline:
        text.append(f"\nWithout connections: {report.offline}", "yellow")
    return text


def _heading(name: str, checks: Sequence[Check]) -> Text:
    mark, style = MARKS[worst(checks)]
    return Text.assemble((f"{mark} ", style), (name, "bold"))


def worst(checks: Iterable[Check]) -> Verdict:
    """What a group is: its worst check decides, and what is not known yet does not hide what is valid."""
    found = {check.verdict for check in checks}
    order = (Verdict.ERROR, Verdict.WARNING, Verdict.VALID, Verdict.UNKNOWN)
    return next((each for each in order if each in found), Verdict.VALID)


def _lines(checks: Sequence[Check], everything: bool) -> RenderableType:
    table = Table.grid(padding=(0, 1))
    table.add_column(width=1)
    table.add_column(width=NAME_WIDTH, overflow="fold")
    table.add_column(ratio=1, overflow="fold")
    for check in _not_folded(checks, everything):
        mark, style = MARKS[check.verdict]
        table.add_row(Text(mark, style), _named(check), _told(check))
    for verdict, word in ((Verdict.VALID, "valid"), (Verdict.UNKNOWN, "not known yet")):
        if folded := _folded(checks, verdict, everything):
            mark, style = MARKS[verdict]
            table.add_row(Text(mark, style), Text(word, "dim"), Text(folded, "dim"))
    return Padding(table, (0, 0, 0, 2))


def _named(check: Check) -> Text:
    """A gate stands below its state."""
    if check.kind == "gate":
        return Text(f"  {check.name.rpartition(': ')[2]}", "dim")
    return Text(check.name)


def _told(check: Check) -> Text:
    text = Text(check.detail)
    if check.verdict in (Verdict.ERROR, Verdict.WARNING):
        if check.where:
            text.append(f"\n{check.where}", "dim")
        if check.fix:
            text.append(f"\n→ {check.fix}", "cyan")
    elif check.verdict is Verdict.UNKNOWN and check.fix:
        text.append(f"\n→ {check.fix}", "dim cyan")
    for each in check.examples:
        text.append(f"\n  {each.label}: ", "dim")
        text.append(each.told or each.value)
    if check.count is not None and check.examples and check.count > len(check.examples):
        text.append(f"\n  and {check.count - len(check.examples):,} more", "dim")
    return text


def _not_folded(checks: Sequence[Check], everything: bool) -> Iterator[Check]:
    yield from (check for check in checks if everything or not _folds(check))


def _folds(check: Check) -> bool:
    if check.verdict is Verdict.UNKNOWN:  # the mapping itself says why
        return check.kind in FOLDED and check.kind != "mapping"
    return check.kind in FOLDED and check.verdict is Verdict.VALID


def _folded(checks: Sequence[Check], verdict: Verdict, everything: bool) -> str:
    """What is folded, counted by kind: `12 fields, 4 match rules`."""
    folded = [check for check in checks if not everything and _folds(check) and check.verdict is verdict]
    kinds = Counter(check.kind for check in folded)
    return ", ".join(counted(kinds[kind], *WORDS.get(kind, (kind,))) for kind in FOLDED[1:] if kinds[kind])


def _foot(report: Report) -> Text:
    mark, style = MARKS[Verdict.VALID if report.valid else Verdict.ERROR]
    told = "valid: push and run may go on" if report.valid else "not valid: neither push nor run goes on"
    return Text.assemble((f"{mark} ", style), (told, "bold"), f"  ({report.summary})")
