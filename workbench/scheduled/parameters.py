"""Parameters of a notebook run: known names only, and each of the type that the notebook expects.

papermill itself takes unknown names with a warning, and `-p execute false` as the text "false", which is
true: both are refused here.
"""

from __future__ import annotations

import ast
import difflib
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
import papermill

from workbench.errors import Problem, Problems, UsageProblem

RUN_FOLDER = "run_folder"
_TRUE, _FALSE = ("true", "yes", "on", "1"), ("false", "no", "off", "0")
_PAPERMILL_WORDS = {"True": True, "False": False, "None": None}


class WrongParameters(Problems, UsageProblem):
    """One or more parameters that the notebook can't take."""


def declared(notebook: Path) -> dict[str, str]:
    """The parameters of a notebook's tagged cell: name and default, as Python source.

    Raises:
        UsageProblem: It is no notebook.
    """
    logging.getLogger("papermill.translators").setLevel(
        logging.ERROR
    )  # it warns of each line that is no parameter
    try:
        found = papermill.inspect_notebook(escaped(notebook))
    except FileNotFoundError:
        raise UsageProblem(f"there is no notebook {notebook}") from None
    except (ValueError, KeyError, TypeError, AttributeError, nbformat.ValidationError) as error:
        raise UsageProblem(
            f"{notebook} is no notebook",
            values={"because": error},
            fix="Give an .ipynb file that JupyterLab can open.",
        ) from error
    return {name: str(each["default"]) for name, each in found.items()}


def check(given: Mapping[str, Any], known: Mapping[str, str]) -> dict[str, Any]:
    """The given parameters with values of the declared types.

    Args:
        given: Text is typed by the parameter's default; other values must be of its type.
        known: See `declared`.

    Raises:
        WrongParameters: All unknown names with the closest known ones, and all values of a wrong type.
    """
    problems: list[Problem] = []
    values: dict[str, Any] = {}
    for name, value in given.items():
        if name == RUN_FOLDER:
            problems.append(Problem(what=f"parameter {name!r} is set by the run itself"))
        elif name not in known:
            problems.append(_unknown(name, known))
        else:
            try:
                values[name] = typed(value, known[name])
            except ValueError as error:
                fix = f"Its default is {known[name]}."
                problems.append(Problem(what=f"parameter {name!r} {error}", values={"given": value}, fix=fix))
    if problems:
        raise WrongParameters(problems, what="the notebook can't be run with these parameters")
    return values


def typed(value: Any, default: str) -> Any:
    """A value of the type that the default has; a default that says nothing leaves it to papermill's rules.

    Raises:
        ValueError: It isn't one; the message says what was expected.
    """
    try:
        expected: object = ast.literal_eval(default)
    except (ValueError, SyntaxError):
        expected = None  # an expression
    if isinstance(expected, bool):
        return _boolean(value)
    if isinstance(expected, int):
        return _number(value, int, "a whole number")
    if isinstance(expected, float):
        return _number(value, float, "a number")
    if isinstance(expected, str) or not isinstance(value, str):
        return value
    return _as_papermill(value)


def escaped(path: Path) -> str:
    """A path for papermill, which fills in braces (`{name}`) from the parameters."""
    return str(path).replace("{", "{{").replace("}", "}}")


def _unknown(name: str, known: Mapping[str, str]) -> Problem:
    names = [each for each in known if each != RUN_FOLDER]
    close = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
    if close:
        fix = f"Did you mean {' or '.join(close)}?"
    else:
        fix = f"It takes: {', '.join(names)}." if names else "It takes no parameters."
    return Problem(what=f"the notebook has no parameter {name!r}", fix=fix)


def _boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise ValueError("is either true or false")


def _number(value: Any, kind: type[int] | type[float], name: str) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError(f"is {name}")
    try:
        return kind(value)
    except ValueError:
        raise ValueError(f"is {name}") from None


def _as_papermill(text: str) -> Any:
    """True, False, None, whole numbers and numbers by their look; anything else is text."""
    if text in _PAPERMILL_WORDS:
        return _PAPERMILL_WORDS[text]
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
