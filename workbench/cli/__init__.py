"""The command line: `workbench COMMAND`.

Exit codes: 0 clean or done, 1 failure, 2 differences found, 3 not finished (needs a person or an answer),
64 wrong usage.  With `--json` the last line of standard output is one JSON object; progress goes to
standard error.
"""

from workbench.cli.main import main

__all__ = ["main"]
