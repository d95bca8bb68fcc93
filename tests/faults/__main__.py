"""`python -m tests.faults NAME --count N --seed S --json`: mishaps in numbers, and what became of it all.

    web-connector   the Web Connector server is killed, the line cut, the answer lost, at every step of
                    sessions with 200 writes
    salesforce      a push of 500 changes is killed, its answers lost, its sessions ended, the org down, at
                    every step
    push            the command of a push of 200 changes is killed at each of its writes, to either side, and
                    given again
    model           random lives of a reconciliation, edits, pulls, plans, pushes and undos, with mishaps in
                    between, against a simple reference
    bad-input       mutated SOAP calls and mutated qbXML answers against the real server and the parsers

The seed decides all random choices.  The exit code is 0 only when nothing was lost, doubled or unapproved,
and nothing crashed.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from workbench import bootstrap

if TYPE_CHECKING:
    from tests.faults.tally import Tally

DEFAULT_COUNTS = {
    "web-connector": 300,
    "salesforce": 300,
    "push": 300,
    "model": 300,
    "bad-input": 10_000,
}
"""Faults by campaign; each lives in the module of its name, `bad-input` in `bad_input`."""


def main() -> int:
    """Run a campaign and tell its sums."""
    bootstrap.ensure("test")
    parser = argparse.ArgumentParser(prog="python -m tests.faults")
    parser.add_argument("name", choices=sorted(DEFAULT_COUNTS))
    parser.add_argument("--count", type=int, help="faults to inject")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="the last line is one JSON object")
    options = parser.parse_args()
    started = time.monotonic()
    from tests.faults.tally import lines

    tally = _campaign(options.name)(options.count or DEFAULT_COUNTS[options.name], options.seed)
    told = {"name": options.name, "seed": options.seed, **tally.told()}
    told["seconds"] = round(time.monotonic() - started, 1)
    print(json.dumps(told) if options.json else lines(told))
    return 0 if tally.clean else 1


def _campaign(name: str) -> Callable[[int, int], Tally]:
    run: Callable[[int, int], Tally] = importlib.import_module(f"tests.faults.{name.replace('-', '_')}").run
    return run


if __name__ == "__main__":
    sys.exit(main())
