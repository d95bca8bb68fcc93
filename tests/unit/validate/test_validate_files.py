"""Files with mistakes: what can be read is held against the describes, and nothing is told twice."""

# ruff: noqa: E501  (tables are read in columns)

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.profile.bare_profile import SMALLEST, bare_profile, make_valid
from workbench.profile import Profile, SalesforceSettings
from workbench.validate import Check, Verdict, validate
from workbench.workspace import workspace

TWO_OF_A_KIND = SMALLEST + "  phone: {salesforce: Phone, quickbooks: Fone, type: phone}\n"


@pytest.fixture
def profile(tmp_path: Path) -> Profile:
    org = SalesforceSettings(url="https://books.my.salesforce.com")
    return make_valid(bare_profile(tmp_path / "books", salesforce=org))


def wrong(profile: Profile) -> list[Check]:
    with workspace(profile.folder) as opened:
        report = validate(opened, offline=True)
    return [
        each
        for each in report.checks
        if each.group.startswith("Mapping") and not each.valid and each.valid is not None
    ]


#  what is wrong besides                  in the file                      becomes                           told
MISTAKES = [
    ("an unknown key at the top",         "match:",                        "matches: []\nmatch:",            ["unknown key 'matches'", "no field 'Fone'"]),
    ("an unknown key in that field",      "type: phone",                   "tipe: phone",                    ["unknown key 'tipe'", "no field 'Fone'"]),
    ("a type that is none",               "quickbooks: Name, type: name",  "quickbooks: Balance, type: nam", ["'type' of field 'name'", "no field 'Fone'"]),
    ("a state that could not be read",    "{to: quickbooks}",              "{too: quickbooks}",              ["unknown key 'too'", "does not say", "no field 'Fone'"]),
    ("no match rules",                    "match:",                        "mach:",                          ["'match' of the mapping", "unknown key 'mach'", "no field 'Fone'"]),
    ("no object",                         "{object: Customer,",            "{objekt: Customer,",             ["no 'object'", "unknown key 'objekt'"]),
    ("an object that is none",            "object: Customer",              "object: Custome",                ["unknown object 'Custome'"]),
]  # fmt: skip


@pytest.mark.parametrize(("why", "right", "becomes", "told"), MISTAKES, ids=[case[0] for case in MISTAKES])
def test_all_is_told_together_and_none_twice(
    why: str, right: str, becomes: str, told: list[str], profile: Profile
) -> None:
    assert right in TWO_OF_A_KIND
    file = profile.mappings / "account-customer.yaml"
    file.write_text(TWO_OF_A_KIND.replace(right, becomes), encoding="utf-8")
    found = [check.detail for check in wrong(profile)]
    assert len(found) == len(told), found
    assert all(any(words in detail for detail in found) for words in told), found


def test_a_file_that_cannot_be_read_hides_no_other(profile: Profile) -> None:
    (profile.mappings / "account-customer.yaml").write_text(TWO_OF_A_KIND, encoding="utf-8")
    (profile.mappings / "b.yaml").write_text("mapping: [", encoding="utf-8")
    (profile.mappings / "e.yaml").mkdir()
    found = wrong(profile)
    assert {each.verdict for each in found} == {Verdict.ERROR}
    assert [each.where.rpartition("/")[2] for each in found] == [
        "b.yaml:1",
        "e.yaml",
        "account-customer.yaml:9",
    ]
