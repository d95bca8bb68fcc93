"""`python -m tests.faults.model_child PROFILE CHANGESET AT`: a push that is carried on, and killed at an act.

The process ends without a word to anybody, by SIGKILL where there is one; it exits with 0 when it had fewer
acts.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from tests.faults.model_process import Process
from workbench.connections import salesforce_session

KILLED = 9


def main() -> int:
    """Carry the push on until killed."""
    folder, changeset, at = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    salesforce_session.FIRST_WAIT_SECONDS = 0.002
    process = Process(folder)
    process.death.end = _end
    with process.dying(at):
        process.bench.resume(changeset, wait=0)
    return 0


def _end() -> None:
    if hasattr(signal, "SIGKILL"):
        os.kill(os.getpid(), signal.SIGKILL)
    os._exit(KILLED)


if __name__ == "__main__":
    sys.exit(main())
