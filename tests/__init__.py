"""The tests. A package, so that a stray `tests` among the installed packages can't stand in for it."""
