"""Quick Start: from a new profile to the first run in seven steps, each proved at once.

How far a profile is, is derived from what is there: settings that hold, a company file that is paired,
snapshots.  Where a default would do as well, that somebody has settled a step stands in the ledger
(`workbench history`).  So it can be left at any step and taken up again where it stopped.
"""

from workbench.asking import Asker, Later, Question, Script
from workbench.quickstart.guide import STEPS, Progress, progress, step_of, walk
from workbench.quickstart.steps import Context, Standing, State, Step

__all__ = [
    "STEPS",
    "Asker",
    "Context",
    "Later",
    "Progress",
    "Question",
    "Script",
    "Standing",
    "State",
    "Step",
    "progress",
    "step_of",
    "walk",
]
