"""Callers that send slowly, or nonsense, keep nobody else out."""

from __future__ import annotations

import http.client
import logging
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from qbwc import store
from qbwc.service import running_server
from qbwc.service.patience import SCARCE_SECONDS, SECONDS, Patience

HEAD = b"POST /qbwc HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\n"


@dataclass
class Caller:
    requests_seen: int = 0
    remote_addr: str = "192.0.2.1"


@dataclass
class Worker:
    ident: int
    conn: Caller | None = None


def looks(patience: Patience, workers: list[Worker], *times: float) -> list[int]:
    """How many callers are too slow at each time."""
    return [len(patience.too_slow(workers, at)) for at in times]


#  waiting, of workers, after             cut off
BOUNDS = [
    (1, 8, SECONDS,                       0),
    (1, 8, SECONDS + 1,                   1),
    (4, 8, SECONDS,                       0),  # half of them is not scarce yet
    (5, 8, SCARCE_SECONDS,                0),
    (5, 8, SCARCE_SECONDS + 1,            5),
    (0, 8, SECONDS + 1,                   0),
]  # fmt: skip


@pytest.mark.parametrize(("waiting", "of", "seconds", "cut"), BOUNDS)
def test_a_caller_has_its_time_and_less_when_workers_are_scarce(
    waiting: int, of: int, seconds: float, cut: int
) -> None:
    workers = [Worker(number, Caller() if number < waiting else None) for number in range(of)]
    assert looks(Patience(), workers, 0, seconds) == [0, cut]


def test_a_new_call_on_the_same_connection_has_time_of_its_own() -> None:
    patience, caller = Patience(), Caller()
    workers = [Worker(1, caller), Worker(2), Worker(3)]
    assert looks(patience, workers, 0, SECONDS) == [0, 0]
    caller.requests_seen += 1
    assert looks(patience, workers, SECONDS + 1, 2 * SECONDS, 2 * SECONDS + 2) == [0, 0, 1]


def test_a_call_that_is_worked_on_may_take_long() -> None:
    patience = Patience()
    workers = [Worker(threading.get_ident(), Caller())]
    with patience.answering():
        assert looks(patience, workers, 0, 1000) == [0, 0]
    assert looks(patience, workers, 1000, 2000) == [0, 1]


@pytest.fixture
def address(tmp_path: Path) -> Iterator[tuple[str, int]]:
    engine = store.open_store(f"sqlite:///{(tmp_path / 'store.sqlite').as_posix()}")
    with running_server(engine) as url:
        parts = urlsplit(url)
        yield str(parts.hostname), int(parts.port or 0)


def test_callers_who_send_a_byte_now_and_then_do_not_keep_others_out(address: tuple[str, int]) -> None:
    slow = [socket.create_connection(address) for _ in range(80)]
    try:
        for one in slow:
            one.sendall(HEAD + b"Content-Length: 100\r\n\r\nx")
        time.sleep(0.5)
        asked = http.client.HTTPConnection(*address, timeout=25)
        asked.request("GET", "/support")
        assert asked.getresponse().status == 200
    finally:
        for one in slow:
            one.close()


#  what                        sent behind the first lines
NONSENSE = [
    ("a length below zero",    b"Content-Length: -1\r\n\r\nx"),
    ("a length in words",      b"Content-Length: many\r\n\r\nx"),
    ("chunks that are none",   b"Transfer-Encoding: chunked\r\n\r\nCustomer Mrs Secret\r\n"),
]  # fmt: skip


@pytest.mark.parametrize(("what", "rest"), NONSENSE, ids=[row[0] for row in NONSENSE])
def test_a_call_without_a_length_is_refused_at_once_and_not_quoted(
    address: tuple[str, int], caplog: pytest.LogCaptureFixture, what: str, rest: bytes
) -> None:
    caplog.set_level(logging.DEBUG)
    with socket.create_connection(address, timeout=5) as caller:
        caller.sendall(HEAD + rest)
        status = int(caller.recv(4096).split()[1])
    assert status in (400, 500)
    assert "Secret" not in caplog.text
