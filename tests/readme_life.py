"""The README's life of one change, as the commands really tell it: `python -m tests.readme_life` renews it.

The commands run on a demo of their own.  What differs from run to run (ids, hashes, times) is made the same
before a test compares.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from workbench.bench import open as open_bench
from workbench.demo.story import Story, until_first_diff
from workbench.demo.world import World

README = Path(__file__).resolve().parent.parent / "README.md"
BEGIN, END = "<!-- life begin: made by python -m tests.readme_life -->", "<!-- life end -->"

RECORD = "Wagtail Coach Tours"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One command of the story.

    Attributes:
        words: What is told before it.
        command: As a person types it.
        code: Its exit code.
    """

    words: str
    command: str
    code: int = 0


STEPS = (
    Step(
        words="Somebody has given a customer another telephone number in Salesforce. Who moved, and to what:",
        command=f'workbench diff --where label="{RECORD}" --where field=phone',
        code=2,
    ),
    Step(
        words="The plan says what QuickBooks would answer, what it would hold, and what undoing would take:",
        command="workbench plan --to quickbooks",
        code=2,
    ),
    Step(words="", command=f'workbench changes --where record="{RECORD}" --where field=phone'),
    Step(
        words="A person signs for exactly this change:",
        command=f'workbench approve --where record="{RECORD}" --where field=phone --by maria',
    ),
    Step(words="The dry run shows what would be sent, to the letter:", command="workbench push"),
    Step(words="", command="workbench push --execute"),
    Step(
        words="QuickBooks is read again: both sides hold the same now.",
        command="workbench pull --side quickbooks",
    ),
    Step(words="", command=f'workbench diff --where label="{RECORD}" --where field=phone', code=2),
    Step(
        words="It was a mistake. The undo is a change set like any other:",
        command="workbench undo ID",
        code=2,
    ),
    Step(words="", command="workbench approve --by maria"),
    Step(words="", command="workbench push --execute"),
    Step(words="The difference is there again, as it was:", command="workbench pull --side quickbooks"),
    Step(words="", command=f'workbench diff --where label="{RECORD}" --where field=phone', code=2),
)


def life() -> str:
    """The story as Markdown."""
    with tempfile.TemporaryDirectory(prefix="workbench-life-", ignore_cleanup_errors=True) as folder:
        world = World.make(Path(folder) / "books")
        with world:
            until_first_diff(world, open_bench(world.profile.folder, lambda _: None), Story(), lambda _: None)
            return "\n".join(_told(world.profile.folder))


def _told(folder: Path) -> Iterator[str]:
    pushed = ""
    block: list[str] = []
    for step in STEPS:
        if step.words and block:
            yield from ("```console", *block, "```", "")
            block = []
        if step.words:
            yield from (step.words, "")
        command = step.command.replace("ID", pushed) if step.command.endswith(" ID") else step.command
        output = run(command, folder, step.code).replace(str(folder), "books")
        if not pushed and (found := re.search(r"push of (cs-[0-9a-f]{12})", output)):
            pushed = found[1]
        block += [f"$ {command}", *output.splitlines()]
    yield from ("```console", *block, "```")


def run(command: str, folder: Path, code: int) -> str:
    """What a command prints on standard output.

    Raises:
        AssertionError: It ended with another exit code than expected.
    """
    words = [re.sub(r'"', "", word) for word in re.findall(r'(?:[^\s"]|"[^"]*")+', command)]
    done = subprocess.run(
        [sys.executable, "-m", *words],
        cwd=folder,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=dict(os.environ) | {"PYTHONPATH": str(README.parent), "PYTHONUTF8": "1"},
        timeout=180,
        check=False,
    )
    assert done.returncode == code, f"{command}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    return "\n".join(line.rstrip() for line in done.stdout.splitlines()).strip("\n")


_SAME = (
    (re.compile(r"(cs|ch|ap)-[0-9a-f]{12,16}"), r"\1-…"),
    (re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?"), "TIME"),
    (re.compile(r"(salesforce|quickbooks)-\d{8}T[\w-]+"), r"\1-…"),
    (re.compile(r"(?<=only: )[0-9a-f ]+"), "KEY"),
    (re.compile(r"(?<=<EditSequence>)\d+"), "…"),
    (re.compile(r"─+"), "─"),
    # Where a line is folded depends on the length of a temporary folder's name.
    (re.compile(r"\s+"), " "),
)


def normalised(text: str) -> str:
    """The story without what differs from run to run."""
    for pattern, same in _SAME:
        text = pattern.sub(same, text)
    return text


def kept(text: str) -> str:
    """The story that stands in a README.

    Raises:
        ValueError: The markers are not there.
    """
    _, begin, rest = text.partition(BEGIN)
    told, end, _ = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{README.name} has no '{BEGIN}' followed by '{END}'")
    return told.strip("\n")


def main() -> int:
    text = README.read_text(encoding="utf-8")
    before, made = kept(text), life()
    if normalised(made) != normalised(before):
        README.write_text(text.replace(f"{BEGIN}\n{before}", f"{BEGIN}\n{made}"), encoding="utf-8")
        sys.stdout.write(f"{README.name}: the life of one change is renewed\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
