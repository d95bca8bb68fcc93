"""What the system is given to start `workbench up` by itself."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from lxml import etree

from workbench.autostart import systemd_unit, up_command, windows_task

# The part of Task Scheduler's published schema (MS-TSCH 2.5) that these tasks use, said in our own words:
# which elements there are, in any order, each at most once, and what their values may be.
SCHEMA = """
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" elementFormDefault="qualified"
    targetNamespace="http://schemas.microsoft.com/windows/2004/02/mit/task"
    xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <xs:element name="Task"><xs:complexType><xs:all>
    <xs:element name="RegistrationInfo" minOccurs="0"><xs:complexType><xs:all>
      <xs:element name="Description" type="xs:string" minOccurs="0"/></xs:all></xs:complexType></xs:element>
    <xs:element name="Triggers" minOccurs="0"><xs:complexType><xs:sequence>
      <xs:element name="LogonTrigger"><xs:complexType><xs:sequence>
        <xs:element name="Enabled" type="xs:boolean" minOccurs="0"/>
        <xs:element name="StartBoundary" type="xs:dateTime" minOccurs="0"/>
        <xs:element name="UserId" type="nonEmpty" minOccurs="0"/>
        <xs:element name="Delay" type="xs:duration" minOccurs="0"/>
      </xs:sequence></xs:complexType></xs:element></xs:sequence></xs:complexType></xs:element>
    <xs:element name="Principals" minOccurs="0"><xs:complexType><xs:sequence>
      <xs:element name="Principal"><xs:complexType><xs:all>
        <xs:element name="UserId" type="nonEmpty" minOccurs="0"/>
        <xs:element name="LogonType" minOccurs="0"><xs:simpleType><xs:restriction base="xs:string">
          <xs:enumeration value="S4U"/><xs:enumeration value="Password"/>
          <xs:enumeration value="InteractiveToken"/><xs:enumeration value="InteractiveTokenOrPassword"/>
        </xs:restriction></xs:simpleType></xs:element>
        <xs:element name="RunLevel" minOccurs="0"><xs:simpleType><xs:restriction base="xs:string">
          <xs:enumeration value="LeastPrivilege"/><xs:enumeration value="HighestAvailable"/>
        </xs:restriction></xs:simpleType></xs:element>
      </xs:all><xs:attribute name="id" type="xs:ID"/></xs:complexType></xs:element>
    </xs:sequence></xs:complexType></xs:element>
    <xs:element name="Settings" minOccurs="0"><xs:complexType><xs:all>
      <xs:element name="MultipleInstancesPolicy" minOccurs="0"><xs:simpleType><xs:restriction base="xs:string">
        <xs:enumeration value="Parallel"/><xs:enumeration value="Queue"/>
        <xs:enumeration value="IgnoreNew"/><xs:enumeration value="StopExisting"/>
      </xs:restriction></xs:simpleType></xs:element>
      <xs:element name="DisallowStartIfOnBatteries" type="xs:boolean" minOccurs="0"/>
      <xs:element name="StopIfGoingOnBatteries" type="xs:boolean" minOccurs="0"/>
      <xs:element name="StartWhenAvailable" type="xs:boolean" minOccurs="0"/>
      <xs:element name="ExecutionTimeLimit" type="xs:duration" minOccurs="0"/>
      <xs:element name="RestartOnFailure" minOccurs="0"><xs:complexType><xs:all>
        <xs:element name="Interval"><xs:simpleType><xs:restriction base="xs:duration">
          <xs:minInclusive value="PT1M"/><xs:maxInclusive value="P31D"/></xs:restriction></xs:simpleType></xs:element>
        <xs:element name="Count"><xs:simpleType><xs:restriction base="xs:unsignedByte">
          <xs:minInclusive value="1"/></xs:restriction></xs:simpleType></xs:element>
      </xs:all></xs:complexType></xs:element>
    </xs:all></xs:complexType></xs:element>
    <xs:element name="Actions"><xs:complexType><xs:sequence>
      <xs:element name="Exec"><xs:complexType><xs:all>
        <xs:element name="Command" type="nonEmpty"/>
        <xs:element name="Arguments" type="xs:string" minOccurs="0"/>
        <xs:element name="WorkingDirectory" type="xs:string" minOccurs="0"/>
      </xs:all></xs:complexType></xs:element></xs:sequence>
      <xs:attribute name="Context" type="xs:IDREF"/></xs:complexType></xs:element>
  </xs:all><xs:attribute name="version" type="xs:string"/></xs:complexType></xs:element>
  <xs:simpleType name="nonEmpty"><xs:restriction base="xs:string"><xs:minLength value="1"/></xs:restriction></xs:simpleType>
