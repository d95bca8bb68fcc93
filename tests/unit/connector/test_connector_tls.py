"""The certificate of the Web Connector server: given, made, renewed, and taken by a client that trusts it."""

from __future__ import annotations

import os
import ssl
import subprocess
import sys
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from qbwc import store, tls
from qbwc.errors import ServeError
from tests.unit.profile.bare_profile import bare_profile
from workbench.cli.up import certificate_of
from workbench.console import Output
from workbench.errors import ProfileError

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def test_a_made_certificate_names_its_host_and_its_key_is_private(tmp_path: Path) -> None:
    made = tls.make_certificate("books.example", tmp_path / "tls", now=NOW)

    facts = tls.certificate_facts(made.certificate)
    assert facts.names == ("books.example",)
    assert timedelta(days=820) < facts.ends_at - NOW <= timedelta(days=tls.VALID_DAYS)
    tls.check_certificate(made.certificate, made.key)
    if sys.platform != "win32":
        assert made.key.stat().st_mode & 0o077 == 0
    assert b"PRIVATE" not in made.certificate.read_bytes()


def test_a_host_that_fits_no_certificate_is_named(tmp_path: Path) -> None:
    with pytest.raises(ServeError, match="bücher"):
        tls.make_certificate("bücher.example", tmp_path)
    assert not list(tmp_path.iterdir())


def test_the_server_speaks_tls_to_a_client_that_trusts_the_certificate(tmp_path: Path) -> None:
    made = tls.make_certificate("localhost", tmp_path / "tls")
    url = f"sqlite:///{(tmp_path / 'store.sqlite').as_posix()}"
    store.create_tables(store.open_store(url))
    command = [sys.executable, "-m", "qbwc", "serve", "--port", "0", "--until-stdin-closes"]
    command += ["--certificate", str(made.certificate), "--key", str(made.key)]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=dict(os.environ) | {"QBWC_STORE": url},
    ) as server:
        assert server.stdout is not None
        assert server.stdin is not None
        address = server.stdout.readline().split(": ", 1)[1].strip()
        trusting = ssl.create_default_context(cafile=str(made.certificate))
        try:
            assert address.startswith("https://localhost:")
            with urllib.request.urlopen(address, context=trusting, timeout=10) as answer:
                assert answer.status == 200
            with pytest.raises(OSError, match="CERTIFICATE_VERIFY_FAILED"):
                urllib.request.urlopen(address, context=ssl.create_default_context(), timeout=10)
        finally:
            server.stdin.close()
            server.wait(20)


def asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], **settings: object
) -> tuple[tuple[Path, Path] | None, str]:
    profile = bare_profile(tmp_path, **settings)
    made = certificate_of(profile, Output(), now=NOW)
    return made, capsys.readouterr().err


def test_localhost_needs_no_certificate(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert asked(tmp_path, capsys) == (None, "")


def test_a_server_for_others_makes_a_certificate_once_and_says_how_it_is_trusted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = {"host": "192.0.2.7", "connector_url": "https://books.example:8585/qbwc"}
    made, told = asked(tmp_path, capsys, **settings)
    assert "books.example" in told
    assert "certutil -addstore Root server.crt" in told
    assert made is not None
    before = made[0].read_bytes()

    again, told = asked(tmp_path, capsys, **settings)
    assert (again, told) == (made, "")
    assert made[0].read_bytes() == before


def test_a_certificate_for_another_host_is_made_anew(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked(tmp_path, capsys, host="192.0.2.7", connector_url="https://old.example:8585/qbwc")
    _, told = asked(tmp_path, capsys, host="192.0.2.7", connector_url="https://new.example:8585/qbwc")

    assert "old.example" in told
    assert "made a certificate for new.example" in told


def test_a_server_for_others_without_an_address_for_them_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ProfileError, match="connector_url") as refused:
        asked(tmp_path, capsys, host="192.0.2.7")
    assert "https://" in str(refused.value)


def test_a_given_certificate_that_ends_soon_is_warned_of(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = tls.make_certificate(
        "books.example", tmp_path / "own", now=NOW - timedelta(days=tls.VALID_DAYS - 20)
    )
    given = {"certificate": str(made.certificate), "key": str(made.key)}

    secured, told = asked(tmp_path, capsys, **given)
    assert secured == (made.certificate, made.key)
    assert "ends on" in told
