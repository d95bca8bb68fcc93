"""Every process template: its mappings are valid and fit both systems, its states and presets are theirs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from ruamel.yaml import YAML

from tests import readme_states
from workbench import resources
from workbench.connections import quickbooks
from workbench.mapping import check_fields, in_use, load_mappings
from workbench.mapping.org_rules import check_org
from workbench.mapping.schema import schema
from workbench.model import Mapping, Side, State
from workbench.templates import DEFAULT, Template, list_templates, make_profile
from workbench.testorg.describe import describe_object
from workbench.testorg.objects import CUSTOM, STANDARD

TEMPLATES = list_templates()
ONE_WAY = "quickbooks-to-salesforce-receivables"
each_template = pytest.mark.parametrize("template", TEMPLATES, ids=lambda each: each.name)


@pytest.fixture(scope="module")
def shipped() -> dict[str, Mapping]:
    return load_mappings(resources.mappings())


def states(template: Template, shipped: dict[str, Mapping]) -> dict[str, State]:
    """The states of a template, as its mappings have them."""
    found = {state.name: state for name in template.mappings for state in shipped[name].states}
    return {name: found[name] for name in template.states}


def test_both_templates_are_there() -> None:
    assert [each.name for each in TEMPLATES] == [ONE_WAY, DEFAULT]


@each_template
def test_its_mappings_follow_the_schema(template: Template) -> None:
    check = jsonschema.Draft202012Validator(schema())
    for name in template.mappings:
        text = (resources.mappings() / f"{name}.yaml").read_text(encoding="utf-8")
        plain: Any = json.loads(json.dumps(YAML(typ="safe").load(text), default=str))
        assert list(check.iter_errors(plain)) == [], name


@each_template
def test_its_mappings_fit_both_systems(template: Template, shipped: dict[str, Mapping]) -> None:
    org = STANDARD.with_objects(CUSTOM)
    described = {each.name: describe_object(org, each, "64.0", "http://127.0.0.1") for each in org.objects}
    sides = (described, quickbooks.describes())
    for name in template.mappings:
        found = [*check_fields(shipped[name], *sides), *check_org(shipped[name], *sides)]
        assert [str(each.what) for each in found if each.severity == "error"] == [], name


@each_template
def test_its_states_are_those_of_its_mappings(template: Template, shipped: dict[str, Mapping]) -> None:
    for name, state in template.states.items():
        assert name in [each.name for each in shipped[state.mapping].states]
    for master in template.masters.values():
        assert set(master.states) <= set(template.states), master.name
    assert template.master in template.masters


@each_template
def test_each_state_says_in_a_sentence_what_it_needs_and_does(template: Template) -> None:
    for state in template.states.values():
        for sentence in (state.needs, state.does):
            assert sentence[0].isupper(), state.name
            assert sentence.endswith("."), state.name


@each_template
def test_a_new_profile_has_only_what_the_template_offers(template: Template, tmp_path: Path) -> None:
    made = load_mappings(make_profile(tmp_path / "new", template_name=template.name).mappings)
    on = {state.name for mapping in made.values() for state in mapping.states if state.on}
    assert on == {name for name, state in template.states.items() if state.on}
    wanted = set(template.masters[template.master].states)
    assert on <= wanted, "what is on belongs to the preset of a new profile"


def test_the_bidirectional_template_offers_every_state(shipped: dict[str, Mapping]) -> None:
    (template,) = [each for each in TEMPLATES if each.name == DEFAULT]
    assert set(template.states) == {state.name for each in shipped.values() for state in each.states}
    shipped_on = {name for name, state in states(template, shipped).items() if state.on}
    assert shipped_on == {name for name, state in template.states.items() if state.on}


def test_the_one_way_template_writes_to_salesforce_only(shipped: dict[str, Mapping]) -> None:
    (template,) = [each for each in TEMPLATES if each.name == ONE_WAY]
    assert {state.to for state in states(template, shipped).values()} == {Side.SALESFORCE}


def test_what_the_presets_of_the_bidirectional_template_write(shipped: dict[str, Mapping]) -> None:
    (template,) = [each for each in TEMPLATES if each.name == DEFAULT]
    to = {name: state.to for name, state in states(template, shipped).items()}
    masters = {name: set(each.states) for name, each in template.masters.items()}
    quickbooks_side = {name for name, side in to.items() if side is Side.QUICKBOOKS}
    assert masters["salesforce"] == quickbooks_side - {"ContactToCustomer"}
    assert masters["quickbooks"] == set(to) - quickbooks_side
    assert masters["both"] == {name for name in to if not name.endswith("ToReceivables")}


def test_the_readme_tells_the_states_as_the_templates_do() -> None:
    text = readme_states.README.read_text(encoding="utf-8")
    assert readme_states.renewed(text) == text, "run: python -m tests.readme_states"
    assert max(map(len, readme_states.table().splitlines())) <= 120
    for template in TEMPLATES:
        for name in template.states:
            assert f"| `{name}` |" in text


def test_a_readme_without_the_markers_is_told() -> None:
    with pytest.raises(ValueError, match="states begin"):
        readme_states.renewed("# A README\n")


# --- which mappings are pulled and compared -----------------------------------------------------------------

HEAD = """\
mapping: {name}
salesforce: {{object: A, label: Name}}
quickbooks: {{object: B, label: Name}}
states: {{To{name}: {{to: salesforce, on: {on}}}}}
match: []
fields:
  name: {{salesforce: Name, quickbooks: Name}}
"""


def folder(at: Path, **mappings: str) -> Path:
    """Mappings by name: whether they are on, and what they refer to (`deals?`: may stay unlinked)."""
    for name, told in mappings.items():
        on, *refers = told.split()
        text = HEAD.format(name=name, on="true" if on == "on" else "false")
        for number, other in enumerate(refers):
            unlinked = ", unlinked: empty" if other.endswith("?") else ""
            text += f"  r{number}: {{salesforce: R{number}, quickbooks: R{number}, type: reference"
            text += f", reference: {other.rstrip('?')}{unlinked}}}\n"
        (at / f"{name}.yaml").write_text(text, encoding="utf-8")
    return at


#  why                                    mappings                                    in use
IN_USE = [
    ("one that is on",                    {"a": "on", "b": "off"},                    ["a"]),
    ("none is on",                        {"a": "off"},                               []),
    ("what it refers to is needed",       {"a": "off", "b": "on a"},                  ["a", "b"]),
    ("and what that refers to",           {"a": "off", "b": "off a", "c": "on b"},    ["a", "b", "c"]),
    ("what may stay unlinked is not",     {"a": "off", "b": "on a?"},                 ["b"]),
    ("unless another one needs it",       {"a": "off", "b": "on a?", "c": "on a"},    ["a", "b", "c"]),
    ("who refers to one that is on",      {"a": "on", "b": "off a"},                  ["a"]),
]  # fmt: skip


@pytest.mark.parametrize(("mappings", "used"), [row[1:] for row in IN_USE], ids=[row[0] for row in IN_USE])
def test_a_mapping_that_is_off_and_not_needed_is_left_out(
    mappings: dict[str, str], used: list[str], tmp_path: Path
) -> None:
    assert list(in_use(load_mappings(folder(tmp_path, **mappings)))) == used
