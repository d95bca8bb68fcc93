"""The published JSON Schema says what the reader says; a wrong mapping comes back with all that is wrong."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from core_world import tabled
from ruamel.yaml import YAML
from test_core_mapping import HEAD, INVOICE, NAME, problems

from workbench.errors import MappingError
from workbench.mapping import load_mapping, load_mappings, parts, read_mapping, reader
from workbench.mapping.schema import COMMENT, DOCS, schema, schema_text
from workbench.mapping.schema import NAME as FILE

FOLDER = Path(__file__).parents[3] / "mappings"
CHECK = jsonschema.Draft202012Validator(schema())


def plain(text: str) -> Any:
    return json.loads(json.dumps(YAML(typ="safe").load(text), default=str))


def test_the_published_schema_is_the_readers() -> None:
    assert (FOLDER / FILE).read_text(encoding="utf-8") == schema_text(), (
        "run: python -m workbench mapping schema > mappings/mapping.schema.json"
    )
    jsonschema.Draft202012Validator.check_schema(schema())


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.yaml")), ids=lambda path: path.stem)
def test_shipped_mappings_follow_it_and_name_it_first(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.startswith(COMMENT)
    assert list(CHECK.iter_errors(plain(text))) == []
    load_mapping(path)


def test_every_key_has_its_sentence_and_no_sentence_is_left_over() -> None:
    keys = {*reader.KEYS, *reader.LINES_KEYS, *parts.LINE_SIDE_KEYS, *parts.FIELD_KEYS, *parts.STATE_KEYS}
    assert keys | {*parts.RELATED_KEYS, *parts.MATCH_KEYS} == DOCS.keys()


#  why, text that the reader takes
TAKEN = [
    ("one field", HEAD + NAME),
    ("lines", INVOICE),
    ("a version", "version: 1\n" + HEAD + NAME),
    ("numbers as values", HEAD + "  name: {salesforce: Name, quickbooks: B, values: {Yes: 1, 2: two}}\n"),
    ("expressions", HEAD + "  name: {salesforce: [A, C], quickbooks: B, read: {salesforce: A || C}, "
     "write: {salesforce: {A: B}, quickbooks: A}}\n"),
    ("empty tables", HEAD + NAME + "defaults:\n"),
    ("no match rules", HEAD.partition("match:")[0] + "match: []\nfields:\n" + NAME),
]  # fmt: skip


@tabled("text", TAKEN)
def test_what_the_reader_takes_the_schema_takes(text: str) -> None:
    read_mapping(text, Path("x.yaml"))
    assert [each.message for each in CHECK.iter_errors(plain(text))] == []


#  why, change: what, by what
REFUSED = [
    ("unknown key", ("winner: quickbooks", "winer: quickbooks")),
    ("unknown winner", ("winner: quickbooks", "winner: quickbook")),
    ("unknown key of a field", ("type: name", "tipe: name")),
    ("unknown type", ("type: name", "type: currency")),
    ("unknown state key", ("on: true", "onn: true")),
    ("on is a word", ("on: true", "on: maybe")),
    ("unknown operation", ("[add]", "[destroy]")),
    ("a side is missing", (", quickbooks: Name", "")),
    ("no object", ("object: Account, ", "")),
    ("a float", ("type: name", "type: money, tolerance: 0.01")),
    ("unknown side of an expression", ("type: name", "read: {sf: A}")),
    ("a newer version", ("mapping: account-customer", "mapping: account-customer\nversion: 2")),
]


@tabled("change", REFUSED)
def test_what_the_schema_refuses_the_reader_refuses(change: tuple[str, str]) -> None:
    text = (HEAD + NAME).replace(*change)
    assert text != HEAD + NAME
    assert list(CHECK.iter_errors(plain(text)))
    assert problems(text)


#  why, text, lines, words
BAD = [
    ("a newer version first, and the rest too", "version: 2\n" + HEAD + NAME + "extra: 1\n", ["1", "14"],
     "the file is of version 2, and this workbench reads version 1"),
    ("a version that is none", "version: new\n" + HEAD + NAME, ["1"], "version is 'new', expected 1"),
    ("every line with a tab", HEAD + "\ta: {}\n" + NAME + " \tb: {}\n", ["12", "14"], "Indent with spaces"),
    ("a winner without a direction",
     HEAD + NAME + "  a: {salesforce: A, quickbooks: B, direction: compare, winner: newest}\n", ["13"],
     "has winner newest and no direction"),
    ("unreadable and unreasonable at once",
     HEAD + "  name: {salesforce: Name}\n  a: {salesforce: A, quickbooks: B}\n"
     "  b: {salesforce: A, quickbooks: C}\n  c: {salesforce: D, quickbooks: E, read: {salesforce: zz(D)}}\n",
     ["12", "14", "15"], "both write Salesforce's 'A'"),
    ("a problem of a field is told once", HEAD + "  name: {salesforce: [A, B], quickbooks: Name, tipe: x}\n",
     ["12"], "unknown key 'tipe'"),
    ("a key twice and a wrong winner", HEAD + NAME + NAME + "winer: x\n", ["13", "14"], "is given twice"),
]  # fmt: skip


@tabled("text lines words", BAD)
def test_all_that_is_wrong_comes_in_one_go(text: str, lines: list[str], words: str) -> None:
    found = problems(text)
    assert [each.split(":")[1] for each in found] == lines, found
    assert any(words in each for each in found), found


def test_a_circle_comes_with_the_problems_of_the_other_files_and_its_lines(tmp_path: Path) -> None:
    for name, other in (("a", "b"), ("b", "a")):
        text = HEAD.replace("account-customer", name) + NAME
        text += f"  ref: {{salesforce: R, quickbooks: S, type: reference, reference: {other}}}\n"
        (tmp_path / f"{name}.yaml").write_text(text)
    (tmp_path / "c.yaml").write_text(HEAD.replace("account-customer", "c") + NAME + "extra: 1\n")
    with pytest.raises(MappingError) as caught:
        load_mappings(tmp_path)
    found = [(each.what, str(each.where).rpartition("/")[2]) for each in caught.value.problems]
    assert found == [
        ("unknown key 'extra' in the mapping", "c.yaml:13"),
        ("mapping 'a' waits for 'b'", "a.yaml:13"),
        ("mapping 'b' waits for 'a'", "b.yaml:13"),
    ]
