"""Guessing passwords gets slower and slower, and never keeps the real Web Connector out."""

import threading
from datetime import timedelta

import pytest

from qbwc import store, users
from qbwc.users import passwords
from qbwc.users.throttle import Bounds, Throttle, neighbourhood
from tests.unit.qbwc_server.qbwc_driver import FILE, OWNER, Clock

HOME, STRANGER, OTHER = "192.0.2.1", "198.51.100.7", "203.0.113.9"
RIGHT = "correct horse"


class Door:
    """A login, a throttle with a clock of its own, and a count of what was hashed."""

    def __init__(self, folder, monkeypatch):
        self.engine = store.open_store(str(folder / "store.sqlite"))
        store.create_tables(self.engine)
        users.add_user(
            self.engine, name="maria", password=RIGHT, company="alpine", file_id=FILE, owner_id=OWNER
        )
        with store.writing(self.engine) as connection:
            connection.execute(store.users.update().values(password=passwords.hash_password(RIGHT, log_n=2)))
        self.clock, self.hashed = Clock(), 0
        self.throttle = Throttle(clock=self.clock)
        real = passwords.matches

        def counted(hashed, password):
            self.hashed += 1
            return False if hashed == passwords.NOBODY else real(hashed, password)

        monkeypatch.setattr(passwords, "matches", counted)

    def try_(self, password, peer=STRANGER, name="maria"):
        return users.check_login(self.engine, self.throttle, name, password, peer)

    def fail(self, times, peer=STRANGER, name="maria"):
        for _ in range(times):
            assert self.try_("wrong", peer, name) is None


@pytest.fixture
def door(tmp_path, monkeypatch):
    made = Door(tmp_path, monkeypatch)
    yield made
    made.engine.dispose()


#  failures  wait, seconds  then the right password
WAITS = [
    (0, 0, True),
    (4, 0, True),
    (5, 0, False),
    (5, 14.9, False),
    (5, 15, True),
]


@pytest.mark.parametrize(("failures", "wait", "taken"), WAITS)
def test_a_stranger_waits_after_five_failures(door, failures, wait, taken):
    door.fail(failures)
    door.clock.pass_time(seconds=wait)
    assert (door.try_(RIGHT) == "alpine") == taken


def test_the_wait_doubles_up_to_its_bound_and_is_forgotten(door):
    door.fail(5)
    for wait in (15, 30, 60, 120, 240, 480, 900, 900):
        door.clock.pass_time(seconds=wait - 0.1)
        assert door.try_(RIGHT) is None
        door.clock.pass_time(seconds=0.1)
        door.fail(1)
    door.clock.pass_time(hours=1)
    door.fail(4)
    assert door.try_(RIGHT) == "alpine"


def test_nothing_is_hashed_for_who_has_to_wait(door):
    door.fail(200)
    assert door.hashed == 5


def test_a_good_login_makes_the_budget_whole_again(door):
    door.fail(4)
    assert door.try_(RIGHT) == "alpine"
    door.fail(4)
    assert door.try_(RIGHT) == "alpine"


def test_an_attacker_elsewhere_cannot_keep_the_connector_out(door):
    assert door.try_(RIGHT, HOME) == "alpine"
    for number in range(200):
        door.fail(6, f"198.51.100.{number}")
    assert door.try_(RIGHT, OTHER) is None  # the login's own budget is spent, for strangers
    assert door.try_(RIGHT, HOME) == "alpine"


def test_a_first_contact_is_not_kept_out_either(door):
    for number in range(200):
        door.fail(6, f"198.51.100.{number}")
    assert door.try_(RIGHT, HOME) == "alpine"


def test_the_home_is_never_locked_only_slowed(door):
    assert door.try_(RIGHT, HOME) == "alpine"
    door.fail(1000, HOME)
    assert door.hashed < 25
    door.clock.pass_time(seconds=0.2)
    assert door.try_(RIGHT, HOME) == "alpine"


def test_good_logins_at_home_are_not_slowed(door):
    assert all(door.try_(RIGHT, HOME) == "alpine" for _ in range(100))


def test_the_home_survives_a_restart(door):
    assert door.try_(RIGHT, HOME) == "alpine"
    door.throttle = Throttle(clock=door.clock)
    for number in range(200):
        door.fail(6, f"198.51.100.{number}")
    assert door.try_(RIGHT, HOME) == "alpine"


def test_the_home_moves_with_a_good_login(door):
    assert door.try_(RIGHT, HOME) == "alpine"
    assert door.try_(RIGHT, OTHER) == "alpine"
    door.fail(5, HOME)
    assert door.try_(RIGHT, HOME) is None


def test_one_address_cannot_try_many_names(door):
    for number in range(20):
        door.fail(1, name=f"guess-{number}")
    assert door.try_(RIGHT) is None
    assert door.try_(RIGHT, OTHER) == "alpine"


@pytest.mark.parametrize("name", ["maria", "nobody"])
def test_names_that_do_not_exist_wait_as_those_that_do(door, name):
    door.fail(50, name=name)
    assert door.hashed == 5


def test_memory_is_bounded(door):
    door.throttle = Throttle(clock=door.clock, bounds=Bounds(counts=50))
    for number in range(200):
        door.fail(1, f"10.0.{number}.1", name="x" * 100_000)
    assert len(door.throttle._counts) == 50
    assert all(len(part) <= 100 for key in door.throttle._counts for part in key)


def test_a_flood_hashes_a_few_at_a_time(tmp_path):
    throttle = Throttle(bounds=Bounds(at_once=2, pair=1000, address=1000, queue=10))
    now, most, lock = 0, 0, threading.Lock()
    pause = threading.Event()

    def attempt():
        nonlocal now, most
        with throttle.turn("maria", STRANGER, known=False, has_home=False):
            with lock:
                now += 1
                most = max(most, now)
            pause.wait(0.01)
            with lock:
                now -= 1

    threads = [threading.Thread(target=attempt) for _ in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 2


def test_who_gets_no_turn_in_time_is_not_looked_at():
    throttle = Throttle(bounds=Bounds(at_once=1, queue=0.01))
    with throttle.turn("a", STRANGER, known=False, has_home=False) as first:
        with throttle.turn("b", OTHER, known=False, has_home=False) as second:
            assert (first.granted, second.granted) == (True, False)
        with throttle.turn("maria", HOME, known=True, has_home=True) as home:
            assert home.granted


#  address                 counted as
ADDRESSES = [
    ("192.0.2.1", "192.0.2.1"),
    ("::ffff:192.0.2.1", "192.0.2.1"),
    ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
    ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
    ("::1", "::1"),
    ("", ""),
    ("not an address", "not an address"),
]


@pytest.mark.parametrize(("peer", "counted"), ADDRESSES)
def test_how_an_address_is_counted(peer, counted):
    assert neighbourhood(peer) == counted


def test_the_first_wait_and_the_longest_are_in_order():
    assert timedelta(0) < Bounds().first_wait < Bounds().longest_wait < Bounds().forget
