"""Answers that are written down: a YAML file by step, and single ones from the command line.

    salesforce: {url: https://alpine.my.salesforce.com, login: jwt, username: sync@alpine.example}
    quickbooks: {here: yes, time_zone: America/New_York}
    advanced: {log_level: DEBUG, email: maria@example.com}
    mappings: {switch: [CustomerToContact=off]}
    master: salesforce

A `-` takes a setting away where it may be missing.  Secrets may stand in the file if only its user can
read it; better they stand in the environment.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from workbench.asking import Question
from workbench.errors import Problem, Problems, UsageProblem
from workbench.profile import refuse_readable_by_others
from workbench.profile.yamlfile import read_yaml
from workbench.quickstart.guide import STEPS
from workbench.quickstart.steps import Context
from workbench.spelling import closest

KEYS = tuple(key for step in STEPS for key in step.keys)
SECRETS = tuple(key for step in STEPS for key in step.secrets)


class WrongAnswers(Problems, UsageProblem):
    """Answers that cannot be taken: all of them, also those to later steps."""


def all_answers(context: Context, file: Path | None, pairs: Iterable[str]) -> dict[str, str]:
    """Answer what a file and `KEY=VALUE` arguments say, by the key of the question; arguments go first.

    Every answer is held against its question, so that nothing is asked or set before all can be taken.

    Raises:
        UsageProblem: There is no such file.
        WrongAnswers: No question has the key, or it does not take the answer; all are listed.
        ProfileError: The file is broken, or holds secrets that others can read.
    """
    listed, wrong = list(pairs), []
    written = read_answers(file) if file else {}
    given = {}
    for pair in listed:
        key, equals, value = pair.partition("=")
        if problem := _no_argument(key, equals):
            wrong.append(problem)
        else:
            given[key] = value
    questions = (
        {each.key: each for step in STEPS for each in step.questions(context)} if written | given else {}
    )
    for found, where in ((written, str(file)), (given, "--set")):
        wrong += [problem for key in found if (problem := _wrong(key, found[key], questions, where))]
    if wrong:
        raise WrongAnswers(wrong, what="nothing was asked or set, because answers cannot be taken")
    return written | given


def read_answers(path: Path) -> dict[str, str]:
    """Answer what a file says, by the key of the question.

    Raises:
        UsageProblem: There is no such file.
        ProfileError: The file is broken, or holds secrets that others can read.
    """
    if not path.is_file():
        raise UsageProblem(
            "there is no such file with answers", where=str(path), fix="Name the file with --answers FILE."
        )
    # Letter by letter: `here: yes` is a word, and 0123 a password.
    found = dict(_flat(read_yaml(path, YAML(typ="base"))))
    if any(key in SECRETS for key in found):
        refuse_readable_by_others(path, "the file with secret answers")
    return found


def _no_argument(key: str, equals: str) -> Problem | None:
    """What is wrong with an argument before its answer is looked at: others can read command lines."""
    if not equals:
        return Problem(what=f"--set {key!r} is not KEY=VALUE", fix=f"Keys: {', '.join(KEYS)}.")
    if key in SECRETS:
        return Problem(
            what=f"--set {key}: others can read command lines",
            fix="Put it into the environment, into data/secrets.yaml, or into a file for --answers.",
        )
    return None


def _wrong(key: str, answer: str, questions: Mapping[str, Question], where: str) -> Problem | None:
    if key not in (*KEYS, *SECRETS):
        return Problem(what=f"{key} answers no question", where=where, fix=closest(key, (*KEYS, *SECRETS)))
    try:
        if key in questions:
            questions[key].taken(answer)
    except UsageProblem as error:
        return replace(error.problem(), where=where)
    return None


def _flat(table: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        key = f"{above}{name}"
        if isinstance(value, Mapping):
            yield from _flat(value, f"{key}.")
        elif isinstance(value, list):
            yield key, ("; " if key == "advanced.schedule" else ", ").join(str(each) for each in value)
        else:
            yield key, str(value)
