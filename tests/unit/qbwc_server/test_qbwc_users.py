"""Logins, companies and pairing."""

from datetime import timedelta

import pytest

from qbwc import store, users
from qbwc.errors import PairingError, UserError, WrongCompany
from qbwc.qbxml import CompanyInfo
from qbwc.users import passwords
from tests.unit.qbwc_server.qbwc_driver import FILE, OTHER_FILE, OWNER

INFO = CompanyInfo(company_name="Alpine", file_ids={OWNER: FILE.lower()}, country="US")


@pytest.fixture
def engine(tmp_path):
    made = store.open_store(str(tmp_path / "store.sqlite"))
    store.create_tables(made)
    yield made
    made.dispose()


def add(engine, **given):
    row = {
        "name": "maria",
        "password": "p w",
        "company": "alpine",
        "file_id": FILE,
        "owner_id": OWNER,
        **given,
    }
    users.add_user(engine, **row)


#  name      password  company
LOGINS = [
    ("maria", "p w", "alpine"),
    ("maria", "P w", None),
    ("maria", "p w ", None),
    ("maria", "", None),
    ("Maria", "p w", None),
    ("", "p w", None),
    ("otto", "p w", None),
]


@pytest.mark.parametrize(("name", "password", "company"), LOGINS)
def test_passwords(engine, name, password, company):
    add(engine)
    assert users.check_password(engine, name, password) == company


def test_a_password_may_hold_anything(engine):
    add(engine, password="pässwörd $ & <x> 漢字")
    assert users.check_password(engine, "maria", "pässwörd $ & <x> 漢字") == "alpine"


def test_the_hash_costs_memory_and_is_salted():
    first, second = passwords.hash_password("x"), passwords.hash_password("x")
    assert first.startswith("scrypt$14$8$1$")
    assert first != second


BEACH = {"company": "beach", "file_id": OTHER_FILE, "replace": True}

#  why                     changed                                          says
REFUSED = [
    ("exists",             {},                                              "exists already"),
    ("another company",    BEACH,                                           "belongs to company 'alpine'"),
    ("other GUIDs",        {"name": "otto", "file_id": OTHER_FILE},         "is known with OwnerID"),
    ("no GUID",            {"name": "otto", "file_id": "12345"},            "is not a GUID"),
    ("no name",            {"name": ""},                                    "needs a name and a password"),
    ("no password",        {"name": "otto", "password": ""},                "needs a name and a password"),
    ("name too long",      {"name": "n" * 101},                             "needs a name and a password"),
]  # fmt: skip


@pytest.mark.parametrize(("why", "changed", "says"), REFUSED, ids=[row[0] for row in REFUSED])
def test_refused(engine, why, changed, says):
    add(engine)
    with pytest.raises(UserError, match=says):
        add(engine, **changed)


def test_a_password_can_be_replaced(engine):
    add(engine)
    add(engine, password="new", replace=True)
    assert users.check_password(engine, "maria", "p w") is None
    assert users.check_password(engine, "maria", "new") == "alpine"


def test_two_logins_of_a_company(engine):
    add(engine)
    add(engine, name="otto", file_id=FILE.lower().strip("{}"))
    assert users.logins(engine, "alpine") == ["maria", "otto"]
    assert [one.id for one in users.companies(engine)] == ["alpine"]


def test_pairing_and_unpairing(engine):
    add(engine)
    assert users.paired(engine, "alpine") is None
    until = users.open_pairing(engine, "alpine", minutes=5)
    assert until - store.now() <= timedelta(minutes=5)
    assert users.company(engine, "alpine").pairing_until == until
    made = users.pair(engine, "alpine", INFO, "C:\\a.qbw")
    assert users.paired(engine, "alpine") == made
    assert users.company(engine, "alpine").pairing_until is None
    with pytest.raises(PairingError, match="is paired with 'Alpine' already"):
        users.open_pairing(engine, "alpine", minutes=5)
    users.unpair(engine, "alpine")
    assert users.paired(engine, "alpine") is None
    assert users.company(engine, "alpine").pairing_until is None


@pytest.mark.parametrize("ids", [{}, {OWNER: OTHER_FILE}, {OTHER_FILE: FILE}])
def test_a_file_with_another_stamp_is_not_paired(engine, ids):
    add(engine)
    with pytest.raises(WrongCompany, match="Load this company's own"):
        users.pair(engine, "alpine", CompanyInfo(company_name="Alpine", file_ids=ids), "C:\\a.qbw")
    assert users.paired(engine, "alpine") is None


def test_a_company_that_is_not_known(engine):
    for call in (users.company, users.paired, users.unpair):
        with pytest.raises(UserError, match="'nowhere' is not known here"):
            call(engine, "nowhere")
