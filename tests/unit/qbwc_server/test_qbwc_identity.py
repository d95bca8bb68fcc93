"""Who may log in, and which company file gets anything."""

import pytest

from qbwc import queue, users
from tests.unit.qbwc_server.qbwc_driver import (
    FILE,
    OTHER_FILE,
    OWNER,
    SEED,
    Clock,
    Connector,
    add,
    make_office,
)


def nothing_sent(office):
    return all(row.state == "queued" for row in queue.requests(office.engine))


def test_pairing_happens_on_purpose(tmp_path):
    office = make_office(tmp_path, paired=False)
    office.enqueue(add("Someone"))
    log = office.connector.update()
    assert "is not paired with 'alpine' yet, so nothing was sent" in log.errors[0]
    assert log.farewell == log.errors[0]
    assert users.paired(office.engine, "alpine") is None
    assert nothing_sent(office)

    users.open_pairing(office.engine, "alpine", minutes=5)
    log = office.connector.update()
    pair = users.paired(office.engine, "alpine")
    assert (pair.company_name, pair.path, pair.country) == ("Alpine Tools", office.connector.path, "US")
    assert not nothing_sent(office)
    assert users.company(office.engine, "alpine").last_trouble is None


def test_pairing_closes_by_itself(tmp_path):
    clock = Clock()
    office = make_office(tmp_path, clock=clock, paired=False)
    office.enqueue(add("Someone"))
    users.open_pairing(office.engine, "alpine", minutes=5, now=clock.now)
    clock.pass_time(minutes=5)
    assert "not paired" in office.connector.update().errors[0]


def test_pairing_is_a_session_of_its_own_when_nothing_is_queued(tmp_path):
    office = make_office(tmp_path, paired=False)
    users.open_pairing(office.engine, "alpine", minutes=5)
    log = office.connector.update()
    assert log.percents == [100]
    assert "HostQueryRq" in log.sent[0]
    assert users.paired(office.engine, "alpine") is not None


#  why                              FileID in the file   company name    path            what is said
WRONG = [
    ("another company's stamp", OTHER_FILE, "Alpine Tools", None, "carries FileID {11111111"),
    ("never stamped", None, "Alpine Tools", None, "carries FileID (none)"),
    ("another name", "same", "Beach Tools", None, "its name is 'Beach Tools', paired was 'Alpine Tools'"),
    ("a copy elsewhere", "same", "Alpine Tools", "D:\\Copy.qbw", "its path is D:\\Copy.qbw, paired was C:"),
]


@pytest.mark.parametrize(("why", "stamp", "name", "path", "said"), WRONG, ids=[row[0] for row in WRONG])
def test_a_wrong_company_file_gets_nothing(tmp_path, office, why, stamp, name, path, said):
    other = make_office(
        _folder(tmp_path, "other"),
        seed={**SEED, "Company": {"CompanyName": name}},
        paired=False,
        stamp=office.company and (None if stamp is None else OTHER_FILE if stamp == OTHER_FILE else FILE),
    )
    (request,) = office.enqueue(add("Secret"))
    connector = Connector(office.desk, other.company, path=path or office.connector.path)
    log = connector.update()
    assert said in log.errors[0]
    assert "Nothing was sent" in log.errors[0]
    assert log.sent == []
    assert office.state(request) == "queued"
    assert users.company(office.engine, "alpine").last_trouble == log.errors[0]
    # The right file works at once afterwards.
    office.connector.update()
    assert office.state(request) == "answered"
    assert users.company(office.engine, "alpine").last_trouble is None


def _folder(tmp_path, name):
    made = tmp_path / name
    made.mkdir()
    return made


def test_the_path_is_compared_as_windows_does(office):
    (request,) = office.enqueue(add("Someone"))
    office.connector.path = office.connector.path.upper().replace("\\", "/")
    office.connector.update()
    assert office.state(request) == "answered"


def test_no_company_information_means_nothing_is_sent(office):
    office.enqueue(add("Someone"))
    ticket, _ = office.desk.authenticate("maria", "correct horse")
    assert office.desk.send_request(ticket, "<broken", "C:\\x.qbw", "US", 13, 0) == ""
    assert "did not say which company file is open" in office.desk.last_error(ticket)
    assert nothing_sent(office)


# --- logins --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("user", "password"), [("maria", "wrong"), ("maria", ""), ("", ""), ("nobody", "correct horse")]
)
def test_a_wrong_login_is_nvu(office, user, password):
    office.enqueue(add("Someone"))
    office.connector.user, office.connector.password = user, password
    log = office.connector.update()
    assert (log.verdict, log.sent, log.farewell) == ("nvu", [], "OK")


def test_a_second_login_supersedes_the_first(office):
    (request,) = office.enqueue(add("Someone"))
    old, _ = office.desk.authenticate("maria", "correct horse")
    new, _ = office.desk.authenticate("maria", "correct horse")
    assert old != new
    hcp = office.company.host_company_preferences(OWNER)
    assert office.desk.send_request(old, hcp, office.connector.path, "US", 13, 0) == ""
    assert "Another login" in office.desk.last_error(old)
    assert office.desk.receive_response(old, "<QBXML/>", "", "") == -1
    assert office.desk.send_request(new, hcp, office.connector.path, "US", 13, 0) != ""
    assert office.state(request) == "sent"


def test_two_computers_do_not_disturb_each_other(tmp_path):
    clock = Clock()
    office = make_office(tmp_path, clock=clock)
    office.enqueue(add("Someone"))
    assert office.desk.authenticate("maria", "correct horse", peer="10.0.0.1")[1] == office.connector.path
    assert office.desk.authenticate("maria", "correct horse", peer="10.0.0.2")[1] == "busy"
    clock.pass_time(seconds=61)
    assert office.desk.authenticate("maria", "correct horse", peer="10.0.0.2")[1] == office.connector.path


def test_an_unknown_ticket_is_borne_by_every_call(office):
    for ticket in ("", "nonsense"):
        assert office.desk.send_request(ticket, "", "", "", None, None) == ""
        assert office.desk.receive_response(ticket, "", "", "") == -1
        assert office.desk.connection_error(ticket, "0x80040408", "") == "done"
        assert "not known here" in office.desk.last_error(ticket)
        assert office.desk.close(ticket) == "OK"


def test_a_ticket_expires(tmp_path):
    clock = Clock()
    office = make_office(tmp_path, clock=clock)
    office.enqueue(add("Someone"))
    ticket, _ = office.desk.authenticate("maria", "correct horse")
    clock.pass_time(hours=4)
    hcp = office.company.host_company_preferences(OWNER)
    assert office.desk.send_request(ticket, hcp, office.connector.path, "US", 13, 0) == ""
    assert "has expired" in office.desk.last_error(ticket)


def test_tickets_and_passwords_are_not_kept_in_the_clear(office, tmp_path):
    office.enqueue(add("Someone"))
    ticket, _ = office.desk.authenticate("maria", "correct horse")
    office.engine.dispose()
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("store.sqlite*"))
    assert b"maria" in kept
    assert ticket.encode() not in kept
    assert b"correct horse" not in kept
