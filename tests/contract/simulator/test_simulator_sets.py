"""Message sets: their form, errors within them, and recovery by id."""

from __future__ import annotations

from typing import Any

import pytest
from simulator_world import World, valid

from qbwc.qbxml import build_add, build_query, message_set, message_set_status, parse_responses
from qbwc.simulator import QuickBooksRefused

HEAD = '<?xml version="1.0"?><?qbxml version="13.0"?>'


def document(body: str, attributes: str = 'onError="stopOnError"', head: str = HEAD) -> str:
    return f"{head}<QBXML><QBXMLMsgsRq {attributes}>{body}</QBXMLMsgsRq></QBXML>"


def write(record: str, inner: str) -> str:
    """One Add or Mod, e.g. of 'CustomerAdd'."""
    return f"<{record}Rq><{record}>{inner}</{record}></{record}Rq>"


def add(inner: str) -> str:
    return write("CustomerAdd", inner)


def query(inner: str, attributes: str = "", entity: str = "Customer") -> str:
    return f"<{entity}QueryRq{attributes}>{inner}</{entity}QueryRq>"


GOOD = add("<Name>First</Name>")
BACKWARDS = "<BillAddress><City>C</City><Addr1>A</Addr1></BillAddress>"
LINE = "<InvoiceLineAdd><Amount>1.00</Amount></InvoiceLineAdd>"
BOTH = "<SalesOrPurchase/><SalesAndPurchase/>"
PAGE = "<MaxReturned>1</MaxReturned>"
BARE = '<?xml version="1.0"?>'

#    why                               requests
FORMS = [
    ("wrong order",                    GOOD + add("<Phone>1</Phone><Name>N</Name>")),
    ("an unknown element",             GOOD + add("<Name>N</Name><Fone>1</Fone>")),
    ("an element twice",               add("<Name>N</Name><Name>M</Name>")),
    ("a missing name",                 add("<Phone>1</Phone>")),
    ("an empty record",                add("")),
    ("no record",                      "<CustomerAddRq/>"),
    ("an unknown request",             "<CustomerAddRequest/>"),
    ("a request of this project only", write("ItemAdd", "<Name>N</Name>")),
    ("an unknown attribute",           query("", ' id="1"')),
    ("an address out of order",        add(f"<Name>N</Name>{BACKWARDS}")),
    ("a field of a Ret only",          add("<Name>N</Name><Balance>1.00</Balance>")),
    ("elements inside a value",        add("<Name><b>N</b></Name>")),
    ("lines before the end",           write("InvoiceAdd", f"<CustomerRef/>{LINE}<Memo>m</Memo>")),
    ("an invoice without customer",    write("InvoiceAdd", LINE)),
    ("a mod without EditSequence",     write("CustomerMod", "<ListID>8-1</ListID><Name>N</Name>")),
    ("both branches of an item",       write("ItemServiceAdd", f"<Name>N</Name>{BOTH}")),
    ("neither branch",                 write("ItemServiceAdd", "<Name>N</Name>")),
    ("page size with a key",           query(f"<ListID>8-1</ListID>{PAGE}")),
    ("filter out of order",            query(f"<ActiveStatus>All</ActiveStatus>{PAGE}")),
    ("a transaction's filter",         query("<ModifiedDateRangeFilter/>")),
    ("an iterator for employees",      query(PAGE, ' iterator="Start"', "Employee")),
    ("a filter twice",                 query(PAGE + PAGE)),
    ("deletions of nothing",           query("", "", "ListDeleted")),
]  # fmt: skip
#    why                               document
ENVELOPES = [
    ("white space before the prolog",  " " + document(GOOD)),
    ("no qbxml instruction",           document(GOOD, head=BARE)),
    ("a version nobody has",           document(GOOD, head=f'{BARE}<?qbxml version="99.0"?>')),
    ("no onError",                     document(GOOD, attributes="")),
    ("rollback",                       document(GOOD, attributes='onError="rollbackOnError"')),
    ("not well-formed",                document(GOOD)[:-3]),
    ("empty",                          ""),
]  # fmt: skip
REFUSED = [*((why, document(body)) for why, body in FORMS), *ENVELOPES]


