"""`python -m tests.benchmarks NAME [--size small|full] --json`: how fast, how large, against a floor.

    receive      a Web Connector brings a large company file, and it is loaded into a snapshot
    scale        many companies at once on one server (--companies N)
    salesforce   large objects come from an org
    diff         two sides and their base are compared, three ways (--rows N)
    history      ten daily pulls against the space of one (--rows N)
    push         many changes are planned and foretold; a thousand for each side are pushed

Ratios come from medians of interleaved runs in one call; absolute figures belong to the machine that is told
with them.  A figure that is missed is no error: the exit code is 0 when the measurement could be made.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from importlib import import_module
from typing import Any

from workbench import bootstrap

NAMES = ("diff", "history", "push", "receive", "salesforce", "scale")
"""Modules beside this one, each with `run(size)`; tiny is for the tests of the commands themselves."""


def main() -> int:
    """Measure and tell."""
    bootstrap.ensure("test")
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks")
    parser.add_argument("name", choices=NAMES)
    parser.add_argument("--size", choices=("tiny", "small", "full"), default="full")
    parser.add_argument("--companies", type=int, default=200, help="for scale")
    parser.add_argument("--rows", type=int, help="for diff and history, instead of the size's own")
    parser.add_argument("--json", action="store_true", help="the last line is one JSON object")
    options = parser.parse_args()
    told = {"name": options.name, **_measured(options), "machine": _machine()}
    width = max(map(len, told))
    print(json.dumps(told) if options.json else "\n".join(f"{k:{width}}  {v}" for k, v in told.items()))
    return 0


def _measured(options: argparse.Namespace) -> dict[str, Any]:
    module = import_module(f"tests.benchmarks.{options.name}")
    rows = {"rows": options.rows}
    more = {"scale": {"companies": options.companies}, "diff": rows, "history": rows}.get(options.name, {})
    told: dict[str, Any] = module.run(options.size, **more)
    return told


def _machine() -> str:
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    python = f"Python {platform.python_version()}"
    return f"{platform.system()} {platform.machine()}, {os.cpu_count()} CPUs, {python}{load}"


if __name__ == "__main__":
    sys.exit(main())
