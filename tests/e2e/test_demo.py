"""The demo, whole: what it finds is what data/demo plants, and in the end nothing undecided is left."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from ruamel.yaml import YAML

from qbwc.simulator import CompanyFile, WebConnector
from qbwc.simulator.log import Exchange
from tests.oracles import oracle
from workbench import resources
from workbench.bench import open as open_bench
from workbench.demo.story import Story, to_the_proof, until_first_diff
from workbench.demo.world import World
from workbench.errors import ApprovalError

ROOT = Path(__file__).resolve().parents[2]


class Listener(World):
    """A demo whose Web Connector runs in this process and keeps what went through it."""

    exchanges: list[Exchange]

    def _start_connector(self) -> None:
        self.exchanges, self.ended = [], threading.Event()
        self.thread = threading.Thread(target=self._call, daemon=True)
        self.thread.start()

    def _call(self) -> None:
        settings = self.profile.quickbooks
        with CompanyFile.create(self.company, resources.demo_data() / "quickbooks") as company:
            connector = WebConnector(
                company,
                settings.url,
                settings.user,
                self.profile.secret("quickbooks.password"),
                owner_id=settings.owner_id,
                file_id=settings.file_id,
                noop_seconds=0.1,
            )
            while not self.ended.wait(0.3):
                self.exchanges += connector.update_selected().exchanges

    def stop(self) -> None:
        self.ended.set()
        self.thread.join(30)
        super().stop()


@dataclass
class Told:
    """A demo that has run to its proof, still standing."""

    world: Listener
    story: Story
    first: list[dict[str, Any]]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    world = Listener.make(tmp_path_factory.mktemp("demo") / "profile")
    with world:
        bench = open_bench(world.profile.folder, lambda _: None)
        story = Story()
        until_first_diff(world, bench, story, lambda _: None)
        assert story.first is not None
        first = story.first.table.astype(object).where(story.first.table.notna(), None).to_dict("records")
        to_the_proof(bench, story, lambda _: None)
        yield Told(world, story, first)


def planted() -> dict[str, Any]:
    path = resources.demo_data() / "planted.yaml"
    content: dict[str, Any] = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    return content


def key(row: dict[str, Any]) -> tuple[Any, ...]:
    return (row["mapping"], row.get("salesforce_id"), row.get("quickbooks_id"), row["kind"], row.get("field"))


def test_the_first_diff_shows_every_planted_case_and_nothing_else(told: Told) -> None:
    wanted = {
        key(row): (row["difference"], row["before"])
        for case in planted()["cases"]
        for row in case["shows"]
        if not row.get("after_link") and row.get("before") not in (None, "none")
    }
    found = {key(row): (row["difference"], row["resolution"]) for row in told.first}
    counted = {name: row for name, row in found.items() if name[4] in ("quickbooks_id", "line_id")}
    shown = {
        name: value
        for name, value in found.items()
        if value[1] != "none" and (name in wanted or name not in counted)
    }
    assert shown == wanted


@pytest.mark.oracle
@pytest.mark.parametrize(("side", "part"), [("requests", "request"), ("responses", "response")])
def test_all_that_went_to_quickbooks_and_back_is_valid_qbxml(told: Told, side: str, part: str) -> None:
    schema = etree.XMLSchema(etree.parse(str(oracle(f"qbxml/{side}/qbxmlops130.xsd"))))
    documents = [getattr(exchange, part) for exchange in told.world.exchanges]
    assert all(
        any(name in text for text in documents) for name in ("CustomerAdd", "CustomerMod", "InvoiceAdd")
    )
    for document in documents:
        schema.assertValid(etree.fromstring(document.encode()))


def test_nothing_undecided_is_left(told: Told) -> None:
    data = told.story.data
    assert data["remaining_differences"] == 0
    assert data["approved"] > 100
    assert data["pushed"] == {"applied": data["approved"]}


def test_accepted_and_refused_are_those_that_the_decisions_name(told: Told) -> None:
    path = resources.demo_data() / "decisions.yaml"
    rows = YAML(typ="safe").load(path.read_text(encoding="utf-8"))["decisions"]
    counts = {name: sum(row["decision"] == name for row in rows) for name in ("accept", "refuse", "ignore")}
    data = told.story.data
    assert (data["accepted"], data["refused"], data["ignored"]) == tuple(counts.values())


def test_a_change_set_is_pushed_once(told: Told) -> None:
    bench = told.story.changes.bench if told.story.changes else None
    assert bench is not None
    with pytest.raises(ApprovalError, match="pushed once"):
        bench.execute(bench.changes(told.story.changes.id))


def test_a_second_pull_finds_nothing_to_plan(told: Told) -> None:
    bench = open_bench(told.world.profile.folder, lambda _: None)
    bench.pull(wait=1)
    bench.match()
    diff = bench.diff()
    assert diff.remaining == 0
    assert bench.plan(diff).changeset.changes == ()


def test_the_command_ends_with_its_proof_as_data(tmp_path: Path) -> None:
    profile = tmp_path / "profile"
    command = [sys.executable, "-m", "workbench"]
    demo = subprocess.run(
        [*command, "demo", "--headless", "--json", "--dir", str(profile)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert demo.returncode == 0, demo.stderr
    data = json.loads(demo.stdout.splitlines()[-1])
    assert data["remaining_differences"] == 0
    diff = subprocess.run(
        [*command, "diff", "--profile", str(profile), "--json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert diff.returncode == 0, diff.stderr
    assert json.loads(diff.stdout.splitlines()[-1])["remaining_differences"] == 0
    secrets = YAML(typ="safe").load((profile / "data" / "secrets.yaml").read_text(encoding="utf-8"))
    assert not leaks(profile, secrets.values()), "a secret stands in a file of the profile"


def leaks(folder: Path, secrets: Any) -> list[str]:
    """Files, other than the one for secrets, that hold a secret."""
    found = []
    for path in folder.rglob("*"):
        if path.is_file() and path.name != "secrets.yaml":
            content = path.read_bytes()
            found += [os.fspath(path) for secret in secrets if str(secret).encode() in content]
    return found
