"""One set-up at a time: a lock on a file beside `.venv`, which the system lets go of with its last holder."""

import contextlib
import errno
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from workbench.bootstrap.errors import say

_BUSY = (errno.EACCES, errno.EAGAIN, errno.EDEADLK)


@contextlib.contextmanager
def turn(path: Path) -> "Iterator[list[int]]":
    """Wait for another set-up to end, then hold the lock.

    Yields:
        The file descriptors that a child has to keep open: pip goes on for a while when the process that
        started it is killed, and the next set-up must wait for that too.  Empty on Windows.
    """
    with path.open("a+b") as handle:
        if not _try_lock(handle.fileno()):
            say("Another set-up is at work in this folder; waiting for it.")
            while not _try_lock(handle.fileno()):
                time.sleep(0.3)
        yield [] if os.name == "nt" else [handle.fileno()]


def _try_lock(descriptor: int) -> bool:
    """Lock an open file without waiting; False while another process holds it."""
    try:
        if sys.platform == "win32":
            import msvcrt

            os.lseek(descriptor, 0, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        # A file system that knows no locks must keep nobody out.
        return error.errno not in _BUSY
    return True
