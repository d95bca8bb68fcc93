"""`python -m qbwc`."""

from qbwc.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
