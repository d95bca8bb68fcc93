"""Step 7: the first run: both systems are read, matched and compared; a person approves what is written."""

from __future__ import annotations

from workbench.asking import Asker
from workbench.crosswalk import pairs
from workbench.errors import WorkbenchError
from workbench.model import Side
from workbench.quickstart.steps import Context, Standing, Step, done, to_do
from workbench.snapshots import newest

FIRST = """\
  {pull}
      reads both systems; press Update Selected, or tick Auto-Run
  {match}
      finds which records are the same; `--close` ends the first matching
  {diff}
      shows every difference, field by field
  {plan}
      makes a change set that can be read; nothing is written before
      `workbench approve` and `workbench push --execute`"""


def standing(context: Context) -> Standing:
    """Done when both systems were read."""
    with context.opened() as opened:
        missing = []
        for side in Side:
            try:
                newest(opened.store, side)
            except WorkbenchError:
                missing.append(side.label)
        matched = any(True for _ in pairs(opened.store))
    if missing:
        return to_do(f"{' and '.join(missing)} not read yet", context.command("pull"))
    if not matched:
        return done(f"both systems are read; next: {context.command('match')}")
    return done(f"both systems are read and matched; next: {context.command('diff')}")


def walk(context: Context, asker: Asker) -> None:
    """Say how it is run; a pull waits for the Web Connector, so it is a command of its own."""
    words = {name: context.command(name) for name in ("pull", "match", "diff", "plan")}
    asker.tell(FIRST.format(**words))
    asker.tell(standing(context).told)


STEP = Step(
    name="run",
    title="Run",
    does="The first pull, match and diff; nothing is written before it is approved.",
    standing=standing,
    walk=walk,
)
