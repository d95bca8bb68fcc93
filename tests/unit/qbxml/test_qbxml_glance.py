"""A page is looked at without a tree where it is plain, and means the same as its tree."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qbwc.errors import QbxmlError
from qbwc.qbxml import glance as module
from qbwc.qbxml.clean import clean
from qbwc.qbxml.glance import Glance, glance

SET = '<?xml version="1.0" ?>\n<QBXML>\n<QBXMLMsgsRs>\n{}\n</QBXMLMsgsRs>\n</QBXML>\n'
CUSTOMER = (
    "<CustomerRet>\n<ListID>1</ListID><DataExtRet><DataExtName>a</DataExtName></DataExtRet></CustomerRet>"
)
TERMS = "<StandardTermsRet></StandardTermsRet><DateDrivenTermsRet></DateDrivenTermsRet>"
GONE = "<ListDeletedRet><ListID>1</ListID></ListDeletedRet>\n"
ESCAPED = "<CustomerRet><Name>&lt;/CustomerRet&gt;</Name></CustomerRet>"
CDATA = "<CustomerRet><Name><![CDATA[</CustomerRet>]]></Name></CustomerRet>"
SERVICE, PART = (
    "<ItemServiceRet><ListID>1</ListID></ItemServiceRet>",
    "<ItemInventoryRet><ListID>2</ListID></ItemInventoryRet>",
)


def answer(name: str, inside: str, **attributes: str) -> str:
    given_ = "".join(f' {key}="{value}"' for key, value in attributes.items())
    return f"<{name}{given_}>{inside}</{name}>" if inside else f"<{name}{given_} />"


#   case                      what QuickBooks sends inside the set                                  records
PLAIN = {
    "one page":              (answer("CustomerQueryRs", CUSTOMER * 3, requestID="r", statusCode="0"), [3]),
    "nothing found":         (answer("CustomerQueryRs", "", requestID="r", statusCode="1"), [0]),
    "two queries":           (answer("CustomerQueryRs", CUSTOMER) + answer("ItemQueryRs", PART * 2), [1, 2]),
    "members of a union":    (answer("TermsQueryRs", TERMS), [2]),
    "deleted":               (answer("ListDeletedQueryRs", GONE * 4), [4]),
    "no answer in the set":  ("", []),
    "escaped markup":        (answer("CustomerQueryRs", ESCAPED), [1]),
}  # fmt: skip
ODD = {
    "a comment":             (answer("CustomerQueryRs", f"<!-- </CustomerRet> -->{CUSTOMER}"), [1]),
    "CDATA":                 (answer("CustomerQueryRs", CDATA), [1]),
    "an instruction":        (answer("CustomerQueryRs", f"<?note </CustomerRet>?>{CUSTOMER}"), [1]),
    "an unknown kind":       (answer("VehicleQueryRs", "<VehicleRet></VehicleRet><VehicleRet/>"), [2]),
    "an empty record":       (answer("CustomerQueryRs", f"<CustomerRet/>{CUSTOMER}"), [2]),
    "text between answers":  (f"x{answer('CustomerQueryRs', CUSTOMER)}", [1]),
}  # fmt: skip


@pytest.mark.parametrize("case", PLAIN)
def test_plain_pages_are_read_without_a_tree(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    inside, records = PLAIN[case]
    document = SET.format(inside)
    tree = module._by_tree(clean(document))
    monkeypatch.setattr(module, "_by_tree", None)
    assert glance(document) == tree
    assert [each.records for each in tree] == records


@pytest.mark.parametrize("case", ODD)
def test_other_pages_are_read_as_trees(case: str) -> None:
    inside, records = ODD[case]
    assert [each.records for each in glance(SET.format(inside))] == records


def test_attributes_are_unescaped() -> None:
    document = SET.format(answer("CustomerQueryRs", CUSTOMER, requestID="r", statusMessage="a &lt; b &#233;"))
    assert glance(document) == [
        Glance(name="CustomerQueryRs", attributes={"requestID": "r", "statusMessage": "a < b é"}, records=1)
    ]


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ("", "malformed"),
        ("<QBXML><QBXMLMsgsRs>", "malformed qbXML at line 1"),
        (SET.format("<CustomerQueryRs><CustomerRet></CustomerQueryRs>"), "malformed qbXML at line 4"),
        ("<QBXML></QBXML>", "no QBXMLMsgsRs"),
        (f"<!DOCTYPE x>{SET.format('')}", "DOCTYPE"),
    ],
)
def test_what_is_no_answer_is_refused(document: str, told: str) -> None:
    with pytest.raises(QbxmlError, match=told):
        glance(document)


names = st.sampled_from(["CustomerQueryRs", "ItemQueryRs", "InvoiceQueryRs", "TermsQueryRs", "OddQueryRs"])
inside = st.lists(
    st.sampled_from(
        [CUSTOMER, SERVICE, PART, "\n", "<InvoiceRet><InvoiceLineRet></InvoiceLineRet></InvoiceRet>"]
    )
)


@given(answers=st.lists(st.tuples(names, inside), max_size=4), cut=st.integers(0, 400) | st.none())
def test_text_and_tree_agree_or_the_page_is_refused(
    answers: list[tuple[str, list[str]]], cut: int | None
) -> None:
    fitting = {
        "CustomerQueryRs": (CUSTOMER, "\n"), "ItemQueryRs": (SERVICE, PART, "\n"), "TermsQueryRs": ("\n",),
        "InvoiceQueryRs": ("<InvoiceRet><InvoiceLineRet></InvoiceLineRet></InvoiceRet>", "\n"),
        "OddQueryRs": (CUSTOMER, SERVICE),
    }  # fmt: skip
    body = "".join(
        answer(name, "".join(part for part in parts if part in fitting[name]), requestID=str(number))
        for number, (name, parts) in enumerate(answers)
    )
    document = SET.format(body)[:cut]
    try:
        tree = module._by_tree(clean(document))
    except QbxmlError:
        with pytest.raises(QbxmlError):
            glance(document)
    else:
        assert glance(document) == tree
