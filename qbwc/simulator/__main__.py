"""`python -m qbwc.simulator`: the same as `python -m qbwc simulate`."""

from __future__ import annotations

from qbwc.simulator.command import run_simulator

raise SystemExit(run_simulator())
