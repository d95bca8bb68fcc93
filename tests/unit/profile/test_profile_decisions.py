"""Decisions in a file: records by the names people know them by, everything that is wrong listed at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.changes.plan_world import MAPPINGS, Desk
from workbench.decisionfile import DecisionFile, Written, read_decisions
from workbench.errors import Problems, WorkbenchError

BY_NAME = {mapping.name: mapping for mapping in MAPPINGS}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "decisions.yaml"


def read(file: Path, *rows: str, close: str = "[]") -> DecisionFile:
    lines = "".join(f"  - {{{row}}}\n" for row in rows)
    file.write_text(f"close: {close}\ndecisions:\n{lines or '  []'}\n", encoding="utf-8")
    return read_decisions(file)


def find(file: Path, *rows: str, close: str = "[]") -> list[Written]:
    return read(file, *rows, close=close).find(Desk().world.connection, BY_NAME)


def problems(file: Path, *rows: str, close: str = "[]") -> list[str]:
    with pytest.raises(Problems) as caught:
        find(file, *rows, close=close)
    return [problem.what for problem in caught.value.problems]


def row(text: str, decision: str = "accept", reason: str = "'because'", mapping: str = "accounts") -> str:
    return f"mapping: {mapping}, {text}, decision: {decision}, reason: {reason}"


# --- what it says -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("salesforce: Cedar, quickbooks: Yew", ("001C", "8-2")),
        ("salesforce: Cedar", ("001C", None)),
        ("quickbooks: Yew", (None, "8-2")),
        ("salesforce: 001C, quickbooks: 8-2", ("001C", "8-2")),
        ("salesforce: 'Birch: North'", ("001B", None)),
    ],
)
def test_a_record_is_named_by_its_label_or_its_id(
    file: Path, text: str, ids: tuple[str | None, str | None]
) -> None:
    (found,) = find(file, row(text))
    assert (found.salesforce_id, found.quickbooks_id) == ids
    assert (found.mapping, found.field, found.decision, found.reason) == (
        "accounts",
        None,
        "accept",
        "because",
    )


def test_a_decision_about_a_field_or_a_line(file: Path) -> None:
    phone, line = find(
        file,
        row("salesforce: Cedar, quickbooks: Yew, field: phone", "take_salesforce"),
        row("salesforce: 00kA, quickbooks: L-1, field: rate", "take_quickbooks", mapping="invoices.lines"),
    )
    assert (phone.field, phone.decision) == ("phone", "take_salesforce")
    assert (line.mapping, line.salesforce_id, line.quickbooks_id) == ("invoices.lines", "00kA", "L-1")


def test_an_invoice_number_is_a_name_though_it_looks_like_a_number(file: Path) -> None:
    (found,) = find(file, row("quickbooks: 1041", mapping="invoices"))
    assert found.quickbooks_id == "9-1"


@pytest.mark.parametrize("text", ["", "# only a comment\n", "close:\ndecisions:\n", "{}\n"])
def test_an_empty_file_decides_nothing(file: Path, text: str) -> None:
    file.write_text(text)
    found = read_decisions(file)
    assert (found.close, found.rows) == ((), ())
    assert found.find(Desk().world.connection, BY_NAME) == []


def test_mappings_to_be_closed(file: Path) -> None:
    assert read(file, close="[accounts, products]").close == ("accounts", "products")


# --- what is wrong ------------------------------------------------------------------------------------------

#  why, the entry, what a person reads
WRONG = [
    ("no such mapping", row("salesforce: Cedar", mapping="acounts"), "there is no mapping 'acounts'"),
    ("no mapping", "salesforce: Cedar, decision: accept, reason: x", "there is no mapping None"),
    ("no such decision", row("salesforce: Cedar", "take_both"), "'take_both' is not a decision"),
    ("no decision", "mapping: accounts, salesforce: Cedar, reason: x", "None is not a decision"),
    ("a list", row("salesforce: Cedar", "[set]"), "['set'] is not a decision"),
    ("no reason", row("salesforce: Cedar", reason="''"), "a decision needs a reason"),
    ("a blank reason", row("salesforce: Cedar", reason="'  '"), "a decision needs a reason"),
    ("no such field", row("salesforce: Cedar, field: fone"), "accounts has no field 'fone'"),
    ("no record", "mapping: accounts, decision: accept, reason: x", "it names no record"),
    ("no such record", row("salesforce: Ceder"), "no record is called 'Ceder' in Salesforce (Account)"),
    ("a job is in another mapping", row("quickbooks: Zelkova"), "no record is called 'Zelkova'"),
    ("a link of one record", row("salesforce: Cedar", "link"), "needs a record of both sides"),
    ("no match of one record", row("quickbooks: Yew", "not_a_match"), "needs a record of both sides"),
    ("a create of both", row("salesforce: Cedar, quickbooks: Yew", "create"), "one record"),
    ("a link of a field", row("salesforce: Cedar, quickbooks: Yew, field: phone", "link"), "whole record"),
    ("an unknown word", row("salesforce: Cedar, felid: phone"), "'felid'"),
]  # fmt: skip


@pytest.mark.parametrize(("entry", "says"), [case[1:] for case in WRONG], ids=[case[0] for case in WRONG])
def test_a_wrong_entry_says_what_is_wrong_with_it(file: Path, entry: str, says: str) -> None:
    (what,) = problems(file, entry)
    assert says in what


def test_two_entries_that_contradict_each_other_are_told_and_none_is_taken(file: Path) -> None:
    about = "salesforce: Cedar, quickbooks: Yew"
    same = row(f"{about}, field: phone", "take_salesforce")
    (what,) = problems(file, same, row(f"{about}, field: phone", "take_quickbooks"))
    assert what == "two entries contradict each other: take_salesforce and take_quickbooks"
    assert len(find(file, same, same, row(about, "link"), row(about, "accept"))) == 4


CONTRADICTIONS = [
    ("two partners", [("salesforce: Cedar, quickbooks: Yew", "link"),
                      ("salesforce: Alder Supply, quickbooks: Yew", "link")], "link and link"),
    ("a partner, and another to be made", [("salesforce: Cedar, quickbooks: Yew", "link"),
                                           ("salesforce: Cedar", "create")], "link and create"),
    ("a partner, and to be left alone", [("quickbooks: Yew", "ignore"),
                                         ("salesforce: Cedar, quickbooks: Yew", "link")], "link and ignore"),
    ("values of what is no pair", [("salesforce: Cedar, quickbooks: Yew", "not_a_match"),
                                   ("salesforce: Cedar, quickbooks: Yew", "accept")],
     "not_a_match and accept"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("entries", "told"), [case[1:] for case in CONTRADICTIONS], ids=[case[0] for case in CONTRADICTIONS]
)
def test_entries_about_partners_that_contradict_each_other(
    file: Path, entries: list[tuple[str, str]], told: str
) -> None:
    assert f"two entries contradict each other: {told}" in problems(file, *(row(*each) for each in entries))


def test_a_name_that_several_records_have(file: Path) -> None:
    desk = Desk()
    desk.world.connection.execute("UPDATE salesforce.Account SET Name = 'Cedar'")
    with pytest.raises(Problems, match="3 records are called 'Cedar' in Salesforce"):
        read(file, row("salesforce: Cedar")).find(desk.world.connection, BY_NAME)
    (found,) = read(file, row("salesforce: 001B")).find(desk.world.connection, BY_NAME)
    assert found.salesforce_id == "001B", "its id still tells it apart"


def test_everything_is_listed_at_once_with_the_file_and_the_entry(file: Path) -> None:
    with pytest.raises(Problems) as caught:
        find(
            file,
            row("salesforce: Ceder, quickbooks: You, field: fone", "nothing", "''"),
            row("salesforce: Cedar"),
            row("salesforce: Cedar", mapping="nope"),
        )
    found = caught.value.problems
    assert len(found) == 6
    assert {problem.where for problem in found} == {str(file)}
    assert found[0].values["salesforce"] == "Ceder"
    assert "Ceder" in str(caught.value)


def test_closing_a_mapping_that_is_not_there(file: Path) -> None:
    assert problems(file, close="[accounts, acounts]") == ["there is no mapping 'acounts' to close"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("decisions: [\n", "broken YAML"),
        ("- a\n", "close"),
        ("just a text", "close"),
        ("decisions: {a: b}\n", "list"),
        ("decisions:\n  - just a text\n", "entry 1"),
        ("close: accounts\n", "list"),
        ("decisons: []\n", "decisons"),
    ],
)
def test_a_file_of_another_form_is_refused(file: Path, text: str, says: str) -> None:
    file.write_text(text)
    with pytest.raises(WorkbenchError, match=says) as caught:
        read_decisions(file)
    assert str(caught.value.where).startswith(str(file))


def test_a_file_that_is_not_there(file: Path) -> None:
    with pytest.raises(WorkbenchError, match="cannot be read") as caught:
        read_decisions(file)
    assert caught.value.where == str(file)


def test_a_file_that_is_no_text(file: Path) -> None:
    file.write_bytes(b"decisions: [{reason: Z\xfcrich}]\n")
    with pytest.raises(WorkbenchError, match="UTF-8"):
        read_decisions(file)


# --- what goes ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["deactivate", "delete"])
def test_what_goes_is_named_alone(file: Path, kind: str) -> None:
    (found,) = find(file, row("salesforce: Alder Supply", kind))
    assert (found.salesforce_id, found.quickbooks_id, found.decision) == ("001A", None, kind)
    (what,) = problems(file, row("salesforce: Cedar, quickbooks: Yew", kind))
    assert what == f"{kind} names one record: the one whose partner was deleted, and here both are there"


def test_a_field_does_not_go(file: Path) -> None:
    assert problems(file, row("salesforce: Alder Supply, field: phone", "delete")) == [
        "delete is about a whole record, not about a field"
    ]


# --- a value that is set ----------------------------------------------------------------------------------

PAIR = "salesforce: Cedar, quickbooks: Yew"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("'555-0150'", "555-0150"),
        ("12", "12"),
        ("2026-03-30", "2026-03-30"),
        ("", None),
        ("''", ""),
        ("02134", "02134"),
        ("12.50", "12.50"),
        ("1_000", "1_000"),
        ("0x10", "0x10"),
        ("true", "true"),
        ("2026-02-30", "2026-02-30"),
        ("2026-01-01 10:00:00", "2026-01-01 10:00:00"),
        ("1e5", "1e5"),
    ],
)
def test_a_value_stands_beside_the_decision_set(file: Path, value: str, expected: str | None) -> None:
    (found,) = find(file, row(f"{PAIR}, field: phone, value: {value}", "set"))
    assert (found.decision, found.value) == ("set", expected)


#  what is wrong                            entry                                                 told
@pytest.mark.parametrize(
    ("text", "decision", "told"),
    [
        (f"{PAIR}, field: phone", "set", "set needs `value`"),
        (f"{PAIR}, value: '1'", "set", "set is about a field of a pair"),
        ("salesforce: Cedar, field: phone, value: '1'", "set", "set is about a field of a pair"),
        (f"{PAIR}, field: phone, value: [1, 2]", "set", "the value of set is one text"),
        (f"{PAIR}, field: phone, value: '1'", "accept", "a value goes with the decision 'set'"),
    ],
)
def test_a_value_that_is_no_value_is_told(file: Path, text: str, decision: str, told: str) -> None:
    (problem,) = problems(file, row(text, decision))
    assert told in problem
