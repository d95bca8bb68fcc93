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
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from workbench.errors import Problem, Problems, UsageProblem
from workbench.profile import refuse_readable_by_others
from workbench.profile.yamlfile import read_yaml
from workbench.quickstart.guide import STEPS
from workbench.spelling import closest

KEYS = tuple(key for step in STEPS for key in step.keys)
SECRETS = tuple(key for step in STEPS for key in step.secrets)


def read_answers(path: Path) -> dict[str, str]:
    """Answer what a file says, by the key of the question.

    Raises:
        ProfileError: The file is broken, or holds secrets that others can read.
        Problems: Keys that no question has; all are listed.
    """
    if not path.is_file():
        raise UsageProblem("there is no such file with answers", where=str(path))
    # Letter by letter: `here: yes` is a word, and 0123 a password.
    found = dict(_flat(read_yaml(path, YAML(typ="base"))))
    if any(key in SECRETS for key in found):
        refuse_readable_by_others(path, "the file with secret answers")
    _refuse_unknown(found, str(path))
    return found


def given_answers(pairs: Iterable[str]) -> dict[str, str]:
    """Answer what `KEY=VALUE` arguments say.

    Raises:
        UsageProblem: One has another form, or holds a secret: others can read command lines.
        Problems: Keys that no question has; all are listed.
    """
    found = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals:
            raise UsageProblem(f"--set {pair!r} is not KEY=VALUE", fix=f"Keys: {', '.join(KEYS)}.")
        if key in SECRETS:
            raise UsageProblem(
                f"--set {key}: others can read command lines",
                fix="Put it into the environment, into data/secrets.yaml, or into a file for --answers.",
            )
        found[key] = value
    _refuse_unknown(found, "--set")
    return found


def _flat(table: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        key = f"{above}{name}"
        if isinstance(value, Mapping):
            yield from _flat(value, f"{key}.")
        elif isinstance(value, list):
            yield key, ("; " if key == "advanced.schedule" else ", ").join(str(each) for each in value)
        else:
            yield key, str(value)


def _refuse_unknown(found: Iterable[str], where: str) -> None:
    unknown = [key for key in found if key not in (*KEYS, *SECRETS)]
    if unknown:
        raise Problems(
            [
                Problem(what=f"{key} answers no question", where=where, fix=closest(key, (*KEYS, *SECRETS)))
                for key in unknown
            ],
            what="these answers are not known",
        )
