"""`workbench sql` and `bench.sql` ask; they write nothing, neither files nor tables."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.states.states_office import Office, running_office
from workbench.cli import main
from workbench.errors import UsageProblem
from workbench.store.engine import now
from workbench.templates import DEFAULT


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with running_office(tmp_path_factory.mktemp("asking"), DEFAULT) as office:
        office.pull()
        yield office


@pytest.mark.parametrize(
    "query",
    [
        "COPY (SELECT 1) TO '{file}'",
        "EXPORT DATABASE '{file}'",
        "ATTACH '{file}' AS mine",
        "DELETE FROM kept.decisions",
        "CREATE TABLE kept.mine AS SELECT 1",
        "SELECT 1; COPY (SELECT 1) TO '{file}'",
        "SET memory_limit = '1GB'",
        "",
    ],
)
def test_whatever_is_no_question_is_refused(
    office: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str], query: str
) -> None:
    file = tmp_path / "written"
    query = query.format(file=file)
    for ask in (office.bench.sql, office.bench.as_of(now()).sql):
        with pytest.raises(UsageProblem, match="only asks"):
            ask(query)
    assert main(["sql", query, "--profile", str(office.workspace.profile.folder)]) == 64
    assert "only asks" in capsys.readouterr().err
    assert not file.exists()


@pytest.mark.parametrize(
    "query",
    [
        'SELECT count(*) AS n FROM quickbooks."Customer"',
        'FROM salesforce."Account" LIMIT 1',
        'WITH c AS (FROM quickbooks."Customer") SELECT count(*) FROM c;',
        'DESCRIBE quickbooks."Customer"',
        "SHOW ALL TABLES",
        'EXPLAIN SELECT * FROM quickbooks."Customer"',
        'SUMMARIZE salesforce."Account"',
        "VALUES (1)",
    ],
)
def test_questions_are_answered(office: Office, query: str) -> None:
    assert len(office.bench.sql(query)) > 0
