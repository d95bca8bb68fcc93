"""End with the parent: a process that was started for another one stops when that one is gone.

The parent keeps the other end of our standard input; however it ends, the system closes that end.  Works
the same on Windows, where a killed parent leaves no signal behind.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable


def when_stdin_closes(stop: Callable[[], None]) -> None:
    """Call `stop`, from another thread, when standard input comes to its end."""
    threading.Thread(target=_wait, args=(stop,), daemon=True).start()


def _wait(stop: Callable[[], None]) -> None:
    try:
        # Below the buffer: what was read ahead by readline() is no end, and no lock is held at exit.
        while os.read(sys.stdin.fileno(), 1024):
            pass
    except (OSError, ValueError):
        pass  # closed already: the same as its end
    stop()