</xs:schema>
"""  # noqa: E501
NAMESPACE = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"

PYTHON = r"C:\Program Files\Python\python.exe"

#  profile name            file
NAMES = [
    ("books",              "workbench-books"),
    ("My Books & Co",      "workbench-My-Books-Co"),
    ("a/b\\c",             "workbench-a-b-c"),
    ("…",                  "workbench-profile"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "title"), NAMES)
def test_a_task_follows_the_schema_and_is_named_plainly(name: str, title: str) -> None:
    made = windows_task(name, (PYTHON, "-m", "workbench", "up"), user=r"OFFICE\maria")
    task = etree.fromstring(made.text.encode("utf-16"))

    etree.XMLSchema(etree.fromstring(SCHEMA.encode())).assertValid(task)
    assert made.file_name == f"{title}.xml"
    assert any(f'"{title}"' in step for step in made.steps)


def test_a_task_runs_the_command_for_the_user_who_logs_on() -> None:
    made = windows_task(
        "books", up_command(PYTHON, Path("C:/Users/maria/my books")), user=r"OFFICE\maria & co"
    )
    task = etree.fromstring(made.text.encode("utf-16"))
    action = task.find(f".//{NAMESPACE}Exec")
    assert action is not None

    assert action.findtext(f"{NAMESPACE}Command") == PYTHON
    assert action.findtext(f"{NAMESPACE}Arguments", "").startswith("-m workbench up --profile ")
    assert '"C:' in action.findtext(f"{NAMESPACE}Arguments", "")  # a path with a space is one word
    assert [user.text for user in task.iter(f"{NAMESPACE}UserId")] == [r"OFFICE\maria & co"] * 2
    assert made.encoding == "utf-16"


def test_the_schema_of_this_test_refuses_what_task_scheduler_would() -> None:
    text = windows_task("books", (PYTHON,), user="maria").text
    schema = etree.XMLSchema(etree.fromstring(SCHEMA.encode()))
    for right, wrong in (("PT1M<", "PT1S<"), (">IgnoreNew<", ">Once<"), ("LogonTrigger", "LogOnTrigger")):
        assert not schema.validate(etree.fromstring(text.replace(right, wrong).encode("utf-16"))), wrong


def test_a_unit_starts_the_command_with_every_word_as_it_is() -> None:
    made = systemd_unit("books", ("/opt/my venv/bin/python", "--profile", '/srv/100% "real"/$HOME\\x'))
    (line,) = [line for line in made.text.splitlines() if line.startswith("ExecStart=")]

    assert line == r'ExecStart="/opt/my venv/bin/python" "--profile" "/srv/100%% \"real\"/$$HOME\\x"'


def test_a_name_cannot_add_a_setting_to_the_unit() -> None:
    text = systemd_unit("books\nExecStartPre=/bin/false", ("/usr/bin/true",)).text

    assert [line.partition("=")[0] for line in text.splitlines() if line.startswith("Exec")] == ["ExecStart"]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed here")
def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    made = systemd_unit(
        "books", ("/usr/bin/env", "python3", "-m", "workbench", "up", "--profile", "/tmp/my books")
    )
    path = tmp_path / made.file_name
    path.write_text(made.text, encoding=made.encoding)
    checked = subprocess.run(
        ["systemd-analyze", "--user", "verify", str(path)],
        capture_output=True,
        text=True,
        timeout=60,
        env=dict(os.environ) | {"XDG_RUNTIME_DIR": str(tmp_path)},
    )

    assert (checked.returncode, checked.stderr) == (0, "")
