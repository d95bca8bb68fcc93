"""A server with one login, and the pretend machine that calls it."""

from __future__ import annotations

from typing import Any

from simulator_world import FILE, OWNER, World, valid
from sqlalchemy import Engine

from qbwc import queue
from qbwc.simulator import Fault, SessionLog, WebConnector

COMPANY = "alder"


class Office:
    """A server with one login, and the machine that calls it."""

    def __init__(self, world: World, engine: Engine, url: str) -> None:
        self.world, self.engine, self.url = world, engine, url

    def update(self, *faults: Fault) -> SessionLog:
        connector = WebConnector(
            self.world.company, self.url, "wc", "s3cret", owner_id=OWNER, file_id=FILE, faults=faults,
            sleep=lambda _: None,
        )  # fmt: skip
        log = connector.update_selected()
        for exchange in log.exchanges:
            valid(exchange.request, "requests")
            if exchange.response:
                valid(exchange.response, "responses")
        return log

    def enqueue(self, *requests: Any) -> list[str]:
        return queue.enqueue(self.engine, COMPANY, list(requests))

    def row(self, identity: str) -> Any:
        (row,) = queue.requests(self.engine, COMPANY, ids=[identity])
        return row

    def settle(self, limit: int = 6) -> None:
        """Press Update Selected until the server has nothing more to do."""
        for _ in range(limit):
            if self.update().outcome == "nothing":
                return
        raise AssertionError(f"still work to do after {limit} updates")
