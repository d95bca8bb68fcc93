"""The report as people and programs read it: a terminal, a page, JSON, a table, an exit code."""

# ruff: noqa: E501  (tables are read in columns)

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from tests.unit.profile.bare_profile import SMALLEST, bare_profile, make_valid
from workbench.cli.main import main
from workbench.profile import PROFILE_FILE, SalesforceSettings
from workbench.validate import Check, Example, Report, Verdict
from workbench.validate.checks import DATA, SALESFORCE

E, W, U, V = Verdict.ERROR, Verdict.WARNING, Verdict.UNKNOWN, Verdict.VALID
EVIL = "<script>alert('x')</script> & Sons"
MAPPING = "Mapping account-customer"


def report(*checks: Check, offline: str = "") -> Report:
    return Report(
        checks=checks, profile="books", folder="/books", at=datetime(2026, 3, 30, tzinfo=UTC),
        against=("Salesforce: as it is now",), offline=offline,
    )  # fmt: skip


def check(name: str, verdict: Verdict = V, *, group: str = SALESFORCE, kind: str = "setting", detail: str = "", **more: Any) -> Check:  # fmt: skip
    return Check(group=group, kind=kind, name=name, verdict=verdict, detail=detail, **more)


ALL = report(
    check("url", E, detail="is not the address", fix="Write it."),
    check("login", W, detail="SOAP ends", where="profile.yaml:4"),
    check("API access", U, detail="needs a login"),
    check("account-customer", group=MAPPING, kind="mapping", detail="Accounts"),
    *(check(f"field{number}", group=MAPPING, kind="field", detail="fits", where=f"a.yaml:{number}") for number in range(12)),
    check("AccountToCustomer", group=MAPPING, kind="state", detail="on"),
    check("AccountToCustomer: where", group=MAPPING, kind="gate", detail="takes 3"),
    check("name", W, group=DATA, kind="data", detail="7 records: too long", count=7,
          examples=(Example(record="001", label=EVIL, value="x" * 300, told="has 300 characters"),)),
)  # fmt: skip


def text(made: Report, *, everything: bool = False, width: int = 100) -> str:
    out = io.StringIO()
    Console(file=out, width=width, force_terminal=False).print(made.text(everything=everything))
    return out.getvalue()


def test_validity_is_decided_by_errors_alone() -> None:
    assert not ALL.valid
    assert report(check("login", W), check("API access", U)).valid
    assert report().valid
    assert [check("a", verdict).valid for verdict in (V, W, U, E)] == [True, True, None, False]
    assert (len(ALL.errors), len(ALL.warnings), len(ALL.unknown)) == (1, 2, 1)
    assert ALL.summary == "1 error, 2 warnings, 1 not known yet, 15 valid"


def test_text_says_the_cause_the_place_and_the_fix() -> None:
    shown = text(ALL)
    assert max(map(len, shown.splitlines())) <= 100
    for line in ("− url", "is not the address", "→ Write it.", "! login", "profile.yaml:4", "… API access"):
        assert line in shown
    assert "✓ AccountToCustomer" in shown
    assert "takes 3" in shown
    assert f"{EVIL}: has 300 characters" in shown
    assert "and 6 more" in shown
    assert "− not valid: neither push nor run goes on  (1 error" in shown


def test_in_a_line_it_is_its_counts_and_rich_shows_all_of_it() -> None:
    assert repr(ALL) == "Report of books: 1 error, 2 warnings, 1 not known yet, 15 valid"
    out = io.StringIO()
    Console(file=out, width=100).print(ALL)
    assert out.getvalue() == text(ALL)


def test_what_is_valid_in_a_mapping_is_folded_until_all_is_wanted() -> None:
    folded, whole = text(ALL), text(ALL, everything=True)
    assert "12 fields" in folded
    assert "field7" not in folded
    assert "field7" in whole
    assert "12 fields" not in whole


