"""How the set-up speaks: one error class, and lines on standard error."""

import sys


class SetupError(Exception):
    """The set-up can't go on.

    Attributes:
        what: What happened, a sentence without its full stop.
        fix: What to do next.
    """

    def __init__(self, what: str, fix: str) -> None:
        super().__init__(what)
        self.what = what
        self.fix = fix


def say(text: str, end: str = "\n") -> None:
    """Tell the user."""
    sys.stderr.write(text + end)
    sys.stderr.flush()
