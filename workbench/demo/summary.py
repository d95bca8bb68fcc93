"""The last page of the demo, as a person reads it."""

from __future__ import annotations

from typing import Any

from rich import box
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from workbench.demo.story import Story


def first_page(story: Story) -> RenderableType:
    """Answer what was pulled, and what matters most of what differs."""
    return Group(_side_by_side(story), _important(story))


def last_page(story: Story) -> RenderableType:
    """Answer the page: what was pulled and matched, what differed, what was pushed, and the proof."""
    data = story.data
    return Group(
        _side_by_side(story),
        _matches(data),
        _important(story),
        _pushed(data),
        _proof(data),
    )


def _important(story: Story) -> RenderableType:
    """Answer the five differences that matter most, before anything was decided."""
    table = Table(
        title="The five most important differences", title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False
    )
    for name in ("record", "field", "Salesforce", "QuickBooks", "found"):
        table.add_column(name, overflow="fold")
    for row in story.first.summary().important if story.first else ():
        table.add_row(row.label, row.field or "", _value(row.salesforce), _value(row.quickbooks), _words(row))
    return table


def _side_by_side(story: Story) -> Table:
    table = Table(title="Pulled", title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("Salesforce")
    table.add_column("rows", justify="right")
    table.add_column("QuickBooks")
    table.add_column("rows", justify="right")
    # Tables without a record say nothing here.
    sides = {each.side: [(name, rows) for name, rows in each.counts.items() if rows] for each in story.pulled}
    left, right = sides.get("salesforce", []), sides.get("quickbooks", [])
    for number in range(max(len(left), len(right))):
        table.add_row(*_cells(left, number), *_cells(right, number))
    return table


def _cells(rows: list[tuple[str, int]], number: int) -> tuple[str, str]:
    return (rows[number][0], f"{rows[number][1]:,}") if number < len(rows) else ("", "")


def _matches(data: dict[str, Any]) -> Table:
    table = Table(title="Matched", title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("mapping")
    table.add_column("pairs", justify="right")
    table.add_column("by")
    for mapping, rules in data["matched"].items():
        by = ", ".join(f"{rule} {count:,}" for rule, count in rules.items())
        table.add_row(mapping, f"{sum(rules.values()):,}", by)
    return table


def _pushed(data: dict[str, Any]) -> Text:
    parts = ", ".join(f"{count:,} {state}" for state, count in data["pushed"].items())
    return Text.assemble(("Pushed   ", "bold"), f"{data['approved']:,} changes approved; {parts}")


def _proof(data: dict[str, Any]) -> Panel:
    remaining = data["remaining_differences"]
    decided = (
        f"{data['accepted']:,} differences were accepted as they are, {data['refused']:,} refused "
        f"because one side cannot hold the value, {data['ignored']:,} records ignored."
    )
    if remaining:
        head = Text(f"✗ {remaining:,} differences are left", style="bold red")
    else:
        head = Text(
            "✓ Nothing undecided is left: both systems were read again and compared", style="bold green"
        )
    body = Text.assemble(head, "\n", decided, "\n", f"{data['seconds']:.1f} seconds in all")
    return Panel(body, title="Proof", title_align="left", expand=False)


def _value(text: str | None) -> str:
    """A value as it is; of a price only the decimals that say something, two at least."""
    if text is None:
        return "–"
    whole, point, decimals = text.partition(".")
    if point and decimals.isdigit() and whole.lstrip("-").isdigit():
        return f"{whole}.{decimals.rstrip('0').ljust(2, '0')}"
    return text


def _words(row: Any) -> str:
    words = {
        "differs": "differs, no base yet",
        "conflict": "edited on both sides",
        "take_salesforce": "edited in Salesforce",
        "take_quickbooks": "edited in QuickBooks",
        "new": "on one side only",
    }
    return words.get(str(row.difference), str(row.difference))
