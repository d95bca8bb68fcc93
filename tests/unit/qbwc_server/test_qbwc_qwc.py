"""The .qwc file: mandatory elements, host rules, and nothing secret."""

import pytest
from lxml import etree

from qbwc.errors import QwcError, UserError
from qbwc.qwc import qwc_file
from tests.unit.qbwc_server.qbwc_driver import FILE, OWNER

MANDATORY = (
    "AppName", "AppID", "AppURL", "AppDescription", "AppSupport", "UserName", "OwnerID", "FileID", "QBType",
)  # fmt: skip


def make(**given):
    return qwc_file(
        **{
            "app_name": "Workbench & Co",
            "url": "http://localhost:8585/qbwc",
            "user": "maria",
            "owner_id": OWNER,
            "file_id": FILE,
            **given,
        }
    )


def read(text):
    root = etree.fromstring(text.encode())
    assert root.tag == "QBWCXML"
    return {element.tag: element.text for element in root}


def test_all_mandatory_elements_are_there_once():
    text = make()
    told = read(text)
    for name in MANDATORY:
        assert text.count(f"<{name}>") == 1, name
    assert told["AppName"] == "Workbench & Co"
    assert told["AppSupport"] == "http://localhost:8585/support"
    assert (told["OwnerID"], told["FileID"]) == (OWNER, FILE)
    assert (told["QBType"], told["Style"], told["IsReadOnly"]) == ("QBFS", "Document", "false")
    assert told["UnattendedModePref"] == "umpOptional"
    assert "Scheduler" not in told
    assert "assword" not in text


def test_a_schedule():
    root = etree.fromstring(make(run_every_minutes=30).encode())
    assert root.findtext("Scheduler/RunEveryNMinutes") == "30"


#  why                         given                                                        says
REFUSED = [
    ("bare IPv4",              {"url": "https://192.0.2.1/qbwc"},                   "QBWC1001"),
    ("bare loopback IP",       {"url": "http://127.0.0.1:8585/qbwc"},               "QBWC1001"),
    ("bare IPv6",              {"url": "https://[::1]/qbwc"},                       "QBWC1001"),
    ("an address as a number", {"url": "https://2130706433/qbwc"},                  "QBWC1001"),
    ("hexadecimal",            {"url": "https://0x7f.1/qbwc"},                      "QBWC1001"),
    ("a space in the host",    {"url": "https://a b/qbwc"},                         "no http or https"),
    ("a password in it",       {"url": "https://user:pw@books.example/qbwc"},       "user name or password"),
    ("support is an IP",       {"support_url": "https://192.0.2.1/"},               "QBWC1002"),
    ("http elsewhere",         {"url": "http://books.example/qbwc"},                "QBWC1010"),
    ("two hosts",              {"support_url": "https://help.example/"},            "QBWC1000"),
    ("no scheme",              {"url": "localhost:8585"},                           "no http or https"),
    ("no name",                {"app_name": ""},                                    "AppName is empty"),
    ("no user",                {"user": ""},                                        "UserName is empty"),
    ("a long description",     {"description": "x" * 81},                           "81 characters, 80"),
    ("a schedule of nothing",  {"run_every_minutes": 0},                            "at least 1"),
]  # fmt: skip


@pytest.mark.parametrize(("why", "given", "says"), REFUSED, ids=[row[0] for row in REFUSED])
def test_what_the_web_connector_would_refuse(why, given, says):
    with pytest.raises(QwcError, match=says):
        make(**given)


@pytest.mark.parametrize("given", [{"url": "https://books.example/qbwc"}, {"description": "x" * 80}])
def test_what_it_takes(given):
    read(make(**given))


def test_ids_are_written_as_quickbooks_does():
    assert read(make(owner_id=OWNER.strip("{}").lower()))["OwnerID"] == OWNER
    with pytest.raises(UserError, match="is not a GUID"):
        make(file_id="{123}")