def test_groups_stand_in_their_order_and_their_worst_check_marks_them() -> None:
    shown = text(ALL)
    heads = [shown.index(line) for line in ("− Salesforce settings", f"✓ {MAPPING}", "! Today's data")]
    assert heads == sorted(heads)
    assert "… Salesforce settings" in text(report(check("log in", U)))


def test_without_connections_it_says_so() -> None:
    assert "Without connections: not asked: --offline" in text(report(offline="not asked: --offline"))
    assert "Without connections" not in text(ALL)


class Tags(HTMLParser):
    """The tags of a page, and whether they are closed in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_is_whole_loads_nothing_and_escapes_what_came_from_data() -> None:
    page = ALL.html()
    tags = Tags(page)
    assert tags.open == []
    assert not tags.seen & {"script", "link", "img", "iframe"}
    assert "http" not in page
    assert "&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt; &amp; Sons" in page
    assert "<h1>Validate Process: books</h1>" in page
    assert ALL._repr_html_() in page


def test_the_page_opens_what_is_wrong() -> None:
    page = ALL.html()
    assert page.count("<details open") == 2
    assert page.index("is not the address") < page.index("SOAP ends")


def test_the_data_is_plain_and_the_table_has_a_row_a_check() -> None:
    data = json.loads(json.dumps(ALL.data))
    assert (data["valid"], data["errors"], data["warnings"], data["unknown"]) == (False, 1, 2, 1)
    last = data["checks"][-1]
    assert (last["verdict"], last["count"], last["examples"][0]["record"]) == ("warning", 7, "001")
    assert list(ALL.table["verdict"])[:3] == ["error", "warning", "unknown"]
    assert len(ALL.table) == len(ALL.checks)


# --- the command ------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    org = SalesforceSettings(url="https://books.my.salesforce.com")
    return make_valid(bare_profile(tmp_path / "books", salesforce=org)).folder


def test_warnings_end_with_0_and_errors_with_1(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--offline", "--json", "--profile", str(folder)]) == 0
    answer = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert answer["valid"] is True
    assert answer["offline"] == "not asked: --offline"
    wrong = SMALLEST.replace("quickbooks: Name", "quickbooks: Nam")
    (folder / "mappings" / "account-customer.yaml").write_text(wrong, encoding="utf-8")
    assert main(["check", "--offline", "--json", "--profile", str(folder)]) == 1
    (error,) = [
        each
        for each in json.loads(capsys.readouterr().out.splitlines()[-1])["checks"]
        if each["verdict"] == "error"
    ]
    assert (error["kind"], error["where"]) == ("field", "mappings/account-customer.yaml:8")


def test_a_broken_file_and_the_checks_of_the_others_are_in_one_report(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "mappings" / "broken.yaml").write_text(
        "mapping: broken\nfields:\n\tname: 1\n", encoding="utf-8"
    )
    assert main(["check", "--offline", "--json", "--profile", str(folder)]) == 1
    checks = json.loads(capsys.readouterr().out.splitlines()[-1])["checks"]
    (error,) = [each for each in checks if each["verdict"] == "error"]
    assert (error["name"], error["where"]) == ("broken.yaml", "mappings/broken.yaml:3")
    assert "tab" in error["detail"]
    assert ("mapping", "account-customer") in {(each["kind"], each["name"]) for each in checks}


def test_a_page_of_its_own(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "report.html"
    assert main(["check", "--offline", "--html", str(page), "--profile", str(folder)]) == 0
    assert "Validate Process: books" in page.read_text(encoding="utf-8")
    assert "Validate Process  books" in capsys.readouterr().out


def test_a_profile_with_wrong_sections_has_a_report_all_the_same(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / PROFILE_FILE).write_text("quickbooks: 7\n", encoding="utf-8")
    assert main(["check", "--offline", "--json", "--profile", str(folder)]) == 1
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert found["valid"] is False
    wrong = [check["group"] for check in found["checks"] if check["verdict"] == "error"]
    assert wrong[:2] == ["Salesforce settings", "QuickBooks settings"]
