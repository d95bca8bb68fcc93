"""Putting requests into the queue: all or none, and every problem at once."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from qbwc import queue, store, users
from qbwc.errors import QueueError, UserError
from qbwc.queue.model import filled, parents_of, references
from tests.unit.qbwc_server.qbwc_driver import FILE, OWNER, add, mod


@pytest.fixture
def engine(tmp_path):
    made = store.open_store(str(tmp_path / "store.sqlite"))
    store.create_tables(made)
    users.add_user(made, name="maria", password="p", company="alpine", file_id=FILE, owner_id=OWNER)
    yield made
    made.dispose()


def job(name, parent="p"):
    """Add a job whose parent is another request's answer."""
    return add(name, request_id=name, ParentRef_ListID={"$answer": parent, "field": "ListID"})


def after(name, *needed):
    """Add a customer once these requests are answered."""
    fields = {"Name": name}
    return queue.WriteRequest(id=name, entity="Customer", action="add", fields=fields, depends_on=needed)


NO_VERSION = mod({"ListID": "80-1", "EditSequence": None}, Phone="1")
NO_KEY = mod({"ListID": None, "EditSequence": "7"}, Phone="1")
DELETE = queue.WriteRequest(entity="Customer", action="del", fields={})
NO_ZONE = queue.QueryRequest(entity="Customer", not_after=datetime(2026, 1, 1))

#  why                          requests                                            says
REFUSED = [
    ("an id twice",             [add("A", request_id="a"), add("B", request_id="a")], "'a' is given twice"),
    ("an id that is too long",  [add("A", request_id="a" * 41)],                    "up to 40 letters"),
    ("an id with a space",      [add("A", request_id="a b")],                       "up to 40 letters"),
    ("waits for itself",        [after("a", "a")],                                  "waits for itself"),
    ("wait for each other",     [after("a", "b"), after("b", "a")],                 "waits for itself"),
    ("needs nobody",            [job("a", "ghost")],                                "needs 'ghost'"),
    ("an unknown field",        [add("A", Phones="1")],                             "no field 'Phones'"),
    ("a name that is too long", [add("x" * 42)],                                    "42"),
    ("a colon in a name",       [add("a:b")],                                       "Customer.Name"),
    ("outside Windows-1252",    [add("Łódź")],                                      "Customer.Name"),
    ("a mod without version",   [NO_VERSION],                                       "EditSequence"),
    ("a mod without key",       [NO_KEY],                                           "needs the key"),
    ("an unknown action",       [DELETE],                                           "none of add, mod"),
    ("an expiry without zone",  [NO_ZONE],                                          "no time zone"),
]  # fmt: skip


@pytest.mark.parametrize(("why", "requests", "says"), REFUSED, ids=[row[0] for row in REFUSED])
def test_what_is_wrong_is_not_queued(engine, why, requests, says):
    with pytest.raises(QueueError, match="nothing was queued") as refused:
        queue.enqueue(engine, "alpine", [add("Innocent"), *requests])
    assert says in str(refused.value)
    assert queue.requests(engine) == []


def test_all_problems_are_listed(engine):
    with pytest.raises(QueueError) as refused:
        queue.enqueue(engine, "alpine", [add("a:b", request_id="x"), add("y" * 50, request_id="y", Fex="1")])
    told = str(refused.value)
    assert told.startswith("3 problem(s), nothing was queued:")
    assert told.count("\n  ") == 3


def test_the_same_id_cannot_be_queued_again(engine):
    queue.enqueue(engine, "alpine", [add("A", request_id="a")])
    with pytest.raises(QueueError, match="'a' is in the queue already"):
        queue.enqueue(engine, "alpine", [add("A", request_id="a")])


def test_nothing_can_need_what_has_failed(engine):
    queue.enqueue(engine, "alpine", [add("A", request_id="p")])
    queue.cancel(engine, ["p"], "no")
    with pytest.raises(QueueError, match="needs 'p', which is cancelled"):
        queue.enqueue(engine, "alpine", [job("b")])


