"""`workbench quickstart`: answered by a file, asked in a terminal, or telling what is next to nobody."""

from __future__ import annotations

import json
import os
import re
import select
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.unit.quickstart.quickstart_desk import APP, Desk, running_desk
from workbench.cli import main
from workbench.templates import make_profile

pytestmark = pytest.mark.long

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals like these")


@pytest.fixture(scope="session")
def one_way(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("quickstart") / "one-way"
    return make_profile(folder, template_name="quickbooks-to-salesforce-receivables").folder


@pytest.fixture
def desk(one_way: Path, tmp_path: Path) -> Iterator[Desk]:
    with running_desk(one_way, tmp_path) as running:
        yield running


def run(desk: Desk, capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any]]:
    code = main(["quickstart", "--profile", str(desk.context.folder), "--json", *arguments])
    return code, json.loads(capsys.readouterr().out.splitlines()[-1])


def states(answer: dict[str, Any]) -> str:
    return "".join(step["state"][0] for step in answer["steps"])


def answers_file(desk: Desk, text: str) -> Path:
    path = desk.context.folder.parent / "answers.yaml"
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
    return path


def test_without_a_terminal_it_tells_the_next_step_and_waits_for_nobody(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    code, answer = run(desk, capsys)
    assert (code, states(answer), answer["next"]) == (3, "ooooooo", "salesforce")
    assert main(["quickstart", "--profile", str(desk.context.folder)]) == 3
    shown = capsys.readouterr().out
    assert "Next: Salesforce" in shown
    assert "1 Salesforce" in shown
    assert "7 Run" in shown


def test_a_file_answers_and_where_a_person_is_needed_it_says_for_what(
    desk: Desk, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_SALESFORCE_CLIENT_ID", APP.client_id)
    monkeypatch.setenv("WORKBENCH_SALESFORCE_CLIENT_SECRET", APP.client_secret)
    file = answers_file(
        desk,
        f"salesforce: {{url: '{desk.org_url}'}}\n"
        f"quickbooks: {{here: yes, port: {desk.port}, time_zone: Europe/Berlin}}\n"
        "advanced: {log_level: VERBOSE, email: maria@example.com, email_results: [failures, clean], "
        "schedule: ['06:00', 'Mon-Fri 22:30']}\n"
        "mappings: {switch: [InvoiceToReceivables=off]}\n"
        "master: keep\n",
    )
    code, answer = run(desk, capsys, "--answers", str(file))
    assert (code, states(answer), answer["next"]) == (3, "doooooo", "quickbooks")
    assert "Update Selected" in answer["fix"]
    assert desk.update_selected() == "done"
    code, answer = run(desk, capsys, "--answers", str(file))
    assert (code, states(answer), answer["next"]) == (3, "ddddddo", "run")
    profile = desk.profile
    assert (profile.log_level, profile.email_results) == ("VERBOSE", ("failures", "clean"))
    assert profile.schedule == ("06:00", "Mon-Fri 22:30")
    assert profile.quickbooks.time_zone == "Europe/Berlin"
    assert not any(APP.client_secret in path.read_text() for path in profile.data.glob("*.yaml"))


def test_single_answers_on_the_command_line(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    code, answer = run(
        desk, capsys, "--step", "advanced", "--set", "advanced.log_level=ALL", "--set", "master=keep"
    )
    assert code == 3
    assert desk.profile.log_level == "ALL"
    assert states(answer)[2] == "d"


#  why               arguments                                     exit   what is told
WRONG = [
    ("no such key",   ("--set", "master.name=x"),                   64,    "answers no question"),
    ("the closest",   ("--set", "salesforce.ulr=x"),                64,    "Closest: salesforce.url"),
    ("a secret",      ("--set", "salesforce.client_secret=x"),      64,    "others can read command"),
    ("no value",      ("--set", "master"),                          64,    "is not KEY=VALUE"),
    ("no such step",  ("--step", "mastr", "--set", "master=keep"),  64,    "Closest: master"),
    ("its list",      ("--step", "nope"),                           64,    "Steps: salesforce, quickbooks, "),
    ("no step told",  ("--step", "nope", "--status"),               64,    "there is no step 'nope'"),
    ("of later ones", ("--set", "master=nobody"),                   64,    "master: 'nobody' is not"),
    ("no state",      ("--set", "mappings.switch=Nope"),            64,    "there is no state 'Nope'"),
    ("with status",   ("--status", "--set", "master=nope"),         64,    "master: 'nope' is not one of"),
    ("not reached",   ("--step", "mappings", "--set", "advanced.log_level=ALL"), 3, "Not used, because"),
    ("no file",       ("--answers", "nowhere.yaml"),                64,    "no such file"),
    ("not all",       ("--set", "salesforce.login=jwt"),            3,     "not answered: salesforce.url"),
    ("a wrong one",   ("--set", "salesforce.url=alpine"),           64,    "is not an address such as"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "code", "told"), [case[1:] for case in WRONG], ids=[case[0] for case in WRONG]
)
def test_answers_that_cannot_be_taken(
    desk: Desk, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], code: int, told: str
) -> None:
    found = main(["quickstart", "--profile", str(desk.context.folder), *arguments])
    assert (found, told in capsys.readouterr().err) == (code, True)


def test_all_wrong_answers_are_told_at_once_and_none_is_taken(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    file = answers_file(
        desk,
        "salesforce: {url: 'https://maria:hunter2@alpine', login: jwt}\n"
        "quickbooks: {port: 70000, here: perhaps}\n"
        "advanced: {log_level: ALL, schedule: [noon]}\n"
        "mappings: {switch: [CustomerToAccount=maybe]}\n"
        "masterr: keep\n",
    )
    before = (desk.context.folder / "profile.yaml").read_text(encoding="utf-8")
    given = ("--set", "master=nobody", "--set", "oops", "--set", "salesforce.password=hunter2")
    code, answer = run(desk, capsys, "--answers", str(file), *given)
    told = {each["error"].split(":")[0].split(" ")[0] for each in answer["problems"]}
    assert code == 64
    assert told == {
        "salesforce.url", "quickbooks.port", "quickbooks.here", "advanced.schedule", "mappings.switch",
        "masterr", "master", "--set",
    }  # fmt: skip
    assert len(answer["problems"]) == 9
    assert "hunter2" not in json.dumps(answer)
    assert (desk.context.folder / "profile.yaml").read_text(encoding="utf-8") == before


@POSIX
def test_secret_answers_that_others_can_read_are_refused(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    file = answers_file(desk, "salesforce: {client_secret: t0p}\n")
    file.chmod(0o644)
    code, answer = run(desk, capsys, "--answers", str(file))
    assert code == 1
    assert "can be read by others" in answer["error"]
    assert "t0p" not in json.dumps(answer)


# --- in a terminal ------------------------------------------------------------------------------------------


class Terminal:
    """A command in a pseudo-terminal: what is shown is waited for, and answered."""

    def __init__(self, *arguments: str) -> None:
        import pty

        self.pid, self.master = pty.fork()
        if self.pid == 0:
            signal.signal(signal.SIGINT, signal.SIG_DFL)  # a job in the background is born deaf to Ctrl-C
            variables = dict(os.environ) | {"COLUMNS": "80", "LINES": "40", "TERM": "xterm"}
            os.execve(sys.executable, [sys.executable, "-m", "workbench", *arguments], variables)
        self.shown = ""
        self._seen = 0

    def until(self, words: str, seconds: float = 60) -> None:
        end = time.monotonic() + seconds
        while words not in self.plain[self._seen :]:
            assert time.monotonic() < end, f"{words!r} did not come:\n{self.plain}"
            if not select.select([self.master], [], [], 0.2)[0]:
                continue
            read = os.read(self.master, 65_536)
            self.shown += read.decode(errors="replace")
        self._seen = self.plain.index(words, self._seen) + len(words)

    def type(self, line: str) -> None:
        os.write(self.master, line.encode())

    @property
    def plain(self) -> str:
        """What is shown, without colours."""
        return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", self.shown)

    def end(self, seconds: float = 60) -> int:
        """The exit code."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if select.select([self.master], [], [], 0.1)[0]:
                try:
                    read = os.read(self.master, 65_536)
                except OSError:  # the other end is closed
                    read = b""
                self.shown += read.decode(errors="replace")
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                os.close(self.master)
                return os.waitstatus_to_exitcode(status)
        raise AssertionError(f"it does not end:\n{self.plain}")


@POSIX
def test_a_person_at_a_terminal_leaves_with_ctrl_c_and_comes_back(desk: Desk) -> None:
    command = ("quickstart", "--profile", str(desk.context.folder))
    terminal = Terminal(*command)
    terminal.until("1 of 7")
    terminal.until("Address of the org")
    terminal.type("alpine\n")
    terminal.until("is not an address")
    terminal.until("Address of the org")
    terminal.type(f"{desk.org_url}\n")
    terminal.until("Way to log in")
    terminal.type("\n")
    terminal.until("Consumer key")
    terminal.type(f"{APP.client_id}\n")
    terminal.until("Consumer secret")
    terminal.type(f"{APP.client_secret}\n")
    terminal.until("Connection settings are valid")
    terminal.until("Does QuickBooks run")
    terminal.type("\x03")
    assert terminal.end() == 3, terminal.plain
    assert "Next: QuickBooks" in terminal.plain
    assert "workbench quickstart --profile" in terminal.plain
    assert APP.client_secret not in terminal.shown, "it was typed hidden"
    assert APP.client_id not in terminal.shown
    assert "Traceback" not in terminal.plain

    again = Terminal(*command)
    again.until("✓")
    again.until("2 of 7")
    again.until("Does QuickBooks run")
    again.type("later\n")
    assert again.end() == 3, again.plain
    assert "1 of 7" not in again.plain


@POSIX
def test_init_in_a_terminal_asks_for_the_template_and_shows_it(tmp_path: Path) -> None:
    terminal = Terminal("init", str(tmp_path / "books"))
    terminal.until("1 quickbooks-to-salesforce-receivables")
    terminal.until("2 salesforce-quickbooks-bidirectional")
    terminal.until("Template [salesforce-quickbooks-bidirectional]:")
    terminal.type("view 1\n")
    terminal.until("CustomerToAccount")
    terminal.until("Template [")
    terminal.type("3\n")
    terminal.until("is not one of")
    terminal.until("Template [")
    terminal.type("1\n")
    assert terminal.end() == 0, terminal.plain
    assert "workbench quickstart" in terminal.plain
    text = (tmp_path / "books" / "profile.yaml").read_text(encoding="utf-8")
    assert "template: quickbooks-to-salesforce-receivables" in text


@POSIX
def test_init_that_is_left_makes_nothing(tmp_path: Path) -> None:
    terminal = Terminal("init", str(tmp_path / "books"))
    terminal.until("Template [")
    terminal.type("\x03")
    assert terminal.end() == 3, terminal.plain
    assert "Nothing was made." in terminal.plain
    assert not (tmp_path / "books").exists()
