"""Saving a state or a winner changes one word of the file, and nothing when the result would be broken."""

from dataclasses import replace
from pathlib import Path

import pytest
from core_world import tabled

from workbench.errors import MappingError
from workbench.mapping import load_mapping, save, set_state, set_winner
from workbench.model import Winner

TEXT = """\
# What the accountant wrote.
mapping: account-customer   # the name
salesforce: {object: Account, label: Name}
quickbooks: {object: Customer, label: FullName}
states:
  AccountToCustomer:  {to: quickbooks, on: true}     # writes customers
  CustomerToAccount: {to: salesforce}
operations: {salesforce: [add, modify],   quickbooks: [add, modify]}
winner:   quickbooks
match: [{rule: name, field: name, accept: true}]
fields:
  name:   {salesforce: Name, quickbooks: Name, type: name, winner: salesforce}   # sales own it
  phone:
    # as typed
    salesforce: Phone
    quickbooks: Phone
  fax: {salesforce: Fax, quickbooks: Fax,}
  site: {salesforce: Website,
         quickbooks: Notes   # no field of its own
        }
  mail: {salesforce: Email__c, quickbooks: Email, winner: &best newest}
  web: {salesforce: Web__c, quickbooks: Web, winner: *best}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "account-customer.yaml"
    path.write_bytes(TEXT.encode())
    return path


#  why                     place                                    value         before -> after
EDITS = [
    ("state off", ("states", "AccountToCustomer", "on"), False, ", on: true}", ", on: false}"),
    ("state unsaid", ("states", "CustomerToAccount", "on"), False, "{to: salesforce}",
     "{to: salesforce, on: false}"),
    ("mapping's winner", ("winner",), "manual", "winner:   quickbooks\n", "winner:   manual\n"),
    ("field's winner", ("fields", "name", "winner"), "newest", "winner: salesforce}", "winner: newest}"),
    ("block", ("fields", "phone", "winner"), "newest", "    sal", "    winner: newest\n    sal"),
    ("comma at the end", ("fields", "fax", "winner"), "newest", "Fax,}", "Fax, winner: newest,}"),
    ("comment behind", ("fields", "site", "winner"), "newest", "Notes   #", "Notes, winner: newest   #"),
]  # fmt: skip


@tabled("place value before after", EDITS)
def test_one_word_changes_and_the_rest_stays(
    file: Path, place: tuple[str, ...], value: str | bool, before: str, after: str
) -> None:
    assert TEXT.count(before) == 1
    save(file, {place: value})
    assert file.read_bytes().decode() == TEXT.replace(before, after)


def test_the_mapping_reads_as_it_was_set(file: Path) -> None:
    assert [state.on for state in set_state(file, "AccountToCustomer", False).states] == [False, True]
    assert set_winner(file, None, Winner.MANUAL).winner is Winner.MANUAL
    assert set_winner(file, "phone", "newest").field("phone").winner is Winner.NEWEST
    assert load_mapping(file).field("phone").winner is Winner.NEWEST


def test_windows_line_ends_and_byte_order_mark_stay(file: Path) -> None:
    file.write_bytes(b"\xef\xbb\xbf" + TEXT.replace("\n", "\r\n").encode())
    set_winner(file, "phone", "newest")
    set_state(file, "AccountToCustomer", False)
    written = file.read_bytes()
    assert written.startswith(b"\xef\xbb\xbf# What")
    assert written.count(b"\n") == written.count(b"\r\n") == TEXT.count("\n") + 1
    assert load_mapping(file).field("phone").winner is Winner.NEWEST


#  why                                  call                                              words
REFUSED = [
    ("unknown state", lambda file: set_state(file, "AccountsToCustomer", True), "Closest: AccountToCustomer"),
    ("unknown field", lambda file: set_winner(file, "phon", "newest"), "Closest: phone"),
    ("unknown winner", lambda file: set_winner(file, None, "quickbook"), "Closest: quickbooks"),
    ("not one word", lambda file: save(file, {("winner",): "manual\nfields: {}"}), "not one plain word"),
    ("a table in its place", lambda file: save(file, {("fields", "name"): "x"}), "not a single value"),
    ("a value that is not known", lambda file: save(file, {("winner",): "accountant"}), "expected one of"),
    ("no lines here", lambda file: set_winner(file, "lines.rate", "manual"), "no 'lines' to change"),
    ("an alias of another field", lambda file: set_winner(file, "web", "manual"), "Change it in an editor."),
]  # fmt: skip


@tabled("call words", REFUSED)
def test_what_can_not_be_saved_leaves_the_file_and_the_folder_as_they_were(
    file: Path, call, words: str
) -> None:
    with pytest.raises(MappingError) as caught:
        call(file)
    assert words in str(caught.value)
    assert file.read_bytes() == TEXT.encode()
    assert list(file.parent.iterdir()) == [file]


def test_a_field_of_the_lines(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    lines = (
        "lines:\n  salesforce: {object: L, parent: P}\n  quickbooks: {object: M, parent: Q}\n  match: []\n"
    )
    file.write_text(TEXT + lines + "  fields: {rate: {salesforce: R, quickbooks: S}}\n")
    changed = set_winner(file, "lines.rate", "manual")
    assert changed.lines is not None
    assert changed.lines.field("rate").winner is Winner.MANUAL
    assert "rate: {salesforce: R, quickbooks: S, winner: manual}" in file.read_text()


def test_a_state_that_owns_fields_keeps_them(file: Path) -> None:
    owning = "  CustomerToAccount: {to: salesforce}\n  Ids: {to: salesforce, fields: [name, phone]}   # ids\n"
    blocks = "  CustomerToAccount: {to: salesforce}\n  Ids:\n    to: salesforce\n    fields:\n      - phone\n"
    for text in (owning, blocks):
        file.write_text(TEXT.replace("  CustomerToAccount: {to: salesforce}\n", text))
        before = load_mapping(file).states[-1]
        after = set_state(file, "Ids", False).states[-1]
        assert (after.fields, after.on) == (before.fields, False)
        assert set_state(file, "Ids", True).states[-1] == replace(before, line=after.line)
