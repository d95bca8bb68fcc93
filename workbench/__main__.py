"""`python3 -m workbench`, and the command `workbench`.

Works under a Python that has nothing installed: the set-up makes `.venv` and starts the same command
again inside it.  From there on the command line takes over.
"""

import sys

from workbench import bootstrap


def main() -> int:
    """Run the command line with the arguments of the process.

    Returns:
        The exit code: 0 done, 1 failure, 2 differences found, 3 not finished, 64 wrong usage.
    """
    bootstrap.ensure()
    from workbench.cli import main as run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
