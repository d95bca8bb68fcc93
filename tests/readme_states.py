"""The README's table of states, made from the process templates: `python -m tests.readme_states` renews it.

A test holds that what stands between the markers is what the templates say.
"""

from __future__ import annotations

import sys
from pathlib import Path

from workbench.templates import Template, list_templates

README = Path(__file__).resolve().parent.parent / "README.md"
BEGIN, END = "<!-- states begin: made by python -m tests.readme_states -->", "<!-- states end -->"
PRESETS = {"salesforce": "S", "quickbooks": "Q", "both": "B"}


def table() -> str:
    """The states of all templates, each where it is first told: on in a new profile, and in which presets."""
    lines = ["| state | new profile | preset | what it does |", "|---|---|---|---|"]
    told: set[str] = set()
    for template in sorted(list_templates(), key=lambda each: -len(each.states)):
        lines += [_row(template, name) for name in template.states if name not in told]
        told.update(template.states)
    return "\n".join(lines)


def _row(template: Template, name: str) -> str:
    state = template.states[name]
    masters = template.masters
    presets = [letter for each, letter in PRESETS.items() if each in masters and name in masters[each].states]
    return f"| `{name}` | {'on' if state.on else 'off'} | {' '.join(presets)} | {state.does} |"


def renewed(text: str) -> str:
    """The README with the table as it is now.

    Raises:
        ValueError: The markers are not there.
    """
    head, begin, rest = text.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{README.name} has no '{BEGIN}' followed by '{END}'")
    return f"{head}{BEGIN}\n{table()}\n{END}{tail}"


def main() -> int:
    before = README.read_text(encoding="utf-8")
    after = renewed(before)
    if after != before:
        README.write_text(after, encoding="utf-8")
        sys.stdout.write(f"{README.name}: the table of states is renewed\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
