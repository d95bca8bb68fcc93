"""Headless runs of notebooks: papermill with checked parameters, a run folder, a report and exit codes.

    runs/20260330T164000Z-1f3a9c/
        notebook.ipynb    as executed, with its outputs
        report.html       the same without code, in one file that loads nothing from anywhere
        result.json       what the notebook says of itself, and what the run adds
        log.txt           what it printed

Parameters are written in plain text into notebook, result and shell history: pass a profile's name,
never a secret.
"""

from workbench.scheduled.run import RunResult, run_notebook
from workbench.scheduled.verdict import Verdict, verdict

__all__ = ["RunResult", "Verdict", "run_notebook", "verdict"]
