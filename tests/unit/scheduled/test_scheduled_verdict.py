"""The exit code of a reconciliation run."""

# ruff: noqa: E501  (tables are read in columns)

import json

import pytest

from workbench.scheduled import verdict

#  why                                what was found                                                    code  first reason
VERDICTS = [
    ("nothing to do",               {"undecided": 0},                                                   0, None),
    ("all pushed",                  {"undecided": 0, "planned": 3, "pushed": {"applied": 3}},           0, None),
    ("a push of nothing",           {"undecided": 0, "planned": 0, "pushed": {}},                       0, None),
    ("planned, not pushed",         {"undecided": 0, "planned": 1},                                     2, "1 change planned, none pushed"),
    ("one to decide",               {"undecided": 1},                                                   3, "1 difference to decide"),
    ("a person comes first",        {"undecided": 2, "planned": 9},                                     3, "2 differences to decide"),
    ("one to match",                {"undecided": 0, "to_match": 1},                                    3, "1 match to look at"),
    ("one held back",               {"undecided": 0, "held": 1, "planned": 1},                          3, "1 change held back"),
    ("too many to push",            {"undecided": 0, "planned": 9, "refused_to_push": "9 is too many"}, 3, "9 is too many"),
    ("an answer is waited for",     {"undecided": 0, "pushed": {"applied": 2, "waiting": 1}},           3, "1 of the pushed changes: waiting"),
    ("one is unknown",              {"undecided": 0, "pushed": {"unknown": 1}},                         3, "1 of the pushed changes: unknown"),
    ("one was stale",               {"undecided": 0, "pushed": {"stale": 1}},                           3, "1 of the pushed changes: stale"),
    ("one failed",                  {"undecided": 0, "pushed": {"failed": 1}},                          1, "1 of the pushed changes failed"),
    ("failure comes first",         {"undecided": 5, "held": 1, "pushed": {"failed": 1, "stale": 2}},   1, "1 of the pushed changes failed"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("found", "code", "reason"), [case[1:] for case in VERDICTS], ids=[case[0] for case in VERDICTS]
)
def test_verdict(found, code, reason):
    said = verdict(**found)
    assert said.exit_code == code
    assert next(iter(said.reasons), None) == reason


def test_it_is_written_where_the_run_looks(tmp_path):
    said = verdict(undecided=0).write(tmp_path, pulled={"Account": 3})
    assert json.loads((tmp_path / "result.json").read_text()) == said == {
        "exit_code": 0, "reasons": [], "pulled": {"Account": 3},
    }  # fmt: skip


def test_without_a_run_folder_nothing_is_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert verdict(undecided=0).write(None)["exit_code"] == 0
    assert list(tmp_path.iterdir()) == []