def test_companies_do_not_reach_into_each_other(engine):
    users.add_user(engine, name="otto", password="p", company="beach", file_id=OWNER, owner_id=OWNER)
    queue.enqueue(engine, "beach", [add("A", request_id="p")])
    with pytest.raises(QueueError, match="not in this company's queue"):
        queue.enqueue(engine, "alpine", [job("b")])
    assert [row.id for row in queue.requests(engine, "beach")] == ["p"]
    assert queue.requests(engine, "alpine") == []
    with pytest.raises(UserError, match="'nowhere' is not known"):
        queue.enqueue(engine, "nowhere", [add("A")])


def test_an_empty_call_queues_nothing(engine):
    assert queue.enqueue(engine, "alpine", []) == []


def test_a_request_comes_back_as_it_was_queued(engine):
    write = queue.WriteRequest(
        id="inv",
        entity="Invoice",
        action="add",
        fields={"CustomerRef_FullName": "Ann", "TxnDate": date(2026, 3, 30), "Memo": "für"},
        lines=[{"ItemRef_FullName": "Guiding", "Quantity": Decimal("1.5"), "Rate": Decimal("80.00")}],
        probe={"RefNumber": "1"},
        expected={"Subtotal": Decimal("120.00"), "IsPaid": False},
        not_after=datetime(2026, 4, 1, tzinfo=UTC),
        change_id="change-1",
        group="set-1",
        priority=3,
    )
    read = queue.QueryRequest(
        id="q", entity="Customer", from_modified=datetime(2026, 3, 1, 8), keys=(), owner_ids=("0",), group="g"
    )
    queue.enqueue(engine, "alpine", [write, read])
    first, second = queue.requests(engine, "alpine")
    assert first.request == queue.WriteRequest(**{**_fields(write), "depends_on": ()})
    assert second.request == read
    assert (first.kind, first.action, first.change_id, first.group) == ("write", "add", "change-1", "set-1")
    assert (second.kind, second.action, second.progress) == ("query", "query", (0, None))


def _fields(request):
    return {name: getattr(request, name) for name in request.__dataclass_fields__}


#  asked for                   ids
LOOKS = [
    ({}, ["a", "b", "c"]),
    ({"group": "g"}, ["b"]),
    ({"group": "none"}, []),
    ({"ids": ["c", "a"]}, ["a", "c"]),
    ({"ids": []}, []),
    ({"state": "queued"}, ["a", "c"]),
    ({"state": ["queued", "cancelled"]}, ["a", "b", "c"]),
    ({"state": "cancelled", "group": "g"}, ["b"]),
]


@pytest.mark.parametrize(("asked", "ids"), LOOKS)
def test_requests_are_found(engine, asked, ids):
    rows = [
        add("A", request_id="a"),
        queue.QueryRequest(id="b", entity="Terms", group="g"),
        add("C", request_id="c"),
    ]
    queue.enqueue(engine, "alpine", rows)
    queue.cancel(engine, ["b"], "no")
    assert [row.id for row in queue.requests(engine, "alpine", **asked)] == ids
    assert queue.overview(engine, "alpine") == {"queued": 2, "cancelled": 1}


def test_thousands_of_ids_are_found(engine):
    ids = queue.enqueue(engine, "alpine", [add(f"N{number}") for number in range(1001)])
    assert [row.id for row in queue.requests(engine, ids=ids)] == ids


def test_references_are_found_everywhere_and_filled():
    request = queue.WriteRequest(
        entity="Invoice",
        action="mod",
        key={"$answer": "a", "field": "TxnID"},
        edit_sequence="1",
        fields={"CustomerRef_ListID": {"$answer": "b", "field": "ListID"}},
        lines=[{"ItemRef_ListID": {"$answer": "c", "field": "ListID"}, "Desc": "x"}],
        probe={"CustomerRef_ListID": {"$answer": "b", "field": "ListID"}},
        depends_on=["d", "a"],
    )
    assert parents_of(request) == ["d", "a", "b", "c"]
    answers = {"b": {"ListID": "80-2"}, "c": {"ListID": "80-3"}}
    assert filled(request.fields, answers) == {"CustomerRef_ListID": "80-2"}
    assert filled(request.lines, answers) == [{"ItemRef_ListID": "80-3", "Desc": "x"}]
    with pytest.raises(KeyError):
        filled(request.key, answers)
    with pytest.raises(KeyError):
        filled({"$answer": "b", "field": "Fax"}, answers)
    assert list(references("text")) == []


def test_preparing_needs_a_company(engine):
    with pytest.raises(UserError):
        queue.preparing(engine, "nowhere", seconds=1)
