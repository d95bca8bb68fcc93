"""Have `workbench up` started by the system: a systemd user unit, or a task of Windows' Task Scheduler.

Only texts are made here; the person installs them with the steps that come along.  On Windows the task starts
at logon, because the Web Connector needs a logged-in user anyway.  The task follows the published schema of
Task Scheduler (MS-TSCH 2.5) and was not tried on Windows.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath
from typing import Literal
from xml.sax.saxutils import escape

Kind = Literal["systemd", "windows"]

RESTART_SECONDS = 10
_NAMESPACE = "http://schemas.microsoft.com/windows/2004/02/mit/task"


@dataclass(frozen=True, slots=True, kw_only=True)
class Autostart:
    """A file for the system, and what a person does with it.

    Attributes:
        file_name: What the file is best called.
        text: Its content.
        encoding: How it has to be written.
        steps: One command or action each, with `{file}` for where the file lies.
    """

    file_name: str
    text: str
    encoding: str
    steps: tuple[str, ...]


def systemd_unit(name: str, command: Sequence[str]) -> Autostart:
    """A unit for the user's own systemd, so that neither root nor a second account is needed."""
    title = _title(name)
    text = f"""\
[Unit]
Description=Salesforce and QuickBooks workbench, profile {_plain(name)}

[Service]
ExecStart={" ".join(_quoted(word) for word in command)}
Restart=on-failure
RestartSec={RESTART_SECONDS}
# Books and passwords are for this user only.
UMask=0077
NoNewPrivileges=yes

[Install]
WantedBy=default.target
"""
    steps = (
        f"mkdir -p ~/.config/systemd/user && cp {{file}} ~/.config/systemd/user/{title}.service",
        f"systemctl --user daemon-reload && systemctl --user enable --now {title}",
        "loginctl enable-linger        (so that it runs while you are logged out)",
        f"systemctl --user status {title}        (and `journalctl --user -u {title}` for its messages)",
    )
    return Autostart(file_name=f"{title}.service", text=text, encoding="utf-8", steps=steps)


def windows_task(name: str, command: Sequence[str], *, user: str) -> Autostart:
    """A task that starts when `user` (DOMAIN\\name) logs on, and again within a minute should it end."""
    title = _title(name)
    program, *arguments = command
    text = f"""\
<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.2" xmlns="{_NAMESPACE}">
  <RegistrationInfo>
    <Description>Salesforce and QuickBooks workbench, profile {escape(_plain(name))}</Description>
  </RegistrationInfo>
  <Triggers>
    <LogonTrigger>
      <Enabled>true</Enabled>
      <UserId>{escape(user)}</UserId>
    </LogonTrigger>
  </Triggers>
  <Principals>
    <Principal id="Author">
      <UserId>{escape(user)}</UserId>
      <LogonType>InteractiveToken</LogonType>
      <RunLevel>LeastPrivilege</RunLevel>
    </Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <StartWhenAvailable>true</StartWhenAvailable>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    <RestartOnFailure>
      <Interval>PT1M</Interval>
      <Count>255</Count>
    </RestartOnFailure>
  </Settings>
  <Actions Context="Author">
    <Exec>
      <Command>{escape(program)}</Command>
      <Arguments>{escape(" ".join(_windows_word(word) for word in arguments))}</Arguments>
      <WorkingDirectory>{escape(str(PureWindowsPath(program).parent))}</WorkingDirectory>
    </Exec>
  </Actions>
</Task>
"""
    steps = (
        f'schtasks /Create /TN "{title}" /XML "{{file}}"        (in a command prompt of {user})',
        f'schtasks /Run /TN "{title}"        (starts it now; from then on at every logon)',
        "Leave its console window open, minimised: closing it ends the server.",
        f'schtasks /Query /TN "{title}" /V /FO LIST        (how it is doing)',
    )
    # schtasks reads UTF-16 with a byte order mark.
    return Autostart(file_name=f"{title}.xml", text=text, encoding="utf-16", steps=steps)


def up_command(python: str, profile: Path) -> tuple[str, ...]:
    """The command that the system is to run."""
    return (python, "-m", "workbench", "up", "--profile", str(profile))


def _title(name: str) -> str:
    """What the system calls it: units and tasks take neither spaces nor slashes."""
    return "workbench-" + (re.sub(r"[^A-Za-z0-9_.-]+", "-", name).strip("-") or "profile")


def _plain(name: str) -> str:
    """One line: a unit file ends a setting at the end of its line."""
    return " ".join(name.split())


def _quoted(word: str) -> str:
    """A word of ExecStart: systemd takes C escapes inside quotes, and reads % and $ as its own."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{escaped}"'


def _windows_word(word: str) -> str:
    """A word of a Windows command line; paths and options hold no quotes of their own."""
    return f'"{word}"' if " " in word else word
