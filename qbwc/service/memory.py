"""Keep the server small: give memory back after a page instead of keeping it for the next one.

glibc keeps a heap for each thread, and what it once handed out in large pieces it comes to keep as well: a
server with a few threads then holds several times the largest page it ever saw.  Other systems' allocators
give back by themselves; there this does nothing.
"""

from __future__ import annotations

import ctypes
import sys

# malloc.h: M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX.  Naming the thresholds keeps glibc from raising
# them when a large piece is given back.
_TUNING = ((-8, 1), (-3, 256 * 1024), (-1, 1024 * 1024))


def give_back() -> bool:
    """Tell the C library to give memory back, for the whole process; whether it could be told."""
    if not sys.platform.startswith("linux"):
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):  # a C library without it
        return False
    return all(mallopt(parameter, value) for parameter, value in _TUNING)
