"""The tracked demo data and mappings, read once."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[3]
DEMO = ROOT / "data" / "demo"


@pytest.fixture(scope="session")
def demo() -> Path:
    return DEMO


@pytest.fixture(scope="session")
def shipped() -> Path:
    """The folder of the mappings that come with the program."""
    return ROOT / "mappings"


def _json(side: str) -> dict[str, list[dict[str, Any]]]:
    files = sorted((DEMO / side).glob("*.json"))
    return {f.stem: json.loads(f.read_text(encoding="utf-8"), parse_float=Decimal) for f in files}


@pytest.fixture(scope="session")
def salesforce() -> dict[str, list[dict[str, Any]]]:
    return _json("salesforce")


@pytest.fixture(scope="session")
def quickbooks() -> dict[str, list[dict[str, Any]]]:
    return _json("quickbooks")


def _yaml(name: str) -> Any:
    return YAML(typ="safe").load((DEMO / name).read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def planted() -> Any:
    return _yaml("planted.yaml")


@pytest.fixture(scope="session")
def decisions() -> Any:
    return _yaml("decisions.yaml")


@pytest.fixture(scope="session")
def edits() -> Any:
    return _yaml("edits.yaml")
