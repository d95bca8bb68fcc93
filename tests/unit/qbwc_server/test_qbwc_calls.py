"""A SOAP call is read without keeping anything, within bounds."""

from __future__ import annotations

import pytest

from qbwc.service.calls import NotACall, read_call
from qbwc.service.memory import give_back

NS = "http://developer.intuit.com/"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"


def envelope(body: str, *, head: str = "", declared: str = "utf-8") -> str:
    """A SOAP 1.1 envelope."""
    return (
        f'<?xml version="1.0" encoding="{declared}"?><s:Envelope xmlns:s="{SOAP}">{head}'
        f"<s:Body>{body}</s:Body></s:Envelope>"
    )


def call(body: str) -> str:
    """A known operation with these elements."""
    return envelope(f'<closeConnection xmlns="{NS}">{body}</closeConnection>')


def read(document: str | bytes, encoding: str = "utf-8"):
    """The call of a document."""
    body = document.encode(encoding) if isinstance(document, str) else document
    return read_call(body, encoding=encoding, namespace=NS, operations=["closeConnection"])


#    why                        elements                                             arguments
CALLS = [
    ("nothing",                 "",                                                  {}),
    ("a text",                  "<ticket>t1</ticket>",                               {"ticket": "t1"}),
    ("empty",                   "<ticket/>",                                         {"ticket": ""}),
    ("escaped",                 "<ticket>&lt;a&gt; &amp; &#233;</ticket>",           {"ticket": "<a> & é"}),
    ("CDATA in pieces",         "<ticket>a<![CDATA[<b>]]>c</ticket>",                {"ticket": "a<b>c"}),
    ("white space around",      "\n  <ticket> t </ticket>\n",                        {"ticket": " t "}),
    ("twice: the last",         "<ticket>1</ticket><ticket>2</ticket>",              {"ticket": "2"}),
    ("elements inside",         "<ticket>a<b>no</b>c</ticket>",                      {"ticket": "c"}),
    ("another prefix",          f'<q:ticket xmlns:q="{NS}">t</q:ticket>',            {"ticket": "t"}),
]  # fmt: skip


@pytest.mark.parametrize(("why", "inside", "arguments"), CALLS, ids=[row[0] for row in CALLS])
def test_arguments(why: str, inside: str, arguments: dict[str, str]) -> None:
    found = read(call(inside))
    assert (found.operation, found.arguments) == ("closeConnection", arguments)


@pytest.mark.parametrize("encoding", ["utf-8", "utf8", "ascii", "us-ascii", "iso-8859-1", "windows-1252"])
def test_encodings_that_are_taken(encoding: str) -> None:
    text = "plain" if "ascii" in encoding else "Zürich"
    assert read(call(f"<ticket>{text}</ticket>"), encoding).arguments == {"ticket": text}


def test_a_header_is_stepped_over() -> None:
    head = f'<s:Header><closeConnection xmlns="{NS}"><ticket>no</ticket></closeConnection></s:Header>'
    found = read(envelope(f'<closeConnection xmlns="{NS}"><ticket>t</ticket></closeConnection>', head=head))
    assert found.arguments == {"ticket": "t"}


def test_what_is_handed_on_holds_the_operation_alone() -> None:
    handed = read(call("<ticket>t1</ticket>")).envelope(NS)
    assert read(handed).arguments == {}
    assert b"t1" not in handed


def test_values_stay_out_of_a_repr() -> None:
    assert "t1" not in repr(read(call("<ticket>t1</ticket>")))


#    why                 document                                              told
REFUSED = [
    ("no XML",           "hello",                                              "is no XML"),
    ("cut off",          call("")[:-9],                                        "is no XML"),
    ("a DTD",            "<!DOCTYPE a><a/>",                                   "DTD"),
    ("no envelope",      "<a/>",                                               "no SOAP 1.1 Envelope"),
    ("no operation",     envelope(""),                                         "no operation"),
    ("unknown",          envelope(f'<dropTables xmlns="{NS}"/>'),              "not found"),
    ("other namespace",  envelope('<closeConnection xmlns="urn:x"/>'),         "not found"),
    ("a long name",      envelope(f"<{'x' * 5000}/>"),                         "not found"),
    ("too many",         call("<a/>" * 98),                                    "at most 100 elements"),
    ("too deep",         call("<a>" * 8 + "</a>" * 8),                         "10 deep"),
]  # fmt: skip


@pytest.mark.parametrize(("why", "document", "told"), REFUSED, ids=[row[0] for row in REFUSED])
def test_what_is_no_call_is_refused_in_a_short_sentence(why: str, document: str, told: str) -> None:
    with pytest.raises(NotACall, match=told) as raised:
        read(document)
    assert len(str(raised.value)) < 150


def test_as_many_and_as_deep_as_allowed() -> None:
    assert read(call("<a/>" * 97)).arguments == {"a": ""}
    assert read(call("<a>" * 7 + "</a>" * 7)).operation == "closeConnection"


def test_the_c_library_is_told_where_there_is_one_that_listens() -> None:
    assert give_back() in (True, False)
    assert give_back() == give_back()
