"""clientVersion: who goes on, who is warned, who is stopped."""

import re

import pytest

from qbwc.errors import ServeError
from qbwc.service import ClientPolicy

WARN, REFUSE = ClientPolicy(warn_below="2.3"), ClientPolicy(warn_below=None, refuse_below="2.1.0.30")
WANT = ClientPolicy(want_version="2.3.0.215")
ALL = ClientPolicy(warn_below="2.3", refuse_below="2.0", want_version="2.2")

#  policy           version        begins with
ANSWERS = [
    (ClientPolicy(), "2.3.0.215",  ""),
    (ClientPolicy(), "2.0",        ""),
    (ClientPolicy(), "1.5.0.46",   "W:"),
    (WARN,           "2.2.9.999",  "W:"),
    (WARN,           "2.3",        ""),
    (WARN,           "2.3.0.0",    ""),
    (WARN,           "2.10",       ""),
    (REFUSE,         "2.1.0.29",   "E:"),
    (REFUSE,         "2.1.0.30",   ""),
    (REFUSE,         " 2.1.0.31 ", ""),
    (WANT,           "2.3.0.214",  "O:2.3.0.215"),
    (WANT,           "2.3.0.215",  ""),
    (ALL,            "1.9",        "E:"),
    (ALL,            "2.1",        "O:2.2"),
    (ALL,            "2.2",        "W:"),
    (REFUSE,         "",           ""),
    (REFUSE,         "unheard of", ""),
    (REFUSE,         "1.2.3.4.5",  ""),
    (REFUSE,         "1" * 5000,   ""),
]  # fmt: skip


@pytest.mark.parametrize(("policy", "version", "begins"), ANSWERS)
def test_what_a_version_is_answered(policy, version, begins):
    told = policy.answer(version)
    assert told.startswith(begins) if begins else told == ""
    # Any other form would give QBWC1046.
    assert re.fullmatch(r"|[WE]:[^\n]+|O:[0-9.]+", told)


@pytest.mark.parametrize("name", ["warn_below", "refuse_below", "want_version"])
@pytest.mark.parametrize("value", ["", "two", "2.", "1.2.3.4.5", "-1", "2.3\n"])
def test_a_bound_that_is_no_version(name, value):
    with pytest.raises(ServeError, match="which is no version"):
        ClientPolicy(**{name: value})