@pytest.mark.parametrize(("why", "sent"), REFUSED)
def test_a_set_of_wrong_form_is_refused_as_a_whole(world: World, why: str, sent: str) -> None:
    before = world.company.records("Customer")
    with pytest.raises(QuickBooksRefused) as raised:
        world.company.process(sent)
    assert raised.value.hresult == "0x80040400"
    assert raised.value.message == "QuickBooks found an error when parsing the provided XML text stream."
    assert raised.value.reason
    assert world.company.records("Customer") == before


#    why                       element                                                  code
VALUES = [
    ("42 characters",          f"<Name>{'x' * 42}</Name>",                              3070),
    ("41 characters",          f"<Name>{'x' * 41}</Name>",                              0),
    ("a colon",                "<Name>A:B</Name>",                                      3210),
    ("one decimal",            "<Name>N</Name><CreditLimit>12.5</CreditLimit>",         3040),
    ("two decimals",           "<Name>N</Name><CreditLimit>12.50</CreditLimit>",        0),
    ("no decimals",            "<Name>N</Name><CreditLimit>12</CreditLimit>",           0),
    ("no such day",            "<Name>N</Name><JobStartDate>2026-02-30</JobStartDate>", 3020),
    ("no such status",         "<Name>N</Name><JobStatus>Won</JobStatus>",              3110),
    ("neither true nor false", "<Name>N</Name><IsActive>yes</IsActive>",                3010),
]  # fmt: skip


@pytest.mark.parametrize(("why", "inner", "code"), VALUES)
def test_a_wrong_value_is_told_by_its_request(world: World, why: str, inner: str, code: int) -> None:
    (response,) = parse_responses(world.company.process(document(add(inner))))
    assert response.status_code == code


def test_a_character_outside_windows_1252_may_refuse_the_set(world: World) -> None:
    """Or become '?': both were seen of QuickBooks; see the lists."""
    world.company.refuse_characters()
    for name in ("Łódź", "&#321;"):
        with pytest.raises(QuickBooksRefused) as raised:
            world.company.process(document(add(f"<Name>{name}</Name>")))
        assert raised.value.hresult == "0x80040400"
    (response,) = parse_responses(world.company.process(document(add("<Name>“Café” €</Name>"))))
    assert response.status_code == 0


def test_an_id_of_the_wrong_form(world: World) -> None:
    sent = write("CustomerMod", "<ListID>x</ListID><EditSequence>1</EditSequence>")
    (response,) = parse_responses(world.company.process(document(sent)))
    assert response.status_code == 3000


@pytest.mark.parametrize(("length", "code"), [(50, 0), (51, 1060)])
def test_request_ids_have_fifty_characters(world: World, length: int, code: int) -> None:
    sent = document(f'<CustomerQueryRq requestID="{"x" * length}"/>')
    (response,) = parse_responses(world.company.process(sent))
    assert (response.status_code, response.request_id) == (code, "x" * length)


def three() -> list[Any]:
    """A good one, a name that is taken, a good one."""
    return [
        build_add("Customer", {"Name": name}, request_id=request_id)
        for name, request_id in (("One", "a"), ("Birch", "b"), ("Three", "c"))
    ]


def test_continue_on_error_does_the_rest(world: World) -> None:
    found = world.ask(*three(), on_error="continueOnError")
    assert [(each.request_id, each.status_code) for each in found] == [("a", 0), ("b", 3100), ("c", 0)]
    assert world.row("Customer", "Three")


@pytest.mark.parametrize(("after_stop", "codes"), [("3231", [0, 3100, 3231]), ("absent", [0, 3100])])
def test_stop_on_error_does_not(world: World, after_stop: Any, codes: list[int]) -> None:
    """Whether QuickBooks answers the rest at all is unverified; the simulator can do both."""
    session = world.company.session(after_stop=after_stop)
    found = world.ask(*three(), session=session, on_error="stopOnError")
    assert [each.status_code for each in found] == codes
    assert {row["Name"] for row in world.company.records("Customer")} >= {"One"}
    assert "Three" not in {row["Name"] for row in world.company.records("Customer")}


def test_a_warning_stops_nothing(world: World) -> None:
    found = world.ask(
        build_query("Customer", request_id="a", full_names=["Nobody"]), build_query("Vendor", request_id="b")
    )
    assert [each.status_code for each in found] == [500, 0]


# -- recovery (unverified without a real QuickBooks) ---------------------------------------------


def send(world: World, requests: list[Any], **ids: str) -> str:
    sent = valid(message_set(requests, **ids), "requests")  # type: ignore[arg-type]
    return valid(world.company.process(sent), "responses")


def one_more() -> list[Any]:
    return [build_add("Customer", {"Name": "One"}, request_id="a")]


def test_the_answer_of_a_lost_set_can_be_asked_for(world: World) -> None:
    answer = send(world, one_more(), new_message_set_id="M1")
    status = message_set_status(answer)
    assert (status.code, status.new_message_set_id) == (0, "M1")
    checked = send(world, [], new_message_set_id="M1", old_message_set_id="M1")
    assert checked == answer
    assert [response.status_code for response in parse_responses(checked)] == [0]


def test_the_same_set_again_is_not_executed_again(world: World) -> None:
    first = send(world, one_more(), new_message_set_id="M1")
    again = send(world, one_more(), new_message_set_id="M1")
    assert again == first
    assert [row["Name"] for row in world.company.records("Customer")].count("One") == 1


def test_without_ids_the_same_set_is_executed_again(world: World) -> None:
    send(world, one_more())
    (again,) = parse_responses(send(world, one_more()))
    assert again.status_code == 3100


def test_answers_outlive_the_session_and_the_program(world: World) -> None:
    answer = send(world, one_more(), new_message_set_id="M1")
    world.company.close()
    world.company = type(world.company).open(world.company.path, clock=world.clock)
    assert send(world, [], new_message_set_id="M1", old_message_set_id="M1") == answer


#    why                       new   old   code
CODES = [
    ("nothing is known of it", "M9", "M9", 9002),
    ("nothing to forget",      None, "M9", 600),
    ("forgotten",              None, "M1", 0),
]  # fmt: skip


@pytest.mark.parametrize(("why", "new", "old", "code"), CODES)
def test_codes_of_message_sets(world: World, why: str, new: str | None, old: str | None, code: int) -> None:
    send(world, one_more(), new_message_set_id="M1")
    ids = {"new_message_set_id": new, "old_message_set_id": old}
    assert message_set_status(send(world, [], **{k: v for k, v in ids.items() if v})).code == code


def test_another_set_under_the_same_id_is_refused(world: World) -> None:
    send(world, one_more(), new_message_set_id="M1")
    other = send(world, [build_add("Customer", {"Name": "Two"}, request_id="a")], new_message_set_id="M1")
    assert message_set_status(other).code == 9001
    assert "Two" not in {row["Name"] for row in world.company.records("Customer")}


def test_an_id_of_25_characters_is_refused_and_nothing_runs(world: World) -> None:
    sent = document(GOOD, attributes=f'onError="stopOnError" newMessageSetID="{"x" * 25}"')
    assert message_set_status(world.company.process(sent)).code == 9004
    assert "First" not in {row["Name"] for row in world.company.records("Customer")}


def test_a_forgotten_set_is_executed_anew(world: World) -> None:
    send(world, one_more(), new_message_set_id="M1")
    send(world, [], old_message_set_id="M1")
    (again,) = parse_responses(send(world, one_more(), new_message_set_id="M1"))
    assert again.status_code == 3100
